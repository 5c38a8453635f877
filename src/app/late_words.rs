//! A message that nobody could hear during the call: transcribed from its recording once the recogniser is back,
//! decided, and put on its card (test scenario 34).

use std::{path::Path, time::Duration};

use domain::{CallRecord, Classification, LeadCard, Speaker, Tone, TurnRecord};
use followup::{detail, summarise};
use tokio::{sync::Semaphore, task::spawn_blocking, time::sleep};

use super::{after_call, judgement::decision_on_record, paging, parts::Parts, transcribe};
use crate::workers::HearingState;

/// How often, and how many times, the recogniser is looked for: for a day.
const LOOK_EVERY: Duration = Duration::from_secs(15);
const LOOKS_MAX: u32 = 24 * 60 * 4;

/// Nobody waits for these words: they must not crowd out the sound of running calls.
static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

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
    let Ok(_turn) = ONE_AT_A_TIME.acquire().await else { return };
    let turns = match spawn_blocking(move || caller_side(&file)).await {
        Ok(Ok(side)) => turns(&transcribe::side(&parts.hearing, "caller", &side).await),
        Ok(Err(error)) => return tracing::warn!(%error, "a message could not be read from its recording"),
        Err(_) => return tracing::error!("reading a recording ended by a fault of ours"),
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
    let page = (card.classification == Classification::Emergency).then(|| paging::of_card(&card));
    tracing::info!(call = %record.id, emergency = page.is_some(), "a message was transcribed after its call");
    after_call::remember(&parts, record, Some(card), page).await;
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
