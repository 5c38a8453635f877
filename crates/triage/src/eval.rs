//! Labelled calls → how often triage is right. The file format is the one of `nightdesk eval`:
//!
//! `id TAB profile TAB local time TAB expected TAB service TAB turns separated by |`
//!
//! Pure: the caller reads the file. Turns are the caller's; when the decision after a turn is the
//! clarifying question, the next turn is its answer.

use std::{fmt, str::FromStr};

use domain::{Classification, Decision, Service, Trade, Turn};
use jiff::civil::{Date, DateTime, Time};

use crate::{Context, Model, Runbook, run_turn};

/// The day of cases that name only a time: the source's example night, a Thursday in February.
const EXAMPLE_NIGHT: Date = Date::constant(2026, 2, 12);

/// Our clarifying question as the case's conversation has it.
const QUESTION: &str = "Is this something that needs attention tonight, or is it something that can wait until tomorrow morning?";

/// What a case should come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Somebody is woken.
    Emergency,
    /// Waits until the office opens.
    Routine,
    /// Recognised as spam.
    Spam,
    /// The clarifying question after the last turn.
    Ask,
    /// A real caller, whatever the class.
    AnyNotSpam,
}

/// What a case came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody is woken.
    Emergency,
    /// Waits.
    Routine,
    /// Spam.
    Spam,
    /// The clarifying question is asked.
    Ask,
    /// Nothing was said about a matter yet.
    Listen,
}

/// One labelled call.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Line in the file, from 1.
    pub line: usize,
    /// Name.
    pub id: String,
    /// Whose line.
    pub trade: Trade,
    /// Wall time.
    pub local: DateTime,
    /// Label.
    pub expected: Expected,
    /// Trade of the work, if the label has one.
    pub service: Option<Service>,
    /// The caller's turns, in order; at least one.
    pub turns: Vec<String>,
}

/// A line that is not a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFault {
    /// From 1.
    pub line: usize,
    /// What is wrong and what to write.
    pub what: String,
}

impl fmt::Display for CaseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.what)
    }
}

impl std::error::Error for CaseFault {}

/// A case that came out differently.
#[derive(Debug, Clone, PartialEq)]
pub struct Miss {
    /// The case.
    pub case: Case,
    /// What happened.
    pub got: Outcome,
    /// The final decision, with its reasons.
    pub decision: Decision,
}

/// The rates of a set of cases.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Cases run.
    pub cases: usize,
    /// Emergencies that woke somebody, of all expected emergencies; 1 when there are none.
    pub emergency_recall: f64,
    /// Routine calls that woke somebody, of all expected routine calls.
    pub false_wake_rate: f64,
    /// Real callers called spam, of all cases that are not spam.
    pub spam_error_rate: f64,
    /// Emergencies called spam: must be 0.
    pub emergencies_called_spam: usize,
    /// Cases whose class differs.
    pub misses: Vec<Miss>,
    /// Cases with the right class and another service than the label.
    pub service_misses: Vec<Miss>,
}

/// Reads a file's text. Empty lines and lines that begin with `#` are skipped.
///
/// # Errors
/// Every line that is not a case.
pub fn parse(text: &str) -> Result<Vec<Case>, Vec<CaseFault>> {
    let (mut cases, mut faults) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        match parse_line(number, line) {
            Ok(case) => cases.push(case),
            Err(what) => faults.push(CaseFault { line: number, what }),
        }
    }
    if faults.is_empty() { Ok(cases) } else { Err(faults) }
}

fn parse_line(line: usize, text: &str) -> Result<Case, String> {
    let fields: Vec<&str> = text.split('\t').map(str::trim).collect();
    let [id, profile, local, expected, service, turns] = fields[..] else {
        return Err(format!(
            "{} fields instead of 6; write: id, profile, local time, expected, service, turns, with tabs between",
            fields.len()
        ));
    };
    let turns: Vec<String> =
        turns.split('|').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect();
    if id.is_empty() || turns.is_empty() {
        return Err("id and turns must not be empty".to_owned());
    }
    Ok(Case {
        line,
        id: id.to_owned(),
        trade: match profile {
            "trades" => Trade::Trades,
            "msp" => Trade::Msp,
            other => return Err(format!("profile `{other}` is not known; write trades or msp")),
        },
        local: local_time(local)?,
        expected: expected.parse()?,
        service: service_named(service)?,
        turns,
    })
}

