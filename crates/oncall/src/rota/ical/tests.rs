use jiff::civil::date;

use super::*;
use crate::testing::{id, metro};

fn chicago() -> TimeZone {
    TimeZone::get("America/Chicago").unwrap()
}

fn read(events: &str) -> Result<(Calendar, Vec<CalendarFault>), Vec<CalendarFault>> {
    let mut people = metro().people;
    people[1].email = Some("sam@metro.example".into());
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n",
        events.trim_start().replace("\n        ", "\n")
    );
    Calendar::read(&text, &people, &chicago())
}

/// Who is on call at these local times, one letter each: m, s, d, or - for nobody.
fn check(events: &str, times: &[(i8, i8, i8)], expected: &str) {
    let (calendar, warnings) = read(events).unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert_eq!(warnings, [], "no warnings");
    let who = |(month, day, hour): &(i8, i8, i8)| {
        let at = date(2026, *month, *day).at(*hour, 0, 0, 0).to_zoned(chicago()).unwrap().timestamp();
        let people = calendar.on_call(at);
        people.iter().map(|p| &p.as_str()[..1]).next().unwrap_or("-").to_string()
    };
    assert_eq!(times.iter().map(who).collect::<String>(), expected);
}

fn fault_of(events: &str) -> String {
    let faults = read(events).expect_err("a fault");
    faults.iter().map(|f| format!("{}: {}", f.line, f.what)).collect::<Vec<_>>().join("\n")
}

#[test]
fn single_night_in_the_shops_time() {
    check(
        "BEGIN:VEVENT
        SUMMARY:On call: Mike
        DTSTART:20260213T190000
        DTEND:20260214T070000
        END:VEVENT
        ",
        &[(2, 13, 18), (2, 13, 19), (2, 14, 6), (2, 14, 7)],
        "-mm-",
    );
}

#[test]
fn weekly_turns_alternate_with_an_interval() {
    check(
        "BEGIN:VEVENT
        SUMMARY:mike
        DTSTART;VALUE=DATE:20260202
        DTEND;VALUE=DATE:20260209
        RRULE:FREQ=WEEKLY;INTERVAL=2
        END:VEVENT
        BEGIN:VEVENT
        SUMMARY:plan
        ATTENDEE;CN=\"Sam: the backup\":mailto:Sam@metro.example
        DTSTART;VALUE=DATE:20260209
        DURATION:P7D
        RRULE:FREQ=WEEKLY;INTERVAL=2
        END:VEVENT
        ",
        &[(2, 1, 12), (2, 2, 0), (2, 8, 23), (2, 9, 0), (2, 15, 23), (2, 16, 0), (7, 1, 12), (7, 8, 12)],
        "-mmssmsm",
    );
}

#[test]
fn weekday_nights_keep_their_wall_time_over_the_clock_change() {
    let nights = "BEGIN:VEVENT
        SUMMARY:Sam
        DTSTART;TZID=America/Chicago:20260302T190000
        DTEND;TZID=America/Chicago:20260303T070000
        RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU
        END:VEVENT
        ";
    // the clock goes forward in the night to Sunday, March 8
    check(nights, &[(3, 7, 18), (3, 7, 19), (3, 8, 6), (3, 8, 7), (3, 8, 18), (3, 8, 19)], "-ss--s");
}

#[test]
fn series_end_by_count_or_until_and_skip_exceptions() {
    check(
        "BEGIN:VEVENT
        SUMMARY:Mike
        DTSTART:20260202T120000
        DURATION:PT2H
        RRULE:FREQ=DAILY;COUNT=3
        END:VEVENT
        BEGIN:VEVENT
        SUMMARY:Sam
        DTSTART:20260209T120000
        DURATION:PT2H
        RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260218
        EXDATE:20260211T120000
        END:VEVENT
        ",
        &[
            (2, 2, 13),
            (2, 4, 13),
            (2, 5, 13),
            (2, 9, 13),
            (2, 10, 13),
            (2, 11, 13),
            (2, 16, 13),
            (2, 18, 13),
            (2, 23, 13),
        ],
        "mm-s--ss-",
    );
}

