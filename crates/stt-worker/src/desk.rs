//! Where requests wait for whisper: shared by the reader thread, which puts them down, and the whisper
//! thread, which takes them.
//!
//! A more urgent request interrupts the running one. What was interrupted waits again, unless it was a
//! partial of the call whose finished turn now comes: that one is superseded.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use worker_wire::{Failed, Job, JobQueue, Priority, Transcribe, TurnedAway, Why};

use crate::recogniser::{Brake, Pulled};

/// More waiting requests than this cannot be answered in time anyway.
const WAITING_MAX: usize = 16;

/// A request with its sound.
#[derive(Debug)]
pub(crate) struct Work {
    /// As asked.
    pub(crate) request: Transcribe,
    /// 16 kHz mono.
    pub(crate) samples: Vec<i16>,
    /// When it came.
    pub(crate) received: Instant,
}

impl Work {
    fn deadline(&self) -> Instant {
        self.received + Duration::from_millis(self.request.deadline_ms.into())
    }
}

/// The desk.
pub(crate) struct Desk {
    inside: Mutex<Inside>,
    changed: Condvar,
}

struct Inside {
    waiting: JobQueue<Work>,
    running: Option<Running>,
    closed: bool,
}

struct Running {
    id: u64,
    priority: Priority,
    brake: Arc<Brake>,
}

/// A request in the hands of the whisper thread.
pub(crate) struct Taken {
    pub(crate) job: Job<Work>,
    pub(crate) brake: Arc<Brake>,
}

impl Desk {
    /// An empty desk.
    pub(crate) fn new() -> Self {
        let inside = Inside { waiting: JobQueue::new(WAITING_MAX), running: None, closed: false };
        Self { inside: Mutex::new(inside), changed: Condvar::new() }
    }

    /// Puts a request down; returns the answer to the one that had to go for it.
    pub(crate) fn put(&self, work: Work) -> Option<Failed> {
        let mut inside = self.lock();
        let Transcribe { id, priority, group, .. } = work.request;
        if let Some(running) = inside.running.as_ref().filter(|running| running.priority < priority) {
            running.brake.pull(Pulled::Interrupted);
        }
        let gone = inside.waiting.push(Job { id, priority, group, work });
        self.changed.notify_one();
        gone.map(|gone| match gone {
            TurnedAway::Superseded(job) => superseded(job.id),
            TurnedAway::Overflow(job) => {
                failed(job.id, Why::Busy, format!("more than {WAITING_MAX} requests are waiting"))
            }
        })
    }

    /// Nobody waits for this request any more. Returns its answer unless it is running; then the whisper
    /// thread answers.
    pub(crate) fn cancel(&self, id: u64) -> Option<Failed> {
        let mut inside = self.lock();
        if let Some(running) = inside.running.as_ref().filter(|running| running.id == id) {
            running.brake.pull(Pulled::Cancelled);
            return None;
        }
        inside.waiting.remove(id).map(|job| cancelled(job.id))
    }

    /// Waits for the next request; `None` when the desk is closed.
    pub(crate) fn take(&self) -> Option<Taken> {
        let mut inside = self.lock();
        loop {
            if inside.closed {
                return None;
            }
            if let Some(job) = inside.waiting.pop() {
                let brake = Arc::new(Brake::new(job.work.deadline()));
                inside.running =
                    Some(Running { id: job.id, priority: job.priority, brake: Arc::clone(&brake) });
                return Some(Taken { job, brake });
            }
            inside = self.changed.wait(inside).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The taken request was answered.
    pub(crate) fn finish(&self) {
        self.lock().running = None;
    }

    /// The taken request was stopped; returns its answer, or puts it back if it was only interrupted.
    pub(crate) fn stopped(&self, taken: Taken) -> Option<Failed> {
        let mut inside = self.lock();
        inside.running = None;
        let Taken { job, brake } = taken;
        match brake.pulled() {
            Pulled::Cancelled => Some(cancelled(job.id)),
            Pulled::Interrupted if inside.overtaken(&job) => Some(superseded(job.id)),
            Pulled::Interrupted => {
                inside.waiting.put_back(job);
                None
            }
            Pulled::No => Some(too_late(&job)),
        }
    }

    /// How far the running request is past its deadline, in milliseconds.
    pub(crate) fn overdue_ms(&self) -> u32 {
        let inside = self.lock();
        let over = |running: &Running| Instant::now().saturating_duration_since(running.brake.deadline());
        inside
            .running
            .as_ref()
            .map(over)
            .map_or(0, |over| u32::try_from(over.as_millis()).unwrap_or(u32::MAX))
    }

    /// No more requests; stops the running one.
    pub(crate) fn close(&self) {
        let mut inside = self.lock();
        inside.closed = true;
        if let Some(running) = &inside.running {
            running.brake.pull(Pulled::Cancelled);
        }
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // every change under this lock is complete at each step, so a poisoned one is still right
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn overtaken(&self, job: &Job<Work>) -> bool {
        job.priority == Priority::Partial
            && job.group.is_some()
            && self.waiting.any(|other| other.group == job.group && other.priority >= Priority::Partial)
    }
}

pub(crate) fn failed(id: u64, why: Why, detail: impl Into<String>) -> Failed {
    Failed { id: Some(id), why, detail: detail.into() }
}

fn cancelled(id: u64) -> Failed {
    failed(id, Why::Cancelled, "cancelled")
}

fn superseded(id: u64) -> Failed {
    failed(id, Why::Superseded, "a newer piece of the same call came")
}

fn too_late(job: &Job<Work>) -> Failed {
    let detail = format!("not finished within {} ms", job.work.request.deadline_ms);
    failed(job.id, Why::TooLate, detail)
}

#[cfg(test)]
mod tests;
