//! The box: everything started in the order that lets it answer first, and stopped so that nothing is lost.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use call::{PromptFault, Prompts};
use domain::{LeadId, Turn};
use followup::{cut_call_facts, lead_card};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, JoinSet},
    time::{MissedTickBehavior, interval, timeout},
};
use triage::{Context, NoModel, Runbook, run_turn};

use super::{
    clock::WallClock,
    cloud::Cloud,
    hold_music, ids,
    judgement::decision_on_record,
    ladder::{self, NoLine, PagingLines, VoicePages},
    news::{News, NewsDesk},
    outbox::{Outbox, Routes},
    panel::{self, PanelDesk},
    parts::{Business, Office, Parts},
    settings,
    take_call::take_call,
    thinking,
    voice_page::TechPhone,
    watchdog::Watchdog,
};
use crate::{
    config::{Config, RunbookFile, Shop},
    phone::{Line, LineEvent, Registration},
    store::{Retention, Store},
    workers::{Hearing, HearingState, Thinking, Voices},
};

/// After the line is closed, running calls have this long to store their cards.
const FAREWELL: Duration = Duration::from_secs(15);
/// Old recordings and transcripts are looked for this often.
const FORGET_EVERY: Duration = Duration::from_secs(6 * 3600);

/// A running box.
pub(crate) struct NightBox {
    pub(crate) parts: Parts,
    pub(crate) line: Line,
    events: mpsc::Receiver<LineEvent>,
    /// The ladder, with the outbox inside of it.
    ladder: JoinHandle<()>,
    /// Lamp, alarm and button.
    front: JoinHandle<()>,
}

impl NightBox {
    /// Starts every part. The line answers when this returns; the models may still be loading.
    ///
    /// # Errors
    /// A port that is taken, a prompt file or runbook that is wrong: the text says what to change.
    /// A data folder that cannot be used is no error: the phone is answered all the same, loudly.
    pub(crate) async fn start(config: Config, clock: WallClock, routes: Routes) -> anyhow::Result<Self> {
        let businesses = config.shops.iter().map(business).collect::<anyhow::Result<Vec<_>>>()?;
        let (store, is_kept) = open_store(&config)?;
        let (lines, inbox) = PagingLines::new();
        // First: a port that is taken is told at once. Calls wait until they are read.
        let (line, events) = Line::start(settings::line(&config)).await?;
        let voice = Voices::start(settings::voice(&config), settings::spanish_voice(&config));
        let people = || config.shops.iter().flat_map(|shop| &shop.oncall.roster.people);
        let tech_phone = TechPhone {
            dialler: line.dialler(),
            voice: voice.clone(),
            store: store.clone(),
            clock: clock.clone(),
            direct: people().any(|person| person.sip.is_some()),
        };
        let parts = Parts {
            hearing: Hearing::start(settings::hearing(&config)),
            thinking: Thinking::start(&settings::thinking(&config)),
            cloud: Cloud::open(&config, &store, &clock),
            voice,
            hold_music: hold_music::piece(config.voice.recordings_folder.as_deref()),
            businesses: businesses.into(),
            config: Arc::new(config),
            store,
            clock,
            news: NewsDesk::default(),
            lines,
            tech_phone,
            panel: PanelDesk::default(),
        };
        // first of all: a relay that the last run left on ends now
        let front = tokio::spawn(panel::show(parts.clone()));
        if let Err(error) = parts.store.remember_shops(settings::shop_records(&parts.config)).await {
            tracing::warn!(%error, "the shops in force could not be stored");
        }
        tokio::spawn(thinking::read_runbooks(parts.clone()));
        tokio::spawn(parts.cloud.clone().check());
        close_cut_calls(&parts).await;
        let outbox = Outbox::start(&parts.office(), routes).await;
        let rings = Arc::new(parts.tech_phone.clone());
        let ladder = tokio::spawn(ladder::run(parts.office(), inbox, outbox, rings));
        for socket in line.udp_addrs().iter().chain(line.tcp_addrs()) {
            tracing::info!(listening_at = %socket, "waiting for calls");
        }
        tokio::spawn(watch_hearing(parts.clone(), is_kept));
        Ok(Self { parts, line, events, ladder, front })
    }

