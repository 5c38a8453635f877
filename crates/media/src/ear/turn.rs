//! Where turns begin, pause, are cut and end.
//!
//! ```text
//! nothing ── three voiced frames ──▶ segment open ── 200 ms of silence ──▶ paused ── endpoint ──▶ turn ended
//!                                     ▲  │ partials each second             │
//!                                     │  └─ 8.5 s: cut, next segment        ├─ 250 ms after 6 s: cut
//!                                     └────────── three voiced frames ──────┘
//! ```
//!
//! Whatever was announced (speech, a pause, a partial, a cut) is followed by a turn's end, always.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::activity::Activity;
use super::prosody::{ProsodyJudge, ProsodyMeter};
use super::{EarConfig, EarEvent, TextHint};
use crate::{FRAME, FRAME_MS, FRAME_SAMPLES};

/// Frames kept from before speech: 500 ms, enough for the lead-in and the time to be sure.
const PAST_FRAMES: usize = 25;
/// Speech is certain when this many of the last [`CERTAIN_OF`] frames are voiced.
const CERTAIN: u32 = 3;
const CERTAIN_OF: u32 = 8;
/// An unvoiced sound belongs to the voice before it for this many frames ("ads": 280 ms of s).
const TRAILING: u32 = 14;
/// … and to the voice after it for this long.
const LEADING: Duration = Duration::from_millis(100);
/// Speech that begins under our own voice is noticed this much late, in the middle (measured).
const HIDDEN_ONSET: Duration = Duration::from_millis(40);
/// Less voice than this is a cough or a click, not a turn.
const LEAST_SPEECH_MS: u32 = 80;
/// Sustained speech is announced at these ages; for each the voiced frames that it must hold.
const SUSTAINED: [(u32, u32); 2] = [(120, 3), (600, 15)];
/// Silence that ends a run of sustained speech, in frames.
const RUN_BREAK: u32 = 10;
/// At a hard cut, the quietest frame of this last stretch is where the piece ends.
const CUT_SEARCH_FRAMES: usize = 30;

/// See the module's text.
pub(crate) struct Turns {
    past: VecDeque<Past>,
    run: Run,
    /// Voiced bits of the last frames, newest lowest.
    voiced_bits: u32,
    since_voiced: u32,
    turn: Option<Turn>,
    /// The lead-in of the next segment must not reach back into speech that was handed out.
    not_before: Duration,
    next_segment: u32,
    judge: ProsodyJudge,
}

struct Past {
    samples: [i16; FRAME_SAMPLES],
    active: bool,
    at: Duration,
}

/// Speech that goes on without a real pause.
#[derive(Debug, Default)]
struct Run {
    start: Option<Duration>,
    voiced: u32,
    quiet: u32,
    announced: usize,
}

struct Turn {
    segment: Option<Segment>,
    /// The segment whose audio was handed out last.
    last_segment: u32,
    end_of_speech: Duration,
    announced: bool,
    heard: bool,
    hint: TextHint,
    prosody: ProsodyMeter,
}

struct Segment {
    id: u32,
    samples: Vec<i16>,
    /// One per frame: does it hold speech, and how loud is it.
    frames: Vec<(bool, f32)>,
    speech_at_partial: u32,
    paused: Option<Arc<[i16]>>,
}

impl Segment {
    fn speech_ms(&self) -> u32 {
        self.frames.iter().filter(|f| f.0).count() as u32 * FRAME_MS
    }

    fn length_ms(&self) -> u32 {
        self.frames.len() as u32 * FRAME_MS
    }

