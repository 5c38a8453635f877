//! One channel's worker: takes what is due, emergencies first, and tries it on the channel's connectors.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use domain::{Channel, OutboxItem, OutboxState, StepFailure};
use jiff::Timestamp;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::{
    Shared,
    backoff::PATIENT,
    fate::{Fate, after_try},
};
use crate::{
    app::{ids, news::News, paging::words},
    connectors::{Connector, SendFailure},
    store::{DeliveryTry, TryOutcome},
};

/// Items that are read at once.
const BATCH: u32 = 32;
/// A connector has its own deadline; this one is for a connector that forgets it. A long text by modem takes a minute.
const SEND_DEADLINE: Duration = Duration::from_secs(90);
/// Without a ring the store is looked at this often.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// After an error of the store.
const STORE_AWAY: Duration = Duration::from_secs(5);

/// Whether a connector's far side is there, from what happened to messages.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Reach {
    /// Failures in a row.
    pub(crate) failures: u32,
    /// Messages that wake nobody wait until then.
    pub(crate) paused_until: Option<Timestamp>,
    /// Why, for the owner.
    pub(crate) why: Option<String>,
}

impl Reach {
    /// Takes note of a try; true when the far side is there again after failures.
    pub(crate) fn learn(&mut self, fate: &Fate, random: u64, now: Timestamp) -> bool {
        match fate.outcome {
            TryOutcome::Accepted | TryOutcome::AlreadyThere => {
                let back = self.failures > 0;
                *self = Self::default();
                back
            }
            TryOutcome::Later | TryOutcome::Unsure => {
                self.failures += 1;
                self.why.clone_from(&fate.why);
                self.paused_until = Some(PATIENT.next_at(self.failures, random, None, now));
                false
            }
            // it answered: this message is at fault, not the way
            TryOutcome::Never => false,
        }
    }

    fn is_paused(&self, now: Timestamp) -> bool {
        self.paused_until.is_some_and(|until| now < until)
    }
}

struct Route {
    connector: Arc<dyn Connector>,
    reach: Reach,
}

struct Worker {
    shared: Shared,
    channel: Channel,
    routes: Vec<Route>,
}

/// Sends what is due on a channel until the task is dropped.
pub(super) async fn run(shared: Shared, channel: Channel, connectors: Vec<Arc<dyn Connector>>) {
    let mut rings = shared.bell.listen();
    let routes =
        connectors.into_iter().map(|connector| Route { connector, reach: Reach::default() }).collect();
    let mut worker = Worker { shared, channel, routes };
    loop {
        rings.mark_unchanged();
        let now = worker.now();
        if let Err(error) = worker.shared.store.expire_outbox(now).await {
            tracing::warn!(%error, "the outbox could not be looked through");
        }
        let due = worker.shared.store.outbox_due(channel, now, BATCH).await;
        let sent_any = match due {
            Ok(items) => worker.send_all(items).await,
            Err(error) => {
                tracing::error!(%error, "the outbox could not be read");
                sleep(STORE_AWAY).await;
                false
            }
        };
        worker.shared.look(worker.now()).await;
        if !sent_any {
            worker.wait(&mut rings).await;
        }
    }
}

impl Worker {
    fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Until the next item is due, a far side may be tried again, or somebody rings.
    async fn wait(&self, rings: &mut watch::Receiver<u64>) {
        let now = self.now();
        let item = self.shared.store.outbox_next_at(self.channel).await.ok().flatten();
        let route = self.routes.iter().filter_map(|r| r.reach.paused_until).min();
        let next = item.into_iter().chain(route).filter(|at| *at > now).min();
        let pause = next
            .and_then(|at| Duration::try_from(at.duration_since(now)).ok())
            .map_or(LOOK_EVERY, |pause| pause.min(LOOK_EVERY));
        timeout(pause, rings.changed()).await.ok();
    }

    /// True when something was tried.
    async fn send_all(&mut self, items: Vec<OutboxItem>) -> bool {
        let mut tried = false;
        // what failed holds back what was made after it for the same destination
        let mut held = BTreeSet::new();
        for item in items {
            let line = (item.destination(), item.alert_id);
            if held.contains(&line) || !self.may_try(&item) {
                continue;
            }
            tried = true;
            let (wakes_somebody, gone) = (item.alert_id.is_some(), self.send(item).await);
            if !gone {
                held.insert(line);
            }
            if wakes_somebody {
                self.shared.ladder.ring();
            }
        }
        tried
    }

    /// Pages are always tried; the rest waits while every way is known to be closed.
    fn may_try(&self, item: &OutboxItem) -> bool {
        let now = self.now();
        item.alert_id.is_some()
            || self.routes.is_empty()
            || self.routes.iter().any(|r| !r.reach.is_paused(now))
    }

