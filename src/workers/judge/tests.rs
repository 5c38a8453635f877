use proptest::prelude::*;

use super::*;

/// Speech-like sound: bursts of voice with pauses, at this amplitude.
fn speech(amplitude: f32) -> Vec<i16> {
    let wave = |at: usize| (at as f32 * 0.1).sin() * amplitude;
    (0..32_000)
        .map(|at| if at / 3200 % 2 == 0 { wave(at) as i16 } else { (wave(at) * 0.01) as i16 })
        .collect()
}

fn sound(voiced_ms: u32) -> Sound {
    Sound::measure(&speech(8000.0), voiced_ms)
}

/// Raw text on so much voice, and what is left: the text, or "dropped: why".
fn check(raw: &str, voiced_ms: u32, expected: &str) {
    let verdict = judge(raw, 0.9, &sound(voiced_ms));
    let left = verdict.dropped.map_or(verdict.text, |why| format!("dropped: {why}"));
    assert_eq!(left, expected, "{raw:?} on {voiced_ms} ms");
}

#[test]
fn what_people_say_stays_as_it_is() {
    for said in [
        "Yeah, uh, I've got water spraying out of a pipe in my basement.",
        "No.",
        "555-0123",
        "No, no, no, it's leaking!",
        "Thank you for calling back. Please subscribe me to the service plan.",
        "I smell gas (rotten eggs",
    ] {
        check(said, 2500, &said.replace('(', "").replace("  ", " "));
    }
}

#[test]
fn remarks_are_no_words() {
    check("[BLANK_AUDIO]", 1000, "dropped: bracketed");
    check(" (sighs) *music* ♪♪ ", 1000, "dropped: bracketed");
    check("[noise] There's gas (beep) here.", 1500, "There's gas here.");
    check("...", 1000, "dropped: bracketed");
}

#[test]
fn film_credits_go_wherever_they_stand() {
    check("Thanks for watching!", 2000, "dropped: phrase list");
    check("Please subscribe. Thank you for watching.", 2000, "dropped: phrase list");
    check("My pipe burst. Thanks for watching!", 2000, "My pipe burst.");
    check("¡Gracias por ver el vídeo!", 2000, "dropped: phrase list");
}

#[test]
fn filler_is_believed_only_with_enough_voice() {
    check("Thank you.", 120, "dropped: phrase list");
    check("Thank you.", 600, "Thank you.");
    check("you", 90, "dropped: phrase list");
    check("Gas.", 120, "Gas.");
}

#[test]
fn loop_is_unrolled_and_a_cry_for_help_stays() {
    check("Help help help help help!", 2500, "Help help");
    check(
        "there's water there's water there's water there's water everywhere",
        3000,
        "there's water there's water everywhere",
    );
}

#[test]
fn endless_loop_is_dropped() {
    check(&"the mill and ".repeat(30), 1500, "dropped: repetition");
    check(&"I'm going to go. ".repeat(40), 1000, "dropped: repetition");
}

#[test]
fn more_words_than_the_voice_can_hold_are_invented() {
    check(
        "So I was thinking that we should go there and see what happens next.",
        150,
        "dropped: more words than sound",
    );
    check("218 Oak Lane.", 300, "218 Oak Lane.");
}

#[test]
fn empty_text_is_nothing_said_and_nothing_dropped() {
    check("  ", 2000, "");
}

#[test]
fn guess_is_dropped_and_a_loop_lowers_confidence() {
    assert_eq!(judge("Some words.", 0.1, &sound(2000)).dropped, Some("guessed"));
    let looped = judge("help help help help help", 0.8, &sound(3000));
    assert!((looped.confidence - 0.4).abs() < 1e-6);
}

#[test]
fn silence_hiss_and_hum_are_heard_without_the_recogniser() {
    let why = |samples: &[i16], voiced_ms| Sound::measure(samples, voiced_ms).nobody_speaks();
    let hum: Vec<i16> = (0..32_000).map(|at| ((at as f32 * 0.02).sin() * 4000.0) as i16).collect();
    assert_eq!(why(&[], 0), Some("silence"));
    assert_eq!(why(&[0; 100], 2000), Some("silence"));
    assert_eq!(why(&[0; 32_000], 2000), Some("silence"));
    assert_eq!(why(&hum, 2000), Some("steady sound"));
    assert_eq!(why(&speech(8000.0), 0), Some("no voice"));
    assert_eq!(why(&speech(8000.0), 2000), None);
    // a caller 40 dB below full scale
    assert_eq!(why(&speech(330.0), 2000), None);
}

proptest! {
    /// Whatever a model writes, judging ends, and never adds words.
    #[test]
    fn judging_never_panics_and_never_adds(raw in "(\\PC|help |\\[|\\(|\\*){0,120}", voiced_ms in 0u32..10_000, probability in 0f32..1.0) {
        let verdict = judge(&raw, probability, &sound(voiced_ms));
        prop_assert!(verdict.text.chars().count() <= raw.chars().count());
        prop_assert!(verdict.dropped.is_none() || verdict.text.is_empty());
    }
}
