//! Who is on call, as the owner writes it.

use domain::{ContactId, Language, Means, Service};

use super::*;

/// A shop with three people and a weekly rotation.
const TEAM: &str = r#"
[[shop]]
id = "metro"
business_name = "Metro Plumbing"
owner_name = "Dave"
time_zone = "America/Chicago"
[shop.hours]
holidays = ["2026-12-25"]
[shop.oncall]
owner = "dave"
callback_within_min = 30
means = ["push", "sms", "call"]
holiday_people = ["dave"]
[[shop.oncall.person]]
name = "Mike T."
id = "mike"
phone = "+15558870002"
push = "mike-topic"
skills = ["plumbing:5", "hvac"]
languages = ["en", "es"]
[[shop.oncall.person]]
name = "Sam"
phone = "+15558870003"
email = "sam@metro.example"
tier = 2
[[shop.oncall.person]]
name = "Dave"
phone = "+15558870001"
[shop.oncall.rotation]
people = ["mike", "Sam"]
starts = 2026-01-05
[[shop.oncall.override]]
who = "dave"
from = "2026-02-13 17:00"
to = 2026-02-14T08:00:00
instead_of = "sam"
"#;

fn on_call(config: &Config, local: &str) -> String {
    let shop = &config.shops[0];
    let at = local.parse::<jiff::civil::DateTime>().unwrap().to_zoned(shop.zone.clone()).unwrap().timestamp();
    shop.oncall.schedule.on_call(at).people.iter().map(ContactId::as_str).collect::<Vec<_>>().join("+")
}

#[test]
fn short_form_is_a_roster_of_three_with_the_sources_times() {
    let config = Config::embedded_demo().unwrap();
    let oncall = &config.shops[0].oncall;
    let people: Vec<_> = oncall.roster.people.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(people, ["mike", "sam", "dave"]);
    assert_eq!(oncall.roster.backup.as_ref().map(ContactId::as_str), Some("sam"));
    assert_eq!(oncall.roster.owner.as_str(), "dave");
    assert_eq!(on_call(&config, "2026-02-13T22:00"), "mike");
    assert_eq!(oncall.policy, oncall::Policy::default());
    assert_eq!(oncall.name_at(jiff::Timestamp::UNIX_EPOCH), Some("Mike"));
}

#[test]
fn people_and_plan_are_read_from_their_sections() {
    let config = good(TEAM);
    assert_eq!(told(&config.warnings), "");
    let oncall = &config.shops[0].oncall;
    let mike = &oncall.roster.people[0];
    assert_eq!((mike.name.as_str(), mike.push.as_deref()), ("Mike T.", Some("mike-topic")));
    assert_eq!(
        (mike.skills[0].service, mike.skills[0].level, mike.skills[1].level),
        (Service::Plumbing, 5, 3)
    );
    assert_eq!(mike.languages, [Language::English, Language::Spanish]);
    assert_eq!(oncall.policy.callback_within_s, 1800);
    assert_eq!(oncall.policy.means, [Means::Push, Means::SmsInternet, Means::Voice]);
    assert_eq!((oncall.primary_name.as_str(), oncall.owner_phone.e164()), ("Mike T.", "+15558870001"));
    for (local, who) in [
        ("2026-01-05T08:00", "mike"),
        ("2026-01-12T07:59", "mike"),
        ("2026-01-12T08:00", "sam"),
        ("2026-02-13T18:00", "dave"), // an override of Sam's week
        ("2026-12-25T12:00", "dave"), // a holiday
    ] {
        assert_eq!(on_call(&config, local), who, "{local}");
    }
}

#[test]
fn same_number_is_the_same_person() {
    let text = SMALLEST.replace("+15558870001", "+15558870002");
    let oncall = good(&text).shops.remove(0).oncall;
    assert_eq!(oncall.roster.people.len(), 1);
    assert_eq!(oncall.roster.owner, oncall.roster.people[0].id);
}

