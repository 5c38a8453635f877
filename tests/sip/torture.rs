//! Messages meant to break parsers: after each of them a good call is answered.
//!
//! The first set is our own, in the style of RFC 4475; the second is that of the RFC, where its folder is present.

use std::{path::Path, time::Duration};

use nightdesk::phone::{Line, LineEvent};
use tokio::{net::UdpSocket, sync::mpsc};

use crate::endpoint::{config, soon};

/// Answers good calls, and refuses those of the test messages: they name hosts that are not ours to call.
async fn line() -> Line {
    let (line, mut events) = Line::start(config()).await.expect("the line starts");
    tokio::spawn(async move {
        let (keep, mut live) = mpsc::channel(1);
        while let Some(event) = events.recv().await {
            if let LineEvent::Incoming(call) = event {
                if call.sip_call_id.starts_with("good-") {
                    let keep = keep.clone();
                    tokio::spawn(async move {
                        let answered = call.answer().await;
                        let _ = keep.send(answered).await;
                    });
                } else {
                    call.reject(480, "");
                }
            }
            while live.try_recv().is_ok() {}
        }
    });
    line
}

/// Sends a message, then makes a call from another socket: it must be answered at once.
async fn check(line: &Line, name: &str, message: &[u8], number: usize) {
    // Each from an address of its own, so that the guard against floods has nothing to say.
    let bad = UdpSocket::bind(format!("127.0.1.{}:0", number % 200 + 1)).await.expect("a socket");
    bad.send_to(message, line.udp_addrs()[0]).await.expect("sent");
    let good = UdpSocket::bind(format!("127.0.2.{}:0", number % 200 + 1)).await.expect("a socket");
    let us = good.local_addr().expect("bound");
    let body = format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {} RTP/AVP 0\r\n",
        us.port()
    );
    let invite = format!(
        "INVITE sip:299@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bKgood{number};rport\r\n\
         From: <sip:g@{us}>;tag=g{number}\r\nTo: <sip:299@127.0.0.1>\r\nCall-ID: good-{number}\r\nCSeq: 1 INVITE\r\n\
         Max-Forwards: 70\r\nContact: <sip:g@{us}>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    good.send_to(invite.as_bytes(), line.udp_addrs()[0]).await.expect("sent");
    let mut buffer = vec![0; 4096];
    let answered = tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            let (n, _) = good.recv_from(&mut buffer).await.expect("received");
            if buffer[..n].starts_with(b"SIP/2.0 200") {
                return String::from_utf8_lossy(&buffer[..n]).into_owned();
            }
        }
    });
    let ok = answered.await.unwrap_or_else(|_| panic!("no answer after {name}"));
    let to = ok.lines().find(|l| l.starts_with("To: ")).expect("a To header");
    for (method, seq) in [("ACK", 1), ("BYE", 2)] {
        let request = format!(
            "{method} sip:299@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bK{method}{number};rport\r\n\
             From: <sip:g@{us}>;tag=g{number}\r\n{to}\r\nCall-ID: good-{number}\r\nCSeq: {seq} {method}\r\n\
             Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        );
        good.send_to(request.as_bytes(), line.udp_addrs()[0]).await.expect("sent");
    }
}

