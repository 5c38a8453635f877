//! Playing a case: what would have happened in the call.

use std::fmt;

use domain::{Category, Classification, Decision, Turn};

use super::case::{Case, Expected};
use crate::{Context, Model, Runbook, run_turn};

/// Our clarifying question as the case's conversation has it.
const QUESTION: &str = "Is this something that needs attention tonight, or is it something that can wait until tomorrow morning?";

/// What a case came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Somebody is woken.
    Emergency,
    /// Waits.
    Routine,
    /// Spam.
    Spam,
    /// The clarifying question is asked.
    Ask,
    /// Nothing was said about a matter yet.
    Listen,
}

/// One case, played.
#[derive(Debug, Clone, PartialEq)]
pub struct Run<'a> {
    /// The case as it was labelled.
    pub case: &'a Case,
    /// What happened.
    pub got: Outcome,
    /// The decision that woke somebody, or else the last one, with its reasons.
    pub decision: Decision,
    /// The ticket category when the call had ended.
    pub category: Option<Category>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Emergency => "emergency",
            Self::Routine => "routine",
            Self::Spam => "spam",
            Self::Ask => "ask",
            Self::Listen => "listen",
        })
    }
}

impl Outcome {
    /// The outcome of a decision.
    pub fn of(decision: &Decision) -> Self {
        match decision.classification {
            Some(Classification::Emergency) => Self::Emergency,
            Some(Classification::Routine) => Self::Routine,
            Some(Classification::Spam) => Self::Spam,
            None if decision.nothing_said_yet() => Self::Listen,
            None => Self::Ask,
        }
    }

    /// Whether the label is met.
    pub fn meets(self, expected: Expected) -> bool {
        match expected {
            Expected::Emergency => self == Self::Emergency,
            Expected::Routine => self == Self::Routine,
            Expected::Spam => self == Self::Spam,
            Expected::Ask => self == Self::Ask,
            Expected::AnyNotSpam => self != Self::Spam,
        }
    }
}

/// Plays caller turns one after the other; the decision after the last. A turn that follows the clarifying question
/// is its answer.
pub fn play(turns: &[String], ctx: Context, runbook: &Runbook, llm: &dyn Model) -> Option<Decision> {
    decisions(turns, None, ctx, runbook, llm).pop()
}

/// The decision after each caller turn. When one is the clarifying question, the caller gives `if_asked` as the
/// answer, or else the next turn is taken for it.
fn decisions(
    turns: &[String],
    if_asked: Option<&str>,
    mut ctx: Context,
    runbook: &Runbook,
    llm: &dyn Model,
) -> Vec<Decision> {
    let mut said: Vec<Turn> = Vec::new();
    let mut decisions = Vec::new();
    for turn in turns {
        if let Some(ours) = turn.strip_prefix('>') {
            said.push(Turn::agent(ours.trim()));
            continue;
        }
        said.push(Turn::caller(turn.as_str()));
        let mut next = run_turn(&said, &ctx, runbook, llm);
        if Outcome::of(&next) == Outcome::Ask {
            let asked_before = std::mem::replace(&mut ctx.clarifying_asked, true);
            said.push(Turn::agent(QUESTION));
            if let Some(answer) = if_asked.filter(|_| !asked_before) {
                said.push(Turn::caller(answer));
                next = run_turn(&said, &ctx, runbook, llm);
            }
        }
        decisions.push(next);
    }
    decisions
}

/// Plays all cases.
pub fn run<'a>(cases: &'a [Case], runbook: &Runbook, llm: &dyn Model) -> Vec<Run<'a>> {
    cases.iter().filter_map(|case| run_one(case, runbook, llm)).collect()
}

/// Whoever has been woken stays awake, because the page has left by then; otherwise the last decision counts.
fn run_one<'a>(case: &'a Case, runbook: &Runbook, llm: &dyn Model) -> Option<Run<'a>> {
    let ctx = Context::at(case.local, case.trade);
    let mut decisions = decisions(&case.turns, case.if_asked.as_deref(), ctx, runbook, llm);
    let category = decisions.last()?.category;
    let counts = decisions.iter().position(Decision::is_emergency).unwrap_or(decisions.len() - 1);
    let decision = decisions.swap_remove(counts);
    Some(Run { case, got: Outcome::of(&decision), decision, category })
}
