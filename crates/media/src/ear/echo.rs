//! Our own voice coming back: on a telephone line nobody cancels it for us.
//!
//! Two defences. The bound: what we sent in the last 400 ms, times the line's echo gain, times a margin;
//! softer sounds do not count as the caller while we speak. The gain is learned whenever we speak and
//! nobody answers. The likeness: a sound above the bound that is a delayed copy of what we sent, at the
//! same delay again and again, is echo however loud it is, and teaches the gain. Once a line's echo is
//! known to be such a copy, a softer sound that is none is the caller after all.

use std::collections::VecDeque;
use std::ops::RangeInclusive;

use crate::level::{dbfs, rms};
use crate::resample::dot;

/// Frames of sent levels that may still come back: 400 ms.
const HISTORY_FRAMES: usize = 20;
/// What we assume of a line before it is known, in dB.
const FIRST_GAIN_DB: f32 = -16.0;
/// The loudest echo that is believed; what is louder is somebody, however alike (two synthetic voices of
/// one make are alike).
const HIGHEST_GAIN_DB: f32 = -4.0;
const LOWEST_GAIN_DB: f32 = -45.0;
const MARGIN_DB: f32 = 6.0;
/// A sound that is no copy of ours teaches a gain of at most this.
const UNLIKE_GAIN_DB: f32 = -14.0;
/// We must be this loud for the line to show what comes back, in dBFS.
const TEACHING_DBFS: f32 = -40.0;
/// The gain is believed to be lower by this much per frame of ours (25 dB/s).
const GAIN_FALLS_DB: f32 = 0.5;
/// Below this we are not speaking, in dBFS.
const SENT_SILENT_DBFS: f32 = -55.0;
/// Ratios that the gain is learned from: 1.5 s of our speech.
const RATIOS: usize = 75;

/// Likeness is measured at 4 kHz on 100 ms, for delays up to 500 ms.
const DECIMATE: usize = 4;
const LIKENESS_WINDOW: usize = 400;
const DELAY_MAX: usize = 2_000;
const LIKE: f32 = 0.75;
/// The delay may differ by this much (0.75 ms) to count as the same.
const SAME_DELAY: usize = 3;
/// Times in a row at the same delay that make a copy, and that make the line's echo known.
const SAME_TIMES: u32 = 4;
const PATH_TIMES: u32 = 8;
/// Less likeness than this is somebody else. Measured on the shared clips, echo over G.711: 0.79 and
/// more in 95 % of the frames; other speech: 0.60 and less in 95 %, 0.29 in the middle.
const UNLIKE: f32 = 0.5;
/// How far below the bound a caller is still looked for.
const SOFT_CALLER_DB: f32 = 16.0;

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Echo {
    sent_dbfs: VecDeque<f32>,
    sent: Vec<f32>,
    caller: Vec<f32>,
    ratios: VecDeque<f32>,
    gain_db: f32,
    /// How much the last frame asked for resembles what we sent.
    likeness: f32,
    /// The delay of the present run of copies, and its length.
    run: Option<(usize, u32)>,
    /// The delay of this line's echo, once it is certain that it has one and that it is a true copy.
    path: Option<usize>,
}

