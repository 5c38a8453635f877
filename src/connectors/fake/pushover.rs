//! Pushover: one application, one user with one telephone.

use serde_json::json;

use super::{Reply, Request, Service};

/// A message that was taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// Title.
    pub title: String,
    /// Words.
    pub body: String,
    /// Of an urgent one.
    pub receipt: Option<String>,
    /// It reached the telephone.
    pub delivered: bool,
    /// Who acknowledged it.
    pub acknowledged_by: Option<String>,
    /// It rings no more.
    pub cancelled: bool,
}

/// The service.
#[derive(Debug)]
pub struct Pushover {
    token: String,
    user: String,
    /// Oldest first.
    pub messages: Vec<Message>,
    /// Messages that this month still has.
    pub left: u32,
}

impl Pushover {
    /// An application that works.
    pub fn new(token: &str, user: &str) -> Self {
        Self { token: token.into(), user: user.into(), messages: Vec::new(), left: 10_000 }
    }

    /// The telephone takes everything.
    pub fn deliver(&mut self) {
        self.messages.iter_mut().for_each(|m| m.delivered = true);
    }

    /// Somebody acknowledges all that rings.
    pub fn acknowledge(&mut self, device: &str) {
        let ringing = self.messages.iter_mut().filter(|m| m.receipt.is_some() && m.acknowledged_by.is_none());
        ringing.for_each(|m| m.acknowledged_by = Some(device.to_owned()));
    }

    fn send(&mut self, request: &Request) -> Reply {
        let field = |name: &str| request.field(name).unwrap_or_default();
        let urgent = field("priority") == "2";
        let (retry, expire) = (field("retry").parse().unwrap_or(0), field("expire").parse().unwrap_or(0));
        match () {
            () if self.left == 0 => return refused(429, "token", "application is over its quota"),
            () if field("user") != self.user => return refused(400, "user", "user key is invalid"),
            () if field("message").is_empty() => return refused(400, "message", "message cannot be blank"),
            () if field("message").chars().count() > 1024 => {
                return refused(400, "message", "message is too long");
            }
            () if urgent && (retry < 30 || !(1..=10_800).contains(&expire)) => {
                return refused(400, "retry", "retry and expire must be supplied");
            }
            () => {}
        }
        self.left -= 1;
        let receipt = urgent.then(|| format!("r{:029}", self.messages.len() + 1));
        let shown =
            json!({"status": 1, "request": format!("q{}", self.messages.len() + 1), "receipt": receipt});
        if self.messages.len() < 10_000 {
            self.messages.push(Message {
                title: field("title"),
                body: field("message"),
                receipt,
                ..Message::default()
            });
        }
        Reply::json(200, &shown)
    }

    fn receipt(&mut self, id: &str, cancel: bool) -> Reply {
        let Some(message) = self.messages.iter_mut().find(|m| m.receipt.as_deref() == Some(id)) else {
            return refused(404, "receipt", "receipt not found; may be invalid or expired");
        };
        message.cancelled |= cancel;
        let acknowledged = u8::from(message.acknowledged_by.is_some());
        let delivered = if message.delivered { 1_763_600_000 } else { 0 };
        Reply::json(
            200,
            &json!({
                "status": 1, "acknowledged": acknowledged, "acknowledged_at": 0, "acknowledged_by": self.user,
                "acknowledged_by_device": message.acknowledged_by.clone().unwrap_or_default(),
                "last_delivered_at": delivered, "expired": 0, "expires_at": 0, "called_back": 0,
            }),
        )
    }
}

impl Service for Pushover {
    fn answer(&mut self, request: &Request) -> Reply {
        let token = request.field("token").or_else(|| request.query("token").map(str::to_owned));
        if token.as_deref() != Some(self.token.as_str()) {
            return refused(400, "token", "application token is invalid");
        }
        match request.parts().as_slice() {
            ["1", "messages.json"] => self.send(request),
            ["1", "users", "validate.json"] if request.field("user").as_deref() == Some(&self.user) => {
                Reply::json(200, &json!({"status": 1, "request": "q", "devices": ["mikes-phone"]}))
            }
            ["1", "users", "validate.json"] => refused(400, "user", "user key is invalid"),
            ["1", "receipts", id, "cancel.json"] => self.receipt(id, true),
            ["1", "receipts", id] => self.receipt(id.trim_end_matches(".json"), false),
            _ => Reply::json(404, &json!({"status": 0})),
        }
    }
}

fn refused(status: u16, field: &str, words: &str) -> Reply {
    Reply::json(status, &json!({field: "invalid", "errors": [words], "status": 0, "request": "q"}))
}
