//! From a decided act to the message that performs it. Pure but for the new identifiers.

use domain::{Alert, Contact, Means, OutboxId, OutboxItem, Outgoing, StepRow};
use followup::{PageFacts, notice};
use jiff::Timestamp;
use oncall::{Case, Known, Ladder, Notice};

use crate::{
    app::{
        duty::{Duty, channel_of},
        ids,
    },
    config::Shop,
};

/// The key of a step's message: the same for ever, so that the step is one message for ever.
pub(crate) fn step_key(step: &StepRow) -> String {
    format!("step-{}-{}", step.alert_id, step.number)
}

/// The message of a written step; `None` for calls, and for somebody who has left the roster.
pub(crate) fn page(
    shop: &Shop,
    duty: &Duty,
    case: &Case,
    step: &StepRow,
    now: Timestamp,
) -> Option<OutboxItem> {
    let contact = duty.roster.contact(&step.contact)?;
    let facts = PageFacts {
        alert: &case.alert,
        business: &shop.profile.business_name,
        zone: &shop.zone,
        step: step.step,
        may_repeat: step.may_repeat,
    };
    let payload = match step.means {
        Means::SmsInternet | Means::SmsModem => {
            Outgoing::Sms { to: contact.phone.clone()?, body: facts.sms() }
        }
        Means::Push => facts.push(contact.push.clone()),
        Means::Email => facts.email(contact.email.clone()?),
        Means::Transfer | Means::Voice => return None,
    };
    let item = item(step_key(step), payload, step.means, &case.alert, now);
    let known = Known::default();
    let ladder = Ladder { policy: &duty.policy, roster: &duty.roster, known: &known };
    Some(OutboxItem { step: Some(step.number), expires_at: Some(ladder.expires_at(case)), ..item })
}

/// What is new about an emergency, for everybody who was paged in writing.
pub(crate) fn updates(
    shop: &Shop,
    duty: &Duty,
    case: &Case,
    revision: u32,
    now: Timestamp,
) -> Vec<OutboxItem> {
    let facts = |step: &StepRow| PageFacts {
        alert: &case.alert,
        business: &shop.profile.business_name,
        zone: &shop.zone,
        step: step.step,
        may_repeat: false,
    };
    let mut told = Vec::new();
    let mut items = Vec::new();
    for step in case.steps.iter().filter(|s| s.attempted_at.is_some() && !s.means.is_call()) {
        let Some(contact) = duty.roster.contact(&step.contact).filter(|c| !told.contains(&c.id)) else {
            continue;
        };
        let Some(payload) = message(contact, step.means, "Update", facts(step).update_sms()) else {
            continue;
        };
        told.push(contact.id.clone());
        let key = format!("update-{}-{}-{revision}", case.alert.id, contact.id);
        items.push(item(key, payload, step.means, &case.alert, now));
    }
    items
}

/// An answer to somebody on the roster. `cause` makes it one message however often it is decided.
pub(crate) fn note(
    duty: &Duty,
    alert: &Alert,
    to: &Contact,
    what: &Notice,
    cause: &str,
    known: &Known,
    now: Timestamp,
) -> Option<OutboxItem> {
    let text = match what {
        Notice::YouHaveIt => notice::you_have_it(alert),
        Notice::TakenBy(by) => notice::taken_by(alert, by.as_ref().map(|id| duty.name_of(id)).as_deref()),
        Notice::PassedOn => notice::passed_on(alert),
        Notice::Closed => notice::closed(alert),
        Notice::CalledHarmlessBy(by) => notice::called_harmless_by(alert, &duty.name_of(by)),
    };
    answer(to, alert, text, cause, known, now)
}

/// Any line to somebody on the roster, by the first written means that works.
pub(crate) fn answer(
    to: &Contact,
    alert: &Alert,
    text: String,
    cause: &str,
    known: &Known,
    now: Timestamp,
) -> Option<OutboxItem> {
    let written = [Means::SmsInternet, Means::SmsModem, Means::Push, Means::Email];
    let usable = |m: &Means| to.has(*m) && !known.failing.contains(&(to.id.clone(), *m));
    let here = written.into_iter().find(|m| usable(m) && !known.away.contains(m));
    let means = here.or_else(|| written.into_iter().find(usable))?;
    let payload = message(to, means, "NightDesk", text)?;
    Some(item(format!("note-{}-{}-{cause}", alert.id, to.id), payload, means, alert, now))
}

fn message(to: &Contact, means: Means, title: &str, text: String) -> Option<Outgoing> {
    match means {
        Means::SmsInternet | Means::SmsModem => Some(Outgoing::Sms { to: to.phone.clone()?, body: text }),
        Means::Push => {
            let title = title.to_string();
            Some(Outgoing::Push { to: to.push.clone(), title, body: text, urgent: false })
        }
        Means::Email => Some(Outgoing::Email { to: to.email.clone()?, subject: title.to_string(), text }),
        Means::Transfer | Means::Voice => None,
    }
}

fn item(key: String, payload: Outgoing, means: Means, alert: &Alert, now: Timestamp) -> OutboxItem {
    let (unix_ms, random) = ids::seed(now);
    let item = OutboxItem::new(OutboxId::new(unix_ms, random), key, payload, now);
    OutboxItem {
        channel: channel_of(means).unwrap_or(item.channel),
        call_id: Some(alert.call_id),
        alert_id: Some(alert.id),
        ..item
    }
}
