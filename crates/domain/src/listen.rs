//! How long to wait for a caller to go on, by what was asked.

use serde::{Deserialize, Serialize};

/// The kind of answer that we listen for; it sets how much silence ends the turn.
/// Media turns it into milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpointing {
    /// Yes, no, "this one's fine": short.
    YesNo,
    /// A name: short, but longer than yes or no.
    Name,
    /// A free description ("how can I help?"): medium.
    Open,
    /// An address: long, people pause between number and street.
    Address,
    /// Digits: long, people pause between groups.
    Digits,
}
