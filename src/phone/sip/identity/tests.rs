use super::*;
use crate::phone::sip::headers::header;
use rsipstack::sip::parse_uri;

fn headers(text: &str) -> Headers {
    let lines = text.lines().filter_map(|l| l.trim().split_once(": "));
    Headers(lines.map(|(n, v)| header(n, v)).collect())
}

/// Number, display name and raw user of a caller.
fn check(lines: &str, number: Option<&str>, display: Option<&str>, raw: &str) {
    let caller = caller(&headers(lines));
    let found =
        (caller.number.as_ref().map(PhoneNumber::e164), caller.display.as_deref(), caller.raw.as_str());
    assert_eq!(found, (number, display, raw), "{lines}");
}

fn check_called(lines: &str, request_uri: &str, expected: &[&str]) {
    let uri = parse_uri(request_uri).expect("a URI");
    assert_eq!(called(&headers(lines), &uri), expected, "{lines}");
}

#[test]
fn the_caller_is_read_from_from() {
    check(
        "From: \"Ann Lee\" <sip:5552345678@pbx>;tag=1",
        Some("+15552345678"),
        Some("Ann Lee"),
        "5552345678",
    );
    check("From: sip:+15552345678@pbx;tag=1", Some("+15552345678"), None, "+15552345678");
    check("From: <tel:+1-555-234-5678;cpc=x>;tag=1", Some("+15552345678"), None, "+1-555-234-5678");
    check("From: Bob <sip:204@pbx;user=phone>;tag=1", None, Some("Bob"), "204");
    check(
        "From: \"A \\\"quoted\\\" <name>\" <sip:%2B15552345678@pbx>;tag=1",
        Some("+15552345678"),
        Some("A \"quoted\" <name>"),
        "+15552345678",
    );
}

#[test]
fn what_the_pbx_asserts_comes_first() {
    check(
        "P-Asserted-Identity: \"Front\" <sip:5550001111@pbx>
         Remote-Party-ID: <sip:5550002222@pbx>;party=calling
         From: <sip:204@pbx>;tag=1",
        Some("+15550001111"),
        Some("Front"),
        "5550001111",
    );
    check(
        "Remote-Party-ID: \"Kim\" <sip:5550002222@pbx>;party=calling;privacy=off
         From: \"204\" <sip:204@pbx>;tag=1",
        Some("+15550002222"),
        Some("Kim"),
        "5550002222",
    );
    check(
        "P-Asserted-Identity: <sip:204@pbx>, <tel:+15550003333>
         From: <sip:anonymous@anonymous.invalid>;tag=1",
        Some("+15550003333"),
        None,
        "+15550003333",
    );
    check(
        "Remote-Party-ID: <sip:5550002222@pbx>;party=called\nFrom: <sip:5551112222@pbx>;tag=1",
        Some("+15551112222"),
        None,
        "5551112222",
    );
}

#[test]
fn a_withheld_number_stays_withheld() {
    check("From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1", None, None, "anonymous");
    check("From: <sip:Restricted@pbx>;tag=1", None, None, "Restricted");
    check(
        "Privacy: id;critical\nP-Asserted-Identity: \"Ann\" <sip:5550001111@pbx>\nFrom: <sip:x@y>;tag=1",
        None,
        None,
        "anonymous",
    );
    check(
        "Remote-Party-ID: <sip:5550002222@pbx>;privacy=full\nFrom: <sip:anonymous@x>;tag=1",
        None,
        None,
        "anonymous",
    );
    check("From: garbage", None, None, "");
    check("", None, None, "");
}

#[test]
fn the_called_number_is_the_one_that_was_dialled() {
    check_called("To: <sip:299@pbx>", "sip:299@10.0.0.9:5060", &["299"]);
    check_called(
        "P-Called-Party-ID: <sip:5559990000@pbx>
         Diversion: <sip:201@pbx>;reason=no-answer, <sip:5551112222@pbx>;reason=unconditional
         History-Info: <sip:5551112222@pbx>;index=1, <sip:201@pbx?Reason=x>;index=1.1
         To: \"Shop\" <sip:201@pbx>",
        "sip:299@10.0.0.9",
        &["5559990000", "5551112222", "201", "299"],
    );
    check_called("To: <tel:+15551112222>", "sip:nightdesk@10.0.0.9", &["+15551112222", "nightdesk"]);
    check_called("To: <sip:pbx>", "sip:10.0.0.9", &[]);
}

proptest::proptest! {
    #[test]
    fn no_header_makes_it_panic(value in "\\PC{0,200}", second in ".{0,80}") {
        let headers = Headers(vec![
            header("From", value.as_str()),
            header("P-Asserted-Identity", second.as_str()),
            header("Diversion", value.as_str()),
            header("To", second.as_str()),
        ]);
        let caller = caller(&headers);
        proptest::prop_assert!(caller.raw.chars().count() <= NAME_MAX);
        let _ = called(&headers, &Uri::default());
    }
}
