//! What a caller hears while the on-call person's phone rings: a quiet arpeggio, or the owner's own music.

use std::{f32::consts::TAU, path::Path, sync::Arc};

use super::clips;

/// The owner's file in the folder of own recordings.
const FILE: &str = "hold-music.wav";
/// A piece must be over before the call takes it for stuck; between two pieces a sentence is said.
const LONGEST_S: usize = 9;
/// One note of the arpeggio in samples.
const NOTE: usize = media::SAMPLE_RATE as usize / 2;
/// A minor seventh chord up and down, in Hz; low, so that a voice over the line stands out.
const NOTES: [f32; 14] =
    [220.0, 261.6, 329.6, 392.0, 440.0, 392.0, 329.6, 261.6, 196.0, 246.9, 293.7, 349.2, 293.7, 246.9];
/// About 26 dB below full scale: quiet beside our voice.
const LEVEL: f32 = 1600.0;

/// One piece of music, 16 kHz mono: the first seconds of the owner's file, else ours.
pub(crate) fn piece(recordings: Option<&Path>) -> Arc<[i16]> {
    let own = recordings.map(|folder| folder.join(FILE)).filter(|file| file.is_file());
    match own.map(|file| clips::read(&file)) {
        Some(Ok(music)) if !music.is_empty() => faded(&music),
        Some(Ok(_)) | None => arpeggio(),
        Some(Err(error)) => {
            tracing::warn!(%error, "the hold music cannot be used; ours is played instead");
            arpeggio()
        }
    }
}

/// Cut to length, with a soft end.
fn faded(music: &[i16]) -> Arc<[i16]> {
    let rate = media::SAMPLE_RATE as usize;
    let length = music.len().min(LONGEST_S * rate);
    let fade = rate.min(length);
    let soft = |(i, sample): (usize, &i16)| {
        let left = (length - i).min(fade) as f32 / fade as f32;
        (f32::from(*sample) * left) as i16
    };
    music[..length].iter().enumerate().map(soft).collect()
}

fn arpeggio() -> Arc<[i16]> {
    let mut sound = vec![0_f32; NOTE * (NOTES.len() + 1)];
    for (i, pitch) in NOTES.iter().enumerate() {
        // Every note rings on under the next one.
        for (t, sample) in sound.iter_mut().skip(i * NOTE).take(NOTE * 2).enumerate() {
            let seconds = t as f32 / media::SAMPLE_RATE as f32;
            let attack = (seconds / 0.02).min(1.0);
            let end = ((NOTE * 2 - t) as f32 / (NOTE / 4) as f32).min(1.0);
            *sample += (TAU * pitch * seconds).sin() * attack * end * (-2.5 * seconds).exp();
        }
    }
    sound.iter().map(|s| (s * LEVEL) as i16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn music_is_quiet_never_still_and_short_enough_for_the_call() {
        let music = piece(None);
        let seconds = music.len() / media::SAMPLE_RATE as usize;
        assert!((6..=LONGEST_S).contains(&seconds), "{seconds} s");
        assert!(music.iter().all(|s| s.unsigned_abs() < 6000));
        for second in music.chunks_exact(media::SAMPLE_RATE as usize) {
            let power = second.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / second.len() as f64;
            assert!(power.sqrt() > 100.0, "a second of silence");
        }
        assert!(music.last().is_some_and(|s| s.unsigned_abs() < 50), "ends with a click");
    }

    #[test]
    fn the_owners_music_is_used_and_a_broken_file_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 16_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(folder.path().join(FILE), spec).unwrap();
        (0..20 * 16_000).for_each(|_| writer.write_sample(7000_i16).unwrap());
        writer.finalize().unwrap();
        let music = piece(Some(folder.path()));
        assert_eq!((music.len(), music[0]), (LONGEST_S * 16_000, 7000));
        std::fs::write(folder.path().join(FILE), b"no music").unwrap();
        assert_eq!(piece(Some(folder.path())), arpeggio());
    }
}