    /// Takes calls until `stop` is ready, then says goodbye to the PBX and lets running calls store their cards.
    pub(crate) async fn run(self, stop: impl Future<Output = ()>) {
        let Self { parts, line, mut events, ladder, front } = self;
        let mut calls = JoinSet::new();
        let forgetting = tokio::spawn(forget_old(parts.clone()));
        let watchdog = Watchdog::of_this_process();
        let mut heartbeat = interval(watchdog.every());
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        watchdog.ready();
        tokio::pin!(stop);
        loop {
            let count = u32::try_from(calls.len()).unwrap_or(u32::MAX);
            parts.panel.set(|panel| panel.calls = count);
            tokio::select! {
                () = &mut stop => break,
                _ = heartbeat.tick() => watchdog.alive(),
                event = events.recv() => match event {
                    Some(LineEvent::Incoming(incoming)) => {
                        calls.spawn(take_call(parts.clone(), incoming));
                    }
                    Some(LineEvent::Registration(state)) => registration(&parts, state),
                    None => break,
                },
                Some(ended) = calls.join_next() => {
                    if ended.is_err() {
                        tracing::error!("a call ended by a fault of ours; its turns and pages are on disk");
                    }
                }
            }
        }
        watchdog.stopping();
        forgetting.abort();
        line.shutdown().await;
        let farewell = async { while calls.join_next().await.is_some() {} };
        if timeout(FAREWELL, farewell).await.is_err() {
            tracing::error!("some calls did not end in time; they are closed as cut at the next start");
        }
        // last: the end of a call may page. What is on its way is known as unsure at the next start.
        ladder.abort();
        front.abort();
    }
}

/// Ladder and outbox without a line, for a rehearsal while no daemon runs. Abort the task to stop.
///
/// # Errors
/// A prompt file or runbook that is wrong.
pub(crate) async fn ladder_alone(
    config: Config,
    store: Store,
    clock: WallClock,
    routes: Routes,
) -> anyhow::Result<JoinHandle<()>> {
    let businesses = config.shops.iter().map(business).collect::<anyhow::Result<Vec<_>>>()?;
    let (lines, inbox) = PagingLines::new();
    let office = Office {
        businesses: businesses.into(),
        store,
        clock,
        news: NewsDesk::default(),
        lines,
        panel: PanelDesk::default(),
    };
    let outbox = Outbox::start(&office, routes).await;
    Ok(tokio::spawn(ladder::run(office, inbox, outbox, Arc::new(NoLine))))
}

/// Tells the panel how the recogniser stands, until the program ends.
async fn watch_hearing(parts: Parts, is_kept: bool) {
    let settled = parts.hearing.settled().await;
    parts.panel.set(|panel| {
        panel.ready = true;
        panel.fault = !is_kept || matches!(settled, HearingState::Dead(_));
    });
}

/// Renders every sentence of every business that is not in the cache yet.
pub(crate) async fn prepare_voice(parts: Parts, progress: impl Fn(usize, usize) + Send + Sync + 'static) {
    let pages = parts.tech_phone.has_line().then(followup::briefing::fixed_sentences).unwrap_or_default();
    let english = parts.businesses.iter().flat_map(|b| b.prompts.fixed_texts()).chain(pages).collect();
    let spanish = parts.businesses.iter().flat_map(|b| b.spanish.fixed_texts()).collect();
    if let Err(error) = parts.voice.prepare(english, spanish, progress).await {
        tracing::error!(%error, "not every sentence could be rendered; what is missing is rendered when needed");
    }
}

