//! Rings a telephone of the roster, speaks the page and waits for a key: the hands of [`oncall::VoicePage`].
//!
//! ```text
//! ladder ── TechPhone::call ── Dialler ── Leg ── Talk (20 ms loop) ── key ── VoiceOutcome
//!                                  └ meanwhile the voice renders the briefing
//! ```

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{Alert, Language, Tone};
use followup::briefing::{self, BriefingFacts, EarlierCalls};
use jiff::SignedDuration;
use oncall::{Dialable, PageAct, PageAnswer, PageEvent, PagePart, PageTimes};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::{MissedTickBehavior, interval, timeout},
};

use super::{
    clock::WallClock,
    ids,
    ladder::{VoiceOutcome, VoicePage, VoicePages},
    leg::{Leg, LegEvent},
};
use crate::{
    phone::{DialError, Dialler},
    store::Store,
    workers::Voices,
};

/// A briefing that is not rendered by then is replaced by the general one, which is kept ready.
const VOICE_DEADLINE: Duration = Duration::from_secs(8);
/// A slow disk may cost the earlier calls, never the page.
const LOOKUP_MAX: Duration = Duration::from_millis(300);
/// Earlier calls are told from this long.
const EARLIER: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Calls that are looked through for that.
const CALLS_MAX: u32 = 500;

/// The box's telephone to the people of the roster. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct TechPhone {
    pub(crate) dialler: Dialler,
    pub(crate) voice: Voices,
    pub(crate) store: Store,
    pub(crate) clock: WallClock,
    /// Somebody on a roster has a SIP address that is called without a PBX.
    pub(crate) direct: bool,
}

/// What happened to the caller, for a page that is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Hung up, or does not want to wait.
    CallerLeft,
    /// Nobody needs the page any more.
    Withdrawn,
}

/// The parts of a page as sound: what can be said now, and the whole as soon as it is rendered. Nobody who presses a
/// key waits for it.
pub(crate) struct Words {
    ready: Sounds,
    rendering: Option<Rendering>,
}

type Sounds = HashMap<PagePart, Arc<[i16]>>;

/// Ends with the page that it is for.
struct Rendering(JoinHandle<Sounds>);

impl Drop for Rendering {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Words {
    /// Takes what has been rendered meanwhile.
    async fn settle(&mut self) {
        if let Some(mut done) = self.rendering.take_if(|rendering| rendering.0.is_finished())
            && let Ok(sounds) = (&mut done.0).await
        {
            self.ready = sounds;
        }
    }
}

impl TechPhone {
    /// What the person has to know, with what the store remembers of the caller.
    pub(crate) async fn facts(&self, alert: Alert, business: String, tone: Option<Tone>) -> BriefingFacts {
        let remembered = timeout(LOOKUP_MAX, async {
            let lead = self.store.lead_of_call(alert.call_id).await.ok().flatten();
            (lead.map(|lead| lead.tone), self.earlier(&alert).await)
        });
        let (stored_tone, earlier) = remembered.await.unwrap_or_default();
        BriefingFacts { alert, business, tone: tone.or(stored_tone), earlier }
    }

    async fn earlier(&self, alert: &Alert) -> Option<EarlierCalls> {
        let now = self.clock.now();
        let phone = alert.caller_phone.as_ref()?;
        let calls = self.store.calls(CALLS_MAX).await.ok()?;
        let same = calls.iter().filter(|c| c.caller.as_ref() == Some(phone) && c.id != alert.call_id);
        let recent: Vec<_> =
            same.map(|c| now.duration_since(c.called_at)).filter(|ago| *ago < EARLIER).collect();
        let last = recent.iter().min()?;
        let minutes_ago = u32::try_from(last.as_mins()).unwrap_or(0);
        Some(EarlierCalls { count: u32::try_from(recent.len()).unwrap_or(u32::MAX), minutes_ago })
    }

