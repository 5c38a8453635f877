//! Everything a call waits for, each with its deadline and its reason.

use std::{collections::BTreeMap, time::Duration};

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// Text or decision is late: say something.
    Filler,
    /// The decision is late: go on without it.
    TriageLate,
    /// No report that a saying has ended.
    Playback,
    /// The caller says nothing.
    CallerSilent,
    /// Speech that stopped us was no speech.
    FalseInterruption,
    /// Speech without an end.
    TalkLimit,
    /// A life-safety instruction waits for the caller to pause.
    SafetyWaits,
    /// No answer about the page: try again, or say so.
    PageLate,
    /// The page failed: try again.
    PageRetry,
    /// No further key came.
    KeyPause,
    /// Nobody said what became of the transfer.
    TransferLate,
    /// A message has ended.
    MessageOver,
    /// Nothing more to say.
    HangUp,
    /// The call has lasted long enough.
    WrapUp,
    /// It must come to an end.
    HardEnd,
    /// It ends here.
    LastSecond,
}

impl Timer {
    /// For the log.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Timer::Filler => "text or decision is late",
            Timer::TriageLate => "decision is late",
            Timer::Playback => "no report that the saying ended",
            Timer::CallerSilent => "caller silent",
            Timer::FalseInterruption => "interruption without words",
            Timer::TalkLimit => "speech without an end",
            Timer::SafetyWaits => "safety instruction cannot wait longer",
            Timer::PageLate => "page not answered for",
            Timer::PageRetry => "page to be tried again",
            Timer::KeyPause => "no further key",
            Timer::TransferLate => "transfer not answered for",
            Timer::MessageOver => "message over",
            Timer::HangUp => "everything said",
            Timer::WrapUp => "longest call reached",
            Timer::HardEnd => "call must end",
            Timer::LastSecond => "call ends now",
        }
    }
}

/// The pending deadlines.
#[derive(Debug, Default)]
pub(crate) struct Timers(BTreeMap<Timer, Duration>);

impl Timers {
    pub(crate) fn set(&mut self, timer: Timer, due: Duration) {
        self.0.insert(timer, due);
    }

    pub(crate) fn clear(&mut self, timer: Timer) {
        self.0.remove(&timer);
    }

    pub(crate) fn clear_all(&mut self) {
        self.0.clear();
    }

    pub(crate) fn is_set(&self, timer: Timer) -> bool {
        self.0.contains_key(&timer)
    }

    /// When this one is due.
    pub(crate) fn due(&self, timer: Timer) -> Option<Duration> {
        self.0.get(&timer).copied()
    }

    /// The next deadline.
    pub(crate) fn next(&self) -> Option<(Duration, Timer)> {
        self.0.iter().map(|(timer, due)| (*due, *timer)).min()
    }

    /// Removes and returns one deadline that has passed, earliest first.
    pub(crate) fn take_due(&mut self, now: Duration) -> Option<Timer> {
        let (_, timer) = self.next().filter(|(due, _)| *due <= now)?;
        self.0.remove(&timer);
        Some(timer)
    }
}
