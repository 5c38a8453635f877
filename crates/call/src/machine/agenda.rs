//! What is owed to the caller, and what is asked next. Everything is derived from facts: after an interruption
//! the plan is made again, and only what is still missing is said.

use domain::{Issue, PhoneNumber, Safety, Service, Trade};

use super::{
    Call, Question, Timer,
    ending::Leaving,
    floor::{Line, Role},
    resolve::Walk,
};
use crate::{
    details::Details,
    prompts::PromptId,
    protocol::{BargeIn, CallSetup},
};

/// How often a safety instruction is begun again after clear speech cut it.
const SAFETY_TRIES_MAX: u8 = 3;

/// Which way the call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path {
    Emergency,
    Routine,
}

/// One fact to collect.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Slot {
    /// Known, or given up on.
    pub(crate) closed: bool,
    /// Answers that did not contain it.
    pub(crate) tries: u8,
    /// Times it was asked for, so that nothing is asked for ever.
    pub(crate) asked: u8,
}

/// What the caller was told about help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Promise {
    #[default]
    NotYet,
    /// "I'm going to reach out right now."
    Given,
    /// "I could not reach our technician."
    Withheld,
}

/// A safety instruction that the caller must hear.
#[derive(Debug, Clone, Copy)]
struct SafetyDue {
    safety: Safety,
    tries: u8,
}

/// The plan of a call.
#[derive(Debug)]
pub(crate) struct Agenda {
    pub(crate) path: Option<Path>,
    intro_said: bool,
    safety: Vec<SafetyDue>,
    /// The recording notice was cut.
    pub(crate) notice_owed: bool,
    /// Recording was begun.
    pub(crate) recording: bool,
    pub(crate) name: Slot,
    pub(crate) address: Slot,
    pub(crate) phone: Slot,
    pub(crate) details_done: bool,
    pub(crate) info_told: bool,
    pub(crate) extra_done: bool,
    pub(crate) promise: Promise,
    pub(crate) clarify_asked: bool,
    pub(crate) wrapping_up: bool,
    pub(crate) human_proved: bool,
    /// Address of the last call, offered until it is answered.
    pub(crate) known_name: Option<String>,
    pub(crate) known_address: Option<String>,
    /// A street without a house number.
    pub(crate) street: Option<String>,
    /// Number to be confirmed.
    pub(crate) candidate: Option<PhoneNumber>,
    /// The caller ID is not the number to call back.
    pub(crate) caller_id_rejected: bool,
    /// Digits of a spoken number that is not complete.
    pub(crate) digits: String,
    /// Digits typed so far.
    pub(crate) keys: String,
    /// What was asked last, for "can you repeat that?".
    pub(crate) asked: Vec<PromptId>,
    /// The address was just understood: say it back with the next question.
    pub(crate) echo_address: bool,
    /// It replaced another.
    pub(crate) address_corrected: bool,
    /// An emergency, or an instruction, that nothing was said about yet.
    pub(crate) news: bool,
    /// The pending question was begun aloud.
    pub(crate) asked_aloud: bool,
    /// Menus that were offered without an answer.
    pub(crate) menus: u8,
    /// The caller would not give a name or an address: no more questions before the on-call person is rung.
    pub(crate) refused: bool,
    /// The letters of a name that was spelled, to be read back.
    pub(crate) spelled: Option<String>,
    pub(crate) spelled_again: bool,
    /// The runbook's steps on their way, and whether they were begun.
    pub(crate) walk: Option<Walk>,
    pub(crate) walked: bool,
    /// Somebody took the alert, and the caller was not told yet.
    pub(crate) acknowledged_owed: bool,
    /// A call back was promised because we do not speak the caller's language.
    pub(crate) callback_told: bool,
    /// Turns in English within a Spanish conversation.
    pub(crate) english_turns: u8,
}

impl Agenda {
    pub(crate) fn new(setup: &CallSetup) -> Self {
        let repeat = setup.repeat.as_ref();
        Self {
            path: None,
            intro_said: false,
            safety: Vec::new(),
            notice_owed: setup.profile.record && setup.profile.recording_notice,
            recording: false,
            name: Slot::default(),
            address: Slot::default(),
            phone: Slot::default(),
            details_done: false,
            info_told: false,
            extra_done: false,
            promise: Promise::NotYet,
            clarify_asked: false,
            wrapping_up: false,
            human_proved: false,
            known_name: repeat.and_then(|r| r.name.clone()),
            known_address: repeat.and_then(|r| r.address.clone()),
            street: None,
            candidate: None,
            caller_id_rejected: false,
            digits: String::new(),
            keys: String::new(),
            asked: Vec::new(),
            echo_address: false,
            address_corrected: false,
            news: false,
            asked_aloud: false,
            menus: 0,
            refused: false,
            spelled: None,
            spelled_again: false,
            walk: None,
            walked: false,
            acknowledged_owed: false,
            callback_told: false,
            english_turns: 0,
        }
    }

