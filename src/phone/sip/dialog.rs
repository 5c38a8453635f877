//! What both sides of a call must remember to name it: tags, counters, the way (RFC 3261 section 12).

use rsipstack::sip::{Header, Method, Request, Response, Uri, Version, parse_uri};

use super::{
    headers::{header, parameter, split_list, uri_of, value, values},
    repair::ALLOW,
    stack::{Route, Silence, Stack},
};
use crate::phone::{Transport, call::CallName};

/// A dialog, and how to reach the other side in it.
pub(super) struct Dialog {
    pub(super) call_id: String,
    pub(super) local_tag: String,
    pub(super) remote_tag: String,
    /// From header of our requests.
    local: String,
    /// To header of our requests.
    remote: String,
    /// Where requests are addressed: the other side's Contact.
    target: String,
    /// Proxies that want to stay on the way.
    routes: Vec<String>,
    local_seq: u32,
    remote_seq: u32,
    user: String,
    /// The way that worked last.
    pub(super) route: Route,
}

/// What a request of ours carries.
pub(super) struct Body {
    pub(super) kind: &'static str,
    pub(super) bytes: Vec<u8>,
}

impl Body {
    pub(super) fn sdp(bytes: Vec<u8>) -> Self {
        Self { kind: "application/sdp", bytes }
    }
}

impl Dialog {
    /// The dialog of an INVITE that we answer with `local_tag`.
    pub(super) fn answering(invite: &Request, local_tag: &str, route: Route) -> Option<Self> {
        let headers = &invite.headers;
        let (from, to) = (value(headers, "From")?, value(headers, "To")?);
        let called = invite.uri.user().unwrap_or("nightdesk");
        Some(Self {
            call_id: value(headers, "Call-ID")?.to_owned(),
            local_tag: local_tag.to_owned(),
            remote_tag: parameter(from, "tag")?.to_owned(),
            local: format!("{to};tag={local_tag}"),
            remote: from.to_owned(),
            target: value(headers, "Contact").map_or_else(|| uri_of(from), uri_of).to_owned(),
            routes: values(headers, "Record-Route").flat_map(split_list).map(str::to_owned).collect(),
            local_seq: 0,
            remote_seq: seq_of(invite)?,
            user: called.chars().filter(|c| c.is_ascii_alphanumeric() || "+-_.".contains(*c)).collect(),
            route,
        })
    }

    /// The dialog that a 2xx to our INVITE made.
    pub(super) fn answered(invite: &Request, answer: &Response, user: &str, route: Route) -> Option<Self> {
        let (from, to) = (value(&invite.headers, "From")?, value(&answer.headers, "To")?);
        let mut routes: Vec<_> =
            values(&answer.headers, "Record-Route").flat_map(split_list).map(str::to_owned).collect();
        routes.reverse();
        Some(Self {
            call_id: value(&invite.headers, "Call-ID")?.to_owned(),
            local_tag: parameter(from, "tag")?.to_owned(),
            remote_tag: parameter(to, "tag").unwrap_or_default().to_owned(),
            local: from.to_owned(),
            remote: to.to_owned(),
            target: value(&answer.headers, "Contact").map_or_else(|| uri_of(to), uri_of).to_owned(),
            routes,
            local_seq: seq_of(invite)?,
            remote_seq: 0,
            user: user.to_owned(),
            route,
        })
    }

    /// How a third party names this call.
    pub(super) fn name(&self) -> CallName {
        CallName {
            target: self.target.clone(),
            call_id: self.call_id.clone(),
            their_tag: self.remote_tag.clone(),
            our_tag: self.local_tag.clone(),
            peer: self.route.peer,
        }
    }

    /// Our Contact.
    pub(super) fn contact(&self) -> Header {
        contact(&self.user, &self.route)
    }

    /// Whether a request of the other side comes in order; remembers its number.
    pub(super) fn in_order(&mut self, request: &Request) -> bool {
        let Some(seq) = seq_of(request) else { return false };
        let fits = seq >= self.remote_seq;
        self.remote_seq = self.remote_seq.max(seq);
        fits
    }

