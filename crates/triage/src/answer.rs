//! The caller's answer to the one clarifying question (SAY-04): "tonight, or can it wait until morning?"

mod words;

use domain::Trade;
use words::{NOT_NOW, NOT_WAIT, NOW, WAIT};

use crate::words::token::Piece;

/// What the answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// "Tonight", "it can't wait".
    Now,
    /// "Tomorrow is fine", "no rush".
    Wait,
    /// Neither, or both.
    Unsure,
}

/// Reads the turns since the question; the last clear answer counts.
pub(crate) fn read(pieces: &[Piece], trade: Trade) -> Answer {
    pieces
        .iter()
        .rev()
        .map(|piece| one(piece, trade))
        .find(|a| *a != Answer::Unsure)
        .unwrap_or(Answer::Unsure)
}

fn one(piece: &Piece, trade: Trade) -> Answer {
    let words: Vec<&str> = piece.tokens.iter().map(|t| t.word.as_str()).collect();
    let text = spoken(piece);
    let says = |phrases: &[&str]| phrases.iter().any(|p| text.contains(&format!(" {p} ")));
    let wants_now = says(NOT_WAIT) || says(NOW) && !says(NOT_NOW);
    let can_wait = says(WAIT) && !says(NOT_WAIT) || says(NOT_NOW);
    match (wants_now, can_wait) {
        // "Tomorrow morning would be good, right now it's just dripping": one that can wait at all can wait.
        (true, true) if says(NOT_WAIT) => Answer::Now,
        (true, true) => last_said(&text),
        (true, false) => Answer::Now,
        (false, true) => Answer::Wait,
        (false, false) => short_reply(&words, trade),
    }
}

/// The words with a comma where a clause ends, so that no phrase reaches over it: "no, puede esperar".
fn spoken(piece: &Piece) -> String {
    let mut text = String::from(" ");
    let mut clause = 0;
    for token in &piece.tokens {
        if token.clause != clause {
            text.push_str(", ");
            clause = token.clause;
        }
        text.push_str(&token.word);
        text.push(' ');
    }
    text
}

/// "Tonight — well, actually, tomorrow is fine": whatever came last.
fn last_said(text: &str) -> Answer {
    let last = |phrases: &[&str]| phrases.iter().filter_map(|p| text.rfind(&format!(" {p} "))).max();
    if last(NOW) > last(WAIT) && last(NOW) > last(NOT_NOW) { Answer::Now } else { Answer::Wait }
}

/// "Yes." answers the first half of the question ("needs attention tonight"); "no" the same half.
fn short_reply(words: &[&str], trade: Trade) -> Answer {
    let content: Vec<&str> = words
        .iter()
        .copied()
        .filter(|w| {
            !matches!(
                *w,
                "uh" | "um"
                    | "well"
                    | "oh"
                    | "sir"
                    | "maam"
                    | "thanks"
                    | "thank"
                    | "you"
                    | "it"
                    | "is"
                    | "please"
                    | "i"
                    | "think"
                    | "guess"
                    | "so"
            )
        })
        .collect();
    let yes = |w: &str| {
        matches!(
            w,
            "yes"
                | "yeah"
                | "yep"
                | "yup"
                | "sure"
                | "correct"
                | "si"
                | "please"
                | "absolutely"
                | "definitely"
        )
    };
    let no = |w: &str| matches!(w, "no" | "nope" | "nah" | "naw");
    match (content.len(), trade) {
        (1..=2, _) if content.iter().all(|w| yes(w)) => Answer::Now,
        (1..=2, Trade::Trades) if content.iter().all(|w| no(w)) => Answer::Wait,
        _ => Answer::Unsure,
    }
}

/// True for our own clarifying question, however the owner worded it.
pub(crate) fn is_clarifying_question(said: &str) -> bool {
    let said = said.to_lowercase();
    said.contains('?')
        && (said.contains("wait until")
            || said.contains("needs attention")
            || said.contains("need attention")
            || said.contains("just you"))
}
