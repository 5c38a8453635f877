//! People who take turns.

use domain::ContactId;
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

/// A rotation. A name may stand in it several times; every turn has the same length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// In their order; not empty.
    pub people: Vec<ContactId>,
    /// The day on which the first one's turn began (or begins: it goes on backwards too).
    pub anchor: Date,
    /// The time of day when turns change, in the shop's zone.
    pub handover: Time,
    /// Length of a turn: 1 daily, 7 weekly, 14 fortnightly.
    pub every_days: u16,
}

/// Who of `entries` has the week that contains `dt`: the first one's week begins at midnight of `anchor_date`
/// (source C:27). `None` without entries.
pub fn get_oncall_for(entries: &[ContactId], anchor_date: Date, dt: DateTime) -> Option<&ContactId> {
    turn(entries, anchor_date, dt.date(), 7)
}

impl Rotation {
    /// Whose turn it is. The handover is an instant: where daylight saving repeats its hour, the first pass counts;
    /// where it skips it, the turn changes when the clock jumps.
    pub fn at(&self, at: Timestamp, zone: &TimeZone) -> Option<&ContactId> {
        turn(&self.people, self.anchor, self.turn_date(at, zone), self.every_days)
    }

    /// Everybody in the order of the coming turns, each once, the present one first.
    pub fn following(&self, at: Timestamp, zone: &TimeZone) -> Vec<ContactId> {
        let today = self.turn_date(at, zone);
        let Some(now) = turn_index(self.people.len(), self.anchor, today, self.every_days) else {
            return Vec::new();
        };
        let mut order: Vec<ContactId> = Vec::new();
        for person in self.people.iter().cycle().skip(now).take(self.people.len()) {
            if !order.contains(person) {
                order.push(person.clone());
            }
        }
        order
    }

    /// The date on which a turn that includes this moment could have begun.
    fn turn_date(&self, at: Timestamp, zone: &TimeZone) -> Date {
        let today = at.to_zoned(zone.clone()).date();
        let handed_over = zone.to_ambiguous_zoned(today.to_datetime(self.handover)).compatible();
        let has_begun = handed_over.is_ok_and(|begin| begin.timestamp() <= at);
        if has_begun { today } else { today.yesterday().unwrap_or(today) }
    }
}

fn turn(people: &[ContactId], anchor: Date, today: Date, every_days: u16) -> Option<&ContactId> {
    people.get(turn_index(people.len(), anchor, today, every_days)?)
}

fn turn_index(count: usize, anchor: Date, today: Date, every_days: u16) -> Option<usize> {
    let count = i64::try_from(count).ok().filter(|c| *c > 0)?;
    let days = i64::from(today.since(anchor).ok()?.get_days());
    let turns = days.div_euclid(i64::from(every_days.max(1)));
    usize::try_from(turns.rem_euclid(count)).ok()
}
