use proptest::prelude::*;

use super::*;

const TURNS: [&str; 3] = [
    "hi um this is Maria Gonzalez, there's water coming through the kitchen ceiling",
    "I'm at 42 Oak Street apartment 3",
    "my number is 555 123 4567, and the last guy charged 200 dollars, see www dot plumber dot com",
];

fn turns() -> Vec<String> {
    TURNS.map(str::to_owned).to_vec()
}

/// Name, address and summary that are left of a card; "-" = dropped.
fn check(name: &str, address: &str, summary: &str, expected: [&str; 3]) {
    let json =
        serde_json::json!({ "name": name, "address": address, "summary": summary, "actions": ["none"] });
    let card = checked(&json.to_string(), &turns());
    let left = [card.name, card.address, card.summary].map(|field| field.unwrap_or_else(|| "-".into()));
    assert_eq!(left, expected);
}

#[test]
fn what_the_caller_said_is_kept() {
    let summary = "Caller reported water coming through the kitchen ceiling.";
    check(
        "Maria Gonzalez",
        "42 Oak Street, apartment 3",
        summary,
        ["Maria Gonzalez", "42 Oak Street, apartment 3", summary],
    );
}

#[test]
fn name_number_and_address_that_were_never_said_are_dropped() {
    check("Maria Lopez", "42 Elm Street", "Caller Maria Lopez has water.", ["-", "-", "-"]);
    check("Gonzalez Maria", "43 Oak Street", "Water at 43.", ["-", "-", "-"]);
    check("Street", "Oak", "-", ["Street", "Oak", "-"]);
}

#[test]
fn prices_numbers_addresses_of_the_internet_and_promises_do_not_pass() {
    for summary in [
        "Caller called about 200 dollars.",
        "Caller number is 555 123 4567.",
        "Caller said see www dot plumber dot com.",
        "Caller said see plumber.com.",
        "Water, $200.",
        "Water. Ceiling. Kitchen.",
        "Somebody will come tonight.",
        "There is no water coming through the ceiling.",
        "The caller called.",
        "water \u{202e}gniliec",
        "",
    ] {
        check("-", "-", summary, ["-", "-", "-"]);
    }
    check("555 123 4567", "my number is 555 123 4567", "-", ["-", "-", "-"]);
}

#[test]
fn anything_but_the_expected_json_is_nothing() {
    for json in ["", "null", "[]", "{", r#"{"name": 5}"#, r#"{"name": {"a": "b"}}"#, "\u{0}"] {
        assert_eq!(checked(json, &turns()), WrittenCard::default(), "{json}");
    }
}

/// Text as a crafty model might write it: the caller's words, strange ones, digits, signs and links.
fn crafted() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("water".to_owned()),
        Just("42 Oak Street".to_owned()),
        Just("Maria Gonzalez".to_owned()),
        Just("the caller reported".to_owned()),
        Just("will be free of charge".to_owned()),
        Just("http://evil.example/x".to_owned()),
        Just("555 123 4567".to_owned()),
        Just("$99.99".to_owned()),
        Just("200 dollars".to_owned()),
        Just("Bob Smith at 9 Elm".to_owned()),
        "[0-9]{1,12}",
        "[.!?,;:' -]{1,3}",
        "\\PC{0,12}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.join(" "))
}

fn digits(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_numeric()).filter(|run| !run.is_empty()).map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever a model writes: every word of name and address was said in that order, every other word was
    /// said or is colourless, every number was said, and there is no link, price or telephone number.
    #[test]
    fn nothing_passes_that_the_call_does_not_carry(name in crafted(), address in crafted(), summary in crafted()) {
        let json = serde_json::json!({ "name": name, "address": address, "summary": summary });
        let card = checked(&json.to_string(), &turns());
        let heard = TURNS.map(|turn| words(turn).join(" "));
        for field in [&card.name, &card.address].into_iter().flatten() {
            let field = words(field).join(" ");
            prop_assert!(heard.iter().any(|turn| format!(" {turn} ").contains(&format!(" {field} "))), "{field}");
        }
        for field in [&card.name, &card.address, &card.summary].into_iter().flatten() {
            prop_assert!(digits(field).iter().all(|run| TURNS.iter().any(|turn| digits(turn).contains(run))), "{field}");
            let joined: String = field.chars().filter(|c| !" -.,".contains(*c)).collect();
            prop_assert!(digits(&joined).iter().all(|run| run.chars().count() < PHONE_DIGITS_MIN), "{field}");
            prop_assert!(!field.contains(['$', '@', '/', '€', '<', '{', '\u{202e}']), "{field}");
            prop_assert!(!field.to_lowercase().contains("dollar") && !field.contains(".com"), "{field}");
        }
        if let Some(summary) = &card.summary {
            let known = |word: &String| heard.iter().any(|turn| turn.split(' ').any(|said| said == word))
                || COLOURLESS.contains(&word.as_str());
            prop_assert!(words(summary).iter().all(known), "{summary}");
            prop_assert!(summary.chars().count() <= SUMMARY_CHARS_MAX);
        }
    }

    /// Bytes of any kind are a card or nothing, never a panic.
    #[test]
    fn any_text_is_read(json in "\\PC{0,200}") {
        let _ = checked(&json, &turns());
    }
}
