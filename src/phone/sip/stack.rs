//! The SIP library with our sockets under it: opens them, finds the way to a peer, sends a request and waits.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use rsipstack::{
    EndpointBuilder,
    platform::CancellationToken,
    sip::{Request, Response, SipMessage, StatusCodeKind, Transport as SipTransport},
    transaction::{
        Transaction, TransactionReceiver,
        endpoint::{EndpointInnerRef, EndpointOption},
        key::{TransactionKey, TransactionRole},
        random_text,
    },
    transport::{
        SipAddr, SipConnection, TransportLayer, transport_layer::DomainResolver, udp::UdpConnection,
    },
};
use tokio::{
    net::{TcpListener, UdpSocket},
    time::Instant,
};

use super::{gate::Gate, tcp::Streams, udp::Datagrams};
use crate::phone::{LineConfig, LineError, Listen, Transport};

/// What we call ourselves in User-Agent.
const USER_AGENT: &str = concat!("NightDesk/", env!("CARGO_PKG_VERSION"));

/// The opened sockets and the library on top.
pub(super) struct Stack {
    pub(super) endpoint: EndpointInnerRef,
    pub(super) gate: Arc<Gate>,
    pub(super) streams: Arc<Streams>,
    pub(super) udp_addrs: Vec<SocketAddr>,
    pub(super) tcp_addrs: Vec<SocketAddr>,
    pub(super) started: Instant,
    pub(super) cancel: CancellationToken,
    udp: Option<SipConnection>,
    advertised: Option<IpAddr>,
}

/// The way to a peer.
#[derive(Clone)]
pub(super) struct Route {
    pub(super) connection: SipConnection,
    pub(super) peer: SocketAddr,
    pub(super) transport: Transport,
    /// The address under which that peer reaches us.
    pub(super) local: SocketAddr,
    closed: Option<CancellationToken>,
}

/// Why a request got no final answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Silence {
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    #[error("{0}")]
    Network(String),
}

impl Stack {
    /// Opens all sockets. The second value hands out incoming requests.
    pub(super) async fn open(
        config: &LineConfig,
        gate: Arc<Gate>,
    ) -> Result<(Arc<Self>, TransactionReceiver), LineError> {
        let started = Instant::now();
        let cancel = CancellationToken::new();
        let (datagrams, listeners) = bind(config).await?;
        let udp_addrs = addrs(datagrams.iter().map(UdpSocket::local_addr));
        let tcp_addrs = addrs(listeners.iter().map(TcpListener::local_addr));
        let stack = |e: rsipstack::Error| LineError::Stack(e.to_string());
        let layer = TransportLayer::new_with_domain_resolver(cancel.child_token(), Box::new(SystemNames));
        let mut udp = None;
        if !datagrams.is_empty() {
            let socket = Datagrams::new(datagrams, gate.clone(), started, &cancel);
            let connection = UdpConnection::from_socket(Arc::new(socket), None, Some(cancel.child_token()));
            let connection = SipConnection::from(connection.await.map_err(stack)?);
            layer.add_transport(connection.clone());
            udp = Some(connection);
        }
        let endpoint = EndpointBuilder::new()
            .with_user_agent(USER_AGENT)
            .with_transport_layer(layer)
            .with_cancel_token(cancel.child_token())
            .with_option(EndpointOption { callid_suffix: Some("nightdesk".into()), ..Default::default() })
            .build();
        let incoming = endpoint.incoming_transactions().map_err(stack)?;
        let inner = endpoint.inner.clone();
        let watch = cancel.clone();
        tokio::spawn(async move {
            let served = inner.serve().await;
            if !watch.is_cancelled() {
                tracing::error!(?served, "the SIP library stopped: the line is dead until a restart");
            }
        });
        let streams = Streams::new(endpoint.inner.clone(), gate.clone(), started, cancel.clone());
        listeners.into_iter().for_each(|listener| streams.listen(listener));
        let endpoint = endpoint.inner;
        let advertised = config.advertised;
        let stack = Self { endpoint, gate, streams, udp_addrs, tcp_addrs, started, cancel, udp, advertised };
        Ok((Arc::new(stack), incoming))
    }