#[test]
fn changed_and_cancelled_single_events_replace_their_occurrence() {
    check(
        "BEGIN:VEVENT
        UID:a
        SUMMARY:Mike
        DTSTART:20260202T120000
        DURATION:PT2H
        RRULE:FREQ=DAILY
        END:VEVENT
        BEGIN:VEVENT
        UID:a
        RECURRENCE-ID:20260204T120000
        SUMMARY:Sam
        DTSTART:20260204T120000
        DURATION:PT2H
        END:VEVENT
        BEGIN:VEVENT
        UID:a
        RECURRENCE-ID:20260205T120000
        STATUS:CANCELLED
        END:VEVENT
        ",
        &[(2, 3, 13), (2, 4, 13), (2, 5, 13), (2, 6, 13)],
        "ms-m",
    );
}

#[test]
fn utc_outlook_zones_folded_lines_and_alarms_are_understood() {
    check(
        "BEGIN:VEVENT
        SUMMARY:On call\\, Mi
         ke (night)
        DTSTART:20260214T010000Z
        DTEND;TZID=Central Standard Time:20260213T210000
        BEGIN:VALARM
        DURATION:PT15M
        END:VALARM
        END:VEVENT
        ",
        &[(2, 13, 18), (2, 13, 19), (2, 13, 20), (2, 13, 21)],
        "-mm-",
    );
}

#[test]
fn event_of_nobody_is_a_warning_and_the_rest_is_used() {
    let events = "BEGIN:VEVENT
        SUMMARY:Staff party
        DTSTART:20260214T010000Z
        END:VEVENT
        ";
    let (_, warnings) = read(events).unwrap();
    assert_eq!(warnings.len(), 1);
    assert_eq!((warnings[0].line, warnings[0].only_warning), (3, true));
    assert_eq!(warnings[0].write_instead, "one of mike, sam, dave in its title");
}

#[test]
fn what_would_be_misread_is_a_fault_with_its_line() {
    let with = |line: &str| {
        format!(
            "BEGIN:VEVENT\n        SUMMARY:Mike\n        DTSTART:20260213T190000\n        {line}\n        END:VEVENT\n        "
        )
    };
    for (line, told) in [
        ("RRULE:FREQ=MONTHLY", "6: FREQ is MONTHLY: only DAILY and WEEKLY are understood"),
        ("RRULE:FREQ=WEEKLY;BYDAY=1MO", "6: BYDAY=1MO in the rule cannot be read"),
        ("RRULE:FREQ=WEEKLY;BYSETPOS=1", "6: BYSETPOS in a rule is not understood"),
        ("RDATE:20260214T190000", "6: RDATE is not understood"),
        ("DTEND:20260213T180000", "6: an event lasts longer than nothing and at most 62 days"),
        ("DTEND;TZID=Mars/Olympus:20260213T200000", "6: there is no time zone \"Mars/Olympus\""),
        ("DTEND:tomorrow", "6: DTEND is \"tomorrow\", which cannot be read"),
    ] {
        assert_eq!(fault_of(&with(line)), told);
    }
    let people = metro().people;
    assert!(Calendar::read("<html>", &people, &chicago()).is_err());
}

proptest::proptest! {
    #[test]
    fn no_file_makes_the_reader_panic(
        text in "(BEGIN:VEVENT|END:VEVENT|DTSTART:2026021[0-9]T190000Z?|DTEND:[0-9T]{0,16}|RRULE:[A-Z0-9=;,]{0,40}|DURATION:P[0-9TDHM]{0,9}|SUMMARY:(Mike|Sam)|\\PC{0,20}|\n){0,40}",
        hours in 0i64..2000,
    ) {
        let at = date(2026, 2, 1).to_zoned(TimeZone::UTC).unwrap().timestamp() + jiff::SignedDuration::from_hours(hours);
        if let Ok((calendar, _)) = Calendar::read(&format!("BEGIN:VCALENDAR\n{text}"), &metro().people, &chicago()) {
            let known = [id("mike"), id("sam"), id("dave")];
            proptest::prop_assert!(calendar.on_call(at).iter().all(|p| known.contains(p)));
        }
    }
}
