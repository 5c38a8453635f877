//! ntfy, on ntfy.sh or a server of the owner's (docs.ntfy.sh/publish).
//!
//! An urgent message has a button. It needs no public address of ours: the telephone itself publishes our tag to
//! a second topic, which is polled. Whoever knows that topic can acknowledge, so its name is a secret, or it
//! belongs to a server with access rules.

use std::time::Duration;

use async_trait::async_trait;
use domain::Outgoing;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    Connector, ConnectorFault, FarEvent, Hidden, NeverReason, SendFailure, Sent, Trust, Watch,
    http::{Answer, Way, Web},
};

/// ntfy's limit; a longer message becomes an attachment.
const MESSAGE_BYTES_MAX: usize = 4096;
const TITLE_CHARS_MAX: usize = 200;
/// How far back a repeat looks.
const LOOK_BACK: &str = "30m";

/// Server and topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `https://ntfy.sh`, or the owner's own.
    pub server: String,
    /// For messages that name no topic.
    pub topic: Hidden,
    /// Where the button writes; `None`: no button.
    pub ack_topic: Option<Hidden>,
    /// Access token (`tk_…`) of a server with access rules.
    pub token: Option<Hidden>,
    /// Access token that the button carries: it may write to `ack_topic` and nothing else.
    pub ack_token: Option<Hidden>,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// For one request.
    pub deadline: Duration,
}

impl Settings {
    /// On ntfy.sh without an account.
    pub fn new(topic: Hidden) -> Self {
        Self {
            server: "https://ntfy.sh".into(),
            topic,
            ack_topic: None,
            token: None,
            ack_token: None,
            trust: Trust::default(),
            deadline: Duration::from_secs(15),
        }
    }
}

/// The way out.
#[derive(Debug)]
pub struct Ntfy {
    settings: Settings,
    web: Web,
}

/// A line of a topic.
#[derive(Debug, Default, Deserialize)]
struct Line {
    #[serde(default)]
    event: String,
    #[serde(default)]
    time: i64,
    #[serde(default)]
    message: String,
    #[serde(default)]
    sequence_id: String,
    #[serde(default)]
    actions: Vec<Button>,
}

#[derive(Debug, Default, Deserialize)]
struct Button {
    #[serde(default)]
    body: String,
}

impl Ntfy {
    /// Reads the settings; nothing is sent.
    ///
    /// # Errors
    /// A topic or address that ntfy could never take.
    pub fn new(settings: Settings) -> Result<Self, ConnectorFault> {
        let what = "a topic has up to 64 letters, digits, dashes and underscores";
        if !is_topic(settings.topic.reveal()) {
            return Err(ConnectorFault::Value { key: "topic_file", what });
        }
        if settings.ack_topic.as_ref().is_some_and(|t| !is_topic(t.reveal())) {
            return Err(ConnectorFault::Value { key: "ack_topic_file", what });
        }
        let way = Way {
            service: "ntfy",
            key: "server",
            server: &settings.server,
            trust: &settings.trust,
            deadline: settings.deadline,
        };
        Ok(Self { web: Web::new(way)?, settings })
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Result<Answer, SendFailure> {
        let request = match &self.settings.token {
            Some(token) => request.bearer_auth(token.reveal()),
            None => request,
        };
        let answer = self.web.ask(request).await?;
        match answer.status() {
            200..=299 => Ok(answer),
            507 => Err(SendFailure::Later {
                why: "the ntfy server's disk is full (507)".into(),
                retry_after: None,
            }),
            _ => Err(answer.refusal()),
        }
    }

    /// The messages of a topic since a moment, as ntfy writes it: "30m", or Unix seconds.
    async fn lines(&self, topic: &str, since: &str) -> Result<Vec<Line>, SendFailure> {
        let request = self.web.get(&format!("/{topic}/json")).query(&[("poll", "1"), ("since", since)]);
        let text = self.ask(request).await?.text();
        let lines = text.lines().filter_map(|l| serde_json::from_str::<Line>(l).ok());
        Ok(lines.filter(|l| l.event == "message").collect())
    }

    fn button(&self, tag: &str) -> Option<serde_json::Value> {
        let topic = self.settings.ack_topic.as_ref()?.reveal();
        let mut button = json!({
            "action": "http", "label": "I take it", "method": "POST", "clear": true,
            "url": format!("{}/{topic}", self.web.base()), "body": tag,
        });
        if let Some(token) = &self.settings.ack_token {
            button["headers"] = json!({"Authorization": format!("Bearer {}", token.reveal())});
        }
        Some(button)
    }
}

#[async_trait]
impl Connector for Ntfy {
    fn name(&self) -> &'static str {
        "ntfy"
    }

