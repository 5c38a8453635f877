//! The table: every stage, under every condition, for every kind of call.

use domain::{Language, Service, Trade};

use super::{
    case::{Case, Split},
    run::{Run, run},
    score::{Score, score_of},
};
use crate::{Model, Runbook};

/// A way to decide: the rules with these models beside them.
#[derive(Clone, Copy)]
pub struct Stage<'a> {
    /// "rules", "rules + sense".
    pub name: &'a str,
    /// What answers the questions of the rules.
    pub model: &'a dyn Model,
}

/// The calls as they were heard.
#[derive(Debug, Clone)]
pub struct Condition {
    /// "clean", "20 % WER".
    pub name: String,
    /// The calls.
    pub cases: Vec<Case>,
}

/// The score of a kind of call.
#[derive(Debug, Clone)]
pub struct Row {
    /// Name of the stage.
    pub stage: String,
    /// Name of the condition.
    pub condition: String,
    /// "held", "held msp", "held es".
    pub group: String,
    /// Its score.
    pub score: Score,
}

/// Plays every case once for each stage and condition.
pub fn rows(stages: &[Stage<'_>], conditions: &[Condition], runbook: &Runbook) -> Vec<Row> {
    let mut rows = Vec::new();
    for stage in stages {
        for condition in conditions {
            let runs = run(&condition.cases, runbook, stage.model);
            for (group, belongs) in groups() {
                let members: Vec<&Run<'_>> = runs.iter().filter(|r| belongs(r.case)).collect();
                // A kind of which there is none says nothing.
                if !members.is_empty() {
                    rows.push(Row {
                        stage: stage.name.to_owned(),
                        condition: condition.name.clone(),
                        group: group.to_owned(),
                        score: score_of(&members),
                    });
                }
            }
        }
    }
    rows
}

type Belongs = fn(&Case) -> bool;

fn groups() -> [(&'static str, Belongs); 11] {
    fn held(case: &Case) -> bool {
        case.split == Split::Held
    }
    [
        ("all", |_| true),
        ("held", held),
        ("dev", |c| !held(c)),
        ("held trades", |c| held(c) && c.trade == Trade::Trades),
        ("held msp", |c| held(c) && c.trade == Trade::Msp),
        ("held plumbing", |c| held(c) && c.service == Some(Service::Plumbing)),
        ("held hvac", |c| held(c) && c.service == Some(Service::Hvac)),
        ("held electrical", |c| held(c) && c.service == Some(Service::Electrical)),
        ("held english", |c| held(c) && c.language == Language::English),
        ("held spanish", |c| held(c) && c.language == Language::Spanish),
        ("held, more than one turn", |c| held(c) && c.turns.len() > 1),
    ]
}
