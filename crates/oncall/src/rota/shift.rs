//! Fixed hours of the week.

use domain::ContactId;
use jiff::{
    Timestamp,
    civil::{Time, Weekday},
    tz::TimeZone,
};

/// Somebody has the same hours every week. Hours that end before they begin go past midnight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Who.
    pub who: ContactId,
    /// Days on which the shift begins.
    pub days: Vec<Weekday>,
    /// First minute.
    pub from: Time,
    /// First minute after it; equal to `from`: a whole day.
    pub to: Time,
}

impl Shift {
    /// True when the shift runs at this moment.
    pub fn covers(&self, at: Timestamp, zone: &TimeZone) -> bool {
        let today = at.to_zoned(zone.clone()).date();
        let past_midnight = self.to <= self.from;
        [Some(today), today.yesterday().ok()].into_iter().flatten().any(|begins| {
            let ends = if past_midnight { begins.tomorrow().unwrap_or(begins) } else { begins };
            let instant =
                |date: jiff::civil::Date, time| zone.to_ambiguous_zoned(date.to_datetime(time)).compatible();
            let (Ok(from), Ok(to)) = (instant(begins, self.from), instant(ends, self.to)) else {
                return false;
            };
            self.days.contains(&begins.weekday()) && from.timestamp() <= at && at < to.timestamp()
        })
    }
}
