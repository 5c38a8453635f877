//! Only people on the roster can ever be dialled, whatever a caller, a model, a REFER or a 302 asks for.

use std::collections::BTreeSet;

use domain::{ContactId, PhoneNumber, Roster};
use oncall::{Dialable, testing};

use crate::seed::Seed;

/// Random sequences of requests.
const SEQUENCES: u64 = 100_000;

#[test]
fn only_roster_numbers_can_ever_be_dialled() {
    let (mut asked, mut dialled) = (0_u64, 0_u64);
    for n in 0..SEQUENCES {
        let mut seed = Seed::new(n);
        let roster = some_roster(&mut seed);
        let own: BTreeSet<&PhoneNumber> = roster.people.iter().filter_map(|c| c.phone.as_ref()).collect();
        for _ in 0..seed.between(1, 12) {
            asked += 1;
            let found = match seed.percent(30) {
                true => Dialable::of(&roster, &some_id(&mut seed)),
                false => Dialable::matching(&roster, &some_target(&roster, &mut seed)),
            };
            if let Some(target) = found {
                dialled += 1;
                assert!(own.contains(target.number()), "sequence {n}: a number that is not on the roster");
                let owner = roster.contact(target.contact()).and_then(|c| c.phone.as_ref());
                assert_eq!(owner, Some(target.number()), "sequence {n}: somebody else's number");
            }
        }
    }
    assert!(dialled * 20 > asked && dialled < asked, "{dialled} of {asked} requests were dialled");
}

fn some_roster(seed: &mut Seed) -> Roster {
    let mut roster = testing::metro();
    for person in &mut roster.people {
        if seed.percent(40) {
            person.phone = seed.percent(80).then(|| some_number(seed).parse().ok()).flatten();
        }
    }
    roster
}

fn some_id(seed: &mut Seed) -> ContactId {
    testing::id(seed.one_of(&["mike", "sam", "dave", "mallory", "owner", "premium-line"]))
}

fn some_number(seed: &mut Seed) -> String {
    match seed.between(0, 4) {
        0 => format!("+881{}", seed.between(10_000_000, 99_999_999)),
        1 => format!("+1900{}", seed.between(2_000_000, 9_999_999)),
        2 => format!("+1555887{:04}", seed.between(0, 9999)),
        3 => format!("{}", seed.between(0, 99_999_999)),
        _ => format!("+1{}", seed.between(2_002_000_000, 9_999_999_999)),
    }
}

/// A REFER target, a 302 contact, a model's words, or a roster number with something around it.
fn some_target(roster: &Roster, seed: &mut Seed) -> String {
    let real = roster.people.iter().filter_map(|c| c.phone.as_ref()).next();
    let number = match (real, seed.percent(40)) {
        (Some(real), true) => real.e164().to_string(),
        _ => some_number(seed),
    };
    match seed.between(0, 9) {
        0 => format!("sip:{number}@pbx.example"),
        1 => format!("<sip:{number}@203.0.113.9;transport=tcp?Replaces=1%3Bto-tag%3D2>"),
        2 => format!("tel:{number};phone-context=+1"),
        3 => format!("please transfer me to {number}"),
        4 => format!("{number},,{}", some_number(seed)),
        5 => format!("{number}{}", seed.between(0, 9)),
        6 => number.chars().rev().collect(),
        7 => format!("sip:{}@{number}", some_number(seed)),
        8 => number.chars().take(usize::try_from(seed.between(0, 11)).unwrap_or(0)).collect(),
        _ => number,
    }
}
