//! The alarm relay: powered only while the alarm is wanted, and never longer than its limit.
//!
//! The safe state is unpowered. After the limit the relay stays off until the alarm was not wanted for a moment,
//! so an alarm that nobody ends cannot ring all night.

use core::time::Duration;

/// Decides whether the relay's coil is powered.
#[derive(Debug)]
pub struct Relay {
    powered_max: Duration,
    wanted_since: Option<Duration>,
}

impl Relay {
    /// A relay that is powered for at most `powered_max` in one go.
    pub const fn new(powered_max: Duration) -> Self {
        Self { powered_max, wanted_since: None }
    }

    /// True when the coil is to be powered at `now`. `wanted` says whether the alarm should sound.
    pub fn powered(&mut self, wanted: bool, now: Duration) -> bool {
        if !wanted {
            self.wanted_since = None;
            return false;
        }
        let since = *self.wanted_since.get_or_insert(now);
        now.saturating_sub(since) < self.powered_max
    }
}

/// Hours in which the relay stays silent, because the shop has neighbours. Local time, may pass midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// First quiet minute of the day, 0 to 1439.
    pub from_min: u16,
    /// First minute that is loud again; the same as `from_min`: never quiet.
    pub to_min: u16,
}

impl QuietHours {
    /// True when the relay has to be silent at this minute of the day.
    pub const fn covers(self, minute: u16) -> bool {
        if self.from_min <= self.to_min {
            self.from_min <= minute && minute < self.to_min
        } else {
            self.from_min <= minute || minute < self.to_min
        }
    }
}
