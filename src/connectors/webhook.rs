//! A signed POST to the shop's own system, or to a service such as Zapier.
//!
//! `X-NightDesk-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`. A receiver that checks it, refuses
//! an old `t` and remembers `Idempotency-Key` takes every event once and from nobody else.

use std::time::Duration;

use async_trait::async_trait;
use domain::Outgoing;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use reqwest::header;
use sha2::Sha256;

use super::{
    Connector, ConnectorFault, Hidden, NeverReason, SendFailure, Sent, Trust,
    http::{Way, Web},
};

/// Shortest secret that is worth the name, bytes.
const SECRET_BYTES_MIN: usize = 16;

/// Whose system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its address, which may hold a key of its own.
    pub url: Hidden,
    /// Both sides know it.
    pub secret: Hidden,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// For one request.
    pub deadline: Duration,
}

impl Settings {
    /// With fifteen seconds per request.
    pub fn new(url: Hidden, secret: Hidden) -> Self {
        Self { url, secret, trust: Trust::default(), deadline: Duration::from_secs(15) }
    }
}

/// The way out.
#[derive(Debug)]
pub struct Webhook {
    settings: Settings,
    web: Web,
}

impl Webhook {
    /// Reads the settings; nothing is sent.
    ///
    /// # Errors
    /// An address that is none, or a secret that can be guessed.
    pub fn new(settings: Settings) -> Result<Self, ConnectorFault> {
        if settings.secret.reveal().len() < SECRET_BYTES_MIN {
            return Err(ConnectorFault::Value {
                key: "secret_file",
                what: "a secret has at least 16 characters",
            });
        }
        let way = Way {
            service: "the webhook",
            key: "url",
            server: settings.url.reveal(),
            trust: &settings.trust,
            deadline: settings.deadline,
        };
        Ok(Self { web: Web::new(way)?, settings })
    }

    async fn post(&self, event: &str, body: &str, key: &str) -> Result<Sent, SendFailure> {
        let signature = signature(&self.settings.secret, Timestamp::now().as_second(), body.as_bytes());
        let request = self
            .web
            .post("")
            .header(header::CONTENT_TYPE, "application/json")
            .header("Idempotency-Key", key)
            .header("X-NightDesk-Event", event)
            .header("X-NightDesk-Signature", signature)
            .body(body.to_owned());
        let answer = self.web.ask(request).await?;
        match answer.status() {
            200..=299 => Ok(Sent::Accepted { far_id: key.to_owned() }),
            409 => Ok(Sent::AlreadyThere { far_id: key.to_owned() }),
            _ => Err(answer.refusal()),
        }
    }
}

#[async_trait]
impl Connector for Webhook {
    fn name(&self) -> &'static str {
        "Webhook"
    }

    fn takes(&self, what: &Outgoing) -> bool {
        matches!(what, Outgoing::Webhook { .. })
    }

    async fn send(&self, what: &Outgoing, key: &str, _repeat: bool) -> Result<Sent, SendFailure> {
        let Outgoing::Webhook { event, json } = what else { return Err(super::not_this_way("The webhook")) };
        if serde_json::from_str::<serde::de::IgnoredAny>(json).is_err() {
            let why = "the event is not JSON; this is a fault of NightDesk itself".into();
            return Err(SendFailure::Never { why, reason: NeverReason::Rejected });
        }
        self.post(event, json, key).await
    }

    async fn check(&self) -> Result<String, SendFailure> {
        self.post("ping", r#"{"event":"ping"}"#, "ping").await?;
        Ok(format!("{} took a ping", self.web.host()))
    }
}

/// The value of `X-NightDesk-Signature`.
fn signature(secret: &Hidden, unix_s: i64, body: &[u8]) -> String {
    // HMAC takes a key of any length, so there is always a mac
    let mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).map(|mut mac| {
        mac.update(format!("{unix_s}.").as_bytes());
        mac.update(body);
        mac.finalize().into_bytes()
    });
    let hex: String = mac.unwrap_or_default().iter().map(|b| format!("{b:02x}")).collect();
    format!("t={unix_s},v1={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::fake::{Fake, Reply, Trouble, inbox::Inbox};

    const SECRET: &str = "0123456789abcdef";

    async fn pair() -> (Fake<Inbox>, Webhook) {
        let fake = Fake::start(Inbox::new(SECRET)).await.unwrap();
        let url = Hidden::new(format!("{}/hooks/7?zap=1", fake.url()));
        let settings = Settings::new(url, Hidden::new(SECRET));
        let webhook = Webhook::new(Settings { deadline: Duration::from_millis(400), ..settings }).unwrap();
        (fake, webhook)
    }

    fn event() -> Outgoing {
        Outgoing::Webhook { event: "call.ended".into(), json: r#"{"call":"7"}"#.into() }
    }

    /// Known answer, made with Python's hmac module.
    #[test]
    fn signature_is_hmac_sha256_over_time_and_body() {
        assert_eq!(
            signature(&Hidden::new(SECRET), 1_763_600_000, br#"{"a":1}"#),
            "t=1763600000,v1=28d5901ace4586df1b36e44c159637ba614def118a82c4f60ace16be268fd103"
        );
    }

    #[tokio::test]
    async fn event_is_signed_and_taken_once() {
        let (fake, webhook) = pair().await;
        assert_eq!(webhook.send(&event(), "k", false).await.unwrap(), Sent::Accepted { far_id: "k".into() });
        assert_eq!(
            webhook.send(&event(), "k", true).await.unwrap(),
            Sent::AlreadyThere { far_id: "k".into() }
        );
        let taken = fake.with(|inbox| inbox.events.clone());
        assert_eq!(taken, [("call.ended".to_owned(), r#"{"call":"7"}"#.to_owned())]);
        assert_eq!(fake.seen()[0].query("zap"), Some("1"));
        assert!(webhook.check().await.is_ok());
    }

    #[tokio::test]
    async fn receiver_that_does_not_believe_us_is_told_as_such() {
        let (fake, _) = pair().await;
        let url = Hidden::new(format!("{}/hooks/secret-path", fake.url()));
        let stranger = Webhook::new(Settings::new(url, Hidden::new("another secret 1"))).unwrap();
        let told = stranger.send(&event(), "k", false).await.unwrap_err();
        assert!(matches!(told, SendFailure::Never { reason: NeverReason::Credentials, .. }), "{told:?}");
        assert!(
            !told.to_string().contains("secret-path") && !format!("{stranger:?}").contains("secret-path")
        );
    }

    #[tokio::test]
    async fn lost_answers_are_unsure_and_limits_later() {
        let (fake, webhook) = pair().await;
        fake.trouble(Trouble::AcceptThenHangUp);
        assert!(matches!(webhook.send(&event(), "k", false).await, Err(SendFailure::Unsure { .. })));
        assert!(matches!(webhook.send(&event(), "k", true).await, Ok(Sent::AlreadyThere { .. })));
        fake.trouble(Trouble::Refuse(Reply::text(429, "").with("Retry-After", "3")));
        assert!(matches!(webhook.send(&event(), "k2", false).await, Err(SendFailure::Later { .. })));
        fake.trouble(Trouble::Twice);
        assert!(matches!(webhook.send(&event(), "k2", false).await, Ok(Sent::AlreadyThere { .. })));
    }

    #[test]
    fn short_secrets_are_refused() {
        let settings = Settings::new(Hidden::new("https://shop.example.com/hook"), Hidden::new("short"));
        assert!(matches!(Webhook::new(settings), Err(ConnectorFault::Value { key: "secret_file", .. })));
    }
}
