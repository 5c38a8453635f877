//! The messages, one type each.

use serde::{Deserialize, Serialize};

use crate::{Judge, Judged, Prepare, Prepared, Sense, Sensed, Write, Written};

/// Version of this protocol. A worker that says another one comes from another release: it is not used.
pub const VERSION: u32 = 2;

/// Longest text that a voice renders in one request, in characters.
pub const TEXT_CHARS_MAX: usize = 400;

/// Everything that crosses the pipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    /// Worker, once, before anything else.
    Hello(Hello),
    /// Worker, once: requests are now served.
    Ready(Ready),
    /// Daemon, every few seconds.
    Ping(Ping),
    /// Worker, at once.
    Pong(Pong),
    /// Daemon to the recogniser; the body is 16 kHz mono samples.
    Transcribe(Transcribe),
    /// Daemon: nobody waits for this request any more.
    Cancel(Cancel),
    /// Recogniser's answer.
    Transcript(Transcript),
    /// Daemon to the voice.
    Speak(Speak),
    /// Voice's answer; the body is mono samples.
    Spoken(Spoken),
    /// Daemon to the sentence encoder; the body is the caller's words.
    Sense(Sense),
    /// Encoder's answer; the body is the embedding.
    Sensed(Sensed),
    /// Daemon to the judge: have this runbook read before a call needs it; the body is its lines.
    Prepare(Prepare),
    /// Judge's answer.
    Prepared(Prepared),
    /// Daemon to the judge; the body is the runbook's lines and then the call's.
    Judge(Judge),
    /// Judge's answer.
    Judged(Judged),
    /// Daemon to the judge after a call; the body is as for [`Message::Judge`].
    Write(Write),
    /// Judge's answer; the body is the JSON that it wrote.
    Written(Written),
    /// The other answer to a request, or why the worker cannot start.
    Failed(Failed),
}

impl Message {
    /// Number of the request, if this is one that waits in a worker's queue.
    pub fn request_id(&self) -> Option<u64> {
        match self {
            Self::Transcribe(request) => Some(request.id),
            Self::Speak(request) => Some(request.id),
            Self::Sense(request) => Some(request.id),
            Self::Prepare(request) => Some(request.id),
            Self::Judge(request) => Some(request.id),
            Self::Write(request) => Some(request.id),
            Self::Hello(_)
            | Self::Ready(_)
            | Self::Ping(_)
            | Self::Pong(_)
            | Self::Cancel(_)
            | Self::Transcript(_)
            | Self::Spoken(_)
            | Self::Sensed(_)
            | Self::Prepared(_)
            | Self::Judged(_)
            | Self::Written(_)
            | Self::Failed(_) => None,
        }
    }

    /// Number of the request that this answers, if it is an answer to one.
    pub fn answer_id(&self) -> Option<u64> {
        match self {
            Self::Transcript(answer) => Some(answer.id),
            Self::Spoken(answer) => Some(answer.id),
            Self::Sensed(answer) => Some(answer.id),
            Self::Prepared(answer) => Some(answer.id),
            Self::Judged(answer) => Some(answer.id),
            Self::Written(answer) => Some(answer.id),
            Self::Failed(answer) => answer.id,
            Self::Hello(_)
            | Self::Ready(_)
            | Self::Ping(_)
            | Self::Pong(_)
            | Self::Cancel(_)
            | Self::Transcribe(_)
            | Self::Speak(_)
            | Self::Sense(_)
            | Self::Prepare(_)
            | Self::Judge(_)
            | Self::Write(_) => None,
        }
    }
}

/// Which of the workers this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Speech to text.
    Recogniser,
    /// Text to speech.
    Voice,
    /// A sentence encoder with heads: words to probabilities.
    Sense,
    /// A generative model that is asked for letters, and after a call for a card.
    Judge,
}

/// The worker introduces itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`] that it was built with.
    pub version: u32,
    /// What it does.
    pub role: Role,
}

