//! How sure a judge may be: measured on calls that it was not trained on, and written beside its file.

use std::path::Path;

use serde::Deserialize;

use crate::{heads::softmax, prompt::QUESTIONS};

/// One temperature per question; greater is less sure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Calibration {
    temperatures: [f32; 3],
    measured: bool,
}

#[derive(Deserialize)]
struct File {
    temperature: Temperatures,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Temperatures {
    One(f32),
    Each { severity: f32, service: f32, action: f32 },
}

impl Calibration {
    /// Reads `model.json` beside `model.gguf`. Without that file the model's own odds are taken as they are.
    /// The error text is for the owner.
    pub(crate) fn beside(model: &Path) -> Result<Self, String> {
        let path = model.with_extension("json");
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self { temperatures: [1.0; 3], measured: false });
            }
            Err(cause) => return Err(format!("{} cannot be read: {cause}", path.display())),
        };
        Self::read(&text).map_err(|what| format!("{}: {what}", path.display()))
    }

    fn read(text: &[u8]) -> Result<Self, String> {
        let file: File = serde_json::from_slice(text).map_err(|cause| cause.to_string())?;
        let temperatures = match file.temperature {
            Temperatures::One(temperature) => [temperature; 3],
            Temperatures::Each { severity, service, action } => [severity, service, action],
        };
        if temperatures.iter().any(|temperature| !(0.01..=100.0).contains(temperature)) {
            return Err("a temperature lies between 0.01 and 100".into());
        }
        Ok(Self { temperatures, measured: true })
    }

    /// True when somebody has measured.
    pub(crate) fn is_measured(&self) -> bool {
        self.measured
    }

    /// Probabilities of a question's letters from their logits.
    pub(crate) fn probabilities(&self, question: usize, logits: &[f32]) -> Vec<f32> {
        debug_assert!(question < QUESTIONS.len());
        softmax(logits, self.temperatures.get(question).copied().unwrap_or(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_has_one_temperature_or_one_for_each_question() {
        let one = Calibration::read(br#"{"temperature": 2.0}"#).unwrap();
        assert_eq!(one.temperatures, [2.0; 3]);
        let each = br#"{"temperature": {"severity": 1.0, "service": 2.0, "action": 3.0}, "note": "x"}"#;
        assert_eq!(Calibration::read(each).unwrap().temperatures, [1.0, 2.0, 3.0]);
        assert!(Calibration::read(br#"{"temperature": 0.0}"#).is_err());
        assert!(Calibration::read(b"{}").is_err());
    }

    #[test]
    fn without_the_file_the_model_counts_as_not_measured() {
        let folder = tempfile::tempdir().unwrap();
        let calibration = Calibration::beside(&folder.path().join("m.gguf")).unwrap();
        assert!(!calibration.is_measured());
        assert_eq!(calibration.probabilities(0, &[0.0, 0.0]), [0.5, 0.5]);
    }
}
