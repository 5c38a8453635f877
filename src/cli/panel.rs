//! `nightdesk panel`: lamp, alarm relay and button, without the daemon.

use std::{
    path::PathBuf,
    process::ExitCode,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use firmware::{Press, Status};

use crate::{
    app::panel::wiring,
    config::{Config, PanelSettings},
    panel,
};

/// How often the pins are brought up to date.
const TICK: Duration = Duration::from_millis(10);
/// Each state of the lamp is shown this long: three rounds of the slowest rhythm.
const SHOW: Duration = Duration::from_secs(12);

/// Look at lamp, alarm relay and button, try them, switch them off.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List the GPIO lines of this machine by name.
    Lines,
    /// Relay unpowered, lamp dark. systemd does this after every end of the daemon.
    Off {
        /// The configuration file.
        #[arg(long, default_value = "nightdesk.toml")]
        config: PathBuf,
    },
    /// Show every state of the lamp and tell presses. Stop the daemon before: a line has one user.
    Test {
        /// The configuration file.
        #[arg(long, default_value = "nightdesk.toml")]
        config: PathBuf,
        /// Power the relay too, as long as the test runs and `relay_max_s` allows.
        #[arg(long)]
        alarm: bool,
    },
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.what {
        What::Lines => lines(),
        What::Off { config } => {
            let Some(settings) = settings(&config)? else { return Ok(ExitCode::SUCCESS) };
            let mut face = panel::open(&wiring(&settings))?;
            face.rest().map_err(|error| anyhow::anyhow!("a part of the panel does not obey: {error:?}"))?;
        }
        What::Test { config, alarm } => {
            let settings = settings(&config)?.context("there is no [panel] section in the configuration")?;
            test(&settings, alarm)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn settings(config: &std::path::Path) -> anyhow::Result<Option<PanelSettings>> {
    Config::panel_of(config).map_err(|faults| {
        anyhow::anyhow!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

#[allow(clippy::print_stdout, reason = "a list for the person at the terminal")]
fn lines() {
    let lines = panel::every_line();
    if lines.is_empty() {
        println!(
            "No GPIO lines with names: this machine has none, or this user may not open /dev/gpiochip*."
        );
    }
    for line in lines {
        let held = line.held_by.map_or(String::new(), |by| format!("   in use by {by}"));
        println!("{}{held}", line.name);
    }
}

#[allow(clippy::print_stdout, reason = "tells the person in front of the box what to see")]
fn test(settings: &PanelSettings, alarm: bool) -> anyhow::Result<()> {
    let mut face = panel::open(&wiring(settings))?;
    let started = Instant::now();
    for status in Status::ALL {
        println!("{}", status.words());
        let until = started.elapsed() + SHOW;
        while started.elapsed() < until {
            match face.tick(status, alarm, started.elapsed()) {
                Ok(Some(press)) => println!("  button: {}", press_words(press)),
                Ok(None) => {}
                Err(error) => anyhow::bail!("a part of the panel does not obey: {error:?}"),
            }
            sleep(TICK);
        }
    }
    Ok(())
}

fn press_words(press: Press) -> &'static str {
    match press {
        Press::Short => "short, acknowledges",
        Press::Long => "long, rehearses the ladder",
        Press::VeryLong => "very long, asks for a reset of the network settings",
    }
}
