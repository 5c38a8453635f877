//! Calls to people of the roster: the only way in which the box itself calls somebody.
//!
//! What is called is an [`oncall::Dialable`], which only the roster can make; its number goes through the PBX, or
//! its SIP address is called directly. Sound before the answer (183) is ignored, a redirect is not followed.

use std::time::Duration;

use oncall::Dialable;
use tokio::sync::oneshot;

use super::{
    call::{DialError, LiveCall},
    sip::Outgoing,
};

/// The line's hand for outgoing calls. Cloning is cheap; after the line was shut down every call fails.
#[derive(Clone)]
pub struct Dialler {
    inner: Outgoing,
}

impl Dialler {
    pub(super) fn new(inner: Outgoing) -> Self {
        Self { inner }
    }

    /// True when numbers can be called: there is a PBX.
    pub fn has_exchange(&self) -> bool {
        self.inner.has_exchange()
    }

    /// Calls somebody of the roster and returns when he, or a machine of his, has answered. `rang` is told when the
    /// telephone rings. Dropping the future cancels the call.
    ///
    /// # Errors
    /// Rang for `ring` without an answer (then it is cancelled), refused, or the line failed.
    pub async fn call(
        &self,
        whom: &Dialable,
        ring: Duration,
        rang: oneshot::Sender<()>,
    ) -> Result<LiveCall, DialError> {
        self.inner.call(whom, ring, rang).await
    }
}

impl std::fmt::Debug for Dialler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialler").field("has_exchange", &self.has_exchange()).finish()
    }
}
