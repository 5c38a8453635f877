//! What every call shares. Handles only; cloning is cheap.

use std::sync::Arc;

use call::Prompts;
use triage::Runbook;

use super::{clock::WallClock, news::NewsDesk};
use crate::{
    config::{Config, Shop},
    store::Store,
    workers::{Hearing, Voices},
};

/// The running parts of the box.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) config: Arc<Config>,
    /// In the order of `Config::shops`.
    pub(crate) businesses: Arc<[Arc<Business>]>,
    pub(crate) store: Store,
    pub(crate) hearing: Hearing,
    pub(crate) voice: Voices,
    /// For a caller on hold, 16 kHz.
    pub(crate) hold_music: Arc<[i16]>,
    pub(crate) clock: WallClock,
    pub(crate) news: NewsDesk,
}

/// One business, ready to answer.
pub(crate) struct Business {
    pub(crate) shop: Shop,
    pub(crate) prompts: Arc<Prompts>,
    pub(crate) spanish: Arc<Prompts>,
    pub(crate) runbook: Arc<Runbook>,
}

impl Parts {
    /// The business with this id.
    pub(crate) fn business(&self, id: &str) -> Option<Arc<Business>> {
        self.businesses.iter().find(|b| b.shop.profile.id == id).cloned()
    }
}
