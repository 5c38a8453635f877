//! Keys in SIP INFO, as some PBXs send them instead of RTP events. Pure.

use rsipstack::sip::Request;

use super::headers::value;

/// What an INFO request says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Info {
    /// A key was pressed.
    Key(char),
    /// Nothing (some PBXs ask "are you there?" with it), or a key sign that no telephone has.
    Empty,
    /// Something else.
    Unknown,
}

/// Reads `application/dtmf-relay` (`Signal=5`, `Duration=160`) and `application/dtmf` (`5`).
pub(super) fn from_info(request: &Request) -> Info {
    if request.body.is_empty() {
        return Info::Empty;
    }
    let kind = value(&request.headers, "Content-Type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let body = String::from_utf8_lossy(&request.body);
    let sign = match kind.as_str() {
        "application/dtmf-relay" => body.lines().find_map(|line| {
            let (name, sign) = line.split_once('=')?;
            name.trim().eq_ignore_ascii_case("signal").then(|| sign.trim().to_owned())
        }),
        "application/dtmf" => Some(body.trim().to_owned()),
        _ => return Info::Unknown,
    };
    sign.as_deref().and_then(key).map_or(Info::Empty, Info::Key)
}

/// The body that tells a key.
pub(super) fn relay_body(key: char) -> Vec<u8> {
    format!("Signal={key}\r\nDuration=160\r\n").into_bytes()
}

fn key(sign: &str) -> Option<char> {
    match sign {
        "10" => return Some('*'),
        "11" => return Some('#'),
        _ => {}
    }
    let mut chars = sign.chars();
    let first = chars.next()?.to_ascii_uppercase();
    (chars.next().is_none() && matches!(first, '0'..='9' | '*' | '#' | 'A'..='D')).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::sip::headers::header;

    fn check(kind: &str, body: &str, expected: Info) {
        let request = Request {
            method: rsipstack::sip::Method::Info,
            uri: rsipstack::sip::Uri::default(),
            version: rsipstack::sip::Version::V2,
            headers: vec![header("Content-Type", kind)].into(),
            body: body.into(),
        };
        assert_eq!(from_info(&request), expected, "{kind} {body:?}");
    }

    #[test]
    fn keys_are_read_from_both_forms() {
        check("application/dtmf-relay", "Signal=5\r\nDuration=160", Info::Key('5'));
        check("application/dtmf-relay", "Signal= *\nDuration= 250\n", Info::Key('*'));
        check("application/dtmf-relay;charset=x", "signal=11", Info::Key('#'));
        check("application/dtmf", "7", Info::Key('7'));
        check("application/dtmf", "d\r\n", Info::Key('D'));
    }

    #[test]
    fn other_information_is_not_a_key() {
        check("application/dtmf-relay", "Signal=99", Info::Empty);
        check("application/dtmf", "", Info::Empty);
        check("text/plain", "5", Info::Unknown);
        check("application/media_control+xml", "<x/>", Info::Unknown);
    }
}