    /// Tries the channel's ways in their order; true when the item is settled.
    async fn send(&mut self, item: OutboxItem) -> bool {
        let takers: Vec<usize> =
            (0..self.routes.len()).filter(|i| self.routes[*i].connector.takes(&item.payload)).collect();
        if takers.is_empty() {
            self.no_way(item).await;
            return true;
        }
        for (nth, route) in takers.iter().enumerate() {
            let is_last = nth + 1 == takers.len();
            match self.attempt(*route, item.id, is_last).await {
                // a ticket that may exist is never opened at another desk; a page may come twice
                Some(fate) if fate.outcome == TryOutcome::Unsure && item.alert_id.is_none() => return false,
                Some(fate) if fate.item.state == OutboxState::Waiting && !is_last => {}
                Some(fate) => return fate.item.state != OutboxState::Waiting,
                None => return true,
            }
        }
        false
    }

    /// One try on one connector; `None` when the item is not wanted any more, or the store is away.
    async fn attempt(&mut self, route: usize, id: domain::OutboxId, is_last: bool) -> Option<Fate> {
        let started_at = self.now();
        let connector = self.routes[route].connector.clone();
        let begun = self.shared.store.begin_try(id, connector.name(), started_at).await;
        let item = begun
            .inspect_err(|error| tracing::error!(%error, "a message waits: its try could not be stored"))
            .ok()??;
        let sending = connector.send(&item.payload, &item.idempotency_key, item.may_repeat);
        let no_answer = || SendFailure::Unsure { why: format!("{} did not answer", connector.name()) };
        let result = timeout(SEND_DEADLINE, sending).await.unwrap_or_else(|_| Err(no_answer()));
        let (now, random) = (self.now(), ids::number());
        let mut fate = after_try(item, connector.name(), result, random, now);
        if fate.outcome == TryOutcome::Never && !is_last {
            fate.item.state = OutboxState::Waiting;
        }
        let attempt = DeliveryTry {
            item: fate.item.id,
            number: fate.item.tries,
            connector: connector.name().to_string(),
            started_at,
            ended_at: Some(now),
            outcome: Some(fate.outcome),
            why: fate.why.clone(),
        };
        self.store_end(&fate, attempt).await;
        self.learn(route, &fate, random, now).await;
        self.shared.news.tell(News::Left {
            call: fate.item.call_id,
            to: fate.item.destination(),
            channel: self.channel,
            words: words(&fate.item),
            why: fate.why.clone(),
        });
        Some(fate)
    }

    /// What became of a try must reach the disk before the next one: else it would be sent again.
    async fn store_end(&self, fate: &Fate, attempt: DeliveryTry) {
        while let Err(error) = self.shared.store.end_try(fate.item.clone(), attempt.clone()).await {
            tracing::error!(%error, "what became of a message could not be stored; trying again");
            sleep(STORE_AWAY).await;
        }
        let (item, channel) = (fate.item.id, self.channel.slug());
        tracing::info!(%item, channel, outcome = ?fate.outcome, tries = fate.item.tries, "outbox");
    }

    async fn learn(&mut self, route: usize, fate: &Fate, random: u64, now: Timestamp) {
        let Some(route) = self.routes.get_mut(route) else { return };
        let is_back = route.reach.learn(fate, random, now);
        let away = self.routes.iter().all(|r| r.reach.failures > 0);
        let why = self.routes.iter().find_map(|r| r.reach.why.clone()).unwrap_or_default();
        self.shared.status.send_if_modified(|status| {
            let before = status.away.get(&self.channel).cloned();
            if away {
                status.away.insert(self.channel, why);
            } else {
                status.away.remove(&self.channel);
            }
            before.as_ref() != status.away.get(&self.channel)
        });
        if is_back && let Err(error) = self.shared.store.wake_channel(self.channel, now).await {
            tracing::warn!(%error, "waiting messages could not be woken");
        }
    }

    /// Nobody has set this channel up.
    async fn no_way(&self, mut item: OutboxItem) {
        item.state = OutboxState::Dead;
        item.refusal = Some(StepFailure::Refused);
        item.last_error = Some(format!(
            "no way to send this is set up: add a {} channel to nightdesk.toml, then `nightdesk outbox retry`",
            channel_words(self.channel)
        ));
        tracing::error!(item = %item.id, channel = self.channel.slug(), "no way to send this is set up");
        if let Err(error) = self.shared.store.settle(item).await {
            tracing::error!(%error, "an item of the outbox could not be settled");
            sleep(STORE_AWAY).await;
        }
    }
}

/// A channel in the owner's words.
fn channel_words(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "text message",
        Channel::SmsModem => "modem",
        Channel::Push => "push",
        Channel::Slack => "Slack",
        Channel::Email => "e-mail",
        Channel::Ticket => "ticket",
        Channel::Webhook => "webhook",
    }
}
