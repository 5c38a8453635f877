//! Every word that any pattern asks for, as a small number; and a call's words looked up in it once.

use std::collections::HashMap;

use super::{
    sound::{Sound, is_own_word},
    token::{Piece, Token},
};

/// Words of all patterns. Stems and exact words ("=word") are different entries.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    ids: HashMap<String, u16>,
    /// Words that a sound-alike may stand for.
    audible: Vec<(u16, Sound)>,
}

/// A set of lexicon words.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct WordSet(Vec<u64>);

impl WordSet {
    /// Adds one.
    pub(crate) fn insert(&mut self, id: u16) {
        let block = usize::from(id) / 64;
        if self.0.len() <= block {
            self.0.resize(block + 1, 0);
        }
        self.0[block] |= 1 << (id % 64);
    }

    /// True when `id` is one of them.
    pub(crate) fn has(&self, id: u16) -> bool {
        self.0.get(usize::from(id) / 64).is_some_and(|block| block & (1 << (id % 64)) != 0)
    }

    /// True when nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|block| *block == 0)
    }

    /// True when the sets share a member.
    pub(crate) fn meets(&self, other: &WordSet) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    /// All members.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        (0..self.0.len() * 64).filter_map(|id| u16::try_from(id).ok()).filter(|id| self.has(*id))
    }
}

/// What a token means to the patterns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Meaning {
    /// Ids of the stem, of the exact word, and of "any verb in -ing", when a pattern asks for them.
    pub(crate) heard: [Option<u16>; 3],
    /// Ids of words that it sounds like.
    pub(crate) sounds: Vec<u16>,
    /// Part of a harmless phrase such as "gas station".
    pub(crate) masked: bool,
}

/// Every id that any of the words stands for.
pub(crate) fn present(meanings: &[Meaning]) -> WordSet {
    let mut set = WordSet::default();
    for meaning in meanings {
        meaning.heard.iter().flatten().chain(&meaning.sounds).for_each(|id| set.insert(*id));
    }
    set
}

impl Lexicon {
    /// The id of a stem; new ones are added while patterns are compiled.
    pub(crate) fn add(&mut self, stem: &str) -> u16 {
        let next = u16::try_from(self.ids.len()).unwrap_or(u16::MAX);
        *self.ids.entry(stem.to_owned()).or_insert(next)
    }

    /// Allows sound-alikes of a word.
    pub(crate) fn add_audible(&mut self, id: u16, word: &str) {
        if self.audible.iter().all(|(known, _)| *known != id) {
            self.audible.push((id, Sound::of(word)));
        }
    }

    /// Looks all tokens of a piece up.
    pub(crate) fn read(&self, piece: &Piece) -> Vec<Meaning> {
        let mut seen: HashMap<&str, Vec<u16>> = HashMap::new();
        let tokens = &piece.tokens;
        (0..tokens.len())
            .map(|at| Meaning {
                heard: self.heard(&tokens[at]),
                sounds: seen
                    .entry(tokens[at].word.as_str())
                    .or_insert_with(|| self.sounds(&tokens[at]))
                    .clone(),
                masked: false,
            })
            .collect()
    }

    fn heard(&self, token: &Token) -> [Option<u16>; 3] {
        let verb = token.word.len() > 5 && token.word.ends_with("ing") && token.stem != token.word;
        let any_verb = if verb { self.ids.get("=*ing").copied() } else { None };
        [self.ids.get(&token.stem).copied(), self.ids.get(&format!("={}", token.word)).copied(), any_verb]
    }

    fn sounds(&self, token: &Token) -> Vec<u16> {
        if token.light || token.word.len() < 3 || token.number.is_some() || is_own_word(&token.word) {
            return Vec::new();
        }
        let sound = Sound::of(&token.word);
        self.audible.iter().filter(|(_, target)| sound.is_close_to(target)).map(|(id, _)| *id).collect()
    }
}
