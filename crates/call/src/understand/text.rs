//! Words of a transcript, compared without capitals and punctuation.

/// A word as written and as compared.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    /// Without surrounding punctuation, capitals kept.
    pub(crate) raw: String,
    /// Lower case, typographic apostrophes made plain.
    pub(crate) low: String,
    /// A comma, full stop, question or exclamation mark follows.
    pub(crate) stop: bool,
}

impl Word {
    /// Written with a leading capital, as recognisers write names.
    pub(crate) fn is_capitalised(&self) -> bool {
        self.raw.chars().next().is_some_and(char::is_uppercase)
    }

    /// Letters only (apostrophe and hyphen inside are fine).
    pub(crate) fn is_wordlike(&self) -> bool {
        self.raw.chars().any(char::is_alphabetic)
            && self.raw.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '-' | '.'))
    }
}

/// Splits at white space; surrounding punctuation is dropped and remembered in `stop`.
pub(crate) fn words(text: &str) -> Vec<Word> {
    text.replace(['’', '‘'], "'")
        .split_whitespace()
        .filter_map(|token| {
            let raw = token.trim_matches(|c: char| !c.is_alphanumeric() && c != '#');
            let stop = token.ends_with([',', '.', '?', '!', ';', ':']);
            (!raw.is_empty()).then(|| Word { raw: raw.to_string(), low: raw.to_lowercase(), stop })
        })
        .collect()
}

/// " lower case words with single spaces ", padded so that whole phrases can be looked for.
pub(crate) fn padded(text: &str) -> String {
    let mut out = String::from(" ");
    for word in words(&text.replace(['-', '/'], " ")) {
        out.push_str(&word.low);
        out.push(' ');
    }
    out
}

/// True when one of the phrases occurs as whole words.
pub(crate) fn says_any(padded: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|p| contains_phrase(padded, p))
}

/// True when the phrase occurs as whole words.
pub(crate) fn contains_phrase(padded: &str, phrase: &str) -> bool {
    let mut rest = padded;
    while let Some(at) = rest.find(phrase) {
        let before = rest[..at].chars().next_back();
        let after = rest[at + phrase.len()..].chars().next();
        if before == Some(' ') && after == Some(' ') {
            return true;
        }
        let step = rest[at..].chars().next().map_or(1, char::len_utf8);
        rest = &rest[at + step..];
    }
    false
}

/// "um", "uh", "well": carry nothing.
pub(crate) fn is_filler(low: &str) -> bool {
    matches!(
        low,
        "uh" | "um"
            | "uhm"
            | "er"
            | "ah"
            | "oh"
            | "hmm"
            | "hm"
            | "mm"
            | "well"
            | "so"
            | "like"
            | "okay"
            | "ok"
    )
}

/// First letter of each word upper case; the rest as it was unless it was all capitals by accident.
pub(crate) fn title_case(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut start = true;
    for c in word.chars() {
        if start {
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
        start = c == '-';
    }
    out
}
