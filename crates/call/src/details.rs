//! What a call has found out: everything a lead card needs.

use std::time::Duration;

use domain::{Decision, Language, PhoneNumber, Safety, Tone};

use crate::understand::summary::summary;

/// A safety instruction that was spoken, and whether it was heard to its end (decision K20).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SafetySaid {
    /// Which one.
    pub safety: Safety,
    /// Since the start of the call: when it first ended, or was last cut.
    pub at: Duration,
    /// True once it was played to its end.
    pub complete: bool,
}

/// Facts collected in the call.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// The caller's name as understood.
    pub name: Option<String>,
    /// Where the work is.
    pub address: Option<String>,
    /// The company, for IT service providers.
    pub company: Option<String>,
    /// Number to call back: given or confirmed, else caller ID.
    pub phone: Option<PhoneNumber>,
    /// True when the caller confirmed or typed the number.
    pub phone_confirmed: bool,
    /// The caller's words about the problem, in order.
    pub issue_texts: Vec<String>,
    /// What the caller added when asked for anything else.
    pub extra_texts: Vec<String>,
    /// Remarks for the dispatcher: "Address not provided".
    pub notes: Vec<String>,
    /// Safety instructions that were spoken.
    pub safety_given: Vec<SafetySaid>,
    /// How the caller sounded at worst.
    pub tone_worst: Tone,
    /// The decision in force.
    pub decision: Option<Decision>,
    /// True once anything intelligible was said, or a message was left.
    pub caller_spoke: bool,
    /// The caller pressed 1 for an emergency.
    pub emergency_by_key: bool,
    /// The page was stored.
    pub paged: bool,
    /// The language that the caller speaks.
    pub language: Language,
    /// A scripted answer of the runbook fixed it; the ticket is closed with "Resolved by NightDesk" (decision K16).
    pub resolved: bool,
    /// Who took the alert while the caller was on the line.
    pub acknowledged_by: Option<String>,
}

impl Details {
    /// One line about the problem: the first thing the caller said about it, and what was added last.
    pub fn issue_summary(&self) -> String {
        let mut out = self.issue_texts.first().map(|t| summary(t)).unwrap_or_default();
        if let Some(extra) = self.extra_texts.last() {
            if !out.is_empty() {
                out.push_str("; ");
            }
            out.push_str(&summary(extra));
        }
        if out.is_empty() && self.emergency_by_key {
            out.push_str("Caller pressed 1 for an emergency");
        }
        out
    }

    /// All of the caller's own words about the problem.
    pub fn issue_detail(&self) -> String {
        let texts: Vec<&str> = self.issue_texts.iter().chain(&self.extra_texts).map(String::as_str).collect();
        texts.join(" ")
    }

    /// True when somebody must be woken.
    pub fn is_emergency(&self) -> bool {
        self.emergency_by_key || self.decision.as_ref().is_some_and(Decision::is_emergency)
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) && self.notes.len() < 20 {
            self.notes.push(note);
        }
    }

    pub(crate) fn hear_tone(&mut self, tone: Tone) {
        if distress(tone) > distress(self.tone_worst) {
            self.tone_worst = tone;
        }
    }

    pub(crate) fn safety_said(&mut self, safety: Safety, at: Duration, complete: bool) {
        match self.safety_given.iter_mut().find(|s| s.safety == safety) {
            Some(said) if said.complete => {}
            Some(said) => (said.at, said.complete) = (at, complete),
            None => self.safety_given.push(SafetySaid { safety, at, complete }),
        }
    }

    pub(crate) fn heard_to_the_end(&self, safety: Safety) -> bool {
        self.safety_given.iter().any(|s| s.safety == safety && s.complete)
    }
}

fn distress(tone: Tone) -> u8 {
    match tone {
        Tone::Neutral => 0,
        Tone::Calm => 1,
        Tone::Concerned => 2,
        Tone::Frustrated => 3,
        Tone::Worried => 4,
        Tone::Panicked => 5,
    }
}
