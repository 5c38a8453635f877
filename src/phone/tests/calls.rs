//! What a caller and an owner of a call can do to each other, with our test phone on the other side.

use std::time::Duration;

use media::Codec;

use super::support::*;
use crate::phone::{
    AnswerError, CallEvent, DialError, Hold, Line, LineConfig, LineError, Listen, Transport, test_phone,
    test_phone::DialOptions,
};

#[tokio::test]
async fn a_call_is_answered_and_confirmed() {
    let mut office = office(config()).await;
    let (mut here, mut there) = office.call(DialOptions::default()).await;
    assert_eq!(next(&mut here).await, CallEvent::Acked);
    assert_eq!(next(&mut there).await, CallEvent::Acked);
    assert_eq!(here.sip_call_id, there.sip_call_id);
    assert_eq!(here.media.codec, Codec::G722, "our order of codecs decides");
    assert_eq!(here.media.remote, there.rtp.local_addr().expect("bound"));
    assert_eq!(there.media.remote, here.rtp.local_addr().expect("bound"));
    assert_eq!(here.media.key_payload_type, Some(101));
    assert!(here.media.send && here.media.receive);
    there.hang_up().await;
    assert_eq!(ended(&mut here).await, (true, "the caller hung up".to_owned()));
    assert_eq!(ended(&mut there).await, (false, "ended by us".to_owned()));
    soon(office.line.idle()).await;
}

#[tokio::test]
async fn sound_travels_both_ways() {
    let mut office = office(config()).await;
    let (here, there) = office.call(DialOptions { codecs: vec![Codec::Pcma], ..Default::default() }).await;
    assert_eq!((here.media.codec, here.media.payload_type), (Codec::Pcma, 8));
    let mut buffer = [0; 64];
    here.rtp.send_to(b"to the caller", here.media.remote).await.expect("sent");
    let (n, from) = soon(there.rtp.recv_from(&mut buffer)).await.expect("received");
    assert_eq!((&buffer[..n], from), (b"to the caller".as_slice(), there.media.remote));
    there.rtp.send_to(b"to the office", there.media.remote).await.expect("sent");
    let (n, _) = soon(here.rtp.recv_from(&mut buffer)).await.expect("received");
    assert_eq!(&buffer[..n], b"to the office");
}

#[tokio::test]
async fn the_owner_learns_who_calls_and_whom() {
    let mut office = office(config()).await;
    let options = DialOptions {
        number: "5552345678".into(),
        display: Some("Ann Lee".into()),
        headers: vec![("Diversion".into(), "<sip:5550009999@pbx>;reason=unconditional".into())],
        ..Default::default()
    };
    let uri = office.uri();
    let dialled = tokio::spawn(async move { test_phone::dial(&uri, options).await });
    let call = office.ring().await;
    assert_eq!(call.caller.as_ref().map(|n| n.e164()), Some("+15552345678"));
    assert_eq!(call.caller_display.as_deref(), Some("Ann Lee"));
    assert_eq!(call.called, ["5550009999", "5551234567"]);
    call.reject(486, "Busy Here");
    let error = soon(dialled).await.expect("no panic").expect_err("refused");
    assert!(matches!(error, DialError::Refused { code: 486, .. }), "{error}");
}

#[tokio::test]
async fn calls_are_refused_redirected_or_forgotten_as_the_owner_says() {
    let mut office = office(config()).await;
    let mut outcome = async |decide: fn(crate::phone::IncomingCall)| {
        let uri = office.uri();
        let dialled = tokio::spawn(async move { test_phone::dial(&uri, DialOptions::default()).await });
        decide(office.ring().await);
        let error = soon(dialled).await.expect("no panic").expect_err("refused");
        let DialError::Refused { code, reason } = error else { panic!("{error}") };
        (code, reason)
    };
    assert_eq!(outcome(|call| call.reject(480, "Closed now")).await, (480, "Closed now".to_owned()));
    assert_eq!(outcome(|call| call.redirect("sip:100@192.0.2.1")).await.0, 302);
    assert_eq!(outcome(drop).await.0, 480);
    assert_eq!(outcome(|call| call.reject(200, "nonsense")).await.0, 480);
    soon(office.line.idle()).await;
}

