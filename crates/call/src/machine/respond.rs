//! The answer to a finished turn: emergencies first, then questions in between, then what was asked.

use domain::{Action, Classification, Decision, Evidence, Heard, Issue, Language, Priority, Service, Trade};

use super::{Call, Question, Stage, agenda::Path, answers::InPassing, ending::Leaving, floor::Line};
use crate::{
    prompts::PromptId,
    understand::{Address, Intent, intent, intents},
};

/// A recorded voice is hung up on when triage is at least this sure.
const ROBOCALL_SURE: f32 = 0.8;

impl Call {
    /// Takes over a decision unless it would lower what is known. True when it is a new emergency, or an emergency
    /// with an instruction that the caller has not had.
    pub(crate) fn take_decision(&mut self, decision: Decision) -> bool {
        if !decision.is_emergency() {
            if !self.details.is_emergency() && decision.classification.is_some() {
                self.details.decision = Some(decision);
            }
            return false;
        }
        let new_path = self.agenda.path != Some(Path::Emergency);
        let new_safety = decision.safety.is_some_and(|safety| self.agenda.owe(safety));
        let held = self.details.decision.as_ref().filter(|d| d.is_emergency()).map(|d| d.issue);
        let worse = held.is_none_or(|issue| decision.issue.is_life_safety() || !issue.is_life_safety());
        if worse {
            self.details.decision = Some(decision);
        }
        self.agenda.switch_to_emergency();
        self.paging.facts_changed();
        self.page_now();
        self.agenda.news |= new_path || new_safety;
        new_path || new_safety
    }

    /// Says what an emergency needs said now.
    pub(crate) fn begin_emergency(&mut self) {
        if self.floor.current.as_ref().is_some_and(|p| !matches!(p.line.role, super::floor::Role::Safety(_)))
        {
            self.cut_off();
        }
        self.go_on(&[]);
    }

    /// Answers a finished turn.
    pub(crate) fn respond(&mut self, heard: &Heard, decision: Option<Decision>) {
        let text = heard.text.trim();
        let question = self.question();
        let leaving = matches!(self.stage, Stage::Leaving(_));
        let in_passing = self.take_in_passing(text, if leaving { Some(Question::Extra) } else { question });
        let in_passing = InPassing { unasked: !self.agenda.asked_aloud, ..in_passing };
        let before = self.agenda.path;
        let urgent = decision.as_ref().is_some_and(Decision::is_emergency) && before != Some(Path::Emergency);
        if urgent {
            // Before the page goes out, so that it says what is wrong.
            self.note_issue(text);
        }
        if let Some(decision) = decision {
            self.take_decision(decision);
        }
        let upgraded = self.agenda.news;
        if !upgraded && self.is_only_listening(question, text) {
            return;
        }
        if leaving && !upgraded {
            return self.respond_while_leaving(text, in_passing);
        }
        self.make_room();
        if heard.language == Language::Spanish && text.split_whitespace().count() >= 2 {
            return self.spanish_caller(text);
        }
        if upgraded {
            return self.respond_to_emergency(question, text);
        }
        if self.is_spam() && self.agenda.path != Some(Path::Emergency) {
            return self.spam();
        }
        let intents = intents(text);
        if !self.answer_in_between(question, text, &intents, in_passing) {
            self.answer(question, text, &intents, in_passing);
        }
    }

    /// "Uh-huh" while we speak: carry on.
    fn is_only_listening(&mut self, question: Option<Question>, text: &str) -> bool {
        let answers = self.agenda.asked_aloud && question.is_some_and(Question::takes_yes);
        if answers || !intent::is_backchannel(text) || (self.floor.is_free() && !self.floor.was_cut()) {
            return false;
        }
        self.resume_cut();
        true
    }

    fn respond_to_emergency(&mut self, question: Option<Question>, text: &str) {
        // The same breath may hold an answer: "Jim. And now I smell gas."
        if question == Some(Question::Name)
            && let Some(found) = crate::understand::name(text, false)
        {
            self.details.name = Some(found);
            self.agenda.name.closed = true;
        }
        self.note_issue(text);
        self.begin_emergency();
    }

