//! `[shop.hours]`.

use domain::{BusinessHours, OpenSpan};
use jiff::civil::{Date, Time};

use super::{
    super::raw::{self, At},
    Check,
};

impl Check<'_, '_> {
    /// The week. Without the section: Monday to Friday from 8 to 5 (source D:983). A day that is not named
    /// is closed.
    pub(super) fn hours(&mut self, written: Option<&raw::Hours>) -> BusinessHours {
        let Some(written) = written else {
            let office =
                vec![OpenSpan { opens: Time::constant(8, 0, 0, 0), closes: Time::constant(17, 0, 0, 0) }];
            let week = std::array::from_fn(|day| if day < 5 { office.clone() } else { Vec::new() });
            return BusinessHours { week, holidays: Vec::new() };
        };
        let days = [
            &written.mon,
            &written.tue,
            &written.wed,
            &written.thu,
            &written.fri,
            &written.sat,
            &written.sun,
        ];
        let example = "\"08:00-17:00\", \"08:00-12:00, 13:00-17:00\" or \"closed\"";
        let week = days.map(|day| self.read(day.as_ref(), open_spans, example).unwrap_or_default());
        let holidays = written.holidays.as_ref().map(|h| h.value.as_slice()).unwrap_or_default();
        BusinessHours { week, holidays: holidays.iter().filter_map(|day| self.holiday(day)).collect() }
    }

    fn holiday(&mut self, day: &At<raw::Day>) -> Option<Date> {
        let date = day.value.0.parse().ok();
        if date.is_none() {
            let what = format!("{} is not a day of the calendar", day.value.0);
            self.faults.error(&day.place, what, "year, month and day: \"2026-12-25\"");
        }
        date
    }
}

fn open_spans(text: &str) -> Result<Vec<OpenSpan>, String> {
    if text == "closed" {
        return Ok(Vec::new());
    }
    let mut spans: Vec<OpenSpan> = text.split(',').map(|s| open_span(s.trim())).collect::<Result<_, _>>()?;
    spans.sort_by_key(|s| s.opens);
    match spans.windows(2).find(|pair| pair[1].opens < pair[0].closes) {
        Some(_) => Err("two spans overlap".into()),
        None => Ok(spans),
    }
}

fn open_span(text: &str) -> Result<OpenSpan, String> {
    let (opens, closes) = text.split_once('-').ok_or("not two times with a dash between them")?;
    let (opens, closes) = (clock(opens.trim())?, clock(closes.trim())?);
    if closes <= opens {
        let (o, c) = (opens.strftime("%H:%M"), closes.strftime("%H:%M"));
        return Err(format!(
            "it closes at {c}, before or when it opens at {o}; a span ends at midnight, 24:00"
        ));
    }
    Ok(OpenSpan { opens, closes })
}

/// A time on a 24-hour clock. Midnight at the end of a day is its last moment.
fn clock(text: &str) -> Result<Time, String> {
    if text == "24:00" {
        return Ok(Time::MAX);
    }
    let fault = || format!("{text:?} is not a time on a 24-hour clock");
    let (hour, minute) = text.split_once(':').ok_or_else(fault)?;
    if minute.len() != 2 {
        return Err(fault());
    }
    let (hour, minute) = (hour.parse().map_err(|_| fault())?, minute.parse().map_err(|_| fault())?);
    Time::new(hour, minute, 0, 0).map_err(|_| fault())
}
