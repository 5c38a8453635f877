//! An alert with its steps, what can happen to it, and what is to be done about it.

use std::collections::BTreeSet;

use domain::{AckVia, Alert, ContactId, Means, StepFailure, StepOutcome, StepRow};
use jiff::{SignedDuration, Timestamp};

/// An alert and all rows of its ladder, ordered by their numbers: everything that survives a power cut.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The alert.
    pub alert: Alert,
    /// Its steps; never removed, only added.
    pub steps: Vec<StepRow>,
}

/// Whom the schedule gives an alert to, when it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The technician on call.
    pub primary: ContactId,
    /// Who comes next, in order, before the owner.
    pub backups: Vec<ContactId>,
    /// The second person is paged at the same time: security, critical, or the technician has another emergency.
    pub second_at_once: bool,
}

/// What is known about the ways to people at this moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Ways that cannot work until the owner mends them: opted out, wrong number, refused.
    pub failing: BTreeSet<(ContactId, Means)>,
    /// Means whose far side cannot be reached just now. (Means that the shop does not have stand in no policy.)
    pub away: BTreeSet<Means>,
}

impl Known {
    /// Takes note of a step: a failure for good is remembered, a delivery forgets it.
    pub fn learn(&mut self, step: &StepRow) {
        let both = [Means::SmsInternet, Means::SmsModem];
        let same =
            |means| if step.failure == Some(StepFailure::OptedOut) { both.contains(&means) } else { false };
        match (step.outcome, step.failure) {
            (StepOutcome::Failed, Some(StepFailure::NoMeans)) => {}
            (StepOutcome::Failed, _) => {
                self.failing.insert((step.contact.clone(), step.means));
                let others = both.into_iter().filter(|m| same(*m));
                self.failing.extend(others.map(|means| (step.contact.clone(), means)));
            }
            (StepOutcome::Delivered | StepOutcome::Acknowledged | StepOutcome::PassedOn, _) => {
                self.failing.remove(&(step.contact.clone(), step.means));
            }
            _ => {}
        }
    }
}

/// Something that happened to an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The caller may be put through now: name and address have been asked for (decision K24).
    TransferWanted,
    /// Somebody takes the alert.
    Taken {
        /// Who; `None` for the button on the box.
        by: Option<ContactId>,
        /// How.
        via: AckVia,
        /// The words, of a reply.
        words: Option<String>,
    },
    /// Somebody hands it to the next.
    PassedOn {
        /// Who.
        by: ContactId,
    },
    /// Key 3: a known issue, or no emergency.
    NotAnEmergency {
        /// Who said so.
        by: ContactId,
    },
    /// The caller has been called back, or the work is done.
    Done {
        /// Who said so; `None`: seen by the box itself (the two were connected).
        by: Option<ContactId>,
    },
    /// News of one step.
    Step {
        /// Its number.
        number: u32,
        /// The news.
        result: StepResult,
    },
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepResult {
    /// The far side accepted it.
    Accepted,
    /// The far side says that it arrived.
    Delivered,
    /// The channel is away; the outbox goes on trying.
    Unreachable,
    /// Whether it left is not known.
    Unsure,
    /// It can never work.
    Failed(StepFailure),
    /// Rang out.
    NoAnswer,
    /// Engaged.
    Busy,
    /// A voice mail, a screener, or a person who pressed nothing.
    Unconfirmed,
    /// Transfer: the technician took the caller.
    Connected,
    /// The program that was calling is gone.
    Lost,
}

/// What the app does after it has committed the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Perform this step: text, call or transfer. Its outbox item belongs in the same transaction.
    Fire(u32),
    /// This step is pointless now: take its item from the outbox, or hang up.
    Withdraw(u32),
    /// Tell somebody on the roster something that is no page.
    Note {
        /// Whom.
        to: ContactId,
        /// What.
        notice: Notice,
    },
}

/// A message to staff that wakes nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// "You have it": name, number, address (source D:700).
    YouHaveIt,
    /// Somebody else took it. `None`: by the button.
    TakenBy(Option<ContactId>),
    /// "Passed on."
    PassedOn,
    /// Closed.
    Closed,
    /// Somebody called it a known issue or no emergency: for the owner.
    CalledHarmlessBy(ContactId),
}

impl Case {
    /// The row with this number.
    pub fn step(&self, number: u32) -> Option<&StepRow> {
        self.steps.iter().find(|s| s.number == number)
    }

    /// People to whom a step was attempted.
    pub fn was_paged(&self, contact: &ContactId) -> bool {
        self.steps.iter().any(|s| s.contact == *contact && s.attempted_at.is_some())
    }

    /// People who handed it on and have not taken it since.
    pub fn has_passed(&self, contact: &ContactId) -> bool {
        let passed = |s: &&StepRow| s.contact == *contact && s.outcome == StepOutcome::PassedOn;
        self.steps.iter().any(|s| passed(&s)) && self.alert.acknowledged_by.as_ref() != Some(contact)
    }

    /// Moves every time of the case: the clock was set by this much, the waits stay what they were.
    pub fn shift(&mut self, by: SignedDuration) {
        let move_one = |at: &mut Timestamp| *at = at.saturating_add(by).unwrap_or(*at);
        let alert = &mut self.alert;
        [&mut alert.opened_at, &mut alert.seen_at].into_iter().for_each(move_one);
        [&mut alert.acknowledged_at, &mut alert.closed_at].into_iter().flatten().for_each(move_one);
        for step in &mut self.steps {
            move_one(&mut step.due_at);
            let stamps = [
                &mut step.attempted_at,
                &mut step.delivered_at,
                &mut step.acknowledged_at,
                &mut step.ended_at,
            ];
            stamps.into_iter().flatten().for_each(move_one);
        }
    }

    pub(crate) fn step_mut(&mut self, number: u32) -> Option<&mut StepRow> {
        self.steps.iter_mut().find(|s| s.number == number)
    }

    pub(crate) fn next_number(&self) -> u32 {
        self.steps.last().map_or(0, |s| s.number + 1)
    }

    pub(crate) fn next_rung(&self) -> u32 {
        self.steps.iter().map(|s| s.rung + 1).max().unwrap_or(0)
    }
}

/// `at` plus whole seconds, at the end of time at the latest.
pub(crate) fn after(at: Timestamp, seconds: u32) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX)
}
