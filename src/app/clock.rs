//! Wall time for the shell. A night can be staged: the demo and the bench set the hour, time then runs on from there.

use std::{
    sync::{Arc, RwLock},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};

/// The shop's clock: the system's, or a staged one that runs at normal speed from a given moment.
#[derive(Debug, Clone)]
pub(crate) struct WallClock(Arc<RwLock<Stage>>);

#[derive(Debug, Clone, Copy)]
struct Stage {
    /// Set to this moment then; `None`: the system's time.
    set: Option<(Timestamp, Instant)>,
    began: Instant,
    /// Time that tests let pass without waiting for it.
    skipped: Duration,
}

impl Default for WallClock {
    fn default() -> Self {
        let stage = Stage { set: None, began: Instant::now(), skipped: Duration::ZERO };
        Self(Arc::new(RwLock::new(stage)))
    }
}

impl WallClock {
    /// From now on it is `start`: the clock was set.
    pub(crate) fn stage(&self, start: Timestamp) {
        self.change(|stage| stage.set = Some((start, Instant::now())));
    }

    /// Back to the system's time.
    pub(crate) fn run_free(&self) {
        self.change(|stage| stage.set = None);
    }

    /// Lets time pass at once: also on the clock that nobody can set.
    #[cfg(test)]
    pub(crate) fn pass(&self, time: Duration) {
        let now = self.now();
        let later = now + SignedDuration::try_from(time).unwrap_or(SignedDuration::ZERO);
        self.change(|stage| {
            stage.skipped += time;
            stage.set = Some((later, Instant::now()));
        });
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.read().set.map_or_else(Timestamp::now, |(start, since)| {
            start + SignedDuration::try_from(since.elapsed()).unwrap_or(SignedDuration::ZERO)
        })
    }

    /// Milliseconds of a clock that only counts up, whatever somebody sets.
    pub(crate) fn counted_ms(&self) -> u64 {
        let stage = self.read();
        u64::try_from((stage.began.elapsed() + stage.skipped).as_millis()).unwrap_or(u64::MAX)
    }

    fn read(&self) -> Stage {
        *self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Stage)) {
        change(&mut self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
}
