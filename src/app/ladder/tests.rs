//! The ladder's shell on a real store, with a provider that does what the test says.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    AckVia, AlertState, CallId, CallRecord, CallStatus, Channel, Issue, Means, OutboxState, Outgoing, Page,
    StepOutcome,
};
use jiff::Timestamp;
use oncall::Event;
use tokio::{sync::broadcast::Receiver, time::timeout};

use super::{CallNews, LadderNews, NoLine, PagingLines, VoiceOutcome, VoicePage, VoicePages, desk::Desk};
use crate::{
    app::{
        clock::WallClock,
        news::{News, NewsDesk},
        night_box::business,
        outbox::{Outbox, Routes},
        paging::Pager,
        panel::PanelDesk,
        parts::Office,
    },
    config::Config,
    connectors::{Connector, FarEvent, NeverReason, SendFailure, Sent},
    store::{AlertStory, Store},
};

mod kill;

/// A provider of texts: what it was given, and what it will answer.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) given: Mutex<Vec<(String, String, bool)>>,
    pub(super) answers: Mutex<VecDeque<Result<(), SendFailure>>>,
    ids: Mutex<HashMap<String, String>>,
}

#[async_trait]
impl Connector for Texts {
    fn name(&self) -> &'static str {
        "Texts"
    }

    fn takes(&self, what: &Outgoing) -> bool {
        matches!(what, Outgoing::Sms { .. })
    }

    async fn send(&self, what: &Outgoing, key: &str, repeat: bool) -> Result<Sent, SendFailure> {
        let Outgoing::Sms { to, .. } = what else { panic!("only texts are offered") };
        self.given.lock().unwrap().push((to.e164().to_string(), key.to_string(), repeat));
        self.answers.lock().unwrap().pop_front().unwrap_or(Ok(()))?;
        let far_id = format!("far-{key}");
        self.ids.lock().unwrap().insert(key.to_string(), far_id.clone());
        Ok(Sent::Accepted { far_id })
    }

    async fn check(&self) -> Result<String, SendFailure> {
        Ok("fine".into())
    }
}

pub(super) struct Night {
    pub(super) office: Office,
    pub(super) desk: Desk,
    outbox: Outbox,
    pub(super) texts: Arc<Texts>,
    news: Receiver<News>,
    _folder: tempfile::TempDir,
}

const MIKE: &str = "+15558870002";

/// Metro Plumbing of the example, Thursday 9:22 PM.
pub(crate) fn office(store: Store, clock: WallClock) -> (Office, super::LadderInbox) {
    let config = Config::embedded_demo().expect("the example is right");
    let businesses: Vec<_> =
        config.shops.iter().map(|shop| business(shop).expect("the example is right")).collect();
    let (lines, inbox) = PagingLines::new();
    let office = Office {
        businesses: businesses.into(),
        store,
        clock,
        news: NewsDesk::default(),
        lines,
        panel: PanelDesk::default(),
    };
    (office, inbox)
}

pub(crate) fn a_call(office: &Office, n: u64) -> CallRecord {
    CallRecord {
        id: CallId::new(n, [u8::try_from(n % 251).unwrap(); 10]),
        sip_call_id: format!("{n}@pbx"),
        profile_id: office.businesses[0].shop.profile.id.clone(),
        caller: "+15555550415".parse().ok(),
        caller_display: None,
        called: "301".into(),
        called_at: office.clock.now(),
        utc_offset_s: -21_600,
        ended_at: None,
        status: CallStatus::InProgress,
        recording: None,
    }
}

pub(super) fn a_page(call: &CallRecord, revision: u32, address: Option<&str>) -> Page {
    Page {
        call_id: call.id,
        profile_id: call.profile_id.clone(),
        caller_phone: call.caller.clone(),
        caller_name: address.map(|_| "Jim Kowalski".to_string()),
        address: address.map(str::to_string),
        issue: Issue::Water,
        summary: "Water spraying out of a pipe.".into(),
        called_at: call.called_at,
        revision,
    }
}

