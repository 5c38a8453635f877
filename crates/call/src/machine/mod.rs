//! One phone call.
//!
//! ```text
//! Input ─► ear (who has the floor, text, decision) ─► respond ─► answers / number ─► agenda (what is owed, what is
//!          asked next) ─► floor (one saying at a time) ─► Output
//! ```
//!
//! Beside it: `paging` (the page and what may be said about it), `keypad` (menu and message when nobody can be
//! understood), `ending`, and `timers` (every wait has a deadline with a name).

mod agenda;
mod answers;
mod ear;
mod ending;
mod floor;
mod keypad;
mod number;
mod paging;
mod resolve;
mod respond;
mod timers;
mod tongue;
mod transfer;

use std::{collections::VecDeque, time::Duration};

use domain::{Endpointing, Turn};
use jiff::civil::DateTime;

use agenda::Agenda;
use ear::Ear;
use ending::Leaving;
use floor::{Floor, Line};
use keypad::Message;
use paging::Paging;
use timers::{Timer, Timers};
use transfer::Transfer;

use crate::{
    details::Details,
    prompts::PromptId,
    protocol::{CallSetup, Input, MachineTone, Output},
};

/// After the longest call: time for a last sentence, and the very end.
const HARD_END_AFTER: Duration = Duration::from_secs(40);
const LAST_SECOND_AFTER: Duration = Duration::from_secs(55);
/// Deadlines handled in one go; more can only come from a mistake.
const TIMERS_PER_INPUT_MAX: u8 = 32;

/// What we wait for the caller to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// "How can I help you?"
    Matter,
    /// "Does it need attention tonight?"
    Urgency,
    Name,
    /// "K, O, W … is that right?"
    Spelling,
    /// "Am I speaking with …?"
    KnownName,
    Address,
    /// "Is this about …?"
    KnownAddress,
    HouseNumber,
    Company,
    /// "The one you're calling from?"
    CallerId,
    Number,
    /// "The best number is …?"
    Readback,
    /// The number by keypad.
    NumberKeys,
    Details,
    /// "Anything else?"
    Extra,
    /// "I think I have everything I need."
    WrapUp,
    /// "Reboot the router, and tell me when it is done."
    StepDone,
    /// "Did that fix it?"
    StepFixed,
    /// "Press 1 if you are calling about a problem."
    HumanProof,
    KeypadMenu,
    /// The page must be stored before we go on.
    PageStored,
}

impl Question {
    fn endpointing(self) -> Endpointing {
        match self {
            Question::KnownName
            | Question::KnownAddress
            | Question::CallerId
            | Question::Readback
            | Question::Spelling
            | Question::StepFixed => Endpointing::YesNo,
            Question::Name => Endpointing::Name,
            // Somebody who is busy with a cable talks with long pauses, as people do who look for a house number.
            Question::Address | Question::StepDone => Endpointing::Address,
            Question::Number | Question::NumberKeys | Question::HouseNumber => Endpointing::Digits,
            Question::Matter
            | Question::Urgency
            | Question::Company
            | Question::Details
            | Question::Extra
            | Question::WrapUp
            | Question::HumanProof
            | Question::KeypadMenu
            | Question::PageStored => Endpointing::Open,
        }
    }

    /// "Yeah" and "okay" are answers to it.
    fn takes_yes(self) -> bool {
        !matches!(
            self,
            Question::Matter | Question::Name | Question::Address | Question::Number | Question::HouseNumber
        )
    }
}

/// Where the call stands.
#[derive(Debug)]
enum Stage {
    Ringing,
    Asking(Question),
    /// The on-call person's phone rings, the caller waits.
    Holding,
    /// Caller and on-call person talk; we are silent.
    Connected,
    /// The caller leaves a message; the recogniser is dead or does not understand.
    Message(Message),
    /// The last words are being said.
    Leaving(Leaving),
    Ended,
}

