//! The one thread that writes, and the one that reads: each owns its connection.
//!
//! Both take jobs from a bounded queue; when it is full, the asking task waits, nothing is dropped. All
//! jobs that wait are committed together with one fsync. If that fails, each is done again alone, so that
//! one bad write takes no other with it. Every job is answered after its commit, never before.

use std::thread::JoinHandle;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc::Receiver, oneshot};

use super::{archive::Archive, error::StoreError};

/// Jobs that may wait at once; a commit takes all of them.
pub(super) const QUEUE: usize = 64;

/// What the writing thread is asked to do.
pub(super) enum Task {
    /// Rows.
    Write(Box<dyn Write>),
    /// Move everything from the write-ahead file into the database and empty it.
    Checkpoint(oneshot::Sender<Result<(), StoreError>>),
}

/// Something to write. `run` may be called again after its transaction was rolled back.
pub(super) trait Write: Send {
    /// Does the statements; no transaction control.
    fn run(&mut self, db: &Connection) -> Result<(), StoreError>;
    /// Tells the asker; called once.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// A closure with its answer.
pub(super) struct Job<F, T> {
    work: F,
    done: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Job<F, T> {
    /// Also returns where the answer arrives.
    pub(super) fn new(work: F) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        let (reply, answer) = oneshot::channel();
        (Self { work, done: None, reply }, answer)
    }
}

impl<T: Send, F: Fn(&Connection) -> Result<T, StoreError> + Send> Write for Job<F, T> {
    fn run(&mut self, db: &Connection) -> Result<(), StoreError> {
        self.done = Some((self.work)(db)?);
        Ok(())
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let Self { done, reply, .. } = *self;
        let result = committed.and_then(|()| done.ok_or(StoreError::Closed));
        let _ = reply.send(result); // the asker may have hung up; the row is there
    }
}

/// Starts the writing thread; it ends when every sender is gone and the queue is empty.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start_writer(db: Connection, tasks: Receiver<Task>) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("store-writer".into()).spawn(move || work(&db, tasks))
}

/// A question to the reading thread.
pub(super) type Question = Box<dyn FnOnce(&Archive) + Send>;

/// Starts the reading thread; it ends when every sender is gone.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start_reader(
    archive: Archive,
    mut questions: Receiver<Question>,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("store-reader".into()).spawn(move || {
        while let Some(question) = questions.blocking_recv() {
            question(&archive);
        }
    })
}

fn work(db: &Connection, mut tasks: Receiver<Task>) {
    let mut batch = Vec::new();
    while let Some(first) = tasks.blocking_recv() {
        let mut next = Some(first);
        while let Some(task) = next {
            match task {
                Task::Write(job) => batch.push(job),
                Task::Checkpoint(reply) => {
                    write_batch(db, std::mem::take(&mut batch));
                    let _ = reply.send(checkpoint(db));
                }
            }
            next = if batch.len() < QUEUE { tasks.try_recv().ok() } else { None };
        }
        write_batch(db, std::mem::take(&mut batch));
    }
}

fn checkpoint(db: &Connection) -> Result<(), StoreError> {
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(|e| StoreError::from_sqlite("empty the write-ahead file", e))
}

/// Commits a batch together or, if that fails, one by one.
pub(super) fn write_batch(db: &Connection, mut batch: Vec<Box<dyn Write>>) {
    if batch.len() > 1 && commit(db, &mut batch).is_ok() {
        batch.into_iter().for_each(|job| job.answer(Ok(())));
        return;
    }
    for mut job in batch {
        let committed = commit(db, std::slice::from_mut(&mut job));
        if let Err(error) = &committed {
            tracing::error!(%error, "a write to the database failed");
        }
        job.answer(committed);
    }
}

/// All or nothing. A transaction that is dropped is rolled back.
fn commit(db: &Connection, jobs: &mut [Box<dyn Write>]) -> Result<(), StoreError> {
    let transaction = Transaction::new_unchecked(db, TransactionBehavior::Immediate)
        .map_err(|e| StoreError::from_sqlite("begin a write", e))?;
    for job in jobs {
        job.run(&transaction)?;
    }
    transaction.commit().map_err(|e| StoreError::from_sqlite("commit a write", e))
}
