//! Handing a call to the telephone system: REFER with Replaces (RFC 3515, RFC 3891, RFC 5589), and its progress.
//!
//! Only ours go out; whoever sends us one is refused where requests are answered.

use std::time::Duration;

use rsipstack::sip::{Header, Request};
use tokio::sync::oneshot;

use super::headers::{header, value};
use crate::phone::call::CallName;

/// How long the telephone system may take to join two calls.
pub(super) const JOIN_LIMIT: Duration = Duration::from_secs(20);

/// A REFER of ours that has no result yet. Dropping it tells the owner that nothing came of it.
pub(super) struct Joining {
    done: oneshot::Sender<bool>,
    /// When it is given up, as time of the stack.
    pub(super) until: Duration,
}

impl Joining {
    pub(super) fn new(done: oneshot::Sender<bool>, now: Duration) -> Self {
        Self { done, until: now + JOIN_LIMIT }
    }

    /// The owner may have gone.
    pub(super) fn settle(self, joined: bool) {
        let _ = self.done.send(joined);
    }
}

/// The headers that make a REFER: to whom, and which call the new one takes the place of.
pub(super) fn refer_headers(to: &CallName, contact: Header) -> Vec<Header> {
    let target = to.target.split('?').next().unwrap_or_default();
    let replaces = format!("{};to-tag={};from-tag={}", to.call_id, to.their_tag, to.our_tag);
    let refer_to = format!("<{target}?Replaces={}>", escaped(&replaces));
    let referred_by = format!("<{}>", own_address(&contact));
    vec![
        header("Refer-To", refer_to),
        header("Referred-By", referred_by),
        contact,
        header("Supported", "replaces"),
    ]
}

fn own_address(contact: &Header) -> String {
    super::headers::uri_of(contact.value()).to_owned()
}

/// What a NOTIFY says about a REFER of ours: the code of the call that it made; `None`: it is about something else.
pub(super) fn progress(notify: &Request) -> Option<u16> {
    let event = value(&notify.headers, "Event")?;
    let is_refer = event.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("refer"));
    let body = std::str::from_utf8(&notify.body).ok().filter(|_| is_refer)?;
    body.trim_start().strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
}

/// As in a header of a URI (RFC 3261 section 19.1.2).
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'*' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_to_be_replaced_is_named_as_its_other_side_knows_it() {
        let name = CallName {
            target: "sip:mike@10.0.0.9:5062;transport=tcp?Subject=x".into(),
            call_id: "abc@nightdesk".into(),
            their_tag: "t1".into(),
            our_tag: "o/2".into(),
            peer: "10.0.0.1:5060".parse().expect("an address"),
        };
        let headers = refer_headers(&name, header("Contact", "<sip:299@10.0.0.2:5060>"));
        assert_eq!(
            headers[0].value(),
            "<sip:mike@10.0.0.9:5062;transport=tcp?Replaces=abc%40nightdesk%3Bto-tag%3Dt1%3Bfrom-tag%3Do%2F2>"
        );
        assert_eq!(headers[1].value(), "<sip:299@10.0.0.2:5060>");
    }
}
