use super::*;
use proptest::prelude::*;

const SDP: &str =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n";

/// A good INVITE, its lines changed by `edit`.
fn invite(edit: impl Fn(String) -> String) -> Vec<u8> {
    let text = format!(
        "INVITE sip:299@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKx;rport\r\n\
         From: Ann <sip:204@127.0.0.1>;tag=abc\r\nTo: <sip:299@127.0.0.1>\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\n\
         Max-Forwards: 70\r\nContact: <sip:204@127.0.0.1:5070>\r\nContent-Type: application/sdp\r\n\
         Content-Length: {}\r\n\r\n{SDP}",
        SDP.len()
    );
    edit(text).into_bytes()
}

fn passed(verdict: Verdict) -> String {
    match verdict {
        Verdict::Pass(bytes, _) => String::from_utf8(bytes).expect("text"),
        Verdict::Answer(bytes) => panic!("answered: {}", String::from_utf8_lossy(&bytes)),
        Verdict::Drop(why) => panic!("dropped: {why}"),
    }
}

/// The status line with which a message is refused.
fn check_refused(message: &[u8], expected: &str) {
    let Verdict::Answer(answer) = repair(message, Framing::Datagram) else {
        panic!("not refused: {:?}", repair(message, Framing::Datagram))
    };
    let answer = String::from_utf8(answer).expect("text");
    assert_eq!(answer.lines().next(), Some(format!("SIP/2.0 {expected}").as_str()));
    assert!(answer.contains("\r\nCall-ID: c1\r\n") && answer.contains("branch=z9hG4bKx"), "{answer}");
}

#[test]
fn a_good_message_passes_and_is_known_as_a_new_call() {
    let good = invite(|t| t);
    let Verdict::Pass(bytes, kind) = repair(&good, Framing::Datagram) else { panic!("passes") };
    assert_eq!(kind, Kind::NewCall);
    assert!(String::from_utf8(bytes).expect("text").ends_with(SDP));
    let inside = invite(|t| t.replace("To: <sip:299@127.0.0.1>", "To: <sip:299@127.0.0.1>;tag=us"));
    assert!(matches!(repair(&inside, Framing::Datagram), Verdict::Pass(_, Kind::Other)));
}

#[test]
fn a_latin_1_name_is_read_and_costs_nobody_the_call() {
    let mut message = invite(|t| t.replace("From: Ann", "From: \"Jos@\""));
    let at = message.iter().position(|b| *b == b'@').expect("the mark");
    let mark = find(&message, b"Jos@").expect("the name") + 3;
    assert!(mark >= at);
    message[mark] = 0xe9;
    let text = passed(repair(&message, Framing::Datagram));
    assert!(text.contains("\"José\"") && text.ends_with(SDP), "{text}");
}

#[test]
fn a_datagram_without_content_length_keeps_its_body() {
    let message = invite(|t| t.replace(&format!("Content-Length: {}\r\n", SDP.len()), ""));
    assert!(passed(repair(&message, Framing::Datagram)).ends_with(SDP));
    assert!(passed(repair(&message, Framing::Stream)).ends_with("Content-Length: 0\r\n\r\n"));
}

#[test]
fn folded_lines_and_compact_names_are_read() {
    let message = invite(|t| {
        t.replace("Call-ID: c1", "i:\r\n c1").replace("From: Ann", "f: Ann\r\n\t").replace("Via:", "v:")
    });
    let text = passed(repair(&message, Framing::Datagram));
    assert!(text.contains("f: Ann <sip:204"), "{text}");
}

#[test]
fn what_the_library_would_not_answer_is_answered_here() {
    check_refused(&invite(|t| t.replace("INVITE", "DANCE")), "405 Method Not Allowed");
    check_refused(&invite(|t| t.replace("SIP/2.0\r\nVia", "SIP/7.0\r\nVia")), "505 Version Not Supported");
    check_refused(&invite(|t| t.replace("1 INVITE", "1 OPTIONS")), "400 CSeq Names Another Method");
    check_refused(&invite(|t| t.replace("1 INVITE", "36893488147419103232 INVITE")), "400 CSeq Out Of Range");
    check_refused(&invite(|t| t.replace(";tag=abc", "")), "400 From Without Tag");
    check_refused(
        &invite(|t| t.replace("Max-Forwards: 70", "Max-Forwards: 300")),
        "400 Max-Forwards Out Of Range",
    );
    check_refused(
        &invite(|t| t.replace("Content-Length: ", "Content-Length: 9")),
        "400 Body Shorter Than Content-Length",
    );
    check_refused(&invite(|t| t.replace("Content-Length: ", "Content-Length: -")), "400 Bad Content-Length");
    check_refused(&invite(|t| t.replace("CSeq:", "l: 3\r\nCSeq:")), "400 Repeated Content-Length");
    check_refused(&invite(|t| t.replace("CSeq:", "To: <sip:x@y>\r\nCSeq:")), "400 Repeated Header");
}

#[test]
fn what_cannot_be_answered_is_dropped() {
    let dropped = |bytes: &[u8]| matches!(repair(bytes, Framing::Datagram), Verdict::Drop(_));
    assert!(dropped(b"hello"));
    assert!(dropped(b"\r\n\r\n\r\n\r\n"));
    assert!(dropped(b"INVITE\r\n\r\n"));
    assert!(dropped(&invite(|t| t.replace("Via:", "Xvia:"))));
    assert!(dropped(&invite(|t| t.replace("INVITE", "ACK").replace("1 ACK", "1 BYE"))));
    assert!(dropped(&invite(|t| t.replace("Via:", &"A: b\r\n".repeat(400)))));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..1500)) {
        let _ = repair(&bytes, Framing::Datagram);
        let _ = repair(&bytes, Framing::Stream);
    }

    #[test]
    fn no_damage_to_a_good_message_makes_it_panic_and_what_passes_can_be_read(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut message = invite(|t| t);
        for (at, byte) in &edits {
            let at = at.index(message.len());
            message[at] = *byte;
        }
        message.truncate(cut.index(message.len()) + message.len() / 2);
        for framing in [Framing::Datagram, Framing::Stream] {
            match repair(&message, framing) {
                Verdict::Pass(clean, _) => {
                    prop_assert!(SipMessage::try_from(clean.as_slice()).is_ok());
                    prop_assert!(matches!(repair(&clean, Framing::Datagram), Verdict::Pass(..)));
                }
                Verdict::Answer(answer) => prop_assert!(answer.starts_with(b"SIP/2.0 4") || answer.starts_with(b"SIP/2.0 505")),
                Verdict::Drop(_) => {}
            }
        }
    }
}
