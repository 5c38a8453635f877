//! Every way out of the box: one file per outside service, each with the same parts in the same order:
//! `Settings`, `new`, `send`, `poll`, `check`, tests.
//!
//! ```text
//! outbox row → app → Connector::send → Sent | SendFailure        (what to do next is in the failure's kind)
//! far side   → Connector::poll → FarEvent → app                  (no public address is needed)
//! ```
//!
//! A connector makes one attempt with a deadline and says what happened; trying again is the outbox's matter.
//! It knows neither store nor app, keeps no queue, and logs nothing: its errors are for the owner's eyes and
//! hold no secret and no word of a caller.

pub mod claude;
pub mod connectwise;
pub mod email;
pub mod fake;
mod http;
pub mod modem_sms;
pub mod ntfy;
pub mod pushover;
pub mod slack;
pub mod twilio_sms;
pub mod webhook;

use std::{fmt, time::Duration};

use async_trait::async_trait;
use domain::Outgoing;
use jiff::Timestamp;

pub use claude::Claude;
pub use connectwise::ConnectWise;
pub use email::Email;
pub use http::{Hidden, Trust};
pub use modem_sms::ModemSms;
pub use ntfy::Ntfy;
pub use pushover::Pushover;
pub use slack::Slack;
pub use twilio_sms::TwilioSms;
pub use webhook::Webhook;

/// A service that takes messages.
#[async_trait]
pub trait Connector: fmt::Debug + Send + Sync {
    /// Short and stable, for the owner: "Twilio", "ConnectWise".
    fn name(&self) -> &'static str;

    /// Whether this kind of message can leave this way.
    fn takes(&self, what: &Outgoing) -> bool;

    /// One attempt. `key` is the message's own, the same at every attempt; with `repeat` an earlier attempt
    /// may have arrived, so the far side is searched for the key first where it can be.
    ///
    /// # Errors
    /// Sorted by what to do next.
    async fn send(&self, what: &Outgoing, key: &str, repeat: bool) -> Result<Sent, SendFailure>;

    /// What has happened at the far side. An event may be told more than once: its `far_id` tells them apart.
    ///
    /// # Errors
    /// The far side could not be asked; nothing is lost, the next poll tells it.
    async fn poll(&self, _watch: &Watch<'_>) -> Result<Vec<FarEvent>, SendFailure> {
        Ok(Vec::new())
    }

    /// Stops a message that repeats itself at the far side, because somebody has taken the alert by another way.
    ///
    /// # Errors
    /// The far side goes on until its own end.
    async fn withdraw(&self, _far_id: &str) -> Result<(), SendFailure> {
        Ok(())
    }

    /// Whether it would work now, without sending anything: one line for the owner ("account Acme, active").
    ///
    /// # Errors
    /// Why it would not.
    async fn check(&self) -> Result<String, SendFailure>;
}

/// What a poll asks about.
#[derive(Debug, Clone, Copy)]
pub struct Watch<'a> {
    /// Replies before this are old news.
    pub since: Timestamp,
    /// The present.
    pub now: Timestamp,
    /// `far_id`s of messages whose fate is not known yet.
    pub open: &'a [String],
}

/// It has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The far side took it.
    Accepted {
        /// The far side's name for it.
        far_id: String,
    },
    /// An earlier attempt had arrived.
    AlreadyThere {
        /// The far side's name for it.
        far_id: String,
    },
}

/// It has not left, or perhaps. `why` is for the owner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendFailure {
    /// The far side did not take it; later it may.
    #[error("{why}")]
    Later {
        /// What happened.
        why: String,
        /// The far side's own wish.
        retry_after: Option<Duration>,
    },
    /// It may or may not have arrived: the next attempt is a repeat.
    #[error("{why}")]
    Unsure {
        /// What happened.
        why: String,
    },
    /// Trying again cannot help until somebody acts.
    #[error("{why}")]
    Never {
        /// What happened, and what to do.
        why: String,
        /// Its kind.
        reason: NeverReason,
    },
}

/// Why trying again cannot help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NeverReason {
    /// The receiver has told the far side to send nothing any more.
    OptedOut,
    /// There is no such receiver, or it cannot be reached this way.
    BadDestination,
    /// The sending number or account is not registered for this kind of message.
    Unregistered,
    /// Key, password or rights.
    Credentials,
    /// The far side does not want this message, whoever sends it.
    Rejected,
}

/// What the far side tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FarEvent {
    /// Somebody wrote.
    Reply {
        /// Number, address or name, as the far side has it.
        from: String,
        /// The words.
        body: String,
        /// The far side's name for this reply.
        far_id: String,
        /// When it was written.
        at: Timestamp,
    },
    /// It reached the receiver's device; nobody has read it yet, for all we know.
    Delivered {
        /// Of the message.
        far_id: String,
    },
    /// It will not reach the receiver.
    Undelivered {
        /// Of the message.
        far_id: String,
        /// For the owner.
        why: String,
        /// Its kind.
        reason: NeverReason,
    },
    /// A person pressed "acknowledge".
    Acknowledged {
        /// Of the message.
        far_id: String,
        /// Who, as the far side knows.
        by: String,
    },
}

/// Settings that cannot work, found before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectorFault {
    /// An address of a service that is none.
    #[error("{key} is not an address of a service: write it like {example}")]
    Address {
        /// Which setting.
        key: &'static str,
        /// One that works.
        example: &'static str,
    },
    /// A value that the service could never take.
    #[error("{key} cannot be right: {what}")]
    Value {
        /// Which setting.
        key: &'static str,
        /// Why, and what to write instead.
        what: &'static str,
    },
    /// The machine's list of trusted certificates, or the given one, cannot be used.
    #[error("TLS cannot be set up: {cause}")]
    Tls {
        /// What the library says.
        cause: String,
    },
}

/// A message that was sent the wrong way; `takes` tells before.
fn not_this_way(service: &str) -> SendFailure {
    SendFailure::Never {
        why: format!("{service} does not carry this kind of message"),
        reason: NeverReason::Rejected,
    }
}

/// A failure after something has left already: only a repeat, which looks first, can go on.
fn partly(failure: SendFailure) -> SendFailure {
    match failure {
        SendFailure::Later { why, .. } | SendFailure::Unsure { why } => {
            SendFailure::Unsure { why: format!("{why}; a part of it has arrived") }
        }
        never @ SendFailure::Never { .. } => never,
    }
}

/// At most `max` characters; what is cut off is marked.
fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max - 1).chain(['…']).collect()
}
