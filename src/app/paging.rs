//! What one page puts on disk: the alert and the first message. Built here only, for pages of a running call
//! and for those of a message that was understood later.

use call::PageDraft;
use domain::{
    AlertId, AlertRecord, CallRecord, EscalationStep, LeadCard, OutboxId, OutboxItem, Outgoing, Page,
};
use followup::page_text;
use jiff::Timestamp;

use super::ids;
use crate::config::Shop;

/// The revision of a page that was made after its call.
pub(crate) const LATE_REVISION: u32 = 1000;

/// A page with the rows that carry it.
#[derive(Debug, Clone)]
pub(crate) struct PageRows {
    pub(crate) page: Page,
    /// As the on-call person reads it.
    pub(crate) text: String,
    pub(crate) item: OutboxItem,
    pub(crate) alert: AlertRecord,
}

/// The page of a running call, from what the conversation knows.
pub(crate) fn of_call(record: &CallRecord, draft: PageDraft) -> Page {
    Page {
        call_id: record.id,
        profile_id: record.profile_id.clone(),
        caller_phone: draft.caller_phone.or_else(|| record.caller.clone()),
        caller_name: draft.caller_name,
        address: draft.address,
        issue: draft.issue,
        summary: draft.summary,
        called_at: record.called_at,
        revision: draft.revision,
    }
}

/// The page of a call that was understood only after its end.
pub(crate) fn of_card(card: &LeadCard) -> Page {
    Page {
        call_id: card.call_id,
        profile_id: card.profile_id.clone(),
        caller_phone: card.caller_phone.clone(),
        caller_name: None,
        address: card.address.clone(),
        issue: card.issue,
        summary: card.issue_summary.clone(),
        called_at: card.called_at,
        revision: LATE_REVISION,
    }
}

/// The rows that put a page on its way to this shop's on-call person.
pub(crate) fn rows(shop: &Shop, page: Page, now: Timestamp) -> PageRows {
    let text = page_text(&page, &shop.profile.business_name, &shop.zone);
    let (unix_ms, random) = ids::seed(now);
    let alert = AlertRecord {
        id: AlertId::new(unix_ms, random),
        call_id: page.call_id,
        caller_name: page.caller_name.clone(),
        caller_phone: page.caller_phone.clone(),
        address: page.address.clone(),
        issue_summary: page.summary.clone(),
        tech_name: shop.oncall.primary_name.clone(),
        tech_phone: shop.oncall.primary_phone.clone(),
        step: EscalationStep::SmsOncall,
        created_at: now,
        acknowledged_at: None,
    };
    let sms = Outgoing::Sms { to: shop.oncall.primary_phone.clone(), body: text.clone() };
    let (unix_ms, random) = ids::seed(now);
    let key = format!("page-{}-{}", page.call_id, page.revision);
    let item = OutboxItem {
        call_id: Some(page.call_id),
        alert_id: Some(alert.id),
        ..OutboxItem::new(OutboxId::new(unix_ms, random), key, sms, now)
    };
    PageRows { page, text, item, alert }
}
