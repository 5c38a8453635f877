//! Evidence → decision, in the order of decision K23:
//!
//! life safety > panicked tone > explicit request > answer to the question > content > repeat caller
//! > time of day > model opinion. A sales pitch is recognised before tone and request (K22).

use domain::{Action, Classification, Decision, Evidence, Issue, Level, Priority, Service, Tone, Trade};

use crate::{
    answer::Answer,
    assess::{Assessment, Item},
    categories, content, hear,
    opinion::Opinion,
    pitch, reason,
    rules::Grade,
};

/// Most opinions that are told to the owner; there are three stages.
const OPINIONS_MAX: usize = 6;

/// How grave, before it becomes a class: `Unclear` is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gravity {
    Nothing,
    Spam,
    Routine,
    Unclear,
    Emergency,
}

/// A level with what led to it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) level: Gravity,
    pub(crate) issue: Issue,
    /// The rule's own trade; the words may say more.
    pub(crate) service: Service,
    pub(crate) same_day: bool,
    pub(crate) confidence: f32,
    /// Labels for the reasoning line, strongest first.
    pub(crate) because: Vec<String>,
    /// Nothing later may change it: life safety, a pitch, the caller's own word.
    pub(crate) settled: bool,
}

impl Verdict {
    pub(crate) fn new(
        level: Gravity,
        issue: Issue,
        service: Service,
        confidence: f32,
        because: impl Into<String>,
    ) -> Self {
        let because = Some(because.into()).filter(|b| !b.is_empty()).into_iter().collect();
        Self { level, issue, service, same_day: false, confidence, because, settled: false }
    }

    pub(crate) fn of(level: Gravity, item: &Item, confidence: f32) -> Self {
        let sure = if item.guessed { confidence * 0.85 } else { confidence };
        Self::new(level, item.rule.issue, item.rule.service, sure, item.rule.label)
    }

    pub(crate) fn settled(mut self) -> Self {
        self.settled = true;
        self
    }

    pub(crate) fn same_day(mut self) -> Self {
        self.same_day = true;
        self
    }

    pub(crate) fn also(mut self, because: impl Into<String>) -> Self {
        let because = because.into();
        if !self.because.contains(&because) {
            self.because.push(because);
        }
        self
    }
}

/// Weighs an assessment, lets the model stages raise it, and writes the decision. Without opinions it is the rules'.
pub fn decide(assessment: Assessment, opinions: &[Opinion]) -> Decision {
    let verdict = weigh(&assessment);
    let verdict = hear::raise(verdict, opinions, &assessment);
    let verdict = settle_open_matter(verdict, &assessment);
    write(&assessment, &verdict, opinions)
}

/// Rules alone, before the model and before the tie is broken.
pub(crate) fn weigh(a: &Assessment) -> Verdict {
    if let Some(item) = life_safety(a) {
        return Verdict::of(Gravity::Emergency, item, 0.98).settled();
    }
    if !a.context.finished {
        return content::while_talking(a);
    }
    if a.pitch && a.tone != Tone::Panicked {
        return spam(a);
    }
    let content = content::weigh(a);
    if a.tone == Tone::Panicked {
        return Verdict { level: Gravity::Emergency, confidence: 0.9, ..content }
            .also("caller panics")
            .settled();
    }
    if let Some(request) = standing_request(a) {
        let label = request.rule.label;
        return Verdict { level: Gravity::Emergency, confidence: 0.9, ..content }.also(label).settled();
    }
    match a.answer {
        Some(Answer::Now) => Verdict { level: Gravity::Emergency, confidence: 0.9, ..content }
            .also("caller: tonight")
            .settled(),
        Some(Answer::Wait) if !content::is_worse_since_the_answer(a) => {
            let same_day = content.same_day || content.level >= Gravity::Unclear;
            Verdict { level: Gravity::Routine, same_day, confidence: 0.9, ..content }
                .also("caller: it can wait")
                .settled()
        }
        Some(Answer::Wait | Answer::Unsure) | None => bump(content, a),
    }
}

/// The gravest life-safety item that counts.
fn life_safety(a: &Assessment) -> Option<&Item> {
    let rank = |item: &&Item| match (item.rule.issue, item.rule.id) {
        (Issue::Gas, _) => 0,
        (Issue::CarbonMonoxide, _) => 1,
        (_, "danger.fire") => 2,
        (Issue::Electrical, _) => 3,
        _ => 4,
    };
    let gravest = a.counted(Grade::LifeSafety).min_by_key(|item| (rank(item), item.guessed));
    gravest.or_else(|| content::carbon_monoxide_alarm(a))
}

fn spam(a: &Assessment) -> Verdict {
    let recorded = a.has(Grade::Recording) && !a.has(Grade::Pitch);
    let (issue, label) =
        if recorded { (Issue::Robocall, "recorded message") } else { (Issue::SalesPitch, "sales pitch") };
    Verdict::new(Gravity::Spam, issue, Service::Unknown, 0.9, label).settled()
}

/// "I need someone tonight", unless the caller took it back later.
fn standing_request(a: &Assessment) -> Option<&Item> {
    let last = |grade: Grade| a.items.iter().rposition(|i| i.rule.grade == grade && i.excuse.is_none());
    let request = last(Grade::Request)?;
    let answered_wait = a.answer == Some(Answer::Wait);
    (last(Grade::CanWait).is_none_or(|wait| wait < request) && !answered_wait).then(|| &a.items[request])
}

