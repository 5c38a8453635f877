//! The messages, one type each.

use serde::{Deserialize, Serialize};

/// Version of this protocol. A worker that says another one comes from another release: it is not used.
pub const VERSION: u32 = 1;

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
    /// The other answer to a request, or why the worker cannot start.
    Failed(Failed),
}

/// Which of the workers this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Speech to text.
    Recogniser,
    /// Text to speech.
    Voice,
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
