//! The answer to a finished turn: emergencies first, then questions in between, then what was asked.

use domain::{Action, Classification, Decision, Evidence, Heard, Issue, Language, Priority, Service};

use super::{
    Call, Question, Stage,
    agenda::Path,
    answers::{InPassing, Said},
    ending::Leaving,
    floor::Line,
};
use crate::{
    prompts::PromptId,
    understand::{Address, Intent, intent, intents, spanish},
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
        let words = heard.text.trim();
        let read = self.readable(words);
        let said = Said { words, read: &read };
        let question = self.question();
        let leaving = matches!(self.stage, Stage::Leaving(_));
        let asked = if leaving || self.is_holding() { Some(Question::Extra) } else { question };
        let in_passing = self.take_in_passing(said.read, asked);
        let in_passing = InPassing { unasked: !self.agenda.asked_aloud, ..in_passing };
        let before = self.agenda.path;
        let urgent = decision.as_ref().is_some_and(Decision::is_emergency) && before != Some(Path::Emergency);
        if urgent {
            // Before the page goes out, so that it says what is wrong.
            self.note_issue(words);
        }
        let robot = decision.as_ref().is_some_and(|d| d.suspected_robot && !d.is_emergency());
        if let Some(decision) = decision {
            self.take_decision(decision);
        }
        let upgraded = self.agenda.news;
        if !upgraded && self.is_only_listening(question, said.read) {
            return;
        }
        if leaving && !upgraded {
            return self.respond_while_leaving(said, in_passing);
        }
        if self.is_holding() && !upgraded {
            return self.respond_on_hold(said, in_passing);
        }
        self.make_room();
        if self.must_be_called_back() && !self.is_holding() {
            return self.spanish_caller(said);
        }
        if upgraded {
            return self.respond_to_emergency(question, said);
        }
        if self.agenda.path != Some(Path::Emergency) && (self.is_spam() || robot) {
            return self.spam(robot);
        }
        let intents = intents(said.read);
        if !self.answer_in_between(question, said, &intents, in_passing) {
            self.answer(question, said, &intents, in_passing);
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

    fn respond_to_emergency(&mut self, question: Option<Question>, said: Said<'_>) {
        // The same breath may hold an answer: "Jim. And now I smell gas."
        if question == Some(Question::Name)
            && let Some(found) = crate::understand::name(said.read, false)
        {
            self.details.name = Some(found);
            self.agenda.name.closed = true;
        }
        self.note_issue(said.words);
        self.begin_emergency();
    }

    /// Questions and remarks that can come at any time. True when the turn is answered.
    fn answer_in_between(
        &mut self,
        question: Option<Question>,
        said: Said<'_>,
        intents: &[Intent],
        in_passing: InPassing,
    ) -> bool {
        if spanish::is_about_language(said.words) && question != Some(Question::Matter) {
            self.ask_again(&[]);
            return true;
        }
        let Some(first) = intents.first() else { return false };
        match first {
            Intent::Robot => self.answer_side_question(question, said, PromptId::RobotLater),
            Intent::Person => self.answer_side_question(question, said, PromptId::Person),
            Intent::Price => {
                // The owner's sentence is English.
                let owner =
                    self.setup.profile.pricing_answer.is_some() && self.details.language == Language::English;
                let prompt = if owner { PromptId::PricingOwner } else { PromptId::Pricing };
                self.answer_side_question(question, said, prompt);
            }
            Intent::Hold if !in_passing.any() => {
                self.ear.hold();
                self.say(Line::talk(&[PromptId::Hold]));
            }
            Intent::Repeat => self.ask_again(&[]),
            Intent::AreYouThere => self.ask_again(&[PromptId::GotIt]),
            Intent::Goodbye if self.means_goodbye(question, said.read) => self.goodbye(),
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
    fn answer_side_question(&mut self, question: Option<Question>, said: Said<'_>, prompt: PromptId) {
        let about_matter = matches!(question, Some(Question::Matter | Question::Urgency));
        let classified = self.details.decision.as_ref().and_then(|d| d.classification);
        if about_matter && classified == Some(Classification::Routine) && self.agenda.path.is_none() {
            // "How much is a drain cleaning?" is the matter itself.
            self.agenda.path = Some(Path::Routine);
            self.agenda.skip_intro();
            self.note_issue(said.words);
            self.go_on(&[prompt]);
        } else if question == Some(Question::Matter) && prompt == PromptId::RobotLater {
            self.ask(Question::Matter, &[PromptId::Robot]);
        } else if self.takes_answer_beside(question, said.read) {
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
    fn answer(
        &mut self,
        question: Option<Question>,
        said: Said<'_>,
        intents: &[Intent],
        in_passing: InPassing,
    ) {
        let Some(question) = question else { return };
        let any = in_passing.any();
        match question {
            Question::Matter | Question::Urgency | Question::HumanProof | Question::KeypadMenu => {
                self.answer_matter(question, said);
            }
            Question::Name => self.answer_name(said, intents, in_passing),
            Question::Spelling => self.answer_spelling(said),
            Question::KnownName => self.answer_known_name(said.read),
            Question::Address => self.answer_address(said, intents, in_passing),
            Question::KnownAddress => self.answer_known_address(said.read),
            Question::HouseNumber => self.answer_house_number(said.read),
            Question::Company => self.answer_company(said, intents),
            Question::CallerId => self.answer_caller_id(said.read, intents, any),
            Question::Number | Question::NumberKeys => self.answer_number(said.read, intents, any),
            Question::Readback => self.answer_readback(said.read, any),
            Question::Details => self.answer_details(said, intents),
            Question::Extra | Question::WrapUp => self.answer_extra(said, intents, in_passing),
            Question::StepDone => self.answer_step(said, intents),
            Question::StepFixed => self.answer_fixed(said),
            Question::PageStored => {
                self.note_issue(said.words);
                self.go_on(&[]);
            }
        }
    }

    /// What the call is about, or how urgent it is.
    fn answer_matter(&mut self, question: Question, said: Said<'_>) {
        if self.agenda.path.is_some() {
            // Understood again after the keypad menu.
            self.note_issue(said.words);
            return self.go_on(&[]);
        }
        let classified = self.details.decision.as_ref().and_then(|d| d.classification);
        let says_nothing = spanish::is_about_language(said.words) || intent::is_small_talk(said.read);
        self.note_issue(said.words);
        match classified {
            Some(Classification::Routine) => {
                self.agenda.path = Some(Path::Routine);
                self.go_on(&[]);
            }
            Some(Classification::Emergency | Classification::Spam) => self.go_on(&[]),
            None if question == Question::Urgency || self.agenda.clarify_asked => {
                self.decide_by_bias(said.read);
            }
            None if says_nothing => self.ask(Question::Matter, &[PromptId::GoAhead]),
            None => {
                self.agenda.clarify_asked = true;
                let prompt = self.clarify_prompt();
                self.ask(Question::Urgency, &[prompt]);
            }
        }
    }

    /// What is asked once when the matter is unclear: for an IT customer whether one user or everyone is affected,
    /// which decides P1.
    pub(crate) fn clarify_prompt(&self) -> PromptId {
        if self.is_it() { PromptId::ClarifyScope } else { PromptId::Clarify }
    }

    /// Still unclear after the clarifying question: an emergency from 22:00 to 05:00 and for IT customers at any
    /// hour unless only one user is affected, otherwise routine with a same-day flag (decisions page, "Bias").
    fn decide_by_bias(&mut self, answer: &str) {
        let hour = self.local().hour();
        let night = !(5..22).contains(&hour);
        let emergency = if self.is_it() { !intent::is_one_user(answer) } else { night };
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
    fn spam(&mut self, suspected: bool) {
        let Some(decision) = &self.details.decision else { return self.prove_human() };
        if !suspected && decision.issue != Issue::Robocall {
            return self.leave(Leaving::spam("sales call"), vec![Line::farewell(&[PromptId::SpamClose])]);
        }
        if self.agenda.human_proved {
            self.details.decision = None;
            return self.go_on(&[]);
        }
        let recorded = self.is_spam() && decision.confidence >= ROBOCALL_SURE && !suspected;
        if recorded {
            self.end_as_spam("recorded voice");
        } else {
            self.prove_human();
        }
    }

    /// "Press 1 if you are calling about a problem": asked once, then the call ends politely.
    pub(crate) fn prove_human(&mut self) {
        if self.agenda.path.is_some() {
            // Somebody told us about a problem before.
            return self.go_on(&[]);
        }
        if self.question() == Some(Question::HumanProof) {
            self.robocall_over();
        } else {
            self.ask(Question::HumanProof, &[PromptId::HumanProof]);
        }
    }

    /// Something sounds like a machine: ask for a key, unless the caller has already told us what is wrong.
    pub(crate) fn doubt_human(&mut self) {
        if self.question() == Some(Question::Matter) && !self.agenda.human_proved {
            self.make_room();
            self.prove_human();
        }
    }

    pub(crate) fn human_proved(&mut self) {
        self.agenda.human_proved = true;
        self.details.decision = None;
        self.make_room();
        self.ask(Question::Matter, &[PromptId::GoAhead]);
    }
}
