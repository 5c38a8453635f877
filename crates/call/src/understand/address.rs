//! Where the work is: house number, street, unit, town.

use super::{
    numbers,
    text::{Word, padded, says_any, title_case, words},
};

/// What an answer said about the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// House number and street, ready to drive to: "218 Oak Lane".
    Full(String),
    /// A street or place without a house number: "Oak Lane".
    Street(String),
    /// A house number alone: "218".
    HouseNumber(String),
    /// No place was named.
    None,
}

/// Street types as people say and recognisers write them, and how we write them.
pub const STREET_TYPES: &[(&str, &str)] = &[
    ("street", "Street"),
    ("st", "Street"),
    ("lane", "Lane"),
    ("ln", "Lane"),
    ("drive", "Drive"),
    ("dr", "Drive"),
    ("road", "Road"),
    ("rd", "Road"),
    ("avenue", "Avenue"),
    ("ave", "Avenue"),
    ("boulevard", "Boulevard"),
    ("blvd", "Boulevard"),
    ("court", "Court"),
    ("ct", "Court"),
    ("way", "Way"),
    ("place", "Place"),
    ("circle", "Circle"),
    ("terrace", "Terrace"),
    ("parkway", "Parkway"),
    ("highway", "Highway"),
    ("trail", "Trail"),
    ("loop", "Loop"),
    ("square", "Square"),
    ("pike", "Pike"),
    ("alley", "Alley"),
];

/// Words that cannot stand inside a street's name: "15 degrees and the pipe on Oak Street" is no address.
const NOT_IN_A_STREET: &[&str] = &[
    "degrees", "years", "year", "old", "days", "day", "hours", "hour", "minutes", "gallon", "gallons",
    "people", "users", "and", "is", "are", "was", "on", "at", "in", "of", "my", "i", "i'm", "i've", "it",
    "it's", "have", "has", "the", "inches", "feet", "foot", "am", "pm", "o'clock", "percent", "dollars",
    "times", "amp", "volt", "calling", "here", "there", "please", "thanks",
];

/// Reads a place from an answer. `asked` is true when the address was the question: then "49 Broadway" and
/// "Oak Lane" count too, otherwise only a number with a street type does.
pub fn address(text: &str, asked: bool) -> Address {
    let words = split_hyphens(words(text));
    let mut best = None;
    for start in 0..words.len() {
        if let Some(found) = street_at(&words, start, asked) {
            best = Some(found);
            break;
        }
    }
    if let Some(found) = best {
        return Address::Full(found);
    }
    if !asked {
        return Address::None;
    }
    place_without_number(&words, text)
}

/// "forty-seven" is two number words; "Mary-Jane" stays as it is.
fn split_hyphens(words: Vec<Word>) -> Vec<Word> {
    let mut out = Vec::with_capacity(words.len());
    for word in words {
        let parts: Vec<&str> = word.low.split('-').collect();
        if parts.len() > 1 && parts.iter().all(|p| numbers::is_number_word(p)) {
            let last = parts.len() - 1;
            for (i, part) in parts.into_iter().enumerate() {
                out.push(Word { raw: part.into(), low: part.into(), stop: word.stop && i == last });
            }
        } else {
            out.push(word);
        }
    }
    out
}

/// An address whose house number begins at `start`.
fn street_at(words: &[Word], start: usize, asked: bool) -> Option<String> {
    let (number, used) = house_number(&words[start..])?;
    let street = start + used;
    let end = match street_type_after(words, street) {
        Some(end) => end,
        None if asked => bare_street(words, street)?,
        None => return None,
    };
    let mut out = number;
    for word in &words[street..=end] {
        out.push(' ');
        out.push_str(&street_word(word));
    }
    append_tail(&mut out, &words[end + 1..]);
    Some(out)
}

