use std::fs;

use embedded_hal::digital::{InputPin as _, OutputPin as _, PinState};

use super::*;

/// A pin that remembers its level.
#[derive(Debug, Default)]
struct Level(Option<bool>, u32);

impl embedded_hal::digital::ErrorType for Level {
    type Error = std::convert::Infallible;
}

impl OutputPin for Level {
    fn set_low(&mut self) -> Result<(), Self::Error> {
        *self = Self(Some(false), self.1 + 1);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Self::Error> {
        *self = Self(Some(true), self.1 + 1);
        Ok(())
    }
}

impl InputPin for Level {
    fn is_high(&mut self) -> Result<bool, Self::Error> {
        Ok(self.0.unwrap_or_default())
    }

    fn is_low(&mut self) -> Result<bool, Self::Error> {
        Ok(!self.0.unwrap_or_default())
    }
}

fn settings(board: Board) -> Settings {
    let wired = |line: &str| Wiring { line: line.parse().unwrap(), active_low: false };
    Settings {
        board,
        led_red: Some(wired("GPIO5")),
        led_green: Some(wired("GPIO6")),
        relay: Some(wired("GPIO17")),
        button: Some(wired("GPIO27")),
        relay_max: Duration::from_secs(180),
    }
}

#[test]
fn on_is_low_where_it_is_wired_that_way_and_only_changes_are_written() {
    let mut pin = Level::default();
    let mut out = Out::new(Some(&mut pin), true);
    for state in [PinState::High, PinState::High, PinState::Low] {
        out.set_state(state).unwrap();
    }
    assert_eq!((pin.0, pin.1), (Some(true), 2));
    assert!(In::new(Some(Level(Some(false), 0)), true).is_high().unwrap());
    assert!(!In::new(Some(Level(Some(false), 0)), false).is_high().unwrap());
    assert!(!In::<Level>::new(None, true).is_high().unwrap(), "no button is no press");
}

#[test]
fn a_line_is_found_by_its_name_and_by_its_chips_label() {
    let lines = ["pinctrl-rp1/GPIO17", "pinctrl-rp1/GPIO18", "expander/GPIO17"].map(NamedLine::imagined);
    let told = |wanted: &str| {
        let found = gpio_chip::find(&lines, "panel.relay", &wanted.parse().unwrap());
        found.map(|l| l.name.to_string()).unwrap_or_else(|fault| fault.to_string())
    };
    assert_eq!(told("GPIO18"), "pinctrl-rp1/GPIO18");
    assert_eq!(told("expander/GPIO17"), "expander/GPIO17");
    assert_eq!(
        told("GPIO17"),
        "panel.relay: several chips have a line GPIO17: write one of \"pinctrl-rp1/GPIO17\", \"expander/GPIO17\""
    );
    assert_eq!(
        told("GPIO99"),
        "panel.relay: there is no GPIO line GPIO99; `nightdesk panel lines` lists those that there are"
    );
}

#[test]
fn a_line_that_this_machine_has_not_is_no_panel() {
    let mut no_such = settings(Board::GpioChip);
    no_such.relay = Some(Wiring { line: "no-chip/no-such-line".parse().unwrap(), active_low: true });
    assert!(matches!(open(&no_such), Err(PanelFault::NoSuchLine { part: "panel.relay", .. })));
}

#[test]
fn the_simulated_panel_shows_itself_in_a_file_and_rests_when_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("panel");
    let ms = Duration::from_millis;
    let mut panel = open(&settings(Board::Sim(Some(file.clone())))).unwrap();
    let text = || fs::read_to_string(&file).unwrap();
    assert_eq!(text(), "lamp dark, relay off\n");
    panel.tick(Status::EmergencyOpen, true, ms(0)).unwrap();
    assert_eq!(text(), "lamp red, relay on\n");
    fs::write(folder.path().join("panel.button"), "").unwrap();
    for at in (10..200).step_by(10) {
        assert_eq!(panel.tick(Status::Ready, false, ms(at)).unwrap(), None);
    }
    fs::remove_file(folder.path().join("panel.button")).unwrap();
    let press: Vec<_> =
        (200..300).step_by(10).filter_map(|at| panel.tick(Status::Ready, false, ms(at)).unwrap()).collect();
    assert_eq!(press, [Press::Short]);
    drop(panel);
    assert_eq!(text(), "lamp dark, relay off\n");
}

#[test]
fn a_file_that_cannot_be_written_is_told() {
    let fault = open(&settings(Board::Sim(Some("/no/such/folder/panel".into())))).unwrap_err();
    assert!(fault.to_string().starts_with("the simulated panel's file /no/such/folder/panel"), "{fault}");
}
