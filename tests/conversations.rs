//! Every conversation in `tests/calls/` is held as it is written: the real conversation and the real triage,
//! without sound and without waiting. The format is described in `tests/calls/README.md`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{collections::BTreeSet, fs, path::Path};

use call::{
    Call,
    rehearsal::{Rehearsal, Script, metro},
};
use domain::Decision;
use triage::{Context, NoModel, RobotSigns, Runbook, ScriptedAnswer, run_turn};

/// What the app does on `Output::Triage`.
fn decide(call: &Call, early: bool, runbook: &Runbook) -> Decision {
    let (profile, signs) = (call.profile(), call.machine_signs());
    let context = Context {
        tone: call.details().tone_worst,
        repeat_caller: call.is_repeat_caller(),
        clarifying_asked: call.clarifying_asked(),
        office_open: profile.hours.is_open(call.local()),
        finished: !early,
        language: Some(call.details().language),
        robot: RobotSigns {
            talked_over_us: signs.talked_over_us,
            no_answer: signs.no_answer,
            beep: signs.beep,
        },
        ..Context::at(call.local(), profile.trade)
    };
    run_turn(&call.turns_for_triage(early), &context, runbook, &NoModel)
}

fn runbook(script: &Script) -> Runbook {
    let answers = script.scripted_answer.iter();
    let scripted_answers =
        answers.map(|(when, steps)| ScriptedAnswer { when: when.clone(), steps: steps.clone() }).collect();
    Runbook { scripted_answers, ..Runbook::default() }
}

fn scripts() -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/calls");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "txt"));
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        Script::parse(&text, &path.display().to_string(), metro()).unwrap_or_else(|fault| panic!("{fault}"))
    };
    paths.iter().map(read).collect()
}

#[test]
fn conversations_are_held_as_written() {
    let scripts = scripts();
    let faults: Vec<String> = scripts
        .iter()
        .filter_map(|script| {
            let runbook = runbook(script);
            Rehearsal::play(script, &mut |call, early| Some(decide(call, early, &runbook))).err()
        })
        .collect();
    assert!(
        faults.is_empty(),
        "{} of {} went wrong:\n\n{}",
        faults.len(),
        scripts.len(),
        faults.join("\n\n")
    );
}

#[test]
fn every_scenario_of_this_step_has_a_script() {
    let titles: Vec<String> = scripts().into_iter().map(|s| s.title).collect();
    let named: BTreeSet<&str> = titles.iter().filter_map(|t| t.split([' ', ',']).next()).collect();
    let wanted = (1..=17).chain(20..=25).chain([27, 32, 33, 34, 35]);
    for number in wanted {
        let name = format!("T{number:02}");
        assert!(named.contains(name.as_str()), "{name} has no script; the first comment must begin with it");
    }
    for example in 1..=4 {
        assert!(titles.iter().any(|t| t.starts_with(&format!("Example {example}"))), "example {example}");
    }
}
