//! How a turn was said: pitch, level, pace, and what that says about the caller's state.
//!
//! The caller's first turn of some length is the measure for the later ones: stress shows as a shift of
//! register (an octave and more under high stress), level and pace together, and each alone means
//! nothing. Panic overrides the words and wakes a technician, so it needs all of them at once.

use domain::Tone;

use super::activity::Activity;

/// Voiced frames that make a pitch or a measure believable: 0.3 s.
const ENOUGH_VOICED: usize = 15;
/// Pitches kept per turn: 40 s of voice.
const PITCHES_MAX: usize = 2_000;
/// A pitch must be this sure to be counted.
const SURE: f32 = 0.7;

/// How one turn was said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prosody {
    /// Median pitch of the voiced parts, in Hz; `None` with less than 0.3 s of voice.
    pub median_f0_hz: Option<f32>,
    /// Semitones above (or below) the caller's own first turn; 0 for the first.
    pub f0_shift_semitones: f32,
    /// Mean level of the voiced parts, in dBFS.
    pub level_dbfs: f32,
    /// Syllables per second of speech, pauses not counted.
    pub syllables_per_s: f32,
    /// What all that together says. Conservative.
    pub tone: Tone,
}

/// Collects a turn.
#[derive(Debug, Default)]
pub(crate) struct ProsodyMeter {
    pitches: Vec<f32>,
    voiced_power: f64,
    voiced_frames: usize,
    speech_frames: usize,
    syllables: SyllableCounter,
}

impl ProsodyMeter {
    pub(crate) fn note(&mut self, activity: &Activity, speech: bool) {
        self.syllables.note(if speech { activity.level } else { crate::SILENCE_DBFS });
        self.speech_frames += usize::from(speech);
        if !activity.voiced {
            return;
        }
        self.voiced_frames += 1;
        self.voiced_power += 10f64.powf(f64::from(activity.level) / 10.0);
        if let Some(pitch) = activity.pitch
            && pitch.strength >= SURE
            && self.pitches.len() < PITCHES_MAX
        {
            self.pitches.push(pitch.hz);
        }
    }

    /// The turn's features, still without a judgement.
    fn features(&mut self) -> Features {
        self.pitches.sort_by(f32::total_cmp);
        let f0 = (self.pitches.len() >= ENOUGH_VOICED).then(|| self.pitches[self.pitches.len() / 2]);
        let mean_power = self.voiced_power / self.voiced_frames.max(1) as f64;
        let level =
            if self.voiced_frames == 0 { crate::SILENCE_DBFS } else { 10.0 * mean_power.log10() as f32 };
        let seconds = self.speech_frames as f32 * crate::FRAME_MS as f32 / 1000.0;
        let pace = if seconds < 0.3 { 0.0 } else { self.syllables.count as f32 / seconds };
        Features { f0, level, pace, voiced_s: self.voiced_frames as f32 * crate::FRAME_MS as f32 / 1000.0 }
    }
}

/// Counts humps of the level: rises of some decibels after falls of some decibels.
#[derive(Debug)]
struct SyllableCounter {
    count: u32,
    low: f32,
    high: f32,
    rising: bool,
    since: u32,
}

impl SyllableCounter {
    /// A hump stands out by this much, in dB.
    const HUMP_DB: f32 = 4.0;
    /// Two syllables are at least this many frames apart: 80 ms.
    const APART: u32 = 4;

    fn note(&mut self, level: f32) {
        self.since += 1;
        if self.rising {
            self.high = self.high.max(level);
            if level < self.high - Self::HUMP_DB {
                self.rising = false;
                self.low = level;
            }
            return;
        }
        self.low = self.low.min(level);
        if level > self.low + Self::HUMP_DB && level > crate::SILENCE_DBFS + 1.0 {
            self.rising = true;
            self.high = level;
            if self.since >= Self::APART {
                self.count += 1;
                self.since = 0;
            }
        }
    }
}

