//! The words of one call in front of triage: what has been said, and what an unfinished sentence already means.

use std::sync::Arc;

use call::{PromptId, Saying};
use domain::{Decision, Issue, Profile, Tone, Turn};
use jiff::civil::DateTime;
use triage::{Context, NoModel, Runbook, run_turn};

/// A call's turns and what triage has to know beside them.
pub(crate) struct Judgement {
    profile: Arc<Profile>,
    runbook: Arc<Runbook>,
    repeat_caller: bool,
    turns: Vec<Turn>,
    clarifying_asked: bool,
    tone: Tone,
    unfinished: Option<String>,
    /// What the previous unfinished text pointed to; a second one must agree before anybody is woken by it.
    suspected: Option<Issue>,
}

impl Judgement {
    pub(crate) fn new(profile: Arc<Profile>, runbook: Arc<Runbook>, repeat_caller: bool) -> Self {
        Self {
            profile,
            runbook,
            repeat_caller,
            turns: Vec::new(),
            clarifying_asked: false,
            tone: Tone::Neutral,
            unfinished: None,
            suspected: None,
        }
    }

    /// We said something.
    pub(crate) fn said(&mut self, saying: &Saying, text: &str) {
        self.clarifying_asked |= saying.prompt == PromptId::Clarify;
        self.turns.push(Turn::agent(text));
    }

    /// The caller finished a turn.
    pub(crate) fn heard(&mut self, turn: Turn) {
        if turn.tone != Tone::Neutral && self.tone != Tone::Panicked {
            self.tone = turn.tone;
        }
        self.unfinished = None;
        self.suspected = None;
        self.turns.push(turn);
    }

    /// The caller's unfinished turn, as far as it has been transcribed.
    pub(crate) fn hearing(&mut self, text: String) {
        self.unfinished = Some(text);
    }

    /// The decision after a finished turn.
    pub(crate) fn decide(&self, local: DateTime) -> Decision {
        run_turn(&self.turns, &self.context(local, true), &self.runbook, &NoModel)
    }

    /// An emergency in the unfinished turn, if it is certain: life safety at once, anything else when two
    /// transcriptions in a row agree, because words at a cut edge are often misheard.
    pub(crate) fn early(&mut self, local: DateTime) -> Option<Decision> {
        let mut turns = self.turns.clone();
        turns.push(Turn::caller(self.unfinished.as_deref()?));
        let decision = run_turn(&turns, &self.context(local, false), &self.runbook, &NoModel);
        if !decision.is_emergency() {
            self.suspected = None;
            return None;
        }
        let confirmed = self.suspected.replace(decision.issue) == Some(decision.issue);
        (confirmed || decision.issue.is_life_safety()).then_some(decision)
    }

    fn context(&self, local: DateTime, finished: bool) -> Context {
        Context {
            local,
            trade: self.profile.trade,
            tone: self.tone,
            repeat_caller: self.repeat_caller,
            clarifying_asked: self.clarifying_asked,
            office_open: self.profile.hours.is_open(local),
            finished,
        }
    }
}
