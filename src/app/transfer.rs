//! Puts a caller through: rings the technician beside the running call, speaks the briefing, and joins the two.
//!
//! ```text
//! call::Call ─ Transfer ─▶ ladder: to whom? ─▶ Ringing task ─ key 1 ─▶ Leg ─▶ LiveSession bridges, 20 ms at a time
//!                                                  │                            └ meanwhile REFER: if the telephone
//!                                                  │                              system joins them, the box leaves
//!                                                  └ key 2, 3, none, busy, nobody ─▶ ladder goes on, agent comes back
//! ```
//! A caller who hangs up while it rings does not stop it: the emergency is still there, and the call goes on as a
//! voice page. What stops it is the ladder, when somebody has taken the alert by another means.

use std::time::Duration;

use domain::{AckVia, AlertId, CallId, Tone};
use media::FRAME_SAMPLES;
use oncall::{Dialable, Event, PageAnswer, PageTimes, StepResult};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout},
};

use super::{
    ladder::{CallNews, LadderNews, PagingLines, Seat, VoiceOutcome},
    leg::{Leg, LegEvent},
    voice_page::{Order, Talk, TechPhone, Words, not_answered},
};
use crate::store::CallOut;

/// The ladder names somebody within this time, or nobody can be rung.
const WHOM_MAX: Duration = Duration::from_secs(5);
/// A ladder that does not listen for this long learns of it from its own deadlines.
const TELL_MAX: Duration = Duration::from_secs(30);

/// What a transfer needs to know.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) call: CallId,
    pub(crate) business: String,
    pub(crate) tone: Tone,
    pub(crate) alert: AlertId,
    /// Its step.
    pub(crate) number: u32,
    pub(crate) to: Dialable,
    pub(crate) ring: Duration,
}

/// What the ringing task tells the call.
pub(crate) enum TransferNews {
    /// The technician's telephone rings, or has been answered: patience begins anew.
    Ringing,
    /// Key 1: here he is.
    Connect(Box<Answered>),
    /// Nobody takes the caller.
    Failed,
}

/// A technician who pressed 1.
pub(crate) struct Answered {
    leg: Leg,
    words: Words,
}

/// The transfer of one call, in the hands of its loop.
pub(crate) struct PuttingThrough {
    phone: TechPhone,
    lines: PagingLines,
    /// The conversation wants it; the ladder has not said yet to whom.
    asked_at: Option<Instant>,
    ringing: Option<Ringing>,
    bridge: Option<Bridge>,
}

struct Ringing {
    job: Job,
    orders: mpsc::Sender<Order>,
    news: mpsc::Receiver<TransferNews>,
}

/// Two people who talk through the box.
struct Bridge {
    leg: Leg,
    /// The telephone system has been asked to join them without us.
    joining: bool,
    tech_gone: bool,
}

/// What the loop of the call has to do.
pub(crate) enum TransferStep {
    /// For `call::Call`.
    Tell(call::TransferResult),
    /// The two are connected from the next frame on; ask the telephone system to join them to this call.
    Join(Option<crate::phone::CallName>),
}

impl PuttingThrough {
    pub(crate) fn new(phone: TechPhone, lines: PagingLines) -> Self {
        Self { phone, lines, asked_at: None, ringing: None, bridge: None }
    }

    /// The caller may be put through now: the ladder says to whom.
    pub(crate) fn ask(&mut self, call: CallId) {
        self.asked_at = Some(Instant::now());
        tell(&self.lines, LadderNews::OfCall(call, Event::TransferWanted));
    }

    /// The ladder has not named anybody in time; true once.
    pub(crate) fn gave_up(&mut self) -> bool {
        let late = |at: &mut Instant| at.elapsed() > WHOM_MAX;
        self.asked_at.take_if(late).is_some()
    }

    /// The ladder named somebody: rings him. A transfer that nobody waits for any more is refused.
    pub(crate) fn ring(&mut self, job: Job) {
        if self.asked_at.take().is_none() || self.ringing.is_some() || self.bridge.is_some() {
            let result = StepResult::Lost;
            return tell(&self.lines, LadderNews::Of(job.alert, Event::Step { number: job.number, result }));
        }
        let (orders, taken) = mpsc::channel(4);
        let (sender, news) = mpsc::channel(4);
        let task =
            Task { job: job.clone(), phone: self.phone.clone(), lines: self.lines.clone(), news: sender };
        tokio::spawn(task.run(taken));
        self.ringing = Some(Ringing { job, orders, news });
    }

    /// The caller has gone or does not want to wait.
    pub(crate) fn caller_left(&mut self) {
        self.asked_at = None;
        self.order(Order::CallerLeft);
    }

    /// The ladder needs nobody any more.
    pub(crate) fn withdraw(&mut self) {
        self.asked_at = None;
        self.order(Order::Withdrawn);
    }

