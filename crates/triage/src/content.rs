//! What the words alone amount to, with the circumstances that make a matter graver or lighter.

use domain::{Issue, Service, Trade};

use crate::{
    assess::{Assessment, Item},
    decide::{Gravity, Verdict},
    rules::Grade,
    runbook,
    words::scope::Excuse,
};

/// Content rules of the line's trade.
pub(crate) fn weigh(a: &Assessment) -> Verdict {
    match a.context.trade {
        Trade::Trades => trades(a),
        Trade::Msp => msp(a),
    }
}

/// While the caller is still talking only urgent, exactly heard words decide; the rest waits for the turn's end.
pub(crate) fn while_talking(a: &Assessment) -> Verdict {
    let open =
        Verdict::new(Gravity::Nothing, Issue::Unknown, Service::Unknown, 0.3, "caller is still talking");
    if a.pitch {
        return open;
    }
    let wide = if a.context.trade == Trade::Msp { a.counted(Grade::ItWide).next() } else { None };
    match urgent(a).filter(|v| v.level == Gravity::Emergency) {
        Some(verdict) => verdict,
        None => wide.map_or(open, |item| Verdict::of(Gravity::Emergency, item, 0.9)),
    }
}

/// New urgent words came with (or after) the answer "it can wait".
pub(crate) fn is_worse_since_the_answer(a: &Assessment) -> bool {
    let last = a.items.iter().map(|i| i.turn).max().unwrap_or(0);
    last > 0
        && a.counted(Grade::Urgent).any(|i| i.turn == last)
        && !a.counted(Grade::Urgent).any(|i| i.turn < last)
}

/// Whoever speaks of his carbon monoxide alarm and of no battery, installation or price has heard it (source D:99, D:136).
pub(crate) fn carbon_monoxide_alarm(a: &Assessment) -> Option<&Item> {
    let harmless = a.has(Grade::Routine) || a.has(Grade::CanWait) || a.pitch || !a.context.finished;
    if harmless { None } else { a.counted(Grade::Unclear).find(|i| i.rule.id == "co.detector") }
}

fn trades(a: &Assessment) -> Verdict {
    let runbook = a.verdict.as_ref();
    if let Some(trigger) = runbook.and_then(|v| v.escalate.as_ref()) {
        return Verdict::new(
            Gravity::Emergency,
            best_issue(a),
            Service::Unknown,
            0.9,
            format!("runbook: {trigger}"),
        );
    }
    let gravest = [unclear(a), no_cooling(a), cold_house(a), no_heat(a), urgent(a)]
        .into_iter()
        .flatten()
        .max_by_key(|v| v.level);
    let gravest = match gravest {
        Some(verdict) if verdict.level >= Gravity::Unclear => return quieted_by_runbook(verdict, a),
        other => other,
    };
    gravest.or_else(|| routine(a)).or_else(|| only_asked_about(a)).unwrap_or_else(|| unknown(a))
}

/// A known issue or a morning-ticket rule of the runbook makes an unclear matter routine (never more than that).
fn quieted_by_runbook(verdict: Verdict, a: &Assessment) -> Verdict {
    match a.verdict.as_ref().and_then(|v| v.quiet_reason()) {
        Some(reason) if verdict.level == Gravity::Unclear => {
            Verdict { level: Gravity::Routine, ..verdict }.also(reason).settled()
        }
        _ => verdict,
    }
}

/// Damage now. "We shut it off" or "it can wait" lower by one level each.
fn urgent(a: &Assessment) -> Option<Verdict> {
    let item = best(a.counted(Grade::Urgent))?;
    let base = Verdict::of(Gravity::Emergency, item, 0.95);
    let resolved = comes_last(a, Grade::Resolved, &[Grade::Urgent, Grade::Flowing]);
    let can_wait = a.has(Grade::CanWait);
    Some(match (resolved, can_wait) {
        (false, false) => amplified(base, a),
        (true, true) => Verdict { level: Gravity::Routine, confidence: 0.8, ..base }
            .same_day()
            .also("but under control and can wait"),
        (true, false) => {
            Verdict { level: Gravity::Unclear, confidence: 0.6, ..base }.also("but under control")
        }
        (false, true) => {
            Verdict { level: Gravity::Unclear, confidence: 0.6, ..base }.also("but caller says it can wait")
        }
    })
}

