//! Twilio's messages as `connectors::twilio_sms` and an owner's phone see them.

use std::collections::HashMap;

use jiff::{Timestamp, fmt::rfc2822, tz::TimeZone};
use serde_json::{Value, json};

use super::{Reply, Request, Service};

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `SM` and 32 hexadecimal digits.
    pub sid: String,
    /// Sender.
    pub from: String,
    /// Receiver.
    pub to: String,
    /// Words.
    pub body: String,
    /// `queued`, `delivered`, `undelivered` …
    pub status: String,
    /// With `failed` and `undelivered`.
    pub error_code: Option<u32>,
    /// `outbound-api` or `inbound`.
    pub direction: &'static str,
    /// When it was made.
    pub at: Timestamp,
}

/// An account with one number.
#[derive(Debug)]
pub struct Twilio {
    account_sid: String,
    secret: String,
    number: String,
    /// Everything that was sent and received, oldest first.
    pub messages: Vec<Message>,
    /// Receivers that have answered STOP, START undoes it.
    pub opted_out: Vec<String>,
    /// What becomes of messages to a number: an error code, as for a landline. Others are delivered.
    pub undeliverable: HashMap<String, u32>,
    /// `active`, `suspended` …
    pub status: String,
    /// Carriers block what is sent: the number is not registered (30034).
    pub unregistered: bool,
    /// Messages per list page.
    pub page_size: usize,
}

impl Twilio {
    /// An account that works.
    pub fn new(account_sid: &str, secret: &str, number: &str) -> Self {
        Self {
            account_sid: account_sid.into(),
            secret: secret.into(),
            number: number.into(),
            messages: Vec::new(),
            opted_out: Vec::new(),
            undeliverable: HashMap::new(),
            status: "active".into(),
            unregistered: false,
            page_size: 50,
        }
    }

