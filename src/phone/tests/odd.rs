//! Requests that no good phone sends, written by hand: each gets its answer, and the line lives on.

use std::time::Duration;

use media::Codec;

use super::{
    raw::{Raw, RawTcp, SDP, Script, line, ok_to},
    support::*,
};
use crate::phone::{AnswerError, CallEvent, LineConfig, LiveCall, NetRange};

/// Answers every call and keeps it.
async fn answered(office: &mut Office, raw: &Raw, extra: &str, sdp: &str) -> (LiveCall, Script, String) {
    let mut script = raw.script();
    raw.send(script.request("INVITE", extra, sdp)).await;
    let live = soon(office.ring().await.answer()).await.expect("answered");
    let ok = raw.expect("SIP/2.0 200").await;
    script.learn(&ok);
    raw.send(script.request_as("ACK", "", "")).await;
    (live, script, ok)
}

/// The status with which an INVITE is refused, and the whole answer.
async fn refused(raw: &Raw, extra: &str, body: &str) -> String {
    let mut script = raw.script();
    raw.send(script.request("INVITE", extra, body)).await;
    loop {
        let answer = raw.receive().await;
        if !answer.starts_with("SIP/2.0 1") && answer.contains(&format!("Call-ID: {}\r\n", script.call_id)) {
            script.learn(&answer);
            raw.send(script.request_as("ACK", "", "")).await;
            return answer;
        }
    }
}

#[tokio::test]
async fn what_the_line_cannot_do_is_refused_with_the_right_code() {
    let office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let check = async |extra: &str, body: &str, code: u16, contains: &str| {
        let answer = refused(&raw, extra, body).await;
        assert!(answer.starts_with(&format!("SIP/2.0 {code} ")), "{extra} {body}: {answer}");
        assert!(answer.contains(contains), "{contains:?} in {answer}");
    };
    check("Require: foo, timer\r\n", SDP, 420, "Unsupported: foo").await;
    check("Content-Type: application/pidf+xml\r\n", "<x/>", 415, "Accept: application/sdp").await;
    check("Content-Encoding: gzip\r\n", SDP, 415, "Accept-Encoding: identity").await;
    check("", "this is not SDP", 400, "Warning: 399 nightdesk \"the SDP is broken").await;
    check("", &SDP.replace("0 8 101", "18 3"), 488, "no codec in common").await;
    check("Replaces: x;to-tag=a;from-tag=b\r\n", SDP, 603, "").await;
    check("Session-Expires: 40\r\nSupported: timer\r\n", SDP, 422, "Min-SE: 90").await;
    soon(office.line.idle()).await;
}

#[tokio::test]
async fn requests_outside_any_call_are_answered() {
    let office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let check = async |method: &str, code: u16, contains: &str| {
        raw.send(raw.script().request(method, "", "")).await;
        let answer = raw.receive().await;
        assert!(answer.starts_with(&format!("SIP/2.0 {code} ")), "{method}: {answer}");
        assert!(answer.contains(contains), "{contains:?} in {answer}");
    };
    check("OPTIONS", 200, "Accept: application/sdp").await;
    check("OPTIONS", 200, "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO").await;
    check("DANCE", 405, "Allow: INVITE").await;
    check("REGISTER", 405, "Allow: INVITE").await;
    check("SUBSCRIBE", 405, "").await;
    check("NOTIFY", 405, "").await;
    check("MESSAGE", 405, "").await;
    check("REFER", 603, "").await;
    check("BYE", 481, "").await;
    check("UPDATE", 481, "").await;
    check("INFO", 481, "").await;
    check("PRACK", 481, "").await;
    check("CANCEL", 481, "").await;
}

#[tokio::test]
async fn an_offerless_invite_is_offered_to_and_the_ack_answers() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let mut script = raw.script();
    raw.send(script.request("INVITE", "Require: 100rel\r\n", "")).await;
    let call = office.ring().await;
    let answering = tokio::spawn(call.answer());
    let ok = raw.expect("SIP/2.0 200").await;
    assert!(ok.contains("m=audio ") && ok.contains(" RTP/AVP 9 0 8 101"), "{ok}");
    script.learn(&ok);
    raw.send(script.request_as("ACK", "", &SDP.replace("0 8 101", "8 101"))).await;
    let mut live = soon(answering).await.expect("no panic").expect("answered");
    assert_eq!(live.media.codec, Codec::Pcma);
    assert_eq!(live.media.remote, "127.0.0.1:40000".parse().expect("an address"));
    assert_eq!(next(&mut live).await, CallEvent::Acked);
}

