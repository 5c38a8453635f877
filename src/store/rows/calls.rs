//! `after_hours_calls`: one row per call, written when it rings, finished when it ends.

use domain::{CallId, CallRecord, CallStatus, PhoneNumber};
use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};

use super::{all, change, column, parsed, parsed_option, time, word, worded};
use crate::store::error::StoreError;

/// Writes the row, new or changed. Repeating it changes nothing; an ended call never becomes a running one.
pub(in crate::store) fn put(db: &Connection, call: &CallRecord) -> Result<(), StoreError> {
    let duration_s = call.ended_at.map(|ended| (ended.as_second() - call.called_at.as_second()).max(0));
    change(
        db,
        "store the call",
        "INSERT INTO after_hours_calls (id, profile_id, sip_call_id, caller_phone, caller_display, called,
             called_at, utc_offset_s, ended_at, call_duration_seconds, recording_url, status)
         VALUES (:id, :profile_id, :sip_call_id, :caller_phone, :caller_display, :called,
             :called_at, :utc_offset_s, :ended_at, :duration_s, :recording, :status)
         ON CONFLICT (id) DO UPDATE SET profile_id = :profile_id, sip_call_id = :sip_call_id,
             caller_phone = :caller_phone, caller_display = :caller_display, called = :called,
             called_at = :called_at, utc_offset_s = :utc_offset_s, ended_at = :ended_at,
             call_duration_seconds = :duration_s, recording_url = :recording, status = :status
         WHERE after_hours_calls.status = 'in_progress' OR :status <> 'in_progress'",
        named_params! {
            ":id": call.id.to_string(),
            ":profile_id": call.profile_id,
            ":sip_call_id": call.sip_call_id,
            ":caller_phone": call.caller.as_ref().map(PhoneNumber::e164),
            ":caller_display": call.caller_display,
            ":called": call.called,
            ":called_at": time(call.called_at),
            ":utc_offset_s": call.utc_offset_s,
            ":ended_at": call.ended_at.map(time),
            ":duration_s": duration_s,
            ":recording": call.recording,
            ":status": word(&call.status),
        },
    )?;
    Ok(())
}

/// The highest row number in use; rows of later calls are above it.
pub(in crate::store) fn last_row(db: &Connection) -> Result<i64, StoreError> {
    db.query_row("SELECT coalesce(max(rowid), 0) FROM after_hours_calls", [], |row| row.get(0))
        .map_err(|e| StoreError::from_sqlite("look for interrupted calls", e))
}

/// Closes calls up to `last_row` that are still open as cut, at their last known moment, and returns
/// every cut call that has no card yet, oldest first.
pub(in crate::store) fn close_cut(db: &Connection, last_row: i64) -> Result<Vec<CallRecord>, StoreError> {
    let doing = "close interrupted calls";
    let open = all(
        db,
        doing,
        "SELECT * FROM after_hours_calls WHERE status = 'in_progress' AND rowid <= ?1",
        [last_row],
        read,
    )?;
    for mut call in open {
        let last_ms: i64 = db
            .query_row(
                "SELECT coalesce(max(at_ms), 0) FROM turns WHERE call_id = ?1",
                [call.id.to_string()],
                |row| row.get(0),
            )
            .map_err(|e| StoreError::from_sqlite(doing, e))?;
        let last_moment = jiff::SignedDuration::from_millis(last_ms);
        call.ended_at = Some(call.called_at.checked_add(last_moment).unwrap_or(call.called_at));
        call.status = CallStatus::Cut;
        put(db, &call)?;
    }
    all(
        db,
        doing,
        "SELECT * FROM after_hours_calls c WHERE status = 'cut'
         AND NOT EXISTS (SELECT 1 FROM lead_cards l WHERE l.call_id = c.id) ORDER BY called_at",
        [],
        read,
    )
}

/// The latest calls, newest first.
pub(in crate::store) fn latest(db: &Connection, limit: u32) -> Result<Vec<CallRecord>, StoreError> {
    all(
        db,
        "list the calls",
        "SELECT * FROM after_hours_calls ORDER BY called_at DESC, id DESC LIMIT ?1",
        [limit],
        read,
    )
}

/// One call.
pub(in crate::store) fn get(db: &Connection, id: CallId) -> Result<Option<CallRecord>, StoreError> {
    let found =
        all(db, "read the call", "SELECT * FROM after_hours_calls WHERE id = ?1", [id.to_string()], read)?;
    Ok(found.into_iter().next())
}

/// Calls whose id ends with these characters, newest first.
pub(in crate::store) fn ending_with(
    db: &Connection,
    ending: &str,
    limit: u32,
) -> Result<Vec<CallRecord>, StoreError> {
    all(
        db,
        "look for the call",
        "SELECT * FROM after_hours_calls WHERE substr(id, -length(?1)) = lower(?1)
         ORDER BY called_at DESC LIMIT ?2",
        (ending, limit),
        read,
    )
}

/// The latest finished call of this number to this business; sales calls do not count.
pub(in crate::store) fn latest_from(
    db: &Connection,
    profile_id: &str,
    caller: &PhoneNumber,
    since: Timestamp,
) -> Result<Option<CallRecord>, StoreError> {
    let found = all(
        db,
        "look for an earlier call",
        "SELECT * FROM after_hours_calls WHERE caller_phone = ?1 AND profile_id = ?2 AND called_at >= ?3
         AND status NOT IN ('in_progress', 'spam') ORDER BY called_at DESC LIMIT 1",
        (caller.e164(), profile_id, time(since)),
        read,
    )?;
    Ok(found.into_iter().next())
}

/// Calls before a moment that still have a recording.
pub(in crate::store) fn recorded_before(
    db: &Connection,
    before: Timestamp,
) -> Result<Vec<(CallId, String)>, StoreError> {
    all(
        db,
        "look for old recordings",
        "SELECT id, recording_url FROM after_hours_calls WHERE recording_url IS NOT NULL AND called_at < ?1",
        [time(before)],
        |row| Ok((parsed(row, "id")?, column(row, "recording_url")?)),
    )
}

/// The recording of this call is gone.
pub(in crate::store) fn forget_recording(db: &Connection, id: CallId) -> Result<(), StoreError> {
    let doing = "forget a recording";
    let id = id.to_string();
    change(db, doing, "UPDATE after_hours_calls SET recording_url = NULL WHERE id = ?1", [&id])?;
    change(db, doing, "UPDATE lead_cards SET recording_url = NULL WHERE call_id = ?1", [&id])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<CallRecord, StoreError> {
    Ok(CallRecord {
        id: parsed(row, "id")?,
        sip_call_id: column(row, "sip_call_id")?,
        profile_id: column(row, "profile_id")?,
        caller: parsed_option(row, "caller_phone")?,
        caller_display: column(row, "caller_display")?,
        called: column(row, "called")?,
        called_at: parsed(row, "called_at")?,
        utc_offset_s: column(row, "utc_offset_s")?,
        ended_at: parsed_option(row, "ended_at")?,
        status: worded(row, "status")?,
        recording: column(row, "recording_url")?,
    })
}
