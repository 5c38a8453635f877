//! What the caller's answers change. Each function closes its question or counts a try, then goes on.

use super::{Call, Question, agenda::Path};
use crate::{
    prompts::PromptId,
    understand::{
        Address, Answer, Intent, address, intent, name, name::spelled, phone::phone_in_passing, yes_no,
    },
};

/// Tries for a name or an address before the call goes on without it. An emergency is never held up long.
const TRIES_ROUTINE: u8 = 3;
const TRIES_EMERGENCY: u8 = 2;
/// Additions that are kept.
const EXTRAS_MAX: usize = 20;
/// Longest company name in words.
const COMPANY_WORDS_MAX: usize = 8;

/// What the caller said, and how it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    /// The caller's own words: for the card.
    pub(crate) words: &'a str,
    /// The same for understanding: English, whatever the caller speaks.
    pub(crate) read: &'a str,
}

/// Facts that were given although something else was asked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct InPassing {
    pub(crate) name: bool,
    pub(crate) address: bool,
    pub(crate) phone: bool,
    /// The question itself was not asked aloud yet: an answer that does not fit it is no failed try.
    pub(crate) unasked: bool,
}

impl InPassing {
    pub(crate) fn any(self) -> bool {
        self.given() || self.unasked
    }

    /// A fact was given.
    pub(crate) fn given(self) -> bool {
        self.name || self.address || self.phone
    }
}

impl Call {
    /// Takes names, addresses and numbers that come unasked, and corrections of those that we have.
    pub(crate) fn take_in_passing(&mut self, text: &str, question: Option<Question>) -> InPassing {
        let corrects = intent::is_correction(text) || yes_no(text) == Answer::No;
        let last_word = matches!(question, Some(Question::Extra | Question::WrapUp));
        InPassing {
            name: self.name_in_passing(text, question, corrects && !last_word),
            address: self.address_in_passing(text, question, corrects || last_word),
            phone: self.phone_in_passing(text, question, corrects || last_word),
            unasked: false,
        }
    }

    fn name_in_passing(&mut self, text: &str, question: Option<Question>, corrects: bool) -> bool {
        let wanted = !self.agenda.name.closed || corrects;
        if matches!(question, Some(Question::Name | Question::KnownName)) || !wanted {
            return false;
        }
        match name(text, false).filter(|n| self.details.name.as_ref() != Some(n)) {
            Some(found) => {
                self.set_name(found);
                true
            }
            None => false,
        }
    }

    fn address_in_passing(&mut self, text: &str, question: Option<Question>, corrects: bool) -> bool {
        let asked =
            matches!(question, Some(Question::Address | Question::HouseNumber | Question::KnownAddress));
        if asked || self.is_it() || (self.agenda.address.closed && !corrects) {
            return false;
        }
        match address(text, false) {
            Address::Full(found) if self.details.address.as_ref() != Some(&found) => {
                let corrected = self.details.address.is_some();
                self.set_address(found);
                self.agenda.address_corrected = corrected;
                true
            }
            Address::Full(_) | Address::Street(_) | Address::HouseNumber(_) | Address::None => false,
        }
    }

    fn phone_in_passing(&mut self, text: &str, question: Option<Question>, corrects: bool) -> bool {
        let asked = matches!(
            question,
            Some(Question::CallerId | Question::Number | Question::Readback | Question::NumberKeys)
        );
        if asked || (self.agenda.phone.closed && !corrects) {
            return false;
        }
        match phone_in_passing(text)
            .filter(|n| self.details.phone.as_ref() != Some(n) || !self.details.phone_confirmed)
        {
            Some(number) => {
                self.agenda.candidate = Some(number);
                self.agenda.caller_id_rejected = true;
                self.agenda.phone.closed = false;
                true
            }
            None => false,
        }
    }

    pub(crate) fn set_name(&mut self, name: String) {
        self.details.name = Some(name);
        self.agenda.name.closed = true;
        self.agenda.known_name = None;
        self.paging.facts_changed();
    }

    pub(crate) fn set_address(&mut self, address: String) {
        self.details.address = Some(address);
        self.agenda.address.closed = true;
        self.agenda.known_address = None;
        self.agenda.street = None;
        self.agenda.echo_address = true;
        self.paging.facts_changed();
    }

