//! T01–T14 of the source's test table and the decisions of decisions.md, one line each.

use domain::{Decision, Safety, Tone, Trade, Turn};

use crate::{
    Context, Model, NoModel, Runbook,
    eval::{Outcome, local_time, play},
    run_turn,
};

/// `at` is "21:10" or "2026-07-01 21:10", with " msp", " panicked", " worried", " frustrated", " repeat" or
/// " partial" behind it. Turns are separated by `|`. Expected: outcome, and "safety=…", "service=…", "P2" if wanted.
fn check(at: &str, turns: &str, expected: &str) {
    let decision = decide(at, turns, &Runbook::default(), &NoModel);
    assert_decision(&decision, turns, expected);
}

fn check_with(runbook: &str, turns: &str, expected: &str) {
    let runbook = Runbook::parse_yaml(runbook, "acme.yaml").unwrap();
    assert_decision(&decide("22:00 msp", turns, &runbook, &NoModel), turns, expected);
}

fn decide(at: &str, turns: &str, runbook: &Runbook, model: &dyn Model) -> Decision {
    let mut words = at.split(' ').peekable();
    let mut time = words.next().unwrap().to_owned();
    if let Some(clock) = words.next_if(|w| w.contains(':')) {
        time = format!("{time} {clock}");
    }
    let mut ctx = Context::at(local_time(&time).unwrap(), Trade::Trades);
    for word in words {
        match word {
            "msp" => ctx.trade = Trade::Msp,
            "panicked" => ctx.tone = Tone::Panicked,
            "worried" => ctx.tone = Tone::Worried,
            "frustrated" => ctx.tone = Tone::Frustrated,
            "repeat" => ctx.repeat_caller = true,
            "partial" => ctx.finished = false,
            other => panic!("unknown circumstance {other}"),
        }
    }
    let turns: Vec<String> = turns.split('|').map(|t| t.trim().to_owned()).collect();
    play(&turns, ctx, runbook, model).unwrap()
}

fn assert_decision(decision: &Decision, turns: &str, expected: &str) {
    let got = format!(
        "{} safety={} service={} {:?}{}",
        Outcome::of(decision),
        decision.safety.map_or("none".to_owned(), |s| format!("{s:?}")),
        format!("{:?}", decision.service).to_lowercase(),
        decision.priority,
        if decision.same_day { " same-day" } else { "" },
    );
    for part in expected.split(' ') {
        assert!(
            got.split(' ').any(|g| g == part),
            "{turns:?}: wanted {part}, got {got}\n{}",
            decision.reasoning
        );
    }
}

#[test]
fn t01_to_t06_wake_somebody() {
    check(
        "21:10",
        "Water is pouring through my ceiling",
        "emergency safety=WaterShutoff service=plumbing P1",
    );
    check("21:10", "I smell gas near my furnace", "emergency safety=Gas P1");
    check("21:10", "No heat, it's 15 degrees, I have a newborn", "emergency safety=DripFaucets service=hvac");
    check(
        "21:10",
        "My outlet is sparking and I smell burning",
        "emergency safety=Electrical service=electrical",
    );
    check("02:00", "My furnace just shut off", "emergency safety=DripFaucets service=hvac");
    check("21:10 panicked", "there's water everywhere", "emergency safety=WaterShutoff service=plumbing");
}

#[test]
fn t07_to_t10_wait_for_the_morning() {
    check("21:10", "I'd like to schedule an AC tune-up", "routine safety=none service=hvac P3");
    check("21:10", "Can I get a quote on a water heater?", "routine service=plumbing safety=none");
    check("21:10", "My faucet has been dripping for a week", "routine service=plumbing");
    check("18:00", "My toilet's been running for 3 days", "routine service=plumbing");
}

#[test]
fn t11_and_t12_are_asked_and_the_answer_decides() {
    check("19:00", "My AC stopped working", "ask service=hvac safety=none");
    check("19:00", "My AC stopped working | it can wait until morning", "routine same-day P2");
    check("19:00", "My AC stopped working | tonight please", "emergency safety=KeepCool");
    check("19:00", "Something is wrong with my furnace", "ask");
    check("19:00", "Something is wrong with my furnace | it's making a weird noise", "routine");
    check(
        "19:00",
        "Something is wrong with my furnace | it won't turn on and it's freezing",
        "emergency safety=DripFaucets",
    );
}

#[test]
fn t13_and_t14_are_spam() {
    check("10:00", "Hi, I'm calling from ABC Marketing about your Google Ads", "spam safety=none");
    check(
        "10:00",
        "This is an important message. Press one to lower your rate, press two to be removed from our list.",
        "spam",
    );
}

#[test]
fn msp_outage_is_escalated_at_once() {
    check("22:00 msp", "Our email server is down and nobody can get in.", "emergency P1 service=it");
}

#[test]
fn msp_uncertainty_is_asked_once_and_then_escalated_at_any_hour() {
    check("19:00 msp", "the vpn isn't working", "ask");
    check("19:00 msp", "the vpn isn't working | I'm not sure", "emergency P1");
    check("19:00 msp", "the vpn isn't working | just me, it can wait", "routine");
}

