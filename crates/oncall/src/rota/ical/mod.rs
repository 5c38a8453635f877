//! On-call plans from a calendar file (iCalendar, RFC 5545).
//!
//! The part that on-call plans use: VEVENT with DTSTART and DTEND or DURATION, RRULE daily or weekly, EXDATE, single
//! changed events (RECURRENCE-ID), STATUS:CANCELLED. Whatever else repeats an event is a fault, because silently
//! ignoring it would leave a night without anybody.

mod lines;
mod rule;
mod time;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::{Contact, ContactId};
use jiff::{Span, Timestamp, civil::DateTime, tz::TimeZone};

use lines::{Line, content_lines};
use rule::Rule;
use time::When;

/// A longer file is no on-call plan, bytes.
const BYTES_MAX: usize = 1024 * 1024;
/// More events are none either.
const EVENTS_MAX: usize = 2000;
/// An event is at most so long, days.
const DAYS_MAX: i32 = 62;

/// What is wrong in a calendar file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarFault {
    /// Line, from 1.
    pub line: usize,
    /// True: this event is not used, the rest is.
    pub only_warning: bool,
    /// What.
    pub what: String,
    /// What to write instead.
    pub write_instead: String,
}

/// A calendar that has been read.
#[derive(Debug, Clone)]
pub struct Calendar {
    events: Vec<Event>,
}

#[derive(Debug, Clone)]
struct Event {
    who: ContactId,
    zone: TimeZone,
    start: DateTime,
    length: Span,
    rule: Option<Rule>,
    except: Vec<Timestamp>,
}

/// An event as it was written.
#[derive(Default)]
struct Written<'t> {
    line: usize,
    uid: String,
    summary: Option<&'t Line>,
    attendees: Vec<&'t Line>,
    start: Option<&'t Line>,
    end: Option<&'t Line>,
    duration: Option<&'t Line>,
    rule: Option<&'t Line>,
    except: Vec<&'t Line>,
    replaces: Option<&'t Line>,
    cancelled: bool,
    unsupported: Option<&'t Line>,
}

impl Calendar {
    /// Reads a file. An event is somebody's when its SUMMARY or an ATTENDEE names exactly one of `people` by name,
    /// short name or e-mail address. Times without a zone are the shop's.
    ///
    /// # Errors
    /// All faults; warnings come back beside the calendar.
    pub fn read(
        text: &str,
        people: &[Contact],
        zone: &TimeZone,
    ) -> Result<(Self, Vec<CalendarFault>), Vec<CalendarFault>> {
        if text.len() > BYTES_MAX {
            let what = format!("the calendar has {} bytes, more than {BYTES_MAX}", text.len());
            return Err(vec![fault(1, what, "a calendar that has the on-call plan only")]);
        }
        let lines = content_lines(text);
        let mut faults = Vec::new();
        if !lines.first().is_some_and(|l| l.name == "BEGIN" && l.value.eq_ignore_ascii_case("VCALENDAR")) {
            return Err(vec![fault(
                1,
                "this is not a calendar file: it does not begin with BEGIN:VCALENDAR".into(),
                "the .ics file that your calendar program exports",
            )]);
        }
        let written = events(&lines, &mut faults);
        let replaced = replaced(&written, zone);
        let mut read = Vec::new();
        for event in &written {
            match understand(event, people, zone, &replaced, &mut faults) {
                Ok(Some(event)) => read.push(event),
                Ok(None) => {}
                Err(fault) => faults.push(fault),
            }
        }
        if faults.iter().any(|f| !f.only_warning) { Err(faults) } else { Ok((Self { events: read }, faults)) }
    }

    /// Everybody who has an event at this moment, in the order of the file.
    pub fn on_call(&self, at: Timestamp) -> Vec<ContactId> {
        let mut people: Vec<ContactId> = Vec::new();
        for event in self.events.iter().filter(|e| e.covers(at)) {
            if !people.contains(&event.who) {
                people.push(event.who.clone());
            }
        }
        people
    }
}

impl Event {
    fn covers(&self, at: Timestamp) -> bool {
        let Some(rule) = &self.rule else { return self.occurs(self.start, at) };
        let today = at.to_zoned(self.zone.clone()).date();
        let back = self.length.get_days().clamp(0, DAYS_MAX) + 2;
        let days = (-1..back).filter_map(|n| today.checked_sub(Span::new().days(n)).ok());
        days.filter(|day| rule.has(self.start.date(), *day)).any(|day| {
            let start = day.to_datetime(self.start.time());
            rule.still_runs(start, &self.zone) && self.occurs(start, at)
        })
    }

    /// The occurrence that begins at this local time covers the moment. Local length: a night is 19:00 to 07:00,
    /// also when daylight saving makes it an hour shorter.
    fn occurs(&self, start: DateTime, at: Timestamp) -> bool {
        let instant =
            |local: DateTime| self.zone.to_ambiguous_zoned(local).compatible().map(|z| z.timestamp());
        let (Ok(from), Ok(end)) = (instant(start), start.checked_add(self.length)) else { return false };
        let Ok(to) = instant(end) else { return false };
        from <= at && at < to && !self.except.contains(&from)
    }
}

