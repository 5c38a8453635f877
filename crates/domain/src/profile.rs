//! One business as callers know it: the facts that sentences and decisions need.

use serde::{Deserialize, Serialize};

use crate::{BusinessHours, Service};

/// Which rules lead: a contractor's or an IT service provider's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trade {
    /// Plumbing, HVAC, electrical.
    #[default]
    Trades,
    /// Managed IT services.
    Msp,
}

/// When the caller learns that the line is automated (decision K17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disclosure {
    /// Honestly, when asked.
    #[default]
    Asked,
    /// In the greeting.
    Greeting,
}

/// What happens with a caller who speaks Spanish (decision K12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpanishMode {
    /// Apology, promised call-back, note on the card.
    #[default]
    Callback,
    /// The whole conversation in Spanish.
    Speak,
}

/// One business.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Short stable name, such as `metro-plumbing`.
    pub id: String,
    /// "Metro Plumbing".
    pub business_name: String,
    /// "Dave".
    pub owner_name: String,
    /// The agent's name; default "Alex".
    pub agent_name: String,
    /// Which rules lead.
    pub trade: Trade,
    /// Services offered.
    pub services: Vec<Service>,
    /// "Mike", or `None` for "our on-call technician".
    pub oncall_name: Option<String>,
    /// IANA zone, such as `America/Chicago`; checked when the configuration is read.
    pub time_zone: String,
    /// When the office is staffed.
    pub hours: BusinessHours,
    /// Answer at all hours.
    pub always_active: bool,
    /// The owner's own sentence for price questions; no price is spoken without it (decision K19).
    pub pricing_answer: Option<String>,
    /// When the caller learns that the line is automated.
    pub disclosure: Disclosure,
    /// Spanish callers.
    pub spanish: SpanishMode,
    /// Whether calls are recorded (decision K18).
    pub record: bool,
    /// Whether the greeting says so.
    pub recording_notice: bool,
    /// Longest call before wrap-up and end, in seconds; default 300 (source D:367).
    pub max_call_s: u32,
}
