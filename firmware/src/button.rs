//! The button: contact bounce out, presses by length in.
//!
//! A press counts when the button is let go, so that a long press does not begin as a short one.

use core::time::Duration;

/// A contact that changes back within this time never changed.
const SETTLE: Duration = Duration::from_millis(30);
const LONG: Duration = Duration::from_secs(2);
const VERY_LONG: Duration = Duration::from_secs(10);
/// Nobody holds a button this long; something lies on it.
const STUCK: Duration = Duration::from_secs(30);

/// What somebody did with the button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// Under two seconds: acknowledge the alarm.
    Short,
    /// Two to ten seconds: run the test.
    Long,
    /// Ten to thirty seconds: reset the network settings.
    VeryLong,
}

/// Turns samples of the contact into presses.
#[derive(Debug, Default)]
pub struct Button {
    raw: bool,
    raw_since: Duration,
    held_since: Option<Duration>,
}

impl Button {
    /// Takes the contact's state at `now`; call it at least every 10 ms.
    pub fn sample(&mut self, closed: bool, now: Duration) -> Option<Press> {
        if closed != self.raw {
            self.raw = closed;
            self.raw_since = now;
        }
        if now.saturating_sub(self.raw_since) < SETTLE {
            return None;
        }
        if closed {
            self.held_since.get_or_insert(self.raw_since);
            return None;
        }
        press(self.raw_since.saturating_sub(self.held_since.take()?))
    }
}

fn press(held: Duration) -> Option<Press> {
    if held < LONG {
        Some(Press::Short)
    } else if held < VERY_LONG {
        Some(Press::Long)
    } else if held < STUCK {
        Some(Press::VeryLong)
    } else {
        None
    }
}
