//! `nightdesk alerts`: the emergencies that are open, and those that were; take one by hand.

use std::{process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use domain::{AlertState, ContactId, Means, StepOutcome, StepRow};
use jiff::{Timestamp, tz::TimeZone};

use super::{
    card_text::{person, plain},
    memory::{Where, print, print_json},
};
use crate::store::{AlertStory, Archive, Request};

/// How long the daemon may take to answer.
const ANSWER: Duration = Duration::from_secs(8);

/// List the open emergencies with the steps of their ladders; take or close one by hand.
///
/// With `--json` a list of: `alert` (`id`, `call_id`, `profile_id`, `code`, `drill`, `issue`, `caller_name`,
/// `caller_phone`, `address`, `issue_summary`, `state` (open, unresolved, acknowledged, done, not_an_emergency,
/// expired), `opened_at`, `seen_at`, `acknowledged_at`, `acknowledged_by`, `acknowledged_via`,
/// `acknowledged_words`, `closed_at`), `steps` (`number`, `rung`, `step`, `contact`, `means`, `due_at`,
/// `may_repeat`, `outcome`, `failure`, `attempted_at`, `delivered_at`, `acknowledged_at`, `ended_at`) and `items`
/// (as in `nightdesk outbox --json`).
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    act: Option<Command>,
    #[command(flatten)]
    place: Where,
    /// Machine-readable output; the fields are described above.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// The latest emergencies, newest first, closed ones too.
    History {
        /// How many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Take an emergency: the ladder stops, everybody who was paged is told. Needs the running daemon.
    Ack {
        /// The reply code, such as K7P.
        code: String,
        /// Short name on the roster of who takes it.
        #[arg(long)]
        by: Option<ContactId>,
    },
    /// The caller has been called back: close it. Needs the running daemon.
    Done {
        /// The reply code.
        code: String,
        /// Short name on the roster.
        #[arg(long)]
        by: Option<ContactId>,
    },
}

/// Lists or acknowledges.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let archive = args.place.open()?;
    let (stories, none) = match args.act {
        None => (archive.open_alerts()?, "No emergency is open.\n"),
        Some(Command::History { limit }) => (archive.latest_alerts(limit)?, "There was no emergency yet.\n"),
        Some(Command::Ack { code, by }) => {
            let alert = find(&archive, &code)?.alert.id;
            return tell(&args.place, &archive, &Request::Acknowledge { alert, by });
        }
        Some(Command::Done { code, by }) => {
            let alert = find(&archive, &code)?.alert.id;
            return tell(&args.place, &archive, &Request::Close { alert, by });
        }
    };
    if args.json {
        print_json(&stories)?;
    } else if stories.is_empty() {
        print(none)?;
    } else {
        print(&stories.iter().map(|story| text(story, &TimeZone::system())).collect::<String>())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn find(archive: &Archive, code: &str) -> anyhow::Result<AlertStory> {
    let open = archive.open_alerts()?;
    let known: Vec<String> = open.iter().map(|s| s.alert.code.to_string()).collect();
    let wanted = code.to_ascii_uppercase();
    open.into_iter().find(|s| s.alert.code.0 == wanted).with_context(|| {
        format!(
            "no open emergency has the code {wanted}; open are: {}",
            if known.is_empty() { "none".into() } else { known.join(", ") }
        )
    })
}

/// Leaves a request for the daemon and waits for its answer.
fn tell(place: &Where, archive: &Archive, request: &Request) -> anyhow::Result<ExitCode> {
    let number = place.hand()?.ask(request, Timestamp::now())?;
    let begun = std::time::Instant::now();
    while begun.elapsed() < ANSWER {
        if let Some(answer) = archive.answer_of(number)? {
            print(&format!("{answer}\n"))?;
            return Ok(ExitCode::SUCCESS);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!("NightDesk does not run with this data folder: the request is kept and done when it starts")
}

/// An emergency with its ladder, one line a step.
fn text(story: &AlertStory, zone: &TimeZone) -> String {
    let alert = &story.alert;
    let clock = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%b %-d %-I:%M:%S %p").to_string();
    let test = if alert.drill { " (test)" } else { "" };
    let mut out = format!(
        "{}  {}{test}  since {}  {}\n",
        alert.code,
        state_words(alert.state),
        clock(alert.opened_at),
        plain(&alert.issue_summary)
    );
    let who = alert.caller_name.as_deref().unwrap_or("Unknown");
    let phone = alert.caller_phone.as_ref().map_or("number withheld".into(), ToString::to_string);
    let address = alert.address.as_deref().unwrap_or("address not provided");
    out += &format!("     {} · {phone} · {}\n", plain(who), plain(address));
    if let Some(at) = alert.acknowledged_at {
        let by = alert.acknowledged_by.as_ref().map_or("somebody at the shop".into(), person);
        out += &format!("     taken by {by} at {}\n", clock(at));
    }
    for step in &story.steps {
        out += &format!("     {}\n", step_line(step, clock));
    }
    out + "\n"
}

/// One step of a ladder in a line.
pub(super) fn step_line(step: &StepRow, clock: impl Fn(Timestamp) -> String) -> String {
    let what = match step.means {
        Means::Transfer => "put through to",
        Means::SmsInternet => "text to",
        Means::SmsModem => "text (modem) to",
        Means::Push => "push to",
        Means::Voice => "call to",
        Means::Email => "e-mail to",
    };
    let when = match step.attempted_at {
        Some(at) => clock(at),
        None => format!("due {}", clock(step.due_at)),
    };
    let delivered = step.delivered_at.map_or(String::new(), |at| format!(", delivered {}", clock(at)));
    format!("{when}  {what} {}: {}{delivered}", person(&step.contact), outcome_words(step.outcome))
}

fn state_words(state: AlertState) -> &'static str {
    match state {
        AlertState::Open => "OPEN",
        AlertState::Unresolved => "NOBODY HAS ANSWERED",
        AlertState::Acknowledged => "taken",
        AlertState::Done => "done",
        AlertState::NotAnEmergency => "no emergency",
        AlertState::Expired => "too old, nobody has taken it",
    }
}

fn outcome_words(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Queued => "waits",
        StepOutcome::InFlight => "on its way",
        StepOutcome::Sent => "sent",
        StepOutcome::Delivered => "arrived, no answer",
        StepOutcome::Acknowledged => "TAKEN",
        StepOutcome::PassedOn => "passed on",
        StepOutcome::NoAnswer => "rang out",
        StepOutcome::Busy => "engaged",
        StepOutcome::Unreachable => "not reachable, tried again",
        StepOutcome::Unsure => "perhaps sent",
        StepOutcome::Failed => "cannot work",
        StepOutcome::Lost => "interrupted",
        StepOutcome::Cancelled => "not needed any more",
    }
}
