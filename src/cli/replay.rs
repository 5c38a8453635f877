//! `nightdesk replay`: a stored call through today's recogniser and rules, beside what was decided then.

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, bail};
use domain::{CallRecord, Classification, LeadCard, Speaker, Tone, Trade, Turn, TurnRecord};
use jiff::{civil::DateTime, tz::Offset};
use serde::Serialize;
use triage::{
    Context, Model, NoModel, Runbook,
    eval::{Outcome, noise::word_error_rate},
    run_turn,
};

use super::{
    card_text::{local, minutes, plain},
    memory::{Where, find_call, print, print_json},
    output::start_logging_at,
    run::runtime,
};
use crate::{
    app::{late_words, transcribe},
    config::Shop,
    workers::{Hearing, HearingConfig, HearingState, models},
};

/// What was decided on a stored call then, and what would be decided today.
///
/// The caller's side of the recording goes through today's recogniser; `--text` takes the stored transcript instead,
/// and so does a call without a recording. Turns that came out differently are marked with `≠`.
///
/// With --json: `id`, `called_at` (UTC), `shop`, `trade`, `heard_again`, `differences`, `turns` (`at_ms`, `speaker`,
/// `then`, `now`, `word_error_rate`, `decided_then`, `decided_now`, `class_now`, `same`) and `result` (`then`, `now`:
/// emergency, routine, spam, ask, listen or null; `same`).
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// `last`, an id, or its last characters.
    id: String,
    #[command(flatten)]
    place: Where,
    /// Only the stored transcript: what the rules of today say to the words of then.
    #[arg(long)]
    text: bool,
    /// Recogniser: a name from `nightdesk models`, or a file. Default: that of the configuration.
    #[arg(long)]
    model: Option<String>,
    /// Only turns that came out differently.
    #[arg(long)]
    differences: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// The call then and now.
