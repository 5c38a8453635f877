//! Planned work: what is down on purpose wakes nobody (source C:14).

use domain::Service;
use jiff::Timestamp;

use super::Need;

/// A time of planned work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maintenance {
    /// From here on.
    pub from: Timestamp,
    /// Until here, exclusive.
    pub to: Timestamp,
    /// The trades it is about; empty: all.
    pub services: Vec<Service>,
    /// "Mail server is being moved."
    pub about: String,
}

/// The window because of which nobody is to be woken. Danger to life, security and critical matters always wake
/// somebody (decision K23).
pub fn suppressed_by<'w>(windows: &'w [Maintenance], need: &Need, at: Timestamp) -> Option<&'w Maintenance> {
    if need.life_safety || need.security || need.critical {
        return None;
    }
    let fits = |w: &&Maintenance| w.services.is_empty() || w.services.contains(&need.service);
    windows.iter().filter(|w| w.from <= at && at < w.to).find(fits)
}
