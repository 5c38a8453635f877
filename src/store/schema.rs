//! The tables, and how an older file becomes a current one.

use rusqlite::Connection;

use super::error::StoreError;

/// Each step takes a file from version `index` to `index + 1`. Released steps are never edited.
pub(super) const MIGRATIONS: &[&str] = &[include_str!("schema/v1.sql"), include_str!("schema/v2.sql")];

/// Brings a file up to date, one transaction per step: an interrupted step leaves the version before it.
///
/// # Errors
/// `NewerVersion` when a later NightDesk wrote the file; any database error.
pub(super) fn migrate(db: &mut Connection, steps: &[&str]) -> Result<(), StoreError> {
    let version = version(db)?;
    let current = latest(steps);
    if version > current {
        return Err(StoreError::NewerVersion { file: version, program: current });
    }
    for (target, step) in (1u32..).zip(steps).skip(version as usize) {
        let step_db = db.transaction().map_err(|e| StoreError::from_sqlite("start a migration", e))?;
        step_db
            .execute_batch(step)
            .and_then(|()| step_db.pragma_update(None, "user_version", target))
            .and_then(|()| step_db.commit())
            .map_err(|e| StoreError::from_sqlite("bring the database up to date", e))?;
    }
    Ok(())
}

/// The version that these steps lead to.
pub(super) fn latest(steps: &[&str]) -> u32 {
    u32::try_from(steps.len()).unwrap_or(u32::MAX)
}

/// The version that a file says it has; 0 for a new one.
pub(super) fn version(db: &Connection) -> Result<u32, StoreError> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|e| StoreError::from_sqlite("read the database version", e))
}
