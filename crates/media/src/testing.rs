//! Sounds for tests: tones, noise and the real clips.

use std::f64::consts::PI;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::level::{rms, to_sample};

/// A sine of `hz` with this RMS level.
pub(crate) fn sine(hz: f64, dbfs: f32, ms: u32, rate: u32) -> Vec<i16> {
    tones(&[hz], dbfs, ms, rate)
}

/// Several sines together, each of equal strength, `dbfs` for the sum.
pub(crate) fn tones(hz: &[f64], dbfs: f32, ms: u32, rate: u32) -> Vec<i16> {
    let each = 32_768.0 * 10f64.powf(f64::from(dbfs) / 20.0) * (2.0 / hz.len() as f64).sqrt();
    (0..(ms * rate / 1000) as usize)
        .map(|i| {
            let t = i as f64 / f64::from(rate);
            let sum: f64 = hz.iter().enumerate().map(|(k, f)| (2.0 * PI * f * t + k as f64).sin()).sum();
            to_sample((each * sum) as f32)
        })
        .collect()
}

/// Silence.
pub(crate) fn quiet(ms: u32, rate: u32) -> Vec<i16> {
    vec![0; (ms * rate / 1000) as usize]
}

/// A small random source (xorshift), so that a seed replays a test.
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }

    /// A number in 0..1.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// White noise with this RMS level.
    pub(crate) fn samples(&mut self, count: usize, dbfs: f32) -> Vec<i16> {
        let amplitude = 32_768.0 * 10f32.powf(dbfs / 20.0) * 3f32.sqrt();
        (0..count).map(|_| to_sample(amplitude * (2.0 * self.unit() - 1.0))).collect()
    }
}

/// How far the error lies below the sound, in dB.
pub(crate) fn snr_db(wanted: &[i16], got: &[i16]) -> f32 {
    let error: Vec<i16> = wanted.iter().zip(got).map(|(a, b)| a.saturating_sub(*b)).collect();
    20.0 * (rms(wanted) / rms(&error).max(1e-3)).log10()
}

/// The sum of two sounds; the longer one decides the length.
pub(crate) fn mix(a: &[i16], b: &[i16]) -> Vec<i16> {
    let at = |s: &[i16], i: usize| s.get(i).copied().unwrap_or(0);
    (0..a.len().max(b.len())).map(|i| at(a, i).saturating_add(at(b, i))).collect()
}

/// The sound made louder or quieter.
pub(crate) fn gain(sound: &[i16], db: f32) -> Vec<i16> {
    let factor = 10f32.powf(db / 20.0);
    sound.iter().map(|&s| to_sample(factor * f32::from(s))).collect()
}

/// Through a telephone: 8 kHz µ-law and back to 16 kHz, as the ear hears a caller.
pub(crate) fn telephone(sound_16k: &[i16]) -> Vec<i16> {
    use crate::codec::{Codec, Decoder, Encoder};
    let narrow = crate::Resampler16to8::new().process(sound_16k);
    let heard = Decoder::new(Codec::Pcmu).decode(&Encoder::new(Codec::Pcmu).encode(&narrow));
    crate::Resampler8to16::new().process(&heard)
}

/// One recorded clip at 16 kHz.
#[derive(Clone)]
pub(crate) struct Clip {
    pub(crate) name: String,
    pub(crate) sound: Vec<i16>,
}

/// The shared clips (`callers` and `heldout-sentences`), or none where they are not installed.
pub(crate) fn clips() -> Vec<Clip> {
    static CLIPS: OnceLock<Vec<Clip>> = OnceLock::new();
    CLIPS.get_or_init(read_clips).clone()
}

fn read_clips() -> Vec<Clip> {
    let mut paths: Vec<PathBuf> = ["callers", "heldout-sentences"]
        .iter()
        .filter_map(|folder| std::fs::read_dir(audio_dir().join(folder)).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "wav"))
        .collect();
    paths.sort();
    if paths.is_empty() {
        eprintln!("skipped: no clips in {}", audio_dir().display());
    }
    paths.iter().map(read_clip).collect()
}

/// The eleven seconds of real (not synthesised) speech, where installed.
pub(crate) fn real_speech() -> Option<Clip> {
    let path = audio_dir().join("jfk.wav");
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(read_clip(&path))
}

fn audio_dir() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/audio"))
}

fn read_clip(path: &PathBuf) -> Clip {
    let mut reader = hound::WavReader::open(path).unwrap();
    let rate = reader.spec().sample_rate;
    let samples: Vec<i16> = reader.samples::<i16>().map(Result::unwrap).collect();
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    Clip { name, sound: crate::resample(&samples, rate, crate::SAMPLE_RATE) }
}
