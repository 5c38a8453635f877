//! `nightdesk demo`: the source's night of four calls, over real SIP, RTP, speech and recognition.

use std::{net::UdpSocket, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use domain::Channel;
use jiff::Zoned;

use super::{
    card_text::card_text,
    output::{start_logging_at, usable},
    run::{runtime, until_stopped},
};
use crate::{
    app::{
        DemoTexts, NightBox, Routes, WallClock,
        caller::run_script,
        clips::{NIGHT, Night},
        console, prepare_voice,
    },
    config::Config,
    phone::test_phone::{DialOptions, dial},
    store::Store,
    workers::HearingState,
};

/// Where softphones expect a PBX; the demo takes the next free port above it.
const SIP_PORT: u16 = 5060;
/// No caller of the demo stays longer.
const CALL_MAX: Duration = Duration::from_secs(180);

/// Play a night of four calls over real SIP and speech, then stay up for your softphone.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// End after the night instead of waiting for your calls.
    #[arg(long)]
    once: bool,
    /// All callers at the same time.
    #[arg(long)]
    fast: bool,
    /// Where calls, cards and recordings are kept.
    #[arg(long, default_value = "demo-night")]
    data_dir: PathBuf,
    /// First SIP port to try.
    #[arg(long, default_value_t = SIP_PORT)]
    port: u16,
}

#[allow(clippy::print_stdout, reason = "the demo talks to the person in front of it")]
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    start_logging_at("warn");
    let Some(mut config) = usable(Config::embedded_demo()) else { return Ok(ExitCode::FAILURE) };
    config.data_dir.clone_from(&args.data_dir);
    let port = free_port(args.port)?;
    for address in &mut config.line.listen {
        address.set_port(port);
    }
    runtime()?.block_on(async {
        let clock = WallClock::default();
        let mut routes = Routes::default();
        routes.add(Channel::Sms, Arc::new(DemoTexts::new(clock.clone())));
        let night_box = NightBox::start(config, clock.clone(), routes).await?;
        println!("NightDesk answers on port {port}. Loading the recogniser and the voice (first run: about a minute) …");
        get_ready(&night_box).await;
        let view = tokio::spawn(console::show(night_box.parts.news.subscribe()));
        let store = night_box.parts.store.clone();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let at_work = tokio::spawn(night_box.run(async {
            stopped.await.ok();
        }));
        play_the_night(&clock, port, args.fast).await?;
        clock.run_free();
        summary(&store, &args).await;
        if !args.once {
            println!("\nThe box stays up: call sip:metro@<this machine's address>:{port} from any softphone. Ctrl-C ends it.");
            until_stopped().await;
        }
        stop.send(()).ok();
        at_work.await.context("the box ended by a fault")?;
        view.abort();
        Ok(ExitCode::SUCCESS)
    })
}

async fn get_ready(night_box: &NightBox) {
    prepare_voice(night_box.parts.clone(), |done, all| {
        if done % 25 == 0 || done == all {
            eprintln!("  voice: {done} of {all} sentences");
        }
    })
    .await;
    match night_box.parts.hearing.settled().await {
        HearingState::Dead(why) => {
            eprintln!("  recogniser: {why}; callers get the keypad menu and a recording")
        }
        HearingState::Starting | HearingState::Ready | HearingState::Restarting => {
            eprintln!("  recogniser: ready")
        }
    }
}

/// The callers phone one after the other, each at its own hour; or all at once.
async fn play_the_night(clock: &WallClock, port: u16, fast: bool) -> anyhow::Result<()> {
    let mut at_once = tokio::task::JoinSet::new();
    for night in NIGHT {
        let at: Zoned = night.at.parse().context("an hour of the night")?;
        clock.stage(at.timestamp());
        at_once.spawn(phone(night, port));
        if !fast {
            while let Some(call) = at_once.join_next().await {
                call??;
            }
        }
    }
    while let Some(call) = at_once.join_next().await {
        call??;
    }
    // The cards follow the hang-up by the time it takes to store them.
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(())
}

async fn phone(night: &Night, port: u16) -> anyhow::Result<()> {
    let options = DialOptions { number: night.number.to_string(), ..DialOptions::default() };
    let live = dial(&format!("sip:metro@127.0.0.1:{port}"), options)
        .await
        .with_context(|| format!("the call of {}", night.who))?;
    run_script(live, night.script()?, CALL_MAX).await;
    Ok(())
}

#[allow(clippy::print_stdout, reason = "the demo talks to the person in front of it")]
async fn summary(store: &Store, args: &Args) {
    println!("\n════ the night's lead cards ════");
    let calls = store.calls(NIGHT.len() as u32).await.unwrap_or_default();
    for call in calls.iter().rev() {
        match store.lead_of_call(call.id).await {
            Ok(Some(card)) => {
                let alert = store.alert_of_call(call.id).await.ok().flatten();
                println!("{}", card_text(&card, alert.as_ref(), call.utc_offset_s));
            }
            Ok(None) => println!("(no card: {:?})\n", call.status),
            Err(error) => println!("(card not readable: {error})\n"),
        }
    }
    println!("Recordings and database: {}", args.data_dir.display());
}

/// The first free UDP port from `first` on.
fn free_port(first: u16) -> anyhow::Result<u16> {
    for port in first..first.saturating_add(20) {
        if UdpSocket::bind(("0.0.0.0", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("UDP ports {first} to {} are all taken; choose another with --port", first.saturating_add(19))
}
