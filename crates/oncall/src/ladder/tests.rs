//! The ladder as small texts: what happens on the left of a night, what the box does on the right.

use domain::{AckVia, AlertState, Issue, Means, StepFailure, StepOutcome};
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::{
    case::StepResult,
    testing::{alert, id, metro},
};

/// A ladder with a hand-moved clock. Texts are accepted at once unless their means is dead, calls ring out.
struct Night {
    policy: Policy,
    roster: Roster,
    known: Known,
    dead: Vec<Means>,
    case: Case,
    start: Timestamp,
    offset: SignedDuration,
    calls: Vec<(i64, u32)>,
    log: Vec<String>,
}

fn metro_night() -> Night {
    let start: Timestamp = "2026-02-13T03:22:00Z".parse().unwrap();
    let means = vec![Means::SmsInternet, Means::Push, Means::Voice];
    let policy = Policy { call_tries: 1, repeat_by_call: false, means, ..Policy::default() };
    Night {
        policy,
        roster: metro(),
        known: Known::default(),
        dead: Vec::new(),
        case: Case { alert: alert(1, "K7P", start), steps: Vec::new() },
        start,
        offset: SignedDuration::ZERO,
        calls: Vec::new(),
        log: Vec::new(),
    }
}

impl Night {
    fn at(&self, second: i64) -> Timestamp {
        self.start + SignedDuration::from_secs(second) + self.offset
    }

    fn open(&mut self, backups: &[&str], second_at_once: bool) {
        let assignment = Assignment {
            primary: id("mike"),
            backups: backups.iter().map(|b| id(b)).collect(),
            second_at_once,
        };
        let case = self.with(|ladder, case| ladder.open(case.alert.clone(), &assignment));
        self.case = case;
        self.do_next(0);
    }

