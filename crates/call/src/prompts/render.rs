//! Fills a sentence and cuts it at what is only known in the call.

use domain::{Language, PhoneNumber, Service};

use super::{
    Constants, Moment, stock,
    template::{Part, Slot},
    words,
};
use crate::understand::{first_name, summary::capitalised};

/// What is known in the call when a sentence is said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values {
    pub(crate) name: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) company: Option<String>,
    pub(crate) issue: Option<String>,
    pub(crate) number: Option<PhoneNumber>,
    pub(crate) service: Service,
    pub(crate) day: Option<String>,
    pub(crate) time: Option<String>,
    pub(crate) half_day: Option<String>,
    /// A name to be said letter by letter.
    pub(crate) letters: Option<String>,
    /// A step of the runbook's scripted answer.
    pub(crate) step: Option<String>,
    /// Who took the alert; named instead of whoever is on call.
    pub(crate) by: Option<String>,
}

impl Values {
    /// Stand-ins with every combination of known and unknown facts, to find all fixed pieces.
    pub(crate) fn samples() -> Vec<Values> {
        let mut out = Vec::new();
        for service in [Service::Plumbing, Service::Hvac, Service::Electrical, Service::It, Service::General]
        {
            for mask in 0..4_u8 {
                let known = |bit: u8| (mask & bit != 0).then(|| "X".to_string());
                out.push(Values {
                    name: known(1),
                    address: known(2),
                    company: Some("X".into()),
                    issue: Some("X".into()),
                    number: "+15552345678".parse().ok(),
                    service,
                    day: Some("Monday".into()),
                    time: Some("8 AM".into()),
                    half_day: Some("morning".into()),
                    letters: Some("X".into()),
                    step: Some(String::new()),
                    by: None,
                });
            }
        }
        out
    }
}

/// A piece of speech before it is known whether it is cached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) live: bool,
    /// Which voice says it.
    pub(crate) language: Language,
}

/// What a slot turns into.
enum Filled {
    Unknown,
    Fixed(String),
    Live(String),
    /// Cached units one after the other, and how they are written.
    Units(Vec<String>, String),
    /// Parts of an address, and how it is written: "218 Oak" + "Lane."
    Parts(Vec<Piece>, String),
}

/// The pieces of a sentence and its written form. Empty when a fact outside brackets is not known: half a
/// sentence is never said.
pub(crate) fn sentence(
    parts: &[Part],
    constants: &Constants,
    values: &Values,
    moment: &Moment,
) -> (Vec<Piece>, String) {
    let unknown = |part: &Part| matches!(part, Part::Slot(slot) if matches!(slot_value(*slot, constants, values, moment), Filled::Unknown));
    if parts.iter().any(unknown) {
        return (Vec::new(), String::new());
    }
    let mut builder = Builder::new(constants.language);
    fill(parts, constants, values, moment, &mut builder);
    builder.done()
}

fn fill(parts: &[Part], constants: &Constants, values: &Values, moment: &Moment, out: &mut Builder) {
    for part in parts {
        match part {
            Part::Text(text) => out.fixed(text),
            Part::Slot(slot) => match slot_value(*slot, constants, values, moment) {
                Filled::Unknown => {}
                Filled::Fixed(text) => out.fixed(&text),
                Filled::Live(text) => out.live(&text),
                Filled::Units(units, written) => out.units(units, &written),
                Filled::Parts(parts, written) => out.parts(parts, &written),
            },
            Part::Optional(inner) => {
                let known = inner.iter().all(|p| match p {
                    Part::Slot(slot) => {
                        !matches!(slot_value(*slot, constants, values, moment), Filled::Unknown)
                    }
                    Part::Text(_) | Part::Optional(_) => true,
                });
                if known {
                    fill(inner, constants, values, moment, out);
                }
            }
        }
    }
}

fn slot_value(slot: Slot, constants: &Constants, values: &Values, moment: &Moment) -> Filled {
    let fixed = |text: &str| Filled::Fixed(text.to_string());
    let language = constants.language;
    let tech = values.by.as_deref().or(constants.oncall.as_deref());
    let live = |text: &Option<String>| text.clone().map_or(Filled::Unknown, Filled::Live);
    match slot {
        Slot::Business => fixed(&constants.business),
        Slot::Owner => fixed(&constants.owner),
        Slot::Agent => fixed(&constants.agent),
        Slot::Tech => Filled::Fixed(words::tech(tech, false, language)),
        Slot::TechStart => Filled::Fixed(words::tech(tech, true, language)),
        Slot::TechFull => Filled::Fixed(words::tech_full(tech, language)),
        Slot::Pricing => fixed(&constants.pricing),
        Slot::When => fixed(moment.when),
        Slot::Soon => fixed(moment.soon),
        Slot::Back => fixed(&moment.back),
        Slot::Opens => moment.opens.as_deref().map_or(Filled::Unknown, fixed),
        Slot::FirstThing => fixed(moment.first_thing),
        Slot::Farewell => fixed(moment.farewell),
        Slot::Thing => fixed(words::thing(values.service, language)),
        Slot::Name => {
            values.name.as_deref().map_or(Filled::Unknown, |n| Filled::Live(first_name(n).to_string()))
        }
        Slot::Address => values.address.as_deref().map_or(Filled::Unknown, |a| address(a, language)),
        Slot::Company => live(&values.company),
        Slot::Issue => live(&values.issue),
        Slot::Number => values.number.as_ref().map_or(Filled::Unknown, |n| digits(&n.groups(), language)),
        Slot::LastFour => {
            values.number.as_ref().map_or(Filled::Unknown, |n| digits(&[n.last_four()], language))
        }
        Slot::Day => stocked(&values.day),
        Slot::Time => stocked(&values.time),
        Slot::HalfDay => live(&values.half_day),
        Slot::Letters => values.letters.as_deref().map_or(Filled::Unknown, |l| letters(l, language)),
        Slot::Step => values.step.as_deref().map_or(Filled::Unknown, |step| {
            let said = instruction(step);
            Filled::Units(vec![said.clone()], said)
        }),
        Slot::By => values.by.as_deref().or(constants.oncall.as_deref()).map_or(Filled::Unknown, fixed),
    }
}

