//! What a request may not ask of us, and how it is told so. Pure.

use rsipstack::sip::Request;

use super::{
    headers::{header, tokens, value},
    server::Answer,
};

/// Extensions that a Require may name. `100rel` needs nothing: we send no provisional answers reliably.
const EXTENSIONS: [&str; 2] = ["timer", "100rel"];
/// Answers a request whose Require names what we do not have.
pub(super) fn refuse_extensions<'a>(request: &Request, tag: &'a str) -> Option<Answer<'a>> {
    let unknown = unsupported_extensions(request);
    (!unknown.is_empty()).then(|| Answer::new(420, tag).with([header("Unsupported", unknown.join(", "))]))
}

/// Answers a request with a body that is not plain SDP.
pub(super) fn refuse_content<'a>(request: &Request, tag: &'a str) -> Option<Answer<'a>> {
    if request.body.is_empty() {
        return None;
    }
    let kind = value(&request.headers, "Content-Type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let encoded = tokens(&request.headers, "Content-Encoding").iter().any(|e| e != "identity");
    let refusal = || {
        Answer::new(415, tag)
            .with([header("Accept", "application/sdp"), header("Accept-Encoding", "identity")])
    };
    (encoded || !kind.eq_ignore_ascii_case("application/sdp")).then(refusal)
}

/// What a Require names and we do not have.
fn unsupported_extensions(request: &Request) -> Vec<String> {
    let mut required = tokens(&request.headers, "Require");
    required.retain(|r| !EXTENSIONS.contains(&r.as_str()));
    required
}
