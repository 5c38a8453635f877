//! The language models on this machine: how soon they answer after a start, how fast, and in how much memory.

use std::{
    fmt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::bail;
use serde::Serialize;

use super::figures::percentile;
use crate::{
    app::settings,
    config::Config,
    workers::{JudgeFiles, Priority, Thinking, ThinkingConfig, ThinkingState},
};

/// Questions for a median.
const ROUNDS: usize = 20;

const PATIENT: Duration = Duration::from_secs(300);

/// Prompt tokens per second of a half-billion model on a Raspberry Pi 5, interpolated from published figures
/// of LFM2-350M and TinyLlama-1.1B (llama.cpp PR 19356 and 19360).
const PI5_TOKENS_PER_S: u32 = 130;

/// A runbook as shops write them, for the length of the prompt.
const RUNBOOK: &str = "We serve homes and small businesses. We do not clean gutters.\n\
    Water that runs, gas and no heat below freezing: wake the technician.\n\
    A dripping tap can wait until morning. Tell nobody a price.\n\
    The printer on the second floor waits for a part.";

/// Turns of a call, each with what was said before.
const TURNS: [&str; 3] = [
    "Caller: hi um I've got water coming through my kitchen ceiling and it's not stopping",
    "Caller: hi um I've got water coming through my kitchen ceiling and it's not stopping\n\
     Agent: Is it still running right now?",
    "Caller: hi um I've got water coming through my kitchen ceiling and it's not stopping\n\
     Agent: Is it still running right now?\n\
     Caller: yeah it's pouring down the light fitting",
];

/// The figures of one set of models.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ThinkingFigures {
    /// "shipped" or the shape's name.
    pub(crate) models: String,
    /// Start of the processes to the first answers of both stages, no runbook read before.
    pub(crate) cold_start_ms: u64,
    /// One sense answer, half and 95 of 100; 0 without an encoder.
    pub(crate) sense_p50_ms: u64,
    pub(crate) sense_p95_ms: u64,
    /// Prompt tokens per second while a runbook is read for the first time.
    pub(crate) judge_tokens_per_s: u32,
    /// One judgement behind a read runbook, half and 95 of 100.
    pub(crate) judge_p50_ms: u64,
    pub(crate) judge_p95_ms: u64,
    /// Tokens of such a judgement that had to be computed, at most.
    pub(crate) judge_fresh_tokens: u32,
    /// The same judgement on a Raspberry Pi 5, estimated from published prompt speed; 0 for other sizes.
    pub(crate) pi5_estimated_ms: u64,
    /// Resident memory of the processes, MB.
    pub(crate) rss_mb: u64,
}

impl fmt::Display for ThinkingFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "language models ({}): first answers {} ms after the start, sense {}, {} ms, judge {}, {} ms for at most \
             {} tokens, {} tokens/s, {} MB",
            self.models,
            self.cold_start_ms,
            self.sense_p50_ms,
            self.sense_p95_ms,
            self.judge_p50_ms,
            self.judge_p95_ms,
            self.judge_fresh_tokens,
            self.judge_tokens_per_s,
            self.rss_mb
        )?;
        if self.pi5_estimated_ms > 0 {
            write!(f, "; Raspberry Pi 5: judge {} ms (estimated)", self.pi5_estimated_ms)?;
        }
        Ok(())
    }
}

/// The shipped models, and a judge of half a billion weights if its file lies in `shapes`.
pub(super) async fn measure(config: &Config, shapes: Option<&Path>) -> anyhow::Result<Vec<ThinkingFigures>> {
    let folder = tempfile::tempdir()?;
    let mut shipped = settings::thinking(config);
    if let Some(judge) = shipped.judge.as_mut() {
        judge.states = folder.path().join("shipped");
    }
    let mut figures = vec![of("shipped", &shipped).await?];
    if let Some(model) = shapes.map(half_billion).filter(|file| file.exists()) {
        let judge = JudgeFiles { model, states: folder.path().join("shape") };
        let config = ThinkingConfig { memory_limit_mib: 0, ..ThinkingConfig::new(None, Some(judge)) };
        let mut shape = of("shape of half a billion", &config).await?;
        // its random vocabulary has a token per letter; the shipped one's number is that of a real model
        let tokens = figures.first().map_or(0, |shipped| shipped.judge_fresh_tokens);
        shape.pi5_estimated_ms = u64::from(tokens * 1000 / PI5_TOKENS_PER_S);
        figures.push(shape);
    }
    Ok(figures)
}

fn half_billion(folder: &Path) -> PathBuf {
    folder.join("half-billion.gguf")
}

async fn of(models: &str, config: &ThinkingConfig) -> anyhow::Result<ThinkingFigures> {
    let begun = Instant::now();
    let thinking = Thinking::start(config);
    let (sense, judge) = thinking.settled().await;
    for state in [&sense, &judge] {
        if let ThinkingState::Dead(why) = state {
            bail!("a language model does not work: {why}");
        }
    }
    let mut figures = ThinkingFigures { models: models.into(), ..empty() };
    if sense != ThinkingState::Off {
        thinking.sense(TURNS[0], Priority::LiveTurn, PATIENT).await?;
    }
    if judge != ThinkingState::Off {
        let read = thinking.prepare(RUNBOOK, PATIENT).await?;
        figures.judge_tokens_per_s = read.tokens * 1000 / read.took_ms.max(1);
        thinking.judge(RUNBOOK, TURNS[0], Priority::LiveTurn, PATIENT).await?;
    }
    figures.cold_start_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (mut sensed, mut judged) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let lines = TURNS[round % TURNS.len()];
        if sense != ThinkingState::Off {
            let asked = Instant::now();
            thinking.sense(lines, Priority::LiveTurn, PATIENT).await?;
            sensed.push(asked.elapsed());
        }
        if judge != ThinkingState::Off {
            let asked = Instant::now();
            let answer = thinking.judge(RUNBOOK, lines, Priority::LiveTurn, PATIENT).await?;
            judged.push(asked.elapsed());
            figures.judge_fresh_tokens = figures.judge_fresh_tokens.max(answer.fresh_tokens);
        }
    }
    (figures.sense_p50_ms, figures.sense_p95_ms) = (percentile(sensed.clone(), 50), percentile(sensed, 95));
    (figures.judge_p50_ms, figures.judge_p95_ms) = (percentile(judged.clone(), 50), percentile(judged, 95));
    // the next ping tells the memory after the work
    tokio::time::sleep(config.timing.ping_every * 2).await;
    figures.rss_mb = thinking.rss_kib() / 1024;
    Ok(figures)
}

fn empty() -> ThinkingFigures {
    ThinkingFigures {
        models: String::new(),
        cold_start_ms: 0,
        sense_p50_ms: 0,
        sense_p95_ms: 0,
        judge_tokens_per_s: 0,
        judge_p50_ms: 0,
        judge_p95_ms: 0,
        judge_fresh_tokens: 0,
        pi5_estimated_ms: 0,
        rss_mb: 0,
    }
}
