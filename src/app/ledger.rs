//! The writes of one call, in order, off the call's loop: the disk may be slow, the voice may not.

use std::time::Duration;

use domain::{CallId, CallRecord, Page, TurnRecord};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use super::paging::Pager;
use crate::{config::Shop, store::Store};

/// Writes of one call that may wait; a disk that is further behind loses transcript lines, never pages.
const QUEUE: usize = 256;
/// How often a refused page is offered to the disk again, and how long apart.
const PAGE_TRIES: u32 = 3;
const PAGE_RETRY: Duration = Duration::from_millis(300);

enum Entry {
    Call(Box<CallRecord>),
    Turn(TurnRecord),
    Page(Box<(Shop, Page)>, oneshot::Sender<Option<String>>),
}

/// A call's place in the store.
pub(crate) struct Ledger {
    entries: Option<mpsc::Sender<Entry>>,
    writer: JoinHandle<()>,
}

impl Ledger {
    /// Opens the call's row and keeps writing behind the call.
    pub(crate) fn open(pager: Pager, call: CallRecord) -> Self {
        let store = pager.store.clone();
        let (entries, mut queue) = mpsc::channel(QUEUE);
        let writer = tokio::spawn(async move {
            let id = call.id;
            let mut begun = begin(&store, &call).await;
            while let Some(entry) = queue.recv().await {
                if !begun {
                    begun = begin(&store, &call).await;
                }
                match entry {
                    Entry::Call(changed) => {
                        begin(&store, &changed).await;
                    }
                    Entry::Turn(turn) => write_turn(&store, id, turn).await,
                    Entry::Page(page, told) => {
                        told.send(write_page(&pager, *page).await).ok();
                    }
                }
            }
        });
        Self { entries: Some(entries), writer }
    }

    /// Remembers a turn; a full queue loses it with a warning.
    pub(crate) fn turn(&self, turn: TurnRecord) {
        if let Some(entries) = &self.entries
            && entries.try_send(Entry::Turn(turn)).is_err()
        {
            tracing::warn!("the disk is too slow: a line of the transcript was not stored");
        }
    }

    /// Something about the call itself is known now, such as where it is recorded: a power cut must not lose it.
    pub(crate) fn call(&self, changed: CallRecord) {
        if let Some(entries) = &self.entries
            && entries.try_send(Entry::Call(Box::new(changed))).is_err()
        {
            tracing::warn!("the disk is too slow: where a call is recorded was not stored");
        }
    }

    /// Commits a page; the future has its text once it is on disk, `None` when it could not be written.
    pub(crate) fn page(&self, shop: Shop, page: Page) -> impl Future<Output = Option<String>> + use<> {
        let (told, answer) = oneshot::channel();
        let entries = self.entries.clone();
        async move {
            entries?.send(Entry::Page(Box::new((shop, page)), told)).await.ok()?;
            answer.await.ok()?
        }
    }

    /// Waits until everything is written.
    pub(crate) async fn close(mut self) {
        self.entries = None;
        if self.writer.await.is_err() {
            tracing::error!("the writer of a call died");
        }
    }
}

async fn begin(store: &Store, call: &CallRecord) -> bool {
    let begun = store.begin_call(call.clone()).await;
    if let Err(error) = &begun {
        tracing::error!(%error, "a call could not be stored; it goes on");
    }
    begun.is_ok()
}

async fn write_turn(store: &Store, call: CallId, turn: TurnRecord) {
    if let Err(error) = store.add_turn(call, turn).await {
        tracing::warn!(%error, "a line of the transcript was not stored");
    }
}

async fn write_page(pager: &Pager, (shop, page): (Shop, Page)) -> Option<String> {
    for _ in 0..PAGE_TRIES {
        match pager.commit(&shop, &page).await {
            Ok(text) => return Some(text),
            Err(error) => tracing::error!(%error, "a page is not on disk yet"),
        }
        tokio::time::sleep(PAGE_RETRY).await;
    }
    None
}