/// Our own messages; `~` stands for a header block that is complete and right.
fn ours() -> Vec<(&'static str, Vec<u8>)> {
    let block = |id: &str| {
        format!(
            "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKt{id}\r\nFrom: <sip:t@127.0.0.1>;tag=t{id}\r\n\
             To: <sip:299@127.0.0.1>\r\nCall-ID: t-{id}\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n"
        )
    };
    let text = [
        ("everything folded and oddly spaced", "INVITE sip:299@127.0.0.1 SIP/2.0\r\nVIA  :\r\n  SIP/2.0\r\n /UDP\r\n    127.0.0.1:9 ;  branch =z9hG4bKfold\r\nf:\t\"a \\\\\\\" b\"\r\n  < sip:t@127.0.0.1 > ; tag = x\r\nt:sip:299@127.0.0.1\r\ni: t-fold\r\nCSeq:\r\n 0009\r\n  INVITE\r\nl: 0\r\n\r\n".to_owned()),
        ("every byte escaped", "INVITE sip:%32%39%39@127.0.0.1;%6C%72 SIP/2.0\r\n~l: 0\r\n\r\n".to_owned()),
        ("a null in the middle", "INVITE sip:2\x00009@127.0.0.1 SIP/2.0\r\n~X-Nul: a\0b\r\nl: 0\r\n\r\n".to_owned()),
        ("a header without a name", "INVITE sip:299@127.0.0.1 SIP/2.0\r\n~: empty\r\n:\r\nl: 0\r\n\r\n".to_owned()),
        ("numbers without end", "INVITE sip:299@127.0.0.1:99999999999 SIP/2.0\r\n~Expires: 99999999999999999999\r\nMax-Forwards: 1\r\nl: 0\r\n\r\n".to_owned()),
        ("quotes that never close", "INVITE sip:299@127.0.0.1 SIP/2.0\r\n~Contact: \"open <sip:a@b\r\nP-Asserted-Identity: \"\\\r\nl: 0\r\n\r\n".to_owned()),
        ("an address that never closes", "INVITE sip:[::1 SIP/2.0\r\n~l: 0\r\n\r\n".to_owned()),
        ("a port that is none", "INVITE sip:299@127.0.0.1: SIP/2.0\r\n~Route: <sip:[;lr>\r\nl: 0\r\n\r\n".to_owned()),
        ("a scheme nobody knows", "INVITE nobodyKnowsThis:x SIP/2.0\r\n~l: 0\r\n\r\n".to_owned()),
        ("two requests in one datagram", "REGISTER sip:a SIP/2.0\r\n~l: 0\r\n\r\nINVITE sip:b SIP/2.0\r\n\r\n".to_owned()),
        ("a response to nothing", "SIP/2.0 200 OK\r\n~l: 0\r\n\r\n".to_owned()),
        ("a response with an impossible code", "SIP/2.0 4294967301 odd\r\n~l: 0\r\n\r\n".to_owned()),
        ("a challenge to nothing", "SIP/2.0 401 No\r\n~WWW-Authenticate: Digest\r\nl: 0\r\n\r\n".to_owned()),
        ("a via list with holes", "INVITE sip:299@127.0.0.1 SIP/2.0\r\n~Via: ,,,\r\nVia: SIP/2.0/UDP ;;branch\r\nl: 0\r\n\r\n".to_owned()),
        ("negative length", "INVITE sip:299@127.0.0.1 SIP/2.0\r\n~Content-Length: -999\r\n\r\n".to_owned()),
        ("ACK to nothing", "ACK sip:299@127.0.0.1 SIP/2.0\r\n~l: 0\r\n\r\n".to_owned()),
        ("only line ends", "\r\n\r\n\r\n\r\n".to_owned()),
        ("an address of another world", "INVITE sip:299@127.0.0.1 SIP/2.0\r\n~Content-Type: application/sdp\r\n\r\nv=0\r\no=- 0 0 IN IP7 %%%\r\ns=\r\nc=IN IP6 ::::\r\nm=audio 70000 RTP/AVP -1\r\n".to_owned()),
        ("audio without end", format!("INVITE sip:299@127.0.0.1 SIP/2.0\r\n~Content-Type: application/sdp\r\n\r\nv=0\r\no=- 0 0 IN IP4 0\r\ns=-\r\nt=0 0\r\n{}", "m=audio 1 RTP/AVP 0\r\n".repeat(300))),
        ("a very long name", format!("INVITE sip:{}@127.0.0.1 SIP/2.0\r\n~l: 0\r\n\r\n", "x".repeat(6000))),
        ("very many headers", format!("INVITE sip:299@127.0.0.1 SIP/2.0\r\n~{}l: 0\r\n\r\n", "A:b\r\n".repeat(2000))),
        ("a deep list of diversions", format!("INVITE sip:299@127.0.0.1 SIP/2.0\r\n~Diversion: {}\r\nl: 0\r\n\r\n", "<sip:5@x>;a=\"b,\",".repeat(300))),
    ];
    let mut all: Vec<(&str, Vec<u8>)> = text
        .into_iter()
        .enumerate()
        .map(|(i, (name, t))| (name, t.replace('~', &block(&i.to_string())).into_bytes()))
        .collect();
    all.push(("nothing at all", Vec::new()));
    all.push(("every byte there is", (0..=255).cycle().take(8000).collect()));
    all.push(("a datagram of the largest size", vec![b'A'; 60_000]));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_torture_messages_do_not_silence_the_line() {
    let line = line().await;
    for (number, (name, message)) in ours().into_iter().enumerate() {
        check(&line, name, &message, number).await;
    }
    soon("the end of the calls", line.idle()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_torture_messages_of_rfc_4475_do_not_silence_the_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/sip/rfc4475");
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not here", folder.display());
        return;
    };
    let mut files: Vec<_> = files.flatten().map(|f| f.path()).collect();
    files.sort();
    let line = line().await;
    for (number, file) in files.iter().enumerate() {
        let message = std::fs::read(file).expect("readable");
        check(&line, &file.display().to_string(), &message, 1000 + number).await;
    }
    assert!(files.len() >= 40, "the set is complete");
    soon("the end of the calls", line.idle()).await;
}
