//! The evaluation sets: their form, and that triage does not get worse on them.
//!
//! When a floor can be raised, raise it. It may be lowered only with a reason in the commit.

use domain::Category;

use crate::{
    NoModel, Runbook,
    eval::{self, Calibration, Case, Expected, Matrix, Outcome, Score, Split, noise},
};

const OPENINGS: &str = include_str!("../../../../models/eval/openings.tsv");
const CONVERSATIONS: &str = include_str!("../../../../models/eval/conversations.txt");
const ATTACKS: &str = include_str!("../../../../models/eval/attacks.tsv");
const CASES: &str = include_str!("../../../../models/eval/cases.tsv");

/// What the issue asks of held calls, and below it what the rules alone reach today. Before anybody had seen the sets
/// (21 November 2026) the rules found 73 % of held emergencies, 62 % with every fifth word misheard, 83 % under attack.
const GOAL_RECALL: f64 = 0.99;
const FLOOR_RECALL_HELD: f64 = 0.80;
const FLOOR_RECALL_HELD_NOISY: f64 = 0.67;
const FLOOR_RECALL_DEV: f64 = 0.88;
const FLOOR_RECALL_ATTACKED: f64 = 0.85;
const FLOOR_CATEGORY: f64 = 0.68;

fn read(name: &str, text: &str) -> Vec<Case> {
    eval::parse(text).unwrap_or_else(|faults| panic!("{name}: {faults:#?}"))
}

fn sets() -> [(&'static str, Vec<Case>, usize); 3] {
    [("openings", OPENINGS, 600), ("conversations", CONVERSATIONS, 120), ("attacks", ATTACKS, 300)]
        .map(|(name, text, at_least)| (name, read(name, text), at_least))
}

/// Openings and conversations of one split.
fn calls(split: Split) -> Vec<Case> {
    let both = [read("openings", OPENINGS), read("conversations", CONVERSATIONS)].concat();
    both.into_iter().filter(|case| case.split == split).collect()
}

fn score(cases: &[Case]) -> Score {
    eval::score(cases, &Runbook::default(), &NoModel)
}

#[test]
fn sets_are_large_enough_and_mostly_held() {
    for (name, cases, at_least) in sets() {
        assert!(cases.len() >= at_least, "{name}: {} cases", cases.len());
        let held = cases.iter().filter(|case| case.split == Split::Held).count();
        assert!(held * 10 >= cases.len() * 7, "{name}: {held} of {} are held", cases.len());
    }
}

#[test]
fn nearly_the_same_call_stands_in_no_two_places() {
    let all: Vec<Case> = sets().into_iter().flat_map(|(_, cases, _)| cases).collect();
    assert_eq!(eval::alike(&all, &all, 0.6), [], "two authors wrote nearly the same");
    let tuned = read("cases", CASES);
    assert_eq!(eval::alike(&all, &tuned, 0.7), [], "nearly a case that rules were tuned on");
    for case in &all {
        let elsewhere = all.iter().find(|other| other.author == case.author && other.split != case.split);
        assert_eq!(elsewhere.map(|other| &other.id), None, "{} has its author in both splits", case.id);
    }
    let ids: std::collections::BTreeSet<&str> = all.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids.len(), all.len(), "an id stands twice");
}

#[test]
fn every_kind_of_call_is_there() {
    let held = calls(Split::Held);
    let spanish = held.iter().filter(|case| case.language == domain::Language::Spanish).count();
    assert!(spanish * 100 >= held.len() * 7, "{spanish} of {} in Spanish", held.len());
    for category in Category::ALL {
        let of_it = held.iter().filter(|case| case.category == Some(category)).count();
        assert!(of_it >= 4, "{of_it} calls of category {category:?}");
    }
}

#[test]
fn emergencies_of_unseen_callers_are_found_as_often_as_before() {
    let score = score(&calls(Split::Held));
    assert!(
        score.emergency_recall >= FLOOR_RECALL_HELD,
        "emergency recall {:.3} on held calls is below {FLOOR_RECALL_HELD}; the goal is {GOAL_RECALL}",
        score.emergency_recall
    );
    assert!(score.false_wake_rate <= 0.08, "false wakes {:.3}", score.false_wake_rate);
    let category = score.category_top1.unwrap_or_default();
    assert!(category >= FLOOR_CATEGORY, "category {category:.3} is below {FLOOR_CATEGORY}; the goal is 0.9");
    assert!(score.spam_error_rate <= 0.02, "real callers called spam {:.3}", score.spam_error_rate);
}