    /// The caller's words about the problem.
    pub(crate) fn note_issue(&mut self, text: &str) {
        let text = text.trim();
        let known = self.details.issue_texts.last().is_some_and(|last| last == text);
        if !known && !intent::is_small_talk(text) && self.details.issue_texts.len() < 30 {
            self.details.issue_texts.push(text.to_string());
            self.paging.facts_changed();
        }
    }

    fn tries_max(&self) -> u8 {
        if self.agenda.path == Some(Path::Emergency) { TRIES_EMERGENCY } else { TRIES_ROUTINE }
    }

    /// "Can I get your name?"
    pub(crate) fn answer_name(&mut self, said: Said<'_>, intents: &[Intent], in_passing: InPassing) {
        let text = said.read;
        if let Some(found) = name(text, true) {
            let letters = spelled(text);
            self.set_name(found);
            self.name_spelled(letters);
        } else if intents.contains(&Intent::Refusal) || yes_no(text) == Answer::No {
            self.agenda.name.closed = true;
            self.agenda.refused = true;
            self.details.note("Name not provided");
            self.go_on(&[PromptId::NoProblem]);
        } else {
            self.note_if_story(said);
            if !in_passing.any() {
                self.agenda.name.tries += 1;
            }
            if self.agenda.name.tries >= self.tries_max() {
                self.agenda.name.closed = true;
                self.details.note("Name not understood");
            }
            self.go_on(&[]);
        }
    }

    /// Some callers go on telling what is wrong instead of answering.
    fn note_if_story(&mut self, said: Said<'_>) {
        if said.words.split_whitespace().count() > 4 {
            self.note_issue(said.words);
        }
    }

    /// "Am I speaking with Jim?"
    pub(crate) fn answer_known_name(&mut self, text: &str) {
        let offered = self.agenda.known_name.take();
        let other = name(text, false);
        match (yes_no(text), other, offered) {
            (_, Some(other), _) => self.set_name(other),
            (Answer::Yes, None, Some(offered)) => self.set_name(offered),
            // Somebody else: then the address of the last call is not theirs to hear.
            (Answer::No, None, _) => self.agenda.known_address = None,
            (Answer::Yes | Answer::Unclear, None, _) => {}
        }
        self.go_on(&[]);
    }

    /// "Is this about 218 Oak Lane?"
    pub(crate) fn answer_known_address(&mut self, text: &str) {
        let offered = self.agenda.known_address.take();
        match (address(text, false), yes_no(text), offered) {
            (Address::Full(other), _, _) => self.set_address(other),
            (_, Answer::Yes, Some(offered)) => self.set_address(offered),
            (_, _, _) => {}
        }
        self.go_on(&[]);
    }

    /// "What's the address?"
    pub(crate) fn answer_address(&mut self, said: Said<'_>, intents: &[Intent], in_passing: InPassing) {
        let text = said.read;
        match address(text, true) {
            Address::Full(found) => self.set_address(found),
            Address::Street(street) => self.agenda.street = Some(street),
            Address::HouseNumber(_) | Address::None if intents.contains(&Intent::Refusal) => {
                return self.address_refused();
            }
            Address::HouseNumber(_) | Address::None => {
                if yes_no(text) == Answer::No && text.split_whitespace().count() <= 3 {
                    return self.address_refused();
                }
                self.note_if_story(said);
                self.agenda.address.tries += u8::from(!in_passing.any());
                if self.agenda.address.tries >= self.tries_max() {
                    self.agenda.address.closed = true;
                    self.details.note(format!("Address not understood: \"{}\"", cut(said.words)));
                }
            }
        }
        self.go_on(&[]);
    }

    fn address_refused(&mut self) {
        self.agenda.address.closed = true;
        self.agenda.refused = true;
        self.details.note("Address not provided");
        self.go_on(&[PromptId::NoProblem]);
    }

    /// "And the house number?" A street alone is better than nothing.
    pub(crate) fn answer_house_number(&mut self, text: &str) {
        let street = self.agenda.street.take().unwrap_or_default();
        let found = match address(text, true) {
            Address::Full(full) => full,
            Address::HouseNumber(number) => format!("{number} {street}"),
            Address::Street(_) | Address::None => {
                self.details.note("House number not provided");
                street
            }
        };
        self.set_address(found);
        self.go_on(&[]);
    }

