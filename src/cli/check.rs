//! `nightdesk check`: every fault of a configuration, or what would run.

use std::{path::PathBuf, process::ExitCode};

use serde::Serialize;

use super::memory::{print, print_json};
use crate::config::{Config, Fault, InHours, LineSettings, Listen, Severity, Shop, UnknownNumber};

/// Check a configuration: every fault with file, line and what to write instead.
///
/// Exit code 0: it can run (warnings are printed); 1: it has faults.
///
/// With `--json`: `ok`, `faults` and `warnings` (lists of `file`, `line`, `column`, `severity`, `what`,
/// `write_instead`), and `summary` (lines of text; empty with faults).
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "nightdesk.toml")]
    config: PathBuf,
    /// Machine-readable output; the fields are described above.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Default, Serialize)]
struct Report {
    ok: bool,
    faults: Vec<Fault>,
    warnings: Vec<Fault>,
    summary: Vec<String>,
}

/// Checks and reports.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let report = report(Config::load(&args.config));
    if args.json {
        print_json(&report)?;
    } else {
        print(&text(&report, &args.config.display().to_string()))?;
    }
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(loaded: Result<Config, Vec<Fault>>) -> Report {
    match loaded {
        Ok(config) => {
            let summary = summary(&config);
            Report { ok: true, warnings: config.warnings, summary, faults: Vec::new() }
        }
        Err(told) => {
            let (faults, warnings) = told.into_iter().partition(|f| f.severity == Severity::Error);
            Report { faults, warnings, ..Report::default() }
        }
    }
}

fn text(report: &Report, file: &str) -> String {
    let told: String = report.faults.iter().chain(&report.warnings).map(|f| format!("{f}\n\n")).collect();
    match report.faults.len() {
        0 => format!("{told}{file} is right.\n\n{}\n", report.summary.join("\n")),
        1 => format!("{told}one fault\n"),
        n => format!("{told}{n} faults\n"),
    }
}

/// What would run, in the owner's words.
fn summary(config: &Config) -> Vec<String> {
    let mut lines = line(&config.line);
    for shop in &config.shops {
        lines.push(String::new());
        lines.extend(self::shop(shop));
    }
    let unknown = match config.unknown_number {
        UnknownNumber::Say36 => "\"Sorry, this number is not configured.\"".to_owned(),
        UnknownNumber::Shop(index) => {
            config.shops.get(index).map_or(String::new(), |s| format!("answered by {}", s.profile.id))
        }
    };
    let keep = config.retention;
    lines.extend([
        String::new(),
        format!("other numbers  {unknown}"),
        format!("hearing        {}, at most {} MiB", config.hearing.model, config.hearing.memory_mb),
        format!("voice          {:?}", config.voice.engine),
        format!(
            "memory         {}; recordings {} days, transcripts {} days",
            config.data_dir.display(),
            keep.recordings_days,
            keep.transcripts_days
        ),
    ]);
    lines
}

fn line(line: &LineSettings) -> Vec<String> {
    let transport = match line.transport {
        Listen::Udp => "UDP",
        Listen::Tcp => "TCP",
        Listen::Both => "UDP and TCP",
    };
    let listen: Vec<String> = line.listen.iter().map(ToString::to_string).collect();
    let codecs: Vec<&str> = line.codecs.iter().map(|c| c.sdp_name()).collect();
    let pbx = match &line.pbx {
        Some(pbx) => format!("registers at {} port {} as {}", pbx.host, pbx.port, pbx.extension),
        None => "none: direct calls only".into(),
    };
    vec![
        format!("line           {} ({transport}), {} calls at once", listen.join(", "), line.busy_limit),
        format!("codecs         {}", codecs.join(", ")),
        format!("PBX            {pbx}"),
    ]
}

fn shop(shop: &Shop) -> Vec<String> {
    let profile = &shop.profile;
    let mut numbers = shop.called_numbers.clone();
    if numbers.is_empty() && shop.caller_numbers.is_empty() {
        numbers.push("every number that no other shop has".into());
    }
    let from = match shop.caller_numbers.len() {
        0 => String::new(),
        n => format!(" (known by {n} caller numbers)"),
    };
    let in_hours = match (&shop.in_hours, profile.always_active) {
        (_, true) => "answers at all hours".to_owned(),
        (InHours::Redirect(target), false) => format!("office open: sent on to {target}"),
        (InHours::Refuse(code), false) => format!("office open: refused with {code}"),
    };
    let roster = &shop.oncall;
    let backup = roster.backup.as_ref().map_or(String::new(), |b| format!(", then {} {}", b.name, b.phone));
    let runbook = shop.runbook.as_ref().map_or("none".into(), |r| r.path.display().to_string());
    vec![
        format!("{} ({})", profile.business_name, profile.id),
        format!("  answers      {}{from}", numbers.join(", ")),
        format!("  hours        {in_hours}; {}", profile.time_zone),
        format!("  runbook      {runbook}"),
        format!(
            "  wakes        {} {}{backup}, then {} {}",
            roster.primary_name, roster.primary_phone, profile.owner_name, roster.owner_phone
        ),
    ]
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn example_shop_says_what_would_run() {
        let expected = "\
line           0.0.0.0:5060 (UDP and TCP), 16 calls at once
codecs         G722, PCMU, PCMA
PBX            none: direct calls only

Metro Plumbing (metro-plumbing)
  answers      every number that no other shop has
  hours        office open: refused with 480; America/Chicago
  runbook      runbook.yaml
  wakes        Mike (555) 887-0002, then Sam (555) 887-0003, then Dave (555) 887-0001

other numbers  \"Sorry, this number is not configured.\"
hearing        nightdesk-mini.en, at most 1024 MiB
voice          Flite
memory         data; recordings 30 days, transcripts 365 days";
        let report = report(Config::embedded_demo());
        assert!(report.ok);
        assert_eq!(report.summary.join("\n"), expected);
    }

    #[test]
    fn faults_are_counted_and_the_exit_code_says_so() {
        let args = Args { config: "/nowhere/nightdesk.toml".into(), json: false };
        assert_eq!(run(args).unwrap(), ExitCode::FAILURE);
        let told = text(&report(Config::load(Path::new("/nowhere/nightdesk.toml"))), "nightdesk.toml");
        assert!(told.ends_with("one fault\n"), "{told}");
    }
}
