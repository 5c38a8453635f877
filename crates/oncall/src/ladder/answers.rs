//! What people answer: taken, passed on, not an emergency, done.

use domain::{AckVia, AlertState, ContactId, EscalationStep, StepOutcome, StepRow};
use jiff::Timestamp;

use super::{
    Ladder,
    rungs::{cancel_queued, withdraw},
};
use crate::case::{Act, Case, Notice};

impl Ladder<'_> {
    /// Somebody takes it. Everything that is queued is cancelled; who was paged besides is told.
    pub(super) fn taken(
        &self,
        case: &mut Case,
        by: Option<ContactId>,
        via: AckVia,
        words: Option<String>,
        now: Timestamp,
        acts: &mut Vec<Act>,
    ) {
        match case.alert.state {
            AlertState::Open | AlertState::Unresolved | AlertState::Expired => {}
            AlertState::Acknowledged => return self.taken_again(case, by, now, acts),
            AlertState::Done | AlertState::NotAnEmergency => return tell(acts, by, Notice::Closed),
        }
        let alert = &mut case.alert;
        (alert.state, alert.closed_at) = (AlertState::Acknowledged, None);
        (alert.acknowledged_at, alert.acknowledged_by) = (Some(now), by.clone());
        (alert.acknowledged_via, alert.acknowledged_words) = (Some(via), words);
        if let Some(row) = by.as_ref().and_then(|by| answered_row(case, by)) {
            (row.outcome, row.acknowledged_at, row.ended_at) = (StepOutcome::Acknowledged, Some(now), None);
        }
        stop(case, now, acts);
        if matches!(via, AckVia::Sms | AckVia::Push | AckVia::Web | AckVia::VoiceKey) {
            tell(acts, by.clone(), Notice::YouHaveIt);
        }
        tell_others(case, by.as_ref(), &Notice::TakenBy(by.clone()), acts);
        let planned =
            case.steps.iter().find(|s| s.step == EscalationStep::SmsOncall).map(|s| s.contact.clone());
        if let Some(contact) = by.or(planned) {
            self.ask_later(case, contact, now);
        }
    }

    /// A second acknowledgement: from the same person it answers the question about the call back.
    fn taken_again(&self, case: &mut Case, by: Option<ContactId>, now: Timestamp, acts: &mut Vec<Act>) {
        let has_it = case.alert.acknowledged_by.clone();
        let Some(by) = by else { return };
        if has_it.as_ref().is_some_and(|has| *has != by) {
            return tell(acts, Some(by), Notice::TakenBy(has_it));
        }
        tell(acts, Some(by.clone()), Notice::YouHaveIt);
        if self.grace_ends(case).is_some() {
            case.alert.acknowledged_at = Some(now);
            stop(case, now, acts);
            self.ask_later(case, by, now);
        }
    }

    /// Somebody hands it on: the next person is due at once.
    pub(super) fn passed_on(&self, case: &mut Case, by: &ContactId, now: Timestamp, acts: &mut Vec<Act>) {
        let had_it =
            case.alert.acknowledged_by.as_ref() == Some(by) && case.alert.state == AlertState::Acknowledged;
        if case.alert.state.is_over() {
            return tell(acts, Some(by.clone()), Notice::Closed);
        }
        if case.alert.state == AlertState::Acknowledged && !had_it {
            return tell(acts, Some(by.clone()), Notice::TakenBy(case.alert.acknowledged_by.clone()));
        }
        tell(acts, Some(by.clone()), Notice::PassedOn);
        // the same answer twice, or from somebody who has not been asked: the ladder keeps its pace
        if !case.was_paged(by) || (case.has_passed(by) && !had_it) {
            return;
        }
        if had_it {
            case.alert.acknowledged_by = None;
        }
        if let Some(row) = answered_row(case, by) {
            (row.outcome, row.ended_at) = (StepOutcome::PassedOn, Some(now));
        }
        let his = |s: &StepRow| s.contact == *by;
        let owners_turn =
            |s: &StepRow| matches!(s.step, EscalationStep::SmsOwnerUnresolved | EscalationStep::RepeatOwner);
        cancel_queued(case, now, |s| his(s) && !owners_turn(s));
        withdraw(case, now, acts, |s| his(s) && !owners_turn(s));
        if had_it {
            self.take_up_again(case, now);
        } else {
            self.hurry(case, by, now);
        }
    }

    /// Key 3. A danger to life is not closed by a key: it counts as taken, and the owner is told.
    pub(super) fn not_an_emergency(
        &self,
        case: &mut Case,
        by: &ContactId,
        now: Timestamp,
        acts: &mut Vec<Act>,
    ) {
        if case.alert.state.is_over() {
            return tell(acts, Some(by.clone()), Notice::Closed);
        }
        if case.alert.state.wants_somebody() {
            self.taken(case, Some(by.clone()), AckVia::VoiceKey, None, now, acts);
        }
        if !case.alert.issue.is_life_safety() {
            self.close(case, AlertState::NotAnEmergency, now, acts);
        }
        if self.roster.owner != *by {
            tell(acts, Some(self.roster.owner.clone()), Notice::CalledHarmlessBy(by.clone()));
        }
    }

    /// The caller has been reached, or the work is done.
    pub(super) fn done(&self, case: &mut Case, by: Option<ContactId>, now: Timestamp, acts: &mut Vec<Act>) {
        if case.alert.state.is_over() && case.alert.state != AlertState::Expired {
            return tell(acts, by, Notice::Closed);
        }
        if case.alert.acknowledged_at.is_none() {
            (case.alert.acknowledged_at, case.alert.acknowledged_by) = (Some(now), by.clone());
            tell_others(case, by.as_ref(), &Notice::TakenBy(by.clone()), acts);
        }
        self.close(case, AlertState::Done, now, acts);
        tell(acts, by, Notice::Closed);
    }

    /// Nothing more happens by itself.
    pub(super) fn close(&self, case: &mut Case, state: AlertState, now: Timestamp, acts: &mut Vec<Act>) {
        (case.alert.state, case.alert.closed_at) = (state, Some(now));
        stop(case, now, acts);
    }
}

fn stop(case: &mut Case, now: Timestamp, acts: &mut Vec<Act>) {
    cancel_queued(case, now, |_| true);
    withdraw(case, now, acts, |_| true);
}

/// The newest attempted row of this person that can have an answer.
fn answered_row<'c>(case: &'c mut Case, by: &ContactId) -> Option<&'c mut StepRow> {
    let can =
        |s: &&mut StepRow| s.contact == *by && s.attempted_at.is_some() && s.outcome != StepOutcome::Failed;
    case.steps.iter_mut().rfind(can)
}

fn tell(acts: &mut Vec<Act>, to: Option<ContactId>, notice: Notice) {
    acts.extend(to.map(|to| Act::Note { to, notice }));
}

/// Tells everybody else who was paged.
fn tell_others(case: &Case, by: Option<&ContactId>, notice: &Notice, acts: &mut Vec<Act>) {
    let mut told: Vec<&ContactId> = by.into_iter().collect();
    for step in case.steps.iter().filter(|s| s.attempted_at.is_some()) {
        if !told.contains(&&step.contact) {
            told.push(&step.contact);
            acts.push(Act::Note { to: step.contact.clone(), notice: notice.clone() });
        }
    }
}
