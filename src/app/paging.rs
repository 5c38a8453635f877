//! What one page puts on disk: the alert, the first steps of its ladder and their messages. Built here only, for
//! pages of a running call, for those of a message that was understood later, and for rehearsals.

use std::collections::BTreeSet;

use call::PageDraft;
use domain::{
    Alert, AlertId, AlertState, CallId, CallRecord, CallStatus, LeadCard, OutboxItem, Outgoing, Page,
    ReplyCode,
};
use jiff::Timestamp;
use oncall::{Act, Known, Ladder, new_code};

use super::{
    clock::WallClock,
    duty::Duty,
    ids,
    ladder::{PagingLines, errands},
};
use crate::{
    config::Shop,
    store::{AlertStory, PageCommitted, Store, StoreError},
};

/// The revision of a page that was made after its call.
pub(crate) const LATE_REVISION: u32 = 1000;

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

/// The rows that put a page on its way. `there` is the call's alert, if it has one: then the page completes it,
/// and everybody who was paged gets what is new. `taken` are the codes of open alerts.
pub(crate) fn rows(
    shop: &Shop,
    page: &Page,
    there: Option<AlertStory>,
    taken: &BTreeSet<ReplyCode>,
    known: &Known,
    now: Timestamp,
) -> PageCommitted {
    let duty = Duty::of(shop);
    if let Some(story) = there {
        let learned = learned(story.alert, page);
        let case = oncall::Case { alert: learned, steps: story.steps };
        let wanted = !case.alert.state.is_over();
        let items =
            if wanted { errands::updates(shop, &duty, &case, page.revision, now) } else { Vec::new() };
        return PageCommitted { alert: case.alert, steps: Vec::new(), items };
    }
    first_rows(shop, &duty, fresh(page, taken, false, now), known, now)
}

/// The rows of a rehearsal: the same, with "THIS IS A TEST" in every text.
pub(crate) fn drill_rows(
    shop: &Shop,
    (id, call_id): (AlertId, CallId),
    taken: &BTreeSet<ReplyCode>,
    known: &Known,
    now: Timestamp,
) -> PageCommitted {
    let page = Page {
        call_id,
        profile_id: shop.profile.id.clone(),
        caller_phone: shop.business_number.clone(),
        caller_name: Some("Test".into()),
        address: None,
        issue: domain::Issue::Unknown,
        summary: "A rehearsal of the emergency ladder. Please answer as you would at night.".into(),
        called_at: now,
        revision: 0,
    };
    let alert = Alert { id, ..fresh(&page, taken, true, now) };
    first_rows(shop, &Duty::of(shop), alert, known, now)
}

/// The call that a rehearsal belongs to: nobody phoned.
pub(crate) fn drill_call(shop: &Shop, id: CallId, now: Timestamp) -> CallRecord {
    CallRecord {
        id,
        sip_call_id: format!("drill-{id}"),
        profile_id: shop.profile.id.clone(),
        caller: None,
        caller_display: Some("Rehearsal".into()),
        called: "drill".into(),
        called_at: now,
        utc_offset_s: shop.zone.to_offset(now).seconds(),
        ended_at: Some(now),
        status: CallStatus::Completed,
        recording: None,
    }
}

/// A new alert with all its steps queued and those that are due at once fired, with their messages.
fn first_rows(shop: &Shop, duty: &Duty, alert: Alert, known: &Known, now: Timestamp) -> PageCommitted {
    let ladder = Ladder { policy: &duty.policy, roster: &duty.roster, known };
    let mut case = ladder.open(alert, &duty.assignment);
    let acts = ladder.next(&mut case, now);
    let fired = acts.iter().filter_map(|act| match act {
        Act::Fire(number) => case.step(*number),
        Act::Withdraw(_) | Act::Note { .. } => None,
    });
    let items = fired.filter_map(|step| errands::page(shop, duty, &case, step, now)).collect();
    PageCommitted { alert: case.alert, steps: case.steps, items }
}

fn fresh(page: &Page, taken: &BTreeSet<ReplyCode>, drill: bool, now: Timestamp) -> Alert {
    let (unix_ms, random) = ids::seed(now);
    Alert {
        id: AlertId::new(unix_ms, random),
        call_id: page.call_id,
        profile_id: page.profile_id.clone(),
        code: new_code(ids::number(), taken),
        drill,
        issue: page.issue,
        caller_name: page.caller_name.clone(),
        caller_phone: page.caller_phone.clone(),
        address: page.address.clone(),
        issue_summary: page.summary.clone(),
        state: AlertState::Open,
        opened_at: now,
        seen_at: now,
        acknowledged_at: None,
        acknowledged_by: None,
        acknowledged_via: None,
        acknowledged_words: None,
        closed_at: None,
    }
}

/// What is known of the caller only grows.
fn learned(alert: Alert, page: &Page) -> Alert {
    Alert {
        caller_name: page.caller_name.clone().or(alert.caller_name),
        caller_phone: page.caller_phone.clone().or(alert.caller_phone),
        address: page.address.clone().or(alert.address),
        issue: page.issue,
        issue_summary: page.summary.clone(),
        ..alert
    }
}

/// Commits pages: what a running call, its end and a late transcript share. Handles only; cloning is cheap.
#[derive(Debug, Clone)]
pub(crate) struct Pager {
    pub(crate) store: Store,
    pub(crate) clock: WallClock,
    pub(crate) lines: PagingLines,
}

impl Pager {
    /// The rows of a page as the store stands now.
    ///
    /// # Errors
    /// Any error of the store.
    pub(crate) async fn rows(&self, shop: &Shop, page: &Page) -> Result<PageCommitted, StoreError> {
        let there = self.store.alert_of_call(page.call_id).await?;
        let now = self.clock.now();
        let taken = self.store.codes_taken(now).await?;
        let known = self.lines.known.borrow().clone();
        Ok(rows(shop, page, there, &taken, &known, now))
    }

    /// Commits a page; `Ok` is the text as the on-call person reads it, and means that it is on disk.
    ///
    /// # Errors
    /// Any error of the store: nobody may be told that help is coming.
    pub(crate) async fn commit(&self, shop: &Shop, page: &Page) -> Result<String, StoreError> {
        let rows = self.rows(shop, page).await?;
        let text = rows.items.first().map_or_else(String::new, words);
        let committed = self.store.commit_page(rows).await;
        self.lines.ring(); // also after `NotDurable`: it is worth sending all the same
        committed.map(|_| text)
    }
}

/// The words of a message, for the terminal.
pub(crate) fn words(item: &OutboxItem) -> String {
    match &item.payload {
        Outgoing::Sms { body, .. } | Outgoing::Push { body, .. } => body.clone(),
        Outgoing::Email { text, .. } => text.clone(),
        Outgoing::Slack(message) => message.headline.clone(),
        Outgoing::Ticket(ticket) => ticket.summary.clone(),
        Outgoing::TicketNote(note) => note.text.clone(),
        Outgoing::Webhook { event, .. } => event.clone(),
    }
}
