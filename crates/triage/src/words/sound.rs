//! How alike two words sound. A recogniser that mishears "gas" writes a real word of the same sound.
//!
//! A word becomes a short string of sound classes; the distance between two such strings counts a
//! voiced/unvoiced or vowel slip as a fraction of a wrong consonant. Works on spelling, so it is only
//! a hint: patterns accept a sound-alike only beside a word that was heard exactly.

use std::sync::LazyLock;

/// Share of the target's length that may differ, in percent.
const TOLERANCE_PERCENT: u16 = 26;

/// Longer words have no sound-alikes here.
const SOUNDS_MAX: usize = 16;

/// Ordinary words near a hazard word: they mean themselves. (Where recognisers do write one of them for a
/// hazard word, the pattern names it: "my outlet is parking".) Sorted.
const OWN_WORDS: &[&str] = &[
    "accepted",
    "accessed",
    "air",
    "alert",
    "allen",
    "alone",
    "amp",
    "appearing",
    "applying",
    "area",
    "arm",
    "attacker",
    "ball",
    "ban",
    "bar",
    "bare",
    "bark",
    "bars",
    "base",
    "bath",
    "bathroom",
    "beast",
    "been",
    "beep",
    "bell",
    "best",
    "better",
    "bill",
    "billing",
    "bin",
    "blooms",
    "boost",
    "boring",
    "boss",
    "box",
    "brain",
    "bring",
    "brown",
    "bump",
    "burnt",
    "bus",
    "busy",
    "butter",
    "buyers",
    "cabin",
    "captain",
    "carbs",
    "careful",
    "caribbean",
    "carpet",
    "carry",
    "carton",
    "cartoon",
    "case",
    "cash",
    "cashing",
    "cast",
    "catching",
    "cause",
    "causing",
    "caution",
    "cell",
    "chalk",
    "class",
    "close",
    "cloud",
    "corner",
    "cost",
    "crashing",
    "current",
    "curtain",
    "cushion",
    "damp",
    "daughter",
    "detect",
    "director",
    "displaying",
    "doctor",
    "dump",
    "eight",
    "ejector",
    "elm",
    "enter",
    "excepted",
    "exhausted",
    "existed",
    "expanded",
    "expect",
    "expected",
    "expired",
    "explained",
    "explicit",
    "exploded",
    "export",
    "exported",
    "exports",
    "expressed",
    "failed",
    "fairness",
    "falls",
    "false",
    "famous",
    "farm",
    "fed",
    "feed",
    "fence",
    "field",
    "filled",
    "finance",
    "finish",
    "fire",
    "fires",
    "firms",
    "first",
    "fitness",
    "flat",
    "fled",
    "fleet",
    "flight",
    "flights",
    "flirt",
    "float",
    "floor",
    "flow",
    "fluid",
    "fold",
    "food",
    "foot",
    "force",
    "forces",
    "formats",
    "forms",
    "fourths",
    "frames",
    "freed",
    "french",
    "fresh",
    "fringe",
    "fruit",
    "fun",
    "funny",
    "furniture",
    "future",
    "garage",
    "garbage",
    "gate",
    "gaze",
    "geese",
    "gets",
    "getting",
    "ghost",
    "glass",
    "go",
    "goes",
    "goose",
    "gotten",
    "grace",
    "grass",
    "guessing",
    "guest",
    "gutter",
    "guy",
    "guys",
    "had",
    "has",
    "hashing",
    "hat",
    "hate",
    "hay",
    "head",
    "heart",
    "heater",
    "heavy",
    "height",
    "hey",
    "hi",
    "hid",
    "hide",
    "high",
    "hint",
    "hire",
    "hit",
    "hope",
    "hot",
    "hotter",
    "hurt",
    "jump",
    "just",
    "karen",
    "keys",
    "kiss",
    "lack",
    "lake",
    "lame",
    "late",
    "later",
    "latter",
    "layer",
    "lead",
    "leader",
    "leads",
    "leaf",
    "league",
    "learn",
    "leave",
    "letter",
    "lick",
    "lighter",
    "like",
    "link",
    "litter",
    "load",
    "lock",
    "look",
    "loud",
    "luck",
    "mail",
    "male",
    "manual",
    "manuals",
    "matter",
    "message",
    "meter",
    "mock",
    "moon",
    "must",
    "nature",
    "outer",
    "package",
    "page",
    "painting",
    "pairing",
    "paper",
    "park",
    "parking",
    "parks",
    "pass",
    "passage",
    "past",
    "paste",
    "pays",
    "peeling",
    "peeps",
    "pen",
    "people",
    "pep",
    "per",
    "percent",
    "phone",
    "phones",
    "phrase",
    "pick",
    "pie",
    "piece",
    "pies",
    "pip",
    "plain",
    "playing",
    "polling",
    "pooling",
    "poop",
    "pop",
    "popping",
    "porch",
    "porting",
    "post",
    "pouch",
    "praying",
    "prime",
    "prone",
    "proper",
    "proxy",
    "pruning",
    "pulling",
    "pump",
    "pure",
    "purpose",
    "purse",
    "pushing",
    "ran",
    "rather",
    "recipe",
    "retain",
    "return",
    "rick",
    "roman",
    "root",
    "rot",
    "rotate",
    "route",
    "router",
    "routine",
    "routing",
    "run",
    "rushing",
    "sabotage",
    "sage",
    "sale",
    "same",
    "sample",
    "sausage",
    "savage",
    "savings",
    "saying",
    "scale",
    "search",
    "selector",
    "sell",
    "sewer",
    "sewing",
    "shark",
    "shell",
    "shop",
    "siege",
    "simple",
    "skull",
    "slash",
    "smack",
    "small",
    "smaller",
    "smart",
    "smash",
    "smile",
    "snake",
    "soak",
    "sock",
    "soggy",
    "some",
    "souvenir",
    "space",
    "spare",
    "sparse",
    "speak",
    "speaks",
    "spec",
    "specs",
    "speech",
    "spell",
    "spike",
    "spoke",
    "sports",
    "sprain",
    "spring",
    "stale",
    "stamp",
    "staying",
    "stitch",
    "stock",
    "string",
    "strong",
    "such",
    "suggest",
    "sum",
    "summer",
    "sums",
    "supplying",
    "supposed",
    "surge",
    "swish",
    "switch",
    "switches",
    "tar",
    "temp",
    "ten",
    "tire",
    "tractor",
    "tune",
    "turn",
    "turns",
    "usage",
    "values",
    "virus",
    "wail",
    "wait",
    "waiter",
    "walking",
    "wall",
    "want",
    "war",
    "warm",
    "warn",
    "warns",
    "washing",
    "watching",
    "way",
    "weak",
    "wear",
    "weather",
    "week",
    "weeks",
    "weird",
    "well",
    "were",
    "wet",
    "what",
    "wheel",
    "where",
    "whether",
    "while",
    "whole",
    "why",
    "wider",
    "will",
    "winter",
    "wooden",
    "wore",
    "working",
    "writer",
    "writing",
    "written",
    "wrote",
    "year",
    "yet",
];

