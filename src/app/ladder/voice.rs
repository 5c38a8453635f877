//! Where a voice page is made: the seam to the part that rings telephones.

use std::time::Duration;

use async_trait::async_trait;
use domain::{Alert, Contact};
use oncall::{Dialable, Event, StepResult};

/// A spoken page that is to be made now.
#[derive(Debug, Clone)]
pub(crate) struct VoicePage {
    /// What it is about.
    pub(crate) alert: Alert,
    /// "Metro Plumbing".
    pub(crate) business: String,
    /// Whom.
    pub(crate) contact: Contact,
    /// The number of the roster.
    pub(crate) to: Dialable,
    /// How long it rings.
    pub(crate) ring: Duration,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum VoiceOutcome {
    /// Key 1.
    Accepted,
    /// Key 2.
    PassedOn,
    /// Key 3.
    NotEmergency,
    /// Rang out.
    NoAnswer,
    /// Engaged.
    Busy,
    /// Answered, and no key: a voice mail, a screener, somebody asleep.
    Unconfirmed,
    /// It could not be called at all, in words for the owner.
    Failed(String),
}

/// Rings telephones of the roster and plays the page.
#[async_trait]
pub(crate) trait VoicePages: std::fmt::Debug + Send + Sync {
    /// Whether there is a line to call out by.
    fn has_line(&self) -> bool;
    /// One voice page, to its end.
    async fn call(&self, page: VoicePage) -> VoiceOutcome;
}

/// No line to call out by: the ladder goes on by the next means.
#[derive(Debug)]
pub(crate) struct NoLine;

#[async_trait]
impl VoicePages for NoLine {
    fn has_line(&self) -> bool {
        false
    }

    async fn call(&self, _page: VoicePage) -> VoiceOutcome {
        VoiceOutcome::Failed("no line".to_string())
    }
}

impl VoiceOutcome {
    /// What it means for the ladder.
    pub(super) fn event(&self, page: &VoicePage, number: u32) -> Event {
        let by = page.contact.id.clone();
        let step = |result| Event::Step { number, result };
        match self {
            Self::Accepted => Event::Taken { by: Some(by), via: domain::AckVia::VoiceKey, words: None },
            Self::PassedOn => Event::PassedOn { by },
            Self::NotEmergency => Event::NotAnEmergency { by },
            Self::NoAnswer => step(StepResult::NoAnswer),
            Self::Busy => step(StepResult::Busy),
            Self::Unconfirmed => step(StepResult::Unconfirmed),
            Self::Failed(_) => step(StepResult::Unreachable),
        }
    }

    /// As the history of calls shows it.
    pub(super) fn slug(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::PassedOn => "passed_on",
            Self::NotEmergency => "not_an_emergency",
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::Unconfirmed => "unconfirmed",
            Self::Failed(_) => "failed",
        }
    }
}
