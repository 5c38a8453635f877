//! The two lists with several keys per entry beside the rules: scripted answers and maintenance windows.

use std::fmt;

use jiff::civil::{Date, DateTime, Time};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use super::{Faults, TextsSeed, has_empty_phrase, instead_of};
use crate::runbook::{MaintenanceWindow, ScriptedAnswer};

const ANSWER_KEYS: &str = "when, steps";
const WINDOW_KEYS: &str = "what, from, to";
/// A caller follows no longer recipe on the telephone.
const STEPS_MAX: usize = 12;

/// `scripted_answers:`
pub(super) struct AnswersSeed<'f>(pub(super) &'f Faults<'f>);
/// `maintenance:`
pub(super) struct WindowsSeed<'f>(pub(super) &'f Faults<'f>);
/// One answer; `None` when it has faults.
struct AnswerSeed<'f>(&'f Faults<'f>);
/// One window; `None` when it has faults.
struct WindowSeed<'f>(&'f Faults<'f>);

impl<'de> DeserializeSeed<'de> for AnswersSeed<'_> {
    type Value = Vec<ScriptedAnswer>;
    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<Self::Value, D::Error> {
        de.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for AnswersSeed<'_> {
    type Value = Vec<ScriptedAnswer>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of scripted answers, each with the keys {ANSWER_KEYS}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut out = Vec::new();
        while let Some(answer) = seq.next_element_seed(AnswerSeed(self.0))? {
            out.extend(answer);
        }
        Ok(out)
    }
}

impl<'de> DeserializeSeed<'de> for AnswerSeed<'_> {
    type Value = Option<ScriptedAnswer>;
    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<Self::Value, D::Error> {
        de.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for AnswerSeed<'_> {
    type Value = Option<ScriptedAnswer>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a scripted answer with the keys {ANSWER_KEYS}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let faults = self.0;
        let (mut when, mut steps): (Option<Spanned<String>>, Vec<String>) = (None, Vec::new());
        let mut first_key = None;
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            first_key.get_or_insert(key.referenced);
            match key.value.as_str() {
                "when" => when = Some(map.next_value()?),
                "steps" => steps = map.next_value_seed(TextsSeed(faults))?,
                other => {
                    let what = format!("unknown key `{other}` in a scripted answer");
                    faults.add(key.referenced, what, &instead_of(other, ANSWER_KEYS));
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(checked_answer(faults, first_key.unwrap_or(Location::UNKNOWN), when, steps))
    }
}

fn checked_answer(
    faults: &Faults<'_>,
    at: Location,
    when: Option<Spanned<String>>,
    steps: Vec<String>,
) -> Option<ScriptedAnswer> {
    let when = words_of(faults, at, when, "when", "a scripted answer", "vpn OR remote access")?;
    if steps.is_empty() || steps.len() > STEPS_MAX {
        let what = format!("a scripted answer with {} steps", steps.len());
        faults.add(at, what, &format!("write 1 to {STEPS_MAX} texts under `steps:`, each after `- `"));
        return None;
    }
    Some(ScriptedAnswer { when, steps })
}

impl<'de> DeserializeSeed<'de> for WindowsSeed<'_> {
    type Value = Vec<MaintenanceWindow>;
    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<Self::Value, D::Error> {
        de.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for WindowsSeed<'_> {
    type Value = Vec<MaintenanceWindow>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of maintenance windows, each with the keys {WINDOW_KEYS}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut out = Vec::new();
        while let Some(window) = seq.next_element_seed(WindowSeed(self.0))? {
            out.extend(window);
        }
        Ok(out)
    }
}

impl<'de> DeserializeSeed<'de> for WindowSeed<'_> {
    type Value = Option<MaintenanceWindow>;
    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<Self::Value, D::Error> {
        de.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for WindowSeed<'_> {
    type Value = Option<MaintenanceWindow>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a maintenance window with the keys {WINDOW_KEYS}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let faults = self.0;
        let (mut what, mut from, mut to) = (None, None, None);
        let mut first_key = None;
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            first_key.get_or_insert(key.referenced);
            match key.value.as_str() {
                "what" => what = Some(map.next_value()?),
                "from" => from = Some(map.next_value()?),
                "to" => to = Some(map.next_value()?),
                other => {
                    let unknown = format!("unknown key `{other}` in a maintenance window");
                    faults.add(key.referenced, unknown, &instead_of(other, WINDOW_KEYS));
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(checked_window(faults, first_key.unwrap_or(Location::UNKNOWN), what, from, to))
    }
}

fn checked_window(
    faults: &Faults<'_>,
    at: Location,
    what: Option<Spanned<String>>,
    from: Option<Spanned<String>>,
    to: Option<Spanned<String>>,
) -> Option<MaintenanceWindow> {
    let what = words_of(faults, at, what, "what", "a maintenance window", "email OR outlook");
    let from = time_of(faults, at, from.as_ref(), "from");
    let to_time = time_of(faults, at, to.as_ref(), "to");
    let (what, from, until) = (what?, from?, to_time?);
    if until <= from {
        let place = to.map_or(at, |t| t.referenced);
        faults.add(place, "`to` is not after `from`".to_owned(), "write the end of the window");
        return None;
    }
    Some(MaintenanceWindow { what, from, to: until })
}

/// Phrases joined by OR and AND that must be there.
fn words_of(
    faults: &Faults<'_>,
    at: Location,
    said: Option<Spanned<String>>,
    key: &str,
    of: &str,
    example: &str,
) -> Option<String> {
    let Some(said) = said else {
        faults.add(at, format!("{of} without `{key}`"), &format!("add: {key}: \"{example}\""));
        return None;
    };
    if has_empty_phrase(&said.value) {
        let fault = format!("`{key}` has an empty phrase");
        faults.add(said.referenced, fault, &format!("write phrases joined by OR and AND: \"{example}\""));
        return None;
    }
    Some(said.value)
}

/// "2026-02-12 22:00" in the shop's wall time.
fn time_of(
    faults: &Faults<'_>,
    at: Location,
    written: Option<&Spanned<String>>,
    key: &str,
) -> Option<DateTime> {
    let remedy = format!("write: {key}: \"2026-02-12 22:00\"");
    let Some(written) = written else {
        faults.add(at, format!("a maintenance window without `{key}`"), &remedy);
        return None;
    };
    let time = read_time(written.value.trim());
    if time.is_none() {
        faults.add(written.referenced, format!("`{key}` is not a date and time"), &remedy);
    }
    time
}

fn read_time(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once([' ', 'T'])?;
    let date: Date = date.parse().ok()?;
    let time: Time = time.trim().parse().ok()?;
    Some(date.to_datetime(time))
}
