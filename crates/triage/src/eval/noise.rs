//! Words as a recogniser mishears them on a telephone line: a seeded model of confusions.
//!
//! Of the errors 70 in 100 are other words that sound alike, 18 are lost words and 12 are added ones, which is
//! about what whisper does on 8 kHz speech. A substitute is a real word of the vocabulary, as recognisers write no
//! others. Sounds that a 300-3400 Hz band makes alike (s, f and th; p, t and k; m and n; vowels) cost little.

use std::collections::{BTreeMap, BTreeSet};

use domain::Language;

use super::case::Case;

/// Of an error: substituted, then lost; the rest is added.
const SUBSTITUTED: f64 = 0.70;
const LOST: f64 = 0.18;

/// As many words as sound most alike may take a word's place.
const CHOICES: usize = 4;

/// Small words that recognisers add.
const ADDED_ENGLISH: [&str; 8] = ["the", "a", "and", "you", "it", "to", "in", "so"];
const ADDED_SPANISH: [&str; 8] = ["el", "la", "y", "de", "que", "un", "en", "a"];

/// A confusion model with the vocabulary of some calls.
#[derive(Debug, Clone)]
pub struct Confuser {
    english: Vocabulary,
    spanish: Vocabulary,
}

#[derive(Debug, Clone, Default)]
struct Vocabulary {
    /// The words that sound most like each word, nearest first.
    nearest: BTreeMap<String, Vec<String>>,
}

impl Confuser {
    /// Learns the words that these callers use.
    pub fn new(cases: &[Case]) -> Self {
        let of = |language: Language| {
            let spoken = cases.iter().filter(|c| c.language == language).flat_map(|c| &c.turns);
            Vocabulary::new(spoken.flat_map(|turn| turn.split_whitespace()).map(bare).collect())
        };
        Self { english: of(Language::English), spanish: of(Language::Spanish) }
    }

    /// The case as it is heard with about this share of wrong words (0 to 1). The same case, share and seed always
    /// give the same words. Our own turns stay as they are.
    pub fn noisy(&self, case: &Case, word_errors: f64, seed: u64) -> Case {
        let mut dice = Dice::new(&case.id, seed);
        let mut hear = |text: &String| match text.starts_with('>') {
            true => text.clone(),
            false => self.mishear(text, case.language, word_errors, &mut dice),
        };
        let turns = case.turns.iter().map(&mut hear).collect();
        Case { turns, if_asked: case.if_asked.as_ref().map(&mut hear), ..case.clone() }
    }

    fn mishear(&self, text: &str, language: Language, word_errors: f64, dice: &mut Dice) -> String {
        let (vocabulary, added) = match language {
            Language::English => (&self.english, ADDED_ENGLISH),
            Language::Spanish => (&self.spanish, ADDED_SPANISH),
        };
        let mut heard: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            if dice.unit() >= word_errors {
                heard.push(word.to_owned());
                continue;
            }
            let kind = dice.unit();
            let alike = vocabulary.nearest.get(&bare(word));
            match alike.filter(|choices| !choices.is_empty()) {
                Some(choices) if kind < SUBSTITUTED => heard.push(dice.of(choices).clone()),
                _ if kind < SUBSTITUTED + LOST => {}
                _ => {
                    heard.push(word.to_owned());
                    heard.push((*dice.of(&added)).to_owned());
                }
            }
        }
        // A recogniser that hears a voice writes something.
        if heard.is_empty() { text.to_owned() } else { heard.join(" ") }
    }
}

impl Vocabulary {
    fn new(words: BTreeSet<String>) -> Self {
        let sounding: Vec<(&String, Vec<char>)> =
            words.iter().filter(|word| !word.is_empty()).map(|word| (word, sounds(word))).collect();
        // How a word begins is rarely lost altogether, and looking at fewer words is faster.
        let mut by_onset: BTreeMap<usize, Vec<(&String, &Vec<char>)>> = BTreeMap::new();
        for (word, sound) in &sounding {
            by_onset.entry(onset(sound)).or_default().push((*word, sound));
        }
        let nearest = |(word, sound): &(&String, Vec<char>)| {
            let mut others: Vec<(u32, &String)> = by_onset[&onset(sound)]
                .iter()
                .filter(|(other, theirs)| other != word && theirs.len().abs_diff(sound.len()) <= 1)
                .map(|(other, theirs)| (distance(sound, theirs), *other))
                .collect();
            others.sort_unstable();
            ((*word).clone(), others.into_iter().take(CHOICES).map(|(_, other)| other.clone()).collect())
        };
        Self { nearest: sounding.iter().map(nearest).collect() }
    }
}

