//! What is taken out of a text before it leaves the box for a language model in the cloud: numbers, street
//! addresses, e-mail addresses, web addresses, and names that were given.
//!
//! What is left must still tell an emergency from a question, so short numbers that say how bad it is stay:
//! "2 inches of water", "40 degrees", "911".

/// What the text came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// Without what identifies somebody.
    pub text: String,
    /// How many things were taken out.
    pub removed: u32,
}

/// Spoken digits.
const SPOKEN_DIGITS: &[&str] = &[
    "zero",
    "oh",
    "o",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "double",
    "triple",
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
];
/// What a street's name ends with, or begins with in Spanish.
const STREET_WORDS: &[&str] = &[
    "street",
    "st",
    "avenue",
    "ave",
    "road",
    "rd",
    "lane",
    "ln",
    "drive",
    "dr",
    "court",
    "ct",
    "circle",
    "cir",
    "boulevard",
    "blvd",
    "way",
    "place",
    "pl",
    "terrace",
    "parkway",
    "pkwy",
    "highway",
    "hwy",
    "trail",
    "square",
    "loop",
    "alley",
    "crescent",
    "calle",
    "avenida",
    "camino",
    "carretera",
];
/// Behind these stands where in the house.
const UNIT_WORDS: &[&str] = &["apartment", "apt", "suite", "unit", "room", "floor", "lot", "apartamento"];
/// Behind these stands a name.
const NAME_LEADS: &[&[&str]] = &[
    &["my", "name", "is"],
    &["my", "name's"],
    &["name", "is"],
    &["this", "is"],
    &["i'm", "called"],
    &["mister"],
    &["mr"],
    &["mrs"],
    &["ms"],
    &["me", "llamo"],
    &["mi", "nombre", "es"],
    &["soy"],
];
/// Words after "this is" that are no name.
const NO_NAMES: &[&str] = &[
    "a",
    "an",
    "the",
    "about",
    "an",
    "not",
    "really",
    "very",
    "so",
    "urgent",
    "just",
    "my",
    "our",
    "your",
    "it",
    "in",
    "on",
    "for",
    "from",
    "for",
    "getting",
    "going",
    "bad",
    "crazy",
    "ridiculous",
    "serious",
    "what",
    "how",
    "why",
    "where",
    "when",
    "still",
    "only",
    "un",
    "una",
    "el",
    "la",
    "muy",
    "de",
    "emergency",
];
/// A number of so many digits names somebody; shorter ones tell how much.
const DIGITS_MIN: usize = 5;
/// So many spoken digits in a row are a number of somebody's.
const SPOKEN_MIN: usize = 4;
/// So many words may stand between a house number and the street's last word.
const STREET_NAME_WORDS_MAX: usize = 4;

/// Takes out what identifies somebody. `names` are what the caller was asked for and gave; also each word of them.
pub fn redact(text: &str, names: &[&str]) -> Redacted {
    let words: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
    let bare: Vec<String> = words.iter().map(|w| bare(w)).collect();
    let mut marks: Vec<Option<&'static str>> = vec![None; words.len()];
    mark_names(&bare, &words, names, &mut marks);
    mark_streets(&bare, &mut marks);
    mark_numbers(&bare, &words, &mut marks);
    for (mark, word) in marks.iter_mut().zip(&words) {
        if is_address(word) {
            *mark = Some("[address]");
        }
    }
    write(&words, &marks)
}

