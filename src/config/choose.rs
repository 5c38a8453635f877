//! Which shop answers a call, and whether it answers now. Pure: numbers and wall time in, a choice out.

use domain::PhoneNumber;
use jiff::{Timestamp, Zoned, civil::DateTime};

use super::checked::{Config, InHours, Shop, UnknownNumber};

/// Who answers.
#[derive(Debug, Clone, Copy)]
pub enum ShopChoice<'c> {
    /// This shop.
    Shop(&'c Shop),
    /// Nobody: say that the number is not configured (source D:535), and end.
    Say36,
}

/// What to do with a call now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallAction {
    /// The office is closed, or the agent always answers.
    Answer,
    /// The office is open: send the call there.
    Redirect(String),
    /// The office is open: refuse with this code, so that the PBX rings on.
    Refuse(u16),
}

impl Config {
    /// The shop for a call. `called` has the most specific number first (P-Called-Party-ID, Diversion, To,
    /// Request-URI). Numbers are compared in international form, extensions letter by letter.
    ///
    /// A number that several customers of an MSP share goes by the caller's number, else to the one of them
    /// that has no `caller_numbers`; a number that one shop has alone is that shop's. Then the caller's number alone, then the shop that takes every number,
    /// then the setting for unknown numbers.
    pub fn shop_for(&self, called: &[String], caller: Option<&PhoneNumber>) -> ShopChoice<'_> {
        let knows = |shop: &&Shop| caller.is_some_and(|c| shop.caller_numbers.contains(c));
        // the customer who calls, else the shop that does not ask who calls
        let pick = |shops: &[&'_ Shop]| -> Option<usize> {
            let by_caller = shops.iter().position(knows);
            by_caller.or_else(|| shops.iter().position(|shop| shop.caller_numbers.is_empty()))
        };
        for key in called.iter().map(|c| number_key(c)) {
            let with_number: Vec<&Shop> =
                self.shops.iter().filter(|shop| shop.called_numbers.contains(&key)).collect();
            let alone = (with_number.len() == 1).then_some(0);
            if let Some(shop) = pick(&with_number).or(alone).map(|at| with_number[at]) {
                return ShopChoice::Shop(shop);
            }
        }
        let takes_any: Vec<&Shop> = self.shops.iter().filter(|shop| shop.called_numbers.is_empty()).collect();
        let fallback = || match self.unknown_number {
            UnknownNumber::Say36 => None,
            UnknownNumber::Shop(index) => self.shops.get(index),
        };
        let found = pick(&takes_any).map(|at| takes_any[at]).or_else(fallback);
        found.map_or(ShopChoice::Say36, ShopChoice::Shop)
    }
}

impl Shop {
    /// This shop's wall time.
    pub fn local(&self, now: Timestamp) -> Zoned {
        now.to_zoned(self.zone.clone())
    }

    /// What to do with a call at this local time.
    pub fn in_hours_action(&self, local: DateTime) -> CallAction {
        if self.profile.always_active || !self.profile.hours.is_open(local) {
            return CallAction::Answer;
        }
        match &self.in_hours {
            InHours::Redirect(target) => CallAction::Redirect(target.clone()),
            InHours::Refuse(code) => CallAction::Refuse(*code),
        }
    }
}

/// The form in which called numbers are compared: international for telephone numbers, small letters for
/// extensions and names. A SIP or tel address is reduced to its user.
pub(super) fn number_key(written: &str) -> String {
    let text = written.trim().trim_start_matches('<');
    let text = ["sip:", "sips:", "tel:"].iter().find_map(|p| text.strip_prefix(p)).unwrap_or(text);
    let user = text.split(['@', ';', '>']).next().unwrap_or(text).trim();
    match user.parse::<PhoneNumber>() {
        Ok(number) => number.e164().to_owned(),
        Err(_) => user.to_lowercase(),
    }
}