    /// A line went on the air.
    pub(crate) fn began(&mut self, line: &Line) {
        if line.prompts.contains(&PromptId::EmergencyIntro) || line.prompts.contains(&PromptId::RoutineIntro)
        {
            self.intro_said = true;
        }
        self.asked_aloud |= !self.asked.is_empty() && line.prompts == self.asked;
        if let Role::Safety(safety) = line.role
            && let Some(due) = self.safety.iter_mut().find(|d| d.safety == safety)
        {
            due.tries = due.tries.saturating_add(1);
        }
    }

    pub(crate) fn owe(&mut self, safety: Safety) -> bool {
        let new = !self.safety.iter().any(|d| d.safety == safety);
        if new {
            self.safety.push(SafetyDue { safety, tries: 0 });
        }
        new
    }

    /// The introduction is not needed: something better was said.
    pub(crate) fn skip_intro(&mut self) {
        self.intro_said = true;
    }

    /// A change of path deserves its own introduction.
    pub(crate) fn switch_to_emergency(&mut self) {
        if self.path != Some(Path::Emergency) {
            self.path = Some(Path::Emergency);
            self.intro_said = false;
            self.extra_done = false;
        }
    }

    fn owed(&self, details: &Details, first: bool) -> Vec<(Safety, u8)> {
        self.safety
            .iter()
            .filter(|d| d.safety.comes_first() == first && d.tries < SAFETY_TRIES_MAX)
            .filter(|d| !details.heard_to_the_end(d.safety))
            .map(|d| (d.safety, d.tries))
            .collect()
    }

    pub(crate) fn owes_urgent_safety(&self, details: &Details) -> bool {
        !self.owed(details, true).is_empty()
    }

    /// Instructions that the caller has, to be said once more near the end.
    pub(crate) fn all_safety(&self) -> Vec<Safety> {
        self.safety.iter().map(|d| d.safety).collect()
    }
}

impl Call {
    /// Greets: who we are, perhaps that we remember the caller, the question, the recording notice.
    pub(crate) fn greet(&mut self) {
        let hello = match self.setup.profile.disclosure {
            domain::Disclosure::Asked => PromptId::Greeting,
            domain::Disclosure::Greeting => PromptId::GreetingDisclosed,
        };
        let mut prompts = vec![hello];
        if self.setup.repeat.is_some() {
            prompts.push(PromptId::RepeatCaller);
        }
        prompts.push(PromptId::GreetingQuestion);
        if self.agenda.notice_owed {
            prompts.push(PromptId::RecordingNotice);
        }
        self.ask(Question::Matter, &prompts);
    }

    /// Queues the safety instructions that the caller has not heard to the end.
    /// `first`: those that come before everything else.
    pub(crate) fn owe_safety(&mut self, first: bool) {
        for (safety, tries) in self.agenda.owed(&self.details, first) {
            if self.floor.has_safety(safety) {
                continue;
            }
            // Cut twice by talk: the third time it is said through.
            let barge_in = if tries + 1 < SAFETY_TRIES_MAX { BargeIn::ClearSpeechOnly } else { BargeIn::No };
            self.say(Line::safety(safety, &[PromptId::for_safety(safety)], barge_in));
        }
    }

    /// Says life-safety instructions at once, even while text or decision are awaited.
    pub(crate) fn say_urgent_safety(&mut self) {
        if !self.agenda.owes_urgent_safety(&self.details) {
            return;
        }
        self.owe_safety(true);
        // In front of whatever else was to be said.
        let is_urgent = |line: &Line| matches!(line.role, Role::Safety(safety) if safety.comes_first());
        self.floor.queue.make_contiguous().sort_by_key(|line| !is_urgent(line));
    }

    /// Whatever the answer was, an instruction that the caller has not heard to the end comes before it.
    pub(crate) fn keep_owed_safety(&mut self) {
        let planned = self.floor.queue.len();
        self.owe_safety(true);
        self.owe_safety(false);
        let added = self.floor.queue.len() - planned;
        self.floor.queue.rotate_right(added);
    }

    /// Says what is owed, then the lead, then asks the next question of the path.
    pub(crate) fn go_on(&mut self, lead: &[PromptId]) {
        if self.is_holding() {
            return self.go_on_holding(lead);
        }
        self.say_what_is_owed(lead);
        self.ask_next();
    }

