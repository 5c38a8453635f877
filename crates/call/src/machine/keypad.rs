//! When nobody can be understood: the keypad menu, the emergency key, and leaving a message.

use std::time::Duration;

use domain::{Decision, Heard, PhoneNumber, Safety, Turn};

use super::{Call, Question, Stage, Timer, ending::Leaving, floor::Line};
use crate::{
    prompts::PromptId,
    protocol::{BargeIn, Output},
};

/// Silence that ends a message: before the first word, and after the last.
const SILENCE_BEFORE: Duration = Duration::from_secs(12);
const SILENCE_AFTER: Duration = Duration::from_secs(6);
/// Longest message.
const MESSAGE_MAX: Duration = Duration::from_secs(120);
/// Waiting for the keys of a number.
const NUMBER_PATIENCE: Duration = Duration::from_secs(15);
/// Menus before a message is taken anyway.
const MENUS_MAX: u8 = 2;

/// A message being taken.
#[derive(Debug, Default)]
pub(crate) struct Message {
    /// The request to speak was heard: everything from here is the message.
    open_since: Option<Duration>,
    /// The caller's number is not known: it is typed first.
    wants_number: bool,
}

impl Call {
    pub(crate) fn is_taking_message(&self) -> bool {
        matches!(self.stage, Stage::Message(_))
    }

    /// "Press 1 for an emergency, 2 to leave a message."
    pub(crate) fn keypad_menu(&mut self) {
        self.make_room();
        self.owe_safety(true);
        self.owe_safety(false);
        self.agenda.menus += 1;
        if self.agenda.menus > MENUS_MAX {
            self.take_message(PromptId::VoicemailStart);
        } else {
            self.ask(Question::KeypadMenu, &[PromptId::KeypadMenu]);
        }
    }

    pub(crate) fn menu_key(&mut self, key: char) {
        match key {
            '1' => self.emergency_by_key(),
            '2' => {
                self.stop_for_key();
                self.take_message(PromptId::VoicemailStart);
            }
            _ => self.ask_again(&[]),
        }
    }

    /// The page goes out at once; a message tells the rest.
    fn emergency_by_key(&mut self) {
        self.stop_for_key();
        self.declare_emergency_by_key();
        if self.may_transfer() {
            self.transfer_before_message();
        } else {
            self.take_message(PromptId::VoicemailStart);
        }
    }

    fn declare_emergency_by_key(&mut self) {
        self.details.emergency_by_key = true;
        self.details.caller_spoke = true;
        self.details.note("Caller pressed 1 for an emergency");
        self.agenda.switch_to_emergency();
        self.page_now();
        let any_safety = !self.details.safety_given.is_empty();
        if !any_safety && self.agenda.owe(Safety::Danger) {
            self.owe_safety(true);
        }
    }

    /// Takes a message after the greeting or request; asks for the number first if we do not have one.
    pub(crate) fn take_message(&mut self, opening: PromptId) {
        self.ear.shut();
        self.agenda.news = false;
        for timer in [Timer::Filler, Timer::TriageLate, Timer::TalkLimit, Timer::FalseInterruption] {
            self.timers.clear(timer);
        }
        self.stage = Stage::Message(Message::default());
        if opening != PromptId::VoicemailStart {
            self.say(message_line(opening));
        }
        if self.paging.is_stored() {
            self.say(message_line(PromptId::KeyEmergency));
        }
        if self.details.phone.is_none() {
            self.message_asks_number();
        } else {
            self.say(message_line(PromptId::VoicemailStart));
        }
        self.timers.set(Timer::MessageOver, self.now + MESSAGE_MAX);
    }

    fn message_asks_number(&mut self) {
        if let Stage::Message(message) = &mut self.stage {
            message.wants_number = true;
        }
        self.agenda.keys.clear();
        self.say(message_line(PromptId::VoicemailNumber));
        self.timers.set(Timer::KeyPause, self.now + NUMBER_PATIENCE);
    }

    /// The number was typed, or nothing more came.
    pub(crate) fn message_number_complete(&mut self) {
        let Stage::Message(message) = &mut self.stage else { return };
        if !std::mem::take(&mut message.wants_number) {
            return;
        }
        let keys = std::mem::take(&mut self.agenda.keys);
        match PhoneNumber::parse_dialable(&keys) {
            Ok(number) if keys.len() >= 10 => {
                self.details.phone = Some(number);
                self.details.phone_confirmed = true;
                self.paging.facts_changed();
                self.update_page();
            }
            Ok(_) | Err(_) => self.details.note("No call-back number"),
        }
        self.stop_for_key();
        self.say(message_line(PromptId::VoicemailStart));
    }

