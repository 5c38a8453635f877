//! Arguments; one file per subcommand.

mod alerts;
mod bench;
mod call;
mod calls;
mod card_text;
mod check;
mod demo;
mod drill;
mod eval;
mod lead;
mod memory;
mod models;
mod outbox;
mod output;
mod panel;
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
    /// List what waits to leave the box or was refused; try it again, or drop it.
    Outbox(outbox::Args),
    /// List open emergencies with their ladders; take one by hand.
    Alerts(alerts::Args),
    /// Rehearse the emergency ladder with the real people.
    Drill(drill::Args),
    /// List, fetch and check recogniser files.
    Models(models::Args),
    /// Look at lamp, alarm relay and button, try them, switch them off.
    Panel(panel::Args),
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
        Command::Outbox(args) => outbox::run(args),
        Command::Alerts(args) => alerts::run(args),
        Command::Drill(args) => drill::run(args),
        Command::Models(args) => models::run(args),
        Command::Panel(args) => panel::run(args),
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
