//! `outbox`: what waits to leave the box, and what has become of it.

use domain::{AlertId, CallId, Channel, OutboxId, OutboxItem, OutboxState};
use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};

use super::{all, change, column, json, json_text, parsed, parsed_option, time, word, worded, worded_option};
use crate::store::error::StoreError;

/// How the outbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Items that wait.
    pub waiting: u32,
    /// When the oldest of those was made that failed at least once.
    pub oldest_tried: Option<Timestamp>,
    /// Items that were refused lately and that nobody has looked at.
    pub dead: u32,
}

/// Adds an item; false when one with this key is there already (nothing is changed then).
pub(in crate::store) fn add(db: &Connection, item: &OutboxItem) -> Result<bool, StoreError> {
    let added = change(
        db,
        "store the outbox item",
        "INSERT INTO outbox (id, channel, idempotency_key, call_id, alert_id, step_number, destination, payload,
             created_at, expires_at, next_try_at, tries, state, sent_by, far_id, may_repeat, refusal, last_error,
             sent_at, delivered_at)
         VALUES (:id, :channel, :key, :call_id, :alert_id, :step, :destination, :payload, :created_at,
             :expires_at, :next_try_at, :tries, :state, :sent_by, :far_id, :may_repeat, :refusal, :last_error,
             :sent_at, :delivered_at)
         ON CONFLICT (idempotency_key) DO NOTHING",
        named_params! {
            ":id": item.id.to_string(),
            ":channel": item.channel.slug(),
            ":key": item.idempotency_key,
            ":call_id": item.call_id.map(|id| id.to_string()),
            ":alert_id": item.alert_id.map(|id| id.to_string()),
            ":step": item.step,
            ":destination": item.destination(),
            ":payload": json_text(&item.payload),
            ":created_at": time(item.created_at),
            ":expires_at": item.expires_at.map(time),
            ":next_try_at": time(item.next_try_at),
            ":tries": item.tries,
            ":state": word(&item.state),
            ":sent_by": item.sent_by,
            ":far_id": item.far_id,
            ":may_repeat": item.may_repeat,
            ":refusal": item.refusal.as_ref().map(word),
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

/// What may be tried now on a channel, emergencies first. Items to one destination leave in the order of their
/// making: one whose time has not come holds back those behind it. Pages of different alerts hold back nothing.
pub(in crate::store) fn due(
    db: &Connection,
    channel: Channel,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<OutboxItem>, StoreError> {
    let sql = "SELECT * FROM outbox o WHERE state = 'waiting' AND channel = ?1 AND next_try_at <= ?2
         AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.state = 'waiting' AND e.channel = o.channel
             AND e.destination = o.destination AND e.next_try_at > ?2 AND e.alert_id IS o.alert_id
             AND (e.created_at, e.id) < (o.created_at, o.id))
         ORDER BY alert_id IS NULL, created_at, id LIMIT ?3";
    all(db, "read what is due", sql, (channel.slug(), time(now), limit), read)
}

/// When the next item of a channel may be tried or becomes too old.
pub(in crate::store) fn next_at(db: &Connection, channel: Channel) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT min(min(next_try_at, coalesce(expires_at, next_try_at))) AS at
               FROM outbox WHERE state = 'waiting' AND channel = ?1";
    let found = all(db, "look for the next try", sql, [channel.slug()], |row| parsed_option(row, "at"))?;
    Ok(found.into_iter().next().flatten())
}

/// How much waits, since when, and how much was refused since a moment.
pub(in crate::store) fn backlog(db: &Connection, since: Timestamp) -> Result<Backlog, StoreError> {
    let sql = "SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
                   min(created_at) FILTER (WHERE state = 'waiting' AND tries > 0) AS oldest,
                   count(*) FILTER (WHERE state = 'dead') AS dead
               FROM outbox WHERE state = 'waiting' OR (state = 'dead' AND created_at >= ?1)";
    let found = all(db, "look at the outbox", sql, [time(since)], |row| {
        Ok(Backlog {
            waiting: column(row, "waiting")?,
            oldest_tried: parsed_option(row, "oldest")?,
            dead: column(row, "dead")?,
        })
    })?;
    Ok(found.into_iter().next().unwrap_or_default())
}

/// One item.
pub(in crate::store) fn get(db: &Connection, id: OutboxId) -> Result<Option<OutboxItem>, StoreError> {
    let sql = "SELECT * FROM outbox WHERE id = ?1";
    Ok(all(db, "read the outbox item", sql, [id.to_string()], read)?.into_iter().next())
}

/// What the far side knows under this name.
pub(in crate::store) fn by_far_id(
    db: &Connection,
    connector: &str,
    far_id: &str,
) -> Result<Option<OutboxItem>, StoreError> {
    let sql = "SELECT * FROM outbox WHERE far_id = ?2 AND sent_by = ?1 ORDER BY sent_at DESC LIMIT 1";
    Ok(all(db, "look for the outbox item", sql, (connector, far_id), read)?.into_iter().next())
}

/// What a connector has and whose arrival is not known yet, newest first.
pub(in crate::store) fn undelivered(
    db: &Connection,
    connector: &str,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT far_id FROM outbox WHERE state = 'sent' AND sent_by = ?1 AND far_id IS NOT NULL
               AND delivered_at IS NULL AND sent_at >= ?2 ORDER BY sent_at DESC LIMIT ?3";
    all(db, "look for open receipts", sql, (connector, time(since), limit), |row| column(row, "far_id"))
}

/// Everything that belongs to an alert, oldest first.
pub(in crate::store) fn of_alert(db: &Connection, alert: AlertId) -> Result<Vec<OutboxItem>, StoreError> {
    let sql = "SELECT * FROM outbox WHERE alert_id = ?1 ORDER BY created_at, id";
    all(db, "read the outbox", sql, [alert.to_string()], read)
}

/// The latest items in these states, newest first.
pub(in crate::store) fn in_states(
    db: &Connection,
    states: &[OutboxState],
    limit: u32,
) -> Result<Vec<OutboxItem>, StoreError> {
    let words = json_text(&states);
    let sql = "SELECT * FROM outbox WHERE state IN (SELECT value FROM json_each(?1))
               ORDER BY created_at DESC, id DESC LIMIT ?2";
    all(db, "list the outbox", sql, (words, limit), read)
}

/// Writes what has become of an item.
pub(in crate::store) fn put_fate(db: &Connection, item: &OutboxItem) -> Result<(), StoreError> {
    change(
        db,
        "store what became of an outbox item",
        "UPDATE outbox SET next_try_at = :next_try_at, tries = :tries, state = :state, sent_by = :sent_by,
             far_id = :far_id, may_repeat = :may_repeat, refusal = :refusal, last_error = :last_error, sent_at = :sent_at,
             delivered_at = :delivered_at, expires_at = :expires_at WHERE id = :id",
        named_params! {
            ":id": item.id.to_string(),
            ":next_try_at": time(item.next_try_at),
            ":tries": item.tries,
            ":state": word(&item.state),
            ":sent_by": item.sent_by,
            ":far_id": item.far_id,
            ":may_repeat": item.may_repeat,
            ":refusal": item.refusal.as_ref().map(word),
            ":last_error": item.last_error,
            ":sent_at": item.sent_at.map(time),
            ":delivered_at": item.delivered_at.map(time),
            ":expires_at": item.expires_at.map(time),
        },
    )?;
    Ok(())
}

/// Items that became too old; how many.
pub(in crate::store) fn expire(db: &Connection, now: Timestamp) -> Result<usize, StoreError> {
    let sql = "UPDATE outbox SET state = 'expired',
                   last_error = coalesce(last_error, 'it could not be sent in time')
               WHERE state = 'waiting' AND expires_at <= ?1";
    change(db, "close what is too old", sql, [time(now)])
}

/// An item is not needed any more; nothing happens when it has left.
pub(in crate::store) fn cancel(db: &Connection, key: &str) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET state = 'cancelled' WHERE idempotency_key = ?1 AND state = 'waiting'";
    change(db, "take an item from the outbox", sql, [key])?;
    Ok(())
}

