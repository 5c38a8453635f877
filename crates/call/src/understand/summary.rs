//! The caller's problem in the caller's words, short enough to be said back and to fit on a page.

use domain::Language;

use super::{
    spanish,
    text::{is_filler, words},
};

/// Longest summary in characters.
pub const SUMMARY_CHARS_MAX: usize = 120;

/// The caller's words without hesitation and greeting, beginning with a capital, cut at a word.
/// "Yeah, uh, I've got water spraying out of a pipe in my basement." → "Water spraying out of a pipe in my basement".
pub fn summary(text: &str) -> String {
    let all = words(text);
    let mut start = all
        .iter()
        .position(|w| {
            !(is_filler(&w.low)
                || matches!(w.low.as_str(), "hi" | "hey" | "hello" | "yeah" | "yes" | "no" | "and"))
        })
        .unwrap_or(0);
    start += lead_in(&all[start.min(all.len())..]);
    let mut out = String::new();
    let mut stop_before = false;
    for word in &all[start.min(all.len())..] {
        if is_filler(&word.low) && word.low != "so" && word.low != "like" {
            continue;
        }
        let joint = if stop_before { ", " } else { " " };
        if out.len() + word.raw.len() + 2 > SUMMARY_CHARS_MAX {
            break;
        }
        if !out.is_empty() {
            out.push_str(joint);
        }
        out.push_str(&if stop_before { decapitalised(&word.raw) } else { word.raw.clone() });
        stop_before = word.stop;
    }
    capitalised(&out)
}

/// The same, said to the caller: "my basement" becomes "your basement".
pub fn spoken_back(text: &str, language: Language) -> String {
    let mut out = Vec::new();
    for word in summary(text).split(' ') {
        let (core, tail) = match word.strip_suffix(',') {
            Some(core) => (core, ","),
            None => (word, ""),
        };
        if language == Language::Spanish {
            let low = core.to_lowercase();
            let turned = spanish::turned_round(&low);
            out.push(format!("{}{tail}", if turned == low { core } else { turned }));
            continue;
        }
        let turned = match core.to_lowercase().as_str() {
            "my" => "your",
            "our" => "your",
            "mine" => "yours",
            "i" | "we" => "you",
            "i'm" | "we're" => "you're",
            "i've" | "we've" => "you've",
            "i'd" => "you'd",
            "i'll" => "you'll",
            "me" | "us" => "you",
            "am" => "are",
            _ => core,
        };
        out.push(format!("{turned}{tail}"));
    }
    capitalised(&out.join(" "))
}

/// How many words of "I've got", "it's", "there is" stand before the matter.
fn lead_in(words: &[super::text::Word]) -> usize {
    const LEADS: &[&[&str]] = &[
        &["i'm", "looking", "to", "get"],
        &["i", "was", "wondering", "if"],
        &["i'm", "calling", "about"],
        &["i", "am", "calling", "about"],
        &["i'm", "calling", "because"],
        &["i", "have", "got"],
        &["i've", "got"],
        &["we've", "got"],
        &["i", "have"],
        &["we", "have"],
        &["there", "is"],
        &["there's"],
        &["it's"],
        &["it", "is"],
        &["i", "got"],
    ];
    LEADS
        .iter()
        .find(|lead| words.len() > lead.len() + 1 && lead.iter().zip(words).all(|(l, w)| w.low == *l))
        .map_or(0, |lead| lead.len())
}

/// First letter upper case.
pub(crate) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// Lower case for words that were only capital because a sentence began.
fn decapitalised(word: &str) -> String {
    let common = matches!(
        word.to_lowercase().as_str(),
        "it's"
            | "it"
            | "the"
            | "there's"
            | "there"
            | "we"
            | "my"
            | "a"
            | "and"
            | "but"
            | "that"
            | "they"
            | "this"
            | "water"
    );
    if common { word.to_lowercase() } else { word.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, page: &str, said: &str) {
        assert_eq!((summary(text).as_str(), spoken_back(text, Language::English).as_str()), (page, said));
    }

    #[test]
    fn caller_words_become_a_line_for_the_page_and_one_to_say_back() {
        check(
            "Yeah, uh, I've got water spraying out of a pipe in my basement. It's everywhere.",
            "Water spraying out of a pipe in my basement, it's everywhere",
            "Water spraying out of a pipe in your basement, it's everywhere",
        );
        check(
            "It's the pipe going to the water heater.",
            "The pipe going to the water heater",
            "The pipe going to the water heater",
        );
        check(
            "I smell gas near my furnace.",
            "I smell gas near my furnace",
            "You smell gas near your furnace",
        );
        check("", "", "");
    }

    #[test]
    fn long_stories_are_cut_at_a_word() {
        let long = "water ".repeat(100);
        assert!(summary(&long).len() <= SUMMARY_CHARS_MAX);
        assert!(summary(&long).ends_with("ater"));
    }
}
