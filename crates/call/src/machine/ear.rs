//! The caller's side: who has the floor, waiting for text and decision, noise, and silence.

use std::time::Duration;

use domain::{Heard, Tone, Turn};

use super::{Call, Question, Stage, Timer, floor::Line, resolve::STEP_PATIENCE};
use crate::{
    prompts::PromptId,
    protocol::{Hint, Input, MachineSigns, Output},
    understand::{Address, Answer, Spoken, address, intent::is_small_talk, name, phone, yes_no},
};

/// From the caller's last sound to the first filler, when the text or the decision is late.
const FILLER_FIRST: Duration = Duration::from_millis(900);
/// Text that is nearly there gets this long before a filler, however long the caller has been silent.
const FILLER_AT_LEAST: Duration = Duration::from_millis(100);
/// From the end of a filler to the next.
pub(crate) const FILLER_AGAIN: Duration = Duration::from_millis(1200);
/// A decision that takes longer is not waited for.
const TRIAGE_PATIENCE: Duration = Duration::from_millis(600);
/// Speech that stopped us and ends within this time without text was noise.
const FALSE_INTERRUPTION: Duration = Duration::from_millis(2000);
/// Nobody talks longer than this without a pause.
const TALK_MAX: Duration = Duration::from_secs(45);
/// A life-safety instruction waits this long for a pause.
const SAFETY_PATIENCE: Duration = Duration::from_secs(5);
/// People who interrupt stop for breath; a recording talks on this long.
const OVER_US: Duration = Duration::from_secs(8);
/// Silence before we ask whether anybody is there, and after "hold on".
const SILENCE: Duration = Duration::from_secs(8);
const SILENCE_ON_HOLD: Duration = Duration::from_secs(30);

/// What is missing before the finished turn can be answered.
#[derive(Debug)]
enum Waiting {
    Text,
    Decision(Heard),
}

/// The caller's side of the conversation.
#[derive(Debug, Default)]
pub(crate) struct Ear {
    talking: bool,
    waiting: Option<Waiting>,
    fillers: u8,
    /// Text of pieces of the turn that still goes on.
    carried: Option<Heard>,
    /// The newest partial of the open piece.
    partial: Option<Heard>,
    /// Consecutive turns without words.
    unheard: u8,
    /// Consecutive failures of the recogniser.
    failures: u8,
    /// Consecutive silences.
    silences: u8,
    /// The caller asked us to wait.
    on_hold: bool,
    /// When the caller's speech cut us off.
    cut_us_at: Option<Duration>,
    talked_over_us: bool,
}

impl Ear {
    pub(crate) fn is_talking(&self) -> bool {
        self.talking
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    pub(crate) fn hold(&mut self) {
        self.on_hold = true;
    }

    /// The caller's speech cut a sentence of ours.
    pub(crate) fn cuts_us(&mut self, now: Duration) {
        self.cut_us_at = Some(now);
    }

    /// Words of the turn that is not finished, for an early decision.
    pub(crate) fn unfinished(&self) -> Option<Heard> {
        match (&self.carried, &self.partial) {
            (Some(a), Some(b)) => Some(joined(a.clone(), b)),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        }
    }

    /// Nobody is listened to any more: what was open is dropped.
    pub(crate) fn shut(&mut self) {
        *self = Ear { talked_over_us: self.talked_over_us, ..Ear::default() };
    }

    fn a_word_was_heard(&mut self) {
        (self.unheard, self.failures, self.silences) = (0, 0, 0);
        self.on_hold = false;
    }
}

fn joined(first: Heard, second: &Heard) -> Heard {
    let text = format!("{} {}", first.text.trim(), second.text.trim()).trim().to_string();
    let tone = if second.tone == Tone::Neutral { first.tone } else { second.tone };
    Heard { text, tone, confidence: first.confidence.min(second.confidence), language: second.language }
}

impl Call {
    /// Everything that comes from the caller's mouth.
    pub(crate) fn hear(&mut self, input: Input) {
        match input {
            Input::Speech { sustained_ms } => self.speech(sustained_ms),
            Input::TurnEnded { silence_ms } => self.turn_ended(silence_ms),
            Input::Heard(heard) => self.heard(heard),
            Input::HeardPartial(heard) => self.heard_partial(heard),
            Input::HearingFailed => self.hearing_failed(),
            Input::Decided(decision) => self.decided(Some(decision)),
            Input::TriageFailed => self.decided(None),
            Input::DecidedEarly(decision) => self.decided_early(decision),
            Input::Answered
            | Input::PlaybackStarted(_)
            | Input::PlaybackFinished(_)
            | Input::PlaybackStopped { .. }
            | Input::Key(_)
            | Input::PageCommitted
            | Input::PageFailed
            | Input::Tone(_)
            | Input::Transfer(_)
            | Input::Acknowledged { .. }
            | Input::HungUp
            | Input::Tick => {}
        }
    }

