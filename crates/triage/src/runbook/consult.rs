//! What a runbook says about a call: its triggers and known issues, matched on normalised words.

use domain::{Evidence, Trade};

use super::{EscalationRule, Method, Runbook};
use crate::{
    context::Context,
    words::token::{Piece, Token},
};

/// From this many P1s in 90 days on a company is nearer to its next one (source A:69-70 has three).
const TROUBLED_P1S: u32 = 2;

/// What the runbook adds to the rules.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunbookVerdict {
    /// Trigger of a rule that wakes somebody.
    pub(crate) escalate: Option<String>,
    /// Whom that rule names.
    pub(crate) target: Option<String>,
    /// Trigger of a noop rule: morning ticket.
    pub(crate) morning: Option<String>,
    /// A known issue that the caller describes.
    pub(crate) known: Option<String>,
    /// Planned downtime that covers the matter now.
    pub(crate) maintenance: Option<String>,
    /// Steps of the scripted answer that fits.
    pub(crate) steps: Vec<String>,
    /// "12 people can't work": the number, if one was said.
    pub(crate) people_stopped: Option<i32>,
    /// From this many people on it is a P1; 2 unless the runbook says otherwise, one less for a troubled company.
    pub(crate) p1_people: i32,
    /// The company has had several P1s lately.
    pub(crate) troubled: bool,
}

impl RunbookVerdict {
    /// Why nobody needs to be woken, if the runbook says so.
    pub(crate) fn quiet_reason(&self) -> Option<String> {
        match (&self.maintenance, &self.known, &self.morning) {
            (Some(what), ..) => Some(format!("maintenance window: {what}")),
            (None, Some(issue), _) => Some(format!("known issue: {issue}")),
            (None, None, Some(trigger)) => Some(format!("runbook, morning ticket: {trigger}")),
            (None, None, None) => None,
        }
    }

