//! The worker processes: started, fed, watched, and started again.
//!
//! ```text
//! app ─► Hearing ─► supervise ─► nightdesk-stt ─► judge ─► Transcript
//! app ─► Voices ─► Voice ─► voice_bank (rendered before?) ─► supervise ─► nightdesk-tts ─► samples
//! ```
//!
//! Every request has a deadline and gets an answer, also when the worker dies in the middle; dropping
//! the future cancels the work. Nothing here decides what a failure means for the call.

mod stt;
mod tts;
mod voices;

pub mod models;

mod judge;
mod supervise;
mod voice_bank;

pub use stt::{Hearing, HearingConfig, HearingError, HearingState, Transcript};
pub use supervise::Timing;
pub use tts::{Voice, VoiceConfig, VoiceEngine, VoiceError, VoiceState};
pub use voices::Voices;
pub use worker_wire::{Priority, SpokenLanguage};