fn house_number(words: &[Word]) -> Option<(String, usize)> {
    let first = words.first()?;
    // "218B" and "12½" style numbers are written with a letter at the end.
    let lettered = first.low.len() <= 6
        && first.low.starts_with(|c: char| c.is_ascii_digit())
        && first.low.chars().filter(|c| c.is_ascii_alphabetic()).count() == 1
        && first.low.ends_with(|c: char| c.is_ascii_alphabetic())
        && first.low.is_ascii();
    if lettered {
        return Some((first.raw.to_uppercase(), 1));
    }
    // A number ends where the recogniser put a stop: "218, 4th Street".
    let limit = words.iter().position(|w| w.stop).map_or(words.len(), |i| i + 1);
    let lows: Vec<&str> = words[..limit].iter().map(|w| w.low.as_str()).collect();
    let (digits, used) = numbers::grouped(&lows)?;
    ((1..=6).contains(&digits.len()) && !digits.starts_with('0')).then_some((digits, used))
}

/// Index of a street type within the next five words, if only name-like words stand before it.
fn street_type_after(words: &[Word], from: usize) -> Option<usize> {
    for (offset, word) in words.iter().enumerate().skip(from).take(5) {
        if offset > from && street_type(&word.low).is_some() {
            return Some(offset);
        }
        if NOT_IN_A_STREET.contains(&word.low.as_str()) || (word.stop && !is_direction(&word.low)) {
            // "Highway 9" and "Broadway, apartment 3" are left to the asked case.
            return None;
        }
    }
    None
}

/// "49 Broadway", "12 Highway 9": up to four words, no stop words, at least one word with a letter.
fn bare_street(words: &[Word], from: usize) -> Option<usize> {
    let mut end = None;
    for (i, word) in words.iter().enumerate().skip(from).take(4) {
        if NOT_IN_A_STREET.contains(&word.low.as_str()) || is_unit_word(&word.low) {
            break;
        }
        end = Some(i);
        if word.stop {
            break;
        }
    }
    let end = end?;
    words[from..=end].iter().any(|w| w.low.chars().filter(|c| c.is_alphabetic()).count() >= 3).then_some(end)
}

fn street_word(word: &Word) -> String {
    match street_type(&word.low) {
        Some(written) => written.to_string(),
        None => title_case(&word.raw),
    }
}

/// How we write a street type; `None` when the word is none.
pub fn street_type(low: &str) -> Option<&'static str> {
    let low = low.trim_end_matches('.');
    STREET_TYPES.iter().find(|(said, _)| *said == low).map(|(_, written)| *written)
}

fn is_direction(low: &str) -> bool {
    matches!(low, "north" | "south" | "east" | "west" | "northeast" | "northwest" | "southeast" | "southwest")
}

fn is_unit_word(low: &str) -> bool {
    matches!(low, "apartment" | "apt" | "unit" | "suite" | "ste" | "number" | "floor" | "lot")
        || low.starts_with('#')
}

/// "apartment 4B", "in Springfield", "North": what may follow the street.
fn append_tail(out: &mut String, rest: &[Word]) {
    let mut i = 0;
    if let Some(direction) = rest.first().filter(|w| is_direction(&w.low)) {
        out.push(' ');
        out.push_str(&title_case(&direction.raw));
        i += 1;
    }
    if let (Some(unit), Some(value)) = (rest.get(i), rest.get(i + 1))
        && is_unit_word(&unit.low)
    {
        let lows: Vec<&str> = rest[i + 1..].iter().map(|w| w.low.as_str()).collect();
        let (number, used) = numbers::grouped(&lows).unwrap_or((value.raw.to_uppercase(), 1));
        out.push_str(&format!(", {} {number}", title_case(&unit.low)));
        i += 1 + used;
    }
    if rest.get(i).is_some_and(|w| w.low == "in") {
        i += 1;
    }
    let town: Vec<String> = rest
        .iter()
        .skip(i)
        .take(3)
        .take_while(|w| w.is_capitalised() && w.is_wordlike() && !is_opening(&w.low))
        .map(|w| w.raw.clone())
        .collect();
    if !town.is_empty() {
        out.push_str(&format!(", {}", town.join(" ")));
    }
}

