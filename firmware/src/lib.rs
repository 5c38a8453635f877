//! The panel of the box: status lamp, alarm relay, button.
//!
//! Owns what the lamp shows at any moment, how long the relay may stay powered, and what counts as a press.
//! Knows no pins of any board and reads no clock: `now` is the time since the program started. Boards hand in pins
//! as `embedded-hal` traits; [`board::sim`] is the board that is always there.
#![no_std]

pub mod board;
mod button;
mod lamp;
mod panel;
mod relay;
#[cfg(test)]
mod tests;

pub use button::{Button, Press};
pub use lamp::{Light, Status, light};
pub use panel::{Lamp, Panel, PanelError, Pins};
pub use relay::{QuietHours, Relay};
