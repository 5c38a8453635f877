//! The rungs: planned when the alert opens, pulled forward, taken up again, brought to their end.

use domain::{Alert, AlertState, ContactId, EscalationStep, Means, StepOutcome, StepRow};
use jiff::{SignedDuration, Timestamp};

use super::Ladder;
use crate::case::{Act, Assignment, Case, after};

/// What is going to be a row.
struct Rung {
    step: EscalationStep,
    contact: ContactId,
    means: Means,
    due_at: Timestamp,
}

impl Ladder<'_> {
    /// Queues steps 2 to 5. Step 1 comes when the caller is ready for it.
    pub(super) fn plan(&self, case: &mut Case, assignment: &Assignment) {
        let policy = self.policy;
        let text_at = after(case.alert.opened_at, policy.text_after_s);
        let written = policy.means.first().copied().unwrap_or(Means::SmsInternet);
        let mut rungs = vec![
            Rung {
                step: EscalationStep::SmsOncall,
                contact: assignment.primary.clone(),
                means: written,
                due_at: text_at,
            },
            Rung {
                step: EscalationStep::AutoDialOncall,
                contact: assignment.primary.clone(),
                means: Means::Voice,
                due_at: after(text_at, policy.call_after_s),
            },
        ];
        // several backups share the time until the owner's turn
        let backups: Vec<&ContactId> =
            assignment.backups.iter().filter(|b| **b != assignment.primary).collect();
        let count = u32::try_from(backups.len()).unwrap_or(u32::MAX).max(1);
        let gap_s = policy.owner_after_s.saturating_sub(policy.backup_after_s) / count;
        for (nth, backup) in (0..).zip(backups) {
            let at_once = nth == 0 && assignment.second_at_once;
            let wait_s = if at_once { 0 } else { policy.backup_after_s.saturating_add(gap_s * nth) };
            rungs.push(Rung {
                step: EscalationStep::SmsBackup,
                contact: backup.clone(),
                means: written,
                due_at: after(text_at, wait_s),
            });
        }
        rungs.push(Rung {
            step: EscalationStep::SmsOwnerUnresolved,
            contact: self.roster.owner.clone(),
            means: written,
            due_at: after(text_at, policy.owner_after_s),
        });
        for rung in rungs {
            add(case, rung);
        }
    }

    /// The caller can be put through: to the first person whom the ladder has and who has not passed.
    pub(super) fn transfer(&self, case: &mut Case, now: Timestamp) {
        let known = self.known;
        let takes_calls = |contact: &ContactId| {
            let has_phone = self.roster.contact(contact).is_some_and(|c| c.phone.is_some());
            let usable = |m| !known.away.contains(&m) && !known.failing.contains(&(contact.clone(), m));
            has_phone && usable(Means::Transfer) && usable(Means::Voice) && !case.has_passed(contact)
        };
        let pages = |s: &&StepRow| {
            s.step == EscalationStep::SmsOncall
                || (s.step == EscalationStep::SmsBackup && s.attempted_at.is_some())
        };
        let target = case.steps.iter().filter(pages).map(|s| s.contact.clone()).find(|c| takes_calls(c));
        let tried = case.steps.iter().any(|s| {
            s.step == EscalationStep::WarmTransfer
                && s.ended_at.is_none()
                && s.outcome == StepOutcome::InFlight
        });
        let (Some(contact), true, false) = (target, self.policy.warm_transfer, tried) else { return };
        if !case.alert.state.wants_somebody() {
            return;
        }
        // the text never comes after the transfer (decision K06)
        for step in case.steps.iter_mut().filter(|s| s.step == EscalationStep::SmsOncall) {
            if step.outcome == StepOutcome::Queued {
                step.due_at = step.due_at.min(now);
            }
        }
        add(case, Rung { step: EscalationStep::WarmTransfer, contact, means: Means::Transfer, due_at: now });
    }

    /// What firing a step brings with it: after the owner comes the owner again.
    pub(super) fn after_firing(&self, case: &mut Case, step: &StepRow, now: Timestamp) {
        let is_owners =
            |s: EscalationStep| matches!(s, EscalationStep::SmsOwnerUnresolved | EscalationStep::RepeatOwner);
        if !is_owners(step.step) || !case.alert.state.wants_somebody() {
            return;
        }
        case.alert.state = AlertState::Unresolved;
        let repeats = |s: &&StepRow| s.step == EscalationStep::RepeatOwner;
        let waiting = |s: &StepRow| repeats(&s) && s.outcome == StepOutcome::Queued && s.rung > step.rung;
        if !case.steps.iter().any(waiting) && step.rung + 1 == case.next_rung() {
            self.repeat(case, after(now, self.policy.repeat_every_s));
        }
    }

    fn repeat(&self, case: &mut Case, due_at: Timestamp) {
        let before = case.steps.iter().filter(|s| s.step == EscalationStep::RepeatOwner).map(|s| s.rung);
        let before = before.collect::<std::collections::BTreeSet<u32>>().len();
        let by_call = self.policy.repeat_by_call && before % 2 == 0;
        let written = self.policy.means.first().copied().unwrap_or(Means::SmsInternet);
        add(
            case,
            Rung {
                step: EscalationStep::RepeatOwner,
                contact: self.roster.owner.clone(),
                means: if by_call { Means::Voice } else { written },
                due_at,
            },
        );
    }

    /// Pulls the rest of the ladder forward so that its next person is due now; the distances stay.
    pub(super) fn hurry(&self, case: &mut Case, beyond: &ContactId, now: Timestamp) {
        let later = |s: &&StepRow| {
            let others =
                s.step == EscalationStep::SmsBackup && s.contact != *beyond && !case.has_passed(&s.contact);
            s.outcome == StepOutcome::Queued && (others || s.step == EscalationStep::SmsOwnerUnresolved)
        };
        let Some(next_due) = case.steps.iter().filter(later).map(|s| s.due_at).min() else { return };
        let by = next_due.duration_since(now);
        if !by.is_positive() {
            return;
        }
        let forward = |s: &&mut StepRow| {
            s.outcome == StepOutcome::Queued && s.due_at >= next_due && s.step != EscalationStep::RepeatOwner
        };
        for step in case.steps.iter_mut().filter(forward) {
            step.due_at = step.due_at.saturating_sub(by).unwrap_or(step.due_at);
        }
    }

    /// Nobody is paged about something that is hours old, but the owner has been told before it is given up.
    pub(super) fn expire(&self, case: &mut Case, now: Timestamp, acts: &mut Vec<Act>) {
        if now < self.expires_at(case) {
            return;
        }
        if case.alert.state == AlertState::Acknowledged {
            cancel_queued(case, now, |_| true);
        }
        if !case.alert.state.wants_somebody() {
            return;
        }
        let owners = |s: &StepRow| s.step == EscalationStep::SmsOwnerUnresolved;
        let was_told =
            |s: &StepRow| owners(s) && (s.attempted_at.is_some() || s.outcome == StepOutcome::Failed);
        if !case.steps.iter().any(was_told) {
            cancel_queued(case, now, |s| !owners(s));
            for step in case.steps.iter_mut().filter(|s| owners(s) && s.outcome == StepOutcome::Queued) {
                step.due_at = step.due_at.min(now);
            }
            if case.steps.iter().any(|s| owners(s) && s.outcome == StepOutcome::Queued) {
                return;
            }
        }
        case.alert.state = AlertState::Expired;
        case.alert.closed_at = Some(now);
        cancel_queued(case, now, |_| true);
        let too_old = self.expires_at(case);
        withdraw(case, now, acts, |s| s.attempted_at.is_some_and(|at| at < too_old));
    }

    /// Acknowledged, asked, and nothing heard: the ladder goes on.
    pub(super) fn ask_or_resume(&self, case: &mut Case, now: Timestamp) {
        if self.grace_ends(case).is_some_and(|at| at <= now) {
            self.take_up_again(case, now);
        }
    }

    /// Queues the question whether the caller has been called back.
    pub(super) fn ask_later(&self, case: &mut Case, contact: ContactId, now: Timestamp) {
        let due_at = after(now, self.policy.callback_within_s);
        if self.policy.callback_within_s > 0 && due_at < self.expires_at(case) {
            let means = self.policy.means.first().copied().unwrap_or(Means::SmsInternet);
            add(case, Rung { step: EscalationStep::AskCallback, contact, means, due_at });
        }
    }

    /// Until when the answer to that question may come.
    pub(super) fn grace_ends(&self, case: &Case) -> Option<Timestamp> {
        if case.alert.state != AlertState::Acknowledged {
            return None;
        }
        let question = case.steps.iter().rfind(|s| s.step == EscalationStep::AskCallback)?;
        let in_rung = case.steps.iter().filter(|s| s.rung == question.rung);
        let asked_at = in_rung.filter_map(|s| s.attempted_at.or(s.ended_at)).min()?;
        let is_this_ones = case.alert.acknowledged_at.is_none_or(|taken| taken <= asked_at);
        is_this_ones.then(|| after(asked_at, self.policy.callback_grace_s))
    }

    /// Reopens an alert: whoever has not been woken yet is woken now, in the old order and distances; when all
    /// have been, the owner again.
    pub(super) fn take_up_again(&self, case: &mut Case, now: Timestamp) {
        cancel_queued(case, now, |_| true);
        let Alert { state, acknowledged_at, acknowledged_by, acknowledged_via, acknowledged_words, .. } =
            &mut case.alert;
        *state = AlertState::Open;
        let silent = acknowledged_by.take();
        (*acknowledged_at, *acknowledged_via, *acknowledged_words) = (None, None, None);
        let unused = |s: &&StepRow| {
            let rung_used = case
                .steps
                .iter()
                .any(|o| o.attempted_at.is_some() && o.step == s.step && o.contact == s.contact);
            let planned = matches!(
                s.step,
                EscalationStep::AutoDialOncall
                    | EscalationStep::SmsBackup
                    | EscalationStep::SmsOwnerUnresolved
            );
            planned && !rung_used && !case.has_passed(&s.contact) && s.outcome == StepOutcome::Cancelled
        };
        let mut rest: Vec<StepRow> = Vec::new();
        for step in case.steps.iter().rev().filter(unused) {
            if !rest.iter().any(|r| r.step == step.step && r.contact == step.contact) {
                rest.insert(0, step.clone());
            }
        }
        let others = |s: &&StepRow| Some(&s.contact) != silent.as_ref();
        let first = rest.iter().filter(others).map(|s| s.due_at).min();
        let owner_told = rest.iter().all(|s| s.step != EscalationStep::SmsOwnerUnresolved);
        for old in rest {
            let wait = first.map_or(SignedDuration::ZERO, |first| old.due_at.duration_since(first));
            let due_at = now.saturating_add(wait.max(SignedDuration::ZERO)).unwrap_or(now);
            add(case, Rung { step: old.step, contact: old.contact, means: old.means, due_at });
        }
        if owner_told {
            case.alert.state = AlertState::Unresolved;
            self.repeat(case, now);
        }
    }
}