    /// The same with another question than the plan's.
    pub(crate) fn go_on_with(&mut self, ask: impl FnOnce(&mut Self)) {
        self.say_what_is_owed(&[]);
        ask(self);
    }

    /// The lead was a promise: the instructions follow it once more, as they do after the usual one.
    pub(crate) fn go_on_after_promise(&mut self, lead: &[PromptId]) {
        self.say_what_is_owed(lead);
        self.repeat_safety();
        self.ask_next();
    }

    fn say_what_is_owed(&mut self, lead: &[PromptId]) {
        self.agenda.news = false;
        self.floor.queue.clear();
        self.floor.forget_cut();
        self.timers.clear(Timer::CallerSilent);
        self.owe_safety(true);
        if !lead.is_empty() {
            self.say(Line::talk(lead));
        }
        match self.agenda.path {
            // Put through at once: nothing is asked first.
            Some(Path::Emergency) if self.may_transfer() && self.caller_cannot_wait() => {}
            Some(Path::Emergency) if !self.agenda.intro_said => {
                self.say(Line::talk(&[PromptId::EmergencyIntro]))
            }
            Some(Path::Routine) if !self.agenda.intro_said => self.say(Line::talk(&[PromptId::RoutineIntro])),
            Some(Path::Emergency | Path::Routine) | None => {}
        }
        self.owe_safety(false);
        let corrected = std::mem::take(&mut self.agenda.address_corrected);
        let echo = std::mem::take(&mut self.agenda.echo_address);
        if echo && (corrected || self.agenda.path == Some(Path::Emergency)) {
            self.say(Line::talk(&[PromptId::EchoAddress]));
        }
        if self.agenda.notice_owed {
            self.say(Line::talk(&[PromptId::RecordingNotice]));
        }
        if std::mem::take(&mut self.agenda.acknowledged_owed) {
            self.agenda.promise = Promise::Given;
            self.say(Line::talk(&[PromptId::Acknowledged]));
        }
    }

    fn ask_next(&mut self) {
        if self.agenda.wrapping_up && !self.agenda.extra_done {
            self.ask(Question::WrapUp, &[PromptId::WrapUp]);
            return;
        }
        match self.agenda.path {
            Some(Path::Emergency) => self.next_emergency(),
            Some(Path::Routine) => self.next_routine(),
            None if self.agenda.clarify_asked => {
                let prompt = self.clarify_prompt();
                self.ask(Question::Urgency, &[prompt]);
            }
            None => self.ask(Question::Matter, &[PromptId::GreetingQuestion]),
        }
    }

    /// Name, address, the transfer if there is one (decision K24), number, then the promise, anything else, the end
    /// (source D:173-196).
    fn next_emergency(&mut self) {
        let at_once = self.may_transfer() && self.caller_cannot_wait();
        if !at_once && (self.ask_name() || self.ask_address()) {
            return;
        }
        if self.may_transfer() {
            return self.begin_transfer();
        }
        if self.ask_name() || self.ask_address() || self.ask_number() {
            return;
        }
        self.update_page();
        if !self.settle_promise() {
            return;
        }
        // Whoever took it is dialling: the line is kept free for that.
        if self.agenda.extra_done || self.details.acknowledged_by.is_some() {
            self.emergency_goodbye();
        } else {
            self.ask(Question::Extra, &[PromptId::EmergencyExtra]);
        }
    }

    /// Says what is true about help: the promise once the page is stored, else that we could not reach anybody.
    /// False while the page is still on its way.
    fn settle_promise(&mut self) -> bool {
        if self.agenda.promise != Promise::NotYet {
            return true;
        }
        if self.paging.is_stored() {
            self.agenda.promise = Promise::Given;
            let promise = if self.is_it() { PromptId::MspEscalate } else { PromptId::Promise };
            self.say(Line::talk(&[promise]));
        } else if self.paging.has_given_up() {
            self.agenda.promise = Promise::Withheld;
            self.say(Line::talk(&[PromptId::PageFailed]));
        } else {
            self.ask(Question::PageStored, &[PromptId::PageWait]);
            return false;
        }
        self.repeat_safety();
        true
    }

    /// Instructions are said once more near the end (decision K20).
    fn repeat_safety(&mut self) {
        for safety in self.agenda.all_safety() {
            let prompts = [PromptId::SafetyLead, PromptId::for_safety(safety)];
            self.say(Line::safety(safety, &prompts, BargeIn::ClearSpeechOnly));
        }
    }

