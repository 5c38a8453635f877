//! CMU Flite: small, fast, free of patents and of the GPL. The default voice.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::{Engine, ask};

/// A clear woman's voice at 16 kHz that comes with the package.
const USUAL_VOICE: &str = "slt";

pub(crate) struct Flite {
    program: PathBuf,
    voice: String,
}

impl Flite {
    pub(crate) fn new(program: PathBuf, voice: Option<String>) -> Self {
        Self { program, voice: voice.unwrap_or_else(|| USUAL_VOICE.into()) }
    }
}

impl Engine for Flite {
    fn name(&self) -> &'static str {
        "flite"
    }

    fn command(&self, text: &Path, wav: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("-voice").arg(&self.voice).arg("-f").arg(text).arg("-o").arg(wav);
        command
    }

    fn check(&self) -> Result<(), String> {
        let listed = ask(&self.program, &["-lv"], self.how_to_install())?;
        // flite takes another voice without a word when it does not know the name
        let names: Vec<&str> = listed.rsplit(':').next().unwrap_or("").split_whitespace().collect();
        if names.contains(&self.voice.as_str()) || Path::new(&self.voice).is_file() {
            return Ok(());
        }
        Err(format!("flite has no voice {:?}; it has: {}", self.voice, names.join(", ")))
    }

    fn how_to_install(&self) -> String {
        "install the Debian package flite (apt install flite)".into()
    }
}
