//! Packets arrive late, early, twice or never; a frame leaves every 20 ms.
//!
//! Works in ticks of the 8 kHz RTP clock; for our codecs a payload byte is a tick. The buffer keeps a
//! playing position. Against an arrival clock (the fastest packet of the last seconds) it holds the
//! position `target` behind, 40 to 100 ms as the jitter asks, and asks for a tick of sound to be dropped
//! or repeated when the sender's clock drifts away from ours.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// RTP ticks per millisecond.
const TICKS_PER_MS: i64 = 8;
/// Ticks of one frame.
pub(crate) const FRAME_TICKS: i64 = 160;
/// Bounds of the delay that the buffer adds.
const TARGET_MIN_MS: f64 = 40.0;
const TARGET_MAX_MS: f64 = 100.0;
/// Packets that may wait; more than a second of 10 ms packets.
const PACKETS_MAX: usize = 128;
/// A timestamp this far away is another stream, not jitter: two seconds.
const JUMP_TICKS: i64 = 16_000;
/// Packets in a row at the far place before we go there.
const JUMP_RUN: u32 = 3;
/// Arrivals that the jitter estimate looks back on: four seconds of 20 ms packets.
const ARRIVALS: usize = 200;
/// Frames without any sound after which the stream counts as paused.
const PAUSED_AFTER: u32 = 25;
/// Frames for which the delay must be off before a frame is dropped or repeated.
const PATIENCE: u32 = 10;
/// Frames of too little delay after which a repeat no longer waits for a quiet moment.
const URGENT_AFTER: u32 = 25;

/// What the next 20 ms consist of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing was ever sent, or the sender pauses.
    Nothing,
    /// Sound is missing for all the ticks asked for; fill them.
    Missing,
    /// These payloads in order; fewer or more ticks than asked for.
    Payloads(Vec<Piece>),
}

/// A stretch of payload that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Ticks that are missing before it.
    pub(crate) missing: usize,
    /// Ticks at its start that were played already (overlapping packets).
    pub(crate) skip: usize,
    pub(crate) payload: Vec<u8>,
}

/// How the delay should be corrected, when the sound allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Correction {
    None,
    /// Too far behind: merge two frames into one.
    Drop {
        urgent: bool,
    },
    /// Too close: play a substitute and stay.
    Repeat {
        urgent: bool,
    },
}

/// What became of an arriving packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    Kept,
    Duplicate,
    Late,
    /// Far away in time, or the buffer is full.
    Odd,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Idle,
    /// The first packet came; collecting until the target delay has passed.
    Filling {
        since: Duration,
    },
    Playing,
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct JitterBuffer {
    state: State,
    packets: BTreeMap<i64, Vec<u8>>,
    /// The next tick to play (extended timestamp).
    position: i64,
    /// The newest extended timestamp seen.
    newest: Option<i64>,
    jump: Option<(i64, u32)>,
    /// Ticks that passed without sound and without moving the position.
    stalled: i64,
    silent_frames: u32,
    /// Arrival time minus media time, in ms, of the last packets.
    transits: VecDeque<f64>,
    target_ms: f64,
    off_target: i32,
}

