//! The outbox: what is due, every try to send it, and what became of it.

use domain::{CallId, Channel, OutboxId, OutboxItem, OutboxState, PhoneNumber, StepFailure};
use jiff::Timestamp;
use rusqlite::Connection;

use super::{
    Store,
    archive::Archive,
    error::StoreError,
    rows::{
        extras::{self, CloudTotal, CloudUsage},
        outbox::{self, Backlog},
        tries::{self, DeliveryTry},
    },
};

/// Why a message will not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its kind.
    pub kind: StepFailure,
    /// In words for the owner.
    pub why: String,
}

impl Store {
    /// Puts an item into the outbox; false when one with its key is there already.
    ///
    /// # Errors
    /// `UnknownCall`; `DiskFull`, ….
    pub async fn enqueue(&self, item: OutboxItem) -> Result<bool, StoreError> {
        self.write(move |db| outbox::add(db, &item)).await
    }

    /// Puts many items into the outbox, all or none; how many were new.
    ///
    /// # Errors
    /// `UnknownCall`; `DiskFull`, ….
    pub async fn enqueue_all(&self, items: Vec<OutboxItem>) -> Result<usize, StoreError> {
        self.write(move |db| {
            let mut new = 0;
            for item in &items {
                new += usize::from(outbox::add(db, item)?);
            }
            Ok(new)
        })
        .await
    }

    /// What may be tried now on a channel, emergencies first; at most `limit`.
    ///
    /// # Errors
    /// Any database error.
    pub async fn outbox_due(
        &self,
        channel: Channel,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<OutboxItem>, StoreError> {
        self.read(move |a| a.outbox_due(channel, now, limit)).await
    }

    /// When the next item of a channel may be tried.
    ///
    /// # Errors
    /// Any database error.
    pub async fn outbox_next_at(&self, channel: Channel) -> Result<Option<Timestamp>, StoreError> {
        self.read(move |a| a.outbox_next_at(channel)).await
    }

    /// A try begins: on disk before anything leaves, so that a power cut in the middle is known afterwards.
    /// `None` when the item is not waiting any more (somebody acknowledged, the owner dropped it).
    ///
    /// # Errors
    /// `DiskFull`, …: do not send.
    pub async fn begin_try(
        &self,
        id: OutboxId,
        connector: &'static str,
        now: Timestamp,
    ) -> Result<Option<OutboxItem>, StoreError> {
        self.write(move |db| begin_try(db, id, connector, now)).await
    }

    /// A try has ended; `item` says what becomes of it. An item that was cancelled meanwhile stays cancelled
    /// unless it has left.
    ///
    /// # Errors
    /// `DiskFull`, ….
    pub async fn end_try(&self, item: OutboxItem, attempt: DeliveryTry) -> Result<(), StoreError> {
        self.write(move |db| end_try(db, item.clone(), &attempt)).await
    }

    /// Settles an item without a try: no way out is set up, or it was decided elsewhere.
    ///
    /// # Errors
    /// `DiskFull`, ….
    pub async fn settle(&self, item: OutboxItem) -> Result<(), StoreError> {
        self.write(move |db| outbox::put_fate(db, &item)).await
    }

    /// Closes the tries that the last stop interrupted; how many. To be called once, before anything is sent.
    ///
    /// # Errors
    /// Any database error.
    pub async fn end_cut_tries(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.write(move |db| tries::end_cut(db, now)).await
    }

    /// Closes what is too old; how many.
    ///
    /// # Errors
    /// Any database error.
    pub async fn expire_outbox(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.write(move |db| outbox::expire(db, now)).await
    }

    /// The far side of a channel is there again: everything that waits is tried now.
    ///
    /// # Errors
    /// Any database error.
    pub async fn wake_channel(&self, channel: Channel, now: Timestamp) -> Result<usize, StoreError> {
        self.write(move |db| outbox::wake(db, channel, now)).await
    }

    /// One item.
    ///
    /// # Errors
    /// Any database error.
    pub async fn outbox_item(&self, id: OutboxId) -> Result<Option<OutboxItem>, StoreError> {
        self.read(move |a| a.outbox_item(id)).await
    }

    /// Names that a connector gave to messages whose arrival is not known; newest first, at most `limit`.
    ///
    /// # Errors
    /// Any database error.
    pub async fn open_receipts(
        &self,
        connector: &'static str,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        self.read(move |a| a.open_receipts(connector, since, limit)).await
    }

    /// A message arrived (`Ok`) or will not (`Err`). Returns the item, once.
    ///
    /// # Errors
    /// Any database error.
    pub async fn arrived(
        &self,
        connector: &'static str,
        far_id: String,
        arrival: Result<(), Refusal>,
        now: Timestamp,
    ) -> Result<Option<OutboxItem>, StoreError> {
        self.write(move |db| arrived(db, connector, &far_id, &arrival, now)).await
    }

    /// The item that the far side knows under this name.
    ///
    /// # Errors
    /// Any database error.
    pub async fn outbox_by_far_id(
        &self,
        connector: &'static str,
        far_id: String,
    ) -> Result<Option<OutboxItem>, StoreError> {
        self.read(move |a| a.outbox_by_far_id(connector, &far_id)).await
    }

    /// True when this reply or receipt was taken in before.
    ///
    /// # Errors
    /// Any database error.
    pub async fn was_told(
        &self,
        connector: &'static str,
        far_id: String,
        kind: &'static str,
    ) -> Result<bool, StoreError> {
        self.read(move |a| tries::was_told(a.db(), connector, &far_id, kind)).await
    }

    /// A reply or receipt was taken in: to be called after what it changes is on disk.
    ///
    /// # Errors
    /// Any database error.
    pub async fn told(
        &self,
        connector: &'static str,
        far_id: String,
        kind: &'static str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |db| tries::told(db, connector, &far_id, kind, now)).await
    }

    /// How the outbox stands; refusals count when they are younger than `since`.
    ///
    /// # Errors
    /// Any database error.
    pub async fn backlog(&self, since: Timestamp) -> Result<Backlog, StoreError> {
        self.read(move |a| outbox::backlog(a.db(), since)).await
    }

    /// A caller sent STOP (or START again). Never asked for pages to staff.
    ///
    /// # Errors
    /// Any database error.
    pub async fn set_opt_out(
        &self,
        number: PhoneNumber,
        words: Option<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |db| match &words {
            Some(words) => extras::opt_out(db, &number, words, now),
            None => extras::opt_in(db, &number),
        })
        .await
    }

