//! What the daemon and its workers say to each other over a worker's stdin and stdout.
//!
//! ```text
//! daemon                      worker
//!   │        ◄── Hello          │  first thing: protocol version and role
//!   │        ◄── Ready          │  model loaded, voice found   (or Failed, then it exits)
//!   │  Transcribe + samples ──► │
//!   │  Ping ──►      ◄── Pong   │  answered even while it computes
//!   │  Cancel ──►               │
//!   │        ◄── Transcript     │  or Failed: every request gets exactly one answer
//!   │  Sense, Judge, Write ──►  │  to the language models; texts travel in the body
//! ```
//!
//! Owns the framing, the messages with their bounds, and the order in which a worker takes jobs.
//! Opens nothing and reads no clock. Whoever breaks the framing is not resynchronised: the daemon
//! kills that worker, a worker ends itself.

mod frame;
mod message;
mod queue;
mod thinking;

pub use frame::{
    BODY_BYTES_MAX, Decoder, Frame, FrameError, HEADER_BYTES_MAX, bytes_from_floats, bytes_from_samples,
    floats_from_bytes, samples_from_bytes,
};
pub use message::{
    Cancel, Failed, Hello, Message, Ping, Pong, Priority, Ready, Role, Speak, Spoken, SpokenLanguage,
    TEXT_CHARS_MAX, Transcribe, Transcript, VERSION, Why,
};
pub use queue::{Job, JobQueue, TurnedAway};
pub use thinking::{
    Head, Judge, Judged, Prepare, Prepared, Sense, Sensed, THOUGHT_BYTES_MAX, Write, Written,
};
