//! One connector's poller: asks for replies and receipts, so that no public address is needed.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

use super::{FarNews, Shared, refusal};
use crate::{
    connectors::{Connector, FarEvent, Watch},
    store::Refusal,
};

/// While somebody is awaited.
const POLL_AWAITED: Duration = Duration::from_secs(3);
/// Otherwise: a late receipt, a STOP.
const POLL_IDLE: Duration = Duration::from_secs(60);
/// After a start, replies of this long ago are still read: they may have come while the box was off.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(12);
/// Replies may appear at the far side out of order.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);
/// Receipts that are asked for at once, and for how long.
const RECEIPTS: u32 = 50;
const RECEIPTS_FOR: SignedDuration = SignedDuration::from_hours(24);
/// A connector has its own deadline; this one is for a connector that forgets it.
const POLL_DEADLINE: Duration = Duration::from_secs(60);

/// Asks one connector until the task is dropped.
pub(super) async fn run(shared: Shared, connector: Arc<dyn Connector>, tell: mpsc::Sender<FarNews>) {
    let mut since = shared.clock.now() - LOOK_BACK;
    let mut rings = shared.bell.listen();
    loop {
        rings.mark_unchanged();
        let awaited = shared.store.open_alerts().await.is_ok_and(|open| !open.is_empty());
        let now = shared.clock.now();
        if poll(&shared, &connector, since, now, &tell).await.is_some() {
            since = since.max(now - OVERLAP);
        }
        let pause = if awaited { POLL_AWAITED } else { POLL_IDLE };
        if awaited {
            sleep(pause).await;
        } else {
            timeout(pause, rings.changed()).await.ok();
        }
    }
}

/// `None` when the far side could not be asked: the same time is asked for again.
async fn poll(
    shared: &Shared,
    connector: &Arc<dyn Connector>,
    since: Timestamp,
    now: Timestamp,
    tell: &mpsc::Sender<FarNews>,
) -> Option<()> {
    let name = connector.name();
    let open = shared.store.open_receipts(name, now - RECEIPTS_FOR, RECEIPTS).await.ok()?;
    let watch = Watch { since, now, open: &open };
    let events = match timeout(POLL_DEADLINE, connector.poll(&watch)).await.ok()? {
        Ok(events) => events,
        Err(error) => {
            tracing::debug!(connector = name, %error, "replies could not be asked for");
            return None;
        }
    };
    for event in events {
        take(shared, name, event, tell, now).await;
    }
    Some(())
}

async fn take(
    shared: &Shared,
    name: &'static str,
    event: FarEvent,
    tell: &mpsc::Sender<FarNews>,
    now: Timestamp,
) {
    let arrival = match &event {
        FarEvent::Delivered { far_id } => Some((far_id.clone(), Ok(()))),
        FarEvent::Undelivered { far_id, why, reason } => {
            Some((far_id.clone(), Err(Refusal { kind: refusal(*reason), why: why.clone() })))
        }
        FarEvent::Reply { .. } | FarEvent::Acknowledged { .. } => None,
    };
    let Some((far_id, arrival)) = arrival else {
        tell.send(FarNews { connector: name, event }).await.ok(); // the ladder is gone only at the end
        return;
    };
    match shared.store.arrived(name, far_id, arrival, now).await {
        Ok(Some(item)) if item.alert_id.is_some() => shared.ladder.ring(),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "a receipt could not be stored; it is asked for again"),
    }
}
