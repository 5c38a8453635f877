use call::Prompts;
use triage::{Runbook, Severity};

use super::*;
use crate::config::Config;

const UNKNOWN_MATTER: &str = "something is making a terrible noise in the basement and I need somebody";
const ROUTINE: &str = "I would like to schedule a tune up for my furnace some time next week";

fn judgement() -> Judgement {
    let shop = Config::embedded_demo().unwrap().shops.remove(0);
    let business = Business {
        prompts: Arc::new(Prompts::english(&shop.profile).unwrap()),
        spanish: Arc::new(Prompts::spanish(&shop.profile).unwrap()),
        runbook: Arc::new(Runbook::default()),
        shop,
    };
    Judgement::new(Arc::new(business), false)
}

/// As after a finished turn for which models are asked.
fn turn(judgement: &mut Judgement, words: &str) {
    let noon = "2026-02-11T14:00".parse().unwrap();
    let assessment =
        assess(&[Turn::caller(words)], &circumstances(&judgement.business, noon), &Runbook::default());
    let question = ask(&assessment, &Runbook::default()).unwrap();
    judgement.turn += 1;
    judgement.open = Some(Open { assessment, question, opinions: Vec::new(), decided: None });
}

fn says(stage: Stage, severity: Severity, confidence: f32) -> Option<Opinion> {
    Some(Opinion::new(stage, severity, confidence))
}

#[test]
fn sense_that_is_late_leaves_the_rules_decision_and_the_judge_is_asked_all_the_same() {
    let mut judgement = judgement();
    turn(&mut judgement, ROUTINE);
    assert!(judgement.is_waiting());
    let rules = decide(judgement.open.as_ref().unwrap().assessment.clone(), &[]);
    let next = judgement.sensed(1, None);
    assert_eq!(next.decision, Some(rules));
    assert_eq!(next.ask.map(|asked| (asked.turn, asked.stage)), Some((1, Stage::Judge)));
    assert!(!judgement.is_waiting());
}

#[test]
fn judge_that_agrees_with_sense_wakes_somebody_afterwards() {
    let mut judgement = judgement();
    turn(&mut judgement, UNKNOWN_MATTER);
    let first = judgement.sensed(1, says(Stage::Sense, Severity::Emergency, 0.7)).decision.unwrap();
    assert!(!first.is_emergency(), "{first:?}");
    let later = judgement.judged(1, says(Stage::Judge, Severity::Emergency, 0.95));
    assert!(later.is_some_and(|decision| decision.is_emergency()));
}

#[test]
fn judge_never_lowers_and_nothing_is_said_when_nothing_changes() {
    let mut judgement = judgement();
    turn(&mut judgement, ROUTINE);
    judgement.sensed(1, says(Stage::Sense, Severity::Routine, 0.9));
    assert_eq!(judgement.judged(1, says(Stage::Judge, Severity::Routine, 1.0)), None);
    assert_eq!(judgement.judged(1, says(Stage::Judge, Severity::Spam, 1.0)), None);
    assert_eq!(judgement.judged(1, None), None);
}

#[test]
fn answers_about_an_older_turn_are_not_used() {
    let mut judgement = judgement();
    turn(&mut judgement, UNKNOWN_MATTER);
    turn(&mut judgement, ROUTINE);
    assert_eq!(judgement.sensed(1, says(Stage::Sense, Severity::Emergency, 1.0)), Next::default());
    assert_eq!(judgement.judged(1, says(Stage::Judge, Severity::Emergency, 1.0)), None);
    assert!(judgement.is_waiting());
}
