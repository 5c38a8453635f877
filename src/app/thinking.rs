//! The language models at the start of the box, and one model's opinion about a call.

use std::time::Duration;

use domain::CallId;
use triage::{ModelQuestion, Opinion, Stage};

use super::{cloud::Cloud, judgement::opinions, parts::Parts};
use crate::workers::{Priority, Thinking, ThinkingError, ThinkingState};

/// The caller waits for the sense stage, so it gets no more than this.
const SENSE_DEADLINE: Duration = Duration::from_millis(60);

/// The judge is asked behind the caller's back; later than this the conversation is elsewhere.
const JUDGE_DEADLINE: Duration = Duration::from_secs(1);

/// A small board reads a runbook in half a minute; calls come first.
const READ_DEADLINE: Duration = Duration::from_secs(600);

/// Has every shop's runbook read before a call needs it.
pub(crate) async fn read_runbooks(parts: Parts) {
    let (sense, judge) = parts.thinking.settled().await;
    for (stage, state) in [("sense", sense), ("judge", judge)] {
        if let ThinkingState::Dead(reason) = state {
            tracing::warn!(stage, reason, "a language model cannot be used; the rules decide without it");
        }
    }
    for business in parts.businesses.iter() {
        let shop = &business.shop.profile.id;
        match parts.thinking.prepare(&business.runbook.as_prompt(), READ_DEADLINE).await {
            Ok(read) if read.lines_cut > 0 => {
                tracing::warn!(
                    shop,
                    lines_cut = read.lines_cut,
                    "the end of a runbook is too long for the judge"
                );
            }
            Ok(read) => tracing::debug!(shop, tokens = read.tokens, restored = read.restored, "runbook read"),
            Err(ThinkingError::Off) => return,
            Err(error) => tracing::debug!(shop, %error, "a runbook is read when a call needs it"),
        }
    }
}

/// What one stage says about a call, be it in the box or in the cloud.
pub(crate) async fn advise(
    (thinking, cloud): (Thinking, Cloud),
    call: CallId,
    name: Option<String>,
    stage: Stage,
    question: ModelQuestion,
) -> Option<Opinion> {
    match stage {
        Stage::Sense | Stage::Judge => ask_model(&thinking, stage, &question).await,
        Stage::Cloud => cloud.opinion(call, &question, &[name.as_deref().unwrap_or_default()]).await,
    }
}

/// One model's opinion; `None` when it has none in time, which is no news to the caller.
async fn ask_model(thinking: &Thinking, stage: Stage, question: &ModelQuestion) -> Option<Opinion> {
    let deadline = match stage {
        Stage::Sense => SENSE_DEADLINE,
        Stage::Judge | Stage::Cloud => JUDGE_DEADLINE,
    };
    ask_model_within(thinking, stage, question, deadline).await
}

/// The same with another deadline, for measurements where nobody waits on the line.
pub(crate) async fn ask_model_within(
    thinking: &Thinking,
    stage: Stage,
    question: &ModelQuestion,
    deadline: Duration,
) -> Option<Opinion> {
    let opinion = match stage {
        Stage::Sense => {
            let sensed = thinking.sense(&question.transcript, Priority::LiveTurn, deadline).await;
            sensed.map(|sensed| opinions::of_sense(&sensed))
        }
        Stage::Judge => {
            let (runbook, lines) = (&question.runbook, &question.dialogue);
            let judged = thinking.judge(runbook, lines, Priority::LiveTurn, deadline).await;
            judged.map(|judged| Some(opinions::of_judge(&judged)))
        }
        Stage::Cloud => return None,
    };
    opinion.unwrap_or_else(|error| {
        tracing::debug!(?stage, %error, "a model has no opinion");
        None
    })
}
