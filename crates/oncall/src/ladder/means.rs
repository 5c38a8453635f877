//! By which means a step goes out, and what comes after one that failed.

use std::iter;

use domain::{Contact, EscalationStep, Means, StepFailure, StepOutcome, StepRow};
use jiff::Timestamp;

use super::Ladder;
use crate::case::{Case, after};

impl Ladder<'_> {
    /// The means for a queued row: its own if that works, else the policy's order without those that its rung has
    /// tried. When all that is left is away, the first of a rung is chosen all the same: the outbox keeps it until
    /// the line is back.
    pub(super) fn choose_means(&self, case: &Case, step: &StepRow) -> Option<Means> {
        let contact = self.roster.contact(&step.contact)?;
        let in_rung = |s: &&StepRow| s.rung == step.rung && s.number != step.number;
        let siblings: Vec<&StepRow> = case.steps.iter().filter(in_rung).collect();
        // a row that was made as a call may repeat the call before it
        let is_redial = |means| means == Means::Voice && step.means == Means::Voice;
        let tried = |means: Means| siblings.iter().any(|s| s.means == means && s.attempted_at.is_some());
        let others =
            if step.step == EscalationStep::AutoDialOncall { &[][..] } else { &self.policy.means[..] };
        let candidates: Vec<Means> = iter::once(step.means)
            .chain(others.iter().copied())
            .filter(|m| self.could_work(case, contact, *m) && (is_redial(*m) || !tried(*m)))
            .collect();
        let here = candidates.iter().copied().find(|m| !self.known.away.contains(m));
        let untouched = siblings.iter().all(|s| s.attempted_at.is_none());
        let kept = || candidates.iter().copied().find(|m| untouched && !m.is_call());
        here.or_else(kept)
    }

    /// False when this way to this person is known not to work until somebody mends it.
    fn could_work(&self, case: &Case, contact: &Contact, means: Means) -> bool {
        let failed_here = |s: &StepRow| {
            let blocks_number =
                matches!(s.failure, Some(StepFailure::OptedOut | StepFailure::BadDestination));
            let same = s.means == means || (blocks_number && s.means.is_sms() && means.is_sms());
            s.contact == contact.id && s.outcome == StepOutcome::Failed && same
        };
        contact.has(means)
            && !self.known.failing.contains(&(contact.id.clone(), means))
            && !case.steps.iter().any(|s| s.failure != Some(StepFailure::NoMeans) && failed_here(s))
    }

    /// Goes on by the next means of the rung, once; without one the person may be out of reach.
    pub(super) fn next_means(&self, case: &mut Case, failed: &StepRow, now: Timestamp) {
        let has_successor = case.steps.iter().any(|s| s.rung == failed.rung && s.number > failed.number);
        if has_successor || !self.still_wanted(case, failed) || case.has_passed(&failed.contact) {
            return;
        }
        if failed.step == EscalationStep::AutoDialOncall {
            return self.dead_end(case, failed, now);
        }
        let first = self.policy.means.first().copied().unwrap_or(Means::SmsInternet);
        let row = StepRow { means: first, ..Self::again(case, failed, now) };
        match self.choose_means(case, &row) {
            Some(means) => case.steps.push(StepRow { means, ..row }),
            None => self.dead_end(case, failed, now),
        }
    }

    /// Calls again, if the tries are not used up; then the rung's next means, if it has any.
    pub(super) fn redial(&self, case: &mut Case, call: &StepRow, pause_s: u32, now: Timestamp) {
        let calls = |s: &&StepRow| s.rung == call.rung && s.means == Means::Voice && s.number <= call.number;
        let tries = case.steps.iter().filter(calls).count();
        let used_up = tries >= usize::try_from(self.policy.call_tries).unwrap_or(usize::MAX);
        let has_successor = case.steps.iter().any(|s| s.rung == call.rung && s.number > call.number);
        if has_successor || !self.still_wanted(case, call) || case.has_passed(&call.contact) {
            return;
        }
        if used_up {
            self.next_means(case, call, now);
        } else {
            let row = Self::again(case, call, after(now, pause_s));
            case.steps.push(StepRow { means: Means::Voice, ..row });
        }
    }

    /// A row whose person has no way left at this moment.
    pub(super) fn no_means(&self, case: &mut Case, step: &StepRow, now: Timestamp) {
        let contact = self.roster.contact(&step.contact);
        let only_away = step.means == Means::Voice
            && self.known.away.contains(&Means::Voice)
            && contact.is_some_and(|c| self.could_work(case, c, Means::Voice));
        if let Some(row) = case.step_mut(step.number) {
            row.ended_at = Some(now);
            row.outcome = if only_away { StepOutcome::Unreachable } else { StepOutcome::Failed };
            row.failure = (!only_away).then_some(StepFailure::NoMeans);
        }
        self.after_firing(case, step, now);
        if only_away && step.step == EscalationStep::AutoDialOncall {
            self.redial(case, step, self.policy.call_again_s, now);
        }
        self.dead_end(case, step, now);
    }

    /// If nothing has reached this person and nothing that could is queued, the next in line does not wait for him.
    pub(super) fn dead_end(&self, case: &mut Case, step: &StepRow, now: Timestamp) {
        let reaches = |s: &StepRow| match s.outcome {
            StepOutcome::InFlight
            | StepOutcome::Sent
            | StepOutcome::Delivered
            | StepOutcome::Acknowledged
            | StepOutcome::NoAnswer
            | StepOutcome::Busy => true,
            StepOutcome::Queued => {
                self.choose_means(case, s).is_some_and(|means| !self.known.away.contains(&means))
            }
            StepOutcome::PassedOn
            | StepOutcome::Unreachable
            | StepOutcome::Unsure
            | StepOutcome::Failed
            | StepOutcome::Lost
            | StepOutcome::Cancelled => false,
        };
        // once the next in line has been woken, the ladder keeps its pace
        let is_past = |s: &StepRow| {
            let planned = matches!(s.step, EscalationStep::SmsBackup | EscalationStep::SmsOwnerUnresolved);
            planned && s.contact != step.contact && s.rung > step.rung && s.attempted_at.is_some()
        };
        let ladder_step = step.step != EscalationStep::AskCallback && case.alert.state.wants_somebody();
        let reached = case.steps.iter().any(|s| s.contact == step.contact && reaches(s));
        if ladder_step && !reached && !case.steps.iter().any(is_past) {
            self.hurry(case, &step.contact, now);
        }
    }

    /// A further row of the same rung.
    fn again(case: &Case, before: &StepRow, due_at: Timestamp) -> StepRow {
        StepRow {
            number: case.next_number(),
            due_at,
            may_repeat: before.outcome == StepOutcome::Unsure || before.outcome == StepOutcome::Lost,
            outcome: StepOutcome::Queued,
            failure: None,
            attempted_at: None,
            delivered_at: None,
            acknowledged_at: None,
            ended_at: None,
            ..before.clone()
        }
    }
}
