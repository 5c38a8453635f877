//! A sentence with slots: read once, checked, filled many times.

/// A place in a sentence that is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Slot {
    // filled from the configuration
    Business,
    Owner,
    Agent,
    Tech,
    TechStart,
    TechFull,
    Pricing,
    // chosen from a small list that is known in advance
    When,
    Soon,
    Back,
    Opens,
    FirstThing,
    Farewell,
    Thing,
    // known only in the call
    Name,
    Address,
    Company,
    Issue,
    Number,
    LastFour,
    Day,
    Time,
    HalfDay,
    Letters,
    Step,
    By,
}

impl Slot {
    const NAMES: &'static [(&'static str, Slot)] = &[
        ("business", Slot::Business),
        ("owner", Slot::Owner),
        ("agent", Slot::Agent),
        ("tech", Slot::Tech),
        ("Tech", Slot::TechStart),
        ("tech_full", Slot::TechFull),
        ("pricing", Slot::Pricing),
        ("when", Slot::When),
        ("soon", Slot::Soon),
        ("back", Slot::Back),
        ("opens", Slot::Opens),
        ("first_thing", Slot::FirstThing),
        ("farewell", Slot::Farewell),
        ("thing", Slot::Thing),
        ("name", Slot::Name),
        ("address", Slot::Address),
        ("company", Slot::Company),
        ("issue", Slot::Issue),
        ("number", Slot::Number),
        ("last_four", Slot::LastFour),
        ("day", Slot::Day),
        ("time", Slot::Time),
        ("half_day", Slot::HalfDay),
        ("letters", Slot::Letters),
        ("step", Slot::Step),
        ("by", Slot::By),
    ];

    /// The slot of this name.
    pub(crate) fn named(name: &str) -> Option<Slot> {
        Self::NAMES.iter().find(|(n, _)| *n == name).map(|(_, slot)| *slot)
    }

    /// As written in the prompt file.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, s)| *s == self).map_or("", |(n, _)| n)
    }

    /// Known only in the call.
    pub(crate) fn is_of_the_call(self) -> bool {
        self >= Slot::Name
    }
}

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Slot(Slot),
    /// Left out when a slot in it is not known.
    Optional(Vec<Part>),
}

/// One sentence; a prompt has one or more. Sentences are rendered and cached one by one.
pub(crate) type Sentence = Vec<Part>;

/// What is wrong with a template, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateFault {
    pub(crate) what: String,
    pub(crate) write_instead: String,
}

fn fault<T>(what: impl Into<String>, write_instead: impl Into<String>) -> Result<T, TemplateFault> {
    Err(TemplateFault { what: what.into(), write_instead: write_instead.into() })
}

/// Reads a template into sentences.
pub(crate) fn parse(text: &str) -> Result<Vec<Sentence>, TemplateFault> {
    if text.trim().is_empty() {
        return fault("the sentence is empty", "a sentence");
    }
    split_sentences(text).into_iter().map(|s| parse_sentence(&s)).collect()
}

/// Splits after `.`, `?`, `!` or a colon followed by a space, outside brackets.
fn split_sentences(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut depth = 0_i32;
    let mut ended = false;
    for c in text.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if ended && c == ' ' && depth == 0 {
            out.push(String::new());
        }
        ended = matches!(c, '.' | '?' | '!');
        if let Some(sentence) = out.last_mut() {
            sentence.push(c);
        }
    }
    out.iter().map(|s| s.trim().to_string()).filter(|s| !s.is_empty()).collect()
}

fn parse_sentence(text: &str) -> Result<Sentence, TemplateFault> {
    let mut rest = text;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let at = rest.find(['{', '[', ']', '}']).unwrap_or(rest.len());
        if at > 0 {
            parts.push(Part::Text(rest[..at].to_string()));
            rest = &rest[at..];
            continue;
        }
        if let Some(inner) = rest.strip_prefix('{') {
            let Some(end) = inner.find('}') else {
                return fault("a { has no } after it", "{name} with both braces");
            };
            let Some(slot) = Slot::named(&inner[..end]) else {
                return fault(format!("there is no {{{}}}", &inner[..end]), nearest_slot(&inner[..end]));
            };
            parts.push(Part::Slot(slot));
            rest = &inner[end + 1..];
        } else if let Some(inner) = rest.strip_prefix('[') {
            let Some(end) = inner.find(']') else {
                return fault("a [ has no ] after it", "[, {name}] with both brackets");
            };
            if inner[..end].contains('[') {
                return fault("brackets inside brackets", "one pair of brackets after the other");
            }
            parts.push(Part::Optional(parse_sentence(&inner[..end])?));
            rest = &inner[end + 1..];
        } else {
            return fault("a closing } or ] without its beginning", "the pair, or neither");
        }
    }
    Ok(parts)
}

/// The known slot that a misspelt one most likely means.
fn nearest_slot(wrong: &str) -> String {
    let names = Slot::NAMES.iter().map(|(n, _)| *n);
    let likely = names.clone().find(|n| {
        let (a, b) = (n.to_lowercase(), wrong.to_lowercase());
        !b.is_empty() && (a.contains(&b) || b.contains(&a) || a.get(..3) == b.get(..3))
    });
    match likely {
        Some(name) => format!("{{{name}}}"),
        None => format!("one of {}", names.map(|n| format!("{{{n}}}")).collect::<Vec<_>>().join(" ")),
    }
}

/// All slots of the sentences, each with whether it stands inside brackets.
pub(crate) fn slots(sentences: &[Sentence]) -> Vec<(Slot, bool)> {
    fn collect(parts: &[Part], optional: bool, out: &mut Vec<(Slot, bool)>) {
        for part in parts {
            match part {
                Part::Text(_) => {}
                Part::Slot(slot) => out.push((*slot, optional)),
                Part::Optional(inner) => collect(inner, true, out),
            }
        }
    }
    let mut out = Vec::new();
    for sentence in sentences {
        collect(sentence, false, &mut out);
    }
    out
}
