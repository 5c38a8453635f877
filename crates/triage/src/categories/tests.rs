//! Categories as callers describe them.

use domain::{Category, Level};

use super::{by_words, class, clues, joined};
use crate::{
    opinion::{Opinion, Severity, Stage},
    words::token::Piece,
};

/// One case per line: slug, then what the caller says.
const SAID: &str = include_str!("said.tsv");

#[test]
fn callers_words_find_their_category() {
    let mut wrong = Vec::new();
    for line in SAID.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let (slug, said) = line.split_once('\t').unwrap();
        let wanted = Category::from_slug(slug).unwrap();
        let got = by_words(&[Piece::read(said)]).map(|(category, _)| category);
        if got != Some(wanted) {
            wrong.push(format!("{slug}: {said} -> {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_category_has_clues_and_every_class_exists() {
    for category in Category::ALL {
        assert!(clues().any(|c| c.category == category), "{category:?}");
    }
    for word in clues().flat_map(|c| c.patterns).flat_map(|p| p.split_whitespace()).flat_map(|w| w.split('|'))
    {
        if let Some(name) = word.trim_start_matches(['?', '!', '^']).strip_prefix('@') {
            assert!(!class(name).is_empty(), "class {name}");
        }
    }
}

#[test]
fn sense_fills_in_where_words_say_little() {
    let sense = |category, sure| Opinion {
        category: Some((category, sure)),
        ..Opinion::new(Stage::Sense, Severity::Routine, 0.9)
    };
    let words = |level| Some((Category::Email, level));
    assert_eq!(joined(None, &[sense(Category::Vpn, 0.9)]), Some((Category::Vpn, Level::Medium)));
    assert_eq!(joined(None, &[sense(Category::Vpn, 0.4)]), None);
    assert_eq!(joined(None, &[sense(Category::Vpn, f32::NAN)]), None);
    assert_eq!(
        joined(words(Level::High), &[sense(Category::Vpn, 1.0)]),
        Some((Category::Email, Level::High))
    );
    assert_eq!(
        joined(words(Level::Low), &[sense(Category::Email, 0.6)]),
        Some((Category::Email, Level::Medium))
    );
    assert_eq!(
        joined(words(Level::Medium), &[sense(Category::Vpn, 0.7)]),
        Some((Category::Email, Level::Medium))
    );
}