impl Echo {
    pub(crate) fn new() -> Self {
        Self {
            sent_dbfs: VecDeque::with_capacity(HISTORY_FRAMES + 1),
            sent: vec![0.0; DELAY_MAX + LIKENESS_WINDOW],
            caller: vec![0.0; LIKENESS_WINDOW],
            ratios: VecDeque::with_capacity(RATIOS),
            gain_db: FIRST_GAIN_DB,
            likeness: 0.0,
            run: None,
            path: None,
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

    /// Whether this line is known to have an echo worth mentioning.
    pub(crate) fn is_known(&self) -> bool {
        self.path.is_some() && self.possible()
    }

    /// Level below which a sound may be our echo, in dBFS; `None` while nothing can come back.
    pub(crate) fn bound_dbfs(&self) -> Option<f32> {
        self.possible().then(|| self.loudest_sent() + self.gain_db + MARGIN_DB)
    }

    /// Whether a sound of this level is the caller and not (only) our echo. To be asked for each frame
    /// that is loud enough to be somebody.
    pub(crate) fn is_caller(&mut self, level: f32) -> bool {
        let Some(bound) = self.bound_dbfs() else {
            self.run = None;
            self.likeness = 0.0;
            return true;
        };
        let (delay, likeness) = self.likeliest_delay().unwrap_or((0, 0.0));
        self.likeness = likeness;
        let as_loud_as_ours = level > self.loudest_sent() + HIGHEST_GAIN_DB;
        let copy = self.is_copy(delay, if as_loud_as_ours { 0.0 } else { likeness });
        if level > bound {
            !copy
        } else {
            // On a line whose echo is known to be a true copy, what is no copy is somebody else.
            self.path.is_some() && likeness < UNLIKE && level > bound - SOFT_CALLER_DB
        }
    }

    /// Whether the last 100 ms are a copy of what we sent, at a delay that keeps coming back.
    fn is_copy(&mut self, delay: usize, likeness: f32) -> bool {
        let same = |other: usize| other.abs_diff(delay) <= SAME_DELAY;
        if likeness < LIKE {
            self.run = None;
            return false;
        }
        let times = match self.run {
            Some((last, times)) if same(last) => times + 1,
            Some(_) | None => 1,
        };
        self.run = Some((delay, times));
        if times >= PATH_TIMES {
            self.path = Some(delay);
        }
        times >= SAME_TIMES || self.path.is_some_and(same)
    }

    /// Learns the gain from a frame in which the caller does not speak; `audible` if it rises above the
    /// line's own noise.
    pub(crate) fn learn(&mut self, caller_dbfs: f32, audible: bool) {
        let sent = self.loudest_sent();
        if sent < TEACHING_DBFS {
            return;
        }
        let ratio = match (audible, self.likeness >= UNLIKE) {
            (false, _) => LOWEST_GAIN_DB,
            (true, true) => caller_dbfs - sent,
            // Perhaps a distorted echo, perhaps a soft caller: believed only so far.
            (true, false) => (caller_dbfs - sent).min(UNLIKE_GAIN_DB),
        };
        if self.ratios.len() == RATIOS {
            self.ratios.pop_front();
        }
        self.ratios.push_back(ratio);
        let heard = self.ratios.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        // Upwards at once, downwards only as fast as a late echo could still correct it.
        self.gain_db = heard.max(self.gain_db - GAIN_FALLS_DB).clamp(LOWEST_GAIN_DB, HIGHEST_GAIN_DB);
    }

    #[cfg(test)]
    pub(crate) fn gain_db(&self) -> f32 {
        self.gain_db
    }

    fn loudest_sent(&self) -> f32 {
        self.sent_dbfs.iter().copied().fold(f32::NEG_INFINITY, f32::max)
    }

    /// The known delay if it explains the sound, else the best of all (a thousand times the work).
    fn likeliest_delay(&self) -> Option<(usize, f32)> {
        let known = self.path.and_then(|path| {
            self.best_delay(path.saturating_sub(SAME_DELAY)..=(path + SAME_DELAY).min(DELAY_MAX))
        });
        known.filter(|k| k.1 >= LIKE).or_else(|| self.best_delay(0..=DELAY_MAX))
    }

    /// The delay at which the caller's side resembles ours most, and how much (0 to 1).
    fn best_delay(&self, delays: RangeInclusive<usize>) -> Option<(usize, f32)> {
        let energy = dot(&self.caller, &self.caller);
        if energy <= 0.0 {
            return None;
        }
        let starts = DELAY_MAX - delays.end()..=DELAY_MAX - delays.start();
        let first = &self.sent[*starts.start()..starts.start() + LIKENESS_WINDOW];
        let mut sent_energy = dot(first, first);
        let mut best: Option<(usize, f32)> = None;
        for start in starts {
            let window = &self.sent[start..start + LIKENESS_WINDOW];
            if sent_energy > LIKENESS_WINDOW as f32 {
                let likeness = dot(window, &self.caller).abs() / (energy * sent_energy).sqrt();
                if best.is_none_or(|b| likeness > b.1) {
                    best = Some((DELAY_MAX - start, likeness));
                }
            }
            let come = self.sent.get(start + LIKENESS_WINDOW).copied().unwrap_or(0.0);
            sent_energy = (sent_energy + come * come - window[0] * window[0]).max(0.0);
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
                echo.is_caller(crate::rms_dbfs(caller));
                echo.learn(crate::rms_dbfs(caller), true);
            }
            assert!((echo.gain_db() - echo_db).abs() < 2.0, "{echo_db} learned as {}", echo.gain_db());
        }
    }

    #[test]
    fn a_loud_echo_is_known_by_its_likeness() {
        let mut echo = Echo::new();
        let sent = Noise::new(2).samples(16_000, -20.0);
        let back = [quiet(173, 16_000), gain(&sent, -5.0)].concat();
        let ours = back
            .chunks(320)
            .zip(sent.chunks(320))
            .filter(|(caller, sent)| {
                echo.note(caller, sent);
                !echo.is_caller(crate::rms_dbfs(caller))
            })
            .count();
        assert!(ours > 35, "{ours} of 50 frames");
    }

    #[test]
    fn when_we_are_silent_nothing_is_an_echo() {
        let mut echo = Echo::new();
        for frame in Noise::new(2).samples(16_000, -20.0).chunks(320) {
            echo.note(frame, &[0; 320]);
            assert!(echo.is_caller(-20.0));
            assert_eq!(echo.bound_dbfs(), None);
        }
    }
}
