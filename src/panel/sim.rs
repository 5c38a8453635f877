//! A panel in memory; with a file, its state can be looked at and its button pressed from outside.

use std::{
    convert::Infallible,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use embedded_hal::digital::{ErrorType, InputPin, OutputPin};
use firmware::{PanelError, Pins, Press, Status};

use super::{Face, PanelFault, Settings, face, wire};

/// A switch in memory.
#[derive(Debug, Clone, Default)]
struct Switch(Arc<AtomicBool>);

#[derive(Debug, Default)]
struct Board {
    red: Switch,
    green: Switch,
    coil: Switch,
    button: Switch,
}

/// A simulated panel that shows itself in a file.
struct InFile {
    face: Box<dyn Face>,
    board: Board,
    path: PathBuf,
    button: PathBuf,
    shown: String,
}

pub(super) fn open(settings: &Settings, file: Option<&Path>) -> Result<Box<dyn Face>, PanelFault> {
    let board = Board::default();
    let pins = Pins {
        red: wire::Out::new(Some(board.red.clone()), false),
        green: wire::Out::new(Some(board.green.clone()), false),
        coil: wire::Out::new(Some(board.coil.clone()), false),
        button: wire::In::new(Some(board.button.clone()), false),
    };
    let face = face(settings, pins);
    let Some(path) = file else { return Ok(face) };
    let mut button = path.as_os_str().to_owned();
    button.push(".button");
    let mut panel =
        InFile { face, board, path: path.to_owned(), button: button.into(), shown: String::new() };
    panel.show().map_err(|cause| PanelFault::SimFile { path: path.to_owned(), cause })?;
    Ok(Box::new(panel))
}

impl InFile {
    fn show(&mut self) -> std::io::Result<()> {
        let state = self.board.words();
        if state != self.shown {
            fs::write(&self.path, &state)?;
            self.shown = state;
        }
        Ok(())
    }
}

impl Face for InFile {
    fn tick(&mut self, status: Status, alarm: bool, now: Duration) -> Result<Option<Press>, PanelError> {
        self.board.button.set(self.button.exists());
        let press = self.face.tick(status, alarm, now);
        self.show().ok(); // only for looking at
        press
    }

    fn rest(&mut self) -> Result<(), PanelError> {
        let rested = self.face.rest();
        self.show().ok();
        rested
    }
}

impl Drop for InFile {
    fn drop(&mut self) {
        self.rest().ok();
    }
}

impl Board {
    /// "lamp amber, relay off"
    fn words(&self) -> String {
        let lamp = match (self.red.get(), self.green.get()) {
            (true, true) => "amber",
            (true, false) => "red",
            (false, true) => "green",
            (false, false) => "dark",
        };
        format!("lamp {lamp}, relay {}\n", if self.coil.get() { "on" } else { "off" })
    }
}

impl Switch {
    fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, on: bool) {
        self.0.store(on, Ordering::Relaxed);
    }
}

impl ErrorType for Switch {
    type Error = Infallible;
}

impl OutputPin for Switch {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.set(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.set(true);
        Ok(())
    }
}

impl InputPin for Switch {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.get())
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(!self.get())
    }
}
