//! Session descriptions: what the other side offers, what we answer (RFC 3264, 8866).
//!
//! One audio line over plain RTP: PCMU, PCMA or G.722, telephone-event, 20 ms. Every other `m=` line
//! is refused with port 0. `a=rtcp`, ICE, candidates and bandwidths are ignored.

use std::net::{IpAddr, SocketAddr};

use media::Codec;
use sdp_types::{AddrType, Connection, Media, NetType, Origin, Session, Time};

use crate::phone::call::MediaPlan;

/// Payload type under which we offer telephone-event.
const KEYS_PAYLOAD_TYPE: u8 = 101;

/// Which way sound flows, seen from whoever wrote the description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Direction {
    fn new(send: bool, receive: bool) -> Self {
        match (send, receive) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }

    fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    fn attribute(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    fn read(name: &str) -> Option<Self> {
        [Self::SendRecv, Self::SendOnly, Self::RecvOnly, Self::Inactive]
            .into_iter()
            .find(|d| d.attribute() == name)
    }
}

/// Why a description cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SdpFault {
    /// It does not parse: answer 400.
    #[error("the SDP is broken: {0}")]
    Broken(String),
    /// Understood, but nothing in it fits: answer 488.
    #[error("{0}")]
    Unacceptable(String),
}

impl SdpFault {
    /// The status code with which such an offer is refused.
    pub(super) fn status(&self) -> u16 {
        match self {
            Self::Broken(_) => 400,
            Self::Unacceptable(_) => 488,
        }
    }
}

/// What the other side described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remote {
    pub(super) codec: Codec,
    pub(super) payload_type: u8,
    pub(super) key_payload_type: Option<u8>,
    address: SocketAddr,
    /// Their direction; an address of 0.0.0.0 counts as "does not receive".
    direction: Direction,
    /// All their `m=` lines: ours must come back in the same number and order.
    lines: Vec<Line>,
    audio: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    media: String,
    proto: String,
    fmt: String,
}

/// Whose order of codecs decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefer {
    /// We answer: our configured order.
    Ours,
    /// They answered us: the first one they list.
    Theirs,
}

impl Remote {
    /// Reads an offer or an answer. `ours` are the codecs we speak, in our order.
    pub(super) fn read(body: &[u8], ours: &[Codec], prefer: Prefer) -> Result<Self, SdpFault> {
        let session = Session::parse(body).map_err(|e| SdpFault::Broken(e.to_string()))?;
        let audio_lines = || session.medias.iter().enumerate().filter(|(_, m)| m.media == "audio");
        if audio_lines().next().is_none() {
            return Err(SdpFault::Unacceptable("there is no audio line in the SDP".into()));
        }
        let mut last_fault = SdpFault::Unacceptable("every audio line in the SDP is disabled".into());
        for (index, media) in audio_lines().filter(|(_, m)| m.port != 0) {
            match Self::read_audio(&session, index, media, ours, prefer) {
                Ok(remote) => return Ok(remote),
                Err(fault) => last_fault = fault,
            }
        }
        Err(last_fault)
    }

    fn read_audio(
        session: &Session,
        audio: usize,
        media: &Media,
        ours: &[Codec],
        prefer: Prefer,
    ) -> Result<Self, SdpFault> {
        if media.proto != "RTP/AVP" {
            let text = format!("only RTP/AVP is supported, not {}", media.proto);
            return Err(SdpFault::Unacceptable(text));
        }
        let formats = formats(media);
        let (payload_type, codec) = choose(&formats, ours, prefer).ok_or_else(|| {
            let ours: Vec<_> = ours.iter().map(|c| c.sdp_name()).collect();
            SdpFault::Unacceptable(format!("no codec in common; this line speaks {}", ours.join(", ")))
        })?;
        let keys = |(pt, name): &(u8, String)| (name == "TELEPHONE-EVENT/8000").then_some(*pt);
        let (address, held) = address(session, media)?;
        let direction = direction(session, media);
        Ok(Self {
            codec,
            payload_type,
            key_payload_type: formats.iter().find_map(keys),
            address: SocketAddr::new(address, media.port),
            direction: Direction::new(direction.sends(), direction.receives() && !held),
            lines: session
                .medias
                .iter()
                .map(|m| Line { media: m.media.clone(), proto: m.proto.clone(), fmt: m.fmt.clone() })
                .collect(),
            audio,
        })
    }

    /// Where they want their sound.
    pub(super) fn ip(&self) -> IpAddr {
        self.address.ip()
    }

    /// What we may send and expect, when `we_hold` does not narrow it.
    pub(super) fn plan(&self, we_hold: bool) -> MediaPlan {
        MediaPlan {
            remote: self.address,
            codec: self.codec,
            payload_type: self.payload_type,
            key_payload_type: self.key_payload_type,
            send: self.direction.receives(),
            receive: self.direction.sends() && !we_hold,
        }
    }

    /// Our answer to this offer. `version` grows with every description that we send in a call.
    pub(super) fn answer(&self, local: SocketAddr, id: SdpId, we_hold: bool) -> Vec<u8> {
        let plan = self.plan(we_hold);
        let mut session = frame(local.ip(), id);
        for (index, line) in self.lines.iter().enumerate() {
            let mut media = Media {
                media: line.media.clone(),
                port: 0,
                proto: line.proto.clone(),
                fmt: line.fmt.clone(),
                ..blank_audio()
            };
            if index == self.audio {
                let formats = [(self.payload_type, self.codec)];
                let direction = Direction::new(plan.send, plan.receive);
                media.port = local.port();
                describe(&mut media, &formats, self.key_payload_type, direction);
            }
            session.medias.push(media);
        }
        text(&session)
    }
}

