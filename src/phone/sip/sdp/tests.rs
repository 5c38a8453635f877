use super::*;
use proptest::prelude::*;

const ALL: [Codec; 3] = [Codec::G722, Codec::Pcmu, Codec::Pcma];
const ID: SdpId = SdpId { session: 42, version: 7 };

fn local() -> SocketAddr {
    "192.0.2.9:4000".parse().expect("an address")
}

/// A usual offer; `more` are the lines after `t=`.
fn sdp(more: &str) -> String {
    let more = more.trim().lines().map(|l| format!("{}\r\n", l.trim())).collect::<String>();
    format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n{more}")
}

fn read(more: &str) -> Result<Remote, SdpFault> {
    Remote::read(sdp(more).as_bytes(), &ALL, Prefer::Ours)
}

/// The whole answer after its `t=` line, for an offer.
fn check(offer: &str, expected: &str) {
    let answer = read(offer).expect("usable").answer(local(), ID, false);
    let answer = String::from_utf8(answer).expect("text");
    let (head, rest) = answer.split_once("t=0 0\r\n").expect("a t= line");
    assert_eq!(head, "v=0\r\no=nightdesk 42 7 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\n");
    let expected = expected.trim().lines().map(|l| format!("{}\r\n", l.trim())).collect::<String>();
    assert_eq!(rest, expected);
}

/// How an offer is refused.
fn refused(offer: &str, status: u16, text: &str) {
    let fault = read(offer).expect_err("refused");
    assert_eq!(fault.status(), status, "{fault}");
    assert!(fault.to_string().contains(text), "{fault}");
}

#[test]
fn the_first_codec_of_our_order_is_chosen_under_their_number() {
    check(
        "m=audio 5000 RTP/AVP 0 8 96 101
         a=rtpmap:96 g722/8000
         a=rtpmap:101 telephone-event/8000
         a=fmtp:101 0-16
         a=rtcp:5001
         a=ptime:30",
        "m=audio 4000 RTP/AVP 96 101
         a=rtpmap:96 G722/8000
         a=rtpmap:101 telephone-event/8000
         a=fmtp:101 0-15
         a=ptime:20
         a=sendrecv",
    );
}

#[test]
fn codecs_without_rtpmap_are_known_by_their_number() {
    check(
        "m=audio 5000 RTP/AVP 18 8 3",
        "m=audio 4000 RTP/AVP 8
         a=rtpmap:8 PCMA/8000
         a=ptime:20
         a=sendrecv",
    );
}

#[test]
fn every_other_line_is_refused_with_port_zero_in_its_place() {
    check(
        "m=video 6000 RTP/AVP 99
         m=audio 0 RTP/AVP 0
         m=audio 5000 RTP/AVP 0
         m=audio 5002 RTP/AVP 8
         m=application 7000 UDP/BFCP *",
        "m=video 0 RTP/AVP 99
         m=audio 0 RTP/AVP 0
         m=audio 4000 RTP/AVP 0
         a=rtpmap:0 PCMU/8000
         a=ptime:20
         a=sendrecv
         m=audio 0 RTP/AVP 8
         m=application 0 UDP/BFCP *",
    );
}

#[test]
fn hold_is_understood_in_all_its_forms() {
    let check = |offer: &str, send, receive, said: &str| {
        let remote = read(offer).expect("usable");
        let plan = remote.plan(false);
        assert_eq!((plan.send, plan.receive), (send, receive), "{offer}");
        let answer = String::from_utf8(remote.answer(local(), ID, false)).expect("text");
        assert!(answer.ends_with(&format!("a={said}\r\n")), "{offer}: {answer}");
    };
    check("m=audio 5000 RTP/AVP 0\na=sendrecv", true, true, "sendrecv");
    check("m=audio 5000 RTP/AVP 0\na=sendonly", false, true, "recvonly");
    check("m=audio 5000 RTP/AVP 0\na=recvonly", true, false, "sendonly");
    check("m=audio 5000 RTP/AVP 0\na=inactive", false, false, "inactive");
    check("a=sendonly\nm=audio 5000 RTP/AVP 0", false, true, "recvonly");
    check("a=sendonly\nm=audio 5000 RTP/AVP 0\na=sendrecv", true, true, "sendrecv");
    check("m=audio 5000 RTP/AVP 0\nc=IN IP4 0.0.0.0", false, true, "recvonly");
}

