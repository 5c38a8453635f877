//! How a caller feels, by his words (source C:16-17). How he sounds is [`crate::Tone`].

use serde::{Deserialize, Serialize};

/// The five feelings of the source, from light to grave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Feeling {
    /// Nothing else can be heard in the words.
    #[default]
    Calm,
    /// Does not know what is happening or what to do.
    Confused,
    /// Presses for time.
    Urgent,
    /// Has had enough: again, still, nobody calls back.
    Frustrated,
    /// Insults or threatens.
    Hostile,
}

/// How the words of a call feel, and how to begin the call-back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sentiment {
    /// The feeling that shows most.
    pub feeling: Feeling,
    /// How strongly, 0 (calm) to 100.
    pub score: u8,
    /// The caller's exact words that show it, at most eight.
    pub phrases: Vec<String>,
    /// How the person who calls back may begin.
    pub opening: String,
}
