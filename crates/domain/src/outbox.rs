//! What waits to leave the box, and what has become of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AlertId, CallId, Issue, OutboxId, Outgoing, PhoneNumber, StepFailure};

/// Which way an item leaves. One worker each, so that a ticket desk that is away delays no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Text message by an internet service.
    Sms,
    /// Text message by the box's own modem.
    SmsModem,
    /// Notification on a telephone with an app (ntfy, Pushover).
    Push,
    /// Slack message.
    Slack,
    /// E-mail.
    Email,
    /// Ticket desk: tickets and their notes.
    Ticket,
    /// HTTP request to the shop's own system.
    Webhook,
}

impl Channel {
    /// Every channel, in the order in which a status page lists them.
    pub const ALL: [Self; 7] =
        [Self::Sms, Self::SmsModem, Self::Push, Self::Slack, Self::Email, Self::Ticket, Self::Webhook];

    /// As stored and as written on the command line.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::SmsModem => "sms_modem",
            Self::Push => "push",
            Self::Slack => "slack",
            Self::Email => "email",
            Self::Ticket => "ticket",
            Self::Webhook => "webhook",
        }
    }
}

/// What has become of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    /// Will be tried at `next_try_at`.
    #[default]
    Waiting,
    /// The far side has it.
    Sent,
    /// The far side refuses it; `last_error` says why. Stays until the owner tries again or drops it.
    Dead,
    /// Too old to be of use: it was never sent, or never for certain.
    Expired,
    /// Not needed any more, or dropped by hand.
    Cancelled,
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
    /// Its way out.
    pub channel: Channel,
    /// The same item offered twice has the same key, so that the far side can be searched for it.
    pub idempotency_key: String,
    /// The call it belongs to; `None` for a test or a digest.
    pub call_id: Option<CallId>,
    /// The alert it belongs to; `None` when it wakes nobody.
    pub alert_id: Option<AlertId>,
    /// The step of that alert's ladder that it is; `None` for updates and answers.
    pub step: Option<u32>,
    /// The message.
    pub payload: Outgoing,
    /// When it was committed.
    pub created_at: Timestamp,
    /// After this moment it is not sent any more; `None`: never too late.
    pub expires_at: Option<Timestamp>,
    /// Not before this moment.
    pub next_try_at: Timestamp,
    /// Tries that have begun.
    pub tries: u32,
    /// What has become of it.
    pub state: OutboxState,
    /// The connector that has it.
    pub sent_by: Option<String>,
    /// What the far side calls it.
    pub far_id: Option<String>,
    /// A try ended without an answer: the far side may have it already, and may get it twice.
    pub may_repeat: bool,
    /// Why it can never work, when it is dead.
    pub refusal: Option<StepFailure>,
    /// Why the last try failed, in words for the owner.
    pub last_error: Option<String>,
    /// When the far side took it.
    pub sent_at: Option<Timestamp>,
    /// When the far side said that it arrived.
    pub delivered_at: Option<Timestamp>,
}

impl OutboxItem {
    /// An item that waits to be sent at once by the usual way, and never becomes too old.
    pub fn new(id: OutboxId, idempotency_key: String, payload: Outgoing, now: Timestamp) -> Self {
        Self {
            id,
            channel: usual_channel(&payload),
            idempotency_key,
            call_id: None,
            alert_id: None,
            step: None,
            payload,
            created_at: now,
            expires_at: None,
            next_try_at: now,
            tries: 0,
            state: OutboxState::Waiting,
            sent_by: None,
            far_id: None,
            may_repeat: false,
            refusal: None,
            last_error: None,
            sent_at: None,
            delivered_at: None,
        }
    }

    /// Whom it goes to: number, address, topic, or the shop's own account. Items to the same destination leave in the order of their making.
    pub fn destination(&self) -> String {
        match &self.payload {
            Outgoing::Sms { to, .. } => to.e164().to_string(),
            Outgoing::Email { to, .. } | Outgoing::Push { to: Some(to), .. } => to.clone(),
            Outgoing::Push { to: None, .. }
            | Outgoing::Slack(_)
            | Outgoing::Ticket(_)
            | Outgoing::TicketNote(_)
            | Outgoing::Webhook { .. } => "shop".to_string(),
        }
    }
}

fn usual_channel(payload: &Outgoing) -> Channel {
    match payload {
        Outgoing::Sms { .. } => Channel::Sms,
        Outgoing::Push { .. } => Channel::Push,
        Outgoing::Slack(_) => Channel::Slack,
        Outgoing::Email { .. } => Channel::Email,
        Outgoing::Ticket(_) | Outgoing::TicketNote(_) => Channel::Ticket,
        Outgoing::Webhook { .. } => Channel::Webhook,
    }
}
