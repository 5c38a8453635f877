//! The shop's memory on a real SQLite file.

mod delivery;
mod faults;
mod forgetting;
mod kill;
mod migration;
mod round_trip;

use std::path::Path;

use domain::{
    Alert, AlertId, AlertState, CallId, CallRecord, CallStatus, CallbackStatus, Classification,
    EscalationStep, Issue, LeadCard, LeadId, Means, OncallOutcome, OutboxId, OutboxItem, Outgoing, Priority,
    ReplyCode, Service, Speaker, StepOutcome, StepRow, Tone, TurnRecord,
};
use jiff::{SignedDuration, Timestamp};

use super::{PageCommitted, Store};

/// Thursday, 12 February 2026, 9:22 PM in Chicago.
pub(super) fn thursday_night() -> Timestamp {
    "2026-02-13T03:22:00Z".parse().unwrap()
}

fn random(n: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&n.to_be_bytes());
    bytes
}

fn call_id(n: u64) -> CallId {
    CallId::new(1_770_000_000_000 + n, random(n))
}

/// Jim's call number `n`, ringing `n` minutes after 9:22 PM.
pub(super) fn ringing(n: u64) -> CallRecord {
    CallRecord {
        id: call_id(n),
        sip_call_id: format!("{n}@pbx.example"),
        profile_id: "metro-plumbing".into(),
        caller: Some("+15555550415".parse().unwrap()),
        caller_display: Some("Jim Kowalski".into()),
        called: "+15552340001".into(),
        called_at: thursday_night() + SignedDuration::from_mins(i64::try_from(n).unwrap()),
        utc_offset_s: -6 * 3600,
        ended_at: None,
        status: CallStatus::InProgress,
        recording: None,
    }
}

pub(super) fn ended(call: &CallRecord, status: CallStatus) -> CallRecord {
    let ended_at = Some(call.called_at + SignedDuration::from_secs(100));
    CallRecord { ended_at, status, ..call.clone() }
}

pub(super) fn turn(index: u32, text: &str) -> TurnRecord {
    TurnRecord {
        index,
        speaker: if index.is_multiple_of(2) { Speaker::Agent } else { Speaker::Caller },
        text: text.into(),
        at_ms: u64::from(index) * 4000,
        confidence: 0.875,
        tone: Tone::Worried,
        latency_ms: Some(420),
        decision: Some("EMERGENCY: burst pipe".into()),
    }
}

pub(super) fn sms(key: &str, at: Timestamp) -> OutboxItem {
    let n = u64::try_from(at.as_millisecond()).unwrap();
    let payload = Outgoing::Sms { to: "+15558870002".parse().unwrap(), body: "Burst pipe".into() };
    let random = key.bytes().fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    OutboxItem::new(OutboxId::new(n, self::random(random)), key.into(), payload, at)
}

/// The page of a call: its alert, one step that is fired, and that step's message.
pub(super) fn page(call: &CallRecord) -> PageCommitted {
    let n = u64::try_from(call.called_at.as_second()).unwrap();
    let alert = Alert {
        id: AlertId::new(n, random(n)),
        call_id: call.id,
        profile_id: call.profile_id.clone(),
        code: ReplyCode("K7P".into()),
        drill: false,
        issue: Issue::Water,
        caller_name: None,
        caller_phone: call.caller.clone(),
        address: None,
        issue_summary: "Burst pipe, basement flooding.".into(),
        state: AlertState::Open,
        opened_at: call.called_at,
        seen_at: call.called_at,
        acknowledged_at: None,
        acknowledged_by: None,
        acknowledged_via: None,
        acknowledged_words: None,
        closed_at: None,
    };
    let step = StepRow {
        alert_id: alert.id,
        number: 0,
        rung: 0,
        step: EscalationStep::SmsOncall,
        contact: "mike".parse().unwrap(),
        means: Means::SmsInternet,
        due_at: call.called_at,
        may_repeat: false,
        outcome: StepOutcome::InFlight,
        failure: None,
        attempted_at: Some(call.called_at),
        delivered_at: None,
        acknowledged_at: None,
        ended_at: None,
    };
    let item = OutboxItem {
        call_id: Some(call.id),
        alert_id: Some(alert.id),
        step: Some(0),
        ..sms(&format!("page:{}:0", call.id), call.called_at)
    };
    PageCommitted { alert, steps: vec![step], items: vec![item] }
}

pub(super) fn card(call: &CallRecord) -> LeadCard {
    LeadCard {
        id: LeadId::new(u64::try_from(call.called_at.as_second()).unwrap(), [7; 10]),
        call_id: call.id,
        profile_id: call.profile_id.clone(),
        caller_phone: call.caller.clone(),
        phone_confirmed: true,
        caller_name: "Jim Kowalski".into(),
        address: Some("218 Oak Lane".into()),
        called_at: call.called_at,
        classification: Classification::Emergency,
        priority: Priority::P1,
        issue_summary: "Burst pipe to the water heater, basement flooding.".into(),
        issue_detail: "my basement is flooding, a pipe burst".into(),
        service: Service::Plumbing,
        issue: Issue::Water,
        same_day: false,
        reasoning: "EMERGENCY: burst pipe + flooding".into(),
        safety_given: vec![domain::SafetyGiven {
            safety: domain::Safety::WaterShutoff,
            at: call.called_at,
            complete: true,
        }],
        tone: Tone::Panicked,
        duration_s: 100,
        appointment_at: None,
        oncall_outcome: OncallOutcome::NotReached,
        callback_status: CallbackStatus::NotCalled,
        notes: vec!["Address not repeated".into()],
        recording: Some("recordings/2026/02/a.wav".into()),
    }
}

/// Runs an asynchronous test on a store in a fresh folder.
pub(super) fn with_store<F: Future<Output = ()>>(test: impl FnOnce(Store) -> F) {
    let folder = tempfile::tempdir().unwrap();
    block_on(test(Store::open(folder.path()).unwrap()));
}

pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// A second pair of eyes on the file, past our own code.
pub(super) fn count(dir: &Path, sql: &str) -> i64 {
    let db = rusqlite::Connection::open(dir.join(super::open::DATABASE)).unwrap();
    db.query_row(sql, [], |row| row.get(0)).unwrap()
}
