//! What triage decided, and why.

use serde::{Deserialize, Serialize};

use crate::{Category, Issue, Level, Safety, Sentiment, Service};

/// What to do next (source A:12-14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Action {
    /// Ask the caller another question.
    Gather,
    /// It can wait: card, ticket, friendly end.
    Resolve,
    /// Wake the on-call person now.
    Escalate,
}

/// The class of a call (source D:924-928).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Classification {
    /// Sales pitch, vendor or robocall.
    Spam,
    /// Can wait until the office opens.
    Routine,
    /// Wakes somebody now.
    Emergency,
}

/// Ticket priority (source A:53).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Priority {
    /// Critical.
    P1,
    /// High: same day.
    P2,
    /// Normal.
    P3,
}

/// One reason for a decision: a rule that matched, or deliberately did not count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Stable rule id, such as `gas.smell`.
    pub rule: String,
    /// The caller's words that matched.
    pub words: String,
    /// Why it does not count, if it does not: "negated", "long ago", "conditional".
    pub excused: Option<String>,
}

/// The outcome of triage after a piece of speech.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// What to do next.
    pub action: Action,
    /// The class; `None` while it is still open (action is then `Gather`).
    pub classification: Option<Classification>,
    /// Ticket priority.
    pub priority: Priority,
    /// The trade.
    pub service: Service,
    /// What it is about.
    pub issue: Issue,
    /// The instruction that the caller must hear; set for emergencies only (source D:409).
    pub safety: Option<Safety>,
    /// 0 to 1.
    pub confidence: f32,
    /// Not an emergency, but should be handled the same day.
    pub same_day: bool,
    /// All evidence, strongest first.
    pub evidence: Vec<Evidence>,
    /// One line for the owner: "EMERGENCY: gas smell + children + after hours".
    pub reasoning: String,
    /// Ticket category; `None` when the call is not about computers or says too little.
    #[serde(default)]
    pub category: Option<Category>,
    /// How sure the category is; `Low` when there is none.
    #[serde(default)]
    pub category_confidence: Level,
    /// How the caller's words feel.
    #[serde(default)]
    pub sentiment: Sentiment,
    /// The runbook's scripted answer, step by step, when it has one and nobody is woken.
    #[serde(default)]
    pub resolve_steps: Vec<String>,
    /// Whom the runbook names for this matter: "mike@acmemsp.com".
    #[serde(default)]
    pub target: Option<String>,
    /// What each stage said, one line each, for the owner.
    #[serde(default)]
    pub models: Vec<String>,
    /// May be a machine: ask to press 1 before anything else. Never set for an emergency.
    #[serde(default)]
    pub suspected_robot: bool,
}

impl Default for Decision {
    /// Nothing said, nothing decided: keep listening.
    fn default() -> Self {
        Self {
            action: Action::Gather,
            classification: None,
            priority: Priority::P3,
            service: Service::Unknown,
            issue: Issue::Unknown,
            safety: None,
            confidence: 0.0,
            same_day: false,
            evidence: Vec::new(),
            reasoning: String::new(),
            category: None,
            category_confidence: Level::Low,
            sentiment: Sentiment::default(),
            resolve_steps: Vec::new(),
            target: None,
            models: Vec::new(),
            suspected_robot: false,
        }
    }
}

impl Decision {
    /// True when somebody must be woken.
    pub fn is_emergency(&self) -> bool {
        self.classification == Some(Classification::Emergency)
    }

    /// True when the caller has said nothing about a matter yet ("hello?", his name): there is nothing to
    /// clarify, the call keeps listening. A `Gather` with evidence is the clarifying question instead.
    pub fn nothing_said_yet(&self) -> bool {
        self.action == Action::Gather && self.issue == Issue::Unknown && self.evidence.is_empty()
    }
}
