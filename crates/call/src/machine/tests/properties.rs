//! What must never happen, whatever comes in and in whatever order.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::{Classification, Decision, Heard, Issue, Language, Safety, Service, SpanishMode, Tone, Trade};
use proptest::prelude::*;

use super::{decision, ms};
use crate::{
    PromptId, Prompts,
    machine::{Call, Stage},
    protocol::{CallSetup, Input, MachineTone, Output, RepeatCaller, TransferResult},
    rehearsal::metro,
};

/// What happens next, and how long after the thing before.
#[derive(Debug, Clone)]
enum Event {
    Give(Input),
    /// The saying on the air ends, or is reported as stopped.
    PlayedOut,
    Stopped(u32),
}

const TEXTS: &[&str] = &[
    "",
    "yes",
    "no",
    "uh huh",
    "Jim Kowalski.",
    "218 Oak Lane.",
    "555 234 5678",
    "no, it's 4477",
    "four four seven",
    "I smell gas",
    "water is pouring through my ceiling",
    "are you a robot?",
    "how much do you charge?",
    "hold on",
    "can you repeat that",
    "goodbye",
    "I'd rather not say",
    "that's it, thanks",
    "K O W A L S K I",
    "…",
    "hola necesito ayuda",
    "hola me llamo Juan Pérez",
    "english please",
    "I can't wait, just call me back",
    "it's done",
    "it's working now",
    "just me",
    "This is Sarah Chen at 12 Elm Street, call me at 555 876 3000 please",
    "can I talk to a person",
    "¿qué?",
    "two eighteen",
    "ok and then there was this noise and it went on and on and I really do not know what to do about it any more at all",
];

fn decisions() -> impl Strategy<Value = Decision> {
    use Classification::*;
    let class = |c, issue, service| Just(decision(c, issue, service));
    prop_oneof![
        class(Some(Emergency), Issue::Gas, Service::Plumbing),
        class(Some(Emergency), Issue::Water, Service::Plumbing),
        class(Some(Emergency), Issue::ItOutage, Service::It),
        class(Some(Emergency), Issue::CarbonMonoxide, Service::Hvac),
        class(Some(Routine), Issue::Quote, Service::Plumbing),
        class(Some(Routine), Issue::MinorRepair, Service::General),
        class(Some(Spam), Issue::SalesPitch, Service::Unknown),
        class(Some(Spam), Issue::Robocall, Service::Unknown).prop_map(|d| Decision { confidence: 0.5, ..d }),
        class(None, Issue::Unknown, Service::Unknown),
        class(None, Issue::Unknown, Service::Unknown).prop_map(|d| Decision { suspected_robot: true, ..d }),
        class(Some(Routine), Issue::ItTrouble, Service::It).prop_map(|d| Decision {
            resolve_steps: vec!["Reboot the Meraki".into(), "wait two minutes".into(), "Check it".into()],
            ..d
        }),
    ]
}

fn heard() -> impl Strategy<Value = Heard> {
    (0..TEXTS.len(), any::<bool>()).prop_map(|(i, panicked)| {
        let language = if TEXTS[i].starts_with("hola") { Language::Spanish } else { Language::English };
        let tone = if panicked { Tone::Panicked } else { Tone::Neutral };
        Heard { language, tone, ..Heard::typed(TEXTS[i]) }
    })
}

