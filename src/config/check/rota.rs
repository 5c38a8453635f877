//! Who has which hours: `[shop.oncall.rotation]`, shifts, overrides, calendar, planned work.

use domain::{Contact, ContactId, Service};
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time, Weekday},
    tz::TimeZone,
};
use oncall::{Calendar, CalendarFault, Maintenance, Override, Rotation, Schedule, Shift};

use super::{
    super::{
        fault::{Fault, Place, Severity},
        raw::{self, At},
    },
    Check,
    oncall::listed,
};

const MOMENT: &str = "\"2026-12-24 17:00\", in the shop's time";

impl Check<'_, '_> {
    pub(super) fn schedule(
        &mut self,
        shop: &raw::Shop,
        written: &raw::Oncall,
        zone: Option<&TimeZone>,
        people: &[Contact],
        primary: Option<ContactId>,
    ) -> Option<Schedule> {
        let rotation = written.rotation.as_ref().map(|r| self.rotation(&r.value, &r.place, people));
        let shifts = written.shift.as_ref().map(|s| s.value.as_slice()).unwrap_or_default();
        let shifts: Vec<_> = shifts.iter().filter_map(|s| self.shift(&s.value, &s.place, people)).collect();
        let holiday_people =
            listed(&written.holiday_people).iter().filter_map(|p| self.somebody(p, people)).collect();
        let zone = zone?;
        let calendar = written.calendar.as_ref().and_then(|c| self.calendar(c, people, zone));
        let overrides = self.overrides(written, people, zone);
        if let Some(name) = shop.time_zone.as_ref().filter(|_| without_summer(zone)) {
            let what =
                format!("{} has no daylight saving: handovers would be an hour off in summer", name.value);
            self.faults.warn(&name.place, what, "the zone of your town, such as \"America/Chicago\"");
        }
        Some(Schedule {
            zone: zone.clone(),
            primary,
            rotation: match rotation {
                None => None,
                Some(read) => Some(read?),
            },
            shifts,
            calendar,
            holidays: self.holidays_of(shop),
            holiday_people,
            overrides,
        })
    }

    fn holidays_of(&mut self, shop: &raw::Shop) -> Vec<Date> {
        // faults in them are told where the hours are checked
        let days = shop.hours.as_ref().and_then(|h| h.value.holidays.as_ref());
        days.map(|d| d.value.as_slice())
            .unwrap_or_default()
            .iter()
            .filter_map(|d| d.value.0.parse().ok())
            .collect()
    }

    fn rotation(&mut self, written: &raw::Rotation, at: &Place, people: &[Contact]) -> Option<Rotation> {
        let turns: Vec<ContactId> =
            listed(&written.people).iter().filter_map(|p| self.somebody(p, people)).collect();
        if listed(&written.people).is_empty() {
            let what = "shop.oncall.rotation has no people";
            self.faults.error(at, what, "people = [\"mike\", \"sam\"], in the order of their turns");
        }
        let anchor = match &written.starts {
            None => {
                let what = "shop.oncall.rotation.starts is missing: whose week is it now?";
                self.faults.error(
                    at,
                    what,
                    "starts = 2026-01-05, a day on which the first one's turn begins",
                );
                None
            }
            Some(day) => {
                let date = day.value.0.parse().ok();
                if date.is_none() {
                    let what = format!("{} is not a day of the calendar", day.value.0);
                    self.faults.error(&day.place, what, "year, month and day: \"2026-01-05\"");
                }
                date
            }
        };
        let handover =
            self.read(written.handover.as_ref(), clock, "\"08:00\"").unwrap_or(Time::constant(8, 0, 0, 0));
        let every_days = self.whole(&written.every_days, 1..=365, "days", 7);
        (!turns.is_empty()).then_some(())?;
        Some(Rotation { people: turns, anchor: anchor?, handover, every_days })
    }

    fn shift(&mut self, written: &raw::Shift, at: &Place, people: &[Contact]) -> Option<Shift> {
        let who = self.required(at, "who", &written.who, "mike").and_then(|w| self.somebody(w, people));
        let words = [
            ("mon", Weekday::Monday),
            ("tue", Weekday::Tuesday),
            ("wed", Weekday::Wednesday),
            ("thu", Weekday::Thursday),
            ("fri", Weekday::Friday),
            ("sat", Weekday::Saturday),
            ("sun", Weekday::Sunday),
        ];
        let days: Vec<Weekday> =
            listed(&written.days).iter().filter_map(|d| self.word(&d.value, &d.place, &words)).collect();
        let days = if written.days.is_none() { words.map(|(_, day)| day).to_vec() } else { days };
        let hours =
            self.read(written.hours.as_ref(), hours, "\"18:00-06:00\" (past midnight) or \"00:00-24:00\"");
        let (from, to) = match &written.hours {
            None => (Time::midnight(), Time::midnight()),
            Some(_) => hours?,
        };
        Some(Shift { who: who?, days, from, to })
    }

    fn overrides(&mut self, written: &raw::Oncall, people: &[Contact], zone: &TimeZone) -> Vec<Override> {
        let list = written.r#override.as_ref().map(|o| o.value.as_slice()).unwrap_or_default();
        let mut found: Vec<Override> = Vec::new();
        for At { value: one, place } in list {
            let who = self.required(place, "who", &one.who, "sam").and_then(|w| self.somebody(w, people));
            let absent = one.instead_of.as_ref().map(|i| self.somebody(i, people));
            let span = self.span(&one.from, &one.to, place, zone);
            let (Some(who), Some((from, to))) = (who, span) else { continue };
            let instead_of = match absent {
                None => None,
                Some(Some(absent)) => Some(absent),
                Some(None) => continue,
            };
            let same_place =
                |o: &&Override| o.instead_of.is_none() || instead_of.is_none() || o.instead_of == instead_of;
            if let Some(first) =
                found.iter().filter(same_place).find(|o| o.from < to && from < o.to && o.who != who)
            {
                let what =
                    format!("this override overlaps with one of {} before it; this one wins", first.who);
                self.faults.warn(place, what, "times that meet without overlapping");
            }
            found.push(Override { who, from, to, instead_of });
        }
        found
    }

