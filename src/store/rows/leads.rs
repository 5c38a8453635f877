//! `lead_cards`: one card per call.

use domain::{CallId, LeadCard, LeadId, PhoneNumber};
use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};

use super::{all, change, column, json, json_text, parsed, parsed_option, time, word, worded};
use crate::store::error::StoreError;

/// Writes the card and links the call's alerts to it. A second card for the same call replaces what the
/// call produced and keeps what people did since: call-back status, on-call outcome, digest and CRM marks.
pub(in crate::store) fn put(db: &Connection, card: &LeadCard) -> Result<(), StoreError> {
    let doing = "store the lead card";
    change(
        db,
        doing,
        "INSERT INTO lead_cards (id, call_id, profile_id, caller_phone, phone_confirmed, caller_name, address,
             called_at, classification, priority, issue, issue_summary, issue_detail, service_type, same_day,
             classification_reasoning, safety_instruction_given, caller_tone, recording_url, call_duration,
             appointment_booked, appointment_date, oncall_outcome, callback_status, callback_notes)
         VALUES (:id, :call_id, :profile_id, :caller_phone, :phone_confirmed, :caller_name, :address,
             :called_at, :classification, :priority, :issue, :summary, :detail, :service, :same_day,
             :reasoning, :safety, :tone, :recording, :duration_s,
             :appointment_at IS NOT NULL, :appointment_at, :oncall_outcome, :callback_status, :notes)
         ON CONFLICT (call_id) DO UPDATE SET profile_id = :profile_id, caller_phone = :caller_phone,
             phone_confirmed = :phone_confirmed, caller_name = :caller_name, address = :address,
             called_at = :called_at, classification = :classification, priority = :priority, issue = :issue,
             issue_summary = :summary, issue_detail = :detail, service_type = :service, same_day = :same_day,
             classification_reasoning = :reasoning, safety_instruction_given = :safety, caller_tone = :tone,
             recording_url = :recording, call_duration = :duration_s,
             appointment_booked = :appointment_at IS NOT NULL, appointment_date = :appointment_at,
             callback_notes = :notes",
        named_params! {
            ":id": card.id.to_string(),
            ":call_id": card.call_id.to_string(),
            ":profile_id": card.profile_id,
            ":caller_phone": card.caller_phone.as_ref().map(PhoneNumber::e164),
            ":phone_confirmed": card.phone_confirmed,
            ":caller_name": card.caller_name,
            ":address": card.address,
            ":called_at": time(card.called_at),
            ":classification": word(&card.classification),
            ":priority": word(&card.priority),
            ":issue": word(&card.issue),
            ":summary": card.issue_summary,
            ":detail": card.issue_detail,
            ":service": word(&card.service),
            ":same_day": card.same_day,
            ":reasoning": card.reasoning,
            ":safety": json_text(&card.safety_given),
            ":tone": word(&card.tone),
            ":recording": card.recording,
            ":duration_s": card.duration_s,
            ":appointment_at": card.appointment_at.map(time),
            ":oncall_outcome": word(&card.oncall_outcome),
            ":callback_status": word(&card.callback_status),
            ":notes": json_text(&card.notes),
        },
    )?;
    change(
        db,
        "link the alerts to the lead card",
        "UPDATE emergency_alerts SET lead_card_id = (SELECT id FROM lead_cards WHERE call_id = ?1)
         WHERE call_id = ?1 AND lead_card_id IS NULL",
        [card.call_id.to_string()],
    )?;
    follow_alert(db, card.call_id)
}

/// The card says what became of the call's alert (decision K31).
pub(in crate::store) fn follow_alert(db: &Connection, call: CallId) -> Result<(), StoreError> {
    let sql = "UPDATE lead_cards SET oncall_outcome = CASE
                   WHEN a.state = 'done' AND a.acknowledged_at IS NOT NULL THEN 'dispatched'
                   WHEN a.acknowledged_at IS NOT NULL THEN 'acknowledged'
                   WHEN a.state = 'unresolved' THEN 'escalated' ELSE 'not_reached' END
               FROM emergency_alerts a WHERE a.call_id = lead_cards.call_id AND a.call_id = ?1 AND NOT a.drill";
    change(db, "note what became of the alert", sql, [call.to_string()])?;
    Ok(())
}

/// The card with this id.
pub(in crate::store) fn get(db: &Connection, id: LeadId) -> Result<Option<LeadCard>, StoreError> {
    one(db, "SELECT * FROM lead_cards WHERE id = ?1", [id.to_string()])
}

/// The card of a call.
pub(in crate::store) fn of_call(db: &Connection, call: CallId) -> Result<Option<LeadCard>, StoreError> {
    one(db, "SELECT * FROM lead_cards WHERE call_id = ?1", [call.to_string()])
}

/// The card of the latest call that has one.
pub(in crate::store) fn latest(db: &Connection) -> Result<Option<LeadCard>, StoreError> {
    one(db, "SELECT * FROM lead_cards ORDER BY called_at DESC, id DESC LIMIT 1", [])
}

/// Cards of calls before a moment lose the caller's own words.
pub(in crate::store) fn forget_words(db: &Connection, before: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE lead_cards SET issue_detail = '' WHERE called_at < ?1 AND issue_detail <> ''";
    change(db, "forget old words", sql, [time(before)])?;
    Ok(())
}

fn one(db: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<Option<LeadCard>, StoreError> {
    Ok(all(db, "read the lead card", sql, values, read)?.into_iter().next())
}

fn read(row: &Row<'_>) -> Result<LeadCard, StoreError> {
    Ok(LeadCard {
        id: parsed(row, "id")?,
        call_id: parsed(row, "call_id")?,
        profile_id: column(row, "profile_id")?,
        caller_phone: parsed_option(row, "caller_phone")?,
        phone_confirmed: column(row, "phone_confirmed")?,
        caller_name: column(row, "caller_name")?,
        address: column(row, "address")?,
        called_at: parsed(row, "called_at")?,
        classification: worded(row, "classification")?,
        priority: worded(row, "priority")?,
        issue_summary: column(row, "issue_summary")?,
        issue_detail: column(row, "issue_detail")?,
        service: worded(row, "service_type")?,
        issue: worded(row, "issue")?,
        same_day: column(row, "same_day")?,
        reasoning: column(row, "classification_reasoning")?,
        safety_given: json(row, "safety_instruction_given")?,
        tone: worded(row, "caller_tone")?,
        duration_s: column(row, "call_duration")?,
        appointment_at: parsed_option(row, "appointment_date")?,
        oncall_outcome: worded(row, "oncall_outcome")?,
        callback_status: worded(row, "callback_status")?,
        notes: json(row, "callback_notes")?,
        recording: column(row, "recording_url")?,
    })
}
