//! `nightdesk eval`: how often triage is right on labelled calls.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use serde::Serialize;
use triage::{
    NoModel, Runbook,
    eval::{self, Miss, Score},
};

use super::memory;

/// Scores a tab-separated file of labelled calls: id, profile, local time, expected, service, turns.
///
/// Expected is emergency, routine, spam, ask or any-not-spam; service may be `-`; turns are separated by `|`;
/// `#` starts a comment line.
///
/// With --json: `file`, `cases`, `emergency_recall`, `false_wake_rate` (routine calls that wake somebody, of all
/// routine calls), `spam_error_rate` (real callers called spam, of all real callers), `emergencies_called_spam`,
/// `misses` and `service_misses` (lists of `line`, `id`, `expected`, `got`, `service`, `turns`, `reasoning`).
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The labelled calls.
    cases: PathBuf,
    /// A runbook for all of them.
    #[arg(long)]
    runbook: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    file: String,
    cases: usize,
    emergency_recall: f64,
    false_wake_rate: f64,
    spam_error_rate: f64,
    emergencies_called_spam: usize,
    misses: Vec<MissReport>,
    service_misses: Vec<MissReport>,
}

#[derive(Serialize)]
struct MissReport {
    line: usize,
    id: String,
    expected: String,
    got: String,
    service: String,
    turns: Vec<String>,
    reasoning: String,
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let file = args.cases.display().to_string();
    let bytes = fs::read(&args.cases).with_context(|| format!("cannot read {file}"))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line =
            error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
        anyhow::anyhow!("{file}:{line}: the file is not UTF-8 text; save it as UTF-8")
    })?;
    let runbook = match &args.runbook {
        Some(path) => super::triage::read_runbook(path)?,
        None => Runbook::default(),
    };
    let cases = eval::parse(&text).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(|fault| format!("{file}:{fault}")).collect();
        anyhow::anyhow!("{}", lines.join("\n"))
    })?;
    let score = eval::score(&cases, &runbook, &NoModel);
    print(&file, &score, args.json)?;
    Ok(ExitCode::SUCCESS)
}

fn print(file: &str, score: &Score, json: bool) -> anyhow::Result<()> {
    if json {
        return memory::print_json(&report(file, score));
    }
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    for Miss { case, got, decision } in &score.misses {
        let turns = case.turns.join(" | ");
        line(format!("{file}:{}: {} expected {}, got {got}: {turns}", case.line, case.id, case.expected));
        line(format!("    {}", decision.reasoning));
    }
    for Miss { case, decision, .. } in &score.service_misses {
        let wanted = case.service.unwrap_or_default();
        line(format!("{file}:{}: {} service {wanted:?}, got {:?}", case.line, case.id, decision.service));
    }
    line(format!("cases                   {}", score.cases));
    line(format!("emergency recall        {:.1} %", score.emergency_recall * 100.0));
    line(format!("false wakes             {:.1} % of routine calls", score.false_wake_rate * 100.0));
    line(format!("real callers as spam    {:.1} %", score.spam_error_rate * 100.0));
    line(format!("emergencies as spam     {}", score.emergencies_called_spam));
    line(format!(
        "misses                  {} (and {} with another service)",
        score.misses.len(),
        score.service_misses.len()
    ));
    memory::print(&out)
}

fn report(file: &str, score: &Score) -> Report {
    let rows = |misses: &[Miss]| misses.iter().map(row).collect();
    Report {
        file: file.to_owned(),
        cases: score.cases,
        emergency_recall: score.emergency_recall,
        false_wake_rate: score.false_wake_rate,
        spam_error_rate: score.spam_error_rate,
        emergencies_called_spam: score.emergencies_called_spam,
        misses: rows(&score.misses),
        service_misses: rows(&score.service_misses),
    }
}

fn row(miss: &Miss) -> MissReport {
    MissReport {
        line: miss.case.line,
        id: miss.case.id.clone(),
        expected: miss.case.expected.to_string(),
        got: miss.got.to_string(),
        service: format!("{:?}", miss.decision.service).to_lowercase(),
        turns: miss.case.turns.clone(),
        reasoning: miss.decision.reasoning.clone(),
    }
}
