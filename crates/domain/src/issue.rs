//! What is wrong, which trade mends it, and what the caller should do meanwhile.

use serde::{Deserialize, Serialize};

/// What the call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Issue {
    /// Gas smell or leak.
    Gas,
    /// Carbon monoxide or its alarm.
    CarbonMonoxide,
    /// Sparks, burning smell, exposed wires, shock.
    Electrical,
    /// Somebody's life or health is in danger, cause unknown or outside our trades.
    Danger,
    /// Water where it should not be, moving now.
    Water,
    /// Sewage coming back.
    Sewage,
    /// No heat when it is cold.
    NoHeat,
    /// No cooling (an emergency with a vulnerable person only).
    NoCooling,
    /// A business cannot work: servers, mail or network down.
    ItOutage,
    /// One user's computer trouble.
    ItTrouble,
    /// Tune-up, inspection, seasonal service.
    Maintenance,
    /// Drips, slow drains, a running toilet.
    MinorRepair,
    /// Estimate, price, bid.
    Quote,
    /// Appointment wanted.
    Scheduling,
    /// "Do you service …?", hours.
    Inquiry,
    /// Warranty, billing, receipts.
    NonService,
    /// A sales pitch, vendor or marketing call.
    SalesPitch,
    /// A recorded voice.
    Robocall,
    /// Not known yet.
    #[default]
    Unknown,
}

impl Issue {
    /// Gas, CO, electrical and danger to life: nothing may lower these (decision K23).
    pub fn is_life_safety(self) -> bool {
        matches!(self, Issue::Gas | Issue::CarbonMonoxide | Issue::Electrical | Issue::Danger)
    }

    /// What to tell the caller to do until help arrives, if anything.
    pub fn safety(self) -> Option<Safety> {
        match self {
            Issue::Gas => Some(Safety::Gas),
            Issue::CarbonMonoxide => Some(Safety::CarbonMonoxide),
            Issue::Electrical => Some(Safety::Electrical),
            Issue::Danger => Some(Safety::Danger),
            Issue::Water => Some(Safety::WaterShutoff),
            Issue::Sewage => Some(Safety::Sewage),
            Issue::NoHeat => Some(Safety::DripFaucets),
            Issue::NoCooling => Some(Safety::KeepCool),
            Issue::ItOutage
            | Issue::ItTrouble
            | Issue::Maintenance
            | Issue::MinorRepair
            | Issue::Quote
            | Issue::Scheduling
            | Issue::Inquiry
            | Issue::NonService
            | Issue::SalesPitch
            | Issue::Robocall
            | Issue::Unknown => None,
        }
    }
}

/// A safety instruction (decision K21). The words are prompts of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Safety {
    /// Leave the house, no lights, call 911 or the gas company from outside.
    Gas,
    /// Fresh air now, call 911.
    CarbonMonoxide,
    /// Stay away, do not touch; smoke or fire: out and 911.
    Electrical,
    /// Hang up and call 911.
    Danger,
    /// Main water shutoff.
    WaterShutoff,
    /// Keep away from the water, no taps, no flushing.
    Sewage,
    /// Drip the faucets.
    DripFaucets,
    /// Coolest place, water, 911 if confused or faint.
    KeepCool,
}

impl Safety {
    /// Life-safety instructions are the first thing said, before any question (decision K20).
    pub fn comes_first(self) -> bool {
        matches!(self, Safety::Gas | Safety::CarbonMonoxide | Safety::Electrical | Safety::Danger)
    }
}

/// Which trade the work belongs to (source D:964-970, and `It` for MSP runbooks).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Water, drains, gas pipes.
    Plumbing,
    /// Heating, cooling, ventilation.
    Hvac,
    /// Wires and panels.
    Electrical,
    /// Computers and networks.
    It,
    /// Several or no trade in particular.
    General,
    /// Not known.
    #[default]
    Unknown,
}