#[tokio::test]
async fn an_offerless_invite_with_a_useless_answer_ends() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let mut script = raw.script();
    raw.send(script.request("INVITE", "", "")).await;
    let answering = tokio::spawn(office.ring().await.answer());
    script.learn(&raw.expect("SIP/2.0 200").await);
    raw.send(script.request_as("ACK", "", "")).await;
    let error = soon(answering).await.expect("no panic").expect_err("no media");
    assert!(matches!(error, AnswerError::NoMedia(_)), "{error}");
    let bye = raw.expect("BYE ").await;
    raw.send(ok_to(&bye)).await;
    soon(office.line.idle()).await;
}

#[tokio::test]
async fn holds_of_every_kind_and_signs_of_life_inside_a_call() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let (mut live, mut script, _) = answered(&mut office, &raw, "", SDP).await;
    assert_eq!(next(&mut live).await, CallEvent::Acked);
    let zero = SDP.replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0");
    for (sdp, send, receive, said) in [
        (format!("{SDP}a=sendonly\r\n"), false, true, "a=recvonly"),
        (SDP.to_owned(), true, true, "a=sendrecv"),
        (format!("{SDP}a=inactive\r\n"), false, false, "a=inactive"),
        (zero, false, true, "a=recvonly"),
    ] {
        raw.send(script.request("INVITE", "", &sdp)).await;
        let ok = raw.expect("SIP/2.0 200").await;
        assert!(ok.contains(said), "{ok}");
        raw.send(script.request_as("ACK", "", "")).await;
        let CallEvent::Media(plan) = next(&mut live).await else { panic!("a new plan") };
        assert_eq!((plan.send, plan.receive), (send, receive));
    }
    // Without SDP: only a sign of life, nothing changes.
    raw.send(script.request("UPDATE", "", "")).await;
    let ok = raw.expect("SIP/2.0 200").await;
    assert!(line(&ok, "CSeq").ends_with("UPDATE") && line(&ok, "Content-Length") == "0");
    raw.send(script.request("UPDATE", "", SDP)).await;
    assert!(raw.expect("SIP/2.0 200").await.contains("a=sendrecv"));
    assert!(matches!(next(&mut live).await, CallEvent::Media(plan) if plan.send));
    raw.send(script.request("OPTIONS", "", "")).await;
    assert!(raw.expect("SIP/2.0 200").await.contains("Allow: "));
    // A re-INVITE without an offer: ours stands in the 200, theirs comes in the ACK.
    raw.send(script.request("INVITE", "", "")).await;
    assert!(raw.expect("SIP/2.0 200").await.contains("m=audio"));
    raw.send(script.request_as("ACK", "", &SDP.replace("40000", "40002"))).await;
    assert!(matches!(next(&mut live).await, CallEvent::Media(plan) if plan.remote.port() == 40002));
    // A bad offer inside the call leaves the call as it is.
    raw.send(script.request("INVITE", "", &SDP.replace("0 8 101", "18"))).await;
    raw.expect("SIP/2.0 488").await;
    raw.send(script.request_as("ACK", "", "")).await;
    raw.send(script.request("BYE", "", "")).await;
    raw.expect("SIP/2.0 200").await;
    assert!(ended(&mut live).await.0);
}

#[tokio::test]
async fn nobody_from_outside_makes_the_line_dial_or_take_over() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let (live, mut script, _) = answered(&mut office, &raw, "", SDP).await;
    raw.send(script.request("REFER", "Refer-To: <sip:+88100000@127.0.0.1>\r\n", "")).await;
    raw.expect("SIP/2.0 603").await;
    raw.send(script.request("NOTIFY", "Event: talk\r\n", "")).await;
    raw.expect("SIP/2.0 405").await;
    raw.send(script.request("PRACK", "", "")).await;
    raw.expect("SIP/2.0 481").await;
    drop(live);
}