/// The owner wants an item tried again at once; false when it has left, or there is none.
pub(in crate::store) fn retry(db: &Connection, id: OutboxId, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE outbox SET state = 'waiting', next_try_at = ?2, expires_at = NULL, refusal = NULL
               WHERE id = ?1 AND state <> 'sent'";
    Ok(change(db, "try an item again", sql, (id.to_string(), time(now)))? == 1)
}

/// The owner does not want an item sent; false when it has left, or there is none.
pub(in crate::store) fn drop_item(db: &Connection, id: OutboxId) -> Result<bool, StoreError> {
    let sql = "UPDATE outbox SET state = 'cancelled' WHERE id = ?1 AND state <> 'sent'";
    Ok(change(db, "drop an item", sql, [id.to_string()])? == 1)
}

/// The far side is there again: what waits for it is tried now.
pub(in crate::store) fn wake(db: &Connection, channel: Channel, now: Timestamp) -> Result<usize, StoreError> {
    let sql =
        "UPDATE outbox SET next_try_at = ?2 WHERE state = 'waiting' AND channel = ?1 AND next_try_at > ?2";
    change(db, "wake the outbox", sql, (channel.slug(), time(now)))
}

/// Everything that belongs to a call, sent or not, oldest first.
pub(in crate::store) fn of_call(db: &Connection, call: CallId) -> Result<Vec<OutboxItem>, StoreError> {
    let sql = "SELECT * FROM outbox WHERE call_id = ?1 ORDER BY created_at, id";
    all(db, "read the outbox", sql, [call.to_string()], read)
}

/// Deletes what was settled and made before a moment; what still waits is never deleted.
pub(in crate::store) fn forget_sent(db: &Connection, before: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM outbox WHERE state <> 'waiting' AND created_at < ?1";
    change(db, "forget old outbox items", sql, [time(before)])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<OutboxItem, StoreError> {
    Ok(OutboxItem {
        id: parsed(row, "id")?,
        channel: worded(row, "channel")?,
        idempotency_key: column(row, "idempotency_key")?,
        call_id: parsed_option(row, "call_id")?,
        alert_id: parsed_option(row, "alert_id")?,
        step: column(row, "step_number")?,
        payload: json(row, "payload")?,
        created_at: parsed(row, "created_at")?,
        expires_at: parsed_option(row, "expires_at")?,
        next_try_at: parsed(row, "next_try_at")?,
        tries: column(row, "tries")?,
        state: worded(row, "state")?,
        sent_by: column(row, "sent_by")?,
        far_id: column(row, "far_id")?,
        may_repeat: column(row, "may_repeat")?,
        refusal: worded_option(row, "refusal")?,
        last_error: column(row, "last_error")?,
        sent_at: parsed_option(row, "sent_at")?,
        delivered_at: parsed_option(row, "delivered_at")?,
    })
}