    fn takes(&self, what: &Outgoing) -> bool {
        matches!(what, Outgoing::Push { .. })
    }

    async fn send(&self, what: &Outgoing, key: &str, repeat: bool) -> Result<Sent, SendFailure> {
        let Outgoing::Push { to, title, body, urgent } = what else {
            return Err(super::not_this_way("ntfy"));
        };
        let topic = to.as_deref().unwrap_or(self.settings.topic.reveal());
        if !is_topic(topic) {
            let why = "the receiver's ntfy topic is none: letters, digits, dashes and underscores".into();
            return Err(SendFailure::Never { why, reason: NeverReason::BadDestination });
        }
        let tag = tag(key);
        if repeat {
            // a server that lets us write but not read cannot be searched
            let found = match self.lines(topic, LOOK_BACK).await {
                Err(SendFailure::Never { .. }) => Vec::new(),
                found => found?,
            };
            if found.iter().any(|l| l.sequence_id == tag || l.actions.iter().any(|a| a.body == tag)) {
                return Ok(Sent::AlreadyThere { far_id: tag });
            }
        }
        let mut message = json!({
            "topic": topic,
            "title": super::cut(title, TITLE_CHARS_MAX),
            "message": cut_bytes(body),
            "priority": if *urgent { 5 } else { 3 },
            "tags": if *urgent { ["rotating_light"] } else { ["telephone_receiver"] },
            "sequence_id": tag,
        });
        if let Some(button) = self.button(&tag).filter(|_| *urgent) {
            message["actions"] = json!([button]);
        }
        self.ask(self.web.post("").json(&message)).await?.json::<Line>()?;
        Ok(Sent::Accepted { far_id: tag })
    }

    async fn poll(&self, watch: &Watch<'_>) -> Result<Vec<FarEvent>, SendFailure> {
        let Some(topic) = self.settings.ack_topic.as_ref().filter(|_| !watch.open.is_empty()) else {
            return Ok(Vec::new());
        };
        let lines = self.lines(topic.reveal(), &watch.since.as_second().to_string()).await?;
        let pressed = |l: &Line| {
            let new =
                Timestamp::from_second(l.time).is_ok_and(|at| at.as_second() >= watch.since.as_second());
            let far_id = watch.open.iter().find(|id| new && **id == l.message.trim())?;
            Some(FarEvent::Acknowledged { far_id: far_id.clone(), by: "ntfy".into() })
        };
        Ok(lines.iter().filter_map(pressed).collect())
    }

    async fn check(&self) -> Result<String, SendFailure> {
        self.lines(self.settings.topic.reveal(), "1s").await?;
        let button = match self.settings.ack_topic {
            Some(_) => "urgent messages have a button",
            None => "without a button: no acknowledgement comes this way",
        };
        Ok(format!("the topic of {} can be read; {button}", self.web.host()))
    }
}

/// Our name for a message at ntfy: tells nothing, and nobody guesses it.
fn tag(key: &str) -> String {
    Sha256::digest(format!("nightdesk {key}")).iter().take(10).map(|b| format!("{b:02x}")).collect()
}

