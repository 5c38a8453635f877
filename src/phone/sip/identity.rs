//! Who calls, and whom: the identities in an INVITE. Pure.
//!
//! A PBX on the way knows more than the From header says; its P-Asserted-Identity comes first.
//! When the caller asked for privacy, the number is not used, wherever it stands.

use domain::PhoneNumber;
use rsipstack::sip::{Headers, Uri};

use super::headers::{display_of, parameter, split_list, uri_of, value, values};

/// The caller as far as the INVITE tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) number: Option<PhoneNumber>,
    pub(super) display: Option<String>,
    pub(super) raw: String,
}

/// Users that say "no number".
const WITHHELD: [&str; 8] =
    ["anonymous", "restricted", "unavailable", "unknown", "private", "withheld", "asterisk", "nobody"];

/// Longest display name or user that is kept, in characters.
const NAME_MAX: usize = 100;

/// Reads the caller from P-Asserted-Identity, Remote-Party-ID or From, in this order.
pub(super) fn caller(headers: &Headers) -> Caller {
    let remote_party = values(headers, "Remote-Party-ID").flat_map(split_list);
    // A party that is named as the called one, or that wants privacy, does not tell who calls.
    let remote_party = remote_party.filter(|v| {
        !parameter(v, "party").is_some_and(|p| p.eq_ignore_ascii_case("called"))
            && parameter(v, "privacy").is_none_or(|p| p.eq_ignore_ascii_case("off"))
    });
    let asserted = values(headers, "P-Asserted-Identity").flat_map(split_list);
    let candidates: Vec<&str> = asserted.chain(remote_party).chain(value(headers, "From")).collect();
    let private = private(headers);
    let known = |v: &&&str| PhoneNumber::from_caller(&user_of(uri_of(v))).is_some();
    let from = value(headers, "From").unwrap_or_default();
    let best = candidates.iter().find(known).copied().unwrap_or_else(|| {
        let named = |v: &&&str| !user_of(uri_of(v)).is_empty();
        candidates.iter().find(named).copied().unwrap_or(from)
    });
    let raw = if private { "anonymous".to_owned() } else { shorten(user_of(uri_of(best))) };
    let display = display_of(best).or_else(|| display_of(from)).map(shorten);
    Caller {
        number: if private { None } else { PhoneNumber::from_caller(&raw) },
        display: display.filter(|d| !private && !withheld(d)),
        raw,
    }
}

/// Whom the caller dialled, most specific first, without duplicates.
pub(super) fn called(headers: &Headers, request_uri: &Uri) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |uri: &str| {
        let user = shorten(user_of(uri));
        if !user.is_empty() && !found.contains(&user) {
            found.push(user);
        }
    };
    values(headers, "P-Called-Party-ID").for_each(|v| add(uri_of(v)));
    // The last Diversion and the first History-Info are the number that was dialled at first.
    let diversions: Vec<_> = values(headers, "Diversion").flat_map(split_list).collect();
    diversions.iter().rev().for_each(|v| add(uri_of(v)));
    values(headers, "History-Info").flat_map(split_list).for_each(|v| add(uri_of(v)));
    values(headers, "To").for_each(|v| add(uri_of(v)));
    add(&request_uri.to_string());
    found
}

fn private(headers: &Headers) -> bool {
    let privacy = values(headers, "Privacy").flat_map(|v| v.split(';'));
    privacy.map(str::trim).any(|p| ["id", "user", "header"].iter().any(|w| p.eq_ignore_ascii_case(w)))
}

fn withheld(text: &str) -> bool {
    WITHHELD.iter().any(|w| text.eq_ignore_ascii_case(w))
}

trait FromCaller: Sized {
    fn from_caller(user: &str) -> Option<Self>;
}

impl FromCaller for PhoneNumber {
    /// Extensions, names and `anonymous` are not telephone numbers.
    fn from_caller(user: &str) -> Option<Self> {
        if withheld(user) { None } else { user.parse().ok() }
    }
}

/// The user part of a `sip:`, `sips:` or `tel:` URI, without password and parameters, unescaped.
fn user_of(uri: &str) -> String {
    let (scheme, rest) = uri.split_once(':').unwrap_or(("sip", uri));
    let user = if scheme.eq_ignore_ascii_case("tel") {
        rest.split([';', '?']).next().unwrap_or_default()
    } else {
        let Some((user, _)) = rest.rsplit_once('@') else { return String::new() };
        user.split([':', ';']).next().unwrap_or_default()
    };
    unescape(user)
}

fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let hex = |i: usize| bytes.get(i).and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        match (bytes[i], hex(i + 1), hex(i + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                i += 3;
            }
            (byte, _, _) => {
                out.push(byte);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).chars().filter(|c| !c.is_control()).collect()
}

fn shorten(text: String) -> String {
    text.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect()
}

#[cfg(test)]
mod tests;
