//! `emergency_alerts`: one per call, and whether somebody took it.

use domain::{Alert, AlertId, CallId, PhoneNumber, ReplyCode};
use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};

use super::{all, change, column, parsed, parsed_option, time, word, worded, worded_option};
use crate::store::error::StoreError;

/// Adds an alert; false when the call has one already (nothing is changed then). The call's card is linked if
/// it exists.
pub(in crate::store) fn add(db: &Connection, alert: &Alert) -> Result<bool, StoreError> {
    let added = change(
        db,
        "store the alert",
        "INSERT INTO emergency_alerts (id, call_id, lead_card_id, profile_id, reply_code, drill, issue, caller_name,
             caller_phone, address, issue_summary, state, opened_at, seen_at, acknowledged_at, acknowledged_by,
             acknowledged_via, acknowledgment_message, closed_at)
         VALUES (:id, :call_id, (SELECT id FROM lead_cards WHERE call_id = :call_id), :profile_id, :code, :drill,
             :issue, :caller_name, :caller_phone, :address, :summary, :state, :opened_at, :seen_at,
             :acknowledged_at, :acknowledged_by, :acknowledged_via, :words, :closed_at)
         ON CONFLICT (call_id) DO NOTHING",
        named_params! {
            ":id": alert.id.to_string(),
            ":call_id": alert.call_id.to_string(),
            ":profile_id": alert.profile_id,
            ":code": alert.code.0,
            ":drill": alert.drill,
            ":issue": word(&alert.issue),
            ":caller_name": alert.caller_name,
            ":caller_phone": alert.caller_phone.as_ref().map(PhoneNumber::e164),
            ":address": alert.address,
            ":summary": alert.issue_summary,
            ":state": word(&alert.state),
            ":opened_at": time(alert.opened_at),
            ":seen_at": time(alert.seen_at),
            ":acknowledged_at": alert.acknowledged_at.map(time),
            ":acknowledged_by": alert.acknowledged_by.as_ref().map(word),
            ":acknowledged_via": alert.acknowledged_via.as_ref().map(word),
            ":words": alert.acknowledged_words,
            ":closed_at": alert.closed_at.map(time),
        },
    )?;
    Ok(added == 1)
}

/// What is known of the caller has grown.
pub(in crate::store) fn learn(db: &Connection, alert: &Alert) -> Result<(), StoreError> {
    change(
        db,
        "complete the alert",
        "UPDATE emergency_alerts SET caller_name = coalesce(:caller_name, caller_name),
             caller_phone = coalesce(:caller_phone, caller_phone), address = coalesce(:address, address),
             issue = :issue, issue_summary = :summary WHERE id = :id",
        named_params! {
            ":id": alert.id.to_string(),
            ":caller_name": alert.caller_name,
            ":caller_phone": alert.caller_phone.as_ref().map(PhoneNumber::e164),
            ":address": alert.address,
            ":issue": word(&alert.issue),
            ":summary": alert.issue_summary,
        },
    )?;
    Ok(())
}

/// How far the alert has come.
pub(in crate::store) fn advance(db: &Connection, alert: &Alert) -> Result<(), StoreError> {
    change(
        db,
        "store how far the alert has come",
        "UPDATE emergency_alerts SET state = :state, opened_at = :opened_at, seen_at = :seen_at, acknowledged_at = :acknowledged_at,
             acknowledged_by = :acknowledged_by, acknowledged_via = :acknowledged_via,
             acknowledgment_message = :words, closed_at = :closed_at WHERE id = :id",
        named_params! {
            ":id": alert.id.to_string(),
            ":state": word(&alert.state),
            ":opened_at": time(alert.opened_at),
            ":seen_at": time(alert.seen_at),
            ":acknowledged_at": alert.acknowledged_at.map(time),
            ":acknowledged_by": alert.acknowledged_by.as_ref().map(word),
            ":acknowledged_via": alert.acknowledged_via.as_ref().map(word),
            ":words": alert.acknowledged_words,
            ":closed_at": alert.closed_at.map(time),
        },
    )?;
    Ok(())
}

/// The alert of a call.
pub(in crate::store) fn of_call(db: &Connection, call: CallId) -> Result<Option<Alert>, StoreError> {
    one(db, "SELECT * FROM emergency_alerts WHERE call_id = ?1", call.to_string())
}

/// One alert.
pub(in crate::store) fn get(db: &Connection, id: AlertId) -> Result<Option<Alert>, StoreError> {
    one(db, "SELECT * FROM emergency_alerts WHERE id = ?1", id.to_string())
}

/// Every alert that is not closed, oldest first.
pub(in crate::store) fn open(db: &Connection) -> Result<Vec<Alert>, StoreError> {
    let sql = "SELECT * FROM emergency_alerts WHERE state NOT IN ('done', 'not_an_emergency')
               ORDER BY opened_at, id";
    all(db, "read the open alerts", sql, [], read)
}

/// Every alert that is not closed, and those that were opened since a moment, oldest first.
pub(in crate::store) fn since(db: &Connection, since: Timestamp) -> Result<Vec<Alert>, StoreError> {
    let sql =
        "SELECT * FROM emergency_alerts WHERE opened_at >= ?1 OR state NOT IN ('done', 'not_an_emergency')
               ORDER BY opened_at, id";
    all(db, "read the alerts", sql, [time(since)], read)
}

/// The latest alerts, newest first.
pub(in crate::store) fn latest(db: &Connection, limit: u32) -> Result<Vec<Alert>, StoreError> {
    let sql = "SELECT * FROM emergency_alerts ORDER BY opened_at DESC, id DESC LIMIT ?1";
    all(db, "read the alerts", sql, [limit], read)
}

fn one(db: &Connection, sql: &str, id: String) -> Result<Option<Alert>, StoreError> {
    Ok(all(db, "read the alert", sql, [id], read)?.into_iter().next())
}

fn read(row: &Row<'_>) -> Result<Alert, StoreError> {
    Ok(Alert {
        id: parsed(row, "id")?,
        call_id: parsed(row, "call_id")?,
        profile_id: column(row, "profile_id")?,
        code: ReplyCode(column(row, "reply_code")?),
        drill: column(row, "drill")?,
        issue: worded(row, "issue")?,
        caller_name: column(row, "caller_name")?,
        caller_phone: parsed_option(row, "caller_phone")?,
        address: column(row, "address")?,
        issue_summary: column(row, "issue_summary")?,
        state: worded(row, "state")?,
        opened_at: parsed(row, "opened_at")?,
        seen_at: parsed(row, "seen_at")?,
        acknowledged_at: parsed_option(row, "acknowledged_at")?,
        acknowledged_by: parsed_option(row, "acknowledged_by")?,
        acknowledged_via: worded_option(row, "acknowledged_via")?,
        acknowledged_words: column(row, "acknowledgment_message")?,
        closed_at: parsed_option(row, "closed_at")?,
    })
}
