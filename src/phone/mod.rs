//! The telephone line: calls come in, are answered, carry sound, and end.
//!
//! Owns the words with which the rest of the program speaks about a line; [`sip`] is the only place
//! that knows the protocol and its library. A [`Line`] emits [`LineEvent`]s; an [`IncomingCall`] is
//! answered, refused or redirected exactly once; a [`LiveCall`] has one owner, and dropping it ends
//! the call. The box calls out by its [`Dialler`], which takes roster numbers and nothing else; [`Line::dial`] is
//! for test phones. A REFER, a 302 or a Replaces from outside never makes the line dial.
//!
//! Sound (RTP) is not read here: the call hands out the bound socket and the [`MediaPlan`].

mod call;
mod dialler;
mod net;
mod sip;
pub mod test_phone;

use std::{
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    time::Duration,
};

use media::Codec;
use tokio::sync::mpsc;

pub use call::{
    AnswerError, CallControl, CallEvent, CallName, DialError, Hold, IncomingCall, LiveCall, MediaPlan,
};
pub use dialler::Dialler;
pub use net::{NetFault, NetRange};
pub use sip::QUIET_LOG_DIRECTIVE;

/// How SIP messages travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams; what nearly every PBX speaks by default.
    Udp,
    /// A stream; the PBX keeps one connection to us.
    Tcp,
}

/// Which transports the line listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// Datagrams only.
    Udp,
    /// Streams only.
    Tcp,
    /// Both, on the same port.
    Both,
}

/// Everything the line needs to know before it starts.
#[derive(Debug, Clone)]
pub struct LineConfig {
    /// Addresses to listen on, IPv4 and IPv6; port 0 lets the system choose (tests).
    pub listen: Vec<SocketAddr>,
    /// Transports opened on every address of `listen`.
    pub transport: Listen,
    /// The PBX to register with; `None`: only direct calls.
    pub pbx: Option<PbxAccount>,
    /// Who may talk to us. Empty: the PBX's own addresses when a PBX is configured, else private
    /// networks and loopback. With a PBX its addresses are always allowed. All others get no answer.
    pub allow: Vec<NetRange>,
    /// Codecs in our order of preference; the first one that the other side also has is used.
    pub codecs: Vec<Codec>,
    /// Calls at the same time; one more is refused with 486.
    pub busy_limit: usize,
    /// The address that others shall use to reach us, when it is not the address of the interface.
    pub advertised: Option<IpAddr>,
    /// Ports for RTP; even ports are used. `0..=0` lets the system choose (tests).
    pub rtp_ports: RangeInclusive<u16>,
}

/// An extension of a PBX.
#[derive(Clone, PartialEq, Eq)]
pub struct PbxAccount {
    /// Host name or address of the PBX; also the domain of our own address.
    pub host: String,
    /// SIP port of the PBX, usually 5060.
    pub port: u16,
    /// How to talk to the PBX.
    pub transport: Transport,
    /// The extension number, for example `299`.
    pub extension: String,
    /// Name for the digest when it is not the extension (3CX calls it Authentication ID).
    pub auth_id: Option<String>,
    /// Secret of the extension.
    pub password: String,
    /// `host`, `host:port` or `[v6]:port` that every request goes through first.
    pub outbound_proxy: Option<String>,
    /// Registration lifetime that we ask for, in seconds.
    pub expires_s: u32,
    /// How numbers are written in calls of ours.
    pub dial: DialForm,
    /// Digits before every number that we call.
    pub dial_prefix: String,
    /// Whether the PBX may be asked to join two calls by itself (REFER).
    pub refer: bool,
}

/// How a telephone system wants numbers to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DialForm {
    /// `+15552345678`
    #[default]
    E164,
    /// `15552345678`
    Digits,
    /// `5552345678` for North American numbers, else `Digits`.
    National,
}

impl std::fmt::Debug for PbxAccount {
    /// Never prints the password: debug output ends up in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PbxAccount")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("transport", &self.transport)
            .field("extension", &self.extension)
            .field("auth_id", &self.auth_id)
            .field("outbound_proxy", &self.outbound_proxy)
            .field("expires_s", &self.expires_s)
            .field("dial", &self.dial)
            .field("refer", &self.refer)
            .finish_non_exhaustive()
    }
}

