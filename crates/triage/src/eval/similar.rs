//! Near-duplicates: the same sentence with a word changed measures the same thing twice.

use std::collections::BTreeMap;

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
    let mut numbers = BTreeMap::new();
    let own: Vec<Vec<usize>> = these.iter().map(|case| words(case, &mut numbers)).collect();
    let theirs: Vec<Vec<usize>> = others.iter().map(|case| words(case, &mut numbers)).collect();
    let mut found = Vec::new();
    for (case, own) in these.iter().zip(&own) {
        for (other, theirs) in others.iter().zip(&theirs) {
            let same_author = !case.author.is_empty() && case.author == other.author;
            let common = own.iter().filter(|word| theirs.binary_search(word).is_ok()).count();
            let share = common as f64 / (own.len() + theirs.len() - common).max(1) as f64;
            if case.id != other.id && !same_author && share > share_max {
                found.push(Alike { ids: (case.id.clone(), other.id.clone()), share });
            }
        }
    }
    found
}

/// The caller's words, as numbers, each once and in order.
fn words(case: &Case, numbers: &mut BTreeMap<String, usize>) -> Vec<usize> {
    let caller = case.turns.iter().filter(|turn| !turn.starts_with('>'));
    let spoken = caller
        .flat_map(|turn| turn.split(|c: char| !c.is_alphanumeric() && c != '\''))
        .filter(|word| !word.is_empty());
    let mut found: Vec<usize> = Vec::new();
    for word in spoken {
        let next = numbers.len();
        found.push(*numbers.entry(word.to_lowercase()).or_insert(next));
    }
    found.sort_unstable();
    found.dedup();
    found
}