    /// Name, number, address, details, what happens next, the end (source D:198-229).
    fn next_routine(&mut self) {
        if self.ask_name() || (self.is_it() && self.ask_address()) {
            return;
        }
        // Name and company are enough for the ticket: then the runbook's answer, before anything else is asked.
        if self.is_it() && self.begin_walk() {
            return;
        }
        if self.ask_number() || self.ask_address() {
            return;
        }
        if !self.agenda.details_done {
            let prompt = self.details_prompt();
            self.ask(Question::Details, &[prompt]);
            return;
        }
        if !self.agenda.info_told {
            self.agenda.info_told = true;
            self.tell_what_happens_next();
        }
        if self.agenda.extra_done {
            self.leave(Leaving::completed("goodbye said"), vec![Line::farewell(&[PromptId::Closing])]);
        } else {
            self.ask(Question::Extra, &[PromptId::RoutineExtra]);
        }
    }

    fn tell_what_happens_next(&mut self) {
        if self.details.name.is_some() || self.details.address.is_some() {
            self.say(Line::talk(&[PromptId::FactsReadback]));
        }
        let opens =
            crate::prompts::Moment::at(&self.setup.profile.hours, self.local(), self.details.language)
                .opens
                .is_some();
        self.say(Line::talk(&[if opens { PromptId::NoCalendar } else { PromptId::NoCalendarNoHours }]));
        if self.details.decision.as_ref().is_some_and(|d| d.same_day) {
            self.say(Line::talk(&[PromptId::SameDay]));
        }
    }

    /// SAY-43 where the matter is clear, SAY-19 with the trade where that is known.
    fn details_prompt(&self) -> PromptId {
        let decision = self.details.decision.as_ref();
        let (issue, service) = decision.map_or((Issue::Unknown, Service::Unknown), |d| (d.issue, d.service));
        match (issue, service) {
            (Issue::Quote, _) => PromptId::DetailsQuote,
            (Issue::Maintenance, _) => PromptId::DetailsMaintenance,
            (_, Service::General | Service::Unknown) => PromptId::DetailsAny,
            (_, Service::Plumbing | Service::Hvac | Service::Electrical | Service::It) => {
                PromptId::DetailsService
            }
        }
    }

    /// Asks for the name if it is missing. True when it asked.
    fn ask_name(&mut self) -> bool {
        if self.agenda.name.closed || exhausted(&mut self.agenda.name) {
            return false;
        }
        if self.agenda.known_name.is_some() {
            self.ask(Question::KnownName, &[PromptId::KnownName]);
            return true;
        }
        let prompt = match self.agenda.name.tries {
            0 => PromptId::AskName,
            1 => PromptId::AskNameAgain,
            _ => PromptId::AskNameSpelled,
        };
        self.ask(Question::Name, &[prompt]);
        true
    }

    /// Asks for the address (or the company of an IT customer) if it is missing. True when it asked.
    fn ask_address(&mut self) -> bool {
        if self.agenda.address.closed || exhausted(&mut self.agenda.address) {
            return false;
        }
        if self.is_it() {
            self.ask(Question::Company, &[PromptId::AskCompany]);
        } else if self.agenda.known_address.is_some() {
            self.ask(Question::KnownAddress, &[PromptId::KnownAddress]);
        } else if self.agenda.street.is_some() {
            self.ask(Question::HouseNumber, &[PromptId::AskHouseNumber]);
        } else {
            let prompt = match (self.agenda.address.tries, self.agenda.path) {
                (0, Some(Path::Emergency)) => PromptId::AskAddressEmergency,
                (0, Some(Path::Routine) | None) => PromptId::AskAddressRoutine,
                (_, _) => PromptId::AskAddressAgain,
            };
            self.ask(Question::Address, &[prompt]);
        }
        true
    }

    pub(crate) fn is_it(&self) -> bool {
        self.setup.profile.trade == Trade::Msp
    }

    /// The same question once more, after the lead.
    pub(crate) fn ask_again(&mut self, lead: &[PromptId]) {
        let asked = self.agenda.asked.clone();
        if !lead.is_empty() {
            self.say(Line::talk(lead));
        }
        // The greeting is not said twice, only its question.
        let short: Vec<PromptId> = match asked.first() {
            Some(PromptId::Greeting | PromptId::GreetingDisclosed) => vec![PromptId::GreetingQuestion],
            Some(_) | None => asked,
        };
        if let Some(question) = self.question() {
            self.ask(question, &short);
        }
    }
}

/// Asked six times for one fact: enough, whatever came between.
pub(crate) fn exhausted(slot: &mut Slot) -> bool {
    slot.asked = slot.asked.saturating_add(1);
    slot.closed = slot.asked > 6;
    slot.closed
}
