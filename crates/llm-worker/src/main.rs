//! `nightdesk-llm`: the language models, each in a process of its own, because llama.cpp ends the process
//! where Rust would return an error, and because a strange model file must not take the others along.
//!
//! ```text
//! nightdesk-llm sense   a sentence encoder with heads: what do these words sound like?   (tens of ms)
//! nightdesk-llm judge   a generative model: letters for a call, after it a card           (about a second)
//!
//! stdin ─► reader thread ─► Desk (queue by urgency) ─► model thread ─► stdout
//! ```
//!
//! Writes no word of a caller anywhere but into its answers.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

mod calibration;
mod encoder;
mod gguf;
mod heads;
mod judge;
mod kept;
mod llama;
mod prompt;
mod serve;

/// Language models for NightDesk. Speaks worker-wire on stdin and stdout; started by the daemon.
#[derive(Debug, Parser)]
#[command(name = "nightdesk-llm", version)]
pub(crate) struct Args {
    #[command(subcommand)]
    role: RoleArgs,
    /// Threads for one computation at most; fewer while other programs need the cores.
    #[arg(long, global = true, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=16))]
    threads: u32,
    /// Memory that this process may allocate, in MiB; 0 = no limit.
    #[arg(long, global = true, default_value_t = 0)]
    memory_limit_mib: u64,
    /// How much to step back behind the daemon, as `nice` does (0 to 19).
    #[arg(long, global = true, default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..=19))]
    nice: i32,
    /// Only look at the model file, say what it is, and end.
    #[arg(long, global = true)]
    check: bool,
    /// Let llama.cpp write its log to stderr.
    #[arg(long, global = true)]
    verbose: bool,
}

/// Which model this process runs.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum RoleArgs {
    /// A sentence encoder with heads.
    Sense {
        /// Encoder in GGUF format.
        #[arg(long)]
        model: PathBuf,
        /// Heads file for this encoder.
        #[arg(long)]
        heads: PathBuf,
    },
    /// A generative model.
    Judge {
        /// Model in GGUF format.
        #[arg(long)]
        model: PathBuf,
        /// Folder for read runbooks; without it they are read again after every start.
        #[arg(long)]
        states: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let args = Args::parse();
    if args.check {
        return check(&args.role);
    }
    match serve::run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("nightdesk-llm: {fault:#}");
            ExitCode::from(2)
        }
    }
}

fn check(role: &RoleArgs) -> ExitCode {
    let checked = match role {
        RoleArgs::Sense { model, .. } => gguf::check(model, gguf::Use::Encoder),
        RoleArgs::Judge { model, .. } => gguf::check(model, gguf::Use::Generator),
    };
    match checked {
        Ok(shape) => {
            eprintln!("{shape}");
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
#[path = "../../../models/bench/gguf_writer.rs"]
mod gguf_writer;
