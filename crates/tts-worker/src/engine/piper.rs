//! Piper: natural voices from a model file that the owner chooses. Not in Debian; newer releases are GPL.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{Engine, ask};

pub(crate) struct Piper {
    program: PathBuf,
    /// Path of the .onnx file.
    voice: Option<String>,
}

impl Piper {
    pub(crate) fn new(program: PathBuf, voice: Option<String>) -> Self {
        Self { program, voice }
    }
}

impl Engine for Piper {
    fn name(&self) -> &'static str {
        "piper"
    }

    fn command(&self, text: &Path, wav: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--model").arg(self.voice.as_deref().unwrap_or_default()).arg("--output_file").arg(wav);
        // the text was written a moment ago; if it is gone, piper reads nothing and the missing WAV is reported
        command.stdin(File::open(text).map_or_else(|_| Stdio::null(), Stdio::from));
        command
    }

    fn check(&self) -> Result<(), String> {
        ask(&self.program, &["--help"], self.how_to_install())?;
        let Some(voice) = &self.voice else {
            return Err("piper needs a voice: set `voice` to the path of its .onnx file".into());
        };
        if !Path::new(voice).is_file() {
            return Err(format!("piper's voice file {voice} is missing"));
        }
        if !Path::new(&format!("{voice}.json")).is_file() {
            return Err(format!(
                "piper's settings {voice}.json are missing; they belong beside the voice file"
            ));
        }
        Ok(())
    }

    fn how_to_install(&self) -> String {
        "Debian has no package of it; put the piper program on the path, or use flite (apt install flite)"
            .into()
    }
}