impl Night {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = WallClock::default();
        clock.stage("2026-02-13T03:22:00Z".parse::<Timestamp>().unwrap());
        let (office, _inbox) = office(Store::open(folder.path()).unwrap(), clock);
        let texts = Arc::new(Texts::default());
        let mut routes = Routes::default();
        routes.add(Channel::Sms, texts.clone());
        let news = office.news.subscribe();
        let outbox = Outbox::start(&office, routes).await;
        let mut desk = Desk::new(office.clone(), Arc::new(NoLine));
        desk.learn_ways(&outbox);
        Self { office, desk, outbox, texts, news, _folder: folder }
    }

    async fn page(&self, n: u64) -> CallRecord {
        let call = a_call(&self.office, n);
        self.office.store.begin_call(call.clone()).await.unwrap();
        self.pager().commit(&self.office.businesses[0].shop, &a_page(&call, 0, None)).await.unwrap();
        call
    }

    fn pager(&self) -> Pager {
        let Office { store, clock, lines, .. } = self.office.clone();
        Pager { store, clock, lines }
    }

    /// Waits until so many messages have been tried, and lets the ladder look at what became of them.
    async fn tried(&mut self, count: usize) -> Vec<(String, String, bool)> {
        let all = async {
            while self.texts.given.lock().unwrap().len() < count {
                self.next_left().await;
            }
        };
        // far longer than needed: a busy machine is no failure
        timeout(Duration::from_secs(60), all).await.expect("the messages are sent");
        self.settle().await;
        self.texts.given.lock().unwrap().clone()
    }

    async fn next_left(&mut self) {
        while !matches!(self.news.recv().await, Ok(News::Left { .. }) | Err(_)) {}
    }

    /// The outcome of the last try is on disk a moment after the provider had it.
    async fn settle(&mut self) {
        let stored = async {
            loop {
                let open = self.office.store.outbox().await.unwrap();
                if open.iter().all(|i| i.tries == 0 || i.last_error.is_some()) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(60), stored).await.expect("what became of it is stored");
        self.desk.look().await;
    }

    async fn story(&self, call: &CallRecord) -> AlertStory {
        self.office.store.alert_of_call(call.id).await.unwrap().unwrap()
    }

    async fn writes(&mut self, from: &str, body: &str, n: u32) {
        let event = FarEvent::Reply {
            from: from.into(),
            body: body.into(),
            far_id: format!("reply-{n}"),
            at: self.office.clock.now(),
        };
        self.desk.far_news("Texts", event).await;
    }

    async fn pass(&mut self, seconds: u64) {
        self.office.clock.pass(Duration::from_secs(seconds));
        self.office.lines.ring();
        self.desk.look().await;
    }
}

fn check(night: impl AsyncFnOnce(&mut Night)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut it = Night::new().await;
        night(&mut it).await;
    });
}

#[test]
fn technician_is_texted_at_once_and_his_answer_stops_the_ladder() {
    check(async |night| {
        let call = night.page(1).await;
        let mut seat = night.office.lines.calls.join(call.id);
        let given = night.tried(1).await;
        assert_eq!(given[0].0, MIKE);
        let story = night.story(&call).await;
        assert_eq!(story.steps[0].outcome, StepOutcome::Sent);

        night.writes(MIKE, "on my way", 1).await;
        let story = night.story(&call).await;
        assert_eq!(story.alert.state, AlertState::Acknowledged);
        assert_eq!(story.alert.acknowledged_via, Some(AckVia::Sms));
        assert_eq!(story.alert.acknowledged_words.as_deref(), Some("on my way"));
        let waits = |s: &&domain::StepRow| s.outcome == StepOutcome::Queued;
        let asked = story.steps.iter().filter(waits).all(|s| s.step == domain::EscalationStep::AskCallback);
        assert!(asked, "nothing but the question about the call back is queued: {:?}", story.steps);
        assert!(matches!(seat.news.try_recv(), Ok(CallNews::Taken { .. })), "the running call is told");
        assert_eq!(night.tried(2).await[1].0, MIKE, "he gets what he needs to call back");
        assert_eq!(night.office.panel.watch().borrow().open_emergencies, 0);
    });
}

