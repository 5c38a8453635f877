//! The handles by which other parts reach the ladder, and by which it reaches running calls.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{AlertId, CallId};
use oncall::{Dialable, Event, Known};
use tokio::sync::{mpsc, watch};

use crate::app::outbox::Bell;

/// News that may wait for the ladder; who brings more waits, and none of them is a call's loop.
const NEWS: usize = 64;
/// News that may wait for a running call; a call that does not read has ended.
const CALL_NEWS: usize = 8;

/// Something that happened to an alert.
#[derive(Debug, Clone)]
pub(crate) enum LadderNews {
    /// To this one: a voice page's key, a transfer's end, the web.
    Of(AlertId, Event),
    /// To the alert of this call, if it has one: the caller can be put through.
    OfCall(CallId, Event),
    /// The button on the box: every alert that nobody has is taken.
    Button,
}

/// What a running call is told about its alert.
#[derive(Debug, Clone)]
pub(crate) enum CallNews {
    /// Somebody has taken it: first name, as the caller may hear it.
    Taken {
        /// "Mike", or "our on-call technician".
        by: String,
    },
    /// Put the caller through to this number now, and report as `Event::Step` of this alert and step.
    Transfer {
        /// The alert.
        alert: AlertId,
        /// Its step.
        number: u32,
        /// To whom.
        to: Dialable,
    },
    /// Stop ringing: the step is pointless now.
    TransferWithdrawn,
}

/// Into the outbox and the ladder. Cloning is cheap.
#[derive(Debug, Clone)]
pub(crate) struct PagingLines {
    /// Rung after something was put into the outbox.
    pub(crate) outbox: Bell,
    /// Rung after something was put into alerts or steps.
    pub(crate) ladder: Bell,
    /// Told to the ladder.
    pub(crate) tell: mpsc::Sender<LadderNews>,
    /// What is known about the ways to people now.
    pub(crate) known: watch::Sender<Known>,
    /// Calls that are going on.
    pub(crate) calls: LiveCalls,
}

/// What the ladder hears.
#[derive(Debug)]
pub(crate) struct LadderInbox(pub(super) mpsc::Receiver<LadderNews>);

impl PagingLines {
    /// The lines and the ladder's end of them.
    pub(crate) fn new() -> (Self, LadderInbox) {
        let (tell, news) = mpsc::channel(NEWS);
        let lines = Self {
            outbox: Bell::default(),
            ladder: Bell::default(),
            tell,
            known: watch::Sender::new(Known::default()),
            calls: LiveCalls::default(),
        };
        (lines, LadderInbox(news))
    }

    /// Something was committed that outbox and ladder should look at.
    pub(crate) fn ring(&self) {
        self.outbox.ring();
        self.ladder.ring();
    }
}

/// The calls that are going on and want to hear about their alert.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveCalls(Arc<Mutex<HashMap<CallId, mpsc::Sender<CallNews>>>>);

/// A running call's place among the live calls; left when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    calls: LiveCalls,
    call: CallId,
    /// What the call is told.
    pub(crate) news: mpsc::Receiver<CallNews>,
}

impl LiveCalls {
    /// A call begins.
    pub(crate) fn join(&self, call: CallId) -> Seat {
        let (tell, news) = mpsc::channel(CALL_NEWS);
        self.seats().insert(call, tell);
        Seat { calls: self.clone(), call, news }
    }

    /// Tells a call; false when it has ended or does not read.
    pub(crate) fn tell(&self, call: CallId, news: CallNews) -> bool {
        self.seats().get(&call).is_some_and(|seat| seat.try_send(news).is_ok())
    }

    fn seats(&self) -> std::sync::MutexGuard<'_, HashMap<CallId, mpsc::Sender<CallNews>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.calls.seats().remove(&self.call);
    }
}
