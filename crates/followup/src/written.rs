//! What a model wrote about a call, held against what the caller said.
//!
//! A model may invent a name, read a number wrongly, promise a visit or obey a caller who dictates to it. So
//! its text counts only as far as the transcript carries it: a name or an address only in the caller's own
//! words and order, a summary only in words that the caller used or that are on a short list of colourless
//! ones. No digit that was not said, no price, no telephone number, no address of the internet. What does not
//! pass is dropped whole; the summary made of the caller's own sentences stays in its place.

use serde::Deserialize;

/// Longest name in words.
const NAME_WORDS_MAX: usize = 5;

/// Longest address in words.
const ADDRESS_WORDS_MAX: usize = 14;

/// Longest summary in characters.
const SUMMARY_CHARS_MAX: usize = 260;

/// So many digits in a row, however they are grouped, are a telephone number.
const PHONE_DIGITS_MIN: usize = 7;

/// Words that a report may use although the caller did not: none of them carries a fact, a promise, a number
/// or a "not".
const COLOURLESS: &[&str] = &[
    "a",
    "about",
    "after",
    "all",
    "an",
    "and",
    "are",
    "as",
    "ask",
    "asked",
    "asking",
    "at",
    "be",
    "because",
    "been",
    "being",
    "but",
    "by",
    "call",
    "called",
    "caller",
    "calling",
    "calls",
    "customer",
    "describe",
    "described",
    "during",
    "for",
    "from",
    "had",
    "has",
    "have",
    "he",
    "her",
    "his",
    "in",
    "is",
    "issue",
    "it",
    "its",
    "mention",
    "mentioned",
    "of",
    "on",
    "or",
    "problem",
    "report",
    "reported",
    "reporting",
    "request",
    "requested",
    "requesting",
    "said",
    "say",
    "saying",
    "she",
    "that",
    "the",
    "their",
    "there",
    "they",
    "this",
    "to",
    "want",
    "wanted",
    "was",
    "were",
    "when",
    "where",
    "which",
    "while",
    "with",
];

/// Words that make a sentence a price or an address of the internet, whoever said them.
const NEVER: &[&str] = &[
    "bucks", "cent", "cents", "com", "dollar", "dollars", "dolares", "eur", "euro", "euros", "http", "https",
    "net", "org", "usd", "www",
];

/// What is left of a model's card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenCard {
    /// The caller's name, as said.
    pub name: Option<String>,
    /// The address, as said.
    pub address: Option<String>,
    /// One or two sentences.
    pub summary: Option<String>,
}

#[derive(Deserialize)]
struct Raw {
    name: Option<String>,
    address: Option<String>,
    summary: Option<String>,
}

/// Keeps of a model's JSON what the caller's turns carry. Anything that is not the expected JSON is nothing.
pub fn checked(json: &str, caller_turns: &[String]) -> WrittenCard {
    let Ok(raw) = serde_json::from_str::<Raw>(json) else { return WrittenCard::default() };
    let said = Said::new(caller_turns);
    let name = raw.name.as_deref().and_then(|name| said.verbatim(name, NAME_WORDS_MAX));
    WrittenCard {
        name: name.filter(|name| name.chars().all(|c| c.is_alphabetic() || " '-.".contains(c))),
        address: raw.address.as_deref().and_then(|address| said.verbatim(address, ADDRESS_WORDS_MAX)),
        summary: raw.summary.as_deref().and_then(|summary| said.summary(summary)),
    }
}

/// The caller's words, lower case, turn by turn.
struct Said {
    turns: Vec<Vec<String>>,
}

impl Said {
    fn new(turns: &[String]) -> Self {
        Self { turns: turns.iter().map(|turn| words(turn)).collect() }
    }

    fn has(&self, word: &str) -> bool {
        self.turns.iter().flatten().any(|said| said == word)
    }

    /// The text, if the caller said exactly these words one after the other.
    fn verbatim(&self, text: &str, words_max: usize) -> Option<String> {
        let (text, wanted) = (plain(text)?, words(text));
        if wanted.is_empty() || wanted.len() > words_max || is_phone_or_price(&text, &wanted) {
            return None;
        }
        let said = self.turns.iter().any(|turn| turn.windows(wanted.len()).any(|window| window == wanted));
        said.then_some(text)
    }

    /// The text, if it is one or two sentences of the caller's words and colourless ones.
    fn summary(&self, text: &str) -> Option<String> {
        let (text, wanted) = (plain(text)?, words(text));
        let sentences = text.split(['.', '!', '?']).filter(|part| !part.trim().is_empty()).count();
        let known = |word: &String| self.has(word) || COLOURLESS.contains(&word.as_str());
        let says_something = wanted.iter().any(|word| !COLOURLESS.contains(&word.as_str()));
        let passes = (1..=2).contains(&sentences)
            && text.chars().count() <= SUMMARY_CHARS_MAX
            && says_something
            && wanted.iter().all(known)
            && !is_phone_or_price(&text, &wanted);
        passes.then_some(text)
    }
}

/// The text with single spaces; `None` when it has a sign that no report needs, or a full stop inside a word.
fn plain(text: &str) -> Option<String> {
    let fits = |c: char| c.is_alphanumeric() || " .,;:'-!?".contains(c);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let inside = text
        .char_indices()
        .any(|(at, c)| c == '.' && text[at + 1..].chars().next().is_some_and(|next| next != ' '));
    (text.chars().all(fits) && !inside).then_some(text)
}

/// Lower-case words; signs other than an apostrophe part them.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| word.trim_matches('\'').to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

fn is_phone_or_price(text: &str, words: &[String]) -> bool {
    let mut digits = 0;
    let mut most = 0;
    for c in text.chars() {
        digits = match c {
            _ if c.is_numeric() => digits + 1,
            ' ' | '-' | '.' | ',' => digits,
            _ => 0,
        };
        most = most.max(digits);
    }
    most >= PHONE_DIGITS_MIN || words.iter().any(|word| NEVER.contains(&word.as_str()))
}

#[cfg(test)]
mod tests;
