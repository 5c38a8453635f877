//! What is heard in place of lost sound: the last pitch period again, fading out in 60 ms.
//!
//! Works at the codec's own rate. The caller of this module asks for a substitute frame when sound is
//! missing and passes every real frame through [`Concealer::real`], which hides the seam afterwards.

use crate::level::to_sample;

/// The substitute fades to nothing over this time.
const FADE_MS: usize = 60;
/// Seam between the substitute and the real sound that comes back.
const SEAM_MS: usize = 5;
/// Bounds of the pitch period that is repeated.
const PERIOD_MIN_MS: usize = 5;
const PERIOD_MAX_MS: usize = 15;
/// How much of the past is kept: two of the longest periods and the stretch to compare.
const PAST_MS: usize = 40;

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Concealer {
    per_ms: usize,
    /// The last [`PAST_MS`] that were heard, newest last.
    past: Vec<f32>,
    gap: Option<Gap>,
}

/// A gap that is being filled.
#[derive(Debug)]
struct Gap {
    /// The period that is repeated.
    period: Vec<f32>,
    /// Samples given so far.
    given: usize,
}

impl Concealer {
    /// For sound of `rate` Hz.
    pub(crate) fn new(rate: u32) -> Self {
        let per_ms = (rate / 1000) as usize;
        Self { per_ms, past: vec![0.0; PAST_MS * per_ms], gap: None }
    }

    /// Whether the substitute has not yet faded to nothing.
    pub(crate) fn is_audible(&self) -> bool {
        self.gap.as_ref().is_none_or(|gap| gap.given < FADE_MS * self.per_ms)
    }

    /// Real sound arrived: smooths the seam if a gap was before it, and remembers it.
    pub(crate) fn real(&mut self, samples: &mut [i16]) {
        if let Some(mut gap) = self.gap.take() {
            let seam = (SEAM_MS * self.per_ms).min(samples.len());
            let fade_len = FADE_MS * self.per_ms;
            for (i, sample) in samples[..seam].iter_mut().enumerate() {
                let mix = (i + 1) as f32 / (seam + 1) as f32;
                *sample = to_sample(mix * f32::from(*sample) + (1.0 - mix) * gap.next(fade_len));
            }
        }
        self.remember(samples);
    }

    /// A substitute for `count` samples that did not arrive.
    pub(crate) fn substitute(&mut self, count: usize) -> Vec<i16> {
        let fade_len = FADE_MS * self.per_ms;
        let mut gap = match self.gap.take() {
            Some(gap) => gap,
            None => Gap { period: self.last_period(), given: 0 },
        };
        let samples = (0..count).map(|_| to_sample(gap.next(fade_len))).collect();
        self.gap = Some(gap);
        samples
    }

    fn remember(&mut self, samples: &[i16]) {
        let keep = self.past.len();
        self.past.extend(samples.iter().map(|&s| f32::from(s)));
        self.past.drain(..self.past.len() - keep);
    }

    /// The last pitch period, its end blended with what came before it so that it repeats seamlessly.
    fn last_period(&self) -> Vec<f32> {
        let length = self.pitch();
        let end = self.past.len();
        let blend = length / 4;
        let mut period = self.past[end - length..].to_vec();
        for i in 0..blend {
            let mix = (i + 1) as f32 / (blend + 1) as f32;
            let before = self.past[end - length - blend + i];
            let at = length - blend + i;
            period[at] = (1.0 - mix) * period[at] + mix * before;
        }
        period
    }

    /// The lag at which the past resembles itself most.
    fn pitch(&self) -> usize {
        let end = self.past.len();
        let compared = PERIOD_MAX_MS * self.per_ms;
        let recent = &self.past[end - compared..];
        let mut best = (PERIOD_MAX_MS * self.per_ms, 0.0f32);
        for lag in PERIOD_MIN_MS * self.per_ms..=PERIOD_MAX_MS * self.per_ms {
            let earlier = &self.past[end - compared - lag..end - lag];
            let energy = crate::resample::dot(earlier, earlier);
            let likeness = crate::resample::dot(recent, earlier).max(0.0);
            let score = likeness * likeness / (energy + 1.0);
            if score > best.1 * 1.02 {
                best = (lag, score);
            }
        }
        best.0
    }
}

impl Gap {
    fn next(&mut self, fade_len: usize) -> f32 {
        let value = self.period[self.given % self.period.len()];
        let gain = 1.0 - (self.given as f32 / fade_len as f32).min(1.0);
        self.given = self.given.saturating_add(1);
        gain * value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::rms_dbfs;
    use crate::testing::sine;

    #[test]
    fn a_lost_frame_of_a_vowel_sounds_like_the_vowel() {
        let mut concealer = Concealer::new(8000);
        concealer.real(&mut sine(150.0, -12.0, 100, 8000));
        let substitute = concealer.substitute(160);
        assert!(rms_dbfs(&substitute) > -16.0);
    }

    #[test]
    fn neither_edge_of_a_gap_clicks() {
        let sound = sine(210.0, -12.0, 200, 8000);
        let steepest = steepest_step(&sound);
        let mut concealer = Concealer::new(8000);
        let mut heard = Vec::new();
        for (i, frame) in sound.chunks(160).enumerate() {
            let mut frame = frame.to_vec();
            if i == 4 {
                frame = concealer.substitute(160);
            } else {
                concealer.real(&mut frame);
            }
            heard.extend(frame);
        }
        assert!(steepest_step(&heard) < 2 * steepest, "{} {steepest}", steepest_step(&heard));
    }

    #[test]
    fn a_long_gap_fades_to_nothing() {
        let mut concealer = Concealer::new(16_000);
        concealer.real(&mut sine(150.0, -12.0, 100, 16_000));
        concealer.substitute(960);
        assert!(!concealer.is_audible());
        assert!(concealer.substitute(320).iter().all(|&s| s == 0));
    }

    fn steepest_step(samples: &[i16]) -> i32 {
        samples.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max().unwrap()
    }
}
