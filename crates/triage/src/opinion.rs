//! What a model stage may say: a choice from closed lists and how sure it is. No text, so nothing that a model
//! writes can reach a caller; no absence, so nothing that it says can take evidence away (decision K23).

use domain::{Action, Category, Issue, Service};

/// Where an opinion comes from, in the order in which they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Sentence encoder with linear heads: some tens of milliseconds.
    Sense,
    /// Local language model, read from its label tokens: about a second.
    Judge,
    /// A model on the internet: only when the local ones are unsure or disagree.
    Cloud,
}

/// How grave a stage thinks a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// Can wait.
    Routine,
    /// Should be asked about.
    Unclear,
    /// Wake somebody.
    Emergency,
    /// Sales or a machine. Noted for the owner; it never makes a call spam.
    Spam,
}

/// What one model stage thinks. Evidence only: it may raise, never lower.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// Who says so.
    pub stage: Stage,
    /// How grave.
    pub severity: Severity,
    /// The hazard; used when the rules do not know one.
    pub issue: Option<Issue>,
    /// The trade; used when the rules do not know it.
    pub service: Option<Service>,
    /// The ticket category and its probability.
    pub category: Option<(Category, f32)>,
    /// What the stage would do; ESCALATE beside an emergency confirms it, RESOLVE takes its weight.
    pub action: Option<Action>,
    /// How probable the severity is, calibrated, 0 to 1. Anything else (also not a number) silences the opinion.
    pub confidence: f32,
}

impl Opinion {
    /// A severity and nothing else.
    pub fn new(stage: Stage, severity: Severity, confidence: f32) -> Self {
        Self { stage, severity, issue: None, service: None, category: None, action: None, confidence }
    }

    /// True for a probability.
    pub(crate) fn counts(&self) -> bool {
        is_probability(self.confidence)
    }

    /// The category, when its own probability is one.
    pub(crate) fn category(&self) -> Option<(Category, f32)> {
        self.category.filter(|(_, sure)| is_probability(*sure))
    }

    /// Says emergency and does not contradict itself.
    pub(crate) fn wakes(&self, at_least: f32) -> bool {
        self.counts()
            && self.severity == Severity::Emergency
            && self.confidence >= at_least
            && self.action != Some(Action::Resolve)
    }

    /// For the owner: "sense: emergency (water, plumbing), 0.91".
    pub(crate) fn line(&self) -> String {
        let stage = match self.stage {
            Stage::Sense => "sense",
            Stage::Judge => "judge",
            Stage::Cloud => "cloud",
        };
        if !self.counts() {
            return format!("{stage}: no usable answer");
        }
        let severity = match self.severity {
            Severity::Routine => "routine",
            Severity::Unclear => "unclear",
            Severity::Emergency => "emergency",
            Severity::Spam => "spam",
        };
        let mut about: Vec<String> = Vec::new();
        about.extend(self.issue.map(|issue| crate::reason::spaced(&format!("{issue:?}"))));
        about.extend(self.service.map(|service| format!("{service:?}").to_lowercase()));
        about.extend(self.category().map(|(category, sure)| format!("{} {sure:.2}", category.slug())));
        about.extend(self.action.map(|action| format!("{action:?}").to_lowercase()));
        let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
        format!("{stage}: {severity}{about}, {:.2}", self.confidence)
    }
}

fn is_probability(value: f32) -> bool {
    (0.0..=1.0).contains(&value)
}
