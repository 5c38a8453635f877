//! A board made of switches in memory, for tests and for boxes without lamp and relay.

use core::convert::Infallible;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

use embedded_hal::digital::{ErrorType, InputPin, OutputPin};

use crate::Pins;

/// The simulated board; the panel writes it through its pins, anybody may look on or press the button.
#[derive(Debug, Default)]
pub struct SimBoard {
    red: AtomicBool,
    green: AtomicBool,
    coil: AtomicBool,
    button: AtomicBool,
}

/// One pin of the simulated board.
#[derive(Debug)]
pub struct SimPin<'a>(&'a AtomicBool);

impl SimBoard {
    /// The board's pins, for [`crate::Panel::new`].
    pub fn pins(&self) -> Pins<SimPin<'_>, SimPin<'_>, SimPin<'_>, SimPin<'_>> {
        Pins {
            red: SimPin(&self.red),
            green: SimPin(&self.green),
            coil: SimPin(&self.coil),
            button: SimPin(&self.button),
        }
    }

    /// Presses the button, or lets it go.
    pub fn hold_button(&self, held: bool) {
        self.button.store(held, Ordering::Relaxed);
    }
}

/// "lamp amber, alarm off"
impl fmt::Display for SimBoard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lamp = match (self.red.load(Ordering::Relaxed), self.green.load(Ordering::Relaxed)) {
            (true, true) => "amber",
            (true, false) => "red",
            (false, true) => "green",
            (false, false) => "dark",
        };
        let alarm = if self.coil.load(Ordering::Relaxed) { "on" } else { "off" };
        write!(f, "lamp {lamp}, alarm {alarm}")
    }
}

impl ErrorType for SimPin<'_> {
    type Error = Infallible;
}

impl OutputPin for SimPin<'_> {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.store(false, Ordering::Relaxed);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl InputPin for SimPin<'_> {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.load(Ordering::Relaxed))
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        self.is_high().map(|high| !high)
    }
}
