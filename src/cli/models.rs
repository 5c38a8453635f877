//! `nightdesk models`: which models are there, fetch one, verify them.

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering},
};

use anyhow::Context as _;
use serde::Serialize;

use super::{
    memory::{print, print_json},
    output,
};
use crate::{
    config::Config,
    workers::models::{self, Kind, Model, Verdict},
};

/// List the models by use, fetch one, or verify what is installed.
///
/// With `--json` a list of: `kind` (recogniser, encoder, heads, judge), `ram_mb` (memory of its process), `name`, `file`, `use`, `languages`, `size` (bytes), `licence`, `url` (null: it
/// comes with NightDesk), `test_article` (true: never for a shop), `installed` (path or null), `active` (the
/// configuration uses it), and for `check` also `verdict` (right, unknown, wrong_size, wrong_checksum,
/// unreadable, absent). `get --json` prints `name` and `path`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The configuration that tells which model is active and where the data folder is.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// Folder of the models, if it is not one of the usual ones.
    #[arg(long, global = true)]
    folder: Option<PathBuf>,
    /// Machine-readable output; the fields are described above.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Fetch a model. Goes on where an interrupted download stopped.
    Get {
        /// Its name, such as `base.en`.
        name: String,
    },
    /// Compare installed models with their checksums.
    Check,
}

#[derive(Debug, Serialize)]
struct Row {
    kind: Kind,
    ram_mb: Option<u32>,
    name: String,
    file: String,
    #[serde(rename = "use")]
    purpose: String,
    languages: String,
    size: u64,
    licence: String,
    url: Option<String>,
    test_article: bool,
    installed: Option<PathBuf>,
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
}

/// What the configuration and the arguments say about places.
struct Places {
    folders: Vec<PathBuf>,
    /// The files that the configuration uses.
    active: Vec<PathBuf>,
}

/// Runs `nightdesk models`.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Some(places) = places(&args) else { return Ok(ExitCode::FAILURE) };
    match &args.command {
        None => list(&args, &places),
        Some(Command::Get { name }) => get(name, &args, &places),
        Some(Command::Check) => check(&args, &places),
    }
}

fn places(args: &Args) -> Option<Places> {
    let config: Option<Config> = match &args.config {
        Some(path) => Some(output::load_config(path)?),
        None => None,
    };
    let data_dir = config.as_ref().map(|config| config.data_dir.as_path());
    let mut folders = models::folders(data_dir);
    folders.splice(0..0, args.folder.clone());
    let active = config.map_or_else(Vec::new, |config| {
        let thinking = [config.thinking.sense, config.thinking.judge].into_iter().flatten();
        let names = [config.hearing.model].into_iter().chain(thinking);
        names.map(|name| models::locate(&name, &folders)).collect()
    });
    Some(Places { folders, active })
}

fn row(model: Model, places: &Places) -> Row {
    let installed = model.installed(&places.folders);
    Row {
        active: installed.as_ref().is_some_and(|path| places.active.contains(path)),
        kind: model.kind,
        ram_mb: model.ram_mb,
        name: model.name,
        file: model.file,
        purpose: model.purpose,
        languages: model.languages,
        size: model.size,
        licence: model.licence,
        url: model.url,
        test_article: model.test_article,
        installed,
        verdict: None,
    }
}

