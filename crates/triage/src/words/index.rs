//! A list of phrase patterns, compiled once and found in a piece in one pass.

use super::{
    lexicon::{Lexicon, Meaning, present},
    pattern::{Classes, Match, Pattern, Reading},
    token::Piece,
};

/// Patterns by their first word. `entry` is the caller's own number for a pattern.
pub(crate) struct Index {
    lexicon: Lexicon,
    patterns: Vec<(usize, Pattern)>,
    openers: Openers,
}

impl Index {
    /// Compiles `(entry, pattern)` pairs.
    pub(crate) fn compile<'s>(sources: impl Iterator<Item = (usize, &'s str)>, classes: Classes) -> Self {
        let mut lexicon = Lexicon::default();
        let mut patterns = Vec::new();
        for (entry, source) in sources {
            let compiled = Pattern::compile(source, classes, &mut lexicon);
            patterns.extend(compiled.into_iter().map(|pattern| (entry, pattern)));
        }
        let openers = Openers::of(patterns.iter().map(|(_, pattern)| pattern));
        Self { lexicon, patterns, openers }
    }

    /// Every match, in the order of the words; several per entry.
    pub(crate) fn find(&self, piece: &Piece) -> Vec<(usize, Match)> {
        let meanings = self.lexicon.read(piece);
        let present = present(&meanings);
        let mut found = Vec::new();
        for at in 0..meanings.len() {
            for number in self.openers.starting_with(&meanings[at]) {
                let (entry, pattern) = &self.patterns[number as usize];
                let reading = Reading { piece, meanings: &meanings, sees_masked: true, guesses: true };
                if pattern.may_match(&present) {
                    found.extend(pattern.match_at(reading, at).map(|m| (*entry, m)));
                }
            }
        }
        found
    }
}

/// Which patterns can begin with which word.
pub(crate) struct Openers {
    /// Lexicon id → pattern indices.
    by_word: Vec<Vec<u32>>,
    /// Patterns that can begin with anything.
    anywhere: Vec<u32>,
}

impl Openers {
    pub(crate) fn of<'p>(patterns: impl Iterator<Item = &'p Pattern>) -> Self {
        let (mut by_word, mut anywhere): (Vec<Vec<u32>>, Vec<u32>) = (Vec::new(), Vec::new());
        for (number, pattern) in (0_u32..).zip(patterns) {
            let Some(openers) = pattern.openers() else {
                anywhere.push(number);
                continue;
            };
            for id in openers.iter().map(usize::from) {
                if by_word.len() <= id {
                    by_word.resize(id + 1, Vec::new());
                }
                by_word[id].push(number);
            }
        }
        Self { by_word, anywhere }
    }

    pub(crate) fn starting_with(&self, meaning: &Meaning) -> Vec<u32> {
        let ids = meaning.heard.iter().flatten().chain(&meaning.sounds);
        let mut out: Vec<u32> =
            ids.filter_map(|id| self.by_word.get(usize::from(*id))).flatten().copied().collect();
        out.extend(&self.anywhere);
        out.sort_unstable();
        out.dedup();
        out
    }
}
