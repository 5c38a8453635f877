//! What staff and callers write: from a far side's news to an event of one alert, or a line back.

use std::sync::Arc;

use domain::{AlertId, Contact, Language, OutboxId, OutboxItem, Outgoing, PhoneNumber, StepFailure, StepRow};
use jiff::SignedDuration;
use oncall::{Answer, Case, Event, Meaning, StepResult, meaning};

use super::desk::{Desk, Incoming};
use crate::{
    app::{duty::Duty, ids, news::News, parts::Business},
    connectors::FarEvent,
};

/// A reply may mean an alert that was closed this long ago.
const CLOSED_FOR: SignedDuration = SignedDuration::from_hours(24);

impl Desk {
    /// A reply, or a receipt that a person gave. Taken in once: marked after what it changes is kept.
    pub(super) async fn far_news(&mut self, connector: &'static str, event: FarEvent) {
        let (far_id, kind) = match &event {
            FarEvent::Reply { far_id, .. } => (far_id.clone(), "reply"),
            FarEvent::Acknowledged { far_id, .. } => (far_id.clone(), "acknowledged"),
            FarEvent::Delivered { .. } | FarEvent::Undelivered { .. } => return,
        };
        let store = self.office.store.clone();
        if store.was_told(connector, far_id.clone(), kind).await.unwrap_or(false) {
            return;
        }
        match event {
            FarEvent::Reply { from, body, .. } => self.reply(connector, &from, &body, &far_id).await,
            FarEvent::Acknowledged { .. } => self.receipt(connector, &far_id).await,
            FarEvent::Delivered { .. } | FarEvent::Undelivered { .. } => {}
        }
        // what it changes must be on disk before it counts as read
        self.look_now().await;
        if let Err(error) = store.told(connector, far_id, kind, self.now()).await {
            tracing::warn!(%error, "a reply could not be marked as read; it is read again");
        }
    }

    async fn reply(&mut self, connector: &'static str, from: &str, body: &str, far_id: &str) {
        let Ok(number) = from.parse::<PhoneNumber>() else {
            return tracing::debug!(connector, "a reply came from something that is no number");
        };
        let staff = self.office.businesses.iter().find_map(|business| {
            let duty = Duty::of(&business.shop);
            let contact = duty.roster.with_phone(&number).next().cloned();
            contact.map(|contact| (business.clone(), contact))
        });
        self.office.news.tell(News::Replied {
            from: staff.as_ref().map_or_else(|| number.to_string(), |(_, c)| c.name.clone()),
            words: body.to_string(),
        });
        match staff {
            Some((business, contact)) => self.staff_wrote(&business, &contact, number, body, far_id).await,
            None => self.caller_wrote(number, body).await,
        }
    }

    async fn staff_wrote(
        &mut self,
        business: &Arc<Business>,
        contact: &Contact,
        number: PhoneNumber,
        body: &str,
        far_id: &str,
    ) {
        let since = self.now() - CLOSED_FOR;
        let stories = self.office.store.alerts_since(since).await.unwrap_or_default();
        let shop = &business.shop.profile.id;
        let cases: Vec<Case> = stories
            .into_iter()
            .filter(|s| s.alert.profile_id == *shop)
            .map(|s| Case { alert: s.alert, steps: s.steps })
            .collect();
        let all: Vec<&Case> = cases.iter().collect();
        match meaning(body, &contact.id, &all) {
            Meaning::Event { alert, event } => {
                self.keep(Incoming { alert, event, cause: far_id.to_string() });
            }
            Meaning::Say(say) => {
                let language = contact.languages.first().copied().unwrap_or(Language::English);
                self.say(number, say.text(language), far_id).await;
            }
            Meaning::OptedOut => self.opted_out(contact, &cases),
            Meaning::OptedIn => {
                self.known.failing.retain(|(who, means)| *who != contact.id || !means.is_sms());
                self.share_known();
            }
            Meaning::Silence => {}
        }
    }

    /// STOP from staff: a paging failure. Every alert that reached this person by text goes on another way.
    fn opted_out(&mut self, contact: &Contact, cases: &[Case]) {
        tracing::error!(contact = %contact.id, "somebody on the roster has sent STOP: texts do not arrive any more");
        for means in [domain::Means::SmsInternet, domain::Means::SmsModem] {
            self.known.failing.insert((contact.id.clone(), means));
        }
        self.share_known();
        for case in cases.iter().filter(|c| !c.alert.state.is_over()) {
            let texted =
                |s: &&StepRow| s.contact == contact.id && s.means.is_sms() && s.attempted_at.is_some();
            if let Some(step) = case.steps.iter().rev().find(texted) {
                let result = StepResult::Failed(StepFailure::OptedOut);
                let event = Event::Step { number: step.number, result };
                self.keep(Incoming { alert: case.alert.id, event, cause: format!("stop-{}", step.number) });
            }
        }
    }

    /// Callers are not on the roster: only STOP and START mean something (TCPA).
    async fn caller_wrote(&mut self, number: PhoneNumber, body: &str) {
        let now = self.now();
        let change = match oncall::read(body).answer {
            Answer::Stop => Some(Some(body.chars().take(40).collect::<String>())),
            Answer::Start => Some(None),
            _ => None,
        };
        let Some(words) = change else { return };
        if let Err(error) = self.office.store.set_opt_out(number, words, now).await {
            tracing::error!(%error, "a caller's STOP could not be stored");
        }
    }

    async fn say(&mut self, to: PhoneNumber, text: String, far_id: &str) {
        let now = self.now();
        let (unix_ms, random) = ids::seed(now);
        let payload = Outgoing::Sms { to, body: text };
        let item = OutboxItem::new(OutboxId::new(unix_ms, random), format!("say-{far_id}"), payload, now);
        let expires_at = Some(now + SignedDuration::from_mins(30));
        if let Err(error) = self.office.store.enqueue(OutboxItem { expires_at, ..item }).await {
            tracing::warn!(%error, "a line back could not be stored");
        }
        self.office.lines.outbox.ring();
    }

    /// Somebody pressed "acknowledge" in the app of a push service.
    async fn receipt(&mut self, connector: &'static str, far_id: &str) {
        let item = self.office.store.outbox_by_far_id(connector, far_id.to_string()).await.ok().flatten();
        let Some((alert, number)) = item.and_then(|i| Some((i.alert_id?, i.step?))) else { return };
        let by = self.contact_of(alert, number).await;
        let event = Event::Taken { by, via: domain::AckVia::Push, words: None };
        self.keep(Incoming { alert, event, cause: far_id.to_string() });
    }

    async fn contact_of(&self, alert: AlertId, number: u32) -> Option<domain::ContactId> {
        let open = self.office.store.open_alerts().await.ok()?;
        let story = open.into_iter().find(|s| s.alert.id == alert)?;
        story.steps.into_iter().find(|s| s.number == number).map(|s| s.contact)
    }
}