    fn speech(&mut self, sustained_ms: u32) {
        self.timers.clear(Timer::CallerSilent);
        self.timers.clear(Timer::HangUp);
        if self.is_taking_message() {
            self.message_goes_on(sustained_ms);
            return;
        }
        self.ear.talking = true;
        self.timers.clear(Timer::Filler);
        self.yield_to(sustained_ms);
        if sustained_ms >= 600 {
            self.timers.clear(Timer::FalseInterruption);
            self.timers.set(Timer::TalkLimit, self.now + TALK_MAX);
        } else if !self.timers.is_set(Timer::TalkLimit) {
            self.timers.set(Timer::FalseInterruption, self.now + FALSE_INTERRUPTION);
        }
    }

    /// Speech that led to nothing: carry on as if it had not been.
    pub(crate) fn false_interruption(&mut self) {
        self.ear.talking = false;
        if self.ear.waiting.is_some() {
            self.timers.set(Timer::Filler, self.now);
        } else if self.agenda.news {
            self.begin_emergency();
        } else {
            self.resume_cut();
        }
    }

    /// The caller has finished. The text is due now.
    pub(crate) fn turn_ended(&mut self, silence_ms: u32) {
        self.ear.talking = false;
        self.ear.partial = None;
        for timer in [Timer::FalseInterruption, Timer::TalkLimit, Timer::SafetyWaits, Timer::CallerSilent] {
            self.timers.clear(timer);
        }
        if self.is_taking_message() {
            self.message_pauses();
            return;
        }
        if self.ear.cut_us_at.take().is_some_and(|cut| self.now.saturating_sub(cut) >= OVER_US) {
            self.ear.talked_over_us = true;
        }
        if let Some(Waiting::Decision(heard)) = self.ear.waiting.take() {
            self.carry(heard);
        }
        self.ear.waiting = Some(Waiting::Text);
        self.ear.fillers = 0;
        if !self.timers.is_set(Timer::Filler) {
            let silence = Duration::from_millis(u64::from(silence_ms));
            let due = FILLER_FIRST.saturating_sub(silence).max(FILLER_AT_LEAST);
            self.timers.set(Timer::Filler, self.now + due);
        }
        self.say_urgent_safety();
    }

    fn carry(&mut self, heard: Heard) {
        self.ear.carried = Some(match self.ear.carried.take() {
            Some(before) => joined(before, &heard),
            None => heard,
        });
    }

    fn heard(&mut self, heard: Heard) {
        self.details.hear_tone(heard.tone);
        if self.is_taking_message() {
            self.message_text(heard);
            return;
        }
        if self.ear.talking {
            // The caller goes on: this was a piece of a longer turn.
            self.ear.waiting = None;
            self.timers.clear(Timer::Filler);
            if !heard.text.trim().is_empty() {
                self.carry(heard);
                self.out.push_back(Output::Triage { early: true });
            }
            return;
        }
        let heard = match self.ear.carried.take() {
            Some(before) => joined(before, &heard),
            None => heard,
        };
        if heard.text.trim().is_empty() {
            self.nothing_heard();
            return;
        }
        self.ear.a_word_was_heard();
        self.note_language(&heard);
        self.details.caller_spoke = true;
        self.turns.push(Turn { tone: heard.tone, ..Turn::caller(heard.text.clone()) });
        if !self.timers.is_set(Timer::Filler) {
            self.timers.set(Timer::Filler, self.now + FILLER_FIRST);
        }
        self.ear.waiting = Some(Waiting::Decision(heard));
        self.timers.set(Timer::TriageLate, self.now + TRIAGE_PATIENCE);
        self.out.push_back(Output::Triage { early: false });
    }

    /// A cough, a slammed door, words that no recogniser understands.
    fn nothing_heard(&mut self) {
        self.ear.waiting = None;
        self.timers.clear(Timer::Filler);
        if self.agenda.news {
            return self.begin_emergency();
        }
        if self.resume_cut() || !self.floor.is_free() || self.is_holding() {
            return;
        }
        self.ear.unheard = self.ear.unheard.saturating_add(1);
        if self.ear.unheard >= 3 {
            self.keypad_menu();
        } else {
            self.not_understood();
        }
    }