/// One business, ready to answer.
///
/// # Errors
/// A prompt file or runbook that is wrong.
pub(crate) fn business(shop: &Shop) -> anyhow::Result<Arc<Business>> {
    let all = |faults: Vec<PromptFault>| {
        anyhow::anyhow!(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    };
    let mut prompts = Prompts::english(&shop.profile).map_err(all)?;
    let spanish = Prompts::spanish(&shop.profile).map_err(all)?;
    let runbook = shop.runbook.as_ref().map(runbook).transpose()?.unwrap_or_default();
    warm_up(shop, &runbook);
    prompts.also_say(runbook.scripted_answers.iter().flat_map(|answer| answer.steps.clone()));
    Ok(Arc::new(Business {
        shop: shop.clone(),
        prompts: Arc::new(prompts),
        spanish: Arc::new(spanish),
        runbook: Arc::new(runbook),
    }))
}

/// The rules are compiled at their first use: not in front of a caller.
fn warm_up(shop: &Shop, runbook: &Runbook) {
    let noon = jiff::civil::DateTime::default();
    let context = Context::at(noon, shop.profile.trade);
    run_turn(&[Turn::caller("hello, my water heater leaks")], &context, runbook, &NoModel);
}

fn runbook(file: &RunbookFile) -> anyhow::Result<Runbook> {
    if !file.yaml {
        return Ok(Runbook::plain_text(&file.text));
    }
    Runbook::parse_yaml(&file.text, &file.path.display().to_string()).map_err(|faults| {
        anyhow::anyhow!(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

/// The memory, and whether it outlives a power cut.
fn open_store(config: &Config) -> anyhow::Result<(Store, bool)> {
    let (store, is_kept) = match Store::open(&config.data_dir) {
        Ok(store) => (Ok(store), true),
        Err(error) => {
            tracing::error!(%error, "the data folder cannot be used: calls are answered, but nothing is kept");
            (Store::open_temporary(), false)
        }
    };
    let store = store.context("neither the data folder nor a temporary one can be used")?;
    if let Some(aside) = store.set_aside() {
        tracing::error!(?aside, "the database was damaged; it was kept aside and a new one begun");
    }
    Ok((store, is_kept))
}

/// Gives every call that a power cut interrupted its card.
async fn close_cut_calls(parts: &Parts) {
    let cut = match parts.store.close_cut_calls().await {
        Ok(cut) => cut,
        Err(error) => return tracing::error!(%error, "interrupted calls could not be closed"),
    };
    for call in cut {
        let turns = parts.store.turns(call.id).await.unwrap_or_default();
        let business = parts.business(&call.profile_id);
        let mut facts =
            cut_call_facts(call.id, &call.profile_id, call.caller.clone(), call.called_at, &turns);
        facts.decision = business.and_then(|b| decision_on_record(&b, &turns, call.called_at));
        facts.recording = call.recording.clone();
        // A page may have reached the disk before the words that caused it.
        if let Some(page) = parts.store.alert_of_call(call.id).await.ok().flatten() {
            facts.emergency = true;
            facts.name = page.alert.caller_name;
            facts.address = page.alert.address;
            if facts.statements.is_empty() {
                facts.statements.push(page.alert.issue_summary);
            }
        }
        let (unix_ms, random) = ids::seed(parts.clock.now());
        let card = lead_card(LeadId::new(unix_ms, random), facts);
        tracing::warn!(call = %call.id, "a call was cut by the last stop; its card says so");
        super::after_call::remember(parts, call, Some(card), None).await;
    }
}

fn registration(parts: &Parts, state: Registration) {
    match &state {
        Registration::Registered { expires_s } => tracing::info!(expires_s, "registered with the PBX"),
        Registration::Refused { code, reason, retry_in } => {
            tracing::error!(code, reason, retry_s = retry_in.as_secs(), "the PBX refuses the registration");
        }
        Registration::Unreachable { reason, retry_in } => {
            tracing::warn!(reason, retry_s = retry_in.as_secs(), "the PBX is not reachable");
        }
        Registration::Off => tracing::info!("no registration: direct calls only"),
    }
    let lost = matches!(state, Registration::Refused { .. } | Registration::Unreachable { .. });
    parts.panel.set(|panel| panel.pbx_lost = lost);
    parts.news.tell(News::Line(state));
}

async fn forget_old(parts: Parts) {
    let keep = parts.config.retention;
    let keep = Retention { recordings_days: keep.recordings_days, transcripts_days: keep.transcripts_days };
    loop {
        match parts.store.forget_old(keep, parts.clock.now()).await {
            Ok(forgotten) => tracing::debug!(?forgotten, "retention"),
            Err(error) => tracing::warn!(%error, "old recordings could not be deleted"),
        }
        tokio::time::sleep(FORGET_EVERY).await;
    }
}