#[test]
fn calendar_stands_beside_the_file_and_its_faults_have_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nightdesk.toml");
    let text = TEAM.replace("owner = \"dave\"", "owner = \"dave\"\ncalendar = \"oncall.ics\"");
    std::fs::write(&file, &text).unwrap();
    assert!(told(&Config::load(&file).unwrap_err()).contains("oncall.ics cannot be read"));

    let event = |rule: &str| {
        format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Sam\nDTSTART:20260105T190000\nDURATION:PT12H\n{rule}\nEND:VEVENT\nEND:VCALENDAR\n"
        )
    };
    std::fs::write(folder.path().join("oncall.ics"), event("RRULE:FREQ=YEARLY")).unwrap();
    let found = Config::load(&file).unwrap_err();
    assert_eq!((found[0].line, found.len()), (6, 1));
    assert!(found[0].file.ends_with("oncall.ics") && found[0].what.contains("only DAILY and WEEKLY"));

    std::fs::write(folder.path().join("oncall.ics"), event("RRULE:FREQ=DAILY;COUNT=2")).unwrap();
    let config = Config::load(&file).unwrap();
    assert_eq!(on_call(&config, "2026-01-06T23:00"), "sam");
    assert_eq!(on_call(&config, "2026-01-07T23:00"), "mike");
}

/// What is told about TEAM with one thing changed.
fn slip(from: &str, to: &str) -> String {
    assert!(TEAM.contains(from));
    match parse(&TEAM.replacen(from, to, 1)) {
        Ok(config) => told(&config.warnings),
        Err(faults) => told(&faults),
    }
}

#[test]
fn slips_in_the_roster_are_told_with_their_line() {
    for (from, to, expected) in [
        (
            "people = [\"mike\", \"Sam\"]",
            "people = [\"mike\", \"sma\"]",
            "nightdesk.toml:30:19: shop.oncall.rotation.people names \"sma\", who is not among the people\n    write: did you mean \"sam\"?",
        ),
        (
            "starts = 2026-01-05",
            "",
            "nightdesk.toml:29:1: shop.oncall.rotation.starts is missing: whose week is it now?\n    write: starts = 2026-01-05, a day on which the first one's turn begins",
        ),
        (
            "to = 2026-02-14T08:00:00",
            "to = \"2026-02-13 16:00\"",
            "nightdesk.toml:35:6: it ends before or when it begins\n    write: a later time: \"2026-12-24 17:00\", in the shop's time",
        ),
        (
            "phone = \"+15558870001\"",
            "phone = \"155 887 0001\"",
            "nightdesk.toml:28:9: shop.oncall.person.phone is \"155 887 0001\": no North American area code or exchange begins with 0 or 1\n    write: \"+15552345678\"",
        ),
        (
            "name = \"Dave\"\nphone = \"+15558870001\"",
            "name = \"Dave\"",
            "nightdesk.toml:26:1: shop.oncall.person has no phone, push or email: nobody could be woken\n    write: phone = \"+15552345678\"",
        ),
        (
            "means = [\"push\", \"sms\", \"call\"]",
            "means = [\"push\", \"fax\"]",
            "nightdesk.toml:12:18: shop.oncall.means does not know \"fax\"\n    write: one of \"sms\", \"modem\", \"push\", \"call\", \"email\"",
        ),
        (
            "time_zone = \"America/Chicago\"",
            "time_zone = \"UTC\"",
            "nightdesk.toml:6:13: warning: UTC has no daylight saving: handovers would be an hour off in summer\n    write: the zone of your town, such as \"America/Chicago\"",
        ),
    ] {
        let found = slip(from, to);
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn overlapping_overrides_are_a_warning() {
    let second =
        "[[shop.oncall.override]]\nwho = \"mike\"\nfrom = \"2026-02-14 00:00\"\nto = \"2026-02-15 00:00\"\n";
    let config = good(&format!("{TEAM}{second}"));
    assert_eq!(
        told(&config.warnings),
        "nightdesk.toml:37:1: warning: this override overlaps with one of dave before it; this one wins\n    write: times that meet without overlapping"
    );
}
