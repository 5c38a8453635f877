//! Units that are rendered once for every shop: digits, letters, days, clock times, street types.

use jiff::civil::{Time, Weekday};

use super::moment::{clock_words, weekday_name};
use crate::understand::address::STREET_TYPES;

const DIGITS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/// A digit inside a group ("five,") or at its end ("five."), so that groups are heard as groups.
pub(crate) fn digit(d: char, ends_group: bool) -> Option<String> {
    let word = DIGITS.get(d.to_digit(10)? as usize)?;
    Some(format!("{word}{}", if ends_group { '.' } else { ',' }))
}

/// A street type at the end of an address: "Lane."
pub(crate) fn street(word: &str) -> Option<String> {
    STREET_TYPES.iter().any(|(_, written)| *written == word).then(|| format!("{word}."))
}

/// All stock units.
pub(crate) fn all() -> Vec<String> {
    let mut out = Vec::new();
    for d in '0'..='9' {
        out.extend(digit(d, false));
        out.extend(digit(d, true));
    }
    out.extend(('A'..='Z').map(|letter| format!("{letter},")));
    for half_hour in 0..48_i8 {
        out.push(format!("{}.", clock_words(Time::constant(half_hour / 2, (half_hour % 2) * 30, 0, 0))));
    }
    let week = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];
    out.extend(week.map(|day| format!("{}.", weekday_name(day))));
    let mut streets: Vec<String> = STREET_TYPES.iter().filter_map(|(_, written)| street(written)).collect();
    streets.sort();
    streets.dedup();
    out.extend(streets);
    out
}
