//! A telephone of our own on the same stack: for `nightdesk call`, for tests, and to hear whether the line works.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use media::Codec;

use super::{DialError, Line, LineConfig, Listen, LiveCall, NetRange, Transport};

/// How an outgoing call presents itself.
#[derive(Debug, Clone)]
pub struct DialOptions {
    /// Codecs to offer, in this order.
    pub codecs: Vec<Codec>,
    /// Our number, the user part of From and Contact.
    pub number: String,
    /// Our name in From.
    pub display: Option<String>,
    /// Transport when the address does not name one.
    pub transport: Transport,
    /// How long to wait for an answer before the call is cancelled.
    pub timeout: Duration,
    /// User and password for a PBX that challenges the call. The line's own account is used when absent.
    pub credentials: Option<(String, String)>,
    /// More headers for the INVITE, for example a Diversion.
    pub headers: Vec<(String, String)>,
}

impl Default for DialOptions {
    fn default() -> Self {
        Self {
            codecs: vec![Codec::Pcmu, Codec::Pcma, Codec::G722],
            number: "5550100".into(),
            display: None,
            transport: Transport::Udp,
            timeout: Duration::from_secs(30),
            credentials: None,
            headers: Vec::new(),
        }
    }
}

/// A phone that only calls out: its line takes no calls.
pub async fn phone(ip: IpAddr) -> Result<Line, DialError> {
    let config = LineConfig {
        listen: vec![SocketAddr::new(ip, 0)],
        transport: Listen::Both,
        pbx: None,
        allow: NetRange::everybody(),
        codecs: vec![Codec::Pcmu, Codec::Pcma, Codec::G722],
        busy_limit: 0,
        advertised: None,
        rtp_ports: 0..=0,
    };
    let (line, _events) = Line::start(config).await.map_err(|e| DialError::Line(e.to_string()))?;
    Ok(line)
}

/// Calls `uri` from a phone made for this one call; it disappears with the call.
pub async fn dial(uri: &str, options: DialOptions) -> Result<LiveCall, DialError> {
    let phone = Lingering(Some(phone(listen_for(uri)).await?));
    match &phone.0 {
        Some(line) => line.dial(uri, options).await,
        None => Err(DialError::Line("the phone is gone".into())),
    }
}

/// Keeps the phone until its call is over and the last messages (BYE, CANCEL) have been answered.
struct Lingering(Option<Line>);

impl Drop for Lingering {
    fn drop(&mut self) {
        if let (Some(line), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move {
                line.idle().await;
                tokio::time::sleep(Duration::from_secs(2)).await;
            });
        }
    }
}

/// Loopback calls loopback; everything else goes out of any interface, of the family in the address.
fn listen_for(uri: &str) -> IpAddr {
    let host = uri.rsplit_once('@').map_or(uri, |(_, host)| host);
    let host = host.trim_start_matches("sip:");
    if host.starts_with('[') {
        let loopback = host.starts_with("[::1]");
        return if loopback { Ipv6Addr::LOCALHOST.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    }
    let loopback = host.starts_with("127.") || host.starts_with("localhost");
    if loopback { Ipv4Addr::LOCALHOST.into() } else { Ipv4Addr::UNSPECIFIED.into() }
}
