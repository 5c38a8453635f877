//! Phrase patterns: a compact notation for "these words, in this order, about this close together".
//!
//! | notation | means |
//! |---|---|
//! | `smell gas` | these stems, in order; articles and fillers between them are free |
//! | `leak\|drip` | either |
//! | `let_go` | a phrase as one alternative |
//! | `@ceiling` | a word class of `rules/classes.rs` |
//! | `~3` | up to three other words may stand here |
//! | `A <>3 B` | `A ~3 B` or `B ~3 A` |
//! | `=shock` | this very word, not its other forms |
//! | `=*ing` | any verb that ends in -ing |
//! | `%gas` | or a word that sounds like it (one such guess per match) |
//! | `?up` | may be missing |
//! | `#..32` | a number in this range |
//! | `!bill` | the next word is not this one |
//! | `^gas` | in a harmless phrase: this word no longer counts for hazards |

use super::{
    lexicon::{Lexicon, Meaning, WordSet},
    stem::stem,
    token::Piece,
};

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    elements: Vec<Element>,
    /// For each word that may not be missing, the words that can stand for it.
    needs: Vec<WordSet>,
}

#[derive(Debug, Clone)]
enum Element {
    Word { any: WordSet, sound: WordSet, phrases: Vec<Vec<u16>>, optional: bool, masks: bool },
    Number { min: i32, max: i32 },
    Gap(usize),
    NotNext(WordSet),
}

/// Where a pattern matched.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Match {
    /// Consumed token indices, ascending by element; never empty.
    pub(crate) used: Vec<usize>,
    /// Tokens that the pattern masks.
    pub(crate) masks: Vec<usize>,
    /// One word was only a sound-alike.
    pub(crate) guessed: bool,
}

impl Match {
    /// First consumed token.
    pub(crate) fn first(&self) -> usize {
        self.used.iter().copied().min().unwrap_or(0)
    }

    /// Last consumed token.
    pub(crate) fn last(&self) -> usize {
        self.used.iter().copied().max().unwrap_or(0)
    }
}

/// Text and the meaning of its tokens.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) piece: &'a Piece,
    pub(crate) meanings: &'a [Meaning],
    /// Masked words may be used: rules about harmless matters.
    pub(crate) sees_masked: bool,
    /// Sound-alikes may be used.
    pub(crate) guesses: bool,
}

/// Looks up the words of a class; unknown names are empty, which a test forbids.
pub(crate) type Classes = fn(&str) -> &'static str;

impl Pattern {
    /// Compiles one line of the notation into one or two patterns.
    pub(crate) fn compile(source: &str, classes: Classes, lexicon: &mut Lexicon) -> Vec<Pattern> {
        let words: Vec<&str> = source.split_whitespace().collect();
        let swap = words.iter().position(|w| w.starts_with("<>"));
        let Some(at) = swap else { return vec![Self::sequence(&words, classes, lexicon)] };
        let gap = format!("~{}", &words[at][2..]);
        let forth: Vec<&str> = [&words[..at], &[gap.as_str()], &words[at + 1..]].concat();
        let back: Vec<&str> = [&words[at + 1..], &[gap.as_str()], &words[..at]].concat();
        vec![Self::sequence(&forth, classes, lexicon), Self::sequence(&back, classes, lexicon)]
    }

    fn sequence(words: &[&str], classes: Classes, lexicon: &mut Lexicon) -> Pattern {
        let elements: Vec<Element> = words.iter().map(|w| Element::compile(w, classes, lexicon)).collect();
        let needs = elements.iter().filter_map(Element::openers).collect();
        Pattern { elements, needs }
    }

    /// Stems that a match can begin with; `None` when it can begin with anything (a number).
    pub(crate) fn openers(&self) -> Option<WordSet> {
        self.elements.first().and_then(Element::openers)
    }

    /// False when a needed word is nowhere in the piece: spares the search.
    pub(crate) fn may_match(&self, present: &WordSet) -> bool {
        self.needs.iter().all(|need| need.meets(present))
    }

    /// The match that begins at token `at`, if any.
    pub(crate) fn match_at(&self, reading: Reading<'_>, at: usize) -> Option<Match> {
        let mut found = Match { used: Vec::new(), masks: Vec::new(), guessed: false };
        (self.run(reading, 0, at, &mut found) && !found.used.is_empty()).then_some(found)
    }

    fn run(&self, reading: Reading<'_>, element: usize, at: usize, found: &mut Match) -> bool {
        let Some(this) = self.elements.get(element) else { return true };
        match this {
            Element::Gap(words) => self.run_gap(reading, element, at, *words, found),
            Element::NotNext(set) => {
                let next = (at..reading.meanings.len())
                    .find(|i| !reading.piece.tokens[*i].light || hears(reading, *i, set));
                let blocked =
                    next.is_some_and(|i| same_sentence(reading, found, i) && hears(reading, i, set));
                !blocked && self.run(reading, element + 1, at, found)
            }
            Element::Number { .. } | Element::Word { .. } => {
                let mut here = at;
                while here < reading.meanings.len() && same_sentence(reading, found, here) {
                    if self.consume(reading, element, here, found) {
                        return true;
                    }
                    if found.used.is_empty() || !reading.piece.tokens[here].light {
                        break;
                    }
                    here += 1;
                }
                matches!(this, Element::Word { optional: true, .. })
                    && self.run(reading, element + 1, at, found)
            }
        }
    }

