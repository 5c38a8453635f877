//! Dates, times, zones and lengths.

use jiff::{
    Span, Timestamp, Unit,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

use super::{CalendarFault, DAYS_MAX, fault, lines::Line};

/// A moment as it was written.
#[derive(Debug, Clone)]
pub(super) struct When {
    /// Wall time.
    pub(super) local: DateTime,
    /// Whose wall time.
    pub(super) zone: TimeZone,
    /// A day without a time.
    pub(super) is_date: bool,
}

impl When {
    /// Reads DTSTART and the like; without a zone it is the shop's time.
    pub(super) fn read(line: &Line, shop: &TimeZone) -> Result<Self, CalendarFault> {
        let zone = match line.parameter("TZID") {
            None => shop.clone(),
            Some(id) => zone_of(id).ok_or_else(|| {
                let what = format!("there is no time zone {id:?}");
                fault(line.number, what, "TZID with an IANA name, such as America/Chicago")
            })?,
        };
        one(&line.value, &zone).ok_or_else(|| unreadable(line))
    }

    /// Reads EXDATE: several moments with commas.
    pub(super) fn read_list(line: &Line, shop: &TimeZone) -> Result<Vec<Self>, CalendarFault> {
        let each = line.value.split(',');
        each.map(|part| Self::read(&Line { value: part.trim().to_string(), ..line.clone() }, shop)).collect()
    }

    /// The instant; where daylight saving repeats the hour, the first one.
    pub(super) fn timestamp(&self) -> Option<Timestamp> {
        self.zone.to_ambiguous_zoned(self.local).compatible().ok().map(|z| z.timestamp())
    }

    /// From here to DTEND, or DURATION; a day when neither is there and no time is given.
    pub(super) fn length(
        &self,
        end: Option<&Line>,
        duration: Option<&Line>,
        shop: &TimeZone,
    ) -> Result<Span, CalendarFault> {
        let (length, line) = match (end, duration) {
            (Some(line), _) => {
                let end = Self::read(line, shop)?;
                // an end in another zone is brought to the wall time of the start's
                let local = end.timestamp().map(|at| at.to_zoned(self.zone.clone()).datetime());
                let until = local.and_then(|local| local.since((Unit::Day, self.local)).ok());
                (until.ok_or_else(|| unreadable(line))?, line.number)
            }
            (None, Some(line)) => (line.value.parse().map_err(|_| unreadable(line))?, line.number),
            (None, None) => return Ok(if self.is_date { Span::new().days(1) } else { Span::new() }),
        };
        let end = self.local.checked_add(length);
        let longest = self.local.checked_add(Span::new().days(DAYS_MAX));
        match (end, longest) {
            (Ok(end), Ok(longest)) if self.local < end && end <= longest => Ok(length),
            _ => {
                let what = format!("an event lasts longer than nothing and at most {DAYS_MAX} days");
                Err(fault(line, what, "DTEND after DTSTART"))
            }
        }
    }
}

fn unreadable(line: &Line) -> CalendarFault {
    let what = format!("{} is {:?}, which cannot be read", line.name, line.value);
    fault(line.number, what, "20260213T190000, 20260213T190000Z or 20260213; a length like PT12H")
}

fn one(text: &str, zone: &TimeZone) -> Option<When> {
    let (date, time) = text.split_once('T').map_or((text, None), |(d, t)| (d, Some(t)));
    let date = date_of(date)?;
    let Some(time) = time else {
        return Some(When { local: date.to_datetime(Time::midnight()), zone: zone.clone(), is_date: true });
    };
    let (time, utc) = time.strip_suffix('Z').map_or((time, false), |t| (t, true));
    let local = date.to_datetime(time_of(time)?);
    Some(When { local, zone: if utc { TimeZone::UTC } else { zone.clone() }, is_date: false })
}

fn date_of(text: &str) -> Option<Date> {
    let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let part = |from: usize, to: usize| text.get(from..to)?.parse().ok();
    if !digits {
        return None;
    }
    let month = part(4, 6)?;
    let day = part(6, 8)?;
    Date::new(part(0, 4)?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn time_of(text: &str) -> Option<Time> {
    if text.len() != 6 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<i8>().ok();
    // a leap second is told as the second before it
    Time::new(part(0, 2)?, part(2, 4)?, part(4, 6)?.min(59), 0).ok()
}

/// IANA names, with or without the prefix that some programs put before them, and the names that Outlook uses.
fn zone_of(id: &str) -> Option<TimeZone> {
    let outlook = match id {
        "Eastern Standard Time" => "America/New_York",
        "Central Standard Time" => "America/Chicago",
        "Mountain Standard Time" => "America/Denver",
        "US Mountain Standard Time" => "America/Phoenix",
        "Pacific Standard Time" => "America/Los_Angeles",
        "Alaskan Standard Time" => "America/Anchorage",
        "Hawaiian Standard Time" => "Pacific/Honolulu",
        "Atlantic Standard Time" => "America/Halifax",
        "GMT Standard Time" => "Europe/London",
        "W. Europe Standard Time" => "Europe/Berlin",
        "Romance Standard Time" => "Europe/Paris",
        "AUS Eastern Standard Time" => "Australia/Sydney",
        "New Zealand Standard Time" => "Pacific/Auckland",
        "UTC" | "Coordinated Universal Time" => "UTC",
        other => other,
    };
    let parts: Vec<&str> = outlook.split('/').filter(|p| !p.is_empty()).collect();
    let tail = |n: usize| parts.get(parts.len().saturating_sub(n)..).map(|p| p.join("/"));
    let names = [Some(outlook.to_string()), tail(3), tail(2)];
    names.into_iter().flatten().find_map(|name| TimeZone::get(&name).ok())
}
