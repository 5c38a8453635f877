use std::collections::BTreeMap;

use domain::{Language, Means, Roster, Service};
use jiff::{
    SignedDuration,
    civil::{Time, Weekday, date, time},
};
use proptest::prelude::*;

use super::*;
use crate::{
    case::Known,
    testing::{id, metro, person, skilled},
};

fn chicago() -> TimeZone {
    TimeZone::get("America/Chicago").unwrap()
}

fn plan() -> Schedule {
    Schedule::always(id("mike"), chicago())
}

fn weekly(handover: Time) -> Schedule {
    let rotation = Rotation {
        people: vec![id("mike"), id("sam"), id("dave")],
        anchor: date(2026, 1, 5),
        handover,
        every_days: 7,
    };
    Schedule { rotation: Some(rotation), primary: None, ..plan() }
}

fn local(month: i8, day: i8, hour: i8, minute: i8) -> Timestamp {
    date(2026, month, day).at(hour, minute, 0, 0).to_zoned(chicago()).unwrap().timestamp()
}

fn who(schedule: &Schedule, at: Timestamp) -> String {
    let found = schedule.on_call(at);
    let names: Vec<&str> = found.people.iter().map(ContactId::as_str).collect();
    format!("{} {:?}", names.join("+"), found.source)
}

#[test]
fn weeks_are_counted_from_the_anchor_in_both_directions() {
    let entries = [id("mike"), id("sam"), id("dave")];
    let anchor = date(2026, 1, 5);
    let on = |month, day| {
        get_oncall_for(&entries, anchor, date(2026, month, day).at(12, 0, 0, 0)).unwrap().as_str()
    };
    assert_eq!(
        [on(1, 5), on(1, 11), on(1, 12), on(1, 19), on(1, 26), on(1, 4)],
        ["mike", "mike", "sam", "dave", "mike", "dave"]
    );
    assert_eq!(get_oncall_for(&[], anchor, date(2026, 1, 5).at(0, 0, 0, 0)), None);
}

#[test]
fn handover_is_at_its_minute() {
    let plan = weekly(time(8, 0, 0, 0));
    assert_eq!(who(&plan, local(1, 12, 7, 59)), "mike Rotation");
    assert_eq!(who(&plan, local(1, 12, 8, 0)), "sam Rotation");
}

#[test]
fn handover_in_the_skipped_and_the_repeated_hour_happens_once() {
    // Sundays: the clock skips 2:30 on March 8 and repeats 1:30 on November 1
    for (handover, month, day) in [(time(2, 30, 0, 0), 3, 8), (time(1, 30, 0, 0), 11, 1)] {
        let mut plan = weekly(handover);
        plan.rotation.as_mut().unwrap().anchor = date(2026, month, day);
        let start = local(month, day, 0, 0);
        let minutes = (0..300).map(|m| who(&plan, start + SignedDuration::from_mins(m)));
        let mut changes: Vec<String> = minutes.collect();
        changes.dedup();
        assert_eq!(changes, ["dave Rotation", "mike Rotation"]);
    }
}

#[test]
fn every_layer_of_the_plan_covers_the_one_before() {
    let mut plan = weekly(time(8, 0, 0, 0));
    let friday = local(2, 13, 22, 0);
    assert_eq!(who(&plan, friday), "dave Rotation");
    plan.shifts = vec![Shift {
        who: id("sam"),
        days: vec![Weekday::Friday],
        from: time(18, 0, 0, 0),
        to: time(6, 0, 0, 0),
    }];
    assert_eq!(who(&plan, friday), "sam Shift");
    assert_eq!(who(&plan, local(2, 14, 5, 59)), "sam Shift");
    assert_eq!(who(&plan, local(2, 14, 6, 0)), "dave Rotation");
    plan.holidays = vec![date(2026, 2, 13)];
    plan.holiday_people = vec![id("mike")];
    assert_eq!(who(&plan, friday), "mike Holiday");
    plan.overrides = vec![Override {
        who: id("dave"),
        from: local(2, 13, 21, 0),
        to: local(2, 13, 23, 0),
        instead_of: None,
    }];
    assert_eq!(who(&plan, friday), "dave Override");
    assert_eq!(who(&plan, local(2, 13, 23, 0)), "mike Holiday");
}

