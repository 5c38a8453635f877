//! The live calls on a terminal: one line per turn, the decision with its reason, the latency of each reply.

use std::{collections::HashMap, fmt::Write as _, io::IsTerminal as _};

use domain::{Alert, AlertState, CallId, CallStatus, Classification, Decision, LeadCard};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::news::News;

/// Prints news until the box ends. Knows each running call by a short number.
#[allow(clippy::print_stdout, reason = "this is the terminal view")]
pub(crate) async fn show(mut news: Receiver<News>) {
    let mut console = Console { numbers: HashMap::new(), paint: std::io::stdout().is_terminal() };
    loop {
        match news.recv().await {
            Ok(item) => print!("{}", console.lines(&item)),
            Err(RecvError::Lagged(missed)) => println!("  … {missed} lines not shown"),
            Err(RecvError::Closed) => return,
        }
    }
}

struct Console {
    numbers: HashMap<CallId, usize>,
    paint: bool,
}

impl Console {
    fn lines(&mut self, news: &News) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        self.write(news, &mut out).ok();
        out
    }

    fn write(&mut self, news: &News, out: &mut String) -> std::fmt::Result {
        match news {
            News::Line(state) => writeln!(out, "line: {state:?}"),
            News::CallStarted { call, business, caller, local_time } => {
                let caller = caller.as_ref().map_or("number withheld".to_string(), ToString::to_string);
                let number = self.number(*call);
                writeln!(out, "\n── call {number} ── {local_time} ── {business} ── from {caller} ──")
            }
            News::CallerSaid { call, at_ms, text, hearing_ms } => {
                let heard = self.dim(&format!("(heard in {hearing_ms} ms)"));
                writeln!(out, "{} caller  {text}  {heard}", self.stamp(*call, *at_ms))
            }
            News::Decided { call, at_ms, decision, early } => {
                let early = if *early { " while the caller was still talking" } else { "" };
                writeln!(out, "{}    └─ {}{early}", self.stamp(*call, *at_ms), self.decision(decision))
            }
            News::AgentSaid { call, at_ms, text, latency_ms } => {
                let latency = latency_ms.map(|ms| self.dim(&format!("  ({ms} ms after the caller stopped)")));
                writeln!(out, "{} agent   {text}{}", self.stamp(*call, *at_ms), latency.unwrap_or_default())
            }
            News::Interrupted { call, at_ms } => {
                writeln!(out, "{}    └─ interrupted, listening", self.stamp(*call, *at_ms))
            }
            News::Paged { call, page, text } => {
                let what = if page.revision == 0 { "PAGE" } else { "PAGE (update)" };
                let indented = text.replace('\n', "\n              ");
                writeln!(out, "{} {}", self.stamp(*call, 0), self.red(&format!("{what}: {indented}")))
            }
            News::Left { call, to, channel, words, why } => {
                let stamp = call.map_or(String::new(), |call| self.stamp(call, 0));
                let indented = words.replace('\n', "\n              ");
                match why {
                    None => writeln!(out, "{stamp} {} to {to}: {indented}", channel.slug()),
                    Some(why) => writeln!(out, "{stamp} {} to {to} did not leave: {why}", channel.slug()),
                }
            }
            News::Replied { from, words } => writeln!(out, "  ◄ {from} wrote: {words}"),
            News::Alert { alert, by } => {
                let line = alert_line(alert, by.as_deref());
                writeln!(out, "{} {}", self.stamp(alert.call_id, 0), self.red(&line))
            }
            News::CallEnded { call, status, duration_s, card, recording } => {
                let (minutes, seconds) = (duration_s / 60, duration_s % 60);
                let number = self.number(*call);
                write!(out, "── call {number} ended: {}, {minutes}:{seconds:02}", status_word(*status))?;
                match recording {
                    Some(file) => writeln!(out, ", recording {file}")?,
                    None => writeln!(out)?,
                }
                card.as_ref().map_or(Ok(()), |card| out.write_str(&card_lines(card)))
            }
        }
    }

    fn number(&mut self, call: CallId) -> usize {
        let next = self.numbers.len() + 1;
        *self.numbers.entry(call).or_insert(next)
    }

    fn stamp(&mut self, call: CallId, at_ms: u64) -> String {
        let number = self.number(call);
        let seconds = at_ms / 1000;
        let stamp = if at_ms == 0 {
            "      ".to_string()
        } else {
            format!("{:>3}:{:02}", seconds / 60, seconds % 60)
        };
        self.dim(&format!("{number} {stamp}"))
    }

    fn decision(&self, decision: &Decision) -> String {
        // The reasoning of a decided call begins with its class.
        let text = match decision.classification {
            Some(_) => decision.reasoning.clone(),
            None => format!("undecided: {}", decision.reasoning),
        };
        if decision.is_emergency() { self.red(&text) } else { text }
    }

    fn dim(&self, text: &str) -> String {
        self.painted("2", text)
    }

    fn red(&self, text: &str) -> String {
        self.painted("1;31", text)
    }

    fn painted(&self, code: &str, text: &str) -> String {
        if self.paint { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}

/// How an alert stands, in a line.
fn alert_line(alert: &Alert, by: Option<&str>) -> String {
    let who = by.unwrap_or("somebody at the shop");
    let state = match alert.state {
        AlertState::Open => "nobody has it yet".to_string(),
        AlertState::Unresolved => "NOBODY HAS ANSWERED: alarm, and the owner again and again".to_string(),
        AlertState::Acknowledged => format!("taken by {who}"),
        AlertState::Done => format!("done, says {who}"),
        AlertState::NotAnEmergency => format!("no emergency, says {who}"),
        AlertState::Expired => "too old to wake anybody; the lamp stays on".to_string(),
    };
    format!("ALERT {}: {state}", alert.code)
}

fn status_word(status: CallStatus) -> &'static str {
    match status {
        CallStatus::InProgress => "in progress",
        CallStatus::Completed => "completed",
        CallStatus::Abandoned => "abandoned",
        CallStatus::Spam => "spam, no card",
        CallStatus::Cut => "cut",
        CallStatus::Failed => "failed",
    }
}

/// A card in four lines; `nightdesk lead show` prints all of it.
fn card_lines(card: &LeadCard) -> String {
    let badge = match card.classification {
        Classification::Emergency => "EMERGENCY",
        Classification::Routine => "ROUTINE",
        Classification::Spam => "SPAM",
    };
    let phone = card.caller_phone.as_ref().map_or("no number".to_string(), ToString::to_string);
    let address = card.address.as_deref().unwrap_or("Address not provided");
    let mut out = format!("   [{badge}] {} · {phone} · {address}\n", card.caller_name);
    // Writing to a String cannot fail.
    writeln!(out, "   {}", card.issue_summary).ok();
    writeln!(out, "   why: {}", card.reasoning).ok();
    for given in &card.safety_given {
        let how = if given.complete { "played to the end" } else { "cut short" };
        writeln!(out, "   safety instruction: {:?}, {how}", given.safety).ok();
    }
    for note in &card.notes {
        writeln!(out, "   note: {note}").ok();
    }
    out
}