#[tokio::test]
async fn a_forged_request_does_not_touch_a_call() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let (live, mut script, _) = answered(&mut office, &raw, "", SDP).await;
    let forge = |change: fn(&mut Script)| {
        let mut forged = script.clone();
        change(&mut forged);
        forged.request("BYE", "", "")
    };
    for forged in [
        forge(|s| s.to_tag = "guess".into()),
        forge(|s| s.tag = "guess".into()),
        forge(|s| s.call_id = "guess".into()),
    ] {
        raw.send(forged).await;
        raw.expect("SIP/2.0 481").await;
    }
    // Old numbers are not obeyed either.
    let mut old = script.clone();
    old.seq = 0;
    raw.send(old.request("BYE", "", "")).await;
    raw.expect("SIP/2.0 500").await;
    raw.send(script.request("OPTIONS", "", "")).await;
    raw.expect("SIP/2.0 200").await;
    drop(live);
}

#[tokio::test]
async fn cancel_ends_the_ringing_and_comes_too_late_after_the_answer() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let mut script = raw.script();
    raw.send(script.request("INVITE", "", SDP)).await;
    let call = office.ring().await;
    raw.send(script.request_as("CANCEL", "", "")).await;
    assert!(line(&raw.expect("SIP/2.0 200").await, "CSeq").ends_with("CANCEL"));
    script.learn(&raw.expect("SIP/2.0 487").await);
    raw.send(script.request_as("ACK", "", "")).await;
    assert!(matches!(soon(call.answer()).await, Err(AnswerError::CallerGone)));
    // The 200 was faster: the CANCEL is answered and changes nothing.
    let mut script = raw.script();
    raw.send(script.request("INVITE", "", SDP)).await;
    let mut live = soon(office.ring().await.answer()).await.expect("answered");
    let ok = raw.expect("SIP/2.0 200").await;
    raw.send(script.request_as("CANCEL", "", "")).await;
    while !line(&raw.expect("SIP/2.0 200").await, "CSeq").ends_with("CANCEL") {}
    script.learn(&ok);
    raw.send(script.request_as("ACK", "", "")).await;
    assert_eq!(next(&mut live).await, CallEvent::Acked);
    raw.send(script.request("BYE", "", "")).await;
    raw.expect("SIP/2.0 200").await;
    assert!(ended(&mut live).await.0);
}

#[tokio::test]
async fn requests_in_an_early_dialog_are_answered_and_an_early_bye_ends_it() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let mut script = raw.script();
    raw.send(script.request("INVITE", "", SDP)).await;
    let call = office.ring().await;
    let ringing = raw.expect("SIP/2.0 180").await;
    let mut inside = script.clone();
    inside.learn(&ringing);
    for (method, body, code) in [
        ("OPTIONS", "", 200),
        ("UPDATE", SDP, 500),
        ("UPDATE", "", 200),
        ("PRACK", "", 481),
        ("REFER", "", 603),
    ] {
        raw.send(inside.request(method, "", body)).await;
        raw.expect(&format!("SIP/2.0 {code}")).await;
    }
    raw.send(inside.request("BYE", "", "")).await;
    assert!(line(&raw.expect("SIP/2.0 200").await, "CSeq").ends_with("BYE"));
    raw.expect("SIP/2.0 487").await;
    assert!(matches!(soon(call.answer()).await, Err(AnswerError::CallerGone)));
    soon(office.line.idle()).await;
}

#[tokio::test]
async fn a_bye_that_overtakes_the_ack_ends_the_call() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let mut script = raw.script();
    raw.send(script.request("INVITE", "", SDP)).await;
    let mut live = soon(office.ring().await.answer()).await.expect("answered");
    script.learn(&raw.expect("SIP/2.0 200").await);
    raw.send(script.request("BYE", "", "")).await;
    loop {
        if line(&raw.expect("SIP/2.0 200").await, "CSeq").ends_with("BYE") {
            break;
        }
    }
    assert!(ended(&mut live).await.0);
    soon(office.line.idle()).await;
}

#[tokio::test]
async fn an_answer_is_repeated_until_it_is_confirmed() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let mut script = raw.script();
    raw.send(script.request("INVITE", "", SDP)).await;
    let mut live = soon(office.ring().await.answer()).await.expect("answered");
    let first = raw.expect("SIP/2.0 200").await;
    assert_eq!(raw.expect("SIP/2.0 200").await, first);
    script.learn(&first);
    raw.send(script.request_as("ACK", "", "")).await;
    assert_eq!(next(&mut live).await, CallEvent::Acked);
}

