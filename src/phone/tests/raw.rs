//! SIP written by hand over a UDP or TCP socket, for what no well-behaved phone would send.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
};

use super::support::soon;

/// Numbers for Call-IDs and branches.
static NEXT: AtomicU32 = AtomicU32::new(1);

pub(super) fn number() -> u32 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A UDP socket that speaks text.
pub(super) struct Raw {
    socket: UdpSocket,
    to: SocketAddr,
}

impl Raw {
    pub(super) async fn new(to: SocketAddr) -> Self {
        Self::from(to, if to.is_ipv4() { "127.0.0.1:0" } else { "[::1]:0" }).await
    }

    pub(super) async fn from(to: SocketAddr, from: &str) -> Self {
        Self { socket: UdpSocket::bind(from).await.expect("a socket"), to }
    }

    pub(super) fn addr(&self) -> SocketAddr {
        self.socket.local_addr().expect("bound")
    }

    pub(super) async fn send(&self, bytes: impl AsRef<[u8]>) {
        self.socket.send_to(bytes.as_ref(), self.to).await.expect("sent");
    }

    pub(super) async fn receive(&self) -> String {
        let mut buffer = vec![0; 65_535];
        let (n, _) = soon(self.socket.recv_from(&mut buffer)).await.expect("received");
        String::from_utf8_lossy(&buffer[..n]).into_owned()
    }

    /// The next message that begins so; repetitions and others are skipped.
    pub(super) async fn expect(&self, start: &str) -> String {
        let mut others = Vec::new();
        let found = tokio::time::timeout(Duration::from_secs(10), async {
            loop {
                let message = self.receive().await;
                if message.starts_with(start) {
                    return message;
                }
                others.push(message.lines().next().unwrap_or_default().to_owned());
            }
        });
        found.await.unwrap_or_else(|_| panic!("waited for {start:?}, got {others:?}"))
    }

    /// Whether nothing at all comes while something else is answered: a later OPTIONS is the fence.
    pub(super) fn silent_so_far(&self) -> bool {
        let mut buffer = vec![0; 65_535];
        self.socket.try_recv_from(&mut buffer).is_err()
    }

    /// A call from this socket.
    pub(super) fn script(&self) -> Script {
        let n = number();
        Script {
            us: self.addr().to_string(),
            them: self.to.to_string(),
            call_id: format!("raw-{n}"),
            tag: format!("raw{n}"),
            to_tag: String::new(),
            seq: 1,
            transport: "UDP",
            answered: false,
        }
    }
}

/// A TCP connection that speaks text.
pub(super) struct RawTcp {
    pub(super) stream: TcpStream,
    buffer: Vec<u8>,
}

impl RawTcp {
    pub(super) async fn new(to: SocketAddr) -> Self {
        Self { stream: soon(TcpStream::connect(to)).await.expect("connected"), buffer: Vec::new() }
    }

    pub(super) async fn send(&mut self, text: impl AsRef<[u8]>) {
        self.stream.write_all(text.as_ref()).await.expect("sent");
    }

    /// Reads until a message that begins so is complete.
    pub(super) async fn expect(&mut self, start: &str) -> String {
        loop {
            let text = String::from_utf8_lossy(&self.buffer).into_owned();
            if let Some(end) = text.find("\r\n\r\n") {
                let length = text[..end]
                    .lines()
                    .find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok())
                    .unwrap_or(0);
                if text.len() >= end + 4 + length {
                    self.buffer.drain(..end + 4 + length);
                    if text.starts_with(start) {
                        return text[..end + 4 + length].to_owned();
                    }
                    continue;
                }
            }
            let n = soon(self.stream.read_buf(&mut self.buffer)).await.expect("read");
            assert!(n > 0, "closed while waiting for {start:?}");
        }
    }

    pub(super) fn script(&self) -> Script {
        let n = number();
        Script {
            us: self.stream.local_addr().expect("bound").to_string(),
            them: self.stream.peer_addr().expect("connected").to_string(),
            call_id: format!("raw-{n}"),
            tag: format!("raw{n}"),
            to_tag: String::new(),
            seq: 1,
            transport: "TCP",
            answered: false,
        }
    }
}

/// The names of one call, and its messages.
#[derive(Clone)]
pub(super) struct Script {
    pub(super) us: String,
    pub(super) them: String,
    pub(super) call_id: String,
    pub(super) tag: String,
    pub(super) to_tag: String,
    pub(super) seq: u32,
    pub(super) transport: &'static str,
    answered: bool,
}

pub(super) const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
     m=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";

impl Script {
    /// A request; `extra` are whole header lines.
    pub(super) fn request(&mut self, method: &str, extra: &str, body: &str) -> String {
        if !matches!(method, "ACK" | "CANCEL") {
            self.seq += 1;
        }
        self.request_as(method, extra, body)
    }

    /// As `request`, under the current number.
    pub(super) fn request_as(&self, method: &str, extra: &str, body: &str) -> String {
        let to_tag = if self.to_tag.is_empty() { String::new() } else { format!(";tag={}", self.to_tag) };
        let content = if body.is_empty() || extra.contains("Content-Type") {
            ""
        } else {
            "Content-Type: application/sdp\r\n"
        };
        // A CANCEL has the branch of its INVITE; the number alone makes the branch.
        // So has the ACK of a refusal; that of a 200 is a request of its own.
        let own = method == "ACK" && self.answered;
        let branch = if own { format!("a{}", number()) } else { format!("r{}", self.seq) };
        format!(
            "{method} sip:299@{them} SIP/2.0\r\nVia: SIP/2.0/{transport} {us};branch=z9hG4bK{id}{branch};rport\r\n\
             From: \"Raw\" <sip:5552340000@{us}>;tag={tag}\r\nTo: <sip:299@{them}>{to_tag}\r\n\
             Call-ID: {id}\r\nCSeq: {seq} {method}\r\nMax-Forwards: 70\r\nContact: <sip:raw@{us}>\r\n\
             {extra}{content}Content-Length: {length}\r\n\r\n{body}",
            them = self.them,
            us = self.us,
            tag = self.tag,
            id = self.call_id,
            seq = self.seq,
            transport = self.transport,
            length = body.len(),
        )
    }

    /// Takes their tag from an answer.
    pub(super) fn learn(&mut self, answer: &str) {
        let to = line(answer, "To");
        self.answered = answer.starts_with("SIP/2.0 200");
        self.to_tag = to.split(";tag=").nth(1).expect("a To tag").to_owned();
    }
}

/// The value of the first header of this name.
pub(super) fn line(message: &str, name: &str) -> String {
    let mut lines = message.lines().take_while(|l| !l.is_empty());
    let found = lines.find_map(|l| l.strip_prefix(&format!("{name}: ")));
    found.unwrap_or_else(|| panic!("no {name} in {message}")).to_owned()
}

/// A plain 200 to a request of theirs.
pub(super) fn ok_to(request: &str) -> String {
    let lines = ["Via", "From", "To", "Call-ID", "CSeq"].map(|n| format!("{n}: {}\r\n", line(request, n)));
    format!("SIP/2.0 200 OK\r\n{}Content-Length: 0\r\n\r\n", lines.concat())
}
