//! The panel against pins that know beforehand, change by change, what must be done to them.

extern crate std;

use std::vec::Vec;

use embedded_hal_mock::eh1::MockError;
use embedded_hal_mock::eh1::digital::{Mock, State, Transaction};

use super::{ALARM_MAX, ms};
use crate::{Lamp, Panel, PanelError, Pins, Press, Status};

/// `#` is a change to high, `.` to low, as the pin has to see them; for the button what it reads.
fn output(changes: &str) -> Mock {
    let state = |c| if c == '#' { State::High } else { State::Low };
    let list: Vec<_> = changes.chars().map(|c| Transaction::set(state(c))).collect();
    Mock::new(&list)
}

fn input(readings: &str) -> Mock {
    let state = |c| if c == '#' { State::High } else { State::Low };
    let list: Vec<_> = readings.chars().map(|c| Transaction::get(state(c))).collect();
    Mock::new(&list)
}

fn check(
    pins: Pins<Mock, Mock, Mock, Mock>,
    lamp: Lamp,
    run: impl FnOnce(&mut Panel<Mock, Mock, Mock, Mock>),
) {
    let mut seen = [pins.red.clone(), pins.green.clone(), pins.coil.clone(), pins.button.clone()];
    let mut panel = Panel::new(pins, lamp, ALARM_MAX);
    run(&mut panel);
    drop(panel);
    seen.iter_mut().for_each(Mock::done);
}

#[test]
fn an_emergency_blinks_red_and_powers_the_relay_until_its_limit() {
    // first and last: at rest, when made and when dropped
    let pins = Pins {
        red: output(".#.#.."),
        green: output("......"),
        coil: output(".###.."),
        button: input("...."),
    };
    check(pins, Lamp::TwoColours, |panel| {
        for at in [0, 100, 200] {
            assert_eq!(panel.tick(Status::EmergencyOpen, true, ms(at)), Ok(None));
        }
        assert_eq!(panel.tick(Status::EmergencyOpen, true, ALARM_MAX + ms(100)), Ok(None));
    });
}

#[test]
fn one_light_shows_both_colours() {
    let pins = Pins { red: output(".##."), green: output(".##."), coil: output("...."), button: input("..") };
    check(pins, Lamp::OneColour, |panel| {
        panel.tick(Status::Ready, false, ms(0)).unwrap();
        panel.tick(Status::Fault, false, ms(0)).unwrap();
    });
}

#[test]
fn a_bouncing_short_press_is_read_as_one() {
    let readings = ".#.####.......";
    let ticks = readings.len() as u64;
    let lit = "#".repeat(readings.len());
    let dark = ".".repeat(readings.len() + 2);
    let pins = Pins {
        red: output(&dark),
        green: output(&std::format!(".{lit}.")),
        coil: output(&dark),
        button: input(readings),
    };
    check(pins, Lamp::TwoColours, |panel| {
        let presses: Vec<Press> =
            (0..ticks).filter_map(|n| panel.tick(Status::Ready, false, ms(n * 10)).unwrap()).collect();
        assert_eq!(presses, [Press::Short]);
    });
}

#[test]
fn a_relay_that_does_not_obey_is_told_and_the_lamp_still_works() {
    let gone = MockError::Io(std::io::ErrorKind::NotConnected);
    let coil = Mock::new(&[
        Transaction::set(State::Low),
        Transaction::set(State::High).with_error(gone.clone()),
        Transaction::set(State::Low).with_error(gone),
    ]);
    let pins = Pins { red: output(".#."), green: output("..."), coil, button: input(".") };
    check(pins, Lamp::TwoColours, |panel| {
        let told = panel.tick(Status::EmergencyOpen, true, ms(0));
        assert!(matches!(told, Err(PanelError::Relay(_))), "{told:?}");
    });
}
