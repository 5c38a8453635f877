//! Arguments; one file per subcommand.

mod bench;
mod call;
mod calls;
mod card_text;
mod check;
mod demo;
mod eval;
mod lead;
mod memory;
mod models;
mod output;
mod replay;
mod run;
mod triage;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The after-hours phone agent.
#[derive(Debug, Parser)]
#[command(name = "nightdesk", version, about, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer the phone as the configuration says.
    Run(run::Args),
    /// Play a night of four calls over real SIP and speech, then stay up for your softphone.
    Demo(demo::Args),
    /// Check a configuration: every fault with file, line and what to write instead.
    Check(check::Args),
    /// Call a SIP address and play recordings to it; a test phone.
    Call(call::Args),
    /// List recent calls, or show one.
    Calls(calls::Args),
    /// Show lead cards.
    Lead(lead::Args),
    /// List, fetch and check recogniser files.
    Models(models::Args),
    /// Measure this machine with real calls over loopback.
    Bench(bench::Args),
    /// What would be decided about these caller turns, and why.
    Triage(triage::Args),
    /// Score triage on labelled calls.
    Eval(eval::Args),
    /// A stored call through today's recogniser and rules, beside what was decided then.
    Replay(replay::Args),
}

/// Runs the command line; errors are printed for the owner.
pub fn main() -> ExitCode {
    let command = Cli::parse().command;
    let result = match command {
        Command::Run(args) => run::run(args),
        Command::Demo(args) => demo::run(args),
        Command::Check(args) => check::run(args),
        Command::Call(args) => call::run(args),
        Command::Calls(args) => calls::run(args),
        Command::Lead(args) => lead::run(args),
        Command::Models(args) => models::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Triage(args) => triage::run(args),
        Command::Eval(args) => eval::run(args),
        Command::Replay(args) => replay::run(args),
    };
    result.unwrap_or_else(|error| {
        eprintln!("nightdesk: {error:#}");
        ExitCode::FAILURE
    })
}
