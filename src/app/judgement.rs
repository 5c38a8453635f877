//! One call in front of triage: its words, its circumstances, and when an unfinished sentence may already wake somebody.

use std::sync::Arc;

use call::Call;
use domain::{Decision, Issue, Speaker, Tone, Turn, TurnRecord};
use jiff::{Timestamp, civil::DateTime};
use triage::{Context, NoModel, RobotSigns, run_turn};

use super::parts::Business;

/// What triage has to know beside the words of the call.
pub(crate) struct Judgement {
    business: Arc<Business>,
    repeat_caller: bool,
    /// What the previous unfinished text pointed to; a second one must agree before anybody is woken by it.
    suspected: Option<Issue>,
}

impl Judgement {
    pub(crate) fn new(business: Arc<Business>, repeat_caller: bool) -> Self {
        Self { business, repeat_caller, suspected: None }
    }

    /// The decision after a finished turn.
    pub(crate) fn decide(&mut self, call: &Call) -> Decision {
        self.suspected = None;
        self.judge(call, false)
    }

    /// An emergency in the unfinished turn, if it is certain: life safety at once, anything else when two
    /// transcriptions in a row agree, because words at a cut edge are often misheard.
    pub(crate) fn early(&mut self, call: &Call) -> Option<Decision> {
        let decision = self.judge(call, true);
        if !decision.is_emergency() {
            self.suspected = None;
            return None;
        }
        let confirmed = self.suspected.replace(decision.issue) == Some(decision.issue);
        (confirmed || decision.issue.is_life_safety()).then_some(decision)
    }

    fn judge(&self, call: &Call, early: bool) -> Decision {
        let signs = call.machine_signs();
        let context = Context {
            tone: call.details().tone_worst,
            repeat_caller: self.repeat_caller,
            clarifying_asked: call.clarifying_asked(),
            finished: !early,
            language: Some(call.details().language),
            robot: RobotSigns {
                talked_over_us: signs.talked_over_us,
                no_answer: signs.no_answer,
                beep: signs.beep,
            },
            ..circumstances(&self.business, call.local())
        };
        run_turn(&call.turns_for_triage(early), &context, &self.business.runbook, &NoModel)
    }
}

/// What the stored turns of an interrupted call mean; `None` when the caller had said nothing.
pub(crate) fn decision_on_record(
    business: &Business,
    turns: &[TurnRecord],
    called_at: Timestamp,
) -> Option<Decision> {
    let spoken: Vec<Turn> =
        turns.iter().map(|t| Turn { speaker: t.speaker, text: t.text.clone(), tone: t.tone }).collect();
    if !spoken.iter().any(|t| t.speaker == Speaker::Caller) {
        return None;
    }
    let panicked = spoken.iter().any(|t| t.tone == Tone::Panicked);
    let context = Context {
        tone: if panicked { Tone::Panicked } else { Tone::Neutral },
        ..circumstances(business, business.shop.local(called_at).datetime())
    };
    Some(run_turn(&spoken, &context, &business.runbook, &NoModel))
}

fn circumstances(business: &Business, local: DateTime) -> Context {
    let profile = &business.shop.profile;
    Context { office_open: profile.hours.is_open(local), ..Context::at(local, profile.trade) }
}
