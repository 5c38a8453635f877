//! What the caller's side says about the conversation: who speaks, since when, and whether it is over.
//!
//! ```text
//! caller, sent (16 kHz) ── Listener: level, echo, tones, pitch ── Activity ── Turns ── events
//! ```
//!
//! The pieces: `activity` judges one frame (with `noise_floor`, `echo`, `tones`, `pitch`); `turn` makes
//! turns of the judgements; `prosody` judges how a turn was said. Nothing here knows words: what the text
//! suggests comes back in as a [`TextHint`].

mod activity;
mod echo;
mod noise_floor;
mod pitch;
mod prosody;
mod spectrum;
mod tones;
mod tracks;
mod turn;

use std::sync::Arc;
use std::time::Duration;

use domain::Endpointing;

use crate::FRAME_SAMPLES;
pub use prosody::Prosody;
pub use tones::ToneKind;

/// What the text of the last pause says about whether the caller is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TextHint {
    /// A whole sentence, a plain yes or no, a full number: end sooner.
    Complete,
    /// Ends in "and", "um", half a number: wait longer.
    Incomplete,
    /// No text yet, or nothing to tell.
    #[default]
    Unknown,
}

/// Silence that ends a turn, by what was asked, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointSilence {
    /// After a yes-or-no question.
    pub yes_no_ms: u32,
    /// After "may I have your name?".
    pub name_ms: u32,
    /// After an open question.
    pub open_ms: u32,
    /// After "what is the address?".
    pub address_ms: u32,
    /// While digits are expected.
    pub digits_ms: u32,
    /// The most that is waited when the text looks complete.
    pub complete_ms: u32,
    /// When the text looks unfinished, the wait grows to this percentage.
    pub incomplete_percent: u32,
}

impl Default for EndpointSilence {
    fn default() -> Self {
        Self {
            yes_no_ms: 350,
            name_ms: 500,
            open_ms: 600,
            address_ms: 800,
            digits_ms: 1000,
            complete_ms: 350,
            incomplete_percent: 160,
        }
    }
}

impl EndpointSilence {
    /// The silence that ends a turn now, in milliseconds.
    pub fn for_turn(&self, asked: Endpointing, hint: TextHint) -> u32 {
        let base = match asked {
            Endpointing::YesNo => self.yes_no_ms,
            Endpointing::Name => self.name_ms,
            Endpointing::Open => self.open_ms,
            Endpointing::Address => self.address_ms,
            Endpointing::Digits => self.digits_ms,
        };
        match hint {
            TextHint::Complete => base.min(self.complete_ms),
            TextHint::Incomplete => base.saturating_mul(self.incomplete_percent) / 100,
            TextHint::Unknown => base,
        }
    }
}

/// Times of the ear. The defaults are what was measured with; tests of other parts may shorten them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarConfig {
    /// What ends a turn.
    pub silence: EndpointSilence,
    /// Silence after which a segment is handed out for a first transcription, in ms.
    pub pause_ms: u32,
    /// Speech after which a partial is handed out, in ms.
    pub partial_every_ms: u32,
    /// Sound before the speech that a segment begins with, in ms (at most 300).
    pub lead_in_ms: u32,
    /// A segment of this length is cut at the next pause, in ms.
    pub cut_after_ms: u32,
    /// The pause at which it is cut, in ms.
    pub cut_pause_ms: u32,
    /// A segment of this length is cut anywhere, in ms.
    pub cut_hard_ms: u32,
}

impl Default for EarConfig {
    fn default() -> Self {
        Self {
            silence: EndpointSilence::default(),
            pause_ms: 200,
            partial_every_ms: 1000,
            lead_in_ms: 300,
            cut_after_ms: 6000,
            cut_pause_ms: 250,
            cut_hard_ms: 8500,
        }
    }
}