    fn order(&self, order: Order) {
        if let Some(ringing) = &self.ringing {
            // four orders are more than there can be; a task that is over needs none
            ringing.orders.try_send(order).ok();
        }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.bridge.is_some()
    }

    /// Waits for the next thing that the call must know; for ever when there is nothing to wait for. Safe to drop.
    pub(crate) async fn next(&mut self) -> TransferStep {
        let news = match (&mut self.bridge, &mut self.ringing) {
            (Some(bridge), _) if !bridge.tech_gone => loop {
                if bridge.leg.event().await == LegEvent::Gone {
                    return self.tech_left().await;
                }
            },
            (None, Some(ringing)) => ringing.news.recv().await,
            (Some(_), _) | (None, None) => std::future::pending().await,
        };
        match news {
            Some(TransferNews::Ringing) => TransferStep::Tell(call::TransferResult::Ringing),
            Some(TransferNews::Connect(answered)) => self.connect(*answered),
            Some(TransferNews::Failed) | None => {
                self.ringing = None;
                TransferStep::Tell(call::TransferResult::Failed)
            }
        }
    }

    fn connect(&mut self, answered: Answered) -> TransferStep {
        let name = answered.leg.name();
        if let Some(Ringing { job, .. }) = self.ringing.take() {
            let event = Event::Step { number: job.number, result: StepResult::Connected };
            tell(&self.lines, LadderNews::Of(job.alert, event));
        }
        self.bridge = Some(Bridge { leg: answered.leg, joining: name.is_some(), tech_gone: false });
        TransferStep::Join(name)
    }

    async fn tech_left(&mut self) -> TransferStep {
        match &mut self.bridge {
            // his telephone has left us for the caller's: whether that worked is told soon
            Some(bridge) if bridge.joining => {
                bridge.tech_gone = true;
                std::future::pending().await
            }
            _ => TransferStep::Tell(call::TransferResult::Over),
        }
    }

    /// What became of the joining; `Some`: the call is over for us.
    pub(crate) fn joined(&mut self, joined: bool) -> Option<call::TransferResult> {
        let bridge = self.bridge.as_mut()?;
        bridge.joining = false;
        (joined || bridge.tech_gone).then_some(call::TransferResult::Over)
    }

    /// 20 ms of the technician; `None`: no bridge. A line that died is silent, and reported by `dead`.
    pub(crate) fn hear(&mut self) -> Option<Heard> {
        let bridge = self.bridge.as_mut()?;
        Some(bridge.leg.hear().map_or(Heard::Dead, Heard::Sound))
    }

    /// 20 ms of the caller for the technician.
    pub(crate) async fn speak(&mut self, wide: &[i16; FRAME_SAMPLES]) {
        if let Some(bridge) = &mut self.bridge {
            bridge.leg.speak(wide).await;
        }
    }

    /// Frees the technician at once.
    pub(crate) fn free(&mut self) {
        if let Some(bridge) = self.bridge.take() {
            tokio::spawn(async move { bridge.leg.live.hang_up().await });
        }
    }

    /// The call has ended: what still rings goes on as a page, and hears from the ladder until it is over.
    pub(crate) async fn outlive(mut self, mut seat: Seat) {
        self.free();
        let Some(mut ringing) = self.ringing.take() else { return };
        ringing.orders.send(Order::CallerLeft).await.ok();
        loop {
            tokio::select! {
                Some(news) = seat.news.recv() => match news {
                    CallNews::TransferWithdrawn => {
                        ringing.orders.try_send(Order::Withdrawn).ok();
                    }
                    CallNews::Taken { .. } | CallNews::Transfer { .. } => {}
                },
                news = ringing.news.recv() => match news {
                    Some(TransferNews::Connect(answered)) => {
                        taken_without_caller(&self.lines, &ringing.job);
                        let Answered { leg, words } = *answered;
                        tokio::spawn(Talk::caller_left_at_last(leg, words).to_the_end());
                    }
                    Some(TransferNews::Ringing | TransferNews::Failed) => {}
                    None => return,
                },
            }
        }
    }
}

/// 20 ms of the technician.
pub(crate) enum Heard {
    Sound([i16; FRAME_SAMPLES]),
    /// Nothing has come from him for too long.
    Dead,
}

/// Rings and briefs the technician beside the call.
struct Task {
    job: Job,
    phone: TechPhone,
    lines: PagingLines,
    news: mpsc::Sender<TransferNews>,
}

impl Task {
    async fn run(self, mut orders: mpsc::Receiver<Order>) {
        let (outcome, why) = self.outcome(&mut orders).await;
        tracing::info!(alert = %self.job.alert, outcome, "transfer");
        let call = CallOut {
            id: format!("step-{}-{}", self.job.alert, self.job.number),
            alert_id: Some(self.job.alert),
            step: Some(self.job.number),
            contact: self.job.to.contact().to_string(),
            number: self.job.to.number().clone(),
            started_at: self.phone.clock.now(),
            ended_at: Some(self.phone.clock.now()),
            outcome: Some(outcome.to_string()),
            why,
        };
        if let Err(error) = self.phone.store.put_call_out(call).await {
            tracing::warn!(%error, "the history of calls could not be written");
        }
    }

