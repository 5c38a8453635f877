//! One call's sound. Pull-driven: packets and the time come in; frames, speech edges, keys and tones
//! come out. Nothing here opens a socket, reads a clock or a file.
//!
//! ```text
//! in:   RTP ── Inbound (source lock → jitter buffer → decode → conceal) ── 8→16 kHz ── Ear ── events
//! out:  utterances ── Playout (20 ms frames) ── Outbound (16→8 kHz → encode → RTP)
//! ```
//!
//! Inside, sound is mono `i16` at 16 kHz in frames of 20 ms; the codecs' own rate appears only at the
//! line's edge and in the recording. One `Inbound`, `Outbound`, `Playout` and `Ear` belong to one call.

mod codec;
mod level;
mod resample;

mod line;
mod playout;

mod ear;

pub use codec::Codec;
pub use ear::{Ear, EarConfig, EarEvent, EndpointSilence, Prosody, TextHint, ToneKind};
pub use level::{SILENCE_DBFS, rms, rms_dbfs};
pub use line::{FrameKind, InFrame, InStats, Inbound, InboundPlan, Outbound, WireMeter};
pub use playout::{OutFrame, Playout, PlayoutEvent, Stopped};
pub use resample::{Resampler8to16, Resampler16to8, resample};

/// Length of one frame, in milliseconds.
pub const FRAME_MS: u32 = 20;
/// Frames in one second.
pub const FRAMES_PER_SECOND: u32 = 50;
/// The rate at which everything inside the call works, in Hz.
pub const SAMPLE_RATE: u32 = 16_000;
/// Samples of one frame at [`SAMPLE_RATE`].
pub const FRAME_SAMPLES: usize = 320;
/// Length of one frame as time.
pub const FRAME: std::time::Duration = std::time::Duration::from_millis(FRAME_MS as u64);

#[cfg(test)]
mod testing;
