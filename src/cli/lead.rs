//! `nightdesk lead`: a lead card as it is sent, in a box.

use std::process::ExitCode;

use anyhow::Context;
use domain::{LeadCard, LeadId};
use serde::Serialize;

use super::{
    card_text::card_text,
    memory::{Where, find_call, print, print_json},
};
use crate::store::{AlertStory, Archive};

/// Show lead cards.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    place: Where,
    /// Machine-readable output.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Print a card.
    ///
    /// With `--json`: `card` with the fields `id`, `call_id`, `profile_id`, `caller_phone` (E.164 or null),
    /// `phone_confirmed`, `caller_name`, `address`, `called_at` (UTC), `classification`, `priority`,
    /// `issue_summary`, `issue_detail`, `service`, `issue`, `same_day`, `reasoning`, `safety_given` (list of
    /// `safety`, `at`, `complete`), `tone`, `duration_s`, `appointment_at`, `oncall_outcome`,
    /// `callback_status`, `notes`, `recording`; and `alert`: null, or as in
    /// `nightdesk alerts --json`; and `utc_offset_s`.
    Show {
        /// `last` (the latest call that has a card), a card's id, or a call's id or its last characters.
        id: String,
    },
}

#[derive(Debug, Serialize)]
struct Shown {
    card: LeadCard,
    alert: Option<AlertStory>,
    utc_offset_s: i32,
}

/// Prints a card.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Command::Show { id } = args.command;
    let shown = find(&args.place.open()?, &id)?;
    if args.json {
        print_json(&shown)?;
    } else {
        print(&card_text(&shown.card, shown.alert.as_ref(), shown.utc_offset_s))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn find(archive: &Archive, id: &str) -> anyhow::Result<Shown> {
    let card = if id == "last" {
        archive.latest_lead()?.context("there is no lead card yet")?
    } else if let Some(card) =
        id.parse::<LeadId>().ok().and_then(|id| archive.lead(id).transpose()).transpose()?
    {
        card
    } else {
        let call = find_call(archive, id)?;
        archive
            .lead_of_call(call.id)?
            .context("this call has no lead card (spam and abandoned calls have none)")?
    };
    let alert = archive.alert_of_call(card.call_id)?;
    let utc_offset_s = archive.call(card.call_id)?.map_or(0, |call| call.utc_offset_s);
    Ok(Shown { card, alert, utc_offset_s })
}

#[cfg(test)]
mod tests;
