//! From what the owner has set to what each part wants to know.

use crate::{
    config::{self, Config},
    phone::{LineConfig, Listen, NetRange, PbxAccount, Transport},
};

/// The line's settings.
pub(crate) fn line(config: &Config) -> LineConfig {
    let line = &config.line;
    LineConfig {
        listen: line.listen.clone(),
        transport: match line.transport {
            config::Listen::Udp => Listen::Udp,
            config::Listen::Tcp => Listen::Tcp,
            config::Listen::Both => Listen::Both,
        },
        pbx: line.pbx.as_ref().map(pbx),
        allow: line.allow.iter().map(|range| NetRange { address: range.address, prefix: range.prefix }).collect(),
        codecs: line.codecs.clone(),
        busy_limit: line.busy_limit,
        advertised: line.advertised,
        rtp_ports: line.rtp_ports.clone(),
    }
}

fn pbx(pbx: &config::PbxSettings) -> PbxAccount {
    PbxAccount {
        host: pbx.host.clone(),
        port: pbx.port,
        transport: match pbx.transport {
            config::PbxTransport::Udp => Transport::Udp,
            config::PbxTransport::Tcp => Transport::Tcp,
        },
        extension: pbx.extension.clone(),
        auth_id: pbx.auth_id.clone(),
        password: pbx.password.reveal().to_string(),
        outbound_proxy: pbx.outbound_proxy.clone(),
        expires_s: pbx.expires_s,
    }
}