    /// Rings, and renders the words meanwhile.
    ///
    /// # Errors
    /// Nobody answered, or the line failed.
    pub(crate) async fn ring(
        &self,
        to: &Dialable,
        ring: Duration,
        facts: &BriefingFacts,
        rang: oneshot::Sender<()>,
    ) -> Result<(Leg, Words), DialError> {
        let voice = self.voice.clone();
        let facts = facts.clone();
        // a task of its own: it goes on while we wait for the answer, and is cut short soon after it
        let words = tokio::spawn(async move { words(&voice, &facts).await });
        let rendering = Rendering(words);
        let live = self.dialler.call(to, ring, rang).await?;
        let leg = Leg::new(live, ids::seed(self.clock.now()).1);
        Ok((leg, Words { ready: ready_words(&self.voice), rendering: Some(rendering) }))
    }
}

#[async_trait]
impl VoicePages for TechPhone {
    fn has_line(&self) -> bool {
        self.direct || self.dialler.has_exchange()
    }

    async fn call(&self, page: VoicePage) -> VoiceOutcome {
        let facts = self.facts(page.alert.clone(), page.business.clone(), None).await;
        // nobody waits for the ringing itself
        let (rang, _) = oneshot::channel();
        let (leg, words) = match self.ring(&page.to, page.ring, &facts, rang).await {
            Ok(answered) => answered,
            Err(error) => return not_answered(&error),
        };
        // nobody gives orders here: a page that is withdrawn is dropped
        let (_orders, mut none) = mpsc::channel(1);
        let mut talk = Talk::new(leg, words, PageTimes::default(), false);
        let answer = talk.until_answer(&mut none).await;
        tokio::spawn(talk.to_the_end());
        match answer {
            Some(PageAnswer::Accepted | PageAnswer::Connect) => VoiceOutcome::Accepted,
            Some(PageAnswer::PassedOn) => VoiceOutcome::PassedOn,
            Some(PageAnswer::NotEmergency) => VoiceOutcome::NotEmergency,
            Some(PageAnswer::Unconfirmed) | None => VoiceOutcome::Unconfirmed,
        }
    }
}

impl std::fmt::Debug for TechPhone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TechPhone").field("has_line", &self.has_line()).finish_non_exhaustive()
    }
}

/// What a call without an answer means for the ladder.
pub(crate) fn not_answered(error: &DialError) -> VoiceOutcome {
    match error {
        busy if busy.is_busy() => VoiceOutcome::Busy,
        silent if silent.is_no_answer() => VoiceOutcome::NoAnswer,
        fault => VoiceOutcome::Failed(fault.to_string()),
    }
}

/// All parts of this page. One that cannot be said is left out; without a briefing the general one is said.
async fn words(voice: &Voices, facts: &BriefingFacts) -> Sounds {
    let mut words = ready_words(voice);
    let own = [(PagePart::Briefing, facts.briefing()), (PagePart::Taken, facts.taken())];
    for (part, text) in own {
        match voice.say(Language::English, &text, true, VOICE_DEADLINE).await {
            Ok(sound) => {
                words.insert(part, sound);
            }
            Err(error) => tracing::warn!(%error, "a part of a voice page could not be spoken"),
        }
    }
    for (part, text) in fixed() {
        if !words.contains_key(&part)
            && let Ok(sound) = voice.say(Language::English, text, false, VOICE_DEADLINE).await
        {
            words.insert(part, sound);
        }
    }
    words
}

/// What can be said at once.
fn ready_words(voice: &Voices) -> Sounds {
    let cached = |(part, text)| Some((part, voice.cached(Language::English, text)?));
    fixed().into_iter().filter_map(cached).collect()
}

