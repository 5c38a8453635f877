//! Measurements on this machine, from real calls over loopback: reply latency, barge-in, early emergencies, load, memory.
//!
//! One box runs in this process, so that its news can be timed; memory is measured on a box of its own.

mod figures;
mod load;
mod memory;
mod shapes;
mod talk;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use tokio::{sync::oneshot, task::JoinHandle};

pub(crate) use figures::{Figures, Machine};

use super::{
    NightBox, WallClock,
    caller::{Experience, Step, run_script},
    news::NewsDesk,
    outbox::Routes,
    prepare_voice,
};
use crate::{
    config::{Config, Fault},
    phone::test_phone::{DialOptions, dial},
    workers::HearingState,
};

/// What to measure.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Replies to time.
    pub(crate) turns: usize,
    /// Interruptions to time.
    pub(crate) interruptions: usize,
    /// Calls at the same time in the load test.
    pub(crate) calls_at_once: usize,
    /// Folder with recogniser files of the shapes of tiny.en and base.en, to be run as well.
    pub(crate) shapes: Option<PathBuf>,
}

/// Runs everything; `say` gets a line before each part.
pub(crate) async fn run(plan: &Plan, say: impl Fn(&str)) -> anyhow::Result<Figures> {
    let folder = tempfile::tempdir().context("no folder for temporary files")?;
    say("starting a box; the voice renders its sentences once");
    let rig = Rig::start(folder.path()).await?;
    say(&format!("reply latency over {} turns", plan.turns));
    let replies = talk::replies(&rig, plan.turns).await?;
    say(&format!("{} interruptions", plan.interruptions));
    let barge_ins = talk::barge_ins(&rig, plan.interruptions).await?;
    say("emergency words inside a long sentence");
    let emergencies = talk::early_emergencies(&rig).await?;
    say(&format!("{} calls at the same time, two of them talking", plan.calls_at_once));
    let load = load::calls_at_once(&rig, plan.calls_at_once).await?;
    rig.stop().await;
    say("memory of a box of its own");
    let memory = memory::of_a_box(folder.path()).await.unwrap_or_else(|error| {
        say(&format!("memory could not be measured: {error:#}"));
        memory::Memory::default()
    });
    let shapes = match &plan.shapes {
        Some(folder) => {
            say("recogniser files of the shapes of tiny.en and base.en");
            shapes::measure(folder).await?
        }
        None => Vec::new(),
    };
    Ok(Figures::new(Machine::here(), replies, barge_ins, emergencies, load, memory, shapes))
}

/// A box on loopback, with its voice rendered and its recogniser loaded.
pub(crate) struct Rig {
    pub(crate) news: NewsDesk,
    uri: String,
    stop: oneshot::Sender<()>,
    at_work: JoinHandle<()>,
}

impl Rig {
    pub(crate) async fn start(folder: &Path) -> anyhow::Result<Self> {
        let faults = |faults: Vec<Fault>| {
            anyhow!(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        };
        let mut config = Config::embedded_demo().map_err(faults)?;
        config.data_dir = folder.join("box");
        config.line.listen = vec!["127.0.0.1:0".parse()?];
        config.line.busy_limit = 64;
        let clock = WallClock::default();
        clock.stage("2026-02-13T03:22:00Z".parse()?);
        let night_box = NightBox::start(config, clock, Routes::default()).await?;
        prepare_voice(night_box.parts.clone(), |_, _| {}).await;
        if let HearingState::Dead(why) = night_box.parts.hearing.settled().await {
            bail!("the recogniser does not work: {why}");
        }
        let address = night_box.line.udp_addrs().first().copied().context("the box does not listen")?;
        let news = night_box.parts.news.clone();
        let (stop, stopped) = oneshot::channel();
        let at_work = tokio::spawn(night_box.run(async {
            stopped.await.ok();
        }));
        Ok(Self { news, uri: format!("sip:metro@{address}"), stop, at_work })
    }

    /// One caller's call, from dialling to its end. Every call has a number of its own: nobody is a repeat caller.
    pub(crate) async fn call(
        &self,
        number: usize,
        script: Vec<Step>,
        limit: Duration,
    ) -> anyhow::Result<Experience> {
        call(&self.uri, number, script, limit).await
    }

    pub(crate) fn uri(&self) -> &str {
        &self.uri
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).ok();
        self.at_work.await.ok();
    }
}

pub(crate) async fn call(
    uri: &str,
    number: usize,
    script: Vec<Step>,
    limit: Duration,
) -> anyhow::Result<Experience> {
    let options = DialOptions { number: format!("+1555555{number:04}"), ..DialOptions::default() };
    let live = dial(uri, options).await?;
    Ok(run_script(live, script, limit).await)
}

/// Silence at 16 kHz.
fn silence(ms: usize) -> Vec<i16> {
    vec![0; ms * 16]
}

/// Lines said without a pause between them.
fn run_together(lines: &[Arc<[i16]>]) -> Arc<[i16]> {
    let voiced = |line: &Arc<[i16]>| {
        let loud = |frame: &[i16]| media::rms_dbfs(frame) > -40.0;
        let frames: Vec<&[i16]> = line.chunks(320).collect();
        let first = frames.iter().position(|f| loud(f)).unwrap_or(0);
        let last = frames.iter().rposition(|f| loud(f)).unwrap_or(0);
        frames[first..=last].concat()
    };
    lines.iter().flat_map(voiced).collect::<Vec<i16>>().into()
}
