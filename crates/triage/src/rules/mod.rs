//! What callers say when something is wrong, one file per hazard.
//!
//! A rule is a list of phrase patterns (notation: `words/pattern.rs`) with a grade. It knows nothing of
//! time, tone or other rules; `assess` collects the matches and `decide` weighs them.

mod amplifiers;
mod carbon_monoxide;
mod classes;
mod cooling;
mod danger;
mod electrical;
mod gas;
mod harmless;
mod heat;
mod msp;
mod request;
mod routine;
mod sewage;
mod spam;
mod spanish;
mod spanish_office;
mod water;

use std::sync::LazyLock;

use domain::{Issue, Service};

use crate::words::{
    index::Openers,
    lexicon::{Lexicon, Meaning, present},
    pattern::{Match, Pattern, Reading},
    token::Piece,
};

/// What a match is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Grade {
    /// Gas, CO, electrical, danger to life: an emergency by itself; nothing lowers it.
    LifeSafety,
    /// Damage is happening now: an emergency unless the caller says that it is over or can wait.
    Urgent,
    /// No heat: an emergency when it is cold, at night or with vulnerable people.
    NoHeat,
    /// No cooling: an emergency with vulnerable people or in extreme heat.
    NoCooling,
    /// May be an emergency: the caller is asked.
    Unclear,
    /// Can wait until the office opens.
    Routine,
    /// The caller's own assessment: "this is an emergency", "I need someone now".
    Request,
    /// "It can wait until tomorrow."
    CanWait,
    /// "We shut it off", "it stopped".
    Resolved,
    /// "Just a drip", "a small stain".
    Slight,
    /// Children, elderly, medical conditions.
    Vulnerable,
    /// Freezing weather or a cold house.
    Cold,
    /// Extreme heat.
    Hot,
    /// Water is moving now, a lot of it.
    Flowing,
    /// Afraid, crying, does not know what to do.
    Distress,
    /// A sales pitch beyond doubt.
    Pitch,
    /// Sounds like a vendor; two of these make a pitch.
    VendorHint,
    /// A recorded voice.
    Recording,
    /// Only a real customer says this.
    Customer,
    /// A business cannot work (MSP).
    ItWide,
    /// One user's trouble (MSP).
    ItSingle,
    /// IT trouble of unknown reach (MSP).
    ItUnclear,
}

/// One concept and the ways in which people say it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    /// Stable id, such as `gas.smell`.
    pub(crate) id: &'static str,
    /// In the owner's reasoning line: "gas smell".
    pub(crate) label: &'static str,
    /// What it is about.
    pub(crate) issue: Issue,
    /// Trade, unless the words around say otherwise.
    pub(crate) service: Service,
    /// Worth.
    pub(crate) grade: Grade,
    /// Phrase patterns; any one is enough.
    pub(crate) patterns: &'static [&'static str],
}

/// A rule's match in a piece.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) rule: &'static Rule,
    pub(crate) found: Match,
}

/// All rules, compiled.
pub(crate) struct Book {
    lexicon: Lexicon,
    masks: Vec<Pattern>,
    masks_by_opener: Openers,
    patterns: Vec<(&'static Rule, Pattern)>,
    patterns_by_opener: Openers,
}

/// The rules, compiled on first use.
pub(crate) static BOOK: LazyLock<Book> = LazyLock::new(Book::compile);

/// Every rule file; a new hazard is a new file and one line here.
fn all_rules() -> impl Iterator<Item = &'static Rule> {
    [
        gas::RULES,
        carbon_monoxide::RULES,
        electrical::RULES,
        danger::RULES,
        water::RULES,
        sewage::RULES,
        heat::RULES,
        cooling::RULES,
        amplifiers::RULES,
        request::RULES,
        routine::RULES,
        spam::RULES,
        spanish::RULES,
        spanish_office::RULES,
        msp::RULES,
    ]
    .into_iter()
    .flatten()
}

impl Book {
    fn compile() -> Self {
        let mut lexicon = Lexicon::default();
        let compile = |source: &str, lexicon: &mut Lexicon| Pattern::compile(source, classes::class, lexicon);
        let masks: Vec<Pattern> =
            harmless::PHRASES.iter().flat_map(|source| compile(source, &mut lexicon)).collect();
        let mut patterns = Vec::new();
        for rule in all_rules() {
            for source in rule.patterns {
                patterns.extend(compile(source, &mut lexicon).into_iter().map(|pattern| (rule, pattern)));
            }
        }
        let masks_by_opener = Openers::of(masks.iter());
        let patterns_by_opener = Openers::of(patterns.iter().map(|(_, pattern)| pattern));
        Self { lexicon, masks, masks_by_opener, patterns, patterns_by_opener }
    }

    /// Everything that the rules find in a piece, in the order of the words.
    pub(crate) fn read(&self, piece: &Piece, guesses: bool) -> Vec<Finding> {
        let mut meanings = self.lexicon.read(piece);
        self.mask(piece, &mut meanings);
        let present = present(&meanings);
        let mut findings: Vec<Finding> = Vec::new();
        for at in 0..meanings.len() {
            for index in self.patterns_by_opener.starting_with(&meanings[at]) {
                let (rule, pattern) = &self.patterns[index as usize];
                if !pattern.may_match(&present) {
                    continue;
                }
                let reading =
                    Reading { piece, meanings: &meanings, sees_masked: rule.grade.sees_masked(), guesses };
                let Some(found) = pattern.match_at(reading, at) else { continue };
                let known = findings
                    .iter()
                    .rev()
                    .take_while(|f| f.found.last() + 40 > at)
                    .any(|f| std::ptr::eq(f.rule, *rule) && f.found.used == found.used);
                if !known {
                    findings.push(Finding { rule, found });
                }
            }
        }
        findings
    }

    fn mask(&self, piece: &Piece, meanings: &mut [Meaning]) {
        for at in 0..meanings.len() {
            for index in self.masks_by_opener.starting_with(&meanings[at]) {
                let reading = Reading { piece, meanings, sees_masked: true, guesses: false };
                if let Some(found) = self.masks[index as usize].match_at(reading, at) {
                    found.masks.iter().for_each(|i| meanings[*i].masked = true);
                }
            }
        }
    }
}

impl Grade {
    /// Masked words ("gas" in "gas station") are hidden from hazard rules only.
    fn sees_masked(self) -> bool {
        match self {
            Grade::LifeSafety
            | Grade::Urgent
            | Grade::NoHeat
            | Grade::NoCooling
            | Grade::Request
            | Grade::Vulnerable
            | Grade::Cold
            | Grade::Hot
            | Grade::Flowing
            | Grade::Distress
            | Grade::Unclear => false,
            Grade::Routine
            | Grade::CanWait
            | Grade::Resolved
            | Grade::Slight
            | Grade::Pitch
            | Grade::VendorHint
            | Grade::Recording
            | Grade::Customer
            | Grade::ItWide
            | Grade::ItSingle
            | Grade::ItUnclear => true,
        }
    }
}

#[cfg(test)]
mod tests;
