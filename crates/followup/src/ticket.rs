//! The ticket of a call (source A:50-56, B:52-56; decision K16).

use domain::{Action, LeadCard, Outgoing, Speaker, Ticket, TurnRecord};
use jiff::tz::TimeZone;

use crate::summary::cut_on_word;

/// The desk's limit for a summary, in characters (decision K16).
const SUMMARY_CHARS_MAX: usize = 100;

/// What a ticket is written from.
#[derive(Debug, Clone, Copy)]
pub struct TicketFacts<'a> {
    /// The card of the call.
    pub card: &'a LeadCard,
    /// The transcript.
    pub turns: &'a [TurnRecord],
    /// The shop's.
    pub zone: &'a TimeZone,
    /// RESOLVE or ESCALATE.
    pub action: Action,
    /// The customer, as the desk knows it.
    pub company: Option<&'a str>,
}

/// The ticket: what the customer may read, and for the desk why it was decided so.
pub fn ticket(facts: TicketFacts<'_>) -> Outgoing {
    let card = facts.card;
    Outgoing::Ticket(Ticket {
        summary: ticket_summary(facts.turns, &card.issue_summary),
        priority: card.priority,
        description: description(&facts),
        internal: internal(&facts),
        caller_phone: card.caller_phone.clone(),
        caller_name: (card.caller_name != "Unknown").then(|| card.caller_name.clone()),
        company: facts.company.map(str::to_string),
        address: card.address.clone(),
        resolved: facts.action == Action::Resolve,
        escalated: facts.action == Action::Escalate,
        owner: None,
        profile_id: card.profile_id.clone(),
    })
}

/// The caller's opening statement, at most 100 characters on a word; the card's summary when nothing was said.
pub fn ticket_summary(turns: &[TurnRecord], otherwise: &str) -> String {
    let said = turns.iter().filter(|t| t.speaker == Speaker::Caller).map(|t| t.text.trim());
    let opening = said.into_iter().find(|text| text.split_whitespace().count() >= 3);
    let one_line: Vec<&str> = opening.unwrap_or(otherwise).split_whitespace().collect();
    cut_on_word(&one_line.join(" "), SUMMARY_CHARS_MAX)
}

fn description(facts: &TicketFacts<'_>) -> String {
    let card = facts.card;
    let phone = card.caller_phone.as_ref().map_or("withheld".into(), ToString::to_string);
    let called = card.called_at.to_zoned(facts.zone.clone()).strftime("%b %-d, %Y at %-I:%M %p");
    let mut text = format!(
        "{}\n\nCaller: {}\nPhone: {phone}\nAddress: {}\nCalled: {called} ({}:{:02})\n\nConversation\n",
        card.issue_summary,
        card.caller_name,
        card.address.as_deref().unwrap_or("Not provided"),
        card.duration_s / 60,
        card.duration_s % 60,
    );
    for turn in facts.turns {
        let who = match turn.speaker {
            Speaker::Caller => "Caller",
            Speaker::Agent => "NightDesk",
        };
        text += &format!("{who}: {}\n", turn.text);
    }
    text
}

fn internal(facts: &TicketFacts<'_>) -> String {
    let card = facts.card;
    let mut text =
        format!("Decided: {}\nPriority: {:?}\nCall: {}", card.reasoning, card.priority, card.call_id);
    for note in &card.notes {
        text += &format!("\nNote: {note}");
    }
    text
}

#[cfg(test)]
mod tests {
    use domain::{CallId, LeadId, Tone};
    use jiff::Timestamp;

    use super::*;
    use crate::{cut_call_facts, lead_card};

    fn said(speaker: Speaker, text: &str) -> TurnRecord {
        TurnRecord {
            index: 0,
            speaker,
            text: text.into(),
            at_ms: 0,
            confidence: 1.0,
            tone: Tone::Neutral,
            latency_ms: None,
            decision: None,
        }
    }

    #[test]
    fn summary_is_the_opening_statement_cut_at_100_on_a_word() {
        let long = "Our file server went down about an hour ago and nobody in the whole office can open anything at all";
        let turns = [
            said(Speaker::Agent, "Acme support, how can I help you tonight?"),
            said(Speaker::Caller, "Hi."),
            said(Speaker::Caller, &format!("{long} on it.")),
        ];
        let summary = ticket_summary(&turns, "x");
        assert!(summary.chars().count() <= 100, "{summary}");
        assert_eq!(summary, format!("{}…", &long[..95]));
        assert_eq!(ticket_summary(&turns[..2], "No words."), "No words.");
    }

    #[test]
    fn resolved_call_becomes_a_ticket_to_close_with_the_whole_conversation() {
        let call = CallId::new(1, [0; 10]);
        let turns =
            [said(Speaker::Caller, "I forgot my mail password"), said(Speaker::Agent, "Here is how.")];
        let at: Timestamp = "2026-02-13T03:22:00Z".parse().unwrap();
        let card = lead_card(LeadId::new(1, [0; 10]), cut_call_facts(call, "acme", None, at, &turns));
        let zone = TimeZone::UTC;
        let facts =
            TicketFacts { card: &card, turns: &turns, zone: &zone, action: Action::Resolve, company: None };
        let Outgoing::Ticket(ticket) = ticket(facts) else { panic!("a ticket") };
        assert!(ticket.resolved && ticket.caller_name.is_none());
        assert!(ticket.description.contains("Caller: I forgot my mail password\nNightDesk: Here is how."));
        assert!(ticket.description.contains("Called: Feb 13, 2026 at 3:22 AM"), "{}", ticket.description);
        assert!(ticket.internal.contains("Decided:"));
    }
}
