//! An ntfy server: topics, buttons, a token, a daily limit.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Reply, Request, Service};

/// The server.
#[derive(Debug)]
pub struct Ntfy {
    token: Option<String>,
    /// Everything published by us or the telephones, oldest first.
    pub messages: Vec<Value>,
    /// Messages that today still has.
    pub left: u32,
}

impl Ntfy {
    /// A server that wants this token, if any; telephones need none to acknowledge.
    pub fn new(token: Option<&str>) -> Self {
        Self { token: token.map(str::to_owned), messages: Vec::new(), left: 250 }
    }

    /// Somebody publishes plain words.
    pub fn publish(&mut self, topic: &str, words: &str) {
        self.keep(json!({"topic": topic, "message": words}));
    }

    /// Somebody presses the first button of a message.
    pub fn press_button(&mut self, message: usize) {
        let button = self.messages.get(message).map(|m| m["actions"][0].clone()).unwrap_or_default();
        let topic = button["url"].as_str().and_then(|u| u.rsplit('/').next()).unwrap_or_default().to_owned();
        self.publish(&topic, button["body"].as_str().unwrap_or_default());
    }

    fn keep(&mut self, mut message: Value) -> Value {
        message["id"] = json!(format!("m{}", self.messages.len() + 1));
        message["time"] = json!(Timestamp::now().as_second());
        message["event"] = json!("message");
        if self.messages.len() < 10_000 {
            self.messages.push(message.clone());
        }
        message
    }
}

impl Service for Ntfy {
    fn answer(&mut self, request: &Request) -> Reply {
        if self.token.as_deref() != request.bearer() {
            return Reply::json(401, &json!({"code": 40101, "http": 401, "error": "unauthorized"}));
        }
        match (request.method.as_str(), request.parts().as_slice()) {
            ("POST", []) => {
                let message = request.json();
                if message["topic"].as_str().is_none_or(str::is_empty) {
                    return Reply::json(400, &json!({"code": 40009, "http": 400, "error": "topic invalid"}));
                }
                if self.left == 0 {
                    let words = "limit reached: daily message quota reached";
                    return Reply::json(429, &json!({"code": 42908, "http": 429, "error": words}));
                }
                self.left -= 1;
                Reply::json(200, &self.keep(message))
            }
            ("GET", [topic, "json"]) => {
                let since: i64 = request.query("since").and_then(|s| s.parse().ok()).unwrap_or(0);
                let fits = |m: &&Value| m["topic"] == **topic && m["time"].as_i64() >= Some(since);
                let lines: String = self.messages.iter().filter(fits).map(|m| format!("{m}\n")).collect();
                Reply::text(200, &lines)
            }
            _ => Reply::json(404, &json!({"code": 40401, "http": 404, "error": "page not found"})),
        }
    }
}
