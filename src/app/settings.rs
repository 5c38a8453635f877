//! From what the owner has set to what each part wants to know.

use crate::{
    config::{self, Config},
    phone::{LineConfig, Listen, PbxAccount, Transport},
    store::ShopRecord,
    workers::{self, HearingConfig, VoiceConfig, models},
};

/// The recogniser's settings. It steps back behind the daemon, so that sound never waits for it.
pub(crate) fn hearing(config: &Config) -> HearingConfig {
    let hearing = &config.hearing;
    let mut settings =
        HearingConfig::new(models::locate(&hearing.model, &models::folders(Some(&config.data_dir))));
    settings.memory_limit_mib = u64::from(hearing.memory_mb);
    settings.threads = hearing.threads.unwrap_or(settings.threads);
    settings
}

/// The voice's settings.
pub(crate) fn voice(config: &Config) -> VoiceConfig {
    let voice = &config.voice;
    VoiceConfig {
        engine: match voice.engine {
            config::VoiceEngine::Flite => workers::VoiceEngine::Flite,
            config::VoiceEngine::EspeakNg => workers::VoiceEngine::EspeakNg,
            config::VoiceEngine::Piper => workers::VoiceEngine::Piper,
        },
        voice: voice.voice.clone(),
        recordings: voice.recordings_folder.clone(),
        ..VoiceConfig::new(config.data_dir.join("voice"))
    }
}

/// Who speaks Spanish: latin american espeak-ng unless the owner chose otherwise. `None` where its program is not
/// installed and the owner has recorded nothing either.
pub(crate) fn spanish_voice(config: &Config) -> Option<VoiceConfig> {
    let (engine, voice) = config.voice.spanish.clone()?;
    let (engine, program, usual) = match engine {
        config::VoiceEngine::Piper => (workers::VoiceEngine::Piper, "piper", None),
        config::VoiceEngine::Flite | config::VoiceEngine::EspeakNg => {
            (workers::VoiceEngine::EspeakNg, "espeak-ng", Some("es-419".to_string()))
        }
    };
    let recordings = config.voice.recordings_folder.clone();
    if recordings.is_none() && !is_installed(program) {
        tracing::info!(
            "{program} is not installed: callers who speak Spanish are told in English to expect a call"
        );
        return None;
    }
    let cache = config.data_dir.join("voice");
    Some(VoiceConfig { engine, voice: voice.or(usual), recordings, ..VoiceConfig::new(cache) })
}

fn is_installed(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

/// What the memory keeps of the shops that are in force.
pub(crate) fn shop_records(config: &Config) -> Vec<ShopRecord> {
    let record = |shop: &config::Shop| ShopRecord {
        profile: shop.profile.clone(),
        called_number: shop.called_numbers.first().cloned(),
        business_number: shop.business_number.clone(),
        primary_phone: shop.oncall.primary_phone.clone(),
        backup: shop.oncall.backup.as_ref().map(|b| (b.name.clone(), b.phone.clone())),
        owner_phone: shop.oncall.owner_phone.clone(),
        warm_transfer: shop.oncall.warm_transfer,
        transfer_ring_s: shop.oncall.transfer_ring_s,
        step_delays_s: [
            shop.oncall.text_after_s,
            shop.oncall.call_after_s,
            shop.oncall.backup_after_s,
            shop.oncall.owner_after_s,
        ],
    };
    config.shops.iter().map(record).collect()
}

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
        allow: line.allow.iter().filter_map(|range| range.to_string().parse().ok()).collect(),
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
