//! What the lamp shows: a two-colour lamp (red and green; both are amber) and one rhythm per state.
//!
//! Every state can be told by its rhythm alone, so colour is a help and never needed. No state is steady:
//! a steady or dark lamp means that the program does not run.
//!
//! ```text
//! state           colour  one letter is 100 ms: # lit, . dark
//! ready           green   #######################################.
//! on a call       green   ##..##..............
//! booting         amber   ##########..........
//! updating        amber   #...................
//! outbox stuck    amber   ##..##..##..##..............
//! no PBX          amber   ##..##..##..............
//! fault           red     ##########...##..........
//! emergency open  red     #.
//! ```

use core::time::Duration;

/// The state of the box, least urgent first; of several the last one is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Answers calls. Green, with a short wink every four seconds.
    Ready,
    /// A caller is on the line. Green, two flashes and a pause.
    OnCall,
    /// Starting. Amber, slow and even.
    Booting,
    /// A new version is being installed. Amber, one short flash every two seconds.
    Updating,
    /// Messages wait for a connection. Amber, four flashes and a pause.
    OutboxStuck,
    /// The telephone system does not accept or reach us. Amber, three flashes and a pause.
    NoPbx,
    /// Something is broken. Red, long and short.
    Fault,
    /// An emergency that nobody has taken yet. Red, fast.
    EmergencyOpen,
}

impl Status {
    /// Every state, least urgent first.
    pub const ALL: [Self; 8] = [
        Self::Ready,
        Self::OnCall,
        Self::Booting,
        Self::Updating,
        Self::OutboxStuck,
        Self::NoPbx,
        Self::Fault,
        Self::EmergencyOpen,
    ];

    /// As the terminal says it: the state, and what is to be seen.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Ready => "ready (green, a wink every four seconds)",
            Self::OnCall => "on a call (green, two flashes)",
            Self::Booting => "starting (amber, slow)",
            Self::Updating => "updating (amber, a flash every two seconds)",
            Self::OutboxStuck => "messages do not leave (amber, four flashes)",
            Self::NoPbx => "no telephone system (amber, three flashes)",
            Self::Fault => "something is broken (red, long and short)",
            Self::EmergencyOpen => "an emergency that nobody has taken (red, fast)",
        }
    }

    const fn colour(self) -> Light {
        match self {
            Self::Ready | Self::OnCall => Light { red: false, green: true },
            Self::Booting | Self::Updating | Self::OutboxStuck | Self::NoPbx => {
                Light { red: true, green: true }
            }
            Self::Fault | Self::EmergencyOpen => Light { red: true, green: false },
        }
    }

    /// (milliseconds lit, milliseconds dark), repeated.
    const fn rhythm(self) -> &'static [(u32, u32)] {
        match self {
            Self::Ready => &[(3900, 100)],
            Self::OnCall => &[(200, 200), (200, 1400)],
            Self::Booting => &[(1000, 1000)],
            Self::Updating => &[(100, 1900)],
            Self::OutboxStuck => &[(200, 200), (200, 200), (200, 200), (200, 1400)],
            Self::NoPbx => &[(200, 200), (200, 200), (200, 1400)],
            Self::Fault => &[(1000, 300), (200, 1000)],
            Self::EmergencyOpen => &[(100, 100)],
        }
    }
}

/// What the two halves of the lamp do right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Light {
    /// The red half is lit.
    pub red: bool,
    /// The green half is lit.
    pub green: bool,
}

/// The lamp's light at `now`.
pub fn light(status: Status, now: Duration) -> Light {
    let rhythm = status.rhythm();
    let period_ms: u32 = rhythm.iter().map(|(lit, dark)| lit + dark).sum();
    let mut into_ms = now.as_millis() % u128::from(period_ms);
    for (lit_ms, dark_ms) in rhythm {
        if into_ms < u128::from(*lit_ms) {
            return status.colour();
        }
        match into_ms.checked_sub(u128::from(lit_ms + dark_ms)) {
            Some(rest) => into_ms = rest,
            None => return Light::default(),
        }
    }
    Light::default()
}
