//! The model stages of this installation, asked as a call would ask them but without its hurry.

use std::{cell::RefCell, collections::HashMap, sync::Arc, time::Duration};

use tokio::runtime::Runtime;
use triage::{Model, ModelQuestion, NoModel, Opinion, Stage};

use super::Installed;
use crate::{
    app::{ask_model_within, thinking_settings},
    cli::run::runtime,
    config::{Config, Fault},
    workers::{Thinking, ThinkingState},
};

/// Nobody waits on the line: an answer counts however busy the machine is.
const DEADLINE: Duration = Duration::from_secs(20);

/// Some stages of a running worker.
struct Asked {
    workers: Arc<Workers>,
    stages: Vec<Stage>,
}

struct Workers {
    runtime: Runtime,
    thinking: Thinking,
    /// The same words are asked about once for each stage.
    known: RefCell<HashMap<(Stage, String), Option<Opinion>>>,
}

/// Every stage in the order of the conversation; one whose model cannot be used has none.
pub(super) fn installed() -> anyhow::Result<Vec<Installed>> {
    let runtime = runtime()?;
    let mut config = Config::embedded_demo().map_err(|faults| {
        anyhow::anyhow!(faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n"))
    })?;
    // Off in a shop unless the owner names one; here its worth is shown.
    config.thinking.judge.get_or_insert_with(|| "nightdesk-mini-judge".to_string());
    // What the judge has read is kept for the next run.
    config.data_dir = std::env::temp_dir().join("nightdesk-eval");
    let settings = thinking_settings(&config);
    let (thinking, (sense, judge)) = runtime.block_on(async {
        let thinking = Thinking::start(&settings);
        let states = thinking.settled().await;
        (thinking, states)
    });
    let workers = Arc::new(Workers { runtime, thinking, known: RefCell::default() });
    let model = |stages: &[Stage], is_there: bool| -> Option<Box<dyn Model>> {
        is_there
            .then(|| Box::new(Asked { workers: workers.clone(), stages: stages.to_vec() }) as Box<dyn Model>)
    };
    let ready = |state: &ThinkingState| matches!(state, ThinkingState::Ready(_));
    Ok(vec![
        Installed { name: "rules", model: Some(Box::new(NoModel)) },
        Installed { name: "rules + sense", model: model(&[Stage::Sense], ready(&sense)) },
        Installed {
            name: "rules + sense + judge",
            model: model(&[Stage::Sense, Stage::Judge], ready(&sense) && ready(&judge)),
        },
    ])
}

impl Model for Asked {
    fn answer(&self, question: &ModelQuestion) -> Vec<Opinion> {
        let wanted = question.stages.iter().filter(|stage| self.stages.contains(stage));
        wanted.filter_map(|stage| self.workers.ask(*stage, question)).collect()
    }
}

impl Workers {
    fn ask(&self, stage: Stage, question: &ModelQuestion) -> Option<Opinion> {
        let words = match stage {
            Stage::Sense => question.transcript.clone(),
            Stage::Judge | Stage::Cloud => format!("{}\n{}", question.runbook, question.dialogue),
        };
        let key = (stage, words);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let asked = ask_model_within(&self.thinking, stage, question, DEADLINE);
        let opinion = self.runtime.block_on(asked);
        self.known.borrow_mut().insert(key, opinion.clone());
        opinion
    }
}