impl JitterBuffer {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Idle,
            packets: BTreeMap::new(),
            position: 0,
            newest: None,
            jump: None,
            stalled: 0,
            silent_frames: 0,
            transits: VecDeque::with_capacity(ARRIVALS),
            target_ms: TARGET_MIN_MS,
            off_target: 0,
        }
    }

    /// Takes a packet's payload.
    pub(crate) fn insert(&mut self, timestamp: u32, payload: &[u8], now: Duration) -> Arrival {
        let mut at = self.extend(timestamp);
        if self.newest.is_some_and(|newest| (at - newest).abs() > JUMP_TICKS) {
            if !self.jump_is_real(at) {
                return Arrival::Odd;
            }
            self.restart();
            at = i64::from(timestamp);
        }
        self.jump = None;
        if self.state == State::Playing && at + payload.len() as i64 <= self.position {
            return Arrival::Late;
        }
        if self.packets.contains_key(&at) {
            return Arrival::Duplicate;
        }
        self.newest = Some(self.newest.map_or(at, |newest| newest.max(at)));
        self.note_arrival(at, now);
        self.packets.insert(at, payload.to_vec());
        if self.packets.len() > PACKETS_MAX {
            self.packets.pop_first();
        }
        if self.state == State::Idle {
            self.state = State::Filling { since: now };
        }
        Arrival::Kept
    }

    /// What to play for the next `wanted` ticks. Moves the position on, unless nothing is there to play.
    pub(crate) fn next(&mut self, wanted: i64, now: Duration) -> Next {
        if let State::Filling { since } = self.state {
            // The frame that is asked for now ends 20 ms later: count it in.
            if ms(now.saturating_sub(since)) + 20.0 < self.target_ms {
                return Next::Nothing;
            }
            self.state = State::Playing;
            self.position = self.packets.first_key_value().map_or(0, |(&at, _)| at);
            self.stalled = 0;
            self.silent_frames = 0;
        }
        if self.state == State::Idle {
            return Next::Nothing;
        }
        self.absorb_stall();
        let pieces = self.due_pieces(wanted);
        if !pieces.is_empty() {
            self.silent_frames = 0;
            return Next::Payloads(pieces);
        }
        self.silent_frames += 1;
        if self.packets.is_empty() {
            // Perhaps only late: stay where we are. What arrives then is played with more delay.
            self.stalled += wanted;
            if self.silent_frames >= PAUSED_AFTER {
                self.pause();
            }
        } else {
            self.position += wanted;
        }
        Next::Missing
    }

    /// Whether the delay has been wrong for a while; asked once per frame. `queued` ticks were taken out
    /// already and wait to be played.
    pub(crate) fn correction(&mut self, queued: i64, now: Duration) -> Correction {
        let (State::Playing, Some(fastest)) = (self.state, self.fastest_transit()) else {
            return Correction::None;
        };
        let playing = self.position - queued;
        let delay_ms = ms(now) - fastest - to_ms(playing);
        let excess_ms = delay_ms - self.target_ms;
        let buffered_ms = self.newest.map_or(0.0, |newest| to_ms(newest + FRAME_TICKS - playing));
        let wish = if excess_ms > 30.0 && buffered_ms >= self.target_ms.min(60.0) {
            1
        } else if excess_ms < -22.0 {
            -1
        } else {
            0
        };
        self.off_target =
            if wish == 0 || self.off_target.signum() == -wish { wish } else { self.off_target + wish };
        if self.off_target.unsigned_abs() < PATIENCE {
            return Correction::None;
        }
        if wish > 0 {
            Correction::Drop { urgent: excess_ms > 80.0 }
        } else {
            Correction::Repeat { urgent: self.off_target.unsigned_abs() > URGENT_AFTER }
        }
    }

    /// Tells that a correction was carried out.
    pub(crate) fn corrected(&mut self) {
        self.off_target = 0;
    }

    /// The present target delay, in ms.
    #[cfg(test)]
    pub(crate) fn target_ms(&self) -> f64 {
        self.target_ms
    }

    /// Forgets everything: a new stream begins.
    pub(crate) fn restart(&mut self) {
        let target_ms = self.target_ms;
        *self = Self { target_ms, ..Self::new() };
    }

    /// The sender pauses: the next packet starts a new talk spurt.
    fn pause(&mut self) {
        self.state = State::Idle;
        self.stalled = 0;
        self.silent_frames = 0;
        self.off_target = 0;
        // After a pause the timestamp may be anywhere.
        self.newest = None;
        self.transits.clear();
    }

    /// The 32-bit timestamp as one that does not wrap.
    fn extend(&self, timestamp: u32) -> i64 {
        match self.newest {
            None => i64::from(timestamp),
            Some(newest) => newest + i64::from(timestamp.wrapping_sub(newest as u32) as i32),
        }
    }

    /// A far-away timestamp is believed when a few packets agree on it.
    fn jump_is_real(&mut self, at: i64) -> bool {
        let run = match self.jump {
            Some((last, run)) if (at - last).abs() < JUMP_TICKS / 2 => run + 1,
            Some(_) | None => 1,
        };
        self.jump = Some((at, run));
        run >= JUMP_RUN
    }

    /// After a wait the next packet may begin later than we stopped; time that already passed in silence
    /// is not played again as a gap.
    fn absorb_stall(&mut self) {
        let Some((&at, _)) = self.packets.first_key_value() else { return };
        let gap = (at - self.position).max(0).min(self.stalled);
        self.position += gap;
        if at <= self.position {
            self.stalled = 0;
        } else {
            self.stalled -= gap;
        }
    }

    /// The payloads that touch the next `wanted` ticks; moves the position behind them.
    fn due_pieces(&mut self, wanted: i64) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let end = self.position + wanted;
        while self.position < end {
            let Some((&at, _)) = self.packets.first_key_value() else { break };
            if at >= end {
                break;
            }
            let Some((at, payload)) = self.packets.pop_first() else { break };
            let skip = (self.position - at).max(0) as usize;
            if skip >= payload.len() {
                continue;
            }
            let missing = (at - self.position).max(0) as usize;
            self.position = at + payload.len() as i64;
            pieces.push(Piece { missing, skip, payload });
        }
        pieces
    }

    fn note_arrival(&mut self, at: i64, now: Duration) {
        if self.transits.len() == ARRIVALS {
            self.transits.pop_front();
        }
        self.transits.push_back(ms(now) - to_ms(at));
        // The estimate moves slowly; every fifth packet is often enough.
        if self.transits.len().is_multiple_of(5) || self.transits.len() == ARRIVALS {
            self.adapt();
        }
    }

    /// Target = how far all but the latest percent spread, and what the corrections tolerate.
    fn adapt(&mut self) {
        let mut sorted: Vec<f64> = self.transits.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let spread = sorted[sorted.len() * 99 / 100] - sorted[0];
        let wanted = (spread + 30.0).clamp(TARGET_MIN_MS, TARGET_MAX_MS);
        self.target_ms = if wanted > self.target_ms { wanted } else { self.target_ms * 0.98 + wanted * 0.02 };
    }

    fn fastest_transit(&self) -> Option<f64> {
        self.transits.iter().copied().min_by(f64::total_cmp)
    }
}

fn to_ms(ticks: i64) -> f64 {
    ticks as f64 / TICKS_PER_MS as f64
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
