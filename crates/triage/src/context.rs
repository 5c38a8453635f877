//! What triage knows besides the words.

use domain::{Category, Language, Tone, Trade};
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
    /// The recogniser's view of the language, if it has one.
    pub language: Option<Language>,
    /// What is known about the caller's company (MSP).
    pub company: CompanyHistory,
    /// Where the number comes from; weak evidence only.
    pub origin: Origin,
    /// How the other side behaved on the line; weak evidence only.
    pub robot: RobotSigns,
}

/// The last 90 days of a company (source A:69-70).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CompanyHistory {
    /// Its P1 tickets.
    pub p1s: u32,
    /// What they were about, as far as known.
    pub p1_categories: Vec<Category>,
}

/// Where a call comes from. None of this decides alone: an emergency word outranks a blocked number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// The carrier's word on the number.
    pub attestation: Attestation,
    /// On the owner's list of numbers that are never spam; known customers too.
    pub allowed: bool,
    /// On the owner's list of unwanted numbers.
    pub blocked: bool,
}

/// A STIR/SHAKEN verdict (RFC 8588, ATIS-1000074).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Attestation {
    /// None came, which is usual.
    #[default]
    Unknown,
    /// A: the carrier knows the customer and the number.
    Full,
    /// B: the carrier knows the customer.
    Partial,
    /// C: the call came from elsewhere.
    Gateway,
    /// The signature was checked and is wrong.
    Failed,
}

/// What recordings do and people rarely do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RobotSigns {
    /// Talked on while we spoke, to the end of our sentence.
    pub talked_over_us: bool,
    /// Gave no answer to a question of ours.
    pub no_answer: bool,
    /// A beep as of an answering machine or a dialler.
    pub beep: bool,
}

impl RobotSigns {
    /// How many of the signs were there.
    pub(crate) fn count(self) -> usize {
        usize::from(self.talked_over_us) + usize::from(self.no_answer) + usize::from(self.beep)
    }
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
            language: None,
            company: CompanyHistory::default(),
            origin: Origin::default(),
            robot: RobotSigns::default(),
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
