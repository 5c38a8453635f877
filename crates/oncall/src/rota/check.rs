//! What is wrong with a roster before a night shows it: looked at when it is saved, and every day.

use std::collections::BTreeMap;

use domain::{Contact, ContactId, Means, PhoneNumber, Roster};
use jiff::{SignedDuration, Timestamp};

use super::{Override, Schedule};
use crate::case::Known;

/// The roster is looked at for so many hours ahead.
const AHEAD_HOURS: i64 = 14 * 24;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Somebody would not be woken.
    Urgent,
    /// Worth knowing.
    Notice,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad.
    pub weight: Weight,
    /// What, in a sentence for the owner.
    pub what: String,
    /// What to do about it.
    pub advice: String,
}

/// Everything that is wrong with who is woken within 14 days of `now`, urgent first.
pub fn check_roster(roster: &Roster, schedule: &Schedule, known: &Known, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(roster.people.iter().flat_map(|c| unreachable_person(c, known)));
    found.extend(same_numbers(roster));
    found.extend(strangers(roster, schedule));
    found.extend(uncovered_hours(roster, schedule, known, now));
    found.extend(overlapping(&schedule.overrides, schedule));
    found.extend(zone(roster, schedule));
    found.extend(nobody_behind(roster, schedule, now));
    found.sort_by_key(|f| f.weight);
    found
}

fn urgent(what: String, advice: impl Into<String>) -> Finding {
    Finding { weight: Weight::Urgent, what, advice: advice.into() }
}

fn notice(what: String, advice: impl Into<String>) -> Finding {
    Finding { weight: Weight::Notice, what, advice: advice.into() }
}

fn unreachable_person(contact: &Contact, known: &Known) -> Vec<Finding> {
    let mut found = Vec::new();
    let name = &contact.name;
    let all = [Means::SmsInternet, Means::SmsModem, Means::Voice, Means::Push, Means::Email];
    if !all.iter().any(|m| contact.has(*m)) {
        found.push(urgent(
            format!("{name} has no telephone number, push address or e-mail"),
            "phone = \"+15552345678\"",
        ));
    }
    if let Some(Err(error)) = contact.phone.as_ref().map(|p| PhoneNumber::parse_dialable(p.e164())) {
        found.push(urgent(
            format!("the number of {name} cannot be dialled: {error}"),
            "phone = \"+15552345678\"",
        ));
    }
    let failing: Vec<&str> = all
        .iter()
        .filter(|m| known.failing.contains(&(contact.id.clone(), **m)))
        .map(|m| match m {
            Means::SmsInternet | Means::SmsModem => "text messages",
            Means::Voice | Means::Transfer => "calls",
            Means::Push => "push messages",
            Means::Email => "e-mail",
        })
        .collect();
    let mut words = failing.clone();
    words.dedup();
    if !words.is_empty() {
        let what = format!("{} to {name} do not arrive: opted out or refused", words.join(" and "));
        found.push(urgent(
            what,
            format!(
                "ask {name} to text START to the shop's number, or check the number; then send a test page"
            ),
        ));
    }
    found
}

fn same_numbers(roster: &Roster) -> Vec<Finding> {
    let mut seen: BTreeMap<&PhoneNumber, &Contact> = BTreeMap::new();
    let mut found = Vec::new();
    for contact in &roster.people {
        let Some(phone) = &contact.phone else { continue };
        if let Some(first) = seen.insert(phone, contact) {
            let what = format!(
                "{} and {} have the same number: an answer could be either's",
                first.name, contact.name
            );
            found.push(notice(what, "one entry for one person, or a number for each"));
        }
    }
    found
}

/// Names in the plan that are not on the roster.
fn strangers(roster: &Roster, schedule: &Schedule) -> Vec<Finding> {
    let mut named: Vec<&ContactId> = Vec::new();
    named.extend(&schedule.primary);
    named.extend(schedule.rotation.iter().flat_map(|r| &r.people));
    named.extend(schedule.shifts.iter().map(|s| &s.who));
    named.extend(&schedule.holiday_people);
    named.extend(schedule.overrides.iter().flat_map(|o| [Some(&o.who), o.instead_of.as_ref()]).flatten());
    named.extend(roster.backup.iter().chain([&roster.owner]));
    named.sort();
    named.dedup();
    let unknown = named.into_iter().filter(|id| roster.contact(id).is_none());
    unknown
        .map(|id| {
            urgent(
                format!("the plan names {id}, who is not on the roster"),
                "add the person, or name another",
            )
        })
        .collect()
}

