//! What arrives from the network is checked and put into a form that the SIP library reads. Pure.
//!
//! Repaired: Latin-1 bytes in headers (caller names), folded lines, a missing Content-Length on a
//! datagram, blank lines in front. Answered here, because the library would stay silent: unknown methods
//! (405), an unknown version (505), requests whose basic headers contradict each other (400).
//! Everything that is handed on has been parsed by the library once before, so that a message it
//! cannot digest never reaches its receive loop.

use std::{borrow::Cow, panic::AssertUnwindSafe};

use rsipstack::{
    sip::{HeadersExt, SipMessage},
    transaction::key::{TransactionKey, TransactionRole},
};

use super::gate::Kind;

/// Methods that the library knows; others are answered with 405.
const METHODS: [&str; 14] = [
    "ACK",
    "BYE",
    "CANCEL",
    "INFO",
    "INVITE",
    "MESSAGE",
    "NOTIFY",
    "OPTIONS",
    "PRACK",
    "PUBLISH",
    "REFER",
    "REGISTER",
    "SUBSCRIBE",
    "UPDATE",
];

/// Methods that we answer with something other than 405.
pub(super) const ALLOW: &str = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO";

/// Headers in one message; more is an attack.
const HEADERS_MAX: usize = 256;

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Hand on these bytes.
    Pass(Vec<u8>, Kind),
    /// Send these bytes back and forget it.
    Answer(Vec<u8>),
    /// Forget it.
    Drop(&'static str),
}

/// Where the end of the body comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// A datagram: it ends where the datagram ends.
    Datagram,
    /// A stream: Content-Length was needed to cut the message out.
    Stream,
}

/// Checks and repairs one whole message.
pub(super) fn repair(bytes: &[u8], framing: Framing) -> Verdict {
    let start = bytes.iter().position(|b| !matches!(b, b'\r' | b'\n')).unwrap_or(bytes.len());
    let bytes = &bytes[start..];
    let Some(end) = find(bytes, b"\r\n\r\n") else { return Verdict::Drop("no end of headers") };
    let head = decode(&bytes[..end]);
    let body = &bytes[end + 4..];
    let Some(message) = Head::read(&head) else { return Verdict::Drop("no start line or headers") };
    if message.start.starts_with("SIP/") {
        return match message.body_length(body.len(), framing) {
            Ok(length) => message.pass(&body[..length], Kind::Other),
            Err(_) => Verdict::Drop("response with an impossible Content-Length"),
        };
    }
    message.judge_request(body, framing)
}

/// Start line and headers as text, folded lines joined.
struct Head<'a> {
    start: &'a str,
    headers: Vec<(&'a str, Cow<'a, str>)>,
}