/// Share of wrong words between what was said and what was heard: substitutions, losses and additions, of all words said.
pub fn word_error_rate(said: &str, heard: &str) -> f64 {
    let (said, heard): (Vec<String>, Vec<String>) =
        (said.split_whitespace().map(bare).collect(), heard.split_whitespace().map(bare).collect());
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (i, word) in said.iter().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, other) in heard.iter().enumerate() {
            let change = corner + usize::from(word != other);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[heard.len()] as f64 / said.len().max(1) as f64
}

/// A word without case and punctuation.
fn bare(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric() || *c == '\'').flat_map(char::to_lowercase).collect()
}

/// Roughly how a word sounds, one letter for each sound.
fn sounds(word: &str) -> Vec<char> {
    const SPELLED: [(&str, &str); 20] = [
        ("tion", "xn"),
        ("ough", "o"),
        ("igh", "i"),
        ("tch", "x"),
        ("ch", "x"),
        ("sh", "x"),
        ("th", "f"),
        ("ph", "f"),
        ("gh", ""),
        ("kn", "n"),
        ("wr", "r"),
        ("ck", "k"),
        ("qu", "kw"),
        ("x", "ks"),
        ("ee", "i"),
        ("ea", "i"),
        ("oo", "u"),
        ("ou", "o"),
        ("ai", "e"),
        ("ay", "e"),
    ];
    let mut rest = word;
    let mut sounds = Vec::new();
    while let Some(first) = rest.chars().next() {
        let spelled = SPELLED.iter().find(|(letters, _)| rest.starts_with(letters));
        let (length, sound) =
            spelled.map_or((first.len_utf8(), ""), |(letters, sound)| (letters.len(), *sound));
        match (spelled, first) {
            (Some(_), _) => sounds.extend(sound.chars()),
            (None, 'e') if rest.len() == 1 && sounds.len() > 1 => {}
            (None, 'c') if rest[1..].starts_with(['e', 'i', 'y']) => sounds.push('s'),
            (None, 'c' | 'q') => sounds.push('k'),
            (None, 'z') => sounds.push('s'),
            (None, 'y') => sounds.push('i'),
            (None, '\'' | 'h') => {}
            (None, other) => sounds.push(other),
        }
        rest = &rest[length..];
    }
    sounds.dedup();
    sounds
}

/// Weighted edit distance; a change within a group that the line makes alike costs 1, any other 3, a lost or added sound 2.
fn distance(these: &[char], others: &[char]) -> u32 {
    let mut row: Vec<u32> = (0..=others.len() as u32).map(|n| n * 2).collect();
    for (i, sound) in these.iter().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], (i as u32 + 1) * 2);
        for (j, other) in others.iter().enumerate() {
            let change = corner + change_cost(*sound, *other);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 2).min(row[j + 1] + 2);
        }
    }
    row[others.len()]
}

/// Sounds that the line makes alike.
const ALIKE: [&str; 5] = ["aeiouáéíóúw", "sfxj", "ptk", "bdgv", "mnlr"];

/// The group of a word's first sound.
fn onset(sound: &[char]) -> usize {
    let first = sound.first();
    ALIKE.iter().position(|group| first.is_some_and(|s| group.contains(*s))).unwrap_or(ALIKE.len())
}

fn change_cost(one: char, other: char) -> u32 {
    match one == other {
        true => 0,
        false if ALIKE.iter().any(|group| group.contains(one) && group.contains(other)) => 1,
        false => 3,
    }
}

/// Repeatable chance (SplitMix64), begun from a name.
struct Dice(u64);

impl Dice {
    fn new(name: &str, seed: u64) -> Self {
        // FNV-1a
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(hash ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0 up to 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// One of a list that is not empty.
    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[(self.next() % list.len() as u64) as usize]
    }
}
