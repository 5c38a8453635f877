//! Slack: one webhook, one bot, one channel, with Block Kit's limits.

use serde_json::{Value, json};

use super::{Reply, Request, Service};

/// A workspace.
#[derive(Debug)]
pub struct Slack {
    token: String,
    channel: String,
    /// What the channel shows, oldest first.
    pub messages: Vec<Value>,
    /// Whether the webhook was deleted in Slack.
    pub webhook_exists: bool,
    /// Whether the bot may read the channel (`channels:history`).
    pub may_read: bool,
}

impl Slack {
    /// A workspace that works.
    pub fn new(token: &str, channel: &str) -> Self {
        let (token, channel) = (token.into(), channel.into());
        Self { token, channel, messages: Vec::new(), webhook_exists: true, may_read: true }
    }

    fn hook(&mut self, body: &Value) -> Reply {
        match () {
            () if !self.webhook_exists => Reply::text(404, "no_service"),
            () if body["text"].as_str().is_none_or(str::is_empty) => Reply::text(400, "no_text"),
            () if within_limits(body).is_err() => Reply::text(400, "invalid_blocks"),
            () => {
                self.show(body.clone());
                Reply::text(200, "ok")
            }
        }
    }

    fn api(&mut self, request: &Request) -> Reply {
        if request.bearer() != Some(self.token.as_str()) {
            return failed("invalid_auth");
        }
        let body = request.json();
        match request.path.as_str() {
            "/api/auth.test" => Reply::json(200, &json!({"ok": true, "team": "Metro", "user": "nightdesk"})),
            "/api/chat.postMessage" if body["channel"] != self.channel.as_str() => {
                failed("channel_not_found")
            }
            "/api/chat.postMessage" => match within_limits(&body) {
                Err(_) => failed("invalid_blocks"),
                Ok(()) => {
                    let mut message = body;
                    let ts = format!("1763600000.{:06}", self.messages.len() + 1);
                    message["ts"] = json!(ts);
                    self.show(message);
                    Reply::json(200, &json!({"ok": true, "channel": self.channel, "ts": ts}))
                }
            },
            "/api/conversations.history" if !self.may_read => failed("missing_scope"),
            "/api/conversations.history" => {
                let newest_first: Vec<_> = self.messages.iter().rev().collect();
                Reply::json(200, &json!({"ok": true, "messages": newest_first}))
            }
            _ => failed("unknown_method"),
        }
    }

    fn show(&mut self, message: Value) {
        if self.messages.len() < 10_000 {
            self.messages.push(message);
        }
    }
}

impl Service for Slack {
    fn answer(&mut self, request: &Request) -> Reply {
        match request.parts().first() {
            Some(&"services") => self.hook(&request.json()),
            _ => self.api(request),
        }
    }
}

/// Whether Slack would take these blocks (docs.slack.dev, reference/block-kit).
///
/// # Errors
/// What it would not take.
pub fn within_limits(body: &Value) -> Result<(), String> {
    let Some(blocks) = body["blocks"].as_array() else { return Ok(()) };
    let chars = |v: &Value| v.as_str().map_or(0, |t| t.chars().count());
    let mut all = 0;
    for block in blocks {
        let (text, max) = (&block["text"]["text"], if block["type"] == "header" { 150 } else { 3000 });
        let fields = block["fields"].as_array();
        let has_text = !block["text"].is_null();
        if has_text && !(1..=max).contains(&chars(text)) {
            return Err(format!("{} with {} characters", block["type"], chars(text)));
        }
        if fields.is_some_and(|f| {
            f.is_empty() || f.len() > 10 || f.iter().any(|f| !(1..=2000).contains(&chars(&f["text"])))
        }) {
            return Err("fields".into());
        }
        all += chars(text) + fields.map_or(0, |f| f.iter().map(|f| chars(&f["text"])).sum());
    }
    match () {
        () if blocks.len() > 50 => Err(format!("{} blocks", blocks.len())),
        () if all > 13_200 => Err(format!("{all} characters in all")),
        () => Ok(()),
    }
}

fn failed(error: &str) -> Reply {
    Reply::json(200, &json!({"ok": false, "error": error}))
}
