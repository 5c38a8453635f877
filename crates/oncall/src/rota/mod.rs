//! Who is on call at a moment.
//!
//! ```text
//! primary ← rotation ← weekly shifts ← calendar ← holidays ← overrides      (the last one that has somebody wins)
//! ```
//!
//! Instants are computed in the shop's zone, so a handover in the hour that daylight saving repeats or skips happens
//! once.

mod armed;
mod check;
mod ical;
mod maintenance;
mod rotation;
mod routing;
mod shift;

#[cfg(test)]
mod tests;

use domain::ContactId;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

pub use armed::{Armed, TestPage, armed};
pub use check::{Finding, Weight, check_roster};
pub use ical::{Calendar, CalendarFault};
pub use maintenance::{Maintenance, suppressed_by};
pub use rotation::{Rotation, get_oncall_for};
pub use routing::{Need, assign, score};
pub use shift::Shift;

/// The shop's plan of who is on call.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The shop's zone.
    pub zone: TimeZone,
    /// Whoever it is when nothing else says so.
    pub primary: Option<ContactId>,
    /// People who take turns.
    pub rotation: Option<Rotation>,
    /// Fixed hours of the week; the first that fits.
    pub shifts: Vec<Shift>,
    /// An imported calendar.
    pub calendar: Option<Calendar>,
    /// The shop's holidays.
    pub holidays: Vec<Date>,
    /// People who take turns on holidays, one holiday each; empty: holidays are like other days.
    pub holiday_people: Vec<ContactId>,
    /// Exceptions and swaps; the last that fits.
    pub overrides: Vec<Override>,
}

/// Somebody is on call for a time, whatever the plan says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Who.
    pub who: ContactId,
    /// From here on.
    pub from: Timestamp,
    /// Until here, exclusive.
    pub to: Timestamp,
    /// Only where the plan has this person: one half of a swap.
    pub instead_of: Option<ContactId>,
}

/// Which part of the plan decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Nothing else: the usual person.
    Primary,
    /// The rotation.
    Rotation,
    /// A weekly shift.
    Shift,
    /// The calendar.
    Calendar,
    /// A holiday.
    Holiday,
    /// An override or swap.
    Override,
}

/// Who is on call, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnCall {
    /// Usually one; empty: nobody.
    pub people: Vec<ContactId>,
    /// What decided.
    pub source: Source,
}

impl Schedule {
    /// A plan with one person who is always on call.
    pub fn always(primary: ContactId, zone: TimeZone) -> Self {
        Self {
            zone,
            primary: Some(primary),
            rotation: None,
            shifts: Vec::new(),
            calendar: None,
            holidays: Vec::new(),
            holiday_people: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// Who is on call at this moment.
    pub fn on_call(&self, at: Timestamp) -> OnCall {
        let mut found = self.planned(at);
        for one in self.overrides.iter().filter(|o| o.from <= at && at < o.to) {
            match &one.instead_of {
                None => found = OnCall { people: vec![one.who.clone()], source: Source::Override },
                Some(absent) if found.people.contains(absent) => {
                    found.people.retain(|p| p != absent && *p != one.who);
                    found.people.insert(0, one.who.clone());
                    found.source = Source::Override;
                }
                Some(_) => {}
            }
        }
        found
    }

    /// Who comes after the people on call: the rest of the rotation, in its order.
    pub fn next_in_rotation(&self, at: Timestamp) -> Option<ContactId> {
        let on_call = self.on_call(at).people;
        let turns = self.rotation.as_ref()?.following(at, &self.zone);
        turns.into_iter().find(|p| !on_call.contains(p))
    }

    fn planned(&self, at: Timestamp) -> OnCall {
        let one = |who: Option<&ContactId>| who.cloned().into_iter().collect::<Vec<_>>();
        let holiday = self.holiday_person(at);
        let calendar = || self.calendar.as_ref().map(|c| c.on_call(at)).unwrap_or_default();
        let shift = || self.shifts.iter().find(|s| s.covers(at, &self.zone)).map(|s| &s.who);
        let rotation = || self.rotation.as_ref().and_then(|r| r.at(at, &self.zone));
        let layers: [(Source, &dyn Fn() -> Vec<ContactId>); 4] = [
            (Source::Holiday, &|| one(holiday)),
            (Source::Calendar, &calendar),
            (Source::Shift, &|| one(shift())),
            (Source::Rotation, &|| one(rotation())),
        ];
        for (source, people) in layers {
            let people = people();
            if !people.is_empty() {
                return OnCall { people, source };
            }
        }
        OnCall { people: one(self.primary.as_ref()), source: Source::Primary }
    }

    fn holiday_person(&self, at: Timestamp) -> Option<&ContactId> {
        let today = at.to_zoned(self.zone.clone()).date();
        let mut days = self.holidays.clone();
        days.sort_unstable();
        days.dedup();
        let nth = days.iter().position(|day| *day == today)?;
        let count = self.holiday_people.len().max(1);
        self.holiday_people.get(nth % count)
    }
}
