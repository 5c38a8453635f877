//! The same loudness for every piece, and no silence at its ends.

/// 10 ms at 16 kHz.
const STEP: usize = 160;

/// A step this far below the loudest step is silence.
const SILENCE_BELOW_LOUDEST_DB: f32 = 40.0;

/// Kept around the voice, in steps: attack and decay are softer than the threshold.
const KEPT_BEFORE: usize = 2;
const KEPT_AFTER: usize = 5;

/// Level of the voiced steps after levelling, in dB of full scale. G.711 is at its best there.
const TARGET_DBFS: f32 = -20.0;

/// No sample beyond this after levelling.
const PEAK_DBFS_MAX: f32 = -1.0;

/// Trims and levels 16 kHz sound; silence comes back as it is.
pub(super) fn even_out(samples: &[i16]) -> Vec<i16> {
    let powers: Vec<f32> = samples.chunks(STEP).map(power).collect();
    let loudest = powers.iter().copied().fold(0.0, f32::max);
    let audible = loudest * 10f32.powf(-SILENCE_BELOW_LOUDEST_DB / 10.0);
    let voiced = |power: &f32| *power > 0.0 && *power >= audible;
    let (Some(first), Some(last)) = (powers.iter().position(voiced), powers.iter().rposition(voiced)) else {
        return samples.to_vec();
    };
    let begin = first.saturating_sub(KEPT_BEFORE) * STEP;
    let end = ((last + 1 + KEPT_AFTER) * STEP).min(samples.len());
    let heard: Vec<f32> = powers[first..=last].iter().copied().filter(voiced).collect();
    let mean_power = heard.iter().sum::<f32>() / heard.len() as f32;
    let kept = &samples[begin..end];
    let gain = gain(mean_power, kept);
    let length = kept.len();
    kept.iter()
        .enumerate()
        .map(|(at, sample)| (f32::from(*sample) * gain * fade(at, length)).clamp(-32768.0, 32767.0) as i16)
        .collect()
}

fn power(samples: &[i16]) -> f32 {
    samples.iter().map(|sample| (f32::from(*sample) / 32768.0).powi(2)).sum::<f32>() / samples.len() as f32
}

fn gain(mean_power: f32, kept: &[i16]) -> f32 {
    let amplitude = |db: f32| 10f32.powf(db / 20.0);
    let wanted = amplitude(TARGET_DBFS) / mean_power.sqrt();
    let peak = kept.iter().map(|sample| f32::from(sample.unsigned_abs()) / 32768.0).fold(0.0, f32::max);
    wanted.min(amplitude(PEAK_DBFS_MAX) / peak)
}

/// Five milliseconds in and out, so that a cut does not click.
fn fade(at: usize, length: usize) -> f32 {
    let from_edge = at.min(length - 1 - at);
    (from_edge as f32 / (STEP / 2) as f32).min(1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `silence` samples, then `voice` samples of a tone with this amplitude, then silence again.
    fn framed(silence: usize, voice: usize, amplitude: f32) -> Vec<i16> {
        let tone = (0..voice).map(|at| ((at as f32 * 0.2).sin() * amplitude) as i16);
        std::iter::repeat_n(0, silence).chain(tone).chain(std::iter::repeat_n(0, silence)).collect()
    }

    fn dbfs(samples: &[i16]) -> f32 {
        10.0 * power(samples).log10()
    }

    #[test]
    fn silence_at_both_ends_is_cut_to_a_breath() {
        let even = even_out(&framed(16_000, 8_000, 3000.0));
        assert_eq!(even.len(), 8_000 + (KEPT_BEFORE + KEPT_AFTER) * STEP);
    }

    #[test]
    fn loud_and_quiet_speakers_come_out_alike() {
        for amplitude in [100.0, 3000.0, 30_000.0] {
            let even = even_out(&framed(0, 16_000, amplitude));
            assert!((dbfs(&even[400..15_000]) - TARGET_DBFS).abs() < 0.5, "{amplitude}: {}", dbfs(&even));
        }
    }

    #[test]
    fn single_peak_keeps_the_whole_below_the_limit() {
        let mut spiky = framed(0, 16_000, 500.0);
        spiky[8_000] = 32_767;
        let even = even_out(&spiky);
        let peak = even.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
        assert!(f32::from(peak) <= 32768.0 * 0.8913, "{peak}");
    }

    #[test]
    fn silence_stays_silence() {
        assert_eq!(even_out(&[0; 500]), vec![0; 500]);
        assert_eq!(even_out(&[]), Vec::<i16>::new());
    }

    proptest! {
        #[test]
        fn any_sound_comes_out_no_longer_and_within_range(samples in prop::collection::vec(any::<i16>(), 0..3000)) {
            prop_assert!(even_out(&samples).len() <= samples.len());
        }
    }
}
