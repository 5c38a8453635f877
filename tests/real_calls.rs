//! Real calls: the `nightdesk` program answers, the `nightdesk call` test phone speaks recorded lines, whisper hears
//! them, and the lead cards tell whether the night went well. Nothing is simulated but the callers' voices.

#![allow(clippy::print_stderr, reason = "tests say what they skip")]

mod support;

use serde_json::Value;
use support::{Shop, emergency_card};

#[test]
fn burst_pipe_quote_furnace_and_marketing_call_end_as_the_source_says() {
    let shop = Shop::open("night");
    let jim = shop
        .phone("+15552340415", &["call1_jim_0", "call1_jim_1", "call1_jim_2", "call1_jim_3", "call1_jim_4"]);
    let sarah = shop.phone(
        "+15552348763",
        &[
            "call2_sarah_0",
            "call2_sarah_1",
            "call2_sarah_2",
            "call2_sarah_3",
            "call2_sarah_5",
            "call2_sarah_4",
        ],
    );
    let (jim, sarah) = (jim.hang_up(), sarah.hang_up());
    let doug = shop.phone(
        "+15552340142",
        &["call3_doug_0", "call3_doug_1", "call3_doug_3", "call3_doug_2", "call3_doug_5", "call3_doug_4"],
    );
    let spam = shop.phone("+15552340799", &["call4_spam_0"]);
    let (doug, spam) = (doug.hang_up(), spam.hang_up());

    let card = shop.card("+15552340415");
    emergency_card(&card, "plumbing", "water");
    assert_eq!(card["caller_name"], "Jim Kowalski", "{card:#}");
    assert_eq!(card["address"], "218 Oak Lane", "{card:#}");
    let card = shop.card("+15552348763");
    assert_eq!(card["classification"], "routine", "{card:#}");
    assert_eq!(card["caller_name"], "Sarah Chen", "{card:#}");
    assert_eq!(card["address"], "1447 Birch Street", "{card:#}");
    assert_eq!(card["phone_confirmed"], true, "{card:#}");
    let card = shop.card("+15552340142");
    assert_eq!(card["classification"], "routine", "{card:#}");
    assert_eq!(card["caller_name"], "Doug Patterson", "{card:#}");
    assert_eq!(card["service"], "hvac", "{card:#}");
    assert_eq!(shop.status_of("+15552340799"), "spam");
    assert!(shop.card("+15552340799").is_null(), "spam gets no card");
    for call in [jim, sarah, doug, spam] {
        assert_eq!(call["ended_by_agent"], true, "{call:#}");
        assert!(replies(&call).iter().all(Option::is_some), "every line got a reply: {call:#}");
    }
}

#[test]
fn emergencies_of_the_test_table_wake_somebody() {
    let shop = Shop::open("emergencies");
    // T01, T02, T03, T04, T06
    let callers = [
        ("+15552340001", "call9_ceiling_0", "plumbing", "water"),
        ("+15552340002", "call6_gas_0", "", "gas"),
        ("+15552340003", "call7_heat_0", "hvac", "no_heat"),
        ("+15552340004", "call8_robot_1", "electrical", "electrical"),
        ("+15552340006", "call10_panic_0", "plumbing", "water"),
    ];
    for two in callers.chunks(2) {
        let calls: Vec<_> = two.iter().map(|(from, line, ..)| shop.phone_for(40, from, &[line])).collect();
        for call in calls {
            call.hang_up();
        }
    }
    for (from, _, service, issue) in callers {
        emergency_card(&shop.card(from), service, issue);
    }
}

#[test]
fn caller_who_interrupts_asks_for_a_robot_or_hangs_up_is_treated_well() {
    let shop = Shop::open("manners");
    // T20: into the greeting
    let interrupting = shop.phone_with(30, "+15552340020", &["call6_gas_0"], &["--interrupt-ms", "1500"]);
    // T21
    let robot = shop.phone_for(25, "+15552340021", &["call8_robot_0"]);
    let (interrupting, _) = (interrupting.hang_up(), robot.hang_up());
    let stop_ms = interrupting["barge_ins_ms"][0].as_u64();
    // How fast is for the bench; here it must stop long before its end.
    assert!(stop_ms.is_some_and(|ms| ms < 1500), "the greeting stopped: {interrupting:#}");
    emergency_card(&shop.card("+15552340020"), "", "gas");
    let said = shop.agent_words("+15552340021");
    assert!(said.contains("automated"), "honest when asked: {said}");
    // T25: gone before a word
    shop.phone_for(4, "+15552340025", &[]).hang_up();
    assert_eq!(shop.status_of("+15552340025"), "abandoned");
    assert!(shop.card("+15552340025").is_null());
}

#[test]
fn worker_killed_in_the_middle_of_a_call_costs_no_card() {
    let shop = Shop::open("killed-worker");
    let call = shop.phone_for(60, "+15552340101", &["call1_jim_0", "call1_jim_1", "call1_jim_2"]);
    shop.wait_until_heard("+15552340101");
    shop.kill_worker("nightdesk-stt");
    call.hang_up();
    emergency_card(&shop.card("+15552340101"), "plumbing", "water");
}

#[test]
fn power_cut_in_the_middle_of_a_call_leaves_its_page_its_card_and_its_recording() {
    let mut shop = Shop::open("power-cut");
    let call = shop.phone_for(60, "+15552340102", &["call1_jim_0", "call1_jim_1"]);
    shop.wait_until_paged("+15552340102");
    shop.pull_the_plug();
    call.hang_up();
    shop.restart();
    assert_eq!(shop.status_of("+15552340102"), "cut");
    let card = shop.card("+15552340102");
    assert_eq!(card["classification"], "emergency", "{card:#}");
    let recording = shop.recording_of("+15552340102");
    assert!(recording.duration() > recording.spec().sample_rate * 3, "seconds of the call are there");
}

// T34
#[test]
fn message_left_with_a_deaf_box_is_transcribed_when_it_hears_again() {
    let shop = Shop::open_deaf("deaf");
    shop.phone_for(60, "+15552340034", &["call6_gas_0", "key:#"]).hang_up();
    assert_eq!(shop.card("+15552340034")["issue"], "unknown");
    shop.give_hearing();
    shop.wait_until_card_knows("+15552340034");
    emergency_card(&shop.card("+15552340034"), "", "gas");
}

fn replies(call: &Value) -> Vec<Option<u64>> {
    call["replies_ms"].as_array().into_iter().flatten().map(Value::as_u64).collect()
}
