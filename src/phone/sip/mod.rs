//! The one owner of the SIP library `rsipstack`: nothing outside this folder knows it.
//!
//! ```text
//!   datagrams ─ udp ─┐ gate: who may talk, how fast          ┌─ incoming: new calls, odd requests
//!                    ├─ repair: checked and cleaned ─ library ┼─ session: one task per live call
//!   streams ─── tcp ─┘                                       ├─ client: calls and requests of ours
//!                                                            └─ register: the PBX knows where we are
//! ```
//!
//! The library does transactions and retransmissions. Dialogs, digest, session timers and registration are ours:
//! its own have gaps that a PBX notices.

mod client;
mod dialog;
mod digest;
mod gate;
mod goodbye;
mod headers;
mod identity;
mod incoming;
mod keys;
mod outgoing;
mod refer;
mod refuse;
mod register;
mod registry;
mod repair;
mod rtp_ports;
mod sdp;
mod server;
mod session;
mod session_timer;
mod stack;
mod tcp;
mod udp;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use media::Codec;
use rsipstack::platform::CancellationToken;
use tokio::{sync::mpsc, task::JoinHandle};

use self::{
    digest::Credentials, gate::Gate, register::Registrar, registry::Calls, rtp_ports::RtpPorts, stack::Stack,
};
use super::{
    LineConfig, LineError, LineEvent, NetRange, PbxAccount, Registration,
    call::{DialError, LiveCall},
    test_phone::DialOptions,
};

pub(super) use outgoing::Outgoing;

/// A log filter that the program must apply: the library writes whole messages, passwords' digests and
/// callers' numbers included, at INFO.
pub const QUIET_LOG_DIRECTIVE: &str = "rsipstack=off";

/// What all parts of a running line share.
pub(super) struct Shared {
    stack: Arc<Stack>,
    calls: Calls,
    rtp: RtpPorts,
    codecs: Vec<Codec>,
    events: mpsc::Sender<LineEvent>,
    credentials: Option<Credentials>,
    /// Our domain in From, when a PBX is configured.
    domain: Option<String>,
    /// The PBX that outgoing calls go through.
    pbx: Option<PbxAccount>,
    /// Cancelled when the line says goodbye; the stack's own token follows later.
    closing: CancellationToken,
}

/// A line that was started.
pub(super) struct RunningLine {
    shared: Arc<Shared>,
    registrar: Option<JoinHandle<()>>,
}

impl RunningLine {
    pub(super) async fn start(
        config: LineConfig,
        events: mpsc::Sender<LineEvent>,
    ) -> Result<Self, LineError> {
        if config.codecs.is_empty() {
            return Err(LineError::NoCodec);
        }
        let allowed = match (&config.pbx, config.allow.is_empty()) {
            (_, false) => config.allow.clone(),
            (None, true) => NetRange::private(),
            // Filled by the registration as soon as the PBX's name is known.
            (Some(_), true) => Vec::new(),
        };
        let gate = Arc::new(Gate::new(allowed));
        let (stack, incoming) = Stack::open(&config, gate).await?;
        let pbx = config.pbx.as_ref();
        let credentials = pbx.map(|p| Credentials {
            user: p.auth_id.clone().unwrap_or_else(|| p.extension.clone()),
            password: p.password.clone(),
        });
        let shared = Arc::new(Shared {
            stack,
            calls: Calls::new(config.busy_limit),
            rtp: RtpPorts::new(config.rtp_ports.clone()),
            codecs: config.codecs.clone(),
            events,
            credentials,
            domain: pbx.map(|p| p.host.clone()),
            pbx: config.pbx.clone(),
            closing: CancellationToken::new(),
        });
        tokio::spawn(incoming::serve(shared.clone(), incoming));
        let registrar = match config.pbx {
            Some(account) => {
                let registrar = Registrar::new(shared.clone(), account, config.allow);
                Some(tokio::spawn(registrar.run()))
            }
            None => {
                // The channel is new and empty: there is room.
                let _ = shared.events.try_send(LineEvent::Registration(Registration::Off));
                None
            }
        };
        Ok(Self { shared, registrar })
    }

    pub(super) fn udp_addrs(&self) -> &[SocketAddr] {
        &self.shared.stack.udp_addrs
    }

    pub(super) fn tcp_addrs(&self) -> &[SocketAddr] {
        &self.shared.stack.tcp_addrs
    }

    pub(super) fn calls(&self) -> usize {
        self.shared.calls.count()
    }

    pub(super) async fn idle(&self) {
        self.shared.calls.idle().await;
    }

    pub(super) async fn dial(&self, uri: &str, options: DialOptions) -> Result<LiveCall, DialError> {
        client::dial(self.shared.clone(), uri, options).await
    }

    pub(super) fn outgoing(&self) -> Outgoing {
        Outgoing::new(self.shared.clone())
    }

    pub(super) async fn shutdown(mut self) {
        self.shared.closing.cancel();
        // Calls whose other side does not answer the BYE are left behind.
        let _ = tokio::time::timeout(Duration::from_secs(2), self.shared.calls.idle()).await;
        if let Some(registrar) = self.registrar.take() {
            // It gives up by itself when the PBX does not answer.
            let _ = tokio::time::timeout(Duration::from_secs(4), registrar).await;
        }
        self.shared.stack.cancel.cancel();
    }
}

impl Drop for RunningLine {
    fn drop(&mut self) {
        self.shared.closing.cancel();
        self.shared.stack.cancel.cancel();
    }
}
