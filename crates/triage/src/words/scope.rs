//! What is said *about* the matched words: that they are not so, that they might be, that they were.

use super::{
    cues::{
        AFTERTHOUGHT, ELSEWHERE, NEGATORS, NEW_STATEMENT, NOT_ABOUT_HAZARD, OFFERS, OLD, STILL_SO, WONDERS,
    },
    pattern::Match,
    token::Piece,
};

/// Why matched words do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Excuse {
    /// "I don't smell gas."
    Negated,
    /// "If my pipe bursts …"
    Conditional,
    /// "Do you handle gas leaks?"
    Inquiry,
    /// "Last year we had a flood."
    LongAgo,
    /// "I saw on the news …"
    Elsewhere,
    /// "… but it was just dust."
    Explained,
    /// A low battery's chirp: "beeps once a minute, I think it's the battery" (set by `assess`).
    LowBattery,
    /// Words of a sales pitch (set by `assess`, which sees the whole call).
    Pitch,
}

impl Excuse {
    /// As the owner reads it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Excuse::Negated => "negated",
            Excuse::Conditional => "conditional",
            Excuse::Inquiry => "asked about, not reported",
            Excuse::LongAgo => "long ago",
            Excuse::Elsewhere => "not here",
            Excuse::Explained => "harmless cause found",
            Excuse::LowBattery => "low battery",
            Excuse::Pitch => "sales pitch",
        }
    }
}

/// The strongest reason why a match does not count, if there is one.
pub(crate) fn excuse(piece: &Piece, found: &Match) -> Option<Excuse> {
    if negated(piece, found) {
        return Some(Excuse::Negated);
    }
    if elsewhere(piece, found) {
        return Some(Excuse::Elsewhere);
    }
    if explained(piece, found) {
        return Some(Excuse::Explained);
    }
    if long_ago(piece, found) {
        return Some(Excuse::LongAgo);
    }
    if inquired(piece, found) {
        return Some(Excuse::Inquiry);
    }
    conditional(piece, found).then_some(Excuse::Conditional)
}

/// True when the words are denied: a negator governs the match or stands inside it unconsumed, or the
/// statement is taken back ("gas smell? no").
pub(crate) fn negated(piece: &Piece, found: &Match) -> bool {
    let tokens = &piece.tokens;
    let (first, last) = (found.first(), found.last());
    if but_now(piece, last) {
        return false;
    }
    // A "no" between the words counts when the next word is one of them: "left on, no flame, and it reeks" does not.
    let next_is_used = |i: usize| {
        (i + 1..=last)
            .find(|n| !tokens[*n].light || found.used.contains(n))
            .is_some_and(|n| found.used.contains(&n))
    };
    let inside =
        (first..=last).any(|i| !found.used.contains(&i) && governs(piece, i, found) && next_is_used(i));
    inside || before(piece, first, 7).any(|i| governs(piece, i, found) && reaches(piece, i, first)) || {
        // "the alarm is not going off": the negator follows a noun match at once.
        let after = &tokens[(last + 1).min(tokens.len())..];
        let mut rest = after.iter().take_while(|t| t.sentence == tokens[last].sentence).filter(|t| !t.light);
        let next = rest.next().map(|t| t.word.as_str());
        let then = rest.next().map(|t| t.word.as_str());
        matches!(
            (next, then),
            (
                Some("not"),
                Some("going" | "there" | "an" | "issue" | "problem" | "anymore" | "any" | "happening")
            )
        ) && !tokens[first..=last].iter().any(|t| t.word == "not")
    }
}

/// A "not" or "no" stands within five words before the match or inside it, in the same clause.
pub(crate) fn not_close_before(piece: &Piece, found: &Match) -> bool {
    let (first, last) = (found.first(), found.last());
    let clause = piece.tokens[first].clause;
    (first.saturating_sub(5)..=last).any(|i| {
        let token = &piece.tokens[i];
        token.clause == clause
            && !found.used.contains(&i)
            && matches!(token.word.as_str(), "not" | "never" | "no" | "nothing")
    })
}

fn governs(piece: &Piece, at: usize, found: &Match) -> bool {
    let tokens = &piece.tokens;
    let word = tokens[at].word.as_str();
    if !NEGATORS.contains(&word) || found.used.contains(&at) {
        return false;
    }
    let Some(next) = tokens.get(at + 1) else { return false };
    let next_content =
        tokens[at + 1..].iter().find(|t| !t.light || t.word == "just").map_or("", |t| t.word.as_str());
    if NOT_ABOUT_HAZARD.contains(&next_content) || NOT_ABOUT_HAZARD.contains(&next.word.as_str()) {
        return false;
    }
    // "No, I smell gas": an answer, not a determiner.
    let answers = word == "no"
        && (next.clause != tokens[at].clause
            || matches!(
                next.word.as_str(),
                "i" | "we"
                    | "it"
                    | "there"
                    | "the"
                    | "my"
                    | "our"
                    | "he"
                    | "she"
                    | "they"
                    | "this"
                    | "you"
                    | "hay"
                    | "no"
            ));
    // Spanish "no" before a verb is a plain negation: "no hay fuga".
    let spanish = word == "no"
        && next.word == "hay"
        && tokens.get(at + 2).is_some_and(|t| {
            matches!(t.word.as_str(), "fuga" | "gas" | "olor" | "humo" | "chispas" | "ningun" | "ninguna")
        });
    // "why isn't anybody", "isn't that dangerous?", "isn't there gas in here": a question, not a denial.
    let tag_question = word == "not"
        && at >= 1
        && matches!(next.word.as_str(), "that" | "it" | "this" | "there")
        && tokens[at].asked
        && (at < 2 || tokens[at - 2].clause != tokens[at].clause);
    (!answers || spanish) && !tag_question
}

