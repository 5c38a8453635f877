//! The owner's file: TOML in, checked settings out, or every fault with its line and what to write instead.
//!
//! ```text
//! text → raw.rs (what was written, with places) → check/ (every value once) → checked.rs (what we run on)
//! ```
//!
//! Understands no runbook itself: it keeps the text, and tells the faults that `triage` finds in it. docs/config.md names every key.

mod channels;
mod check;
mod checked;
mod choose;
mod fault;
mod files;
mod panel;
mod raw;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use channels::{
    Channels, CloudSettings, ConnectWiseSettings, EmailSettings, MailSecurity, ModemSettings, NtfySettings,
    PushoverSettings, SlackSettings, TwilioSettings, WebhookSettings,
};
pub use checked::{
    Config, DialForm, HearingSettings, InHours, LineSettings, Listen, NetRange, OncallRoster, PbxSettings,
    PbxTransport, Person, RetentionSettings, RunbookFile, Secret, Shop, ThinkingSettings, UnknownNumber,
    VoiceEngine, VoiceSettings,
};
pub use choose::{CallAction, ShopChoice};
pub use fault::{Fault, Severity};
pub use panel::{PanelBoard, PanelSettings, PanelWiring, SoundsFor};

use fault::Faults;
use files::{Embedded, OnDisk, Surroundings};

const DEMO: &str = include_str!("../../examples/metro-plumbing/nightdesk.toml");
const DEMO_RUNBOOK: &str = include_str!("../../examples/metro-plumbing/runbook.yaml");

impl Config {
    /// Reads and checks a file, and the runbooks and passwords that it names.
    ///
    /// # Errors
    /// All faults in the order of the file, then the warnings.
    pub fn load(path: &Path) -> Result<Self, Vec<Fault>> {
        Self::parse(&read_file(path)?, &path.display().to_string(), &OnDisk::around(path))
    }

    /// Metro Plumbing, the shop of `examples/metro-plumbing`, inside the program.
    ///
    /// # Errors
    /// Where the machine has no time zone data; nothing else in a program that passed its tests.
    pub fn embedded_demo() -> Result<Self, Vec<Fault>> {
        let around = Embedded { runbooks: &[("runbook.yaml", DEMO_RUNBOOK)] };
        Self::parse(DEMO, "examples/metro-plumbing/nightdesk.toml", &around)
    }

    /// Where a configuration keeps its calls and cards, whatever else is wrong in it: for commands that only
    /// read them.
    ///
    /// # Errors
    /// The file cannot be read, or it is not TOML.
    pub fn data_dir_of(path: &Path) -> Result<std::path::PathBuf, Vec<Fault>> {
        let name = path.display().to_string();
        let text = read_file(path)?;
        let mut faults = Faults::new(&name, &text);
        match raw::read(&text, &mut faults) {
            Some(written) => {
                Ok(check::data_dir(written.storage.as_ref().map(|s| &s.value), &OnDisk::around(path)))
            }
            None => Err(faults.finish().0),
        }
    }

    /// The panel of a configuration, whatever else is wrong in it: a relay can be switched off with any file.
    ///
    /// # Errors
    /// The file cannot be read, it is not TOML, or the section itself is wrong.
    pub fn panel_of(path: &Path) -> Result<Option<PanelSettings>, Vec<Fault>> {
        let name = path.display().to_string();
        let text = read_file(path)?;
        let mut faults = Faults::new(&name, &text);
        let Some(written) = raw::read(&text, &mut faults) else { return Err(faults.finish().0) };
        // faults of other sections are not asked for here
        let mut own = Faults::new(&name, &text);
        let panel = check::panel(written.panel, &mut own, &OnDisk::around(path));
        let (errors, _) = own.finish();
        if errors.is_empty() { Ok(panel) } else { Err(errors) }
    }

    fn parse(text: &str, name: &str, around: &dyn Surroundings) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new(name, text);
        let written = raw::read(text, &mut faults);
        let config = written.and_then(|w| check::config(w, &mut faults, around));
        let (errors, warnings) = faults.finish();
        match config {
            Some(config) if errors.is_empty() => Ok(Self { warnings, ..config }),
            _ => Err(errors.into_iter().chain(warnings).collect()),
        }
    }
}

fn read_file(path: &Path) -> Result<String, Vec<Fault>> {
    std::fs::read_to_string(path).map_err(|error| {
        vec![Fault {
            file: path.display().to_string(),
            line: 0,
            column: 0,
            severity: Severity::Error,
            what: format!("the configuration cannot be read: {error}"),
            write_instead:
                "--config with the path of your file; examples/metro-plumbing/nightdesk.toml is a start"
                    .into(),
        }]
    })
}
