//! Whether a webhook request comes from Twilio: `X-Twilio-Signature`
//! (twilio.com/docs/usage/security; vectors of twilio-python's `request_validator`).

use std::collections::BTreeSet;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Url;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::super::Hidden;

/// What was signed.
#[derive(Debug, Clone, Copy)]
pub enum Signed<'a> {
    /// The form's fields, decoded.
    Form(&'a [(String, String)]),
    /// A JSON body: the address carries its SHA-256 as `bodySHA256`.
    Body(&'a [u8]),
}

/// True if `signature` is Twilio's for this request. `url` is the address as the owner gave it to Twilio, query
/// included; with and without its port are tried, because Twilio itself is not consistent there.
pub fn signature_is_right(auth_token: &Hidden, url: &str, signed: Signed<'_>, signature: &str) -> bool {
    let Ok(given) = BASE64_STANDARD.decode(signature) else { return false };
    let Ok(parsed) = Url::parse(url) else { return false };
    let tail = match signed {
        Signed::Form(fields) => tail(fields),
        Signed::Body(body) => {
            let promised = parsed.query_pairs().find(|(name, _)| name == "bodySHA256");
            let actual: String = Sha256::digest(body).iter().map(|b| format!("{b:02x}")).collect();
            if promised.is_none_or(|(_, hex)| hex.to_lowercase() != actual) {
                return false;
            }
            String::new()
        }
    };
    addresses(url, &parsed).iter().any(|address| {
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(auth_token.reveal().as_bytes()) else { return false };
        mac.update(address.as_bytes());
        mac.update(tail.as_bytes());
        mac.verify_slice(&given).is_ok() // takes the same time for every wrong signature
    })
}

/// Name and value of every field, names sorted, values of one name sorted and without doubles.
fn tail(fields: &[(String, String)]) -> String {
    let unique: BTreeSet<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    unique.into_iter().flat_map(|(name, value)| [name, value]).collect()
}

/// The address as given, without a port, and with the usual port.
fn addresses(url: &str, parsed: &Url) -> Vec<String> {
    let mut all = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return all };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let written_port =
        authority.rsplit_once(':').filter(|(_, port)| port.chars().all(|c| c.is_ascii_digit()));
    match (written_port, parsed.port_or_known_default()) {
        (Some((host, _)), _) => all.push(format!("{scheme}://{host}{path}")),
        (None, Some(port)) => all.push(format!("{scheme}://{authority}:{port}{path}")),
        (None, None) => {}
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    fn check(url: &str, pairs: &[(&str, &str)], signature: &str) -> bool {
        signature_is_right(&Hidden::new("12345"), url, Signed::Form(&fields(pairs)), signature)
    }

    const CALL: &[(&str, &str)] = &[
        ("CallSid", "CA1234567890ABCDE"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
        ("Caller", "+14158675309"),
    ];
    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const RIGHT: &str = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";

    #[test]
    fn twilios_own_vectors_pass() {
        assert!(check(URL, CALL, RIGHT));
        assert!(check(&URL.replace(".com/", ".com:443/"), CALL, RIGHT), "signed without the port");
        let doubles = [
            ("Sid", "CA123"),
            ("SidAccount", "AC123"),
            ("Digits", "5678"),
            ("Digits", "1234"),
            ("Digits", "1234"),
        ];
        assert!(check(URL, &doubles, "IK+Dwps556ElfBT0I3Rgjkr1wJU="));
    }

    #[test]
    fn anything_changed_fails() {
        assert!(!check(&URL.replace("foo=1", "foo=2"), CALL, RIGHT));
        assert!(!check(URL, &CALL[1..], RIGHT));
        assert!(!check(URL, CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B9="));
        assert!(
            !check(URL, CALL, "no base64!") && !check("no address", CALL, RIGHT) && !check(URL, CALL, "")
        );
    }

    #[test]
    fn json_body_is_bound_by_its_checksum_in_the_address() {
        let body = br#"{"property": "value", "boolean": true}"#;
        let hex = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
        let url = format!("{URL}&bodySHA256={hex}");
        let token = Hidden::new("12345");
        let right = "a9nBmqA0ju/hNViExpshrM61xv4=";
        assert!(signature_is_right(&token, &url, Signed::Body(body), right));
        assert!(!signature_is_right(&token, &url, Signed::Body(b"{}"), right));
        assert!(!signature_is_right(&token, URL, Signed::Body(body), RIGHT), "no checksum, no proof");
    }
}
