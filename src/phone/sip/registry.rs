//! Which calls exist, so that a request inside a call finds its owner. One entry per call; it goes
//! when its [`Entry`] is dropped, whatever path the call took.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rsipstack::transaction::Transaction;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

/// Requests of one call that wait; more than this at once is an attack.
const WAITING_MAX: usize = 32;

/// All calls of a line, by our tag.
#[derive(Clone)]
pub(super) struct Calls {
    entries: Arc<Mutex<HashMap<String, Known>>>,
    slots: Arc<Semaphore>,
    count: watch::Sender<usize>,
}

struct Known {
    call_id: String,
    remote_tag: String,
    invite: Option<(u32, String)>,
    requests: mpsc::Sender<Transaction>,
}

/// Names of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) call_id: String,
    pub(super) local_tag: String,
    pub(super) remote_tag: String,
}

/// A place under the busy limit.
pub(super) struct Slot(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

/// Keeps a call in the registry.
pub(super) struct Entry {
    calls: Calls,
    local_tag: String,
}

impl Calls {
    pub(super) fn new(busy_limit: usize) -> Self {
        let slots = Arc::new(Semaphore::new(busy_limit.min(Semaphore::MAX_PERMITS)));
        Self { entries: Arc::default(), slots, count: watch::Sender::new(0) }
    }

    /// A place for one more call, or `None` when the line is busy.
    pub(super) fn slot(&self) -> Option<Slot> {
        self.slots.clone().try_acquire_owned().ok().map(Slot)
    }

    /// Enters a call. `invite` is the number and branch of the INVITE that started it from outside.
    pub(super) fn enter(
        &self,
        name: Name,
        invite: Option<(u32, String)>,
    ) -> (Entry, mpsc::Receiver<Transaction>) {
        let (requests, receiver) = mpsc::channel(WAITING_MAX);
        let known = Known { call_id: name.call_id, remote_tag: name.remote_tag, invite, requests };
        let mut entries = self.lock();
        entries.insert(name.local_tag.clone(), known);
        self.count.send_replace(entries.len());
        drop(entries);
        (Entry { calls: self.clone(), local_tag: name.local_tag }, receiver)
    }

    /// The owner of a call. All three names must fit: a guessed tag alone opens nothing.
    pub(super) fn find(&self, name: &Name) -> Option<mpsc::Sender<Transaction>> {
        let calls = self.lock();
        let known = calls.get(&name.local_tag)?;
        let fits = known.call_id == name.call_id && known.remote_tag == name.remote_tag;
        fits.then(|| known.requests.clone())
    }

    /// Whether this INVITE came to us before by another way (RFC 3261 8.2.2.2).
    pub(super) fn merged(&self, call_id: &str, remote_tag: &str, seq: u32, branch: &str) -> bool {
        self.lock().values().any(|known| {
            let same = known.call_id == call_id && known.remote_tag == remote_tag;
            same && known.invite.as_ref().is_some_and(|(s, b)| *s == seq && b != branch)
        })
    }

    pub(super) fn count(&self) -> usize {
        self.lock().len()
    }

    /// Waits until there is no call.
    pub(super) async fn idle(&self) {
        // We hold the sender, so the channel is never closed.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        // A map of finished inserts and removes; a panic elsewhere leaves it whole.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut entries = self.calls.lock();
        entries.remove(&self.local_tag);
        self.calls.count.send_replace(entries.len());
    }
}
