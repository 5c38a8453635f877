//! A Spanish answer in the English words that the other readers of this folder know: "me llamo Juan, vivo en la calle
//! Roble dos dieciocho" becomes "my name is Juan, it's 218 Calle Roble".
//!
//! Only what answers are made of is turned: yes and no, names, places, numbers, letters, and what callers ask in
//! between. Everything else stays as it is; this is for reading, never for the card, and what is an emergency is
//! decided from the original (triage reads Spanish itself).

mod dictionary;
mod numbers;

use super::text::{Word, padded, says_any, words};
use dictionary::{LETTERS, PHRASES, STREETS, WORDS};

/// The text with its Spanish answers in English.
pub fn in_english(text: &str) -> String {
    let words: Vec<Plain> = words(text).into_iter().map(Plain::from).collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (turned, used) = turned(&words[at..]);
        let stop = words.get(at + used - 1).is_some_and(|w| w.word.stop);
        for token in turned {
            out.push(Token { text: token, stop: false });
        }
        if let Some(last) = out.last_mut() {
            last.stop |= stop;
        }
        at += used;
    }
    written(&places(out))
}

/// True when the text has words that only somebody who speaks Spanish says; names and streets alone do not count.
pub fn is_spoken_in(text: &str) -> bool {
    let text = plain(&padded(text));
    let signs = [
        "me llamo",
        "mi nombre",
        "soy",
        "vivo",
        "calle",
        "avenida",
        "numero",
        "no quiero",
        "por favor",
        "hablo",
        "gracias",
        "tengo",
        "necesito",
        "aqui",
        "estoy",
        "es el",
        "es la",
        "para que",
        "si senor",
        "si senora",
        "hola",
        "se llama",
        "esta en",
        "dos",
        "tres",
        "cuatro",
        "cinco",
        "seis",
        "siete",
        "ocho",
        "nueve",
    ];
    says_any(&text, &signs)
}

/// "Spanish, please", "¿habla español?"
pub fn is_asked_for(text: &str) -> bool {
    let text = plain(&padded(text));
    says_any(
        &text,
        &[
            "espanol",
            "spanish please",
            "in spanish",
            "speak spanish",
            "para espanol",
            "someone who speaks spanish",
        ],
    )
}

/// "English, please", "en inglés".
pub fn is_declined(text: &str) -> bool {
    let text = plain(&padded(text));
    says_any(&text, &["in english", "english please", "speak english", "en ingles", "hablo ingles", "ingles"])
        && !says_any(
            &text,
            &["no hablo ingles", "no ingles", "don't speak english", "not speak english", "no speak english"],
        )
}

/// Only about the language: "English, please", "do you speak Spanish?"
pub fn is_about_language(text: &str) -> bool {
    (is_asked_for(text) || is_declined(text)) && text.split_whitespace().count() <= 8
}

/// The caller's matter said back: "mi sótano" becomes "su sótano".
pub fn turned_round(word: &str) -> &str {
    match word {
        "mi" | "nuestro" | "nuestra" => "su",
        "mis" | "nuestros" | "nuestras" => "sus",
        "tengo" | "tenemos" => "tiene",
        "estoy" => "está",
        "estamos" => "están",
        "me" => "le",
        "nos" => "les",
        "yo" => "usted",
        "necesito" => "necesita",
        "quiero" => "quiere",
        other => other,
    }
}

/// A word without accents beside what was written.
struct Plain {
    word: Word,
    plain: String,
}

impl From<Word> for Plain {
    fn from(word: Word) -> Self {
        let plain = plain(&word.low);
        Self { word, plain }
    }
}

struct Token {
    text: String,
    /// A pause follows.
    stop: bool,
}

/// Lower-case letters without accents.
fn plain(low: &str) -> String {
    low.chars()
        .map(|c| match c {
            'á' => 'a',
            'é' => 'e',
            'í' => 'i',
            'ó' => 'o',
            'ú' | 'ü' => 'u',
            'ñ' => 'n',
            other => other,
        })
        .collect()
}

/// What stands at the beginning in English, and how many words it took (at least one).
fn turned(words: &[Plain]) -> (Vec<String>, usize) {
    if let Some(spelled) = spelled(words) {
        return spelled;
    }
    let phrase =
        PHRASES.iter().filter(|(said, _)| begins_with(words, said)).max_by_key(|(said, _)| said.len());
    if let Some((said, english)) = phrase {
        return (english.split_whitespace().map(str::to_string).collect(), said.split(' ').count());
    }
    let lows: Vec<&str> = words.iter().map(|w| w.plain.as_str()).collect();
    if let Some((digits, used)) = numbers::number(&lows) {
        return (vec![digits], used);
    }
    let Some(first) = words.first() else { return (Vec::new(), 1) };
    match WORDS.iter().find(|(said, _)| *said == first.plain) {
        Some((_, english)) => (english.split_whitespace().map(str::to_string).collect(), 1),
        None => (vec![first.word.raw.clone()], 1),
    }
}

