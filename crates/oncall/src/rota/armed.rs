//! The box calls itself armed only when the people it would wake have answered a test page.

use std::collections::BTreeSet;

use domain::{ContactId, Roster};
use jiff::{SignedDuration, Timestamp};

use super::Schedule;

/// An answer that is older proves nothing about today's telephone.
const ANSWER_DAYS_MAX: i64 = 90;
/// Whoever is on call within this time must have answered.
const AHEAD_DAYS: i64 = 14;

/// One test page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestPage {
    /// To whom.
    pub contact: ContactId,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When a person answered it.
    pub answered_at: Option<Timestamp>,
}

/// Whether the box would reach somebody, as far as a test can prove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Armed {
    /// Everybody who matters has answered.
    Yes,
    /// Why not, one sentence each.
    No(Vec<String>),
}

/// Looks at the test pages of everybody who may be woken within 14 days.
pub fn armed(roster: &Roster, schedule: &Schedule, pages: &[TestPage], now: Timestamp) -> Armed {
    let mut why = Vec::new();
    for id in needed(roster, schedule, now) {
        let Some(contact) = roster.contact(&id) else { continue };
        let his = || pages.iter().filter(|p| p.contact == id);
        let fresh =
            |at: &Timestamp| now.duration_since(*at) <= SignedDuration::from_hours(24 * ANSWER_DAYS_MAX);
        let answers: Vec<Timestamp> = his().filter_map(|p| p.answered_at).collect();
        if answers.iter().any(fresh) {
            continue;
        }
        why.push(match (answers.is_empty(), his().next().is_some()) {
            (false, _) => {
                format!("{}: the last answered test page is over {ANSWER_DAYS_MAX} days old", contact.name)
            }
            (true, true) => format!("{}: no test page has been answered", contact.name),
            (true, false) => format!("{}: no test page has been sent yet", contact.name),
        });
    }
    if why.is_empty() { Armed::Yes } else { Armed::No(why) }
}

fn needed(roster: &Roster, schedule: &Schedule, now: Timestamp) -> BTreeSet<ContactId> {
    let hours = (0..24 * AHEAD_DAYS).filter_map(|h| now.checked_add(SignedDuration::from_hours(h)).ok());
    let on_call = hours.flat_map(|at| schedule.on_call(at).people);
    on_call.chain(roster.backup.clone()).chain([roster.owner.clone()]).collect()
}
