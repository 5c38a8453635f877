//! What every call shares. Handles only; cloning is cheap.

use std::sync::Arc;

use call::Prompts;
use triage::Runbook;

use super::{
    clock::WallClock, cloud::Cloud, ladder::PagingLines, news::NewsDesk, paging::Pager, panel::PanelDesk,
    voice_page::TechPhone,
};
use crate::{
    config::{Config, Shop},
    store::Store,
    workers::{Hearing, Thinking, Voices},
};

/// The running parts of the box.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) config: Arc<Config>,
    /// In the order of `Config::shops`.
    pub(crate) businesses: Arc<[Arc<Business>]>,
    pub(crate) store: Store,
    pub(crate) hearing: Hearing,
    pub(crate) thinking: Thinking,
    pub(crate) cloud: Cloud,
    pub(crate) voice: Voices,
    /// For a caller on hold, 16 kHz.
    pub(crate) hold_music: Arc<[i16]>,
    pub(crate) clock: WallClock,
    pub(crate) news: NewsDesk,
    /// Into the outbox and the ladder.
    pub(crate) lines: PagingLines,
    /// Rings people of the roster.
    pub(crate) tech_phone: TechPhone,
    /// What lamp and alarm show.
    pub(crate) panel: PanelDesk,
}

/// The parts that need neither sound nor line: memory, time, people and messages.
#[derive(Clone)]
pub(crate) struct Office {
    pub(crate) businesses: Arc<[Arc<Business>]>,
    pub(crate) store: Store,
    pub(crate) clock: WallClock,
    pub(crate) news: NewsDesk,
    pub(crate) lines: PagingLines,
    pub(crate) panel: PanelDesk,
}

impl Office {
    /// The business with this id.
    pub(crate) fn business(&self, id: &str) -> Option<Arc<Business>> {
        self.businesses.iter().find(|b| b.shop.profile.id == id).cloned()
    }
}

/// One business, ready to answer.
pub(crate) struct Business {
    pub(crate) shop: Shop,
    pub(crate) prompts: Arc<Prompts>,
    pub(crate) spanish: Arc<Prompts>,
    pub(crate) runbook: Arc<Runbook>,
}

impl Parts {
    /// The parts that ladder and outbox work with.
    pub(crate) fn office(&self) -> Office {
        Office {
            businesses: self.businesses.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            news: self.news.clone(),
            lines: self.lines.clone(),
            panel: self.panel.clone(),
        }
    }

    /// What commits pages.
    pub(crate) fn pager(&self) -> Pager {
        Pager { store: self.store.clone(), clock: self.clock.clone(), lines: self.lines.clone() }
    }

    /// The business with this id.
    pub(crate) fn business(&self, id: &str) -> Option<Arc<Business>> {
        self.businesses.iter().find(|b| b.shop.profile.id == id).cloned()
    }
}
