//! YAML → [`Runbook`], collecting every fault with its line instead of stopping at the first.

mod extras;

use std::{cell::RefCell, fmt};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use extras::{AnswersSeed, WindowsSeed};

use super::{EscalationRule, Method, Runbook, RunbookFault};

const KEYS: &str = "customer_name, business_hours, known_issues, escalation_rules, p1_threshold, \
                    scripted_answers, maintenance, instructions";
const RULE_KEYS: &str = "trigger, target, method";

/// Faults gathered while the document is walked.
struct Faults<'a> {
    file: &'a str,
    found: RefCell<Vec<RunbookFault>>,
}

impl Faults<'_> {
    fn add(&self, at: serde_saphyr::Location, what: String, write_instead: &str) {
        self.found.borrow_mut().push(RunbookFault {
            file: self.file.to_owned(),
            line: at.line(),
            column: at.column(),
            what,
            write_instead: write_instead.to_owned(),
        });
    }
}

pub(super) fn parse(text: &str, file_name: &str) -> Result<Runbook, Vec<RunbookFault>> {
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Runbook::default());
    }
    let faults = Faults { file: file_name, found: RefCell::new(Vec::new()) };
    let read = serde_saphyr::with_deserializer_from_str(text, |de| RunbookSeed(&faults).deserialize(de));
    let mut found = faults.found.into_inner();
    match read {
        Ok(runbook) if found.is_empty() => Ok(runbook),
        Ok(_) => Err(found),
        Err(error) => {
            let error = error.without_snippet();
            let at = error.location();
            found.push(RunbookFault {
                file: file_name.to_owned(),
                line: at.map_or(0, |l| l.line()),
                column: at.map_or(0, |l| l.column()),
                what: error.to_string().lines().next().unwrap_or("not valid YAML").to_owned(),
                write_instead: "see examples in docs; texts with a colon or quote need \"double quotes\""
                    .to_owned(),
            });
            Err(found)
        }
    }
}

struct RunbookSeed<'f>(&'f Faults<'f>);

impl<'de> DeserializeSeed<'de> for RunbookSeed<'_> {
    type Value = Runbook;
    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<Runbook, D::Error> {
        de.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RunbookSeed<'_> {
    type Value = Runbook;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a runbook with the keys {KEYS}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Runbook, A::Error> {
        let faults = self.0;
        let mut runbook = Runbook::default();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            match key.value.as_str() {
                "customer_name" => runbook.customer_name = map.next_value()?,
                "business_hours" => runbook.business_hours = map.next_value()?,
                "p1_threshold" => runbook.p1_threshold = map.next_value()?,
                "instructions" => runbook.instructions = map.next_value()?,
                "known_issues" => runbook.known_issues = map.next_value_seed(TextsSeed(faults))?,
                "escalation_rules" => runbook.escalation_rules = map.next_value_seed(RulesSeed(faults))?,
                "scripted_answers" => {
                    runbook.scripted_answers = map.next_value_seed(AnswersSeed(faults))?;
                }
                "maintenance" => runbook.maintenance = map.next_value_seed(WindowsSeed(faults))?,
                other => {
                    faults.add(key.referenced, format!("unknown key `{other}`"), &instead_of(other, KEYS));
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(runbook)
    }
}

/// A list of non-empty texts.
struct TextsSeed<'f>(&'f Faults<'f>);

impl<'de> DeserializeSeed<'de> for TextsSeed<'_> {
    type Value = Vec<String>;
    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<Vec<String>, D::Error> {
        de.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for TextsSeed<'_> {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts, each on its own line after `- `")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<String>, A::Error> {
        let mut out = Vec::new();
        while let Some(text) = seq.next_element::<Spanned<String>>()? {
            if text.value.trim().is_empty() {
                self.0.add(text.referenced, "an empty entry".to_owned(), "write a text or remove the line");
            }
            out.push(text.value);
        }
        Ok(out)
    }
}

struct RulesSeed<'f>(&'f Faults<'f>);

impl<'de> DeserializeSeed<'de> for RulesSeed<'_> {
    type Value = Vec<EscalationRule>;
    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<Self::Value, D::Error> {
        de.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RulesSeed<'_> {
    type Value = Vec<EscalationRule>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of rules, each with the keys {RULE_KEYS}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut out = Vec::new();
        while let Some(rule) = seq.next_element_seed(RuleSeed(self.0))? {
            out.extend(rule);
        }
        Ok(out)
    }
}

