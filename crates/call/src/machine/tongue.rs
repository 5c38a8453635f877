//! Which language the call is held in, and reading answers in it (decision K12).

use std::borrow::Cow;

use domain::{Heard, Language, SpanishMode};

use super::{Call, Question, Stage, agenda::Path, answers::Said, ending::Leaving, floor::Line};
use crate::{prompts::PromptId, understand::spanish};

/// Turns in English before a Spanish conversation goes on in English.
const ENGLISH_TURNS: u8 = 2;

impl Call {
    /// Takes note of the language of what was said. Names and streets alone change nothing.
    pub(crate) fn note_language(&mut self, heard: &Heard) {
        let text = heard.text.trim();
        let words = text.split_whitespace().count();
        if spanish::is_declined(text) {
            self.details.language = Language::English;
            return;
        }
        let spoken = heard.language == Language::Spanish && words >= 2;
        if spanish::is_asked_for(text) || (spoken && (!self.expects_names() || spanish::is_spoken_in(text))) {
            self.agenda.english_turns = 0;
            self.details.language = Language::Spanish;
            self.details.note("Caller spoke Spanish");
            return;
        }
        let english = heard.language == Language::English && words >= 3 && !self.expects_names();
        if self.details.language == Language::Spanish && english && !spanish::is_spoken_in(text) {
            self.agenda.english_turns += 1;
            if self.agenda.english_turns >= ENGLISH_TURNS {
                self.details.language = Language::English;
            }
        }
    }

    fn expects_names(&self) -> bool {
        matches!(
            self.question(),
            Some(
                Question::Name
                    | Question::Spelling
                    | Question::KnownName
                    | Question::Address
                    | Question::KnownAddress
                    | Question::HouseNumber
                    | Question::Company
                    | Question::Number
                    | Question::NumberKeys
            )
        )
    }

    /// The words as they can be read: a Spanish answer in English.
    pub(crate) fn readable<'a>(&self, words: &'a str) -> Cow<'a, str> {
        match self.details.language {
            Language::English => Cow::Borrowed(words),
            Language::Spanish => Cow::Owned(spanish::in_english(words)),
        }
    }

    /// The conversation cannot be held in the caller's language: a call back is promised instead.
    pub(crate) fn must_be_called_back(&self) -> bool {
        let speaks = self.setup.profile.spanish == SpanishMode::Speak && self.setup.spanish.is_some();
        self.details.language == Language::Spanish && !speaks && !self.agenda.callback_told
    }

    /// Call-back mode: the apology, and the number if we have none. Safety instructions were owed before.
    pub(crate) fn spanish_caller(&mut self, said: Said<'_>) {
        self.note_issue(said.words);
        self.agenda.news = false;
        self.agenda.callback_told = true;
        self.details.caller_spoke = true;
        self.owe_safety(true);
        self.owe_safety(false);
        let mut lines = vec![Line::farewell(&[PromptId::SpanishCallback])];
        if self.setup.spanish.is_some() {
            // And once in English, for a caller who was only taken for somebody who speaks Spanish.
            let english = Line::farewell(&[PromptId::SpanishCallback]);
            lines.push(Line { language: Some(Language::English), ..english });
        }
        if self.agenda.path == Some(Path::Emergency) {
            lines.push(Line::farewell(&[PromptId::KeyEmergency]));
        }
        if self.details.phone.is_some() {
            return self.leave(Leaving::completed("Spanish caller: call-back"), lines);
        }
        self.agenda.name.closed = true;
        self.agenda.address.closed = true;
        self.agenda.details_done = true;
        self.agenda.path = self.agenda.path.or(Some(Path::Routine));
        self.agenda.skip_intro();
        self.agenda.phone.tries = 2;
        self.floor.queue.extend(lines);
        self.ask(Question::NumberKeys, &[PromptId::AskNumberKeys]);
    }

    /// True while the farewell of a call-back is said: nothing more is made of the caller's words.
    pub(crate) fn is_saying_callback(&self) -> bool {
        self.agenda.callback_told && matches!(self.stage, Stage::Leaving(_))
    }
}
