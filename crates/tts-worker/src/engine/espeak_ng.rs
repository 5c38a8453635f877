//! eSpeak NG: robotic but very clear, many languages. GPL, so it is only ever a program of its own.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::{Engine, ask};

const USUAL_VOICE: &str = "en-us";

/// A little slower than its default of 175: telephone listeners write down numbers.
const WORDS_PER_MINUTE: &str = "160";

pub(crate) struct EspeakNg {
    program: PathBuf,
    voice: String,
}

impl EspeakNg {
    pub(crate) fn new(program: PathBuf, voice: Option<String>) -> Self {
        Self { program, voice: voice.unwrap_or_else(|| USUAL_VOICE.into()) }
    }
}

impl Engine for EspeakNg {
    fn name(&self) -> &'static str {
        "espeak-ng"
    }

    fn command(&self, text: &Path, wav: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["-b", "1", "-s", WORDS_PER_MINUTE, "-v"]).arg(&self.voice);
        command.arg("-f").arg(text).arg("-w").arg(wav);
        command
    }

    fn check(&self) -> Result<(), String> {
        let listed = ask(&self.program, &["--voices"], self.how_to_install())?;
        // a voice is a language and may carry a variant: en-us+f3
        let language = self.voice.split('+').next().unwrap_or("").to_lowercase();
        let known = listed.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1));
        if known.into_iter().any(|code| code.to_lowercase() == language) {
            return Ok(());
        }
        Err(format!("espeak-ng has no voice {:?}; `espeak-ng --voices` lists them", self.voice))
    }

    fn how_to_install(&self) -> String {
        "install the Debian package espeak-ng (apt install espeak-ng)".into()
    }
}
