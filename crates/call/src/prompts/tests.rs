use domain::Language;
use jiff::civil::{DateTime, date, time};

use super::*;
use crate::rehearsal::metro;

fn prompts() -> Prompts {
    Prompts::english(&metro()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn thursday_night() -> DateTime {
    date(2026, 2, 12).at(21, 22, 0, 0)
}

fn said_at(id: PromptId, values: &Values, local: DateTime) -> (Vec<Unit>, String) {
    prompts().render(id, values, &Moment::at(&metro().hours, local, Language::English))
}

fn check(id: PromptId, values: &Values, expected: &str) {
    assert_eq!(said_at(id, values, thursday_night()).1, expected);
}

/// Units as text: live ones in angle brackets.
fn check_units(id: PromptId, values: &Values, expected: &str) {
    let units = said_at(id, values, thursday_night()).0;
    let shown: Vec<String> =
        units.iter().map(|u| if u.live { format!("<{}>", u.text) } else { u.text.clone() }).collect();
    assert_eq!(shown.join(" | "), expected);
}

fn check_fault(from: &str, to: &str, expected: &str) {
    let broken = ENGLISH.replacen(from, to, 1);
    assert_ne!(broken, ENGLISH);
    let faults = Prompts::load(&broken, "en.toml", &metro(), Language::English).unwrap_err();
    let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(shown.iter().any(|f| f.contains(expected)), "{shown:#?}");
}

fn jim() -> Values {
    Values {
        name: Some("Jim Kowalski".into()),
        address: Some("218 Oak Lane".into()),
        issue: Some("The pipe to the water heater".into()),
        number: "+15552340415".parse().ok(),
        ..Values::default()
    }
}

#[test]
fn sentences_of_the_specification() {
    check(
        PromptId::Greeting,
        &jim(),
        "Hi, thanks for calling Metro Plumbing. This is Alex, Dave's after-hours assistant.",
    );
    check(PromptId::GreetingQuestion, &jim(), "How can I help you tonight?");
    check(
        PromptId::Promise,
        &jim(),
        "OK Jim, I'm going to reach out to Mike, our on-call tech, right now. \
         They should be calling you back within a few minutes.",
    );
    check(PromptId::EmergencySignoff, &jim(), "Mike will be reaching out shortly. Hang tight, Jim.");
    check(
        PromptId::NoCalendar,
        &jim(),
        "I've got all your info. Our office opens at 8 AM. Someone will call you first thing in the morning to get you scheduled.",
    );
    check(
        PromptId::Closing,
        &Values::default(),
        "Thanks for calling Metro Plumbing. We'll take good care of you. Have a good night.",
    );
    check(
        PromptId::AskNumberCallerId,
        &jim(),
        "And the best number to reach you is the one you're calling from, ending in 0415?",
    );
}

#[test]
fn only_names_addresses_and_the_callers_words_are_rendered_live() {
    check_units(
        PromptId::EmergencySignoff,
        &jim(),
        "Mike will be reaching out shortly. | Hang tight, | <Jim.>",
    );
    check_units(PromptId::EchoAddress, &jim(), "Got it, | <218 Oak> | Lane.");
    check_units(PromptId::IssueReadback, &jim(), "Got it. | <The pipe to the water heater.>");
    check_units(
        PromptId::AskNumberCallerId,
        &jim(),
        "And the best number to reach you is the one you're calling from, ending in | zero, | four, | one, | five.",
    );
    check_units(
        PromptId::NumberReadback,
        &jim(),
        "And just to confirm, the best number to reach you is | five, | five, | five. | two, | three, | four. \
         | zero, | four, | one, | five.",
    );
}

#[test]
fn friday_night_says_monday() {
    let friday = date(2026, 2, 13).at(21, 0, 0, 0);
    let (units, text) = said_at(PromptId::NoCalendar, &jim(), friday);
    assert!(
        text.contains("Our office opens at 8 AM on Monday. Someone will call you first thing that morning"),
        "{text}"
    );
    assert!(units.iter().all(|u| !u.live));
    let (_, text) = said_at(PromptId::Clarify, &jim(), friday);
    assert!(text.ends_with("until we're back in the office on Monday morning?"), "{text}");
    let (_, text) = said_at(PromptId::Clarify, &jim(), date(2026, 2, 12).at(2, 0, 0, 0));
    assert!(text.contains("attention tonight") && text.ends_with("later this morning?"), "{text}");
}

#[test]
fn everything_but_the_callers_words_is_in_the_cache_list() {
    let texts = prompts().fixed_texts();
    assert!(texts.len() <= 310, "{} texts to render", texts.len());
    for hour in 0..24 {
        for id in PromptId::ALL.iter().filter(|id| **id != PromptId::PricingOwner) {
            let local = date(2026, 2, 14).at(hour, 17, 0, 0);
            for values in [jim(), Values::default()] {
                let units = prompts_cached()
                    .render(*id, &values, &Moment::at(&metro().hours, local, Language::English))
                    .0;
                for unit in units.iter().filter(|u| u.live) {
                    let known = ["Jim", "218 Oak", "The pipe"];
                    assert!(known.iter().any(|k| unit.text.starts_with(k)), "{id:?}: {}", unit.text);
                }
            }
        }
    }
}

fn prompts_cached() -> &'static Prompts {
    static PROMPTS: std::sync::OnceLock<Prompts> = std::sync::OnceLock::new();
    PROMPTS.get_or_init(prompts)
}

#[test]
fn no_sentence_quotes_a_price_or_denies_being_automated() {
    for line in ENGLISH.lines().filter(|l| !l.starts_with('#')) {
        assert!(!line.contains('$'), "{line}");
        assert!(!line.to_lowercase().contains("real person"), "{line}");
    }
    check(
        PromptId::Robot,
        &Values::default(),
        "I'm Dave's automated after-hours assistant. I can take your details and reach our on-call technician. How can I help?",
    );
}

#[test]
fn faults_name_line_and_remedy() {
    check_fault("is {agent}, {owner}", "is {agnet}, {owner}", "there is no {agnet}");
    check_fault("filler =", "fillr =", "there is no sentence called fillr; write filler");
    check_fault(
        "service[, {name}]?",
        "service, {name}?",
        "may not be known when it is said; write [ {name}]",
    );
    check_fault("ending in {last_four}?", "ending there?", "ask_number_caller_id does not say {last_four}");
    check_fault("hold = \"", "hold = 5 # \"", "hold is not a text");
    check_fault(
        "hold = \"Sure, take your time.\"",
        "hold = \"Sure, [take your time.\"",
        "a [ has no ] after it",
    );
    check_fault("goodbye = \"", "goodbye = ", "en.toml:");
    let faults =
        Prompts::load("filler = \"One moment.\"\nfilla = \"x\"", "en.toml", &metro(), Language::English)
            .unwrap_err();
    assert!(faults.iter().any(|f| f.line == 2 && f.what.contains("filla")));
    assert!(faults.iter().any(|f| f.what == "the sentence greeting is missing"));
}

#[test]
fn clock_words_are_as_people_say_them() {
    assert_eq!(words::clock(time(8, 0, 0, 0), Language::English), "8 AM");
    assert_eq!(words::clock(time(12, 0, 0, 0), Language::English), "noon");
    assert_eq!(words::clock(time(0, 30, 0, 0), Language::English), "12:30 AM");
}
