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
    /// One part instead of all.
    pub(crate) only: Option<Part>,
}

/// The parts of a bench, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// From the caller's last sound to our first.
    Replies,
    /// From the caller's first sound to our silence.
    Interruptions,
    /// Emergency words inside a long sentence.
    Early,
    /// Many calls at once.
    Load,
    /// Resident memory.
    Memory,
    /// Recogniser files of real models' shapes.
    Shapes,
}

impl std::str::FromStr for Part {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Ok(match name {
            "replies" => Self::Replies,
            "interruptions" => Self::Interruptions,
            "early" => Self::Early,
            "load" => Self::Load,
            "memory" => Self::Memory,
            "shapes" => Self::Shapes,
            other => {
                let parts = "replies, interruptions, early, load, memory or shapes";
                return Err(format!("there is no part {other:?}; write {parts}"));
            }
        })
    }
}

impl Plan {
    fn wants(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }
}

/// Runs what the plan wants; `say` gets a line before each part. What was not measured is zero or empty.
pub(crate) async fn run(plan: &Plan, say: impl Fn(&str)) -> anyhow::Result<Figures> {
    let folder = tempfile::tempdir().context("no folder for temporary files")?;
    let mut figures = Figures { machine: Machine::here(), ..Figures::default() };
    if [Part::Replies, Part::Interruptions, Part::Early, Part::Load].into_iter().any(|p| plan.wants(p)) {
        say("starting a box; the voice renders its sentences once");
        let rig = Rig::start(folder.path()).await?;
        calls(plan, &rig, &mut figures, &say).await?;
        rig.stop().await;
    }
    if plan.wants(Part::Memory) {
        say("memory of a box of its own");
        match memory::of_a_box(folder.path()).await {
            Ok(memory) => figures.memory(memory),
            Err(error) => say(&format!("memory could not be measured: {error:#}")),
        }
    }
    if let Some(folder) = plan.shapes.as_ref().filter(|_| plan.wants(Part::Shapes)) {
        say("recogniser files of the shapes of tiny.en and base.en");
        figures.shapes = shapes::measure(folder).await?;
    }
    Ok(figures)
}

/// The parts that need a running box.
async fn calls(plan: &Plan, rig: &Rig, figures: &mut Figures, say: &impl Fn(&str)) -> anyhow::Result<()> {
    if plan.wants(Part::Replies) {
        say(&format!("reply latency over {} turns", plan.turns));
        figures.replies(talk::replies(rig, plan.turns).await?);
    }
    if plan.wants(Part::Interruptions) {
        say(&format!("{} interruptions", plan.interruptions));
        figures.barge_ins(talk::barge_ins(rig, plan.interruptions).await?);
    }
    if plan.wants(Part::Early) {
        say("emergency words inside a long sentence");
        figures.emergencies(talk::early_emergencies(rig).await?);
    }
    if plan.wants(Part::Load) {
        say(&format!("{} calls at the same time, two of them talking", plan.calls_at_once));
        figures.load = load::calls_at_once(rig, plan.calls_at_once).await?;
    }
    Ok(())
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