#[test]
fn k22_emergency_words_count_only_as_the_callers_own_assessment() {
    check("19:00", "this is an emergency", "emergency");
    check("19:00", "it's not an emergency, my faucet drips", "routine");
    check("19:00", "is there an emergency fee if I ever need you at night", "routine");
    check(
        "10:00",
        "it's urgent that we talk about your Google listing, we help plumbers get more leads",
        "spam",
    );
}

#[test]
fn k23_life_safety_comes_before_everything_else() {
    check(
        "10:00",
        "I smell gas but it's not an emergency, it can wait until tomorrow",
        "emergency safety=Gas",
    );
    check("10:00", "my AC stopped working | it can wait, but now I smell gas", "emergency safety=Gas");
    check("10:00", "can I get a quote on a new panel, mine is sparking", "emergency safety=Electrical");
    check(
        "10:00",
        "hi I'm from Peak Marketing, oh my god, I smell gas in our office here",
        "emergency safety=Gas",
    );
}

#[test]
fn k23_panic_comes_before_words() {
    check("10:00 panicked", "I'd like to schedule a tune-up", "emergency");
    check("10:00 frustrated", "my toilet has been running for three days", "routine same-day");
    check("10:00 worried", "my toilet has been running for three days", "ask");
}

#[test]
fn answer_to_the_question_comes_before_content_but_not_before_worse_news() {
    check(
        "21:00",
        "my basement is flooding but it can wait | it can wait until tomorrow",
        "routine same-day",
    );
    check(
        "21:00",
        "I have a leak | it can wait I guess, but now water is pouring through the ceiling",
        "emergency",
    );
}

#[test]
fn still_open_after_the_question_is_an_emergency_only_at_night() {
    check("23:30", "I have a leak | I don't know", "emergency");
    check("04:59", "I have a leak | I don't know", "emergency");
    check("05:00", "I have a leak | I don't know", "routine same-day P2");
    check("21:59", "I have a leak | I don't know", "routine same-day");
}

#[test]
fn repeat_caller_is_one_level_graver_and_spam_stays_spam() {
    check("19:00 repeat", "my faucet has been dripping for a week", "ask");
    check("19:00 repeat", "my AC stopped working", "emergency");
    check("19:00 repeat", "my faucet drips | it can wait", "routine");
    check("10:00 repeat", "I'm calling from ABC Marketing about your Google Ads", "spam");
}

#[test]
fn no_heat_depends_on_season_hour_and_people() {
    check("2026-07-01 19:00", "we have no heat", "ask");
    check("2026-07-01 19:00", "we have no heat and my mother is elderly", "emergency");
    check("2026-07-01 03:00", "we have no heat", "emergency");
    check("2026-01-10 19:00", "we have no heat", "emergency");
    check("19:00", "we've got no hot water", "routine same-day");
}

#[test]
fn shut_off_water_is_asked_about_and_gas_never_is() {
    check("19:00", "a pipe burst but we shut the water off and it stopped", "ask");
    check("19:00", "we shut the water off but it's still pouring", "emergency");
    check("19:00", "I smelled gas, we turned it off and it stopped", "emergency safety=Gas");
}

#[test]
fn partial_speech_decides_only_on_certain_emergencies() {
    check("21:00 partial", "so I've got water spraying out of", "emergency");
    check("21:00 partial", "um I smell gas", "emergency safety=Gas");
    check("21:00 partial", "my AC stopped", "listen");
    check("21:00 partial", "this is an emergency", "listen");
    check("21:00 partial", "can I get a quote", "listen");
    check("21:00 partial", "I don't smell gas", "listen");
}

#[test]
fn a_greeting_or_a_name_is_not_a_matter() {
    check("03:00", "hello? can you hear me", "listen");
    check("03:00", "hi this is Bob Miller", "listen");
    check("03:00", "yes", "listen");
    check("03:00", "there's a problem at my house", "ask");
}

#[test]
fn spanish_hazards_are_understood_on_every_line() {
    check("21:00", "huele a gas en la cocina", "emergency safety=Gas");
    check("21:00", "no huele a gas, quiero una cotización", "routine");
    check("21:00", "hay agua por todos lados", "emergency safety=WaterShutoff");
    check("21:00 msp", "salen chispas del enchufe", "emergency safety=Electrical");
}

#[test]
fn reasoning_names_the_reasons_for_the_owner() {
    let decision = decide("21:10", "I smell gas and I have two kids here", &Runbook::default(), &NoModel);
    assert_eq!(decision.reasoning, "EMERGENCY: gas smell + vulnerable people + after hours");
    let decision = decide("21:10", "I don't smell gas, my toilet runs", &Runbook::default(), &NoModel);
    assert_eq!(decision.reasoning, "ROUTINE: minor repair (not counted: gas smell, negated)");
    assert!(
        decision.evidence.iter().any(|e| e.rule == "gas.smell" && e.excused.as_deref() == Some("negated"))
    );
}

const ACME: &str = r#"
customer_name: "Acme Corp"
business_hours: "Mon-Fri 8a-6p CT"
known_issues:
  - "WiFi at main office drops intermittently — known, scheduled for Thursday"
  - "Backup server ran slow last week — being monitored"