/// A word as sounds, ready to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sound {
    sounds: Vec<u8>,
    /// Which coarse groups of sounds occur, one bit each.
    groups: u8,
}

impl Sound {
    /// Sounds of a lower-case word: vowels `a` (a, e, u) `i` `o`; consonants by sound, not letter.
    pub(crate) fn of(word: &str) -> Self {
        let letters: Vec<u8> = word.bytes().filter(u8::is_ascii_lowercase).collect();
        let mut sounds = Vec::with_capacity(letters.len());
        let mut at = 0;
        while at < letters.len() {
            at += push_sound(&letters, at, &mut sounds);
        }
        sounds.dedup();
        let groups = sounds.iter().fold(0, |bits, sound| bits | group(*sound));
        Self { sounds, groups }
    }

    /// True when a recogniser could have written one for the other.
    pub(crate) fn is_close_to(&self, target: &Sound) -> bool {
        let (mine, theirs) = (self.sounds.len(), target.sounds.len());
        if mine == 0 || theirs == 0 || mine.max(theirs) > SOUNDS_MAX {
            return false;
        }
        let most = TOLERANCE_PERCENT * theirs as u16 / 10;
        // Two cheap lower bounds first: every surplus sound and every group that only one side has costs at
        // least half.
        let surplus = mine.abs_diff(theirs) as u16;
        let foreign = (self.groups ^ target.groups).count_ones() as u16;
        surplus.max(foreign) * 5 <= most && distance(&self.sounds, &target.sounds, most) <= most
    }
}

/// Sounds of different groups are never taken for each other.
fn group(sound: u8) -> u8 {
    match sound {
        b'a' | b'i' | b'o' => 1,
        b'b' | b'p' | b'v' | b'f' => 2,
        b'm' | b'n' | b'N' => 4,
        b'l' | b'r' | b'w' => 8,
        b'h' => 16,
        _ => 32,
    }
}

/// True when a word is ordinary English and never a misheard hazard word.
pub(crate) fn is_own_word(word: &str) -> bool {
    OWN_WORDS.binary_search(&word).is_ok()
}

