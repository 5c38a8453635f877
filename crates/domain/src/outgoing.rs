//! The messages that leave the box, complete: a connector needs nothing else to send one.

use serde::{Deserialize, Serialize};

use crate::{Channel, PhoneNumber, Priority, Service};

/// One message, ready to be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outgoing {
    /// Text message.
    Sms {
        /// To whom.
        to: PhoneNumber,
        /// The text; a connector cuts it into segments, never shortens it.
        body: String,
    },
    /// Notification on a telephone.
    Push {
        /// The person's own topic or user key; `None`: the one of the shop.
        to: Option<String>,
        /// First line, bold.
        title: String,
        /// The text.
        body: String,
        /// True: loud, through quiet hours, repeated until somebody takes it where the service can.
        urgent: bool,
    },
    /// Slack message.
    Slack(SlackMessage),
    /// E-mail, plain text.
    Email {
        /// Address.
        to: String,
        /// Subject.
        subject: String,
        /// Body.
        text: String,
    },
    /// A new ticket.
    Ticket(Ticket),
    /// A note on a ticket that an earlier item opens.
    TicketNote(TicketNote),
    /// A signed HTTP request to the shop's own system.
    Webhook {
        /// What happened: `call.ended`, `alert.opened`, `alert.acknowledged` …
        event: String,
        /// The facts.
        json: serde_json::Value,
    },
}

/// A Slack message before it becomes Block Kit: the connector knows the service's limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlackMessage {
    /// Channel or member id; `None`: where the webhook points.
    pub to: Option<String>,
    /// For notifications and for readers that show no blocks.
    pub fallback: String,
    /// Top to bottom.
    pub blocks: Vec<SlackBlock>,
}

/// One part of a Slack message. Texts are plain: the connector escapes what Slack would read as markup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "content", rename_all = "snake_case")]
pub enum SlackBlock {
    /// A large line.
    Header(String),
    /// A paragraph.
    Text(String),
    /// Pairs of label and value, two to a row.
    Fields(Vec<(String, String)>),
    /// Small print.
    Context(String),
    /// A thin line.
    Divider,
}

/// A ticket to be opened (source A:50-56).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// The business that was called; a connector may have a board for each.
    pub profile_id: String,
    /// At most 100 characters, cut on a word (decision K16).
    pub summary: String,
    /// The conversation, the reason for the decision and the facts of the call.
    pub description: String,
    /// For the desk only: what the caller need not read.
    pub internal_note: Option<String>,
    /// Priority.
    pub priority: Priority,
    /// Trade.
    pub service: Service,
    /// Slug of the ticket category, once known.
    pub category: Option<String>,
    /// The customer of an MSP, as its runbook calls it.
    pub company: Option<String>,
    /// The caller's name, if given.
    pub contact_name: Option<String>,
    /// The caller's number: the desk's contact is looked for by it.
    pub contact_phone: Option<PhoneNumber>,
    /// What happens with it at once.
    pub then: TicketThen,
}

/// What happens with a ticket as soon as it is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "then", rename_all = "snake_case")]
pub enum TicketThen {
    /// It waits for the desk.
    Open,
    /// Somebody works on it (ESCALATE): "In Progress", and whose it is where the desk knows the person.
    InProgress {
        /// The on-call person.
        owner: Option<String>,
    },
    /// Solved in the call (RESOLVE): the note is added, then it is closed with the board's closed status.
    Closed {
        /// "Resolved by NightDesk" and how.
        note: String,
    },
}

/// A note on a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketNote {
    /// `idempotency_key` of the item that opens the ticket; it leaves before this one.
    pub ticket_key: String,
    /// The business, as in the ticket.
    pub profile_id: String,
    /// The note.
    pub text: String,
    /// For the desk only.
    pub internal: bool,
}

impl Outgoing {
    /// Its way out.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Sms { .. } => Channel::Sms,
            Self::Push { .. } => Channel::Push,
            Self::Slack(_) => Channel::Slack,
            Self::Email { .. } => Channel::Email,
            Self::Ticket(_) | Self::TicketNote(_) => Channel::Ticket,
            Self::Webhook { .. } => Channel::Webhook,
        }
    }

    /// Whom it goes to, as one text: number, address, topic, or the business whose desk it is.
    pub fn destination(&self) -> String {
        let shop = || "shop".to_string();
        match self {
            Self::Sms { to, .. } => to.e164().to_string(),
            Self::Push { to, .. } => to.clone().unwrap_or_else(shop),
            Self::Slack(message) => message.to.clone().unwrap_or_else(shop),
            Self::Email { to, .. } => to.clone(),
            Self::Ticket(ticket) => ticket.profile_id.clone(),
            Self::TicketNote(note) => note.profile_id.clone(),
            Self::Webhook { .. } => shop(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stored items must be readable after an update: this text is frozen.
    #[test]
    fn stored_form_of_a_text_message_is_stable() {
        let sms = Outgoing::Sms { to: "+15552345678".parse().unwrap(), body: "hello".into() };
        let stored = r#"{"kind":"sms","to":"+15552345678","body":"hello"}"#;
        assert_eq!(serde_json::to_string(&sms).unwrap(), stored);
        assert_eq!(serde_json::from_str::<Outgoing>(stored).unwrap(), sms);
    }

    #[test]
    fn slack_and_ticket_keep_their_parts() {
        let slack = Outgoing::Slack(SlackMessage {
            to: None,
            fallback: "EMERGENCY".into(),
            blocks: vec![
                SlackBlock::Header("EMERGENCY".into()),
                SlackBlock::Fields(vec![("Caller".into(), "Jim".into())]),
                SlackBlock::Divider,
            ],
        });
        let ticket = Outgoing::Ticket(Ticket {
            profile_id: "acme".into(),
            summary: "Server down".into(),
            description: "…".into(),
            internal_note: None,
            priority: Priority::P1,
            service: Service::It,
            category: None,
            company: Some("Hartwell Law".into()),
            contact_name: None,
            contact_phone: None,
            then: TicketThen::InProgress { owner: Some("Mike".into()) },
        });
        for message in [slack, ticket] {
            let stored = serde_json::to_string(&message).unwrap();
            assert_eq!(serde_json::from_str::<Outgoing>(&stored).unwrap(), message, "{stored}");
        }
    }
}
