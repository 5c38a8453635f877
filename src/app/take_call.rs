//! A call rings: which business is it for, do we answer, and what do we know about the caller?

use std::{sync::Arc, time::Duration};

use call::{Call, CallSetup, RepeatCaller};
use domain::{CallId, CallRecord, CallStatus, Language};
use jiff::SignedDuration;
use tokio::time::timeout;

use super::{
    ids,
    journal::Journal,
    judgement::Judgement,
    live_call::LiveSession,
    parts::{Business, Parts},
};
use crate::{
    config::{CallAction, ShopChoice},
    phone::IncomingCall,
    workers::HearingState,
};

/// The same number within this time is a repeat caller (source D:139).
const REPEAT_WITHIN: SignedDuration = SignedDuration::from_hours(4);
/// A slow disk may cost the greeting for a repeat caller, never the answer.
const LOOKUP_MAX: Duration = Duration::from_millis(80);

/// Answers, sends on or refuses one call, and stays with it to its end.
pub(crate) async fn take_call(parts: Parts, incoming: IncomingCall) {
    let (business, known) = match parts.config.shop_for(&incoming.called, incoming.caller.as_ref()) {
        ShopChoice::Shop(shop) => (parts.business(&shop.profile.id), true),
        // The voice and the record of the first shop; it only says that the number is not configured.
        ShopChoice::Say36 => (parts.businesses.first().cloned(), false),
    };
    let Some(business) = business else { return incoming.reject(480, "Not configured") };
    let local = business.shop.local(parts.clock.now());
    if known {
        match business.shop.in_hours_action(local.datetime()) {
            CallAction::Answer => {}
            CallAction::Redirect(uri) => return incoming.redirect(&uri),
            CallAction::Refuse(code) => return incoming.reject(code, "The office is open"),
        }
    }
    let repeat = timeout(LOOKUP_MAX, repeat_caller(&parts, &business, &incoming)).await.ok().flatten();
    let record = record(&parts, &business, &incoming, local.offset().seconds());
    let setup = CallSetup {
        profile: business.shop.profile.clone(),
        caller: incoming.caller.clone(),
        local_start: local.datetime(),
        repeat,
        prompts: business.prompts.clone(),
        hearing: !matches!(parts.hearing.state(), HearingState::Dead(_)),
        spanish: parts.voice.can_say(Language::Spanish).then(|| business.spanish.clone()),
        transfer: false,
        transfer_ring_s: business.shop.oncall.transfer_ring_s,
    };
    answer(parts, business, incoming, record, setup, known).await;
}

async fn answer(
    parts: Parts,
    business: Arc<Business>,
    incoming: IncomingCall,
    record: CallRecord,
    setup: CallSetup,
    known: bool,
) {
    let id = record.id;
    match incoming.answer().await {
        Ok(live) => {
            tracing::info!(call = %id, "answered");
            let judgement = Judgement::new(business.clone(), setup.repeat.is_some());
            let call = if known { Call::new(setup) } else { Call::not_configured(setup) };
            let journal = Journal::open(&parts, business.shop.clone(), record);
            let random = ids::seed(parts.clock.now()).1;
            LiveSession::new(parts, call, judgement, journal, &live.media, random).run(live).await;
            tracing::info!(call = %id, "ended");
        }
        Err(error) => tracing::info!(call = %id, %error, "not answered"),
    }
}

async fn repeat_caller(parts: &Parts, business: &Business, incoming: &IncomingCall) -> Option<RepeatCaller> {
    let now = parts.clock.now();
    let caller = incoming.caller.clone()?;
    let profile = business.shop.profile.id.clone();
    let recent = parts.store.recent_call_from(profile, caller, now - REPEAT_WITHIN).await.ok()??;
    let ago = now.duration_since(recent.call.called_at);
    let lead = recent.lead;
    Some(RepeatCaller {
        minutes_ago: u32::try_from(ago.as_mins()).unwrap_or(0),
        name: lead.as_ref().map(|l| l.caller_name.clone()).filter(|name| name != "Unknown"),
        address: lead.and_then(|l| l.address),
    })
}

fn record(parts: &Parts, business: &Business, incoming: &IncomingCall, utc_offset_s: i32) -> CallRecord {
    let now = parts.clock.now();
    let (unix_ms, random) = ids::seed(now);
    CallRecord {
        id: CallId::new(unix_ms, random),
        sip_call_id: incoming.sip_call_id.clone(),
        profile_id: business.shop.profile.id.clone(),
        caller: incoming.caller.clone(),
        caller_display: incoming.caller_display.clone(),
        called: incoming.called.first().cloned().unwrap_or_default(),
        called_at: now,
        utc_offset_s,
        ended_at: None,
        status: CallStatus::InProgress,
        recording: None,
    }
}