    /// Somebody texts the box. Twilio itself listens for STOP and START.
    pub fn receive(&mut self, from: &str, body: &str) {
        let word = body.trim().to_uppercase();
        match word.as_str() {
            "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "REVOKE" | "OPTOUT" => {
                self.opted_out.push(from.to_owned());
            }
            "START" | "YES" | "UNSTOP" => self.opted_out.retain(|n| n != from),
            _ => {}
        }
        let (sid, to) = (self.next_sid(), self.number.clone());
        self.push(Message {
            sid,
            from: from.into(),
            to,
            body: body.into(),
            status: "received".into(),
            error_code: None,
            direction: "inbound",
            at: Timestamp::now(),
        });
    }

    /// Every message on its way reaches its end.
    pub fn settle(&mut self) {
        for message in self.messages.iter_mut().filter(|m| m.status == "queued") {
            let blocked = self.unregistered.then_some(30_034);
            message.error_code = blocked.or_else(|| self.undeliverable.get(&message.to).copied());
            message.status = if message.error_code.is_some() { "undelivered" } else { "delivered" }.into();
        }
    }

    /// What was sent, oldest first.
    pub fn sent(&self) -> Vec<&Message> {
        self.messages.iter().filter(|m| m.direction == "outbound-api").collect()
    }

    fn push(&mut self, message: Message) {
        if self.messages.len() < 10_000 {
            self.messages.push(message);
        }
    }

    fn next_sid(&self) -> String {
        format!("SM{:032x}", self.messages.len() + 1)
    }

    fn create(&mut self, request: &Request) -> Reply {
        let (to, from) = (request.field("To").unwrap_or_default(), request.field("From").unwrap_or_default());
        let body = request.field("Body").unwrap_or_default();
        let is_number = |n: &str| {
            n.strip_prefix('+').is_some_and(|d| d.len() >= 7 && d.chars().all(|c| c.is_ascii_digit()))
        };
        let refused = match () {
            () if !is_number(&to) => Some((21_211, "Invalid 'To' Phone Number")),
            () if from != self.number => Some((21_606, "The 'From' phone number is not a valid sender")),
            () if body.is_empty() => Some((21_602, "Message body is required")),
            () if body.chars().count() > 1600 => Some((21_617, "The concatenated message body exceeds 1600")),
            () if self.opted_out.contains(&to) => Some((21_610, "Attempt to send to unsubscribed recipient")),
            () => None,
        };
        if let Some((code, words)) = refused {
            return problem(400, code, words);
        }
        let message = Message {
            sid: self.next_sid(),
            from,
            to,
            body,
            status: "queued".into(),
            error_code: None,
            direction: "outbound-api",
            at: Timestamp::now(),
        };
        let reply = Reply::json(201, &self.shown(&message));
        self.push(message);
        reply
    }

    fn list(&self, request: &Request) -> Reply {
        let fits = |m: &&Message| {
            let day = m.at.to_zoned(TimeZone::UTC).date().to_string();
            request.query("To").is_none_or(|to| m.to == to)
                && request.query("From").is_none_or(|from| m.from == from)
                && request.query("DateSent").is_none_or(|d| day == d)
                && request.query("DateSent>").is_none_or(|d| day.as_str() >= d)
        };
        let fitting: Vec<_> = self.messages.iter().rev().filter(fits).collect();
        let page: usize = request.query("Page").and_then(|p| p.parse().ok()).unwrap_or(0);
        let shown: Vec<_> =
            fitting.iter().skip(page * self.page_size).take(self.page_size).map(|m| self.shown(m)).collect();
        let more = fitting.len() > (page + 1) * self.page_size;
        let asked = |name: &str| {
            request.query(name).map(|v| format!("&{name}={v}").replace('+', "%2B").replace('>', "%3E"))
        };
        let rest: String = ["To", "From", "DateSent", "DateSent>"].iter().filter_map(|n| asked(n)).collect();
        let next = more.then(|| format!("{}?Page={}{rest}", request.path, page + 1));
        Reply::json(200, &json!({"messages": shown, "page": page, "next_page_uri": next}))
    }

    fn shown(&self, message: &Message) -> Value {
        let at = rfc2822::to_string(&message.at.to_zoned(TimeZone::UTC)).unwrap_or_default();
        json!({
            "sid": message.sid, "account_sid": self.account_sid, "from": message.from, "to": message.to,
            "body": message.body, "status": message.status, "direction": message.direction,
            "error_code": message.error_code, "error_message": null, "date_created": at, "date_sent": at,
            "date_updated": at, "num_segments": "1", "num_media": "0", "price": null, "price_unit": "USD",
            "messaging_service_sid": null, "api_version": "2010-04-01",
            "uri": format!("/2010-04-01/Accounts/{}/Messages/{}.json", self.account_sid, message.sid),
        })
    }
}

impl Service for Twilio {
    fn answer(&mut self, request: &Request) -> Reply {
        if request.basic_auth() != Some((self.account_sid.clone(), self.secret.clone())) {
            return problem(401, 20_003, "Authenticate");
        }
        let prefix = format!("/2010-04-01/Accounts/{}", self.account_sid);
        let Some(rest) = request.path.strip_prefix(&prefix) else { return problem(404, 20_404, "not found") };
        match (request.method.as_str(), rest) {
            ("GET", ".json") => Reply::json(
                200,
                &json!({"friendly_name": "Metro Plumbing", "status": self.status, "type": "Full"}),
            ),
            ("POST", "/Messages.json") => self.create(request),
            ("GET", "/Messages.json") => self.list(request),
            ("GET", one) => {
                let sid = one.trim_start_matches("/Messages/").trim_end_matches(".json");
                let found = self.messages.iter().find(|m| m.sid == sid);
                found.map_or_else(|| problem(404, 20_404, "not found"), |m| Reply::json(200, &self.shown(m)))
            }
            _ => problem(405, 20_004, "Method not allowed"),
        }
    }
}

fn problem(status: u16, code: u32, words: &str) -> Reply {
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    Reply::json(status, &json!({"code": code, "message": words, "more_info": more, "status": status}))
}