fn list(args: &Args, places: &Places) -> anyhow::Result<ExitCode> {
    let rows: Vec<Row> = models::catalog().into_iter().map(|model| row(model, places)).collect();
    if args.json {
        print_json(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = String::new();
    let mut kind = None;
    for row in &rows {
        if kind.replace(row.kind) != Some(row.kind) {
            text.push_str(&format!("{}\n", title(row.kind)));
        }
        let state = match (&row.installed, row.active) {
            (Some(_), true) => "ACTIVE",
            (Some(_), false) => "installed",
            (None, _) => "-",
        };
        text.push_str(&format!(
            "{:<18} {:<9} {:>6.1} MB  {:<17}  {}\n",
            row.name,
            state,
            row.size as f64 / 1e6,
            row.licence,
            row.purpose
        ));
        if row.test_article {
            text.push_str("                   a test article: must never be a shop's own\n");
        }
    }
    text.push_str("\nFetch one with `nightdesk models get NAME`.\n");
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Recogniser => "Hearing: [hearing] model = \"NAME\"",
        Kind::Encoder => "\nSensing what a call sounds like: [thinking] sense = \"NAME\"",
        Kind::Heads => "\nHeads of the sentence encoder: [thinking] heads = \"NAME.json\"",
        Kind::Judge => "\nJudging a call and writing cards: [thinking] judge = \"NAME\"",
    }
}

fn get(name: &str, args: &Args, places: &Places) -> anyhow::Result<ExitCode> {
    let known = models::catalog();
    let Some(model) = known.iter().find(|model| model.name == name) else {
        let names: Vec<&str> = known.iter().map(|model| model.name.as_str()).collect();
        anyhow::bail!("no model is called {name:?}; there are: {}", names.join(", "));
    };
    let folder = places.folders.first().context("no folder for models")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let path = runtime.block_on(models::download(model, folder, progress()))?;
    if args.json {
        print_json(&serde_json::json!({ "name": name, "path": path }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let setting = match model.kind {
        Kind::Recogniser => "[hearing] model",
        Kind::Encoder | Kind::Heads => "[thinking] sense",
        Kind::Judge => "[thinking] judge",
    };
    print(&format!("{name} is in {}\nUse it: {setting} = \"{name}\"\n", path.display()))?;
    if model.sha256.is_none() {
        print("Its checksum is not in the catalog: it was not verified. Compare it with the maker's.\n")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a line on a terminal whenever another per cent has come.
fn progress() -> impl Fn(u64, u64) {
    let shown = AtomicU64::new(u64::MAX);
    move |got, all| {
        let percent = got * 100 / all.max(1);
        if std::io::stderr().is_terminal() && shown.swap(percent, Ordering::Relaxed) != percent {
            let end = if percent == 100 { '\n' } else { '\r' };
            eprint!("{percent:>3} %  {:.1} of {:.1} MB{end}", got as f64 / 1e6, all as f64 / 1e6);
        }
    }
}

fn check(args: &Args, places: &Places) -> anyhow::Result<ExitCode> {
    let mut wrong = false;
    let mut text = String::new();
    let mut rows = Vec::new();
    for model in models::catalog() {
        let Some(path) = model.installed(&places.folders) else {
            rows.push(Row { verdict: Some("absent"), ..row(model, places) });
            continue;
        };
        let (code, words) = describe(&model, &path);
        wrong |= !matches!(code, "right" | "unknown");
        text.push_str(&format!("{:<18} {words}\n", model.name));
        rows.push(Row { verdict: Some(code), ..row(model, places) });
    }
    if args.json {
        print_json(&rows)?;
    } else if text.is_empty() {
        print("no model is installed; `nightdesk models get base.en` fetches one\n")?;
    } else {
        print(&text)?;
    }
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn describe(model: &Model, path: &Path) -> (&'static str, String) {
    let again = format!("delete {} and run `nightdesk models get {}`", path.display(), model.name);
    match model.verify(path) {
        Verdict::Right => ("right", "right".into()),
        Verdict::Unknown(found) => {
            ("unknown", format!("checksum unknown: verify and pin it in models/catalog.toml: {found}"))
        }
        Verdict::WrongSize { found } => (
            "wrong_size",
            format!("WRONG: {found} bytes instead of {}; the copy did not finish: {again}", model.size),
        ),
        Verdict::WrongChecksum { found } => {
            ("wrong_checksum", format!("WRONG: its SHA-256 is {found}, not the catalog's: {again}"))
        }
        Verdict::Unreadable(cause) => ("unreadable", format!("cannot be read: {cause}")),
    }
}
