//! Whether what the recogniser wrote was said at all.
//!
//! Recognisers write fluent sentences on silence, hum and music. Their own "no speech" figure reads zero
//! here and the test model's token probability means nothing (models/README.md), so the sound is looked
//! at first and the text afterwards. In doubt words are kept: a lost "gas" is worse than an extra "you".

mod text;

/// 20 ms at 16 kHz.
const FRAME_SAMPLES: usize = 320;

/// The loudest 60 ms of a caller who says something are above this, in dB of full scale.
const LOUDEST_DBFS_MIN: f32 = -55.0;

/// Less voice than this is a click. A short "no" has 120 ms.
const VOICED_MS_MIN: u32 = 60;

/// Speech rises and falls by 20 dB and more; noise, hum and a single tone do not.
const SPREAD_DB_MIN: f32 = 4.0;

/// Letters that fit into a second of voice. Fast speech has about 22; voice activity misses some.
const CHARS_PER_VOICED_SECOND: f32 = 40.0;

/// Below this mean token probability the model guesses.
const PROBABILITY_MIN: f32 = 0.2;

/// What the sound itself tells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sound {
    /// Milliseconds of voice, by the voice activity detector.
    voiced_ms: u32,
    /// Level of the loudest 60 ms, in dB of full scale.
    loudest_dbfs: f32,
    /// Between the quiet and the loud frames, in dB.
    spread_db: f32,
}

/// What is left of a transcript.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) text: String,
    pub(crate) confidence: f32,
    pub(crate) dropped: Option<&'static str>,
}

impl Sound {
    /// Looks at 16 kHz mono sound.
    pub(crate) fn measure(samples: &[i16], voiced_ms: u32) -> Self {
        let mut levels: Vec<f32> = samples.chunks(FRAME_SAMPLES).map(level_dbfs).collect();
        let loudest_dbfs = levels
            .windows(3)
            .map(|three| three.iter().fold(0.0, |sum, db| sum + db / 3.0))
            .fold(-120.0, f32::max);
        levels.sort_unstable_by(f32::total_cmp);
        let at = |share: usize| levels.get(levels.len() * share / 100).copied().unwrap_or(-120.0);
        Self { voiced_ms, loudest_dbfs, spread_db: at(95) - at(5) }
    }

    /// Why the recogniser need not be asked, if so.
    pub(crate) fn nobody_speaks(&self) -> Option<&'static str> {
        if self.loudest_dbfs < LOUDEST_DBFS_MIN {
            return Some("silence");
        }
        if self.voiced_ms < VOICED_MS_MIN {
            return Some("no voice");
        }
        if self.spread_db < SPREAD_DB_MIN {
            return Some("steady sound");
        }
        None
    }

    fn chars_max(&self) -> usize {
        // the constant lets "Yes." and "218 Oak Lane." pass on little detected voice
        14 + (self.voiced_ms as f32 / 1000.0 * CHARS_PER_VOICED_SECOND) as usize
    }
}

fn level_dbfs(frame: &[i16]) -> f32 {
    let power: f32 = frame.iter().map(|sample| f32::from(*sample).powi(2)).sum::<f32>() / frame.len() as f32;
    // digital silence has no level; -120 dB stands for it
    10.0 * (power / 32768f32.powi(2)).max(1e-12).log10()
}

/// Judges what the model wrote. `probability` is the mean probability of its tokens.
pub(crate) fn judge(raw: &str, probability: f32, sound: &Sound) -> Verdict {
    let drop = |why| Verdict { text: String::new(), confidence: probability, dropped: Some(why) };
    if raw.trim().is_empty() {
        return Verdict { text: String::new(), confidence: 1.0, dropped: None };
    }
    let spoken = text::without_remarks(raw);
    if !spoken.chars().any(char::is_alphanumeric) {
        return drop("bracketed");
    }
    let Some(spoken) = text::without_credits(&spoken) else {
        return drop("phrase list");
    };
    if sound.voiced_ms < 250 && text::is_filler(&spoken) {
        return drop("phrase list");
    }
    let unrolled = text::without_loops(&spoken);
    if unrolled.chars().count() > sound.chars_max() {
        return drop("more words than sound");
    }
    let looped = unrolled.len() < spoken.len();
    if looped && spoken.chars().count() > sound.chars_max() {
        return drop("repetition");
    }
    if probability < PROBABILITY_MIN {
        return drop("guessed");
    }
    let confidence = if looped { probability * 0.5 } else { probability };
    Verdict { text: unrolled, confidence, dropped: None }
}

#[cfg(test)]
mod tests;