    pub(crate) fn message_key(&mut self, key: char) {
        let Stage::Message(message) = &self.stage else { return };
        match (key, message.wants_number) {
            ('1', false) if !self.details.emergency_by_key => {
                self.stop_for_key();
                self.declare_emergency_by_key();
                if self.may_transfer() {
                    self.timers.clear(Timer::MessageOver);
                    self.transfer_before_message();
                } else if self.details.phone.is_none() {
                    self.message_asks_number();
                } else {
                    self.say(message_line(PromptId::VoicemailStart));
                }
            }
            // With the number still to come, 1 alone is the emergency key unless more digits follow.
            ('#', true) if self.agenda.keys == "1" => self.key_one_before_number(),
            ('#', true) => self.message_number_complete(),
            ('#', false) => self.message_over(),
            ('*', true) => self.agenda.keys.clear(),
            (digit, true) => self.message_number_key(digit),
            (_, false) => {}
        }
    }

    fn message_number_key(&mut self, digit: char) {
        self.stop_for_key();
        self.agenda.keys.push(digit);
        let keys = self.agenda.keys.clone();
        // A lone 1 was offered as the emergency key a moment ago.
        if keys == "1" && !self.details.emergency_by_key {
            return self.key_one_before_number();
        }
        if keys.len() == 11 || (keys.len() == 10 && !keys.starts_with('1')) {
            return self.message_number_complete();
        }
        self.timers.set(Timer::KeyPause, self.now + Duration::from_secs(6));
    }

    fn key_one_before_number(&mut self) {
        self.declare_emergency_by_key();
        self.message_asks_number();
    }

    /// The request to speak was heard to its end.
    pub(crate) fn message_begins(&mut self) {
        let now = self.now;
        if let Stage::Message(message) = &mut self.stage {
            message.open_since = Some(now);
            self.start_recording();
            self.timers.set(Timer::MessageOver, now + SILENCE_BEFORE);
        }
    }

    pub(crate) fn message_goes_on(&mut self, sustained_ms: u32) {
        let Stage::Message(message) = &self.stage else { return };
        let Some(since) = message.open_since else { return };
        if sustained_ms >= 600 {
            self.details.caller_spoke = true;
        }
        self.timers.set(Timer::MessageOver, since + MESSAGE_MAX);
    }

    pub(crate) fn message_pauses(&mut self) {
        let Stage::Message(message) = &self.stage else { return };
        let Some(since) = message.open_since else { return };
        self.timers.set(Timer::MessageOver, (self.now + SILENCE_AFTER).min(since + MESSAGE_MAX));
    }

    /// The recogniser came back while a message was spoken.
    pub(crate) fn message_text(&mut self, heard: Heard) {
        if heard.text.trim().is_empty() {
            return;
        }
        self.details.caller_spoke = true;
        self.note_language(&heard);
        let read = self.readable(&heard.text).into_owned();
        self.take_in_passing(&read, None);
        self.note_issue(&heard.text);
        self.turns.push(Turn { tone: heard.tone, ..Turn::caller(heard.text) });
        self.out.push_back(Output::Triage { early: false });
    }

    /// What the message said makes it an emergency, or not.
    pub(crate) fn message_decided(&mut self, decision: Decision) {
        if self.take_decision(decision) {
            self.say_urgent_safety();
            self.owe_safety(false);
        }
    }

    pub(crate) fn message_page_stored(&mut self) {
        // Never into the middle of the message; then it is said at its end.
        let open = matches!(&self.stage, Stage::Message(m) if m.open_since.is_some());
        if !open {
            let at = self.floor.queue.iter().position(|l| l.prompts == [PromptId::VoicemailStart]);
            let line = message_line(PromptId::KeyEmergency);
            self.floor.queue.insert(at.unwrap_or(self.floor.queue.len()), line);
        }
    }

    /// The message has ended.
    pub(crate) fn message_over(&mut self) {
        self.timers.clear(Timer::MessageOver);
        self.timers.clear(Timer::KeyPause);
        self.stop_for_key();
        self.details.note("Message left on the recording");
        self.update_page();
        let mut lines = Vec::new();
        if self.details.is_emergency() {
            let prompt = match (self.paging.is_stored(), &self.details.acknowledged_by) {
                (true, Some(_)) => PromptId::Acknowledged,
                (true, None) => PromptId::KeyEmergency,
                (false, _) => PromptId::SignoffUnsent,
            };
            lines.push(Line::farewell(&[prompt]));
        }
        lines.push(Line::farewell(&[PromptId::VoicemailThanks]));
        self.leave(Leaving::completed("message left"), lines);
    }
}

/// Nothing cuts the instructions: without a recogniser we could not tell why.
fn message_line(prompt: PromptId) -> Line {
    Line { barge_in: BargeIn::No, ..Line::talk(&[prompt]) }
}