    /// Time since the line was opened.
    pub(super) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// The way to an address; opens a TCP connection if there is none.
    pub(super) async fn route(&self, transport: Transport, peer: SocketAddr) -> Result<Route, Silence> {
        match transport {
            Transport::Udp => {
                let family = self.udp_addrs.iter().any(|a| a.is_ipv4() == peer.is_ipv4());
                let connection = self.udp.clone().filter(|_| family).ok_or_else(|| {
                    Silence::Network(format!("the line has no UDP socket that reaches {}", peer.ip()))
                })?;
                let local = self.local(transport, peer, None);
                Ok(Route { connection, peer, transport, local, closed: None })
            }
            Transport::Tcp => {
                let stream = self.streams.connect(peer).await;
                let stream = stream.map_err(|e| Silence::Network(format!("{peer}: {e}")))?;
                let local = self.local(transport, peer, Some(stream.local));
                let closed = Some(stream.closed);
                Ok(Route { connection: stream.connection, peer, transport, local, closed })
            }
        }
    }

    /// The way back to where a request came from.
    pub(super) async fn route_back(&self, transaction: &Transaction) -> Option<Route> {
        let (transport, peer) = source(transaction)?;
        self.route(transport, peer).await.ok()
    }

    /// The address that `peer` can reach us under. A stream of ours serves when we do not listen.
    pub(super) fn local(
        &self,
        transport: Transport,
        peer: SocketAddr,
        stream: Option<SocketAddr>,
    ) -> SocketAddr {
        let listening = match transport {
            Transport::Udp => &self.udp_addrs,
            Transport::Tcp => &self.tcp_addrs,
        };
        let source = stream.map(|s| s.ip()).or_else(|| source_address(peer.ip())).unwrap_or(peer.ip());
        let family = || listening.iter().filter(|a| a.is_ipv4() == peer.is_ipv4());
        let exact = family().find(|a| a.ip() == source);
        let any = || family().find(|a| a.ip().is_unspecified());
        let listener = exact.or_else(any).or_else(|| family().next()).copied().or(stream);
        let port = listener.map_or(5060, |l| l.port());
        let bound = listener.map(|l| l.ip()).filter(|ip| !ip.is_unspecified());
        let advertised = self.advertised.filter(|ip| ip.is_ipv4() == peer.is_ipv4());
        SocketAddr::new(advertised.or(bound).unwrap_or(source), port)
    }

    /// The address for sound towards `media`, when signalling goes by `route`.
    pub(super) fn media_address(&self, route: &Route, media: IpAddr) -> IpAddr {
        let ours = route.local.ip();
        if ours.is_ipv4() == media.is_ipv4() { ours } else { source_address(media).unwrap_or(media) }
    }

    /// A Via value for a request of ours.
    pub(super) fn via(&self, route: &Route) -> String {
        let (name, alias) = match route.transport {
            Transport::Udp => ("UDP", ""),
            Transport::Tcp => ("TCP", ";alias"),
        };
        format!("SIP/2.0/{name} {};branch=z9hG4bK{};rport{alias}", route.local, random_text(16))
    }