fn events<'t>(lines: &'t [Line], faults: &mut Vec<CalendarFault>) -> Vec<Written<'t>> {
    let mut found = Vec::new();
    let mut open: Option<Written<'t>> = None;
    let mut inner = 0_usize; // alarms inside events have a DURATION of their own
    for line in lines {
        match (line.name.as_str(), line.value.to_ascii_uppercase().as_str()) {
            ("BEGIN", "VEVENT") => open = Some(Written { line: line.number, ..Written::default() }),
            ("END", "VEVENT") => found.extend(open.take()),
            ("BEGIN", _) if open.is_some() => inner += 1,
            ("END", _) if open.is_some() => inner = inner.saturating_sub(1),
            (name, value) => {
                let Some(event) = open.as_mut().filter(|_| inner == 0) else { continue };
                match name {
                    "UID" => event.uid = line.value.clone(),
                    "SUMMARY" => event.summary = Some(line),
                    "ATTENDEE" => event.attendees.push(line),
                    "DTSTART" => event.start = Some(line),
                    "DTEND" => event.end = Some(line),
                    "DURATION" => event.duration = Some(line),
                    "RRULE" => event.rule = Some(line),
                    "EXDATE" => event.except.push(line),
                    "RECURRENCE-ID" => event.replaces = Some(line),
                    "STATUS" => event.cancelled = value == "CANCELLED",
                    "RDATE" | "EXRULE" => event.unsupported = Some(line),
                    _ => {}
                }
            }
        }
    }
    if let Some(event) = open {
        faults.push(fault(event.line, "this event has no END:VEVENT".into(), "the whole file, as exported"));
    }
    if found.len() > EVENTS_MAX {
        let what = format!("the calendar has {} events, more than {EVENTS_MAX}", found.len());
        faults.push(fault(1, what, "a calendar that has the on-call plan only"));
        found.truncate(EVENTS_MAX);
    }
    found
}

/// Occurrences that another event replaces or cancels, by the UID of their series.
fn replaced<'t>(written: &[Written<'t>], zone: &TimeZone) -> BTreeMap<String, Vec<Timestamp>> {
    let mut found: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    for event in written {
        let when = event.replaces.and_then(|line| When::read(line, zone).ok());
        if let Some(at) = when.and_then(|w| w.timestamp()) {
            found.entry(event.uid.clone()).or_default().push(at);
        }
    }
    found
}

fn understand(
    event: &Written<'_>,
    people: &[Contact],
    zone: &TimeZone,
    replaced: &BTreeMap<String, Vec<Timestamp>>,
    faults: &mut Vec<CalendarFault>,
) -> Result<Option<Event>, CalendarFault> {
    if event.cancelled {
        return Ok(None);
    }
    if let Some(line) = event.unsupported {
        let what = format!("{} is not understood", line.name);
        return Err(fault(line.number, what, "RRULE with FREQ=DAILY or FREQ=WEEKLY, or single events"));
    }
    let start_line = event
        .start
        .ok_or_else(|| fault(event.line, "this event has no DTSTART".into(), "DTSTART:20260213T190000"))?;
    let start = When::read(start_line, zone)?;
    let Some(who) = whose(event, people) else {
        let summary = event.summary.map_or("", |s| s.value.as_str());
        let names: Vec<&str> = people.iter().map(|c| c.name.as_str()).collect();
        faults.push(CalendarFault {
            line: event.line,
            only_warning: true,
            what: format!(
                "the event {summary:?} names nobody, or several people, of the roster: it is not used"
            ),
            write_instead: format!("one of {} in its title", names.join(", ")),
        });
        return Ok(None);
    };
    let length = start.length(event.end, event.duration, zone)?;
    let rule = event.rule.map(|line| Rule::read(line, &start)).transpose()?;
    let mut except = Vec::new();
    for line in &event.except {
        except.extend(When::read_list(line, zone)?.iter().filter_map(When::timestamp));
    }
    if event.replaces.is_none() {
        except.extend(replaced.get(&event.uid).into_iter().flatten());
    }
    Ok(Some(Event { who, zone: start.zone, start: start.local, length, rule, except }))
}

/// The one person whom the event names.
fn whose(event: &Written<'_>, people: &[Contact]) -> Option<ContactId> {
    let summary = event.summary.map_or(String::new(), |s| padded(&s.value));
    let mails: Vec<String> = event.attendees.iter().map(|a| a.value.to_lowercase()).collect();
    let is_named = |c: &&Contact| {
        let by_mail = c.email.as_ref().is_some_and(|email| {
            let email = email.to_lowercase();
            mails.iter().any(|m| m.trim_start_matches("mailto:") == email)
                || summary.contains(&padded(&email))
        });
        by_mail || summary.contains(&padded(&c.name)) || summary.contains(&padded(c.id.as_str()))
    };
    let mut named = people.iter().filter(is_named);
    match (named.next(), named.next()) {
        (Some(only), None) => Some(only.id.clone()),
        _ => None,
    }
}

/// Words in small letters with a space around each, so that "Sam" is not found in "same".
fn padded(text: &str) -> String {
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
    format!(" {} ", words.join(" "))
}

fn fault(line: usize, what: String, write_instead: &str) -> CalendarFault {
    CalendarFault { line, only_warning: false, what, write_instead: write_instead.to_string() }
}
