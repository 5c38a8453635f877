//! Opening the shop's memory: the lock, the settings, the check, and what happens to a damaged file.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::Connection;

use super::{error::StoreError, schema};

/// The database file in the data folder.
pub(super) const DATABASE: &str = "nightdesk.db";
const LOCK: &str = "nightdesk.lock";

/// A database file that could not be used and was kept under another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Where it is now. Its `-wal` file, if any, lies beside it.
    pub path: PathBuf,
    /// Why it could not be used.
    pub reason: String,
}

/// An open, checked, current database.
pub(super) struct Opened {
    pub(super) db: Connection,
    pub(super) set_aside: Option<SetAside>,
    /// Held as long as the store lives; the system frees it even after kill -9.
    pub(super) lock: File,
}

/// Opens or creates the database of a data folder for writing. A damaged file, or one of a later version,
/// is set aside and a new one begun: the phone must be answered.
///
/// # Errors
/// `InUse`, `ReadOnly`, `DiskFull`; any other file or database error.
pub(super) fn open(dir: &Path) -> Result<Opened, StoreError> {
    fs::create_dir_all(dir).map_err(|e| StoreError::from_io("create the data folder", dir, e))?;
    let lock = lock(dir)?;
    let path = dir.join(DATABASE);
    match open_current(&path) {
        Ok(db) => Ok(Opened { db, set_aside: None, lock }),
        Err(error @ (StoreError::Corrupt { .. } | StoreError::NewerVersion { .. })) => {
            let set_aside = set_aside(&path, &error)?;
            tracing::error!(kept_as = %set_aside.path.display(), reason = %set_aside.reason,
                "the database could not be used; it was kept and a new one is begun: earlier calls are not shown");
            Ok(Opened { db: open_current(&path)?, set_aside: Some(set_aside), lock })
        }
        Err(other) => Err(other),
    }
}

/// The settings that every connection needs.
pub(super) fn configure(db: &Connection) -> Result<(), StoreError> {
    let sqlite = |e| StoreError::from_sqlite("prepare the connection", e);
    db.busy_timeout(Duration::from_secs(5)).map_err(sqlite)?;
    db.pragma_update(None, "foreign_keys", true).map_err(sqlite)
}

fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join(LOCK);
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|e| StoreError::from_io("open the lock file", &path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { dir: dir.to_owned() }),
        Err(TryLockError::Error(e)) => Err(StoreError::from_io("lock", &path, e)),
    }
}

fn open_current(path: &Path) -> Result<Connection, StoreError> {
    let sqlite = |e| StoreError::from_sqlite("open", e);
    let mut db = Connection::open(path).map_err(sqlite)?;
    configure(&db)?;
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).map_err(sqlite)?;
    db.pragma_update(None, "synchronous", "FULL").map_err(sqlite)?;
    // deleted words are overwritten, not only unlinked
    db.pragma_update_and_check(None, "secure_delete", true, |_| Ok(())).map_err(sqlite)?;
    check(&db)?;
    schema::migrate(&mut db, schema::MIGRATIONS)?;
    if let Some(dir) = path.parent() {
        // the new file's name itself must survive a power cut
        File::open(dir).and_then(|d| d.sync_all()).map_err(|e| StoreError::from_io("sync", dir, e))?;
    }
    Ok(db)
}

/// Structure of every page; a shop's file is small, so this takes milliseconds.
fn check(db: &Connection) -> Result<(), StoreError> {
    let doing = "check the database";
    let verdict: String = db
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|e| StoreError::from_sqlite(doing, e))?;
    if verdict == "ok" { Ok(()) } else { Err(StoreError::Corrupt { doing }) }
}

fn set_aside(path: &Path, error: &StoreError) -> Result<SetAside, StoreError> {
    let kind = if matches!(error, StoreError::NewerVersion { .. }) { "newer" } else { "broken" };
    let stamp = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let kept = (1..)
        .map(|n: u32| if n == 1 { String::new() } else { format!("-{n}") })
        .map(|suffix| with_ending(path, &format!(".{kind}-{stamp}{suffix}")))
        .find(|candidate| !candidate.exists())
        .unwrap_or_else(|| with_ending(path, ".broken"));
    // the -wal may hold calls that a repair can still read; -shm is rebuilt from it
    for ending in ["-wal", ""] {
        let from = with_ending(path, ending);
        if from.exists() {
            let to = with_ending(&kept, ending);
            fs::rename(&from, &to).map_err(|e| StoreError::from_io("set aside", &from, e))?;
        }
    }
    let shared = with_ending(path, "-shm");
    if shared.exists() {
        fs::remove_file(&shared).map_err(|e| StoreError::from_io("remove", &shared, e))?;
    }
    Ok(SetAside { path: kept, reason: error.to_string() })
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
