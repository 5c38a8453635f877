//! The latency that a real model would have here: recogniser files of exactly its shape, with random weights
//! and a forced number of tokens (`models/bench/make_model.rs` writes them).

use std::{fmt, path::Path, time::Duration};

use anyhow::bail;
use serde::Serialize;

use super::figures::percentile;
use crate::{
    app::clips::NIGHT,
    workers::{Hearing, HearingConfig, HearingState},
};

/// Tokens of an average line of a caller.
const TOKENS: u32 = 12;
/// The ear hands a turn out after this much silence, and ends an open answer after this much.
const PAUSE_MS: u64 = 200;
const ENDPOINT_MS: u64 = 600;
/// From the text to our first sound on the line: triage, the next frame, the other side's jitter buffer.
const REST_MS: u64 = 40;
const DEADLINE: Duration = Duration::from_secs(20);

/// Published encoder times of a Raspberry Pi 5 for the full window of 1500 steps, in milliseconds
/// (whisper.cpp issue 89, November 2023). We use 600 steps; a third more is allowed for decoding.
const PI5_ENCODE_MS: &[(&str, u64)] = &[("tiny.en", 1110), ("base.en", 2465)];

/// One shape's figures.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Shape {
    /// "tiny.en".
    pub(crate) model: String,
    /// One transcription of a caller's line, half of them.
    pub(crate) transcription_ms: u64,
    /// Computed from it: end of speech to our first sound.
    pub(crate) reply_p50_ms: u64,
    /// The same for a Raspberry Pi 5, estimated from published encoder times.
    pub(crate) pi5_estimated_ms: u64,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "shape of {}: transcription {} ms, so a reply after {} ms; Raspberry Pi 5: {} ms (estimated)",
            self.model, self.transcription_ms, self.reply_p50_ms, self.pi5_estimated_ms
        )
    }
}

/// Measures every shape whose file is in `folder`.
pub(super) async fn measure(folder: &Path) -> anyhow::Result<Vec<Shape>> {
    let mut shapes = Vec::new();
    for (model, pi5_encode_ms) in PI5_ENCODE_MS {
        let file = folder.join(format!("{model}.bin"));
        if file.exists() {
            let transcription_ms = transcription(&file).await?;
            shapes.push(Shape {
                model: (*model).to_string(),
                transcription_ms,
                reply_p50_ms: reply(transcription_ms),
                pi5_estimated_ms: reply(pi5_encode_ms * 600 / 1500 * 4 / 3),
            });
        } else {
            tracing::error!("no {}: `./dev bench` makes it", file.display());
        }
    }
    Ok(shapes)
}

async fn transcription(file: &Path) -> anyhow::Result<u64> {
    let hearing = Hearing::start(HearingConfig::new(file));
    if let HearingState::Dead(why) = hearing.settled().await {
        bail!("{} does not work: {why}", file.display());
    }
    let mut times = Vec::new();
    for night in NIGHT {
        for audio in night.audio()? {
            let heard = hearing.transcribe_forced(audio, TOKENS, DEADLINE).await?;
            times.push(Duration::from_millis(u64::from(heard.took_ms)));
        }
    }
    Ok(percentile(times, 50))
}

/// The transcription runs while the ear still waits for the end of the turn.
fn reply(transcription_ms: u64) -> u64 {
    ENDPOINT_MS.max(PAUSE_MS + transcription_ms) + REST_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_model_answers_at_the_end_of_the_turn_and_a_slow_one_when_it_is_done() {
        assert_eq!(reply(300), 640);
        assert_eq!(reply(1000), 1240);
    }
}