fn events() -> impl Strategy<Value = Vec<(u64, Event)>> {
    let give = |input| Event::Give(input);
    let event = prop_oneof![
        6 => heard().prop_map(move |h| give(Input::Heard(h))),
        2 => heard().prop_map(move |h| give(Input::HeardPartial(h))),
        5 => Just(give(Input::TurnEnded { silence_ms: 0 })),
        3 => Just(give(Input::Speech { sustained_ms: 160 })),
        3 => Just(give(Input::Speech { sustained_ms: 600 })),
        6 => decisions().prop_map(move |d| give(Input::Decided(d))),
        2 => decisions().prop_map(move |d| give(Input::DecidedEarly(d))),
        1 => Just(give(Input::HearingFailed)),
        1 => Just(give(Input::TriageFailed)),
        3 => Just(give(Input::PageCommitted)),
        2 => Just(give(Input::PageFailed)),
        2 => prop::sample::select(vec!['0', '1', '2', '5', '#', '*', 'x']).prop_map(move |k| give(Input::Key(k))),
        1 => Just(give(Input::Tone(MachineTone::Beep))),
        1 => Just(give(Input::Acknowledged { by: "Sue Park".into() })),
        2 => prop::sample::select(vec![
            TransferResult::Ringing,
            TransferResult::Connected,
            TransferResult::Failed,
            TransferResult::Failed,
            TransferResult::Over,
        ])
        .prop_map(move |result| give(Input::Transfer(result))),
        1 => Just(give(Input::Answered)),
        1 => Just(give(Input::Tick)),
        7 => Just(Event::PlayedOut),
        2 => (0..20_000_u32).prop_map(Event::Stopped),
    ];
    prop::collection::vec(
        (prop_oneof![4 => 0..600_u64, 2 => 600..5000_u64, 1 => 5000..60_000_u64], event),
        0..60,
    )
}

#[derive(Debug, Clone)]
struct World {
    caller_known: bool,
    repeat: bool,
    hearing: bool,
    /// Playback is reported after a while; otherwise only when an event says so.
    voice_reports: bool,
    hangs_up_after: Option<u64>,
    night: bool,
    transfer: bool,
    msp: bool,
    speaks_spanish: bool,
}

fn worlds() -> impl Strategy<Value = World> {
    let rare = prop::bool::weighted(0.2);
    (
        any::<bool>(),
        rare,
        prop::bool::weighted(0.85),
        prop::bool::weighted(0.8),
        any::<bool>(),
        prop::option::weighted(0.2, 0..60_000_u64),
        (any::<bool>(), prop::bool::weighted(0.3), any::<bool>()),
    )
        .prop_map(|(caller_known, repeat, hearing, voice_reports, night, hangs_up_after, shop)| World {
            caller_known,
            repeat,
            hearing,
            voice_reports,
            hangs_up_after,
            night,
            transfer: shop.0,
            msp: shop.1,
            speaks_spanish: shop.2,
        })
}

type Both = (Arc<Prompts>, Arc<Prompts>);

/// English and Spanish.
fn prompts() -> Both {
    static PROMPTS: std::sync::OnceLock<Both> = std::sync::OnceLock::new();
    let load = || {
        let (english, spanish) = (Prompts::english(&metro()), Prompts::spanish(&metro()));
        (Arc::new(english.unwrap()), Arc::new(spanish.unwrap()))
    };
    PROMPTS.get_or_init(load).clone()
}

/// Drives a call and watches everything that comes out.
struct Watch {
    call: Call,
    world: World,
    now: Duration,
    playing: Option<(u32, Duration)>,
    pages_open: u32,
    page_stored: bool,
    ended: bool,
    by_caller: bool,
    transfers: u32,
    connected: bool,
    said: Vec<PromptId>,
    /// Since when the caller waits for a word from us.
    waiting_since: Option<Duration>,
    /// When each instruction became due.
    due: BTreeMap<Safety, Duration>,
}

impl Watch {
    fn new(world: World) -> Self {
        let local = jiff::civil::date(2026, 2, 12).at(if world.night { 23 } else { 18 }, 0, 0, 0);
        let repeat =
            RepeatCaller { minutes_ago: 5, name: Some("Jim".into()), address: Some("218 Oak Lane".into()) };
        let trade = if world.msp { Trade::Msp } else { Trade::Trades };
        let spanish = if world.speaks_spanish { SpanishMode::Speak } else { SpanishMode::Callback };
        let call = Call::new(CallSetup {
            profile: domain::Profile { trade, spanish, ..metro() },
            caller: world.caller_known.then(|| "+15552340415".parse().unwrap()),
            local_start: local,
            repeat: world.repeat.then_some(repeat),
            prompts: prompts().0,
            hearing: world.hearing,
            spanish: Some(prompts().1),
            transfer: world.transfer,
            transfer_ring_s: 30,
        });
        let (playing, waiting_since) = (None, None);
        Self {
            call,
            world,
            now: Duration::ZERO,
            playing,
            pages_open: 0,
            page_stored: false,
            ended: false,
            by_caller: false,
            transfers: 0,
            connected: false,
            said: Vec::new(),
            waiting_since,
            due: BTreeMap::new(),
        }
    }

