//! How long to wait before the next try: longer each time, never the same for all, with an end. Pure.

use jiff::{SignedDuration, Timestamp};

/// Tries of one kind of item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Backoff {
    /// After the first failure, milliseconds.
    pub(crate) first_ms: u64,
    /// Never longer, milliseconds.
    pub(crate) longest_ms: u64,
}

/// Pages: somebody waits for help.
pub(crate) const PAGES: Backoff = Backoff { first_ms: 2_000, longest_ms: 30_000 };
/// Everything else: patient, so that a service that comes back is not run over.
pub(crate) const PATIENT: Backoff = Backoff { first_ms: 5_000, longest_ms: 15 * 60_000 };

impl Backoff {
    /// When to try again after so many failures in a row (1 …). `random` is any number: it takes up to a quarter
    /// away, so that boxes which lost the same service do not come back together. The far side's own wish counts
    /// if it is later, up to an hour.
    pub(crate) fn next_at(
        self,
        failures: u32,
        random: u64,
        wish: Option<std::time::Duration>,
        now: Timestamp,
    ) -> Timestamp {
        let doubled = self.first_ms.saturating_mul(1 << failures.saturating_sub(1).min(20));
        let whole = doubled.min(self.longest_ms);
        let wait_ms = whole - random % (whole / 4 + 1);
        let wish_ms = wish.map_or(0, |w| u64::try_from(w.as_millis()).unwrap_or(u64::MAX)).min(3_600_000);
        let wait = SignedDuration::from_millis(i64::try_from(wait_ms.max(wish_ms)).unwrap_or(i64::MAX));
        now.saturating_add(wait).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wait_ms(backoff: Backoff, failures: u32, random: u64, wish_s: Option<u64>) -> i128 {
        let wish = wish_s.map(std::time::Duration::from_secs);
        let next = backoff.next_at(failures, random, wish, Timestamp::UNIX_EPOCH);
        next.duration_since(Timestamp::UNIX_EPOCH).as_millis()
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits: Vec<_> = (1..=6).map(|n| wait_ms(PAGES, n, 0, None)).collect();
        assert_eq!(waits, [2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    }

    #[test]
    fn far_side_may_ask_for_more_time_but_not_for_a_day() {
        assert_eq!(wait_ms(PAGES, 1, 0, Some(60)), 60_000);
        assert_eq!(wait_ms(PAGES, 1, 0, Some(86_400)), 3_600_000);
    }

    proptest! {
        #[test]
        fn wait_is_between_three_quarters_and_the_whole(failures in 0u32..1000, random: u64) {
            let whole = wait_ms(PATIENT, failures, 0, None);
            let wait = wait_ms(PATIENT, failures, random, None);
            prop_assert!(wait * 4 >= whole * 3 && wait <= whole && wait > 0);
        }
    }
}
