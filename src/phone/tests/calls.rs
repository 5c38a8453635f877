//! What a caller and an owner of a call can do to each other.

use std::time::{Duration, Instant};

use media::Codec;

use super::support::*;
use crate::phone::{
    AnswerError, CallEvent, DialError, Hold, Line, LineConfig, LineError, Transport, test_phone,
    test_phone::DialOptions,
};

#[tokio::test]
async fn a_call_is_answered_and_confirmed() {
    let mut office = office(config()).await;
    let started = Instant::now();
    let (mut here, mut there) = office.call(DialOptions::default()).await;
    let took = started.elapsed();
    assert_eq!(next(&mut here).await, CallEvent::Acked);
    assert_eq!(next(&mut there).await, CallEvent::Acked);
    assert_eq!(here.sip_call_id, there.sip_call_id);
    assert_eq!(here.media.codec, Codec::G722, "our order of codecs decides");
    assert_eq!(here.media.remote, there.rtp.local_addr().expect("bound"));
    assert_eq!(there.media.remote, here.rtp.local_addr().expect("bound"));
    assert_eq!(here.media.key_payload_type, Some(101));
    assert!(here.media.send && here.media.receive);
    assert!(took < Duration::from_millis(200), "INVITE to 200 took {took:?}");
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
async fn dropping_a_call_hangs_up() {
    let mut office = office(config()).await;
    let (here, mut there) = office.call(DialOptions::default()).await;
    drop(here);
    assert_eq!(ended(&mut there).await.0, true);
    soon(office.line.idle()).await;
}
