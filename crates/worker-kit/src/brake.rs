//! Stops a running job.

use std::{
    sync::atomic::{AtomicU8, Ordering},
    time::Instant,
};

/// What an engine looks at while it computes.
#[derive(Debug)]
pub struct Brake {
    pulled: AtomicU8,
    deadline: Instant,
}

/// Who pulled the brake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulled {
    /// Nobody; if the job stopped, the deadline passed.
    No,
    /// A more urgent request came.
    Interrupted,
    /// The daemon cancelled the request.
    Cancelled,
}

impl Brake {
    /// A brake that pulls itself at `deadline`.
    pub fn new(deadline: Instant) -> Self {
        Self { pulled: AtomicU8::new(0), deadline }
    }

    /// When it pulls itself.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Pulls it; cancellation wins over interruption.
    pub fn pull(&self, by: Pulled) {
        let code = match by {
            Pulled::No => 0,
            Pulled::Interrupted => 1,
            Pulled::Cancelled => 2,
        };
        self.pulled.fetch_max(code, Ordering::Relaxed);
    }

    /// Who pulled it.
    pub fn pulled(&self) -> Pulled {
        match self.pulled.load(Ordering::Relaxed) {
            0 => Pulled::No,
            1 => Pulled::Interrupted,
            _ => Pulled::Cancelled,
        }
    }

    /// True when the job has to stop.
    pub fn holds(&self) -> bool {
        self.pulled() != Pulled::No || Instant::now() >= self.deadline
    }
}
