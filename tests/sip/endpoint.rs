//! The smallest thing that answers a telephone: it echoes sound, and tells the test what happened.

use std::{future::Future, net::SocketAddr, time::Duration};

use media::Codec;
use nightdesk::phone::{
    CallEvent, IncomingCall, Line, LineConfig, LineEvent, Listen, LiveCall, MediaPlan, Registration,
};
use tokio::sync::mpsc;

/// Every wait of a test ends here, and fails it.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// What the test may want to know.
#[derive(Debug)]
pub(crate) enum Seen {
    Registration(Registration),
    Acked,
    Plan(MediaPlan),
    InfoKey(char),
    /// An answered call that the test keeps.
    Live(LiveCall),
    /// RTP packets of a call at its end: of sound, and of keys (the first of each event).
    Ended {
        by_caller: bool,
        packets: usize,
        keys: usize,
    },
}

/// A line that answers by itself. A call to `ringing` is left ringing, one to `busy` is refused.
pub(crate) struct Endpoint {
    pub(crate) line: Line,
    seen: mpsc::UnboundedReceiver<Seen>,
}

pub(crate) fn config() -> LineConfig {
    LineConfig {
        listen: vec!["127.0.0.1:0".parse().expect("an address")],
        transport: Listen::Both,
        pbx: None,
        allow: Vec::new(),
        codecs: vec![Codec::Pcmu, Codec::Pcma, Codec::G722],
        busy_limit: 64,
        advertised: None,
        rtp_ports: 0..=0,
    }
}

impl Endpoint {
    pub(crate) async fn start(config: LineConfig) -> Self {
        let (line, mut events) = Line::start(config).await.expect("the line starts");
        let (report, seen) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                match event {
                    LineEvent::Registration(state) => tell(&report, Seen::Registration(state)),
                    LineEvent::Incoming(call) => drop(tokio::spawn(answer(call, report.clone()))),
                }
            }
        });
        Self { line, seen }
    }

    /// A line that hands its answered calls to the test.
    pub(crate) async fn keeping(config: LineConfig) -> Self {
        let (line, mut events) = Line::start(config).await.expect("the line starts");
        let (report, seen) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                match event {
                    LineEvent::Registration(state) => tell(&report, Seen::Registration(state)),
                    LineEvent::Incoming(call) => {
                        if let Ok(live) = call.answer().await {
                            tell(&report, Seen::Live(live));
                        }
                    }
                }
            }
        });
        Self { line, seen }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.line.udp_addrs()[0]
    }

    /// Waits for the first thing that `pick` takes; others are skipped.
    pub(crate) async fn wait<T>(&mut self, what: &str, mut pick: impl FnMut(Seen) -> Option<T>) -> T {
        let mut skipped = Vec::new();
        let found = tokio::time::timeout(LIMIT, async {
            loop {
                let seen = self.seen.recv().await.expect("the endpoint lives");
                let text = format!("{seen:?}");
                if let Some(found) = pick(seen) {
                    return found;
                }
                skipped.push(text);
            }
        });
        found.await.unwrap_or_else(|_| panic!("waited for {what}; saw {skipped:#?}"))
    }

    pub(crate) async fn wait_registered(&mut self) -> u32 {
        self.wait("a registration", |seen| {
            let Seen::Registration(Registration::Registered { expires_s }) = seen else { return None };
            Some(expires_s)
        })
        .await
    }

    /// The end of a call: by whom, sound packets, keys.
    pub(crate) async fn wait_ended(&mut self) -> (bool, usize, usize) {
        self.wait("the end of a call", |seen| {
            let Seen::Ended { by_caller, packets, keys } = seen else { return None };
            Some((by_caller, packets, keys))
        })
        .await
    }

    pub(crate) async fn wait_plan(&mut self) -> MediaPlan {
        self.wait("a new plan", |seen| if let Seen::Plan(plan) = seen { Some(plan) } else { None }).await
    }
}

fn tell(report: &mpsc::UnboundedSender<Seen>, seen: Seen) {
    // The test may be over already.
    let _ = report.send(seen);
}

async fn answer(call: IncomingCall, report: mpsc::UnboundedSender<Seen>) {
    let called = call.called.clone();
    if called.iter().any(|c| c == "ringing") {
        // Held until the caller gives up or the test ends.
        tokio::time::sleep(LIMIT).await;
        return call.reject(480, "");
    }
    if called.iter().any(|c| c == "busy") {
        return call.reject(486, "Busy Here");
    }
    if let Ok(live) = call.answer().await {
        talk(live, &report).await;
    }
}

async fn talk(mut live: LiveCall, report: &mpsc::UnboundedSender<Seen>) {
    let mut buffer = [0_u8; 2048];
    let mut plan = live.media.clone();
    let (mut packets, mut keys, mut last_key) = (0, 0, None);
    loop {
        tokio::select! {
            received = live.rtp.recv_from(&mut buffer) => {
                let Ok((n, from)) = received else { continue };
                let payload_type = buffer.get(1).map(|b| b & 0x7f);
                if payload_type.is_some() && payload_type == plan.key_payload_type {
                    // All packets of one key press have one timestamp.
                    let stamp: Option<[u8; 4]> = buffer[..n].get(4..8).and_then(|s| s.try_into().ok());
                    keys += usize::from(last_key != stamp);
                    last_key = stamp;
                } else {
                    packets += 1;
                    if plan.send {
                        let _ = live.rtp.send_to(&buffer[..n], from).await;
                    }
                }
            }
            event = live.events.recv() => match event {
                Some(CallEvent::Acked) => tell(report, Seen::Acked),
                Some(CallEvent::Media(new)) => {
                    plan = new.clone();
                    tell(report, Seen::Plan(new));
                }
                Some(CallEvent::Key(key)) => tell(report, Seen::InfoKey(key)),
                Some(CallEvent::Ended { by_caller, .. }) => {
                    return tell(report, Seen::Ended { by_caller, packets, keys });
                }
                None => return,
            },
        }
    }
}

pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future).await.unwrap_or_else(|_| panic!("{what} did not happen in time"))
}
