//! One sentence through the engine.

use std::{
    path::Path,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context as _, bail};
use worker_kit::Brake;

use crate::engine::Engine;

/// A finished sentence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// Mono.
    pub(crate) samples: Vec<i16>,
    /// Per second.
    pub(crate) sample_rate: u32,
}

/// Why there is no sound.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RenderError {
    /// Deadline or cancellation.
    #[error("stopped before it was finished")]
    Stopped,
    /// The engine does not work for this text; the reason is for the owner.
    #[error("{0:#}")]
    Broke(anyhow::Error),
}

/// Lets the engine speak `line` (see [`crate::text::speakable`]).
pub(crate) fn render(engine: &dyn Engine, line: &str, brake: &Brake) -> Result<Rendered, RenderError> {
    let folder = tempfile::tempdir().context("no temporary folder").map_err(RenderError::Broke)?;
    let (text, wav) = (folder.path().join("say.txt"), folder.path().join("said.wav"));
    std::fs::write(&text, format!("{line}\n"))
        .context("text cannot be written")
        .map_err(RenderError::Broke)?;
    let mut command = engine.command(&text, &wav);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let child = command
        .spawn()
        .with_context(|| format!("{} cannot be started: {}", engine.name(), engine.how_to_install()))
        .map_err(RenderError::Broke)?;
    wait(child, engine, brake)?;
    read(&wav).with_context(|| format!("{} wrote no usable sound", engine.name())).map_err(RenderError::Broke)
}

fn wait(mut child: Child, engine: &dyn Engine, brake: &Brake) -> Result<(), RenderError> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => {
                return Err(RenderError::Broke(anyhow::anyhow!("{} failed: {status}", engine.name())));
            }
            Ok(None) if !brake.holds() => thread::sleep(Duration::from_millis(2)),
            Ok(None) | Err(_) => {
                // if it has just ended by itself there is nothing left to kill
                let _ = child.kill();
                let _ = child.wait();
                return Err(RenderError::Stopped);
            }
        }
    }
}

fn read(wav: &Path) -> anyhow::Result<Rendered> {
    let mut reader = hound::WavReader::open(wav)?;
    let spec = reader.spec();
    if spec.sample_format != hound::SampleFormat::Int || spec.bits_per_sample != 16 || spec.channels == 0 {
        bail!("not 16-bit PCM");
    }
    let all = reader.samples::<i16>().collect::<Result<Vec<_>, _>>()?;
    let channels = usize::from(spec.channels);
    let samples: Vec<i16> = all.chunks_exact(channels).map(|frame| frame[0]).collect();
    if samples.is_empty() {
        bail!("no samples");
    }
    Ok(Rendered { samples, sample_rate: spec.sample_rate })
}

#[cfg(test)]
mod tests;
