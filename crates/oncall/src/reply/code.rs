//! Reply codes: letter, digit, letter, without characters that look or sound alike.

use std::collections::BTreeSet;

use domain::ReplyCode;

/// No B (8), G (6), I, L (1), O, Q (0), S (5), U, V (each other), Z (2).
const LETTERS: &[u8; 16] = b"ACDEFHJKMNPRTWXY";
/// No 0, 1, 2 (answers), 5, 8.
const DIGITS: &[u8; 5] = b"34679";
const COUNT: u64 = 16 * 5 * 16;

/// A code that is not in `taken`: give it the codes of open alerts and of the last days, so that a late reply to
/// an old alert cannot mean a new one. `random` is any number; equal numbers give equal codes. With all 1,280 codes
/// taken, the first of them comes again.
pub fn new_code(random: u64, taken: &BTreeSet<ReplyCode>) -> ReplyCode {
    let codes = (0..COUNT).map(|step| nth(random.wrapping_add(step) % COUNT));
    let mut free = codes.filter(|code| !taken.contains(code));
    free.next().unwrap_or_else(|| nth(random % COUNT))
}

fn nth(n: u64) -> ReplyCode {
    let at = |n: u64, set: &[u8]| char::from(set[usize::try_from(n).unwrap_or(0) % set.len()]);
    let text: String = [at(n / 80, LETTERS), at(n / 16 % 5, DIGITS), at(n % 16, LETTERS)].iter().collect();
    ReplyCode(text)
}

/// Reads a code in small or capital letters.
pub fn read_code(text: &str) -> Option<ReplyCode> {
    let text = text.to_ascii_uppercase();
    match text.as_bytes() {
        [a, b, c] if LETTERS.contains(a) && DIGITS.contains(b) && LETTERS.contains(c) => {
            Some(ReplyCode(text))
        }
        _ => None,
    }
}
