//! Which trade the words belong to.

use domain::Service;

use crate::words::token::{Piece, Token};

const PLUMBING: &[&str] = &[
    "water", "pipe", "plumb", "plumber", "drain", "toilet", "faucet", "sink", "sewer", "sewage", "septic",
    "shower", "tub", "leak", "flood", "sump", "dispos", "hose", "spigot", "commod", "clog", "tap", "bathtub",
    "toilet", "agua", "tubo", "tuberia", "drenaj", "bano", "inodoro", "drip",
];
const HVAC: &[&str] = &[
    "furnac",
    "heat",
    "heater",
    "boiler",
    "ac",
    "hvac",
    "thermostat",
    "duct",
    "cool",
    "radiator",
    "condenser",
    "freon",
    "vent",
    "filter",
    "conditioner",
    "blower",
    "calefaccion",
    "chimney",
    "warm",
    "monoxid",
];
const ELECTRICAL: &[&str] = &[
    "outlet",
    "spark",
    "wir",
    "breaker",
    "panel",
    "electric",
    "electrical",
    "electrician",
    "socket",
    "switch",
    "fus",
    "light",
    "power",
    "shock",
    "plug",
    "voltag",
    "generator",
    "charger",
    "enchuf",
    "chispa",
    "cabl",
    "gfci",
    "chandelier",
    "dimmer",
    "doorbell",
    "lamp",
    "bulb",
    "fan",
    "arc",
];

/// The trade with the most words; `None` of them: unknown. "Water heater" is plumbing.
pub(crate) fn by_words(pieces: &[Piece]) -> Service {
    let tokens: Vec<&Token> = pieces.iter().flat_map(|p| &p.tokens).collect();
    let mut score = [0_usize; 3];
    for (at, token) in tokens.iter().enumerate() {
        let stem = token.stem.as_str();
        let after_water = at > 0 && tokens[at - 1].word == "water";
        let pump_of_heat = stem == "pump" && at > 0 && tokens[at - 1].stem == "heat";
        if stem == "heater" && after_water || PLUMBING.contains(&stem) {
            score[0] += 1;
        } else if HVAC.contains(&stem) || pump_of_heat {
            score[1] += if matches!(stem, "furnac" | "ac" | "hvac" | "boiler") { 2 } else { 1 };
        } else if ELECTRICAL.contains(&stem) {
            score[2] += 1;
        }
    }
    let best = score.iter().copied().max().unwrap_or(0);
    match score {
        _ if best == 0 => Service::Unknown,
        [p, h, e] if h == best && h > p && h > e => Service::Hvac,
        [p, _, e] if e == best && e > p => Service::Electrical,
        _ => Service::Plumbing,
    }
}

/// The trade of a decision: the rule's, refined by the caller's words.
pub(crate) fn of(verdict: &crate::decide::Verdict, a: &crate::assess::Assessment) -> Service {
    use domain::{Issue, Trade};
    let words = a.service;
    let refined = match verdict.issue {
        Issue::Gas | Issue::CarbonMonoxide if words == Service::Hvac => Service::Hvac,
        Issue::Electrical | Issue::Danger if matches!(words, Service::Hvac | Service::Electrical) => words,
        Issue::Gas
        | Issue::CarbonMonoxide
        | Issue::Electrical
        | Issue::Water
        | Issue::Sewage
        | Issue::NoHeat
        | Issue::NoCooling
        | Issue::ItOutage
        | Issue::ItTrouble => verdict.service,
        Issue::Danger
        | Issue::Maintenance
        | Issue::MinorRepair
        | Issue::Quote
        | Issue::Scheduling
        | Issue::Inquiry
        | Issue::NonService
        | Issue::Unknown => words,
        Issue::SalesPitch | Issue::Robocall => Service::Unknown,
    };
    match (refined, a.context.trade) {
        (Service::Unknown, Trade::Msp) if !matches!(verdict.issue, Issue::SalesPitch | Issue::Robocall) => {
            Service::It
        }
        (_, Trade::Msp)
            if !verdict.issue.is_life_safety() && !matches!(verdict.issue, Issue::Water | Issue::Sewage) =>
        {
            Service::It
        }
        (service, _) => service,
    }
}
