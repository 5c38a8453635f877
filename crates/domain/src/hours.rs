//! Opening hours, and the words for a time of day.

use jiff::civil::{Date, DateTime, Time, Weekday};
use serde::{Deserialize, Serialize};

/// One open span on one day; `closes` is after `opens`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSpan {
    /// First open minute.
    pub opens: Time,
    /// First closed minute.
    pub closes: Time,
}

/// A shop's week (source D:983) and its holidays, in the shop's local time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BusinessHours {
    /// Monday first; empty on closed days.
    pub week: [Vec<OpenSpan>; 7],
    /// Closed all day.
    pub holidays: Vec<Date>,
}

impl BusinessHours {
    /// True while the office is staffed. `local` is the shop's own wall time.
    pub fn is_open(&self, local: DateTime) -> bool {
        self.spans(local.date()).iter().any(|s| s.opens <= local.time() && local.time() < s.closes)
    }

    /// When the office opens next, strictly after `local`, within 14 days.
    pub fn next_opening(&self, local: DateTime) -> Option<DateTime> {
        let mut date = local.date();
        for _ in 0..15 {
            let next =
                self.spans(date).iter().map(|s| date.to_datetime(s.opens)).filter(|at| *at > local).min();
            if next.is_some() {
                return next;
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    fn spans(&self, date: Date) -> &[OpenSpan] {
        if self.holidays.contains(&date) {
            return &[];
        }
        let day = match date.weekday() {
            Weekday::Monday => 0,
            Weekday::Tuesday => 1,
            Weekday::Wednesday => 2,
            Weekday::Thursday => 3,
            Weekday::Friday => 4,
            Weekday::Saturday => 5,
            Weekday::Sunday => 6,
        };
        &self.week[day]
    }
}

/// The word for a time of day in greeting and farewell (decision K29).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayPart {
    /// 5:00 to 11:59.
    Morning,
    /// 12:00 to 16:59.
    Afternoon,
    /// 17:00 to 19:59.
    Evening,
    /// 20:00 to 4:59.
    Night,
}

impl DayPart {
    /// The part of the day at a local wall time.
    pub fn at(time: Time) -> Self {
        match time.hour() {
            5..=11 => Self::Morning,
            12..=16 => Self::Afternoon,
            17..=19 => Self::Evening,
            _ => Self::Night,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    fn metro() -> BusinessHours {
        let day = vec![OpenSpan { opens: time(8, 0, 0, 0), closes: time(17, 0, 0, 0) }];
        BusinessHours {
            week: [day.clone(), day.clone(), day.clone(), day.clone(), day, vec![], vec![]],
            holidays: vec![date(2026, 2, 16)],
        }
    }

    #[test]
    fn office_closes_at_five_sharp() {
        assert!(metro().is_open(date(2026, 2, 12).at(16, 59, 59, 0)));
        assert!(!metro().is_open(date(2026, 2, 12).at(17, 0, 0, 0)));
    }

    #[test]
    fn friday_night_opens_after_weekend_and_holiday() {
        let friday_night = date(2026, 2, 13).at(21, 0, 0, 0);
        assert_eq!(metro().next_opening(friday_night), Some(date(2026, 2, 17).at(8, 0, 0, 0)));
    }

    #[test]
    fn shop_that_never_opens_has_no_next_opening() {
        assert_eq!(BusinessHours::default().next_opening(date(2026, 2, 13).at(21, 0, 0, 0)), None);
    }

    #[test]
    fn six_in_the_morning_is_morning_and_four_is_night() {
        assert_eq!(DayPart::at(time(6, 10, 0, 0)), DayPart::Morning);
        assert_eq!(DayPart::at(time(4, 59, 0, 0)), DayPart::Night);
        assert_eq!(DayPart::at(time(20, 0, 0, 0)), DayPart::Night);
    }
}
