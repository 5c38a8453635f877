//! What waits to leave the box.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CallId, Issue, OutboxId, PhoneNumber};

/// Which way an item leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Wakes the on-call person.
    Page,
    /// Text message.
    Sms,
    /// Ticket desk.
    Ticket,
    /// Slack message.
    Slack,
    /// E-mail.
    Email,
}

/// What the on-call person must know now. The first page may know the number only; updates follow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The call.
    pub call_id: CallId,
    /// The business.
    pub profile_id: String,
    /// Number to call back.
    pub caller_phone: Option<PhoneNumber>,
    /// Name, once known.
    pub caller_name: Option<String>,
    /// Address, once known.
    pub address: Option<String>,
    /// What it is about.
    pub issue: Issue,
    /// One sentence.
    pub summary: String,
    /// When the call came in.
    pub called_at: Timestamp,
    /// 0 for the first page, 1 … for updates.
    pub revision: u32,
}

/// One row of the outbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboxItem {
    /// Identity.
    pub id: OutboxId,
    /// Way out.
    pub channel: Channel,
    /// The same item offered twice has the same key, so that the far side can be searched for it.
    pub idempotency_key: String,
    /// The call it belongs to.
    pub call_id: CallId,
    /// The message as JSON (`Page` for pages).
    pub payload: String,
    /// When it was committed.
    pub created_at: Timestamp,
    /// When it left; `None` while it waits.
    pub sent_at: Option<Timestamp>,
}