fn is_topic(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

fn cut_bytes(text: &str) -> String {
    if text.len() <= MESSAGE_BYTES_MAX {
        return text.to_owned();
    }
    let mut end = MESSAGE_BYTES_MAX - '…'.len_utf8();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::fake::{self, Fake, Trouble};

    async fn pair() -> (Fake<fake::ntfy::Ntfy>, Ntfy) {
        let fake = Fake::start(fake::ntfy::Ntfy::new(Some("tk_1"))).await.unwrap();
        let settings = Settings {
            server: fake.url(),
            ack_topic: Some(Hidden::new("metro-acks-x9")),
            token: Some(Hidden::new("tk_1")),
            deadline: Duration::from_millis(400),
            ..Settings::new(Hidden::new("metro-pages-x9"))
        };
        (fake, Ntfy::new(settings).unwrap())
    }

    fn push(urgent: bool) -> Outgoing {
        Outgoing::Push { to: None, title: "EMERGENCY".into(), body: "é".repeat(3000), urgent }
    }

    #[tokio::test]
    async fn button_on_the_telephone_is_an_acknowledgement() {
        let (fake, ntfy) = pair().await;
        let Ok(Sent::Accepted { far_id }) = ntfy.send(&push(true), "k", false).await else { panic!() };
        let message = fake.with(|n| n.messages[0].clone());
        assert_eq!((&message["priority"], &message["topic"]), (&json!(5), &json!("metro-pages-x9")));
        assert!(message["message"].as_str().unwrap().len() <= MESSAGE_BYTES_MAX);

        let open = [far_id.clone()];
        let watch = Watch { since: Timestamp::now(), now: Timestamp::now(), open: &open };
        assert_eq!(ntfy.poll(&watch).await.unwrap(), []);
        fake.with(|n| n.publish("metro-acks-x9", "something else"));
        assert_eq!(ntfy.poll(&watch).await.unwrap(), [], "only our tag counts");
        fake.with(|n| n.press_button(0));
        assert_eq!(ntfy.poll(&watch).await.unwrap(), [FarEvent::Acknowledged { far_id, by: "ntfy".into() }]);
    }

    #[tokio::test]
    async fn repeat_finds_what_has_arrived() {
        let (fake, ntfy) = pair().await;
        for (n, trouble) in [Trouble::AcceptThenHangUp, Trouble::AcceptThenSilence].into_iter().enumerate() {
            let key = format!("k{n}");
            fake.trouble(trouble);
            assert!(matches!(ntfy.send(&push(true), &key, false).await, Err(SendFailure::Unsure { .. })));
            assert!(matches!(ntfy.send(&push(true), &key, true).await, Ok(Sent::AlreadyThere { .. })));
        }
        assert_eq!(fake.with(|n| n.messages.len()), 2);
    }

    #[tokio::test]
    async fn wrong_token_bad_topic_and_too_many_messages_are_told() {
        let (fake, ntfy) = pair().await;
        assert!(ntfy.check().await.unwrap().contains("have a button"));
        let stranger = Outgoing::Push {
            to: Some("two words".into()),
            title: "t".into(),
            body: "b".into(),
            urgent: true,
        };
        let told = ntfy.send(&stranger, "k", false).await.unwrap_err();
        assert!(matches!(told, SendFailure::Never { reason: NeverReason::BadDestination, .. }), "{told:?}");
        fake.with(|n| n.left = 0);
        let told = ntfy.send(&push(true), "k", false).await.unwrap_err();
        assert!(matches!(told, SendFailure::Later { .. }), "{told:?}");
        let wrong = Settings { token: Some(Hidden::new("tk_2")), ..ntfy.settings.clone() };
        let told = Ntfy::new(wrong).unwrap().send(&push(true), "k", false).await.unwrap_err();
        assert!(matches!(told, SendFailure::Never { reason: NeverReason::Credentials, .. }), "{told:?}");
        assert!(!format!("{ntfy:?}").contains("metro-acks"), "the topics are secrets");
    }
}