#[tokio::test]
async fn dropping_a_call_hangs_up() {
    let mut office = office(config()).await;
    let (here, mut there) = office.call(DialOptions::default()).await;
    drop(here);
    assert!(ended(&mut there).await.0);
    soon(office.line.idle()).await;
}

#[tokio::test]
async fn one_call_too_many_is_refused_as_busy_and_the_place_is_given_back() {
    let mut office = office(LineConfig { busy_limit: 1, ..config() }).await;
    let (_here, there) = office.call(DialOptions::default()).await;
    let error = soon(test_phone::dial(&office.uri(), DialOptions::default())).await.expect_err("busy");
    assert!(matches!(error, DialError::Refused { code: 486, .. }), "{error}");
    there.hang_up().await;
    soon(office.line.idle()).await;
    office.call(DialOptions::default()).await;
}

#[tokio::test]
async fn hold_and_resume_change_the_plan_by_reinvite_and_by_update() {
    let mut office = office(config()).await;
    let (mut here, mut there) = office.call(DialOptions::default()).await;
    assert_eq!(next(&mut here).await, CallEvent::Acked);
    assert_eq!(next(&mut there).await, CallEvent::Acked);
    for (hold, resume) in [(Hold::Hold, Hold::Resume), (Hold::HoldByUpdate, Hold::ResumeByUpdate)] {
        assert!(soon(there.control.hold(hold)).await);
        let CallEvent::Media(plan) = next(&mut here).await else { panic!("a new plan") };
        assert!(!plan.send && plan.receive, "{plan:?}");
        assert!(soon(there.control.hold(resume)).await);
        let CallEvent::Media(plan) = next(&mut here).await else { panic!("a new plan") };
        assert!(plan.send && plan.receive, "{plan:?}");
    }
}

#[tokio::test]
async fn both_sides_holding_at_once_come_to_an_agreement() {
    let mut office = office(config()).await;
    let (mut here, mut there) = office.call(DialOptions::default()).await;
    assert_eq!(next(&mut here).await, CallEvent::Acked);
    assert_eq!(next(&mut there).await, CallEvent::Acked);
    let (a, b) =
        soon(async { tokio::join!(here.control.hold(Hold::Hold), there.control.hold(Hold::Hold)) }).await;
    assert!(a && b);
}

#[tokio::test]
async fn keys_in_sip_info_arrive() {
    let mut office = office(config()).await;
    let (mut here, there) = office.call(DialOptions::default()).await;
    assert_eq!(next(&mut here).await, CallEvent::Acked);
    for key in ['1', '#', '*', '0'] {
        assert!(soon(there.control.info_key(key)).await);
        assert_eq!(next(&mut here).await, CallEvent::Key(key));
    }
}

#[tokio::test]
async fn a_caller_who_gives_up_is_gone_before_the_answer() {
    let mut office = office(config()).await;
    let uri = office.uri();
    let options = DialOptions { timeout: Duration::from_millis(400), ..Default::default() };
    let dialled = tokio::spawn(async move { test_phone::dial(&uri, options).await });
    let call = office.ring().await;
    let error = soon(dialled).await.expect("no panic").expect_err("gave up");
    assert!(matches!(error, DialError::NoAnswer(_)), "{error}");
    soon(office.line.idle()).await;
    assert!(matches!(soon(call.answer()).await, Err(AnswerError::CallerGone)));
}

#[tokio::test]
async fn a_call_over_tcp_is_like_any_other() {
    let mut office = office(config()).await;
    let options = DialOptions { transport: Transport::Tcp, ..Default::default() };
    let uri = format!("sip:299@{}", office.line.tcp_addrs()[0]);
    let dialled = tokio::spawn(async move { test_phone::dial(&uri, options).await });
    let mut here = soon(office.ring().await.answer()).await.expect("answered");
    let there = soon(dialled).await.expect("no panic").expect("answered");
    assert_eq!(next(&mut here).await, CallEvent::Acked);
    assert!(soon(there.control.hold(Hold::Hold)).await);
    assert!(matches!(next(&mut here).await, CallEvent::Media(_)));
    here.hang_up().await;
    drop(there);
    soon(office.line.idle()).await;
}

