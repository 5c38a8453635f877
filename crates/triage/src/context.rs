//! What triage knows besides the words.

use domain::{Tone, Trade};
use jiff::civil::DateTime;

/// Circumstances of a call at the moment of a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// The shop's wall time.
    pub local: DateTime,
    /// Whose rules lead.
    pub trade: Trade,
    /// How the caller sounds now.
    pub tone: Tone,
    /// The same number called within the last four hours (source D:139).
    pub repeat_caller: bool,
    /// The clarifying question (SAY-04) has been asked.
    pub clarifying_asked: bool,
    /// The office is staffed now.
    pub office_open: bool,
    /// False while the caller is still talking: only certain evidence may decide.
    pub finished: bool,
}

impl Context {
    /// A finished turn of a neutral first-time caller while the office is closed.
    pub fn at(local: DateTime, trade: Trade) -> Self {
        Self {
            local,
            trade,
            tone: Tone::Neutral,
            repeat_caller: false,
            clarifying_asked: false,
            office_open: false,
            finished: true,
        }
    }

    /// 22:00 to 4:59: whoever calls then rarely asks about a tune-up (source D:121).
    pub(crate) fn is_night(&self) -> bool {
        !(5..22).contains(&self.local.hour())
    }

    /// November to March: "no heat" means a cold house without the caller saying so.
    pub(crate) fn is_heating_season(&self) -> bool {
        !(4..=10).contains(&self.local.month())
    }
}