/// No heat is an emergency when it is cold (said, or by the season), at night, or with vulnerable people.
fn no_heat(a: &Assessment) -> Option<Verdict> {
    let item = best(a.counted(Grade::NoHeat))?;
    let base = Verdict::of(Gravity::Emergency, item, 0.92);
    let cold = a.has(Grade::Cold) || a.context.is_heating_season();
    if a.has(Grade::CanWait) || a.has(Grade::Resolved) {
        let level = if a.has(Grade::Vulnerable) { Gravity::Unclear } else { Gravity::Routine };
        return Some(
            Verdict { level, confidence: 0.7, ..base }.same_day().also("but caller says it can wait"),
        );
    }
    if cold || a.context.is_night() || a.has(Grade::Vulnerable) || a.has(Grade::Distress) {
        let night = a.context.is_night() && !a.has(Grade::Cold);
        let base = if night { base.also("in the middle of the night") } else { base };
        return Some(amplified(base, a));
    }
    Some(Verdict { level: Gravity::Unclear, confidence: 0.6, ..base })
}

fn no_cooling(a: &Assessment) -> Option<Verdict> {
    let item = best(a.counted(Grade::NoCooling))?;
    let base = Verdict::of(Gravity::Unclear, item, 0.6);
    let waits = a.has(Grade::CanWait) || asks_for_office_work(a);
    if a.has(Grade::Vulnerable) || a.has(Grade::Hot) || a.has(Grade::Distress) {
        let level = if a.has(Grade::CanWait) { Gravity::Unclear } else { Gravity::Emergency };
        return Some(amplified(Verdict { level, confidence: 0.9, ..base }, a));
    }
    let noise_only = a.items.iter().any(|i| i.rule.id == "heat.noise" && i.excuse.is_none());
    if waits || noise_only {
        return Some(Verdict { level: Gravity::Routine, confidence: 0.8, ..base }.same_day());
    }
    Some(base)
}

fn unclear(a: &Assessment) -> Option<Verdict> {
    let item = best(a.counted(Grade::Unclear))?;
    // The bare word "gas" is asked about only when nothing else says what the call is about.
    if item.rule.id == "gas.mentioned" && a.has(Grade::Routine) {
        return None;
    }
    if item.rule.id == "co.detector" && a.items.iter().any(|i| i.excuse == Some(Excuse::LowBattery)) {
        return None;
    }
    let water = matches!(item.rule.issue, Issue::Water | Issue::Sewage);
    let heat = item.rule.issue == Issue::NoHeat;
    let up = a.has(Grade::Vulnerable) && item.rule.issue != Issue::Unknown
        || a.has(Grade::Distress)
        || water && a.has(Grade::Flowing)
        || heat && a.has(Grade::Cold);
    let slight = |prefix: &str| a.counted(Grade::Slight).any(|i| i.rule.id.starts_with(prefix));
    let down = water && slight("lowering.")
        || heat && slight("heat.")
        || a.has(Grade::CanWait)
        || water && comes_last(a, Grade::Resolved, &[Grade::Flowing])
        || asks_for_office_work(a);
    let base = Verdict::of(Gravity::Unclear, item, 0.5);
    Some(match (up, down) {
        (true, false) => amplified(Verdict { level: Gravity::Emergency, confidence: 0.85, ..base }, a),
        (false, true) => Verdict { level: Gravity::Routine, confidence: 0.75, ..base }.same_day(),
        (true, true) | (false, false) => base,
    })
}

/// Quotes, appointments, maintenance, bills: whoever asks for these is not in trouble now.
fn asks_for_office_work(a: &Assessment) -> bool {
    a.counted(Grade::Routine).any(|i| {
        matches!(i.rule.issue, Issue::Quote | Issue::Scheduling | Issue::Maintenance | Issue::NonService)
    })
}