    fn push(&mut self, samples: &[i16; FRAME_SAMPLES], speech: bool, level: f32) {
        self.samples.extend_from_slice(samples);
        self.frames.push((speech, level));
    }
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self {
            past: VecDeque::with_capacity(PAST_FRAMES),
            run: Run::default(),
            voiced_bits: 0,
            since_voiced: u32::MAX,
            turn: None,
            not_before: Duration::ZERO,
            next_segment: 0,
            judge: ProsodyJudge::default(),
        }
    }

    /// What the text so far says about the turn's end; forgotten when speech goes on.
    pub(crate) fn hint(&mut self, hint: TextHint) {
        if let Some(turn) = self.turn.as_mut() {
            turn.hint = hint;
        }
    }

    /// Takes the next frame and what was judged of it.
    pub(crate) fn frame(
        &mut self,
        samples: &[i16; FRAME_SAMPLES],
        activity: &Activity,
        now: Duration,
        config: &EarConfig,
        endpoint_ms: impl Fn(TextHint) -> u32,
    ) -> Vec<EarEvent> {
        let mut events = Vec::new();
        if let Some((_, backdate)) = activity.tone.started {
            self.forget_tone(backdate, &mut events);
        }
        let samples = if activity.tone.inside { &[0; FRAME_SAMPLES] } else { samples };
        let speech = self.follow(activity, now);
        let certain = (self.voiced_bits & ((1 << CERTAIN_OF) - 1)).count_ones() >= CERTAIN;
        self.remember(samples, activity.active, now);
        self.advance_segment(samples, activity, speech, now, config);
        if certain {
            self.open_or_resume(now, config, &mut events);
        }
        if let Some(turn) = self.turn.as_mut() {
            turn.prosody.note(activity, speech);
        }
        self.announce_sustained(activity, now, &mut events);
        self.partial(activity, config, &mut events);
        self.pause_or_end(now, config, endpoint_ms, &mut events);
        events
    }

    /// Updates the run of speech; whether this frame holds speech.
    fn follow(&mut self, activity: &Activity, now: Duration) -> bool {
        self.voiced_bits = self.voiced_bits << 1 | u32::from(activity.voiced);
        self.since_voiced = if activity.voiced { 0 } else { self.since_voiced.saturating_add(1) };
        let speech = activity.active && self.since_voiced <= TRAILING;
        if speech {
            self.run.quiet = 0;
        } else {
            self.run.quiet = self.run.quiet.saturating_add(1);
            if self.run.quiet >= RUN_BREAK {
                self.run = Run { quiet: RUN_BREAK, ..Run::default() };
            }
        }
        if activity.voiced {
            self.run.voiced += 1;
            if self.run.start.is_none() {
                let unheard = if activity.under_echo { HIDDEN_ONSET } else { Duration::ZERO };
                self.run.start = Some(self.sound_began(now).saturating_sub(unheard));
            }
        }
        speech
    }

    /// When the stretch of sound that now turned out to be a voice began.
    fn sound_began(&self, now: Duration) -> Duration {
        let frame_start = now.saturating_sub(FRAME);
        let earliest = frame_start.saturating_sub(LEADING);
        let mut began = frame_start;
        for past in self.past.iter().rev().take_while(|p| p.active) {
            began = past.at.saturating_sub(FRAME);
            if began <= earliest {
                break;
            }
        }
        began.max(earliest)
    }

    fn remember(&mut self, samples: &[i16; FRAME_SAMPLES], active: bool, now: Duration) {
        if self.past.len() == PAST_FRAMES {
            self.past.pop_front();
        }
        self.past.push_back(Past { samples: *samples, active, at: now });
    }

    fn advance_segment(
        &mut self,
        samples: &[i16; FRAME_SAMPLES],
        activity: &Activity,
        speech: bool,
        now: Duration,
        config: &EarConfig,
    ) {
        let Some(turn) = self.turn.as_mut() else { return };
        let Some(segment) = turn.segment.as_mut() else { return };
        segment.push(samples, speech, activity.level);
        // In a pause a lone sound does not count; speech must become certain again.
        if speech && segment.paused.is_none() {
            turn.end_of_speech = now;
        }
        // A piece that waits for its end needs no more silence than the recogniser likes.
        let most = config.cut_hard_ms.saturating_add(4_000);
        if segment.length_ms() > most {
            segment.samples.drain(..FRAME_SAMPLES);
            segment.frames.remove(0);
        }
    }

    /// Speech is certain: opens a turn or a segment, or goes on with the paused one.
    fn open_or_resume(&mut self, now: Duration, config: &EarConfig, events: &mut Vec<EarEvent>) {
        if self.turn.as_ref().is_none_or(|t| t.segment.is_none()) {
            let segment = self.new_segment(config);
            let turn = self.turn.get_or_insert_with(|| Turn::new(now));
            turn.end_of_speech = now;
            turn.last_segment = segment.id;
            turn.hint = TextHint::Unknown;
            turn.segment = Some(segment);
            return;
        }
        let Some(turn) = self.turn.as_mut() else { return };
        let Some(segment) = turn.segment.as_mut() else { return };
        if segment.paused.take().is_some() {
            segment.speech_at_partial = segment.speech_ms();
            turn.end_of_speech = now;
            turn.hint = TextHint::Unknown;
            events.push(EarEvent::Resumed { segment: segment.id });
        }
    }

    /// A segment that begins a little before the sound did.
    fn new_segment(&mut self, config: &EarConfig) -> Segment {
        let id = self.next_segment;
        self.next_segment = self.next_segment.wrapping_add(1);
        let began = self.run.start.unwrap_or_default();
        let lead_in = Duration::from_millis(config.lead_in_ms.into());
        let from = began.saturating_sub(lead_in).max(self.not_before);
        let mut segment =
            Segment { id, samples: Vec::new(), frames: Vec::new(), speech_at_partial: 0, paused: None };
        for past in self.past.iter().filter(|p| p.at > from) {
            segment.push(&past.samples, past.active && past.at > began, crate::rms_dbfs(&past.samples));
        }
        segment
    }

    fn announce_sustained(&mut self, activity: &Activity, now: Duration, events: &mut Vec<EarEvent>) {
        let (Some(start), Some(turn)) = (self.run.start, self.turn.as_mut()) else { return };
        let Some(&(due_ms, voiced)) = SUSTAINED.get(self.run.announced) else { return };
        let sustained_ms = now.saturating_sub(start).as_millis() as u32;
        let goes_on = self.run.quiet <= 1 && !activity.tone.suspicious && !activity.tone.inside;
        if sustained_ms >= due_ms && self.run.voiced >= voiced && goes_on {
            self.run.announced += 1;
            turn.announced = true;
            events.push(EarEvent::Speech { sustained_ms });
        }
    }

    fn partial(&mut self, activity: &Activity, config: &EarConfig, events: &mut Vec<EarEvent>) {
        let Some(turn) = self.turn.as_mut() else { return };
        let Some(segment) = turn.segment.as_mut().filter(|s| s.paused.is_none()) else { return };
        let speech_ms = segment.speech_ms();
        if speech_ms.saturating_sub(segment.speech_at_partial) < config.partial_every_ms
            || activity.tone.suspicious
        {
            return;
        }
        segment.speech_at_partial = speech_ms;
        turn.announced = true;
        events.push(EarEvent::Partial {
            segment: segment.id,
            audio: segment.samples.as_slice().into(),
            voiced_ms: speech_ms,
        });
    }

    /// What silence, or length, brings.
    fn pause_or_end(
        &mut self,
        now: Duration,
        config: &EarConfig,
        endpoint_ms: impl Fn(TextHint) -> u32,
        events: &mut Vec<EarEvent>,
    ) {
        let Some(turn) = self.turn.as_mut() else { return };
        let silence_ms = now.saturating_sub(turn.end_of_speech).as_millis() as u32;
        if silence_ms >= config.pause_ms {
            turn.pause(events);
        }
        let length_ms = turn.segment.as_ref().map_or(0, Segment::length_ms);
        if silence_ms >= config.cut_pause_ms && length_ms >= config.cut_after_ms + silence_ms {
            self.not_before = turn.end_of_speech;
            turn.cut_at_pause(events);
        } else if length_ms >= config.cut_hard_ms && turn.segment.as_ref().is_some_and(|s| s.paused.is_none())
        {
            let next = self.next_segment;
            self.next_segment = self.next_segment.wrapping_add(1);
            turn.cut_hard(next, now, events);
        }
        let maybe_speaking = self.voiced_bits & 0b11 != 0;
        let nothing_left = turn.segment.is_none() && !turn.heard;
        if nothing_left || (silence_ms >= endpoint_ms(turn.hint) && !maybe_speaking) {
            self.end_turn(events);
        }
    }

    fn end_turn(&mut self, events: &mut Vec<EarEvent>) {
        let Some(turn) = self.turn.take() else { return };
        self.not_before = turn.end_of_speech;
        if !turn.announced {
            return;
        }
        events.push(EarEvent::TurnEnded {
            segment: turn.last_segment,
            end_of_speech: turn.end_of_speech,
            prosody: self.judge.judge(turn.prosody),
            heard_anything: turn.heard,
        });
    }

    /// A tone was recognised late: its first frames are taken out again.
    fn forget_tone(&mut self, backdate: usize, events: &mut Vec<EarEvent>) {
        self.run = Run { quiet: RUN_BREAK, ..Run::default() };
        self.voiced_bits = 0;
        self.since_voiced = u32::MAX;
        for past in self.past.iter_mut().rev().take(backdate) {
            past.samples = [0; FRAME_SAMPLES];
            past.active = false;
        }
        let Some(turn) = self.turn.as_mut() else { return };
        let Some(segment) = turn.segment.as_mut() else { return };
        let touched = segment.frames.len().min(backdate);
        let first = segment.frames.len() - touched;
        let silenced = segment.frames[first..].iter().any(|f| f.0);
        segment.frames[first..].fill((false, crate::SILENCE_DBFS));
        let first_sample = first * FRAME_SAMPLES;
        segment.samples[first_sample..].fill(0);
        if silenced && segment.speech_ms() < LEAST_SPEECH_MS {
            turn.segment = None;
            if !turn.heard {
                self.end_turn(events);
            }
        }
    }
}

