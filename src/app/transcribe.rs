//! What a recording says: cut at silences, each stretch through the recogniser.

use std::{path::Path, time::Duration};

use serde::Serialize;

use crate::workers::{Hearing, HearingConfig, Priority};

/// Louder than this is speech, in dBFS.
const VOICED_DBFS: f32 = -45.0;
/// Silence that ends a stretch, and the longest stretch, in frames of 20 ms.
const GAP_FRAMES: usize = 30;
const STRETCH_FRAMES_MAX: usize = 390;
/// For one stretch.
const DEADLINE: Duration = Duration::from_secs(20);

/// One stretch of speech.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    /// `caller` or `agent`.
    pub(crate) speaker: &'static str,
    /// Start, in milliseconds of the recording.
    pub(crate) at_ms: u64,
    /// The words as this recogniser hears them.
    pub(crate) text: String,
}

/// Both sides in the order of time; empty, with a warning, when the recogniser cannot be used.
pub(crate) async fn both_sides(model: &Path, recording: &[(i16, i16)]) -> Vec<Line> {
    let hearing = Hearing::start(HearingConfig::new(model));
    let (caller, agent): (Vec<i16>, Vec<i16>) = recording.iter().copied().unzip();
    let mut lines = side(&hearing, "caller", &caller).await;
    lines.extend(side(&hearing, "agent", &agent).await);
    lines.sort_by_key(|line| line.at_ms);
    lines
}

/// One side at 8 kHz. What could not be transcribed is left out, with a warning.
pub(crate) async fn side(hearing: &Hearing, speaker: &'static str, samples: &[i16]) -> Vec<Line> {
    let mut lines = Vec::new();
    for (start, stretch) in stretches(samples) {
        let wide = media::resample(stretch, 8000, media::SAMPLE_RATE);
        let voiced_ms = u32::try_from(stretch.len() / 8).unwrap_or(u32::MAX);
        match hearing.transcribe(wide.into(), voiced_ms, Priority::AfterCall, DEADLINE).await {
            Ok(t) if !t.text.is_empty() => {
                lines.push(Line { speaker, at_ms: start as u64 / 8, text: t.text })
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "a stretch of speech has no transcript"),
        }
    }
    lines
}

/// Stretches of speech at 8 kHz with their first sample's place.
fn stretches(side: &[i16]) -> Vec<(usize, &[i16])> {
    const FRAME: usize = 160;
    let voiced: Vec<bool> = side.chunks(FRAME).map(|frame| media::rms_dbfs(frame) > VOICED_DBFS).collect();
    let mut found = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    for (i, is_voiced) in voiced.iter().chain([&false; GAP_FRAMES]).enumerate() {
        open = match (open, is_voiced) {
            (None, true) => Some((i, i)),
            (Some((start, _)), true) => Some((start, i)),
            (other, false) => other,
        };
        if let Some((start, last)) = open
            && (i - last >= GAP_FRAMES - 1 || i - start >= STRETCH_FRAMES_MAX)
        {
            let from = start.saturating_sub(10) * FRAME;
            found.push((from, &side[from..side.len().min((last + 10) * FRAME)]));
            open = None;
        }
    }
    found
}
