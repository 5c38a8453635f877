//! What every call shares. Handles only; cloning is cheap.

use std::sync::Arc;

use call::Prompts;
use jiff::civil::DateTime;
use triage::Runbook;

use super::{clock::WallClock, news::NewsDesk};
use crate::{
    config::{Config, Shop},
    store::Store,
    workers::{Hearing, Voice},
};

/// The running parts of the box.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) config: Arc<Config>,
    /// In the order of `Config::shops`.
    pub(crate) businesses: Arc<[Arc<Business>]>,
    pub(crate) store: Store,
    pub(crate) hearing: Hearing,
    pub(crate) voice: Voice,
    pub(crate) clock: WallClock,
    pub(crate) news: NewsDesk,
}

/// One business, ready to answer.
pub(crate) struct Business {
    pub(crate) shop: Shop,
    pub(crate) prompts: Arc<Prompts>,
    pub(crate) runbook: Arc<Runbook>,
}

impl Business {
    /// True while people in the office take the calls.
    pub(crate) fn office_is_answering(&self, local: DateTime) -> bool {
        !self.shop.profile.always_active && self.shop.profile.hours.is_open(local)
    }
}