/// One rule; `None` when it has faults.
struct RuleSeed<'f>(&'f Faults<'f>);

impl<'de> DeserializeSeed<'de> for RuleSeed<'_> {
    type Value = Option<EscalationRule>;
    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<Self::Value, D::Error> {
        de.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RuleSeed<'_> {
    type Value = Option<EscalationRule>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a rule with the keys {RULE_KEYS}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let faults = self.0;
        let (mut trigger, mut target, mut method): (
            Option<Spanned<String>>,
            Option<String>,
            Option<Spanned<String>>,
        ) = (None, None, None);
        let mut first_key = None;
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            first_key.get_or_insert(key.referenced);
            match key.value.as_str() {
                "trigger" => trigger = Some(map.next_value()?),
                "target" => target = map.next_value()?,
                "method" => method = Some(map.next_value()?),
                other => {
                    faults.add(
                        key.referenced,
                        format!("unknown key `{other}` in a rule"),
                        &instead_of(other, RULE_KEYS),
                    );
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let at = first_key.unwrap_or(serde_saphyr::Location::UNKNOWN);
        Ok(checked_rule(faults, at, trigger, target, method))
    }
}

fn checked_rule(
    faults: &Faults<'_>,
    at: serde_saphyr::Location,
    trigger: Option<Spanned<String>>,
    target: Option<String>,
    method: Option<Spanned<String>>,
) -> Option<EscalationRule> {
    let Some(trigger) = trigger else {
        faults.add(
            at,
            "a rule without `trigger`".to_owned(),
            "add: trigger: \"server down OR everyone locked out\"",
        );
        return None;
    };
    if has_empty_phrase(&trigger.value) {
        let what = "`trigger` has an empty phrase".to_owned();
        faults.add(
            trigger.referenced,
            what,
            "write phrases joined by OR and AND: \"server down OR can't access email\"",
        );
        return None;
    }
    let (method, method_at) = match &method {
        Some(method) => (Method::named(&method.value), method.referenced),
        None => (Some(if target.is_some() { Method::Sms } else { Method::Noop }), at),
    };
    let Some(method) = method else {
        faults.add(
            method_at,
            "`method` is not known".to_owned(),
            "write one of: sms, call, email, slack, noop",
        );
        return None;
    };
    if method != Method::Noop && target.as_deref().is_none_or(|t| t.trim().is_empty()) {
        faults.add(
            at,
            "a rule that wakes somebody needs a `target`".to_owned(),
            "add: target: \"mike@example.com\", or method: noop",
        );
        return None;
    }
    Some(EscalationRule { trigger: trigger.value, target, method })
}

/// Nothing between two joining words, or nothing at all.
fn has_empty_phrase(trigger: &str) -> bool {
    trigger.split(" OR ").flat_map(|part| part.split(" AND ")).any(|phrase| phrase.trim().is_empty())
}

impl Method {
    fn named(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "sms" | "text" => Some(Method::Sms),
            "call" | "phone" | "voice" => Some(Method::Call),
            "email" => Some(Method::Email),
            "slack" => Some(Method::Slack),
            "noop" | "none" => Some(Method::Noop),
            _ => None,
        }
    }
}

/// "did you mean …", or the list of keys.
fn instead_of(wrong: &str, keys: &str) -> String {
    let wrong = wrong.to_ascii_lowercase().replace(['-', ' '], "_");
    let near = keys.split(", ").map(|key| (edit_distance(&wrong, key), key)).min();
    match near {
        Some((distance, key)) if distance <= 3 => format!("did you mean `{key}`?"),
        _ => format!("write one of: {keys}"),
    }
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let swapped = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = swapped.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
