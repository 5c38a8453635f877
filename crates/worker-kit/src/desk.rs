//! Where requests wait: shared by the reader thread, which puts them down, and the engine threads, which
//! take them.
//!
//! With one engine a more urgent request interrupts the running one. What was interrupted waits again,
//! unless it was a partial of the call whose newer piece now comes: that one is superseded.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use worker_wire::{Failed, Job, JobQueue, Priority, TurnedAway, Why};

use crate::{Brake, Pulled};

/// What the desk has to know of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Its number.
    pub id: u64,
    /// Urgency.
    pub priority: Priority,
    /// The call it belongs to.
    pub group: Option<u64>,
    /// Milliseconds from receipt until the answer is worthless.
    pub deadline_ms: u32,
}

/// How many engines take from the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engines {
    /// One: it is interrupted for something more urgent.
    One,
    /// Several: the next that is free takes what is most urgent.
    Several,
}

/// The desk. `W` is what the request asks for.
pub struct Desk<W> {
    inside: Mutex<Inside<W>>,
    changed: Condvar,
    waiting_max: usize,
    engines: Engines,
}

struct Inside<W> {
    waiting: JobQueue<Waiting<W>>,
    running: Vec<Running>,
    closed: bool,
}

struct Waiting<W> {
    request: Request,
    work: W,
    received: Instant,
}

struct Running {
    id: u64,
    priority: Priority,
    brake: Arc<Brake>,
}

/// A request in the hands of an engine thread. Ends in [`Desk::finish`] or [`Desk::stopped`].
pub struct Taken<W> {
    /// As asked.
    pub request: Request,
    /// What to do.
    pub work: W,
    /// When it came.
    pub received: Instant,
    /// When to stop.
    pub brake: Arc<Brake>,
}

impl<W> Desk<W> {
    /// An empty desk for at most `waiting_max` requests.
    pub fn new(waiting_max: usize, engines: Engines) -> Self {
        let inside = Inside { waiting: JobQueue::new(waiting_max), running: Vec::new(), closed: false };
        Self { inside: Mutex::new(inside), changed: Condvar::new(), waiting_max, engines }
    }

    /// Puts a request down; returns the answer to the one that had to go for it.
    pub fn put(&self, request: Request, work: W) -> Option<Failed> {
        let mut inside = self.lock();
        let Request { id, priority, group, .. } = request;
        if self.engines == Engines::One {
            for running in inside.running.iter().filter(|running| running.priority < priority) {
                running.brake.pull(Pulled::Interrupted);
            }
        }
        let work = Waiting { request, work, received: Instant::now() };
        let gone = inside.waiting.push(Job { id, priority, group, work });
        self.changed.notify_one();
        gone.map(|gone| match gone {
            TurnedAway::Superseded(job) => superseded(job.id),
            TurnedAway::Overflow(job) => {
                failed(job.id, Why::Busy, format!("more than {} requests are waiting", self.waiting_max))
            }
        })
    }

    /// Nobody waits for this request any more. Returns its answer unless it is running; then the engine
    /// thread answers.
    pub fn cancel(&self, id: u64) -> Option<Failed> {
        let mut inside = self.lock();
        if let Some(running) = inside.running.iter().find(|running| running.id == id) {
            running.brake.pull(Pulled::Cancelled);
            return None;
        }
        inside.waiting.remove(id).map(|job| cancelled(job.id))
    }

    /// Waits for the next request; `None` when the desk is closed.
    pub fn take(&self) -> Option<Taken<W>> {
        let mut inside = self.lock();
        loop {
            if inside.closed {
                return None;
            }
            if let Some(job) = inside.waiting.pop() {
                let Waiting { request, work, received } = job.work;
                let deadline = received + Duration::from_millis(request.deadline_ms.into());
                let brake = Arc::new(Brake::new(deadline));
                let (id, priority) = (request.id, request.priority);
                inside.running.push(Running { id, priority, brake: Arc::clone(&brake) });
                return Some(Taken { request, work, received, brake });
            }
            inside = self.changed.wait(inside).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The taken request was answered.
    pub fn finish(&self, id: u64) {
        self.lock().running.retain(|running| running.id != id);
    }

    /// The taken request was stopped; returns its answer, or puts it back if it was only interrupted.
    pub fn stopped(&self, taken: Taken<W>) -> Option<Failed> {
        let mut inside = self.lock();
        let Taken { request, work, received, brake } = taken;
        let Request { id, priority, group, deadline_ms } = request;
        inside.running.retain(|running| running.id != id);
        match brake.pulled() {
            Pulled::Cancelled => Some(cancelled(id)),
            Pulled::Interrupted if inside.overtaken(&request) => Some(superseded(id)),
            Pulled::Interrupted => {
                let work = Waiting { request, work, received };
                inside.waiting.put_back(Job { id, priority, group, work });
                None
            }
            Pulled::No => Some(failed(id, Why::TooLate, format!("not finished within {deadline_ms} ms"))),
        }
    }

    /// How far the latest running request is past its deadline, in milliseconds.
    pub fn overdue_ms(&self) -> u32 {
        let now = Instant::now();
        let over = |running: &Running| now.saturating_duration_since(running.brake.deadline()).as_millis();
        let most = self.lock().running.iter().map(over).max().unwrap_or(0);
        u32::try_from(most).unwrap_or(u32::MAX)
    }

    /// No more requests; stops the running ones.
    pub fn close(&self) {
        let mut inside = self.lock();
        inside.closed = true;
        for running in &inside.running {
            running.brake.pull(Pulled::Cancelled);
        }
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Inside<W>> {
        // every change under this lock is complete at each step, so a poisoned one is still right
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W> Inside<W> {
    fn overtaken(&self, request: &Request) -> bool {
        request.priority == Priority::Partial
            && request.group.is_some()
            && self.waiting.any(|other| other.group == request.group && other.priority >= Priority::Partial)
    }
}

/// The other answer to a request.
pub fn failed(id: u64, why: Why, detail: impl Into<String>) -> Failed {
    Failed { id: Some(id), why, detail: detail.into() }
}

fn cancelled(id: u64) -> Failed {
    failed(id, Why::Cancelled, "cancelled")
}

fn superseded(id: u64) -> Failed {
    failed(id, Why::Superseded, "a newer piece of the same call came")
}

#[cfg(test)]
mod tests;
