//! Words that depend on the time of day and on when the office opens (decisions K29 and K33).

use domain::{BusinessHours, DayPart, Language};
use jiff::civil::{DateTime, Time, Weekday, date};
use std::collections::BTreeSet;

use super::words;

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
    pub(crate) fn at(hours: &BusinessHours, local: DateTime, language: Language) -> Self {
        let part = DayPart::at(local.time());
        let opening = hours.next_opening(local).map(|opening| Opening {
            days: local.date().until(opening.date()).map_or(1, |span| span.get_days()),
            morning: opening.time().hour() < 12,
            weekday: words::weekday(opening.weekday(), language),
            clock: words::clock(opening.time(), language),
        });
        let mut moment = match language {
            Language::English => in_english(part, opening),
            Language::Spanish => in_spanish(part, opening),
        };
        moment.opens = moment.opens.filter(|_| !hours.is_open(local));
        moment
    }

    /// Every moment of an ordinary fortnight, each once. Holidays can add others; those are rendered live.
    pub(crate) fn all(hours: &BusinessHours, language: Language) -> BTreeSet<Moment> {
        let monday = date(2026, 1, 5);
        let mut out = BTreeSet::new();
        for day in 0..14 {
            for half_hour in 0..48_i8 {
                let time = Time::constant(half_hour / 2, (half_hour % 2) * 30, 0, 0);
                let Ok(date) = monday.checked_add(jiff::Span::new().days(day)) else { continue };
                out.insert(Moment::at(hours, date.to_datetime(time), language));
            }
        }
        out
    }
}

/// When the office opens next.
struct Opening {
    /// Days from today.
    days: i32,
    morning: bool,
    weekday: &'static str,
    clock: String,
}

fn in_english(part: DayPart, opening: Option<Opening>) -> Moment {
    let (when, soon, farewell) = match part {
        DayPart::Morning => ("this morning", "today", "Have a good day"),
        DayPart::Afternoon => ("this afternoon", "today", "Have a good day"),
        DayPart::Evening => ("this evening", "tonight", "Have a good evening"),
        DayPart::Night => ("tonight", "tonight", "Have a good night"),
    };
    let Some(Opening { days, morning, weekday, clock }) = opening else {
        let (back, first_thing) = ("another day".into(), "in the morning");
        return Moment { when, soon, farewell, back, opens: None, first_thing };
    };
    let back = match (days, morning) {
        (0, true) => "later this morning".into(),
        (0, false) => "later today".into(),
        (1, true) => "tomorrow morning".into(),
        (1, false) => "tomorrow".into(),
        (_, true) => format!("on {weekday} morning"),
        (_, false) => format!("on {weekday}"),
    };
    let opens = if days > 1 { format!("{clock} on {weekday}") } else { clock };
    let first_thing = match (days, morning) {
        (0 | 1, true) => "in the morning",
        (_, true) => "that morning",
        (_, false) => "when we open",
    };
    Moment { when, soon, farewell, back, opens: Some(opens), first_thing }
}

fn in_spanish(part: DayPart, opening: Option<Opening>) -> Moment {
    let (when, soon, farewell) = match part {
        DayPart::Morning => ("esta mañana", "hoy", "Que tenga un buen día"),
        DayPart::Afternoon => ("esta tarde", "hoy", "Que tenga una buena tarde"),
        DayPart::Evening => ("esta tarde", "esta noche", "Que tenga una buena noche"),
        DayPart::Night => ("esta noche", "esta noche", "Que tenga una buena noche"),
    };
    let Some(Opening { days, morning, weekday, clock }) = opening else {
        let (back, first_thing) = ("otro día".into(), "por la mañana");
        return Moment { when, soon, farewell, back, opens: None, first_thing };
    };
    let back = match (days, morning) {
        (0, true) => "más tarde esta mañana".into(),
        (0, false) => "más tarde hoy".into(),
        (1, true) => "mañana por la mañana".into(),
        (1, false) => "mañana".into(),
        (_, true) => format!("el {weekday} por la mañana"),
        (_, false) => format!("el {weekday}"),
    };
    let opens = if days > 1 { format!("el {weekday} a {clock}") } else { format!("a {clock}") };
    let first_thing = match (days, morning) {
        (0 | 1, true) => "a primera hora de la mañana",
        (_, true) => "ese día a primera hora",
        (_, false) => "cuando abramos",
    };
    Moment { when, soon, farewell, back, opens: Some(opens), first_thing }
}

/// Every half hour and every day of the week: what is rendered ahead.
pub(super) fn half_hours() -> impl Iterator<Item = Time> {
    (0..48_i8).map(|half_hour| Time::constant(half_hour / 2, (half_hour % 2) * 30, 0, 0))
}

pub(super) const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];
