//! Calls of the box to its roster, through an exchange that is played by hand.

use std::time::Duration;

use oncall::Dialable;
use tokio::sync::oneshot;

use super::{
    raw::{Raw, SDP, line, ok_to},
    support::{config, soon},
};
use crate::phone::{
    CallEvent, DialError, DialForm, IncomingCall, Line, LineConfig, LineEvent, LiveCall, PbxAccount,
    Transport,
};

fn mike(sip: Option<String>) -> Dialable {
    let mut roster = oncall::testing::metro();
    roster.people[0].sip = sip;
    Dialable::of(&roster, &oncall::testing::id("mike")).expect("on the roster")
}

fn free_port() -> u16 {
    std::net::UdpSocket::bind("127.0.0.1:0").and_then(|s| s.local_addr()).expect("a port").port()
}

/// An exchange in our hands, and a line that belongs to it.
struct Exchange {
    raw: Raw,
    line: Line,
    events: tokio::sync::mpsc::Receiver<LineEvent>,
}

impl Exchange {
    async fn new() -> Self {
        let port = free_port();
        let pbx = PbxAccount {
            host: "127.0.0.1".into(),
            port,
            transport: Transport::Udp,
            extension: "299".into(),
            auth_id: None,
            password: "secret".into(),
            outbound_proxy: None,
            expires_s: 60,
            dial: DialForm::Digits,
            dial_prefix: "9".into(),
            refer: true,
        };
        let allow = vec!["127.0.0.1".parse().expect("an address")];
        let (line, events) =
            Line::start(LineConfig { pbx: Some(pbx), allow, ..config() }).await.expect("the line starts");
        let raw = Raw::from(line.udp_addrs()[0], &format!("127.0.0.1:{port}")).await;
        Self { raw, line, events }
    }

    fn dial(&self) -> tokio::task::JoinHandle<Result<LiveCall, DialError>> {
        let dialler = self.line.dialler();
        let (rang, _) = oneshot::channel();
        tokio::spawn(async move { dialler.call(&mike(None), Duration::from_secs(8), rang).await })
    }

    async fn incoming(&mut self) -> IncomingCall {
        loop {
            match soon(self.events.recv()).await.expect("an event") {
                LineEvent::Incoming(call) => return call,
                LineEvent::Registration(_) => {}
            }
        }
    }

    /// The caller's call through the exchange, and Mike's.
    async fn two_calls(&mut self) -> (LiveCall, LiveCall, super::raw::Script) {
        let mut script = self.raw.script();
        self.raw.send(script.request("INVITE", "", SDP)).await;
        let caller = soon(self.incoming().await.answer()).await.expect("answered");
        script.learn(&self.raw.expect("SIP/2.0 200").await);
        self.raw.send(script.request_as("ACK", "", "")).await;
        let dialled = self.dial();
        let invite = self.raw.expect("INVITE").await;
        self.raw.send(answer(&invite, "200 OK", SDP)).await;
        let tech = soon(dialled).await.expect("no panic").expect("answered");
        (caller, tech, script)
    }
}

/// An answer to a request of theirs, with our tag.
fn answer(request: &str, status: &str, body: &str) -> String {
    let copied = ["Via", "From", "Call-ID", "CSeq"].map(|n| format!("{n}: {}\r\n", line(request, n)));
    let to = line(request, "To");
    let to = if to.contains(";tag=") { to } else { format!("{to};tag=far") };
    let content = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    let us = to.split(['@', '>']).nth(1).unwrap_or_default();
    format!(
        "SIP/2.0 {status}\r\n{}To: {to}\r\nContact: <sip:mike@{us}>\r\n{content}Content-Length: {}\r\n\r\n{body}",
        copied.concat(),
        body.len()
    )
}

