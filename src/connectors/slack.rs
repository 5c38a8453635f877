//! Slack: an incoming webhook, or a bot that can look whether it has written already.
//!
//! A message is Block Kit within Slack's limits, with plain words for notifications. There are no buttons: they
//! need a public address. What a caller said is escaped, so that it can name nobody and link nowhere.

use std::time::Duration;

use async_trait::async_trait;
use domain::{Outgoing, SlackMessage};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Connector, ConnectorFault, Hidden, NeverReason, SendFailure, Sent, Trust,
    http::{Answer, Way, Web},
};

/// Slack's limits (docs.slack.dev, reference/block-kit).
const HEADER_CHARS_MAX: usize = 150;
const SECTION_CHARS_MAX: usize = 3000;
const FIELD_CHARS_MAX: usize = 2000;
const FIELDS_MAX: usize = 10;
/// All blocks together; more is refused as `msg_blocks_too_long`, though no page says so.
const ALL_CHARS_MAX: usize = 12_000;
/// Facts of one message; more are for the call log.
const FACTS_MAX: usize = 20;
/// Messages that are looked through for our key.
const HISTORY: &str = "100";

/// How we come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// The address of an incoming webhook, which is its own key.
    Webhook(Hidden),
    /// A bot token (`xoxb-…`) with `chat:write`; `channels:history` as well finds what was sent before.
    Bot {
        /// The token.
        token: Hidden,
        /// Channel id, such as `C0123456789`.
        channel: String,
    },
}

/// Where messages go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Webhook or bot.
    pub access: Access,
    /// `https://slack.com/api`; for a bot.
    pub server: String,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// For one request.
    pub deadline: Duration,
}

impl Settings {
    /// With Slack's own address and fifteen seconds.
    pub fn new(access: Access) -> Self {
        let server = "https://slack.com/api".into();
        Self { access, server, trust: Trust::default(), deadline: Duration::from_secs(15) }
    }
}

/// The channel.
#[derive(Debug)]
pub struct Slack {
    access: Access,
    web: Web,
}

#[derive(Debug, Default, Deserialize)]
struct BotAnswer {
    #[serde(default)]
    ok: bool,
    #[serde(default)]
    error: String,
    #[serde(default)]
    ts: String,
    #[serde(default)]
    team: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    messages: Vec<Posted>,
}

#[derive(Debug, Default, Deserialize)]
struct Posted {
    #[serde(default)]
    ts: String,
    #[serde(default)]
    metadata: Value,
}

impl Slack {
    /// Reads the settings; nothing is sent.
    ///
    /// # Errors
    /// An address or token that Slack cannot have given.
    pub fn new(settings: Settings) -> Result<Self, ConnectorFault> {
        let (key, server) = match &settings.access {
            Access::Webhook(url) => ("webhook_file", url.reveal().to_owned()),
            Access::Bot { token, channel } => {
                if !token.reveal().starts_with("xoxb-") {
                    return Err(ConnectorFault::Value {
                        key: "token_file",
                        what: "a bot token begins with xoxb-",
                    });
                }
                let id = channel.len() >= 9
                    && channel.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
                if !id {
                    let what =
                        "write the channel's id, such as C0123456789: it stands below the channel's details";
                    return Err(ConnectorFault::Value { key: "channel", what });
                }
                ("server", settings.server.clone())
            }
        };
        let way = Way {
            service: "Slack",
            key,
            server: &server,
            trust: &settings.trust,
            deadline: settings.deadline,
        };
        Ok(Self { web: Web::new(way)?, access: settings.access })
    }

    async fn by_webhook(&self, message: &SlackMessage, key: &str) -> Result<Sent, SendFailure> {
        let answer = self.web.ask(self.web.post("").json(&body(message))).await?;
        if answer.is_success() {
            return if answer.text().trim() == "ok" { Ok(accepted(key)) } else { Err(answer.odd()) };
        }
        Err(match answer.status() {
            400 | 403 | 404 | 410 => meaning(answer.text().trim(), &answer),
            _ => answer.refusal(),
        })
    }

    async fn by_bot(
        &self,
        token: &Hidden,
        channel: &str,
        message: &SlackMessage,
        key: &str,
        repeat: bool,
    ) -> Result<Sent, SendFailure> {
        if repeat && let Some(far_id) = self.find(token, channel, key).await? {
            return Ok(Sent::AlreadyThere { far_id });
        }
        let mut body = body(message);
        body["channel"] = json!(channel);
        body["unfurl_links"] = json!(false);
        body["metadata"] = json!({"event_type": "nightdesk", "event_payload": {"key": key}});
        let request = self.web.post("/chat.postMessage").bearer_auth(token.reveal()).json(&body);
        Ok(accepted(&self.bot(request).await?.ts))
    }

