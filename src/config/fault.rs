//! What is wrong in the owner's file: where, what, and what to write instead.

use std::{fmt, ops::Range};

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// NightDesk does not start with it.
    Error,
    /// NightDesk starts; the owner should know.
    Warning,
}

/// One thing that is wrong in a file that the owner wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The file as it was named.
    pub file: String,
    /// Line, from 1; 0 when the file as a whole is meant.
    pub line: usize,
    /// Column in characters, from 1; 0 with line 0.
    pub column: usize,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong; never a secret.
    pub what: String,
    /// What to write instead.
    pub write_instead: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.severity {
            Severity::Error => "",
            Severity::Warning => "warning: ",
        };
        if self.line == 0 {
            write!(f, "{}: {kind}{}", self.file, self.what)?;
        } else {
            write!(f, "{}:{}:{}: {kind}{}", self.file, self.line, self.column, self.what)?;
        }
        write!(f, "\n    write: {}", self.write_instead)
    }
}

/// A place in the file: where a key stands, or its value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Place {
    /// `line.pbx.port`; empty for the whole file.
    pub(super) key: String,
    /// Bytes in the file.
    pub(super) span: Range<usize>,
}

impl Place {
    /// The place of a key below this one.
    pub(super) fn below(&self, key: &str, span: Range<usize>) -> Self {
        let key = if self.key.is_empty() { key.to_string() } else { format!("{}.{key}", self.key) };
        Self { key, span }
    }
}

/// Collects faults of one file while everything else is still looked at.
#[derive(Debug)]
pub(super) struct Faults<'a> {
    file: &'a str,
    text: &'a str,
    found: Vec<Fault>,
}

impl<'a> Faults<'a> {
    /// For a file with this name and text.
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, found: Vec::new() }
    }

    /// An error at a place.
    pub(super) fn error(&mut self, place: &Place, what: impl Into<String>, write_instead: impl Into<String>) {
        self.push(Severity::Error, place, what.into(), write_instead.into());
    }

    /// A warning at a place.
    pub(super) fn warn(&mut self, place: &Place, what: impl Into<String>, write_instead: impl Into<String>) {
        self.push(Severity::Warning, place, what.into(), write_instead.into());
    }

    /// An error in a file that this one names.
    pub(super) fn in_another_file(&mut self, fault: Fault) {
        self.found.push(fault);
    }

    /// Everything found, in the order of the file, then of the files that it names: errors, warnings.
    pub(super) fn finish(mut self) -> (Vec<Fault>, Vec<Fault>) {
        let own = self.file;
        let order = |f: &Fault| (f.file != own, f.file.clone(), f.line, f.column);
        self.found.sort_by_cached_key(order);
        self.found.into_iter().partition(|f| f.severity == Severity::Error)
    }

    fn push(&mut self, severity: Severity, place: &Place, what: String, write_instead: String) {
        let (line, column) = position(self.text, place.span.start);
        let file = self.file.to_string();
        self.found.push(Fault { file, line, column, severity, what, write_instead });
    }
}

/// Line and column, both from 1, of a byte.
pub(super) fn position(text: &str, byte: usize) -> (usize, usize) {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    let before = &text[..byte];
    let line_start = before.rfind('\n').map_or(0, |n| n + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The known word that was probably meant.
pub(super) fn nearest<'k>(written: &str, known: &[&'k str]) -> Option<&'k str> {
    let written = written.to_lowercase().replace('-', "_");
    let distance = |k: &&str| edits(&written, k);
    let best = known.iter().copied().min_by_key(distance)?;
    (distance(&best) <= 1 + written.chars().count() / 4).then_some(best)
}

/// Letters to insert, delete, change or swap with the next to get from one word to the other.
fn edits(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=to.len()).collect()];
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let change = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut least = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}
