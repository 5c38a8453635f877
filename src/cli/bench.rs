//! `nightdesk bench`: the figures of this machine.

use std::{path::PathBuf, process::ExitCode};

use super::{output::start_logging_at, run::runtime};
use crate::app::bench::{self, Figures, Plan};

/// Measure this machine with real calls over loopback.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Replies to time.
    #[arg(long, default_value_t = 100)]
    turns: usize,
    /// Interruptions to time.
    #[arg(long, default_value_t = 20)]
    interruptions: usize,
    /// Calls at the same time in the load test.
    #[arg(long, default_value_t = 16)]
    calls: usize,
    /// Measure one part alone: replies, interruptions, early, load, memory or shapes.
    #[arg(long, value_name = "PART")]
    only: Option<bench::Part>,
    /// Folder with recogniser files of real models' shapes; `./dev bench` makes them.
    #[arg(long)]
    shapes: Option<PathBuf>,
    /// Print JSON (a part that was not measured is 0 or empty): `reply_p50_ms`, `reply_p95_ms`, `barge_in_p50_ms`, `barge_in_p95_ms`, `rss_mb`, `box_rss_mb`, `turns`, `unanswered`,
    /// `silence_ms_max`, `greeting_p95_ms`, `emergency_ms_max`, `emergencies_found`, `load` (`calls`, `greeted`,
    /// `packets_lost`, `frames_late`, `frames`, `greeting_ms_max`), `shapes` (`model`, `reply_p50_ms`,
    /// `transcription_ms`, `pi5_estimated_ms`), `machine` (`processor`, `cores`, `architecture`).
    #[arg(long)]
    json: bool,
}

#[allow(clippy::print_stdout, reason = "the report is what was asked for")]
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    start_logging_at("error");
    let plan = Plan {
        turns: args.turns,
        interruptions: args.interruptions,
        calls_at_once: args.calls,
        shapes: args.shapes,
        only: args.only,
    };
    let figures = runtime()?.block_on(bench::run(&plan, |part| eprintln!("· {part}")))?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
    } else {
        print(&figures);
    }
    Ok(ExitCode::SUCCESS)
}

#[allow(clippy::print_stdout, reason = "the report is what was asked for")]
fn print(f: &Figures) {
    println!(
        "\nMeasured on {} ({}, {} cores), calls over loopback, shipped test model",
        f.machine.processor, f.machine.architecture, f.machine.cores
    );
    let row =
        |what: &str, measured: String, goal: &str| println!("  {what:<58} {measured:>14}   goal {goal}");
    if f.turns > 0 {
        row(
            "caller stops → our first sound, half of the turns",
            format!("{} ms", f.reply_p50_ms),
            "≤ 700 ms",
        );
        row("  … 95 of 100 turns", format!("{} ms", f.reply_p95_ms), "≤ 1200 ms");
        row("turns timed, without reply", format!("{}, {}", f.turns, f.unanswered), "≥ 100, 0");
        row("longest silence after a caller's line", format!("{} ms", f.silence_ms_max), "≤ 2000 ms");
        row("answered → greeting, 95 of 100 calls", format!("{} ms", f.greeting_p95_ms), "≤ 100 ms");
    }
    if f.barge_in_p95_ms > 0 {
        let barge_in = format!("{}, {} ms", f.barge_in_p50_ms, f.barge_in_p95_ms);
        row("caller interrupts → we are silent, half, 95 of 100", barge_in, "≤ 250 ms");
    }
    if f.emergencies_found > 0 {
        let noticed = format!("{} ms, {} of 3", f.emergency_ms_max, f.emergencies_found);
        row("emergency words → noticed while talking on, slowest", noticed, "≤ 1500 ms, 3 of 3");
    }
    if f.rss_mb > 0.0 {
        row("daemon without models, resident", format!("{:.0} MB", f.rss_mb), "≤ 60 MB");
        row("whole box with the shipped model, resident", format!("{:.0} MB", f.box_rss_mb), "≤ 400 MB");
    }
    if f.load.calls > 0 {
        let late = format!("{} of {}", f.load.frames_late, f.load.frames);
        row(&format!("{} calls at once, two talking: frames late", f.load.calls), late, "0");
    }
    for shape in &f.shapes {
        println!("  {shape}");
    }
}
