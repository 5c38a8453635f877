//! `emergency_alerts`: whom we tried to wake, and whether somebody took it.

use domain::{AlertRecord, CallId, PhoneNumber};
use rusqlite::{Connection, Row, named_params};

use super::{all, change, column, parsed, parsed_option, time, word, worded};
use crate::store::error::StoreError;

/// Adds an alert; the call's card is linked if it exists already.
pub(in crate::store) fn add(db: &Connection, alert: &AlertRecord) -> Result<(), StoreError> {
    change(
        db,
        "store the alert",
        "INSERT INTO emergency_alerts (id, call_id, lead_card_id, caller_name, caller_phone, address,
             issue_summary, tech_name, tech_phone, escalation_step, acknowledged, acknowledged_at, created_at)
         VALUES (:id, :call_id, (SELECT id FROM lead_cards WHERE call_id = :call_id), :caller_name,
             :caller_phone, :address, :issue_summary, :tech_name, :tech_phone, :step,
             :acknowledged_at IS NOT NULL, :acknowledged_at, :created_at)",
        named_params! {
            ":id": alert.id.to_string(),
            ":call_id": alert.call_id.to_string(),
            ":caller_name": alert.caller_name,
            ":caller_phone": alert.caller_phone.as_ref().map(PhoneNumber::e164),
            ":address": alert.address,
            ":issue_summary": alert.issue_summary,
            ":tech_name": alert.tech_name,
            ":tech_phone": alert.tech_phone.e164(),
            ":step": word(&alert.step),
            ":acknowledged_at": alert.acknowledged_at.map(time),
            ":created_at": time(alert.created_at),
        },
    )?;
    Ok(())
}

/// The alerts of a call, oldest first.
pub(in crate::store) fn of_call(db: &Connection, call: CallId) -> Result<Vec<AlertRecord>, StoreError> {
    all(
        db,
        "read the alerts",
        "SELECT * FROM emergency_alerts WHERE call_id = ?1 ORDER BY created_at, id",
        [call.to_string()],
        read,
    )
}

fn read(row: &Row<'_>) -> Result<AlertRecord, StoreError> {
    Ok(AlertRecord {
        id: parsed(row, "id")?,
        call_id: parsed(row, "call_id")?,
        caller_name: column(row, "caller_name")?,
        caller_phone: parsed_option(row, "caller_phone")?,
        address: column(row, "address")?,
        issue_summary: column(row, "issue_summary")?,
        tech_name: column(row, "tech_name")?,
        tech_phone: parsed(row, "tech_phone")?,
        step: worded(row, "escalation_step")?,
        created_at: parsed(row, "created_at")?,
        acknowledged_at: parsed_option(row, "acknowledged_at")?,
    })
}
