//! Between "on" and a pin's level: a pin may be wired the other way round, or not at all.

use embedded_hal::digital::{ErrorType, InputPin, OutputPin};

/// An output: high means on, whatever the wiring. Writes only changes.
#[derive(Debug)]
pub(super) struct Out<P> {
    pin: Option<P>,
    active_low: bool,
    on: Option<bool>,
}

/// An input: high means pressed, whatever the wiring. Not wired: never pressed.
#[derive(Debug)]
pub(super) struct In<P> {
    pin: Option<P>,
    active_low: bool,
}

impl<P> Out<P> {
    /// What this pin is wired to is on when the pin is low, if `active_low`.
    pub(super) fn new(pin: Option<P>, active_low: bool) -> Self {
        Self { pin, active_low, on: None }
    }
}

impl<P> In<P> {
    /// The contact is closed when the pin is low, if `active_low`.
    pub(super) fn new(pin: Option<P>, active_low: bool) -> Self {
        Self { pin, active_low }
    }
}

impl<P: OutputPin> Out<P> {
    fn set(&mut self, on: bool) -> Result<(), P::Error> {
        let Some(pin) = self.pin.as_mut().filter(|_| self.on != Some(on)) else { return Ok(()) };
        // unknown while it may have failed
        self.on = None;
        pin.set_state((on != self.active_low).into())?;
        self.on = Some(on);
        Ok(())
    }
}

impl<P: ErrorType> ErrorType for Out<P> {
    type Error = P::Error;
}

impl<P: OutputPin> OutputPin for Out<P> {
    fn set_low(&mut self) -> Result<(), P::Error> {
        self.set(false)
    }

    fn set_high(&mut self) -> Result<(), P::Error> {
        self.set(true)
    }
}

impl<P: ErrorType> ErrorType for In<P> {
    type Error = P::Error;
}

impl<P: InputPin> InputPin for In<P> {
    fn is_high(&mut self) -> Result<bool, P::Error> {
        match self.pin.as_mut() {
            Some(pin) => pin.is_high().map(|high| high != self.active_low),
            None => Ok(false),
        }
    }

    fn is_low(&mut self) -> Result<bool, P::Error> {
        self.is_high().map(|high| !high)
    }
}