fn routine(a: &Assessment) -> Option<Verdict> {
    const ORDER: [Issue; 5] =
        [Issue::Maintenance, Issue::Quote, Issue::MinorRepair, Issue::NonService, Issue::Scheduling];
    let rank = |item: &&Item| ORDER.iter().position(|issue| *issue == item.rule.issue).unwrap_or(ORDER.len());
    let item = a.counted(Grade::Routine).min_by_key(rank)?;
    let base = Verdict::of(Gravity::Routine, item, 0.85);
    // A small repair that is getting out of hand is not one.
    if item.rule.issue == Issue::MinorRepair
        && !a.has(Grade::CanWait)
        && !comes_last(a, Grade::Resolved, &[Grade::Flowing])
    {
        if let Some(gush) = a.counted(Grade::Flowing).find(|i| i.rule.id == "amplifier.gush") {
            return Some(
                Verdict { level: Gravity::Emergency, issue: Issue::Water, ..base }.also(gush.rule.label),
            );
        }
        if a.has(Grade::Flowing) || a.has(Grade::Distress) {
            return Some(Verdict { level: Gravity::Unclear, confidence: 0.5, ..base }.also("getting worse"));
        }
    }
    let no_hot_water = a.items.iter().any(|i| i.rule.id == "routine.hot_water" && i.excuse.is_none());
    if no_hot_water && !a.has(Grade::CanWait) {
        let base = base.same_day();
        return Some(if a.has(Grade::Vulnerable) {
            Verdict { level: Gravity::Unclear, confidence: 0.5, ..base }.also("vulnerable people")
        } else {
            base
        });
    }
    Some(base)
}

/// "If my pipe bursts …": an inquiry; a life-safety word in an "if" is asked about.
fn only_asked_about(a: &Assessment) -> Option<Verdict> {
    let asked = |grade: Grade| {
        a.items.iter().find(|i| {
            i.rule.grade == grade && matches!(i.excuse, Some(Excuse::Conditional | Excuse::Inquiry))
        })
    };
    if let Some(item) = asked(Grade::LifeSafety) {
        return Some(Verdict::of(Gravity::Unclear, item, 0.4).also("asked about, not reported"));
    }
    let matters = [Grade::Urgent, Grade::NoHeat, Grade::NoCooling, Grade::Unclear];
    if let Some(item) = matters.into_iter().find_map(asked) {
        let verdict = Verdict::of(Gravity::Routine, item, 0.7).also("asked about, not reported");
        return Some(Verdict { issue: Issue::Inquiry, ..verdict });
    }
    let past =
        |grade: Grade| a.items.iter().find(|i| i.rule.grade == grade && i.excuse == Some(Excuse::LongAgo));
    let item = matters.into_iter().find_map(past)?;
    Some(Verdict::of(Gravity::Routine, item, 0.7).same_day().also("but long ago"))
}

/// "It's forty-eight in here and the furnace never lights": no heat by another name.
fn cold_house(a: &Assessment) -> Option<Verdict> {
    if asks_for_office_work(a) || a.has(Grade::CanWait) || a.has(Grade::Resolved) {
        return None;
    }
    let item = a.counted(Grade::Cold).next()?;
    let heating = a.service == Service::Hvac;
    let matter = a.has(Grade::Routine) || a.has(Grade::NoCooling) || a.has(Grade::Urgent);
    let level = match (heating || a.has(Grade::Vulnerable), matter) {
        (true, _) if heating || !matter => Gravity::Emergency,
        (false, false) => Gravity::Unclear,
        (true | false, _) => return None,
    };
    Some(Verdict {
        issue: Issue::NoHeat,
        service: Service::Hvac,
        ..amplified(Verdict::of(level, item, 0.8), a)
    })
}

fn unknown(a: &Assessment) -> Verdict {
    if a.has(Grade::Distress) {
        return Verdict::new(Gravity::Unclear, Issue::Unknown, Service::Unknown, 0.4, "caller is distressed");
    }
    if let Some(item) = a.counted(Grade::Flowing).find(|i| i.rule.id == "amplifier.gush") {
        return Verdict {
            issue: Issue::Water,
            service: Service::Plumbing,
            ..Verdict::of(Gravity::Emergency, item, 0.7)
        };
    }
    if a.unknown_words.is_empty() {
        return Verdict::new(
            Gravity::Nothing,
            Issue::Unknown,
            Service::Unknown,
            0.2,
            "nothing about the matter yet",
        );
    }
    let level = if a.has(Grade::CanWait) { Gravity::Routine } else { Gravity::Unclear };
    Verdict::new(level, Issue::Unknown, Service::Unknown, 0.3, "matter not understood")
}