    /// As the history shows it, with what the owner should know.
    async fn outcome(&self, orders: &mut mpsc::Receiver<Order>) -> (&'static str, Option<String>) {
        let mut caller_waits = true;
        let answered = match self.ring(orders, &mut caller_waits).await {
            Some(answered) => answered,
            None => {
                self.report(TransferNews::Failed).await;
                return ("withdrawn", None);
            }
        };
        let (leg, words) = match answered {
            Ok(answered) => answered,
            Err(outcome) => {
                self.ladder(outcome.event_of(self.job.to.contact(), self.job.number));
                self.report(TransferNews::Failed).await;
                let why = if let VoiceOutcome::Failed(why) = &outcome { Some(why.clone()) } else { None };
                return (outcome.slug(), why);
            }
        };
        self.report(TransferNews::Ringing).await;
        let times = if caller_waits { PageTimes::with_waiting_caller() } else { PageTimes::default() };
        let mut talk = Talk::new(leg, words, times, caller_waits);
        let answer = talk.until_answer(orders).await;
        (self.answered(answer, talk).await, None)
    }

    /// `None`: withdrawn.
    async fn ring(
        &self,
        orders: &mut mpsc::Receiver<Order>,
        caller_waits: &mut bool,
    ) -> Option<Result<(Leg, Words), VoiceOutcome>> {
        let story = self.phone.store.alert_of_call(self.job.call).await;
        let Some(story) = story.ok().flatten() else {
            return Some(Err(VoiceOutcome::Failed("its alert is not in the store".into())));
        };
        let Job { business, tone, to, ring, .. } = &self.job;
        let facts = self.phone.facts(story.alert, business.clone(), Some(*tone)).await;
        let (rang, mut rings) = oneshot::channel();
        let answer = self.phone.ring(to, *ring, &facts, rang);
        tokio::pin!(answer);
        let mut told = false;
        loop {
            tokio::select! {
                answered = &mut answer => return Some(answered.map_err(|error| not_answered(&error))),
                rung = &mut rings, if !told => {
                    told = true;
                    if rung.is_ok() {
                        self.report(TransferNews::Ringing).await;
                    }
                }
                Some(order) = orders.recv() => match order {
                    Order::CallerLeft => *caller_waits = false,
                    Order::Withdrawn => return None,
                },
            }
        }
    }

    /// What the person's answer means for ladder and call.
    async fn answered(&self, answer: Option<PageAnswer>, talk: Talk) -> &'static str {
        let outcome = match answer {
            None => {
                tokio::spawn(talk.to_the_end());
                self.report(TransferNews::Failed).await;
                return "withdrawn";
            }
            Some(PageAnswer::Connect) => {
                let (leg, words) = talk.into_parts();
                let connect = TransferNews::Connect(Box::new(Answered { leg, words }));
                if let Err(mpsc::error::SendError(TransferNews::Connect(back))) =
                    self.news.send(connect).await
                {
                    taken_without_caller(&self.lines, &self.job);
                    let Answered { leg, words } = *back;
                    Talk::caller_left_at_last(leg, words).to_the_end().await;
                    return "accepted";
                }
                return "connected";
            }
            Some(PageAnswer::Accepted) => VoiceOutcome::Accepted,
            Some(PageAnswer::PassedOn) => VoiceOutcome::PassedOn,
            Some(PageAnswer::NotEmergency) => VoiceOutcome::NotEmergency,
            Some(PageAnswer::Unconfirmed) => VoiceOutcome::Unconfirmed,
        };
        tokio::spawn(talk.to_the_end());
        self.ladder(outcome.event_of(self.job.to.contact(), self.job.number));
        self.report(TransferNews::Failed).await;
        outcome.slug()
    }

    async fn report(&self, news: TransferNews) {
        // the call may be over
        self.news.send(news).await.ok();
    }

    fn ladder(&self, event: Event) {
        tell(&self.lines, LadderNews::Of(self.job.alert, event));
    }
}

/// He pressed 1, and there was nobody to connect him to any more: he has it and calls back.
fn taken_without_caller(lines: &PagingLines, job: &Job) {
    let by = Some(job.to.contact().clone());
    tell(lines, LadderNews::Of(job.alert, Event::Taken { by, via: AckVia::VoiceKey, words: None }));
}

/// Tells the ladder without holding up a call's loop.
fn tell(lines: &PagingLines, news: LadderNews) {
    let tell = lines.tell.clone();
    tokio::spawn(async move {
        if timeout(TELL_MAX, tell.send(news)).await.is_err() {
            tracing::warn!("the ladder did not hear what became of a call: its own deadline will tell it");
        }
    });
}

#[cfg(test)]
mod tests;