/// One phone call, from ringing to its end. See the crate's documentation.
#[derive(Debug)]
pub struct Call {
    setup: CallSetup,
    now: Duration,
    answered_at: Duration,
    out: VecDeque<Output>,
    timers: Timers,
    stage: Stage,
    ear: Ear,
    floor: Floor,
    agenda: Agenda,
    paging: Paging,
    transfer: Transfer,
    details: Details,
    turns: Vec<Turn>,
    listening: Option<Endpointing>,
    configured: bool,
    /// A machine beeped on the line.
    beeped: bool,
}

impl Call {
    /// A call that is about to be answered.
    pub fn new(setup: CallSetup) -> Self {
        let details = Details { phone: setup.caller.clone(), ..Details::default() };
        let agenda = Agenda::new(&setup);
        Self {
            setup,
            now: Duration::ZERO,
            answered_at: Duration::ZERO,
            out: VecDeque::new(),
            timers: Timers::default(),
            stage: Stage::Ringing,
            ear: Ear::default(),
            floor: Floor::default(),
            agenda,
            paging: Paging::default(),
            transfer: Transfer::default(),
            details,
            turns: Vec::new(),
            listening: None,
            configured: true,
            beeped: false,
        }
    }

    /// A call to a number that belongs to no business: SAY-36 and the end.
    pub fn not_configured(setup: CallSetup) -> Self {
        Self { configured: false, ..Self::new(setup) }
    }

    /// Takes in what happened. `now` is the time since the call began; time never runs backwards here.
    pub fn handle(&mut self, input: Input, now: Duration) {
        if self.has_ended() {
            return;
        }
        self.now = self.now.max(now);
        match input {
            Input::HungUp => self.caller_hung_up(),
            Input::Transfer(result) => self.transfer_result(result),
            _ if self.is_connected() => self.while_connected(&input),
            Input::Answered => self.answered(),
            _ if matches!(self.stage, Stage::Ringing) => {}
            Input::PlaybackStarted(_) | Input::Tick => {}
            Input::Acknowledged { by } => self.acknowledged(&by),
            Input::PlaybackFinished(id) => self.playback_over(id, true),
            Input::PlaybackStopped { id, played_ms } => self.playback_stopped(id, played_ms),
            Input::Key(key) => self.key(key),
            Input::PageCommitted => self.page_committed(),
            Input::PageFailed => self.page_failed(),
            Input::Tone(tone) => self.machine_tone(tone),
            Input::Speech { .. }
            | Input::TurnEnded { .. }
            | Input::Heard(_)
            | Input::HeardPartial(_)
            | Input::HearingFailed
            | Input::Decided(_)
            | Input::DecidedEarly(_)
            | Input::TriageFailed => self.hear(input),
        }
        for _ in 0..TIMERS_PER_INPUT_MAX {
            self.pump();
            let Some(timer) = self.timers.take_due(self.now) else { break };
            self.due(timer);
        }
    }

    /// The next thing to do; call until `None` after every `handle`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When to call `handle(Input::Tick, …)` at the latest, and what is waited for.
    pub fn poll_timeout(&self) -> Option<(Duration, &'static str)> {
        self.timers.next().map(|(due, timer)| (due, timer.why()))
    }

    /// What was found out so far.
    pub fn details(&self) -> &Details {
        &self.details
    }

    /// The conversation so far: finished caller turns and everything we began to say.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// What triage must look at: the turns, and for an early decision the words of the open turn as well.
    pub fn turns_for_triage(&self, early: bool) -> Vec<Turn> {
        let mut turns = self.turns.clone();
        if early && let Some(open) = self.ear.unfinished() {
            turns.push(Turn { tone: open.tone, ..Turn::caller(open.text) });
        }
        turns
    }

    /// True once the clarifying question (SAY-04) was asked: triage's context needs it.
    pub fn clarifying_asked(&self) -> bool {
        self.agenda.clarify_asked
    }

    /// The business that was called.
    pub fn profile(&self) -> &domain::Profile {
        &self.setup.profile
    }

