//! A call-back number as it was spoken.

use domain::PhoneNumber;

use super::{
    numbers::digit_runs,
    text::{padded, says_any},
};

/// What an answer to "what is the best number?" contained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spoken {
    /// A complete number that can be dialled.
    Number(PhoneNumber),
    /// Ten digits, but no such number exists (area code or exchange begins with 0 or 1).
    NotDialable,
    /// Some digits, not a whole number yet.
    Part(String),
    /// "This one", "the one I'm calling from".
    SameNumber,
    /// No digits and no such phrase.
    Nothing,
}

const SAME: &[&str] = &[
    "this one",
    "this one's",
    "this number",
    "same number",
    "the same",
    "calling from",
    "called from",
    "you got it",
    "you've got it",
    "you have it",
    "on your screen",
    "this phone",
    "my cell here",
    "this is fine",
    "this is good",
    "caller id",
    "i'm on",
];

/// Reads a number. `base` is the number that was offered before (caller ID or an earlier try): four digits
/// then replace its last four, seven digits take its area code.
pub fn phone(text: &str, base: Option<&PhoneNumber>) -> Spoken {
    let runs = runs_before_not(text);
    if let Some(whole) = runs.iter().find(|r| r.len() >= 10) {
        return whole_number(whole);
    }
    if let Some(part) = runs.iter().find(|r| r.len() >= 3) {
        return completed(part, base);
    }
    if says_any(&padded(text), SAME) {
        return Spoken::SameNumber;
    }
    Spoken::Nothing
}

/// A number given outside the number question: only a complete one counts, so that a house number never does.
pub fn phone_in_passing(text: &str) -> Option<PhoneNumber> {
    let runs = digit_runs(text);
    let whole = runs.iter().find(|r| r.len() == 10 || (r.len() == 11 && r.starts_with('1')))?;
    PhoneNumber::parse_dialable(whole).ok()
}

/// "it's 4477, not 4567": what follows "not" is the wrong number.
fn runs_before_not(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let before = lower.split_once(" not ").map_or(lower.as_str(), |(before, _)| before);
    let runs = digit_runs(before);
    if runs.is_empty() { digit_runs(text) } else { runs }
}

/// Ten digits, or eleven beginning with 1; further digits (an extension) are dropped.
fn whole_number(digits: &str) -> Spoken {
    let national = if digits.len() > 10 && digits.starts_with('1') { &digits[1..] } else { digits };
    let Some(ten) = national.get(..10) else { return Spoken::Part(digits.to_string()) };
    match PhoneNumber::parse_dialable(ten) {
        Ok(number) => Spoken::Number(number),
        Err(_) => Spoken::NotDialable,
    }
}

fn completed(part: &str, base: Option<&PhoneNumber>) -> Spoken {
    let Some(known) = base.and_then(PhoneNumber::national) else { return Spoken::Part(part.to_string()) };
    match part.len() {
        4 => whole_number(&format!("{}{part}", &known[..6])),
        7 => whole_number(&format!("{}{part}", &known[..3])),
        _ => Spoken::Part(part.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, base: Option<&str>, expected: &str) {
        let base = base.map(|b| b.parse::<PhoneNumber>().unwrap());
        let shown = match phone(text, base.as_ref()) {
            Spoken::Number(n) => n.to_string(),
            Spoken::NotDialable => "not dialable".into(),
            Spoken::Part(d) => format!("part {d}"),
            Spoken::SameNumber => "same".into(),
            Spoken::Nothing => "nothing".into(),
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn complete_numbers() {
        check("It's 555-234-5678.", None, "(555) 234-5678");
        check("five five five, two three four, five six seven eight", None, "(555) 234-5678");
        check("1 555 234 5678", None, "(555) 234-5678");
        check("my number is 5 5 5. 2 3 4. 5 6 7 8.", None, "(555) 234-5678");
    }

    #[test]
    fn corrections_keep_what_was_right() {
        check("no, it's 4477", Some("5552345678"), "(555) 234-4477");
        check("No, it's 876-4477.", Some("5552345678"), "(555) 876-4477");
        check("it's 4477 not 5678", Some("5552345678"), "(555) 234-4477");
    }

    #[test]
    fn this_one_is_the_caller_id() {
        check("You've got it. The one I'm calling from.", None, "same");
        check("Yeah, this one's fine.", None, "same");
        check("same number", None, "same");
    }

    #[test]
    fn impossible_and_unfinished_numbers() {
        check("155 234 5678", None, "not dialable");
        check("555 034 5678", None, "not dialable");
        check("555 234", None, "part 555234");
        check("4477", None, "part 4477");
        check("uh I don't know", None, "nothing");
    }

    #[test]
    fn house_number_is_not_taken_for_a_telephone_number() {
        assert_eq!(phone_in_passing("I'm at 218 Oak Lane"), None);
        assert!(phone_in_passing("I'm at 218 Oak Lane, call 555 234 5678").is_some());
    }
}
