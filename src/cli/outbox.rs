//! `nightdesk outbox`: what waits to leave the box, what was refused and why; try again, or drop.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use domain::{OutboxId, OutboxItem, OutboxState, Outgoing};
use jiff::{Timestamp, tz::TimeZone};

use super::{
    card_text::{plain, short},
    memory::{Where, print, print_json},
};
use crate::store::Archive;

/// Items that are looked through for an id.
const SEARCHED: u32 = 100_000;

/// List what waits to leave the box or was refused; try items again, or drop them.
///
/// Without a subcommand the table has: id (its last characters; every command takes them), channel, to, what it is,
/// state, tries, since when, and below it why the last try failed.
///
/// With `--json` a list of: `id`, `channel` (sms, sms_modem, push, slack, email, ticket, webhook),
/// `idempotency_key`, `call_id`, `alert_id`, `step`, `payload` (tagged by `kind`), `created_at`, `expires_at`,
/// `next_try_at` (UTC), `tries`, `state` (waiting, sent, dead, expired, cancelled), `sent_by`, `far_id`,
/// `may_repeat`, `refusal` (opted_out, bad_destination, refused or null), `last_error`, `sent_at`, `delivered_at`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    act: Option<Command>,
    /// Also what has left, is too old or was cancelled.
    #[arg(long)]
    all: bool,
    /// How many, newest first.
    #[arg(long, default_value_t = 50)]
    limit: u32,
    #[command(flatten)]
    place: Where,
    /// Machine-readable output; the fields are described above.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Try items again at once, however often they failed.
    Retry {
        /// Last characters of an id, or `all` for everything that was refused.
        id: String,
    },
    /// Do not send an item.
    Drop {
        /// Last characters of an id.
        id: String,
    },
}

/// Lists, retries, drops; works beside a running daemon.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let archive = args.place.open()?;
    match args.act {
        None => {
            let items = archive.outbox_in(states(args.all), args.limit)?;
            if args.json { print_json(&items)? } else { print(&table(&items, Timestamp::now()))? }
        }
        Some(Command::Retry { id }) if id == "all" => {
            let hand = args.place.hand()?;
            let dead = archive.outbox_in(&[OutboxState::Dead], SEARCHED)?;
            for item in &dead {
                hand.retry(item.id, Timestamp::now())?;
            }
            print(&format!("{} will be tried again\n", dead.len()))?;
        }
        Some(Command::Retry { id }) => {
            let id = find(&archive, &id)?;
            if !args.place.hand()?.retry(id, Timestamp::now())? {
                bail!("this item has left already");
            }
            print("it will be tried again now\n")?;
        }
        Some(Command::Drop { id }) => {
            let id = find(&archive, &id)?;
            if !args.place.hand()?.drop_item(id)? {
                bail!("this item has left already");
            }
            print("dropped\n")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn states(all: bool) -> &'static [OutboxState] {
    const OPEN: &[OutboxState] = &[OutboxState::Waiting, OutboxState::Dead];
    const ALL: &[OutboxState] = &[
        OutboxState::Waiting,
        OutboxState::Dead,
        OutboxState::Sent,
        OutboxState::Expired,
        OutboxState::Cancelled,
    ];
    if all { ALL } else { OPEN }
}

fn find(archive: &Archive, written: &str) -> anyhow::Result<OutboxId> {
    if written.len() < 4 {
        bail!(
            "{written:?} is too short; write at least four characters of the id, as `nightdesk outbox` prints it"
        );
    }
    let mut found = archive
        .outbox_in(states(true), SEARCHED)?
        .into_iter()
        .map(|item| item.id)
        .filter(|id| id.to_string().ends_with(written));
    let first = found.next().with_context(|| format!("no item has an id that ends in {written:?}"))?;
    if found.next().is_some() {
        bail!("more than one item has an id that ends in {written:?}; write more of it");
    }
    Ok(first)
}

fn table(items: &[OutboxItem], now: Timestamp) -> String {
    if items.is_empty() {
        return "Nothing waits and nothing was refused.\n".to_string();
    }
    let mut text = String::new();
    for item in items {
        let id = item.id.to_string();
        let made = item.created_at.to_zoned(TimeZone::system()).strftime("%b %-d %H:%M").to_string();
        let repeat = if item.may_repeat { ", may arrive twice" } else { "" };
        text += &format!(
            "{}  {:<9} {:<16} {:<34} {}{repeat}, {} tries, made {made}\n",
            short(&id),
            item.channel.slug(),
            plain(&item.destination()),
            plain(&subject(item)),
            state(item, now),
            item.tries
        );
        if let Some(why) = &item.last_error {
            text += &format!("          └─ {}\n", plain(why));
        }
    }
    text
}

fn state(item: &OutboxItem, now: Timestamp) -> String {
    match item.state {
        OutboxState::Waiting if item.next_try_at > now => {
            format!("waits, next try in {} s", item.next_try_at.duration_since(now).as_secs().max(1))
        }
        OutboxState::Waiting => "waits".into(),
        OutboxState::Sent if item.delivered_at.is_some() => "delivered".into(),
        OutboxState::Sent => "sent".into(),
        OutboxState::Dead => "REFUSED".into(),
        OutboxState::Expired => "too late".into(),
        OutboxState::Cancelled => "cancelled".into(),
    }
}

/// The first words of a message.
fn subject(item: &OutboxItem) -> String {
    let text = match &item.payload {
        Outgoing::Sms { body, .. } => body.lines().next().unwrap_or_default(),
        Outgoing::Push { title, .. } => title,
        Outgoing::Slack(message) => &message.headline,
        Outgoing::Email { subject, .. } => subject,
        Outgoing::Ticket(ticket) => &ticket.summary,
        Outgoing::TicketNote(note) => &note.text,
        Outgoing::Webhook { event, .. } => event,
    };
    text.chars().take(34).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(state: OutboxState, last_error: Option<&str>) -> OutboxItem {
        let body = "EMERGENCY CALL - Metro Plumbing\nCaller: Jim".into();
        let sms = Outgoing::Sms { to: "+15558870002".parse().unwrap(), body };
        let made = "2026-02-13T03:22:46Z".parse().unwrap();
        let item = OutboxItem::new(OutboxId::new(1, [0xab; 10]), "k".into(), sms, made);
        OutboxItem { state, tries: 2, last_error: last_error.map(str::to_string), ..item }
    }

    #[test]
    fn refused_item_says_why_in_a_line_of_its_own() {
        let text =
            table(&[item(OutboxState::Dead, Some("the number does not exist"))], Timestamp::UNIX_EPOCH);
        assert!(
            text.starts_with("abababab  sms       +15558870002     EMERGENCY CALL - Metro Plumbing"),
            "{text}"
        );
        assert!(text.contains("REFUSED, 2 tries"), "{text}");
        assert!(text.ends_with("└─ the number does not exist\n"), "{text}");
    }

    #[test]
    fn empty_outbox_says_so() {
        assert_eq!(table(&[], Timestamp::UNIX_EPOCH), "Nothing waits and nothing was refused.\n");
    }
}