/// Cancels queued rows.
pub(super) fn cancel_queued(case: &mut Case, now: Timestamp, which: impl Fn(&StepRow) -> bool) {
    for step in case.steps.iter_mut().filter(|s| s.outcome == StepOutcome::Queued && which(s)) {
        (step.outcome, step.ended_at) = (StepOutcome::Cancelled, Some(now));
    }
}

/// Takes back what has been handed on but has not left, as far as is known.
pub(super) fn withdraw(
    case: &mut Case,
    now: Timestamp,
    acts: &mut Vec<Act>,
    which: impl Fn(&StepRow) -> bool,
) {
    let pending = |s: &&mut StepRow| {
        matches!(s.outcome, StepOutcome::InFlight | StepOutcome::Unreachable | StepOutcome::Unsure)
    };
    for step in case.steps.iter_mut().filter(pending).filter(|s| which(s)) {
        (step.outcome, step.ended_at) = (StepOutcome::Cancelled, Some(now));
        acts.push(Act::Withdraw(step.number));
    }
}

fn add(case: &mut Case, rung: Rung) {
    let row = StepRow {
        alert_id: case.alert.id,
        number: case.next_number(),
        rung: case.next_rung(),
        step: rung.step,
        contact: rung.contact,
        means: rung.means,
        due_at: rung.due_at,
        may_repeat: false,
        outcome: StepOutcome::Queued,
        failure: None,
        attempted_at: None,
        delivered_at: None,
        acknowledged_at: None,
        ended_at: None,
    };
    case.steps.push(row);
}