    pub(super) fn maintenance(&mut self, written: &raw::Oncall, zone: Option<&TimeZone>) -> Vec<Maintenance> {
        let words = [
            ("plumbing", Service::Plumbing),
            ("hvac", Service::Hvac),
            ("electrical", Service::Electrical),
            ("it", Service::It),
            ("general", Service::General),
        ];
        let list = written.maintenance.as_ref().map(|m| m.value.as_slice()).unwrap_or_default();
        let mut found = Vec::new();
        for At { value: one, place } in list {
            let about = self.required(place, "about", &one.about, "The mail server is being moved.");
            let services = listed(&one.services).iter();
            let services: Vec<Service> =
                services.filter_map(|s| self.word(&s.value, &s.place, &words)).collect();
            let Some(zone) = zone else { continue };
            let span = self.span(&one.from, &one.to, place, zone);
            let (Some(about), Some((from, to))) = (about, span) else { continue };
            found.push(Maintenance { from, to, services, about: about.value.trim().to_owned() });
        }
        found
    }

    fn span(
        &mut self,
        from: &Option<At<raw::Moment>>,
        to: &Option<At<raw::Moment>>,
        at: &Place,
        zone: &TimeZone,
    ) -> Option<(Timestamp, Timestamp)> {
        let from = self.moment(from, "from", at, zone);
        let until = self.moment(to, "to", at, zone);
        let (from, until) = (from?, until?);
        if until <= from {
            let place = to.as_ref().map_or(at, |t| &t.place);
            self.faults.error(place, "it ends before or when it begins", format!("a later time: {MOMENT}"));
            return None;
        }
        Some((from, until))
    }

    fn moment(
        &mut self,
        written: &Option<At<raw::Moment>>,
        key: &str,
        at: &Place,
        zone: &TimeZone,
    ) -> Option<Timestamp> {
        let Some(At { value, place }) = written else {
            let place = at.below(key, at.span.clone());
            self.faults.error(&place, format!("{} is missing", place.key), format!("{key} = {MOMENT}"));
            return None;
        };
        let text = value.0.trim();
        let found = text.parse::<Timestamp>().ok().or_else(|| {
            let local: DateTime = text.parse().ok()?;
            zone.to_ambiguous_zoned(local).compatible().ok().map(|z| z.timestamp())
        });
        if found.is_none() {
            self.faults.error(place, format!("{} is {text:?}: not a day and a time", place.key), MOMENT);
        }
        found
    }

    fn calendar(&mut self, written: &At<String>, people: &[Contact], zone: &TimeZone) -> Option<Calendar> {
        let named = self.text_at(written)?;
        let path = self.around.path(named);
        let bytes = match self.around.document(named) {
            Ok(bytes) => bytes,
            Err(error) => {
                let what = format!("the calendar {} cannot be read: {error}", path.display());
                self.faults.error(&written.place, what, "the path of an .ics file, relative to this file");
                return None;
            }
        };
        let file = path.display().to_string();
        let tell = |faults: Vec<CalendarFault>, to: &mut Self| {
            for fault in faults {
                to.faults.in_another_file(Fault {
                    file: file.clone(),
                    line: fault.line,
                    column: 1,
                    severity: if fault.only_warning { Severity::Warning } else { Severity::Error },
                    what: fault.what,
                    write_instead: fault.write_instead,
                });
            }
        };
        match Calendar::read(&String::from_utf8_lossy(&bytes), people, zone) {
            Ok((calendar, warnings)) => {
                tell(warnings, self);
                Some(calendar)
            }
            Err(faults) => {
                tell(faults, self);
                None
            }
        }
    }

    fn text_at<'r>(&mut self, written: &'r At<String>) -> Option<&'r str> {
        let text = written.value.trim();
        if text.is_empty() {
            let what = format!("{} is empty", written.place.key);
            self.faults.error(&written.place, what, "a text, or leave the line out");
            return None;
        }
        Some(text)
    }
}

/// Zones that are kept for machines; towns that have no daylight saving (Phoenix) are fine.
fn without_summer(zone: &TimeZone) -> bool {
    let name = zone.iana_name().unwrap_or("UTC");
    name.starts_with("Etc/") || matches!(name, "UTC" | "GMT" | "EST" | "MST" | "HST" | "Zulu")
}

fn clock(text: &str) -> Result<Time, &'static str> {
    let wrong = "not a time on a 24-hour clock";
    let (hour, minute) = text.split_once(':').ok_or(wrong)?;
    let (hour, minute) = (hour.parse().map_err(|_| wrong)?, minute.parse().map_err(|_| wrong)?);
    Time::new(hour, minute, 0, 0).map_err(|_| wrong)
}

/// Two times; 24:00 is the midnight at the end.
fn hours(text: &str) -> Result<(Time, Time), &'static str> {
    let (from, to) = text.split_once('-').ok_or("not two times with a dash between them")?;
    let to = if to.trim() == "24:00" { Time::midnight() } else { clock(to.trim())? };
    Ok((clock(from.trim())?, to))
}