    /// True when the same number called a little while ago: triage's context needs it.
    pub fn is_repeat_caller(&self) -> bool {
        self.setup.repeat.is_some()
    }

    /// The shop's wall time now.
    pub fn local(&self) -> DateTime {
        let since = jiff::SignedDuration::try_from(self.now).unwrap_or_default();
        self.setup.local_start.checked_add(since).unwrap_or(self.setup.local_start)
    }

    fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended)
    }

    fn question(&self) -> Option<Question> {
        match &self.stage {
            Stage::Asking(question) => Some(*question),
            Stage::Ringing
            | Stage::Holding
            | Stage::Connected
            | Stage::Message(_)
            | Stage::Leaving(_)
            | Stage::Ended => None,
        }
    }

    fn answered(&mut self) {
        if !matches!(self.stage, Stage::Ringing) {
            return;
        }
        self.answered_at = self.now;
        let longest = self.now + Duration::from_secs(u64::from(self.setup.profile.max_call_s.max(30)));
        self.set_longest(longest);
        if !self.configured {
            self.leave(Leaving::not_configured(), vec![Line::talk(&[PromptId::NotConfigured])]);
        } else if self.setup.hearing {
            self.greet();
        } else {
            self.take_message(PromptId::VoicemailGreeting);
        }
    }

    /// When the call must come to its end.
    fn set_longest(&mut self, longest: Duration) {
        self.timers.set(Timer::WrapUp, longest);
        self.timers.set(Timer::HardEnd, longest + HARD_END_AFTER);
        self.timers.set(Timer::LastSecond, longest + LAST_SECOND_AFTER);
    }

    fn due(&mut self, timer: Timer) {
        match timer {
            Timer::Filler => self.late(),
            Timer::TriageLate => self.hear(Input::TriageFailed),
            Timer::Playback => {
                let id = self.floor.current.as_ref().map_or(0, |p| p.id);
                self.playback_over(id, false);
            }
            Timer::CallerSilent => self.caller_silent(),
            Timer::FalseInterruption => self.false_interruption(),
            Timer::TalkLimit => self.turn_ended(0),
            Timer::SafetyWaits => self.safety_cannot_wait(),
            Timer::PageLate => self.page_late(),
            Timer::PageRetry => self.page_retry(),
            Timer::KeyPause => self.keys_complete(),
            Timer::TransferLate => self.transfer_late(),
            Timer::MessageOver => self.message_over(),
            Timer::HangUp => self.everything_said(),
            Timer::WrapUp => self.wrap_up(),
            Timer::HardEnd => self.hard_end(),
            Timer::LastSecond => self.end(false, "longest call reached"),
        }
    }

    /// Asks: the line is queued, and the ear knows what kind of answer comes.
    fn ask(&mut self, question: Question, prompts: &[PromptId]) {
        self.stage = Stage::Asking(question);
        if !prompts.is_empty() {
            self.say(Line::talk(prompts));
        }
        let class = question.endpointing();
        if self.listening != Some(class) {
            self.listening = Some(class);
            self.out.push_back(Output::Listen(class));
        }
        self.agenda.asked = prompts.to_vec();
        self.agenda.asked_aloud = false;
    }

    /// The transcript has what we began to say.
    fn remember_line(&mut self, line: &Line, text: &str) {
        if line.skip == 0 && !text.is_empty() {
            self.turns.push(Turn::agent(text));
        }
        self.agenda.began(line);
    }

    fn machine_tone(&mut self, tone: MachineTone) {
        match tone {
            MachineTone::Fax => self.end_as_spam("fax machine"),
            MachineTone::Beep => {
                self.beeped = true;
                self.doubt_human();
            }
        }
    }
}

/// Whether we take the call at all: outside business hours, or always (source D:540-548).
pub fn takes_call(profile: &domain::Profile, local: DateTime) -> bool {
    profile.always_active || !profile.hours.is_open(local)
}

#[cfg(test)]
mod tests;
