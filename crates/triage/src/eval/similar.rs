//! Near-duplicates: the same sentence with a word changed measures the same thing twice.

use std::collections::BTreeSet;

use super::case::Case;

/// Two cases that say nearly the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Alike {
    /// Ids.
    pub ids: (String, String),
    /// Words in common, of all words of both (Jaccard).
    pub share: f64,
}

/// Pairs of a case of `these` and one of `others` by another author that share more than `share_max` of their words.
pub fn alike(these: &[Case], others: &[Case], share_max: f64) -> Vec<Alike> {
    let other_words: Vec<BTreeSet<String>> = others.iter().map(words).collect();
    let mut found = Vec::new();
    for case in these {
        let own = words(case);
        for (other, words) in others.iter().zip(&other_words) {
            let same_case = case.id == other.id || (!case.author.is_empty() && case.author == other.author);
            let common = own.intersection(words).count();
            let share = common as f64 / (own.len() + words.len() - common).max(1) as f64;
            if !same_case && share > share_max {
                found.push(Alike { ids: (case.id.clone(), other.id.clone()), share });
            }
        }
    }
    found
}

fn words(case: &Case) -> BTreeSet<String> {
    let caller = case.turns.iter().filter(|turn| !turn.starts_with('>'));
    caller
        .flat_map(|turn| turn.split(|c: char| !c.is_alphanumeric() && c != '\''))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}
