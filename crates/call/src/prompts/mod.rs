//! Every sentence the agent says: read from the prompt file, checked, filled, and cut into units for the voice.
//!
//! A unit with `live = false` is always one of [`Prompts::fixed_texts`], so its audio can be rendered at start;
//! units with `live = true` carry a name, an address or the caller's words and are rendered during the call.

mod id;
mod moment;
mod render;
mod stock;
mod template;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use domain::{Language, Profile};

pub use id::PromptId;
pub(crate) use moment::Moment;
pub(crate) use render::Values;
use template::{Sentence, Slot};

use crate::protocol::Unit;

/// The English sentences that ship with the program.
pub const ENGLISH: &str = include_str!("../../prompts/en.toml");
/// The Spanish ones.
pub const SPANISH: &str = include_str!("../../prompts/es.toml");

/// One fault in a prompt file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}; write {write_instead}")]
pub struct PromptFault {
    /// The file as it was named to us.
    pub file: String,
    /// Counted from 1; 0 when a sentence is missing from the file.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub write_instead: String,
}

/// All sentences of one business in one language.
#[derive(Clone)]
pub struct Prompts {
    language: Language,
    sentences: BTreeMap<PromptId, Vec<Sentence>>,
    constants: Constants,
    fixed: BTreeSet<String>,
}

/// What the configuration fills in.
#[derive(Debug, Clone)]
pub(crate) struct Constants {
    language: Language,
    business: String,
    owner: String,
    agent: String,
    oncall: Option<String>,
    pricing: String,
}

impl Prompts {
    /// The sentences that ship, for one business.
    pub fn english(profile: &Profile) -> Result<Self, Vec<PromptFault>> {
        Self::load(ENGLISH, "prompts/en.toml", profile, Language::English)
    }

    /// The Spanish sentences that ship, for one business.
    pub fn spanish(profile: &Profile) -> Result<Self, Vec<PromptFault>> {
        Self::load(SPANISH, "prompts/es.toml", profile, Language::Spanish)
    }

    /// Reads a prompt file for one business. Returns every fault: unknown or missing sentences, unknown slots,
    /// slots that are not known where the sentence is said, bad TOML.
    pub fn load(
        text: &str,
        file: &str,
        profile: &Profile,
        language: Language,
    ) -> Result<Self, Vec<PromptFault>> {
        let table = match toml::de::DeTable::parse(text) {
            Ok(table) => table,
            Err(e) => {
                let line = e.span().map_or(0, |s| line_of(text, s.start));
                let fault = (line, e.message().to_string(), "key = \"sentence\" lines".to_string());
                return Err(vec![named(file, fault)]);
            }
        };
        let mut sentences = BTreeMap::new();
        let mut faults = Vec::new();
        for (key, value) in table.get_ref() {
            match read_entry(key.get_ref(), value.get_ref().as_str()) {
                Ok((id, read)) => {
                    sentences.insert(id, read);
                }
                Err((what, instead)) => {
                    faults.push(named(file, (line_of(text, key.span().start), what, instead)))
                }
            }
        }
        let missing = |id: &&PromptId| !table.get_ref().keys().any(|k| k.get_ref() == id.key());
        for id in PromptId::ALL.iter().filter(missing) {
            let what = format!("the sentence {} is missing", id.key());
            faults.push(named(file, (0, what, format!("{} = \"…\"", id.key()))));
        }
        if !faults.is_empty() {
            faults.sort_by_key(|f| f.line);
            return Err(faults);
        }
        let mut prompts =
            Self { language, sentences, constants: Constants::of(profile, language), fixed: BTreeSet::new() };
        prompts.fixed = prompts.collect_fixed(profile);
        Ok(prompts)
    }

    /// Which voice says these sentences.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Sentences of the owner that are not in the prompt file, such as a runbook's steps, to be rendered ahead too.
    pub fn also_say(&mut self, texts: impl IntoIterator<Item = String>) {
        self.fixed.extend(texts.into_iter().map(|text| render::instruction(&text)));
    }

    /// Everything to render before the first call: whole sentences, pieces around live slots, digits, letters,
    /// clock times, days, street types.
    pub fn fixed_texts(&self) -> Vec<String> {
        self.fixed.iter().cloned().collect()
    }

