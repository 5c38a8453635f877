//! Datagrams: one socket of the SIP library stands for all our sockets, IPv4 and IPv6.
//!
//! Every datagram passes the gate and the repair before the library sees it. Up to 512 datagrams
//! wait for the library; more are dropped, and SIP repeats what matters.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex as StdMutex, PoisonError},
    time::Duration,
};

use rsipstack::platform::{CancellationToken, net::UdpSocket as LibrarySocket};
use tokio::{
    net::UdpSocket,
    sync::{Mutex, mpsc},
    time::Instant,
};

use super::{
    gate::{Gate, Kind},
    repair::{Framing, Verdict, repair},
};

/// Peers whose socket is remembered, so that an answer leaves by the address that was asked.
const PEERS_MAX: usize = 1024;

/// The sockets behind the library's one.
pub(super) struct Datagrams {
    sockets: Vec<Arc<UdpSocket>>,
    inbox: Mutex<mpsc::Receiver<(Vec<u8>, SocketAddr)>>,
    peers: Arc<StdMutex<HashMap<SocketAddr, usize>>>,
}

impl Datagrams {
    /// Starts to read all sockets until `cancel`.
    pub(super) fn new(
        sockets: Vec<UdpSocket>,
        gate: Arc<Gate>,
        started: Instant,
        cancel: &CancellationToken,
    ) -> Self {
        let (sender, inbox) = mpsc::channel(512);
        let sockets: Vec<_> = sockets.into_iter().map(Arc::new).collect();
        let peers = Arc::new(StdMutex::new(HashMap::new()));
        for (index, socket) in sockets.iter().enumerate() {
            let reader = Reader {
                index,
                socket: socket.clone(),
                gate: gate.clone(),
                started,
                peers: peers.clone(),
                inbox: sender.clone(),
            };
            let cancel = cancel.clone();
            tokio::spawn(async move {
                tokio::select! {
                    () = cancel.cancelled() => {}
                    () = reader.run() => {}
                }
            });
        }
        Self { sockets, inbox: Mutex::new(inbox), peers }
    }

    fn socket_for(&self, peer: SocketAddr) -> Option<&UdpSocket> {
        let remembered = self.peers.lock().unwrap_or_else(PoisonError::into_inner).get(&peer).copied();
        let family = |s: &&Arc<UdpSocket>| s.local_addr().is_ok_and(|a| a.is_ipv4() == peer.is_ipv4());
        let by_family = || self.sockets.iter().find(family);
        remembered.and_then(|i| self.sockets.get(i)).or_else(by_family).map(Arc::as_ref)
    }
}

struct Reader {
    index: usize,
    socket: Arc<UdpSocket>,
    gate: Arc<Gate>,
    started: Instant,
    peers: Arc<StdMutex<HashMap<SocketAddr, usize>>>,
    inbox: mpsc::Sender<(Vec<u8>, SocketAddr)>,
}

impl Reader {
    async fn run(self) {
        let mut buffer = vec![0; 65_535];
        loop {
            match self.socket.recv_from(&mut buffer).await {
                Ok((length, from)) => self.datagram(&buffer[..length], from).await,
                Err(error) => {
                    tracing::warn!(%error, "cannot read from the SIP socket");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }

    async fn datagram(&self, bytes: &[u8], from: SocketAddr) {
        let now = self.started.elapsed();
        // Strangers cost one look at the allow-list; their bytes are never read.
        if !self.gate.knows(from.ip()) {
            return;
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            if bytes == b"\r\n\r\n" && self.gate.admits(from.ip(), Kind::Other, now) {
                self.reply(b"\r\n", from).await;
            }
            return;
        }
        let verdict = repair(bytes, Framing::Datagram);
        let kind = if let Verdict::Pass(_, kind) = &verdict { *kind } else { Kind::Other };
        if !self.gate.admits(from.ip(), kind, now) {
            tracing::debug!(ip = %from.ip(), "too many SIP messages from one source: dropped");
            return;
        }
        match verdict {
            Verdict::Pass(clean, _) => {
                self.remember(from);
                if self.inbox.try_send((clean, from)).is_err() {
                    tracing::debug!("the SIP queue is full: datagram dropped");
                }
            }
            Verdict::Answer(answer) => self.reply(&answer, from).await,
            Verdict::Drop(why) => tracing::debug!(ip = %from.ip(), why, "SIP datagram dropped"),
        }
    }

    fn remember(&self, from: SocketAddr) {
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        if peers.len() >= PEERS_MAX && !peers.contains_key(&from) {
            peers.clear();
        }
        peers.insert(from, self.index);
    }

    async fn reply(&self, bytes: &[u8], to: SocketAddr) {
        if let Err(error) = self.socket.send_to(bytes, to).await {
            tracing::debug!(%error, "a SIP answer could not be sent");
        }
    }
}

#[async_trait::async_trait]
impl LibrarySocket for Datagrams {
    async fn recv_from(&self, buf: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        let mut inbox = self.inbox.lock().await;
        loop {
            let Some((bytes, from)) = inbox.recv().await else {
                // Shut down: the library's loop waits for its own cancellation.
                return std::future::pending().await;
            };
            if let Some(room) = buf.get_mut(..bytes.len()) {
                room.copy_from_slice(&bytes);
                return Ok((bytes.len(), from));
            }
            tracing::debug!(length = bytes.len(), "SIP datagram larger than the library's buffer: dropped");
        }
    }

    async fn send_to(&self, buf: &[u8], addr: SocketAddr) -> rsipstack::Result<usize> {
        let Some(socket) = self.socket_for(addr) else {
            return Err(rsipstack::Error::Error(format!("no socket of the address family of {addr}")));
        };
        Ok(socket.send_to(buf, addr).await?)
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        match self.sockets.first() {
            Some(socket) => Ok(socket.local_addr()?),
            None => Err(rsipstack::Error::Error("no UDP socket".into())),
        }
    }
}
