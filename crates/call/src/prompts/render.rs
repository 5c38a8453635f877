//! Fills a sentence and cuts it at what is only known in the call.

use domain::{PhoneNumber, Service};

use super::{
    Constants, Moment, stock,
    template::{Part, Slot},
};
use crate::understand::first_name;

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
}

/// What a slot turns into.
enum Filled {
    Unknown,
    Fixed(String),
    Live(String),
    /// Cached units one after the other, and how they are written.
    Units(Vec<String>, String),
    /// A live part and a cached end: "218 Oak" + "Lane."
    LiveThenUnit(String, String, String),
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
    let mut builder = Builder::default();
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
                Filled::LiveThenUnit(live, unit, written) => out.live_then_unit(&live, unit, &written),
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
    let live = |text: &Option<String>| text.clone().map_or(Filled::Unknown, Filled::Live);
    match slot {
        Slot::Business => fixed(&constants.business),
        Slot::Owner => fixed(&constants.owner),
        Slot::Agent => fixed(&constants.agent),
        Slot::Tech => fixed(constants.oncall.as_deref().unwrap_or("our on-call technician")),
        Slot::TechStart => fixed(constants.oncall.as_deref().unwrap_or("Our on-call technician")),
        Slot::TechFull => match &constants.oncall {
            Some(tech) => Filled::Fixed(format!("{tech}, our on-call tech,")),
            None => fixed("our on-call technician"),
        },
        Slot::Pricing => fixed(&constants.pricing),
        Slot::When => fixed(moment.when),
        Slot::Soon => fixed(moment.soon),
        Slot::Back => fixed(&moment.back),
        Slot::Opens => moment.opens.as_deref().map_or(Filled::Unknown, fixed),
        Slot::FirstThing => fixed(moment.first_thing),
        Slot::Farewell => fixed(moment.farewell),
        Slot::Thing => fixed(thing(values.service)),
        Slot::Name => {
            values.name.as_deref().map_or(Filled::Unknown, |n| Filled::Live(first_name(n).to_string()))
        }
        Slot::Address => values.address.as_deref().map_or(Filled::Unknown, address),
        Slot::Company => live(&values.company),
        Slot::Issue => live(&values.issue),
        Slot::Number => values.number.as_ref().map_or(Filled::Unknown, |n| digits(&n.groups())),
        Slot::LastFour => values.number.as_ref().map_or(Filled::Unknown, |n| digits(&[n.last_four()])),
        Slot::Day => stocked(&values.day),
        Slot::Time => stocked(&values.time),
        Slot::HalfDay => live(&values.half_day),
    }
}

fn thing(service: Service) -> &'static str {
    match service {
        Service::Plumbing => "plumbing",
        Service::Hvac => "heating or cooling",
        Service::Electrical => "electrical system",
        Service::It => "computers",
        Service::General | Service::Unknown => "system",
    }
}

fn stocked(value: &Option<String>) -> Filled {
    value.as_ref().map_or(Filled::Unknown, |v| Filled::Units(vec![format!("{v}.")], v.clone()))
}

/// Digit by digit, groups set apart by falling ends: "five, five, five." "two, three, four."
fn digits(groups: &[&str]) -> Filled {
    let mut units = Vec::new();
    for group in groups {
        let last = group.chars().count().saturating_sub(1);
        units.extend(group.chars().enumerate().filter_map(|(i, d)| stock::digit(d, i == last)));
    }
    Filled::Units(units, groups.join(" "))
}

/// "218 Oak" is rendered live, "Lane." is cached.
fn address(text: &str) -> Filled {
    if let Some((front, last)) = text.rsplit_once(' ')
        && let Some(unit) = stock::street(last)
    {
        return Filled::LiveThenUnit(front.to_string(), unit, text.to_string());
    }
    Filled::Live(text.to_string())
}

/// Collects pieces; punctuation that follows a live piece belongs to it.
#[derive(Default)]
struct Builder {
    pieces: Vec<Piece>,
    open: String,
    written: String,
}

impl Builder {
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
        self.pieces.push(Piece { text: text.to_string(), live: true });
    }

    fn units(&mut self, units: Vec<String>, written: &str) {
        self.close();
        self.written.push_str(written);
        self.pieces.extend(units.into_iter().map(|text| Piece { text, live: false }));
    }

    fn live_then_unit(&mut self, live: &str, unit: String, written: &str) {
        self.close();
        self.written.push_str(written);
        self.pieces.push(Piece { text: live.to_string(), live: true });
        self.pieces.push(Piece { text: unit, live: false });
    }

    fn close(&mut self) {
        let text = std::mem::take(&mut self.open);
        let text = text.trim();
        if text.chars().any(char::is_alphanumeric) {
            self.pieces.push(Piece { text: text.to_string(), live: false });
        }
    }

    fn done(mut self) -> (Vec<Piece>, String) {
        self.close();
        (self.pieces, self.written.trim().to_string())
    }
}
