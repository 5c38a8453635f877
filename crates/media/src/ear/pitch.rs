//! The pitch of a voice: where a stretch of sound resembles itself (normalised correlation, 8 kHz).
//!
//! The telephone cuts off the fundamental of low voices; its harmonics still repeat with its period, so
//! comparing in time works where looking for the fundamental in the spectrum does not.

use crate::resample::dot;

/// Samples that are compared: 40 ms at 8 kHz.
const PITCH_WINDOW: usize = 320;
/// Bounds of the voice, in samples of period: 500 to 62.5 Hz.
const LAG_MIN: usize = 16;
const LAG_MAX: usize = 128;
const COMPARED: usize = PITCH_WINDOW - LAG_MAX - 1;
/// A shorter period is taken if it is nearly as good as the best: keeps from falling an octave.
const NEARLY_AS_GOOD: f32 = 0.85;

/// A pitch and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pitch {
    pub(crate) hz: f32,
    /// 0 = noise, 1 = exactly periodic.
    pub(crate) strength: f32,
}

/// The pitch of the last 40 ms; `None` when there are too few samples or no sound.
pub(crate) fn pitch(samples: &[f32]) -> Option<Pitch> {
    let window = samples.len().checked_sub(PITCH_WINDOW + 2).map(|start| softened(&samples[start..]))?;
    let now = &window[..COMPARED];
    let energy = dot(now, now);
    if energy < COMPARED as f32 {
        return None;
    }
    let likeness: Vec<f32> = (LAG_MIN - 1..=LAG_MAX + 1)
        .map(|lag| {
            let later = &window[lag..lag + COMPARED];
            dot(now, later) / (energy * dot(later, later)).sqrt().max(1.0)
        })
        .collect();
    let is_top = |i: usize| likeness[i] >= likeness[i - 1] && likeness[i] >= likeness[i + 1];
    let tops = || (1..likeness.len() - 1).filter(|&i| is_top(i));
    let best = tops().map(|i| likeness[i]).fold(0.0, f32::max);
    let chosen = tops().find(|&i| likeness[i] >= NEARLY_AS_GOOD * best && likeness[i] > 0.0)?;
    let (left, middle, right) = (likeness[chosen - 1], likeness[chosen], likeness[chosen + 1]);
    let bend = left - 2.0 * middle + right;
    let shift = if bend.abs() < 1e-6 { 0.0 } else { (0.5 * (left - right) / bend).clamp(-0.5, 0.5) };
    let lag = (chosen + LAG_MIN - 1) as f32 + shift;
    Some(Pitch { hz: 8_000.0 / lag, strength: middle.clamp(0.0, 1.0) })
}

/// Without its highest harmonics, for which no whole number of samples is a period.
fn softened(samples: &[f32]) -> Vec<f32> {
    samples.windows(3).map(|w| 0.25 * w[0] + 0.5 * w[1] + 0.25 * w[2]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Noise, tones};

    #[test]
    fn a_voice_without_its_fundamental_keeps_its_pitch() {
        for f0 in [75.0, 110.0, 160.0, 240.0, 380.0] {
            // Only what passes a telephone: harmonics between 300 and 3400 Hz.
            let harmonics: Vec<f64> =
                (1..40).map(|k| f0 * f64::from(k)).filter(|f| (300.0..3400.0).contains(f)).collect();
            let sound = tones(&harmonics, -20.0, 50, 8000);
            let found = find(&sound).unwrap();
            assert!((found.hz / f0 as f32 - 1.0).abs() < 0.03, "{f0} Hz heard as {found:?}");
            assert!(found.strength > 0.8, "{f0} Hz: {found:?}");
        }
    }

    #[test]
    fn noise_has_a_weak_pitch_and_silence_none() {
        assert!(find(&Noise::new(1).samples(400, -20.0)).is_none_or(|p| p.strength < 0.5));
        assert_eq!(find(&[0; 400]), None);
        assert_eq!(find(&[1; 10]), None);
    }

    fn find(samples: &[i16]) -> Option<Pitch> {
        pitch(&samples.iter().map(|&s| f32::from(s)).collect::<Vec<_>>())
    }
}