    fn with<T>(&mut self, act: impl FnOnce(Ladder<'_>, &mut Case) -> T) -> T {
        let ladder = Ladder { policy: &self.policy, roster: &self.roster, known: &self.known };
        act(ladder, &mut self.case)
    }

    fn do_next(&mut self, second: i64) {
        let now = self.at(second);
        let acts = self.with(|ladder, case| ladder.next(case, now));
        self.perform(acts, second);
    }

    fn hear(&mut self, event: Event, second: i64) {
        let now = self.at(second);
        let acts = self.with(|ladder, case| ladder.hear(case, event, now));
        self.perform(acts, second);
    }

    fn perform(&mut self, acts: Vec<Act>, second: i64) {
        for act in acts {
            match act {
                Act::Fire(number) => {
                    let step = self.case.step(number).unwrap().clone();
                    let way = serde_word(step.means);
                    let step_word = format!("{:?}", step.step);
                    self.log.push(format!("{second}s {step_word} {} {way}", step.contact));
                    if step.means.is_call() {
                        let ring = if step.means == Means::Transfer {
                            self.policy.transfer_ring_s
                        } else {
                            self.policy.call_ring_s
                        };
                        self.calls.push((second + i64::from(ring), number));
                    } else {
                        let dead = self.dead.contains(&step.means);
                        let result = if dead { StepResult::Unreachable } else { StepResult::Accepted };
                        self.hear(Event::Step { number, result }, second);
                    }
                }
                Act::Withdraw(number) => {
                    self.calls.retain(|(_, n)| *n != number);
                    self.log.push(format!("{second}s withdraw {}", self.case.step(number).unwrap().contact));
                }
                Act::Note { to, notice } => self.log.push(format!("{second}s note {to} {notice:?}")),
            }
        }
    }

    /// Lets time pass until this second, stopping wherever something is due.
    fn until(&mut self, second: i64) {
        for _ in 0..1000 {
            let start = self.start + self.offset;
            let wake = self.with(|ladder, case| ladder.wake_at(case));
            let wake = wake.map(|at| at.duration_since(start).as_secs());
            let call = self.calls.iter().map(|(at, _)| *at).min();
            let Some(next) = wake.into_iter().chain(call).min().filter(|at| *at <= second) else { return };
            if call == Some(next) {
                let place = self.calls.iter().position(|(at, _)| *at == next).unwrap();
                let (_, number) = self.calls.remove(place);
                self.hear(Event::Step { number, result: StepResult::NoAnswer }, next);
            } else {
                self.do_next(next);
            }
        }
        panic!("the ladder does not come to rest: {:#?}", self.case);
    }

    fn takes(&mut self, who: &str, second: i64) {
        let event = Event::Taken { by: Some(id(who)), via: AckVia::Sms, words: Some("1".into()) };
        self.until(second);
        self.hear(event, second);
    }

    fn passes(&mut self, who: &str, second: i64) {
        self.until(second);
        self.hear(Event::PassedOn { by: id(who) }, second);
    }

    fn check(&self, expected: &str) {
        let lines =
            |t: &str| t.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n");
        assert_eq!(self.log.join("\n"), lines(expected));
    }

    fn state(&self) -> AlertState {
        self.case.alert.state
    }
}

fn serde_word(means: Means) -> String {
    format!("{means:?}")
}

#[test]
fn nobody_answers_and_every_step_comes_at_its_second() {
    let mut night = metro_night();
    night.open(&["sam"], false);
    night.until(1200 + 1800);
    night.check(
        "0s SmsOncall mike SmsInternet
         60s AutoDialOncall mike Voice
         600s SmsBackup sam SmsInternet
         1200s SmsOwnerUnresolved dave SmsInternet
         2100s RepeatOwner dave SmsInternet
         3000s RepeatOwner dave SmsInternet",
    );
    assert!(night.state().wants_alarm() && night.state().wants_lamp());
}

#[test]
fn acknowledgement_cancels_every_queued_step_and_tells_the_others() {
    let mut night = metro_night();
    night.policy.callback_within_s = 0;
    night.open(&["sam"], false);
    night.takes("sam", 700);
    night.until(100_000);
    night.check(
        "0s SmsOncall mike SmsInternet
         60s AutoDialOncall mike Voice
         600s SmsBackup sam SmsInternet
         700s note sam YouHaveIt
         700s note mike TakenBy(Some(ContactId(\"sam\")))",
    );
    assert_eq!(night.state(), AlertState::Acknowledged);
    assert!(night.case.steps.iter().all(|s| s.outcome != StepOutcome::Queued));
}

#[test]
fn two_passes_to_the_backup_at_once_and_a_second_two_changes_nothing() {
    let mut night = metro_night();
    night.open(&["sam"], false);
    night.passes("mike", 20);
    night.passes("mike", 25);
    night.until(1000);
    night.check(
        "0s SmsOncall mike SmsInternet
         20s note mike PassedOn
         20s SmsBackup sam SmsInternet
         25s note mike PassedOn
         620s SmsOwnerUnresolved dave SmsInternet",
    );
}

#[test]
fn caller_is_put_through_and_the_alert_is_closed() {
    let mut night = metro_night();
    night.open(&["sam"], false);
    night.until(20);
    night.hear(Event::TransferWanted, 20);
    let number = night.case.steps.last().unwrap().number;
    night.hear(Event::Step { number, result: StepResult::Connected }, 31);
    night.until(100_000);
    night.check(
        "0s SmsOncall mike SmsInternet
         20s WarmTransfer mike Transfer",
    );
    assert_eq!(night.state(), AlertState::Done);
    assert_eq!(night.case.alert.acknowledged_via, Some(AckVia::Transfer));
}

#[test]
fn call_waits_while_the_transfer_rings_the_same_telephone() {
    let mut night = metro_night();
    night.open(&[], false);
    night.until(45);
    night.hear(Event::TransferWanted, 45);
    night.until(100);
    night.check(
        "0s SmsOncall mike SmsInternet
         45s WarmTransfer mike Transfer
         75s AutoDialOncall mike Voice",
    );
}

#[test]
fn page_never_comes_after_the_transfer() {
    let mut night = metro_night();
    night.policy.text_after_s = 120;
    night.open(&[], false);
    night.hear(Event::TransferWanted, 10);
    night.check(
        "10s SmsOncall mike SmsInternet
         10s WarmTransfer mike Transfer",
    );
}

#[test]
fn dead_internet_is_followed_by_the_next_means_at_once() {
    let mut night = metro_night();
    night.dead = vec![Means::SmsInternet];
    night.open(&["sam"], false);
    night.until(60);
    night.check(
        "0s SmsOncall mike SmsInternet
         0s SmsOncall mike Voice
         60s AutoDialOncall mike Voice",
    );
}

#[test]
fn opted_out_number_gets_no_second_text_by_the_modem() {
    let mut night = metro_night();
    night.policy.means = Policy::default().means;
    night.open(&[], false);
    night.hear(Event::Step { number: 0, result: StepResult::Failed(StepFailure::OptedOut) }, 3);
    night.until(10);
    night.check(
        "0s SmsOncall mike SmsInternet
         3s SmsOncall mike Voice",
    );
}

#[test]
fn person_who_cannot_be_reached_at_all_does_not_hold_up_the_next() {
    let mut night = metro_night();
    night.known.failing = [(id("mike"), Means::SmsInternet), (id("mike"), Means::Voice)].into();
    night.open(&["sam"], false);
    night.until(700);
    night.check(
        "0s SmsBackup sam SmsInternet
         600s SmsOwnerUnresolved dave SmsInternet",
    );
}

#[test]
fn with_every_line_dead_the_alarm_sounds_within_a_minute_and_the_pages_wait() {
    let mut night = metro_night();
    night.known.away = [Means::Voice, Means::SmsInternet].into();
    night.dead = vec![Means::SmsInternet];
    night.open(&["sam"], false);
    night.until(60);
    assert_eq!(night.state(), AlertState::Unresolved);
    night.check(
        "0s SmsOncall mike SmsInternet
         0s SmsBackup sam SmsInternet
         0s SmsOwnerUnresolved dave SmsInternet",
    );
}

#[test]
fn silent_technician_is_asked_and_then_the_ladder_goes_on() {
    let mut night = metro_night();
    night.open(&["sam"], false);
    night.takes("mike", 30);
    night.until(2400);
    night.check(
        "0s SmsOncall mike SmsInternet
         30s note mike YouHaveIt
         1230s AskCallback mike SmsInternet
         1530s AutoDialOncall mike Voice
         1530s SmsBackup sam SmsInternet
         2130s SmsOwnerUnresolved dave SmsInternet",
    );
}

#[test]
fn done_closes_and_still_on_it_asks_again_later() {
    let mut night = metro_night();
    night.open(&["sam"], false);
    night.takes("mike", 30);
    night.takes("mike", 1300);
    night.until(2600);
    night.hear(Event::Done { by: Some(id("mike")) }, 2600);
    night.until(100_000);
    night.check(
        "0s SmsOncall mike SmsInternet
         30s note mike YouHaveIt
         1230s AskCallback mike SmsInternet
         1300s note mike YouHaveIt
         2500s AskCallback mike SmsInternet
         2600s note mike Closed",
    );
    assert_eq!(night.state(), AlertState::Done);
}

#[test]
fn second_emergency_pages_the_second_person_at_once() {
    let mut night = metro_night();
    night.open(&["sam"], true);
    night.until(59);
    night.check(
        "0s SmsOncall mike SmsInternet
         0s SmsBackup sam SmsInternet",
    );
}

#[test]
fn three_closes_but_never_a_danger_to_life() {
    let mut water = metro_night();
    water.open(&["sam"], false);
    water.hear(Event::NotAnEmergency { by: id("mike") }, 70);
    assert_eq!(water.state(), AlertState::NotAnEmergency);
    let mut gas = metro_night();
    gas.case.alert.issue = Issue::Gas;
    gas.open(&["sam"], false);
    gas.hear(Event::NotAnEmergency { by: id("mike") }, 70);
    assert_eq!(gas.state(), AlertState::Acknowledged);
    let told = "70s note dave CalledHarmlessBy(ContactId(\"mike\"))";
    assert!(water.log.iter().chain(&gas.log).filter(|l| *l == told).count() == 2, "the owner is told");
}

#[test]
fn clock_set_back_a_day_loses_no_second_of_the_wait() {
    let mut night = metro_night();
    night.open(&["sam"], false);
    night.until(300);
    night.do_next(300);
    night.offset = SignedDuration::from_hours(-24);
    night.do_next(300);
    night.until(1200);
    night.check(
        "0s SmsOncall mike SmsInternet
         60s AutoDialOncall mike Voice
         600s SmsBackup sam SmsInternet
         1200s SmsOwnerUnresolved dave SmsInternet",
    );
}

#[test]
fn after_an_outage_what_is_overdue_fires_once_and_a_cut_call_is_made_again() {
    let mut night = metro_night();
    night.policy.call_tries = 2;
    night.open(&["sam"], false);
    night.until(70);
    night.calls.clear();
    let back = night.at(900);
    let acts = night.with(|ladder, case| ladder.resume(case, back));
    night.perform(acts, 900);
    night.check(
        "0s SmsOncall mike SmsInternet
         60s AutoDialOncall mike Voice
         900s SmsBackup sam SmsInternet
         900s AutoDialOncall mike Voice",
    );
    let redial = night.case.steps.last().unwrap();
    assert!(redial.may_repeat && redial.rung == 1);
}

#[test]
fn after_a_whole_night_without_power_the_owner_alone_is_told() {
    let mut night = metro_night();
    night.open(&["sam"], false);
    let back = night.at(13 * 3600);
    let acts = night.with(|ladder, case| ladder.resume(case, back));
    night.perform(acts, 13 * 3600);
    night.check(
        "0s SmsOncall mike SmsInternet
         46800s SmsOwnerUnresolved dave SmsInternet",
    );
    assert_eq!(night.state(), AlertState::Expired);
    assert!(night.state().wants_lamp() && !night.state().wants_alarm());
}

#[test]
fn provider_that_hangs_is_left_after_a_quarter_of_a_minute() {
    let mut night = metro_night();
    let assignment = Assignment { primary: id("mike"), backups: vec![], second_at_once: false };
    night.case = night.with(|ladder, case| ladder.open(case.alert.clone(), &assignment));
    let start = night.at(0);
    let fired = night.with(|ladder, case| ladder.next(case, start));
    assert_eq!(fired, [Act::Fire(0)]);
    night.until(20);
    night.check("15s SmsOncall mike Voice");
    night.hear(Event::Step { number: 0, result: StepResult::Delivered }, 22);
    assert_eq!(night.case.steps[0].outcome, StepOutcome::Delivered, "the late answer is believed");
}
