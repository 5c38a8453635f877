//! Machines and unwanted numbers: weak evidence that never outranks an emergency word.

use domain::{Decision, Trade, Turn};

use crate::{
    Attestation, Context, NoModel, Origin, RobotSigns, Runbook,
    eval::{Outcome, local_time},
    run_turn,
};

fn decide(said: &str, origin: Origin, robot: RobotSigns) -> Decision {
    let ctx = Context { origin, robot, ..Context::at(local_time("10:00").unwrap(), Trade::Trades) };
    run_turn(&[Turn::caller(said)], &ctx, &Runbook::default(), &NoModel)
}

const UNWANTED: Origin = Origin { attestation: Attestation::Failed, allowed: false, blocked: true };
const MACHINE: RobotSigns = RobotSigns { talked_over_us: true, no_answer: true, beep: false };

#[test]
fn weak_signs_ask_for_a_key_and_nothing_more() {
    let person = Origin::default();
    let decision = decide("my faucet drips", person, MACHINE);
    assert!(decision.suspected_robot);
    assert_eq!(Outcome::of(&decision), Outcome::Routine);
    assert!(!decide("my faucet drips", person, RobotSigns::default()).suspected_robot);
    assert_eq!(Outcome::of(&decide("my faucet drips", UNWANTED, MACHINE)), Outcome::Routine);
}

#[test]
fn an_emergency_word_always_wins() {
    let decision = decide("I smell gas in my kitchen", UNWANTED, MACHINE);
    assert!(decision.is_emergency() && !decision.suspected_robot, "{}", decision.reasoning);
    let decision = decide("water is pouring through my ceiling", UNWANTED, MACHINE);
    assert!(decision.is_emergency(), "{}", decision.reasoning);
}

#[test]
fn weak_signs_tip_a_call_that_already_sounds_like_a_vendor() {
    let said = "is the owner available, I had a quick question";
    assert_ne!(Outcome::of(&decide(said, Origin::default(), RobotSigns::default())), Outcome::Spam);
    assert_eq!(Outcome::of(&decide(said, UNWANTED, RobotSigns::default())), Outcome::Spam);
    let known = Origin { allowed: true, ..UNWANTED };
    assert_ne!(Outcome::of(&decide(said, known, RobotSigns::default())), Outcome::Spam);
}

#[test]
fn recorded_words_are_suspected_of_being_a_machine() {
    let said = "press one to lower your rate, press two to be removed from our list";
    assert!(decide(said, Origin::default(), RobotSigns::default()).suspected_robot);
}
