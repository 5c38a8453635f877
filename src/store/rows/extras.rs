//! Small tables: `opt_outs` (TCPA), `cloud_usage` (what left the box for a model), `call_outs` (calls we made),
//! `requests` (what the command line wants of the daemon).

use domain::{AlertId, CallId, ContactId, PhoneNumber};
use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};
use serde::{Deserialize, Serialize};

use super::{all, change, column, json, json_text, parsed, parsed_option, time};
use crate::store::error::StoreError;

/// One question to a cloud model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CloudUsage {
    /// For which call.
    pub call_id: Option<CallId>,
    /// When it was asked.
    pub at: Timestamp,
    /// Which model.
    pub model: String,
    /// Bytes of text that left the box.
    pub bytes_out: u64,
    /// Tokens billed for the question.
    pub tokens_in: u64,
    /// Tokens billed for the answer.
    pub tokens_out: u64,
    /// Millionths of a US dollar.
    pub cost_usd_micro: u64,
}

/// What the cloud models have cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CloudTotal {
    /// Questions.
    pub questions: u64,
    /// Bytes of text that left the box.
    pub bytes_out: u64,
    /// Millionths of a US dollar.
    pub cost_usd_micro: u64,
}

/// One call that the box made to somebody on the roster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallOut {
    /// Identity: the alert's id and the step, or any other unique text.
    pub id: String,
    /// For which alert.
    pub alert_id: Option<AlertId>,
    /// Which step of its ladder.
    pub step: Option<u32>,
    /// Short name on the roster.
    pub contact: String,
    /// The number that was dialled.
    pub number: PhoneNumber,
    /// When it began to ring.
    pub started_at: Timestamp,
    /// `None`: rings, or was cut.
    pub ended_at: Option<Timestamp>,
    /// `accepted`, `passed_on`, `no_answer` …
    pub outcome: Option<String>,
    /// For the owner.
    pub why: Option<String>,
}

/// What somebody at the command line wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "want", rename_all = "snake_case")]
pub enum Request {
    /// Somebody takes an alert.
    Acknowledge {
        /// Which.
        alert: AlertId,
        /// Who; `None`: not said.
        by: Option<ContactId>,
    },
    /// The caller has been called back, or the work is done.
    Close {
        /// Which.
        alert: AlertId,
        /// Who; `None`: not said.
        by: Option<ContactId>,
    },
    /// Rehearse the whole ladder of a shop.
    Drill {
        /// Which shop.
        profile_id: String,
        /// The alert that the rehearsal opens.
        alert: AlertId,
        /// The call that it belongs to.
        call: CallId,
    },
}

/// Puts a request; its number.
pub(in crate::store) fn ask(db: &Connection, request: &Request, now: Timestamp) -> Result<i64, StoreError> {
    let sql = "INSERT INTO requests (made_at, body) VALUES (?1, ?2)";
    change(db, "leave a request", sql, (time(now), json_text(request)))?;
    Ok(db.last_insert_rowid())
}

/// Requests that nobody has answered, oldest first.
pub(in crate::store) fn asked(db: &Connection) -> Result<Vec<(i64, Request)>, StoreError> {
    let sql = "SELECT id, body FROM requests WHERE answer IS NULL ORDER BY id";
    all(db, "read the requests", sql, [], |row| Ok((column(row, "id")?, json(row, "body")?)))
}

/// Answers a request.
pub(in crate::store) fn answer(db: &Connection, id: i64, answer: &str) -> Result<(), StoreError> {
    change(db, "answer a request", "UPDATE requests SET answer = ?2 WHERE id = ?1", (id, answer))?;
    Ok(())
}

/// What was answered; `None` while nobody has.
pub(in crate::store) fn answer_of(db: &Connection, id: i64) -> Result<Option<String>, StoreError> {
    let sql = "SELECT answer FROM requests WHERE id = ?1";
    let found: Vec<Option<String>> = all(db, "read an answer", sql, [id], |row| column(row, "answer"))?;
    Ok(found.into_iter().next().flatten())
}

/// A caller wants no text from us; `how` are the words.
pub(in crate::store) fn opt_out(
    db: &Connection,
    number: &PhoneNumber,
    how: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO opt_outs (number, at, how) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    change(db, "remember an opt-out", sql, (number.e164(), time(at), how))?;
    Ok(())
}

