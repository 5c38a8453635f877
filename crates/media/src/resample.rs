//! Changing the sample rate without aliases.
//!
//! 8 ↔ 16 kHz runs all the time on every call: a streaming polyphase FIR (Kaiser window, 128 taps at
//! 16 kHz, flat to 3.4 kHz, ≥ 75 dB down from 4.05 kHz; the tests measure it). Files and synthesisers
//! come in other rates and are converted whole by [`resample`].

use std::f64::consts::PI;
use std::sync::LazyLock;

use crate::level::to_sample;

/// Taps of the prototype filter at 16 kHz; its delay is half of it, 4 ms.
const TAPS: usize = 128;
/// Middle of the transition band, in Hz: between the telephone band's 3.4 kHz and the fold at 4 kHz.
const CUTOFF_HZ: f64 = 3_720.0;
/// Kaiser's shape for 80 dB.
const BETA: f64 = 7.86;

/// The prototype, reversed (newest sample last), gain 1 at DC.
static LOWPASS: LazyLock<Vec<f32>> = LazyLock::new(|| lowpass(TAPS, CUTOFF_HZ / 16_000.0));
/// Its two phases for interpolation, each reversed, gain 1 each.
static PHASES: LazyLock<[Vec<f32>; 2]> = LazyLock::new(|| {
    // Reversing swaps the parity of the taps' indices: TAPS is even.
    let phase = |p: usize| LOWPASS.iter().skip(1 - p).step_by(2).map(|h| 2.0 * h).collect();
    [phase(0), phase(1)]
});

/// Doubles the rate of a stream; two samples out for each one in, 4 ms later.
#[derive(Debug, Clone)]
pub struct Resampler8to16 {
    history: Vec<f32>,
}

impl Resampler8to16 {
    /// Starts in silence.
    pub fn new() -> Self {
        Self { history: vec![0.0; TAPS / 2 - 1] }
    }

    /// Converts the next samples of the stream.
    pub fn process(&mut self, input: &[i16]) -> Vec<i16> {
        self.history.extend(input.iter().map(|&s| f32::from(s)));
        let mut output = Vec::with_capacity(input.len() * 2);
        for window in self.history.windows(TAPS / 2) {
            output.push(to_sample(dot(window, &PHASES[0])));
            output.push(to_sample(dot(window, &PHASES[1])));
        }
        self.history.drain(..input.len());
        output
    }
}

impl Default for Resampler8to16 {
    fn default() -> Self {
        Self::new()
    }
}

/// Halves the rate of a stream; one sample out for each two in, 4 ms later. An odd sample waits for
/// the next call.
#[derive(Debug, Clone)]
pub struct Resampler16to8 {
    history: Vec<f32>,
}

impl Resampler16to8 {
    /// Starts in silence.
    pub fn new() -> Self {
        Self { history: vec![0.0; TAPS - 2] }
    }

    /// Converts the next samples of the stream.
    pub fn process(&mut self, input: &[i16]) -> Vec<i16> {
        self.history.extend(input.iter().map(|&s| f32::from(s)));
        let output: Vec<i16> =
            self.history.windows(TAPS).step_by(2).map(|window| to_sample(dot(window, &LOWPASS))).collect();
        self.history.drain(..2 * output.len());
        output
    }
}

impl Default for Resampler16to8 {
    fn default() -> Self {
        Self::new()
    }
}

/// Converts a whole sound from one rate to another, aligned (no delay) and of the length that the
/// ratio gives. A rate of 0 or above 384 kHz gives silence of no length.
pub fn resample(samples: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    const RATE_MAX_HZ: u32 = 384_000;
    if from_hz == to_hz {
        return samples.to_vec();
    }
    if samples.is_empty() || from_hz == 0 || to_hz == 0 || from_hz.max(to_hz) > RATE_MAX_HZ {
        return Vec::new();
    }
    let shared = greatest_common_divisor(from_hz, to_hz);
    let (up, down) = (u64::from(to_hz / shared), u64::from(from_hz / shared));
    let kernel = Kernel::new(from_hz, to_hz);
    let length = (samples.len() as u64 * up).div_ceil(down);
    (0..length)
        .map(|n| {
            let position = n * down;
            let phase = (position % up) as f64 / up as f64;
            to_sample(kernel.at(samples, (position / up) as i64, phase))
        })
        .collect()
}

/// A windowed sinc sampled finely enough that linear interpolation between its points is exact to
/// −90 dB; serves any ratio.
struct Kernel {
    half_width: i64,
    table: Vec<f32>,
}

impl Kernel {
    /// Table points per input sample.
    const FINE: usize = 512;
    /// Zero crossings on each side.
    const LOBES: f64 = 24.0;

    fn new(from_hz: u32, to_hz: u32) -> Self {
        // Cut off a little below the lower of the two Nyquist rates.
        let cutoff = 0.465 * f64::from(to_hz.min(from_hz)) / f64::from(from_hz);
        let half_width = (Self::LOBES / (2.0 * cutoff)).ceil();
        let table = (0..=(half_width as usize + 1) * Self::FINE)
            .map(|i| {
                let t = i as f64 / Self::FINE as f64;
                (2.0 * cutoff * sinc(2.0 * cutoff * t) * kaiser(t / half_width)) as f32
            })
            .collect();
        Self { half_width: half_width as i64, table }
    }

    /// The sound's value `phase` of a sample after index `base`.
    fn at(&self, samples: &[i16], base: i64, phase: f64) -> f32 {
        let first = (base - self.half_width + 1).max(0);
        let last = (base + self.half_width).min(samples.len() as i64 - 1);
        let mut sum = 0.0;
        for index in first..=last {
            let distance = ((index - base) as f64 - phase).abs() * Self::FINE as f64;
            let (whole, part) = (distance as usize, (distance - distance.floor()) as f32);
            let weight = self.table[whole] + part * (self.table[whole + 1] - self.table[whole]);
            sum += f32::from(samples[index as usize]) * weight;
        }
        sum
    }
}

/// Windowed-sinc low-pass, reversed, normalised to gain 1 at DC; `cutoff` as a fraction of the rate.
fn lowpass(taps: usize, cutoff: f64) -> Vec<f32> {
    let middle = (taps - 1) as f64 / 2.0;
    let raw: Vec<f64> = (0..taps)
        .map(|i| {
            let t = i as f64 - middle;
            sinc(2.0 * cutoff * t) * kaiser(t / (middle + 0.5))
        })
        .collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().rev().map(|h| (h / sum) as f32).collect()
}

fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-9 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

/// Kaiser's window at `x` in −1..1.
fn kaiser(x: f64) -> f64 {
    if x.abs() >= 1.0 {
        return 0.0;
    }
    bessel_i0(BETA * (1.0 - x * x).sqrt()) / bessel_i0(BETA)
}

fn bessel_i0(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..40 {
        term *= (x / (2.0 * f64::from(k))).powi(2);
        sum += term;
    }
    sum
}

/// Dot product with eight running sums, so that the compiler may use vector registers.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a8.remainder().iter().zip(b8.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a8.zip(b8) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    rest + sums.iter().sum::<f32>()
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests;
