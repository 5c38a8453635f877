//! Loudness of a stretch of samples.

/// What [`rms_dbfs`] says about digital silence, in dBFS.
pub const SILENCE_DBFS: f32 = -100.0;

/// Root mean square of the samples, in sample units (0 to 32 768). Empty input is silence.
pub fn rms(samples: &[i16]) -> f32 {
    if samples.is_empty() {
        return 0.0;
    }
    let power: f64 = samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    (power / samples.len() as f64).sqrt() as f32
}

/// Level of the samples in dB relative to full scale (a square wave at full swing is 0 dBFS);
/// never below [`SILENCE_DBFS`].
pub fn rms_dbfs(samples: &[i16]) -> f32 {
    dbfs(rms(samples))
}

/// The same for a root mean square that is already known.
pub(crate) fn dbfs(rms: f32) -> f32 {
    if rms <= 0.0 {
        return SILENCE_DBFS;
    }
    (20.0 * (rms / 32_768.0).log10()).max(SILENCE_DBFS)
}

/// Rounds and saturates a computed sample.
pub(crate) fn to_sample(value: f32) -> i16 {
    value.round().clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_scale_is_zero_dbfs_and_silence_is_the_bottom() {
        assert!(rms_dbfs(&[32_767; 320]).abs() < 0.01);
        assert!((rms_dbfs(&[3277; 320]) + 20.0).abs() < 0.01);
        assert_eq!(rms_dbfs(&[0; 320]), SILENCE_DBFS);
        assert_eq!(rms_dbfs(&[]), SILENCE_DBFS);
    }

    #[test]
    fn computed_samples_saturate() {
        assert_eq!(to_sample(1e9), i16::MAX);
        assert_eq!(to_sample(-1e9), i16::MIN);
        assert_eq!(to_sample(f32::NAN), 0);
    }
}