/// Hours in which nobody is on call who can be reached, told as spans.
fn uncovered_hours(roster: &Roster, schedule: &Schedule, known: &Known, now: Timestamp) -> Vec<Finding> {
    let reachable = |id: &ContactId| {
        roster.contact(id).is_some_and(|c| {
            let all = [Means::SmsInternet, Means::SmsModem, Means::Voice, Means::Push, Means::Email];
            all.iter().any(|m| c.has(*m) && !known.failing.contains(&(id.clone(), *m)))
        })
    };
    let mut spans: Vec<(Timestamp, Timestamp)> = Vec::new();
    for hour in 0..AHEAD_HOURS {
        let at = now.saturating_add(SignedDuration::from_hours(hour)).unwrap_or(now);
        if schedule.on_call(at).people.iter().any(reachable) {
            continue;
        }
        let end = at.saturating_add(SignedDuration::from_hours(1)).unwrap_or(at);
        match spans.last_mut().filter(|last| last.1 == at) {
            Some(last) => last.1 = end,
            None => spans.push((at, end)),
        }
    }
    let local = |at: Timestamp| at.to_zoned(schedule.zone.clone()).strftime("%a %b %-d %H:%M").to_string();
    let tell = |(from, to): &(Timestamp, Timestamp)| {
        let what = format!("nobody who can be reached is on call from {} to {}", local(*from), local(*to));
        urgent(what, "an entry in the calendar or rotation, or an override, for that time")
    };
    spans.iter().take(10).map(tell).collect()
}

fn overlapping(overrides: &[Override], schedule: &Schedule) -> Vec<Finding> {
    let local = |at: Timestamp| at.to_zoned(schedule.zone.clone()).strftime("%b %-d %H:%M").to_string();
    let mut found = Vec::new();
    for (nth, second) in overrides.iter().enumerate() {
        for first in &overrides[..nth] {
            let (from, to) = (first.from.max(second.from), first.to.min(second.to));
            let same_place = first.instead_of.is_none()
                || second.instead_of.is_none()
                || first.instead_of == second.instead_of;
            if from < to && same_place && first.who != second.who {
                let what = format!(
                    "two overrides overlap from {} to {}: {} and {}; the later entry wins",
                    local(from),
                    local(to),
                    first.who,
                    second.who
                );
                found.push(notice(what, "times that meet without overlapping, or one of the two"));
            }
        }
    }
    found
}

/// A zone without daylight saving is nearly always a slip where the numbers are American.
fn zone(roster: &Roster, schedule: &Schedule) -> Vec<Finding> {
    let name = schedule.zone.iana_name().unwrap_or("UTC");
    let fixed = name.starts_with("Etc/") || matches!(name, "UTC" | "GMT" | "EST" | "MST" | "HST" | "Zulu");
    let american = roster.people.iter().filter_map(|c| c.phone.as_ref()).any(|p| p.national().is_some());
    let what = || {
        format!(
            "the shop's time zone is {name}, which has no daylight saving: handovers would be an hour off in summer"
        )
    };
    (fixed && american)
        .then(|| notice(what(), "time_zone = \"America/Chicago\" or the zone of your town"))
        .into_iter()
        .collect()
}

/// The person on call is also everybody who comes after him.
fn nobody_behind(roster: &Roster, schedule: &Schedule, now: Timestamp) -> Vec<Finding> {
    let alone = |id: &ContactId| {
        *id == roster.owner
            && roster.backup.as_ref().is_none_or(|b| b == id)
            && schedule.next_in_rotation(now).is_none()
    };
    let on_call = schedule.on_call(now).people;
    let only = on_call.first().filter(|id| on_call.len() == 1 && alone(id));
    let told = only.and_then(|id| roster.contact(id)).map(|c| {
        let what = format!(
            "{} is on call, and nobody comes after: if {} sleeps, only the alarm is left",
            c.name, c.name
        );
        notice(what, "backup_name and backup_phone")
    });
    told.into_iter().collect()
}
