//! A line that tests call, and the small steps they share. Waiting is always for an event, with a limit.

use std::{future::Future, net::SocketAddr, time::Duration};

use media::Codec;
use tokio::sync::mpsc;

use crate::phone::{
    CallEvent, IncomingCall, Line, LineConfig, LineEvent, Listen, LiveCall, Registration,
    test_phone::DialOptions,
};

/// Every wait of a test ends here, and fails it.
pub(super) const LIMIT: Duration = Duration::from_secs(10);

pub(super) fn config() -> LineConfig {
    LineConfig {
        listen: vec!["127.0.0.1:0".parse().expect("an address")],
        transport: Listen::Both,
        pbx: None,
        allow: Vec::new(),
        codecs: vec![Codec::G722, Codec::Pcmu, Codec::Pcma],
        busy_limit: 16,
        advertised: None,
        rtp_ports: 0..=0,
    }
}

/// A line under test.
pub(super) struct Office {
    pub(super) line: Line,
    pub(super) events: mpsc::Receiver<LineEvent>,
}

pub(super) async fn office(config: LineConfig) -> Office {
    let (line, mut events) = Line::start(config).await.expect("the line starts");
    let first = soon(events.recv()).await.expect("an event");
    assert!(matches!(first, LineEvent::Registration(Registration::Off)), "{first:?}");
    Office { line, events }
}

impl Office {
    pub(super) fn udp(&self) -> SocketAddr {
        self.line.udp_addrs()[0]
    }

    pub(super) fn uri(&self) -> String {
        format!("sip:5551234567@{}", self.udp())
    }

    pub(super) async fn ring(&mut self) -> IncomingCall {
        loop {
            match soon(self.events.recv()).await.expect("an event") {
                LineEvent::Incoming(call) => return call,
                LineEvent::Registration(_) => {}
            }
        }
    }

    /// A call between the test phone and the line.
    pub(super) async fn call(&mut self, options: DialOptions) -> (LiveCall, LiveCall) {
        let uri = self.uri();
        let dialled = tokio::spawn(async move { crate::phone::test_phone::dial(&uri, options).await });
        let here = soon(self.ring().await.answer()).await.expect("answered");
        let there = soon(dialled).await.expect("no panic").expect("answered");
        (here, there)
    }
}

pub(super) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future).await.expect("it happens soon")
}

pub(super) async fn next(call: &mut LiveCall) -> CallEvent {
    soon(call.events.recv()).await.expect("an event before the end")
}

pub(super) async fn ended(call: &mut LiveCall) -> (bool, String) {
    loop {
        if let CallEvent::Ended { by_caller, reason } = next(call).await {
            assert!(soon(call.events.recv()).await.is_none(), "nothing comes after the end");
            return (by_caller, reason);
        }
    }
}
