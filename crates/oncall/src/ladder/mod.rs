//! The escalation ladder: who is woken next when an emergency is not acknowledged.
//!
//! ```text
//! 2 text to the technician ─ 3 call ─ 4 backup ─ 5 owner: UNRESOLVED, alarm ─ owner again and again ─ expired
//!   (1 transfer, when the caller is ready)       │
//!        taken: everything queued is cancelled ──┴─→ called back? asked ─ no answer: the ladder goes on
//! ```
//!
//! Every step is a row with a due time; a row fires once, because firing it stamps it and only an unstamped row
//! can fire. A person who cannot be reached at all, or who hands the alert on, pulls the rest of the ladder forward.
//! Whatever is tried again (next means, engaged, interrupted) is a new row of the same rung.

mod answers;
mod means;
mod results;
mod rungs;

#[cfg(test)]
mod tests;

use domain::{Alert, AlertState, EscalationStep, Means, Roster, StepOutcome, StepRow};
use jiff::Timestamp;

use crate::{
    case::{Act, Assignment, Case, Event, Known, StepResult, after},
    policy::Policy,
};

/// A call that says nothing for this long after its ringing is gone, seconds.
const CALL_TALK_S: u32 = 120;

/// The rules by which cases move on. Cheap to make; nothing is kept in it.
#[derive(Debug, Clone, Copy)]
pub struct Ladder<'a> {
    /// The owner's settings.
    pub policy: &'a Policy,
    /// The people.
    pub roster: &'a Roster,
    /// What is known about the ways to them.
    pub known: &'a Known,
}

