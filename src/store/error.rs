//! What can go wrong with the shop's memory, sorted by what to do about it.

use std::path::PathBuf;

use rusqlite::{Error as Sqlite, ErrorCode};

/// Why something was not remembered or not found. Nothing was half-written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No space left. The call goes on; try again after space was freed.
    #[error("the disk is full: could not {doing}; free space on the disk that holds the data folder")]
    DiskFull {
        /// What was being done.
        doing: &'static str,
    },
    /// The folder or file cannot be written.
    #[error(
        "the data folder cannot be written: could not {doing}; check owner and rights, and that the disk is not mounted read-only"
    )]
    ReadOnly {
        /// What was being done.
        doing: &'static str,
    },
    /// The file is damaged. The next start sets it aside and begins a new one.
    #[error(
        "the database is damaged: could not {doing}; restart NightDesk: it keeps the damaged file and starts a new one"
    )]
    Corrupt {
        /// What was being done.
        doing: &'static str,
    },
    /// Another NightDesk uses the same data folder.
    #[error("{} is in use by another NightDesk; stop that one or set another storage.data_dir", dir.display())]
    InUse {
        /// The data folder.
        dir: PathBuf,
    },
    /// A later NightDesk wrote this file.
    #[error(
        "the database has version {file}, this NightDesk knows up to {program}; install the newer NightDesk again"
    )]
    NewerVersion {
        /// Version of the file.
        file: u32,
        /// Latest version known here.
        program: u32,
    },
    /// There is no database yet.
    #[error("no calls are stored in {}; is this the data folder of the running NightDesk (storage.data_dir)?", dir.display())]
    Missing {
        /// The data folder.
        dir: PathBuf,
    },
    /// A row names a call that was never begun. Call `begin_call` (it may be repeated), then try again.
    #[error("the call is not in the database: could not {doing}")]
    UnknownCall {
        /// What was being done.
        doing: &'static str,
    },
    /// The row was written, but only to memory: the store runs in a temporary folder.
    #[error("written to temporary memory only: the data folder could not be used")]
    NotDurable,
    /// A row holds a word that this program does not know.
    #[error("a stored {what} cannot be read: {value:?}")]
    Unreadable {
        /// Which column.
        what: &'static str,
        /// What it holds.
        value: String,
    },
    /// The store has stopped, at the end of the program.
    #[error("the store has been closed")]
    Closed,
    /// The file system refused something else.
    #[error("could not {doing} {}", path.display())]
    File {
        /// What was being done.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// SQLite reports something else.
    #[error("the database could not {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What SQLite says.
        #[source]
        source: Sqlite,
    },
}

impl StoreError {
    /// Sorts an SQLite error by what to do about it.
    pub(super) fn from_sqlite(doing: &'static str, source: Sqlite) -> Self {
        let Some(failure) = source.sqlite_error() else {
            return Self::Database { doing, source };
        };
        if failure.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY {
            return Self::UnknownCall { doing };
        }
        if failure.code == ErrorCode::DiskFull {
            Self::DiskFull { doing }
        } else if matches!(failure.code, ErrorCode::ReadOnly | ErrorCode::PermissionDenied) {
            Self::ReadOnly { doing }
        } else if matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) {
            Self::Corrupt { doing }
        } else {
            Self::Database { doing, source }
        }
    }

    /// Sorts a file system error by what to do about it.
    pub(super) fn from_io(doing: &'static str, path: &std::path::Path, source: std::io::Error) -> Self {
        use std::io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        if matches!(source.kind(), StorageFull | QuotaExceeded) {
            Self::DiskFull { doing }
        } else if matches!(source.kind(), PermissionDenied | ReadOnlyFilesystem) {
            Self::ReadOnly { doing }
        } else {
            Self::File { doing, path: path.to_owned(), source }
        }
    }
}
