//! The box's front: opens the pins of lamp, alarm relay and button, and hands them to `firmware`, which decides.
//!
//! ```text
//! app: state of the box → Face::tick → firmware (patterns, limits, presses) → pins of a board → app: Press
//! ```
//! A board is one file: `gpio_chip` (the kernel's GPIO device, the usual one), `rppal_board` (a Raspberry Pi's
//! registers, behind the feature `rppal`), `sim` (memory, and a file where one is given). Pins are found by name,
//! never by number. Every output is off before it is ours, and off again when it is not.

mod gpio_chip;
#[cfg(feature = "rppal")]
mod rppal_board;
mod sim;
mod wire;

#[cfg(test)]
mod tests;

use std::{fmt, path::PathBuf, time::Duration};

use embedded_hal::digital::{InputPin, OutputPin};
use firmware::{Lamp, Panel, PanelError, Pins, Press, Status};

pub use gpio_chip::{LineName, NamedLine, every_line};
use wire::{In, Out};

/// Lamp, relay and button, on whichever board.
pub trait Face: Send {
    /// Brings the pins up to date; call it every 10 ms. Returns a press that has just ended.
    ///
    /// # Errors
    /// Which part did not obey; the others were still driven.
    fn tick(&mut self, status: Status, alarm: bool, now: Duration) -> Result<Option<Press>, PanelError>;

    /// Relay unpowered, lamp dark.
    ///
    /// # Errors
    /// Which part did not obey.
    fn rest(&mut self) -> Result<(), PanelError>;
}

impl<R, G, C, B> Face for Panel<R, G, C, B>
where
    R: OutputPin + Send,
    G: OutputPin + Send,
    C: OutputPin + Send,
    B: InputPin + Send,
{
    fn tick(&mut self, status: Status, alarm: bool, now: Duration) -> Result<Option<Press>, PanelError> {
        Panel::tick(self, status, alarm, now)
    }

    fn rest(&mut self) -> Result<(), PanelError> {
        Panel::rest(self)
    }
}

/// What is wired to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where the pins are.
    pub board: Board,
    /// Red half of the lamp, or the only lamp.
    pub led_red: Option<Wiring>,
    /// Green half of the lamp, or the only lamp.
    pub led_green: Option<Wiring>,
    /// Coil of the alarm relay.
    pub relay: Option<Wiring>,
    /// The button's contact.
    pub button: Option<Wiring>,
    /// The relay is powered no longer than this in one go.
    pub relay_max: Duration,
}

/// Where the pins are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Board {
    /// Lines of the kernel's GPIO character devices.
    GpioChip,
    /// A Raspberry Pi's registers.
    Rppal,
    /// Nowhere: memory. With a file, its text is the panel's state, and a file beside it named `….button` is the
    /// button: held while it is there.
    Sim(Option<PathBuf>),
}

/// One pin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wiring {
    /// Its name.
    pub line: LineName,
    /// The thing is on, or pressed, when the pin is at ground.
    pub active_low: bool,
}

/// Why a panel cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum PanelFault {
    /// No chip has such a line, or none with that label.
    #[error("{part}: there is no GPIO line {line}; `nightdesk panel lines` lists those that there are")]
    NoSuchLine {
        /// Which setting.
        part: &'static str,
        /// As it was written.
        line: LineName,
    },
    /// Several chips have one.
    #[error("{part}: several chips have a line {line}: write one of {}", choices.join(", "))]
    SeveralLines {
        /// Which setting.
        part: &'static str,
        /// As it was written.
        line: LineName,
        /// The same with each chip's label.
        choices: Vec<String>,
    },
    /// Another program has it.
    #[error("{part}: the GPIO line {line} is in use by {by}: stop that program, or choose another line")]
    InUse {
        /// Which setting.
        part: &'static str,
        /// As it was written.
        line: LineName,
        /// What the kernel says.
        by: String,
    },
    /// The kernel refuses.
    #[error(
        "{part}: the GPIO line {line} cannot be opened: {cause}. May this user open /dev/gpiochip*? (systemd/panel.conf)"
    )]
    Refused {
        /// Which setting.
        part: &'static str,
        /// As it was written.
        line: LineName,
        /// What it says.
        cause: String,
    },
    /// This program was built without it.
    #[error(
        "board = \"rppal\" needs a program built with --features rppal; board = \"gpio\" works on every Raspberry Pi whose kernel has /dev/gpiochip0"
    )]
    NoRppal,
    /// The simulator's file.
    #[error("the simulated panel's file {} cannot be written: {cause}", path.display())]
    SimFile {
        /// Which.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
}

/// Opens the board; every output is off when this returns.
///
/// # Errors
/// Which line cannot be had, and what to do.
pub fn open(settings: &Settings) -> Result<Box<dyn Face>, PanelFault> {
    match &settings.board {
        Board::GpioChip => gpio_chip::open(settings),
        #[cfg(feature = "rppal")]
        Board::Rppal => rppal_board::open(settings),
        #[cfg(not(feature = "rppal"))]
        Board::Rppal => Err(PanelFault::NoRppal),
        Board::Sim(file) => sim::open(settings, file.as_deref()),
    }
}

/// A panel of whichever pins; a part that is not wired is a pin without effect.
fn face<O, I>(settings: &Settings, pins: Pins<Out<O>, Out<O>, Out<O>, In<I>>) -> Box<dyn Face>
where
    O: OutputPin + Send + 'static,
    I: InputPin + Send + 'static,
{
    let lamp = match (&settings.led_red, &settings.led_green) {
        (Some(_), None) | (None, Some(_)) => Lamp::OneColour,
        (Some(_), Some(_)) | (None, None) => Lamp::TwoColours,
    };
    Box::new(Panel::new(pins, lamp, settings.relay_max))
}

impl fmt::Debug for dyn Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Face")
    }
}
