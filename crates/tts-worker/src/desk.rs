//! Where sentences wait for a render thread; live ones first.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use worker_wire::{Failed, Job, JobQueue, Speak, TurnedAway, Why};

use crate::render::Brake;

/// More waiting sentences than this are not rendered in time anyway.
const WAITING_MAX: usize = 32;

/// The desk.
pub(crate) struct Desk {
    inside: Mutex<Inside>,
    changed: Condvar,
}

struct Inside {
    waiting: JobQueue<(Speak, Arc<Brake>)>,
    running: Vec<(u64, Arc<Brake>)>,
    closed: bool,
}

impl Desk {
    /// An empty desk.
    pub(crate) fn new() -> Self {
        let inside = Inside { waiting: JobQueue::new(WAITING_MAX), running: Vec::new(), closed: false };
        Self { inside: Mutex::new(inside), changed: Condvar::new() }
    }

    /// Puts a sentence down; returns the answer to one that had to go for it.
    pub(crate) fn put(&self, speak: Speak) -> Option<Failed> {
        let brake = Brake::until(Instant::now() + Duration::from_millis(speak.deadline_ms.into()));
        let job = Job { id: speak.id, priority: speak.priority, group: None, work: (speak, Arc::new(brake)) };
        let gone = self.lock().waiting.push(job);
        self.changed.notify_one();
        gone.map(|(TurnedAway::Overflow(job) | TurnedAway::Superseded(job))| {
            failed(job.id, Why::Busy, format!("more than {WAITING_MAX} sentences are waiting"))
        })
    }

    /// Nobody waits for this sentence any more. Returns its answer unless it is being rendered; then the
    /// render thread answers.
    pub(crate) fn cancel(&self, id: u64) -> Option<Failed> {
        let mut inside = self.lock();
        if let Some((_, brake)) = inside.running.iter().find(|(running, _)| *running == id) {
            brake.cancelled.store(true, Ordering::Relaxed);
            return None;
        }
        inside.waiting.remove(id).map(|job| failed(job.id, Why::Cancelled, "cancelled"))
    }

    /// Waits for the next sentence; `None` when the desk is closed.
    pub(crate) fn take(&self) -> Option<(Speak, Arc<Brake>)> {
        let mut inside = self.lock();
        loop {
            if inside.closed {
                return None;
            }
            if let Some(job) = inside.waiting.pop() {
                inside.running.push((job.id, Arc::clone(&job.work.1)));
                return Some(job.work);
            }
            inside = self.changed.wait(inside).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The sentence was answered.
    pub(crate) fn finish(&self, id: u64) {
        self.lock().running.retain(|(running, _)| *running != id);
    }

    /// How far the latest running sentence is past its deadline, in milliseconds.
    pub(crate) fn overdue_ms(&self) -> u32 {
        let now = Instant::now();
        let over = |(_, brake): &(u64, Arc<Brake>)| now.saturating_duration_since(brake.deadline).as_millis();
        let most = self.lock().running.iter().map(over).max().unwrap_or(0);
        u32::try_from(most).unwrap_or(u32::MAX)
    }

    /// No more sentences; stops the running ones.
    pub(crate) fn close(&self) {
        let mut inside = self.lock();
        inside.closed = true;
        for (_, brake) in &inside.running {
            brake.cancelled.store(true, Ordering::Relaxed);
        }
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // every change under this lock is complete at each step, so a poisoned one is still right
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn failed(id: u64, why: Why, detail: impl Into<String>) -> Failed {
    Failed { id: Some(id), why, detail: detail.into() }
}

#[cfg(test)]
mod tests {
    use worker_wire::Priority;

    use super::*;

    fn speak(id: u64, priority: Priority) -> Speak {
        Speak { id, priority, deadline_ms: 60_000, text: "hello".into() }
    }

    #[test]
    fn waiting_caller_is_spoken_to_before_prompts_are_made_ahead() {
        let desk = Desk::new();
        desk.put(speak(1, Priority::AfterCall));
        desk.put(speak(2, Priority::LiveTurn));
        assert_eq!(desk.take().map(|(speak, _)| speak.id), Some(2));
        assert_eq!(desk.take().map(|(speak, _)| speak.id), Some(1));
    }

    #[test]
    fn cancelled_sentence_is_answered_or_stopped() {
        let desk = Desk::new();
        desk.put(speak(1, Priority::LiveTurn));
        desk.put(speak(2, Priority::LiveTurn));
        let (_, brake) = desk.take().unwrap();
        assert_eq!(desk.cancel(2).map(|failed| failed.why), Some(Why::Cancelled));
        assert_eq!(desk.cancel(1), None);
        assert!(brake.cancelled.load(Ordering::Relaxed));
    }

    #[test]
    fn closed_desk_gives_nothing_out() {
        let desk = Desk::new();
        desk.put(speak(1, Priority::LiveTurn));
        desk.close();
        assert!(desk.take().is_none());
    }
}
