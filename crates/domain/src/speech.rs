//! What was said and how it sounded.

use serde::{Deserialize, Serialize};

/// Who spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The person who called.
    Caller,
    /// NightDesk.
    Agent,
}

/// How a caller sounds (source D:956-963).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Measured and patient.
    Calm,
    /// Attentive, a little tense.
    Concerned,
    /// Annoyed but controlled.
    Frustrated,
    /// Rapid speech or raised pitch.
    Worried,
    /// Crying, shouting.
    Panicked,
    /// Nothing to hear either way.
    #[default]
    Neutral,
}

/// The language of a caller's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Spanish.
    Spanish,
}

/// A finished piece or turn of caller speech as the recogniser wrote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// The words, unnormalised.
    pub text: String,
    /// 0 (guess) to 1 (sure).
    pub confidence: f32,
    /// How it sounded.
    pub tone: Tone,
    /// The recogniser's or our own view of the language.
    pub language: Language,
}

impl Heard {
    /// Words as if typed: sure, neutral, English. For tests and the `triage` command.
    pub fn typed(text: impl Into<String>) -> Self {
        Self { text: text.into(), confidence: 1.0, tone: Tone::Neutral, language: Language::English }
    }
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Who spoke.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
    /// How it sounded; neutral for the agent.
    pub tone: Tone,
}

impl Turn {
    /// A caller turn in a neutral tone.
    pub fn caller(text: impl Into<String>) -> Self {
        Self { speaker: Speaker::Caller, text: text.into(), tone: Tone::Neutral }
    }

    /// A turn of ours.
    pub fn agent(text: impl Into<String>) -> Self {
        Self { speaker: Speaker::Agent, text: text.into(), tone: Tone::Neutral }
    }
}
