//! What the model stages add to the rules. They only raise; what the caller or the runbook has settled they
//! cannot touch, except that nothing settles a hazard to life.
//!
//! ```text
//! rules say        one stage says                      two stages say
//! unclear          emergency, matter not understood    emergency ≥ AGREE → emergency
//!                  by the rules ≥ ALONE → emergency
//! routine          emergency or unclear ≥ ASK → ask    emergency ≥ AGREE_AGAINST → emergency
//! spam             emergency ≥ AGAINST_SPAM → ask             the same
//! any              hazard to life ≥ HAZARD → emergency (ask, where the caller has denied that hazard)
//! ```

use domain::Issue;

use crate::{
    assess::Assessment,
    decide::{Gravity, Verdict},
    opinion::{Opinion, Severity, Stage},
};

/// One stage may cause the clarifying question: it costs ten seconds, so three in four is enough.
const ASK: f32 = 0.75;
/// One stage alone wakes somebody where no rule knows the matter: nothing speaks against it, and a caller whose words
/// nobody understands is not a routine call.
const ALONE: f32 = 0.75;
/// A pitch becomes a question only for a stage that is very sure of an emergency.
const AGAINST_SPAM: f32 = 0.9;
/// Two stages that agree, while the rules are not sure: each must be better than a coin.
const AGREE: f32 = 0.6;
/// Two stages against rules that know a harmless matter: each must be sure.
const AGREE_AGAINST: f32 = 0.8;
/// A hazard to life may be named by one stage alone: a missed one costs more than a night's sleep.
const HAZARD: f32 = 0.85;

/// The rules' verdict, raised by what the stages say.
pub(crate) fn raise(verdict: Verdict, opinions: &[Opinion], a: &Assessment) -> Verdict {
    if !a.context.finished || verdict.level == Gravity::Emergency {
        return verdict;
    }
    if let Some(opinion) = hazard_to_life(opinions) {
        return to_hazard(verdict, opinion, a);
    }
    if verdict.settled && verdict.level != Gravity::Spam {
        return verdict;
    }
    let level = match verdict.level {
        Gravity::Unclear => from_unclear(&verdict, opinions, a),
        Gravity::Routine => from_harmless(opinions),
        Gravity::Spam => opinions.iter().any(|o| o.wakes(AGAINST_SPAM)).then_some(Gravity::Unclear),
        Gravity::Nothing | Gravity::Emergency => None,
    };
    match level {
        Some(level) if level > verdict.level => raised(verdict, level, opinions),
        _ => verdict,
    }
}

/// Gas, CO, electrical and danger to life, named by a stage that is sure of an emergency.
fn hazard_to_life(opinions: &[Opinion]) -> Option<&Opinion> {
    opinions
        .iter()
        .filter(|o| o.wakes(HAZARD) && o.stage != Stage::Cloud)
        .find(|o| o.issue.is_some_and(Issue::is_life_safety))
}

/// Where the caller has spoken of this hazard and denied it ("I don't smell gas"), one stage alone only asks.
fn to_hazard(verdict: Verdict, opinion: &Opinion, a: &Assessment) -> Verdict {
    let issue = opinion.issue.unwrap_or(Issue::Danger);
    let denied = a.items.iter().any(|i| i.rule.issue == issue && i.excuse.is_some());
    let nothing_said = verdict.level == Gravity::Nothing;
    let level = if denied || nothing_said { Gravity::Unclear } else { Gravity::Emergency };
    let taken_back = denied && verdict.settled && verdict.level == Gravity::Routine;
    if level <= verdict.level || taken_back {
        return verdict;
    }
    let service = opinion.service.unwrap_or(verdict.service);
    let because = format!("{}: {}", stage_name(opinion.stage), crate::reason::spaced(&format!("{issue:?}")));
    let confidence = opinion.confidence.min(0.8);
    Verdict { level, issue, service, confidence, settled: false, ..verdict }.also(because)
}

fn from_unclear(verdict: &Verdict, opinions: &[Opinion], a: &Assessment) -> Option<Gravity> {
    let agree = voices(opinions, AGREE) >= 2;
    let not_understood = verdict.issue == Issue::Unknown;
    let alone = opinions.iter().any(|o| o.stage != Stage::Cloud && o.wakes(ALONE));
    // After the question there is no other arbiter: one sure stage decides what the caller could not.
    let asked =
        a.context.clarifying_asked && opinions.iter().any(|o| o.stage != Stage::Cloud && o.wakes(ASK));
    (agree || alone && not_understood || asked).then_some(Gravity::Emergency)
}

fn from_harmless(opinions: &[Opinion]) -> Option<Gravity> {
    if voices(opinions, AGREE_AGAINST) >= 2 {
        return Some(Gravity::Emergency);
    }
    let asks = |o: &Opinion| {
        o.counts() && o.confidence >= ASK && matches!(o.severity, Severity::Emergency | Severity::Unclear)
    };
    opinions.iter().any(asks).then_some(Gravity::Unclear)
}

/// How many different stages say emergency at least this surely.
fn voices(opinions: &[Opinion], at_least: f32) -> usize {
    [Stage::Sense, Stage::Judge, Stage::Cloud]
        .into_iter()
        .filter(|stage| opinions.iter().any(|o| o.stage == *stage && o.wakes(at_least)))
        .count()
}

fn raised(verdict: Verdict, level: Gravity, opinions: &[Opinion]) -> Verdict {
    let sure = opinions.iter().filter(|o| o.counts() && o.severity != Severity::Spam);
    let best = sure.max_by(|x, y| x.confidence.total_cmp(&y.confidence));
    let Some(best) = best else { return verdict };
    let from_spam = verdict.level == Gravity::Spam;
    let unknown = verdict.issue == Issue::Unknown || from_spam;
    let issue = if unknown { best.issue.unwrap_or(Issue::Unknown) } else { verdict.issue };
    let service = if unknown { best.service.unwrap_or(verdict.service) } else { verdict.service };
    let names: Vec<&str> = opinions
        .iter()
        .filter(|o| o.counts() && matches!(o.severity, Severity::Emergency | Severity::Unclear))
        .map(|o| stage_name(o.stage))
        .collect();
    let because = format!("raised by {}", names.join(" and "));
    let confidence = best.confidence.min(0.8);
    Verdict { level, issue, service, confidence, settled: false, ..verdict }.also(because)
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Sense => "sense",
        Stage::Judge => "judge",
        Stage::Cloud => "cloud",
    }
}
