//! `nightdesk-stt`: hearing in a process of its own, because whisper.cpp aborts where Rust would return
//! an error, and because a caller must not wait for a daemon that crashed.
//!
//! ```text
//! stdin ─► reader thread ─► Desk (queue by urgency) ─► whisper thread ─► stdout
//!               └── answers Ping and Cancel while whisper computes
//! ```

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;

mod model_file;
mod recogniser;
mod serve;

/// Speech to text for NightDesk. Speaks worker-wire on stdin and stdout; started by the daemon.
#[derive(Debug, Parser)]
#[command(name = "nightdesk-stt", version)]
pub(crate) struct Args {
    /// Recogniser file in whisper.cpp's ggml format.
    #[arg(long)]
    model: PathBuf,
    /// Threads for one transcription at most; fewer while other programs need the cores.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=16))]
    threads: u32,
    /// Memory that this process may allocate, in MiB; 0 = no limit.
    #[arg(long, default_value_t = 0)]
    memory_limit_mib: u64,
    /// How much to step back behind the daemon, as `nice` does (0 to 19).
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..=19))]
    nice: i32,
    /// Only look at the model file, say what it is, and end.
    #[arg(long)]
    check: bool,
    /// Let whisper.cpp write its log to stderr. In debug builds that log holds the caller's words.
    #[arg(long)]
    verbose: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    if args.check {
        return check(&args);
    }
    match serve::run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("nightdesk-stt: {fault:#}");
            ExitCode::from(2)
        }
    }
}

fn check(args: &Args) -> ExitCode {
    match model_file::check(&args.model) {
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
