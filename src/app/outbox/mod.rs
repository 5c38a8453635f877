//! The outbox: what is committed leaves the box, once, as soon as there is a way.
//!
//! ```text
//! store ─ due items ─> worker of the channel ─ try on disk ─> connector ─> what became of it on disk ─> ladder
//! connector ─ replies, receipts ─> poller ─> ladder
//! ```
//! One worker per channel: a ticket desk that is away delays no page. Whether a far side is there is known from
//! what happens to messages, never from a ping. Nothing here is waited for by a call.

mod backoff;
mod fate;
mod poller;
mod worker;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use domain::Channel;
use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::{clock::WallClock, ladder::PagingLines, news::NewsDesk, parts::Office};
use crate::{
    connectors::{Connector, FarEvent},
    store::Store,
};

pub(crate) use fate::refusal;

/// Replies and receipts that may wait for the ladder; when it is full, pollers wait.
const FAR_NEWS: usize = 64;
/// An item that has failed for this long makes the lamp say "outbox stuck".
const STUCK_AFTER: SignedDuration = SignedDuration::from_mins(5);
/// Refusals of this long count for the lamp and the status.
const DEAD_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Rings when something was put into the store that somebody should look at. Ringing twice is ringing once.
#[derive(Debug, Clone)]
pub(crate) struct Bell(watch::Sender<u64>);

impl Default for Bell {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Bell {
    /// Look now.
    pub(crate) fn ring(&self) {
        self.0.send_modify(|rings| *rings += 1);
    }

    /// Hears every ring from here on.
    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

/// The connectors of each channel, preferred first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Routes(BTreeMap<Channel, Vec<Arc<dyn Connector>>>);

impl Routes {
    /// One more way for a channel, after those it has.
    pub(crate) fn add(&mut self, channel: Channel, connector: Arc<dyn Connector>) {
        self.0.entry(channel).or_default().push(connector);
    }

    /// The ways of a channel.
    pub(crate) fn of(&self, channel: Channel) -> &[Arc<dyn Connector>] {
        self.0.get(&channel).map_or(&[], Vec::as_slice)
    }

    fn all(&self) -> impl Iterator<Item = &Arc<dyn Connector>> {
        self.0.values().flatten()
    }
}

/// Something that a far side told, and who told it.
#[derive(Debug)]
pub(crate) struct FarNews {
    pub(crate) connector: &'static str,
    pub(crate) event: FarEvent,
}

/// How the ways out stand, for the status and the lamp.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct OutboxStatus {
    /// Items that wait.
    pub(crate) waiting: u32,
    /// Items that were refused lately.
    pub(crate) dead: u32,
    /// Something has failed for minutes, or was refused.
    pub(crate) stuck: bool,
    /// Channels with no way that works, with the reason.
    pub(crate) away: BTreeMap<Channel, String>,
}

/// The running outbox.
#[derive(Debug)]
pub(crate) struct Outbox {
    /// How it stands.
    pub(crate) status: watch::Receiver<OutboxStatus>,
    /// What far sides tell.
    pub(crate) news: mpsc::Receiver<FarNews>,
    routes: Routes,
    tasks: JoinSet<()>,
}

/// What workers and pollers share.
#[derive(Debug, Clone)]
struct Shared {
    store: Store,
    clock: WallClock,
    bell: Bell,
    /// Rung after something became of an item of an alert.
    ladder: Bell,
    news: NewsDesk,
    status: watch::Sender<OutboxStatus>,
}

impl Outbox {
    /// Closes the tries that the last stop interrupted, and starts the workers.
    pub(crate) async fn start(office: &Office, routes: Routes) -> Self {
        let (store, clock) = (office.store.clone(), office.clock.clone());
        if let Err(error) = store.end_cut_tries(clock.now()).await {
            tracing::error!(%error, "interrupted messages could not be looked through");
        }
        let status = watch::Sender::new(OutboxStatus::default());
        let (tell, news) = mpsc::channel(FAR_NEWS);
        let PagingLines { outbox: bell, ladder, .. } = office.lines.clone();
        let shared = Shared { store, clock, bell, ladder, news: office.news.clone(), status };
        let mut tasks = JoinSet::new();
        for connector in routes.all() {
            tasks.spawn(poller::run(shared.clone(), connector.clone(), tell.clone()));
        }
        for channel in Channel::ALL {
            tasks.spawn(worker::run(shared.clone(), channel, routes.of(channel).to_vec()));
        }
        Self { status: shared.status.subscribe(), news, routes, tasks }
    }

    /// True when nobody has set this channel up.
    pub(crate) fn has_no_way(&self, channel: Channel) -> bool {
        self.routes.of(channel).is_empty()
    }

    /// Stops at once; a message that is on its way is known as unsure at the next start.
    pub(crate) async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

impl Shared {
    /// How the store's side of the outbox stands now.
    async fn look(&self, now: Timestamp) {
        let Ok(backlog) = self.store.backlog(now - DEAD_FOR).await else { return };
        let old = backlog.oldest_tried.is_some_and(|made| now.duration_since(made) > STUCK_AFTER);
        self.status.send_if_modified(|status| {
            let before = status.clone();
            status.waiting = backlog.waiting;
            status.dead = backlog.dead;
            status.stuck = old || backlog.dead > 0;
            *status != before
        });
    }
}
