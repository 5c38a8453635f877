//! `nightdesk drill`: the whole ladder against the real roster, with "THIS IS A TEST" in every text.

use std::{collections::BTreeMap, io::Write as _, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use domain::AlertState;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{
    alerts::step_line,
    output::{load_config, start_logging_at},
    run::runtime,
};
use crate::{
    app::{Routes, WallClock, drill_ids, ladder_alone},
    config::{Config, Shop},
    store::{AlertStory, Archive, Hand, Request, Store, StoreError},
};

/// How often the rehearsal is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// Beyond the owner's step there is nothing new to see.
const AFTER_OWNER_S: u32 = 60;

/// Rehearse the emergency ladder: texts and calls go to the real people, each says THIS IS A TEST.
///
/// Works through the running daemon, or alone when none runs. Ends when somebody takes it (exit code 0) or when the
/// ladder has reached its end and nobody has (exit code 1).
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The configuration file.
    #[arg(long, default_value = "nightdesk.toml")]
    config: PathBuf,
    /// Which shop; needed when there are several.
    #[arg(long)]
    shop: Option<String>,
    /// Do not ask before people are woken.
    #[arg(long)]
    yes: bool,
}

/// Runs the rehearsal.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    start_logging_at("warn");
    let Some(config) = load_config(&args.config) else { return Ok(ExitCode::FAILURE) };
    let shop = which_shop(&config, args.shop.as_deref())?.clone();
    if !args.yes && !confirmed(&shop)? {
        bail!("nothing was sent");
    }
    let dir = config.data_dir.clone();
    runtime()?.block_on(async {
        // with a daemon the request is its; without one this program is the daemon for a while
        let alone = match Store::open(&dir) {
            Ok(store) => Some(ladder_alone(config, store, WallClock::default(), Routes::default()).await?),
            Err(StoreError::InUse { .. }) => None,
            Err(other) => return Err(other.into()),
        };
        let taken = rehearse(&dir, &shop).await;
        if let Some(alone) = alone {
            alone.abort();
        }
        Ok(if taken? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

fn which_shop<'c>(config: &'c Config, wanted: Option<&str>) -> anyhow::Result<&'c Shop> {
    let ids: Vec<&str> = config.shops.iter().map(|s| s.profile.id.as_str()).collect();
    match (wanted, config.shops.as_slice()) {
        (None, [only]) => Ok(only),
        (None, _) => bail!("several shops are set up: add --shop with one of {}", ids.join(", ")),
        (Some(id), shops) => shops
            .iter()
            .find(|s| s.profile.id == id)
            .with_context(|| format!("there is no shop {id}; there are {}", ids.join(", "))),
    }
}

#[allow(clippy::print_stdout, reason = "a question at the terminal")]
fn confirmed(shop: &Shop) -> anyhow::Result<bool> {
    print!(
        "This pages the real people of {} ({} first), with THIS IS A TEST in every text. Go on? [y/N] ",
        shop.profile.business_name, shop.oncall.primary_name
    );
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Asks for the rehearsal and shows it; true when somebody has taken it.
#[allow(clippy::print_stdout, reason = "the rehearsal is shown as it happens")]
async fn rehearse(dir: &std::path::Path, shop: &Shop) -> anyhow::Result<bool> {
    let now = Timestamp::now();
    let (alert, call) = drill_ids(now);
    let hand = Hand::open(dir)?;
    let archive = Archive::open(dir)?;
    let request = hand.ask(&Request::Drill { profile_id: shop.profile.id.clone(), alert, call }, now)?;
    let end = now + SignedDuration::from_secs(i64::from(shop.oncall.owner_after_s + AFTER_OWNER_S));
    let mut shown = BTreeMap::new();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Some(answer) = archive.answer_of(request)?.filter(|a| a != "begun") {
            bail!("{answer}");
        }
        let story = archive.alert(alert)?;
        if let Some(story) = &story {
            show(story, &mut shown);
        }
        let state = story.as_ref().map(|s| s.alert.state);
        let taken = state.is_some_and(|s| s == AlertState::Acknowledged || s.is_over());
        if taken || Timestamp::now() >= end {
            if let Some(at) = story.and_then(|s| s.alert.acknowledged_at) {
                println!("Taken after {} s.", at.duration_since(now).as_secs());
            } else {
                println!("Nobody has taken it.");
            }
            hand.ask(&Request::Close { alert, by: None }, Timestamp::now())?;
            tokio::time::sleep(Duration::from_secs(3)).await; // the answers to who took it leave
            return Ok(taken);
        }
    }
}

#[allow(clippy::print_stdout, reason = "the rehearsal is shown as it happens")]
fn show(story: &AlertStory, shown: &mut BTreeMap<u32, String>) {
    let clock = |at: Timestamp| at.to_zoned(TimeZone::system()).strftime("%-I:%M:%S %p").to_string();
    for step in &story.steps {
        let line = step_line(step, clock);
        if shown.get(&step.number) != Some(&line) {
            println!("{line}");
            shown.insert(step.number, line);
        }
    }
}
