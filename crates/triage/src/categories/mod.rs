//! Which of the 22 ticket categories a call belongs to (source C:17): one file per group, each a list of clues.
//!
//! ```text
//! caller's words → clues with weights → sum per category → the heaviest, and how clear it is
//! ```
//!
//! Only for computers and networks. The sense stage's opinion joins where the words say little.

mod accounts;
mod machines;
mod network;
mod office;
mod security;
mod servers;

use std::sync::LazyLock;

use domain::{Category, Level};

use crate::{
    opinion::{Opinion, Stage},
    words::{index::Index, pattern::Match, token::Piece},
};

/// A sense opinion below this says nothing: one in two.
const SENSE_HEARD: f32 = 0.5;
/// Above this it outweighs words of middling clearness.
const SENSE_SURE: f32 = 0.8;

/// Words that point to a category.
struct Clue {
    category: Category,
    /// 1 a hint, 3 its usual name, 5 beyond doubt, 8 beyond what else is said.
    weight: u32,
    patterns: &'static [&'static str],
}

const fn clue(category: Category, weight: u32, patterns: &'static [&'static str]) -> Clue {
    Clue { category, weight, patterns }
}

/// Groups in the order that decides a tie: what is rarer and more telling comes first.
const GROUPS: [&[Clue]; 6] =
    [security::CLUES, accounts::CLUES, servers::CLUES, network::CLUES, office::CLUES, machines::CLUES];

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let sources =
        clues().enumerate().flat_map(|(number, clue)| clue.patterns.iter().map(move |p| (number, *p)));
    Index::compile(sources, class)
});

fn clues() -> impl Iterator<Item = &'static Clue> {
    GROUPS.into_iter().flatten()
}

/// Word classes of the clues, used as `@name`.
fn class(name: &str) -> &'static str {
    const CLASSES: &[(&str, &str)] = &[
        ("cannot", "can_not|could_not|will_not_let|unable|not_able|not|trouble|having_trouble|issues|never"),
        (
            "bad",
            "down|out|dead|slow|offline|dropping|drop|drops|dropped|spotty|flaky|intermittent|crawling|crawl|terrible|lost|lose|not|gone|fail|failed|failing|issue|issues|problem|problems|cut|cutting|disconnect|disconnecting|keeps|unstable|laggy|awful|broke|broken|died|quit|unplugged|stopped",
        ),
        (
            "machine",
            "computer|laptop|pc|desktop|workstation|machine|tower|imac|macbook|mac|chromebook|surface|thinkpad|notebook|tablet|ipad|thin_client",
        ),
    ];
    CLASSES.iter().find(|(n, _)| *n == name).map_or("", |(_, words)| words)
}

/// What the words point to, and how clearly.
pub(crate) fn by_words(pieces: &[Piece]) -> Option<(Category, Level)> {
    let all: Vec<&Clue> = clues().collect();
    let mut heard: Vec<usize> = Vec::new();
    for piece in pieces {
        for (number, found) in INDEX.find(piece) {
            if !heard.contains(&number) && !ruled_out(piece, &found) {
                heard.push(number);
            }
        }
    }
    let mut sums: Vec<(Category, u32)> = Vec::new();
    for clue in all.iter().enumerate().filter(|(number, _)| heard.contains(number)).map(|(_, clue)| clue) {
        match sums.iter_mut().find(|(category, _)| *category == clue.category) {
            Some((_, sum)) => *sum += clue.weight,
            None => sums.push((clue.category, clue.weight)),
        }
    }
    // Stable: of equals the first stands, which the groups' order means.
    sums.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    let (best, weight) = *sums.first()?;
    let next = sums.get(1).map_or(0, |(_, sum)| *sum);
    let level = match (weight, weight - next) {
        (3.., 2..) => Level::High,
        (2.., 1..) => Level::Medium,
        _ => Level::Low,
    };
    Some((best, level))
}

/// "It's not the printer, it's …". Other negations belong to the trouble: "I can't print".
fn ruled_out(piece: &Piece, found: &Match) -> bool {
    let first = found.first();
    let before: Vec<&str> = piece.tokens[first.saturating_sub(4)..first]
        .iter()
        .map(|t| t.word.as_str())
        .filter(|w| !matches!(*w, "the" | "my" | "our" | "a" | "just"))
        .collect();
    matches!(before[..], [.., "is" | "was", "not"])
}

/// Words first; where they say little or nothing, the stages (sense, then judge, then cloud).
pub(crate) fn joined(words: Option<(Category, Level)>, opinions: &[Opinion]) -> Option<(Category, Level)> {
    let said = |stage: Stage| opinions.iter().filter(move |o| o.stage == stage).find_map(Opinion::category);
    let opinion = [Stage::Sense, Stage::Judge, Stage::Cloud]
        .into_iter()
        .find_map(said)
        .filter(|(_, sure)| *sure >= SENSE_HEARD);
    match (words, opinion) {
        (Some((category, Level::High)), _) => Some((category, Level::High)),
        (Some((category, level)), Some((other, _))) if category == other => Some((category, up(level))),
        (Some((_, Level::Low)), Some((category, sure))) => Some((category, level_of(sure))),
        (Some((_, Level::Medium)), Some((category, sure))) if sure >= SENSE_SURE => {
            Some((category, Level::Medium))
        }
        (None, Some((category, sure))) => Some((category, level_of(sure))),
        (words, _) => words,
    }
}

fn up(level: Level) -> Level {
    match level {
        Level::Low => Level::Medium,
        Level::Medium | Level::High => Level::High,
    }
}

fn level_of(sure: f32) -> Level {
    if sure >= SENSE_SURE { Level::Medium } else { Level::Low }
}

/// Waits for nobody's convenience: the day's work, even for one user.
pub(crate) fn is_same_day(category: Category) -> bool {
    match category {
        Category::Server
        | Category::Ups
        | Category::Connectivity
        | Category::Dns
        | Category::Firewall
        | Category::Phishing
        | Category::Backup
        | Category::Malware
        | Category::Breach => true,
        Category::Workstation
        | Category::Crash
        | Category::Patch
        | Category::License
        | Category::Vpn
        | Category::Email
        | Category::Password
        | Category::Locked
        | Category::Mfa
        | Category::Rdp
        | Category::M365
        | Category::Printer
        | Category::NewDevice => false,
    }
}

#[cfg(test)]
mod tests;
