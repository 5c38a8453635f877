//! The spectrum of the last 64 ms and its peaks, at 8 kHz.

use std::f32::consts::PI;

/// Samples of the window at 8 kHz: 64 ms.
pub(crate) const WINDOW: usize = 512;
/// Width of one bin, in Hz.
pub(crate) const BIN_HZ: f32 = 8_000.0 / WINDOW as f32;
/// A sine fills the bins at most this far from its peak (Hann's main lobe).
const LOBE: usize = 2;
/// Only this band is looked at: below is hum, above is the edge of the line.
const FIRST_BIN: usize = 5;
const LAST_BIN: usize = 250;
/// Peaks that are kept.
pub(crate) const PEAKS_MAX: usize = 10;

/// One peak of the spectrum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Peak {
    pub(crate) hz: f32,
    /// Share of the whole power that lies in its lobe.
    pub(crate) share: f32,
}

/// What the spectrum says in short: its strongest peaks first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spectrum {
    pub(crate) peaks: Vec<Peak>,
    /// Share of the power in the band of the two strongest lobes.
    pub(crate) two_lobes: f32,
}

/// Computes spectra; owns the tables.
#[derive(Debug)]
pub(crate) struct Analyser {
    window: Vec<f32>,
    twiddle: Vec<(f32, f32)>,
    re: Vec<f32>,
    im: Vec<f32>,
    power: Vec<f32>,
}

impl Analyser {
    pub(crate) fn new() -> Self {
        let window = (0..WINDOW).map(|i| 0.5 - 0.5 * (2.0 * PI * i as f32 / WINDOW as f32).cos()).collect();
        let twiddle = (0..WINDOW / 2)
            .map(|i| {
                let angle = -2.0 * PI * i as f32 / WINDOW as f32;
                (angle.cos(), angle.sin())
            })
            .collect();
        Self { window, twiddle, re: vec![0.0; WINDOW], im: vec![0.0; WINDOW], power: vec![0.0; WINDOW / 2] }
    }

    /// The spectrum of [`WINDOW`] samples; shorter input gives an empty one.
    pub(crate) fn analyse(&mut self, samples: &[f32]) -> Spectrum {
        if samples.len() < WINDOW {
            return Spectrum::default();
        }
        for i in 0..WINDOW {
            // Bit-reversed order for the in-place transform.
            let to = i.reverse_bits() >> (usize::BITS - WINDOW.trailing_zeros());
            self.re[to] = samples[i] * self.window[i];
        }
        self.im.fill(0.0);
        self.transform();
        for (bin, power) in self.power.iter_mut().enumerate() {
            *power = self.re[bin] * self.re[bin] + self.im[bin] * self.im[bin];
        }
        self.summarise()
    }

    /// Radix-2 FFT in place.
    fn transform(&mut self) {
        let mut half = 1;
        while half < WINDOW {
            let stride = WINDOW / (2 * half);
            for start in (0..WINDOW).step_by(2 * half) {
                for k in 0..half {
                    let (c, s) = self.twiddle[k * stride];
                    let (a, b) = (start + k, start + k + half);
                    let re = self.re[b] * c - self.im[b] * s;
                    let im = self.re[b] * s + self.im[b] * c;
                    self.re[b] = self.re[a] - re;
                    self.im[b] = self.im[a] - im;
                    self.re[a] += re;
                    self.im[a] += im;
                }
            }
            half *= 2;
        }
    }

    fn summarise(&self) -> Spectrum {
        let total: f32 = self.power[FIRST_BIN - LOBE..].iter().sum();
        if total <= 0.0 {
            return Spectrum::default();
        }
        let p = &self.power;
        let mut peaks: Vec<Peak> = (FIRST_BIN..=LAST_BIN)
            .filter(|&i| p[i] > p[i - 1] && p[i] >= p[i + 1] && p[i] > 1e-4 * total)
            .map(|i| Peak {
                hz: self.interpolated(i),
                share: p[i - LOBE..=i + LOBE].iter().sum::<f32>() / total,
            })
            .collect();
        peaks.sort_by(|a, b| b.share.total_cmp(&a.share));
        peaks.truncate(PEAKS_MAX);
        let two_lobes = self.lobe_union(&peaks) / total;
        Spectrum { peaks, two_lobes }
    }

    /// Power in the two strongest lobes, a bin wider than usual; bins that they share count once.
    fn lobe_union(&self, peaks: &[Peak]) -> f32 {
        let near = |bin: usize| {
            peaks.iter().take(2).any(|peak| (bin as f32 - peak.hz / BIN_HZ).abs() <= LOBE as f32 + 1.5)
        };
        self.power.iter().enumerate().filter(|&(bin, _)| near(bin)).map(|(_, power)| power).sum()
    }

    /// The peak's frequency between the bins (parabola through the logarithms).
    fn interpolated(&self, bin: usize) -> f32 {
        let log = |i: usize| (self.power[i] + 1e-9).ln();
        let (left, middle, right) = (log(bin - 1), log(bin), log(bin + 1));
        let bend = left - 2.0 * middle + right;
        let shift = if bend.abs() < 1e-6 { 0.0 } else { 0.5 * (left - right) / bend };
        (bin as f32 + shift.clamp(-0.5, 0.5)) * BIN_HZ
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Noise, tones};

    #[test]
    fn a_sine_is_one_peak_with_all_the_power() {
        for hz in [100.0, 437.3, 1004.0, 2100.0, 3333.0] {
            let spectrum = analyse(&tones(&[hz], -20.0, 64, 8000));
            assert!((spectrum.peaks[0].hz - hz as f32).abs() < 1.0, "{hz}: {:?}", spectrum.peaks[0]);
            assert!(spectrum.peaks[0].share > 0.98, "{hz}: {:?}", spectrum.peaks[0]);
        }
    }

    #[test]
    fn two_sines_are_two_peaks() {
        let spectrum = analyse(&tones(&[697.0, 1336.0], -20.0, 64, 8000));
        let mut hz: Vec<i32> = spectrum.peaks[..2].iter().map(|p| p.hz.round() as i32).collect();
        hz.sort_unstable();
        assert_eq!(hz, [697, 1336]);
        assert!(spectrum.two_lobes > 0.98);
    }

    #[test]
    fn noise_has_no_peaks_to_speak_of() {
        assert!(analyse(&Noise::new(5).samples(WINDOW, -20.0)).two_lobes < 0.3);
        assert!(analyse(&[0; WINDOW]).peaks.is_empty());
        assert!(analyse(&[1; 3]).peaks.is_empty());
    }

    fn analyse(samples: &[i16]) -> Spectrum {
        Analyser::new().analyse(&samples.iter().map(|&s| f32::from(s)).collect::<Vec<_>>())
    }
}
