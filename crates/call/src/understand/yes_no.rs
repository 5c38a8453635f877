//! Yes, no, or neither.

use super::text::{padded, says_any};

/// A caller's answer to a yes-or-no question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Agreed.
    Yes,
    /// Refused or denied.
    No,
    /// Neither word was there.
    Unclear,
}

const YES: &[&str] = &[
    "yes",
    "yeah",
    "yep",
    "yup",
    "ya",
    "yah",
    "sure",
    "correct",
    "right",
    "ok",
    "okay",
    "absolutely",
    "exactly",
    "definitely",
    "certainly",
    "perfect",
    "please",
    "fine",
    "good",
    "great",
    "true",
    "affirmative",
    "si",
    "sí",
    "alright",
    "indeed",
    "course",
];

const NO: &[&str] =
    &["no", "nope", "nah", "not", "wrong", "incorrect", "negative", "don't", "isn't", "never"];

/// Phrases that would be misread word by word.
const YES_PHRASES: &[&str] = &[
    "no problem",
    "no worries",
    "not a problem",
    "you got it",
    "you've got it",
    "you have it",
    "uh huh",
    "mm hmm",
    "mhm",
    "that's the one",
    "that is the one",
    "that's me",
    "this one",
    "the one i'm calling from",
    "why not",
    "that works",
    "that'll work",
    "that's it",
];

const NO_PHRASES: &[&str] = &[
    "not right",
    "not correct",
    "not the right",
    "that's not",
    "uh uh",
    "not really",
    "not quite",
    "i don't",
];

/// Reads an answer: the first decisive word counts, phrases such as "no problem" before words.
pub fn yes_no(text: &str) -> Answer {
    let text = padded(text);
    if says_any(&text, NO_PHRASES) {
        return Answer::No;
    }
    let starts_with_no = text.split_whitespace().next().is_some_and(|w| matches!(w, "no" | "nope" | "nah"));
    let denies = starts_with_no && !says_any(&text, &["no problem", "no worries"]);
    if !denies && says_any(&text, YES_PHRASES) {
        return Answer::Yes;
    }
    for word in text.split_whitespace() {
        if NO.contains(&word) {
            return Answer::No;
        }
        if YES.contains(&word) {
            return Answer::Yes;
        }
    }
    Answer::Unclear
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Answer) {
        assert_eq!(yes_no(text), expected, "{text}");
    }

    #[test]
    fn agreement_in_many_words() {
        for text in [
            "Yes.",
            "Yeah, that's right.",
            "Yep",
            "Uh-huh.",
            "You've got it. The one I'm calling from.",
            "Yeah, this one's fine.",
            "no problem, that works",
            "Sure.",
            "Mm-hmm.",
            "That's correct",
        ] {
            check(text, Answer::Yes);
        }
    }

    #[test]
    fn denial_in_many_words() {
        for text in
            ["No.", "Nope, that's it. Thanks.", "no, it's 4477", "That's not right", "That's wrong", "Nah"]
        {
            check(text, Answer::No);
        }
    }

    #[test]
    fn anything_else_is_neither() {
        for text in ["", "218 Oak Lane.", "Jim Kowalski", "what?"] {
            check(text, Answer::Unclear);
        }
    }
}
