//! Telephone numbers in E.164 form.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A telephone number: `+` and 7 to 15 digits. Ten digits, or eleven beginning with 1, are read as North American.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

/// The text is not a telephone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhoneNumberError {
    /// A character that no number has.
    Character(char),
    /// Fewer than 7 or more than 15 digits.
    Length(usize),
    /// A North American area code or exchange that begins with 0 or 1.
    NotDialable,
}

impl PhoneNumber {
    /// Reads a number and checks that a North American one can be dialled: area code and exchange
    /// never begin with 0 or 1. Caller IDs are read with `parse`, which is more lenient.
    pub fn parse_dialable(text: &str) -> Result<Self, PhoneNumberError> {
        let number: Self = text.parse()?;
        let dialable = number.national().is_none_or(|n| {
            let digit = |i: usize| n.as_bytes().get(i).copied().unwrap_or(b'0');
            digit(0) >= b'2' && digit(3) >= b'2'
        });
        if dialable { Ok(number) } else { Err(PhoneNumberError::NotDialable) }
    }

    /// With the leading plus: `+15552345678`.
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// The ten digits of a North American number.
    pub fn national(&self) -> Option<&str> {
        self.0.strip_prefix("+1").filter(|n| n.len() == 10)
    }

    /// The last four digits, for "ending in 5 6 7 8".
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }

    /// Digits in the groups in which people say them: 3-3-4 for North America, else threes from the left.
    pub fn groups(&self) -> Vec<&str> {
        if let Some(n) = self.national() {
            return vec![&n[..3], &n[3..6], &n[6..]];
        }
        let digits = &self.0[1..];
        (0..digits.len()).step_by(3).map(|i| &digits[i..digits.len().min(i + 3)]).collect()
    }
}

impl FromStr for PhoneNumber {
    type Err = PhoneNumberError;

    fn from_str(text: &str) -> Result<Self, PhoneNumberError> {
        let text = text.trim();
        let international = text.starts_with('+');
        let mut digits = String::new();
        for c in text.chars() {
            match c {
                '0'..='9' => digits.push(c),
                '+' | ' ' | '-' | '.' | '(' | ')' | '/' => {}
                other => return Err(PhoneNumberError::Character(other)),
            }
        }
        if !international && digits.len() == 10 {
            digits.insert(0, '1');
        }
        if !(7..=15).contains(&digits.len()) {
            return Err(PhoneNumberError::Length(digits.len()));
        }
        Ok(Self(format!("+{digits}")))
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.national() {
            Some(n) => write!(f, "({}) {}-{}", &n[..3], &n[3..6], &n[6..]),
            None => f.write_str(&self.0),
        }
    }
}

impl fmt::Debug for PhoneNumber {
    /// Never prints the whole number: debug output ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber(…{})", &self.0[self.0.len() - 2..])
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = PhoneNumberError;
    fn try_from(text: String) -> Result<Self, PhoneNumberError> {
        text.parse()
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> String {
        number.0
    }
}

impl fmt::Display for PhoneNumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character(c) => {
                write!(f, "{c:?} is not part of a telephone number; write it like +15552345678")
            }
            Self::Length(n) => {
                write!(f, "a telephone number has 7 to 15 digits, this has {n}; write it like +15552345678")
            }
            Self::NotDialable => f.write_str("no North American area code or exchange begins with 0 or 1"),
        }
    }
}

impl std::error::Error for PhoneNumberError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &str, e164: &str, shown: &str) {
        let number: PhoneNumber = written.parse().unwrap();
        assert_eq!((number.e164(), number.to_string().as_str()), (e164, shown));
    }

    #[test]
    fn numbers_as_people_and_pbxs_write_them() {
        check("(555) 234-5678", "+15552345678", "(555) 234-5678");
        check("15552345678", "+15552345678", "(555) 234-5678");
        check("+44 20 7946 0958", "+442079460958", "+442079460958");
    }

    #[test]
    fn extensions_and_names_are_not_numbers() {
        assert_eq!("301".parse::<PhoneNumber>(), Err(PhoneNumberError::Length(3)));
        assert_eq!("alice".parse::<PhoneNumber>(), Err(PhoneNumberError::Character('a')));
    }

    #[test]
    fn area_code_with_a_leading_one_cannot_be_dialled() {
        assert_eq!(PhoneNumber::parse_dialable("155 234 5678"), Err(PhoneNumberError::NotDialable));
        assert!(PhoneNumber::parse_dialable("555 234 5678").is_ok());
    }

    #[test]
    fn debug_output_hides_the_number() {
        let number: PhoneNumber = "+15552345678".parse().unwrap();
        assert_eq!(format!("{number:?}"), "PhoneNumber(…78)");
    }
}
