use proptest::prelude::*;

use super::*;
use crate::level::{rms, rms_dbfs};
use crate::testing::{Noise, sine, snr_db};

#[test]
fn telephone_band_passes_flat_in_both_directions() {
    for hz in [200.0, 300.0, 1000.0, 2000.0, 3000.0, 3400.0] {
        check_gain_db("up", up_gain_db(hz), -0.3, 0.1, hz);
        check_gain_db("down", down_gain_db(hz), -0.3, 0.1, hz);
    }
}

#[test]
fn what_would_fold_is_gone_before_the_rate_is_halved() {
    for hz in [4100.0, 4300.0, 4600.0, 5000.0, 6000.0, 7000.0, 7900.0] {
        check_gain_db("down", down_gain_db(hz), -200.0, -72.0, hz);
    }
}

#[test]
fn images_of_the_narrow_band_stay_below_the_quantisation() {
    for hz in [300.0, 1000.0, 2000.0, 3400.0] {
        let output = Resampler8to16::new().process(&sine(hz, -6.0, 1000, 8000));
        let wanted = sine(hz, -6.0, 1000, 16_000);
        // Skip the start-up of the filter; take out its delay of 63.5 samples by taking the phase out.
        let image = energy_at(&output[1000..15_000], 8000.0 - hz) - energy_at(&wanted[1000..15_000], hz);
        assert!(image < -70.0, "image of {hz} Hz: {image} dB");
    }
}

#[test]
fn any_rate_becomes_any_other() {
    for (from, to) in [(22_050, 16_000), (44_100, 16_000), (48_000, 8000), (8000, 16_000), (16_000, 22_050)] {
        let converted = resample(&sine(1000.0, -12.0, 500, from), from, to);
        let wanted = sine(1000.0, -12.0, 500, to);
        assert!(converted.len().abs_diff(wanted.len()) <= 1, "{from} to {to}");
        let inner = 800..wanted.len() - 800;
        let snr = snr_db(&wanted[inner.clone()], &converted[inner]);
        assert!(snr > 55.0, "{from} to {to}: {snr} dB");
    }
    assert!(resample(&[1, 2, 3], 0, 8000).is_empty());
    assert!(resample(&[], 8000, 16_000).is_empty());
}

#[test]
fn whole_conversion_lets_nothing_fold() {
    let folded = resample(&sine(6000.0, -6.0, 500, 22_050), 22_050, 8000);
    assert!(rms_dbfs(&folded[400..3600]) < -75.0);
}

proptest! {
    #[test]
    fn a_stream_sounds_the_same_however_it_is_cut(
        seed in any::<u64>(),
        cuts in prop::collection::vec(0usize..400, 1..12),
    ) {
        let sound = Noise::new(seed).samples(cuts.iter().sum(), -10.0);
        let (mut up, mut down) = (Resampler8to16::new(), Resampler16to8::new());
        let (mut up_cut, mut down_cut) = (Vec::new(), Vec::new());
        let mut rest = &sound[..];
        for cut in cuts {
            let (piece, tail) = rest.split_at(cut);
            up_cut.extend(up.process(piece));
            down_cut.extend(down.process(piece));
            rest = tail;
        }
        prop_assert_eq!(up_cut.len(), sound.len() * 2);
        prop_assert_eq!(&up_cut, &Resampler8to16::new().process(&sound));
        prop_assert_eq!(&down_cut, &Resampler16to8::new().process(&sound));
        prop_assert_eq!(down_cut.len(), sound.len() / 2);
    }
}

fn up_gain_db(hz: f64) -> f32 {
    let input = sine(hz, -6.0, 1000, 8000);
    gain_db(&Resampler8to16::new().process(&input)[1000..15_000], &input[500..7500])
}

fn down_gain_db(hz: f64) -> f32 {
    let input = sine(hz, -6.0, 1000, 16_000);
    gain_db(&Resampler16to8::new().process(&input)[500..7500], &input[1000..15_000])
}

fn gain_db(output: &[i16], input: &[i16]) -> f32 {
    20.0 * (rms(output).max(1e-3) / rms(input)).log10()
}

fn check_gain_db(what: &str, gain: f32, least: f32, most: f32, hz: f64) {
    assert!((least..=most).contains(&gain), "{what} at {hz} Hz: {gain} dB");
}

/// Level of one frequency in a 16 kHz sound, in dB of full scale.
fn energy_at(samples: &[i16], hz: f64) -> f32 {
    let (mut re, mut im) = (0.0f64, 0.0f64);
    for (i, &s) in samples.iter().enumerate() {
        let window = 0.5 - 0.5 * (2.0 * PI * i as f64 / samples.len() as f64).cos();
        let angle = 2.0 * PI * hz * i as f64 / 16_000.0;
        re += f64::from(s) * window * angle.cos();
        im += f64::from(s) * window * angle.sin();
    }
    let amplitude = 4.0 * (re * re + im * im).sqrt() / samples.len() as f64;
    (20.0 * (amplitude / 32_768.0).max(1e-9).log10()) as f32
}
