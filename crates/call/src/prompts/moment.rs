//! Words that depend on the time of day and on when the office opens (decisions K29 and K33).

use domain::{BusinessHours, DayPart};
use jiff::civil::{DateTime, Time, Weekday, date};
use std::collections::BTreeSet;

/// The time words of one moment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    /// "tonight"
    pub(crate) when: &'static str,
    /// "tonight" or "today", for "needs attention …"
    pub(crate) soon: &'static str,
    /// "Have a good night"
    pub(crate) farewell: &'static str,
    /// "tomorrow morning", for "back in the office …"
    pub(crate) back: String,
    /// "8 AM"; `None` while the office is open and when it never opens.
    pub(crate) opens: Option<String>,
    /// "in the morning"
    pub(crate) first_thing: &'static str,
}

impl Moment {
    /// The words at a local wall time.
    pub(crate) fn at(hours: &BusinessHours, local: DateTime) -> Self {
        let part = DayPart::at(local.time());
        let (when, soon, farewell) = match part {
            DayPart::Morning => ("this morning", "today", "Have a good day"),
            DayPart::Afternoon => ("this afternoon", "today", "Have a good day"),
            DayPart::Evening => ("this evening", "tonight", "Have a good evening"),
            DayPart::Night => ("tonight", "tonight", "Have a good night"),
        };
        let Some(opening) = hours.next_opening(local) else {
            let (back, first_thing) = ("another day".into(), "in the morning");
            return Self { when, soon, farewell, back, opens: None, first_thing };
        };
        let days = local.date().until(opening.date()).map_or(1, |span| span.get_days());
        let morning = opening.time().hour() < 12;
        let weekday = weekday_name(opening.weekday());
        let back = match (days, morning) {
            (0, true) => "later this morning".into(),
            (0, false) => "later today".into(),
            (1, true) => "tomorrow morning".into(),
            (1, false) => "tomorrow".into(),
            (_, true) => format!("on {weekday} morning"),
            (_, false) => format!("on {weekday}"),
        };
        let clock = clock_words(opening.time());
        let opens = if days > 1 { format!("{clock} on {weekday}") } else { clock };
        let first_thing = match (days, morning) {
            (0 | 1, true) => "in the morning",
            (_, true) => "that morning",
            (_, false) => "when we open",
        };
        let opens = (!hours.is_open(local)).then_some(opens);
        Self { when, soon, farewell, back, opens, first_thing }
    }

    /// Every moment of an ordinary fortnight, each once. Holidays can add others; those are rendered live.
    pub(crate) fn all(hours: &BusinessHours) -> BTreeSet<Moment> {
        let monday = date(2026, 1, 5);
        let mut out = BTreeSet::new();
        for day in 0..14 {
            for half_hour in 0..48_i8 {
                let time = Time::constant(half_hour / 2, (half_hour % 2) * 30, 0, 0);
                let Ok(date) = monday.checked_add(jiff::Span::new().days(day)) else { continue };
                out.insert(Moment::at(hours, date.to_datetime(time)));
            }
        }
        out
    }
}

/// "8 AM", "7:30 AM", "noon".
pub(crate) fn clock_words(time: Time) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    if (hour, minute) == (12, 0) {
        return "noon".into();
    }
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour12 = if hour % 12 == 0 { 12 } else { hour % 12 };
    if minute == 0 { format!("{hour12} {half}") } else { format!("{hour12}:{minute:02} {half}") }
}

/// "Monday".
pub(crate) fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}
