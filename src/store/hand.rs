//! A hand in the store from outside the daemon: the owner's small corrections while it runs. SQLite lets two
//! programs write in turn; everything that decides is left to the daemon, as a request.

use std::path::Path;

use domain::OutboxId;
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

use super::{
    Store,
    error::StoreError,
    open::{DATABASE, configure},
    rows::{
        extras::{self, Request},
        outbox,
    },
    schema,
};

/// Writes single rows beside a running daemon.
#[derive(Debug)]
pub struct Hand {
    db: Connection,
}

impl Hand {
    /// Opens the database of a data folder; never creates, repairs or migrates it.
    ///
    /// # Errors
    /// `Missing`; `NewerVersion` (also for an older file: start the daemon once); `ReadOnly`; ….
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(DATABASE);
        if !path.exists() {
            return Err(StoreError::Missing { dir: dir.to_owned() });
        }
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
            .map_err(|e| StoreError::from_sqlite("open", e))?;
        configure(&db)?;
        let (file, program) = (schema::version(&db)?, schema::latest(schema::MIGRATIONS));
        if file != program {
            return Err(StoreError::NewerVersion { file, program });
        }
        Ok(Self { db })
    }

    /// Tries an item again at once, however often it failed; false when it has left, or there is none.
    ///
    /// # Errors
    /// Any database error.
    pub fn retry(&self, id: OutboxId, now: Timestamp) -> Result<bool, StoreError> {
        outbox::retry(&self.db, id, now)
    }

    /// An item is not to be sent; false when it has left, or there is none.
    ///
    /// # Errors
    /// Any database error.
    pub fn drop_item(&self, id: OutboxId) -> Result<bool, StoreError> {
        outbox::drop_item(&self.db, id)
    }

    /// Leaves a request for the daemon; its number, to look for the answer.
    ///
    /// # Errors
    /// Any database error.
    pub fn ask(&self, request: &Request, now: Timestamp) -> Result<i64, StoreError> {
        extras::ask(&self.db, request, now)
    }
}

impl Store {
    /// Requests that nobody has answered, oldest first.
    ///
    /// # Errors
    /// Any database error.
    pub async fn requests(&self) -> Result<Vec<(i64, Request)>, StoreError> {
        self.read(|a| extras::asked(a.db())).await
    }

    /// Answers a request, in words for the terminal.
    ///
    /// # Errors
    /// Any database error.
    pub async fn answer(&self, request: i64, answer: String) -> Result<(), StoreError> {
        self.write(move |db| extras::answer(db, request, &answer)).await
    }

    /// A number that changes when another program has written: the owner's hand.
    ///
    /// # Errors
    /// Any database error.
    pub async fn hand_mark(&self) -> Result<i64, StoreError> {
        self.write(|db| {
            db.pragma_query_value(None, "data_version", |row| row.get(0))
                .map_err(|e| StoreError::from_sqlite("look for changes", e))
        })
        .await
    }
}