impl<'a> Head<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let start = lines.next()?.trim_end();
        let mut headers: Vec<(&str, Cow<'_, str>)> = Vec::new();
        for line in lines {
            if let Some((_, value)) = headers.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
                let joined = format!("{value} {}", line.trim());
                *value = Cow::Owned(joined);
            } else if let Some((name, value)) = line.split_once(':') {
                headers.push((name.trim(), Cow::Borrowed(value.trim())));
            }
            if headers.len() > HEADERS_MAX {
                return None;
            }
        }
        (!start.is_empty() && !headers.is_empty()).then_some(Self { start, headers })
    }

    fn get<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        let short = compact(name);
        self.headers
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name) || n.eq_ignore_ascii_case(short))
            .map(|(_, value)| value.as_ref())
    }

    fn judge_request(&self, body: &[u8], framing: Framing) -> Verdict {
        let mut words = self.start.split_ascii_whitespace();
        let (Some(method), Some(_), Some(version)) = (words.next(), words.next(), words.next_back()) else {
            return Verdict::Drop("request line is not one");
        };
        let one = |name| self.get(name).next().is_some();
        if !(one("Via") && one("From") && one("To") && one("Call-ID") && one("CSeq")) {
            return Verdict::Drop("a basic header is missing");
        }
        if !version.eq_ignore_ascii_case("SIP/2.0") {
            let whole = version.get(..4).is_some_and(|v| v.eq_ignore_ascii_case("SIP/"));
            return self.refuse(method, if whole { "505 Version Not Supported" } else { "400 Bad Request" });
        }
        if !METHODS.contains(&method) {
            return self.refuse(method, "405 Method Not Allowed");
        }
        if let Some(fault) = self.contradiction(method) {
            return self.refuse(method, fault);
        }
        match self.body_length(body.len(), framing) {
            Err(fault) => self.refuse(method, fault),
            Ok(length) => {
                let kind = if method == "INVITE" && !has_tag(self.get("To").next()) {
                    Kind::NewCall
                } else {
                    Kind::Other
                };
                match self.pass(&body[..length], kind) {
                    Verdict::Drop(_) => self.refuse(method, "400 Bad Request"),
                    good @ (Verdict::Pass(..) | Verdict::Answer(_)) => good,
                }
            }
        }
    }

    fn contradiction(&self, method: &str) -> Option<&'static str> {
        let once = ["From", "To", "Call-ID", "CSeq"];
        if once.into_iter().any(|name| self.get(name).count() > 1) {
            return Some("400 Repeated Header");
        }
        let cseq = self.get("CSeq").next()?;
        let (number, cseq_method) = cseq.split_once([' ', '\t']).unwrap_or((cseq, ""));
        if cseq_method.trim() != method {
            return Some("400 CSeq Names Another Method");
        }
        match number.parse::<u32>() {
            Ok(n) if n < 1 << 31 => {}
            Ok(_) | Err(_) => return Some("400 CSeq Out Of Range"),
        }
        if !has_tag(self.get("From").next()) {
            return Some("400 From Without Tag");
        }
        match self.get("Max-Forwards").next().map(str::parse::<u32>) {
            Some(Ok(hops)) if hops <= 255 => None,
            Some(_) => Some("400 Max-Forwards Out Of Range"),
            None => None,
        }
    }

    /// Length of the body as announced, or of what came when nothing was announced (datagrams).
    fn body_length(&self, available: usize, framing: Framing) -> Result<usize, &'static str> {
        let mut announced = self.get("Content-Length");
        match (announced.next(), announced.next()) {
            (Some(_), Some(_)) => Err("400 Repeated Content-Length"),
            (None, _) if framing == Framing::Datagram => Ok(available),
            (None, _) => Ok(0),
            (Some(length), None) => match length.parse::<usize>() {
                Ok(length) if length <= available => Ok(length),
                Ok(_) => Err("400 Body Shorter Than Content-Length"),
                Err(_) => Err("400 Bad Content-Length"),
            },
        }
    }

    /// The message in clean form, if the library can read it.
    fn pass(&self, body: &[u8], kind: Kind) -> Verdict {
        let mut out = String::with_capacity(1024);
        out.push_str(self.start);
        out.push_str("\r\n");
        let lengths = ["content-length", "l"];
        for (name, value) in &self.headers {
            if !lengths.iter().any(|length| name.eq_ignore_ascii_case(length)) {
                out.extend([name, ": ", value, "\r\n"]);
            }
        }
        out.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        let mut out = out.into_bytes();
        out.extend_from_slice(body);
        if digestible(&out) { Verdict::Pass(out, kind) } else { Verdict::Drop("the library cannot read it") }
    }

    /// A final answer without any state. An ACK is never answered.
    fn refuse(&self, method: &str, status: &str) -> Verdict {
        if method == "ACK" {
            return Verdict::Drop("an ACK that cannot be read");
        }
        let mut out = format!("SIP/2.0 {status}\r\n");
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
            for value in self.get(name) {
                out.extend([name, ": ", value]);
                if name == "To" && !has_tag(Some(value)) {
                    out.push_str(";tag=nd-stateless");
                }
                out.push_str("\r\n");
            }
        }
        out.push_str(&format!("Allow: {ALLOW}\r\nContent-Length: 0\r\n\r\n"));
        Verdict::Answer(out.into_bytes())
    }
}

fn compact(name: &str) -> &'static str {
    match name {
        "Via" => "v",
        "From" => "f",
        "To" => "t",
        "Call-ID" => "i",
        "Content-Length" => "l",
        _ => "\0",
    }
}

/// Whether an address header carries a tag outside of its `<…>` and quotes.
fn has_tag(value: Option<&str>) -> bool {
    let Some(value) = value else { return false };
    let parameters = value.rfind('>').map_or(value, |end| &value[end..]);
    parameters.split(';').skip(1).any(|p| {
        p.trim_start().get(..3).is_some_and(|n| n.eq_ignore_ascii_case("tag"))
            && p.split_once('=').is_some_and(|(n, v)| n.trim().len() == 3 && !v.trim().is_empty())
    })
}

/// UTF-8 where it is UTF-8; a line that is not is read as Latin-1.
fn decode(head: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(head) {
        return Cow::Borrowed(text);
    }
    let line = |line: &[u8]| match std::str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        Err(_) => line.iter().map(|b| char::from(*b)).collect(),
    };
    Cow::Owned(head.split(|b| *b == b'\n').map(line).collect::<Vec<_>>().join("\n"))
}

/// Whether the library reads this without an error or a panic, up to the key of its transaction.
fn digestible(bytes: &[u8]) -> bool {
    std::panic::catch_unwind(AssertUnwindSafe(|| match SipMessage::try_from(bytes) {
        Ok(SipMessage::Request(request)) => {
            TransactionKey::from_request(&request, TransactionRole::Server).is_ok()
                && request.to_header().is_ok_and(|to| to.tag().is_ok())
        }
        Ok(SipMessage::Response(response)) => {
            !response.has_multiple_vias()
                && TransactionKey::from_response(&response, TransactionRole::Client).is_ok()
                && response.to_header().is_ok_and(|to| to.tag().is_ok())
        }
        Err(_) => false,
    }))
    .unwrap_or(false)
}

pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests;
