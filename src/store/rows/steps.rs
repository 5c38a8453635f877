//! `alert_steps`: the ladder of an alert, one row for every step.

use domain::{AlertId, StepRow};
use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};

use super::{all, change, column, parsed, parsed_option, time, word, worded, worded_option};
use crate::store::error::StoreError;

/// Writes a step, new or changed.
pub(in crate::store) fn put(db: &Connection, step: &StepRow) -> Result<(), StoreError> {
    change(
        db,
        "store a step of the ladder",
        "INSERT INTO alert_steps (alert_id, number, rung, step, contact, means, due_at, may_repeat, outcome,
             failure, attempted_at, delivered_at, acknowledged_at, ended_at)
         VALUES (:alert_id, :number, :rung, :step, :contact, :means, :due_at, :may_repeat, :outcome,
             :failure, :attempted_at, :delivered_at, :acknowledged_at, :ended_at)
         ON CONFLICT (alert_id, number) DO UPDATE SET rung = :rung, step = :step, contact = :contact,
             means = :means, due_at = :due_at, may_repeat = :may_repeat, outcome = :outcome, failure = :failure,
             attempted_at = :attempted_at, delivered_at = :delivered_at, acknowledged_at = :acknowledged_at,
             ended_at = :ended_at",
        named_params! {
            ":alert_id": step.alert_id.to_string(),
            ":number": step.number,
            ":rung": step.rung,
            ":step": word(&step.step),
            ":contact": step.contact.as_str(),
            ":means": word(&step.means),
            ":due_at": time(step.due_at),
            ":may_repeat": step.may_repeat,
            ":outcome": word(&step.outcome),
            ":failure": step.failure.as_ref().map(word),
            ":attempted_at": step.attempted_at.map(time),
            ":delivered_at": step.delivered_at.map(time),
            ":acknowledged_at": step.acknowledged_at.map(time),
            ":ended_at": step.ended_at.map(time),
        },
    )?;
    Ok(())
}

/// The steps of an alert in the order of their making.
pub(in crate::store) fn of_alert(db: &Connection, alert: AlertId) -> Result<Vec<StepRow>, StoreError> {
    let sql = "SELECT * FROM alert_steps WHERE alert_id = ?1 ORDER BY number";
    all(db, "read the steps of the ladder", sql, [alert.to_string()], read)
}

/// Steps that were attempted since a moment, oldest first.
pub(in crate::store) fn since(db: &Connection, since: Timestamp) -> Result<Vec<StepRow>, StoreError> {
    let sql = "SELECT * FROM alert_steps WHERE attempted_at >= ?1 ORDER BY attempted_at, number";
    all(db, "read the steps of the ladder", sql, [time(since)], read)
}

fn read(row: &Row<'_>) -> Result<StepRow, StoreError> {
    Ok(StepRow {
        alert_id: parsed(row, "alert_id")?,
        number: column(row, "number")?,
        rung: column(row, "rung")?,
        step: worded(row, "step")?,
        contact: parsed(row, "contact")?,
        means: worded(row, "means")?,
        due_at: parsed(row, "due_at")?,
        may_repeat: column(row, "may_repeat")?,
        outcome: worded(row, "outcome")?,
        failure: worded_option(row, "failure")?,
        attempted_at: parsed_option(row, "attempted_at")?,
        delivered_at: parsed_option(row, "delivered_at")?,
        acknowledged_at: parsed_option(row, "acknowledged_at")?,
        ended_at: parsed_option(row, "ended_at")?,
    })
}
