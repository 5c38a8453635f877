//! Which trade the words belong to, and whether they are about a matter at all.

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

/// Words of greeting, name and phone manners; a turn of only these says nothing about the matter yet.
const MANNERS: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "yes",
    "yeah",
    "yep",
    "no",
    "nope",
    "good",
    "evening",
    "morning",
    "afternoon",
    "night",
    "there",
    "can",
    "you",
    "hear",
    "me",
    "is",
    "anybody",
    "anyone",
    "somebody",
    "someone",
    "thank",
    "thanks",
    "ok",
    "okay",
    "sorry",
    "what",
    "who",
    "this",
    "calling",
    "am",
    "i",
    "name",
    "my",
    "speaking",
    "speak",
    "to",
    "with",
    "it",
    "sure",
    "hold",
    "on",
    "one",
    "second",
    "sec",
    "moment",
    "bye",
    "goodbye",
    "wait",
    "not",
    "do",
    "want",
    "need",
    "help",
    "some",
    "please",
    "could",
    "would",
    "for",
    "and",
    "am",
    "a",
    "got",
    "hang",
    "let",
    "are",
    "how",
    "doing",
    "today",
    "from",
    "about",
    "talk",
    "question",
    "quick",
    "have",
    "oh",
    "right",
    "guess",
    "number",
    "phone",
    "call",
    "say",
    "said",
    "again",
    "pardon",
    "excuse",
    "here",
    "still",
    "test",
    "testing",
    "listening",
    "tonight",
    "guys",
    "folks",
    "open",
    "robot",
    "real",
    "person",
    "human",
    "machine",
    "uh",
    "um",
    "hola",
    "buenas",
    "noches",
    "buenos",
    "dias",
    "tardes",
    "bueno",
    "gracias",
    "si",
    "well",
    "so",
    "mister",
    "mrs",
    "mr",
    "miss",
    "ma",
    "maam",
    "sir",
    "address",
    "street",
    "avenue",
    "road",
    "lane",
    "drive",
    "court",
    "apartment",
    "boulevard",
    "main",
    "way",
    "place",
    "fine",
    "great",
    "best",
    "that",
    "correct",
    "live",
    "at",
    "in",
    "the",
    "of",
    "be",
    "will",
    "was",
    "just",
    "trying",
    "reach",
    "get",
    "through",
    "message",
    "leave",
    "back",
    "like",
    "if",
    "wondering",
    "was",
    "we",
    "us",
    "our",
    "your",
    "his",
    "her",
    "up",
    "ah",
    "hmm",
    "mhm",
    "alright",
    "last",
    "first",
    "spelled",
    "spell",
    "zip",
    "code",
    "nothing",
    "else",
    "all",
    "everything",
];
/// Words that say "something is the matter" without saying what.
const MATTER: &[&str] = &[
    "problem",
    "issue",
    "trouble",
    "broken",
    "broke",
    "wrong",
    "leak",
    "fix",
    "repair",
    "working",
    "work",
    "plumber",
    "electrician",
    "technician",
    "plumbing",
    "electrical",
    "heating",
    "happened",
    "situation",
    "stopped",
    "noise",
    "weird",
    "bad",
    "mess",
    "broken",
    "messed",
    "stuck",
    "damage",
    "accident",
];

/// The caller's words when they are about something; `None` for greetings, names and phone manners.
pub(crate) fn matter(piece: &Piece) -> Option<String> {
    let tokens = &piece.tokens;
    let named = tokens.iter().any(|t| MATTER.contains(&t.word.as_str()));
    let content: Vec<&Token> = tokens
        .iter()
        .filter(|t| t.number.is_none() && !t.light && !MANNERS.contains(&t.word.as_str()))
        .collect();
    // A name or an address is one to three unknown words, often alone or after "this is", "my name is".
    let introduction = tokens.windows(2).any(|w| {
        matches!(
            (w[0].word.as_str(), w[1].word.as_str()),
            ("name", "is")
                | ("this", "is")
                | ("calling", "from")
                | ("live", "at")
                | ("i", "am")
                | ("it", "is")
        )
    });
    let allowance = if introduction { 4 } else { 3 };
    let verbs = tokens
        .iter()
        .any(|t| t.word.len() > 5 && t.word.ends_with("ing") && !MANNERS.contains(&t.word.as_str()));
    (named || content.len() > allowance || verbs && content.len() >= 2).then(|| piece.text.trim().to_owned())
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
