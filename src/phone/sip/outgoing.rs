//! Calls to people of the roster: by number through the PBX, or to their SIP address.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use domain::PhoneNumber;
use oncall::Dialable;
use rsipstack::sip::parse_uri;
use tokio::sync::oneshot;

use super::{
    Shared,
    client::{Order, Progress, place},
    dialog::transport_of,
    register::{domain, host_and_port},
};
use crate::phone::{
    DialForm, PbxAccount, Transport,
    call::{DialError, LiveCall},
    test_phone::DialOptions,
};

/// Who says nothing at all for this long, not even "trying", is not there: the caller on hold need not wait longer.
const SILENCE_MAX: Duration = Duration::from_secs(6);
/// Our name in From and Contact without a PBX.
const OWN_USER: &str = "nightdesk";

/// See [`crate::phone::Dialler`].
#[derive(Clone)]
pub(in crate::phone) struct Outgoing {
    line: Arc<Shared>,
}

/// Whereto and by which way.
struct Way {
    uri: String,
    peers: Vec<SocketAddr>,
    transport: Transport,
    headers: Vec<(String, String)>,
}

impl Outgoing {
    pub(super) fn new(line: Arc<Shared>) -> Self {
        Self { line }
    }

    pub(in crate::phone) fn has_exchange(&self) -> bool {
        self.line.pbx.is_some()
    }

    pub(in crate::phone) async fn call(
        &self,
        whom: &Dialable,
        ring: Duration,
        rang: oneshot::Sender<()>,
    ) -> Result<LiveCall, DialError> {
        if self.line.closing.is_cancelled() {
            return Err(DialError::Line("the line was shut down".into()));
        }
        let Way { uri, peers, transport, headers } = match (whom.sip(), &self.line.pbx) {
            (Some(uri), _) => self.directly(uri).await?,
            (None, Some(pbx)) => self.through(pbx, whom.number()).await?,
            (None, None) => {
                return Err(DialError::Line("no telephone system to call out by: [line.pbx]".into()));
            }
        };
        let address = |why: String| DialError::Address { uri: uri.clone(), why };
        let target = parse_uri(&uri).map_err(|e| address(e.to_string()))?;
        let allowed = peers.iter().find(|peer| self.line.stack.gate.knows(peer.ip()));
        // Its answers would be dropped at the gate.
        let peer = *allowed.ok_or_else(|| address("its host is not among line.allow".into()))?;
        let transport = transport_of(&target).unwrap_or(transport);
        let number = self.line.pbx.as_ref().map_or(OWN_USER.into(), |pbx| pbx.extension.clone());
        let options = DialOptions {
            codecs: self.line.codecs.clone(),
            number,
            display: Some("NightDesk".into()),
            transport,
            timeout: ring,
            credentials: None,
            headers,
        };
        let progress = Progress { rang: Some(rang), silence_max: SILENCE_MAX.min(ring) };
        place(self.line.clone(), Order { target, peer, transport, options, progress }).await
    }

    async fn directly(&self, uri: &str) -> Result<Way, DialError> {
        let address = |why: String| DialError::Address { uri: uri.to_owned(), why };
        let target = parse_uri(uri).map_err(|e| address(e.to_string()))?;
        let port = target.host_with_port.port.as_ref().map_or(5060, |p| p.0);
        let found = self.line.stack.resolve(&target.host_with_port.host.to_string(), port).await;
        let peers = found.map_err(|e| address(e.to_string()))?;
        let listens_to_datagrams = !self.line.stack.udp_addrs.is_empty();
        let transport = if listens_to_datagrams { Transport::Udp } else { Transport::Tcp };
        Ok(Way { uri: uri.to_owned(), peers, transport, headers: Vec::new() })
    }

    async fn through(&self, pbx: &PbxAccount, number: &PhoneNumber) -> Result<Way, DialError> {
        let uri = format!("sip:{}@{}", dialled(pbx, number), domain(pbx));
        let (host, port) = match &pbx.outbound_proxy {
            Some(proxy) => host_and_port(proxy),
            None => (pbx.host.clone(), pbx.port),
        };
        let peers = self.line.stack.resolve(&host, port).await.map_err(|e| DialError::Line(e.to_string()))?;
        let proxy = pbx.outbound_proxy.as_ref().and(peers.first());
        let headers =
            proxy.map(|peer| ("Route".to_owned(), format!("<sip:{peer};lr>"))).into_iter().collect();
        Ok(Way { uri, peers, transport: pbx.transport, headers })
    }
}

/// The number as this PBX wants it dialled.
fn dialled(pbx: &PbxAccount, number: &PhoneNumber) -> String {
    let whole = number.e164();
    let digits = whole.trim_start_matches('+');
    let written = match pbx.dial {
        DialForm::E164 => whole,
        DialForm::Digits => digits,
        DialForm::National => digits.strip_prefix('1').filter(|rest| rest.len() == 10).unwrap_or(digits),
    };
    format!("{}{written}", pbx.dial_prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(dial: DialForm, dial_prefix: &str, number: &str, expected: &str) {
        let pbx = PbxAccount {
            host: "pbx".into(),
            port: 5060,
            transport: Transport::Udp,
            extension: "299".into(),
            auth_id: None,
            password: "x".into(),
            outbound_proxy: None,
            expires_s: 60,
            dial,
            dial_prefix: dial_prefix.into(),
            refer: true,
        };
        assert_eq!(dialled(&pbx, &number.parse().expect("a number")), expected);
    }

    #[test]
    fn numbers_are_dialled_as_the_pbx_wants_them() {
        check(DialForm::E164, "", "+15558870002", "+15558870002");
        check(DialForm::Digits, "9", "+15558870002", "915558870002");
        check(DialForm::National, "", "+15558870002", "5558870002");
        check(DialForm::National, "0", "+442079460000", "0442079460000");
    }
}
