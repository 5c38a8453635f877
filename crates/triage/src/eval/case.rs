//! A labelled call, and reading files of them.

use std::{fmt, str::FromStr};

use domain::{Category, Issue, Language, Service, Trade};
use jiff::civil::{Date, DateTime, Time};

/// The day of cases that name only a time: the source's example night, a Thursday in February.
const EXAMPLE_NIGHT: Date = Date::constant(2026, 2, 12);

/// Columns of a file without a `# columns:` line.
const PLAIN: [&str; 6] = ["id", "profile", "local", "expected", "service", "turns"];

/// What may stand in a `# columns:` line.
const KNOWN: [&str; 12] = [
    "id", "author", "split", "profile", "local", "expected", "issue", "service", "category", "language",
    "kind", "turns",
];

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

/// What a case may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Split {
    /// Rules and models may be mended with it.
    #[default]
    Dev,
    /// Only measured.
    Held,
}

/// One labelled call.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Line in the file, from 1.
    pub line: usize,
    /// Name.
    pub id: String,
    /// Who wrote it: calls of one author resemble each other and stay in one split. Empty in plain files.
    pub author: String,
    /// What it may be used for.
    pub split: Split,
    /// Whose line.
    pub trade: Trade,
    /// Wall time.
    pub local: DateTime,
    /// Label.
    pub expected: Expected,
    /// What it is about, if the label says so.
    pub issue: Option<Issue>,
    /// Trade of the work, if the label has one.
    pub service: Option<Service>,
    /// Ticket category, for IT calls.
    pub category: Option<Category>,
    /// What the caller speaks.
    pub language: Language,
    /// The trick of an attack; empty elsewhere.
    pub kind: String,
    /// In order; at least one is the caller's. A turn that begins with `>` is the agent's.
    pub turns: Vec<String>,
    /// What the caller answers to the clarifying question, whenever it comes.
    pub if_asked: Option<String>,
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

/// Reads a file's text, of either form. Empty lines and comments (`#`) are skipped.
///
/// # Errors
/// Every line that is not a case.
pub fn parse(text: &str) -> Result<Vec<Case>, Vec<CaseFault>> {
    let mut reader = Reader { columns: PLAIN.to_vec(), cases: Vec::new(), faults: Vec::new() };
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        if let Err(what) = reader.line(number, line) {
            reader.faults.push(CaseFault { line: number, what });
        }
    }
    for case in &reader.cases {
        if !case.turns.iter().any(|turn| !turn.starts_with('>')) {
            let what = "the caller says nothing; write at least one caller turn".to_owned();
            reader.faults.push(CaseFault { line: case.line, what });
        }
    }
    if reader.faults.is_empty() { Ok(reader.cases) } else { Err(reader.faults) }
}

struct Reader {
    columns: Vec<&'static str>,
    cases: Vec<Case>,
    faults: Vec<CaseFault>,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) -> Result<(), String> {
        if let Some(names) = line.strip_prefix("# columns:") {
            self.columns = columns(names)?;
        } else if line.trim().is_empty() || line.starts_with('#') {
        } else if let Some(head) = line.strip_prefix("== ") {
            let columns: Vec<&str> = self.columns.iter().copied().filter(|c| *c != "turns").collect();
            let fields: Vec<&str> = head.split('|').map(str::trim).collect();
            self.cases.push(case(number, &columns, &fields, "|")?);
        } else if let Some((who, said)) = spoken(line) {
            let Some(case) = self.cases.last_mut() else {
                return Err("a spoken line before any call; write `== id | author | …` first".to_owned());
            };
            match who {
                Who::Caller => case.turns.push(said.to_owned()),
                Who::Agent => case.turns.push(format!("> {said}")),
                Who::IfAsked => case.if_asked = Some(said.to_owned()),
            }
        } else {
            let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
            self.cases.push(case(number, &self.columns, &fields, "tabs")?);
        }
        Ok(())
    }
}

enum Who {
    Caller,
    Agent,
    IfAsked,
}

fn spoken(line: &str) -> Option<(Who, &str)> {
    [("Caller:", Who::Caller), ("Agent:", Who::Agent), ("If asked:", Who::IfAsked)]
        .into_iter()
        .find_map(|(prefix, who)| Some((who, line.strip_prefix(prefix)?.trim())))
}

