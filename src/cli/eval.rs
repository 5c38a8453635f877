//! `nightdesk eval`: how often triage is right on labelled calls, with and without each stage.

mod effects;
mod page;
mod report;
mod sets;
mod spoken;
mod stages;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, bail};
use triage::{
    Model, Runbook,
    eval::{self, Case, Condition, Split, Stage, noise::Confuser},
};

use super::memory;
use report::Report;

/// Seed of the confusions: the same words are misheard in every run.
const SEED: u64 = 1;

/// Scores triage on labelled calls; without files, on the sets that come with NightDesk.
///
/// Rows of split `held` are measured only. The files are described in models/eval/README.md: a plain one has
/// id, profile, local time, expected, service and turns with tabs between. Files with a `kind` column are attacks:
/// callers who try to make the line do something.
///
/// With --json: `file`, `cases`, `emergency_recall`, `emergency_asked_rate` (emergencies that did not wake yet but got
/// the clarifying question), `false_wake_rate` (routine calls that wake somebody, of all routine calls),
/// `spam_error_rate` (real callers called spam, of all real callers), `spam_recall`, `emergencies_called_spam`,
/// `category_top1` (null while nothing names categories), `misses`, `service_misses` and `category_misses` (lists of
/// `set`, `line`, `id`, `split`, `expected`, `got`, `service`, `category`, `category_got`, `turns`, `reasoning`). With the sets that
/// come along these are of the held calls, heard clean, with every installed stage; with files, of all their calls.
/// Then `stages` (`name`, `installed`), `rows` (`stage`, `condition`, `group` and the same rates), `confusion`
/// (`labels`, `outcomes`, `counts`), `calibration` (`error`, `bins` of `cases`, `confidence`, `right`) and `attacks`
/// (`cases`, rates, `emergency_recall_obedient` beside a model that obeys the caller, `forbidden_effects`, `misses`).
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Labelled calls.
    files: Vec<PathBuf>,
    /// A runbook for all of them.
    #[arg(long)]
    runbook: Option<PathBuf>,
    /// Only calls of this split: held or dev.
    #[arg(long, value_parser = split)]
    split: Option<Split>,
    /// Shares of misheard words to measure with, in percent.
    #[arg(long, value_name = "PERCENT", value_delimiter = ',', default_values_t = [10, 20, 30],
          value_parser = clap::value_parser!(u8).range(1..=60))]
    noise: Vec<u8>,
    /// Print no list of misses.
    #[arg(long)]
    brief: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Write a page with the table, the confusion matrix and the calibration curve.
    #[arg(long, value_name = "FILE.html")]
    page: Option<PathBuf>,
    /// Speak N openings (0: all English ones) and hear them with the recogniser through a telephone line; written to
    /// --spoken-file, where later runs find them.
    #[arg(long, value_name = "N")]
    spoken: Option<usize>,
    /// Where heard openings are kept.
    #[arg(long, value_name = "FILE", default_value = "models/eval/spoken.tsv", requires = "spoken")]
    spoken_file: PathBuf,
    /// Recogniser for --spoken: a name from `nightdesk models`, or a file.
    #[arg(long, default_value = "nightdesk-mini.en", requires = "spoken")]
    model: String,
    /// flite's voices for --spoken, in turn.
    #[arg(long, value_delimiter = ',', default_values_t = ["kal16".to_owned(), "slt".into(), "rms".into(), "awb".into()],
          requires = "spoken")]
    voices: Vec<String>,
}

/// A model stage beside the rules, if this program has it.
struct Installed {
    name: &'static str,
    /// `None`: not installed.
    model: Option<Box<dyn Model>>,
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    if let Some(limit) = args.spoken {
        return spoken::run(&args, limit);
    }
    let runbook = match &args.runbook {
        Some(path) => super::triage::read_runbook(path)?,
        None => Runbook::default(),
    };
    let sets = sets::read(&args.files)?;
    let wanted = |case: &Case| args.split.is_none_or(|split| case.split == split);
    let of_kind = |attack: bool| -> Vec<Case> {
        let all = sets.iter().filter(|s| s.heard_for.is_none()).flat_map(|s| &s.cases);
        all.filter(|c| wanted(c) && !c.kind.is_empty() == attack).cloned().collect()
    };
    let (calls, attacks) = (of_kind(false), of_kind(true));
    if calls.is_empty() && attacks.is_empty() {
        bail!("there is no call to measure; with --split, the files need a `split` column")
    }
    let installed = stages::installed()?;
    let usable: Vec<Stage<'_>> =
        installed.iter().filter_map(|s| Some(Stage { name: s.name, model: s.model.as_deref()? })).collect();
    let best = usable.last().context("no stage is installed")?;
    let conditions = conditions(calls, &sets, &args.noise);
    let attacked = (!attacks.is_empty()).then(|| eval::attack(&attacks, &runbook, best.model));
    let effects = effects::of_attacks(&attacks, &runbook, best.model)?;
    let headline_held = args.files.is_empty() && args.split.is_none();
    let report = Report::new(report::Measured {
        sets: &sets,
        stages: installed.iter().map(|s| (s.name, s.model.is_some())).collect(),
        rows: eval::rows(&usable, &conditions, &runbook),
        runs: eval::run(&conditions[0].cases, &runbook, best.model),
        headline_held,
        attacked,
        effects,
    });
    if let Some(path) = &args.page {
        std::fs::write(path, page::render(&report))
            .with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("written: {}", path.display());
    }
    match args.json {
        true => memory::print_json(&report)?,
        false => memory::print(&report.text(args.brief))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The calls as they were said, misheard to each degree, and as the recogniser heard them.
fn conditions(calls: Vec<Case>, sets: &[sets::Set], noise: &[u8]) -> Vec<Condition> {
    let confuser = Confuser::new(&calls);
    let misheard = |percent: &u8| Condition {
        name: format!("{percent} % WER"),
        cases: calls.iter().map(|c| confuser.noisy(c, f64::from(*percent) / 100.0, SEED)).collect(),
    };
    let mut all: Vec<Condition> = noise.iter().map(misheard).collect();
    for set in sets.iter().filter(|set| set.heard_for.is_some()) {
        let heard: Vec<Case> =
            set.cases.iter().filter(|heard| calls.iter().any(|c| c.id == heard.id)).cloned().collect();
        let said = calls.iter().filter(|c| heard.iter().any(|h| h.id == c.id)).cloned().collect();
        all.push(Condition { name: "clean, those of the next rows".to_owned(), cases: said });
        all.push(Condition { name: set.heard_how(), cases: heard });
    }
    all.retain(|condition| !condition.cases.is_empty());
    all.insert(0, Condition { name: "clean".to_owned(), cases: calls });
    all
}

fn split(text: &str) -> Result<Split, String> {
    match text {
        "held" => Ok(Split::Held),
        "dev" => Ok(Split::Dev),
        other => Err(format!("`{other}` is not a split; write held or dev")),
    }
}

#[cfg(test)]
mod tests;
