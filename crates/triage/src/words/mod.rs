//! The matching engine: caller text → tokens → phrase patterns with gaps → what the words are said about.
//!
//! ```text
//! text → tokens (lower case, contractions opened, numbers, clauses) → stem, sound
//!      → pattern (order, gaps, classes, sound-alikes)  → match → scope (negated? if? last year?)
//! ```
//!
//! Knows English word forms and nothing about pipes or gas: that is in `rules/`.

mod cues;
pub(crate) mod index;
pub(crate) mod lexicon;
pub(crate) mod pattern;
pub(crate) mod scope;
pub(crate) mod sound;
pub(crate) mod stem;
pub(crate) mod token;

#[cfg(test)]
mod tests;
