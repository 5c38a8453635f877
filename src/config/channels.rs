//! What we run on: the ways out of the box, and the model in the cloud.

use domain::PhoneNumber;

use super::checked::Secret;

/// Every way out that the owner has set up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Channels {
    /// `[channels.twilio]`
    pub twilio: Option<TwilioSettings>,
    /// `[channels.modem]`
    pub modem: Option<ModemSettings>,
    /// `[channels.connectwise]`
    pub connectwise: Option<ConnectWiseSettings>,
    /// `[channels.slack]`
    pub slack: Option<SlackSettings>,
    /// `[channels.email]`
    pub email: Option<EmailSettings>,
    /// `[channels.ntfy]`
    pub ntfy: Option<NtfySettings>,
    /// `[channels.pushover]`
    pub pushover: Option<PushoverSettings>,
    /// `[channels.webhook]`
    pub webhook: Option<WebhookSettings>,
}

/// Text messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioSettings {
    /// `AC…`
    pub account_sid: String,
    /// `SK…`; `None`: the secret is the account's auth token.
    pub api_key_sid: Option<String>,
    /// Auth token or API key secret.
    pub secret: Secret,
    /// The box's own number.
    pub from: PhoneNumber,
    /// `MG…`
    pub messaging_service_sid: Option<String>,
    /// Seconds after which an undelivered page is dropped.
    pub validity_s: u32,
    /// Address of the service.
    pub server: String,
    /// Certificates in PEM form that are believed besides the machine's.
    pub ca_pem: Option<Vec<u8>>,
}

/// Text messages by the box's own modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModemSettings {
    /// The modem's port for commands.
    pub device: std::path::PathBuf,
    /// The SIM card's PIN.
    pub pin: Option<Secret>,
    /// Seconds after which an undelivered page is dropped.
    pub validity_s: u32,
}

/// The ticket desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectWiseSettings {
    /// Address of the desk.
    pub server: String,
    /// Login company.
    pub company_id: String,
    /// API member's public key.
    pub public_key: String,
    /// API member's private key.
    pub private_key: Secret,
    /// A GUID.
    pub client_id: String,
    /// `None`: asked of the server.
    pub codebase: Option<String>,
    /// Service board.
    pub board: String,
    /// Boards of single shops: shop id and board.
    pub boards: Vec<(String, String)>,
    /// Company of callers whom nobody knows.
    pub unknown_company: String,
    /// The desk's names for P1, P2, P3.
    pub priorities: [String; 3],
    /// Status of a ticket that somebody works on.
    pub in_progress_status: String,
    /// Certificates in PEM form that are believed besides the machine's.
    pub ca_pem: Option<Vec<u8>>,
}

/// A Slack channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlackSettings {
    /// The address of an incoming webhook.
    Webhook(Secret),
    /// A bot.
    Bot {
        /// `xoxb-…`
        token: Secret,
        /// Channel id.
        channel: String,
    },
}

/// How mail is protected on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSecurity {
    /// From the first byte.
    Tls,
    /// After a greeting.
    StartTls,
    /// Not at all; only inside the building.
    Plain,
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailSettings {
    /// Name or address.
    pub host: String,
    /// 587, 465 or 25.
    pub port: u16,
    /// Protection.
    pub security: MailSecurity,
    /// Name and password.
    pub sign_in: Option<(String, Secret)>,
    /// Sender.
    pub from: String,
    /// Certificates in PEM form that are believed besides the machine's.
    pub ca_pem: Option<Vec<u8>>,
}

/// An ntfy server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NtfySettings {
    /// Address of the server.
    pub server: String,
    /// Where messages go; a secret.
    pub topic: Secret,
    /// Where the button writes.
    pub ack_topic: Option<Secret>,
    /// Access token.
    pub token: Option<Secret>,
    /// Access token of the button.
    pub ack_token: Option<Secret>,
    /// Certificates in PEM form that are believed besides the machine's.
    pub ca_pem: Option<Vec<u8>>,
}

/// Pushover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushoverSettings {
    /// The application's.
    pub token: Secret,
    /// User or group.
    pub user: Secret,
    /// Rings again after, seconds.
    pub retry_s: u32,
    /// Gives up after, seconds.
    pub expire_s: u32,
}

/// The shop's own system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSettings {
    /// Its address; a secret.
    pub url: Secret,
    /// What both sides know.
    pub secret: Secret,
    /// Certificates in PEM form that are believed besides the machine's.
    pub ca_pem: Option<Vec<u8>>,
}

/// The language model in the cloud (decision: an option with a meter, off by default).
#[derive(Debug, Clone, PartialEq)]
pub struct CloudSettings {
    /// API key.
    pub key: Secret,
    /// Model id.
    pub model: String,
    /// Address of the service.
    pub server: String,
    /// For one question within a turn, milliseconds.
    pub deadline_ms: u32,
    /// Whether it also writes the summary after the call.
    pub after_call: bool,
    /// Price of a million tokens read, US dollars; for the meter.
    pub input_usd_per_mtok: f64,
    /// Price of a million tokens written, US dollars; for the meter.
    pub output_usd_per_mtok: f64,
}
