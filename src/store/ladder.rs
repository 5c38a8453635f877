//! Alerts and the steps of their ladders. An alert, its first steps and the messages of those steps are one
//! transaction; so is every later turn of a ladder.

use std::collections::BTreeSet;

use domain::{Alert, AlertId, CallId, OutboxItem, ReplyCode, StepRow};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde::Serialize;

use super::{
    PageCommit, Store,
    archive::Archive,
    error::StoreError,
    rows::{
        alerts,
        extras::{self, CallOut},
        leads, outbox, steps,
    },
};

/// A reply code comes again after this long at the earliest.
const CODES_REST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// An alert with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlertStory {
    /// The alert.
    pub alert: Alert,
    /// Its ladder, in the order of its making.
    pub steps: Vec<StepRow>,
    /// Its messages, oldest first.
    pub items: Vec<OutboxItem>,
}

/// What a ladder changes at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Turnover {
    /// How far the alert has come.
    pub alert: Alert,
    /// Steps that are new or changed.
    pub steps: Vec<StepRow>,
    /// Messages of those steps.
    pub items: Vec<OutboxItem>,
    /// Keys of messages that are not needed any more; what has left stays.
    pub withdrawn: Vec<String>,
    /// Calls that are about to be made.
    pub calls: Vec<CallOut>,
}

/// A page as it is committed: opens the call's alert, or completes the one that is open.
#[derive(Debug, Clone, PartialEq)]
pub struct PageCommitted {
    /// The alert as it would be if the call had none.
    pub alert: Alert,
    /// The first steps of its ladder.
    pub steps: Vec<StepRow>,
    /// The messages of those steps; for an alert that is open already, what is new about it.
    pub items: Vec<OutboxItem>,
}

impl Store {
    /// Commits a page: its alert, the first steps and their messages together. `Ok` means: it is on disk, the
    /// caller may be told. If the call has an alert already, only what is known of the caller is completed.
    ///
    /// # Errors
    /// `NotDurable` on a temporary store; `UnknownCall`; `DiskFull`, …. The caller must not be told that
    /// somebody is being reached.
    pub async fn commit_page(&self, page: PageCommitted) -> Result<PageCommit, StoreError> {
        let committed = self.write(move |db| put_page(db, &page)).await?;
        if self.is_durable() { Ok(committed) } else { Err(StoreError::NotDurable) }
    }

    /// Commits one turn of a ladder, all or nothing. Only one part of the program turns ladders.
    ///
    /// # Errors
    /// `DiskFull`, ….
    pub async fn commit_turnover(&self, turn: Turnover) -> Result<(), StoreError> {
        self.write(move |db| put_turnover(db, &turn)).await
    }

    /// Every alert that is not closed, with its steps and messages, oldest first.
    ///
    /// # Errors
    /// Any database error.
    pub async fn open_alerts(&self) -> Result<Vec<AlertStory>, StoreError> {
        self.read(Archive::open_alerts).await
    }

    /// The alert of a call, with its steps and messages.
    ///
    /// # Errors
    /// Any database error.
    pub async fn alert_of_call(&self, call: CallId) -> Result<Option<AlertStory>, StoreError> {
        self.read(move |a| a.alert_of_call(call)).await
    }

    /// Alerts that are not closed, and those that were closed since a moment: what a reply may mean.
    ///
    /// # Errors
    /// Any database error.
    pub async fn alerts_since(&self, since: Timestamp) -> Result<Vec<AlertStory>, StoreError> {
        self.read(move |a| alerts::since(a.db(), since)?.into_iter().map(|alert| a.story(alert)).collect())
            .await
    }

    /// Reply codes of open alerts and of the last days: a late reply to an old alert must not mean a new one.
    ///
    /// # Errors
    /// Any database error.
    pub async fn codes_taken(&self, now: Timestamp) -> Result<BTreeSet<ReplyCode>, StoreError> {
        let since = now.checked_sub(CODES_REST).unwrap_or(Timestamp::MIN);
        self.read(move |a| Ok(alerts::since(a.db(), since)?.into_iter().map(|alert| alert.code).collect()))
            .await
    }

