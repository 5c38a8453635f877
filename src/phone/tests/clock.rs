//! Session timers and pings with a clock that the test moves.

use std::time::Duration;

use super::{
    raw::{Raw, SDP, Script, line, ok_to},
    support::*,
};
use crate::phone::{CallEvent, LiveCall};

/// An answered call whose INVITE carried these headers.
async fn call(office: &mut Office, raw: &Raw, extra: &str) -> (LiveCall, Script) {
    let mut script = raw.script();
    raw.send(script.request("INVITE", extra, SDP)).await;
    let mut live = soon(office.ring().await.answer()).await.expect("answered");
    script.learn(&raw.expect("SIP/2.0 200").await);
    raw.send(script.request_as("ACK", "", "")).await;
    assert_eq!(next(&mut live).await, CallEvent::Acked);
    (live, script)
}

/// Moves the clock, and lets it run again for the waits on sockets.
async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_pbx_that_does_not_refresh_loses_the_call() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let (mut live, mut script) = call(&mut office, &raw, "Session-Expires: 90\r\nSupported: timer\r\n").await;
    pass(50).await;
    // A refresh in time starts the count again.
    raw.send(script.request("UPDATE", "Session-Expires: 90;refresher=uac\r\nSupported: timer\r\n", "")).await;
    assert_eq!(line(&raw.expect("SIP/2.0 200").await, "Session-Expires"), "90;refresher=uac");
    pass(50).await;
    raw.send(script.request("OPTIONS", "", "")).await;
    raw.expect("SIP/2.0 200").await;
    pass(11).await;
    let (by_caller, reason) = ended(&mut live).await;
    assert!(!by_caller && reason.contains("session timer"), "{reason}");
    raw.send(ok_to(&raw.expect("BYE ").await)).await;
    soon(office.line.idle()).await;
}

#[tokio::test]
async fn when_we_are_to_refresh_we_do() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let asked = "Session-Expires: 180;refresher=uas\r\nSupported: timer\r\nAllow: INVITE, UPDATE\r\n";
    let (live, _) = call(&mut office, &raw, asked).await;
    pass(91).await;
    let update = raw.expect("UPDATE ").await;
    assert_eq!(line(&update, "Session-Expires"), "180;refresher=uac");
    let granted = "Session-Expires: 180;refresher=uac\r\nContent-Length: 0";
    raw.send(ok_to(&update).replace("Content-Length: 0", granted)).await;
    // Without UPDATE it is a re-INVITE.
    let (_other, _) = call(&mut office, &raw, &asked.replace(", UPDATE", "")).await;
    pass(91).await;
    let again = raw.expect("INVITE ").await;
    assert!(again.contains("a=sendrecv") && line(&again, "Session-Expires").starts_with("180"));
    drop(live);
}

#[tokio::test]
async fn a_call_that_the_pbx_forgot_is_noticed() {
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    let (mut live, _) = call(&mut office, &raw, "").await;
    pass(61).await;
    raw.send(ok_to(&raw.expect("OPTIONS ").await)).await;
    pass(61).await;
    let ping = raw.expect("OPTIONS ").await;
    raw.send(ok_to(&ping).replace("200 OK", "481 Gone")).await;
    let (_, reason) = ended(&mut live).await;
    assert!(reason.contains("does not know the call"), "{reason}");
    soon(office.line.idle()).await;
}