    /// Questions and remarks that can come at any time. True when the turn is answered.
    fn answer_in_between(
        &mut self,
        question: Option<Question>,
        text: &str,
        intents: &[Intent],
        in_passing: InPassing,
    ) -> bool {
        let Some(first) = intents.first() else { return false };
        match first {
            Intent::Robot => self.answer_side_question(question, text, PromptId::RobotLater),
            Intent::Person => self.answer_side_question(question, text, PromptId::Person),
            Intent::Price => {
                let owner = self.setup.profile.pricing_answer.is_some();
                let prompt = if owner { PromptId::PricingOwner } else { PromptId::Pricing };
                self.answer_side_question(question, text, prompt);
            }
            Intent::Hold if !in_passing.any() => {
                self.ear.hold();
                self.say(Line::talk(&[PromptId::Hold]));
            }
            Intent::Repeat => self.ask_again(&[]),
            Intent::AreYouThere => self.ask_again(&[PromptId::GotIt]),
            Intent::Goodbye if self.means_goodbye(question, text) => self.goodbye(),
            Intent::Hold | Intent::Goodbye | Intent::Refusal | Intent::Done => return false,
        }
        true
    }

    /// "Wrong number" while numbers are talked about is no farewell.
    fn means_goodbye(&self, question: Option<Question>, text: &str) -> bool {
        let about_numbers =
            matches!(question, Some(Question::CallerId | Question::Readback | Question::Number));
        !about_numbers || text.to_lowercase().contains("bye")
    }

    /// Answers the question in between, then goes on where we were.
    fn answer_side_question(&mut self, question: Option<Question>, text: &str, prompt: PromptId) {
        let about_matter = matches!(question, Some(Question::Matter | Question::Urgency));
        let classified = self.details.decision.as_ref().and_then(|d| d.classification);
        if about_matter && classified == Some(Classification::Routine) && self.agenda.path.is_none() {
            // "How much is a drain cleaning?" is the matter itself.
            self.agenda.path = Some(Path::Routine);
            self.agenda.skip_intro();
            self.note_issue(text);
            self.go_on(&[prompt]);
        } else if question == Some(Question::Matter) && prompt == PromptId::RobotLater {
            self.ask(Question::Matter, &[PromptId::Robot]);
        } else if self.takes_answer_beside(question, text) {
            self.go_on(&[prompt]);
        } else {
            self.ask_again(&[prompt]);
        }
    }

    /// "Maria Santos. How much will it cost?": the name is taken as well.
    fn takes_answer_beside(&mut self, question: Option<Question>, text: &str) -> bool {
        match question {
            Some(Question::Name) => crate::understand::name(text, true).map(|n| self.set_name(n)).is_some(),
            Some(Question::Address) => match crate::understand::address(text, false) {
                Address::Full(found) => {
                    self.set_address(found);
                    true
                }
                Address::Street(_) | Address::HouseNumber(_) | Address::None => false,
            },
            Some(_) | None => false,
        }
    }

    /// The turn is an answer to what was asked.
    fn answer(&mut self, question: Option<Question>, text: &str, intents: &[Intent], in_passing: InPassing) {
        let Some(question) = question else { return };
        match question {
            Question::Matter | Question::Urgency | Question::HumanProof | Question::KeypadMenu => {
                self.answer_matter(question, text);
            }
            Question::Name => self.answer_name(text, intents, in_passing),
            Question::KnownName => self.answer_known_name(text),
            Question::Address => self.answer_address(text, intents, in_passing),
            Question::KnownAddress => self.answer_known_address(text),
            Question::HouseNumber => self.answer_house_number(text),
            Question::Company => self.answer_company(text, intents),
            Question::CallerId => self.answer_caller_id(text, intents, in_passing.any()),
            Question::Number | Question::NumberKeys => self.answer_number(text, intents, in_passing.any()),
            Question::Readback => self.answer_readback(text, in_passing.any()),
            Question::Details => self.answer_details(text, intents),
            Question::Extra | Question::WrapUp => self.answer_extra(text, intents, in_passing),
            Question::PageStored => {
                self.note_issue(text);
                self.go_on(&[]);
            }
        }
    }

