//! What leaves the box, whatever way it takes: the payload of an outbox row.

use serde::{Deserialize, Serialize};

use crate::{PhoneNumber, Priority};

/// One message to the world. Stored as JSON in the outbox, so fields are only ever added, with a default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outgoing {
    /// A text message.
    Sms {
        /// Whom it is for.
        to: PhoneNumber,
        /// The words; a far side may split them into segments.
        body: String,
    },
    /// A push message to a telephone's app (ntfy, Pushover).
    Push {
        /// Topic or user key; `None`: the one in the channel's settings.
        #[serde(default)]
        to: Option<String>,
        /// One line.
        title: String,
        /// The words.
        body: String,
        /// Rings through silent mode and wants an acknowledgement.
        urgent: bool,
    },
    /// A message for a Slack channel.
    Slack(SlackMessage),
    /// An e-mail of plain text.
    Email {
        /// Address.
        to: String,
        /// One line.
        subject: String,
        /// The words.
        text: String,
    },
    /// A ticket at the ticket desk.
    Ticket(Ticket),
    /// A note on a ticket that we opened.
    TicketNote(TicketNote),
    /// Anything, to an address of the owner's.
    Webhook {
        /// What happened: `call.ended`, `alert.opened` …
        event: String,
        /// The body, a JSON document.
        json: String,
    },
}

/// What a Slack channel shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlackMessage {
    /// First line, also what a notification shows.
    pub headline: String,
    /// Label and value, in order: "Caller", "Jim".
    pub facts: Vec<(String, String)>,
    /// Longer text below the facts; may be empty.
    pub text: String,
    /// An emergency: marked as such.
    pub urgent: bool,
    /// Where more can be read, on the shop's network.
    pub link: Option<String>,
}

/// A ticket (decision K16, source A:47-60).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// One line; cut at 100 characters on a word.
    pub summary: String,
    /// P1 to P3.
    pub priority: Priority,
    /// What the customer may read: the matter and the transcript.
    pub description: String,
    /// Why it was decided so; for the desk only.
    pub internal: String,
    /// The caller's number.
    pub caller_phone: Option<PhoneNumber>,
    /// The caller's name.
    pub caller_name: Option<String>,
    /// The caller's company: its short name at the desk, or its name.
    pub company: Option<String>,
    /// Where, for trades.
    pub address: Option<String>,
    /// RESOLVE: gets the note "Resolved by NightDesk" and the board's closed status.
    pub resolved: bool,
    /// ESCALATE: somebody works on it, so it gets the status "In Progress" (source A:55).
    #[serde(default)]
    pub escalated: bool,
    /// ESCALATE: the on-call person, as the desk knows him; the ticket becomes his where it does.
    #[serde(default)]
    pub owner: Option<String>,
    /// The business that was called; a desk may have a board for each.
    #[serde(default)]
    pub profile_id: String,
}

/// A note on a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketNote {
    /// The idempotency key that the ticket was opened with.
    pub ticket_key: String,
    /// The words.
    pub text: String,
    /// For the desk only; else the customer may read it.
    pub internal: bool,
}
