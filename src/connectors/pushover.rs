//! Pushover: rings a telephone through silent mode until somebody acknowledges, and tells who did
//! (pushover.net/api, pushover.net/api/receipts).
//!
//! There is nothing to search, so a repeat may ring twice.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use domain::Outgoing;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{
    Connector, ConnectorFault, FarEvent, Hidden, NeverReason, SendFailure, Sent, Trust, Watch,
    http::{Answer, Way, Web},
};

/// Pushover's limits.
const TITLE_CHARS_MAX: usize = 250;
const MESSAGE_CHARS_MAX: usize = 1024;
/// Receipts may not be asked for more often.
const POLL_PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// Receipts asked for at one poll.
const OPEN_MAX: usize = 20;
/// Before the far id of a message without receipt.
const NO_RECEIPT: &str = "request:";

/// The application, and who is woken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The application's token, 30 letters and digits.
    pub token: Hidden,
    /// User or group key for messages that name nobody.
    pub user: Hidden,
    /// An urgent message rings again after so long, seconds, at least 30.
    pub retry_s: u32,
    /// And gives up after so long, seconds, at most 10,800.
    pub expire_s: u32,
    /// `https://api.pushover.net`.
    pub server: String,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// For one request.
    pub deadline: Duration,
}

impl Settings {
    /// Rings every minute for half an hour.
    pub fn new(token: Hidden, user: Hidden) -> Self {
        Self {
            token,
            user,
            retry_s: 60,
            expire_s: 1800,
            server: "https://api.pushover.net".into(),
            trust: Trust::default(),
            deadline: Duration::from_secs(15),
        }
    }
}

/// The way out.
#[derive(Debug)]
pub struct Pushover {
    settings: Settings,
    web: Web,
    polled: Mutex<Option<Timestamp>>,
}

#[derive(Debug, Default, Deserialize)]
struct Told {
    #[serde(default)]
    status: u32,
    #[serde(default)]
    request: String,
    #[serde(default)]
    receipt: Option<String>,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    devices: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Receipt {
    #[serde(default)]
    acknowledged: u8,
    #[serde(default)]
    acknowledged_by_device: String,
    #[serde(default)]
    last_delivered_at: i64,
    #[serde(default)]
    expired: u8,
}

impl Pushover {
    /// Reads the settings; nothing is sent.
    ///
    /// # Errors
    /// A key or time that Pushover could never take.
    pub fn new(settings: Settings) -> Result<Self, ConnectorFault> {
        let wrong = |key, what| Err(ConnectorFault::Value { key, what });
        if !is_key(settings.token.reveal()) {
            return wrong("token_file", "an application token has 30 letters and digits");
        }
        if !is_key(settings.user.reveal()) {
            return wrong("user_file", "a user or group key has 30 letters and digits");
        }
        if settings.retry_s < 30 || settings.expire_s > 10_800 || settings.expire_s < settings.retry_s {
            return wrong("retry_s", "write at least 30 seconds, and expire_s from there to 10800");
        }
        let way = Way {
            service: "Pushover",
            key: "server",
            server: &settings.server,
            trust: &settings.trust,
            deadline: settings.deadline,
        };
        Ok(Self { web: Web::new(way)?, settings, polled: Mutex::default() })
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Result<Answer, SendFailure> {
        let answer = self.web.ask(request).await?;
        if answer.is_success() { Ok(answer) } else { Err(refusal(&answer)) }
    }

    async fn receipt(&self, receipt: &str) -> Result<Option<FarEvent>, SendFailure> {
        let path = format!("/1/receipts/{receipt}.json");
        let request = self.web.get(&path).query(&[("token", self.settings.token.reveal())]);
        let told: Receipt = self.ask(request).await?.json()?;
        let far_id = receipt.to_owned();
        Ok(match told {
            Receipt { acknowledged: 1, acknowledged_by_device, .. } => {
                let by = if acknowledged_by_device.is_empty() {
                    "Pushover".into()
                } else {
                    acknowledged_by_device
                };
                Some(FarEvent::Acknowledged { far_id, by })
            }
            Receipt { last_delivered_at: 1.., .. } => Some(FarEvent::Delivered { far_id }),
            Receipt { expired: 1, .. } => Some(FarEvent::Undelivered {
                far_id,
                why: "Pushover gave up: no telephone of the receiver took it".into(),
                reason: NeverReason::BadDestination,
            }),
            Receipt { .. } => None,
        })
    }

    /// Whether receipts may be asked for again.
    fn may_poll(&self, now: Timestamp) -> bool {
        let mut polled = self.polled.lock().unwrap_or_else(PoisonError::into_inner);
        let may = polled.is_none_or(|last| now < last || now.duration_since(last) >= POLL_PAUSE);
        if may {
            *polled = Some(now);
        }
        may
    }
}

#[async_trait]
impl Connector for Pushover {
    fn name(&self) -> &'static str {
        "Pushover"
    }

