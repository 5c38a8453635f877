//! Which shop answers, and whether it answers now.

use super::*;

fn msp() -> Config {
    Config::load(Path::new("examples/acme-msp/nightdesk.toml")).unwrap()
}

/// Who answers a call to these numbers (most specific first) from this one.
fn check(config: &Config, called: &[&str], caller: &str, expected: &str) {
    let called: Vec<String> = called.iter().map(|c| (*c).to_owned()).collect();
    let caller = (!caller.is_empty()).then(|| caller.parse().unwrap());
    let found = match config.shop_for(&called, caller.as_ref()) {
        ShopChoice::Shop(shop) => shop.profile.id.as_str(),
        ShopChoice::Say36 => "say36",
    };
    assert_eq!(found, expected, "called {called:?}");
}

#[test]
fn called_number_leads_then_the_callers_number_then_the_setting() {
    let config = msp();
    check(&config, &["+15552340150"], "", "riverside-clinic");
    check(&config, &["301"], "+15553450100", "riverside-clinic");
    check(&config, &["301"], "(555) 346-0200", "hartwell-law");
    check(&config, &["301"], "+15559990000", "acme");
    check(&config, &["301"], "", "acme");
    check(&config, &["777"], "", "acme"); // unknown_number = "shop:acme"
}

#[test]
fn most_specific_number_wins() {
    // P-Called-Party-ID names the clinic, the Request-URI only our extension
    check(&msp(), &["5552340150", "301"], "+15553460200", "riverside-clinic");
    check(&msp(), &["nobody", "301"], "+15553460200", "hartwell-law");
}

#[test]
fn numbers_are_compared_in_international_form_and_extensions_letter_by_letter() {
    let config = msp();
    for written in
        ["15552340150", "(555) 234-0150", "sip:+15552340150@pbx.example;user=phone", "tel:+1-555-234-0150"]
    {
        check(&config, &[written], "", "riverside-clinic");
    }
    let text = SMALLEST.replace("time_zone", "called_numbers = [\"Desk-1\"]\ntime_zone");
    check(&good(&text), &["desk-1"], "", "metro");
    check(&good(&text), &["desk-10"], "", "say36");
}

#[test]
fn single_shop_without_numbers_takes_every_call() {
    let config = good(SMALLEST);
    check(&config, &["whatever"], "", "metro");
    check(&config, &[], "+15559990000", "metro");
}

#[test]
fn open_office_redirects_or_refuses_and_the_night_is_answered() {
    let clinic = &msp().shops[1];
    let thursday = date(2026, 2, 12);
    assert_eq!(
        clinic.in_hours_action(thursday.at(10, 0, 0, 0)),
        CallAction::Redirect("sip:200@192.168.1.10".into())
    );
    assert_eq!(clinic.in_hours_action(thursday.at(21, 0, 0, 0)), CallAction::Answer);
    let metro = &Config::embedded_demo().unwrap().shops[0];
    assert_eq!(metro.in_hours_action(thursday.at(10, 0, 0, 0)), CallAction::Refuse(480));
    assert_eq!(metro.in_hours_action(date(2026, 12, 25).at(10, 0, 0, 0)), CallAction::Answer, "a holiday");
    let always = &msp().shops[0];
    assert_eq!(always.in_hours_action(thursday.at(10, 0, 0, 0)), CallAction::Answer);
}

#[test]
fn shops_wall_time_follows_the_clock_change() {
    let metro = &Config::embedded_demo().unwrap().shops[0];
    let local = |utc: &str| metro.local(utc.parse().unwrap()).datetime().to_string();
    assert_eq!(local("2026-03-08T07:59:00Z"), "2026-03-08T01:59:00");
    assert_eq!(local("2026-03-08T08:00:00Z"), "2026-03-08T03:00:00");
    assert_eq!(local("2026-11-01T07:30:00Z"), "2026-11-01T01:30:00");
}

#[test]
fn spans_of_a_day_may_have_a_lunch_break_and_end_at_midnight() {
    let text = format!("{SMALLEST}[shop.hours]\nmon = \"08:00-12:00, 13:00-24:00\"\n");
    let hours = good(&text).shops.remove(0).profile.hours;
    let monday = date(2026, 2, 9);
    let open: Vec<bool> = [11, 12, 13, 23].iter().map(|h| hours.is_open(monday.at(*h, 59, 59, 0))).collect();
    assert_eq!(open, [true, false, true, true]);
    assert!(!hours.is_open(monday.tomorrow().unwrap().at(0, 0, 0, 0)));
}

proptest! {
    #[test]
    fn any_called_number_gets_an_answer(called in prop::collection::vec("\\PC{0,20}", 0..4)) {
        let config = good(SMALLEST);
        let found = config.shop_for(&called, None);
        prop_assert!(matches!(found, ShopChoice::Shop(_)), "the only shop takes every call");
    }
}