    fn give(&mut self, input: Input) -> Result<(), TestCaseError> {
        #[allow(clippy::wildcard_enum_match_arm)] // only these change what we watch
        match &input {
            Input::PageCommitted if self.pages_open > 0 => {
                (self.pages_open, self.page_stored) = (self.pages_open - 1, true)
            }
            Input::PageFailed if self.pages_open > 0 => self.pages_open -= 1,
            Input::Speech { .. } | Input::HeardPartial(_) => self.waiting_since = None,
            _ => {}
        }
        let turn_ended = matches!(input, Input::TurnEnded { .. });
        self.by_caller |= matches!(input, Input::HungUp);
        let was_over = self.ended;
        self.call.handle(input, self.now);
        let mut outputs = 0;
        while let Some(output) = self.call.poll_output() {
            prop_assert!(!was_over && !self.ended, "{output:?} after the end");
            outputs += 1;
            prop_assert!(outputs <= 16, "too much at once");
            self.watch(output)?;
        }
        let quiet = self.call.floor.current.is_none();
        if turn_ended
            && quiet
            && !self.ended
            && !matches!(self.call.stage, Stage::Message(_) | Stage::Ringing)
        {
            self.waiting_since.get_or_insert(self.now);
        }
        let waits = self.call.is_holding() && quiet && !self.call.ear.is_talking();
        if waits && !self.ended {
            // On hold there is always something to hear.
            self.waiting_since.get_or_insert(self.now);
        }
        self.connected |= self.call.is_connected();
        if self.connected {
            self.waiting_since = None;
        }
        self.note_due();
        Ok(())
    }

    fn watch(&mut self, output: Output) -> Result<(), TestCaseError> {
        match output {
            Output::Say(saying) => {
                self.waiting_since = None;
                let length = ms(200 + 60 * saying.text.len() as u64);
                self.playing = Some((saying.id, self.now + length));
                prop_assert!(!saying.units.is_empty());
                prop_assert!(!self.call.is_connected(), "two people talk, and we say {:?}", saying.text);
                let prompts: Vec<PromptId> = saying.units.iter().map(|u| u.prompt).collect();
                for prompt in &prompts {
                    prop_assert!(
                        self.page_stored || !prompt.is_promise(),
                        "{prompt:?} before the page was stored"
                    );
                }
                self.note_due();
                let unsaid = self.due.keys().find(|s| s.comes_first() && !self.said_safety(**s)).copied();
                let allowed = saying.prompt.is_safety()
                    || [PromptId::SafetyInterrupt, PromptId::Filler, PromptId::FillerAgain]
                        .contains(&saying.prompt);
                prop_assert!(unsaid.is_none() || allowed, "{:?} before {unsaid:?}", saying.prompt);
                self.said.extend(prompts);
            }
            Output::StopSpeaking => self.playing = None,
            Output::Page(_) => self.pages_open += 1,
            Output::HangUp => self.waiting_since = None,
            Output::Ended(_) => {
                self.ended = true;
                self.waiting_since = None;
            }
            Output::Listen(_) | Output::Hint(_) | Output::Triage { .. } | Output::StartRecording => {}
            Output::Transfer(_) => {
                self.transfers += 1;
                prop_assert!(self.world.transfer && self.transfers == 1, "an unwanted transfer");
                prop_assert!(self.call.details().is_emergency(), "nobody is rung for this");
            }
            Output::CancelTransfer => {}
        }
        Ok(())
    }

    fn said_safety(&self, safety: Safety) -> bool {
        self.said.contains(&PromptId::for_safety(safety))
    }

    fn note_due(&mut self) {
        for safety in self.call.agenda.all_safety() {
            self.due.entry(safety).or_insert(self.now);
        }
    }

