//! Simulated nights: the ladder against everything that goes wrong at once, in virtual time.
//!
//! A night is one seed. It has one to three emergencies, people who sleep, answer, pass on, forget or answer twice,
//! dead and recovering lines, power cuts between any two steps, and a clock that is set. What survives a power cut
//! is what stands in rows (`world::Disk`); work in flight is lost or happens twice.
//!
//! ```text
//! cargo test -p oncall --test nights                                  a thousand nights
//! NIGHTS=100000 cargo test -p oncall --test nights -- --nocapture     all of them
//! NIGHT=4711 cargo test -p oncall --test nights -- --nocapture        one, told line by line
//! ```

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::wildcard_enum_match_arm,
    reason = "a test tells how long it took, and looks only at the variants that it is about"
)]

mod dialling;
mod law;
mod night;
mod people;
mod seed;
mod world;

use std::{
    env,
    time::{Duration, Instant},
};

/// Nights in an ordinary test run.
const NIGHTS: u64 = 1000;

#[test]
fn no_night_loses_or_doubles_a_step() {
    if let Some(seed) = number("NIGHT") {
        let report = night::run(seed, true);
        println!("{}", report.story.join("\n"));
        report.verdict.unwrap_or_else(|fault| panic!("NIGHT={seed}: {fault}"));
        return;
    }
    let nights = number("NIGHTS").unwrap_or(NIGHTS);
    let begin = Instant::now();
    let mut sum = law::Totals::default();
    for seed in 0..nights {
        let report = night::run(seed, false);
        sum.add(&report.totals);
        report.verdict.unwrap_or_else(|fault| panic!("NIGHT={seed}: {fault}"));
    }
    println!("{nights} nights in {:.1} s: {sum}", begin.elapsed().as_secs_f64());
    assert!(sum.covers_everything(), "these nights were too quiet to prove anything: {sum}");
    let slow = begin.elapsed() > Duration::from_secs(20);
    assert!(number("NIGHTS").is_some() || !slow, "an ordinary test run has under 20 s for this");
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}
