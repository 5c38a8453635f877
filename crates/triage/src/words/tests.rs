//! Tokens, stems, sounds.

use super::{
    sound::{Sound, is_own_word},
    stem::stem,
    token::Piece,
};

fn check_tokens(text: &str, expected: &str) {
    let words: Vec<String> = Piece::read(text).tokens.into_iter().map(|t| t.word).collect();
    assert_eq!(words.join(" "), expected);
}

#[test]
fn text_is_lower_case_without_contractions() {
    check_tokens("I DON'T smell gas", "i do not smell gas");
    check_tokens("It can't wait, won't stop", "it can not wait will not stop");
    check_tokens("Huele a gas; monóxido, niños", "huele a gas monoxido ninos");
    check_tokens("the C.O. alarm and the C O alarm", "the co alarm and the co alarm");
    check_tokens("no one can get in", "nobody can get in");
    check_tokens("the burn ing smell", "the burning smell");
}

#[test]
fn numbers_are_read_with_their_sign() {
    let numbers = |text: &str| Piece::read(text).tokens.iter().filter_map(|t| t.number).collect::<Vec<_>>();
    assert_eq!(numbers("it's fifteen degrees"), [15]);
    assert_eq!(numbers("twenty two or 85"), [22, 85]);
    assert_eq!(numbers("minus five, -10"), [-5, -10]);
    assert_eq!(numbers("two hundred thousand 99999999999"), [200]);
}

#[test]
fn word_forms_share_a_stem() {
    for (forms, base) in [
        ("leak leaks leaking leaked leaky", "leak"),
        ("spark sparks sparking sparked", "spark"),
        ("freeze freezing froze frozen", "freeze"),
        ("pipe pipes", "pipe"),
        ("drip drips dripping", "drip"),
        ("burn burnt burning burned", "burn"),
        ("smoke smoking smoky", "smoke"),
        ("baby babies", "baby"),
    ] {
        for form in forms.split(' ') {
            assert_eq!(stem(form), stem(base), "{form}");
        }
    }
}

#[test]
fn different_words_keep_different_stems() {
    for (a, b) in [
        ("gas", "glass"),
        ("spark", "sparkling"),
        ("ceiling", "ceil"),
        ("water", "wait"),
        ("fire", "furnace"),
    ] {
        assert_ne!(stem(a), stem(b));
    }
}

#[test]
fn misheard_words_sound_alike() {
    for (heard, meant) in [
        ("gaz", "gas"),
        ("guess", "gas"),
        ("smel", "smell"),
        ("sparkin", "sparking"),
        ("monoxyd", "monoxide"),
        ("alarum", "alarm"),
        ("suage", "sewage"),
    ] {
        assert!(Sound::of(heard).is_close_to(&Sound::of(meant)), "{heard} / {meant}");
    }
}

#[test]
fn false_friends_do_not_sound_alike() {
    for (heard, meant) in
        [("glass", "gas"), ("water", "gas"), ("working", "spark"), ("hot", "heat"), ("park", "spark")]
    {
        let close = Sound::of(heard).is_close_to(&Sound::of(meant)) && !is_own_word(heard);
        assert!(!close, "{heard} / {meant}");
    }
}
