//! The call-back number: caller ID as the default, read back in groups, corrected, and typed as the way out.

use std::time::Duration;

use domain::PhoneNumber;

use super::{Call, Question, Stage, Timer, agenda::exhausted};
use crate::{
    prompts::PromptId,
    understand::{Answer, Intent, Spoken, phone, yes_no},
};

/// After the last key of a number.
const KEY_PAUSE: Duration = Duration::from_secs(4);
/// Spoken tries before the keypad, and tries in all.
const SPOKEN_TRIES: u8 = 2;
const TRIES_MAX: u8 = 4;

impl Call {
    /// Asks for the number if it is missing. True when it asked.
    pub(crate) fn ask_number(&mut self) -> bool {
        if self.agenda.phone.closed {
            return false;
        }
        if exhausted(&mut self.agenda.phone) || self.agenda.phone.tries >= TRIES_MAX {
            self.number_open();
            return false;
        }
        if self.agenda.candidate.is_some() {
            self.ask(Question::Readback, &[PromptId::NumberReadback]);
        } else if self.setup.caller.is_some() && !self.agenda.caller_id_rejected {
            self.ask(Question::CallerId, &[PromptId::AskNumberCallerId]);
        } else if self.agenda.phone.tries >= SPOKEN_TRIES {
            self.ask(Question::NumberKeys, &[PromptId::AskNumberKeys]);
        } else if !self.agenda.digits.is_empty() {
            self.ask(Question::Number, &[PromptId::AskNumberRest]);
        } else {
            let first = self.agenda.phone.tries == 0;
            self.ask(Question::Number, &[if first { PromptId::AskNumber } else { PromptId::AskNumberAgain }]);
        }
        true
    }

    /// "The one you're calling from, ending in …?"
    pub(crate) fn answer_caller_id(&mut self, text: &str, intents: &[Intent], in_passing: bool) {
        let caller = self.setup.caller.clone();
        match self.spoken_number(text, caller.as_ref(), in_passing) {
            Spoken::Number(number) if Some(&number) == caller.as_ref() => self.number_confirmed(number),
            Spoken::Number(number) => self.read_back(number),
            Spoken::NotDialable => {
                self.agenda.caller_id_rejected = true;
                self.number_not_understood(PromptId::NumberNotDialable);
            }
            Spoken::Part(digits) if yes_no(text) == Answer::No => {
                self.agenda.caller_id_rejected = true;
                self.agenda.digits = digits;
                self.go_on(&[]);
            }
            Spoken::SameNumber => self.caller_id_agreed(),
            Spoken::Part(_) | Spoken::Nothing => match yes_no(text) {
                Answer::Yes => self.caller_id_agreed(),
                _ if intents.contains(&Intent::Refusal) => self.go_on_without_number(),
                Answer::No if in_passing => self.go_on(&[]),
                Answer::No => {
                    self.agenda.caller_id_rejected = true;
                    self.go_on(&[PromptId::NoProblem]);
                }
                Answer::Unclear if in_passing => self.go_on(&[]),
                Answer::Unclear => {
                    self.agenda.phone.tries += 1;
                    if self.agenda.phone.tries >= SPOKEN_TRIES {
                        self.go_on_without_number();
                    } else {
                        self.ask_again(&[PromptId::DidNotCatch]);
                    }
                }
            },
        }
    }

    /// "What's the best number?", by voice or while keys are expected.
    pub(crate) fn answer_number(&mut self, text: &str, intents: &[Intent], in_passing: bool) {
        let base = self.setup.caller.clone().filter(|_| self.agenda.digits.is_empty());
        match self.spoken_number(text, base.as_ref(), in_passing) {
            Spoken::Number(number) => self.read_back(number),
            Spoken::NotDialable => self.number_not_understood(PromptId::NumberNotDialable),
            Spoken::Part(digits) => self.number_continued(&digits),
            Spoken::SameNumber if self.setup.caller.is_some() => self.caller_id_agreed(),
            Spoken::SameNumber | Spoken::Nothing => {
                if in_passing {
                    self.go_on(&[]);
                } else if intents.contains(&Intent::Refusal) || yes_no(text) == Answer::No {
                    self.number_refused();
                } else {
                    self.number_not_understood(PromptId::AskNumberAgain);
                }
            }
        }
    }

    /// "The best number to reach you is 5 5 5 …?"
    pub(crate) fn answer_readback(&mut self, text: &str, in_passing: bool) {
        let Some(candidate) = self.agenda.candidate.clone() else {
            self.go_on(&[]);
            return;
        };
        match self.spoken_number(text, Some(&candidate), in_passing) {
            Spoken::Number(number) if number == candidate => self.number_confirmed(number),
            Spoken::Number(number) => {
                self.agenda.phone.tries += 1;
                self.read_back(number);
            }
            Spoken::SameNumber => self.number_confirmed(candidate),
            Spoken::NotDialable | Spoken::Part(_) | Spoken::Nothing => match yes_no(text) {
                Answer::Yes => self.number_confirmed(candidate),
                Answer::Unclear if self.agenda.phone.tries >= SPOKEN_TRIES => {
                    self.details.phone = Some(candidate);
                    self.go_on_without_number();
                }
                Answer::Unclear if in_passing => self.go_on(&[]),
                Answer::Unclear => {
                    self.agenda.phone.tries += 1;
                    self.ask_again(&[PromptId::DidNotCatch]);
                }
                Answer::No => {
                    self.agenda.candidate = None;
                    self.agenda.caller_id_rejected = true;
                    self.agenda.phone.tries += 1;
                    self.go_on(&[]);
                }
            },
        }
    }