    fn takes(&self, what: &Outgoing) -> bool {
        matches!(what, Outgoing::Push { .. })
    }

    async fn send(&self, what: &Outgoing, _key: &str, _repeat: bool) -> Result<Sent, SendFailure> {
        let Outgoing::Push { to, title, body, urgent } = what else {
            return Err(super::not_this_way("Pushover"));
        };
        let user = to.as_deref().unwrap_or(self.settings.user.reveal());
        let (title, body) = (super::cut(title, TITLE_CHARS_MAX), super::cut(body, MESSAGE_CHARS_MAX));
        let (retry, expire) = (self.settings.retry_s.to_string(), self.settings.expire_s.to_string());
        let mut form = vec![
            ("token", self.settings.token.reveal()),
            ("user", user),
            ("title", &title),
            ("message", &body),
        ];
        if *urgent {
            form.extend([("priority", "2"), ("retry", retry.as_str()), ("expire", &expire)]);
        }
        let answer = self.ask(self.web.post("/1/messages.json").form(&form)).await?;
        let told: Told = answer.json()?;
        if told.status != 1 {
            return Err(refusal(&answer));
        }
        Ok(Sent::Accepted { far_id: told.receipt.unwrap_or_else(|| format!("{NO_RECEIPT}{}", told.request)) })
    }