/// Capitalised because a sentence begins, not because it is a town.
fn is_opening(low: &str) -> bool {
    NOT_IN_A_STREET.contains(&low)
        || matches!(
            low,
            "there's" | "there" | "we" | "we've" | "that's" | "my" | "please" | "can" | "and" | "but"
        )
        || matches!(
            low,
            "the" | "a" | "it" | "he" | "she" | "they" | "you" | "yes" | "yeah" | "no" | "okay" | "ok"
        )
        || matches!(
            low,
            "water" | "call" | "what" | "hello" | "thank" | "thanks" | "this" | "do" | "is" | "i'd"
        )
}

/// The address was asked for, and the answer has no number with a street.
fn place_without_number(words: &[Word], text: &str) -> Address {
    if let Some((number, used)) = words.iter().enumerate().find_map(|(i, _)| {
        let (digits, used) = house_number(&words[i..])?;
        (i + used >= words.len()).then_some((digits, used))
    }) && words.len() <= used + 4
    {
        return Address::HouseNumber(number);
    }
    let padded = padded(text);
    let named = words.iter().skip(1).any(|w| street_type(&w.low).is_some())
        || says_any(
            &padded,
            &["corner of", "route", "mile marker", "across from", "next to", "trailer park"],
        );
    if named { Address::Street(without_lead_in(words)) } else { Address::None }
}

/// "It's on Oak Lane" → "Oak Lane".
fn without_lead_in(words: &[Word]) -> String {
    const LEAD_IN: &[&str] = &[
        "it's", "its", "it", "is", "i'm", "im", "on", "at", "the", "address", "my", "uh", "um", "yeah",
        "yes", "sure", "so", "well", "okay", "ok", "we're", "we", "live", "i", "that's", "that", "would",
        "be", "over",
    ];
    let start = words.iter().position(|w| !LEAD_IN.contains(&w.low.as_str())).unwrap_or(0);
    words[start..]
        .iter()
        .map(|w| street_type(&w.low).map_or_else(|| title_case(&w.raw), str::to_string))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(address(text, true), Address::Full(expected.into()), "{text}");
    }

    fn check_in_passing(text: &str, expected: Option<&str>) {
        let expected = expected.map_or(Address::None, |e| Address::Full(e.into()));
        assert_eq!(address(text, false), expected, "{text}");
    }

    #[test]
    fn addresses_as_recognisers_write_them() {
        check("218 Oak Lane.", "218 Oak Lane");
        check("It's 1447 Birch Street.", "1447 Birch Street");
        check("uh, 922 maple drive", "922 Maple Drive");
        check("The address is 49 Fourth Street.", "49 Fourth Street");
        check("1447 Birch St, apartment 4B", "1447 Birch Street, Apartment 4B");
        check("1447 Birch Street in Springfield.", "1447 Birch Street, Springfield");
        check("49 Broadway", "49 Broadway");
        check("218 North Oak Lane, please hurry", "218 North Oak Lane");
    }

    #[test]
    fn house_numbers_in_words() {
        check("two eighteen Oak Lane", "218 Oak Lane");
        check("fourteen forty-seven Birch Street", "1447 Birch Street");
        check("nine twenty two Maple Drive", "922 Maple Drive");
    }

    #[test]
    fn address_in_passing_needs_a_street_type() {
        check_in_passing(
            "This is Jim Kowalski at 218 Oak Lane and water is everywhere",
            Some("218 Oak Lane"),
        );
        check_in_passing("No heat, it's 15 degrees, I have a newborn.", None);
        check_in_passing("It's a 40 gallon gas one, about 12 years old on Oak Street", None);
        check_in_passing("We have 24 users who can't log in.", None);
    }

    #[test]
    fn pieces_of_an_address() {
        assert_eq!(address("It's on Oak Lane", true), Address::Street("Oak Lane".into()));
        assert_eq!(address("218", true), Address::HouseNumber("218".into()));
        assert_eq!(address("it's two eighteen", true), Address::HouseNumber("218".into()));
        assert_eq!(address("I'd rather not say", true), Address::None);
        assert_eq!(address("", true), Address::None);
    }
}
