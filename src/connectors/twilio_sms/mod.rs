//! Text messages through Twilio (API 2010-04-01). No public address is needed: status and replies are polled.
//!
//! Twilio's messages are not idempotent and carry no key of ours, so a repeat first looks for the same words
//! to the same number since the first attempt; in doubt it sends again, because for a page twice is better than
//! never (twilio.com/docs/errors/20500).

mod codes;
mod signature;

#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use domain::{Outgoing, PhoneNumber};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822, tz::TimeZone};
use serde::Deserialize;

use super::{
    Connector, ConnectorFault, FarEvent, Hidden, NeverReason, SendFailure, Sent, Trust, Watch,
    http::{Answer, Way, Web},
};

pub use signature::{Signed, signature_is_right};

/// Longest body that Twilio takes, characters (error 21617).
const BODY_CHARS_MAX: usize = 1600;
/// Room for "(2/3) " before a part.
const PART_MARK_CHARS: usize = 8;
/// Messages of a page, and pages of one list that are read.
const PAGE_SIZE: u32 = 100;
const PAGES_MAX: usize = 5;
/// Messages whose status is asked at one poll.
const OPEN_MAX: usize = 50;
/// Attempts that are remembered, to tell the repeat of one message from another with the same words.
const REMEMBERED_MAX: usize = 500;
/// After a restart the first attempt's time is not known any more: it was hardly longer ago than this.
const FIRST_TRY_AGO_MAX: SignedDuration = SignedDuration::from_mins(15);
/// Twilio's clock and ours.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_secs(120);

/// The account, and who sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `AC` and 32 hexadecimal digits.
    pub account_sid: String,
    /// An API key (`SK…`) instead of the account's own token; `None`: `secret` is the auth token.
    pub api_key_sid: Option<String>,
    /// Auth token, or the API key's secret.
    pub secret: Hidden,
    /// The box's own number; replies arrive there.
    pub from: PhoneNumber,
    /// `MG…`: registered sender that Twilio chooses from; `from` must be one of its numbers.
    pub messaging_service_sid: Option<String>,
    /// A message that is not delivered by then is dropped, seconds, 1 to 36,000: a page of last night wakes nobody.
    pub validity_s: u32,
    /// `https://api.twilio.com`, or a regional address.
    pub server: String,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// For one request.
    pub deadline: Duration,
}

impl Settings {
    /// With the usual address, ten minutes of validity and fifteen seconds per request.
    pub fn new(account_sid: impl Into<String>, secret: Hidden, from: PhoneNumber) -> Self {
        Self {
            account_sid: account_sid.into(),
            api_key_sid: None,
            secret,
            from,
            messaging_service_sid: None,
            validity_s: 600,
            server: "https://api.twilio.com".into(),
            trust: Trust::default(),
            deadline: Duration::from_secs(15),
        }
    }
}

/// The way out.
#[derive(Debug)]
pub struct TwilioSms {
    settings: Settings,
    web: Web,
    tried: Mutex<VecDeque<Tried>>,
}

/// What this process knows of an attempt.
#[derive(Debug)]
struct Tried {
    key: String,
    first: Timestamp,
    /// Messages that are known to be this one's.
    sids: Vec<String>,
}

/// A message as Twilio lists it.
#[derive(Debug, Deserialize)]
struct Message {
    sid: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    error_code: Option<u32>,
    #[serde(default)]
    date_sent: Option<String>,
    #[serde(default)]
    date_created: Option<String>,
}

#[derive(Debug, Deserialize)]
struct MessageList {
    messages: Vec<Message>,
    #[serde(default)]
    next_page_uri: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Account {
    friendly_name: String,
    status: String,
    #[serde(rename = "type", default)]
    kind: String,
}

impl TwilioSms {
    /// Reads the settings; nothing is sent.
    ///
    /// # Errors
    /// An identifier or address that Twilio cannot have given.
    pub fn new(settings: Settings) -> Result<Self, ConnectorFault> {
        let is_sid = |text: &str, kind: &str| {
            let rest = text.strip_prefix(kind).unwrap_or_default();
            rest.len() == 32 && rest.chars().all(|c| c.is_ascii_hexdigit())
        };
        let wrong = |key, what| Err(ConnectorFault::Value { key, what });
        if !is_sid(&settings.account_sid, "AC") {
            return wrong(
                "account_sid",
                "write AC and 32 characters, as on the first page of Twilio's console",
            );
        }
        if settings.api_key_sid.as_ref().is_some_and(|s| !is_sid(s, "SK")) {
            return wrong("api_key_sid", "write SK and 32 characters, or leave it out to use the auth token");
        }
        if settings.messaging_service_sid.as_ref().is_some_and(|s| !is_sid(s, "MG")) {
            return wrong("messaging_service_sid", "write MG and 32 characters, or leave it out");
        }
        if !(1..=36_000).contains(&settings.validity_s) {
            return wrong("validity_s", "write 1 to 36000 seconds");
        }
        let way = Way {
            service: "Twilio",
            key: "server",
            server: &settings.server,
            trust: &settings.trust,
            deadline: settings.deadline,
        };
        Ok(Self { web: Web::new(way)?, settings, tried: Mutex::default() })
    }

