//! `nightdesk triage`: what would be decided, and why.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, bail};
use domain::{Decision, Language, Tone, Trade};
use serde::Serialize;
use triage::{Context, NoModel, Runbook, eval};

use super::memory;

/// Decides on caller turns as a call would, and prints why.
///
/// With --json: an object with `action` (GATHER, RESOLVE, ESCALATE), `classification` (emergency, routine,
/// spam or null), `priority`, `service`, `issue`, `safety`, `confidence`, `same_day`, `evidence` (a list of
/// `rule`, `words`, `excused`), `reasoning`, `category` and `category_confidence` (HIGH, MEDIUM, LOW), `sentiment`
/// (`feeling`, `score`, `phrases`, `opening`), `resolve_steps`, `target`, `models`, `suspected_robot`, `language`,
/// and `outcome` (emergency, routine, spam, ask, listen).
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whose rules lead: trades or msp.
    #[arg(long, default_value = "trades", value_parser = trade)]
    profile: Trade,
    /// The shop's wall time: 21:10 (on a night in February) or "2026-07-01 21:10".
    #[arg(long, default_value = "21:10", value_parser = |text: &str| eval::local_time(text))]
    at: jiff::civil::DateTime,
    /// How the caller sounds: calm, concerned, frustrated, worried, panicked or neutral.
    #[arg(long, default_value = "neutral", value_parser = tone)]
    tone: Tone,
    /// The same number called within the last four hours.
    #[arg(long)]
    repeat: bool,
    /// The customer's runbook: YAML, or .txt with instructions only.
    #[arg(long)]
    runbook: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// What the caller says, one argument per turn. A turn after the clarifying question is its answer.
    #[arg(required = true)]
    turns: Vec<String>,
}

#[derive(Serialize)]
struct Report<'a> {
    outcome: String,
    language: Language,
    #[serde(flatten)]
    decision: &'a Decision,
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let runbook = match &args.runbook {
        Some(path) => read_runbook(path)?,
        None => Runbook::default(),
    };
    let context =
        Context { tone: args.tone, repeat_caller: args.repeat, ..Context::at(args.at, args.profile) };
    let Some(decision) = eval::play(&args.turns, context, &runbook, &NoModel) else {
        bail!("no caller turn was given")
    };
    let language = triage::language(&args.turns.join(". "), None);
    print(&decision, language, args.json)?;
    Ok(ExitCode::SUCCESS)
}

/// Reads a runbook file; every fault is one line of the error.
pub(crate) fn read_runbook(path: &PathBuf) -> anyhow::Result<Runbook> {
    let bytes = fs::read(path).with_context(|| format!("cannot read the runbook {}", path.display()))?;
    Runbook::read(&bytes, &path.display().to_string()).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", lines.join("\n"))
    })
}

fn print(decision: &Decision, language: Language, json: bool) -> anyhow::Result<()> {
    let outcome = eval::Outcome::of(decision).to_string();
    if json {
        return memory::print_json(&Report { outcome, language, decision });
    }
    let mut out = format!("decision   {outcome} ({:?}, {:?})\n", decision.action, decision.priority);
    let mut line = |name: &str, value: String| out.push_str(&format!("{name:<10} {value}\n"));
    line("safety", decision.safety.map_or("-".to_owned(), |s| format!("{s:?}")));
    line("service", format!("{:?}", decision.service));
    line("issue", format!("{:?}", decision.issue));
    line("same day", if decision.same_day { "yes" } else { "no" }.to_owned());
    line("confidence", format!("{:.2}", decision.confidence));
    line("language", format!("{language:?}"));
    if let Some(category) = decision.category {
        line("category", format!("{} ({:?})", category.title(), decision.category_confidence));
    }
    let feels = &decision.sentiment;
    let phrases: Vec<String> = feels.phrases.iter().map(|phrase| format!("\"{phrase}\"")).collect();
    line("feeling", format!("{:?}, {} of 100  {}", feels.feeling, feels.score, phrases.join(" ")));
    line("call back", feels.opening.clone());
    if decision.suspected_robot {
        line("robot", "suspected: ask to press 1".to_owned());
    }
    decision.target.iter().for_each(|target| line("target", target.clone()));
    decision.resolve_steps.iter().for_each(|step| line("step", step.clone()));
    line("reasoning", decision.reasoning.clone());
    for item in &decision.evidence {
        let excused =
            item.excused.as_ref().map_or(String::new(), |why| format!("   (does not count: {why})"));
        line("evidence", format!("{:<24} \"{}\"{excused}", item.rule, item.words));
    }
    decision.models.iter().for_each(|said| line("model", said.clone()));
    memory::print(&out)
}

/// A profile name.
pub(crate) fn trade(text: &str) -> Result<Trade, String> {
    match text {
        "trades" => Ok(Trade::Trades),
        "msp" => Ok(Trade::Msp),
        other => Err(format!("`{other}` is not a profile; write trades or msp")),
    }
}

fn tone(text: &str) -> Result<Tone, String> {
    Ok(match text {
        "calm" => Tone::Calm,
        "concerned" => Tone::Concerned,
        "frustrated" => Tone::Frustrated,
        "worried" => Tone::Worried,
        "panicked" => Tone::Panicked,
        "neutral" => Tone::Neutral,
        other => {
            return Err(format!(
                "`{other}` is not a tone; write calm, concerned, frustrated, worried, panicked or neutral"
            ));
        }
    })
}