#[tokio::test]
async fn number_is_dialled_through_the_exchange_with_our_password() {
    let exchange = Exchange::new().await;
    let dialled = exchange.dial();
    let invite = exchange.raw.expect("INVITE").await;
    assert!(invite.starts_with("INVITE sip:915558870002@127.0.0.1:"), "{invite}");
    assert!(line(&invite, "From").contains("<sip:299@127.0.0.1>"), "{invite}");
    let challenge = "407 Proxy Authentication Required\r\nProxy-Authenticate: Digest realm=\"x\", nonce=\"n\", \
                     algorithm=MD5, qop=\"auth\"";
    exchange.raw.send(answer(&invite, challenge, "")).await;
    let again = loop {
        let again = exchange.raw.expect("INVITE").await;
        if again.contains("Proxy-Authorization") {
            break again;
        }
    };
    assert!(line(&again, "Proxy-Authorization").contains("username=\"299\""), "{again}");
    // sound before the answer is ignored
    exchange.raw.send(answer(&again, "183 Session Progress", SDP)).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!dialled.is_finished());
    exchange.raw.send(answer(&again, "200 OK", SDP)).await;
    let mut live = soon(dialled).await.expect("no panic").expect("answered");
    assert_eq!(soon(live.events.recv()).await, Some(CallEvent::Acked));
    exchange.raw.expect("ACK").await;
}

#[tokio::test]
async fn exchange_that_joins_two_calls_is_asked_with_the_right_names() {
    let mut exchange = Exchange::new().await;
    let (caller, tech, mut script) = exchange.two_calls().await;
    let name = tech.name.clone().expect("a call of ours has a name");
    let joined = tokio::spawn(caller.control.join(name));
    let refer = exchange.raw.expect("REFER").await;
    let call_id = tech.sip_call_id.replace('@', "%40");
    let refer_to = line(&refer, "Refer-To");
    let us = exchange.raw.addr();
    let expected = format!("<sip:mike@{us}?Replaces={call_id}%3Bto-tag%3Dfar%3Bfrom-tag%3D");
    assert!(refer_to.starts_with(&expected), "{refer_to} is not {expected}…");
    assert_eq!(line(&refer, "Call-ID"), script.call_id, "inside the caller's call");
    exchange.raw.send(answer(&refer, "202 Accepted", "")).await;
    let event = "Event: refer\r\nSubscription-State: active\r\nContent-Type: message/sipfrag\r\n";
    for (progress, last) in [("SIP/2.0 100 Trying\r\n", false), ("SIP/2.0 200 OK\r\n", true)] {
        assert!(!joined.is_finished(), "not before it is done");
        exchange.raw.send(script.request("NOTIFY", event, progress)).await;
        let seen = exchange.raw.expect("SIP/2.0").await;
        assert!(seen.starts_with("SIP/2.0 200"), "{seen}");
        assert!(last || !joined.is_finished());
    }
    assert!(soon(joined).await.expect("no panic"));
}

#[tokio::test]
async fn exchange_that_refuses_to_join_leaves_both_calls_alone() {
    for refusal in ["603 Decline", "405 Method Not Allowed", "501 Not Implemented"] {
        let mut exchange = Exchange::new().await;
        let (mut caller, mut tech, _) = exchange.two_calls().await;
        let joined = tokio::spawn(caller.control.join(tech.name.clone().expect("a name")));
        let refer = exchange.raw.expect("REFER").await;
        exchange.raw.send(answer(&refer, refusal, "")).await;
        assert!(!soon(joined).await.expect("no panic"), "{refusal}");
        assert_eq!(caller.events.try_recv(), Ok(CallEvent::Acked));
        assert_eq!(tech.events.try_recv(), Ok(CallEvent::Acked));
        assert!(caller.events.try_recv().is_err() && tech.events.try_recv().is_err(), "{refusal}: both live");
    }
}

