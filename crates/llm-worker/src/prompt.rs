//! The texts that the judge reads; `models/README.md` describes them for people.

/// The fixed part, with a slot for the runbook.
const PROMPT: &str = include_str!("../../../models/judge-prompt.txt");

/// The questions, and how many of the letters A, B, C ... answer each.
pub(crate) const QUESTIONS: [(&str, usize); 3] = [("Severity:", 4), ("Service:", 5), ("Action:", 3)];

/// The question after a call.
pub(crate) const CARD: &str = "Card:";

/// What the answer to [`CARD`] may look like.
pub(crate) const CARD_GRAMMAR: &str = include_str!("card.gbnf");

/// Characters of a call that are read: the newest lines.
pub(crate) const CALL_CHARS_MAX: usize = 1500;

/// The prompt with a runbook in it.
pub(crate) fn prefix(runbook: &str) -> String {
    let runbook = runbook.trim();
    let runbook = if runbook.is_empty() { "none" } else { runbook };
    PROMPT.trim_end().replace("{runbook}", runbook)
}

/// The newest lines of a call, as they follow the prompt; at most `chars_max` characters of them.
pub(crate) fn call(lines: &str, chars_max: usize) -> String {
    format!("\nCall:\n{}\n", newest(lines.trim(), chars_max))
}

/// Whole lines from the end; of a single line that is too long its end.
fn newest(lines: &str, chars_max: usize) -> &str {
    let from = lines.char_indices().rev().nth(chars_max.saturating_sub(1)).map_or(0, |(at, _)| at);
    let rest = &lines[from..];
    if from == 0 || lines[..from].ends_with('\n') {
        return rest;
    }
    rest.split_once('\n').map_or(rest, |(_, whole)| whole)
}

/// A runbook without its last lines: so many of `tokens` as `tokens_max` allows, and one less at least.
/// `None` when nothing is left.
pub(crate) fn shorter(runbook: &str, tokens: usize, tokens_max: usize) -> Option<String> {
    let lines: Vec<&str> = runbook.trim().lines().collect();
    let keep = (lines.len() * tokens_max / tokens.max(1)).min(lines.len().saturating_sub(1));
    (keep > 0).then(|| lines[..keep].join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runbook_stands_in_its_slot_and_none_without_one() {
        assert!(prefix("We fix boilers.\n").ends_with("\n\nRunbook:\nWe fix boilers."));
        assert!(prefix(" ").ends_with("\n\nRunbook:\nnone"));
    }

    #[test]
    fn newest_whole_lines_of_a_long_call_are_kept() {
        let lines = "Caller: first\nAgent: second\nCaller: third\n";
        assert_eq!(call(lines, 1500), "\nCall:\nCaller: first\nAgent: second\nCaller: third\n");
        assert_eq!(call(lines, 20), "\nCall:\nCaller: third\n");
        assert_eq!(call("Caller: größer", 4), "\nCall:\nößer\n");
        assert_eq!(call("", 4), "\nCall:\n\n");
    }

    #[test]
    fn runbook_that_is_too_long_loses_its_last_lines_until_nothing_is_left() {
        let mut runbook = Some("a\nb\nc\nd".to_owned());
        let mut seen = Vec::new();
        while let Some(text) = runbook {
            seen.push(text.replace('\n', ""));
            runbook = shorter(&text, 100, 80);
        }
        assert_eq!(seen, ["abcd", "abc", "ab", "a"]);
    }
}