escalation_rules:
  - trigger: "server down OR can't access email OR everyone locked out"
    target: "mike@acmemsp.com"
    method: "sms"
  - trigger: "forklift AND scanner"
    target: "jo@acmemsp.com"
    method: call
  - trigger: "slow OR cannot print OR password"
    target: null
    method: "noop"
p1_threshold: "production is blocked for more than 3 people"
"#;

#[test]
fn runbook_triggers_wake_or_quiet() {
    check_with(ACME, "the file server just went down", "emergency P1");
    check_with(ACME, "I can't get into my email at all", "emergency");
    check_with(ACME, "the scanner on the forklift is dead", "emergency");
    check_with(ACME, "the scanner is jammed", "routine");
    check_with(ACME, "everything is slow today", "routine");
    check_with(ACME, "the wifi at the main office keeps dropping", "routine");
}

#[test]
fn runbook_threshold_says_how_many_people_make_a_p1() {
    check_with(ACME, "two people can't connect", "ask");
    check_with(ACME, "five people can't connect", "emergency P1");
}

const TONIGHT: &str = r#"
scripted_answers:
  - when: "vpn"
    steps: ["Please unplug the Meraki for thirty seconds.", "Did that fix it?"]
maintenance:
  - what: "email OR outlook"
    from: 2026-02-12 21:00
    to: 2026-02-13 02:00
escalation_rules:
  - trigger: "server down"
    target: "mike@acmemsp.com"
"#;

#[test]
fn maintenance_quiets_what_it_covers_while_it_lasts() {
    check_with(TONIGHT, "email is down for everyone in the office", "routine");
    check_with(TONIGHT, "somebody hacked our email", "emergency");
    check_with(TONIGHT, "email is down and the internet is out for the whole company", "emergency");
    check_with(TONIGHT, "I can't get my email and I smell gas", "emergency safety=Gas");
    let later = Context::at(local_time("2026-02-13 02:00").unwrap(), Trade::Msp);
    let runbook = Runbook::parse_yaml(TONIGHT, "acme.yaml").unwrap();
    let turns = [Turn::caller("email is down for everyone in the office")];
    assert!(run_turn(&turns, &later, &runbook, &NoModel).is_emergency());
}

#[test]
fn scripted_answers_and_targets_come_with_the_decision() {
    let runbook = Runbook::parse_yaml(TONIGHT, "acme.yaml").unwrap();
    let decision = decide("22:00 msp", "my vpn is not working, just me", &runbook, &NoModel);
    assert_decision(&decision, "vpn", "routine");
    assert_eq!(decision.resolve_steps.len(), 2);
    let decision = decide("22:00 msp", "vpn is down for everyone", &runbook, &NoModel);
    assert_decision(&decision, "vpn", "emergency");
    assert!(decision.resolve_steps.is_empty());
    let decision = decide("22:00 msp", "the server is down", &runbook, &NoModel);
    assert_eq!(decision.target.as_deref(), Some("mike@acmemsp.com"));
}

#[test]
fn recent_p1s_of_the_company_lower_the_threshold() {
    let mut ctx = Context::at(local_time("22:00").unwrap(), Trade::Msp);
    let turns = [Turn::caller("the vpn isn't working")];
    assert!(!run_turn(&turns, &ctx, &Runbook::default(), &NoModel).is_emergency());
    ctx.company.p1s = 3;
    let decision = run_turn(&turns, &ctx, &Runbook::default(), &NoModel);
    assert_decision(&decision, "vpn", "emergency");
    assert!(decision.reasoning.contains("several P1s"), "{}", decision.reasoning);
    let turns = [Turn::caller("I forgot my password")];
    assert!(!run_turn(&turns, &ctx, &Runbook::default(), &NoModel).is_emergency());
}

#[test]
fn runbook_never_lowers_life_safety() {
    check_with(
        ACME,
        "the wifi at the main office drops and the router is sparking",
        "emergency safety=Electrical",
    );
    check_with(
        "known_issues: [\"gas smell in the basement\"]",
        "there's a gas smell in the basement",
        "emergency safety=Gas",
    );
}

#[test]
fn agent_words_are_no_evidence() {
    let turns = [
        Turn::agent("If you smell gas, leave the house."),
        Turn::caller("no, my toilet just runs all night"),
    ];
    let ctx = Context::at(local_time("21:00").unwrap(), Trade::Trades);
    let decision = run_turn(&turns, &ctx, &Runbook::default(), &NoModel);
    assert_decision(&decision, "toilet", "routine");
}

#[test]
fn every_emergency_of_a_known_kind_has_its_instruction() {
    for (turns, safety) in [
        ("my carbon monoxide alarm is going off", Safety::CarbonMonoxide),
        ("sewage is coming up in the tub", Safety::Sewage),
        ("my AC died and I have a newborn", Safety::KeepCool),
        ("my house is on fire", Safety::Danger),
    ] {
        assert_eq!(decide("21:00", turns, &Runbook::default(), &NoModel).safety, Some(safety), "{turns}");
    }
}