    /// A re-INVITE or UPDATE may move the other side.
    pub(super) fn retarget(&mut self, contact: Option<&str>) {
        if let Some(contact) = contact.map(uri_of).filter(|c| !c.is_empty()) {
            self.target = contact.to_owned();
        }
    }

    /// A request inside the dialog, and the way for it.
    pub(super) async fn request(
        &mut self,
        stack: &Stack,
        method: Method,
        extra: Vec<Header>,
        body: Option<Body>,
    ) -> Result<(Request, Route), Silence> {
        let broken = |e: rsipstack::sip::Error| Silence::Network(format!("the other side's address: {e}"));
        let uri = parse_uri(&self.target).map_err(broken)?;
        let first = self.routes.first().map_or_else(|| self.target.clone(), |r| uri_of(r).to_owned());
        self.route = self.next_hop(stack, &first).await?;
        self.local_seq += 1;
        let mut headers = vec![
            header("Via", stack.via(&self.route)),
            header("Max-Forwards", "70"),
            header("From", self.local.as_str()),
            header("To", self.remote.as_str()),
            header("Call-ID", self.call_id.as_str()),
            header("CSeq", format!("{} {method}", self.local_seq)),
            header("User-Agent", stack.endpoint.user_agent.as_str()),
        ];
        headers.extend(self.routes.iter().map(|r| header("Route", r.as_str())));
        if matches!(method, Method::Invite | Method::Update) {
            headers.extend([self.contact(), header("Allow", ALLOW), header("Supported", "timer")]);
        }
        headers.extend(body.as_ref().map(|b| header("Content-Type", b.kind)));
        headers.extend(extra);
        let body = body.map(|b| b.bytes).unwrap_or_default();
        Ok((Request { method, uri, version: Version::V2, headers: headers.into(), body }, self.route.clone()))
    }

    /// The way to the first proxy or the other side itself. When its name means nothing to us, the
    /// way that its last request came.
    async fn next_hop(&self, stack: &Stack, uri: &str) -> Result<Route, Silence> {
        let Ok(parsed) = parse_uri(uri) else { return Ok(self.route.clone()) };
        let transport = transport_of(&parsed).unwrap_or(self.route.transport);
        let port = parsed.host_with_port.port.as_ref().map_or(5060, |p| p.0);
        let peers = stack.resolve(&parsed.host_with_port.host.to_string(), port).await.unwrap_or_default();
        let same = peers.contains(&self.route.peer) && transport == self.route.transport;
        // An open connection is kept: the other side's listening port may be closed to us.
        if same || (transport == Transport::Tcp && self.route.transport == Transport::Tcp && !self.gone()) {
            return Ok(self.route.clone());
        }
        match peers.first() {
            Some(peer) => stack.route(transport, *peer).await,
            None => Ok(self.route.clone()),
        }
    }

    fn gone(&self) -> bool {
        self.route.is_closed()
    }
}

/// A Contact of ours.
pub(super) fn contact(user: &str, route: &Route) -> Header {
    let transport = match route.transport {
        Transport::Udp => "",
        Transport::Tcp => ";transport=tcp",
    };
    header("Contact", format!("<sip:{user}@{}{transport}>", route.local))
}

/// Transport named in a URI.
pub(super) fn transport_of(uri: &Uri) -> Option<Transport> {
    use rsipstack::sip::{Transport as T, uri::ParamsExt};
    match uri.transport()? {
        T::Udp => Some(Transport::Udp),
        T::Tcp => Some(Transport::Tcp),
        T::Tls | T::TlsSctp | T::Sctp | T::Ws | T::Wss => None,
    }
}

fn seq_of(request: &Request) -> Option<u32> {
    value(&request.headers, "CSeq")?.split_ascii_whitespace().next()?.parse().ok()
}
