//! What `calls` and `lead` share: where the data folder is, and writing to the terminal.

use std::{
    io::{ErrorKind, Write},
    path::PathBuf,
};

use anyhow::{Context, anyhow, bail};
use domain::CallRecord;

use crate::{
    config::{Config, Fault},
    store::{Archive, Hand},
};

/// Where the calls are kept.
#[derive(Debug, clap::Args)]
pub(super) struct Where {
    /// Configuration whose data folder is read.
    #[arg(long, global = true, value_name = "FILE", default_value = "nightdesk.toml")]
    config: PathBuf,
    /// Data folder to read instead, such as that of a demo.
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
}

impl Where {
    /// Opens the stored calls for reading; a running daemon is not disturbed.
    pub(super) fn open(&self) -> anyhow::Result<Archive> {
        Ok(Archive::open(&self.folder()?)?)
    }

    /// Opens the stored calls for small corrections beside a running daemon.
    pub(super) fn hand(&self) -> anyhow::Result<Hand> {
        Ok(Hand::open(&self.folder()?)?)
    }

    /// The data folder.
    pub(super) fn folder(&self) -> anyhow::Result<PathBuf> {
        match &self.data_dir {
            Some(dir) => Ok(dir.clone()),
            None => Config::data_dir_of(&self.config).map_err(|faults| {
                let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
                anyhow!("{}\n    or: --data-dir with the data folder itself", told.join("\n"))
            }),
        }
    }

    /// The whole configuration, for commands that can also do without.
    pub(super) fn config(&self) -> Result<Config, Vec<Fault>> {
        Config::load(&self.config)
    }
}

/// The call that somebody means: `last`, a whole id, or the last characters of one.
pub(super) fn find_call(archive: &Archive, written: &str) -> anyhow::Result<CallRecord> {
    if written == "last" {
        return archive.calls(1)?.pop().context("there is no call yet");
    }
    if written.len() < 4 {
        bail!(
            "{written:?} is too short; write at least four characters of the id, as `nightdesk calls` prints it"
        );
    }
    let mut found = archive.calls_ending_with(written, 2)?;
    match (found.pop(), found.is_empty()) {
        (Some(call), true) => Ok(call),
        (None, _) => bail!("no call has an id that ends in {written:?}; `nightdesk calls` lists them"),
        (Some(_), false) => bail!("more than one call has an id that ends in {written:?}; write more of it"),
    }
}

/// Writes to the terminal. A reader that has seen enough (`| head`) is no error.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("writing to the terminal"),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a value as JSON, one field per line.
pub(super) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(value)?))
}