#[test]
fn question_is_no_acknowledgement_and_a_reply_that_is_told_twice_counts_once() {
    check(async |night| {
        let call = night.page(1).await;
        night.tried(1).await;
        night.writes(MIKE, "which house is it?", 1).await;
        night.writes(MIKE, "which house is it?", 1).await;
        assert_eq!(night.story(&call).await.alert.state, AlertState::Open);
        let given = night.tried(2).await;
        assert_eq!((given.len(), given[1].1.as_str()), (2, "say-reply-1"));
    });
}

#[test]
fn what_is_learned_later_follows_as_an_update_to_who_was_paged() {
    check(async |night| {
        let call = night.page(1).await;
        night.tried(1).await;
        let shop = night.office.businesses[0].shop.clone();
        night.pager().commit(&shop, &a_page(&call, 1, Some("218 Oak Lane"))).await.unwrap();
        let given = night.tried(2).await;
        assert!(given[1].1.starts_with("update-"), "{given:?}");
        let story = night.story(&call).await;
        assert_eq!(story.alert.address.as_deref(), Some("218 Oak Lane"));
        let Outgoing::Sms { body, .. } = &story.items[1].payload else { panic!("a text") };
        assert!(body.contains("UPDATE") && body.contains("218 Oak Lane"), "{body}");
    });
}

#[test]
fn nobody_answers_and_backup_and_owner_follow_on_time() {
    check(async |night| {
        let call = night.page(1).await;
        night.tried(1).await;
        night.pass(599).await;
        assert_eq!(night.texts.given.lock().unwrap().len(), 1, "the backup's time has not come");
        night.pass(1).await;
        let given = night.tried(2).await;
        assert_ne!(given[1].0, MIKE);
        night.pass(600).await;
        night.tried(3).await;
        let story = night.story(&call).await;
        assert_eq!(story.alert.state, AlertState::Unresolved);
        let panel = night.office.panel.watch().borrow().clone();
        assert_eq!((panel.open_emergencies, panel.alarm), (1, true));
        night.desk.hear(LadderNews::Button).await;
        night.desk.look().await;
        assert_eq!(night.story(&call).await.alert.acknowledged_via, Some(AckVia::Button));
        assert!(!night.office.panel.watch().borrow().alarm);
    });
}

#[test]
fn stop_from_the_technician_is_a_failure_and_the_next_is_woken_at_once() {
    check(async |night| {
        let call = night.page(1).await;
        night.tried(1).await;
        night.writes(MIKE, "STOP", 1).await;
        assert_eq!(night.story(&call).await.alert.state, AlertState::Open);
        let given = night.tried(2).await;
        assert_ne!(given[1].0, MIKE, "{:?}", night.story(&call).await.steps);
    });
}

#[test]
fn refused_text_is_shown_and_the_next_is_woken_at_once() {
    check(async |night| {
        let why = "the number cannot get texts".to_string();
        let refused = SendFailure::Never { why: why.clone(), reason: NeverReason::BadDestination };
        night.texts.answers.lock().unwrap().push_back(Err(refused));
        let call = night.page(1).await;
        night.tried(1).await;
        let given = night.tried(2).await;
        assert_ne!(given[1].0, MIKE);
        let first = night.story(&call).await.items.remove(0);
        assert_eq!((first.state, first.last_error), (OutboxState::Dead, Some(why)));
    });
}

#[test]
fn message_without_an_answer_is_sent_again_as_a_repeat() {
    check(async |night| {
        let unsure = SendFailure::Unsure { why: "no answer".into() };
        night.texts.answers.lock().unwrap().push_back(Err(unsure));
        let call = night.page(1).await;
        night.tried(1).await;
        assert_eq!(night.story(&call).await.steps[0].outcome, StepOutcome::Unsure);
        // the backup is woken meanwhile: nobody knows whether the technician has it
        night.tried(2).await;
        night.pass(3).await;
        let given = night.tried(3).await;
        let (first, again) = (&given[0], given.iter().skip(1).find(|g| g.1 == given[0].1));
        assert!(!first.2 && again.is_some_and(|g| g.2), "the same key, marked as a repeat: {given:?}");
        assert!(night.story(&call).await.items[0].may_repeat);
    });
}

