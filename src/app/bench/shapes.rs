//! The latency that a real model would have here: recogniser files of exactly its shape, with random weights.

use std::{fmt, path::Path};

use serde::Serialize;

/// One shape's figures.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Shape {
    /// "tiny.en".
    pub(crate) model: String,
    /// End of speech to first sound, half of the turns.
    pub(crate) reply_p50_ms: u64,
    /// One transcription of a 3 s line.
    pub(crate) transcription_ms: u64,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.model)
    }
}

pub(super) async fn measure(_folder: &Path) -> anyhow::Result<Vec<Shape>> {
    tokio::task::yield_now().await;
    Ok(Vec::new())
}
