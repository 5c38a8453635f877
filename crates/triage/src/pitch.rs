//! Whether a call is a sales pitch or a machine: words first, then weak signs around them (source D:138).
//!
//! Weak signs (block list, caller's signature, how the other side behaves) never make spam alone, and an emergency
//! word outranks all of them.

use crate::{
    assess::Item,
    context::{Attestation, Context},
    rules::Grade,
    words::{pattern::Match, scope::Excuse, token::Piece},
};

/// A number on the allow list needs a pitch this much clearer.
const ALLOWED_DOUBT: usize = 4;

/// Words inside a sales pitch do not count (K22), unless the speaker reports his own life-safety matter.
pub(crate) fn excuse_hazards(items: &mut [Item]) {
    for item in items.iter_mut().filter(|i| i.excuse.is_none()) {
        if item.rule.grade.is_hazard() && !(item.own && item.rule.grade == Grade::LifeSafety) {
            item.excuse = Some(Excuse::Pitch);
        }
    }
}

/// "I smell gas in my kitchen" and not "gas leaks in your home".
pub(crate) fn speaks_for_himself(piece: &Piece, found: &Match) -> bool {
    let sentence = piece.tokens[found.first()].sentence;
    let said = |wanted: &[&str]| {
        piece.tokens.iter().any(|t| t.sentence == sentence && wanted.contains(&t.word.as_str()))
    };
    said(&["i", "my", "we", "our", "me", "here", "there", "she", "he", "hay", "mi"])
        && !said(&[
            "your",
            "yours",
            "homeowners",
            "customers",
            "offer",
            "offers",
            "businesses",
            "help",
            "press",
            "services",
        ])
}

/// One certain sign, or some hints, and not more that only a customer says.
pub(crate) fn is_pitch(items: &[Item], ctx: &Context) -> bool {
    let certain = count(items, Grade::Pitch) + count(items, Grade::Recording);
    let hints = count(items, Grade::VendorHint);
    // Where the call comes from and how it sounds only tips what the words have begun.
    let around = weak_signs(ctx).min(2);
    let begun = certain > 0 || hints >= 3 || hints >= 2 && around >= 1;
    let score = certain * 2 + hints.min(3) + around;
    begun && score > doubt(items) + if ctx.origin.allowed { ALLOWED_DOUBT } else { 0 }
}

/// A blocked number, a failed signature, the manners of a machine: each half a hint of a pitch.
pub(crate) fn weak_signs(ctx: &Context) -> usize {
    usize::from(ctx.origin.blocked)
        + usize::from(ctx.origin.attestation == Attestation::Failed)
        + ctx.robot.count().min(2)
}

/// What speaks for a customer.
fn doubt(items: &[Item]) -> usize {
    let own_it = items.iter().any(|i| {
        let it =
            matches!(i.rule.grade, Grade::ItWide | Grade::ItSingle | Grade::ItUnclear) && i.excuse.is_none();
        it && i
            .words
            .split_whitespace()
            .next()
            .is_some_and(|w| matches!(w.to_lowercase().as_str(), "our" | "my" | "we" | "i"))
    });
    let outage = count(items, Grade::ItWide) > 0;
    let in_trouble = items.iter().any(|i| {
        i.own
            && i.excuse.is_none()
            && matches!(i.rule.grade, Grade::Urgent | Grade::NoHeat | Grade::NoCooling)
    });
    usize::from(in_trouble) * 3
        + usize::from(outage) * 2
        + usize::from(own_it) * 3
        + count(items, Grade::Customer) * 2
        + usize::from(count(items, Grade::LifeSafety) > 0) * 2
}

/// Different matches of a grade that count.
fn count(items: &[Item], grade: Grade) -> usize {
    let mut rules: Vec<(&str, &str)> = items
        .iter()
        .filter(|i| i.rule.grade == grade && i.excuse.is_none())
        .map(|i| (i.rule.id, i.words.as_str()))
        .collect();
    rules.dedup();
    rules.len()
}

/// May be a machine: a recording by its words, or two signs beside the words. Asked to press a key, never sent away by this.
pub(crate) fn suspects_robot(items: &[Item], ctx: &Context) -> bool {
    let words = count(items, Grade::Recording) > 0;
    let signs = ctx.robot.count();
    !ctx.origin.allowed && (words || signs >= 2 || signs >= 1 && weak_signs(ctx) >= 2)
}
