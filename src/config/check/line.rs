//! `[line]` and `[line.pbx]`.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::RangeInclusive,
};

use media::Codec;

use super::{
    super::{
        checked::{LineSettings, Listen, NetRange, PbxSettings, PbxTransport, Secret},
        fault::Place,
        raw::{self, At},
    },
    Check,
};

/// Ports for sound: 100 calls.
const RTP_PORTS: RangeInclusive<u16> = 16_384..=16_583;

impl Check<'_, '_> {
    pub(super) fn line(&mut self, written: &raw::Line) -> Option<LineSettings> {
        let pbx = written.pbx.as_ref().map(|p| self.pbx(p));
        let listen = self.listen(written);
        let codecs = self.codecs(written.codecs.as_ref());
        let transports = [("udp", Listen::Udp), ("tcp", Listen::Tcp), ("both", Listen::Both)];
        let busy_limit = self.whole(&written.busy_limit, 1..=64, "calls at the same time", 16);
        let settings = LineSettings {
            transport: self.one_of(&written.transport, &transports, Listen::Both),
            allow: self.allow(written.allow.as_ref()),
            codecs,
            busy_limit,
            advertised: self.read(
                written.advertised.as_ref(),
                str::parse,
                "an address without port, such as \"192.168.1.20\", or leave the line out",
            ),
            rtp_ports: self.rtp_ports(written.rtp_ports.as_ref(), &listen, busy_limit),
            listen,
            pbx: None,
        };
        match pbx {
            Some(pbx) => Some(LineSettings { pbx: Some(pbx?), ..settings }),
            None => Some(settings),
        }
    }

    fn listen(&mut self, written: &raw::Line) -> Vec<SocketAddr> {
        let everywhere = vec![SocketAddr::from((Ipv4Addr::UNSPECIFIED, 5060))];
        let Some(list) = &written.listen else { return everywhere };
        if list.value.is_empty() {
            self.faults.error(&list.place, "line.listen is empty", "listen = [\"0.0.0.0:5060\"]");
        }
        let example = "address and port: \"0.0.0.0:5060\" (IPv4, everywhere) or \"[::]:5060\" (IPv6)";
        list.value.iter().filter_map(|one| self.read(Some(one), str::parse, example)).collect()
    }

    fn codecs(&mut self, written: Option<&At<Vec<At<String>>>>) -> Vec<Codec> {
        let words = [("g722", Codec::G722), ("pcmu", Codec::Pcmu), ("pcma", Codec::Pcma)];
        let Some(list) = written else { return words.map(|(_, codec)| codec).to_vec() };
        if list.value.is_empty() {
            let what = "line.codecs is empty: no call could have sound";
            self.faults.error(&list.place, what, "codecs = [\"g722\", \"pcmu\", \"pcma\"]");
        }
        let mut codecs = Vec::new();
        for one in &list.value {
            if let Some(codec) = self.word(&one.value.to_lowercase(), &one.place, &words)
                && !codecs.contains(&codec)
            {
                codecs.push(codec);
            }
        }
        codecs
    }

    fn allow(&mut self, written: Option<&At<Vec<At<String>>>>) -> Vec<NetRange> {
        let example = "an address or a network: \"192.168.1.10\" or \"192.168.1.0/24\"";
        let list = written.map(|l| l.value.as_slice()).unwrap_or_default();
        list.iter().filter_map(|one| self.read(Some(one), net_range, example)).collect()
    }

    fn rtp_ports(
        &mut self,
        written: Option<&At<String>>,
        listen: &[SocketAddr],
        busy_limit: usize,
    ) -> RangeInclusive<u16> {
        let Some(ports) = self.read(written, port_range, "first and last port: \"16384-16583\"") else {
            return RTP_PORTS;
        };
        let Some(At { place, .. }) = written else { return RTP_PORTS };
        if ports.len() < 2 * busy_limit {
            self.faults.error(
                place,
                format!(
                    "line.rtp_ports has {} ports, but {busy_limit} calls need {}",
                    ports.len(),
                    2 * busy_limit
                ),
                "a wider range, or a lower line.busy_limit",
            );
        }
        if let Some(sip) = listen.iter().find(|l| ports.contains(&l.port())) {
            let what =
                format!("line.rtp_ports contains port {}, where line.listen expects calls", sip.port());
            self.faults.error(place, what, "a range without it, such as \"16384-16583\"");
        }
        ports
    }