impl Ladder<'_> {
    /// A new case with all its steps queued. Commit it with the acts of `next` at the same `now`: then the first
    /// page is on disk before anybody is told that help is coming.
    pub fn open(&self, alert: Alert, assignment: &Assignment) -> Case {
        let mut case = Case { steps: Vec::new(), alert };
        self.plan(&mut case, assignment);
        case
    }

    /// Everything that is due. The rows are stamped: commit the case first, then perform the acts in their order.
    pub fn next(&self, case: &mut Case, now: Timestamp) -> Vec<Act> {
        let mut acts = Vec::new();
        self.look_at_clock(case, now);
        if case.alert.state.is_over() {
            return acts;
        }
        // every round either fires a queued row or closes one, and rounds add at most one row each
        for _ in 0..64 {
            let before = (case.steps.len(), acts.len(), case.alert.state);
            self.expire(case, now, &mut acts);
            self.end_overdue(case, now, &mut acts);
            self.ask_or_resume(case, now);
            self.fire_due(case, now, &mut acts);
            if before == (case.steps.len(), acts.len(), case.alert.state) {
                break;
            }
        }
        acts
    }

    /// Takes in what happened, and everything that is due with it.
    pub fn hear(&self, case: &mut Case, event: Event, now: Timestamp) -> Vec<Act> {
        self.look_at_clock(case, now);
        let mut acts = Vec::new();
        match event {
            Event::TransferWanted => self.transfer(case, now),
            Event::Taken { by, via, words } => self.taken(case, by, via, words, now, &mut acts),
            Event::PassedOn { by } => self.passed_on(case, &by, now, &mut acts),
            Event::NotAnEmergency { by } => self.not_an_emergency(case, &by, now, &mut acts),
            Event::Done { by } => self.done(case, by, now, &mut acts),
            Event::Step { number, result } => self.step_news(case, number, result, now, &mut acts),
        }
        acts.extend(self.next(case, now));
        acts
    }

    /// To be called once for every open case after a start: calls that were going on are gone.
    pub fn resume(&self, case: &mut Case, now: Timestamp) -> Vec<Act> {
        self.look_at_clock(case, now);
        let calling = |s: &&StepRow| s.outcome == StepOutcome::InFlight && s.means.is_call();
        let gone: Vec<u32> = case.steps.iter().filter(calling).map(|s| s.number).collect();
        for number in gone {
            self.call_lost(case, number, now);
        }
        self.next(case, now)
    }

    /// When `next` has something to do again; `None`: not by itself.
    pub fn wake_at(&self, case: &Case) -> Option<Timestamp> {
        if case.alert.state.is_over() {
            return None;
        }
        let rows = case.steps.iter().filter_map(|step| match step.outcome {
            StepOutcome::Queued if self.is_held(case, step) => None,
            StepOutcome::Queued => Some(step.due_at),
            StepOutcome::InFlight => self.patience_ends(case, step),
            _ => None,
        });
        let expiry = case.alert.state.wants_somebody().then(|| self.expires_at(case));
        rows.chain(self.grace_ends(case)).chain(expiry).min()
    }

    /// When the alert is too old to wake anybody; its outbox items end then too.
    pub fn expires_at(&self, case: &Case) -> Timestamp {
        after(case.alert.opened_at, self.policy.expires_after_s)
    }

    /// A clock behind what was seen before was set back: the waits go on from where they were.
    fn look_at_clock(&self, case: &mut Case, now: Timestamp) {
        if now < case.alert.seen_at {
            case.shift(now.duration_since(case.alert.seen_at));
        }
        case.alert.seen_at = now;
    }

    /// Fires what is due, earliest first.
    fn fire_due(&self, case: &mut Case, now: Timestamp, acts: &mut Vec<Act>) {
        let due =
            |s: &&StepRow| s.outcome == StepOutcome::Queued && s.due_at <= now && !self.is_held(case, s);
        let first = case.steps.iter().filter(due).min_by_key(|s| (s.due_at, s.number)).map(|s| s.number);
        let Some(step) = first.and_then(|number| case.step(number)).cloned() else { return };
        let means = match step.step {
            EscalationStep::WarmTransfer => Some(Means::Transfer),
            _ => self.choose_means(case, &step),
        };
        let Some(means) = means else {
            self.no_means(case, &step, now);
            return;
        };
        if let Some(row) = case.step_mut(step.number) {
            (row.means, row.attempted_at, row.outcome) = (means, Some(now), StepOutcome::InFlight);
            acts.push(Act::Fire(step.number));
        }
        self.after_firing(case, &step, now);
    }

    /// A call to somebody whose telephone we are ringing already waits until that has ended.
    fn is_held(&self, case: &Case, step: &StepRow) -> bool {
        let ringing = |s: &StepRow| {
            s.contact == step.contact && s.outcome == StepOutcome::InFlight && s.means.is_call()
        };
        step.means.is_call() && case.steps.iter().any(ringing)
    }

    /// Gives up steps of which nothing was heard in time.
    fn end_overdue(&self, case: &mut Case, now: Timestamp, acts: &mut Vec<Act>) {
        let overdue = |s: &&StepRow| {
            s.outcome == StepOutcome::InFlight && self.patience_ends(case, s).is_some_and(|at| at <= now)
        };
        let late: Vec<StepRow> = case.steps.iter().filter(overdue).cloned().collect();
        for step in late {
            if step.means.is_call() {
                acts.push(Act::Withdraw(step.number));
                self.call_lost(case, step.number, now);
            } else {
                self.step_news(case, step.number, StepResult::Unsure, now, acts);
            }
        }
    }

    /// Until when we wait for news of an attempted step; `None` when nobody needs its message any more.
    fn patience_ends(&self, case: &Case, step: &StepRow) -> Option<Timestamp> {
        let attempted = step.attempted_at?;
        let ring_s = match step.means {
            Means::Transfer => self.policy.transfer_ring_s.saturating_add(CALL_TALK_S),
            Means::Voice => self.policy.call_ring_s.saturating_add(CALL_TALK_S),
            Means::SmsInternet | Means::SmsModem | Means::Push | Means::Email => {
                return self.still_wanted(case, step).then(|| after(attempted, self.policy.means_wait_s));
            }
        };
        Some(after(attempted, ring_s))
    }

    /// True while the step's message is worth another try.
    fn still_wanted(&self, case: &Case, step: &StepRow) -> bool {
        match step.step {
            EscalationStep::AskCallback => case.alert.state == AlertState::Acknowledged,
            _ => case.alert.state.wants_somebody(),
        }
    }
}
