use std::time::Duration;

use domain::{Action, Classification, Decision, Evidence, Issue, Priority, Service};

use super::Call;
use crate::{
    rehearsal::{Rehearsal, Script, metro},
    understand::intent::is_small_talk,
};

mod properties;
mod timing;

/// A decision as triage would make it, from a few key words. Only these tests know it.
pub(super) fn by_key_words(call: &Call, early: bool) -> Option<Decision> {
    use Issue::*;
    const WORDS: &[(&str, Classification, Issue, Service)] = &[
        ("huele a gas", Classification::Emergency, Gas, Service::Plumbing),
        ("smell gas", Classification::Emergency, Gas, Service::Plumbing),
        ("sparking", Classification::Emergency, Electrical, Service::Electrical),
        ("water is pouring", Classification::Emergency, Water, Service::Plumbing),
        ("water everywhere", Classification::Emergency, Water, Service::Plumbing),
        ("water is spraying", Classification::Emergency, Water, Service::Plumbing),
        ("water spraying", Classification::Emergency, Water, Service::Plumbing),
        ("water on the floor", Classification::Emergency, Water, Service::Plumbing),
        ("basement is flooding", Classification::Emergency, Water, Service::Plumbing),
        ("no heat", Classification::Emergency, NoHeat, Service::Hvac),
        ("furnace just shut off", Classification::Emergency, NoHeat, Service::Hvac),
        ("won't turn on and it's freezing", Classification::Emergency, NoHeat, Service::Hvac),
        ("i need someone tonight", Classification::Emergency, Unknown, Service::Hvac),
        ("email server is down", Classification::Emergency, ItOutage, Service::It),
        ("marketing", Classification::Spam, SalesPitch, Service::Unknown),
        ("extended warranty", Classification::Spam, Robocall, Service::Unknown),
        ("can wait", Classification::Routine, MinorRepair, Service::Hvac),
        ("tune-up", Classification::Routine, Maintenance, Service::Hvac),
        ("serviced", Classification::Routine, Maintenance, Service::Hvac),
        ("quote", Classification::Routine, Quote, Service::Plumbing),
        ("drain cleaning", Classification::Routine, MinorRepair, Service::Plumbing),
        ("dripping", Classification::Routine, MinorRepair, Service::Plumbing),
        ("toilet", Classification::Routine, MinorRepair, Service::Plumbing),
    ];
    let text: String = call
        .turns_for_triage(early)
        .iter()
        .filter(|t| t.speaker == domain::Speaker::Caller)
        .map(|t| t.text.to_lowercase() + " ")
        .collect();
    let hit = WORDS.iter().find(|(words, ..)| text.contains(words));
    if hit.is_none() && is_small_talk(&text) {
        return Some(decision(None, Issue::Unknown, Service::Unknown));
    }
    let (class, issue, service) = hit.map_or((None, Unknown, Service::Unknown), |h| (Some(h.1), h.2, h.3));
    Some(decision(class, issue, service))
}

pub(super) fn decision(class: Option<Classification>, issue: Issue, service: Service) -> Decision {
    let emergency = class == Some(Classification::Emergency);
    Decision {
        action: match class {
            Some(Classification::Emergency) => Action::Escalate,
            Some(Classification::Routine | Classification::Spam) => Action::Resolve,
            None => Action::Gather,
        },
        classification: class,
        priority: if emergency { Priority::P1 } else { Priority::P3 },
        service,
        issue,
        safety: issue.safety().filter(|_| emergency),
        confidence: 0.95,
        same_day: false,
        evidence: vec![Evidence { rule: "test".into(), words: String::new(), excused: None }],
        reasoning: "test".into(),
        ..Decision::default()
    }
}

/// Plays a short script given in the test.
pub(super) fn check(script: &str) {
    let script = Script::parse(script, "test", metro()).unwrap_or_else(|e| panic!("{e}"));
    Rehearsal::play(&script, &mut by_key_words).unwrap_or_else(|e| panic!("{e}"));
}

pub(super) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A script that the call does not fulfil must fail, with its line.
fn check_fault(script: &str, expected: &str) {
    let fault = match Script::parse(script, "test", metro()) {
        Ok(script) => Rehearsal::play(&script, &mut by_key_words).expect_err("the script was fulfilled"),
        Err(fault) => fault.to_string(),
    };
    assert!(fault.contains(expected), "{fault}");
}

#[test]
fn scripts_that_are_not_fulfilled_are_reported_with_their_line() {
    check_fault("# x\ncaller: I smell gas.\nagent: Have a nice day.", "test:3: the agent did not say");
    check_fault("# x\ncaller: I smell gas.\nhangs up\nexpect: routine", "test:4: expected routine");
    check_fault(
        "# x\ncaller: I smell gas.\nhangs up\nexpect: emergency page=no",
        "expected page=\"no\", found \"yes\"",
    );
    check_fault("# x\nnever: thanks for calling", "test:2: the agent said");
    check_fault("# x\nexpect: not answered", "the call was taken");
    check_fault("# x\nat: 2026-02-12T10:00\nhangs up", "the office is open");
    check_fault("# x\ncalller: hello", "test:2: a line cannot begin with \"calller\"");
    check_fault("# x\nexpect: temperature=5", "nothing is known about \"temperature\"");
}