    /// A house number in the same breath is no telephone number.
    fn spoken_number(&self, text: &str, base: Option<&PhoneNumber>, in_passing: bool) -> Spoken {
        match phone(text, base.filter(|_| !in_passing)) {
            Spoken::Part(_) if in_passing => Spoken::Nothing,
            other @ (Spoken::Number(_)
            | Spoken::NotDialable
            | Spoken::Part(_)
            | Spoken::SameNumber
            | Spoken::Nothing) => other,
        }
    }

    fn caller_id_agreed(&mut self) {
        match self.setup.caller.clone() {
            Some(number) => self.number_confirmed(number),
            None => self.number_not_understood(PromptId::AskNumberAgain),
        }
    }

    fn read_back(&mut self, number: PhoneNumber) {
        self.agenda.digits.clear();
        self.agenda.caller_id_rejected = true;
        self.agenda.candidate = Some(number);
        self.go_on(&[]);
    }

    pub(crate) fn number_confirmed(&mut self, number: PhoneNumber) {
        self.details.phone = Some(number.clone());
        self.details.phone_confirmed = true;
        self.agenda.candidate = Some(number);
        self.agenda.phone.closed = true;
        self.paging.facts_changed();
        self.go_on(&[]);
    }

    /// Half a number: the rest is asked for.
    fn number_continued(&mut self, digits: &str) {
        self.agenda.digits.push_str(digits);
        let all = self.agenda.digits.clone();
        match phone(&all, None) {
            Spoken::Number(number) => self.read_back(number),
            Spoken::NotDialable => self.number_not_understood(PromptId::NumberNotDialable),
            Spoken::Part(_) | Spoken::SameNumber | Spoken::Nothing => {
                self.ask(Question::Number, &[PromptId::AskNumberRest]);
                self.agenda.phone.asked += 1;
                if self.agenda.phone.asked > 6 {
                    self.go_on_without_number();
                }
            }
        }
    }

    fn number_not_understood(&mut self, prompt: PromptId) {
        self.agenda.digits.clear();
        self.agenda.phone.tries += 1;
        if self.agenda.phone.tries >= SPOKEN_TRIES {
            self.go_on(&[]);
        } else {
            self.ask(Question::Number, &[prompt]);
        }
    }

    /// With caller ID nothing is lost; without it we say once why it matters.
    fn number_refused(&mut self) {
        self.agenda.phone.tries += 1;
        if self.setup.caller.is_none() && self.agenda.phone.tries < SPOKEN_TRIES {
            self.ask(Question::Number, &[PromptId::NumberNeeded]);
        } else {
            self.go_on_without_number();
        }
    }

    fn go_on_without_number(&mut self) {
        self.number_open();
        self.go_on(&[PromptId::NoProblem]);
    }

    /// The question of the number is closed without a confirmation.
    fn number_open(&mut self) {
        self.agenda.phone.closed = true;
        let note = match self.details.phone {
            Some(_) => "Call-back number not confirmed",
            None => "No call-back number",
        };
        self.details.note(note);
    }

    /// A key of the caller's telephone.
    pub(crate) fn key(&mut self, key: char) {
        if !matches!(key, '0'..='9' | '*' | '#') {
            return;
        }
        self.key_was_pressed();
        match &self.stage {
            Stage::Message(_) => self.message_key(key),
            Stage::Holding => self.hold_key(key),
            Stage::Asking(Question::KeypadMenu) => self.menu_key(key),
            Stage::Asking(Question::HumanProof) => self.human_proved(),
            Stage::Asking(
                Question::CallerId | Question::Number | Question::Readback | Question::NumberKeys,
            ) => {
                self.number_key(key);
            }
            Stage::Ringing | Stage::Asking(_) | Stage::Connected | Stage::Leaving(_) | Stage::Ended => {}
        }
    }

    fn number_key(&mut self, key: char) {
        self.stop_for_key();
        match key {
            '*' => self.agenda.keys.clear(),
            '#' => return self.keys_complete(),
            digit => self.agenda.keys.push(digit),
        }
        let keys = &self.agenda.keys;
        if keys.len() == 11 || (keys.len() == 10 && !keys.starts_with('1')) {
            return self.keys_complete();
        }
        self.timers.set(Timer::KeyPause, self.now + KEY_PAUSE);
    }

    /// No more keys: what was typed is the number, or 1 for yes and 2 for no.
    pub(crate) fn keys_complete(&mut self) {
        self.timers.clear(Timer::KeyPause);
        if self.is_taking_message() {
            self.message_number_complete();
            return;
        }
        let keys = std::mem::take(&mut self.agenda.keys);
        let Some(question) = self.question() else { return };
        match (question, keys.as_str()) {
            (Question::CallerId, "1" | "2") => self.answer_caller_id(spoken_key(&keys), &[], false),
            (Question::Readback, "1" | "2") => self.answer_readback(spoken_key(&keys), false),
            (_, typed) => match PhoneNumber::parse_dialable(typed) {
                Ok(number) if typed.len() >= 10 => self.number_confirmed(number),
                Ok(_) | Err(_) => {
                    self.agenda.candidate = None;
                    self.agenda.caller_id_rejected = true;
                    self.agenda.phone.tries = self.agenda.phone.tries.max(SPOKEN_TRIES - 1) + 1;
                    self.go_on(&[PromptId::DidNotCatch]);
                }
            },
        }
    }
}

fn spoken_key(key: &str) -> &'static str {
    if key == "1" { "yes" } else { "no" }
}
