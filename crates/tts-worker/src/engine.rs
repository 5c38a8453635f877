//! The speech engines, one file each: how to call the program, and how to see whether it is there.

use std::{
    ffi::OsStr,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Args, EngineName};

mod espeak_ng;
mod flite;
mod piper;

/// A program that turns a text file into a WAV file.
pub(crate) trait Engine: Send + Sync {
    /// Name for logs and messages.
    fn name(&self) -> &'static str;
    /// The program run for one sentence. It reads UTF-8 text from `text` and writes `wav`.
    fn command(&self, text: &Path, wav: &Path) -> Command;
    /// Whether the program and the voice are there; the error says what to install or change.
    fn check(&self) -> Result<(), String>;
    /// What to do when the program is missing.
    fn how_to_install(&self) -> String;
}

/// The engine that was asked for.
pub(crate) fn from_args(args: &Args) -> Box<dyn Engine> {
    let program = |usual: &str| args.command.clone().unwrap_or_else(|| PathBuf::from(usual));
    let voice = args.voice.clone();
    match args.engine {
        EngineName::Flite => Box::new(flite::Flite::new(program("flite"), voice)),
        EngineName::EspeakNg => Box::new(espeak_ng::EspeakNg::new(program("espeak-ng"), voice)),
        EngineName::Piper => Box::new(piper::Piper::new(program("piper"), voice)),
    }
}

/// Runs a program that lists something and returns what it prints.
fn ask(program: &Path, args: &[&str], how_to_install: String) -> Result<String, String> {
    let output = Command::new(program).args(args.iter().map(OsStr::new)).output().map_err(|fault| {
        if fault.kind() == ErrorKind::NotFound {
            return format!("{} is not installed: {how_to_install}", program.display());
        }
        format!("{} cannot be started: {fault}", program.display())
    })?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
