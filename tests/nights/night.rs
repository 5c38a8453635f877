//! A night from its seed.

use domain::{ContactId, Issue, Means};
use jiff::Timestamp;
use oncall::{Policy, testing};

use crate::{
    law::Totals,
    people::MOODS,
    seed::Seed,
    world::{Line, Trouble, World},
};

/// What came of a night.
pub(crate) struct Report {
    pub(crate) verdict: Result<(), String>,
    pub(crate) totals: Totals,
    /// What happened, when it was asked for.
    pub(crate) story: Vec<String>,
}

/// Nights begin in these: an ordinary one, and the two in which the clocks change in Chicago.
const EVENINGS: [&str; 3] = ["2026-02-13T03:00:00Z", "2026-03-08T05:00:00Z", "2026-11-01T04:00:00Z"];

/// Plays the night.
pub(crate) fn run(number: u64, tell: bool) -> Report {
    let mut seed = Seed::new(number);
    let evening: Timestamp = seed.one_of(&EVENINGS).parse().expect("a timestamp");
    let mut world = World::new(evening, policy(&mut seed), tell);
    for person in ["mike", "sam", "dave"] {
        let mood = seed.one_of(&MOODS);
        world.people.insert(testing::id(person), mood);
    }
    for means in [Means::SmsInternet, Means::SmsModem, Means::Voice] {
        world.lines.extend(outages(means, &mut seed));
    }
    if seed.percent(50) {
        world.cuts_per_thousand = seed.one_of(&[1, 10, 100]);
        for _ in 0..seed.between(0, 4) {
            let at_ms = seed.between(0, 3_000_000);
            world.plan_power_cut(at_ms);
        }
    }
    for _ in 0..(if seed.percent(30) { seed.between(1, 3) } else { 0 }) {
        let at_ms = seed.between(0, 3_000_000);
        let by_s = seed.one_of(&[-86_400, -3600, -60, 60, 3600, 86_400, 40 * 86_400]);
        world.plan_clock_jump(at_ms, by_s * 1000);
    }
    for n in 0..seed.one_of(&[1, 1, 1, 2, 2, 3]) {
        let at_ms = if n == 0 { 0 } else { seed.between(0, 1_500_000) };
        let issue = seed.one_of(&[Issue::Water, Issue::Gas, Issue::NoHeat, Issue::ItOutage]);
        world.plan_emergency(at_ms, issue);
    }
    world.seed = seed;
    world.play();
    let verdict = world.verdict();
    Report { verdict, totals: world.totals(), story: world.story }
}

fn policy(seed: &mut Seed) -> Policy {
    let mut means = vec![Means::SmsInternet, Means::SmsModem, Means::Voice];
    if seed.percent(30) {
        means.remove(1);
    }
    Policy {
        means,
        call_tries: u32::try_from(seed.between(1, 3)).unwrap_or(1),
        callback_within_s: if seed.percent(30) { 0 } else { 1200 },
        repeat_by_call: seed.percent(50),
        ..Policy::default()
    }
}

/// When a line is away tonight, and how it shows.
fn outages(means: Means, seed: &mut Seed) -> Vec<Line> {
    let count = seed.one_of(&[0, 0, 0, 1, 1, 3]);
    let one = |seed: &mut Seed| {
        let from_ms = seed.between(-600_000, 3_000_000);
        let lasts_ms = seed.one_of(&[10_000, 120_000, 1_800_000, 60_000_000]);
        let trouble = seed.one_of(&[Trouble::Away, Trouble::Away, Trouble::Hangs, Trouble::Doubtful]);
        Line { means, from_ms, to_ms: from_ms + lasts_ms, trouble }
    };
    (0..count).map(|_| one(seed)).collect()
}

/// The people who come after the first.
pub(crate) fn backups() -> Vec<ContactId> {
    vec![testing::id("sam")]
}
