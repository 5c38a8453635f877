use std::{
    fs::File,
    io::BufWriter,
    time::{Duration, Instant},
};

use super::*;
use crate::gguf_writer::{self, TINY};

const RUNBOOK: &str = "We fix pipes and boilers.\nA leak that is contained can wait.";
const CALL: &str = "Caller: there is water on the floor\n";

fn in_a_minute() -> Brake {
    Brake::new(Instant::now() + Duration::from_secs(60))
}

/// A model with random weights in a folder of its own.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        crate::llama::set_up(false);
        let place = Self { folder: tempfile::tempdir().unwrap() };
        let mut file = BufWriter::new(File::create(place.model()).unwrap());
        gguf_writer::write(&mut file, TINY).unwrap();
        place
    }

    fn model(&self) -> PathBuf {
        self.folder.path().join("model.gguf")
    }

    fn states(&self) -> PathBuf {
        self.folder.path().join("states")
    }

    fn judge(&self) -> Judge {
        Judge::load(&self.model(), Some(self.states()), 512).unwrap()
    }
}

fn near(a: &Verdict, b: &Verdict) -> bool {
    let (a, b) = (a.answers.concat(), b.answers.concat());
    a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 0.01)
}

#[test]
fn letters_of_every_question_are_probabilities() {
    let verdict = Place::new().judge().judge(RUNBOOK, CALL, &in_a_minute()).unwrap();
    for (answers, (_, letters)) in verdict.answers.iter().zip(QUESTIONS) {
        assert_eq!(answers.len(), letters);
        let sum: f32 = answers.iter().sum();
        assert!((sum - 1.0).abs() < 1e-4, "{answers:?}");
    }
}

#[test]
fn next_turn_costs_its_own_words_only_and_says_the_same_as_from_the_beginning() {
    let place = Place::new();
    let mut judge = place.judge();
    let first = judge.judge(RUNBOOK, CALL, &in_a_minute()).unwrap();
    let longer = format!("{CALL}Agent: Is it still running?\nCaller: yes\n");
    let second = judge.judge(RUNBOOK, &longer, &in_a_minute()).unwrap();
    assert!(second.kept_tokens > first.kept_tokens && second.fresh_tokens < first.fresh_tokens);
    let alone = place.judge().judge(RUNBOOK, &longer, &in_a_minute()).unwrap();
    assert!(near(&second, &alone), "{second:?} {alone:?}");
}

#[test]
fn calls_of_two_shops_do_not_mix() {
    let place = Place::new();
    let mut judge = place.judge();
    let first = judge.judge(RUNBOOK, CALL, &in_a_minute()).unwrap();
    let other = judge.judge("We fix computers.", CALL, &in_a_minute()).unwrap();
    let again = judge.judge(RUNBOOK, CALL, &in_a_minute()).unwrap();
    assert!(near(&first, &again) && !near(&first, &other), "{first:?} {other:?} {again:?}");
    assert!(again.kept_tokens > again.fresh_tokens, "the first shop's runbook was at hand: {again:?}");
}

#[test]
fn read_runbook_is_restored_after_a_restart_and_proves_right() {
    let place = Place::new();
    let fresh = place.judge().prepare(RUNBOOK, &in_a_minute()).unwrap();
    assert!(!fresh.restored && fresh.tokens > 100);
    let computed = place.judge().judge("none of it", CALL, &in_a_minute()).unwrap();
    let mut again = place.judge();
    assert_eq!(again.prepare(RUNBOOK, &in_a_minute()), Ok(Ready { restored: true, ..fresh }));
    let verdict = again.judge(RUNBOOK, CALL, &in_a_minute()).unwrap();
    std::fs::remove_dir_all(place.states()).unwrap();
    let alone = place.judge().judge(RUNBOOK, CALL, &in_a_minute()).unwrap();
    assert!(near(&verdict, &alone) && !near(&computed, &alone));
}

#[test]
fn damaged_states_are_read_again() {
    let place = Place::new();
    place.judge().prepare(RUNBOOK, &in_a_minute()).unwrap();
    for file in std::fs::read_dir(place.states()).unwrap() {
        let path = file.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0xff;
        std::fs::write(&path, bytes).unwrap();
    }
    let ready = place.judge().prepare(RUNBOOK, &in_a_minute()).unwrap();
    assert!(!ready.restored);
}

#[test]
fn runbook_that_does_not_fit_is_cut_and_the_call_still_finds_room() {
    let mut judge = Place::new().judge();
    let long = "The printer on the second floor is known to jam; it can wait.\n".repeat(500);
    let ready = judge.prepare(&long, &in_a_minute()).unwrap();
    assert!(ready.lines_cut > 400 && ready.tokens <= judge.prefix_max(), "{ready:?}");
    let talk = "Caller: and another thing that happened was this\n".repeat(300);
    assert!(judge.judge(&long, &talk, &in_a_minute()).is_ok());
}

#[test]
fn stopped_reading_goes_on_where_it_was() {
    let mut judge = Place::new().judge();
    let (prefix, _) = judge.prefix(RUNBOOK);
    let past = Brake::new(Instant::now());
    assert_eq!(judge.prepare(RUNBOOK, &past), Err(Undone::Stopped));
    judge.extend(&prefix[..BATCH_MAX], &in_a_minute()).unwrap();
    assert_eq!(judge.judge(RUNBOOK, CALL, &past), Err(Undone::Stopped));
    let verdict = judge.judge(RUNBOOK, CALL, &in_a_minute()).unwrap();
    assert_eq!(verdict.kept_tokens, BATCH_MAX);
}

#[test]
fn card_is_json_of_the_grammar_or_refused_for_its_length() {
    let mut judge = Place::new().judge();
    match judge.write(RUNBOOK, CALL, CARD_TOKENS_MAX, &in_a_minute()) {
        Ok((json, tokens)) => {
            let card: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert!(card["summary"].is_string() && card["actions"].is_array() && tokens > 10);
        }
        Err(Undone::Broke(why)) => assert_eq!(why, "no whole card within 256 tokens"),
        Err(Undone::Stopped) => panic!("nothing stopped it"),
    }
    assert_eq!(
        judge.write(RUNBOOK, CALL, 3, &in_a_minute()),
        Err(Undone::Broke("no whole card within 3 tokens".into()))
    );
    assert!(judge.judge(RUNBOOK, CALL, &in_a_minute()).is_ok());
}

#[test]
fn what_looks_like_a_control_token_in_a_call_stays_text() {
    let judge = Place::new().judge();
    let tokens = judge.shared.tokens("<|end|>", false);
    assert!(tokens.len() > 1, "{tokens:?}");
}