    fn path(&self, rest: &str) -> String {
        format!("/2010-04-01/Accounts/{}{rest}", self.settings.account_sid)
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Result<Answer, SendFailure> {
        let user = self.settings.api_key_sid.as_ref().unwrap_or(&self.settings.account_sid);
        let answer = self.web.ask(request.basic_auth(user, Some(self.settings.secret.reveal()))).await?;
        if answer.is_success() { Ok(answer) } else { Err(codes::refusal(&answer)) }
    }

    async fn post(&self, to: &PhoneNumber, body: &str) -> Result<String, SendFailure> {
        let validity = self.settings.validity_s.to_string();
        let mut form = vec![("To", to.e164()), ("Body", body), ("ValidityPeriod", &validity)];
        match &self.settings.messaging_service_sid {
            // with both, Twilio sends from the service and through this number of it
            Some(service) => {
                form.extend([("MessagingServiceSid", service.as_str()), ("From", self.settings.from.e164())])
            }
            None => form.push(("From", self.settings.from.e164())),
        }
        let message: Message =
            self.ask(self.web.post(&self.path("/Messages.json")).form(&form)).await?.json()?;
        match message.error_code {
            Some(code) if matches!(message.status.as_str(), "failed" | "undelivered") => {
                Err(codes::failure(code))
            }
            _ => Ok(message.sid),
        }
    }

    /// A message with these words to this number since `since` that is not known to be another's.
    async fn find(
        &self,
        to: &PhoneNumber,
        body: &str,
        since: Timestamp,
        key: &str,
    ) -> Result<Option<String>, SendFailure> {
        let listed = self.list(&[("To", to.e164())], since).await?;
        let ours = |m: &&Message| {
            // a trial account puts its own sentence before ours
            let same_words = m.body.as_ref().is_some_and(|b| b.trim_end().ends_with(body.trim_end()));
            let failed = matches!(m.status.as_str(), "failed" | "undelivered" | "canceled");
            let at = m.date_created.as_deref().or(m.date_sent.as_deref()).and_then(time);
            let new_enough = at.is_none_or(|at| at >= since - CLOCK_SLACK);
            m.direction.starts_with("outbound")
                && same_words
                && !failed
                && new_enough
                && !self.of_another(key, &m.sid)
        };
        Ok(listed.iter().find(ours).map(|m| m.sid.clone()))
    }

    async fn list(&self, filter: &[(&str, &str)], since: Timestamp) -> Result<Vec<Message>, SendFailure> {
        let day = (since - CLOCK_SLACK).to_zoned(TimeZone::UTC).date().to_string();
        let size = PAGE_SIZE.to_string();
        let mut request = self.web.get(&self.path("/Messages.json")).query(filter);
        request = request.query(&[("DateSent>", day.as_str()), ("PageSize", &size)]);
        let mut all = Vec::new();
        for _ in 0..PAGES_MAX {
            let page: MessageList = self.ask(request).await?.json()?;
            all.extend(page.messages);
            match page.next_page_uri.filter(|uri| uri.starts_with("/2010-04-01/")) {
                Some(uri) => request = self.web.get(&uri),
                None => break,
            }
        }
        Ok(all)
    }

    /// Notes an attempt and says when the first one for this key was.
    fn begin(&self, key: &str, repeat: bool) -> Timestamp {
        let now = Timestamp::now();
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = tried.iter().find(|t| t.key == key) {
            return known.first;
        }
        if tried.len() == REMEMBERED_MAX {
            tried.pop_front();
        }
        let first = if repeat { now - FIRST_TRY_AGO_MAX } else { now };
        tried.push_back(Tried { key: key.to_owned(), first, sids: Vec::new() });
        first
    }

    fn remember(&self, key: &str, sid: &str) {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = tried.iter_mut().find(|t| t.key == key) {
            known.sids.push(sid.to_owned());
        }
    }

    fn of_another(&self, key: &str, sid: &str) -> bool {
        let tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        tried.iter().any(|t| t.key != key && t.sids.iter().any(|s| s == sid))
    }

    /// The fate of one message of the outbox, which may have left in parts: all must arrive.
    async fn fate(&self, far_id: &str) -> Result<Option<FarEvent>, SendFailure> {
        let mut delivered = 0;
        for sid in far_id.split(',') {
            let answer = self.ask(self.web.get(&self.path(&format!("/Messages/{sid}.json")))).await?;
            let message: Message = answer.json()?;
            match message.status.as_str() {
                "delivered" | "read" => delivered += 1,
                "failed" | "undelivered" | "canceled" => {
                    let (why, reason) = codes::meaning(message.error_code.unwrap_or(30_008));
                    return Ok(Some(FarEvent::Undelivered { far_id: far_id.into(), why, reason }));
                }
                _ => {}
            }
        }
        let all = delivered == far_id.split(',').count();
        Ok(all.then(|| FarEvent::Delivered { far_id: far_id.into() }))
    }

    async fn replies(&self, since: Timestamp) -> Result<Vec<FarEvent>, SendFailure> {
        let listed = self.list(&[("To", self.settings.from.e164())], since).await?;
        let inbound = listed.into_iter().filter(|m| m.direction == "inbound").filter_map(|m| {
            let at = m.date_sent.as_deref().or(m.date_created.as_deref()).and_then(time)?;
            let reply =
                FarEvent::Reply { from: m.from?, body: m.body.unwrap_or_default(), far_id: m.sid, at };
            (at >= since).then_some(reply)
        });
        let mut replies: Vec<_> = inbound.collect();
        replies.reverse(); // Twilio lists the newest first
        Ok(replies)
    }
}

#[async_trait]
impl Connector for TwilioSms {
    fn name(&self) -> &'static str {
        "Twilio"
    }

