//! The shop's memory: calls, turns, lead cards, alerts and the outbox in one SQLite file, and recordings.
//!
//! Durable before told: every write here answers after its commit has reached the disk. One thread writes,
//! one reads; handles are cheap to clone. Builds no cards and sends nothing: `followup` and `app` do.
//!
//! ```text
//! data folder/
//!   nightdesk.db  nightdesk.db-wal  nightdesk.lock
//!   recordings/2026/02/<call id>.wav
//! ```

mod archive;
mod delivery;
mod error;
mod hand;
mod ladder;
mod open;
mod retention;
mod rows;
mod schema;
mod writer;

pub mod recorder;

#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
};

use domain::{CallId, CallRecord, LeadCard, LeadId, OutboxItem, PhoneNumber, TurnRecord};
use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

pub use archive::{Archive, RecentCall};
pub use delivery::Refusal;
pub use error::StoreError;
pub use hand::Hand;
pub use ladder::{AlertStory, PageCommitted, Turnover};
pub use open::SetAside;
pub use retention::{Forgotten, RECORDINGS, Retention};
pub use rows::{
    extras::{CallOut, CloudTotal, CloudUsage, Request},
    outbox::Backlog,
    shops::ShopRecord,
    tries::{DeliveryTry, TryOutcome},
};

use rows::{calls, leads, shops, turns};
use writer::{Job, QUEUE, Question, Task};

/// What became of a page that was offered for commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageCommit {
    /// It is on disk now.
    New,
    /// The call has an alert already; what is known of the caller was completed.
    AlreadyThere,
}

/// A handle to the shop's memory. Clone it freely; the threads end when the last clone is dropped, after
/// everything that was asked for is written.
#[derive(Debug, Clone)]
pub struct Store {
    threads: Arc<Threads>,
}

#[derive(Debug)]
struct Threads {
    dir: PathBuf,
    durable: bool,
    set_aside: Option<SetAside>,
    /// Calls above this row were begun by this run.
    last_row_before_start: i64,
    writes: Option<mpsc::Sender<Task>>,
    questions: Option<mpsc::Sender<Question>>,
    reader: Option<JoinHandle<()>>,
    writer: Option<JoinHandle<()>>,
    /// Freed after the threads have ended: fields are dropped after `drop` has joined them.
    _lock: std::fs::File,
}