#[tokio::test]
async fn an_offer_before_the_confirmation_of_the_last_one_waits_and_is_then_refused() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let mut script = raw.script();
    raw.send(script.request("INVITE", "", SDP)).await;
    let mut live = soon(office.ring().await.answer()).await.expect("answered");
    script.learn(&raw.expect("SIP/2.0 200").await);
    let first = script.clone();
    raw.send(script.request("INVITE", "", &format!("{SDP}a=sendonly\r\n"))).await;
    assert!(line(&raw.expect("SIP/2.0 500").await, "Retry-After") == "1");
    // With the ACK a moment late it is answered.
    raw.send(script.request("INVITE", "", &format!("{SDP}a=sendonly\r\n"))).await;
    raw.send(first.request_as("ACK", "", "")).await;
    assert_eq!(next(&mut live).await, CallEvent::Acked);
    assert!(matches!(next(&mut live).await, CallEvent::Media(plan) if !plan.send));
}

#[tokio::test]
async fn the_session_timer_of_the_pbx_is_echoed() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let extra = "Session-Expires: 1800\r\nSupported: timer\r\nRecord-Route: <sip:127.0.0.1:9;lr>\r\n";
    let (_live, _, ok) = answered(&mut office, &raw, extra, SDP).await;
    assert_eq!(line(&ok, "Session-Expires"), "1800;refresher=uac");
    assert_eq!(line(&ok, "Require"), "timer");
    assert_eq!(line(&ok, "Record-Route"), "<sip:127.0.0.1:9;lr>");
}

#[tokio::test]
async fn a_crossing_reinvite_gets_491_and_ours_is_tried_again() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let (live, mut script, _) = answered(&mut office, &raw, "", SDP).await;
    let control = live.control;
    let holding = tokio::spawn(async move {
        let held = control.hold(crate::phone::Hold::Hold).await;
        (control, held)
    });
    let ours = raw.expect("INVITE ").await;
    raw.send(script.request("INVITE", "", SDP)).await;
    raw.expect("SIP/2.0 491").await;
    raw.send(script.request_as("ACK", "", "")).await;
    raw.send(ok_to(&ours).replace("200 OK", "491 Request Pending")).await;
    raw.expect("ACK ").await;
    let again = loop {
        let again = raw.expect("INVITE ").await;
        if line(&again, "CSeq") != line(&ours, "CSeq") {
            break again;
        }
    };
    let answer = ok_to(&again).replace("Content-Length: 0\r\n\r\n", &format!(
        "Contact: <sip:raw@{}>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{}a=recvonly\r\n",
        raw.addr(), SDP.len() + 12, SDP
    ));
    raw.send(answer).await;
    let (_control, held) = soon(holding).await.expect("no panic");
    assert!(held);
    raw.expect("ACK ").await;
}

#[tokio::test]
async fn strangers_get_no_answer_at_all() {
    let allow = vec!["127.0.0.1".parse::<NetRange>().expect("an address")];
    let office = office(LineConfig { allow, ..config() }).await;
    let stranger = Raw::from(office.udp(), "127.0.0.2:0").await;
    let friend = Raw::new(office.udp()).await;
    for _ in 0..5 {
        stranger.send(stranger.script().request("OPTIONS", "", "")).await;
        stranger.send(stranger.script().request("INVITE", "", SDP)).await;
        stranger.send(b"\r\n\r\n").await;
    }
    // The datagrams of one socket are read in order: when the friend is answered, the stranger would have been.
    for _ in 0..3 {
        friend.send(friend.script().request("OPTIONS", "", "")).await;
        friend.expect("SIP/2.0 200").await;
    }
    assert!(stranger.silent_so_far());
    // A stream is closed without a word.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.2:0".parse().expect("an address")).expect("bound");
    let mut stream = soon(socket.connect(office.line.tcp_addrs()[0])).await.expect("connected");
    let mut heard = Vec::new();
    let _ = soon(tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut heard)).await;
    assert!(heard.is_empty());
}

