//! The lead card of a call (source D:712-733).

use domain::{
    CallId, CallbackStatus, Classification, Decision, LeadCard, LeadId, OncallOutcome, PhoneNumber, Priority,
    SafetyGiven, Service, Speaker, Tone, TurnRecord,
};
use jiff::Timestamp;

use crate::{detail, summarise};

/// What is known at the end of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct CallFacts {
    /// The call.
    pub call_id: CallId,
    /// The business.
    pub profile_id: String,
    /// Caller ID or the confirmed number.
    pub phone: Option<PhoneNumber>,
    /// The caller confirmed or entered the number.
    pub phone_confirmed: bool,
    /// As said.
    pub name: Option<String>,
    /// As said.
    pub address: Option<String>,
    /// The caller's turns about the matter, in order.
    pub statements: Vec<String>,
    /// The last decision; `None` when the call ended before one.
    pub decision: Option<Decision>,
    /// Somebody was or must be woken, whatever came after.
    pub emergency: bool,
    /// Instructions that were spoken.
    pub safety_given: Vec<SafetyGiven>,
    /// Worst tone heard.
    pub tone: Tone,
    /// Start.
    pub called_at: Timestamp,
    /// Seconds.
    pub duration_s: u32,
    /// Remarks from the conversation.
    pub notes: Vec<String>,
    /// Path below the data folder.
    pub recording: Option<String>,
}

/// The card of a call. A call that ended before anything was decided becomes a routine card, so that somebody looks at it.
pub fn lead_card(id: LeadId, facts: CallFacts) -> LeadCard {
    let decision = facts.decision;
    let classification = match (&decision, facts.emergency) {
        (_, true) => Classification::Emergency,
        (Some(d), false) => d.classification.unwrap_or(Classification::Routine),
        (None, false) => Classification::Routine,
    };
    let mut notes = facts.notes;
    let mut note = |missing: bool, text: &str| {
        if missing && !notes.iter().any(|n| n == text) {
            notes.push(text.to_string());
        }
    };
    note(facts.address.is_none(), "Address not provided");
    note(facts.phone.is_none(), "No call-back number");
    let summary = summarise(&facts.statements);
    LeadCard {
        id,
        call_id: facts.call_id,
        profile_id: facts.profile_id,
        caller_phone: facts.phone,
        phone_confirmed: facts.phone_confirmed,
        caller_name: facts.name.unwrap_or_else(|| "Unknown".to_string()),
        address: facts.address,
        called_at: facts.called_at,
        classification,
        priority: decision.as_ref().map_or(Priority::P3, |d| d.priority),
        issue_summary: if summary.is_empty() {
            "The caller did not say what it is about.".into()
        } else {
            summary
        },
        issue_detail: detail(&facts.statements),
        service: decision.as_ref().map_or(Service::Unknown, |d| d.service),
        issue: decision.as_ref().map(|d| d.issue).unwrap_or_default(),
        same_day: decision.as_ref().is_some_and(|d| d.same_day),
        reasoning: decision.map_or_else(|| "Ended before a decision.".to_string(), |d| d.reasoning),
        safety_given: facts.safety_given,
        tone: facts.tone,
        duration_s: facts.duration_s,
        appointment_at: None,
        oncall_outcome: match classification {
            Classification::Emergency => OncallOutcome::NotReached,
            Classification::Routine | Classification::Spam => OncallOutcome::NotApplicable,
        },
        callback_status: CallbackStatus::NotCalled,
        notes,
        recording: facts.recording,
    }
}

/// Facts of a call that was cut by a power loss, from the turns that were committed.
pub fn cut_call_facts(
    call_id: CallId,
    profile_id: &str,
    phone: Option<PhoneNumber>,
    called_at: Timestamp,
    turns: &[TurnRecord],
) -> CallFacts {
    let statements =
        turns.iter().filter(|t| t.speaker == Speaker::Caller).map(|t| t.text.clone()).collect::<Vec<_>>();
    let duration_ms = turns.iter().map(|t| t.at_ms).max().unwrap_or(0);
    CallFacts {
        call_id,
        profile_id: profile_id.to_string(),
        phone,
        phone_confirmed: false,
        name: None,
        address: None,
        statements,
        decision: None,
        emergency: false,
        safety_given: Vec::new(),
        tone: turns.iter().map(|t| t.tone).find(|t| *t == Tone::Panicked).unwrap_or_default(),
        called_at,
        duration_s: u32::try_from(duration_ms / 1000).unwrap_or(u32::MAX),
        notes: vec!["The call was cut: the box restarted during it. Call back.".to_string()],
        recording: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> CallFacts {
        cut_call_facts(CallId::new(1, [0; 10]), "metro", None, Timestamp::UNIX_EPOCH, &[])
    }

    #[test]
    fn undecided_call_becomes_a_routine_card() {
        let card = lead_card(LeadId::new(1, [0; 10]), facts());
        assert_eq!(card.classification, Classification::Routine);
        assert_eq!(card.caller_name, "Unknown");
        assert_eq!(card.issue_summary, "The caller did not say what it is about.");
    }

    #[test]
    fn paged_call_stays_an_emergency_whatever_came_after() {
        let card = lead_card(LeadId::new(1, [0; 10]), CallFacts { emergency: true, ..facts() });
        assert_eq!(card.classification, Classification::Emergency);
    }

    #[test]
    fn missing_address_is_noted_once() {
        let twice = CallFacts { notes: vec!["Address not provided".into()], ..facts() };
        let card = lead_card(LeadId::new(1, [0; 10]), twice);
        assert_eq!(card.notes.iter().filter(|n| *n == "Address not provided").count(), 1);
    }
}
