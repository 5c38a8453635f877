//! `turns`: the transcript, one row per turn.

use domain::{CallId, TurnRecord};
use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};

use super::{all, change, column, time, word, worded};
use crate::store::error::StoreError;

/// Writes a turn; the same index again replaces it (its decision or latency became known).
pub(in crate::store) fn put(db: &Connection, call: CallId, turn: &TurnRecord) -> Result<(), StoreError> {
    change(
        db,
        "store the turn",
        "INSERT INTO turns (call_id, turn_index, speaker, text, at_ms, confidence, tone, latency_ms, decision)
         VALUES (:call_id, :turn_index, :speaker, :text, :at_ms, :confidence, :tone, :latency_ms, :decision)
         ON CONFLICT (call_id, turn_index) DO UPDATE SET speaker = :speaker, text = :text, at_ms = :at_ms,
             confidence = :confidence, tone = :tone, latency_ms = :latency_ms, decision = :decision",
        named_params! {
            ":call_id": call.to_string(),
            ":turn_index": turn.index,
            ":speaker": word(&turn.speaker),
            ":text": turn.text,
            // 292 million years fit
            ":at_ms": i64::try_from(turn.at_ms).unwrap_or(i64::MAX),
            // NaN would be stored as NULL and refused
            ":confidence": if turn.confidence.is_nan() { 0.0 } else { f64::from(turn.confidence) },
            ":tone": word(&turn.tone),
            ":latency_ms": turn.latency_ms,
            ":decision": turn.decision,
        },
    )?;
    Ok(())
}

/// All turns of a call in order.
pub(in crate::store) fn of_call(db: &Connection, call: CallId) -> Result<Vec<TurnRecord>, StoreError> {
    let sql = "SELECT * FROM turns WHERE call_id = ?1 ORDER BY turn_index";
    all(db, "read the turns", sql, [call.to_string()], read)
}

/// Deletes the transcripts of calls before a moment; the number of calls.
pub(in crate::store) fn forget(db: &Connection, before: Timestamp) -> Result<usize, StoreError> {
    let doing = "forget old transcripts";
    let old = "call_id IN (SELECT id FROM after_hours_calls WHERE called_at < ?1)";
    let calls: i64 = db
        .query_row(&format!("SELECT count(DISTINCT call_id) FROM turns WHERE {old}"), [time(before)], |row| {
            row.get(0)
        })
        .map_err(|e| StoreError::from_sqlite(doing, e))?;
    change(db, doing, &format!("DELETE FROM turns WHERE {old}"), [time(before)])?;
    Ok(usize::try_from(calls).unwrap_or(0))
}

fn read(row: &Row<'_>) -> Result<TurnRecord, StoreError> {
    Ok(TurnRecord {
        index: column(row, "turn_index")?,
        speaker: worded(row, "speaker")?,
        text: column(row, "text")?,
        at_ms: u64::try_from(column::<i64>(row, "at_ms")?).unwrap_or(0),
        confidence: column(row, "confidence")?,
        tone: worded(row, "tone")?,
        latency_ms: column(row, "latency_ms")?,
        decision: column(row, "decision")?,
    })
}
