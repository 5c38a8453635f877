//! One call in front of triage: its words, its circumstances, and when an unfinished sentence may already wake somebody.
//!
//! ```text
//! finished turn ─► rules ──(settled)──────────────► Decided
//!                    └─► sense, 60 ms at most ─────► Decided ─► judge, 1 s at most ─► DecidedEarly, if it is graver
//! ```
//! The caller never waits for the judge, nor for the cloud, which is asked behind it if both leave the matter open. With every model dead the rules' decision is what counts.

use std::sync::Arc;

use call::Call;
use domain::{Decision, Issue, Speaker, Tone, Turn, TurnRecord};
use jiff::{Timestamp, civil::DateTime};
use triage::{
    Assessment, Context, ModelQuestion, NoModel, Opinion, RobotSigns, Stage, ask, ask_cloud, assess, decide,
    run_turn,
};

use super::parts::Business;

pub(crate) mod opinions;

/// What triage has to know beside the words of the call.
pub(crate) struct Judgement {
    business: Arc<Business>,
    repeat_caller: bool,
    /// What the previous unfinished text pointed to; a second one must agree before anybody is woken by it.
    suspected: Option<Issue>,
    /// Number of the newest finished turn; what models say about older ones is not used.
    turn: u32,
    open: Option<Open>,
}

/// The newest finished turn, as long as a model may still say something about it.
struct Open {
    assessment: Assessment,
    question: ModelQuestion,
    opinions: Vec<Opinion>,
    /// What was decided without the judge; `None` while the sense stage is asked.
    decided: Option<Decision>,
}

/// A question to a model, and where its answer belongs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    pub(crate) turn: u32,
    pub(crate) stage: Stage,
    pub(crate) question: ModelQuestion,
}

/// What follows from a finished turn or an answer.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Next {
    /// Tell the call.
    pub(crate) decision: Option<Decision>,
    /// Ask this model.
    pub(crate) ask: Option<Asked>,
}

impl Judgement {
    pub(crate) fn new(business: Arc<Business>, repeat_caller: bool) -> Self {
        Self { business, repeat_caller, suspected: None, turn: 0, open: None }
    }

    /// A turn is finished: what the rules decide, or the first model to ask. Without models (`thinks` is
    /// false) the rules decide at once.
    pub(crate) fn finished_turn(&mut self, call: &Call, thinks: bool) -> Next {
        self.suspected = None;
        self.turn += 1;
        self.open = None;
        let assessment = self.assess(call, false);
        let question = if thinks { ask(&assessment, &self.business.runbook) } else { None };
        let Some(question) = question else {
            return Next { decision: Some(decide(assessment, &[])), ask: None };
        };
        let senses = question.stages.contains(&Stage::Sense);
        self.open = Some(Open { assessment, question, opinions: Vec::new(), decided: None });
        if senses {
            return Next { decision: None, ask: self.asked(Stage::Sense) };
        }
        self.sensed(self.turn, None)
    }

    /// The sense stage has answered, or has not in time (`None`): now it is decided.
    pub(crate) fn sensed(&mut self, turn: u32, opinion: Option<Opinion>) -> Next {
        let Some(open) = self.open.as_mut().filter(|o| turn == self.turn && o.decided.is_none()) else {
            return Next::default();
        };
        open.opinions.extend(opinion);
        let decision = decide(open.assessment.clone(), &open.opinions);
        open.decided = Some(decision.clone());
        let judge = open.question.stages.contains(&Stage::Judge) && !decision.is_emergency();
        let ask = if judge { self.asked(Stage::Judge) } else { None };
        Next { decision: Some(decision), ask }
    }

    /// The judge has answered: a decision, if it is graver than what was decided without it.
    pub(crate) fn judged(&mut self, turn: u32, opinion: Option<Opinion>) -> Option<Decision> {
        let open = self.open.as_mut().filter(|_| turn == self.turn)?;
        let before = open.decided.clone()?;
        open.opinions.push(opinion?);
        let decision = decide(open.assessment.clone(), &open.opinions);
        open.decided = Some(decision.clone());
        (decision.is_emergency() && !before.is_emergency()).then_some(decision)
    }

    /// After the local stages: what the model in the cloud is asked, if their answers leave something open.
    pub(crate) fn cloud_question(&self, turn: u32) -> Option<Asked> {
        let open = self.open.as_ref().filter(|open| turn == self.turn && open.decided.is_some())?;
        if ask_cloud(&open.assessment, &open.opinions) { self.asked(Stage::Cloud) } else { None }
    }

    /// True between a finished turn and its decision.
    pub(crate) fn is_waiting(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.decided.is_none())
    }

    /// An emergency in the unfinished turn, if it is certain: life safety at once, anything else when two
    /// transcriptions in a row agree, because words at a cut edge are often misheard.
    pub(crate) fn early(&mut self, call: &Call) -> Option<Decision> {
        let decision = decide(self.assess(call, true), &[]);
        if !decision.is_emergency() {
            self.suspected = None;
            return None;
        }
        let confirmed = self.suspected.replace(decision.issue) == Some(decision.issue);
        (confirmed || decision.issue.is_life_safety()).then_some(decision)
    }

    fn asked(&self, stage: Stage) -> Option<Asked> {
        let question = self.open.as_ref()?.question.clone();
        Some(Asked { turn: self.turn, stage, question })
    }

    fn assess(&self, call: &Call, early: bool) -> Assessment {
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
        assess(&call.turns_for_triage(early), &context, &self.business.runbook)
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

#[cfg(test)]
mod tests;
