//! The one line that tells the owner why.

use domain::Issue;

use crate::{
    assess::Assessment,
    decide::{Gravity, Verdict},
    rules::Grade,
};

/// "EMERGENCY: gas smell + vulnerable people + after hours (not counted: water leak, negated)".
pub(crate) fn line(a: &Assessment, verdict: &Verdict) -> String {
    let head = match verdict.level {
        Gravity::Emergency => "EMERGENCY",
        Gravity::Routine if verdict.same_day => "ROUTINE, same day",
        Gravity::Routine => "ROUTINE",
        Gravity::Spam => "SPAM",
        Gravity::Unclear => "ASK",
        Gravity::Nothing => "LISTEN",
    };
    let mut reasons = verdict.because.clone();
    if verdict.level == Gravity::Emergency {
        for item in a.counted(Grade::Vulnerable).take(1) {
            add(&mut reasons, item.rule.label);
        }
        let issue = verdict.issue;
        if issue.is_life_safety() || matches!(issue, Issue::NoHeat | Issue::Water | Issue::Sewage) {
            a.items
                .iter()
                .filter(|i| {
                    i.excuse.is_none()
                        && matches!(i.rule.grade, Grade::LifeSafety | Grade::Urgent | Grade::NoHeat)
                })
                .take(3)
                .for_each(|i| add(&mut reasons, i.rule.label));
        }
        if a.context.is_night() && !reasons.iter().any(|r| r.contains("night")) {
            add(&mut reasons, "at night");
        } else if !a.context.office_open && !reasons.iter().any(|r| r.contains("night")) {
            add(&mut reasons, "after hours");
        }
    }
    let mut excused: Vec<String> = Vec::new();
    for item in a.items.iter().filter(|i| {
        matches!(i.rule.grade, Grade::LifeSafety | Grade::Urgent | Grade::NoHeat | Grade::Request)
    }) {
        if let Some(excuse) = item.excuse {
            add(&mut excused, &format!("{}, {}", item.rule.label, excuse.words()));
        }
    }
    let tail =
        if excused.is_empty() { String::new() } else { format!(" (not counted: {})", excused.join("; ")) };
    format!("{head}: {}{tail}", reasons.join(" + "))
}

/// `CarbonMonoxide` as people read it: "carbon monoxide".
pub(crate) fn spaced(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.extend(c.to_lowercase());
    }
    out
}

fn add(reasons: &mut Vec<String>, reason: &str) {
    if !reasons.iter().any(|r| r == reason) && reasons.len() < 7 {
        reasons.push(reason.to_owned());
    }
}
