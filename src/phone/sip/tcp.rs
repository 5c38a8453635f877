//! Streams: we accept, dial, cut and repair; the SIP library sees each connection as an in-memory channel.
//!
//! The library's own TCP reader has no place for the repairs and the allow-list, hence this file.
//! At most 64 connections; a stream that sends no sense is closed.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rsipstack::{
    platform::CancellationToken,
    sip::{SipMessage, Transport},
    transaction::endpoint::EndpointInnerRef,
    transport::{SipAddr, SipConnection, TransportEvent, channel::ChannelConnection},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    time::Instant,
};

use super::{
    gate::{Gate, Kind},
    repair::{Framing, Verdict, find, repair},
};

const CONNECTIONS_MAX: usize = 64;
/// One message with its body.
const MESSAGE_MAX: usize = 65_535;
/// A connection that says nothing for so long is closed; PBXs ping much more often.
const IDLE: Duration = Duration::from_secs(900);
const DIAL: Duration = Duration::from_secs(5);

/// All TCP connections, ours and theirs.
pub(super) struct Streams {
    endpoint: EndpointInnerRef,
    gate: Arc<Gate>,
    started: Instant,
    cancel: CancellationToken,
    open: Mutex<HashMap<SocketAddr, Stream>>,
}

/// One open connection.
#[derive(Clone)]
pub(super) struct Stream {
    pub(super) connection: SipConnection,
    /// Cancelled when the connection is gone.
    pub(super) closed: CancellationToken,
    /// Our end of it.
    pub(super) local: SocketAddr,
}

impl Streams {
    pub(super) fn new(
        endpoint: EndpointInnerRef,
        gate: Arc<Gate>,
        started: Instant,
        cancel: CancellationToken,
    ) -> Arc<Self> {
        Arc::new(Self { endpoint, gate, started, cancel, open: Mutex::default() })
    }

    /// Accepts connections until the line is shut down.
    pub(super) fn listen(self: &Arc<Self>, listener: TcpListener) {
        let hub = self.clone();
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    () = hub.cancel.cancelled() => return,
                    accepted = listener.accept() => accepted,
                };
                match accepted {
                    Ok((stream, from)) if hub.gate.knows(from.ip()) && hub.count() < CONNECTIONS_MAX => {
                        if let Err(error) = hub.adopt(stream, from).await {
                            tracing::debug!(%error, "a TCP connection was lost at once");
                        }
                    }
                    // Dropped without a word.
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept TCP connections");
                        tokio::time::sleep(Duration::from_millis(200)).await;
                    }
                }
            }
        });
    }

    /// The open connection to this address, or a new one.
    pub(super) async fn connect(self: &Arc<Self>, to: SocketAddr) -> std::io::Result<Stream> {
        if let Some(open) = self.find(to) {
            return Ok(open);
        }
        let stream = tokio::time::timeout(DIAL, TcpStream::connect(to)).await??;
        self.adopt(stream, to).await
    }

    fn find(&self, to: SocketAddr) -> Option<Stream> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&to).filter(|stream| !stream.closed.is_cancelled()).cloned()
    }

    fn count(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    async fn adopt(self: &Arc<Self>, stream: TcpStream, remote: SocketAddr) -> std::io::Result<Stream> {
        stream.set_nodelay(true)?;
        let local = stream.local_addr()?;
        let (read, write) = stream.into_split();
        // unbounded: the library's own types; the allow-list and the rate guard stand before them.
        let (incoming, library_reads) = mpsc::unbounded_channel();
        let (library_writes, outgoing) = mpsc::unbounded_channel();
        let addr = SipAddr { r#type: Some(Transport::Tcp), addr: remote.into() };
        let closed = self.cancel.child_token();
        let channel = ChannelConnection::create_connection(library_reads, library_writes, addr, None)
            .await
            .map_err(std::io::Error::other)?;
        let connection = SipConnection::Channel(channel);
        let open = Stream { connection: connection.clone(), closed: closed.clone(), local };
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(remote, open.clone());
        self.endpoint.transport_layer.add_connection(connection.clone());
        let (replies, reply_queue) = mpsc::channel(32);
        tokio::spawn(write_all(write, outgoing, reply_queue, closed.clone()));
        let reader = Reader { hub: self.clone(), remote, connection, incoming, replies };
        tokio::spawn(async move {
            let hub = reader.hub.clone();
            tokio::select! {
                () = closed.cancelled() => {}
                () = reader.run(read) => closed.cancel(),
            }
            hub.forget(remote);
        });
        Ok(open)
    }

    fn forget(&self, remote: SocketAddr) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.get(&remote).is_some_and(|stream| stream.closed.is_cancelled()) {
            open.remove(&remote);
        }
    }
}

/// Writes what the library and we have to say, in order, until the connection breaks.
async fn write_all(
    mut write: OwnedWriteHalf,
    mut outgoing: mpsc::UnboundedReceiver<TransportEvent>,
    mut replies: mpsc::Receiver<Vec<u8>>,
    closed: CancellationToken,
) {
    loop {
        let bytes = tokio::select! {
            () = closed.cancelled() => break,
            Some(reply) = replies.recv() => reply,
            event = outgoing.recv() => match event {
                Some(TransportEvent::Incoming(message, _, _)) => bytes_of(&message),
                Some(TransportEvent::New(_) | TransportEvent::Closed(_)) => continue,
                None => break,
            },
        };
        if write.write_all(&bytes).await.is_err() {
            break;
        }
    }
    closed.cancel();
}

