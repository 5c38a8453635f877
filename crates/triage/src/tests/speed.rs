//! Rules take no noticeable time, also on text that tries to be slow.

#![allow(clippy::print_stdout, reason = "the figure is what these tests are for")]

use std::time::Duration;

use domain::{Trade, Turn};

use crate::{Context, NoModel, Runbook, eval::local_time, run_turn};

fn longest_of_three(turns: &[Turn]) -> Duration {
    let ctx = Context::at(local_time("21:00").unwrap(), Trade::Trades);
    let once = || {
        #[expect(clippy::disallowed_methods, reason = "this test measures")]
        let start = std::time::Instant::now();
        run_turn(turns, &ctx, &Runbook::default(), &NoModel);
        start.elapsed()
    };
    once(); // compiles the rules
    (0..3).map(|_| once()).min().unwrap()
}

/// A debug build on a busy machine gets a generous bound; `cargo test -p triage --release speed -- --nocapture`
/// prints the figure that counts (target: 1 ms).
#[test]
fn a_long_call_is_decided_at_once() {
    let line = "so yeah um I've got water spraying out of a pipe in my basement and it's everywhere and I don't know what to do";
    let short = longest_of_three(&[Turn::caller(line)]);
    let long: Vec<Turn> = (0..20).map(|_| Turn::caller(line)).collect();
    let long = longest_of_three(&long);
    println!("one turn of 23 words: {short:?}; call of 20 such turns: {long:?}");
    assert!(short < Duration::from_millis(100), "{short:?}");
    assert!(long < Duration::from_secs(2), "{long:?}");
}

#[test]
fn hostile_repetition_does_not_blow_up() {
    let text = "smell water pipe burst the the the no if gas ".repeat(400);
    let took = longest_of_three(&[Turn::caller(text)]);
    println!("18 KB of repeated hazard words: {took:?}");
    assert!(took < Duration::from_secs(20), "{took:?}");
}
