//! What systemd is told: that we answer, that we still work, and that we stop.
//!
//! The datagrams go to the socket that systemd names in the environment (sd_notify(3)); without one, as on a
//! terminal, nothing is said. A box that stays silent for `WatchdogSec` is killed and started anew.

use std::{
    env, io,
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixDatagram},
    },
    time::Duration,
};

/// Without a watchdog the loop still looks this often; that costs nothing.
const UNWATCHED: Duration = Duration::from_secs(60);

/// The line to systemd.
#[derive(Debug, Default)]
pub(crate) struct Watchdog {
    line: Option<(UnixDatagram, SocketAddr)>,
    /// How often systemd wants to hear from us; half of what it waits.
    every: Option<Duration>,
}

impl Watchdog {
    /// As systemd has set the environment of this process.
    pub(crate) fn of_this_process() -> Self {
        let socket = env::var("NOTIFY_SOCKET").ok();
        // the process that systemd watches may be another one of the unit
        let ours = env::var("WATCHDOG_PID").map_or(true, |pid| pid == std::process::id().to_string());
        let every = env::var("WATCHDOG_USEC").ok().filter(|_| ours).and_then(|us| us.parse().ok());
        Self::to(socket.as_deref(), every.map(Duration::from_micros))
    }

    fn to(socket: Option<&str>, watched: Option<Duration>) -> Self {
        let line = socket.and_then(|name| match connect(name) {
            Ok(line) => Some(line),
            Err(error) => {
                tracing::error!(%error, "systemd waits for news from us, but its socket cannot be used");
                None
            }
        });
        Self { line, every: watched.map(|w| w / 2) }
    }

    /// The time between two `alive`.
    pub(crate) fn every(&self) -> Duration {
        self.every.unwrap_or(UNWATCHED)
    }

    /// The phone is answered from now on.
    pub(crate) fn ready(&self) {
        self.tell("READY=1\nSTATUS=answers calls");
    }

    /// The loop that takes calls has come round.
    pub(crate) fn alive(&self) {
        if self.every.is_some() {
            self.tell("WATCHDOG=1");
        }
    }

    /// We say goodbye.
    pub(crate) fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=closes running calls");
    }

    fn tell(&self, what: &str) {
        let Some((socket, to)) = &self.line else { return };
        // a full or absent socket: the next one tells, and systemd's patience is longer than one
        if let Err(error) = socket.send_to_addr(what.as_bytes(), to) {
            tracing::debug!(%error, "systemd did not hear us");
        }
    }
}

fn connect(name: &str) -> io::Result<(UnixDatagram, SocketAddr)> {
    let to = match name.strip_prefix('@') {
        Some(abstract_name) => SocketAddr::from_abstract_name(abstract_name)?,
        None => SocketAddr::from_pathname(name)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    Ok((socket, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systemd_hears_ready_alive_and_stopping() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let systemd = UnixDatagram::bind(&path).unwrap();
        systemd.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let watchdog = Watchdog::to(path.to_str(), Some(Duration::from_secs(30)));
        assert_eq!(watchdog.every(), Duration::from_secs(15));
        watchdog.ready();
        watchdog.alive();
        watchdog.stopping();
        let mut hear = || {
            let mut room = [0; 100];
            let length = systemd.recv(&mut room).unwrap();
            String::from_utf8(room[..length].to_vec()).unwrap()
        };
        assert_eq!(hear(), "READY=1\nSTATUS=answers calls");
        assert_eq!(hear(), "WATCHDOG=1");
        assert_eq!(hear(), "STOPPING=1\nSTATUS=closes running calls");
    }

    #[test]
    fn abstract_sockets_are_reached_and_an_absent_one_is_no_fault() {
        let name = format!("nightdesk-test-{}", std::process::id());
        let systemd = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        systemd.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let watchdog = Watchdog::to(Some(&format!("@{name}")), None);
        watchdog.alive();
        watchdog.ready();
        let mut room = [0; 7];
        systemd.recv(&mut room).unwrap();
        assert_eq!(&room, b"READY=1", "without WatchdogSec there is no watchdog to feed");
        Watchdog::to(Some("/no/such/socket"), Some(Duration::from_secs(1))).ready();
        Watchdog::default().alive();
    }
}