    /// A client transaction that was sent.
    pub(super) async fn send(&self, request: Request, route: &Route) -> Result<Transaction, Silence> {
        let network = |e: rsipstack::Error| Silence::Network(e.to_string());
        let key = TransactionKey::from_request(&request, TransactionRole::Client).map_err(network)?;
        let connection = Some(route.connection.clone());
        let mut transaction = Transaction::new_client(key, request, self.endpoint.clone(), connection);
        let kind = match route.transport {
            Transport::Udp => SipTransport::Udp,
            Transport::Tcp => SipTransport::Tcp,
        };
        transaction.destination = Some(SipAddr { r#type: Some(kind), addr: route.peer.into() });
        transaction.send().await.map_err(network)?;
        Ok(transaction)
    }

    /// Sends anything but an INVITE and waits for the final answer.
    pub(super) async fn request(
        &self,
        request: Request,
        route: &Route,
        limit: Duration,
    ) -> Result<Response, Silence> {
        let mut transaction = self.send(request, route).await?;
        let answer = async {
            while let Some(message) = transaction.receive().await {
                if let SipMessage::Response(response) = message
                    && response.status_code.kind() != StatusCodeKind::Provisional
                {
                    return Some(response);
                }
            }
            None
        };
        tokio::select! {
            answer = answer => answer.ok_or_else(|| Silence::Network("the transaction broke off".into())),
            () = route.broken() => Err(Silence::Network(format!("the connection to {} was closed", route.peer))),
            () = tokio::time::sleep(limit) => Err(Silence::Timeout(limit)),
        }
    }

    /// Addresses of a host, those first that we have a socket for.
    pub(super) async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Silence> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let unknown = |e: std::io::Error| Silence::Network(format!("the name `{host}` is not known: {e}"));
        let found: Vec<SocketAddr> = match bare.parse::<IpAddr>() {
            Ok(ip) => vec![SocketAddr::new(ip, port)],
            Err(_) => tokio::net::lookup_host((bare, port)).await.map_err(unknown)?.collect(),
        };
        let ours = |a: &SocketAddr| {
            let mut all = self.udp_addrs.iter().chain(&self.tcp_addrs);
            all.any(|l| l.is_ipv4() == a.is_ipv4())
        };
        let usable: Vec<_> = found.into_iter().filter(ours).collect();
        if usable.is_empty() {
            let text = format!("`{host}` has no address of the family that the line listens on");
            return Err(Silence::Network(text));
        }
        Ok(usable)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl Route {
    /// Whether the connection is gone.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.as_ref().is_some_and(CancellationToken::is_cancelled)
    }

    /// Waits until the connection is gone; forever for datagrams.
    pub(super) async fn broken(&self) {
        match &self.closed {
            Some(closed) => closed.cancelled().await,
            None => std::future::pending().await,
        }
    }
}

/// Transport and address that a request came over.
pub(super) fn source(transaction: &Transaction) -> Option<(Transport, SocketAddr)> {
    let connection = transaction.connection.as_ref()?;
    let datagrams = matches!(connection, SipConnection::Udp(_));
    let transport = if datagrams { Transport::Udp } else { Transport::Tcp };
    Some((transport, connection.get_remote_addr()?.get_socketaddr().ok()?))
}

/// The address that the system would send from. Nothing is sent.
fn source_address(peer: IpAddr) -> Option<IpAddr> {
    let any: IpAddr =
        if peer.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let probe = std::net::UdpSocket::bind((any, 0)).ok()?;
    probe.connect((peer, 5060)).ok()?;
    probe.local_addr().ok().map(|a| a.ip())
}

fn addrs(found: impl Iterator<Item = std::io::Result<SocketAddr>>) -> Vec<SocketAddr> {
    // A bound socket knows its address.
    found.filter_map(Result::ok).collect()
}

async fn bind(config: &LineConfig) -> Result<(Vec<UdpSocket>, Vec<TcpListener>), LineError> {
    if config.listen.is_empty() {
        return Err(LineError::NoAddress);
    }
    let (mut datagrams, mut listeners) = (Vec::new(), Vec::new());
    for &addr in &config.listen {
        match config.transport {
            Listen::Udp => datagrams.push(bind_udp(addr).await?),
            Listen::Tcp => listeners.push(bind_tcp(addr).await?),
            Listen::Both => {
                let (udp, tcp) = bind_both(addr).await?;
                datagrams.push(udp);
                listeners.push(tcp);
            }
        }
    }
    Ok((datagrams, listeners))
}

/// Both on one port. When the system chooses it, the TCP port may be taken by chance: try others.
async fn bind_both(addr: SocketAddr) -> Result<(UdpSocket, TcpListener), LineError> {
    let mut tries = if addr.port() == 0 { 20 } else { 1 };
    loop {
        tries -= 1;
        let udp = bind_udp(addr).await?;
        let chosen = udp.local_addr().map_err(|e| fault(addr, "UDP", e))?;
        match bind_tcp(chosen).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(_) if tries > 0 => {}
            Err(error) => return Err(error),
        }
    }
}

async fn bind_udp(addr: SocketAddr) -> Result<UdpSocket, LineError> {
    UdpSocket::bind(addr).await.map_err(|e| fault(addr, "UDP", e))
}

async fn bind_tcp(addr: SocketAddr) -> Result<TcpListener, LineError> {
    TcpListener::bind(addr).await.map_err(|e| fault(addr, "TCP", e))
}

fn fault(addr: SocketAddr, transport: &'static str, source: std::io::Error) -> LineError {
    if source.kind() == std::io::ErrorKind::AddrInUse {
        LineError::PortTaken { addr, transport }
    } else {
        LineError::Listen { addr, transport, source }
    }
}

/// Host names as the system knows them: DNS, the hosts file, mDNS where it is set up.
struct SystemNames;

#[async_trait::async_trait]
impl DomainResolver for SystemNames {
    async fn resolve(&self, target: &SipAddr) -> rsipstack::Result<SipAddr> {
        let port = target.addr.port.as_ref().map_or(5060, |p| p.0);
        let mut found = tokio::net::lookup_host((target.addr.host.to_string(), port)).await?;
        let first = found.next();
        let unknown = || rsipstack::Error::DnsResolutionError(target.addr.to_string());
        first.map(|a| SipAddr { r#type: target.r#type, addr: a.into() }).ok_or_else(unknown)
    }
}