/// IT lines: whole businesses wake somebody, one user waits, the rest is asked and then escalated.
fn msp(a: &Assessment) -> Verdict {
    let wide = a.counted(Grade::ItWide).find(|i| i.rule.id != "it.people" || people_reach_threshold(a));
    if let (Some(reason), None) = (planned_downtime(a), urgent(a)) {
        return Verdict::new(Gravity::Routine, Issue::ItTrouble, Service::It, 0.85, reason).settled();
    }
    if let Some(trigger) = a.verdict.as_ref().and_then(|v| v.escalate.as_ref()) {
        return Verdict::new(
            Gravity::Emergency,
            Issue::ItOutage,
            Service::It,
            0.95,
            format!("runbook: {trigger}"),
        );
    }
    if let Some(verdict) = urgent(a).filter(|v| v.level == Gravity::Emergency) {
        return verdict;
    }
    if let Some(item) = wide {
        let level = if a.has(Grade::CanWait) && item.rule.id != "it.security" {
            Gravity::Unclear
        } else {
            Gravity::Emergency
        };
        return Verdict::of(level, item, 0.93);
    }
    if let Some(reason) = a.verdict.as_ref().and_then(|v| v.quiet_reason()) {
        return Verdict::new(Gravity::Routine, Issue::ItTrouble, Service::It, 0.85, reason).settled();
    }
    let troubled = a.verdict.as_ref().is_some_and(|v| v.troubled);
    let single = a.counted(Grade::ItSingle).next();
    let open = a.counted(Grade::ItUnclear).next();
    match (single, open) {
        (Some(item), _) => Verdict::of(Gravity::Routine, item, 0.85),
        (None, Some(item)) if a.has(Grade::CanWait) => Verdict::of(Gravity::Routine, item, 0.8),
        (None, Some(item)) if troubled => {
            Verdict::of(Gravity::Emergency, item, 0.6).also("several P1s of this company lately")
        }
        (None, Some(item)) => Verdict::of(Gravity::Unclear, item, 0.5),
        (None, None) => {
            routine(a).or_else(|| urgent(a)).or_else(|| only_asked_about(a)).unwrap_or_else(|| unknown(a))
        }
    }
}

/// A maintenance window covers everything that the caller says is down, and nobody speaks of an attack.
fn planned_downtime(a: &Assessment) -> Option<String> {
    let verdict = a.verdict.as_ref()?;
    let covered = verdict.maintenance.as_deref()?;
    let beyond = a
        .counted(Grade::ItWide)
        .any(|item| item.rule.id == "it.security" || runbook::speaks_of_another_system(&item.words, covered));
    if beyond { None } else { verdict.quiet_reason() }
}

fn people_reach_threshold(a: &Assessment) -> bool {
    a.verdict.as_ref().is_none_or(|v| v.people_stopped.is_none_or(|n| n >= v.p1_people))
}

/// The item that says most: exact before guessed, the hazard's own rule before a general one.
fn best<'a>(items: impl Iterator<Item = &'a Item>) -> Option<&'a Item> {
    let rank = |item: &&Item| match item.rule.id {
        "sewage.backup" | "sewage.es" => 0,
        "water.burst" => 1,
        "water.frozen_pipes" => 2,
        "gas.suspected" | "co.detector" => 3,
        id if id.starts_with("water.flood") => 4,
        id if id.starts_with("request.") || id.starts_with("unclear.") || id == "gas.mentioned" => 9,
        _ => 5,
    };
    items.min_by_key(|item| (item.guessed, rank(item)))
}

/// The issue of the gravest item of any kind that says what it is about.
pub(crate) fn best_issue(a: &Assessment) -> Issue {
    let counted = a.items.iter().filter(|i| i.excuse.is_none() && i.rule.issue != Issue::Unknown);
    counted.min_by_key(|i| i.rule.grade).map_or(Issue::Unknown, |i| i.rule.issue)
}

/// The last counted item of `grade` was said after every counted item of the `others`.
fn comes_last(a: &Assessment, grade: Grade, others: &[Grade]) -> bool {
    let last = |g: Grade| a.items.iter().rposition(|i| i.rule.grade == g && i.excuse.is_none());
    last(grade).is_some_and(|at| others.iter().all(|g| last(*g).is_none_or(|other| other < at)))
}

/// Adds the circumstances that make a matter graver to its reasons.
fn amplified(mut verdict: Verdict, a: &Assessment) -> Verdict {
    for grade in [Grade::Vulnerable, Grade::Cold, Grade::Hot, Grade::Flowing, Grade::Distress] {
        if let Some(item) = a.counted(grade).next() {
            verdict = verdict.also(item.rule.label);
        }
    }
    verdict
}
