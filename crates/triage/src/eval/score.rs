//! Played cases → rates, the confusion matrix, and how far the confidence can be believed.

use domain::{Category, Decision};

use super::{
    case::{Case, Expected},
    run::{Outcome, Run, run},
};
use crate::{Model, Runbook};

/// A case that came out differently.
#[derive(Debug, Clone, PartialEq)]
pub struct Miss {
    /// The case.
    pub case: Case,
    /// What happened.
    pub got: Outcome,
    /// The decision that counts, with its reasons.
    pub decision: Decision,
    /// The ticket category when the call had ended.
    pub category: Option<Category>,
}

/// The rates of a set of cases.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Cases run.
    pub cases: usize,
    /// Of them real emergencies.
    pub emergencies: usize,
    /// Of them routine calls.
    pub routines: usize,
    /// Of them not spam.
    pub real_callers: usize,
    /// Emergencies that woke somebody, of all expected emergencies; 1 when there are none.
    pub emergency_recall: f64,
    /// Emergencies that did not wake yet but got the clarifying question, of all; they are missed in `emergency_recall`.
    pub emergency_asked_rate: f64,
    /// Routine calls that woke somebody, of all expected routine calls.
    pub false_wake_rate: f64,
    /// Real callers called spam, of all cases that are not spam.
    pub spam_error_rate: f64,
    /// Spam that was recognised, of all spam; 1 when there is none.
    pub spam_recall: f64,
    /// Emergencies called spam: must be 0.
    pub emergencies_called_spam: usize,
    /// Cases that have a category label.
    pub categorised: usize,
    /// Of these, the ones with the right category first; `None` while nothing names categories.
    pub category_top1: Option<f64>,
    /// Cases whose class differs.
    pub misses: Vec<Miss>,
    /// Cases with the right class and another service than the label.
    pub service_misses: Vec<Miss>,
    /// Cases with another category than the label.
    pub category_misses: Vec<Miss>,
}

/// Label against outcome: how many cases of each pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// One row for each of [`Matrix::LABELS`], one cell for each of [`Matrix::OUTCOMES`].
    pub counts: Vec<Vec<usize>>,
}

/// Cases by the confidence of their decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Ten bins from 0 to 1: cases, mean confidence, share that came out right. Empty bins are left out.
    pub bins: Vec<(usize, f64, f64)>,
    /// Mean distance between confidence and share of right decisions, weighted by cases (the expected calibration error).
    pub error: f64,
}

/// Plays all cases and counts.
pub fn score(cases: &[Case], runbook: &Runbook, llm: &dyn Model) -> Score {
    score_of(&run(cases, runbook, llm).iter().collect::<Vec<_>>())
}

/// Counts played cases.
pub fn score_of(runs: &[&Run<'_>]) -> Score {
    let count = |of: &dyn Fn(&Run<'_>) -> bool| runs.iter().filter(|r| of(r)).count();
    let labelled = |label: Expected| count(&|r| r.case.expected == label);
    let both = |label: Expected, got: Outcome| count(&|r| r.case.expected == label && r.got == got);
    let real = |r: &Run<'_>| r.case.expected != Expected::Spam;
    let (emergencies, routines) = (labelled(Expected::Emergency), labelled(Expected::Routine));
    let categorised = count(&|r| r.case.category.is_some());
    let names_categories = runs.iter().any(|r| r.category.is_some());
    let right = count(&|r| r.case.category.is_some() && r.category == r.case.category);
    let misses = |of: &dyn Fn(&Run<'_>) -> bool| -> Vec<Miss> {
        let miss = |r: &&&Run<'_>| Miss {
            case: r.case.clone(),
            got: r.got,
            decision: r.decision.clone(),
            category: r.category,
        };
        runs.iter().filter(|r| of(r)).map(|r| miss(&r)).collect()
    };
    Score {
        cases: runs.len(),
        emergencies,
        routines,
        real_callers: count(&real),
        emergency_recall: share(both(Expected::Emergency, Outcome::Emergency), emergencies, 1.0),
        emergency_asked_rate: share(both(Expected::Emergency, Outcome::Ask), emergencies, 0.0),
        false_wake_rate: share(both(Expected::Routine, Outcome::Emergency), routines, 0.0),
        spam_error_rate: share(count(&|r| real(r) && r.got == Outcome::Spam), count(&real), 0.0),
        spam_recall: share(both(Expected::Spam, Outcome::Spam), labelled(Expected::Spam), 1.0),
        emergencies_called_spam: both(Expected::Emergency, Outcome::Spam),
        categorised,
        category_top1: names_categories.then(|| share(right, categorised, 1.0)),
        misses: misses(&|r| !r.got.meets(r.case.expected)),
        service_misses: misses(&other_service),
        category_misses: misses(&|r| {
            names_categories && r.case.category.is_some() && r.category != r.case.category
        }),
    }
}

fn other_service(run: &Run<'_>) -> bool {
    let other = run.case.service.is_some_and(|service| service != run.decision.service);
    other && run.got.meets(run.case.expected) && run.got != Outcome::Spam
}

/// A share of a whole; `when_none` for an empty whole.
fn share(part: usize, whole: usize, when_none: f64) -> f64 {
    if whole == 0 { when_none } else { part as f64 / whole as f64 }
}

impl Matrix {
    /// Its rows.
    pub const LABELS: [Expected; 5] =
        [Expected::Emergency, Expected::Routine, Expected::Spam, Expected::Ask, Expected::AnyNotSpam];
    /// Its columns.
    pub const OUTCOMES: [Outcome; 5] =
        [Outcome::Emergency, Outcome::Routine, Outcome::Spam, Outcome::Ask, Outcome::Listen];

    /// Counts played cases.
    pub fn of(runs: &[&Run<'_>]) -> Self {
        let cell = |label, got| runs.iter().filter(|r| r.case.expected == label && r.got == got).count();
        let row = |label| Self::OUTCOMES.iter().map(|got| cell(label, *got)).collect();
        Self { counts: Self::LABELS.iter().map(|label| row(*label)).collect() }
    }
}

impl Calibration {
    /// Sorts played cases into ten bins. Cases where every class is right are left out.
    pub fn of(runs: &[&Run<'_>]) -> Self {
        let judged: Vec<(f64, bool)> = runs
            .iter()
            .filter(|r| r.case.expected != Expected::AnyNotSpam)
            .map(|r| (f64::from(r.decision.confidence).clamp(0.0, 1.0), r.got.meets(r.case.expected)))
            .collect();
        let bin = |confidence: f64| ((confidence * 10.0) as usize).min(9);
        let mut bins = Vec::new();
        for number in 0..10 {
            let inside: Vec<_> = judged.iter().filter(|(c, _)| bin(*c) == number).collect();
            if inside.is_empty() {
                continue;
            }
            let all = inside.len() as f64;
            let mean = inside.iter().map(|(c, _)| c).sum::<f64>() / all;
            bins.push((inside.len(), mean, inside.iter().filter(|(_, right)| *right).count() as f64 / all));
        }
        let distance: f64 = bins.iter().map(|(n, mean, right)| *n as f64 * (mean - right).abs()).sum();
        Self { error: distance / judged.len().max(1) as f64, bins }
    }
}