fn begins_with(words: &[Plain], phrase: &str) -> bool {
    let mut at = 0;
    for wanted in phrase.split(' ') {
        // A pause inside is none of the phrase, unless the recogniser put a comma after "sí".
        if words.get(at).is_none_or(|w| w.plain != wanted) {
            return false;
        }
        at += 1;
    }
    true
}

/// Three or more names of letters in a row: "ka, o, doble u".
fn spelled(words: &[Plain]) -> Option<(Vec<String>, usize)> {
    let mut letters = Vec::new();
    let mut used = 0;
    while used < words.len() {
        let Some((name, letter)) = LETTERS.iter().find(|(name, _)| begins_with(&words[used..], name)) else {
            break;
        };
        letters.push((*letter).to_string());
        used += name.split(' ').count();
    }
    (letters.len() >= 3).then_some((letters, used))
}

/// Brings the house number in front of the street: "calle Roble número 218" is "218 Calle Roble".
fn places(mut tokens: Vec<Token>) -> Vec<Token> {
    let is_street = |t: &Token| STREETS.contains(&plain(&t.text.to_lowercase()).as_str());
    let is_number = |t: &Token| t.text.bytes().all(|b| b.is_ascii_digit());
    // "218 de la calle Roble": nothing stands between number and street.
    let mut i = 1;
    while i < tokens.len() {
        let joins = matches!(tokens[i].text.as_str(), "de" | "la" | "the" | "at" | "del" | "in");
        if joins && is_number(&tokens[i - 1]) && !tokens[i - 1].stop {
            tokens.remove(i);
        } else {
            i += 1;
        }
    }
    let Some(street) = tokens.iter().position(is_street) else { return numbered_at_the_end(tokens) };
    if street > 0 && tokens.get(street - 1).is_some_and(is_number) {
        tokens[street].text = capitalised(&tokens[street].text);
        return tokens;
    }
    let number = (street + 2..tokens.len().min(street + 7)).find(|i| is_number(&tokens[*i]));
    if let Some(at) = number {
        move_number(&mut tokens, street, at);
    }
    tokens
}

/// "Oak Lane número 218".
fn numbered_at_the_end(mut tokens: Vec<Token>) -> Vec<Token> {
    let said = tokens
        .windows(2)
        .position(|pair| pair[0].text == "number" && pair[1].text.bytes().all(|b| b.is_ascii_digit()));
    let Some(at) = said.filter(|at| *at > 0) else { return tokens };
    let is_name = |t: &Token| t.text.chars().next().is_some_and(char::is_uppercase);
    let mut begins = at;
    while begins > 0 && is_name(&tokens[begins - 1]) && at - begins < 4 {
        begins -= 1;
    }
    if begins < at {
        move_number(&mut tokens, begins, at + 1);
    }
    tokens
}

/// Moves the run of digits at `at` in front of the street at `street`, and drops "number" before it.
fn move_number(tokens: &mut Vec<Token>, street: usize, at: usize) {
    let run = tokens[at..].iter().take_while(|t| t.text.bytes().all(|b| b.is_ascii_digit())).count();
    let digits: String = tokens[at..at + run].iter().map(|t| t.text.as_str()).collect();
    let stop = tokens[at + run - 1].stop;
    let from = if tokens[at - 1].text == "number" { at - 1 } else { at };
    tokens.drain(from..at + run);
    if let Some(last) = tokens.get_mut(from - 1) {
        last.stop = stop;
    }
    for token in &mut tokens[street..from - 1] {
        token.stop = false;
    }
    for token in &mut tokens[street..from] {
        token.text = capitalised(&token.text);
    }
    tokens.insert(street, Token { text: digits, stop: false });
}

fn capitalised(word: &str) -> String {
    if matches!(word, "de" | "la" | "del" | "los" | "las" | "the") {
        word.to_string()
    } else {
        super::summary::capitalised(word)
    }
}

fn written(tokens: &[Token]) -> String {
    let parts: Vec<String> =
        tokens.iter().map(|t| if t.stop { format!("{},", t.text) } else { t.text.clone() }).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests;
