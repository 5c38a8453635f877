//! The pins of a board, driven by the rules of lamp, relay and button.

use core::time::Duration;

use embedded_hal::digital::{Error, ErrorKind, InputPin, OutputPin};

use crate::{Button, Light, Press, Relay, Status, light};

/// The four pins; outputs are high when lit or powered, the button reads high when pressed.
#[derive(Debug)]
pub struct Pins<R, G, C, B> {
    /// Red half of the lamp.
    pub red: R,
    /// Green half of the lamp.
    pub green: G,
    /// Coil of the alarm relay.
    pub coil: C,
    /// The button's contact.
    pub button: B,
}

/// Which part of the panel did not obey. The others were still driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelError {
    /// The relay may not be in the state that was asked for; tell a person.
    Relay(ErrorKind),
    /// The lamp shows something old.
    Lamp(ErrorKind),
    /// The button cannot be read.
    Button(ErrorKind),
}

/// What the lamp is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lamp {
    /// A red and a green half.
    TwoColours,
    /// One light, on either pin: every state is told by its rhythm.
    OneColour,
}

/// Lamp, relay and button of one box.
#[derive(Debug)]
pub struct Panel<R: OutputPin, G: OutputPin, C: OutputPin, B: InputPin> {
    pins: Pins<R, G, C, B>,
    lamp: Lamp,
    relay: Relay,
    button: Button,
}

impl<R: OutputPin, G: OutputPin, C: OutputPin, B: InputPin> Panel<R, G, C, B> {
    /// Takes the pins and puts them to rest. A pin that does not obey shows at the next tick, not here:
    /// a box with a broken lamp still has its alarm.
    pub fn new(pins: Pins<R, G, C, B>, lamp: Lamp, alarm_max: Duration) -> Self {
        let mut panel = Self { pins, lamp, relay: Relay::new(alarm_max), button: Button::default() };
        let _ = panel.rest();
        panel
    }

    /// Brings the pins up to date; call it at least every 10 ms, or a short press is missed. Returns a press that has just ended.
    pub fn tick(&mut self, status: Status, alarm: bool, now: Duration) -> Result<Option<Press>, PanelError> {
        let powered = self.relay.powered(alarm, now);
        let light = match (self.lamp, light(status, now)) {
            (Lamp::TwoColours, light) => light,
            (Lamp::OneColour, Light { red, green }) => Light { red: red || green, green: red || green },
        };
        // Each is tried whatever became of the one before; the relay comes first, and its fault is the one to tell.
        let coil = self.pins.coil.set_state(powered.into()).map_err(|e| PanelError::Relay(e.kind()));
        let red = self.pins.red.set_state(light.red.into()).map_err(|e| PanelError::Lamp(e.kind()));
        let green = self.pins.green.set_state(light.green.into()).map_err(|e| PanelError::Lamp(e.kind()));
        let contact = self.pins.button.is_high().map_err(|e| PanelError::Button(e.kind()));
        let press = contact.map(|closed| self.button.sample(closed, now));
        coil.and(red).and(green).and(press)
    }

    /// Relay unpowered, lamp dark: the state of a box without power.
    pub fn rest(&mut self) -> Result<(), PanelError> {
        let coil = self.pins.coil.set_low().map_err(|e| PanelError::Relay(e.kind()));
        let red = self.pins.red.set_low().map_err(|e| PanelError::Lamp(e.kind()));
        let green = self.pins.green.set_low().map_err(|e| PanelError::Lamp(e.kind()));
        coil.and(red).and(green)
    }
}

/// Some kernels keep outputs as they are after release, so the panel is put to rest by hand.
/// A killed process gets here no more: then systemd's ExecStopPost must open the relay.
impl<R: OutputPin, G: OutputPin, C: OutputPin, B: InputPin> Drop for Panel<R, G, C, B> {
    fn drop(&mut self) {
        let _ = self.rest();
    }
}