fn bytes_of(message: &SipMessage) -> Vec<u8> {
    match message {
        SipMessage::Request(request) => request.to_bytes(),
        SipMessage::Response(response) => response.to_bytes(),
    }
}

struct Reader {
    hub: Arc<Streams>,
    remote: SocketAddr,
    connection: SipConnection,
    incoming: mpsc::UnboundedSender<TransportEvent>,
    replies: mpsc::Sender<Vec<u8>>,
}

impl Reader {
    async fn run(self, mut read: OwnedReadHalf) {
        let mut buffer = Vec::with_capacity(4096);
        loop {
            match tokio::time::timeout(IDLE, read.read_buf(&mut buffer)).await {
                Ok(Ok(n)) if n > 0 => {}
                Ok(_) | Err(_) => return,
            }
            loop {
                match cut(&buffer) {
                    Cut::More => break,
                    Cut::Blank(length) => {
                        if buffer.starts_with(b"\r\n\r\n") && self.admits(Kind::Other) {
                            self.reply(b"\r\n".to_vec());
                        }
                        buffer.drain(..length);
                    }
                    Cut::Whole(length) => {
                        let message: Vec<u8> = buffer.drain(..length).collect();
                        self.message(&message);
                    }
                    Cut::Nonsense => {
                        tracing::debug!(ip = %self.remote.ip(), "a TCP stream without SIP in it: closed");
                        return;
                    }
                }
            }
        }
    }

    fn admits(&self, kind: Kind) -> bool {
        self.hub.gate.admits(self.remote.ip(), kind, self.hub.started.elapsed())
    }

    fn reply(&self, bytes: Vec<u8>) {
        // Somebody who does not read our answers gets no more of them.
        let _ = self.replies.try_send(bytes);
    }

    fn message(&self, bytes: &[u8]) {
        let verdict = repair(bytes, Framing::Stream);
        let kind = if let Verdict::Pass(_, kind) = &verdict { *kind } else { Kind::Other };
        if !self.admits(kind) {
            return;
        }
        match verdict {
            Verdict::Pass(clean, _) => self.hand_on(&clean),
            Verdict::Answer(answer) => self.reply(answer),
            Verdict::Drop(why) => tracing::debug!(ip = %self.remote.ip(), why, "SIP message dropped"),
        }
    }

    fn hand_on(&self, clean: &[u8]) {
        let from = SipAddr { r#type: Some(Transport::Tcp), addr: self.remote.into() };
        let Ok(message) = SipMessage::try_from(clean) else { return };
        match SipConnection::update_msg_received(message, self.remote, Transport::Tcp) {
            // The library is gone only at shutdown.
            Ok(m) => drop(self.incoming.send(TransportEvent::Incoming(m, self.connection.clone(), from))),
            Err(error) => tracing::debug!(%error, "SIP message dropped"),
        }
    }
}

/// What lies at the front of the stream.
#[derive(Debug, PartialEq, Eq)]
enum Cut {
    More,
    /// A keep-alive of this many bytes.
    Blank(usize),
    /// A message of this many bytes.
    Whole(usize),
    Nonsense,
}

fn cut(buffer: &[u8]) -> Cut {
    let blank = buffer.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    if blank > 0 {
        // `\r\n\r\n` may come in two pieces: wait for the rest of it.
        let complete = blank >= 4 || (blank == buffer.len() && blank == 2) || blank < buffer.len();
        return if complete { Cut::Blank(blank.min(4)) } else { Cut::More };
    }
    let Some(end) = find(buffer, b"\r\n\r\n") else {
        return if buffer.len() > MESSAGE_MAX { Cut::Nonsense } else { Cut::More };
    };
    match content_length(&buffer[..end]) {
        Some(length) if length <= MESSAGE_MAX && end + 4 + length <= buffer.len() => {
            Cut::Whole(end + 4 + length)
        }
        Some(length) if length <= MESSAGE_MAX => Cut::More,
        Some(_) | None => Cut::Nonsense,
    }
}

/// Zero when absent; `None` when it is not a number, because then the stream cannot be cut any more.
fn content_length(head: &[u8]) -> Option<usize> {
    let mut lines = head.split(|b| *b == b'\n').filter_map(|line| {
        let colon = line.iter().position(|b| *b == b':')?;
        let name = line[..colon].trim_ascii();
        let matches = name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"l");
        matches.then(|| line[colon + 1..].trim_ascii())
    });
    match lines.next() {
        None => Some(0),
        Some(value) => std::str::from_utf8(value).ok()?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_cut_where_content_length_says() {
        let one = b"OPTIONS sip:a SIP/2.0\r\nL: 3\r\n\r\nabc";
        assert_eq!(cut(one), Cut::Whole(one.len()));
        assert_eq!(cut(&one[..one.len() - 1]), Cut::More);
        assert_eq!(cut(&[one.as_slice(), b"BYE"].concat()), Cut::Whole(one.len()));
        assert_eq!(cut(b"\r\n\r\nOPTIONS"), Cut::Blank(4));
        assert_eq!(cut(b"\r\n"), Cut::Blank(2));
        assert_eq!(cut(b"\r\n\r"), Cut::More);
        assert_eq!(cut(b""), Cut::More);
        assert_eq!(cut(b"A sip:a SIP/2.0\r\nContent-Length: x\r\n\r\n"), Cut::Nonsense);
        assert_eq!(cut(b"A sip:a SIP/2.0\r\nContent-Length: 999999999\r\n\r\n"), Cut::Nonsense);
        assert_eq!(cut(&vec![b'x'; MESSAGE_MAX + 1]), Cut::Nonsense);
    }
}
