//! What is remembered and told of one call: turns, pages, recording, and at the end its card.

use std::time::Duration;

use call::{Details, Outcome, PageDraft};
use domain::{
    CallRecord, CallStatus, Decision, Heard, LeadCard, LeadId, SafetyGiven, Speaker, Tone, TurnRecord,
};
use followup::{CallFacts, lead_card};
use jiff::SignedDuration;

use super::{after_call, ids, late_words, ledger::Ledger, news::News, paging, parts::Parts, tape::Tape};
use crate::config::Shop;

/// The story of one call.
pub(crate) struct Journal {
    record: CallRecord,
    shop: Shop,
    ledger: Ledger,
    tape: Tape,
    turns: u32,
    last_decision: Option<String>,
    outcome: Option<Outcome>,
}

impl Journal {
    /// Opens the call's row and tells that it has begun.
    pub(crate) fn open(parts: &Parts, shop: Shop, record: CallRecord) -> Self {
        parts.news.tell(News::CallStarted {
            call: record.id,
            business: shop.profile.business_name.clone(),
            caller: record.caller.clone(),
            local_time: shop.local(record.called_at).strftime("%a %-I:%M %p").to_string(),
        });
        let ledger = Ledger::open(parts.pager(), record.clone());
        Self { record, shop, ledger, tape: Tape::default(), turns: 0, last_decision: None, outcome: None }
    }

    /// Which call this is.
    pub(crate) fn call(&self) -> domain::CallId {
        self.record.id
    }

    // ── sound ────────────────────────────────────────────────────────────────────────────────

    /// From here on both sides are recorded at this rate.
    pub(crate) fn start_recording(&mut self, parts: &Parts, rate_hz: u32) {
        let file = self.tape.start(parts.store.dir(), self.record.id, self.record.called_at, rate_hz);
        if self.record.recording.is_none() {
            self.record.recording = Some(file);
            self.ledger.call(self.record.clone());
        }
    }

    /// To be called now and then: lets the recording begin once its file is there.
    pub(crate) async fn settle(&mut self) {
        self.tape.settle().await;
    }

    /// 20 ms of both sides.
    pub(crate) fn record(&mut self, caller: &[i16], agent: &[i16]) {
        self.tape.write(caller, agent);
    }

    // ── words ────────────────────────────────────────────────────────────────────────────────

    /// The caller finished a turn.
    pub(crate) fn caller_said(&mut self, parts: &Parts, heard: &Heard, at: Duration, hearing_ms: u32) {
        if heard.text.is_empty() {
            return;
        }
        self.turn(Speaker::Caller, &heard.text, at, heard.confidence, heard.tone, None);
        parts.news.tell(News::CallerSaid {
            call: self.record.id,
            at_ms: millis(at),
            text: heard.text.clone(),
            hearing_ms,
        });
    }

    /// We began to say something.
    pub(crate) fn agent_said(&mut self, parts: &Parts, text: &str, at: Duration, latency: Option<Duration>) {
        let latency_ms = latency.map(|l| u32::try_from(l.as_millis()).unwrap_or(u32::MAX));
        self.turn(Speaker::Agent, text, at, 1.0, Tone::Neutral, latency_ms);
        parts.news.tell(News::AgentSaid {
            call: self.record.id,
            at_ms: millis(at),
            text: text.to_string(),
            latency_ms,
        });
    }

    /// The caller talked into our sentence.
    pub(crate) fn interrupted(&self, parts: &Parts, at: Duration) {
        parts.news.tell(News::Interrupted { call: self.record.id, at_ms: millis(at) });
    }

    /// Triage decided; told when it is news.
    pub(crate) fn decided(&mut self, parts: &Parts, decision: &Decision, at: Duration, early: bool) {
        if self.last_decision.as_ref() == Some(&decision.reasoning) {
            return;
        }
        self.last_decision = Some(decision.reasoning.clone());
        parts.news.tell(News::Decided {
            call: self.record.id,
            at_ms: millis(at),
            decision: Box::new(decision.clone()),
            early,
        });
    }

