//! The lead card: everything needed to act on a call without listening to it (source D:712-733).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CallId, Classification, Issue, LeadId, PhoneNumber, Priority, Safety, Service, Tone};

/// What has become of the promised call-back (source D:929-936).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackStatus {
    /// Nobody has called back yet.
    #[default]
    NotCalled,
    /// Called, appointment made.
    CalledBooked,
    /// Called, nobody picked up.
    CalledNoAnswer,
    /// Called, no interest.
    CalledNotInterested,
    /// Done.
    Resolved,
    /// None was promised.
    NoCallbackNeeded,
}

/// What the on-call person did (source D:937-943).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OncallOutcome {
    /// Somebody took it.
    Acknowledged,
    /// Somebody is on the way.
    Dispatched,
    /// Nobody answered.
    NotReached,
    /// Passed up the ladder.
    Escalated,
    /// Nobody needed to be woken.
    #[default]
    NotApplicable,
}

/// Proof that a safety instruction reached the caller (decision K20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SafetyGiven {
    /// Which one.
    pub safety: Safety,
    /// When it ended or was cut.
    pub at: Timestamp,
    /// True when it was played to its end.
    pub complete: bool,
}

/// One call, ready to act on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeadCard {
    /// Identity.
    pub id: LeadId,
    /// The call it came from.
    pub call_id: CallId,
    /// The business that was called.
    pub profile_id: String,
    /// Number to call back: confirmed, else caller ID.
    pub caller_phone: Option<PhoneNumber>,
    /// True when the caller confirmed or entered the number.
    pub phone_confirmed: bool,
    /// "Unknown" when not given.
    pub caller_name: String,
    /// `None`: not provided.
    pub address: Option<String>,
    /// Start of the call.
    pub called_at: Timestamp,
    /// Class.
    pub classification: Classification,
    /// Ticket priority.
    pub priority: Priority,
    /// One or two sentences.
    pub issue_summary: String,
    /// The caller's own words about the problem.
    pub issue_detail: String,
    /// Trade.
    pub service: Service,
    /// What it is about.
    pub issue: Issue,
    /// Same-day wish that is not an emergency.
    pub same_day: bool,
    /// "EMERGENCY: gas smell + family with children + after hours".
    pub reasoning: String,
    /// Instructions that were spoken.
    pub safety_given: Vec<SafetyGiven>,
    /// How the caller sounded at worst.
    pub tone: Tone,
    /// Seconds.
    pub duration_s: u32,
    /// Booking made in the call (calendar, later).
    pub appointment_at: Option<Timestamp>,
    /// What the on-call person did.
    pub oncall_outcome: OncallOutcome,
    /// Call-back state.
    pub callback_status: CallbackStatus,
    /// Remarks for the dispatcher: "Address not provided", "Caller spoke Spanish", "call cut".
    pub notes: Vec<String>,
    /// Path of the recording below the data folder.
    pub recording: Option<String>,
}
