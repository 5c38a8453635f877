//! Wall time for the shell. A night can be staged: the demo and the bench set the hour, time then runs on from there.

use std::{
    sync::{Arc, RwLock},
    time::Instant,
};

use jiff::{SignedDuration, Timestamp};

/// The shop's clock: the system's, or a staged one that runs at normal speed from a given moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct WallClock(Arc<RwLock<Option<Stage>>>);

#[derive(Debug, Clone, Copy)]
struct Stage {
    start: Timestamp,
    since: Instant,
}

impl WallClock {
    /// From now on it is `start`.
    pub(crate) fn stage(&self, start: Timestamp) {
        let stage = Stage { start, since: Instant::now() };
        *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(stage);
    }

    /// Back to the system's time.
    pub(crate) fn run_free(&self) {
        *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        let stage = *self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        stage.map_or_else(Timestamp::now, |s| {
            s.start + SignedDuration::try_from(s.since.elapsed()).unwrap_or(SignedDuration::ZERO)
        })
    }
}
