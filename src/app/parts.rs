//! What every call shares. Handles only; cloning is cheap.

use std::sync::Arc;

use super::{clock::WallClock, news::NewsDesk};
use crate::{
    config::Config,
    store::Store,
    workers::{Hearing, Voice},
};

/// The running parts of the box.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) config: Arc<Config>,
    pub(crate) store: Store,
    pub(crate) hearing: Hearing,
    pub(crate) voice: Voice,
    pub(crate) clock: WallClock,
    pub(crate) news: NewsDesk,
}
