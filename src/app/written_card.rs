//! After a call: the local model fills what is still empty on its card, as far as the transcript carries it.
//!
//! The card is on disk before this begins. A model that is off, dead or slow, or that writes what nobody said,
//! leaves it as it is.

use std::time::Duration;

use domain::{CallRecord, LeadCard, Speaker, TurnRecord};
use followup::{WrittenCard, checked};

use super::{after_call, parts::Parts};

/// Nobody waits for this; a slow board writes a card in half a minute.
const WRITE_DEADLINE: Duration = Duration::from_secs(90);

/// What the card says when no name was given.
const NO_NAME: &str = "Unknown";

/// True when a field is empty that a model may fill.
pub(crate) fn is_wanted(parts: &Parts, card: &LeadCard) -> bool {
    let empty = card.caller_name == NO_NAME || card.address.is_none() || card.issue_summary.is_empty();
    parts.config.thinking.write && parts.thinking.is_on() && empty && !card.issue_detail.is_empty()
}

/// Asks the model, checks what it wrote, and stores the card if that filled anything.
pub(crate) async fn add(parts: Parts, record: CallRecord, card: LeadCard) {
    let turns = match parts.store.turns(record.id).await {
        Ok(turns) => turns,
        Err(error) => return tracing::warn!(%error, "the turns of a call could not be read for its card"),
    };
    let Some(business) = parts.business(&record.profile_id) else { return };
    let runbook = business.runbook.as_prompt();
    let written = match parts.thinking.write(&runbook, &dialogue(&turns), WRITE_DEADLINE).await {
        Ok(written) => written,
        Err(error) => return tracing::debug!(%error, "no card was written by a model"),
    };
    let said: Vec<String> =
        turns.iter().filter(|t| t.speaker == Speaker::Caller).map(|t| t.text.clone()).collect();
    if let Some(card) = filled(card, checked(&written.json, &said)) {
        tracing::info!(call = %record.id, took_ms = written.took_ms, "a model filled empty fields of a card");
        after_call::remember(&parts, record, Some(card), None).await;
    }
}

/// The card with its empty fields filled; `None` when nothing was.
fn filled(mut card: LeadCard, written: WrittenCard) -> Option<LeadCard> {
    let before = card.clone();
    if card.caller_name == NO_NAME {
        card.caller_name = written.name.unwrap_or(card.caller_name);
    }
    card.address = card.address.or(written.address);
    if card.issue_summary.is_empty() {
        card.issue_summary = written.summary.unwrap_or_default();
    }
    (card != before).then_some(card)
}

fn dialogue(turns: &[TurnRecord]) -> String {
    let line = |turn: &TurnRecord| {
        let speaker = match turn.speaker {
            Speaker::Caller => "Caller",
            Speaker::Agent => "Agent",
        };
        format!("{speaker}: {}", turn.text)
    };
    turns.iter().map(line).collect::<Vec<_>>().join("\n")
}