    /// An emergency that is known already goes on; otherwise the question is asked again.
    fn not_understood(&mut self) {
        if self.agenda.news {
            self.begin_emergency();
        } else if matches!(self.stage, Stage::Asking(_)) {
            self.ask_again(&[PromptId::DidNotCatch]);
        }
    }

    fn hearing_failed(&mut self) {
        if self.ear.waiting.take().is_none() {
            return;
        }
        self.timers.clear(Timer::Filler);
        self.ear.failures = self.ear.failures.saturating_add(1);
        if self.agenda.news || self.is_holding() {
            self.begin_emergency();
        } else if self.ear.failures >= 2 {
            self.keypad_menu();
        } else if !self.resume_cut() {
            self.not_understood();
        }
    }

    fn heard_partial(&mut self, heard: Heard) {
        if heard.text.trim().is_empty() || self.is_taking_message() {
            return;
        }
        self.details.hear_tone(heard.tone);
        if heard.text.split_whitespace().count() >= 4 {
            // An instruction may be due before the turn ends: in the caller's language.
            self.note_language(&heard);
        }
        self.timers.clear(Timer::FalseInterruption);
        self.timers.set(Timer::TalkLimit, self.now + TALK_MAX);
        self.ear.talking = true;
        self.timers.clear(Timer::CallerSilent);
        self.out.push_back(Output::Hint(self.hint(&heard.text)));
        self.out.push_back(Output::Triage { early: true });
        self.ear.partial = Some(heard);
    }

    fn decided(&mut self, decision: Option<domain::Decision>) {
        let Some(Waiting::Decision(heard)) = self.ear.waiting.take_if(|w| matches!(w, Waiting::Decision(_)))
        else {
            // It comes too late for its turn; only an upgrade still matters.
            if let Some(decision) = decision {
                self.decided_early(decision);
            }
            return;
        };
        self.timers.clear(Timer::Filler);
        self.timers.clear(Timer::TriageLate);
        if self.ear.talking {
            // The caller has gone on: answer when they have finished, but wake people now.
            if let Some(decision) = decision {
                self.decided_early(decision);
            }
            self.turns.pop();
            self.carry(heard);
            return;
        }
        self.respond(&heard, decision);
    }

    fn decided_early(&mut self, decision: domain::Decision) {
        if self.is_taking_message() {
            self.message_decided(decision);
            return;
        }
        let news = self.take_decision(decision);
        if !news {
            return;
        }
        if self.ear.talking || self.ear.waiting.is_some() {
            if self.agenda.owes_urgent_safety(&self.details) && self.ear.talking {
                self.timers.set(Timer::SafetyWaits, self.now + SAFETY_PATIENCE);
            }
            if !self.ear.talking {
                self.say_urgent_safety();
            }
            return;
        }
        self.begin_emergency();
    }

    /// The caller talks on although a life-safety instruction is due.
    pub(crate) fn safety_cannot_wait(&mut self) {
        if !self.ear.talking || !self.agenda.owes_urgent_safety(&self.details) {
            return;
        }
        self.ear.talking = false;
        self.ear.waiting = None;
        self.timers.clear(Timer::TalkLimit);
        if let Some(open) = self.ear.unfinished() {
            self.note_issue(&open.text);
        }
        self.begin_emergency();
        if let Some(first) = self.floor.queue.front_mut() {
            first.prompts.insert(0, PromptId::SafetyInterrupt);
        }
    }

    /// Whatever we wait for has a deadline, however we came to wait for it.
    pub(crate) fn ensure_deadline(&mut self) {
        if self.ear.talking {
            if !self.timers.is_set(Timer::FalseInterruption) && !self.timers.is_set(Timer::TalkLimit) {
                self.timers.set(Timer::TalkLimit, self.now + TALK_MAX);
            }
        } else if self.ear.waiting.is_some() && !self.timers.is_set(Timer::Filler) {
            self.timers.set(Timer::Filler, self.now + FILLER_FIRST);
        }
    }

    /// Text or decision is late: never leave the caller in silence.
    pub(crate) fn late(&mut self) {
        if self.ear.waiting.is_none() || self.ear.talking || self.floor.current.is_some() {
            return;
        }
        if self.is_holding() {
            // The music goes on; the words are answered when they come.
            self.ear.waiting = None;
            self.timers.clear(Timer::TriageLate);
            return;
        }
        self.ear.fillers += 1;
        match self.ear.fillers {
            1 => self.floor.queue.push_front(Line::filler(PromptId::Filler)),
            2 => self.floor.queue.push_front(Line::filler(PromptId::FillerAgain)),
            _ => {
                self.ear.waiting = None;
                self.timers.clear(Timer::TriageLate);
                if self.agenda.news {
                    self.begin_emergency();
                } else if self.is_it() && self.may_transfer() {
                    self.connect_to_someone();
                } else {
                    self.keypad_menu();
                }
            }
        }
    }