impl Store {
    /// Opens or creates the memory in a data folder. Blocks for the check of the file (milliseconds).
    /// A damaged file is kept aside and a new one begun; see [`Store::set_aside`].
    ///
    /// # Errors
    /// `InUse`, `ReadOnly`, `DiskFull`, other file errors. The phone must be answered all the same: go on
    /// with [`Store::open_temporary`] and say so loudly.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::start(dir, true)
    }

    /// A memory in the system's folder for temporary files, for a night on which the data folder cannot be
    /// used. Pages are kept but answered with `NotDurable`, so that no promise rests on them.
    ///
    /// # Errors
    /// The same as `open`.
    pub fn open_temporary() -> Result<Self, StoreError> {
        let name = format!("nightdesk-{}-{}", std::process::id(), Timestamp::now().as_millisecond());
        let in_memory = Path::new("/dev/shm").join(&name);
        Self::start(&in_memory, false).or_else(|_| Self::start(&std::env::temp_dir().join(name), false))
    }

    fn start(dir: &Path, durable: bool) -> Result<Self, StoreError> {
        let open::Opened { db, set_aside, lock } = open::open(dir)?;
        let last_row_before_start = calls::last_row(&db)?;
        let archive = Archive::open(dir)?;
        let (writes, write_queue) = mpsc::channel(QUEUE);
        let (questions, question_queue) = mpsc::channel(QUEUE);
        let thread = |e| StoreError::from_io("start a thread for", dir, e);
        let writer = writer::start_writer(db, write_queue).map_err(thread)?;
        let reader = writer::start_reader(archive, question_queue).map_err(thread)?;
        let threads = Threads {
            dir: dir.to_owned(),
            durable,
            set_aside,
            last_row_before_start,
            writes: Some(writes),
            questions: Some(questions),
            reader: Some(reader),
            writer: Some(writer),
            _lock: lock,
        };
        Ok(Self { threads: Arc::new(threads) })
    }

    /// The data folder.
    pub fn dir(&self) -> &Path {
        &self.threads.dir
    }

    /// False for a temporary store.
    pub fn is_durable(&self) -> bool {
        self.threads.durable
    }

    /// The file that could not be used at start, if there was one. Tell the owner.
    pub fn set_aside(&self) -> Option<&SetAside> {
        self.threads.set_aside.as_ref()
    }

    /// Remembers which shops and rosters are in force; shops that are not named any more become inactive.
    ///
    /// # Errors
    /// Any database error.
    pub async fn remember_shops(&self, shops: Vec<ShopRecord>) -> Result<(), StoreError> {
        self.write(move |db| shops::put_all(db, &shops)).await
    }

    /// A call rings. May be repeated.
    ///
    /// # Errors
    /// `DiskFull`, `ReadOnly`, `Corrupt`, …: the call goes on; try again before the next write for it.
    pub async fn begin_call(&self, call: CallRecord) -> Result<(), StoreError> {
        self.write(move |db| calls::put(db, &call)).await
    }

    /// A turn was spoken. The same index again replaces it.
    ///
    /// # Errors
    /// `UnknownCall` when the call was never begun; `DiskFull`, ….
    pub async fn add_turn(&self, call: CallId, turn: TurnRecord) -> Result<(), StoreError> {
        self.write(move |db| turns::put(db, call, &turn)).await
    }

    /// A call has ended: its row, its card and a page that is not on disk yet, all or nothing. May be
    /// repeated. Spam and abandoned calls have no card.
    ///
    /// # Errors
    /// `DiskFull`, ….
    pub async fn end_call(
        &self,
        call: CallRecord,
        card: Option<LeadCard>,
        page: Option<PageCommitted>,
    ) -> Result<(), StoreError> {
        self.write(move |db| put_ended(db, &call, card.as_ref(), page.as_ref())).await
    }

    /// Closes the calls that a power cut or crash interrupted, as `Cut` at their last stored moment.
    /// Returns every cut call that has no card yet, oldest first, so that one more crash loses no card:
    /// build each card from [`Store::turns`], then `end_call` with it (or with another status and no card).
    ///
    /// # Errors
    /// Any database error.
    pub async fn close_cut_calls(&self) -> Result<Vec<CallRecord>, StoreError> {
        let last_row = self.threads.last_row_before_start;
        self.write(move |db| calls::close_cut(db, last_row)).await
    }

    /// Deletes recordings and transcripts that are older than the owner wants to keep.
    ///
    /// # Errors
    /// Any database error. A recording that cannot be deleted is counted, not an error.
    pub async fn forget_old(&self, keep: Retention, now: Timestamp) -> Result<Forgotten, StoreError> {
        let files_before = keep.recordings_before(now);
        let old = self.read(move |a| a.recorded_before(files_before)).await?;
        let dir = self.threads.dir.clone();
        let (gone, mut forgotten) =
            tokio::task::spawn_blocking(move || retention::delete_files(&dir, old, files_before))
                .await
                .map_err(|_| StoreError::Closed)?;
        let words_before = keep.transcripts_before(now);
        let calls_before = ladder::call_outs_before(now);
        forgotten.transcripts =
            self.write(move |db| retention::forget(db, &gone, words_before, calls_before)).await?;
        self.checkpoint().await?;
        Ok(forgotten)
    }

    /// The latest calls, newest first.
    ///
    /// # Errors
    /// Any database error.
    pub async fn calls(&self, limit: u32) -> Result<Vec<CallRecord>, StoreError> {
        self.read(move |a| a.calls(limit)).await
    }

    /// One call.
    ///
    /// # Errors
    /// Any database error.
    pub async fn call(&self, id: CallId) -> Result<Option<CallRecord>, StoreError> {
        self.read(move |a| a.call(id)).await
    }

    /// The transcript of a call.
    ///
    /// # Errors
    /// Any database error.
    pub async fn turns(&self, call: CallId) -> Result<Vec<TurnRecord>, StoreError> {
        self.read(move |a| a.turns(call)).await
    }

    /// One card.
    ///
    /// # Errors
    /// Any database error.
    pub async fn lead(&self, id: LeadId) -> Result<Option<LeadCard>, StoreError> {
        self.read(move |a| a.lead(id)).await
    }

    /// The card of a call.
    ///
    /// # Errors
    /// Any database error.
    pub async fn lead_of_call(&self, call: CallId) -> Result<Option<LeadCard>, StoreError> {
        self.read(move |a| a.lead_of_call(call)).await
    }

    /// Everything that has not left the box, oldest first.
    ///
    /// # Errors
    /// Any database error.
    pub async fn outbox(&self) -> Result<Vec<OutboxItem>, StoreError> {
        self.read(Archive::outbox).await
    }

    /// The latest finished call of this number to this business since a moment; sales calls do not count.
    ///
    /// # Errors
    /// Any database error.
    pub async fn recent_call_from(
        &self,
        profile_id: String,
        caller: PhoneNumber,
        since: Timestamp,
    ) -> Result<Option<RecentCall>, StoreError> {
        self.read(move |a| a.recent_call_from(&profile_id, &caller, since)).await
    }

    /// Moves everything from the write-ahead file into the database and empties it.
    async fn checkpoint(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        let queue = self.threads.writes.as_ref().ok_or(StoreError::Closed)?;
        queue.send(Task::Checkpoint(reply)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (job, answer) = Job::new(work);
        let queue = self.threads.writes.as_ref().ok_or(StoreError::Closed)?;
        queue.send(Task::Write(Box::new(job))).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Archive) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let ask: Question = Box::new(move |archive| {
            let _ = reply.send(question(archive)); // the asker may have given up
        });
        let queue = self.threads.questions.as_ref().ok_or(StoreError::Closed)?;
        queue.send(ask).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

fn put_ended(
    db: &Connection,
    call: &CallRecord,
    card: Option<&LeadCard>,
    page: Option<&PageCommitted>,
) -> Result<(), StoreError> {
    calls::put(db, call)?;
    if let Some(page) = page {
        ladder::put_page(db, page)?;
    }
    if let Some(card) = card {
        leads::put(db, card)?;
    }
    Ok(())
}

impl Drop for Threads {
    /// Waits until everything that was asked for is on disk.
    fn drop(&mut self) {
        let join = |thread: Option<JoinHandle<()>>| {
            if thread.is_some_and(|t| t.join().is_err()) {
                tracing::error!("a store thread ended by panic");
            }
        };
        // the writer closes last: the last connection moves the write-ahead file into the database
        self.questions = None;
        join(self.reader.take());
        self.writes = None;
        join(self.writer.take());
        if !self.durable {
            let _ = std::fs::remove_dir_all(&self.dir); // only a temporary folder; the system clears it too
        }
    }
}
