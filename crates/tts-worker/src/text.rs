//! Text as an engine may see it.

use worker_wire::TEXT_CHARS_MAX;

/// Why a text is not spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unspeakable {
    #[error("the sentence is longer than {TEXT_CHARS_MAX} characters")]
    TooLong,
    #[error("there is nothing to say")]
    Nothing,
}

/// One line without control characters and without what engines take for commands: `[[` begins phonemes
/// in espeak-ng, `<` begins mark-up.
pub(crate) fn speakable(text: &str) -> Result<String, Unspeakable> {
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(Unspeakable::TooLong);
    }
    let harmless: String = text
        .chars()
        .map(|letter| if letter.is_control() || "[]<>{}|\\".contains(letter) { ' ' } else { letter })
        .collect();
    let line = harmless.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().any(char::is_alphanumeric) { Ok(line) } else { Err(Unspeakable::Nothing) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sentences_stay_as_they_are() {
        let said = "Okay, Jim. That's two one eight, Oak Lane; right?";
        assert_eq!(speakable(said).as_deref(), Ok(said));
    }

    #[test]
    fn commands_for_engines_become_blanks() {
        assert_eq!(
            speakable("hi [[h@loU]] <audio src='x'/>\0\n-w /etc/passwd").unwrap(),
            "hi h@loU audio src='x'/ -w /etc/passwd"
        );
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        assert_eq!(speakable(" …!\n"), Err(Unspeakable::Nothing));
        assert_eq!(speakable(&"a".repeat(TEXT_CHARS_MAX + 1)), Err(Unspeakable::TooLong));
        assert!(speakable(&"é".repeat(TEXT_CHARS_MAX)).is_ok());
    }

    proptest! {
        #[test]
        fn no_control_character_reaches_an_engine(text in ".{0,500}") {
            if let Ok(line) = speakable(&text) {
                prop_assert!(!line.chars().any(|letter| letter.is_control() || "[]<>".contains(letter)));
                prop_assert!(line.chars().count() <= TEXT_CHARS_MAX);
            }
        }
    }
}