    /// Steps that were attempted since a moment, oldest first: what is known about the ways to people.
    ///
    /// # Errors
    /// Any database error.
    pub async fn steps_since(&self, since: Timestamp) -> Result<Vec<StepRow>, StoreError> {
        self.read(move |a| steps::since(a.db(), since)).await
    }

    /// A call that we make begins or has ended.
    ///
    /// # Errors
    /// Any database error.
    pub async fn put_call_out(&self, call: CallOut) -> Result<(), StoreError> {
        self.write(move |db| extras::put_call_out(db, &call)).await
    }
}

impl Archive {
    /// Every alert that is not closed, with its steps and messages, oldest first.
    pub fn open_alerts(&self) -> Result<Vec<AlertStory>, StoreError> {
        alerts::open(self.db())?.into_iter().map(|alert| self.story(alert)).collect()
    }

    /// The latest alerts, newest first.
    pub fn latest_alerts(&self, limit: u32) -> Result<Vec<AlertStory>, StoreError> {
        alerts::latest(self.db(), limit)?.into_iter().map(|alert| self.story(alert)).collect()
    }

    /// One alert.
    pub fn alert(&self, id: AlertId) -> Result<Option<AlertStory>, StoreError> {
        alerts::get(self.db(), id)?.map(|alert| self.story(alert)).transpose()
    }

    /// The alert of a call.
    pub fn alert_of_call(&self, call: CallId) -> Result<Option<AlertStory>, StoreError> {
        alerts::of_call(self.db(), call)?.map(|alert| self.story(alert)).transpose()
    }

    /// The latest calls that we made, newest first.
    pub fn call_outs(&self, limit: u32) -> Result<Vec<CallOut>, StoreError> {
        extras::call_outs(self.db(), limit)
    }

    fn story(&self, alert: Alert) -> Result<AlertStory, StoreError> {
        let steps = steps::of_alert(self.db(), alert.id)?;
        let items = outbox::of_alert(self.db(), alert.id)?;
        Ok(AlertStory { alert, steps, items })
    }
}

/// The page's rows; for a call that has an alert, only what is known of the caller.
pub(super) fn put_page(db: &Connection, page: &PageCommitted) -> Result<PageCommit, StoreError> {
    if let Some(there) = alerts::of_call(db, page.alert.call_id)? {
        alerts::learn(db, &Alert { id: there.id, ..page.alert.clone() })?;
        // messages of an alert that was not opened would page a second time
        if there.id == page.alert.id {
            for item in &page.items {
                outbox::add(db, item)?;
            }
        }
        return Ok(PageCommit::AlreadyThere);
    }
    alerts::add(db, &page.alert)?;
    page.steps.iter().try_for_each(|step| steps::put(db, step))?;
    for item in &page.items {
        outbox::add(db, item)?;
    }
    Ok(PageCommit::New)
}

pub(super) fn put_turnover(db: &Connection, turn: &Turnover) -> Result<(), StoreError> {
    alerts::advance(db, &turn.alert)?;
    leads::follow_alert(db, turn.alert.call_id)?;
    turn.steps.iter().try_for_each(|step| steps::put(db, step))?;
    for item in &turn.items {
        outbox::add(db, item)?;
    }
    for key in &turn.withdrawn {
        outbox::cancel(db, key)?;
    }
    turn.calls.iter().try_for_each(|call| extras::put_call_out(db, call))
}

/// Calls that we made are kept this long (source C:24).
pub(super) const CALL_OUTS_DAYS: i64 = 30;

/// Calls that we made before this moment are forgotten.
pub(super) fn call_outs_before(now: Timestamp) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(24 * CALL_OUTS_DAYS)).unwrap_or(Timestamp::MIN)
}
