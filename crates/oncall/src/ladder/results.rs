//! News of steps that have been attempted.

use domain::{AckVia, Means, StepFailure, StepOutcome};
use jiff::Timestamp;

use super::Ladder;
use crate::case::{Act, Case, StepResult};

impl Ladder<'_> {
    /// Takes news of a step. Late and repeated news change nothing that is final.
    pub(super) fn step_news(
        &self,
        case: &mut Case,
        number: u32,
        result: StepResult,
        now: Timestamp,
        acts: &mut Vec<Act>,
    ) {
        let Some(before) = case.step(number).filter(|s| s.attempted_at.is_some()).cloned() else { return };
        let pending =
            matches!(before.outcome, StepOutcome::InFlight | StepOutcome::Unreachable | StepOutcome::Unsure);
        let in_flight = before.outcome == StepOutcome::InFlight;
        match result {
            StepResult::Accepted if pending => mark(case, number, StepOutcome::Sent, None),
            StepResult::Delivered => delivered(case, number, pending, now),
            StepResult::Unreachable if in_flight => self.away(case, number, StepOutcome::Unreachable, now),
            StepResult::Unsure if in_flight => self.away(case, number, StepOutcome::Unsure, now),
            StepResult::Failed(failure) if pending || before.outcome == StepOutcome::Sent => {
                self.failed(case, number, failure, now);
            }
            StepResult::NoAnswer if in_flight => self.nobody(case, number, StepOutcome::NoAnswer, now),
            StepResult::Busy if in_flight => self.nobody(case, number, StepOutcome::Busy, now),
            StepResult::Unconfirmed if in_flight => self.nobody(case, number, StepOutcome::Delivered, now),
            StepResult::Lost if in_flight => self.call_lost(case, number, now),
            StepResult::Connected if in_flight && before.means.is_call() => {
                let by = Some(before.contact.clone());
                self.taken(case, by.clone(), AckVia::Transfer, None, now, acts);
                self.done(case, None, now, acts);
            }
            // final already, or no news for this kind of step
            StepResult::Accepted
            | StepResult::Unreachable
            | StepResult::Unsure
            | StepResult::Failed(_)
            | StepResult::NoAnswer
            | StepResult::Busy
            | StepResult::Unconfirmed
            | StepResult::Lost
            | StepResult::Connected => {}
        }
    }

    /// A call of which nothing more will be heard. A page is called again at once, a transfer is not: its caller
    /// has gone.
    pub(super) fn call_lost(&self, case: &mut Case, number: u32, now: Timestamp) {
        mark(case, number, StepOutcome::Lost, Some(now));
        if let Some(step) = case.step(number).filter(|s| s.means == Means::Voice).cloned() {
            self.redial(case, &step, 0, now);
        }
    }

    /// The channel is away or its answer is in doubt: the next means, or the same telephone again.
    fn away(&self, case: &mut Case, number: u32, outcome: StepOutcome, now: Timestamp) {
        mark(case, number, outcome, None);
        let Some(step) = case.step(number).cloned() else { return };
        match step.means {
            Means::Voice => {
                mark(case, number, outcome, Some(now));
                self.redial(case, &step, self.policy.call_again_s, now);
            }
            Means::Transfer => mark(case, number, outcome, Some(now)),
            Means::SmsInternet | Means::SmsModem | Means::Push | Means::Email => {
                self.next_means(case, &step, now);
            }
        }
    }

    fn failed(&self, case: &mut Case, number: u32, failure: StepFailure, now: Timestamp) {
        mark(case, number, StepOutcome::Failed, Some(now));
        if let Some(row) = case.step_mut(number) {
            row.failure = Some(failure);
        }
        if let Some(step) = case.step(number).filter(|s| s.means != Means::Transfer).cloned() {
            self.next_means(case, &step, now);
        }
    }

    /// It rang, and nobody took it by a key. A second call within three minutes also rings telephones that are
    /// set to do not disturb.
    fn nobody(&self, case: &mut Case, number: u32, outcome: StepOutcome, now: Timestamp) {
        mark(case, number, outcome, Some(now));
        if outcome == StepOutcome::Delivered {
            delivered(case, number, true, now);
        }
        if let Some(step) = case.step(number).filter(|s| s.means == Means::Voice).cloned() {
            self.redial(case, &step, self.policy.call_again_s, now);
        }
    }
}

fn mark(case: &mut Case, number: u32, outcome: StepOutcome, ended_at: Option<Timestamp>) {
    if let Some(row) = case.step_mut(number) {
        (row.outcome, row.ended_at) = (outcome, ended_at.or(row.ended_at));
    }
}

fn delivered(case: &mut Case, number: u32, pending: bool, now: Timestamp) {
    let Some(row) = case.step_mut(number) else { return };
    let can = pending || row.outcome == StepOutcome::Sent;
    row.delivered_at = row.delivered_at.or(Some(now));
    if can {
        row.outcome = StepOutcome::Delivered;
    }
}