/// What a running line reports.
#[derive(Debug)]
pub enum LineEvent {
    /// The state of the registration changed.
    Registration(Registration),
    /// Somebody calls; decide within about a minute, or the caller gets 480.
    Incoming(IncomingCall),
}

/// Where we stand with the PBX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registration {
    /// The PBX knows where to find us for this long; it is refreshed in time.
    Registered {
        /// Lifetime granted by the PBX, in seconds.
        expires_s: u32,
    },
    /// The PBX refused us: wrong password, unknown extension. We try again, but slowly: ban lists trip.
    Refused {
        /// SIP status code, 403 for example.
        code: u16,
        /// What the PBX said, with what to check.
        reason: String,
        /// When the next attempt is due.
        retry_in: Duration,
    },
    /// The PBX does not answer, or is overloaded.
    Unreachable {
        /// What went wrong.
        reason: String,
        /// When the next attempt is due.
        retry_in: Duration,
    },
    /// Not registered, and not trying: no PBX configured, or shut down.
    Off,
}

/// Why the line could not be opened. The text tells the owner what to change.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// `listen` was empty.
    #[error("no address to listen on: name at least one, for example 0.0.0.0:5060")]
    NoAddress,
    /// Another program has the port.
    #[error(
        "{transport} port {addr} is taken by another program: stop it, or choose another port for the line"
    )]
    PortTaken {
        /// Where we wanted to listen.
        addr: SocketAddr,
        /// `UDP` or `TCP`.
        transport: &'static str,
    },
    /// The address cannot be opened for another reason (not ours, not permitted).
    #[error("cannot listen on {transport} {addr}: {source}")]
    Listen {
        /// Where we wanted to listen.
        addr: SocketAddr,
        /// `UDP` or `TCP`.
        transport: &'static str,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// No codec was configured.
    #[error("no codec configured: name at least one of PCMU, PCMA, G722")]
    NoCodec,
    /// The SIP library refused to start.
    #[error("the SIP stack did not start: {0}")]
    Stack(String),
}

/// A running telephone line. Dropping it closes the sockets; [`Line::shutdown`] says goodbye first.
pub struct Line {
    inner: sip::RunningLine,
}

impl Line {
    /// Opens the sockets, starts to answer, and starts to register when a PBX is configured.
    ///
    /// The receiver holds up to 64 events; when nobody reads it, new calls are refused with 503.
    pub async fn start(config: LineConfig) -> Result<(Line, mpsc::Receiver<LineEvent>), LineError> {
        let (events, receiver) = mpsc::channel(64);
        let inner = sip::RunningLine::start(config, events).await?;
        Ok((Line { inner }, receiver))
    }

    /// Where we listen for datagrams, in the order of `listen`; empty without UDP.
    pub fn udp_addrs(&self) -> &[SocketAddr] {
        self.inner.udp_addrs()
    }

    /// Where we listen for streams, in the order of `listen`; empty without TCP.
    pub fn tcp_addrs(&self) -> &[SocketAddr] {
        self.inner.tcp_addrs()
    }

    /// Calls that exist right now: ringing, live, or saying goodbye.
    pub fn calls(&self) -> usize {
        self.inner.calls()
    }

    /// Waits until there is no call any more.
    pub async fn idle(&self) {
        self.inner.idle().await;
    }

    /// For test phones: calls `uri` (`sip:user@host:port`) and returns when it was answered. Dropping the future cancels.
    pub async fn dial(&self, uri: &str, options: test_phone::DialOptions) -> Result<LiveCall, DialError> {
        self.inner.dial(uri, options).await
    }

    /// For calls to people of the roster.
    pub fn dialler(&self) -> Dialler {
        Dialler::new(self.inner.outgoing())
    }

    /// Ends all calls, unregisters, closes the sockets. Takes at most about three seconds.
    pub async fn shutdown(self) {
        self.inner.shutdown().await;
    }
}

#[cfg(test)]
mod tests;
