//! What goes into a call and what comes out of it.

use std::sync::Arc;

use domain::{CallStatus, Decision, Endpointing, Heard, Issue, Language, PhoneNumber, Profile, Service};

use crate::prompts::{PromptId, Prompts};

/// Everything a call must know before it is answered.
#[derive(Debug, Clone)]
pub struct CallSetup {
    /// The business that was called.
    pub profile: Profile,
    /// Caller ID; `None` when withheld.
    pub caller: Option<PhoneNumber>,
    /// The shop's wall time when the call began; the call's own `now` is added to it.
    pub local_start: jiff::civil::DateTime,
    /// The same number called within the last hours (source D:139).
    pub repeat: Option<RepeatCaller>,
    /// The sentences of this business, in English.
    pub prompts: Arc<Prompts>,
    /// The sentences in Spanish; `None` when no voice can say them.
    pub spanish: Option<Arc<Prompts>>,
    /// False when the recogniser is known to be dead: the call is a voicemail with an emergency key.
    pub hearing: bool,
    /// Whether the caller can be put through to the on-call person. False: an emergency ends with the promise
    /// of a call back.
    pub transfer: bool,
    /// How long the on-call person's phone rings before a transfer counts as failed (decision K04: 30 s).
    pub transfer_ring_s: u32,
}

/// What we know from the caller's last call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatCaller {
    /// How long ago.
    pub minutes_ago: u32,
    /// Name given then.
    pub name: Option<String>,
    /// Address given then.
    pub address: Option<String>,
}

/// Everything that can happen to a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The line is open both ways.
    Answered,
    /// The caller has been speaking this long without a break; sent at 120 and again at 600 ms.
    Speech {
        /// Milliseconds of sustained speech.
        sustained_ms: u32,
    },
    /// The caller has finished; the text follows.
    TurnEnded {
        /// Silence since the caller's last sound, in milliseconds: what is late is measured from there.
        silence_ms: u32,
    },
    /// The text of the finished turn; empty when nothing intelligible was said.
    Heard(Heard),
    /// A finished piece or a partial of a turn that still goes on.
    HeardPartial(Heard),
    /// There will be no text for the finished turn.
    HearingFailed,
    /// The decision for the finished turn.
    Decided(Decision),
    /// A decision while the caller still talks.
    DecidedEarly(Decision),
    /// There will be no decision for the finished turn.
    TriageFailed,
    /// A saying began to be heard.
    PlaybackStarted(u32),
    /// A saying was heard to its end.
    PlaybackFinished(u32),
    /// A saying was cut after `StopSpeaking`.
    PlaybackStopped {
        /// Which one.
        id: u32,
        /// How much of it was heard.
        played_ms: u32,
    },
    /// A key of the caller's telephone: `0`–`9`, `*`, `#`.
    Key(char),
    /// The oldest page that was not yet answered for is stored.
    PageCommitted,
    /// The oldest page that was not yet answered for could not be stored.
    PageFailed,
    /// A machine's tone on the line.
    Tone(MachineTone),
    /// What became of the transfer that `Output::Transfer` asked for.
    Transfer(TransferResult),
    /// Somebody on the roster took the alert of this call (by text message, on the web, at the box): the caller
    /// is told, and no transfer is begun any more.
    Acknowledged {
        /// First name, as the caller may hear it: "Mike".
        by: String,
    },
    /// The caller is gone.
    HungUp,
    /// Time has passed.
    Tick,
}

/// Tones that only machines make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MachineTone {
    /// Fax calling or answering tone.
    Fax,
    /// An answering machine's beep.
    Beep,
}

/// What recordings do and people rarely do; weak evidence only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MachineSigns {
    /// Talked on for a long time after interrupting us.
    pub talked_over_us: bool,
    /// Gave no answer to a question of ours.
    pub no_answer: bool,
    /// A beep as of an answering machine.
    pub beep: bool,
}

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferResult {
    /// The on-call person's phone rings: the patience of the hold begins anew.
    Ringing,
    /// The on-call person pressed 1 and hears the caller. From here on the call says nothing.
    Connected,
    /// Nobody took it, for whatever reason; also the answer when no transfer can be made at all.
    Failed,
    /// The two have talked and the on-call person hung up.
    Over,
}

/// What a call wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Say this; report started and finished.
    Say(Saying),
    /// Stop at the next frame and report how much was heard.
    StopSpeaking,
    /// From now on wait this long for the caller to go on.
    Listen(Endpointing),
    /// Whether what was heard so far can be the end of a turn.
    Hint(Hint),
    /// Decide on `Call::turns_for_triage(early)`.
    Triage {
        /// True while the caller still talks.
        early: bool,
    },
    /// Store this page now; a later one is an update.
    Page(PageDraft),
    /// Put the caller through to whoever is on call; the draft is what the briefing says. Ring at most
    /// `CallSetup::transfer_ring_s`, and report with `Input::Transfer`. At most once in a call.
    Transfer(PageDraft),
    /// The transfer is no longer wanted: stop ringing. No report is needed.
    CancelTransfer,
    /// The notice was heard: recording may begin.
    StartRecording,
    /// End the call on the line. `Ended` follows at once.
    HangUp,
    /// The last output.
    Ended(Outcome),
}

/// Something to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    /// 1, 2, 3 … in one call.
    pub id: u32,
    /// The (first) sentence.
    pub prompt: PromptId,
    /// What to play, in order.
    pub units: Vec<Unit>,
    /// What may stop it.
    pub barge_in: BargeIn,
    /// As it stands in the transcript.
    pub text: String,
}

/// The text of a unit that is not speech: about seven seconds of quiet music for a caller on hold.
pub const HOLD_MUSIC: &str = "♪";

/// A stretch of speech that is rendered in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The words, or [`HOLD_MUSIC`].
    pub text: String,
    /// Which voice says it.
    pub language: Language,
    /// False: rendered at start and cached. True: a name, an address, the caller's words.
    pub live: bool,
    /// The sentence it belongs to; an owner's recording of that sentence replaces all its units.
    pub prompt: PromptId,
}

/// What may stop a saying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BargeIn {
    /// Any sustained speech (120 ms).
    Yes,
    /// Clear speech only (600 ms): safety instructions and farewells.
    ClearSpeechOnly,
    /// Nothing.
    No,
}

/// Whether the text so far looks finished, for the end of the turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// A whole answer: end sooner.
    Complete,
    /// Ends in "and", "um" or half a number: wait longer.
    Incomplete,
    /// Neither.
    Unknown,
}

/// What the on-call person must know. The caller of this crate adds ids and wall time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageDraft {
    /// 0 for the first page, 1 … for updates.
    pub revision: u32,
    /// Number to call back.
    pub caller_phone: Option<PhoneNumber>,
    /// Name, once known.
    pub caller_name: Option<String>,
    /// Address, once known.
    pub address: Option<String>,
    /// What it is about.
    pub issue: Issue,
    /// The trade.
    pub service: Service,
    /// One sentence in the caller's words.
    pub summary: String,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// `Completed`, `Abandoned` or `Spam`.
    pub status: CallStatus,
    /// True when the caller hung up, false when we did.
    pub by_caller: bool,
    /// Why it ended, for the log: "caller hung up", "goodbye said", "nobody spoke" …
    pub reason: &'static str,
    /// True when a lead card must be written (decisions K01, K30).
    pub lead_card: bool,
    /// The caller and the on-call person were connected.
    pub transferred: bool,
    /// A page that is not known to be stored: commit it with the call's end.
    pub page_unsent: Option<PageDraft>,
}
