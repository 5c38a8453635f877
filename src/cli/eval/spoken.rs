//! Openings as the recogniser hears them: synthesis → telephone band → G.711 over RTP → recogniser → text. Kept in a
//! file, so that it need not be done again.

use std::{fmt::Write as _, net::SocketAddr, path::Path, process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use domain::Language;
use media::{Codec, FRAME, FRAME_SAMPLES, Inbound, InboundPlan, Outbound};
use triage::eval::{Case, noise::word_error_rate, parse};

use super::{Args, sets::OPENINGS};
use crate::{
    app::transcribe,
    cli::run::runtime,
    workers::{Hearing, HearingConfig, HearingState, Voice, VoiceConfig, VoiceState, models},
};

/// For one sentence.
const SAY_DEADLINE: Duration = Duration::from_secs(30);
/// A telephone line carries nothing below, in Hz.
const BAND_FROM_HZ: f32 = 300.0;
/// What stands for a turn of which nothing was heard.
const NOTHING: &str = "…";
const COLUMNS: &str = "id author split profile local expected issue service category language turns";

/// Speaks and hears `limit` openings (0: all), and writes what was heard.
pub(super) fn run(args: &Args, limit: usize) -> anyhow::Result<ExitCode> {
    crate::cli::output::start_logging_at("warn");
    let openings = parse(OPENINGS).map_err(|faults| anyhow::anyhow!("openings.tsv:{}", faults[0]))?;
    // The shipped voices and the shipped recogniser speak English.
    let all: Vec<(&Case, &str)> =
        openings.iter().zip(lines(OPENINGS)).filter(|(case, _)| case.language == Language::English).collect();
    // Spread over the file, because its kinds of calls stand together.
    let wanted: Vec<(&Case, &str)> = match limit {
        0 => all,
        some => all.iter().step_by((all.len() / some).max(1)).take(some).copied().collect(),
    };
    let model = models::locate(&args.model, &models::folders(None));
    let heard = runtime()?.block_on(hear_all(&wanted, &model, &args.voices))?;
    let (mut wrong, mut words) = (0.0, 0.0);
    let mut rows = String::new();
    for ((case, line), heard) in wanted.iter().zip(&heard) {
        let said = case.turns.join(" ");
        let length = said.split_whitespace().count() as f64;
        wrong += word_error_rate(&said, heard) * length;
        words += length;
        let labels = line.rsplit_once('\t').map_or("", |(labels, _)| labels);
        let heard = if heard.is_empty() { NOTHING } else { heard };
        writeln!(rows, "{labels}\t{}", heard.replace(['|', '\t'], " "))?;
    }
    let text = format!(
        "# What {} heard of {} openings, spoken by flite ({}) over a G.711 line, on {}: {:.0} % of the words wrong.\n\
         # Written by `nightdesk eval --spoken {limit}`; the ids are those of openings.tsv.\n# columns: {COLUMNS}\n{rows}",
        args.model,
        wanted.len(),
        args.voices.join(", "),
        jiff::Zoned::now().date(),
        100.0 * wrong / words.max(1.0),
    );
    std::fs::write(&args.spoken_file, text)
        .with_context(|| format!("cannot write {}", args.spoken_file.display()))?;
    eprintln!(
        "{} openings heard, {:.1} % of the words wrong; written: {}",
        wanted.len(),
        100.0 * wrong / words.max(1.0),
        args.spoken_file.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// The lines that are calls, in order.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

async fn hear_all(wanted: &[(&Case, &str)], model: &Path, voices: &[String]) -> anyhow::Result<Vec<String>> {
    let folder = tempfile::tempdir().context("no folder for temporary files")?;
    let hearing = Hearing::start(HearingConfig::new(model));
    if let HearingState::Dead(why) = hearing.settled().await {
        bail!("{why}");
    }
    let mut speakers = Vec::new();
    for voice in voices {
        let config =
            VoiceConfig { voice: Some(voice.clone()), ..VoiceConfig::new(folder.path().join(voice)) };
        let speaker = Voice::start(config);
        if let VoiceState::Dead(why) = speaker.settled().await {
            bail!("{why}");
        }
        speakers.push(speaker);
    }
    let mut heard = Vec::new();
    for (number, (case, _)) in wanted.iter().enumerate() {
        let voice = &speakers[number % speakers.len()];
        let mut text = Vec::new();
        for turn in case.turns.iter().filter(|turn| !turn.starts_with('>')) {
            let sound = voice.say(turn, true, SAY_DEADLINE).await?;
            let line = media::resample(&over_the_line(&sound), media::SAMPLE_RATE, 8000);
            let lines = transcribe::side(&hearing, "caller", &line).await;
            text.extend(lines.into_iter().map(|line| line.text));
        }
        heard.push(text.join(" "));
        if (number + 1) % 50 == 0 {
            eprintln!("  {} of {}", number + 1, wanted.len());
        }
    }
    Ok(heard)
}

/// Sound at 16 kHz as it arrives over a line with µ-law packets.
fn over_the_line(sound: &[i16]) -> Vec<i16> {
    let codec = Codec::Pcmu;
    let remote = SocketAddr::from(([127, 0, 0, 1], 4000));
    let plan = InboundPlan { codec, payload_type: codec.payload_type(), key_payload_type: None, remote };
    let (mut inbound, mut outbound) =
        (Inbound::new(plan), Outbound::new(codec, codec.payload_type(), 1, 1, 160));
    let band = telephone_band(sound);
    // The jitter buffer gives the last frames out a little later.
    let silent = [0i16; FRAME_SAMPLES * 20];
    let mut now = Duration::ZERO;
    let mut arrived = Vec::with_capacity(band.len() + silent.len());
    for chunk in band.chunks(FRAME_SAMPLES).chain(silent.chunks(FRAME_SAMPLES)) {
        let mut frame = [0i16; FRAME_SAMPLES];
        frame[..chunk.len()].copy_from_slice(chunk);
        let (packet, _) = outbound.packet(&frame);
        inbound.packet(remote, &packet, now);
        arrived.extend(inbound.frame(now).samples);
        now += FRAME;
    }
    arrived
}

/// Takes away what lies below the telephone band: two simple high passes. The upper edge comes with 8 kHz.
fn telephone_band(sound: &[i16]) -> Vec<i16> {
    let keep = 1.0 / (1.0 + std::f32::consts::TAU * BAND_FROM_HZ / media::SAMPLE_RATE as f32);
    let mut band: Vec<f32> = sound.iter().map(|s| f32::from(*s)).collect();
    for _ in 0..2 {
        let (mut before, mut out) = (0.0, 0.0);
        for sample in &mut band {
            out = keep * (out + *sample - before);
            before = std::mem::replace(sample, out);
        }
    }
    band.into_iter().map(|s| s.clamp(-32_768.0, 32_767.0) as i16).collect()
}