    /// Nothing is queued and nothing is being said.
    pub(crate) fn nothing_to_say(&mut self) {
        if self.ear.talking || self.ear.waiting.is_some() {
            return;
        }
        match &self.stage {
            Stage::Leaving(_) if !self.timers.is_set(Timer::HangUp) => {
                self.timers.set(Timer::HangUp, self.now + Duration::from_millis(300));
            }
            Stage::Asking(_) if !self.timers.is_set(Timer::CallerSilent) => {
                let busy = self.question() == Some(Question::StepDone);
                let wait = match (busy, self.ear.on_hold) {
                    (true, _) => STEP_PATIENCE,
                    (false, true) => SILENCE_ON_HOLD,
                    (false, false) => SILENCE,
                };
                self.timers.set(Timer::CallerSilent, self.now + wait);
            }
            Stage::Holding => {
                self.keep_company();
                self.pump();
            }
            Stage::Ringing
            | Stage::Asking(_)
            | Stage::Leaving(_)
            | Stage::Message(_)
            | Stage::Connected
            | Stage::Ended => {}
        }
    }

    /// The caller has said nothing for a while.
    pub(crate) fn caller_silent(&mut self) {
        self.ear.on_hold = false;
        if self.question() == Some(Question::StepDone) && self.remind_of_step() {
            return;
        }
        if self.agenda.acknowledged_owed {
            return self.go_on(&[]);
        }
        self.ear.silences = self.ear.silences.saturating_add(1);
        match (self.question(), self.ear.silences) {
            (Some(Question::HumanProof), _) => self.robocall_over(),
            (Some(Question::KeypadMenu), _) => self.keypad_menu(),
            (_, 1) => self.say(Line::talk(&[PromptId::StillThere])),
            (_, 2) => self.say(Line::talk(&[PromptId::CannotHear])),
            (_, _) => self.silent_goodbye(),
        }
    }

    /// What the line has shown of a machine on the other side, for triage: it talked on over us, gave no answer to
    /// a question, beeped.
    pub fn machine_signs(&self) -> MachineSigns {
        MachineSigns {
            talked_over_us: self.ear.talked_over_us,
            no_answer: self.ear.silences > 0,
            beep: self.beeped,
        }
    }

    /// A key shows that somebody is there.
    pub(crate) fn key_was_pressed(&mut self) {
        self.ear.silences = 0;
        self.timers.clear(Timer::CallerSilent);
    }

    /// Whether the words so far can be a whole answer to what was asked.
    fn hint(&self, text: &str) -> Hint {
        let low = text.trim_end_matches([' ', '.', ',', '?']).to_lowercase();
        let last = low.rsplit(' ').next().unwrap_or_default();
        let read = self.readable(text);
        let text = read.as_ref();
        let dangling = [
            "and", "um", "uh", "the", "my", "to", "of", "at", "is", "it's", "a", "or", "but", "because",
            "so", "y", "eh", "el", "la", "mi", "de", "en", "es", "un", "una", "o", "pero", "porque", "que",
        ];
        if dangling.contains(&last) || text.trim_end().ends_with("...") {
            return Hint::Incomplete;
        }
        match self.question() {
            Some(
                Question::CallerId
                | Question::Readback
                | Question::KnownName
                | Question::KnownAddress
                | Question::Spelling
                | Question::StepFixed,
            ) => {
                if yes_no(text) == Answer::Unclear {
                    Hint::Unknown
                } else {
                    Hint::Complete
                }
            }
            Some(Question::Name) if name(text, true).is_some_and(|n| n.contains(' ')) => Hint::Complete,
            Some(Question::Number) => match phone(text, None) {
                Spoken::Number(_) | Spoken::SameNumber => Hint::Complete,
                Spoken::Part(_) => Hint::Incomplete,
                Spoken::NotDialable | Spoken::Nothing => Hint::Unknown,
            },
            Some(Question::Address) => match address(text, true) {
                Address::Full(_) => Hint::Complete,
                Address::HouseNumber(_) => Hint::Incomplete,
                Address::Street(_) | Address::None => Hint::Unknown,
            },
            Some(Question::Matter) if is_small_talk(text) => Hint::Incomplete,
            Some(_) | None => Hint::Unknown,
        }
    }
}