    /// The units of a sentence, and its text for the transcript.
    pub(crate) fn render(&self, id: PromptId, values: &Values, moment: &Moment) -> (Vec<Unit>, String) {
        let mut units = Vec::new();
        let mut text = String::new();
        for sentence in self.sentences.get(&id).map(Vec::as_slice).unwrap_or_default() {
            let (pieces, written) = render::sentence(sentence, &self.constants, values, moment);
            units.extend(pieces.into_iter().map(|p| {
                // English street names in a Spanish sentence: rendered with the English sentences, or live.
                let live = p.live || (p.language == self.language && !self.fixed.contains(&p.text));
                Unit { text: p.text, language: p.language, live, prompt: id }
            }));
            if !text.is_empty() && !written.is_empty() {
                text.push(' ');
            }
            text.push_str(&written);
        }
        (units, text)
    }

    fn collect_fixed(&self, profile: &Profile) -> BTreeSet<String> {
        let mut out: BTreeSet<String> = stock::all(self.language).into_iter().collect();
        let moments = Moment::all(&profile.hours, self.language);
        for (id, sentences) in &self.sentences {
            if *id == PromptId::PricingOwner && profile.pricing_answer.is_none() {
                continue;
            }
            for values in Values::samples() {
                for sentence in sentences {
                    let needs_moment = template::slots(std::slice::from_ref(sentence))
                        .iter()
                        .any(|(s, _)| (Slot::When..Slot::Thing).contains(s));
                    let many = if needs_moment { moments.len() } else { 1 };
                    for moment in moments.iter().take(many) {
                        let (pieces, _) = render::sentence(sentence, &self.constants, &values, moment);
                        let ours = |p: &render::Piece| !p.live && p.language == self.language;
                        out.extend(pieces.into_iter().filter(ours).map(|p| p.text));
                    }
                }
            }
        }
        out
    }
}

impl std::fmt::Debug for Prompts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prompts({} sentences, {} fixed texts)", self.sentences.len(), self.fixed.len())
    }
}

impl Constants {
    fn of(profile: &Profile, language: Language) -> Self {
        Self {
            language,
            business: profile.business_name.clone(),
            owner: profile.owner_name.clone(),
            agent: profile.agent_name.clone(),
            oncall: profile.oncall_name.clone(),
            pricing: profile.pricing_answer.clone().unwrap_or_default(),
        }
    }
}

/// Reads one line of the file; the error is what is wrong and what to write instead.
fn read_entry(key: &str, value: Option<&str>) -> Result<(PromptId, Vec<Sentence>), (String, String)> {
    let Some(id) = PromptId::ALL.iter().copied().find(|id| id.key() == key) else {
        return Err((format!("there is no sentence called {key}"), nearest_key(key)));
    };
    let Some(value) = value else {
        return Err((format!("{key} is not a text"), format!("{key} = \"…\"")));
    };
    let sentences = template::parse(value).map_err(|f| (format!("{key}: {}", f.what), f.write_instead))?;
    let used = template::slots(&sentences);
    for slot in id.needs() {
        if !used.contains(&(*slot, false)) {
            let what = format!("{key} does not say {{{}}}", slot.name());
            return Err((what, format!("{{{}}} in the sentence, outside brackets", slot.name())));
        }
    }
    for (slot, optional) in used.iter().filter(|(s, _)| s.is_of_the_call()) {
        let allowed = id.needs().contains(slot) || (*optional && id.may().contains(slot));
        if !allowed {
            let name = slot.name();
            let what = format!("{key} uses {{{name}}}, which may not be known when it is said");
            let instead =
                if id.may().contains(slot) { format!("[ {{{name}}}]") } else { "it without".into() };
            return Err((what, instead));
        }
    }
    Ok((id, sentences))
}

fn nearest_key(wrong: &str) -> String {
    let common = |key: &str| key.bytes().zip(wrong.bytes()).take_while(|(a, b)| a == b).count();
    let best = PromptId::ALL.iter().map(|id| id.key()).max_by_key(|key| common(key));
    match best.filter(|key| common(key) >= 3) {
        Some(key) => key.to_string(),
        None => "one of the names in the prompt file that ships".into(),
    }
}

fn named(file: &str, (line, what, write_instead): (usize, String, String)) -> PromptFault {
    PromptFault { file: file.to_string(), line, what, write_instead }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
}

#[cfg(test)]
mod tests;