    /// What the call is about, or how urgent it is.
    fn answer_matter(&mut self, question: Question, text: &str) {
        if self.agenda.path.is_some() {
            // Understood again after the keypad menu.
            self.note_issue(text);
            return self.go_on(&[]);
        }
        let classified = self.details.decision.as_ref().and_then(|d| d.classification);
        let says_nothing = intent::is_small_talk(text);
        self.note_issue(text);
        match classified {
            Some(Classification::Routine) => {
                self.agenda.path = Some(Path::Routine);
                self.go_on(&[]);
            }
            Some(Classification::Emergency | Classification::Spam) => self.go_on(&[]),
            None if question == Question::Urgency || self.agenda.clarify_asked => self.decide_by_bias(),
            None if says_nothing => self.ask(Question::Matter, &[PromptId::GoAhead]),
            None => {
                self.agenda.clarify_asked = true;
                self.ask(Question::Urgency, &[PromptId::Clarify]);
            }
        }
    }

    /// Still unclear after the clarifying question: an emergency from 22:00 to 05:00 and for IT customers at any
    /// hour, otherwise routine with a same-day flag (decisions page, "Bias").
    fn decide_by_bias(&mut self) {
        let hour = self.local().hour();
        let night = !(5..22).contains(&hour);
        let emergency = night || self.setup.profile.trade == Trade::Msp;
        let (action, classification, priority, why) = if emergency {
            (
                Action::Escalate,
                Classification::Emergency,
                Priority::P1,
                "EMERGENCY: still unclear after one question",
            )
        } else {
            (
                Action::Resolve,
                Classification::Routine,
                Priority::P2,
                "ROUTINE: still unclear after one question; same day",
            )
        };
        let decision = Decision {
            action,
            classification: Some(classification),
            priority,
            service: Service::Unknown,
            issue: Issue::Unknown,
            safety: None,
            confidence: 0.5,
            same_day: !emergency,
            evidence: vec![Evidence { rule: "call.unclear".into(), words: String::new(), excused: None }],
            reasoning: why.into(),
            ..Decision::default()
        };
        if emergency {
            self.take_decision(decision);
            return self.begin_emergency();
        }
        self.details.decision = Some(decision);
        self.agenda.path = Some(Path::Routine);
        self.go_on(&[]);
    }

    fn is_spam(&self) -> bool {
        self.details.decision.as_ref().is_some_and(|d| d.classification == Some(Classification::Spam))
    }

    /// A sales call is ended politely, a recorded voice without a word; in doubt we ask for a key.
    fn spam(&mut self) {
        let Some(decision) = &self.details.decision else { return };
        if decision.issue != Issue::Robocall {
            return self.leave(Leaving::spam("sales call"), vec![Line::farewell(&[PromptId::SpamClose])]);
        }
        if self.agenda.human_proved {
            self.details.decision = None;
            return self.go_on(&[]);
        }
        let asked = self.question() == Some(Question::HumanProof);
        if asked || decision.confidence >= ROBOCALL_SURE {
            self.end_as_spam("recorded voice");
        } else {
            self.ask(Question::HumanProof, &[PromptId::HumanProof]);
        }
    }

    /// Something sounds like a machine: ask for a key, unless the caller has already told us what is wrong.
    pub(crate) fn doubt_human(&mut self) {
        if self.question() == Some(Question::Matter) && !self.agenda.human_proved {
            self.make_room();
            self.ask(Question::HumanProof, &[PromptId::HumanProof]);
        }
    }

    pub(crate) fn human_proved(&mut self) {
        self.agenda.human_proved = true;
        self.details.decision = None;
        self.make_room();
        self.ask(Question::Matter, &[PromptId::GoAhead]);
    }

    /// Call-back mode: the apology, and the number if we have none. Safety instructions were owed before.
    fn spanish_caller(&mut self, text: &str) {
        self.note_issue(text);
        self.agenda.news = false;
        self.details.note("Caller spoke Spanish");
        self.details.caller_spoke = true;
        self.owe_safety(true);
        self.owe_safety(false);
        let mut lines = vec![Line::farewell(&[PromptId::SpanishCallback])];
        if self.agenda.path == Some(Path::Emergency) {
            lines.push(Line::farewell(&[PromptId::KeyEmergency]));
        }
        if self.details.phone.is_none() {
            self.say(Line::talk(&[PromptId::SpanishCallback]));
            self.agenda.name.closed = true;
            self.agenda.address.closed = true;
            self.agenda.details_done = true;
            self.agenda.path = self.agenda.path.or(Some(Path::Routine));
            self.agenda.skip_intro();
            self.agenda.phone.tries = 2;
            return self.ask(Question::NumberKeys, &[PromptId::AskNumberKeys]);
        }
        self.leave(Leaving::completed("Spanish caller: call-back"), lines);
    }
}
