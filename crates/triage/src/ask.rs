//! The model seam: which stages are worth asking about a call, and what they are asked. "No model" is a
//! first-class mode: it is what the rules say.

use domain::{Decision, Issue, Speaker, Trade, Turn};

use crate::{
    assess::{Assessment, assess},
    context::Context,
    decide::{Gravity, decide, weigh},
    opinion::{Opinion, Severity, Stage},
    runbook::Runbook,
};

/// Below this a local stage is called unsure: a coin with three sides falls better.
const UNSURE_BELOW: f32 = 0.6;

/// One question to the models about a call.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelQuestion {
    /// Local stages worth asking, cheapest first. The cloud is never among them: see [`ask_cloud`].
    pub stages: Vec<Stage>,
    /// The caller's words of the whole call, one turn per line: what `Sense` reads.
    pub transcript: String,
    /// Both sides, `Caller: …` and `Agent: …`, one turn per line: what `Judge` and `Cloud` read.
    pub dialogue: String,
    /// Whose line.
    pub trade: Trade,
    /// The customer's runbook as text, for the prompt's cached prefix.
    pub runbook: String,
    /// What the rules think, as the owner reads it.
    pub rules_say: String,
}

/// Something that answers model questions.
pub trait Model {
    /// The opinions that came in time; none without a model.
    fn answer(&self, question: &ModelQuestion) -> Vec<Opinion>;
}

/// Rules alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoModel;

impl Model for NoModel {
    fn answer(&self, _question: &ModelQuestion) -> Vec<Opinion> {
        Vec::new()
    }
}

/// The question worth asking; `None` while the caller talks, and when no answer could change anything.
pub fn ask(assessment: &Assessment, runbook: &Runbook) -> Option<ModelQuestion> {
    let verdict = weigh(assessment);
    let stages = stages(assessment, verdict.level);
    (!stages.is_empty()).then(|| ModelQuestion {
        stages,
        transcript: assessment.transcript.clone(),
        dialogue: assessment.dialogue.clone(),
        trade: assessment.context.trade,
        runbook: runbook.as_prompt(),
        rules_say: crate::reason::line(assessment, &verdict),
    })
}

/// `Sense` is cheap and asked unless somebody is woken anyway; `Judge` only where the rules are not sure.
fn stages(a: &Assessment, level: Gravity) -> Vec<Stage> {
    if !a.context.finished || a.transcript.trim().is_empty() {
        return Vec::new();
    }
    match level {
        Gravity::Emergency => Vec::new(),
        Gravity::Nothing | Gravity::Spam => vec![Stage::Sense],
        Gravity::Routine | Gravity::Unclear => vec![Stage::Sense, Stage::Judge],
    }
}

/// True when the local stages were unsure or disagree (with each other, or with the rules about waking somebody),
/// and nothing is settled: then one attempt at a cloud model is worth its delay.
pub fn ask_cloud(assessment: &Assessment, opinions: &[Opinion]) -> bool {
    let verdict = weigh(assessment);
    let open = assessment.context.finished
        && !verdict.settled
        && matches!(verdict.level, Gravity::Routine | Gravity::Unclear);
    if !open {
        return false;
    }
    let local: Vec<&Opinion> = opinions.iter().filter(|o| o.stage != Stage::Cloud && o.counts()).collect();
    let unsure = local.iter().all(|o| o.confidence < UNSURE_BELOW);
    let apart = local.windows(2).any(|pair| pair[0].severity != pair[1].severity);
    let above_the_rules = verdict.level == Gravity::Routine
        && verdict.issue != Issue::Unknown
        && local.iter().any(|o| o.severity == Severity::Emergency);
    match verdict.level {
        Gravity::Unclear => unsure || apart,
        _ => apart || above_the_rules,
    }
}

/// The whole of triage in one line: assess, ask if worth it, decide.
pub fn run_turn(turns: &[Turn], ctx: &Context, runbook: &Runbook, llm: &dyn Model) -> Decision {
    let assessment = assess(turns, ctx, runbook);
    let opinions = ask(&assessment, runbook).map_or_else(Vec::new, |question| llm.answer(&question));
    decide(assessment, &opinions)
}

/// Both sides of a call as the models read it.
pub(crate) fn dialogue(turns: &[Turn]) -> String {
    let line = |turn: &Turn| {
        let speaker = match turn.speaker {
            Speaker::Caller => "Caller",
            Speaker::Agent => "Agent",
        };
        let words: Vec<&str> = turn.text.split_whitespace().collect();
        format!("{speaker}: {}", words.join(" "))
    };
    turns.iter().map(line).collect::<Vec<_>>().join("\n")
}
