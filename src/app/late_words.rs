//! A message that nobody could hear during the call: transcribed from its recording once the recogniser is back,
//! decided, and put on its card (test scenario 34).

use std::{path::Path, time::Duration};

use domain::{
    CallRecord, Channel, Classification, LeadCard, OutboxId, OutboxItem, Page, Speaker, Tone, TurnRecord,
};
use followup::{detail, summarise};
use tokio::time::sleep;

use super::{after_call, ids, judgement::decision_on_record, parts::Parts, transcribe};
use crate::workers::HearingState;

/// How often, and how many times, the recogniser is looked for: for a day.
const LOOK_EVERY: Duration = Duration::from_secs(15);
const LOOKS_MAX: u32 = 24 * 60 * 4;

/// True for a card that says nothing although the call was recorded.
pub(crate) fn are_missing(record: &CallRecord, card: &LeadCard) -> bool {
    record.recording.is_some() && card.issue_detail.is_empty()
}

/// Waits for the recogniser and completes the card. Silence leaves it as it is.
pub(crate) async fn add(parts: Parts, record: CallRecord, card: LeadCard) {
    for _ in 0..LOOKS_MAX {
        if parts.hearing.state() == HearingState::Ready {
            break;
        }
        sleep(LOOK_EVERY).await;
    }
    let Some(file) = record.recording.as_ref().map(|name| parts.store.dir().join(name)) else { return };
    let turns = match caller_side(&file) {
        Ok(side) => turns(&transcribe::side(&parts.hearing, "caller", &side).await),
        Err(error) => return tracing::warn!(%error, "a message could not be read from its recording"),
    };
    if turns.is_empty() {
        return;
    }
    let card = completed(&parts, &record, card, &turns);
    for turn in turns {
        if let Err(error) = parts.store.add_turn(record.id, turn).await {
            tracing::warn!(%error, "a late line of a transcript was not stored");
        }
    }
    let page = (card.classification == Classification::Emergency).then(|| page(&parts, &card));
    tracing::info!(call = %record.id, emergency = page.is_some(), "a message was transcribed after its call");
    after_call::remember(&parts, record, Some(card), page.into_iter().collect()).await;
}

/// The caller's side at 8 kHz.
pub(crate) fn caller_side(file: &Path) -> anyhow::Result<Vec<i16>> {
    let mut wav = hound::WavReader::open(file)?;
    let rate_hz = wav.spec().sample_rate;
    let samples = wav.samples::<i16>().step_by(2).collect::<Result<Vec<_>, _>>()?;
    Ok(media::resample(&samples, rate_hz, 8000))
}

fn turns(lines: &[transcribe::Line]) -> Vec<TurnRecord> {
    // Behind every turn of the call itself.
    (1000..)
        .zip(lines)
        .map(|(index, line)| TurnRecord {
            index,
            speaker: Speaker::Caller,
            text: line.text.clone(),
            at_ms: line.at_ms,
            confidence: 1.0,
            tone: Tone::Neutral,
            latency_ms: None,
            decision: None,
        })
        .collect()
}

fn completed(parts: &Parts, record: &CallRecord, mut card: LeadCard, turns: &[TurnRecord]) -> LeadCard {
    let statements: Vec<String> = turns.iter().map(|t| t.text.clone()).collect();
    card.issue_summary = summarise(&statements);
    card.issue_detail = detail(&statements);
    let business = parts.business(&record.profile_id);
    if let Some(decision) = business.and_then(|b| decision_on_record(&b, turns, record.called_at)) {
        // Never less than what was decided in the call; a message that sounds like a pitch still gets read.
        let heard = decision.classification.unwrap_or(Classification::Routine);
        card.classification = card.classification.max(heard.max(Classification::Routine));
        card.priority = card.priority.min(decision.priority);
        (card.service, card.issue, card.reasoning) = (decision.service, decision.issue, decision.reasoning);
    }
    card
}

fn page(parts: &Parts, card: &LeadCard) -> OutboxItem {
    let now = parts.clock.now();
    let (unix_ms, random) = ids::seed(now);
    let page = Page {
        call_id: card.call_id,
        profile_id: card.profile_id.clone(),
        caller_phone: card.caller_phone.clone(),
        caller_name: None,
        address: card.address.clone(),
        issue: card.issue,
        summary: card.issue_summary.clone(),
        called_at: card.called_at,
        revision: 1000,
    };
    OutboxItem {
        id: OutboxId::new(unix_ms, random),
        channel: Channel::Page,
        idempotency_key: format!("page-{}-{}", card.call_id, page.revision),
        call_id: card.call_id,
        payload: serde_json::to_string(&page).unwrap_or_default(),
        created_at: now,
        sent_at: None,
    }
}