/// A caller wants texts again (START).
pub(in crate::store) fn opt_in(db: &Connection, number: &PhoneNumber) -> Result<(), StoreError> {
    change(db, "remember an opt-in", "DELETE FROM opt_outs WHERE number = ?1", [number.e164()])?;
    Ok(())
}

/// True when this caller wants no text.
pub(in crate::store) fn has_opted_out(db: &Connection, number: &PhoneNumber) -> Result<bool, StoreError> {
    let sql = "SELECT number FROM opt_outs WHERE number = ?1";
    let found: Vec<String> =
        all(db, "look for an opt-out", sql, [number.e164()], |row| column(row, "number"))?;
    Ok(!found.is_empty())
}

/// Meters one question to a cloud model.
pub(in crate::store) fn meter(db: &Connection, usage: &CloudUsage) -> Result<(), StoreError> {
    let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    change(
        db,
        "meter the cloud model",
        "INSERT INTO cloud_usage (call_id, at, model, bytes_out, tokens_in, tokens_out, cost_usd_micro)
         VALUES (:call_id, :at, :model, :bytes_out, :tokens_in, :tokens_out, :cost)",
        named_params! {
            ":call_id": usage.call_id.map(|id| id.to_string()),
            ":at": time(usage.at),
            ":model": usage.model,
            ":bytes_out": whole(usage.bytes_out),
            ":tokens_in": whole(usage.tokens_in),
            ":tokens_out": whole(usage.tokens_out),
            ":cost": whole(usage.cost_usd_micro),
        },
    )?;
    Ok(())
}

/// What the cloud models have cost since a moment.
pub(in crate::store) fn cloud_total(db: &Connection, since: Timestamp) -> Result<CloudTotal, StoreError> {
    let sql = "SELECT count(*) AS questions, coalesce(sum(bytes_out), 0) AS bytes_out,
               coalesce(sum(cost_usd_micro), 0) AS cost FROM cloud_usage WHERE at >= ?1";
    let total: fn(&Row<'_>) -> Result<CloudTotal, StoreError> = |row| {
        let number = |name| column::<i64>(row, name).map(|n| u64::try_from(n).unwrap_or(0));
        Ok(CloudTotal {
            questions: number("questions")?,
            bytes_out: number("bytes_out")?,
            cost_usd_micro: number("cost")?,
        })
    };
    Ok(all(db, "read the cloud meter", sql, [time(since)], total)?.into_iter().next().unwrap_or_default())
}

/// Writes a call that we make, begun or ended.
pub(in crate::store) fn put_call_out(db: &Connection, call: &CallOut) -> Result<(), StoreError> {
    change(
        db,
        "store a call that we made",
        "INSERT INTO call_outs (id, alert_id, step_number, contact, number, started_at, ended_at, outcome, why)
         VALUES (:id, :alert_id, :step, :contact, :number, :started_at, :ended_at, :outcome, :why)
         ON CONFLICT (id) DO UPDATE SET ended_at = :ended_at, outcome = :outcome, why = :why",
        named_params! {
            ":id": call.id,
            ":alert_id": call.alert_id.map(|id| id.to_string()),
            ":step": call.step,
            ":contact": call.contact,
            ":number": call.number.e164(),
            ":started_at": time(call.started_at),
            ":ended_at": call.ended_at.map(time),
            ":outcome": call.outcome,
            ":why": call.why,
        },
    )?;
    Ok(())
}

/// The latest calls that we made, newest first.
pub(in crate::store) fn call_outs(db: &Connection, limit: u32) -> Result<Vec<CallOut>, StoreError> {
    let sql = "SELECT * FROM call_outs ORDER BY started_at DESC, id LIMIT ?1";
    all(db, "read the calls that we made", sql, [limit], |row| {
        Ok(CallOut {
            id: column(row, "id")?,
            alert_id: parsed_option(row, "alert_id")?,
            step: column(row, "step_number")?,
            contact: column(row, "contact")?,
            number: parsed(row, "number")?,
            started_at: parsed(row, "started_at")?,
            ended_at: parsed_option(row, "ended_at")?,
            outcome: column(row, "outcome")?,
            why: column(row, "why")?,
        })
    })
}

/// Forgets calls that we made before a moment (30 days).
pub(in crate::store) fn forget_call_outs(db: &Connection, before: Timestamp) -> Result<(), StoreError> {
    change(
        db,
        "forget old calls that we made",
        "DELETE FROM call_outs WHERE started_at < ?1",
        [time(before)],
    )?;
    Ok(())
}