    fn pbx(&mut self, At { value: written, place: at }: &At<raw::Pbx>) -> Option<PbxSettings> {
        let host = self.required(at, "host", &written.host, "192.168.1.10");
        let host = self.read(host, host_name, "a name or an address without port: \"192.168.1.10\"");
        let extension = self.required(at, "extension", &written.extension, "299");
        let extension = self.read(extension, user_name, "the extension alone: \"299\"");
        let transports = [("udp", PbxTransport::Udp), ("tcp", PbxTransport::Tcp)];
        let settings = (
            self.whole(&written.port, 1..=65_535, "port", 5060u16),
            self.one_of(&written.transport, &transports, PbxTransport::Udp),
            self.text(&written.auth_id).map(|a| a.value.clone()),
            self.read(
                written.outbound_proxy.as_ref(),
                proxy,
                "\"proxy.example.com\" or \"192.168.1.1:5060\"",
            ),
            self.whole(&written.expires_s, 60..=86_400, "seconds", 300u32),
        );
        let password = self.password(written, at);
        let (port, transport, auth_id, outbound_proxy, expires_s) = settings;
        Some(PbxSettings {
            host: host?,
            port,
            transport,
            extension: extension?,
            auth_id,
            password: password?,
            outbound_proxy,
            expires_s,
        })
    }

    fn password(&mut self, written: &raw::Pbx, section: &Place) -> Option<Secret> {
        let advice =
            "password_file = \"pbx-password\": a file beside this one with the password in its first line";
        match (&written.password_file, &written.password) {
            (Some(file), Some(_)) => {
                self.faults.error(&file.place, "both password_file and password are given", advice);
                None
            }
            (Some(file), None) => self.password_file(file),
            (None, Some(inline)) => {
                self.faults.warn(&inline.place, "the password stands in the configuration itself", advice);
                self.text(&written.password).map(|p| Secret(p.value.clone()))
            }
            (None, None) => {
                let place = section.below("password_file", section.span.clone());
                self.faults.error(&place, "line.pbx.password_file is missing", advice);
                None
            }
        }
    }

    fn password_file(&mut self, file: &At<String>) -> Option<Secret> {
        let path = self.around.path(&file.value);
        match self.around.secret(&file.value) {
            Err(error) => {
                let what = format!("the password file {} cannot be read: {error}", path.display());
                let advice = "the path of a file with the password in its first line, relative to this file";
                self.faults.error(&file.place, what, advice);
                None
            }
            Ok((text, open_to_all)) => {
                if open_to_all {
                    let what = format!("everybody on this machine may read {}", path.display());
                    self.faults.warn(
                        &file.place,
                        what,
                        format!("in a terminal: chmod 640 {}", path.display()),
                    );
                }
                let password = text.lines().next().unwrap_or_default().trim();
                if password.is_empty() || text.trim().lines().count() > 1 {
                    let what = format!("{} must hold one line: the password", path.display());
                    self.faults.error(&file.place, what, "the password in the first line, nothing else");
                    return None;
                }
                Some(Secret(password.to_owned()))
            }
        }
    }
}

pub(super) fn host_name(text: &str) -> Result<String, &'static str> {
    if text.parse::<IpAddr>().is_ok() {
        return Ok(text.to_owned());
    }
    if text.contains(':') {
        return Err("a port or \"sip:\" does not belong here");
    }
    let fine =
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if fine { Ok(text.to_owned()) } else { Err("not the name or address of a machine") }
}

fn proxy(text: &str) -> Result<String, &'static str> {
    if text.parse::<SocketAddr>().is_ok() {
        return Ok(text.to_owned());
    }
    let (host, port) = text.rsplit_once(':').unwrap_or((text, "5060"));
    match port.parse::<u16>() {
        Ok(1..) => host_name(host).map(|_| text.to_owned()),
        _ => Err("not a machine, or a machine and a port"),
    }
}

fn user_name(text: &str) -> Result<String, &'static str> {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '*' | '#');
    if text.chars().all(fine) { Ok(text.to_owned()) } else { Err("not an extension") }
}

fn port_range(text: &str) -> Result<RangeInclusive<u16>, &'static str> {
    let (first, last) = text.split_once('-').ok_or("not two ports with a dash between them")?;
    let port = |p: &str| p.trim().parse::<u16>().map_err(|_| "a port is a number from 1024 to 65535");
    let (first, last) = (port(first)?, port(last)?);
    if first < 1024 {
        return Err("ports below 1024 belong to the system");
    }
    if last <= first { Err("the last port must be above the first") } else { Ok(first..=last) }
}

fn net_range(text: &str) -> Result<NetRange, &'static str> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
    let address: IpAddr = address.parse().map_err(|_| "not an address (names are not allowed here)")?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        None => most,
        Some(p) => {
            p.parse().ok().filter(|p| *p <= most).ok_or("the number after / is 0 to 32, for IPv6 to 128")?
        }
    };
    Ok(NetRange { address, prefix })
}
