//! `nightdesk-tts`: the voice. Runs a speech engine as a program of its own for each sentence.
//!
//! ```text
//! stdin ─► reader thread ─► Desk (live sentences first) ─► render threads ─► engine program ─► WAV ─► stdout
//! ```
//!
//! Engines are never linked: flite is BSD but espeak-ng is GPL, and an engine that crashes on a strange
//! name must not take the voice along. Text reaches an engine in a file, never through a shell.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, ValueEnum};

mod engine;
mod render;
mod serve;
mod text;

/// Text to speech for NightDesk. Speaks worker-wire on stdin and stdout; started by the daemon.
#[derive(Debug, Parser)]
#[command(name = "nightdesk-tts", version)]
pub(crate) struct Args {
    /// Which engine speaks.
    #[arg(long, value_enum, default_value_t = EngineName::Flite)]
    engine: EngineName,
    /// The engine's name for a voice, or a voice file.
    #[arg(long)]
    voice: Option<String>,
    /// The engine's program, if it is not the usual one on the path.
    #[arg(long)]
    command: Option<PathBuf>,
    /// Sentences that are rendered at the same time.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=8))]
    parallel: u32,
    /// How much to step back behind the daemon, as `nice` does (0 to 19).
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..=19))]
    nice: i32,
}

/// The engines that this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineName {
    /// CMU Flite.
    Flite,
    /// eSpeak NG.
    EspeakNg,
    /// Piper.
    Piper,
}

fn main() -> ExitCode {
    match serve::run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("nightdesk-tts: {fault:#}");
            ExitCode::from(2)
        }
    }
}