    /// Our own message with this key; `None` also when the bot may not read.
    async fn find(&self, token: &Hidden, channel: &str, key: &str) -> Result<Option<String>, SendFailure> {
        let query = [("channel", channel), ("limit", HISTORY), ("include_all_metadata", "true")];
        let request = self.web.get("/conversations.history").bearer_auth(token.reveal()).query(&query);
        match self.bot(request).await {
            Ok(history) => {
                let ours = |m: &&Posted| m.metadata["event_payload"]["key"] == key;
                Ok(history.messages.iter().find(ours).map(|m| m.ts.clone()))
            }
            Err(SendFailure::Never { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    async fn bot(&self, request: reqwest::RequestBuilder) -> Result<BotAnswer, SendFailure> {
        let answer = self.web.ask(request).await?;
        if !answer.is_success() {
            return Err(answer.refusal());
        }
        let told: BotAnswer = answer.json()?;
        if told.ok { Ok(told) } else { Err(meaning(&told.error, &answer)) }
    }
}

#[async_trait]
impl Connector for Slack {
    fn name(&self) -> &'static str {
        "Slack"
    }

    fn takes(&self, what: &Outgoing) -> bool {
        matches!(what, Outgoing::Slack(_))
    }

    async fn send(&self, what: &Outgoing, key: &str, repeat: bool) -> Result<Sent, SendFailure> {
        let Outgoing::Slack(message) = what else { return Err(super::not_this_way("Slack")) };
        match &self.access {
            Access::Webhook(_) => self.by_webhook(message, key).await,
            Access::Bot { token, channel } => self.by_bot(token, channel, message, key, repeat).await,
        }
    }

    async fn check(&self) -> Result<String, SendFailure> {
        match &self.access {
            Access::Webhook(_) => {
                // a message without words is refused, and the refusal tells whether the webhook exists
                let answer = self.web.ask(self.web.post("").json(&json!({}))).await?;
                match (answer.status(), answer.text().trim()) {
                    (400, "no_text" | "invalid_payload") => Ok("the webhook exists".into()),
                    (_, words) => Err(meaning(words, &answer)),
                }
            }
            Access::Bot { token, .. } => {
                let told = self.bot(self.web.post("/auth.test").bearer_auth(token.reveal())).await?;
                Ok(format!("bot {} in {}", told.user, told.team))
            }
        }
    }
}

fn accepted(far_id: &str) -> Sent {
    Sent::Accepted { far_id: far_id.to_owned() }
}

/// Slack's error words.
fn meaning(error: &str, answer: &Answer) -> SendFailure {
    use NeverReason as R;
    let (what, reason) = match error {
        "invalid_auth" | "not_authed" | "account_inactive" | "token_revoked" | "token_expired"
        | "invalid_token" => ("the token is not valid (any more)", R::Credentials),
        "missing_scope" | "action_prohibited" | "restricted_action" | "org_login_required" => {
            ("the app may not write there: see its permissions in Slack", R::Credentials)
        }
        "no_service" | "no_service_id" | "no_team" | "team_disabled" | "user_not_found" => {
            ("the webhook does not exist any more: make a new one in Slack", R::BadDestination)
        }
        "channel_not_found" | "not_in_channel" | "channel_is_archived" | "is_archived" => {
            ("the channel is gone or archived, or the bot has not been invited to it", R::BadDestination)
        }
        "ratelimited" | "rate_limited" | "message_limit_exceeded" => {
            let why = "Slack is being asked too often".into();
            return SendFailure::Later { why, retry_after: answer.retry_after() };
        }
        "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" => {
            return SendFailure::Unsure {
                why: "Slack is in trouble; it may have arrived all the same".into(),
            };
        }
        "invalid_payload"
        | "invalid_blocks"
        | "invalid_blocks_format"
        | "msg_too_long"
        | "msg_blocks_too_long"
        | "no_text" => ("it does not like the message's form", R::Rejected),
        _ => return answer_refusal(answer),
    };
    SendFailure::Never { why: format!("Slack: {what} ({error})"), reason }
}

fn answer_refusal(answer: &Answer) -> SendFailure {
    if answer.is_success() {
        return SendFailure::Never {
            why: "Slack refuses the message for a reason of its own".into(),
            reason: NeverReason::Rejected,
        };
    }
    answer.refusal()
}

/// The message in Block Kit. What does not fit any more is left to the call log.
fn body(message: &SlackMessage) -> Value {
    let mark = if message.urgent { "🚨 " } else { "" };
    let headline = super::cut(&format!("{mark}{}", message.headline), HEADER_CHARS_MAX);
    let mut blocks = Vec::new();
    if !headline.trim().is_empty() {
        blocks
            .push(json!({"type": "header", "text": {"type": "plain_text", "text": headline, "emoji": true}}));
    }
    let mut room = ALL_CHARS_MAX;
    let mut fields = Vec::new();
    for (label, value) in message.facts.iter().take(FACTS_MAX) {
        let text =
            format!("*{}*\n{}", escaped(label, FIELD_CHARS_MAX / 4), escaped(value, FIELD_CHARS_MAX / 2));
        let Some(left) = room.checked_sub(text.chars().count()) else { break };
        room = left;
        fields.push(json!({"type": "mrkdwn", "text": text}));
    }
    blocks.extend(fields.chunks(FIELDS_MAX).map(|some| json!({"type": "section", "fields": some})));
    for piece in sections(&escaped(&message.text, room)) {
        blocks.push(json!({"type": "section", "text": {"type": "mrkdwn", "text": piece}}));
    }
    if let Some(link) = &message.link {
        let element = json!({"type": "mrkdwn", "text": format!("<{}|Open the call>", link.replace(['<', '>', '|'], ""))});
        blocks.push(json!({"type": "context", "elements": [element]}));
    }
    let said: Vec<String> = message.facts.iter().map(|(label, value)| format!("{label}: {value}")).collect();
    let fallback = escaped(format!("{headline}\n{}", said.join("\n")).trim(), SECTION_CHARS_MAX);
    json!({"text": fallback, "blocks": blocks})
}

/// Slack reads `&`, `<` and `>` as markup. At most `max` characters, never cut inside an escaped sign.
fn escaped(text: &str, max: usize) -> String {
    let mut out = String::new();
    let mut room = max;
    for c in text.chars() {
        let mut own = [0; 4];
        let sign = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            other => other.encode_utf8(&mut own),
        };
        match room.checked_sub(sign.chars().count()) {
            Some(left) if left > 0 => room = left,
            _ => return out + "…",
        }
        out.push_str(sign);
    }
    out
}

/// A text in pieces that a section holds, cut on lines or words and never inside an escaped sign.
fn sections(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.char_indices().nth(SECTION_CHARS_MAX).map_or(rest.len(), |(at, _)| at);
        let cut = match end == rest.len() {
            true => end,
            false => {
                rest[..end].rfind('\n').or_else(|| rest[..end].rfind([' ', ';'])).map_or(end, |at| at + 1)
            }
        };
        pieces.push(rest[..cut].trim().to_owned());
        rest = rest[cut..].trim_start();
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::connectors::fake::{self, Fake, Reply, Trouble};

    fn message() -> SlackMessage {
        SlackMessage {
            headline: "EMERGENCY: burst pipe".into(),
            facts: vec![
                ("Caller".into(), "Jim <@U123> & son".into()),
                ("Phone".into(), "(555) 234-5678".into()),
            ],
            text: "Water is spraying.".into(),
            urgent: true,
            link: Some("http://nightdesk.local/calls/7".into()),
        }
    }

    async fn bot() -> (Fake<fake::slack::Slack>, Slack) {
        let fake = Fake::start(fake::slack::Slack::new("xoxb-1", "C0123456789")).await.unwrap();
        let access = Access::Bot { token: Hidden::new("xoxb-1"), channel: "C0123456789".into() };
        let settings = Settings { server: format!("{}/api", fake.url()), ..Settings::new(access) };
        let slack = Slack::new(Settings { deadline: Duration::from_millis(400), ..settings }).unwrap();
        (fake, slack)
    }

    async fn webhook() -> (Fake<fake::slack::Slack>, Slack) {
        let fake = Fake::start(fake::slack::Slack::new("xoxb-1", "C0123456789")).await.unwrap();
        let url = Hidden::new(format!("{}/services/T0/B0/secret-hook", fake.url()));
        let slack = Slack::new(Settings::new(Access::Webhook(url))).unwrap();
        (fake, slack)
    }

    #[test]
    fn callers_words_are_escaped_and_the_fallback_says_it_all() {
        let body = body(&message());
        assert_eq!(body["blocks"][0]["text"]["text"], "🚨 EMERGENCY: burst pipe");
        assert_eq!(body["blocks"][1]["fields"][0]["text"], "*Caller*\nJim &lt;@U123&gt; &amp; son");
        assert_eq!(
            body["text"],
            "🚨 EMERGENCY: burst pipe\nCaller: Jim &lt;@U123&gt; &amp; son\nPhone: (555) 234-5678"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { max_shrink_iters: 50, ..ProptestConfig::with_cases(32) })]
        #[test]
        fn every_message_stays_within_slacks_limits(
            headline in "\\PC{0,400}",
            facts in proptest::collection::vec(("\\PC{0,40}", "[a<&>é ]{0,1500}"), 0..25),
            text in "[a<&> \n]{0,9000}",
        ) {
            let body = body(&SlackMessage { headline, facts, text, urgent: true, link: None });
            prop_assert_eq!(fake::slack::within_limits(&body), Ok(()));
        }
    }

    #[tokio::test]
    async fn bot_writes_once_even_when_the_answer_is_lost() {
        let (fake, slack) = bot().await;
        for (n, trouble) in [Trouble::AcceptThenHangUp, Trouble::AcceptThenSilence].into_iter().enumerate() {
            let key = format!("key-{n}");
            fake.trouble(trouble);
            let lost = slack.send(&Outgoing::Slack(message()), &key, false).await.unwrap_err();
            assert!(matches!(lost, SendFailure::Unsure { .. }), "{lost:?}");
            let again = slack.send(&Outgoing::Slack(message()), &key, true).await.unwrap();
            assert!(matches!(again, Sent::AlreadyThere { .. }), "{again:?}");
        }
        assert_eq!(fake.with(|s| s.messages.len()), 2);
    }

    #[tokio::test]
    async fn webhook_sends_and_its_address_stays_secret() {
        let (fake, slack) = webhook().await;
        assert_eq!(slack.check().await.unwrap(), "the webhook exists");
        slack.send(&Outgoing::Slack(message()), "k", false).await.unwrap();
        assert_eq!(fake.with(|s| s.messages.len()), 1);
        fake.with(|s| s.webhook_exists = false);
        let gone = slack.send(&Outgoing::Slack(message()), "k", false).await.unwrap_err();
        let SendFailure::Never { why, reason: NeverReason::BadDestination } = gone else {
            panic!("{gone:?}")
        };
        assert!(why.contains("make a new one") && !why.contains("secret-hook"), "{why}");
        assert!(!format!("{slack:?}").contains("xoxb"));
    }

    #[tokio::test]
    async fn refusals_are_told_in_the_owners_words() {
        let (fake, slack) = bot().await;
        let told = async |words: &str| {
            fake.trouble(Trouble::Refuse(Reply::json(200, &json!({"ok": false, "error": words}))));
            slack.send(&Outgoing::Slack(message()), "k", false).await.unwrap_err()
        };
        let never = async |words: &str| match told(words).await {
            SendFailure::Never { reason, .. } => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(never("token_revoked").await, NeverReason::Credentials);
        assert_eq!(never("not_in_channel").await, NeverReason::BadDestination);
        assert_eq!(never("msg_blocks_too_long").await, NeverReason::Rejected);
        assert_eq!(never("something_new").await, NeverReason::Rejected);
        assert!(matches!(told("fatal_error").await, SendFailure::Unsure { .. }));
        fake.trouble(Trouble::Refuse(Reply::text(429, "").with("Retry-After", "30")));
        let limited = slack.send(&Outgoing::Slack(message()), "k", false).await.unwrap_err();
        assert!(matches!(limited, SendFailure::Later { retry_after: Some(s), .. } if s.as_secs() == 30));
    }

    #[test]
    fn tokens_and_channels_of_another_kind_are_refused_at_once() {
        let bot = |token: &str, channel: &str| {
            let access = Access::Bot { token: Hidden::new(token), channel: channel.into() };
            Slack::new(Settings::new(access)).map(|_| ())
        };
        assert_eq!(bot("xoxb-1", "C0123456789"), Ok(()));
        assert!(matches!(bot("xoxp-1", "C0123456789"), Err(ConnectorFault::Value { key: "token_file", .. })));
        assert!(matches!(bot("xoxb-1", "#general"), Err(ConnectorFault::Value { key: "channel", .. })));
    }
}