/// Appends the sound at `at`; answers how many letters it took.
fn push_sound(letters: &[u8], at: usize, out: &mut Vec<u8>) -> usize {
    let here = letters[at];
    let next = letters.get(at + 1).copied().unwrap_or(0);
    let after = letters.get(at + 2).copied().unwrap_or(0);
    let pair: (&[u8], usize) = match (here, next, after) {
        (b'i', b'n', b'g') if letters.len() > 4 => (b"iN", 3),
        (b't', b'i', b'o') => (b"S", 2),
        (b't', b'c', b'h') => (b"C", 3),
        (b'd', b'g', _) => (b"j", 2),
        (b'p', b'h', _) => (b"f", 2),
        (b'c', b'k', _) | (b'q', b'u', _) => (b"k", 2),
        (b'g', b'h', _) => (if at == 0 { b"g" } else { b"" }, 2),
        (b'g', b'u', b'e' | b'i') | (b'g', b'e', b't') => (b"g", 1),
        (b'k', b'n', _) if at == 0 => (b"n", 2),
        (b'w', b'r', _) if at == 0 => (b"r", 2),
        (b'w', b'h', _) => (b"w", 2),
        (b'c', b'h', _) => (b"C", 2),
        (b's', b'h', _) => (b"S", 2),
        (b't', b'h', _) => (b"T", 2),
        (b'x', _, _) => (b"ks", 1),
        (b'c', b'e' | b'i' | b'y', _) => (b"s", 1),
        (b'c', _, _) => (b"k", 1),
        (b'g', b'e' | b'i' | b'y', _) if at > 0 => (b"j", 1),
        (b'e', 0, _) if at > 1 => (b"", 1),
        (b'a' | b'e' | b'i' | b'o' | b'u' | b'y', _, _) => return push_vowels(letters, at, out),
        _ => {
            out.push(here);
            return 1;
        }
    };
    out.extend_from_slice(pair.0);
    pair.1
}

/// A run of vowels is one sound, named after its loudest letter.
fn push_vowels(letters: &[u8], at: usize, out: &mut Vec<u8>) -> usize {
    let run = letters[at..].iter().take_while(|b| b"aeiouy".contains(b)).count();
    let group = &letters[at..at + run];
    let class = if group.contains(&b'o') {
        b'o'
    } else if group.ends_with(b"e") && group[0] == b'u' {
        b'a'
    } else if group.contains(&b'i') || group.contains(&b'y') || group == b"ee" || group == b"ea" {
        b'i'
    } else {
        b'a'
    };
    out.push(class);
    run
}

/// Weighted edit distance in tenths; gives up with the largest value once it must exceed `most`.
fn distance(a: &[u8], b: &[u8], most: u16) -> u16 {
    let costs = &*COSTS;
    let mut row = [0_u16; SOUNDS_MAX + 1];
    for (j, sound) in b.iter().enumerate() {
        row[j + 1] = row[j] + gap_cost(*sound);
    }
    for x in a {
        let mut diagonal = row[0];
        row[0] += gap_cost(*x);
        let mut least = row[0];
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + costs.swap(*x, *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j + 1] + gap_cost(*x)).min(row[j] + gap_cost(*y));
            least = least.min(row[j + 1]);
        }
        if least > most {
            return u16::MAX;
        }
    }
    row[b.len()]
}

/// Tenths of a wrong consonant that a missing or extra sound costs.
fn gap_cost(sound: u8) -> u16 {
    match sound {
        b'h' | b'w' | b't' | b'd' | b'n' | b'r' | b'l' => 6,
        b'a' | b'i' | b'o' => 5,
        _ => 10,
    }
}

/// Tenths that one sound for another costs, by the letters that name them.
struct Costs(Box<[[u8; 128]; 128]>);

static COSTS: LazyLock<Costs> = LazyLock::new(|| {
    const ALIKE: [&[u8]; 10] = [b"bp", b"dtT", b"gk", b"vf", b"zsT", b"jCS", b"mnN", b"lrw", b"aio", b"sS"];
    let mut table = Box::new([[10; 128]; 128]);
    for (x, row) in table.iter_mut().enumerate() {
        row[x] = 0;
    }
    for group in ALIKE {
        for x in group {
            for y in group.iter().filter(|y| *y != x) {
                table[usize::from(*x)][usize::from(*y)] = 4;
            }
        }
    }
    table[usize::from(b'k')][usize::from(b'C')] = 4;
    table[usize::from(b'C')][usize::from(b'k')] = 4;
    Costs(table)
});

impl Costs {
    fn swap(&self, a: u8, b: u8) -> u16 {
        u16::from(self.0[usize::from(a & 127)][usize::from(b & 127)])
    }
}
