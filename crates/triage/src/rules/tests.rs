//! The rule tables themselves: no typing error may hide in a pattern.

use std::collections::HashSet;

use super::{all_rules, classes, harmless};

#[test]
fn rule_ids_are_unique() {
    let mut seen = HashSet::new();
    for rule in all_rules() {
        assert!(seen.insert(rule.id), "{} twice", rule.id);
    }
}

#[test]
fn every_class_that_a_pattern_names_exists() {
    let patterns = all_rules().flat_map(|r| r.patterns).chain(harmless::PHRASES);
    for word in patterns.flat_map(|p| p.split_whitespace()).flat_map(|w| w.split('|')) {
        if let Some(name) = word.trim_start_matches(['?', '!', '^']).strip_prefix('@') {
            assert!(!classes::class(name).is_empty(), "class {name}");
        }
    }
}

#[test]
fn gaps_and_numbers_are_well_formed() {
    for pattern in all_rules().flat_map(|r| r.patterns).chain(harmless::PHRASES) {
        for word in pattern.split_whitespace() {
            if let Some(gap) = word.strip_prefix('~').or_else(|| word.strip_prefix("<>")) {
                assert!(gap.parse::<usize>().is_ok(), "{pattern}");
            }
            if let Some(range) = word.strip_prefix('#') {
                assert!(range.contains(".."), "{pattern}");
            }
        }
        assert!(
            !pattern.starts_with('~') && !pattern.split_whitespace().last().unwrap_or("~").starts_with('~'),
            "{pattern}"
        );
    }
}

/// One misheard word must not be enough: a sound-alike needs an exact partner.
#[test]
fn no_pattern_consists_of_one_sound_alike() {
    for pattern in all_rules().flat_map(|r| r.patterns) {
        let words: Vec<&str> = pattern.split_whitespace().filter(|w| !w.starts_with(['~', '!'])).collect();
        let guesses = |word: &str| {
            word.contains('%')
                || word
                    .split('|')
                    .filter_map(|w| w.strip_prefix('@'))
                    .any(|c| classes::class(c).contains('%'))
        };
        assert!(words.len() > 1 || !guesses(words[0]), "{pattern}");
    }
}