/// What was heard. Audio is mono at 16 kHz with about 300 ms of lead-in.
#[derive(Debug, Clone, PartialEq)]
pub enum EarEvent {
    /// The caller speaks, above any echo of ours and without a real pause, since this long: told at
    /// 120 ms (barge-in) and again at 600 ms (clear speech).
    Speech {
        /// Age of the speech, counted from its first sound.
        sustained_ms: u32,
    },
    /// 200 ms of silence after speech: transcribe what is open, on speculation.
    Pause {
        /// Number of the segment; counts up through the call.
        segment: u32,
        /// From the lead-in to now.
        audio: Arc<[i16]>,
        /// Speech in it, in ms.
        voiced_ms: u32,
        /// When the speech ended.
        end_of_speech: Duration,
    },
    /// Speech went on after a pause: that transcription is not final.
    Resumed {
        /// The segment that goes on.
        segment: u32,
    },
    /// A second more of speech without a pause: for early emergency words.
    Partial {
        /// The open segment.
        segment: u32,
        /// From the lead-in to now.
        audio: Arc<[i16]>,
        /// Speech in it, in ms.
        voiced_ms: u32,
    },
    /// A piece of a long turn is final; the next segment begins. If the segment was paused, this is the
    /// same audio (the same `Arc`) as the pause's: its transcription can be kept.
    Cut {
        /// The segment that is final.
        segment: u32,
        /// All of it.
        audio: Arc<[i16]>,
        /// Speech in it, in ms.
        voiced_ms: u32,
        /// When the speech in it ended.
        end_of_speech: Duration,
    },
    /// The caller is done. The audio came with the last pause, or cut, of that segment.
    TurnEnded {
        /// The last segment whose audio was handed out.
        segment: u32,
        /// When the speech ended.
        end_of_speech: Duration,
        /// How the turn was said.
        prosody: Prosody,
        /// False when what was announced turned out to be no speech.
        heard_anything: bool,
    },
    /// A machine's sound began; it is kept out of segments.
    ToneStarted(ToneKind),
    /// It ended.
    ToneEnded,
}

/// The analysis of one caller's side, 20 ms at a time.
pub struct Ear {
    config: EarConfig,
    asked: Endpointing,
    listener: activity::Listener,
    turns: turn::Turns,
}

impl Ear {
    /// Listens for an open answer at first.
    pub fn new(config: EarConfig) -> Self {
        Self {
            config,
            asked: Endpointing::Open,
            listener: activity::Listener::new(),
            turns: turn::Turns::new(),
        }
    }

    /// What kind of answer is expected from now on.
    pub fn listen(&mut self, asked: Endpointing) {
        self.asked = asked;
    }

    /// What the text of the last pause says; forgotten when speech goes on.
    pub fn hint(&mut self, hint: TextHint) {
        self.turns.hint(hint);
    }

    /// Takes 20 ms of the caller and what was sent in the same 20 ms, both 320 samples at 16 kHz; a
    /// shorter frame is filled with silence, a longer one cut off.
    pub fn frame(&mut self, caller_16k: &[i16], sent_16k: &[i16], now: Duration) -> Vec<EarEvent> {
        let (caller, sent) = (whole_frame(caller_16k), whole_frame(sent_16k));
        let activity = self.listener.judge(&caller, &sent);
        let (silence, asked) = (self.config.silence, self.asked);
        let endpoint_ms = |hint| silence.for_turn(asked, hint);
        let mut events = Vec::new();
        if activity.tone.ended {
            events.push(EarEvent::ToneEnded);
        }
        if let Some((kind, _)) = activity.tone.started {
            events.push(EarEvent::ToneStarted(kind));
        }
        events.extend(self.turns.frame(&caller, &activity, now, &self.config, endpoint_ms));
        events
    }
}

fn whole_frame(samples: &[i16]) -> [i16; FRAME_SAMPLES] {
    let mut frame = [0; FRAME_SAMPLES];
    let count = samples.len().min(FRAME_SAMPLES);
    frame[..count].copy_from_slice(&samples[..count]);
    frame
}

#[cfg(test)]
mod tests;
