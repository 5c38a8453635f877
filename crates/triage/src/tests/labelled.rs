//! The labelled calls in models/eval: fails when triage gets worse.

use crate::{
    NoModel, Runbook,
    eval::{self, Score},
};

const CASES: &str = include_str!("../../../../models/eval/cases.tsv");

const HELD_OUT: &str = include_str!("../../../../models/eval/heldout.tsv");

fn score() -> Score {
    let cases = eval::parse(CASES).unwrap();
    assert!(cases.len() >= 250, "only {} cases", cases.len());
    eval::score(&cases, &Runbook::default(), &NoModel)
}

fn list(score: &Score) -> String {
    let line = |m: &eval::Miss| {
        format!("{} {}: {} -> {}\n", m.case.line, m.case.expected, m.case.turns.join(" | "), m.got)
    };
    score.misses.iter().map(line).collect()
}

#[test]
fn emergencies_are_found_and_few_routine_calls_wake_somebody() {
    let score = score();
    assert!(score.emergency_recall >= 0.99, "recall {:.3}\n{}", score.emergency_recall, list(&score));
    assert!(score.false_wake_rate <= 0.08, "false wakes {:.3}\n{}", score.false_wake_rate, list(&score));
    assert!(score.spam_error_rate <= 0.02, "spam errors {:.3}\n{}", score.spam_error_rate, list(&score));
    assert_eq!(score.emergencies_called_spam, 0, "{}", list(&score));
}

#[test]
fn calls_that_no_rule_was_written_from_come_out_nearly_as_well() {
    let score = eval::score(&eval::parse(HELD_OUT).unwrap(), &Runbook::default(), &NoModel);
    assert!(score.emergency_recall >= 0.95, "recall {:.3}\n{}", score.emergency_recall, list(&score));
    assert!(score.false_wake_rate <= 0.08, "false wakes {:.3}\n{}", score.false_wake_rate, list(&score));
    assert_eq!(score.emergencies_called_spam, 0, "{}", list(&score));
}

#[test]
fn most_calls_of_any_kind_come_out_as_labelled() {
    let score = score();
    assert!(
        score.misses.len() * 100 <= score.cases * 3,
        "{} of {}\n{}",
        score.misses.len(),
        score.cases,
        list(&score)
    );
}

#[test]
fn bad_lines_are_named_with_their_number() {
    let faults = eval::parse(
        "# comment\na\tshop\t21:00\troutine\t-\thi\nb\ttrades\t25:99\troutine\t-\thi\nc\ttrades\n",
    )
    .unwrap_err();
    let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "2: profile `shop` is not known; write trades or msp",
            "3: local time `25:99` is not a time; write 21:10 or 2026-02-12 21:10",
            "4: 2 fields instead of 6; write: id, profile, local time, expected, service, turns, with tabs between",
        ]
    );
}

/// Wordings that rules were written from: every one of them must come out as labelled.
#[test]
fn the_ways_in_which_people_say_it_come_out_as_labelled() {
    let score =
        eval::score(&eval::parse(include_str!("wordings.tsv")).unwrap(), &Runbook::default(), &NoModel);
    assert!(score.misses.is_empty(), "{}", list(&score));
}