    pub(crate) fn evidence(&self) -> Vec<Evidence> {
        let item = |rule: &str, words: &Option<String>| {
            words.as_ref().map(|words| Evidence {
                rule: rule.to_owned(),
                words: words.clone(),
                excused: None,
            })
        };
        [
            item("runbook.escalate", &self.escalate),
            item("runbook.maintenance", &self.maintenance),
            item("runbook.known_issue", &self.known),
            item("runbook.morning_ticket", &self.morning),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// `None` for an empty runbook on a contractor's line: nothing to add.
pub(crate) fn consult(runbook: &Runbook, pieces: &[Piece], ctx: &Context) -> Option<RunbookVerdict> {
    if ctx.trade == Trade::Trades && *runbook == Runbook::default() {
        return None;
    }
    let fires = |wanted: fn(&EscalationRule) -> bool| {
        let rules = runbook.escalation_rules.iter().filter(|rule| wanted(rule));
        rules.filter_map(|rule| way(&rule.trigger, pieces).map(|way| (rule, way))).next()
    };
    let wakes = fires(|rule| rule.method != Method::Noop);
    let windows = runbook.maintenance.iter().filter(|w| w.from <= ctx.local && ctx.local < w.to);
    let troubled = ctx.company.p1s >= TROUBLED_P1S;
    let p1_people = runbook.p1_threshold.as_deref().and_then(threshold).unwrap_or(2);
    Some(RunbookVerdict {
        target: wakes.as_ref().and_then(|(rule, _)| rule.target.clone()),
        escalate: wakes.map(|(_, way)| way),
        morning: fires(|rule| rule.method == Method::Noop).map(|(_, way)| way),
        known: runbook.known_issues.iter().find(|issue| describes(issue, pieces)).cloned(),
        maintenance: windows.filter_map(|w| way(&w.what, pieces)).next(),
        steps: runbook
            .scripted_answers
            .iter()
            .find(|answer| way(&answer.when, pieces).is_some())
            .map_or_else(Vec::new, |answer| answer.steps.clone()),
        people_stopped: people(pieces),
        p1_people: if troubled { (p1_people - 1).max(1) } else { p1_people },
        troubled,
    })
}

/// "Email" is in maintenance, and the words speak of the internet too: something else is down.
pub(crate) fn speaks_of_another_system(words: &str, covered: &str) -> bool {
    const SYSTEMS: &[&str] = &[
        "email",
        "net",
        "server",
        "phon",
        "vpn",
        "firewall",
        "databas",
        "websit",
        "system",
        "pos",
        "citrix",
        "register",
        "switch",
        "router",
        "everything",
        "domain",
        "printer",
        "power",
    ];
    let covered: Vec<String> = Piece::read(covered).tokens.iter().map(meaning).collect();
    let named = Piece::read(words).tokens.iter().map(meaning).collect::<Vec<_>>();
    named.iter().any(|name| SYSTEMS.contains(&name.as_str()) && !covered.contains(name))
}

/// The first of the ways (joined by OR) all of whose phrases (joined by AND) were said.
fn way(trigger: &str, pieces: &[Piece]) -> Option<String> {
    trigger
        .split(" OR ")
        .find(|way| way.split(" AND ").all(|phrase| said(phrase, pieces)))
        .map(|way| way.trim().to_owned())
}

/// Every word of the phrase (or a word of the same meaning) stands in one sentence, unnegated.
fn said(phrase: &str, pieces: &[Piece]) -> bool {
    let wanted: Vec<String> = content(&Piece::read(phrase).tokens).iter().map(|t| meaning(t)).collect();
    if wanted.is_empty() {
        return false;
    }
    let denies = wanted.iter().any(|w| w == "not");
    pieces.iter().any(|piece| {
        let sentences = piece.tokens.last().map_or(0, |t| t.sentence);
        (0..=sentences).any(|sentence| {
            let tokens: Vec<&Token> = piece.tokens.iter().filter(|t| t.sentence == sentence).collect();
            let meanings: Vec<String> = tokens.iter().map(|t| meaning(t)).collect();
            // "nobody can" says the same as "everyone can't".
            let has = |w: &String| {
                meanings.contains(w)
                    || w == "not"
                        && meanings.iter().any(|m| m == "all")
                        && tokens.iter().any(|t| t.word == "nobody")
            };
            wanted.iter().all(has) && (denies || !denied(&tokens, &wanted))
        })
    })
}

/// "The server isn't down": a "not" directly before a wanted word.
fn denied(tokens: &[&Token], wanted: &[String]) -> bool {
    tokens.windows(2).any(|w| {
        matches!(w[0].word.as_str(), "not" | "no")
            && wanted.contains(&meaning(w[1]))
            && w[1].word != "working"
    })
}

/// Over half of a known issue's words (at least two) are in the caller's words.
fn describes(issue: &str, pieces: &[Piece]) -> bool {
    // Remarks after a dash ("— known, scheduled for Thursday") are for people.
    let issue = issue.split(['—', '–', ';']).next().unwrap_or(issue).split(" - ").next().unwrap_or(issue);
    let known = Piece::read(issue);
    let mut wanted: Vec<String> = content(&known.tokens).iter().map(|t| meaning(t)).collect();
    wanted.sort();
    wanted.dedup();
    let heard: Vec<String> = pieces.iter().flat_map(|p| &p.tokens).map(meaning).collect();
    let hits = wanted.iter().filter(|w| heard.contains(w)).count();
    hits >= 2 && hits * 2 >= wanted.len()
}

fn content(tokens: &[Token]) -> Vec<&Token> {
    const EMPTY: &[&str] =
        &["to", "at", "in", "on", "for", "with", "and", "or", "from", "it", "by", "we", "i", "they", "is"];
    tokens.iter().filter(|t| !t.light && !EMPTY.contains(&t.word.as_str())).collect()
}

/// Words that mean the same to an IT desk share a name.
fn meaning(token: &Token) -> String {
    const SAME: &[(&str, &[&str])] = &[
        ("down", &["down", "offline", "dead", "crash", "out", "unreachable", "fail"]),
        ("all", &["everyone", "everybody", "nobody", "all", "entire", "anybody", "anyone"]),
        ("reach", &["access", "reach", "open", "get", "connect", "login", "log"]),
        ("email", &["email", "mail", "outlook", "exchange", "inbox"]),
        ("net", &["internet", "network", "wifi", "online"]),
        ("slow", &["slow", "sluggish", "lag", "laggy"]),
        ("drop", &["drop", "disconnect", "intermittently", "intermittent"]),
        ("printer", &["print", "printer", "printing"]),
        ("password", &["password", "passwd", "passcode"]),
        ("server", &["server"]),
        ("not", &["not", "unable", "cannot", "no"]),
        ("lock", &["lock"]),
    ];
    let of =
        |word: &str| SAME.iter().find(|(_, words)| words.contains(&word)).map(|(name, _)| (*name).to_owned());
    of(&token.word).or_else(|| of(&token.stem)).unwrap_or_else(|| token.stem.clone())
}

/// The largest number of people named beside "users", "people", …
fn people(pieces: &[Piece]) -> Option<i32> {
    const PEOPLE: &[&str] = &[
        "user",
        "peopl",
        "employe",
        "staff",
        "computer",
        "workstation",
        "person",
        "agent",
        "nurs",
        "station",
        "machin",
        "doctor",
        "us",
        "desk",
        "teacher",
    ];
    let near = |tokens: &[Token], at: usize| {
        let number = tokens[at].number?;
        tokens[at + 1..].iter().take(3).any(|t| PEOPLE.contains(&t.stem.as_str())).then_some(number)
    };
    pieces.iter().flat_map(|p| (0..p.tokens.len()).filter_map(|at| near(&p.tokens, at))).max()
}

/// "blocked for more than 1 person" → 2; "at least 5 users" → 5.
fn threshold(text: &str) -> Option<i32> {
    let piece = Piece::read(text);
    let at = piece.tokens.iter().position(|t| t.number.is_some())?;
    let number = piece.tokens[at].number?;
    let exclusive = piece.tokens[..at].iter().any(|t| matches!(t.word.as_str(), "than" | "over" | "above"));
    Some(number.saturating_add(i32::from(exclusive)).max(1))
}