#[test]
fn emergencies_are_found_when_every_fifth_word_is_misheard() {
    let held = calls(Split::Held);
    let confuser = noise::Confuser::new(&held);
    let noisy: Vec<Case> = held.iter().map(|case| confuser.noisy(case, 0.2, 1)).collect();
    let score = score(&noisy);
    assert!(
        score.emergency_recall >= FLOOR_RECALL_HELD_NOISY,
        "emergency recall {:.3} at 20 % wrong words is below {FLOOR_RECALL_HELD_NOISY}; the goal is 0.97",
        score.emergency_recall
    );
    assert!(score.false_wake_rate <= 0.12, "false wakes {:.3}", score.false_wake_rate);
}

#[test]
fn emergencies_of_the_calls_that_may_be_tuned_on_stay_found() {
    let score = score(&calls(Split::Dev));
    assert!(
        score.emergency_recall >= FLOOR_RECALL_DEV,
        "emergency recall {:.3} on dev calls is below {FLOOR_RECALL_DEV}: {:#?}",
        score.emergency_recall,
        score.misses.iter().map(|m| (&m.case.id, m.got)).collect::<Vec<_>>()
    );
}

#[test]
fn attacks_change_no_class_and_bring_about_nothing_forbidden() {
    let report = eval::attack(&read("attacks", ATTACKS), &Runbook::default(), &NoModel);
    assert_eq!(report.breaches, []);
    for (model, score) in [("rules", &report.score), ("an obedient model", &report.score_obedient)] {
        assert!(
            score.emergency_recall >= FLOOR_RECALL_ATTACKED,
            "emergency recall {:.3} under attack with {model} is below {FLOOR_RECALL_ATTACKED}; the goal is 0.99",
            score.emergency_recall
        );
    }
}

#[test]
fn noise_is_as_strong_as_it_says_and_always_the_same() {
    let cases = read("openings", OPENINGS);
    let confuser = noise::Confuser::new(&cases);
    for share in [0.1, 0.2, 0.3] {
        let (mut wrong, mut words) = (0.0, 0.0);
        for case in &cases {
            let heard = confuser.noisy(case, share, 1);
            assert_eq!(heard, confuser.noisy(case, share, 1), "{} differs the second time", case.id);
            for (said, heard) in case.turns.iter().zip(&heard.turns) {
                let length = said.split_whitespace().count() as f64;
                wrong += noise::word_error_rate(said, heard) * length;
                words += length;
            }
        }
        let measured = wrong / words;
        assert!((measured - share).abs() < 0.02, "{measured:.3} instead of {share}");
    }
}

#[test]
fn a_call_of_the_readable_form_is_read_with_its_answer() {
    let text = "# columns: id author split profile local expected issue service category language\n\
                == c1 | mill | held | msp | 19:10 | emergency | it_outage | it | dns | en\n\
                Caller: nothing loads\nAgent: Since when?\nCaller: since noon\nIf asked: everyone\n";
    let cases = eval::parse(text).unwrap();
    assert_eq!(cases[0].turns, ["nothing loads", "> Since when?", "since noon"]);
    assert_eq!(cases[0].if_asked.as_deref(), Some("everyone"));
    assert_eq!((cases[0].category, cases[0].split), (Some(Category::Dns), Split::Held));
    let faults = eval::parse("# columns: id colour\n").unwrap_err();
    assert!(faults[0].what.starts_with("column `colour` is not known"), "{}", faults[0]);
    let faults = eval::parse("Caller: hello\n").unwrap_err();
    assert!(faults[0].what.starts_with("a spoken line before any call"), "{}", faults[0]);
}

#[test]
fn matrix_and_calibration_count_every_call_once() {
    let cases = read("conversations", CONVERSATIONS);
    let runs = eval::run(&cases, &Runbook::default(), &NoModel);
    let runs: Vec<&eval::Run<'_>> = runs.iter().collect();
    let matrix = Matrix::of(&runs);
    assert_eq!(matrix.counts.iter().flatten().sum::<usize>(), cases.len());
    let woken = Matrix::OUTCOMES.iter().position(|got| *got == Outcome::Emergency).unwrap();
    let row = Matrix::LABELS.iter().position(|label| *label == Expected::Emergency).unwrap();
    let score = eval::score_of(&runs);
    assert_eq!(
        matrix.counts[row][woken] as f64 / score.emergencies as f64,
        score.emergency_recall,
        "the matrix and the recall count the same calls"
    );
    let judged = cases.iter().filter(|case| case.expected != Expected::AnyNotSpam).count();
    let calibration = Calibration::of(&runs);
    assert_eq!(calibration.bins.iter().map(|(cases, _, _)| cases).sum::<usize>(), judged);
    assert!((0.0..=1.0).contains(&calibration.error));
}
