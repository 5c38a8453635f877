use super::*;
use crate::phone::sip::headers::header;

fn headers(lines: &[&str]) -> Headers {
    Headers(lines.iter().map(|l| header("WWW-Authenticate", *l)).collect())
}

fn who() -> Credentials {
    Credentials { user: "Mufasa".into(), password: "Circle of Life".into() }
}

fn answer(challenge: &str, cnonce: &str) -> String {
    let challenge = Challenge::strongest(&headers(&[challenge])).expect("a challenge");
    let asked = Asked { method: "GET", uri: "/dir/index.html", body: b"" };
    challenge.answer(&who(), &asked, cnonce).value().to_owned()
}

/// The response computed for the example of RFC 7616 3.9.1, by algorithm.
fn check(algorithm: &str, response: &str) {
    let challenge = format!(
        "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
         nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
    );
    let value = answer(&challenge, "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
    assert!(value.contains(&format!("response=\"{response}\"")), "{value}");
    assert!(value.contains(&format!("algorithm={algorithm}, ")), "{value}");
    assert!(value.contains("qop=auth, nc=00000001") && value.contains("opaque=\"FQhe/"), "{value}");
}

#[test]
fn the_examples_of_the_rfc_come_out_right() {
    check("MD5", "8ca523f5e9506fed4657c9700eebdbec");
    check("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

#[test]
fn the_old_form_without_qop_has_no_cnonce() {
    // The example of RFC 2069 as corrected by its errata.
    let challenge =
        "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc\"";
    let challenge = Challenge::strongest(&headers(&[challenge])).expect("a challenge");
    let who = Credentials { user: "Mufasa".into(), password: "CircleOfLife".into() };
    let asked = Asked { method: "GET", uri: "/dir/index.html", body: b"" };
    let value = challenge.answer(&who, &asked, "x").value().to_owned();
    assert!(value.contains("response=\"1949323746fe6a43ef61f9606e7febea\""), "{value}");
    assert!(!value.contains("cnonce") && !value.contains("nc="), "{value}");
}

#[test]
fn the_strongest_of_several_challenges_is_answered() {
    let md5 = "Digest realm=\"pbx\", nonce=\"a\", algorithm=MD5";
    let sha = "Digest realm=\"pbx\", nonce=\"b\", algorithm=SHA-256, qop=\"auth,auth-int\"";
    let unknown = "Digest realm=\"pbx\", nonce=\"c\", algorithm=SHA-512-256, qop=\"auth\"";
    let basic = "Basic realm=\"pbx\"";
    for lines in [vec![md5, sha, unknown, basic], vec![basic, unknown, sha, md5]] {
        assert_eq!(Challenge::strongest(&headers(&lines)).expect("a challenge").nonce, "b");
    }
    let in_one_line = format!("{basic}, {md5}, {sha}");
    assert_eq!(Challenge::strongest(&headers(&[&in_one_line])).expect("a challenge").nonce, "b");
    assert_eq!(Challenge::strongest(&headers(&[unknown, basic])), None);
}

#[test]
fn auth_int_alone_is_answered_with_the_hash_of_the_body() {
    let value = answer("Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"", "c");
    assert!(value.contains("qop=auth-int"), "{value}");
}

#[test]
fn a_proxy_is_answered_as_a_proxy_and_quotes_are_kept() {
    let line = header("Proxy-Authenticate", "Digest realm=\"a \\\"b\\\", c\", nonce=\"n\", stale=TRUE");
    let challenge = Challenge::strongest(&Headers(vec![line])).expect("a challenge");
    assert!(challenge.stale);
    let asked = Asked { method: "REGISTER", uri: "sip:pbx", body: b"" };
    let answer = challenge.answer(&who(), &asked, "c");
    assert_eq!(answer.name(), "Proxy-Authorization");
    assert!(answer.value().contains("realm=\"a \\\"b\\\", c\""), "{}", answer.value());
}