/// "21:10" (on the example night) or "2026-07-01 21:10".
///
/// # Errors
/// A sentence that says what to write.
pub fn local_time(text: &str) -> Result<DateTime, String> {
    let hint = || format!("local time `{text}` is not a time; write 21:10 or 2026-02-12 21:10");
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date.parse().map_err(|_| hint())?, time),
        None => (EXAMPLE_NIGHT, text),
    };
    let padded = if time.find(':') == Some(1) { format!("0{time}") } else { time.to_owned() };
    let time: Time = padded.parse().map_err(|_| hint())?;
    Ok(date.to_datetime(time))
}

fn service_named(text: &str) -> Result<Option<Service>, String> {
    Ok(Some(match text {
        "" | "-" | "any" => return Ok(None),
        "plumbing" => Service::Plumbing,
        "hvac" => Service::Hvac,
        "electrical" => Service::Electrical,
        "it" => Service::It,
        "general" => Service::General,
        "unknown" => Service::Unknown,
        other => {
            return Err(format!(
                "service `{other}` is not known; write plumbing, hvac, electrical, it, general, unknown or -"
            ));
        }
    }))
}

impl FromStr for Expected {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "emergency" => Ok(Self::Emergency),
            "routine" => Ok(Self::Routine),
            "spam" => Ok(Self::Spam),
            "ask" => Ok(Self::Ask),
            "any-not-spam" => Ok(Self::AnyNotSpam),
            other => Err(format!(
                "expected `{other}` is not known; write emergency, routine, spam, ask or any-not-spam"
            )),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Emergency => "emergency",
            Self::Routine => "routine",
            Self::Spam => "spam",
            Self::Ask => "ask",
            Self::AnyNotSpam => "any-not-spam",
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Emergency => "emergency",
            Self::Routine => "routine",
            Self::Spam => "spam",
            Self::Ask => "ask",
            Self::Listen => "listen",
        })
    }
}

impl Outcome {
    /// The outcome of a decision.
    pub fn of(decision: &Decision) -> Self {
        match decision.classification {
            Some(Classification::Emergency) => Self::Emergency,
            Some(Classification::Routine) => Self::Routine,
            Some(Classification::Spam) => Self::Spam,
            None if decision.nothing_said_yet() => Self::Listen,
            None => Self::Ask,
        }
    }

    fn meets(self, expected: Expected) -> bool {
        match expected {
            Expected::Emergency => self == Self::Emergency,
            Expected::Routine => self == Self::Routine,
            Expected::Spam => self == Self::Spam,
            Expected::Ask => self == Self::Ask,
            Expected::AnyNotSpam => self != Self::Spam,
        }
    }
}

/// Plays caller turns one after the other; the decision after the last.
pub fn play(turns: &[String], mut ctx: Context, runbook: &Runbook, llm: &dyn Model) -> Option<Decision> {
    let mut said: Vec<Turn> = Vec::new();
    let mut decision = None;
    for turn in turns {
        said.push(Turn::caller(turn.as_str()));
        let next = run_turn(&said, &ctx, runbook, llm);
        if Outcome::of(&next) == Outcome::Ask {
            ctx.clarifying_asked = true;
            said.push(Turn::agent(QUESTION));
        }
        decision = Some(next);
    }
    decision
}

/// Runs all cases and counts.
pub fn score(cases: &[Case], runbook: &Runbook, llm: &dyn Model) -> Score {
    let (mut misses, mut service_misses, mut outcomes) = (Vec::new(), Vec::new(), Vec::new());
    for case in cases {
        let Some(decision) = play(&case.turns, Context::at(case.local, case.trade), runbook, llm) else {
            continue;
        };
        let got = Outcome::of(&decision);
        outcomes.push((case.expected, got));
        let other_service = case.service.is_some_and(|s| s != decision.service);
        let miss = Miss { case: case.clone(), got, decision };
        if !got.meets(case.expected) {
            misses.push(miss);
        } else if other_service && got != Outcome::Spam {
            service_misses.push(miss);
        }
    }
    let share = |of: fn(Expected) -> bool, hit: Outcome, when_none: f64| {
        let all = outcomes.iter().filter(|(expected, _)| of(*expected)).count();
        let hits = outcomes.iter().filter(|(expected, got)| of(*expected) && *got == hit).count();
        if all == 0 { when_none } else { hits as f64 / all as f64 }
    };
    Score {
        cases: outcomes.len(),
        emergency_recall: share(|e| e == Expected::Emergency, Outcome::Emergency, 1.0),
        false_wake_rate: share(|e| e == Expected::Routine, Outcome::Emergency, 0.0),
        spam_error_rate: share(|e| e != Expected::Spam, Outcome::Spam, 0.0),
        emergencies_called_spam: outcomes
            .iter()
            .filter(|o| **o == (Expected::Emergency, Outcome::Spam))
            .count(),
        misses,
        service_misses,
    }
}