/// `o=` line of a call: the number stays, the version grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SdpId {
    pub(super) session: u32,
    pub(super) version: u64,
}

/// An offer of ours.
pub(super) fn offer(codecs: &[Codec], local: SocketAddr, id: SdpId, we_hold: bool) -> Vec<u8> {
    let mut media = Media { port: local.port(), ..blank_audio() };
    let formats: Vec<_> = codecs.iter().map(|c| (c.payload_type(), *c)).collect();
    describe(&mut media, &formats, Some(KEYS_PAYLOAD_TYPE), Direction::new(true, !we_hold));
    let mut session = frame(local.ip(), id);
    session.medias.push(media);
    text(&session)
}

fn blank_audio() -> Media {
    Media {
        media: "audio".into(),
        port: 0,
        num_ports: None,
        proto: "RTP/AVP".into(),
        fmt: String::new(),
        media_title: None,
        connections: Vec::new(),
        bandwidths: Vec::new(),
        key: None,
        attributes: Vec::new(),
    }
}

fn frame(local: IpAddr, id: SdpId) -> Session {
    let mut session = Session::new(Origin::with_ip_addr(id.session, id.version, local), "-");
    session.origin.username = Some("nightdesk".into());
    session.connection = Some(Connection::from_ip_addr(local));
    session.times.push(Time { start_time: 0, stop_time: 0, repeats: Vec::new() });
    session
}

fn describe(media: &mut Media, formats: &[(u8, Codec)], keys: Option<u8>, direction: Direction) {
    let numbers = formats.iter().map(|(pt, _)| *pt).chain(keys).map(|pt| pt.to_string());
    media.fmt = numbers.collect::<Vec<_>>().join(" ");
    let mut say = |name: &str, value: Option<String>| {
        media.attributes.push(sdp_types::Attribute { attribute: name.to_owned(), value });
    };
    for (pt, codec) in formats {
        say("rtpmap", Some(format!("{pt} {}/{}", codec.sdp_name(), codec.rtp_clock())));
    }
    if let Some(pt) = keys {
        say("rtpmap", Some(format!("{pt} telephone-event/8000")));
        say("fmtp", Some(format!("{pt} 0-15")));
    }
    say("ptime", Some("20".into()));
    say(direction.attribute(), None);
}

fn text(session: &Session) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing to memory cannot fail; an empty body would be refused by the other side, not by us.
    let _ = session.write(&mut out);
    out
}

/// Payload types with their names in capitals, in the order of the `m=` line.
fn formats(media: &Media) -> Vec<(u8, String)> {
    let mapped = |pt: u8| {
        media.attributes.iter().filter(|a| a.attribute == "rtpmap").find_map(|a| {
            let (number, name) = a.value.as_deref()?.split_once(' ')?;
            (number.parse() == Ok(pt)).then(|| name.trim().to_ascii_uppercase())
        })
    };
    let fixed = |pt: u8| match pt {
        0 => Some("PCMU/8000".to_owned()),
        8 => Some("PCMA/8000".to_owned()),
        9 => Some("G722/8000".to_owned()),
        _ => None,
    };
    let numbers = media.fmt.split_ascii_whitespace().filter_map(|n| n.parse::<u8>().ok());
    numbers.filter(|n| *n < 128).filter_map(|n| Some((n, mapped(n).or_else(|| fixed(n))?))).collect()
}

fn choose(formats: &[(u8, String)], ours: &[Codec], prefer: Prefer) -> Option<(u8, Codec)> {
    let is = |name: &str, codec: Codec| {
        let mut parts = name.split('/');
        // G.722's clock is 8000 by an old mistake in the RFC; some devices write the true 16000.
        parts.next() == Some(codec.sdp_name())
            && matches!((parts.next(), codec), (Some("8000"), _) | (Some("16000"), Codec::G722))
            && matches!(parts.next(), None | Some("1"))
    };
    match prefer {
        Prefer::Ours => ours.iter().find_map(|codec| {
            let (pt, _) = formats.iter().find(|(_, name)| is(name, *codec))?;
            Some((*pt, *codec))
        }),
        Prefer::Theirs => formats.iter().find_map(|(pt, name)| {
            let codec = ours.iter().find(|codec| is(name, **codec))?;
            Some((*pt, *codec))
        }),
    }
}

/// Their address, and whether it says "do not send to me" (the old way to hold).
fn address(session: &Session, media: &Media) -> Result<(IpAddr, bool), SdpFault> {
    let connection = media.connections.first().or(session.connection.as_ref());
    let connection =
        connection.ok_or_else(|| SdpFault::Broken("there is no c= line for the audio line".into()))?;
    let text = connection.connection_address.split('/').next().unwrap_or_default();
    let fits = |ip: &IpAddr| match connection.addrtype {
        AddrType::Ip4 => ip.is_ipv4(),
        AddrType::Ip6 => ip.is_ipv6(),
        AddrType::Other(_) => false,
    };
    match text.parse::<IpAddr>() {
        Ok(ip) if connection.nettype == NetType::In && fits(&ip) && !ip.is_multicast() => {
            Ok((ip, ip.is_unspecified()))
        }
        Ok(_) | Err(_) => Err(SdpFault::Unacceptable(format!(
            "the media address `{text}` is not an IP address of its kind"
        ))),
    }
}

fn direction(session: &Session, media: &Media) -> Direction {
    let find = |attributes: &[sdp_types::Attribute]| {
        attributes.iter().find_map(|a| Direction::read(&a.attribute.to_ascii_lowercase()))
    };
    find(&media.attributes).or_else(|| find(&session.attributes)).unwrap_or(Direction::SendRecv)
}

#[cfg(test)]
mod tests;
