//! What all subcommands share: the log, the configuration, and how faults are printed.

use std::path::Path;

use tracing_subscriber::{EnvFilter, fmt};

use crate::{
    config::{Config, Fault},
    phone,
};

/// Logs to stderr: INFO by default, `NIGHTDESK_LOG` overrides. The SIP library's own target stays quiet,
/// because it writes credentials.
pub(super) fn start_logging() {
    start_logging_at("info");
}

/// The same with another default level.
pub(super) fn start_logging_at(level: &str) {
    let filter = std::env::var("NIGHTDESK_LOG").unwrap_or_else(|_| level.to_string());
    let filter = EnvFilter::new(format!("{filter},{}", phone::QUIET_LOG_DIRECTIVE));
    // A second start in one process (tests) keeps the first.
    fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).try_init().ok();
}

/// Reads a configuration; prints every fault and returns `None` when there is one.
pub(super) fn load_config(path: &Path) -> Option<Config> {
    usable(Config::load(path))
}

/// The configuration without its faults, which are printed.
pub(super) fn usable(config: Result<Config, Vec<Fault>>) -> Option<Config> {
    match config {
        Ok(config) => {
            for warning in &config.warnings {
                eprintln!("{warning}");
            }
            Some(config)
        }
        Err(faults) => {
            for fault in &faults {
                eprintln!("{fault}\n");
            }
            eprintln!("nightdesk: {} in the configuration; nothing was started", count(faults.len()));
            None
        }
    }
}

fn count(faults: usize) -> String {
    if faults == 1 { "one fault".to_string() } else { format!("{faults} faults") }
}
