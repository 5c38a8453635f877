//! The loop itself.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use domain::{AckVia, Alert, AlertId, AlertState, CallId, Means, OutboxItem, StepRow};
use jiff::{SignedDuration, Timestamp};
use oncall::{Act, Case, ClockWatch, Dialable, Event, Known, Ladder, StepResult};
use tokio::{
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep},
};

use super::{CallNews, LadderInbox, LadderNews, VoicePage, VoicePages, errands, results};
use crate::{
    app::{
        duty::{Duty, channel_of},
        news::News,
        outbox::{FarNews, Outbox},
        paging,
        parts::{Business, Office},
    },
    store::{AlertStory, CallOut, Request, Turnover},
};

/// The ladder looks at its alerts at least this often: steps are due to the second.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// An alert that only waits is written this often, so that a clock that was set back is noticed after a restart.
const SEEN_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// What is known about ways to people comes from the steps of this long.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Events that could not be committed yet; the oldest are dropped, the rows still tell most of them.
const PENDING: usize = 256;

/// One event on its way into a case. `cause` names it for ever, so that its answers are written once.
#[derive(Debug, Clone)]
pub(super) struct Incoming {
    pub(super) alert: AlertId,
    pub(super) event: Event,
    pub(super) cause: String,
}

/// The ladder's hands and what it remembers of the present; everything that counts is in the store.
pub(super) struct Desk {
    pub(super) office: Office,
    voice: Arc<dyn VoicePages>,
    pub(super) known: Known,
    calling: JoinSet<(Incoming, CallOut)>,
    lines: HashMap<(AlertId, u32), AbortHandle>,
    clock: ClockWatch,
    started: Instant,
    pending: VecDeque<Incoming>,
    /// States that have been told to the terminal and to running calls.
    told: HashMap<AlertId, AlertState>,
    hand_mark: i64,
    /// How far clocks were set since the last look.
    jump: Option<SignedDuration>,
}

/// Turns ladders until the task is dropped.
pub(crate) async fn run(office: Office, inbox: LadderInbox, mut outbox: Outbox, voice: Arc<dyn VoicePages>) {
    let LadderInbox(mut news) = inbox;
    let mut rings = office.lines.ladder.listen();
    let mut desk = Desk::new(office, voice);
    desk.learn_ways(&outbox).await;
    desk.resume().await;
    loop {
        rings.mark_unchanged();
        let wake = desk.look().await;
        tokio::select! {
            () = sleep(wake.min(LOOK_EVERY)) => {}
            _ = rings.changed() => {}
            Some(heard) = news.recv() => desk.hear(heard).await,
            Some(FarNews { connector, event }) = outbox.news.recv() => desk.far_news(connector, event).await,
            Some(Ok((ended, call))) = desk.calling.join_next() => desk.call_ended(ended, call).await,
            Ok(()) = outbox.status.changed() => desk.learn_ways(&outbox).await,
        }
    }
}

