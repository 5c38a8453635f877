//! Forgetting: recordings and transcripts leave after the days that the owner set (decision K18).
//!
//! The call's row and its card stay, without the caller's own words. Deleted words are overwritten in the
//! database and leave the write-ahead file too.

use std::{
    fs,
    path::{Component, Path, PathBuf},
    time::SystemTime,
};

use domain::CallId;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use super::{
    error::StoreError,
    rows::{calls, extras, leads, outbox, tries, turns},
};

/// The folder of the recordings, below the data folder.
pub const RECORDINGS: &str = "recordings";

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Default 30.
    pub recordings_days: u32,
    /// Default 365.
    pub transcripts_days: u32,
}

/// What one round has deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forgotten {
    /// Recording files.
    pub recordings: usize,
    /// Recording files that the system would not delete; tried again next time.
    pub recordings_failed: usize,
    /// Calls whose transcript is gone.
    pub transcripts: usize,
}

impl Retention {
    /// Calls before this moment lose their recording.
    pub(super) fn recordings_before(self, now: Timestamp) -> Timestamp {
        days_before(now, self.recordings_days)
    }

    /// Calls before this moment lose their transcript.
    pub(super) fn transcripts_before(self, now: Timestamp) -> Timestamp {
        days_before(now, self.transcripts_days)
    }
}

fn days_before(now: Timestamp, days: u32) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MIN)
}

/// Deletes the files of old calls, and files in the recordings folder that are as old but belong to no
/// call. Returns the calls whose file is gone.
pub(super) fn delete_files(
    dir: &Path,
    old: Vec<(CallId, String)>,
    before: Timestamp,
) -> (Vec<CallId>, Forgotten) {
    let mut gone = Vec::new();
    let mut forgotten = Forgotten::default();
    for (call, recording) in old {
        match below(dir, &recording).map(fs::remove_file) {
            Some(Ok(())) => forgotten.recordings += 1,
            Some(Err(e)) if e.kind() == std::io::ErrorKind::NotFound => {}
            Some(Err(error)) => {
                tracing::warn!(%call, %error, "an old recording could not be deleted");
                forgotten.recordings_failed += 1;
                continue;
            }
            None => tracing::warn!(%call, "a stored recording path leads out of the data folder; left alone"),
        }
        gone.push(call);
    }
    delete_orphans(&dir.join(RECORDINGS), before.into(), &mut forgotten);
    (gone, forgotten)
}

/// Empties the rows, in one transaction.
pub(super) fn forget(
    db: &Connection,
    without_file: &[CallId],
    transcripts_before: Timestamp,
    call_outs_before: Timestamp,
) -> Result<usize, StoreError> {
    for call in without_file {
        calls::forget_recording(db, *call)?;
    }
    leads::forget_words(db, transcripts_before)?;
    outbox::forget_sent(db, transcripts_before)?;
    tries::forget_told(db, transcripts_before)?;
    extras::forget_call_outs(db, call_outs_before)?;
    turns::forget(db, transcripts_before)
}

/// A stored path, if it stays below the data folder.
fn below(dir: &Path, stored: &str) -> Option<PathBuf> {
    let plain = Path::new(stored).components().all(|c| matches!(c, Component::Normal(_)));
    (plain && !stored.is_empty()).then(|| dir.join(stored))
}

fn delete_orphans(folder: &Path, before: SystemTime, forgotten: &mut Forgotten) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(about) = entry.metadata() else { continue }; // does not follow links
        if about.is_dir() {
            delete_orphans(&path, before, forgotten);
            let _ = fs::remove_dir(&path); // only succeeds when it is empty
        } else if about.is_file()
            && path.extension().is_some_and(|e| e == "wav")
            && about.modified().is_ok_and(|m| m < before)
            && fs::remove_file(&path).is_ok()
        {
            forgotten.recordings += 1;
        }
    }
}