#[test]
fn clock_that_is_set_forward_pulls_no_step_forward() {
    check(async |night| {
        let call = night.page(1).await;
        night.tried(1).await;
        let later = night.office.clock.now() + jiff::SignedDuration::from_hours(5);
        night.office.clock.stage(later);
        night.desk.look().await;
        let story = night.story(&call).await;
        let fired = story.steps.iter().filter(|s| s.attempted_at.is_some()).count();
        assert_eq!(fired, 1, "{:?}", story.steps);
    });
}

#[test]
fn after_a_restart_the_ladder_goes_on_where_it_was() {
    check(async |night| {
        let call = night.page(1).await;
        night.tried(1).await;
        night.desk = Desk::new(night.office.clone(), Arc::new(NoLine));
        night.desk.learn_ways(&night.outbox);
        night.desk.resume().await;
        night.pass(600).await;
        let given = night.tried(2).await;
        assert_eq!(given.len(), 2, "no step is fired twice: {given:?}");
        assert_eq!(night.story(&call).await.alert.state, AlertState::Open);
    });
}

/// A telephone that is answered as the test says.
#[derive(Debug)]
struct Telephone(Mutex<VecDeque<VoiceOutcome>>);

#[async_trait]
impl VoicePages for Telephone {
    fn has_line(&self) -> bool {
        true
    }

    async fn call(&self, page: VoicePage) -> VoiceOutcome {
        assert_eq!(page.to.number().e164(), page.contact.phone.unwrap().e164());
        self.0.lock().unwrap().pop_front().unwrap_or(VoiceOutcome::NoAnswer)
    }
}

/// The technician is called a minute after the text; what he presses decides how it goes on.
fn check_call(outcome: VoiceOutcome, row: StepOutcome, state: AlertState) {
    check(async |night| {
        let phone = Telephone(Mutex::new(VecDeque::from([outcome])));
        night.desk = Desk::new(night.office.clone(), Arc::new(phone));
        night.desk.learn_ways(&night.outbox);
        let call = night.page(1).await;
        night.tried(1).await;
        night.pass(60).await;
        night.desk.call_ends().await;
        night.desk.look().await;
        let story = night.story(&call).await;
        let made = story.steps.iter().find(|s| s.means == Means::Voice && s.attempted_at.is_some()).unwrap();
        assert_eq!((made.outcome, story.alert.state), (row, state));
        let archive = crate::store::Archive::open(night.office.store.dir()).unwrap();
        assert!(archive.call_outs(10).unwrap()[0].ended_at.is_some(), "the call is in the history");
    });
}

#[test]
fn key_on_the_voice_page_takes_passes_on_or_closes_and_a_voice_mail_does_nothing() {
    check_call(VoiceOutcome::Accepted, StepOutcome::Acknowledged, AlertState::Acknowledged);
    check_call(VoiceOutcome::PassedOn, StepOutcome::PassedOn, AlertState::Open);
    check_call(VoiceOutcome::NotEmergency, StepOutcome::Acknowledged, AlertState::NotAnEmergency);
    check_call(VoiceOutcome::Unconfirmed, StepOutcome::Delivered, AlertState::Open);
    check_call(VoiceOutcome::Busy, StepOutcome::Busy, AlertState::Open);
    check_call(VoiceOutcome::NoAnswer, StepOutcome::NoAnswer, AlertState::Open);
    check_call(VoiceOutcome::Failed("no line".into()), StepOutcome::Unreachable, AlertState::Open);
}

#[test]
fn event_that_cannot_be_stored_is_kept_until_it_can() {
    check(async |night| {
        let call = night.page(1).await;
        night.tried(1).await;
        let alert = night.story(&call).await.alert.id;
        night.office.store.refuse_alerts(true).await;
        let event = Event::Taken { by: None, via: AckVia::Web, words: None };
        night.desk.hear(LadderNews::Of(alert, event)).await;
        night.desk.look().await;
        assert_eq!(night.story(&call).await.alert.state, AlertState::Open);
        night.office.store.refuse_alerts(false).await;
        night.desk.look().await;
        assert_eq!(night.story(&call).await.alert.state, AlertState::Acknowledged);
    });
}
