use std::collections::BTreeSet;

use domain::EscalationStep;
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::{
    case::{Assignment, Known},
    ladder::Ladder,
    policy::Policy,
    testing::{alert, id, metro},
};

fn check(answer: Answer, messages: &[&str]) {
    for message in messages {
        assert_eq!(read(message).answer, answer, "{message:?}");
    }
}

#[test]
fn answers_that_take_an_alert() {
    check(
        Answer::Take,
        &[
            "1",
            " 1 ",
            "1.",
            "OK",
            "ok!",
            "Got it",
            "on it",
            "On my way",
            "I'm on my way",
            "omw",
            "calling now",
            "Yes",
            "ack",
            "ok got it thanks",
            "1 K7P",
            "k7p ok",
            "K7P: on my way!",
            "1k7p",
            "Ok, no problem",
            "ok 👍",
            "Sí",
            "voy",
            "Ya voy, gracias",
            "en camino",
            "entendido",
            "I’m on it",
        ],
    );
}

#[test]
fn answers_that_pass_it_on() {
    check(
        Answer::PassOn,
        &[
            "2",
            "2 K7P",
            "no",
            "No.",
            "can't",
            "Can’t make it",
            "cannot",
            "busy",
            "I'm busy sorry",
            "no puedo",
            "ocupado",
        ],
    );
}

#[test]
fn answers_that_close_it() {
    check(
        Answer::Done,
        &["done", "Done K7P", "called back", "ok done thanks", "called them", "hecho", "ya llamé"],
    );
}

#[test]
fn stop_words_are_no_acknowledgement() {
    check(Answer::Stop, &["STOP", "stop.", "Unsubscribe", "CANCEL", "quit", "END", "alto"]);
    check(Answer::Start, &["START", "unstop"]);
    check(Answer::Help, &["help", "INFO", "ayuda"]);
}

#[test]
fn anything_else_is_unclear() {
    check(
        Answer::Unclear,
        &[
            "",
            "?",
            "ok?",
            "who is this",
            "wrong number",
            "👍",
            "🚿💧",
            "K7P",
            "ok no",
            "not on my way",
            "stop paging me",
            "3",
            "12",
            "Liked “EMERGENCY CALL - Metro Plumbing”",
            "can't you call Bob?",
            "ok but call Sam first",
            "yes I was asleep what is it",
            "1 K7P or 1 M3C",
            "y",
            "ЩО",
            "\u{0}",
            "on my way home from work",
        ],
    );
}

#[test]
fn machines_are_no_acknowledgement_and_get_no_answer() {
    check(
        Answer::Machine,
        &[
            "Automatic reply: yes, I am out of office until Monday",
            "I'm driving with Do Not Disturb on. I'll see your message later.",
            "I'm driving right now. OK?",
            "Voicemail transcription: ok on my way",
            "Message delivered to +15558870002",
            "Respuesta automática: estoy de vacaciones",
            "(I'm not receiving notifications. If this is urgent, reply urgent)",
        ],
    );
}

#[test]
fn codes_are_unique_and_read_back() {
    let mut taken = BTreeSet::new();
    for random in 0..1280_u64 {
        let code = new_code(random.wrapping_mul(0x9e37_79b9_7f4a_7c15), &taken);
        assert_eq!(read_code(&code.0.to_lowercase()), Some(code.clone()));
        assert_eq!(read(&format!("1 {code}")), Reply { answer: Answer::Take, code: Some(code.clone()) });
        assert!(taken.insert(code), "every code once");
    }
    assert!(taken.contains(&new_code(7, &taken)), "with all taken it still gives one");
}

/// Two emergencies of Mike's, both paged to him.
fn two_cases() -> [Case; 2] {
    let now: Timestamp = "2026-02-13T03:22:00Z".parse().unwrap();
    let (policy, roster, known) = (Policy::default(), metro(), Known::default());
    let ladder = Ladder { policy: &policy, roster: &roster, known: &known };
    let assignment = Assignment { primary: id("mike"), backups: vec![id("sam")], second_at_once: false };
    [(1, "K7P"), (2, "M3C")].map(|(n, code)| {
        let mut case = ladder.open(alert(n, code, now), &assignment);
        ladder.next(&mut case, now);
        case
    })
}

#[test]
fn bare_answer_with_two_open_alerts_acknowledges_none_and_asks() {
    let [first, second] = two_cases();
    let Meaning::Say(say) = meaning("ok", &id("mike"), &[&first, &second]) else { panic!("nothing happens") };
    assert_eq!(
        say.text(Language::English),
        "NightDesk: several are open (K7P, M3C). Nothing was acknowledged. Reply with the code, such as 1 K7P."
    );
    let with_code = meaning("1 m3c", &id("mike"), &[&first, &second]);
    assert!(
        matches!(with_code, Meaning::Event { alert, event: Event::Taken { .. } } if alert == second.alert.id)
    );
}

#[test]
fn bare_answer_means_the_one_that_is_open_for_the_sender() {
    let [mut first, second] = two_cases();
    first.alert.state = AlertState::Done;
    let said = meaning("ok", &id("mike"), &[&first, &second]);
    assert!(matches!(said, Meaning::Event { alert, .. } if alert == second.alert.id));
    assert_eq!(
        meaning("ok", &id("sam"), &[&first, &second]),
        Meaning::Say(Say::NothingOpen),
        "not paged yet"
    );
}

#[test]
fn repeated_answer_means_what_the_sender_has() {
    let [mut first, _] = two_cases();
    (first.alert.state, first.alert.acknowledged_by) = (AlertState::Acknowledged, Some(id("mike")));
    for words in ["1", "2", "done"] {
        assert!(matches!(meaning(words, &id("mike"), &[&first]), Meaning::Event { .. }), "{words}");
    }
    assert!(!first.steps.iter().any(|s| s.step == EscalationStep::AskCallback));
}

#[test]
fn wrong_code_acknowledges_nothing() {
    let [first, _] = two_cases();
    let Meaning::Say(say) = meaning("1 X9X", &id("mike"), &[&first]) else { panic!("nothing happens") };
    assert_eq!(say.text(Language::English), "NightDesk: no emergency has the code X9X. Open for you: K7P.");
}

#[test]
fn every_line_back_fits_one_text_message() {
    let codes: Vec<ReplyCode> = (0..9).map(|n| new_code(n, &BTreeSet::new())).collect();
    for language in [Language::English, Language::Spanish] {
        let written = codes[0].clone();
        for say in [
            Say::Help(codes.clone()),
            Say::WhichCode(codes.clone()),
            Say::UnknownCode { written, open: codes.clone() },
            Say::NothingOpen,
        ] {
            let text = say.text(language);
            assert!(text.is_ascii() && text.len() <= 160, "{} {text}", text.len());
        }
    }
}

proptest! {
    #[test]
    fn no_message_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn words_that_no_list_has_never_answer(word in "[a-z]{1,12}", around in "ok|yes|1|2|on my way") {
        let known = [super::words::TAKE, super::words::PASS, super::words::DONE, super::words::FILLER].concat();
        let is_known = known.iter().any(|k| k.split(' ').any(|part| part == word)) || read_code(&word).is_some();
        prop_assume!(!is_known);
        let answer = read(&format!("{around} {word}")).answer;
        prop_assert!(matches!(answer, Answer::Unclear | Answer::Machine | Answer::Stop), "{answer:?}");
    }
}
