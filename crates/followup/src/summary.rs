//! One or two sentences from the caller's own words. Nothing is added that was not said.

/// Longest summary in characters; a page must fit a text message together with name, number and address.
const SUMMARY_CHARS_MAX: usize = 140;

/// Words that open a sentence without saying anything.
const FILLERS: &[&str] = &[
    "yeah",
    "yes",
    "uh",
    "um",
    "hi",
    "hello",
    "hey",
    "well",
    "so",
    "okay",
    "ok",
    "oh",
    "please",
    "good",
    "evening",
    "morning",
    "afternoon",
    "there",
    "listen",
    "look",
];

/// A short summary of what the caller said about the problem, one or two sentences, cut on a word.
/// `statements` are the caller's turns about the matter, in order.
pub fn summarise(statements: &[String]) -> String {
    let mut summary = String::new();
    for sentence in statements.iter().flat_map(|s| sentences(s)).take(2) {
        let longer = if summary.is_empty() { sentence.clone() } else { format!("{summary} {sentence}") };
        if longer.chars().count() > SUMMARY_CHARS_MAX && !summary.is_empty() {
            break;
        }
        summary = longer;
    }
    cut_on_word(&summary, SUMMARY_CHARS_MAX)
}

/// All that the caller said about the problem, fillers included, as one text.
pub fn detail(statements: &[String]) -> String {
    statements.iter().map(|s| s.trim()).filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Sentences without opening fillers, each at least two words long, capitalised and closed with a full stop.
fn sentences(text: &str) -> Vec<String> {
    text.split_inclusive(['.', '!', '?'])
        .filter_map(|raw| {
            let said = raw.trim().trim_end_matches(['.', '!', '?', ',']);
            let body = without_opening_fillers(said);
            (body.split_whitespace().count() >= 2).then(|| format!("{}.", capitalised(body)))
        })
        .collect()
}

fn without_opening_fillers(said: &str) -> &str {
    let mut rest = said;
    while let Some(word) = rest.split_whitespace().next() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        if !FILLERS.contains(&bare.as_str()) {
            break;
        }
        rest = rest[word.len()..].trim_start();
    }
    rest
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// At most `max` characters, cut after a whole word.
pub(crate) fn cut_on_word(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_string();
    }
    let head: String = text.chars().take(max - 1).collect();
    let whole = head.rfind(' ').map_or(head.as_str(), |i| &head[..i]);
    format!("{}…", whole.trim_end_matches([',', '.', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(statements: &[&str], expected: &str) {
        assert_eq!(summarise(&statements.iter().map(|s| s.to_string()).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn fillers_are_left_out_and_two_sentences_kept() {
        check(
            &[
                "Yeah, uh, I've got water spraying out of a pipe in my basement. It's everywhere. I don't know what to do.",
            ],
            "I've got water spraying out of a pipe in my basement. It's everywhere.",
        );
    }

    #[test]
    fn later_statements_join_when_they_fit() {
        check(
            &["Hi, I'm looking to get a quote on replacing my water heater.", "It's still working."],
            "I'm looking to get a quote on replacing my water heater. It's still working.",
        );
    }

    #[test]
    fn greeting_alone_is_no_summary() {
        check(&["Hello?", "Hi there."], "");
    }

    #[test]
    fn long_speech_is_cut_on_a_word() {
        let long = "the water ".repeat(40);
        let summary = summarise(&[long]);
        assert!(summary.chars().count() <= SUMMARY_CHARS_MAX, "{summary}");
        assert!(summary.ends_with("water…") || summary.ends_with("the…"), "{summary}");
    }
}
