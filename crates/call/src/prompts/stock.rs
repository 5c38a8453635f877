//! Units that are rendered once for every shop: digits, letters, days, clock times, street types.

use domain::Language;

use super::{
    moment::{WEEK, half_hours},
    words,
};
use crate::understand::address::STREET_TYPES;

/// A digit inside a group ("five,") or at its end ("five."), so that groups are heard as groups.
pub(crate) fn digit(d: char, ends_group: bool, language: Language) -> Option<String> {
    let word = words::digit(d, language)?;
    Some(format!("{word}{}", if ends_group { '.' } else { ',' }))
}

/// A letter of a spelled name: "K,".
pub(crate) fn letter(letter: char, language: Language) -> Option<String> {
    words::letter(letter, language).map(|said| format!("{said},"))
}

/// A street type at the end of an address: "Lane." English in every language, as the street signs are.
pub(crate) fn street(word: &str) -> Option<String> {
    STREET_TYPES.iter().any(|(_, written)| *written == word).then(|| format!("{word}."))
}

/// All stock units of one language.
pub(crate) fn all(language: Language) -> Vec<String> {
    let mut out = Vec::new();
    for d in '0'..='9' {
        out.extend(digit(d, false, language));
        out.extend(digit(d, true, language));
    }
    out.extend(('A'..='Z').chain(['Ñ']).filter_map(|l| letter(l, language)));
    out.extend(half_hours().map(|time| format!("{}.", words::clock(time, language))));
    out.extend(WEEK.map(|day| format!("{}.", words::weekday(day, language))));
    if language == Language::English {
        out.extend(STREET_TYPES.iter().filter_map(|(_, written)| street(written)));
    }
    out.sort();
    out.dedup();
    out
}