impl Desk {
    fn new(office: Office, voice: Arc<dyn VoicePages>) -> Self {
        let started = Instant::now();
        Self {
            clock: ClockWatch::new(office.clock.now(), 0),
            office,
            voice,
            known: Known::default(),
            calling: JoinSet::new(),
            lines: HashMap::new(),
            started,
            pending: VecDeque::new(),
            told: HashMap::new(),
            hand_mark: 0,
            jump: None,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.office.clock.now()
    }

    /// After a start: calls that were going on are gone, everything else goes on where it was.
    async fn resume(&mut self) {
        let now = self.now();
        match self.office.store.steps_since(now - KNOWN_FOR).await {
            Ok(steps) => steps.iter().for_each(|step| self.known.learn(step)),
            Err(error) => tracing::error!(%error, "earlier deliveries could not be read"),
        }
        self.share_known();
        let open = self.office.store.open_alerts().await.unwrap_or_default();
        for story in open {
            self.told.insert(story.alert.id, story.alert.state);
            tracing::warn!(alert = %story.alert.id, state = ?story.alert.state, "an emergency goes on after the start");
            let calling = |s: &&StepRow| s.means.is_call() && s.outcome == domain::StepOutcome::InFlight;
            let lost: Vec<u32> = story.steps.iter().filter(calling).map(|s| s.number).collect();
            for number in lost {
                let event = Event::Step { number, result: StepResult::Lost };
                self.keep(Incoming { alert: story.alert.id, event, cause: format!("lost-{number}") });
            }
        }
    }

    /// Looks at everything that is open; how long until something is due.
    async fn look(&mut self) -> Duration {
        let now = self.now();
        let elapsed_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if let Some(jump) = self.clock.look(now, elapsed_ms) {
            tracing::warn!(seconds = jump.as_secs(), "the clock was set; waiting times stay what they were");
            self.jump = Some(jump);
        }
        self.hand().await;
        let stories = match self.office.store.open_alerts().await {
            Ok(stories) => stories,
            Err(error) => {
                tracing::error!(%error, "the open alerts could not be read");
                return LOOK_EVERY;
            }
        };
        let mut wake: Option<Timestamp> = None;
        let mut shown = Vec::new();
        for story in stories {
            let id = story.alert.id;
            let due = self.turn(story).await;
            shown.extend(due.1);
            wake = [wake, due.0].into_iter().flatten().min();
            self.pending.retain(|p| p.alert != id || !due.2);
        }
        // what belongs to alerts that are closed
        let open: Vec<AlertId> = shown.iter().map(|(id, _)| *id).collect();
        self.late_events(&open).await;
        self.jump = None;
        self.show(&shown);
        wake.and_then(|at| Duration::try_from(at.duration_since(now)).ok()).unwrap_or(LOOK_EVERY)
    }

    /// Takes in what is kept, now.
    pub(super) async fn look_now(&mut self) {
        self.look().await;
    }

    /// Events for alerts that are closed already: an answer is still due to who wrote.
    async fn late_events(&mut self, open: &[AlertId]) {
        let late: Vec<AlertId> =
            self.pending.iter().map(|p| p.alert).filter(|id| !open.contains(id)).collect();
        for id in late {
            let since = self.now() - KNOWN_FOR;
            let stories = self.office.store.alerts_since(since).await.unwrap_or_default();
            let done = match stories.into_iter().find(|s| s.alert.id == id) {
                Some(story) => self.turn(story).await.2,
                None => true,
            };
            self.pending.retain(|p| p.alert != id || !done);
        }
    }

    /// One case: takes in its events, commits what changed and acts. When it is due again, how it stands, and
    /// whether its events are done with.
    async fn turn(&mut self, story: AlertStory) -> (Option<Timestamp>, Option<(AlertId, AlertState)>, bool) {
        let Some(business) = self.office.business(&story.alert.profile_id) else {
            tracing::error!(alert = %story.alert.id, "an open emergency belongs to a shop that is not in the settings");
            return (None, Some((story.alert.id, story.alert.state)), true);
        };
        let duty = Duty::of(&business.shop);
        let ladder = Ladder { policy: &duty.policy, roster: &duty.roster, known: &self.known };
        let now = self.now();
        let mut case = Case { alert: story.alert.clone(), steps: story.steps.clone() };
        if let Some(jump) = self.jump {
            case.shift(jump);
        }
        let mut acts: Vec<(Act, String)> = Vec::new();
        let mine: Vec<Incoming> =
            self.pending.iter().filter(|p| p.alert == story.alert.id).cloned().collect();
        for Incoming { event, cause, .. } in mine {
            acts.extend(ladder.hear(&mut case, event, now).into_iter().map(|act| (act, cause.clone())));
        }
        for event in results::of_items(&story.steps, &story.items) {
            acts.extend(ladder.hear(&mut case, event, now).into_iter().map(|act| (act, stamp(now))));
        }
        acts.extend(ladder.next(&mut case, now).into_iter().map(|act| (act, stamp(now))));
        let wake = ladder.wake_at(&case);
        let turned = self.turnover(&business, &duty, &story, &case, &acts, now);
        if let Some(turn) = turned {
            let texts: Vec<OutboxItem> = turn.items.clone();
            if let Err(error) = self.office.store.commit_turnover(turn).await {
                tracing::error!(%error, "the ladder could not be stored; trying again");
                return (None, Some((story.alert.id, story.alert.state)), false);
            }
            self.after_commit(&business, &duty, &case, &acts, !texts.is_empty());
        }
        (wake, Some((case.alert.id, case.alert.state)), true)
    }

    /// Everything that changed, as one transaction; `None` when nothing did.
    fn turnover(
        &self,
        business: &Business,
        duty: &Duty,
        story: &AlertStory,
        case: &Case,
        acts: &[(Act, String)],
        now: Timestamp,
    ) -> Option<Turnover> {
        let steps: Vec<StepRow> = case
            .steps
            .iter()
            .filter(|s| story.steps.iter().find(|before| before.number == s.number) != Some(s))
            .cloned()
            .collect();
        let same_alert = Alert { seen_at: story.alert.seen_at, ..case.alert.clone() } == story.alert;
        let seen_lately = now.duration_since(story.alert.seen_at).abs() < SEEN_EVERY;
        if steps.is_empty() && acts.is_empty() && same_alert && seen_lately {
            return None;
        }
        let mut turn =
            Turnover { alert: case.alert.clone(), steps, items: vec![], withdrawn: vec![], calls: vec![] };
        for (act, cause) in acts {
            match act {
                Act::Fire(number) => {
                    let Some(step) = case.step(*number) else { continue };
                    turn.items.extend(errands::page(&business.shop, duty, case, step, now));
                    turn.calls.extend(call_out(duty, step, now));
                }
                Act::Withdraw(number) => {
                    turn.withdrawn.extend(case.step(*number).map(errands::step_key));
                }
                Act::Note { to, notice } => {
                    let Some(to) = duty.roster.contact(to) else { continue };
                    turn.items.extend(errands::note(duty, &case.alert, to, notice, cause, &self.known, now));
                }
            }
        }
        Some(turn)
    }

    /// What is done once it is on disk.
    fn after_commit(
        &mut self,
        business: &Business,
        duty: &Duty,
        case: &Case,
        acts: &[(Act, String)],
        has_messages: bool,
    ) {
        case.steps.iter().for_each(|step| self.known.learn(step));
        self.share_known();
        if has_messages {
            self.office.lines.outbox.ring();
        }
        for (act, _) in acts {
            match act {
                Act::Fire(number) => self.fire_call(business, duty, case, *number),
                Act::Withdraw(number) => self.withdraw_call(case, *number),
                Act::Note { .. } => {}
            }
        }
        self.tell_state(duty, &case.alert);
    }

    fn fire_call(&mut self, business: &Business, duty: &Duty, case: &Case, number: u32) {
        let Some(step) = case.step(number).filter(|s| s.means.is_call()) else { return };
        let (Some(contact), Some(to)) =
            (duty.roster.contact(&step.contact), Dialable::of(&duty.roster, &step.contact))
        else {
            return;
        };
        let alert = case.alert.id;
        if step.means == Means::Transfer {
            if !self.office.lines.calls.tell(case.alert.call_id, CallNews::Transfer { alert, number, to }) {
                let event = Event::Step { number, result: StepResult::Lost };
                self.keep(Incoming { alert, event, cause: format!("transfer-{number}") });
            }
            return;
        }
        let page = VoicePage {
            alert: case.alert.clone(),
            business: business.shop.profile.business_name.clone(),
            contact: contact.clone(),
            to,
            ring: Duration::from_secs(u64::from(duty.policy.call_ring_s)),
        };
        let Some(mut row) = call_out(duty, step, self.now()) else { return };
        let (voice, clock) = (self.voice.clone(), self.office.clock.clone());
        let handle = self.calling.spawn(async move {
            let outcome = voice.call(page.clone()).await;
            row.ended_at = Some(clock.now());
            row.outcome = Some(outcome.slug().to_string());
            if let super::VoiceOutcome::Failed(why) = &outcome {
                row.why = Some(why.clone());
            }
            let event = outcome.event(&page, number);
            (Incoming { alert, event, cause: format!("call-{number}") }, row)
        });
        self.lines.insert((alert, number), handle);
    }

    fn withdraw_call(&mut self, case: &Case, number: u32) {
        if let Some(line) = self.lines.remove(&(case.alert.id, number)) {
            line.abort();
        }
        if case.step(number).is_some_and(|s| s.means == Means::Transfer) {
            self.office.lines.calls.tell(case.alert.call_id, CallNews::TransferWithdrawn);
        }
    }

    async fn call_ended(&mut self, ended: Incoming, row: CallOut) {
        if let Some(number) = row.step {
            self.lines.remove(&(ended.alert, number));
        }
        if let Err(error) = self.office.store.put_call_out(row).await {
            tracing::warn!(%error, "the history of calls could not be written");
        }
        self.keep(ended);
    }

    /// What other parts of the box bring.
    async fn hear(&mut self, news: LadderNews) {
        let cause = stamp(self.now());
        match news {
            LadderNews::Of(alert, event) => self.keep(Incoming { alert, event, cause }),
            LadderNews::OfCall(call, event) => {
                if let Some(alert) = self.alert_of(call).await {
                    self.keep(Incoming { alert, event, cause });
                }
            }
            LadderNews::Button => {
                let open = self.office.store.open_alerts().await.unwrap_or_default();
                for story in open.into_iter().filter(|s| s.alert.state.wants_lamp()) {
                    let event = Event::Taken { by: None, via: AckVia::Button, words: None };
                    self.keep(Incoming { alert: story.alert.id, event, cause: cause.clone() });
                }
            }
        }
    }

    async fn alert_of(&self, call: CallId) -> Option<AlertId> {
        self.office.store.alert_of_call(call).await.ok().flatten().map(|story| story.alert.id)
    }

    pub(super) fn keep(&mut self, incoming: Incoming) {
        if self.pending.len() == PENDING {
            self.pending.pop_front();
            tracing::error!("too many events of alerts wait for the disk; the oldest was dropped");
        }
        self.pending.push_back(incoming);
    }

    /// What somebody at the command line wants, once another program has written.
    async fn hand(&mut self) {
        let mark = self.office.store.hand_mark().await.unwrap_or(self.hand_mark);
        if mark == self.hand_mark {
            return;
        }
        self.hand_mark = mark;
        self.office.lines.outbox.ring();
        for (number, request) in self.office.store.requests().await.unwrap_or_default() {
            let answer = self.obey(request).await;
            if let Err(error) = self.office.store.answer(number, answer).await {
                tracing::warn!(%error, "a request of the command line could not be answered");
            }
        }
    }

    async fn obey(&mut self, request: Request) -> String {
        let cause = stamp(self.now());
        match request {
            Request::Acknowledge { alert, by } => {
                let event = Event::Taken { by, via: AckVia::Web, words: None };
                self.keep(Incoming { alert, event, cause });
                "taken".to_string()
            }
            Request::Close { alert, by } => {
                self.keep(Incoming { alert, event: Event::Done { by }, cause });
                "closed".to_string()
            }
            Request::Drill { profile_id, alert, call } => match self.drill(&profile_id, alert, call).await {
                Ok(()) => "begun".to_string(),
                Err(error) => format!("the rehearsal could not begin: {error:#}"),
            },
        }
    }

    async fn drill(&mut self, profile_id: &str, alert: AlertId, call: CallId) -> anyhow::Result<()> {
        let business = self
            .office
            .business(profile_id)
            .ok_or_else(|| anyhow::anyhow!("the running NightDesk has no shop {profile_id}"))?;
        let now = self.now();
        let taken = self.office.store.codes_taken(now).await?;
        self.office.store.begin_call(paging::drill_call(&business.shop, call, now)).await?;
        let rows = paging::drill_rows(&business.shop, (alert, call), &taken, &self.known, now);
        self.office.store.commit_page(rows).await?;
        self.office.lines.ring();
        Ok(())
    }

    /// Which means are not there at all, or cannot be reached just now.
    async fn learn_ways(&mut self, outbox: &Outbox) {
        let status = outbox.status.borrow().clone();
        let written = [Means::SmsInternet, Means::SmsModem, Means::Push, Means::Email];
        let away = |means: &Means| {
            channel_of(*means).is_some_and(|c| outbox.has_no_way(c) || status.away.contains_key(&c))
        };
        self.known.away = written.into_iter().filter(away).collect();
        if !self.voice.has_line() {
            self.known.away.insert(Means::Voice);
        }
        self.share_known();
        self.office.panel.set(|panel| panel.outbox_stuck = status.stuck);
    }

    pub(super) fn share_known(&self) {
        self.office.lines.known.send_if_modified(|known| {
            let is_new = *known != self.known;
            known.clone_from(&self.known);
            is_new
        });
    }

    /// Tells a new state once: to the terminal and to the running call.
    fn tell_state(&mut self, duty: &Duty, alert: &Alert) {
        if self.told.insert(alert.id, alert.state) == Some(alert.state) {
            return;
        }
        let by = alert.acknowledged_by.as_ref().map(|id| duty.name_of(id));
        tracing::info!(alert = %alert.id, state = ?alert.state, via = ?alert.acknowledged_via, "ladder");
        if alert.state == AlertState::Acknowledged {
            let by = by.clone().unwrap_or_else(|| "our on-call technician".to_string());
            self.office.lines.calls.tell(alert.call_id, CallNews::Taken { by });
        }
        self.office.news.tell(News::Alert { alert: Box::new(alert.clone()), by });
    }

    fn show(&mut self, shown: &[(AlertId, AlertState)]) {
        let lamp = shown.iter().filter(|(_, state)| state.wants_lamp()).count();
        let alarm = shown.iter().any(|(_, state)| state.wants_alarm());
        self.office.panel.set(|panel| {
            panel.open_emergencies = u32::try_from(lamp).unwrap_or(u32::MAX);
            panel.alarm = alarm;
        });
        if self.told.len() > PENDING {
            self.told.retain(|id, _| shown.iter().any(|(open, _)| open == id));
        }
    }
}

fn call_out(duty: &Duty, step: &StepRow, now: Timestamp) -> Option<CallOut> {
    let to = Dialable::of(&duty.roster, &step.contact).filter(|_| step.means.is_call())?;
    Some(CallOut {
        id: errands::step_key(step),
        alert_id: Some(step.alert_id),
        step: Some(step.number),
        contact: step.contact.to_string(),
        number: to.number().clone(),
        started_at: now,
        ended_at: None,
        outcome: None,
        why: None,
    })
}

/// Names something that happens once at this moment.
fn stamp(now: Timestamp) -> String {
    now.as_millisecond().to_string()
}