    fn run_gap(
        &self,
        reading: Reading<'_>,
        element: usize,
        at: usize,
        words: usize,
        found: &mut Match,
    ) -> bool {
        let (mut here, mut left) = (at, words);
        loop {
            if self.run(reading, element + 1, here, found) {
                return true;
            }
            let Some(token) = reading.piece.tokens.get(here) else { return false };
            if !same_sentence(reading, found, here) || (!token.light && left == 0) {
                return false;
            }
            left -= usize::from(!token.light);
            here += 1;
        }
    }

    /// Takes the token at `at` for this element and goes on; undoes it when the rest does not fit.
    fn consume(&self, reading: Reading<'_>, element: usize, at: usize, found: &mut Match) -> bool {
        let before = (found.used.len(), found.masks.len(), found.guessed);
        let undo = |found: &mut Match| {
            found.used.truncate(before.0);
            found.masks.truncate(before.1);
            found.guessed = before.2;
        };
        match &self.elements[element] {
            Element::Number { min, max } => {
                if reading.piece.tokens[at].number.is_some_and(|n| *min <= n && n <= *max) {
                    found.used.push(at);
                    if self.run(reading, element + 1, at + 1, found) {
                        return true;
                    }
                    undo(found);
                }
            }
            Element::Word { any, sound, phrases, masks, .. } => {
                for (length, guessed) in readings_of(reading, at, any, sound, phrases, found.guessed) {
                    found.used.extend(at..at + length);
                    found.guessed |= guessed;
                    if *masks {
                        found.masks.extend(at..at + length);
                    }
                    if self.run(reading, element + 1, at + length, found) {
                        return true;
                    }
                    undo(found);
                }
            }
            Element::Gap(_) | Element::NotNext(_) => {}
        }
        false
    }
}

impl Element {
    /// Words that this element can begin with; `None` when it may be missing or takes anything.
    fn openers(&self) -> Option<WordSet> {
        match self {
            Element::Word { any, sound, phrases, optional: false, .. } => {
                let mut set = any.clone();
                sound
                    .iter()
                    .chain(phrases.iter().filter_map(|p| p.first().copied()))
                    .for_each(|id| set.insert(id));
                Some(set)
            }
            Element::Word { .. } | Element::Number { .. } | Element::Gap(_) | Element::NotNext(_) => None,
        }
    }

    fn compile(source: &str, classes: Classes, lexicon: &mut Lexicon) -> Element {
        if let Some(words) = source.strip_prefix('~') {
            return Element::Gap(words.parse().unwrap_or(0));
        }
        if let Some((min, max)) = source.strip_prefix('#').and_then(|range| range.split_once("..")) {
            return Element::Number {
                min: min.parse().unwrap_or(i32::MIN),
                max: max.parse().unwrap_or(i32::MAX),
            };
        }
        let (not_next, source) = strip(source, '!');
        let (optional, source) = strip(source, '?');
        let (masks, source) = strip(source, '^');
        let (mut any, mut sound, mut phrases) = (WordSet::default(), WordSet::default(), Vec::new());
        for alternative in alternatives(source, classes) {
            let (audible, word) = strip(alternative, '%');
            if word.contains('_') {
                phrases.push(word.split('_').map(|w| entry(w, lexicon)).collect());
                continue;
            }
            let id = entry(word, lexicon);
            any.insert(id);
            if audible {
                sound.insert(id);
                lexicon.add_audible(id, word);
            }
        }
        if not_next { Element::NotNext(any) } else { Element::Word { any, sound, phrases, optional, masks } }
    }
}

fn strip(source: &str, sign: char) -> (bool, &str) {
    source.strip_prefix(sign).map_or((false, source), |rest| (true, rest))
}

/// `a|@b|c` with classes opened (one level: classes hold no classes).
fn alternatives(source: &str, classes: Classes) -> Vec<&str> {
    source
        .split('|')
        .flat_map(|part| match part.strip_prefix('@') {
            Some(class) => classes(class).split(['|', ' ', '\n']).filter(|w| !w.is_empty()).collect(),
            None => vec![part],
        })
        .collect()
}

fn entry(word: &str, lexicon: &mut Lexicon) -> u16 {
    if word.starts_with('=') { lexicon.add(word) } else { lexicon.add(&stem(word)) }
}

fn same_sentence(reading: Reading<'_>, found: &Match, at: usize) -> bool {
    match (found.used.last(), reading.piece.tokens.get(at)) {
        (Some(last), Some(token)) => reading.piece.tokens[*last].sentence == token.sentence,
        _ => true,
    }
}

fn hears(reading: Reading<'_>, at: usize, set: &WordSet) -> bool {
    reading.meanings[at].heard.iter().flatten().any(|id| set.has(*id))
}

/// The ways in which the words at `at` can stand for an element: (tokens taken, guessed).
fn readings_of(
    reading: Reading<'_>,
    at: usize,
    any: &WordSet,
    sound: &WordSet,
    phrases: &[Vec<u16>],
    guessed_before: bool,
) -> Vec<(usize, bool)> {
    let mut out = Vec::new();
    for phrase in phrases {
        let fits = phrase.iter().enumerate().all(|(i, id)| {
            reading.meanings.get(at + i).is_some_and(|m| m.heard.iter().flatten().any(|heard| heard == id))
        });
        if fits {
            out.push((phrase.len(), false));
        }
    }
    let meaning = &reading.meanings[at];
    if meaning.masked && !reading.sees_masked {
        return out;
    }
    if hears(reading, at, any) {
        out.push((1, false));
    } else if reading.guesses
        && !guessed_before
        && !sound.is_empty()
        && meaning.sounds.iter().any(|id| sound.has(*id))
    {
        out.push((1, true));
    }
    out
}