    async fn poll(&self, watch: &Watch<'_>) -> Result<Vec<FarEvent>, SendFailure> {
        let receipts: Vec<_> =
            watch.open.iter().filter(|id| !id.starts_with(NO_RECEIPT)).take(OPEN_MAX).collect();
        if receipts.is_empty() || !self.may_poll(watch.now) {
            return Ok(Vec::new());
        }
        let mut events = Vec::new();
        for receipt in receipts {
            match self.receipt(receipt).await {
                Ok(event) => events.extend(event),
                // a receipt lives a week; an older one tells nothing any more
                Err(SendFailure::Never { reason: NeverReason::BadDestination, .. }) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(events)
    }

    async fn withdraw(&self, far_id: &str) -> Result<(), SendFailure> {
        if far_id.starts_with(NO_RECEIPT) {
            return Ok(());
        }
        let path = format!("/1/receipts/{far_id}/cancel.json");
        self.ask(self.web.post(&path).form(&[("token", self.settings.token.reveal())])).await.map(|_| ())
    }

    async fn check(&self) -> Result<String, SendFailure> {
        let form = [("token", self.settings.token.reveal()), ("user", self.settings.user.reveal())];
        let answer = self.ask(self.web.post("/1/users/validate.json").form(&form)).await?;
        let told: Told = answer.json()?;
        match told.devices.len() {
            0 => Err(SendFailure::Never {
                why: "the Pushover user has no telephone with the app".into(),
                reason: NeverReason::BadDestination,
            }),
            n => Ok(format!("{n} telephone(s) with the app")),
        }
    }
}

fn is_key(text: &str) -> bool {
    text.len() == 30 && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Pushover says which field is wrong.
fn refusal(answer: &Answer) -> SendFailure {
    let told: Told = answer.json_or_default();
    let never = |why: &str, reason| SendFailure::Never { why: why.into(), reason };
    match (answer.status(), told) {
        (429, _) => SendFailure::Later {
            why: "this month's Pushover messages are used up: see pushover.net, or raise the limit".into(),
            retry_after: answer.retry_after(),
        },
        (400..=499, Told { token: Some(_), .. }) => {
            never("Pushover does not know the application's token", NeverReason::Credentials)
        }
        (400..=499, Told { user: Some(_), .. }) => never(
            "Pushover does not know this user or group, or it has no active telephone",
            NeverReason::BadDestination,
        ),
        (200..=299, _) => never("Pushover refuses the message", NeverReason::Rejected),
        _ => answer.refusal(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::fake::{self, Fake, Reply, Trouble};

    const TOKEN: &str = "azGDORePK8gMaC0QOYAMyEEuzJnyUi";
    const USER: &str = "uQiRzpo4DXghDmr9QzzfQu27cmVRsG";

    async fn pair() -> (Fake<fake::pushover::Pushover>, Pushover) {
        let fake = Fake::start(fake::pushover::Pushover::new(TOKEN, USER)).await.unwrap();
        let settings = Settings::new(Hidden::new(TOKEN), Hidden::new(USER));
        let settings = Settings { server: fake.url(), deadline: Duration::from_millis(400), ..settings };
        (fake, Pushover::new(settings).unwrap())
    }

    fn push(urgent: bool) -> Outgoing {
        Outgoing::Push { to: None, title: "EMERGENCY".into(), body: "burst pipe ".repeat(200), urgent }
    }

    #[tokio::test]
    async fn urgent_page_rings_until_it_is_acknowledged() {
        let (fake, pushover) = pair().await;
        let Ok(Sent::Accepted { far_id }) = pushover.send(&push(true), "k", false).await else { panic!() };
        let request = fake.seen().remove(0);
        assert_eq!(request.field("priority").as_deref(), Some("2"));
        assert_eq!(request.field("message").map(|m| m.chars().count()), Some(MESSAGE_CHARS_MAX));

        let open = [far_id.clone(), format!("{NO_RECEIPT}1")];
        let start = Timestamp::now();
        let at = |s: i64| Watch { since: start, now: start + SignedDuration::from_secs(s), open: &open };
        assert_eq!(pushover.poll(&at(0)).await.unwrap(), []);
        fake.with(|p| p.deliver());
        assert_eq!(pushover.poll(&at(4)).await.unwrap(), [], "asked again too soon");
        assert_eq!(pushover.poll(&at(5)).await.unwrap(), [FarEvent::Delivered { far_id: far_id.clone() }]);
        fake.with(|p| p.acknowledge("mikes-phone"));
        assert_eq!(
            pushover.poll(&at(10)).await.unwrap(),
            [FarEvent::Acknowledged { far_id, by: "mikes-phone".into() }]
        );
    }

    #[tokio::test]
    async fn page_that_somebody_took_otherwise_stops_ringing() {
        let (fake, pushover) = pair().await;
        let Ok(Sent::Accepted { far_id }) = pushover.send(&push(true), "k", false).await else { panic!() };
        pushover.withdraw(&far_id).await.unwrap();
        assert!(fake.with(|p| p.messages[0].cancelled));
    }

    #[tokio::test]
    async fn refusals_name_what_is_wrong() {
        let (fake, pushover) = pair().await;
        let stranger =
            Outgoing::Push { to: Some("x".repeat(30)), title: "t".into(), body: "b".into(), urgent: false };
        let told = pushover.send(&stranger, "k", false).await.unwrap_err();
        assert!(matches!(told, SendFailure::Never { reason: NeverReason::BadDestination, .. }), "{told:?}");
        fake.with(|p| p.left = 0);
        let told = pushover.send(&push(false), "k", false).await.unwrap_err();
        assert!(
            matches!(told, SendFailure::Later { .. }) && told.to_string().contains("used up"),
            "{told:?}"
        );
        fake.trouble(Trouble::AcceptThen(Reply::text(500, "")));
        let told = pushover.send(&push(true), "k", false).await.unwrap_err();
        assert!(matches!(told, SendFailure::Unsure { .. }), "{told:?}");
        assert_eq!(pushover.check().await.unwrap(), "1 telephone(s) with the app");
        assert!(!format!("{pushover:?}").contains(TOKEN));
    }

    #[test]
    fn keys_and_times_that_pushover_refuses_are_refused_before() {
        let good = Settings::new(Hidden::new(TOKEN), Hidden::new(USER));
        assert!(Pushover::new(good.clone()).is_ok());
        assert!(Pushover::new(Settings { token: Hidden::new("short"), ..good.clone() }).is_err());
        assert!(Pushover::new(Settings { retry_s: 10, ..good.clone() }).is_err());
        assert!(Pushover::new(Settings { expire_s: 20_000, ..good }).is_err());
    }
}