fn stocked(value: &Option<String>) -> Filled {
    value.as_ref().map_or(Filled::Unknown, |v| Filled::Units(vec![format!("{v}.")], v.clone()))
}

/// Digit by digit, groups set apart by falling ends: "five, five, five." "two, three, four."
fn digits(groups: &[&str], language: Language) -> Filled {
    let mut units = Vec::new();
    for group in groups {
        let last = group.chars().count().saturating_sub(1);
        units.extend(group.chars().enumerate().filter_map(|(i, d)| stock::digit(d, i == last, language)));
    }
    Filled::Units(units, groups.join(" "))
}

/// Letter by letter: "K," "O," …; written "K-O-W-A-L-S-K-I."
fn letters(name: &str, language: Language) -> Filled {
    let units = name.chars().filter_map(|l| stock::letter(l, language)).collect();
    let written: Vec<String> =
        name.chars().filter(|c| c.is_alphabetic()).map(|c| c.to_uppercase().to_string()).collect();
    Filled::Units(units, format!("{}.", written.join("-")))
}

/// A step of a runbook as it is said: "Please reboot the Meraki."
pub(super) fn instruction(step: &str) -> String {
    let step = step.trim().trim_end_matches(['.', ';', ',']);
    if step.is_empty() {
        return String::new();
    }
    let lower = step.to_lowercase();
    let polite = lower.starts_with("please") || lower.starts_with("wait") || lower.ends_with(['?', '!']);
    let said = if polite { capitalised(step) } else { format!("Please {}", decapitalised(step)) };
    if said.ends_with(['?', '!']) { said } else { format!("{said}.") }
}

/// "Reboot" → "reboot", but "VPN" and "Meraki's" stay as they are when they are names: only a first word whose
/// other letters are small is changed.
fn decapitalised(text: &str) -> String {
    let first = text.split(' ').next().unwrap_or_default();
    let mut chars = text.chars();
    match chars.next() {
        Some(c) if first.chars().skip(1).all(char::is_lowercase) => c.to_lowercase().chain(chars).collect(),
        Some(_) | None => text.to_string(),
    }
}

/// "218 Oak" is rendered live, "Lane." is cached. In Spanish the English street name is left to the English voice:
/// "218" | "Oak" | "Lane."
fn address(text: &str, language: Language) -> Filled {
    let live = |text: &str, language| Piece { text: text.to_string(), live: true, language };
    let Some((front, unit)) =
        text.rsplit_once(' ').and_then(|(front, last)| Some((front, stock::street(last)?)))
    else {
        return Filled::Live(text.to_string());
    };
    let unit = Piece { text: unit, live: false, language: Language::English };
    let parts = match (language, front.split_once(' ')) {
        (Language::Spanish, Some((number, street))) if number.starts_with(|c: char| c.is_ascii_digit()) => {
            vec![live(number, language), live(street, Language::English), unit]
        }
        (Language::Spanish, _) => vec![live(front, Language::English), unit],
        (Language::English, _) => vec![live(front, language), unit],
    };
    Filled::Parts(parts, text.to_string())
}

/// Collects pieces; punctuation that follows a live piece belongs to it.
struct Builder {
    language: Language,
    pieces: Vec<Piece>,
    open: String,
    written: String,
}

impl Builder {
    fn new(language: Language) -> Self {
        Self { language, pieces: Vec::new(), open: String::new(), written: String::new() }
    }

    fn fixed(&mut self, text: &str) {
        self.written.push_str(text);
        let mut text = text;
        if self.open.is_empty()
            && let Some(last) = self.pieces.last_mut()
        {
            let end = text.find(|c: char| !matches!(c, ',' | '.' | '?' | '!')).unwrap_or(text.len());
            if last.live {
                last.text.push_str(&text[..end]);
            }
            text = &text[end..];
        }
        self.open.push_str(text);
    }

    fn live(&mut self, text: &str) {
        self.close();
        self.written.push_str(text);
        self.pieces.push(Piece { text: text.to_string(), live: true, language: self.language });
    }

    fn units(&mut self, units: Vec<String>, written: &str) {
        self.close();
        self.written.push_str(written);
        let language = self.language;
        let units = units.into_iter().filter(|u| !u.is_empty());
        self.pieces.extend(units.map(|text| Piece { text, live: false, language }));
    }

    fn parts(&mut self, parts: Vec<Piece>, written: &str) {
        self.close();
        self.written.push_str(written);
        self.pieces.extend(parts);
    }

    fn close(&mut self) {
        let text = std::mem::take(&mut self.open);
        let text = text.trim();
        if text.chars().any(char::is_alphanumeric) {
            self.pieces.push(Piece { text: text.to_string(), live: false, language: self.language });
        }
    }

    fn done(mut self) -> (Vec<Piece>, String) {
        self.close();
        (self.pieces, self.written.trim().to_string())
    }
}
