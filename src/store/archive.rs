//! Reading what is stored. The command line uses it directly, the daemon through [`super::Store`].

use std::path::Path;

use domain::{CallId, CallRecord, LeadCard, LeadId, PhoneNumber, TurnRecord};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

use super::{
    error::StoreError,
    open::{DATABASE, configure},
    rows::{calls, extras, leads, shops, turns},
    schema,
};

/// An earlier call of the same number.
#[derive(Debug, Clone, PartialEq)]
pub struct RecentCall {
    /// The call.
    pub call: CallRecord,
    /// Its card, if it has one.
    pub lead: Option<LeadCard>,
}

/// A read-only view of a data folder; a running daemon is not disturbed.
#[derive(Debug)]
pub struct Archive {
    db: Connection,
}

impl Archive {
    /// Opens the database of a data folder for reading; never changes or repairs it.
    ///
    /// # Errors
    /// `Missing` when there is none; `NewerVersion`; `Corrupt`; any other database error.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(DATABASE);
        if !path.exists() {
            return Err(StoreError::Missing { dir: dir.to_owned() });
        }
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .map_err(|e| StoreError::from_sqlite("open for reading", e))?;
        configure(&db)?;
        let (file, program) = (schema::version(&db)?, schema::latest(schema::MIGRATIONS));
        if file > program {
            return Err(StoreError::NewerVersion { file, program });
        }
        Ok(Self { db })
    }

    /// For the parts of this module.
    pub(super) fn db(&self) -> &Connection {
        &self.db
    }

    /// What was answered to a request of the command line; `None` while nobody has.
    pub fn answer_of(&self, request: i64) -> Result<Option<String>, StoreError> {
        extras::answer_of(&self.db, request)
    }

    /// The latest calls, newest first.
    pub fn calls(&self, limit: u32) -> Result<Vec<CallRecord>, StoreError> {
        calls::latest(&self.db, limit)
    }

    /// One call.
    pub fn call(&self, id: CallId) -> Result<Option<CallRecord>, StoreError> {
        calls::get(&self.db, id)
    }

    /// Calls whose id ends with these characters, newest first; at most `limit`.
    pub fn calls_ending_with(&self, ending: &str, limit: u32) -> Result<Vec<CallRecord>, StoreError> {
        calls::ending_with(&self.db, ending, limit)
    }

    /// The transcript of a call.
    pub fn turns(&self, call: CallId) -> Result<Vec<TurnRecord>, StoreError> {
        turns::of_call(&self.db, call)
    }

    /// One card.
    pub fn lead(&self, id: LeadId) -> Result<Option<LeadCard>, StoreError> {
        leads::get(&self.db, id)
    }

    /// The card of a call.
    pub fn lead_of_call(&self, call: CallId) -> Result<Option<LeadCard>, StoreError> {
        leads::of_call(&self.db, call)
    }

    /// The card of the latest call that has one.
    pub fn latest_lead(&self) -> Result<Option<LeadCard>, StoreError> {
        leads::latest(&self.db)
    }

    /// Shops of the last start: id, technician, seconds until the owner is told.
    pub fn shops_in_force(&self) -> Result<Vec<(String, String, u32)>, StoreError> {
        shops::in_force(&self.db)
    }

    /// Calls before a moment that still have a recording.
    pub(super) fn recorded_before(&self, before: Timestamp) -> Result<Vec<(CallId, String)>, StoreError> {
        calls::recorded_before(&self.db, before)
    }

    /// The latest finished call of this number to this business; sales calls do not count.
    pub fn recent_call_from(
        &self,
        profile_id: &str,
        caller: &PhoneNumber,
        since: Timestamp,
    ) -> Result<Option<RecentCall>, StoreError> {
        let Some(call) = calls::latest_from(&self.db, profile_id, caller, since)? else { return Ok(None) };
        let lead = leads::of_call(&self.db, call.id)?;
        Ok(Some(RecentCall { call, lead }))
    }
}