#[test]
fn swap_holds_only_where_the_plan_has_the_other() {
    let mut plan = weekly(time(8, 0, 0, 0));
    let (from, to) = (local(1, 5, 8, 0), local(1, 26, 8, 0));
    plan.overrides = vec![
        Override { who: id("sam"), from, to, instead_of: Some(id("mike")) },
        Override { who: id("mike"), from: local(1, 12, 8, 0), to, instead_of: Some(id("sam")) },
    ];
    assert_eq!(who(&plan, local(1, 6, 0, 0)), "sam Override");
    assert_eq!(who(&plan, local(1, 13, 0, 0)), "mike Override");
    assert_eq!(who(&plan, local(1, 20, 0, 0)), "dave Rotation");
}

#[test]
fn best_skill_wins_and_a_busy_technician_brings_the_second_at_once() {
    let roster = Roster {
        people: vec![
            skilled("mike", "+15558870002", &[(Service::Plumbing, 5), (Service::Hvac, 1)]),
            skilled("sam", "+15558870003", &[(Service::Hvac, 5)]),
            person("dave", "+15558870001"),
        ],
        backup: None,
        owner: id("dave"),
    };
    let mut plan = plan();
    plan.overrides = vec![];
    plan.rotation = None;
    plan.primary = Some(id("mike"));
    let at = local(2, 13, 22, 0);
    let both = Override { who: id("sam"), from: at, to: local(2, 14, 22, 0), instead_of: None };
    plan.overrides.push(both);
    let need = Need { service: Service::Hvac, ..Need::default() };
    let given = assign(&roster, &plan, &need, &BTreeMap::new(), at);
    assert_eq!((given.primary, given.second_at_once), (id("sam"), false));
    let busy = BTreeMap::from([(id("sam"), 1)]);
    assert!(assign(&roster, &plan, &need, &busy, at).second_at_once);
    let security = Need { security: true, ..need };
    assert!(assign(&roster, &plan, &security, &BTreeMap::new(), at).second_at_once);
    let [mike, sam] = [&roster.people[0], &roster.people[1]];
    assert!(score(sam, &need, 0) > score(mike, &need, 0));
    assert!(score(sam, &need, 3) < score(sam, &need, 0));
    let spanish = Need { language: Language::Spanish, ..need };
    assert!(score(sam, &spanish, 0) < score(sam, &need, 0));
}

#[test]
fn maintenance_suppresses_its_trade_but_never_a_danger() {
    let at = local(2, 13, 22, 0);
    let window = Maintenance {
        from: at,
        to: local(2, 14, 2, 0),
        services: vec![Service::It],
        about: "Mail server is being moved.".into(),
    };
    let windows = [window];
    let it = Need { service: Service::It, ..Need::default() };
    let wakes = |need: Need, at| suppressed_by(&windows, &need, at).is_none();
    assert!(!wakes(it, at));
    assert!(wakes(it, local(2, 14, 2, 0)));
    assert!(wakes(Need { service: Service::Plumbing, ..it }, at));
    for need in
        [Need { life_safety: true, ..it }, Need { security: true, ..it }, Need { critical: true, ..it }]
    {
        assert!(wakes(need, at));
    }
}

fn findings(roster: &Roster, schedule: &Schedule, known: &Known) -> Vec<String> {
    check_roster(roster, schedule, known, local(2, 13, 12, 0)).into_iter().map(|f| f.what).collect()
}

#[test]
fn good_roster_has_no_findings() {
    assert_eq!(findings(&metro(), &plan(), &Known::default()), Vec::<String>::new());
}

