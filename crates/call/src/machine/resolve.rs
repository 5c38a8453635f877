//! The runbook's scripted answer, walked with the caller: one step, time to do it, "did that fix it?", the next step,
//! and at last either a closed ticket or somebody who is woken.

use std::time::Duration;

use domain::{Action, Classification, Decision, Issue, Language, Priority, Service, Trade};

use super::{Call, Question, Timer, answers::Said};
use crate::{
    prompts::PromptId,
    understand::{Answer, Intent, intent, yes_no},
};

/// More steps than anybody takes on the telephone.
const STEPS_MAX: usize = 8;
/// How long somebody may be busy with a step before we speak again, and how often.
pub(super) const STEP_PATIENCE: Duration = Duration::from_secs(45);
const REMINDERS_MAX: u8 = 5;
/// A step may take this much longer than the longest call, and all of them together no longer than this.
const STEP_ADDS: Duration = Duration::from_secs(300);
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Where the walk stands.
#[derive(Debug)]
pub(crate) struct Walk {
    steps: Vec<String>,
    at: usize,
    reminders: u8,
    unclear: u8,
}

impl Walk {
    /// The steps to walk; questions ("did that fix it?") are ours to ask.
    fn of(decision: &Decision) -> Option<Self> {
        let ours = |step: &&String| !step.trim().is_empty() && !step.trim_end().ends_with('?');
        let steps: Vec<String> =
            decision.resolve_steps.iter().filter(ours).take(STEPS_MAX).cloned().collect();
        (!steps.is_empty()).then_some(Self { steps, at: 0, reminders: 0, unclear: 0 })
    }

    /// The step being done.
    pub(crate) fn step(&self) -> Option<&str> {
        self.steps.get(self.at).map(String::as_str)
    }

    /// True when the next step is only to wait: it belongs to this one.
    fn next_is_a_wait(&self) -> bool {
        self.steps.get(self.at + 1).is_some_and(|s| s.trim().to_lowercase().starts_with("wait"))
    }

    fn tried(&self) -> String {
        let end = (self.at + 1).min(self.steps.len());
        self.steps.get(..end).unwrap_or_default().join("; ")
    }
}

impl Call {
    /// Begins the walk, if the runbook has one for this and it was not walked yet. True when it asked. The steps are
    /// the owner's English words: a caller who speaks Spanish gets a ticket instead.
    pub(crate) fn begin_walk(&mut self) -> bool {
        if self.agenda.walked || self.details.language == Language::Spanish {
            return false;
        }
        let Some(walk) = self.details.decision.as_ref().and_then(Walk::of) else { return false };
        self.agenda.walked = true;
        self.agenda.walk = Some(walk);
        self.ask_step(PromptId::ResolveIntro);
        true
    }

    fn ask_step(&mut self, lead: PromptId) {
        let until = (self.now + STEP_ADDS).min(self.answered_at + LONGEST);
        self.allow_until(until);
        self.say(super::floor::Line::talk(&[lead]));
        self.ask(Question::StepDone, &[PromptId::ResolveStep]);
    }

    /// "Tell me when it is done."
    pub(crate) fn answer_step(&mut self, said: Said<'_>, intents: &[Intent]) {
        let Some(walk) = self.agenda.walk.as_mut() else { return self.go_on(&[]) };
        if intents.contains(&Intent::Refusal) || intent::cannot_do(said.read) {
            return self.step_failed();
        }
        match intent::fixed(said.read) {
            Answer::Yes => return self.fixed(),
            Answer::No => return self.step_failed(),
            Answer::Unclear => {}
        }
        let only_listening = intent::is_backchannel(said.read) && walk.reminders == 0;
        if only_listening || intent::not_yet(said.read) {
            walk.reminders = walk.reminders.saturating_add(1);
            return self.ask(Question::StepDone, &[PromptId::ResolveWait]);
        }
        if walk.next_is_a_wait() {
            walk.at += 1;
            walk.reminders = 0;
            return self.ask_step(PromptId::GotIt);
        }
        self.ask(Question::StepFixed, &[PromptId::ResolveFixed]);
    }

    /// "Did that fix it?"
    pub(crate) fn answer_fixed(&mut self, said: Said<'_>) {
        let answer = match intent::fixed(said.read) {
            Answer::Unclear => yes_no(said.read),
            clear @ (Answer::Yes | Answer::No) => clear,
        };
        let Some(walk) = self.agenda.walk.as_mut() else { return self.go_on(&[]) };
        match answer {
            Answer::Yes => self.fixed(),
            Answer::No => self.step_failed(),
            Answer::Unclear if walk.unclear == 0 => {
                walk.unclear += 1;
                self.note_issue(said.words);
                self.ask_again(&[PromptId::DidNotCatch]);
            }
            // In doubt it is not fixed.
            Answer::Unclear => self.step_failed(),
        }
    }

    /// The caller has been busy for a while. False when it is time to ask whether anybody is there.
    pub(crate) fn remind_of_step(&mut self) -> bool {
        let Some(walk) = self.agenda.walk.as_mut().filter(|w| w.reminders < REMINDERS_MAX) else {
            return false;
        };
        walk.reminders += 1;
        self.ask(Question::StepDone, &[PromptId::ResolveWait]);
        true
    }

    /// The ticket is closed with this note (decision K16).
    fn fixed(&mut self) {
        let tried = self.agenda.walk.take().map(|w| w.tried()).unwrap_or_default();
        self.details.note(format!("Resolved by NightDesk: {tried}"));
        self.details.resolved = true;
        self.agenda.phone.closed = true;
        self.agenda.details_done = true;
        self.agenda.info_told = true;
        self.go_on(&[PromptId::ResolveDone]);
    }

    fn step_failed(&mut self) {
        let Some(walk) = self.agenda.walk.as_mut() else { return self.go_on(&[]) };
        if walk.at + 1 < walk.steps.len() {
            walk.at += 1;
            (walk.reminders, walk.unclear) = (0, 0);
            return self.ask_step(PromptId::ResolveNext);
        }
        let tried = walk.tried();
        self.agenda.walk = None;
        self.details.note(format!("Did not help: {tried}"));
        self.escalate("the runbook's steps did not fix it");
        self.agenda.skip_intro();
        self.agenda.news = false;
        self.go_on(&[PromptId::ResolveFailed]);
    }

    /// Text or decision of an IT customer's turn is far too late: "let me connect you to someone" (source B:34).
    pub(crate) fn connect_to_someone(&mut self) {
        self.make_room();
        self.details.note("Put through because the answer came too late");
        self.escalate("no answer in time");
        self.agenda.news = false;
        self.begin_transfer();
    }

    /// Wakes the on-call person for a reason that is not in the caller's words.
    pub(crate) fn escalate(&mut self, why: &str) {
        let held = self.details.decision.clone().unwrap_or_default();
        let it = self.setup.profile.trade == Trade::Msp;
        let escalated = Decision {
            action: Action::Escalate,
            classification: Some(Classification::Emergency),
            priority: held.priority.min(Priority::P2),
            service: if it && held.service == Service::Unknown { Service::It } else { held.service },
            issue: if it && held.issue == Issue::Unknown { Issue::ItTrouble } else { held.issue },
            same_day: false,
            resolve_steps: Vec::new(),
            reasoning: format!("EMERGENCY: {why}"),
            ..held
        };
        self.take_decision(escalated);
    }

    /// Moves the end of the longest call out; never in.
    fn allow_until(&mut self, until: Duration) {
        let later = self.timers.due(Timer::WrapUp).is_some_and(|due| due < until);
        if later {
            self.set_longest(until);
        }
    }
}
