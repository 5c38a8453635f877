//! Which of the people on call gets an alert, and who comes next (source C:9).

use std::collections::BTreeMap;

use domain::{Contact, ContactId, Language, Roster, Service};
use jiff::Timestamp;

use super::Schedule;
use crate::case::Assignment;

/// What an alert needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Need {
    /// The trade.
    pub service: Service,
    /// The caller's language.
    pub language: Language,
    /// Danger to life.
    pub life_safety: bool,
    /// A break-in into computers, ransom, stolen passwords.
    pub security: bool,
    /// A business stands still: priority P1 of an IT shop.
    pub critical: bool,
}

/// How well somebody fits, 0 to 100: half for skill, a quarter for tier, the rest for language and for having
/// nothing else open. `open_alerts` counts what he has not finished.
pub fn score(contact: &Contact, need: &Need, open_alerts: u32) -> u32 {
    let level = contact.skills.iter().find(|s| s.service == need.service).map(|s| u32::from(s.level.min(5)));
    let skill = match level {
        Some(level) => 10 * level,
        None if contact.skills.is_empty() || need.service == Service::Unknown => 25,
        None => 0,
    };
    let wanted = if need.security || need.critical { 3 } else { 2 };
    let tier = 25 - 10 * u32::from(contact.tier.clamp(1, 3).abs_diff(wanted));
    let english = contact.languages.is_empty() && need.language == Language::English;
    let language = if english || contact.languages.contains(&need.language) { 10 } else { 0 };
    let load = 15_u32.saturating_sub(5 * open_alerts);
    skill + tier + language + load
}

/// The people for an alert: the best of those on call, then the others, then the shop's backup or the next of the
/// rotation. Security and critical matters wake the second person at once, and so does a technician who has another
/// emergency open. When nobody is on call and there is no backup, it is the owner.
pub fn assign(
    roster: &Roster,
    schedule: &Schedule,
    need: &Need,
    open_alerts: &BTreeMap<ContactId, u32>,
    at: Timestamp,
) -> Assignment {
    let load = |id: &ContactId| open_alerts.get(id).copied().unwrap_or(0);
    let on_call = schedule.on_call(at).people;
    let mut ranked: Vec<&Contact> = on_call.iter().filter_map(|id| roster.contact(id)).collect();
    ranked.sort_by_key(|c| std::cmp::Reverse(score(c, need, load(&c.id))));
    let mut people: Vec<ContactId> = ranked.into_iter().map(|c| c.id.clone()).collect();
    let named = roster.backup.clone().filter(|b| roster.contact(b).is_some());
    people.extend(named.or_else(|| schedule.next_in_rotation(at)));
    let mut unique: Vec<ContactId> = Vec::new();
    for person in people {
        if !unique.contains(&person) {
            unique.push(person);
        }
    }
    let primary = if unique.is_empty() { roster.owner.clone() } else { unique.remove(0) };
    let busy = load(&primary) > 0;
    Assignment { second_at_once: busy || need.security || need.critical, primary, backups: unique }
}