/// "I didn't smell gas before, but I do now."
fn but_now(piece: &Piece, last: usize) -> bool {
    let sentence = piece.tokens[last].sentence;
    let rest: Vec<&str> = piece.tokens[last + 1..]
        .iter()
        .take_while(|t| t.sentence == sentence)
        .take(7)
        .map(|t| t.word.as_str())
        .collect();
    let but = rest.iter().position(|w| *w == "but");
    but.is_some_and(|at| {
        rest[at..].windows(2).any(|w| {
            matches!(w, ["do", "now"] | ["is", "now"] | ["does", "now"] | ["now", "i" | "it" | "there"])
        })
    })
}

/// A negator reaches a match when no new statement begins between them and few words intervene.
fn reaches(piece: &Piece, negator: usize, match_first: usize) -> bool {
    let tokens = &piece.tokens;
    let between = &tokens[negator + 1..match_first];
    if tokens[negator].sentence != tokens[match_first].sentence {
        return false;
    }
    let words_between = between.iter().filter(|t| !t.light).count();
    let list = between.iter().any(|t| matches!(t.word.as_str(), "or" | "nor" | "ni" | "o"));
    if tokens[negator].clause != tokens[match_first].clause && !list {
        return false;
    }
    let restarts = between.iter().any(|t| NEW_STATEMENT.contains(&t.word.as_str()))
        || between.windows(2).any(|w| {
            matches!(w[0].word.as_str(), "i" | "we" | "my" | "she" | "he")
                && !matches!(w[1].word.as_str(), "think" | "believe" | "guess")
        });
    // "nothing works and …", "I can't see because": verbs that take the negation for themselves.
    let absorbed = between.iter().any(|t| {
        matches!(t.word.as_str(), "works" | "working" | "helps" | "stop" | "stops" | "know" | "sure")
    });
    !restarts && !absorbed && words_between <= if list { 6 } else { 4 }
}

/// "if", "in case", "what if", "when would" before the match in the same statement.
fn conditional(piece: &Piece, found: &Match) -> bool {
    let tokens = &piece.tokens;
    let first = found.first();
    before(piece, first, 9).any(|i| {
        let word = tokens[i].word.as_str();
        let same = tokens[i].clause == tokens[first].clause;
        let last_word = i.checked_sub(1).map_or("", |p| tokens[p].word.as_str());
        let last_stem = i.checked_sub(1).map_or("", |p| tokens[p].stem.as_str());
        match word {
            "if" => same && !WONDERS.contains(&last_word) && !WONDERS.contains(&last_stem),
            "case" => same && matches!(last_word, "in" | "just"),
            "suppose" | "hypothetically" | "prevent" | "avoid" | "preventing" | "avoiding" | "prevention" => {
                same
            }
            "si" => same && i > 0 && i + 1 < first,
            "worried" | "afraid" | "scared" | "concerned" => {
                same && tokens[i + 1..first].iter().any(|t| {
                    matches!(t.word.as_str(), "will" | "might" | "could" | "may" | "would" | "going")
                })
            }
            "before" => {
                same && tokens.get(i + 1).is_some_and(|t| {
                    matches!(t.word.as_str(), "it" | "they" | "the" | "winter" | "my" | "our" | "something")
                })
            }
            "so" => same && tokens[i + 1..first].iter().take(3).any(|t| t.word == "not"),
            _ => false,
        }
    })
}

/// "Do you guys fix burst pipes?", "how much is a gas leak repair?"
fn inquired(piece: &Piece, found: &Match) -> bool {
    let tokens = &piece.tokens;
    let first = found.first();
    let sentence = tokens[first].sentence;
    let after = tokens[found.last()..].iter().take_while(|t| t.sentence == sentence);
    // "Do you come out for gas smells, because I've got one": he has got one.
    let reports = tokens[first..=found.last()].iter().any(|t| is_reporter(&t.word))
        || after.clone().zip(after.skip(1)).any(|(a, b)| {
            matches!(a.word.as_str(), "i" | "we")
                && matches!(b.word.as_str(), "have" | "got" | "smell" | "hear" | "see")
        });
    if reports {
        return false;
    }
    let starts: Vec<usize> =
        before(piece, first, 9).filter(|i| tokens[*i].sentence == tokens[first].sentence).collect();
    starts.iter().any(|&i| {
        let next = |n: usize| tokens.get(i + n).map_or("", |t| t.word.as_str());
        let asks = match tokens[i].word.as_str() {
            "do" | "does" | "can" | "could" | "would" => {
                matches!(next(1), "you" | "your" | "they")
                    && tokens[i..first].iter().any(|t| OFFERS.contains(&t.stem.as_str()))
            }
            "how" => {
                matches!(next(1), "much" | "do")
                    && !tokens[i..first].iter().any(|t| matches!(t.word.as_str(), "stop" | "shut" | "turn"))
            }
            "cost" | "price" | "quote" | "estimate" | "charge" => tokens[i].clause == tokens[first].clause,
            "cover" | "covers" | "covered" => tokens[i].clause == tokens[first].clause,
            "what" => matches!(next(1), "causes" | "would"),
            _ => false,
        };
        asks && !tokens[i..first]
            .iter()
            .any(|t| is_reporter(&t.word) || t.word == "because" || t.word == "but")
    })
}

