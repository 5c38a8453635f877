//! The owner's slips, and what he reads.

use super::*;

/// What is told about a file: compared as text, because the words are the product.
fn check(text: &str, expected: &str) {
    let found = parse(text).expect_err("faults");
    let lines = |t: &str| t.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n");
    assert_eq!(lines(&told(&found)), lines(expected));
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_the_file() {
    check(
        r#"[line]
lisen = ["0.0.0.0:5060"]
busy_limit = 500
codecs = ["pcmu", "opus"]
[line.pbx]
host = "192.168.1.10:5060"
extension = "299"
port = "5060"
[[shop]]
id = "Metro"
business_name = "Metro Plumbing"
owner_name = "Dave"
time_zone = "America/Chicgo"
runbook = "missing.yaml"
in_hours = "redirect:100"
[shop.hours]
mon = "17:00-08:00"
tue = "8-17"
holidays = ["2026-02-30"]
[shop.oncall]
primary_name = "Mike"
primary_phone = "155 234 5678"
call_after_s = 900
[voice]
engine = "flight"
[[customer]]
"#,
        r#"
nightdesk.toml:2:1: line.lisen is not a key that NightDesk knows
    write: did you mean listen?
nightdesk.toml:3:14: line.busy_limit is 500, which is out of range
    write: a number from 1 to 64 (calls at the same time)
nightdesk.toml:4:19: line.codecs does not know "opus"
    write: one of "g722", "pcmu", "pcma"
nightdesk.toml:5:1: line.pbx.password_file is missing
    write: password_file = "pbx-password": a file beside this one with the password in its first line
nightdesk.toml:6:8: line.pbx.host is "192.168.1.10:5060": a port or "sip:" does not belong here
    write: a name or an address without port: "192.168.1.10"
nightdesk.toml:8:8: line.pbx.port must be a whole number, but this is of the kind string
    write: digits without quotes, such as 30
nightdesk.toml:10:6: shop.id is "Metro": not a short name
    write: small letters, digits and dashes: "metro-plumbing"
nightdesk.toml:13:13: there is no time zone "America/Chicgo"
    write: did you mean "America/Chicago"?
nightdesk.toml:14:11: the runbook missing.yaml cannot be read: entity not found
    write: the path of a .yaml or .txt file, relative to this file
nightdesk.toml:15:12: shop.in_hours is "redirect:100": the target begins with sip:, sips: or tel:
    write: "refuse", "refuse:486" or "redirect:sip:100@192.168.1.10"
nightdesk.toml:17:7: shop.hours.mon is "17:00-08:00": it closes at 08:00, before or when it opens at 17:00; a span ends at midnight, 24:00
    write: "08:00-17:00", "08:00-12:00, 13:00-17:00" or "closed"
nightdesk.toml:18:7: shop.hours.tue is "8-17": "8" is not a time on a 24-hour clock
    write: "08:00-17:00", "08:00-12:00, 13:00-17:00" or "closed"
nightdesk.toml:19:13: 2026-02-30 is not a day of the calendar
    write: year, month and day: "2026-12-25"
nightdesk.toml:20:1: shop.oncall.owner_phone is missing
    write: owner_phone = "+15552345678"
nightdesk.toml:20:1: the steps of shop.oncall are out of order
    write: call_after_s <= backup_after_s <= owner_after_s, such as 60, 600 and 1200
nightdesk.toml:22:17: shop.oncall.primary_phone is "155 234 5678": no North American area code or exchange begins with 0 or 1
    write: "+15552345678"
nightdesk.toml:25:10: voice.engine does not know "flight"
    write: one of "flite", "espeak-ng", "piper"
nightdesk.toml:26:3: customer is not a key that NightDesk knows
    write: one of line, shop, hearing, thinking, voice, storage, channels, cloud, panel
"#,
    );
}

#[test]
fn key_in_the_wrong_section_is_sent_to_the_right_one() {
    check(
        &format!("{SMALLEST}[hearing]\nrecordings_days = 3\n"),
        "nightdesk.toml:12:1: hearing.recordings_days is not a key that NightDesk knows
         write: recordings_days belongs in [storage]",
    );
}

#[test]
fn faults_in_the_toml_itself_are_told_with_their_line() {
    let found = parse("[line\nlisten = [\n").unwrap_err();
    assert_eq!(found[0].line, 1);
    assert!(found[0].what.starts_with("this is not TOML: "), "{}", found[0]);
}

#[test]
fn empty_file_says_what_a_shop_needs() {
    check(
        "",
        "nightdesk.toml:1:1: there is no shop to answer for
         write: [[shop]] with id, business_name, owner_name, time_zone and a [shop.oncall] section",
    );
}

#[test]
fn missing_file_says_so() {
    let found = Config::load(Path::new("/nowhere/nightdesk.toml")).unwrap_err();
    assert!(told(&found).starts_with("/nowhere/nightdesk.toml: the configuration cannot be read"));
}

#[test]
fn number_of_two_shops_is_a_fault_unless_callers_tell_them_apart() {
    let two = |first: &str, second: &str| {
        let other =
            SMALLEST.replace("\"metro\"", "\"other\"").replace("time_zone", &format!("{second}\ntime_zone"));
        format!("{}{other}", SMALLEST.replace("time_zone", &format!("{first}\ntime_zone")))
    };
    check(
        &two("called_numbers = [\"(555) 234-0001\"]", "called_numbers = [\"301\", \"+15552340001\"]"),
        "nightdesk.toml:17:26: +15552340001 is a number of metro already
         write: each number in one shop only, or caller_numbers that tell the customers apart",
    );
    good(&two(
        "called_numbers = [\"301\"]",
        "called_numbers = [\"301\"]\ncaller_numbers = [\"+15553450100\"]",
    ));
    check(
        &two("", ""),
        "nightdesk.toml:13:1: two shops have neither called_numbers nor caller_numbers: both would take every call
         write: called_numbers = [\"+15552345678\"] in each shop, or in all but one",
    );
    let same_id = two("called_numbers = [\"301\"]", "called_numbers = [\"302\"]").replace("other", "metro");
    check(
        &same_id,
        "nightdesk.toml:14:6: two shops have the id \"metro\"
         write: another short name",
    );
}

#[test]
fn ports_for_sound_must_suffice_and_leave_the_line_alone() {
    check(
        &format!("[line]\nrtp_ports = \"5050-5070\"\n{SMALLEST}"),
        "nightdesk.toml:2:13: line.rtp_ports has 21 ports, but 16 calls need 32
         write: a wider range, or a lower line.busy_limit
         nightdesk.toml:2:13: line.rtp_ports contains port 5060, where line.listen expects calls
         write: a range without it, such as \"16384-16583\"",
    );
}

#[test]
fn faults_of_a_runbook_follow_those_of_the_file_that_names_it() {
    let text = SMALLEST.replace("time_zone", "max_call_s = 1\nrunbook = \"wrong.yaml\"\ntime_zone");
    let found = parse(&text).unwrap_err();
    let places: Vec<_> = found.iter().map(|f| (f.file.as_str(), f.line)).collect();
    assert_eq!(places, [("nightdesk.toml", 6), ("wrong.yaml", 1)]);
    assert!(found[1].what.contains("customer_nme"), "{}", found[1]);
}

#[test]
fn warnings_are_told_after_the_faults() {
    let pbx = "[line.pbx]\nhost = \"10.0.0.1\"\npassword = \"hunter2\"\n";
    let found = parse(&format!("{pbx}{SMALLEST}")).unwrap_err();
    let severities: Vec<_> = found.iter().map(|f| f.severity).collect();
    assert_eq!(severities, [Severity::Error, Severity::Warning]);
    assert!(!told(&found).contains("hunter2"));
}

#[test]
fn unknown_number_names_a_shop_that_exists() {
    let config = good(&format!("[line]\nunknown_number = \"shop:metro\"\n{SMALLEST}"));
    assert_eq!(config.unknown_number, UnknownNumber::Shop(0));
    check(
        &format!("[line]\nunknown_number = \"shop:metra\"\n{SMALLEST}"),
        "nightdesk.toml:2:18: line.unknown_number is \"shop:metra\", but there is no such shop
         write: \"say36\" or \"shop:metro\"",
    );
}

#[test]
fn slips_in_words_are_understood() {
    use crate::config::fault::nearest;
    let meant = |written| nearest(written, &["password_file", "listen", "caller_numbers", "flite"]);
    assert_eq!(meant("password-file"), Some("password_file"));
    assert_eq!(meant("Listen"), Some("listen"));
    assert_eq!(meant("lsiten"), Some("listen"));
    assert_eq!(meant("caller_number"), Some("caller_numbers"));
    assert_eq!(meant("pizza"), None);
}