    /// True when this caller wants no text, and on any doubt: a caller is rather not texted.
    pub async fn has_opted_out(&self, number: PhoneNumber) -> bool {
        self.read(move |a| a.has_opted_out(&number)).await.unwrap_or(true)
    }

    /// Meters one question to a cloud model.
    ///
    /// # Errors
    /// Any database error.
    pub async fn meter(&self, usage: CloudUsage) -> Result<(), StoreError> {
        self.write(move |db| extras::meter(db, &usage)).await
    }

    /// What the cloud models have cost since a moment.
    ///
    /// # Errors
    /// Any database error.
    pub async fn cloud_total(&self, since: Timestamp) -> Result<CloudTotal, StoreError> {
        self.read(move |a| a.cloud_total(since)).await
    }
}

impl Archive {
    pub(super) fn outbox_due(
        &self,
        channel: Channel,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<OutboxItem>, StoreError> {
        outbox::due(self.db(), channel, now, limit)
    }

    pub(super) fn outbox_next_at(&self, channel: Channel) -> Result<Option<Timestamp>, StoreError> {
        outbox::next_at(self.db(), channel)
    }

    pub(super) fn outbox_by_far_id(
        &self,
        connector: &str,
        far_id: &str,
    ) -> Result<Option<OutboxItem>, StoreError> {
        outbox::by_far_id(self.db(), connector, far_id)
    }

    pub(super) fn open_receipts(
        &self,
        connector: &str,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        outbox::undelivered(self.db(), connector, since, limit)
    }

    pub(super) fn has_opted_out(&self, number: &PhoneNumber) -> Result<bool, StoreError> {
        extras::has_opted_out(self.db(), number)
    }

    /// One item of the outbox.
    pub fn outbox_item(&self, id: OutboxId) -> Result<Option<OutboxItem>, StoreError> {
        outbox::get(self.db(), id)
    }

    /// The latest items in these states, newest first.
    pub fn outbox_in(&self, states: &[OutboxState], limit: u32) -> Result<Vec<OutboxItem>, StoreError> {
        outbox::in_states(self.db(), states, limit)
    }

    /// Everything that has not left the box, oldest first.
    pub fn outbox(&self) -> Result<Vec<OutboxItem>, StoreError> {
        outbox::waiting(self.db())
    }

    /// Everything in the outbox for a call, sent or not, oldest first.
    pub fn outbox_of_call(&self, call: CallId) -> Result<Vec<OutboxItem>, StoreError> {
        outbox::of_call(self.db(), call)
    }

    /// The tries of an item in order.
    pub fn tries(&self, item: OutboxId) -> Result<Vec<DeliveryTry>, StoreError> {
        tries::of_item(self.db(), item)
    }

    /// What the cloud models have cost since a moment.
    pub fn cloud_total(&self, since: Timestamp) -> Result<CloudTotal, StoreError> {
        extras::cloud_total(self.db(), since)
    }
}

fn begin_try(
    db: &Connection,
    id: OutboxId,
    connector: &str,
    now: Timestamp,
) -> Result<Option<OutboxItem>, StoreError> {
    let Some(mut item) = outbox::get(db, id)?.filter(|i| i.state == OutboxState::Waiting) else {
        return Ok(None);
    };
    item.tries += 1;
    outbox::put_fate(db, &item)?;
    let attempt = DeliveryTry {
        item: id,
        number: item.tries,
        connector: connector.to_string(),
        started_at: now,
        ended_at: None,
        outcome: None,
        why: None,
    };
    tries::put(db, &attempt)?;
    Ok(Some(item))
}

fn end_try(db: &Connection, mut item: OutboxItem, attempt: &DeliveryTry) -> Result<(), StoreError> {
    tries::put(db, attempt)?;
    let now_is = outbox::get(db, item.id)?.map(|i| i.state);
    if item.state != OutboxState::Sent && now_is != Some(OutboxState::Waiting) {
        item.state = now_is.unwrap_or(item.state);
    }
    outbox::put_fate(db, &item)
}

fn arrived(
    db: &Connection,
    connector: &str,
    far_id: &str,
    arrival: &Result<(), Refusal>,
    now: Timestamp,
) -> Result<Option<OutboxItem>, StoreError> {
    let Some(mut item) = outbox::by_far_id(db, connector, far_id)? else { return Ok(None) };
    if item.delivered_at.is_some() || item.state != OutboxState::Sent {
        return Ok(None);
    }
    match arrival {
        Ok(()) => item.delivered_at = Some(now),
        Err(refusal) => {
            item.state = OutboxState::Dead;
            item.refusal = Some(refusal.kind);
            item.last_error = Some(refusal.why.clone());
        }
    }
    outbox::put_fate(db, &item)?;
    Ok(Some(item))
}