    /// Lets time pass; deadlines and playback come when they are due.
    fn pass(&mut self, until: Duration) -> Result<(), TestCaseError> {
        while !self.ended {
            let due = self.call.poll_timeout().map(|(at, _)| at.max(self.now));
            let played = self.playing.map(|(_, end)| end.max(self.now)).filter(|_| self.world.voice_reports);
            let next = [due, played].into_iter().flatten().min().filter(|at| *at <= until);
            let Some(next) = next else { break };
            self.now = next;
            if let Some(since) = self.waiting_since {
                prop_assert!(self.now - since <= ms(2000), "{:?} of silence after a turn", self.now - since);
            }
            if played == Some(next) {
                let id = self.playing.take().map_or(0, |(id, _)| id);
                self.give(Input::PlaybackFinished(id))?;
            } else {
                self.give(Input::Tick)?;
            }
        }
        self.now = self.now.max(until);
        if let Some(since) = self.waiting_since.filter(|_| !self.ended) {
            prop_assert!(self.now - since <= ms(2000), "{:?} of silence after a turn", self.now - since);
        }
        Ok(())
    }

    fn event(&mut self, event: Event) -> Result<(), TestCaseError> {
        match event {
            Event::Give(input) => self.give(input),
            Event::PlayedOut => match self.playing.take() {
                Some((id, _)) => self.give(Input::PlaybackFinished(id)),
                None => Ok(()),
            },
            Event::Stopped(played_ms) => {
                let id = self.playing.map_or(1, |(id, _)| id);
                self.give(Input::PlaybackStopped { id, played_ms })
            }
        }
    }
}

fn run(world: World, events: Vec<(u64, Event)>) -> Result<(), TestCaseError> {
    let mut watch = Watch::new(world.clone());
    watch.give(Input::Answered)?;
    let mut at = Duration::ZERO;
    for (delay, event) in events {
        at += ms(delay);
        watch.pass(at)?;
        if world.hangs_up_after.is_some_and(|t| at >= ms(t)) {
            watch.give(Input::HungUp)?;
        }
        watch.event(event)?;
    }
    watch.pass(at + Duration::from_secs(8000))?;
    prop_assert!(watch.ended, "the call never ended: {:?}", watch.call.poll_timeout());
    prop_assert!(watch.call.poll_timeout().is_none());
    for (safety, due) in &watch.due {
        let enough_time = watch.by_caller
            || watch.connected
            || watch.now.min(Duration::from_secs(355)) < *due + Duration::from_secs(75);
        prop_assert!(enough_time || watch.said_safety(*safety), "{safety:?} was never said");
    }
    watch.give(Input::Tick)?;
    watch.give(Input::HungUp)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Never panics; ends exactly once and in time; nothing after the end; bounded outputs; no promise before the
    /// page is stored; life-safety before anything else; every instruction is said; never two seconds of silence.
    #[test]
    fn whatever_happens_the_call_keeps_its_rules(world in worlds(), events in events()) {
        run(world, events)?;
    }

    /// Text from a recogniser gone mad is still only text.
    #[test]
    fn any_text_is_understood_or_not_but_never_fatal(text in "\\PC{0,120}") {
        use crate::understand::{address, intents, name, phone, spanish, summary, yes_no};
        for asked in [true, false] {
            let _ = (name(&text, asked), address(&text, asked));
        }
        let _ = (phone(&text, None), yes_no(&text), intents(&text), summary::spoken_back(&text, Language::English));
        let _ = (spanish::in_english(&text), summary::spoken_back(&text, Language::Spanish));
        prop_assert!(name(&text, true).is_none_or(|n| n.chars().any(char::is_alphabetic)));
    }
}

#[test]
fn the_longest_call_ends_within_a_minute_after_its_time() {
    let mut watch = Watch::new(World {
        caller_known: true,
        repeat: false,
        hearing: true,
        voice_reports: true,
        hangs_up_after: None,
        night: false,
        transfer: false,
        msp: false,
        speaks_spanish: false,
    });
    watch.give(Input::Answered).unwrap();
    // A caller who never stops talking.
    for second in 1..400_u64 {
        watch.pass(Duration::from_secs(second)).unwrap();
        if watch.ended {
            assert!((300..=360).contains(&second), "ended after {second} s");
            return;
        }
        watch.give(Input::Speech { sustained_ms: 600 }).unwrap();
    }
    panic!("still talking");
}
