//! The sets that come with NightDesk, and files that somebody names.

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use triage::eval::{self, Case};

/// One file of labelled calls.
pub(super) struct Set {
    /// Its name as it was given.
    pub(super) name: String,
    pub(super) cases: Vec<Case>,
    /// The set whose calls these are, as a recogniser heard them.
    pub(super) heard_for: Option<&'static str>,
    /// First comment of the file.
    comment: String,
}

impl Set {
    /// "spoken, heard by nightdesk-mini.en": from the comment that `--spoken` writes.
    pub(super) fn heard_how(&self) -> String {
        let by = self.comment.strip_prefix("What ").and_then(|rest| rest.split_once(" heard"));
        by.map_or("spoken and heard".to_owned(), |(model, _)| format!("spoken, heard by {model}"))
    }
}

/// Openings as they were written.
pub(super) const OPENINGS: &str = include_str!("../../../models/eval/openings.tsv");

const SHIPPED: [(&str, &str, Option<&str>); 4] = [
    ("openings.tsv", OPENINGS, None),
    ("conversations.txt", include_str!("../../../models/eval/conversations.txt"), None),
    ("attacks.tsv", include_str!("../../../models/eval/attacks.tsv"), None),
    ("spoken.tsv", include_str!("../../../models/eval/spoken.tsv"), Some("openings.tsv")),
];

/// These files, or the shipped sets when there are none.
pub(super) fn read(files: &[PathBuf]) -> anyhow::Result<Vec<Set>> {
    if files.is_empty() {
        return SHIPPED
            .into_iter()
            .map(|(name, text, heard_for)| Ok(Set { heard_for, ..parse(name, text)? }))
            .collect();
    }
    let one = |path: &PathBuf| {
        let name = path.display().to_string();
        let bytes = fs::read(path).with_context(|| format!("cannot read {name}"))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = good.iter().filter(|b| **b == b'\n').count() + 1;
            anyhow::anyhow!("{name}:{line}: the file is not UTF-8 text; save it as UTF-8")
        })?;
        parse(&name, &text)
    };
    files.iter().map(one).collect()
}

fn parse(name: &str, text: &str) -> anyhow::Result<Set> {
    let cases = eval::parse(text).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(|fault| format!("{name}:{fault}")).collect();
        anyhow::anyhow!("{}", lines.join("\n"))
    })?;
    let comment = text.lines().next().and_then(|line| line.strip_prefix('#')).unwrap_or_default();
    Ok(Set { name: name.to_owned(), cases, heard_for: None, comment: comment.trim().to_owned() })
}
