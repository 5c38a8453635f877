//! `outbox`: what waits to leave the box, and what has become of it.

use domain::{CallId, OutboxItem};
use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};

use super::{all, change, column, json, json_text, parsed, parsed_option, time, word, worded};
use crate::store::error::StoreError;

/// Adds an item; false when one with this key is there already (nothing is changed then).
pub(in crate::store) fn add(db: &Connection, item: &OutboxItem) -> Result<bool, StoreError> {
    let added = change(
        db,
        "store the outbox item",
        "INSERT INTO outbox (id, channel, idempotency_key, call_id, alert_id, destination, payload, created_at,
             expires_at, next_try_at, tries, state, far_id, may_repeat, last_error, sent_at, delivered_at)
         VALUES (:id, :channel, :key, :call_id, :alert_id, :destination, :payload, :created_at,
             :expires_at, :next_try_at, :tries, :state, :far_id, :may_repeat, :last_error, :sent_at, :delivered_at)
         ON CONFLICT (idempotency_key) DO NOTHING",
        named_params! {
            ":id": item.id.to_string(),
            ":channel": word(&item.channel()),
            ":key": item.idempotency_key,
            ":call_id": item.call_id.map(|id| id.to_string()),
            ":alert_id": item.alert_id.map(|id| id.to_string()),
            ":destination": item.destination(),
            ":payload": json_text(&item.payload),
            ":created_at": time(item.created_at),
            ":expires_at": item.expires_at.map(time),
            ":next_try_at": time(item.next_try_at),
            ":tries": item.tries,
            ":state": word(&item.state),
            ":far_id": item.far_id,
            ":may_repeat": item.may_repeat,
            ":last_error": item.last_error,
            ":sent_at": item.sent_at.map(time),
            ":delivered_at": item.delivered_at.map(time),
        },
    )?;
    Ok(added == 1)
}

/// Everything that has not left yet, oldest first.
pub(in crate::store) fn waiting(db: &Connection) -> Result<Vec<OutboxItem>, StoreError> {
    let sql = "SELECT * FROM outbox WHERE state = 'waiting' ORDER BY created_at, id";
    all(db, "read the outbox", sql, [], read)
}

/// Everything that belongs to a call, sent or not, oldest first.
pub(in crate::store) fn of_call(db: &Connection, call: CallId) -> Result<Vec<OutboxItem>, StoreError> {
    let sql = "SELECT * FROM outbox WHERE call_id = ?1 ORDER BY created_at, id";
    all(db, "read the outbox", sql, [call.to_string()], read)
}

/// Deletes what left the box before a moment; what still waits is never deleted.
pub(in crate::store) fn forget_sent(db: &Connection, before: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM outbox WHERE sent_at < ?1";
    change(db, "forget old outbox items", sql, [time(before)])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<OutboxItem, StoreError> {
    Ok(OutboxItem {
        id: parsed(row, "id")?,
        idempotency_key: column(row, "idempotency_key")?,
        call_id: parsed_option(row, "call_id")?,
        alert_id: parsed_option(row, "alert_id")?,
        payload: json(row, "payload")?,
        created_at: parsed(row, "created_at")?,
        expires_at: parsed_option(row, "expires_at")?,
        next_try_at: parsed(row, "next_try_at")?,
        tries: column(row, "tries")?,
        state: worded(row, "state")?,
        far_id: column(row, "far_id")?,
        may_repeat: column(row, "may_repeat")?,
        last_error: column(row, "last_error")?,
        sent_at: parsed_option(row, "sent_at")?,
        delivered_at: parsed_option(row, "delivered_at")?,
    })
}
