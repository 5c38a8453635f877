//! `nightdesk call`: a test phone. Plays recordings in turn, records what it hears, and says how fast the replies were.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context as _;
use serde::Serialize;

use super::{output::start_logging, run::runtime};
use crate::{
    app::{
        caller::{Experience, Step, run_script},
        clips, transcribe,
    },
    phone::test_phone::{DialOptions, dial},
};

/// Call a SIP address and play recordings to it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whom to call: sip:user@host:port
    uri: String,
    /// What to say: WAV files, played one after the other, each after the other side has finished.
    wavs: Vec<PathBuf>,
    /// Number that is shown as the caller's.
    #[arg(long, default_value = "+15555550100")]
    from: String,
    /// Where to record both sides: caller left, agent right.
    #[arg(long, default_value = "call.wav")]
    record: PathBuf,
    /// Longest call in seconds.
    #[arg(long, default_value_t = 300)]
    limit_s: u64,
    /// Recogniser file for the transcript of both sides; without one there is none.
    #[arg(long, default_value = "models/nightdesk-mini.en.bin")]
    model: PathBuf,
    /// Print JSON: `uri`, `duration_ms`, `greeting_ms`, `ended_by_agent`, `longest_silence_ms`, `packets_lost`,
    /// `recording`, `replies_ms` (one per WAV, null without a reply), `transcript` (`speaker`, `at_ms`, `text`).
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Report {
    uri: String,
    duration_ms: u64,
    greeting_ms: Option<u64>,
    ended_by_agent: bool,
    longest_silence_ms: u64,
    packets_lost: u64,
    recording: PathBuf,
    replies_ms: Vec<Option<u64>>,
    transcript: Vec<transcribe::Line>,
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    start_logging();
    let script =
        args.wavs.iter().map(|wav| Ok(Step::Say(clips::read(wav)?))).collect::<anyhow::Result<Vec<_>>>()?;
    runtime()?.block_on(async {
        let options = DialOptions { number: args.from.clone(), ..DialOptions::default() };
        let live = dial(&args.uri, options).await.context("the call did not come about")?;
        let seen = run_script(live, script, Duration::from_secs(args.limit_s)).await;
        clips::write_stereo(&args.record, &seen.recording)?;
        let transcript = transcribe::both_sides(&args.model, &seen.recording).await;
        let report = report(&args, &seen, transcript);
        print(&report, args.json)?;
        Ok(ExitCode::SUCCESS)
    })
}

fn report(args: &Args, seen: &Experience, transcript: Vec<transcribe::Line>) -> Report {
    Report {
        uri: args.uri.clone(),
        duration_ms: millis(seen.duration),
        greeting_ms: seen.greeting.map(millis),
        ended_by_agent: seen.ended_by_agent,
        longest_silence_ms: millis(seen.longest_silence),
        packets_lost: seen.packets_lost,
        recording: args.record.clone(),
        replies_ms: seen.replies.iter().map(|reply| reply.map(millis)).collect(),
        transcript,
    }
}

#[allow(clippy::print_stdout, reason = "the report is what was asked for")]
fn print(report: &Report, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(report)?);
        return Ok(());
    }
    for line in &report.transcript {
        println!("{:>6.1} s  {:<7} {}", line.at_ms as f64 / 1000.0, line.speaker, line.text);
    }
    let greeting = report.greeting_ms.map_or("never came".to_string(), |ms| format!("after {ms} ms"));
    println!("\ngreeting {greeting}; call of {:.1} s", report.duration_ms as f64 / 1000.0);
    for (number, reply) in report.replies_ms.iter().enumerate() {
        let reply = reply.map_or("no reply".to_string(), |ms| format!("{ms} ms"));
        println!("reply to recording {}: {reply}", number + 1);
    }
    println!("longest silence {} ms, packets lost {}", report.longest_silence_ms, report.packets_lost);
    println!("both sides recorded in {} (caller left, agent right)", report.recording.display());
    Ok(())
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