fn fixed() -> [(PagePart, &'static str); 7] {
    [
        (PagePart::MenuConnect, briefing::MENU_CONNECT),
        (PagePart::MenuTake, briefing::MENU_TAKE),
        (PagePart::CallerLeft, briefing::CALLER_LEFT),
        (PagePart::PassedOn, briefing::PASSED_ON),
        (PagePart::NotEmergency, briefing::NOT_EMERGENCY),
        (PagePart::Briefing, briefing::GENERAL),
        (PagePart::Taken, briefing::TAKEN_GENERAL),
    ]
}

/// A page that is being spoken.
pub(crate) struct Talk {
    pub(crate) leg: Leg,
    page: oncall::VoicePage,
    words: Words,
    saying: u32,
    over: bool,
}

impl Talk {
    /// The telephone has just been answered.
    pub(crate) fn new(leg: Leg, words: Words, times: PageTimes, caller_waits: bool) -> Self {
        Self { leg, page: oncall::VoicePage::new(times, caller_waits), words, saying: 0, over: false }
    }

    /// Speaks until there is an answer; `None`: withdrawn.
    pub(crate) async fn until_answer(&mut self, orders: &mut mpsc::Receiver<Order>) -> Option<PageAnswer> {
        let mut ticks = interval(media::FRAME);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        loop {
            let events = tokio::select! {
                biased;
                _ = ticks.tick() => self.frame().await,
                event = self.leg.event() => self.page_events(&[event]),
                Some(order) = orders.recv() => match order {
                    Order::Withdrawn => {
                        self.over = true;
                        return None;
                    }
                    Order::CallerLeft => vec![PageEvent::CallerLeft],
                },
            };
            for event in events {
                if let Some(answer) = self.handle(event) {
                    return Some(answer);
                }
            }
        }
    }

    /// Says the last words, and hangs up.
    pub(crate) async fn to_the_end(mut self) {
        let mut ticks = interval(media::FRAME);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        while !self.over {
            let events = tokio::select! {
                biased;
                _ = ticks.tick() => self.frame().await,
                event = self.leg.event() => self.page_events(&[event]),
            };
            for event in events {
                self.handle(event);
            }
        }
        self.leg.live.hang_up().await;
    }

    /// The caller left in the very moment of key 1: he has it, and calls back.
    pub(crate) fn caller_left_at_last(leg: Leg, words: Words) -> Self {
        let mut talk = Self::new(leg, words, PageTimes::default(), false);
        talk.handle(PageEvent::Key('1'));
        talk
    }

    /// For whoever joins the person to the caller.
    pub(crate) fn into_parts(mut self) -> (Leg, Words) {
        self.leg.sound.playout.stop();
        (self.leg, self.words)
    }

    async fn frame(&mut self) -> Vec<PageEvent> {
        self.words.settle().await;
        let events = self.leg.page_frame().await;
        let mut events = self.page_events(&events);
        events.push(PageEvent::Tick);
        events
    }

    fn page_events(&self, events: &[LegEvent]) -> Vec<PageEvent> {
        let of = |event: &LegEvent| match event {
            LegEvent::Key(key) => Some(PageEvent::Key(*key)),
            LegEvent::Said(id) => (*id == self.saying).then_some(PageEvent::Said),
            LegEvent::Gone => Some(PageEvent::HungUp),
        };
        events.iter().filter_map(of).collect()
    }

    fn handle(&mut self, event: PageEvent) -> Option<PageAnswer> {
        let mut answer = None;
        for act in self.page.handle(event, self.leg.now()) {
            match act {
                PageAct::Say(parts) => self.say(&parts),
                PageAct::Answer(given) => answer = Some(given),
                PageAct::HangUp => self.over = true,
            }
        }
        answer
    }

    fn say(&mut self, parts: &[PagePart]) {
        self.saying += 1;
        let playout = &mut self.leg.sound.playout;
        playout.stop();
        playout.begin(self.saying);
        for sound in parts.iter().filter_map(|part| self.words.ready.get(part)) {
            playout.append(self.saying, sound.clone());
        }
        playout.finish(self.saying);
    }
}
