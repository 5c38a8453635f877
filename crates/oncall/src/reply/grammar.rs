//! From the words of a message to one of a few answers.

use domain::ReplyCode;

use super::{
    code::read_code,
    words::{DONE, FILLER, HELP, MACHINE, PASS, START, STOP, TAKE},
};

/// Longer messages are conversations, not answers.
const CHARS_MAX: usize = 160;

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// "1", "on my way".
    Take,
    /// "2", "can't".
    PassOn,
    /// "done", "called back".
    Done,
    /// STOP and its kin.
    Stop,
    /// START.
    Start,
    /// "help".
    Help,
    /// An auto-reply, a transcript, a receipt.
    Machine,
    /// Anything else.
    Unclear,
}

/// A message that has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What it says.
    pub answer: Answer,
    /// The code in it.
    pub code: Option<ReplyCode>,
}

/// Reads a message.
pub fn read(text: &str) -> Reply {
    let unclear = |code| Reply { answer: Answer::Unclear, code };
    let plain = plain(text);
    let padded = format!(" {} ", plain.words.join(" "));
    if MACHINE.iter().any(|m| padded.contains(&format!(" {m} "))) {
        return Reply { answer: Answer::Machine, code: None };
    }
    let whole = plain.words.join(" ");
    let is = |list: &[&str]| list.contains(&whole.as_str());
    for (list, answer) in [(STOP, Answer::Stop), (START, Answer::Start), (HELP, Answer::Help)] {
        if is(list) {
            return Reply { answer, code: None };
        }
    }
    let (code, rest) = match take_code(&plain.words) {
        Some(found) => found,
        None => return unclear(None),
    };
    if plain.strange || text.chars().count() > CHARS_MAX {
        return unclear(code);
    }
    match answer(&rest) {
        Some(answer) => Reply { answer, code },
        None => unclear(code),
    }
}

/// The answer of a message that consists of known phrases only. Saying both yes and no says nothing.
fn answer(words: &[String]) -> Option<Answer> {
    let (mut take, mut pass, mut done) = (false, false, false);
    let mut at = 0;
    while at < words.len() {
        let fits = |phrase: &str| {
            let parts: Vec<&str> = phrase.split(' ').collect();
            let same = words[at..].iter().zip(&parts).filter(|(w, p)| w.as_str() == **p).count();
            (same == parts.len()).then_some(parts.len())
        };
        let longest = |list: &[&str]| list.iter().filter_map(|phrase| fits(phrase)).max().unwrap_or(0);
        let found = [longest(TAKE), longest(PASS), longest(DONE), longest(FILLER)];
        let most = found.into_iter().max().filter(|most| *most > 0)?;
        match found.iter().position(|n| *n == most)? {
            0 => take = true,
            1 => pass = true,
            2 => done = true,
            _ => {}
        }
        at += most;
    }
    match (take, pass, done) {
        (_, false, true) => Some(Answer::Done),
        (true, false, false) => Some(Answer::Take),
        (false, true, false) => Some(Answer::PassOn),
        _ => None,
    }
}

/// Takes the code out of the words. `None` when two different ones are named.
fn take_code(words: &[String]) -> Option<(Option<ReplyCode>, Vec<String>)> {
    let mut code: Option<ReplyCode> = None;
    let mut rest = Vec::new();
    for word in words {
        // "1k7p" is an answer and a code
        let glued = word.strip_prefix(['1', '2']).and_then(read_code);
        let found = read_code(word).or_else(|| {
            rest.extend(glued.is_some().then(|| word[..1].to_string()));
            glued
        });
        match found {
            None => rest.push(word.clone()),
            Some(found) if code.as_ref().is_none_or(|c| *c == found) => code = Some(found),
            Some(_) => return None,
        }
    }
    Some((code, rest))
}

struct Plain {
    /// Small letters without accents, apostrophes and punctuation.
    words: Vec<String>,
    /// A question, or characters that no answer has.
    strange: bool,
}

fn plain(text: &str) -> Plain {
    let mut strange = false;
    let mut flat = String::new();
    for c in text.to_lowercase().chars() {
        match c {
            'á' | 'à' | 'â' => flat.push('a'),
            'é' | 'è' | 'ê' => flat.push('e'),
            'í' | 'ì' => flat.push('i'),
            'ó' | 'ò' => flat.push('o'),
            'ú' | 'ü' => flat.push('u'),
            'ñ' => flat.push('n'),
            '\'' | '’' | '‘' | '`' | '\u{301}' => {}
            c if c.is_ascii_alphanumeric() => flat.push(c),
            '-' | '.' | ',' | ';' | ':' | '!' | '¡' | '#' | '(' | ')' | '/' | '"' | '“' | '”' | '_' | '*' =>
            {
                flat.push(' ');
            }
            // a nod beside words is decoration; alone it is no answer, because no word is left
            '👍' | '👌' | '✅' | '🙏' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' => flat.push(' '),
            c if c.is_whitespace() || c.is_control() => flat.push(' '),
            _ => {
                strange = true;
                flat.push(' ');
            }
        }
    }
    Plain { words: flat.split_whitespace().map(str::to_string).collect(), strange }
}
