//! The model seam: what a language model may be asked, and what it may answer. It chooses from closed
//! lists and can only raise (decision K23); "no model" is a first-class mode.

use domain::{Decision, Issue, Service, Trade, Turn};

use crate::{
    assess::{Assessment, assess},
    context::Context,
    decide::{Level, decide, weigh},
    runbook::Runbook,
};

/// One question to a model about an unsettled call.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelQuestion {
    /// The caller's words, one turn per line.
    pub transcript: String,
    /// Whose line.
    pub trade: Trade,
    /// The customer's runbook as text, for the prompt's cached prefix.
    pub runbook: String,
    /// What the rules think, as the owner reads it.
    pub rules_say: String,
}

/// How grave the model thinks it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Can wait.
    Routine,
    /// Should be asked about.
    Unclear,
    /// Wake somebody.
    Emergency,
}

/// A model's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelReply {
    /// Severity; only higher than the rules' has an effect.
    pub severity: Severity,
    /// Used only when the rules do not know.
    pub issue: Option<Issue>,
    /// Used only when the rules do not know.
    pub service: Option<Service>,
    /// 0 to 1, calibrated; below 0.6 (or not a number) the reply is ignored.
    pub confidence: f32,
}

/// Something that answers model questions.
pub trait Model {
    /// `None`: no answer in time, or no model.
    fn answer(&self, question: &ModelQuestion) -> Option<ModelReply>;
}

/// Rules alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoModel;

impl Model for NoModel {
    fn answer(&self, _question: &ModelQuestion) -> Option<ModelReply> {
        None
    }
}

/// The question worth asking; `None` when the rules have settled the matter or nothing was said.
pub fn ask(assessment: &Assessment, runbook: &Runbook) -> Option<ModelQuestion> {
    let verdict = weigh(assessment);
    let open = assessment.context.finished && !verdict.settled && verdict.level != Level::Emergency;
    (open && verdict.level != Level::Nothing).then(|| ModelQuestion {
        transcript: assessment.transcript.clone(),
        trade: assessment.context.trade,
        runbook: runbook.as_prompt(),
        rules_say: crate::reason::line(assessment, &verdict),
    })
}

/// The whole of triage in one line: assess, ask if worth it, decide.
pub fn run_turn(turns: &[Turn], ctx: &Context, runbook: &Runbook, llm: &dyn Model) -> Decision {
    let assessment = assess(turns, ctx, runbook);
    let reply = ask(&assessment, runbook).and_then(|question| llm.answer(&question));
    decide(assessment, reply)
}
