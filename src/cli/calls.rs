//! `nightdesk calls`: the recent calls, or one with its turns.

use std::process::ExitCode;

use domain::{
    CallRecord, CallStatus, Classification, LeadCard, OutboxItem, OutboxState, Speaker, TurnRecord,
};
use serde::Serialize;

use super::{
    card_text::{local, minutes, plain, short},
    memory::{Where, find_call, print, print_json},
};
use crate::store::{Archive, StoreError};

/// List the recent calls, or show one.
///
/// Without a subcommand the table has: when (the shop's local time), caller, shop, class, name, status,
/// duration, id (its last characters; every command takes them).
///
/// With `--json` a list of: `id`, `called_at` (UTC), `utc_offset_s`, `ended_at`, `caller` (E.164 or null),
/// `caller_display`, `called`, `shop`, `status` (in_progress, completed, abandoned, spam, cut, failed),
/// `classification` (emergency, routine, spam or null), `caller_name`, `duration_s`, `recording` (path below
/// the data folder), `lead_id`. `calls show --json` adds `turns` (`index`, `speaker`, `text`, `at_ms`,
/// `confidence`, `tone`, `latency_ms`, `decision`) and `outbox` (as in
/// `nightdesk outbox --json`).
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    show: Option<Command>,
    /// How many calls, newest first.
    #[arg(long, default_value_t = 20)]
    limit: u32,
    #[command(flatten)]
    place: Where,
    /// Machine-readable output; the fields are described above.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// One call with everything that was said.
    Show {
        /// `last`, an id, or its last characters.
        id: String,
    },
}

/// One call as it is listed.
#[derive(Debug, Serialize)]
struct Listed {
    id: String,
    called_at: jiff::Timestamp,
    utc_offset_s: i32,
    ended_at: Option<jiff::Timestamp>,
    caller: Option<String>,
    caller_display: Option<String>,
    called: String,
    shop: String,
    status: CallStatus,
    classification: Option<Classification>,
    caller_name: Option<String>,
    duration_s: Option<u32>,
    recording: Option<String>,
    lead_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turns: Option<Vec<TurnRecord>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outbox: Option<Vec<OutboxItem>>,
}

/// Lists or shows.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let archive = args.place.open()?;
    match &args.show {
        None => list(&archive, args.limit, args.json)?,
        Some(Command::Show { id }) => show(&archive, id, args.json)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(archive: &Archive, limit: u32, json: bool) -> anyhow::Result<()> {
    let calls = archive.calls(limit)?;
    let listed: Vec<Listed> =
        calls.into_iter().map(|call| listed(archive, call)).collect::<Result<_, _>>()?;
    if json { print_json(&listed) } else { print(&table(&listed)) }
}

fn show(archive: &Archive, id: &str, json: bool) -> anyhow::Result<()> {
    let call = find_call(archive, id)?;
    let (turns, outbox) = (archive.turns(call.id)?, archive.outbox_of_call(call.id)?);
    let listed = Listed { turns: Some(turns), outbox: Some(outbox), ..listed(archive, call)? };
    if json { print_json(&listed) } else { print(&story(&listed)) }
}

fn listed(archive: &Archive, call: CallRecord) -> Result<Listed, StoreError> {
    let card = archive.lead_of_call(call.id)?;
    let duration = call.ended_at.map(|ended| ended.as_second() - call.called_at.as_second());
    Ok(Listed {
        id: call.id.to_string(),
        called_at: call.called_at,
        utc_offset_s: call.utc_offset_s,
        ended_at: call.ended_at,
        caller: call.caller.map(String::from),
        caller_display: call.caller_display,
        called: call.called,
        shop: call.profile_id,
        status: call.status,
        classification: class(call.status, card.as_ref()),
        caller_name: card.as_ref().map(|c| c.caller_name.clone()),
        duration_s: duration.and_then(|d| u32::try_from(d).ok()),
        recording: call.recording,
        lead_id: card.map(|c| c.id.to_string()),
        turns: None,
        outbox: None,
    })
}

/// Spam has no card (decision K01); its status says it.
fn class(status: CallStatus, card: Option<&LeadCard>) -> Option<Classification> {
    let spam = (status == CallStatus::Spam).then_some(Classification::Spam);
    card.map(|c| c.classification).or(spam)
}

fn table(calls: &[Listed]) -> String {
    if calls.is_empty() {
        return "no calls yet\n".into();
    }
    let head = ["when", "caller", "shop", "class", "name", "status", "time", "id"].map(str::to_owned);
    let rows: Vec<[String; 8]> = std::iter::once(head).chain(calls.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|r| r[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..8).map(width).collect();
    let line = |row: &[String; 8]| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn row(call: &Listed) -> [String; 8] {
    let number = call.caller.as_deref().and_then(|n| n.parse::<domain::PhoneNumber>().ok());
    [
        local(call.called_at, call.utc_offset_s, "%Y-%m-%d %H:%M"),
        number.map_or("withheld".into(), |n| n.to_string()),
        plain(&call.shop),
        call.classification.map_or("-", class_word).to_owned(),
        call.caller_name.as_deref().map_or("-".into(), plain),
        status_word(call.status).to_owned(),
        call.duration_s.map_or("-".into(), minutes),
        short(&call.id).to_owned(),
    ]
}

fn story(call: &Listed) -> String {
    let mut text = table(std::slice::from_ref(call));
    text += &format!("\nid        {}\ncalled    {}\n", call.id, plain(&call.called));
    text += &format!("recording {}\n\n", call.recording.as_deref().unwrap_or("none"));
    for turn in call.turns.iter().flatten() {
        let who = match turn.speaker {
            Speaker::Caller => "caller",
            Speaker::Agent => "agent ",
        };
        let at = minutes(u32::try_from(turn.at_ms / 1000).unwrap_or(u32::MAX));
        let latency = turn.latency_ms.map_or(String::new(), |ms| format!("  ({ms} ms)"));
        text += &format!("{at:>6}  {who}  {}{latency}\n", plain(&turn.text));
        if let Some(decision) = &turn.decision {
            text += &format!("                  → {}\n", plain(decision));
        }
    }
    for item in call.outbox.iter().flatten() {
        let state = match item.sent_at {
            Some(at) => format!("sent {}", local(at, call.utc_offset_s, "%H:%M")),
            None => outbox_word(item.state).to_string(),
        };
        let made = local(item.created_at, call.utc_offset_s, "%H:%M:%S");
        text += &format!("\noutbox    {made}  {}  {state}  {}", item.channel.slug(), item.idempotency_key);
    }
    text + "\n"
}

fn class_word(class: Classification) -> &'static str {
    match class {
        Classification::Emergency => "EMERGENCY",
        Classification::Routine => "routine",
        Classification::Spam => "spam",
    }
}

fn outbox_word(state: OutboxState) -> &'static str {
    match state {
        OutboxState::Waiting => "waits",
        OutboxState::Sent => "sent",
        OutboxState::Dead => "refused",
        OutboxState::Expired => "too late",
        OutboxState::Cancelled => "cancelled",
    }
}

fn status_word(status: CallStatus) -> &'static str {
    match status {
        CallStatus::InProgress => "in progress",
        CallStatus::Completed => "completed",
        CallStatus::Abandoned => "abandoned",
        CallStatus::Spam => "spam",
        CallStatus::Cut => "cut",
        CallStatus::Failed => "failed",
    }
}

#[cfg(test)]
mod tests;