/// One mark for a run of words with the same mark; what stood around them stays.
fn write(words: &[&str], marks: &[Option<&'static str>]) -> Redacted {
    let (mut text, mut removed) = (String::new(), 0);
    for (at, word) in words.iter().enumerate() {
        match marks[at] {
            None => text.push_str(word),
            Some(mark) => {
                // a run goes on to the next word, but not into the next sentence
                let goes_on = |i: usize| {
                    let same = marks[i] == Some(mark) && marks.get(i + 1) == Some(&Some(mark));
                    same && !words[i].trim_end().ends_with(['.', '!', '?'])
                };
                let begins = at == 0 || !goes_on(at - 1);
                let ends = !goes_on(at);
                if begins {
                    text.push_str(mark);
                    removed += 1;
                }
                if ends {
                    let kept = word.trim_end_matches(char::is_whitespace);
                    let stop = kept.chars().last().filter(|c| ".,!?;:".contains(*c));
                    text.extend(stop);
                    text.push_str(&word[kept.len()..]);
                }
            }
        }
    }
    Redacted { text, removed }
}

fn mark_names(bare: &[String], words: &[&str], names: &[&str], marks: &mut [Option<&'static str>]) {
    let given: Vec<String> = names
        .iter()
        .flat_map(|n| n.split_whitespace())
        .map(self::bare)
        .filter(|n| n.chars().count() > 1)
        .collect();
    for (at, word) in bare.iter().enumerate() {
        let own = word.trim_end_matches("'s");
        if given.iter().any(|n| n == own) {
            marks[at] = Some("[name]");
        }
    }
    for lead in NAME_LEADS {
        for at in 0..bare.len().saturating_sub(lead.len()) {
            let leads = lead.iter().zip(&bare[at..]).all(|(wanted, word)| wanted == word);
            // a lead whose last word ends a sentence leads nowhere
            if !leads || words[at + lead.len() - 1].trim_end().ends_with(['.', '!', '?']) {
                continue;
            }
            let first = at + lead.len();
            for next in first..bare.len().min(first + 2) {
                let plain = !bare[next].is_empty()
                    && bare[next].chars().all(|c| c.is_alphabetic() || c == '-' || c == '\'');
                let capital = words[next].chars().next().is_some_and(char::is_uppercase);
                let a_name = plain
                    && !NO_NAMES.contains(&bare[next].as_str())
                    && (capital || (next == first && lead.len() > 2));
                if !a_name {
                    break;
                }
                marks[next] = Some("[name]");
                if words[next].trim_end().ends_with(['.', ',', '!', '?']) {
                    break;
                }
            }
        }
    }
}

fn mark_streets(bare: &[String], marks: &mut [Option<&'static str>]) {
    for (at, word) in bare.iter().enumerate() {
        if STREET_WORDS.contains(&word.as_str()) {
            let from = at.saturating_sub(STREET_NAME_WORDS_MAX + 1);
            let number = (from..at).find(|i| is_number(&bare[*i]));
            if let Some(first) = number {
                let first = (0..first).rev().take_while(|i| is_number(&bare[*i])).last().unwrap_or(first);
                marks[first..=at].fill(Some("[address]"));
            }
            let spanish = ["calle", "avenida", "camino", "carretera"].contains(&word.as_str());
            if spanish {
                let end = bare.len().min(at + 1 + STREET_NAME_WORDS_MAX);
                if let Some(last) = (at + 1..end).find(|i| is_number(&bare[*i])) {
                    marks[at..=last].fill(Some("[address]"));
                }
            }
        }
        let unit = UNIT_WORDS.contains(&word.as_str())
            && bare.get(at + 1).is_some_and(|n| is_number(n) || n.chars().count() == 1);
        if unit {
            marks[at..=at + 1].fill(Some("[address]"));
        }
    }
}

/// Digits in one word or over several ("555 234 5678", "five five five two"), apart from short amounts.
fn mark_numbers(bare: &[String], words: &[&str], marks: &mut [Option<&'static str>]) {
    let mut at = 0;
    while at < bare.len() {
        let run = bare[at..].iter().take_while(|w| is_number(w)).count();
        if run == 0 {
            at += 1;
            continue;
        }
        let digits: usize =
            bare[at..at + run].iter().map(|w| w.chars().filter(char::is_ascii_digit).count()).sum();
        let spoken = bare[at..at + run].iter().filter(|w| SPOKEN_DIGITS.contains(&w.as_str())).count();
        let plus = words[at].contains('+');
        if digits >= DIGITS_MIN
            || spoken >= SPOKEN_MIN
            || (digits > 0 && digits + spoken >= DIGITS_MIN)
            || (plus && digits > 2)
        {
            marks[at..at + run].fill(Some("[number]"));
        }
        at += run;
    }
    // digits inside a word of letters: serial numbers, licence plates
    for (at, word) in bare.iter().enumerate() {
        if word.chars().filter(char::is_ascii_digit).count() >= DIGITS_MIN {
            marks[at] = Some("[number]");
        }
    }
}

fn is_number(word: &str) -> bool {
    let digits = word.chars().any(|c| c.is_ascii_digit());
    let only = word.chars().all(|c| c.is_ascii_digit() || "-.,()+/#".contains(c));
    (digits && only) || word.split('-').all(|part| SPOKEN_DIGITS.contains(&part))
}

/// E-mail and web addresses, also as they are spoken into text.
fn is_address(word: &str) -> bool {
    let lower = word.trim().to_lowercase();
    lower.contains('@')
        || lower.contains("://")
        || lower.starts_with("www.")
        || [".com", ".org", ".net"]
            .iter()
            .any(|end| lower.trim_end_matches(['.', ',', '!', '?']).ends_with(end))
}

/// A word without what stands around it, in small letters.
fn bare(word: &str) -> String {
    word.trim().trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().replace('’', "'")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(redact(text, &["Jim Halloran"]).text, expected);
    }

    #[test]
    fn numbers_addresses_and_names_are_taken_out() {
        check("Call me at 555-234-5678.", "Call me at [number].");
        check("It's (555) 234 5678, thanks", "It's [number], thanks");
        check("five five five, two three four, five six seven eight", "[number]");
        check("I'm at 1428 North Elm Street, hurry", "I'm at [address], hurry");
        check("fourteen twenty eight Elm Street apartment 4", "[address]");
        check("This is Jim Halloran. Jim's basement floods.", "This is [name]. [name] basement floods.");
        check("my name is Sarah Connor, the furnace died", "my name is [name], the furnace died");
        check("mail jim@halloran.com or www.halloran.com", "mail [address] or [address]");
        check("me llamo José y huele a gas", "me llamo [name] y huele a gas");
        check("vivo en calle Olmo 14, hay agua", "vivo en [address], hay agua");
    }

    #[test]
    fn what_tells_how_bad_it_is_stays() {
        for text in [
            "There are 2 inches of water and it is 40 degrees.",
            "I called 911 and the alarm says 400 ppm.",
            "This is an emergency. This is really bad.",
            "Two of three sinks are backing up since 8 AM.",
            "All 12 users are down, error 503.",
            "The main breaker is 200 amps, this is urgent.",
        ] {
            assert_eq!(redact(text, &[]), Redacted { text: text.into(), removed: 0 });
        }
    }

    #[test]
    fn removals_are_counted() {
        assert_eq!(redact("Jim at 555 234 5678 or 12 Oak Lane", &["Jim"]).removed, 3);
    }

    proptest! {
        #[test]
        fn no_telephone_number_survives(
            before in "[a-zA-Z ,.']{0,30}", after in "[a-zA-Z ,.']{0,30}",
            area in 200u32..999, exchange in 200u32..999, line in 0u32..9999, style in 0usize..6,
        ) {
            let number = match style {
                0 => format!("{area}{exchange}{line:04}"),
                1 => format!("{area}-{exchange}-{line:04}"),
                2 => format!("({area}) {exchange}-{line:04}"),
                3 => format!("+1 {area} {exchange} {line:04}"),
                4 => format!("{area}.{exchange}.{line:04}"),
                _ => format!("{area} {exchange} {line:04}"),
            };
            let out = redact(&format!("{before} {number} {after}"), &[]).text;
            let digits = out.chars().filter(char::is_ascii_digit).count();
            prop_assert_eq!(digits, 0, "{}", out);
        }

        #[test]
        fn no_given_name_survives(words in "[a-z ,.]{0,60}", name in "[A-Z][a-z]{2,9}", at in 0usize..60) {
            let mut text = words;
            let at = at.min(text.len());
            text.insert_str(at, &format!(" {name}, "));
            let out = redact(&text, &[&name]).text;
            let survives = out.split(|c: char| !c.is_alphanumeric()).any(|w| w.eq_ignore_ascii_case(&name));
            prop_assert!(!survives, "{}", out);
        }

        #[test]
        fn anything_at_all_is_survived_and_what_is_not_marked_is_not_touched(
            text in "\\PC{0,200}", name in "\\PC{0,12}",
        ) {
            let out = redact(&text, &[&name]);
            if out.removed == 0 {
                prop_assert_eq!(out.text, text);
            } else {
                let marks = ["[number]", "[address]", "[name]"];
                prop_assert!(marks.iter().any(|m| out.text.contains(m)), "{}", out.text);
            }
        }
    }
}