#[tokio::test]
async fn a_call_over_ipv6_has_ipv6_sound() {
    let listen = vec!["127.0.0.1:0".parse().expect("v4"), "[::1]:0".parse().expect("v6")];
    let mut office = office(LineConfig { listen, ..config() }).await;
    let uri = format!("sip:299@{}", office.line.udp_addrs()[1]);
    let dialled = tokio::spawn(async move { test_phone::dial(&uri, DialOptions::default()).await });
    let mut here = soon(office.ring().await.answer()).await.expect("answered");
    let mut there = soon(dialled).await.expect("no panic").expect("answered");
    assert!(here.media.remote.is_ipv6() && here.rtp.local_addr().expect("bound").is_ipv6());
    assert_eq!(there.media.remote, here.rtp.local_addr().expect("bound"));
    assert_eq!(next(&mut here).await, CallEvent::Acked);
    here.hang_up().await;
    assert!(ended(&mut there).await.0);
}

#[tokio::test]
async fn no_codec_in_common_is_said_clearly() {
    let office = office(LineConfig { codecs: vec![Codec::G722], ..config() }).await;
    let options = DialOptions { codecs: vec![Codec::Pcma], ..Default::default() };
    let error = soon(test_phone::dial(&office.uri(), options)).await.expect_err("refused");
    let text = error.to_string();
    assert!(text.contains("488") && text.contains("no codec in common; this line speaks G722"), "{text}");
}

#[tokio::test]
async fn after_many_calls_nothing_is_left_behind() {
    let mut office = office(LineConfig { busy_limit: 1, ..config() }).await;
    // Phones at addresses of their own: the gate lets 40 calls from one address through at once.
    for last in 1..=8 {
        let phone = test_phone::phone([127, 0, 3, last].into()).await.expect("a phone");
        for round in 0..30 {
            let uri = office.uri();
            let (here, there) =
                tokio::join!(async { soon(office.ring().await.answer()).await.expect("answered") }, async {
                    soon(phone.dial(&uri, DialOptions::default())).await.expect("answered")
                },);
            match round % 3 {
                0 => here.hang_up().await,
                1 => there.hang_up().await,
                _ => drop(here),
            }
            soon(office.line.idle()).await;
            soon(phone.idle()).await;
        }
        assert_eq!((office.line.calls(), phone.calls()), (0, 0));
    }
}

#[tokio::test]
async fn a_line_that_shuts_down_ends_its_calls_first() {
    let mut office = office(config()).await;
    let (mut here, mut there) = office.call(DialOptions::default()).await;
    soon(office.line.shutdown()).await;
    assert!(ended(&mut there).await.0);
    assert!(!ended(&mut here).await.0);
}

#[tokio::test]
async fn a_taken_port_and_an_empty_configuration_are_explained() {
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let listen = vec![taken.local_addr().expect("bound")];
    let refused = async |config| Line::start(config).await.map(|_| ()).expect_err("refused");
    let error = refused(LineConfig { listen, transport: Listen::Udp, ..config() }).await;
    assert!(matches!(error, LineError::PortTaken { transport: "UDP", .. }), "{error}");
    assert!(error.to_string().contains("taken by another program"), "{error}");
    assert!(matches!(refused(LineConfig { listen: vec![], ..config() }).await, LineError::NoAddress));
    assert!(matches!(refused(LineConfig { codecs: vec![], ..config() }).await, LineError::NoCodec));
    let elsewhere = vec!["192.0.2.77:5060".parse().expect("an address")];
    assert!(matches!(refused(LineConfig { listen: elsewhere, ..config() }).await, LineError::Listen { .. }));
}