/// Repeat callers and worried voices are one level graver (source D:139, D:133).
fn bump(mut verdict: Verdict, a: &Assessment) -> Verdict {
    if a.context.repeat_caller {
        verdict = match verdict.level {
            Gravity::Routine => Verdict { level: Gravity::Unclear, same_day: true, ..verdict }
                .also("second call within four hours"),
            Gravity::Unclear if verdict.issue != Issue::Unknown || a.context.clarifying_asked => {
                Verdict { level: Gravity::Emergency, confidence: 0.75, ..verdict }
                    .also("second call within four hours")
            }
            Gravity::Nothing | Gravity::Spam | Gravity::Unclear | Gravity::Emergency => verdict,
        };
    }
    match (a.tone, verdict.level) {
        (Tone::Worried, Gravity::Routine) if verdict.issue == Issue::MinorRepair => {
            Verdict { level: Gravity::Unclear, ..verdict }.also("caller sounds worried")
        }
        (Tone::Worried, Gravity::Unclear) if a.context.clarifying_asked => {
            Verdict { level: Gravity::Emergency, confidence: 0.7, ..verdict }.also("caller sounds worried")
        }
        (Tone::Frustrated, Gravity::Routine) => verdict.same_day().also("caller sounds frustrated"),
        _ => verdict,
    }
}

/// Still open after the one question: an emergency at night and for IT, otherwise same-day (decisions.md, "Bias").
fn settle_open_matter(verdict: Verdict, a: &Assessment) -> Verdict {
    if verdict.level != Gravity::Unclear || !a.context.clarifying_asked || !a.context.finished {
        return verdict;
    }
    match a.context.trade {
        Trade::Msp => {
            Verdict { level: Gravity::Emergency, confidence: 0.6, ..verdict }.also("unclear: escalate")
        }
        Trade::Trades if a.context.is_night() => {
            Verdict { level: Gravity::Emergency, confidence: 0.6, ..verdict }
                .also("unclear in the middle of the night")
        }
        Trade::Trades => {
            Verdict { level: Gravity::Routine, confidence: 0.6, ..verdict }.same_day().also("unclear")
        }
    }
}

fn write(a: &Assessment, verdict: &Verdict, opinions: &[Opinion]) -> Decision {
    let (action, classification) = match verdict.level {
        Gravity::Nothing | Gravity::Unclear => (Action::Gather, None),
        Gravity::Spam => (Action::Resolve, Some(Classification::Spam)),
        Gravity::Routine => (Action::Resolve, Some(Classification::Routine)),
        Gravity::Emergency => (Action::Escalate, Some(Classification::Emergency)),
    };
    let about_it = a.context.trade == Trade::Msp && !verdict.issue.is_life_safety();
    let category =
        categories::joined(a.category, opinions).filter(|_| about_it && verdict.level > Gravity::Spam);
    let same_day = verdict.same_day || category.is_some_and(|(c, _)| categories::is_same_day(c));
    let priority = match verdict.level {
        Gravity::Emergency => Priority::P1,
        Gravity::Unclear => Priority::P2,
        Gravity::Routine if same_day => Priority::P2,
        Gravity::Routine | Gravity::Spam | Gravity::Nothing => Priority::P3,
    };
    let emergency = verdict.level == Gravity::Emergency;
    Decision {
        action,
        classification,
        priority,
        service: crate::service::of(verdict, a),
        issue: verdict.issue,
        safety: if emergency { verdict.issue.safety() } else { None },
        confidence: verdict.confidence.clamp(0.0, 1.0),
        category: category.map(|(category, _)| category),
        category_confidence: category.map_or(Level::Low, |(_, level)| level),
        same_day: verdict.same_day && verdict.level == Gravity::Routine,
        evidence: if verdict.level == Gravity::Nothing { Vec::new() } else { evidence(a) },
        reasoning: reason::line(a, verdict),
        suspected_robot: !emergency && a.context.finished && pitch::suspects_robot(&a.items, &a.context),
        sentiment: a.sentiment.clone(),
        resolve_steps: if emergency { Vec::new() } else { steps(a, verdict) },
        target: a.verdict.as_ref().filter(|_| emergency).and_then(|v| v.target.clone()),
        models: opinions.iter().take(OPINIONS_MAX).map(Opinion::line).collect(),
    }
}

/// The runbook's scripted answer, for a matter that wakes nobody and is not a pitch.
fn steps(a: &Assessment, verdict: &Verdict) -> Vec<String> {
    let fits = matches!(verdict.level, Gravity::Routine | Gravity::Unclear) && a.context.finished;
    a.verdict.as_ref().filter(|_| fits).map_or_else(Vec::new, |v| v.steps.clone())
}

/// All evidence, what counts first, strongest first; at most 40 items. (A call that says nothing yet has none:
/// that is how `call` tells it from a matter to be clarified.)
fn evidence(a: &Assessment) -> Vec<Evidence> {
    let mut items: Vec<&Item> = a.items.iter().collect();
    items.sort_by_key(|item| (item.excuse.is_some(), !item.rule.grade.is_a_matter(), item.rule.grade));
    let mut out: Vec<Evidence> = Vec::new();
    for item in items {
        let next = Evidence {
            rule: item.rule.id.to_owned(),
            words: item.words.clone(),
            excused: item.excuse.map(|e| e.words().to_owned()),
        };
        // Of matches inside each other only the longest tells something.
        let inside = |a: &Evidence, b: &Evidence| {
            a.rule == b.rule && a.excused == b.excused && b.words.contains(&a.words)
        };
        if out.iter().any(|known| inside(&next, known)) {
            continue;
        }
        match out.iter().position(|known| inside(known, &next)) {
            Some(shorter) => out[shorter] = next,
            None if out.len() < 40 => out.push(next),
            None => {}
        }
    }
    if let Some(verdict) = &a.verdict {
        out.extend(verdict.evidence());
    }
    if !a.unknown_words.is_empty() {
        out.push(Evidence {
            rule: "matter.unclear".to_owned(),
            words: a.unknown_words.clone(),
            excused: None,
        });
    }
    out
}
