//! The people who can be woken, and by which means.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Language, PhoneNumber, Service};

/// The short stable name of somebody on the roster, such as `mike`: 1 to 40 small letters, digits and dashes.
/// Rows on disk name people by it, so that a changed number or name does not orphan them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContactId(String);

/// The text is not a short name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidContactId;

impl ContactId {
    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The short name that a person's full name gives: "Mike T." is `mike-t`. `None` when no letter or digit
    /// of the Latin alphabet is left.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut short = String::new();
        for c in name.to_lowercase().chars().map(plain) {
            if c.is_ascii_alphanumeric() {
                short.push(c);
            } else if !short.is_empty() && !short.ends_with('-') {
                short.push('-');
            }
        }
        short.truncate(40);
        short.trim_end_matches('-').parse().ok()
    }
}

/// The letter without its accent, for the languages our shops speak.
fn plain(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        other => other,
    }
}

impl FromStr for ContactId {
    type Err = InvalidContactId;
    fn from_str(text: &str) -> Result<Self, InvalidContactId> {
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let whole = (1..=40).contains(&text.len()) && text.chars().all(fine);
        if whole { Ok(Self(text.to_owned())) } else { Err(InvalidContactId) }
    }
}

impl TryFrom<String> for ContactId {
    type Error = InvalidContactId;
    fn try_from(text: String) -> Result<Self, InvalidContactId> {
        text.parse()
    }
}

impl From<ContactId> for String {
    fn from(id: ContactId) -> String {
        id.0
    }
}

impl fmt::Display for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a short name has small letters, digits and dashes, such as mike")
    }
}

impl std::error::Error for InvalidContactId {}

/// A way to reach somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// The caller is put through.
    Transfer,
    /// Text message by an internet service.
    SmsInternet,
    /// Text message by the box's own modem.
    SmsModem,
    /// Notification of an app.
    Push,
    /// Telephone call with a spoken page and keys.
    Voice,
    /// E-mail: the last of the written means.
    Email,
}

impl Means {
    /// True where the number is needed.
    pub fn needs_phone(self) -> bool {
        matches!(self, Self::Transfer | Self::SmsInternet | Self::SmsModem | Self::Voice)
    }

    /// True for the two that ring a telephone and talk.
    pub fn is_call(self) -> bool {
        matches!(self, Self::Transfer | Self::Voice)
    }

    /// True for both ways of texting: an opt-out holds for the number, not for the way.
    pub fn is_sms(self) -> bool {
        matches!(self, Self::SmsInternet | Self::SmsModem)
    }
}

/// How well somebody does a trade (source C:9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skill {
    /// The trade.
    pub service: Service,
    /// 1 (can help) to 5 (knows it best).
    pub level: u8,
}

/// Somebody on the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Short name.
    pub id: ContactId,
    /// "Mike".
    pub name: String,
    /// Number for calls and texts.
    pub phone: Option<PhoneNumber>,
    /// Address for e-mail.
    pub email: Option<String>,
    /// Topic or user key of the push service.
    pub push: Option<String>,
    /// Trades; empty: any.
    pub skills: Vec<Skill>,
    /// 1 (first line) to 3 (expert).
    pub tier: u8,
    /// Languages spoken; empty: English.
    pub languages: Vec<Language>,
}

impl Contact {
    /// True when this person has what the means needs.
    pub fn has(&self, means: Means) -> bool {
        match means {
            Means::Transfer | Means::SmsInternet | Means::SmsModem | Means::Voice => self.phone.is_some(),
            Means::Push => self.push.is_some(),
            Means::Email => self.email.is_some(),
        }
    }
}

/// Everybody who may be woken for a shop. Nobody else is ever called or texted as staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// All people, the usual technician first.
    pub people: Vec<Contact>,
    /// Who comes second; `None`: the next of the rotation, else nobody.
    pub backup: Option<ContactId>,
    /// The last resort.
    pub owner: ContactId,
}

impl Roster {
    /// The person with this short name.
    pub fn contact(&self, id: &ContactId) -> Option<&Contact> {
        self.people.iter().find(|c| c.id == *id)
    }

    /// The people who have this number: usually one.
    pub fn with_phone<'r>(&'r self, phone: &'r PhoneNumber) -> impl Iterator<Item = &'r Contact> {
        self.people.iter().filter(move |c| c.phone.as_ref() == Some(phone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_made_of_full_names() {
        let short = |name| ContactId::from_name(name).map(String::from);
        assert_eq!(short("Mike T.").as_deref(), Some("mike-t"));
        assert_eq!(short("  José  Núñez ").as_deref(), Some("jose-nunez"));
        assert_eq!(short("…"), None);
    }

    #[test]
    fn short_name_with_capitals_is_refused() {
        assert_eq!("Mike".parse::<ContactId>(), Err(InvalidContactId));
        assert_eq!("".parse::<ContactId>(), Err(InvalidContactId));
    }
}
