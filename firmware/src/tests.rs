extern crate std;

use core::time::Duration;
use std::string::{String, ToString};
use std::vec::Vec;

use embedded_hal::digital::{ErrorKind, ErrorType, OutputPin};
use proptest::prelude::*;

use crate::board::sim::SimBoard;
use crate::{Button, Lamp, Panel, PanelError, Pins, Press, QuietHours, Relay, Status, light};

mod wire_log;

const ALARM_MAX: Duration = Duration::from_secs(180);

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Lit (`#`) or dark (`.`) every 100 ms over four seconds.
fn rhythm(status: Status) -> String {
    (0..40)
        .map(|tenth| {
            let now = light(status, ms(tenth * 100));
            if now.red || now.green { '#' } else { '.' }
        })
        .collect()
}

#[test]
fn rhythms_are_as_documented() {
    let check = |status, expected: &str| assert_eq!(rhythm(status), expected, "{status:?}");
    check(Status::Ready, "#######################################.");
    check(Status::OnCall, "##..##..............##..##..............");
    check(Status::Booting, "##########..........##########..........");
    check(Status::Updating, "#...................#...................");
    check(Status::OutboxStuck, "##..##..##..##..............##..##..##..");
    check(Status::NoPbx, "##..##..##..............##..##..##......");
    check(Status::Fault, "##########...##..........##########...##");
    check(Status::EmergencyOpen, "#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.");
}

#[test]
fn states_are_told_apart_without_seeing_colour() {
    for (i, a) in Status::ALL.iter().enumerate() {
        for b in &Status::ALL[i + 1..] {
            assert_ne!(rhythm(*a), rhythm(*b), "{a:?} and {b:?}");
            assert!(a < b, "{a:?} is less urgent than {b:?}");
        }
    }
}

#[test]
fn an_open_emergency_is_shown_before_everything_else() {
    assert_eq!(Status::ALL.iter().max(), Some(&Status::EmergencyOpen));
}

/// Feeds (milliseconds, contact closed) and collects the presses.
fn presses(edges: &[(u64, bool)]) -> Vec<Press> {
    let mut button = Button::default();
    let end = edges.last().map_or(0, |(at, _)| at + 100);
    let contact =
        |at: u64| edges.iter().rev().find(|(from, _)| *from <= at).is_some_and(|(_, closed)| *closed);
    (0..end).step_by(5).filter_map(|at| button.sample(contact(at), ms(at))).collect()
}

#[test]
fn presses_are_told_by_their_length() {
    assert_eq!(presses(&[(100, true), (400, false)]), [Press::Short]);
    assert_eq!(presses(&[(100, true), (2_600, false)]), [Press::Long]);
    assert_eq!(presses(&[(100, true), (12_000, false)]), [Press::VeryLong]);
}

#[test]
fn a_bouncing_contact_is_one_press() {
    let bouncing = [(100, true), (105, false), (115, true), (400, false), (410, true), (420, false)];
    assert_eq!(presses(&bouncing), [Press::Short]);
}

#[test]
fn a_spark_and_a_stuck_button_are_no_press() {
    assert_eq!(presses(&[(100, true), (115, false)]), []);
    assert_eq!(presses(&[(100, true), (40_000, false)]), []);
}

#[test]
fn the_alarm_ends_at_its_limit_and_may_start_anew() {
    let mut relay = Relay::new(ALARM_MAX);
    assert!(relay.powered(true, ms(0)));
    assert!(relay.powered(true, ms(179_999)));
    assert!(!relay.powered(true, ms(180_000)));
    assert!(!relay.powered(true, ms(900_000)), "stays off while still wanted");
    assert!(!relay.powered(false, ms(900_001)));
    assert!(relay.powered(true, ms(900_002)), "a new alarm rings");
}

proptest! {
    #[test]
    fn the_relay_is_never_powered_unasked_or_past_its_limit(
        steps in proptest::collection::vec((any::<bool>(), 0u64..100_000), 1..200)
    ) {
        let mut relay = Relay::new(ALARM_MAX);
        let mut now = Duration::ZERO;
        let mut powered_since = None;
        for (wanted, wait_ms) in steps {
            now += ms(wait_ms);
            if relay.powered(wanted, now) {
                prop_assert!(wanted);
                prop_assert!(now - *powered_since.get_or_insert(now) < ALARM_MAX);
            } else {
                powered_since = None;
            }
        }
    }
}

#[test]
fn the_panel_shows_an_emergency_and_rests_when_dropped() {
    let board = SimBoard::default();
    {
        let mut panel = Panel::new(board.pins(), Lamp::TwoColours, ALARM_MAX);
        panel.tick(Status::EmergencyOpen, true, ms(0)).unwrap();
        assert_eq!(board.to_string(), "lamp red, alarm on");
        panel.tick(Status::Ready, false, ms(100)).unwrap();
        assert_eq!(board.to_string(), "lamp green, alarm off");
        panel.tick(Status::NoPbx, true, ms(2_400)).unwrap();
        assert_eq!(board.to_string(), "lamp amber, alarm on");
    }
    assert_eq!(board.to_string(), "lamp dark, alarm off");
}

#[test]
fn the_button_is_read_through_the_panel() {
    let board = SimBoard::default();
    let mut panel = Panel::new(board.pins(), Lamp::TwoColours, ALARM_MAX);
    let mut seen = Vec::new();
    for at in (0..600).step_by(10) {
        board.hold_button((100..400).contains(&at));
        seen.extend(panel.tick(Status::Ready, false, ms(at)).unwrap());
    }
    assert_eq!(seen, [Press::Short]);
}

/// A pin whose wire is off.
struct Broken;

impl ErrorType for Broken {
    type Error = ErrorKind;
}

impl OutputPin for Broken {
    fn set_low(&mut self) -> Result<(), ErrorKind> {
        Err(ErrorKind::Other)
    }

    fn set_high(&mut self) -> Result<(), ErrorKind> {
        Err(ErrorKind::Other)
    }
}

#[test]
fn a_broken_lamp_does_not_hold_up_the_relay() {
    let board = SimBoard::default();
    let Pins { green, coil, button, .. } = board.pins();
    let mut panel = Panel::new(Pins { red: Broken, green, coil, button }, Lamp::TwoColours, ALARM_MAX);
    assert_eq!(panel.tick(Status::Fault, true, ms(0)), Err(PanelError::Lamp(ErrorKind::Other)));
    assert!(board.to_string().ends_with("alarm on"), "{board}");
    assert_eq!(panel.rest(), Err(PanelError::Lamp(ErrorKind::Other)));
    assert!(board.to_string().ends_with("alarm off"), "{board}");
}

#[test]
fn quiet_hours_may_pass_midnight() {
    let night = QuietHours { from_min: 22 * 60, to_min: 6 * 60 };
    assert_eq!(
        [21 * 60 + 59, 22 * 60, 0, 5 * 60 + 59, 6 * 60].map(|m| night.covers(m)),
        [false, true, true, true, false]
    );
    let nap = QuietHours { from_min: 13 * 60, to_min: 14 * 60 };
    assert_eq!([12 * 60, 13 * 60, 14 * 60].map(|m| nap.covers(m)), [false, true, false]);
    let never = QuietHours { from_min: 60, to_min: 60 };
    assert!((0..1440).all(|m| !never.covers(m)));
}
