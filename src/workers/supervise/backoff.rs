//! How long to wait before a worker is started again.

use std::time::Duration;

/// A worker that ran so long was healthy; what killed it starts a new count.
const HEALTHY_AFTER: Duration = Duration::from_secs(60);

/// Waits after the first, second … death in a row. After the last one the worker counts as dead and is
/// only tried now and then.
const WAITS_MS: [u64; 4] = [0, 250, 1_000, 5_000];

/// Between two tries of a dead worker.
const DEAD_WAIT: Duration = Duration::from_secs(30);

/// Counts deaths in a row.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    deaths: usize,
}

/// What to do before the next start.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pause {
    pub(super) wait: Duration,
    /// Requests in the meantime fail instead of waiting.
    pub(super) dead: bool,
}

impl Backoff {
    /// A worker ended after `ran`; `usable` is false when trying again at once is pointless.
    pub(super) fn after(&mut self, ran: Duration, usable: bool) -> Pause {
        if ran >= HEALTHY_AFTER {
            self.deaths = 0;
        }
        let wait = WAITS_MS.get(self.deaths).copied().filter(|_| usable);
        self.deaths += 1;
        match wait {
            Some(ms) => Pause { wait: Duration::from_millis(ms), dead: false },
            None => Pause { wait: DEAD_WAIT, dead: true },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds that each life lasted, and the waits that follow: milliseconds, or "dead".
    fn check(lives_s: &[u64], expected: &str) {
        let mut backoff = Backoff::default();
        let waits: Vec<String> = lives_s
            .iter()
            .map(|life| backoff.after(Duration::from_secs(*life), true))
            .map(|pause| if pause.dead { "dead".into() } else { pause.wait.as_millis().to_string() })
            .collect();
        assert_eq!(waits.join(" "), expected);
    }

    #[test]
    fn first_death_is_followed_by_a_start_at_once() {
        check(&[3600], "0");
    }

    #[test]
    fn worker_that_dies_again_and_again_is_dead_after_five() {
        check(&[1, 1, 1, 1, 1, 1], "0 250 1000 5000 dead dead");
    }

    #[test]
    fn long_life_forgives() {
        check(&[1, 1, 1, 3600, 1], "0 250 1000 0 250");
    }

    #[test]
    fn unusable_worker_is_dead_at_once_but_tried_again() {
        let pause = Backoff::default().after(Duration::ZERO, false);
        assert_eq!(pause, Pause { wait: DEAD_WAIT, dead: true });
    }
}