#[tokio::test]
async fn joining_that_fails_half_way_is_told() {
    let mut exchange = Exchange::new().await;
    let (caller, tech, mut script) = exchange.two_calls().await;
    let joined = tokio::spawn(caller.control.join(tech.name.clone().expect("a name")));
    let refer = exchange.raw.expect("REFER").await;
    exchange.raw.send(answer(&refer, "202 Accepted", "")).await;
    let event = "Event: refer\r\nSubscription-State: terminated\r\nContent-Type: message/sipfrag\r\n";
    exchange.raw.send(script.request("NOTIFY", event, "SIP/2.0 503 Service Unavailable\r\n")).await;
    assert!(!soon(joined).await.expect("no panic"));
}

#[tokio::test]
async fn silent_exchange_is_noticed_before_the_ringing_time_is_over() {
    let exchange = Exchange::new().await;
    let started = std::time::Instant::now();
    let error = soon(exchange.dial()).await.expect("no panic").expect_err("nobody is there");
    assert!(!error.is_no_answer() && !error.is_busy(), "{error}");
    assert!(started.elapsed() < Duration::from_millis(7500), "{:?}", started.elapsed());
}

#[tokio::test]
async fn address_outside_the_allowed_networks_is_not_called() {
    let allow = vec!["10.0.0.0/8".parse().expect("a network")];
    let (line, _events) = Line::start(LineConfig { allow, ..config() }).await.expect("the line starts");
    let trap = Raw::new(line.udp_addrs()[0]).await;
    let (rang, _) = oneshot::channel();
    let whom = mike(Some(format!("sip:mike@{}", trap.addr())));
    let error = line.dialler().call(&whom, Duration::from_secs(5), rang).await.expect_err("not allowed");
    assert!(error.to_string().contains("line.allow"), "{error}");
    assert!(trap.silent_so_far());
}

/// Whatever an exchange sends: REFER, Replaces, redirects, joins, in and out of calls. Nothing makes the line dial.
#[tokio::test]
async fn nothing_from_outside_makes_the_line_dial() {
    let mut exchange = Exchange::new().await;
    let trap = Raw::new(exchange.line.udp_addrs()[0]).await;
    let (_caller, _tech, mut script) = exchange.two_calls().await;
    let target = format!("sip:+88112345678@{}", trap.addr());
    let mut sent = 0_u32;
    for round in 0..40 {
        let headers = [
            format!("Refer-To: <{target}>\r\n"),
            format!(
                "Refer-To: <{target}?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>\r\nReferred-By: <{target}>\r\n"
            ),
            "Refer-To: <tel:+88112345678>\r\nTarget-Dialog: x;local-tag=1;remote-tag=2\r\n".to_string(),
            format!(
                "Replaces: {};to-tag={};from-tag={}\r\nRequire: replaces\r\n",
                script.call_id, script.to_tag, script.tag
            ),
            format!("Join: {};to-tag={};from-tag={}\r\n", script.call_id, script.to_tag, script.tag),
            format!("Event: refer\r\nContact: <{target}>\r\nSubscription-State: active\r\n"),
        ];
        let header = &headers[round % headers.len()];
        for method in ["REFER", "NOTIFY", "MESSAGE", "INFO", "UPDATE"] {
            exchange.raw.send(script.request(method, header, "")).await;
            let mut outside = exchange.raw.script();
            exchange.raw.send(outside.request(method, header, "")).await;
            sent += 2;
        }
        if round % 10 == 3 {
            let mut invite = exchange.raw.script();
            exchange.raw.send(invite.request("INVITE", header, SDP)).await;
            sent += 1;
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    assert!(sent > 400);
    assert!(trap.silent_so_far(), "the line dialled");
    let fence = exchange.raw.script().request("OPTIONS", "", "");
    exchange.raw.send(&fence).await;
    // whatever it has sent to its own exchange, no INVITE is among it
    let mut invites = 0;
    loop {
        let message = exchange.raw.receive().await;
        invites += u32::from(message.starts_with("INVITE"));
        if message.starts_with("SIP/2.0 200") && line(&message, "CSeq").ends_with("OPTIONS") {
            break;
        }
        if message.starts_with("BYE") {
            exchange.raw.send(ok_to(&message)).await;
        }
    }
    assert_eq!(invites, 0, "the line dialled its exchange");
}
