//! Our own voice coming back: on a telephone line nobody cancels it for us.
//!
//! Two defences. The bound: what we sent in the last 400 ms, times the line's echo gain, times a margin;
//! softer sounds do not count as the caller while we speak. The gain is learned whenever we speak and
//! nobody answers. The likeness: a sound above the bound that is a delayed copy of what we sent, at the
//! same delay again and again, is echo however loud it is, and teaches the gain.

use std::collections::VecDeque;

use crate::level::{dbfs, rms};
use crate::resample::dot;

/// Frames of sent levels that may still come back: 400 ms.
const HISTORY_FRAMES: usize = 20;
/// What we assume of a line before it is known, in dB.
const FIRST_GAIN_DB: f32 = -16.0;
/// The loudest echo that is believed.
const HIGHEST_GAIN_DB: f32 = 0.0;
const LOWEST_GAIN_DB: f32 = -45.0;
const MARGIN_DB: f32 = 6.0;
/// Below this we are not speaking, in dBFS.
const SENT_SILENT_DBFS: f32 = -55.0;
/// Ratios that the gain is learned from: 1.5 s of our speech.
const RATIOS: usize = 75;

/// Likeness is measured at 4 kHz on 100 ms, for delays up to 500 ms.
const DECIMATE: usize = 4;
const LIKENESS_WINDOW: usize = 400;
const DELAY_MAX: usize = 2_000;
const LIKE: f32 = 0.7;
/// The delay may differ by this much (0.75 ms) to count as the same.
const SAME_DELAY: usize = 3;
/// Times in a row at the same delay.
const SAME_TIMES: u32 = 3;

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Echo {
    sent_dbfs: VecDeque<f32>,
    sent: Vec<f32>,
    caller: Vec<f32>,
    ratios: VecDeque<f32>,
    gain_db: f32,
    delay: Option<(usize, u32)>,
}

impl Echo {
    pub(crate) fn new() -> Self {
        Self {
            sent_dbfs: VecDeque::with_capacity(HISTORY_FRAMES + 1),
            sent: vec![0.0; DELAY_MAX + LIKENESS_WINDOW],
            caller: vec![0.0; LIKENESS_WINDOW],
            ratios: VecDeque::with_capacity(RATIOS),
            gain_db: FIRST_GAIN_DB,
            delay: None,
        }
    }

    /// Takes the next frame of both sides (16 kHz).
    pub(crate) fn note(&mut self, caller: &[i16], sent: &[i16]) {
        self.sent_dbfs.push_back(dbfs(rms(sent)));
        if self.sent_dbfs.len() > HISTORY_FRAMES {
            self.sent_dbfs.pop_front();
        }
        shift_in(&mut self.sent, sent);
        shift_in(&mut self.caller, caller);
    }

    /// Whether something that we sent may still come back.
    pub(crate) fn possible(&self) -> bool {
        self.loudest_sent() > SENT_SILENT_DBFS
    }

    /// Level below which a sound may be our echo, in dBFS; `None` while nothing can come back.
    pub(crate) fn bound_dbfs(&self) -> Option<f32> {
        self.possible().then(|| self.loudest_sent() + self.gain_db + MARGIN_DB)
    }

    /// Whether the caller's last 100 ms are a copy of what we sent. To be asked for each frame that would
    /// count as the caller speaking.
    pub(crate) fn is_copy(&mut self) -> bool {
        if !self.possible() {
            self.delay = None;
            return false;
        }
        let Some((delay, likeness)) = self.best_delay() else { return false };
        if likeness < LIKE {
            self.delay = None;
            return false;
        }
        let times = match self.delay {
            Some((last, times)) if last.abs_diff(delay) <= SAME_DELAY => times + 1,
            Some(_) | None => 1,
        };
        self.delay = Some((delay, times));
        times >= SAME_TIMES
    }

    /// Learns the gain from a frame in which the caller does not speak.
    pub(crate) fn learn(&mut self, caller_dbfs: f32) {
        if !self.possible() {
            return;
        }
        if self.ratios.len() == RATIOS {
            self.ratios.pop_front();
        }
        self.ratios.push_back(caller_dbfs - self.loudest_sent());
        let heard = self.ratios.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let known = self.ratios.len() >= RATIOS;
        let gain = if known { heard } else { heard.max(self.gain_db) };
        self.gain_db = gain.clamp(LOWEST_GAIN_DB, HIGHEST_GAIN_DB);
    }

    #[cfg(test)]
    pub(crate) fn gain_db(&self) -> f32 {
        self.gain_db
    }

    fn loudest_sent(&self) -> f32 {
        self.sent_dbfs.iter().copied().fold(f32::NEG_INFINITY, f32::max)
    }

    /// The delay at which the caller's side resembles ours most, and how much (0 to 1).
    fn best_delay(&self) -> Option<(usize, f32)> {
        let energy = dot(&self.caller, &self.caller);
        if energy <= 0.0 {
            return None;
        }
        let mut sent_energy = dot(&self.sent[..LIKENESS_WINDOW], &self.sent[..LIKENESS_WINDOW]);
        let mut best: Option<(usize, f32)> = None;
        for start in 0..=DELAY_MAX {
            let window = &self.sent[start..start + LIKENESS_WINDOW];
            if sent_energy > LIKENESS_WINDOW as f32 {
                let likeness = dot(window, &self.caller).abs() / (energy * sent_energy).sqrt();
                if best.is_none_or(|b| likeness > b.1) {
                    best = Some((DELAY_MAX - start, likeness));
                }
            }
            if start < DELAY_MAX {
                let (gone, come) = (window[0], self.sent[start + LIKENESS_WINDOW]);
                sent_energy = (sent_energy + come * come - gone * gone).max(0.0);
            }
        }
        best
    }
}

/// Appends a frame at a quarter of its rate.
fn shift_in(history: &mut Vec<f32>, frame: &[i16]) {
    let keep = history.len();
    history.extend(
        frame.chunks_exact(DECIMATE).map(|c| c.iter().map(|&s| f32::from(s)).sum::<f32>() / DECIMATE as f32),
    );
    history.drain(..history.len() - keep);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Noise, gain, quiet};

    #[test]
    fn the_gain_of_the_line_is_learned_in_a_second_and_a_half() {
        for echo_db in [-12.0, -20.0, -30.0] {
            let mut echo = Echo::new();
            let sent = Noise::new(2).samples(32_000, -20.0);
            let back = [quiet(100, 16_000), gain(&sent, echo_db)].concat();
            for (caller, sent) in back.chunks(320).zip(sent.chunks(320)) {
                echo.note(caller, sent);
                echo.learn(crate::rms_dbfs(caller));
            }
            assert!((echo.gain_db() - echo_db).abs() < 2.0, "{echo_db} learned as {}", echo.gain_db());
        }
    }

    #[test]
    fn a_loud_echo_is_known_by_its_likeness() {
        let mut echo = Echo::new();
        let sent = Noise::new(2).samples(16_000, -20.0);
        let back = [quiet(173, 16_000), gain(&sent, -3.0)].concat();
        let copies = back
            .chunks(320)
            .zip(sent.chunks(320))
            .filter(|(caller, sent)| {
                echo.note(caller, sent);
                echo.is_copy()
            })
            .count();
        assert!(copies > 30, "{copies}");
    }

    #[test]
    fn when_we_are_silent_nothing_is_an_echo() {
        let mut echo = Echo::new();
        for frame in Noise::new(2).samples(16_000, -20.0).chunks(320) {
            echo.note(frame, &[0; 320]);
            assert!(!echo.is_copy());
            assert_eq!(echo.bound_dbfs(), None);
        }
    }
}
