//! `delivery_tries` and `far_events`: every attempt to send (decision K09), and what the far side told.

use domain::OutboxId;
use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};
use serde::{Deserialize, Serialize};

use super::{all, change, column, parsed, parsed_option, time, word, worded_option};
use crate::store::error::StoreError;

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TryOutcome {
    /// The far side took it.
    Accepted,
    /// An earlier try had arrived.
    AlreadyThere,
    /// Not taken; later it may be.
    Later,
    /// It may or may not have arrived.
    Unsure,
    /// Refused for good.
    Never,
}

/// One attempt to send an item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryTry {
    /// The item.
    pub item: OutboxId,
    /// 1, 2 …
    pub number: u32,
    /// By which connector.
    pub connector: String,
    /// Committed before anything left.
    pub started_at: Timestamp,
    /// `None`: runs, or was cut.
    pub ended_at: Option<Timestamp>,
    /// `None`: runs, or was cut.
    pub outcome: Option<TryOutcome>,
    /// For the owner.
    pub why: Option<String>,
}

/// Writes a try, begun or ended.
pub(in crate::store) fn put(db: &Connection, attempt: &DeliveryTry) -> Result<(), StoreError> {
    change(
        db,
        "store a delivery try",
        "INSERT INTO delivery_tries (item_id, try, connector, started_at, ended_at, outcome, why)
         VALUES (:item, :number, :connector, :started_at, :ended_at, :outcome, :why)
         ON CONFLICT (item_id, try) DO UPDATE SET ended_at = :ended_at, outcome = :outcome, why = :why",
        named_params! {
            ":item": attempt.item.to_string(),
            ":number": attempt.number,
            ":connector": attempt.connector,
            ":started_at": time(attempt.started_at),
            ":ended_at": attempt.ended_at.map(time),
            ":outcome": attempt.outcome.as_ref().map(word),
            ":why": attempt.why,
        },
    )?;
    Ok(())
}

/// The tries of an item in order.
pub(in crate::store) fn of_item(db: &Connection, item: OutboxId) -> Result<Vec<DeliveryTry>, StoreError> {
    let sql = "SELECT * FROM delivery_tries WHERE item_id = ?1 ORDER BY try";
    all(db, "read the delivery tries", sql, [item.to_string()], read)
}

/// Ends the tries that a power cut or crash interrupted: whether they arrived is not known. How many items.
pub(in crate::store) fn end_cut(db: &Connection, now: Timestamp) -> Result<usize, StoreError> {
    let doing = "close interrupted delivery tries";
    change(
        db,
        doing,
        "UPDATE outbox SET may_repeat = 1, last_error = 'the box stopped while it was being sent'
         WHERE state = 'waiting'
         AND id IN (SELECT item_id FROM delivery_tries WHERE ended_at IS NULL)",
        [],
    )?;
    let sql = "UPDATE delivery_tries SET ended_at = ?1, outcome = 'unsure', why = 'the box stopped during it'
               WHERE ended_at IS NULL";
    change(db, doing, sql, [time(now)])
}

/// True when this reply or receipt was taken in before.
pub(in crate::store) fn was_told(
    db: &Connection,
    connector: &str,
    far_id: &str,
    kind: &str,
) -> Result<bool, StoreError> {
    let sql = "SELECT kind FROM far_events WHERE connector = ?1 AND far_id = ?2 AND kind = ?3";
    let found: Vec<String> =
        all(db, "look for a reply", sql, (connector, far_id, kind), |row| column(row, "kind"))?;
    Ok(!found.is_empty())
}

/// A reply or receipt was taken in.
pub(in crate::store) fn told(
    db: &Connection,
    connector: &str,
    far_id: &str,
    kind: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO far_events (connector, far_id, kind, received_at) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO NOTHING";
    change(db, "remember what the far side told", sql, (connector, far_id, kind, time(now)))?;
    Ok(())
}

/// Deletes what was told before a moment.
pub(in crate::store) fn forget_told(db: &Connection, before: Timestamp) -> Result<(), StoreError> {
    change(db, "forget old replies", "DELETE FROM far_events WHERE received_at < ?1", [time(before)])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<DeliveryTry, StoreError> {
    Ok(DeliveryTry {
        item: parsed(row, "item_id")?,
        number: column(row, "try")?,
        connector: column(row, "connector")?,
        started_at: parsed(row, "started_at")?,
        ended_at: parsed_option(row, "ended_at")?,
        outcome: worded_option(row, "outcome")?,
        why: column(row, "why")?,
    })
}