#[derive(Debug, Serialize)]
struct Replay {
    id: String,
    called_at: jiff::Timestamp,
    shop: String,
    trade: Trade,
    heard_again: bool,
    differences: usize,
    turns: Vec<TurnReplay>,
    result: Compared,
    #[serde(skip)]
    when: String,
    #[serde(skip)]
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct TurnReplay {
    at_ms: u64,
    speaker: Speaker,
    /// Words as they were stored.
    then: String,
    /// Words as today's recogniser hears them; null when it was not asked or this is our turn.
    now: Option<String>,
    word_error_rate: Option<f64>,
    decided_then: Option<String>,
    decided_now: Option<String>,
    class_now: Option<String>,
    same: bool,
}

#[derive(Debug, Serialize)]
struct Compared {
    then: Option<String>,
    now: Option<String>,
    same: bool,
}

/// What of the business matters to a decision.
struct Circumstances {
    trade: Trade,
    open: bool,
    runbook: Runbook,
    /// Name or path of the recogniser.
    recogniser: String,
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    start_logging_at("warn");
    let archive = args.place.open()?;
    let call = find_call(&archive, &args.id)?;
    let mut notes = Vec::new();
    let circumstances = circumstances(&args, &call, &mut notes)?;
    let stored = archive.turns(call.id)?;
    let folder = args.place.folder()?;
    let recording = call.recording.as_ref().map(|name| folder.join(name)).filter(|file| file.exists());
    if !args.text && recording.is_none() {
        notes.push("the call has no recording; its stored transcript was used".to_owned());
    }
    let heard = match recording.filter(|_| !args.text) {
        Some(file) => Some(hear_again(&file, &circumstances.recogniser)?),
        None => None,
    };
    let card = archive.lead_of_call(call.id)?;
    if stored.is_empty() && heard.as_ref().is_none_or(Vec::is_empty) {
        bail!("nothing of this call was written down, and there is no recording to hear it again");
    }
    let replay = replay(&call, card.as_ref(), &stored, heard.as_deref(), &circumstances, notes);
    match args.json {
        true => print_json(&replay)?,
        false => print(&text(&replay, args.differences))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The shop of the configuration, or, where there is none (a data folder from elsewhere), a plain trades shop.
fn circumstances(args: &Args, call: &CallRecord, notes: &mut Vec<String>) -> anyhow::Result<Circumstances> {
    let config = args.place.config().ok();
    let shop = config.as_ref().and_then(|c| c.shops.iter().find(|s| s.profile.id == call.profile_id));
    let recogniser = args.model.clone().or_else(|| Some(config.as_ref()?.hearing.model.clone()));
    let recogniser = recogniser.unwrap_or_else(|| "nightdesk-mini.en".to_owned());
    let Some(shop) = shop else {
        notes.push(format!(
            "shop {} is in no configuration at hand (--config); decided as a trades shop without a runbook",
            plain(&call.profile_id)
        ));
        return Ok(Circumstances {
            trade: Trade::Trades,
            open: false,
            runbook: Runbook::default(),
            recogniser,
        });
    };
    Ok(Circumstances {
        trade: shop.profile.trade,
        open: shop.profile.hours.is_open(shop_time(call)),
        runbook: runbook(shop)?,
        recogniser,
    })
}

fn runbook(shop: &Shop) -> anyhow::Result<Runbook> {
    let Some(file) = &shop.runbook else { return Ok(Runbook::default()) };
    Runbook::read(file.text.as_bytes(), &file.path.display().to_string()).map_err(|faults| {
        anyhow::anyhow!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

/// The shop's wall time when the phone rang.
fn shop_time(call: &CallRecord) -> DateTime {
    let offset = Offset::from_seconds(call.utc_offset_s).unwrap_or(Offset::UTC);
    offset.to_datetime(call.called_at)
}

/// The caller's side through today's recogniser, in the order of time.
fn hear_again(recording: &Path, recogniser: &str) -> anyhow::Result<Vec<transcribe::Line>> {
    // recordings/2026/02/<id>.wav lies four folders deep in the data folder
    let model = models::locate(recogniser, &models::folders(recording.ancestors().nth(4)));
    let side = late_words::caller_side(recording)
        .with_context(|| format!("cannot read the recording {}", recording.display()))?;
    runtime()?.block_on(async {
        let hearing = Hearing::start(HearingConfig::new(&model));
        if let HearingState::Dead(why) = hearing.settled().await {
            bail!("{why}\n    or: --text for the stored transcript");
        }
        Ok(transcribe::side(&hearing, "caller", &side).await)
    })
}

fn replay(
    call: &CallRecord,
    card: Option<&LeadCard>,
    stored: &[TurnRecord],
    heard: Option<&[transcribe::Line]>,
    circumstances: &Circumstances,
    notes: Vec<String>,
) -> Replay {
    let (stored, mut heard_today) = match (stored.is_empty(), heard) {
        (true, Some(lines)) => {
            let texts: Vec<String> = lines.iter().map(|line| line.text.clone()).collect();
            (lines.iter().map(unheard_then).collect(), Some(texts.into_iter()))
        }
        (_, Some(lines)) => {
            let callers = stored.iter().filter(|t| t.speaker == Speaker::Caller);
            let texts = shared_out(lines, &callers.map(|t| t.text.as_str()).collect::<Vec<_>>());
            (stored.to_vec(), Some(texts.into_iter()))
        }
        (_, None) => (stored.to_vec(), None),
    };
    let mut at = Retrial { circumstances, local: shop_time(call), said: Vec::new(), asked: false };
    let mut turns = Vec::new();
    for (place, turn) in stored.iter().enumerate() {
        if turn.speaker == Speaker::Agent {
            at.said.push(Turn::agent(turn.text.as_str()));
            turns.push(ours(turn));
            continue;
        }
        let now = heard_today.as_mut().map(|texts| texts.next().unwrap_or_default());
        let decision = at.decide(now.as_deref().unwrap_or(&turn.text), turn.tone);
        // A turn is stored with what had been decided before it; what it led to stands with the next one.
        let then = stored[place + 1..].iter().find(|t| t.speaker == Speaker::Caller);
        let decided_then = match then {
            Some(next) => next.decision.clone(),
            None => card.map(|c| c.reasoning.clone()).or_else(|| turn.decision.clone()),
        };
        let class_now = decision.as_ref().map(|d| Outcome::of(d).to_string());
        turns.push(TurnReplay {
            at_ms: turn.at_ms,
            speaker: Speaker::Caller,
            then: turn.text.clone(),
            word_error_rate: now.as_ref().map(|now| word_error_rate(&turn.text, now)),
            now,
            same: decided_then.is_none() || decided_then.as_deref().and_then(class_of) == class_now,
            decided_then,
            decided_now: decision.map(|d| d.reasoning),
            class_now,
        });
    }
    let result = result(call, card, &turns);
    Replay {
        id: call.id.to_string(),
        called_at: call.called_at,
        shop: call.profile_id.clone(),
        trade: circumstances.trade,
        heard_again: heard.is_some(),
        differences: turns.iter().filter(|t| !t.same).count() + usize::from(!result.same),
        turns,
        result,
        when: local(call.called_at, call.utc_offset_s, "%Y-%m-%d %H:%M"),
        notes,
    }
}

/// A call on its way through today's rules.
struct Retrial<'a> {
    circumstances: &'a Circumstances,
    local: DateTime,
    said: Vec<Turn>,
    /// The clarifying question was asked.
    asked: bool,
}

impl Retrial<'_> {
    /// Today's decision after these words; `None` when nothing was heard. Whether the number had called before is
    /// not known any more.
    fn decide(&mut self, text: &str, tone: Tone) -> Option<domain::Decision> {
        if text.is_empty() {
            return None;
        }
        self.said.push(Turn { tone, ..Turn::caller(text) });
        let panicked = self.said.iter().any(|turn| turn.tone == Tone::Panicked);
        let context = Context {
            tone: if panicked { Tone::Panicked } else { tone },
            clarifying_asked: self.asked,
            office_open: self.circumstances.open,
            ..Context::at(self.local, self.circumstances.trade)
        };
        let model: &dyn Model = &NoModel;
        let decision = run_turn(&self.said, &context, &self.circumstances.runbook, model);
        self.asked |= Outcome::of(&decision) == Outcome::Ask;
        Some(decision)
    }
}

/// Which words of today belong to which turn of then: the lines in their order, cut where they fit the stored words
/// best. Clocks do not say it: a recording may begin after the notice, and a text came later than its speech.
fn shared_out(lines: &[transcribe::Line], turns: &[&str]) -> Vec<String> {
    let joined = |from: usize, to: usize| {
        lines[from..to].iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ")
    };
    let edits = |said: &str, heard: &str| {
        word_error_rate(said, heard) * said.split_whitespace().count().max(1) as f64
    };
    // costs[l]: fewest wrong words when the turns so far took the first l lines; cuts: where the last of them began
    let mut costs: Vec<f64> =
        (0..=lines.len()).map(|taken| if taken == 0 { 0.0 } else { f64::INFINITY }).collect();
    let mut cuts = Vec::new();
    for turn in turns {
        let best = |to: usize| {
            (0..=to)
                .map(|from| (costs[from] + edits(turn, &joined(from, to)), from))
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .unwrap_or((f64::INFINITY, 0))
        };
        let found: Vec<(f64, usize)> = (0..=lines.len()).map(best).collect();
        costs = found.iter().map(|(cost, _)| *cost).collect();
        cuts.push(found.into_iter().map(|(_, from)| from).collect::<Vec<usize>>());
    }
    let mut to = lines.len();
    let mut shares: Vec<String> = Vec::new();
    for cut in cuts.iter().rev() {
        shares.push(joined(cut[to], to));
        to = cut[to];
    }
    shares.reverse();
    shares
}

fn unheard_then(line: &transcribe::Line) -> TurnRecord {
    TurnRecord {
        index: 0,
        speaker: Speaker::Caller,
        text: String::new(),
        at_ms: line.at_ms,
        confidence: 0.0,
        tone: Tone::Neutral,
        latency_ms: None,
        decision: None,
    }
}

fn ours(turn: &TurnRecord) -> TurnReplay {
    TurnReplay {
        at_ms: turn.at_ms,
        speaker: Speaker::Agent,
        then: turn.text.clone(),
        now: None,
        word_error_rate: None,
        decided_then: None,
        decided_now: None,
        class_now: None,
        same: true,
    }
}

/// Whoever has been woken stays awake: an emergency anywhere is the result.
fn result(call: &CallRecord, card: Option<&LeadCard>, turns: &[TurnReplay]) -> Compared {
    let spam = (call.status == domain::CallStatus::Spam).then_some(Classification::Spam);
    let then = card.map(|c| c.classification).or(spam).map(|class| format!("{class:?}").to_lowercase());
    let classes = || turns.iter().filter_map(|t| t.class_now.as_deref());
    let now = classes().find(|class| *class == "emergency").or_else(|| classes().last()).map(str::to_owned);
    // A card says routine for a call whose class stayed open.
    let open =
        matches!(now.as_deref(), Some("ask" | "listen") | None) && then.as_deref() != Some("emergency");
    let goes_on = call.status == domain::CallStatus::InProgress;
    Compared { same: goes_on || then == now || (open && then.as_deref() != Some("spam")), then, now }
}

/// The class at the head of a stored reasoning: "EMERGENCY: gas smell".
fn class_of(reasoning: &str) -> Option<String> {
    let word: String = reasoning.chars().take_while(|c| c.is_ascii_uppercase()).collect();
    (!word.is_empty()).then(|| word.to_lowercase())
}

fn text(replay: &Replay, only_differences: bool) -> String {
    let heard = if replay.heard_again { "heard again" } else { "stored transcript" };
    let mut out = format!("{}  {}  {} ({heard})\n", replay.when, plain(&replay.shop), replay.id);
    for note in &replay.notes {
        out += &format!("note: {note}\n");
    }
    for turn in replay.turns.iter().filter(|t| !(only_differences && t.same)) {
        let at = minutes(u32::try_from(turn.at_ms / 1000).unwrap_or(u32::MAX));
        let mark = if turn.same { ' ' } else { '≠' };
        let who = if turn.speaker == Speaker::Caller { "caller" } else { "agent " };
        out += &format!("\n{mark}{at:>6}  {who}  {}\n", plain(&turn.then));
        if let Some(now) = turn.now.as_ref().filter(|now| **now != turn.then) {
            out += &format!("                 now: {}\n", plain(now));
        }
        let mut line = |name: &str, reasoning: &Option<String>| {
            if let Some(reasoning) = reasoning {
                out += &format!("          {name} → {}\n", plain(reasoning));
            }
        };
        line("then", &turn.decided_then);
        line("now ", &turn.decided_now);
    }
    let word = |class: &Option<String>| class.clone().unwrap_or_else(|| "-".to_owned());
    let mark = if replay.result.same { ' ' } else { '≠' };
    out + &format!(
        "\n{mark}result  then {}, now {}; {} {}\n",
        word(&replay.result.then),
        word(&replay.result.now),
        replay.differences,
        if replay.differences == 1 { "difference" } else { "differences" }
    )
}

#[cfg(test)]
mod tests;