fn columns(names: &str) -> Result<Vec<&'static str>, String> {
    let known = |name: &str| KNOWN.into_iter().find(|k| *k == name);
    let found: Vec<&'static str> = names
        .split_whitespace()
        .map(|name| {
            known(name).ok_or_else(|| format!("column `{name}` is not known; write {}", KNOWN.join(", ")))
        })
        .collect::<Result<_, _>>()?;
    match ["id", "profile", "local", "expected"].into_iter().find(|needed| !found.contains(needed)) {
        Some(missing) => Err(format!("the column `{missing}` is missing")),
        None => Ok(found),
    }
}

fn case(line: usize, columns: &[&'static str], fields: &[&str], between: &str) -> Result<Case, String> {
    if fields.len() != columns.len() {
        return Err(format!(
            "{} fields instead of {}; write: {}, with {between} between",
            fields.len(),
            columns.len(),
            columns.join(", ").replace("local,", "local time,"),
        ));
    }
    let field = |name: &str| columns.iter().position(|c| *c == name).map_or("", |at| fields[at]);
    let (mut turns, mut if_asked) = (Vec::new(), None);
    for turn in field("turns").split('|').map(str::trim).filter(|turn| !turn.is_empty()) {
        match turn.strip_prefix("? ") {
            Some(answer) => if_asked = Some(answer.to_owned()),
            None => turns.push(turn.to_owned()),
        }
    }
    if field("id").is_empty() || (columns.contains(&"turns") && turns.is_empty()) {
        return Err("id and turns must not be empty".to_owned());
    }
    Ok(Case {
        line,
        id: field("id").to_owned(),
        author: field("author").to_owned(),
        split: split_named(field("split"))?,
        trade: match field("profile") {
            "trades" => Trade::Trades,
            "msp" => Trade::Msp,
            other => return Err(format!("profile `{other}` is not known; write trades or msp")),
        },
        local: local_time(field("local"))?,
        expected: field("expected").parse()?,
        issue: issue_named(field("issue"))?,
        service: service_named(field("service"))?,
        category: category_named(field("category"))?,
        language: match field("language") {
            "" | "-" | "en" => Language::English,
            "es" => Language::Spanish,
            other => return Err(format!("language `{other}` is not known; write en or es")),
        },
        kind: field("kind").to_owned(),
        turns,
        if_asked,
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

fn split_named(text: &str) -> Result<Split, String> {
    match text {
        "" | "-" | "dev" => Ok(Split::Dev),
        "held" => Ok(Split::Held),
        other => Err(format!("split `{other}` is not known; write held or dev")),
    }
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

/// Issues by the names they are stored under.
const ISSUES: [(&str, Issue); 19] = [
    ("gas", Issue::Gas),
    ("carbon_monoxide", Issue::CarbonMonoxide),
    ("electrical", Issue::Electrical),
    ("danger", Issue::Danger),
    ("water", Issue::Water),
    ("sewage", Issue::Sewage),
    ("no_heat", Issue::NoHeat),
    ("no_cooling", Issue::NoCooling),
    ("it_outage", Issue::ItOutage),
    ("it_trouble", Issue::ItTrouble),
    ("maintenance", Issue::Maintenance),
    ("minor_repair", Issue::MinorRepair),
    ("quote", Issue::Quote),
    ("scheduling", Issue::Scheduling),
    ("inquiry", Issue::Inquiry),
    ("non_service", Issue::NonService),
    ("sales_pitch", Issue::SalesPitch),
    ("robocall", Issue::Robocall),
    ("unknown", Issue::Unknown),
];

fn issue_named(text: &str) -> Result<Option<Issue>, String> {
    if matches!(text, "" | "-") {
        return Ok(None);
    }
    let found = ISSUES.iter().find(|(name, _)| *name == text).map(|(_, issue)| *issue);
    found.map(Some).ok_or_else(|| {
        let names: Vec<&str> = ISSUES.iter().map(|(name, _)| *name).collect();
        format!("issue `{text}` is not known; write {} or -", names.join(", "))
    })
}

fn category_named(text: &str) -> Result<Option<Category>, String> {
    if matches!(text, "" | "-") {
        return Ok(None);
    }
    Category::from_slug(text).map(Some).ok_or_else(|| {
        let slugs: Vec<&str> = Category::ALL.iter().map(|category| category.slug()).collect();
        format!("category `{text}` is not known; write {} or -", slugs.join(", "))
    })
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

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dev => "dev",
            Self::Held => "held",
        })
    }
}