/// The worker serves requests from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// What it runs, for a log line: "tiny.en shape, 4+4 layers, q8_0".
    pub about: String,
    /// Milliseconds from the start of the process.
    pub took_ms: u32,
}

/// Are you there?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// Comes back in the [`Pong`].
    pub id: u64,
}

/// Yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pong {
    /// Of the [`Ping`].
    pub id: u64,
    /// Resident memory of the worker in KiB; 0 where the system does not tell.
    pub rss_kib: u64,
    /// How far the running job is past its deadline, in milliseconds. More than a few seconds means
    /// that native code hangs although this answer came.
    pub overdue_ms: u32,
}

/// How urgent a request is. Greater is more urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Nobody is on the line: voicemail, prompts rendered ahead.
    AfterCall,
    /// A caller is still talking; looked at early for emergency words.
    Partial,
    /// A caller has stopped talking and waits for an answer.
    LiveTurn,
}

/// What language to expect. An English-only model takes everything as English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpokenLanguage {
    /// English.
    #[default]
    English,
    /// Spanish.
    Spanish,
    /// Let the model find out; about doubles the time.
    Auto,
}

/// Write down what was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcribe {
    /// Comes back in the answer.
    pub id: u64,
    /// Urgency.
    pub priority: Priority,
    /// The call it belongs to: a newer [`Priority::Partial`] of a group replaces an older one.
    pub group: Option<u64>,
    /// Milliseconds from receipt until the answer is worthless.
    pub deadline_ms: u32,
    /// Expected language.
    pub language: SpokenLanguage,
    /// Encoder window in steps of 20 ms; `None` = what suits the model and the length of the audio.
    pub audio_ctx: Option<u32>,
    /// Bench only: decode exactly so many tokens, whatever they say.
    pub forced_tokens: Option<u32>,
}

/// Nobody waits for this request any more. It is still answered, with [`Why::Cancelled`] if in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancel {
    /// Of the request.
    pub id: u64,
}

/// What the model wrote, unjudged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// Of the request.
    pub id: u64,
    /// The words.
    pub text: String,
    /// ISO 639-1 code of the language that was decoded.
    pub language: String,
    /// Number of text tokens.
    pub tokens: u32,
    /// Mean probability of the text tokens, 0 to 1; 0 without tokens.
    pub token_probability: f32,
    /// Milliseconds in the queue.
    pub waited_ms: u32,
    /// Milliseconds in the model.
    pub took_ms: u32,
}

/// Render a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speak {
    /// Comes back in the answer.
    pub id: u64,
    /// Urgency: [`Priority::LiveTurn`] while a caller waits, [`Priority::AfterCall`] for prompts made ahead.
    pub priority: Priority,
    /// Milliseconds from receipt until the answer is worthless.
    pub deadline_ms: u32,
    /// At most [`TEXT_CHARS_MAX`] characters.
    pub text: String,
}

/// A rendered sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spoken {
    /// Of the request.
    pub id: u64,
    /// Samples per second of the body.
    pub sample_rate: u32,
    /// Milliseconds that the engine took.
    pub took_ms: u32,
}

/// No answer, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Of the request; `None` when the worker as a whole cannot work.
    pub id: Option<u64>,
    /// Sorted by what to do next.
    pub why: Why,
    /// For the owner: what is wrong and what to do.
    pub detail: String,
}

/// Reasons for [`Failed`], sorted by what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The daemon asked for it.
    Cancelled,
    /// The deadline passed first.
    TooLate,
    /// A newer partial of the same call took its place.
    Superseded,
    /// The queue was full and this was the least urgent.
    Busy,
    /// The request itself is wrong: odd body, too long, unknown language.
    BadRequest,
    /// Model file, voice or engine cannot be used: the owner must act.
    Unusable,
    /// The model or engine broke on this one.
    Broke,
}
