//! RRULE, daily and weekly (RFC 5545 section 3.3.10).

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Weekday},
    tz::TimeZone,
};

use super::{CalendarFault, fault, lines::Line, time::When};

/// How an event repeats.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    every: Every,
    interval: i64,
    days: Vec<Weekday>,
    week_begins: Weekday,
    count: Option<i64>,
    until: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Every {
    Day,
    Week,
}

impl Rule {
    /// Reads a rule of an event that begins at `start`.
    pub(super) fn read(line: &Line, start: &When) -> Result<Self, CalendarFault> {
        let wrong = |what: String| {
            fault(
                line.number,
                what,
                "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU, with COUNT or UNTIL if it ends",
            )
        };
        let mut rule = Self {
            every: Every::Week,
            interval: 1,
            days: Vec::new(),
            week_begins: Weekday::Monday,
            count: None,
            until: None,
        };
        let mut frequency = None;
        for part in line.value.split(';').filter(|p| !p.is_empty()) {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let number = || value.parse::<i64>().ok().filter(|n| (1..=100_000).contains(n));
            let unreadable = || wrong(format!("{part} in the rule cannot be read"));
            match key.to_ascii_uppercase().as_str() {
                "FREQ" => frequency = Some(value.to_ascii_uppercase()),
                "INTERVAL" => rule.interval = number().ok_or_else(unreadable)?,
                "COUNT" => rule.count = Some(number().ok_or_else(unreadable)?),
                "UNTIL" => rule.until = Some(until(value, start).ok_or_else(unreadable)?),
                "WKST" => rule.week_begins = weekday(value).ok_or_else(unreadable)?,
                "BYDAY" => {
                    let days: Option<Vec<Weekday>> = value.split(',').map(weekday).collect();
                    rule.days = days.ok_or_else(unreadable)?;
                }
                other => return Err(wrong(format!("{other} in a rule is not understood"))),
            }
        }
        rule.every = match frequency.as_deref() {
            Some("DAILY") => Every::Day,
            Some("WEEKLY") => Every::Week,
            other => {
                return Err(wrong(format!(
                    "FREQ is {}: only DAILY and WEEKLY are understood",
                    other.unwrap_or("missing")
                )));
            }
        };
        if rule.every == Every::Day && rule.count.is_some() && !rule.days.is_empty() {
            return Err(wrong("COUNT together with BYDAY in a daily rule is not understood".into()));
        }
        if rule.every == Every::Week && rule.days.is_empty() {
            rule.days = vec![start.local.weekday()];
        }
        rule.days.sort_by_key(|d| d.since(rule.week_begins));
        rule.days.dedup();
        Ok(rule)
    }

    /// True when an occurrence begins on this day, as far as the pattern and COUNT say.
    pub(super) fn has(&self, start: Date, day: Date) -> bool {
        if day < start {
            return false;
        }
        let days = |from: Date, to: Date| to.since(from).map_or(0, |s| i64::from(s.get_days()));
        let on_day = self.days.is_empty() || self.days.contains(&day.weekday());
        let (fits, nth) = match self.every {
            Every::Day => {
                let n = days(start, day);
                (n % self.interval == 0, n / self.interval)
            }
            Every::Week => {
                let week = |d: Date| {
                    d.checked_sub(i64::from(d.weekday().since(self.week_begins)).days()).unwrap_or(d)
                };
                let weeks = days(week(start), week(day)) / 7;
                let place = |d: Date| {
                    let into = d.weekday().since(self.week_begins);
                    let before = self.days.iter().filter(|x| x.since(self.week_begins) < into).count();
                    i64::try_from(before).unwrap_or(0)
                };
                let per_week = i64::try_from(self.days.len()).unwrap_or(1);
                (weeks % self.interval == 0, weeks / self.interval * per_week + place(day) - place(start))
            }
        };
        fits && on_day && self.count.is_none_or(|count| nth < count)
    }

    /// True when an occurrence that begins at this local time is not after UNTIL.
    pub(super) fn still_runs(&self, start: DateTime, zone: &TimeZone) -> bool {
        let instant = zone.to_ambiguous_zoned(start).compatible().map(|z| z.timestamp());
        self.until.is_none_or(|until| instant.is_ok_and(|at| at <= until))
    }
}

/// The last moment. A day without a time means its end.
fn until(value: &str, start: &When) -> Option<Timestamp> {
    let line = Line { number: 0, name: "UNTIL".into(), parameters: Vec::new(), value: value.into() };
    let when = When::read(&line, &start.zone).ok()?;
    if when.is_date {
        let next = When { local: when.local.tomorrow().ok()?, ..when };
        return next.timestamp()?.checked_sub(1.second()).ok();
    }
    when.timestamp()
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text.trim().to_ascii_uppercase().as_str() {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}