    fn takes(&self, what: &Outgoing) -> bool {
        matches!(what, Outgoing::Sms { .. })
    }

    async fn send(&self, what: &Outgoing, key: &str, repeat: bool) -> Result<Sent, SendFailure> {
        let Outgoing::Sms { to, body } = what else { return Err(super::not_this_way("Twilio")) };
        let since = self.begin(key, repeat);
        let (mut sids, mut sent_any) = (Vec::new(), false);
        for part in parts(body) {
            let found = if repeat { self.find(to, &part, since, key).await? } else { None };
            let sid = match found {
                Some(sid) => sid,
                None => {
                    // what was sent before this part makes the whole unsure
                    let posted = self.post(to, &part).await;
                    let sid = posted.map_err(|f| if sids.is_empty() { f } else { super::partly(f) })?;
                    sent_any = true;
                    sid
                }
            };
            self.remember(key, &sid);
            sids.push(sid);
        }
        let far_id = sids.join(",");
        Ok(if sent_any { Sent::Accepted { far_id } } else { Sent::AlreadyThere { far_id } })
    }

    async fn poll(&self, watch: &Watch<'_>) -> Result<Vec<FarEvent>, SendFailure> {
        let mut events = self.replies(watch.since).await?;
        for far_id in watch.open.iter().take(OPEN_MAX) {
            match self.fate(far_id).await {
                Ok(event) => events.extend(event),
                // a message that Twilio has forgotten tells nothing; the others still do
                Err(SendFailure::Never { reason: NeverReason::BadDestination, .. }) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(events)
    }

    async fn check(&self) -> Result<String, SendFailure> {
        let account: Account = self.ask(self.web.get(&self.path(".json"))).await?.json()?;
        if account.status != "active" {
            let why =
                format!("the Twilio account is {}: see the billing page of Twilio's console", account.status);
            return Err(SendFailure::Never { why, reason: NeverReason::Credentials });
        }
        let trial = match account.kind.as_str() {
            "Trial" => "; a trial account: only numbers verified in Twilio's console can be reached",
            _ => "",
        };
        Ok(format!("account {}, active{trial}", account.friendly_name))
    }
}

/// A body in as many parts as Twilio needs, each cut on a word and marked "(1/2)".
fn parts(body: &str) -> Vec<String> {
    if body.chars().count() <= BODY_CHARS_MAX {
        return vec![body.to_owned()];
    }
    let mut pieces = Vec::new();
    let mut rest = body.trim();
    while !rest.is_empty() {
        let end = rest.char_indices().nth(BODY_CHARS_MAX - PART_MARK_CHARS).map_or(rest.len(), |(at, _)| at);
        let cut = if end == rest.len() {
            end
        } else {
            rest[..end].rfind(char::is_whitespace).filter(|c| *c > 0).unwrap_or(end)
        };
        pieces.push(rest[..cut].trim_end());
        rest = rest[cut..].trim_start();
    }
    let all = pieces.len();
    pieces.iter().enumerate().map(|(i, piece)| format!("({}/{all}) {piece}", i + 1)).collect()
}

fn time(text: &str) -> Option<Timestamp> {
    rfc2822::parse(text).ok().map(|t| t.timestamp())
}
