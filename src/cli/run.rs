//! `nightdesk run`: the box at work.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

use super::output::{load_config, start_logging};
use crate::{
    app::{NightBox, Parts, Routes, WallClock, console, prepare_voice},
    workers::HearingState,
};

/// Answer the phone as the configuration says.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The configuration file.
    #[arg(long, default_value = "nightdesk.toml")]
    config: PathBuf,
    /// Show the calls live on the terminal, words included. The log never holds them.
    #[arg(long)]
    live: bool,
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    start_logging();
    let Some(config) = load_config(&args.config) else { return Ok(ExitCode::FAILURE) };
    runtime()?.block_on(async {
        let night_box = NightBox::start(config, WallClock::default(), Routes::default()).await?;
        if args.live {
            tokio::spawn(console::show(night_box.parts.news.subscribe()));
        }
        tokio::spawn(tell_when_ready(night_box.parts.clone()));
        night_box.run(until_stopped()).await;
        Ok(ExitCode::SUCCESS)
    })
}

/// The line answers before this; from here on it also hears and speaks.
async fn tell_when_ready(parts: Parts) {
    prepare_voice(parts.clone(), |_, _| {}).await;
    match parts.hearing.settled().await {
        HearingState::Dead(why) => tracing::error!("ready, but deaf: {why}"),
        HearingState::Starting | HearingState::Ready | HearingState::Restarting => {
            tracing::info!("ready: hears and speaks");
        }
    }
}

/// Two threads are enough: the loop of a call is cheap, and the models live in processes of their own.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        // More than cores: whoever thinks for a while does not hold up the sound of the other calls.
        .worker_threads(4)
        .enable_all()
        .build()
        .context("the system gives no threads")
}

/// Ready on Ctrl-C and on systemd's SIGTERM.
pub(super) async fn until_stopped() {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
