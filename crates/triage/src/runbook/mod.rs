//! A customer's runbook: what is known, who is woken for what, and free instructions (source A:33-48, B:39-45).

mod consult;
mod yaml;

pub(crate) use consult::{RunbookVerdict, consult, speaks_of_another_system};

use std::fmt;

use jiff::civil::DateTime;

/// Largest runbook, in bytes.
const RUNBOOK_BYTES_MAX: usize = 200 * 1024;

/// Per-customer context for triage.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Runbook {
    /// "Acme Corp".
    pub customer_name: Option<String>,
    /// "Mon-Fri 8a-6p CT"; for people and models, not parsed.
    pub business_hours: Option<String>,
    /// Things that are already known and need nobody at night.
    pub known_issues: Vec<String>,
    /// First match wins.
    pub escalation_rules: Vec<EscalationRule>,
    /// "production is blocked for more than 1 person".
    pub p1_threshold: Option<String>,
    /// What the caller may try before anybody is called; first match wins.
    pub scripted_answers: Vec<ScriptedAnswer>,
    /// Planned downtime.
    pub maintenance: Vec<MaintenanceWindow>,
    /// Free text for the model and for people.
    pub instructions: Option<String>,
}

/// Steps that often mend a matter (source B:37-43): "reboot the Meraki", "wait", "did that fix it?".
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptedAnswer {
    /// Phrases joined by OR and AND, as in a trigger.
    pub when: String,
    /// Said one after the other, each in the owner's words; at least one.
    pub steps: Vec<String>,
}

/// Planned downtime (source C:14): what it concerns wakes nobody while it lasts. Life safety is never concerned.
#[derive(Debug, Clone, PartialEq)]
pub struct MaintenanceWindow {
    /// Words that callers use, joined by OR and AND: "email OR outlook".
    pub what: String,
    /// First minute, the shop's wall time.
    pub from: DateTime,
    /// First minute after it.
    pub to: DateTime,
}

/// When these words come, tell that person (source A:40-45).
#[derive(Debug, Clone, PartialEq)]
pub struct EscalationRule {
    /// Phrases joined by OR and AND: "server down OR can't access email".
    pub trigger: String,
    /// Whom to tell; `None` with [`Method::Noop`].
    pub target: Option<String>,
    /// How.
    pub method: Method,
}

/// How an escalation rule reaches its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Text message.
    Sms,
    /// Phone call.
    Call,
    /// Email.
    Email,
    /// Chat message.
    Slack,
    /// Nobody is woken: a ticket for the morning.
    Noop,
}

/// One thing that is wrong with a runbook file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunbookFault {
    /// As given by the reader.
    pub file: String,
    /// From 1; 0 when it concerns the whole file.
    pub line: u64,
    /// From 1; 0 when unknown.
    pub column: u64,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub write_instead: String,
}

impl fmt::Display for RunbookFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.what)?,
            line => write!(f, "{}:{line}:{}: {}", self.file, self.column, self.what)?,
        }
        if self.write_instead.is_empty() { Ok(()) } else { write!(f, " ({})", self.write_instead) }
    }
}

impl std::error::Error for RunbookFault {}

impl Runbook {
    /// Reads a file's bytes: `.txt` is instructions only, everything else is YAML.
    ///
    /// # Errors
    /// All faults found, each with its line; also for files that are too large or not UTF-8.
    pub fn read(bytes: &[u8], file_name: &str) -> Result<Self, Vec<RunbookFault>> {
        let fault = |what: String, write_instead: &str| {
            vec![RunbookFault {
                file: file_name.to_owned(),
                line: 0,
                column: 0,
                what,
                write_instead: write_instead.to_owned(),
            }]
        };
        if bytes.len() > RUNBOOK_BYTES_MAX {
            let what = format!("the runbook has {} KB; at most 200 KB are read", bytes.len().div_ceil(1024));
            return Err(fault(what, "keep what a technician needs at night and move the rest elsewhere"));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count() as u64 + 1;
            let mut faults =
                fault("the file is not UTF-8 text".to_owned(), "save it as UTF-8 in your editor");
            faults[0].line = line;
            faults[0].column = 1;
            faults
        })?;
        let text = text.trim_start_matches('\u{feff}');
        let plain = file_name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("txt"));
        if plain { Ok(Self::plain_text(text)) } else { Self::parse_yaml(text, file_name) }
    }

    /// Reads YAML text.
    ///
    /// # Errors
    /// All faults found, each with line, column and what to write instead. Unknown keys are faults.
    pub fn parse_yaml(text: &str, file_name: &str) -> Result<Self, Vec<RunbookFault>> {
        yaml::parse(text, file_name)
    }

    /// A plain text runbook: instructions only.
    pub fn plain_text(text: &str) -> Self {
        let text = text.trim();
        Self { instructions: (!text.is_empty()).then(|| text.to_owned()), ..Self::default() }
    }

    /// The runbook as text for a model's prompt.
    pub(crate) fn as_prompt(&self) -> String {
        let mut out = String::new();
        let mut line = |name: &str, value: &str| {
            out.push_str(name);
            out.push_str(": ");
            out.push_str(value);
            out.push('\n');
        };
        if let Some(name) = &self.customer_name {
            line("customer", name);
        }
        if let Some(hours) = &self.business_hours {
            line("business hours", hours);
        }
        self.known_issues.iter().for_each(|issue| line("known issue", issue));
        for rule in &self.escalation_rules {
            let effect = if rule.method == Method::Noop { "morning ticket" } else { "escalate" };
            line(effect, &rule.trigger);
        }
        for answer in &self.scripted_answers {
            line("scripted answer", &format!("{}: {}", answer.when, answer.steps.join(" / ")));
        }
        for window in &self.maintenance {
            line("maintenance", &format!("{} from {} to {}", window.what, window.from, window.to));
        }
        if let Some(threshold) = &self.p1_threshold {
            line("P1 when", threshold);
        }
        if let Some(instructions) = &self.instructions {
            line("instructions", instructions);
        }
        out
    }
}

#[cfg(test)]
mod tests;
