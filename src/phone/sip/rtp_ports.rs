//! Sockets for sound: even ports from the configured range, of the family that the other side uses.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    sync::atomic::{AtomicU16, Ordering},
};

use tokio::net::UdpSocket;

/// Hands out RTP sockets. Starts behind the last one, so that a port rests before it is used again.
pub(super) struct RtpPorts {
    range: RangeInclusive<u16>,
    next: AtomicU16,
}

impl RtpPorts {
    pub(super) fn new(range: RangeInclusive<u16>) -> Self {
        let next = AtomicU16::new(*range.start());
        Self { range, next }
    }

    /// A socket on any address of `family_of`'s family, bound to `family_of` itself when that is ours.
    pub(super) async fn bind(&self, local: IpAddr) -> io::Result<UdpSocket> {
        let (first, last) = (*self.range.start(), *self.range.end());
        if last == 0 {
            return bind(local, 0).await;
        }
        let first = first + first % 2;
        let pairs = usize::from(last.saturating_sub(first) / 2) + 1;
        let mut failure = io::Error::new(io::ErrorKind::AddrInUse, "no RTP port is free");
        for _ in 0..pairs {
            let step = |p: u16| {
                let next = p.saturating_add(2);
                Some(if p < first || next > last || next <= p { first } else { next })
            };
            // `fetch_update` with a function that always returns a value cannot fail.
            let port = self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step).unwrap_or(first);
            let port = if port < first { first } else { port + port % 2 };
            match bind(local, port).await {
                Ok(socket) => return Ok(socket),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }
}

/// The advertised address may belong to a router in front of us; then every address of ours will do.
async fn bind(local: IpAddr, port: u16) -> io::Result<UdpSocket> {
    match UdpSocket::bind(SocketAddr::new(local, port)).await {
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
            let any: IpAddr = match local {
                IpAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
                IpAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
            };
            UdpSocket::bind(SocketAddr::new(any, port)).await
        }
        bound => bound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn ports_are_even_inside_the_range_and_run_out() {
        // A range that other programs rarely use; taken ports are skipped, so the test does not depend on it.
        let ports = RtpPorts::new(47_301..=47_310);
        let local = IpAddr::from([127, 0, 0, 1]);
        let mut held = Vec::new();
        while let Ok(socket) = ports.bind(local).await {
            let port = socket.local_addr().expect("bound").port();
            assert!(port % 2 == 0 && (47_302..=47_310).contains(&port), "{port}");
            held.push(socket);
            assert!(held.len() <= 5);
        }
        let freed = held.pop().map(|socket| socket.local_addr().expect("bound").port());
        let again = ports.bind(local).await.expect("one is free").local_addr().expect("bound").port();
        assert_eq!(Some(again), freed);
    }
}