    /// "Which company are you calling from?"
    pub(crate) fn answer_company(&mut self, said: Said<'_>, intents: &[Intent]) {
        self.agenda.address.closed = true;
        if intents.contains(&Intent::Refusal) || yes_no(said.read) == Answer::No {
            self.details.note("Company not provided");
            return self.go_on(&[PromptId::NoProblem]);
        }
        let words: Vec<&str> = said.words.split_whitespace().take(COMPANY_WORDS_MAX).collect();
        let company = crate::understand::summary::summary(&words.join(" "));
        self.details.note(format!("Company: {company}"));
        self.details.company = Some(company);
        self.paging.facts_changed();
        self.go_on(&[]);
    }

    /// "Can you tell me a little more?"
    pub(crate) fn answer_details(&mut self, said: Said<'_>, intents: &[Intent]) {
        self.agenda.details_done = true;
        if intents.contains(&Intent::Done) {
            // "That's it, thanks": then there is nothing else to ask for either.
            self.agenda.extra_done = true;
        } else if !intent::is_backchannel(said.read) && !is_bare_no(said.read) {
            self.note_issue(said.words);
        }
        self.go_on(&[]);
    }

    /// "Anything else?"
    pub(crate) fn answer_extra(&mut self, said: Said<'_>, intents: &[Intent], in_passing: InPassing) {
        let text = said.read;
        if intent::is_backchannel(text) && yes_no(text) == Answer::Yes {
            // "Yes." – and now it comes.
            self.agenda.asked = vec![PromptId::GoAhead];
            return self.ask_again(&[]);
        }
        self.agenda.extra_done = true;
        if in_passing.given() || is_bare_no(text) || intent::is_small_talk(text) {
            return self.go_on(&[]);
        }
        if intents.contains(&Intent::Done) && text.split_whitespace().count() <= 6 {
            return self.go_on(&[]);
        }
        self.note_extra(said.words);
        let short = said.words.split_whitespace().count() <= 14;
        self.go_on(&[if short { PromptId::IssueReadback } else { PromptId::Added }]);
    }
}

impl Call {
    /// Something that was added to the matter.
    pub(crate) fn note_extra(&mut self, words: &str) {
        if self.details.extra_texts.len() < EXTRAS_MAX {
            self.details.extra_texts.push(words.trim().to_string());
        }
        self.paging.facts_changed();
    }

    /// A name that was spelled is read back letter by letter: as a question, or in an emergency as a statement.
    fn name_spelled(&mut self, letters: Option<String>) {
        self.agenda.spelled = letters;
        if self.agenda.spelled.is_none() {
            return self.go_on(&[]);
        }
        if self.agenda.path == Some(Path::Emergency) {
            return self.go_on(&[PromptId::SpellingEcho]);
        }
        self.go_on_with(|call| call.ask(Question::Spelling, &[PromptId::SpellingReadback]));
    }

    /// "K, O, W … is that right?"
    pub(crate) fn answer_spelling(&mut self, said: Said<'_>) {
        let text = said.read;
        let other = spelled(text).filter(|l| Some(l) != self.agenda.spelled.as_ref());
        if let (Some(letters), Some(found)) = (other, name(text, true)) {
            // Spelled once more: believed.
            let first = self.details.name.as_deref().map(crate::understand::first_name);
            let kept = first.filter(|f| !found.contains(' ') && self.details.name.as_deref() != Some(*f));
            let name = kept.map_or(found.clone(), |first| format!("{first} {found}"));
            self.set_name(name);
            self.agenda.spelled = Some(letters);
            return self.go_on(&[PromptId::SpellingEcho]);
        }
        if yes_no(text) == Answer::No && !self.agenda.spelled_again {
            self.agenda.spelled_again = true;
            self.agenda.name.closed = false;
            self.agenda.name.tries = 2;
            self.details.name = None;
            return self.go_on(&[]);
        }
        self.go_on(&[]);
    }
}

/// "No.", "Nope, nothing."
fn is_bare_no(text: &str) -> bool {
    yes_no(text) == Answer::No && text.split_whitespace().count() <= 3
}

fn cut(text: &str) -> String {
    text.chars().take(60).collect()
}