impl Turn {
    fn new(now: Duration) -> Self {
        Self {
            segment: None,
            last_segment: 0,
            end_of_speech: now,
            announced: false,
            heard: false,
            hint: TextHint::Unknown,
            prosody: ProsodyMeter::default(),
        }
    }

    /// The caller pauses: hands the segment out for a first transcription, or drops what was no speech.
    fn pause(&mut self, events: &mut Vec<EarEvent>) {
        let Some(segment) = self.segment.as_mut().filter(|s| s.paused.is_none()) else { return };
        let voiced_ms = segment.speech_ms();
        if voiced_ms < LEAST_SPEECH_MS {
            self.segment = None;
            return;
        }
        let audio: Arc<[i16]> = segment.samples.as_slice().into();
        segment.paused = Some(Arc::clone(&audio));
        self.announced = true;
        self.heard = true;
        self.last_segment = segment.id;
        events.push(EarEvent::Pause {
            segment: segment.id,
            audio,
            voiced_ms,
            end_of_speech: self.end_of_speech,
        });
    }

    /// A long turn pauses: this piece is final. Its audio is the pause's.
    fn cut_at_pause(&mut self, events: &mut Vec<EarEvent>) {
        let Some(segment) = self.segment.take() else { return };
        let voiced_ms = segment.speech_ms();
        let audio = segment.paused.unwrap_or_else(|| segment.samples.into());
        self.heard = true;
        events.push(EarEvent::Cut {
            segment: segment.id,
            audio,
            voiced_ms,
            end_of_speech: self.end_of_speech,
        });
    }

    /// A very long turn without a pause: ends the piece at its quietest recent frame; what is behind it
    /// begins the next piece.
    fn cut_hard(&mut self, next_id: u32, now: Duration, events: &mut Vec<EarEvent>) {
        let Some(mut segment) = self.segment.take() else { return };
        let count = segment.frames.len();
        let search = count.saturating_sub(CUT_SEARCH_FRAMES)..count;
        let at = search
            .min_by(|&a, &b| segment.frames[a].1.total_cmp(&segment.frames[b].1))
            .map_or(count, |quietest| quietest + 1);
        let samples = segment.samples.split_off(at * FRAME_SAMPLES);
        let frames = segment.frames.split_off(at);
        let behind = FRAME * frames.len() as u32;
        self.announced = true;
        self.heard = true;
        self.last_segment = segment.id;
        events.push(EarEvent::Cut {
            segment: segment.id,
            voiced_ms: segment.speech_ms(),
            audio: segment.samples.into(),
            end_of_speech: now.saturating_sub(behind).min(self.end_of_speech),
        });
        let next = Segment { id: next_id, samples, frames, speech_at_partial: 0, paused: None };
        self.segment = Some(next);
    }
}
