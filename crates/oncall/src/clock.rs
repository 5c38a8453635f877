//! What the ladder does when somebody sets the clock.
//!
//! Due times are UTC on disk, so time zones and daylight saving do not touch them. A clock that is set is another
//! matter: a box without a battery clock wakes in the past and jumps when the network comes; an owner sets the
//! wrong day. The wait is what counts, not the date. So:
//!
//! - **While the program runs** `ClockWatch` compares the wall clock with one that nobody can set. A jump of half a
//!   second or more is told, and every open case is shifted by it (`Case::shift`), in one commit.
//! - **After a restart** only the rows are left. A clock behind the newest row was set back: the case is shifted
//!   so that the wait goes on from there (`Ladder::next` does that by itself). A clock ahead cannot be told from an
//!   outage, so the time counts as waited, and what is overdue fires at once: the safe side.

use jiff::{SignedDuration, Timestamp};

/// Smaller differences are the clock's own drift and its gentle corrections.
const JUMP_MS_MIN: i128 = 500;

/// Watches the wall clock for jumps.
#[derive(Debug, Clone)]
pub struct ClockWatch {
    wall: Timestamp,
    monotonic_ms: u64,
}

impl ClockWatch {
    /// From a pair of readings: wall clock, and milliseconds of a clock that only counts up.
    pub fn new(wall: Timestamp, monotonic_ms: u64) -> Self {
        Self { wall, monotonic_ms }
    }

    /// Looks at both clocks again, usually every second. `Some` when the wall clock was set, and by how much;
    /// from then on the new time is the right one.
    pub fn look(&mut self, wall: Timestamp, monotonic_ms: u64) -> Option<SignedDuration> {
        let passed_ms = i64::try_from(monotonic_ms.saturating_sub(self.monotonic_ms)).unwrap_or(i64::MAX);
        let expected = self.wall.saturating_add(SignedDuration::from_millis(passed_ms)).unwrap_or(self.wall);
        let jump = wall.duration_since(expected);
        if jump.as_millis().abs() < JUMP_MS_MIN {
            return None;
        }
        *self = Self { wall, monotonic_ms };
        Some(jump)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn clock_set_back_a_day_is_a_jump_and_then_the_new_time_holds() {
        let mut watch = ClockWatch::new(at("2026-02-13T03:00:00Z"), 1000);
        assert_eq!(watch.look(at("2026-02-13T03:00:10Z"), 11_000), None);
        assert_eq!(watch.look(at("2026-02-12T03:00:11Z"), 12_000), Some(SignedDuration::from_hours(-24)));
        assert_eq!(watch.look(at("2026-02-12T03:00:12Z"), 13_000), None);
    }

    #[test]
    fn gentle_correction_is_no_jump_until_it_adds_up() {
        let mut watch = ClockWatch::new(at("2026-02-13T03:00:00Z"), 0);
        assert_eq!(watch.look(at("2026-02-13T03:00:10.4Z"), 10_000), None);
        assert!(watch.look(at("2026-02-13T03:00:20.6Z"), 20_000).is_some());
    }
}