#[test]
fn our_own_hold_narrows_the_plan() {
    let remote = read("m=audio 5000 RTP/AVP 0").expect("usable");
    let plan = remote.plan(true);
    assert_eq!((plan.send, plan.receive), (true, false));
    assert!(String::from_utf8(remote.answer(local(), ID, true)).expect("text").contains("a=sendonly"));
}

#[test]
fn the_address_of_the_line_comes_before_that_of_the_session() {
    let remote = read("m=audio 5000 RTP/AVP 0\nc=IN IP6 2001:db8::7").expect("usable");
    assert_eq!(remote.plan(false).remote, "[2001:db8::7]:5000".parse().expect("an address"));
    let answer = remote.answer("[2001:db8::9]:4000".parse().expect("an address"), ID, false);
    assert!(String::from_utf8(answer).expect("text").contains("c=IN IP6 2001:db8::9\r\n"));
}

#[test]
fn offers_that_do_not_fit_are_refused_with_the_reason() {
    refused("m=audio 5000 RTP/AVP 18 3", 488, "no codec in common; this line speaks G722, PCMU, PCMA");
    refused("m=video 5000 RTP/AVP 99", 488, "no audio line");
    refused("m=audio 0 RTP/AVP 0", 488, "disabled");
    refused("m=audio 5000 RTP/SAVP 0", 488, "RTP/SAVP");
    refused("m=audio 5000 RTP/AVP 0\nc=IN IP4 phone.example", 488, "phone.example");
    refused("m=audio 5000 RTP/AVP 0\nc=IN IP4 224.2.17.12/127", 488, "224.2.17.12");
    refused("m=audio x RTP/AVP 0", 400, "broken");
    let no_address = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n";
    let fault = Remote::read(no_address.as_bytes(), &ALL, Prefer::Ours).expect_err("refused");
    assert_eq!(fault.status(), 400);
    assert_eq!(Remote::read(b"hello", &ALL, Prefer::Ours).expect_err("refused").status(), 400);
}

#[test]
fn an_offer_of_ours_can_be_answered_by_ourselves() {
    let offer = offer(&ALL, local(), ID, false);
    let remote = Remote::read(&offer, &[Codec::Pcma], Prefer::Ours).expect("usable");
    assert_eq!((remote.codec, remote.payload_type, remote.key_payload_type), (Codec::Pcma, 8, Some(101)));
    let answer = remote.answer("192.0.2.1:5000".parse().expect("an address"), ID, false);
    let back = Remote::read(&answer, &ALL, Prefer::Theirs).expect("usable");
    assert_eq!((back.codec, back.payload_type), (Codec::Pcma, 8));
}

#[test]
fn in_an_answer_their_first_codec_counts() {
    let body = sdp("m=audio 5000 RTP/AVP 8 9 0");
    let remote = Remote::read(body.as_bytes(), &ALL, Prefer::Theirs).expect("usable");
    assert_eq!(remote.codec, Codec::Pcma);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = Remote::read(&bytes, &ALL, Prefer::Ours);
    }

    #[test]
    fn no_lines_make_it_panic_and_every_answer_can_be_read(
        lines in proptest::collection::vec(
            "(m=(audio|video) [0-9]{1,6} RTP/AVP( [0-9]{1,3}){0,5}|c=IN IP[46] [0-9a-f.:/]{1,20}|a=rtpmap:[0-9]{1,3} [A-Za-z0-9/-]{1,20}|a=(sendonly|inactive|recvonly|ptime:.{0,5})|[a-z]=.{0,30})",
            0..12,
        ),
    ) {
        let body = sdp(&lines.join("\n"));
        if let Ok(remote) = Remote::read(body.as_bytes(), &ALL, Prefer::Ours) {
            let local = if remote.ip().is_ipv4() { local() } else { "[::1]:4000".parse().expect("an address") };
            let answer = remote.answer(local, ID, false);
            let read = Session::parse(&answer).expect("our answer is SDP");
            prop_assert_eq!(read.medias.len(), remote.lines.len());
            prop_assert_eq!(read.medias.iter().filter(|m| m.port != 0).count(), 1);
        }
    }
}