#[test]
fn roster_check_says_what_would_fail_in_the_night() {
    let known = Known { failing: [(id("mike"), Means::SmsInternet)].into(), ..Known::default() };
    let told = findings(&metro(), &plan(), &known);
    assert_eq!(told, ["text messages to mike do not arrive: opted out or refused"]);

    let mut roster = metro();
    roster.people[0].phone = None;
    let told = findings(&roster, &plan(), &Known::default());
    assert_eq!(
        told,
        [
            "mike has no telephone number, push address or e-mail",
            "nobody who can be reached is on call from Fri Feb 13 12:00 to Fri Feb 27 12:00",
        ]
    );

    let gap = Schedule {
        primary: None,
        shifts: vec![Shift {
            who: id("mike"),
            days: every_day_but_sunday(),
            from: Time::midnight(),
            to: Time::midnight(),
        }],
        ..plan()
    };
    assert_eq!(
        findings(&metro(), &gap, &Known::default()),
        [
            "nobody who can be reached is on call from Sun Feb 15 00:00 to Mon Feb 16 00:00",
            "nobody who can be reached is on call from Sun Feb 22 00:00 to Mon Feb 23 00:00",
        ]
    );
}

fn every_day_but_sunday() -> Vec<Weekday> {
    use Weekday::{Friday, Monday, Saturday, Thursday, Tuesday, Wednesday};
    vec![Monday, Tuesday, Wednesday, Thursday, Friday, Saturday]
}

#[test]
fn roster_check_tells_overlaps_strangers_and_zones_without_summer() {
    let mut plan = plan();
    let one = |who: &str, day| Override {
        who: id(who),
        from: local(2, day, 0, 0),
        to: local(2, day + 2, 0, 0),
        instead_of: None,
    };
    plan.overrides = vec![one("sam", 20), one("dave", 21)];
    assert_eq!(
        findings(&metro(), &plan, &Known::default()),
        ["two overrides overlap from Feb 21 00:00 to Feb 22 00:00: sam and dave; the later entry wins"]
    );
    plan.overrides = vec![one("lena", 27 - 2)];
    assert!(findings(&metro(), &plan, &Known::default())[0].contains("names lena, who is not on the roster"));
    let utc = Schedule { zone: TimeZone::UTC, ..self::plan() };
    assert!(findings(&metro(), &utc, &Known::default())[0].contains("UTC, which has no daylight saving"));
}

#[test]
fn one_man_shop_is_told_that_nobody_comes_after_him() {
    let roster = Roster { people: vec![person("dave", "+15558870001")], backup: None, owner: id("dave") };
    let told = findings(&roster, &Schedule::always(id("dave"), chicago()), &Known::default());
    assert_eq!(told, ["dave is on call, and nobody comes after: if dave sleeps, only the alarm is left"]);
}

#[test]
fn box_is_armed_when_everybody_has_answered_a_test_page_lately() {
    let now = local(2, 13, 12, 0);
    let page = |who: &str, days: i64, answered: bool| {
        let sent_at = now - SignedDuration::from_hours(24 * days);
        TestPage { contact: id(who), sent_at, answered_at: answered.then_some(sent_at) }
    };
    let all = [page("mike", 1, true), page("sam", 1, true), page("dave", 1, true)];
    assert_eq!(armed(&metro(), &plan(), &all, now), Armed::Yes);
    let some = [page("mike", 100, true), page("sam", 1, false)];
    assert_eq!(
        armed(&metro(), &plan(), &some, now),
        Armed::No(vec![
            "dave: no test page has been sent yet".into(),
            "mike: the last answered test page is over 90 days old".into(),
            "sam: no test page has been answered".into(),
        ])
    );
}

proptest! {
    /// With a rotation nobody is ever without a turn, and turns change only at the handover.
    #[test]
    fn somebody_has_every_minute(minutes in 0i64..3_000_000, every_days in 1u16..30, hour in 0i8..24) {
        let mut plan = weekly(time(hour, 30, 0, 0));
        plan.rotation.as_mut().unwrap().every_days = every_days;
        let at = local(1, 1, 0, 0) + SignedDuration::from_mins(minutes - 1_500_000);
        let next = at + SignedDuration::from_mins(1);
        prop_assert_eq!(plan.on_call(at).people.len(), 1);
        if plan.on_call(at) != plan.on_call(next) {
            let begins = next.to_zoned(chicago());
            let skipped = begins.hour() == hour + 1 && begins.minute() == 0;
            prop_assert!((begins.hour(), begins.minute()) == (hour, 30) || skipped, "{}", begins);
        }
    }
}