/// Words of somebody who reports what happens to him.
fn is_reporter(word: &str) -> bool {
    matches!(word, "i" | "we" | "my" | "our" | "there" | "mine" | "ours" | "me")
}

/// An old date stands in the statement, in the past tense, and nothing says that it goes on.
fn long_ago(piece: &Piece, found: &Match) -> bool {
    let tokens = &piece.tokens;
    let (first, last) = (found.first(), found.last());
    let sentence = |i: &usize| tokens[*i].sentence == tokens[first].sentence;
    let indices: Vec<usize> = (0..tokens.len()).filter(sentence).collect();
    let dated: Vec<usize> =
        indices.iter().copied().filter(|i| OLD.iter().any(|phrase| starts_with(piece, *i, phrase))).collect();
    if dated.is_empty() {
        return false;
    }
    let clause = tokens[first].clause;
    // The statement's own clauses: from the date's clause to the match's, unless a present one lies between.
    let related = |i: &usize| {
        let (a, b) = (tokens[*i].clause.min(clause), tokens[*i].clause.max(clause));
        b - a <= 2
    };
    let present = |i: usize| {
        (tokens[i].clause == clause || tokens[i].clause == tokens[last].clause)
            && STILL_SO.contains(&tokens[i].word.as_str())
            && !found.used.contains(&i)
            && !(tokens[i].word == "back" && dated.iter().any(|d| d.abs_diff(i) <= 2))
    };
    let running = indices.iter().any(|i| {
        tokens[*i].clause == clause
            && matches!(tokens[*i].word.as_str(), "is" | "are" | "am" | "do" | "does" | "can" | "smell")
            && !dated.iter().any(|d| tokens[*d].clause == clause)
    });
    dated.iter().any(related) && !running && !indices.iter().any(|i| present(*i))
}

/// "I smelled something burning but it was just dust": a cause is named that does no harm.
fn explained(piece: &Piece, found: &Match) -> bool {
    const HARMLESS: &[&str] = &[
        "dust",
        "trash",
        "garbage",
        "dog",
        "cat",
        "cooking",
        "toast",
        "dinner",
        "food",
        "candle",
        "barbecue",
        "bbq",
        "skunk",
        "garlic",
        "cigarette",
        "incense",
        "popcorn",
        "rain",
        "condensation",
        "neighbor's",
        "drill",
        "test",
    ];
    let tokens = &piece.tokens[found.last() + 1..];
    let said: Vec<&str> = tokens.iter().take(14).map(|t| t.word.as_str()).collect();
    let named = said.windows(2).position(|w| {
        matches!(w, ["was" | "is", "just" | "only"] | ["to", "be"] | ["out", "it"] | ["think", "it"])
    });
    let but = said.iter().any(|w| matches!(*w, "but" | "turned" | "turns" | "realized"));
    but && named.is_some_and(|at| said[at..].iter().take(6).any(|w| HARMLESS.contains(w)))
}

fn elsewhere(piece: &Piece, found: &Match) -> bool {
    if (found.last()..piece.tokens.len())
        .any(|i| AFTERTHOUGHT.iter().any(|phrase| starts_with(piece, i, phrase)))
    {
        return true;
    }
    let sentence = piece.tokens[found.first()].sentence;
    (0..piece.tokens.len())
        .filter(|i| piece.tokens[*i].sentence == sentence)
        .any(|i| ELSEWHERE.iter().any(|phrase| starts_with(piece, i, phrase)))
        && !piece
            .tokens
            .iter()
            .any(|t| t.sentence == sentence && matches!(t.word.as_str(), "my" | "our" | "here" | "now"))
}

fn starts_with(piece: &Piece, at: usize, phrase: &[&str]) -> bool {
    phrase.iter().enumerate().all(|(i, word)| piece.tokens.get(at + i).is_some_and(|t| t.word == *word))
}

/// The indices of up to `words` content words before `first`, nearest first, with the light ones between.
fn before(piece: &Piece, first: usize, words: usize) -> impl Iterator<Item = usize> + '_ {
    let mut left = words;
    let sentence = piece.tokens.get(first).map_or(0, |t| t.sentence);
    (0..first).rev().take_while(move |i| {
        if !piece.tokens[*i].light {
            left = left.saturating_sub(1);
        }
        left > 0 && piece.tokens[*i].sentence == sentence
    })
}