impl Default for SyllableCounter {
    fn default() -> Self {
        Self {
            count: 0,
            low: crate::SILENCE_DBFS,
            high: crate::SILENCE_DBFS,
            rising: false,
            since: Self::APART,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Features {
    f0: Option<f32>,
    level: f32,
    pace: f32,
    voiced_s: f32,
}

/// Judges turns against the caller's own first one.
#[derive(Debug, Default)]
pub(crate) struct ProsodyJudge {
    first: Option<Features>,
}

impl ProsodyJudge {
    /// Judges a finished turn.
    pub(crate) fn judge(&mut self, mut turn: ProsodyMeter) -> Prosody {
        self.judge_features(turn.features())
    }

    fn judge_features(&mut self, now: Features) -> Prosody {
        let (shift, tone) = match (self.first, now.f0) {
            (Some(first), Some(f0)) => {
                let shift = first.f0.map_or(0.0, |base| 12.0 * (f0 / base).log2());
                (shift, tone_against(&first, &now, shift))
            }
            (None, Some(_)) => {
                self.first = Some(now);
                (0.0, tone_alone(&now))
            }
            (_, None) => (0.0, Tone::Neutral),
        };
        Prosody {
            median_f0_hz: now.f0,
            f0_shift_semitones: shift,
            level_dbfs: now.level,
            syllables_per_s: now.pace,
            tone,
        }
    }
}

/// The first turn has nothing to be compared with: only a long scream is unmistakable.
fn tone_alone(now: &Features) -> Tone {
    let screaming = now.f0.is_some_and(|f0| f0 >= 400.0) && now.level >= -11.0 && now.voiced_s >= 1.5;
    if screaming { Tone::Panicked } else { Tone::Neutral }
}

fn tone_against(first: &Features, now: &Features, shift: f32) -> Tone {
    let louder = now.level - first.level;
    let faster = if first.pace > 0.5 { now.pace / first.pace } else { 1.0 };
    if now.voiced_s < 0.6 {
        return Tone::Neutral; // one word says nothing
    }
    if shift >= 7.0 && louder >= 6.0 && now.voiced_s >= 1.0 && (faster >= 1.25 || shift >= 11.0) {
        Tone::Panicked
    } else if shift >= 4.0 && (louder >= 3.0 && faster >= 1.1 || louder >= 6.0) {
        Tone::Worried
    } else if louder >= 6.0 && (0.0..4.0).contains(&shift) && faster >= 1.1 {
        Tone::Frustrated
    } else if shift >= 3.0 && louder >= 2.0 && faster >= 1.2 {
        Tone::Concerned
    } else if shift.abs() <= 1.5 && louder.abs() <= 2.0 && faster <= 0.95 {
        Tone::Calm
    } else {
        Tone::Neutral
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Semitones higher, decibels louder, times faster than the first turn → tone.
    #[test]
    fn only_joint_evidence_gives_a_tone() {
        check(0.0, 0.0, 1.0, Tone::Neutral);
        check(0.5, -1.0, 0.8, Tone::Calm);
        check(3.5, 2.5, 1.25, Tone::Concerned);
        check(1.0, 7.0, 1.2, Tone::Frustrated);
        check(5.0, 4.0, 1.2, Tone::Worried);
        check(9.0, 8.0, 1.4, Tone::Panicked);
        check(12.0, 7.0, 1.0, Tone::Panicked);
    }

    #[test]
    fn a_single_sign_is_never_panic() {
        check(14.0, 0.0, 1.0, Tone::Neutral); // the phone was handed to somebody else
        check(0.0, 15.0, 1.0, Tone::Neutral); // the phone came closer
        check(0.0, 0.0, 2.5, Tone::Neutral); // an address read fast
        check(8.0, 2.0, 1.6, Tone::Concerned);
    }

    #[test]
    fn one_word_says_nothing() {
        let mut judge = ProsodyJudge { first: Some(FIRST) };
        let shout = Features { f0: Some(400.0), level: -8.0, pace: 6.0, voiced_s: 0.4 };
        assert_eq!(judge.judge_features(shout).tone, Tone::Neutral);
    }

    #[test]
    fn the_first_turn_is_neutral_unless_it_is_a_scream() {
        let tone = |f0, level, voiced_s| {
            let turn = Features { f0: Some(f0), level, pace: 4.0, voiced_s };
            ProsodyJudge::default().judge_features(turn).tone
        };
        assert_eq!(tone(260.0, -12.0, 3.0), Tone::Neutral);
        assert_eq!(tone(430.0, -25.0, 3.0), Tone::Neutral);
        assert_eq!(tone(430.0, -9.0, 3.0), Tone::Panicked);
    }

    const FIRST: Features = Features { f0: Some(120.0), level: -24.0, pace: 4.0, voiced_s: 1.5 };

    fn check(shift: f32, louder: f32, faster: f32, tone: Tone) {
        let mut judge = ProsodyJudge::default();
        judge.judge_features(FIRST);
        let turn = Features {
            f0: Some(120.0 * (shift / 12.0).exp2()),
            level: FIRST.level + louder,
            pace: FIRST.pace * faster,
            voiced_s: 2.0,
        };
        let prosody = judge.judge_features(turn);
        assert_eq!(prosody.tone, tone, "{shift} semitones, {louder} dB, {faster} times");
        assert!((prosody.f0_shift_semitones - shift).abs() < 0.01);
    }
}