#[tokio::test]
async fn a_latin_1_name_and_a_missing_content_length_cost_nobody_the_call() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let text = raw.script().request("INVITE", "", SDP).replace("\"Raw\"", "\"Jos@\"");
    let start = text.find("Content-Length").expect("is there");
    let end = text.find("\r\n\r\n").expect("is there");
    let text = format!("{}{}", &text[..start - 2], &text[end..]);
    let mut bytes = text.into_bytes();
    let at = bytes.windows(4).position(|w| w == b"Jos@").expect("is there");
    bytes[at + 3] = 0xe9;
    raw.send(bytes).await;
    let call = office.ring().await;
    assert_eq!(call.caller_display.as_deref(), Some("José"));
    soon(call.answer()).await.expect("answered");
    assert!(raw.expect("SIP/2.0 200").await.contains("m=audio"));
}

#[tokio::test]
async fn a_call_that_comes_twice_by_different_ways_is_one_call() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let mut script = raw.script();
    let invite = script.request("INVITE", "", SDP);
    raw.send(&invite).await;
    let _call = office.ring().await;
    raw.send(invite.replace("branch=z9hG4bK", "branch=z9hG4bKother")).await;
    raw.expect("SIP/2.0 482").await;
}

#[tokio::test]
async fn invites_are_answered_at_once() {
    let mut office = office(config()).await;
    let mut took = Vec::new();
    for last in 1..=40 {
        let raw = Raw::from(office.udp(), &format!("127.0.4.{last}:0")).await;
        let mut script = raw.script();
        let started = std::time::Instant::now();
        raw.send(script.request("INVITE", "", SDP)).await;
        let live = soon(office.ring().await.answer()).await.expect("answered");
        script.learn(&raw.expect("SIP/2.0 200").await);
        took.push(started.elapsed());
        raw.send(script.request_as("ACK", "", "")).await;
        raw.send(script.request("BYE", "", "")).await;
        drop(live);
    }
    took.sort();
    let (median, worst) = (took[took.len() / 2], took[took.len() - 1]);
    eprintln!("INVITE to 200 over {} calls: median {median:?}, worst {worst:?}", took.len());
    // The median, so that a busy machine does not fail the test for one late call.
    assert!(median < Duration::from_millis(200), "INVITE to 200: median {median:?}");
}

#[tokio::test]
async fn a_flood_from_one_address_leaves_the_others_in_peace() {
    let mut office = office(config()).await;
    let flood = Raw::from(office.udp(), "127.0.0.66:0").await;
    for _ in 0..2000 {
        flood.send(flood.script().request("INVITE", "", "nonsense")).await;
    }
    let raw = Raw::new(office.udp()).await;
    let started = std::time::Instant::now();
    let (_live, _, _) = answered(&mut office, &raw, "", SDP).await;
    assert!(started.elapsed() < Duration::from_secs(1), "answered after {:?}", started.elapsed());
}

#[tokio::test]
async fn nonsense_on_a_stream_closes_only_that_stream() {
    let mut office = office(config()).await;
    let tcp = office.line.tcp_addrs()[0];
    let mut bad = RawTcp::new(tcp).await;
    bad.send("GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n").await;
    let mut rest = Vec::new();
    let closed = soon(tokio::io::AsyncReadExt::read_to_end(&mut bad.stream, &mut rest)).await;
    assert!(rest.is_empty() && (closed.is_ok() || closed.is_err()));
    let mut good = RawTcp::new(tcp).await;
    let mut script = good.script();
    // In two pieces, with a keep-alive before.
    let invite = script.request("INVITE", "", SDP);
    good.send("\r\n\r\n").await;
    good.send(&invite[..200]).await;
    good.send(&invite[200..]).await;
    let mut live = soon(office.ring().await.answer()).await.expect("answered");
    let ok = good.expect("SIP/2.0 200").await;
    assert!(line(&ok, "Contact").contains(";transport=tcp"), "{ok}");
    script.learn(&ok);
    good.send(script.request_as("ACK", "", "")).await;
    assert_eq!(next(&mut live).await, CallEvent::Acked);
    drop(live);
    let bye = good.expect("BYE ").await;
    good.send(ok_to(&bye)).await;
    soon(office.line.idle()).await;
}
