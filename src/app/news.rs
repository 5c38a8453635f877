//! What happens on the box, as it happens: for the terminal now, for the web page later.
//! Carries caller words, so it never goes to the log.

use domain::{Alert, CallId, CallStatus, Channel, Decision, LeadCard, Page, PhoneNumber};
use tokio::sync::broadcast;

use crate::phone::Registration;

/// A slow reader loses the oldest news and is told how many; calls never wait for one.
const NEWS_KEPT: usize = 256;

/// One thing that happened.
#[derive(Debug, Clone)]
pub(crate) enum News {
    /// The registration changed.
    Line(Registration),
    /// A call was answered.
    CallStarted { call: CallId, business: String, caller: Option<PhoneNumber>, local_time: String },
    /// The caller finished a turn.
    CallerSaid { call: CallId, at_ms: u64, text: String, hearing_ms: u32 },
    /// Triage decided something new.
    Decided { call: CallId, at_ms: u64, decision: Box<Decision>, early: bool },
    /// We began to say something. `latency_ms` counts from the end of the caller's speech.
    AgentSaid { call: CallId, at_ms: u64, text: String, latency_ms: Option<u32> },
    /// The caller talked into a sentence and it stopped.
    Interrupted { call: CallId, at_ms: u64 },
    /// A page is on disk.
    Paged { call: CallId, page: Box<Page>, text: String },
    /// A message to somebody left the box, or could not: `why` says so.
    Left { call: Option<CallId>, to: String, channel: Channel, words: String, why: Option<String> },
    /// Somebody wrote to the box.
    Replied { from: String, words: String },
    /// An alert has come further; `by` is who took it.
    Alert { alert: Box<Alert>, by: Option<String> },
    /// A call is over and remembered.
    CallEnded {
        call: CallId,
        status: CallStatus,
        duration_s: u32,
        card: Option<Box<LeadCard>>,
        recording: Option<String>,
    },
}

/// Where news is put and read.
#[derive(Debug, Clone)]
pub(crate) struct NewsDesk(broadcast::Sender<News>);

impl Default for NewsDesk {
    fn default() -> Self {
        Self(broadcast::channel(NEWS_KEPT).0)
    }
}

impl NewsDesk {
    /// Tells whoever reads; nobody reading is fine.
    pub(crate) fn tell(&self, news: News) {
        self.0.send(news).ok();
    }

    /// Reads from here on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<News> {
        self.0.subscribe()
    }
}
