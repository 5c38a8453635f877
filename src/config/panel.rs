//! `[panel]`, checked: lamp, alarm relay and button of the box.

use std::path::PathBuf;

/// What is wired to the box's front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelSettings {
    /// Where the pins are.
    pub board: PanelBoard,
    /// Red half of the lamp, or the only lamp.
    pub led_red: Option<PanelWiring>,
    /// Green half of the lamp, or the only lamp.
    pub led_green: Option<PanelWiring>,
    /// Coil of the alarm relay.
    pub relay: Option<PanelWiring>,
    /// The button.
    pub button: Option<PanelWiring>,
    /// The relay is powered no longer than this in one go, seconds.
    pub relay_max_s: u32,
    /// The relay is silent from the first to the second minute of the day; the lamp is not.
    pub quiet_hours: Option<(u16, u16)>,
    /// Which emergencies sound the relay.
    pub sounds_for: SoundsFor,
}

/// Where the pins are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PanelBoard {
    /// The kernel's GPIO devices.
    Gpio,
    /// A Raspberry Pi's registers.
    Rppal,
    /// Memory, and this file.
    Sim(Option<PathBuf>),
}

/// A line by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelWiring {
    /// `GPIO17`, or with its chip's label `pinctrl-rp1/GPIO17`.
    pub line: String,
    /// On, or pressed, when the line is at ground.
    pub active_low: bool,
}

/// Which emergencies sound the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoundsFor {
    /// Those that went through everybody on the roster and nobody took.
    Unresolved,
    /// Every emergency, from its first second until somebody takes it.
    Open,
    /// None.
    Never,
}

impl PanelSettings {
    /// A panel in memory.
    pub fn simulated() -> Self {
        Self {
            board: PanelBoard::Sim(None),
            led_red: None,
            led_green: None,
            relay: None,
            button: None,
            relay_max_s: 180,
            quiet_hours: None,
            sounds_for: SoundsFor::Unresolved,
        }
    }
}