    fn turn(
        &mut self,
        speaker: Speaker,
        text: &str,
        at: Duration,
        confidence: f32,
        tone: Tone,
        latency_ms: Option<u32>,
    ) {
        self.ledger.turn(TurnRecord {
            index: self.turns,
            speaker,
            text: text.to_string(),
            at_ms: millis(at),
            confidence,
            tone,
            latency_ms,
            decision: self.last_decision.clone().filter(|_| speaker == Speaker::Caller),
        });
        self.turns += 1;
    }

    // ── pages ────────────────────────────────────────────────────────────────────────────────

    /// Puts a page on disk; the future says whether it got there.
    pub(crate) fn page(&mut self, parts: &Parts, draft: PageDraft) -> impl Future<Output = bool> + use<> {
        let page = paging::of_call(&self.record, draft);
        let written = self.ledger.page(self.shop.clone(), page.clone());
        let (news, call) = (parts.news.clone(), self.record.id);
        async move {
            let Some(text) = written.await else { return false };
            tracing::warn!(call = %call, revision = page.revision, "EMERGENCY: a page is in the outbox");
            news.tell(News::Paged { call, page: Box::new(page), text });
            true
        }
    }

    // ── the end ──────────────────────────────────────────────────────────────────────────────

    /// The conversation is over.
    pub(crate) fn ended(&mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }

    /// Stores the finished call with its card, and a page that is not on disk yet, in one transaction; and tells.
    pub(crate) async fn close(mut self, parts: &Parts, details: Details, duration: Duration) {
        std::mem::take(&mut self.tape).stop().await;
        let outcome = self.outcome.take();
        self.record.status = outcome.as_ref().map_or(CallStatus::Failed, |o| o.status);
        self.record.ended_at = Some(self.record.called_at + signed(duration));
        let wants_card = outcome.as_ref().is_none_or(|o| o.lead_card);
        let card = wants_card.then(|| self.card(parts, details, duration));
        let unsent = outcome.and_then(|o| o.page_unsent).map(|draft| paging::of_call(&self.record, draft));
        let Self { record, ledger, .. } = self;
        ledger.close().await;
        after_call::remember(parts, record.clone(), card.clone(), unsent).await;
        if let Some(silent) = card.as_ref().filter(|card| late_words::are_missing(&record, card)) {
            tokio::spawn(late_words::add(parts.clone(), record.clone(), silent.clone()));
        }
        parts.news.tell(News::CallEnded {
            call: record.id,
            status: record.status,
            duration_s: seconds(duration),
            card: card.map(Box::new),
            recording: record.recording,
        });
    }

    fn card(&self, parts: &Parts, details: Details, duration: Duration) -> LeadCard {
        let (unix_ms, random) = ids::seed(parts.clock.now());
        let safety_given = details.safety_given.iter().map(|said| SafetyGiven {
            safety: said.safety,
            at: self.record.called_at + signed(said.at),
            complete: said.complete,
        });
        let facts = CallFacts {
            call_id: self.record.id,
            profile_id: self.shop.profile.id.clone(),
            phone: details.phone.clone().or_else(|| self.record.caller.clone()),
            phone_confirmed: details.phone_confirmed,
            name: details.name.clone(),
            address: details.address.clone(),
            statements: details.issue_texts.iter().chain(&details.extra_texts).cloned().collect(),
            emergency: details.is_emergency() || details.paged,
            safety_given: safety_given.collect(),
            tone: details.tone_worst,
            decision: details.decision,
            called_at: self.record.called_at,
            duration_s: seconds(duration),
            notes: details.notes,
            recording: self.record.recording.clone(),
        };
        lead_card(LeadId::new(unix_ms, random), facts)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn seconds(time: Duration) -> u32 {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX)
}

fn signed(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::ZERO)
}
