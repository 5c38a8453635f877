//! Digest authentication, the side that has the password (RFC 7616, 3261 section 22). Pure.
//!
//! Reads every challenge of a response and takes the strongest that we can answer: SHA-256 before MD5;
//! qop `auth`, `auth-int` or none. Done here and not by the SIP library, which reads one challenge
//! only, stumbles over `qop="auth,auth-int"`, and misspells SHA-256.

use md5::Md5;
use rsipstack::sip::{Header, Headers};
use sha2::{Digest, Sha256};

use super::headers;

/// Who we are to the PBX.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: String,
}

/// A challenge that we can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    hash: Hash,
    session: bool,
    qop: Option<Qop>,
    /// The PBX says that only the nonce was too old, not the password wrong.
    pub(super) stale: bool,
    proxy: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hash {
    Md5,
    Sha256,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Qop {
    Auth,
    AuthInt,
}

/// The request that is being authenticated.
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) uri: &'a str,
    pub(super) body: &'a [u8],
}

impl Challenge {
    /// The strongest usable challenge of a 401 or 407 response.
    pub(super) fn strongest(headers: &Headers) -> Option<Self> {
        let of = |name: &'static str, proxy| {
            headers::values(headers, name)
                .flat_map(split_challenges)
                .filter_map(move |c| Self::read(&c, proxy))
        };
        let all: Vec<_> = of("WWW-Authenticate", false).chain(of("Proxy-Authenticate", true)).collect();
        // `max_by_key` takes the last of equals; the first is what the PBX prefers.
        all.into_iter().rev().max_by_key(|c| (c.hash, c.qop.is_some()))
    }

    fn read(text: &str, proxy: bool) -> Option<Self> {
        let (scheme, parameters) = text.trim().split_once(char::is_whitespace)?;
        if !scheme.eq_ignore_ascii_case("digest") {
            return None;
        }
        let pairs: Vec<(String, String)> = headers::split_list(parameters)
            .into_iter()
            .filter_map(|p| p.split_once('='))
            .map(|(n, v)| (n.trim().to_ascii_lowercase(), unquote(v)))
            .collect();
        let get = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        let (hash, session) = match get("algorithm").unwrap_or_default().to_ascii_uppercase().as_str() {
            "" | "MD5" => (Hash::Md5, false),
            "MD5-SESS" => (Hash::Md5, true),
            "SHA-256" | "SHA256" => (Hash::Sha256, false),
            "SHA-256-SESS" => (Hash::Sha256, true),
            _ => return None,
        };
        let offered = get("qop").unwrap_or_default().to_ascii_lowercase();
        let offers = |name: &str| offered.split(',').any(|q| q.trim() == name);
        let qop = match (offers("auth"), offers("auth-int")) {
            (true, _) => Some(Qop::Auth),
            (false, true) => Some(Qop::AuthInt),
            (false, false) if offered.is_empty() => None,
            (false, false) => return None,
        };
        Some(Self {
            realm: get("realm")?,
            nonce: get("nonce")?,
            opaque: get("opaque"),
            hash,
            session,
            qop,
            stale: get("stale").is_some_and(|s| s.eq_ignore_ascii_case("true")),
            proxy,
        })
    }

    /// The header that answers the challenge. `cnonce` must be fresh; it is used once.
    pub(super) fn answer(&self, who: &Credentials, asked: &Asked<'_>, cnonce: &str) -> Header {
        let h = |text: &[u8]| self.hash.hex(text);
        let mut secret = h(format!("{}:{}:{}", who.user, self.realm, who.password).as_bytes());
        if self.session {
            secret = h(format!("{secret}:{}:{cnonce}", self.nonce).as_bytes());
        }
        let mut action = format!("{}:{}", asked.method, asked.uri);
        if self.qop == Some(Qop::AuthInt) {
            action = format!("{action}:{}", h(asked.body));
        }
        let action = h(action.as_bytes());
        let response = match self.qop {
            None => h(format!("{secret}:{}:{action}", self.nonce).as_bytes()),
            Some(qop) => {
                h(format!("{secret}:{}:00000001:{cnonce}:{}:{action}", self.nonce, qop.name()).as_bytes())
            }
        };
        let mut value = format!(
            "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{response}\", algorithm={}",
            quote(&who.user),
            quote(&self.realm),
            quote(&self.nonce),
            asked.uri,
            self.algorithm()
        );
        if self.qop.is_some() || self.session {
            value.push_str(&format!(", cnonce=\"{cnonce}\""));
        }
        if let Some(qop) = self.qop {
            value.push_str(&format!(", qop={}, nc=00000001", qop.name()));
        }
        if let Some(opaque) = &self.opaque {
            value.push_str(&format!(", opaque=\"{}\"", quote(opaque)));
        }
        headers::header(if self.proxy { "Proxy-Authorization" } else { "Authorization" }, value)
    }

    fn algorithm(&self) -> &'static str {
        match (self.hash, self.session) {
            (Hash::Md5, false) => "MD5",
            (Hash::Md5, true) => "MD5-sess",
            (Hash::Sha256, false) => "SHA-256",
            (Hash::Sha256, true) => "SHA-256-sess",
        }
    }
}

impl Hash {
    fn hex(self, text: &[u8]) -> String {
        let bytes: Vec<u8> = match self {
            Self::Md5 => Md5::digest(text).to_vec(),
            Self::Sha256 => Sha256::digest(text).to_vec(),
        };
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }
}

impl Qop {
    fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
        }
    }
}

/// One header may carry several challenges: `Digest a=…, b=…, Digest a=…`.
fn split_challenges(value: &str) -> Vec<String> {
    let mut challenges: Vec<String> = Vec::new();
    for part in headers::split_list(value) {
        let scheme = part.split_once(char::is_whitespace).map_or("", |(scheme, _)| scheme);
        match challenges.last_mut() {
            Some(last) if scheme.is_empty() || scheme.contains('=') => {
                last.push_str(", ");
                last.push_str(part);
            }
            _ => challenges.push(part.to_owned()),
        }
    }
    challenges
}

fn unquote(value: &str) -> String {
    let value = value.trim();
    match value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) {
        None => value.to_owned(),
        Some(inner) => {
            let mut out = String::new();
            let mut chars = inner.chars();
            while let Some(c) = chars.next() {
                out.extend(if c == '\\' { chars.next() } else { Some(c) });
            }
            out
        }
    }
}

fn quote(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests;
