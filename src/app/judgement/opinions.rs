//! From what a model answers to what triage may weigh.

use domain::{Action, Category, Issue, Service};
use serde::de::{DeserializeOwned, IntoDeserializer as _, value::StrDeserializer};
use triage::{Opinion, Severity, Stage};

use crate::workers::{Head, Judged, Sensed};

/// Below this a head guesses what the matter is; the rules know better or nobody does.
const MATTER_SURE: f32 = 0.5;

/// What the heads say. `None` when they have no severity that we know.
pub(crate) fn of_sense(sensed: &Sensed) -> Option<Opinion> {
    let (severity, confidence) = best(sensed, "severity")?;
    let severity = match severity {
        "routine" => Severity::Routine,
        "unclear" => Severity::Unclear,
        "emergency" => Severity::Emergency,
        "spam" => Severity::Spam,
        _ => return None,
    };
    let sure = |head| best(sensed, head).filter(|(_, p)| *p >= MATTER_SURE).map(|(label, _)| label);
    Some(Opinion {
        issue: sure("hazard").and_then(named::<Issue>),
        service: sure("service").and_then(named::<Service>),
        category: best(sensed, "category").and_then(|(slug, p)| Some((Category::from_slug(slug)?, p))),
        ..Opinion::new(Stage::Sense, severity, confidence)
    })
}

/// What the judge's letters say.
pub(crate) fn of_judge(judged: &Judged) -> Opinion {
    const SEVERITIES: [Severity; 4] =
        [Severity::Emergency, Severity::Unclear, Severity::Routine, Severity::Spam];
    const SERVICES: [Service; 5] =
        [Service::Plumbing, Service::Hvac, Service::Electrical, Service::It, Service::General];
    const ACTIONS: [Action; 3] = [Action::Escalate, Action::Gather, Action::Resolve];
    let (severity, confidence) = likeliest(&SEVERITIES, &judged.severity);
    let (service, service_p) = likeliest(&SERVICES, &judged.service);
    let (action, action_p) = likeliest(&ACTIONS, &judged.action);
    Opinion {
        service: (service_p >= MATTER_SURE).then_some(service),
        action: (action_p >= MATTER_SURE).then_some(action),
        ..Opinion::new(Stage::Judge, severity, confidence)
    }
}

fn best<'s>(sensed: &'s Sensed, name: &str) -> Option<(&'s str, f32)> {
    let head: &Head = sensed.heads.iter().find(|head| head.name == name)?;
    head.answers.first().map(|(label, probability)| (label.as_str(), *probability))
}

fn named<T: DeserializeOwned>(label: &str) -> Option<T> {
    let label: StrDeserializer<'_, serde::de::value::Error> = label.into_deserializer();
    T::deserialize(label).ok()
}

fn likeliest<T: Copy, const N: usize>(meanings: &[T; N], probabilities: &[f32; N]) -> (T, f32) {
    let pairs = meanings.iter().zip(probabilities);
    let found = pairs.max_by(|a, b| a.1.total_cmp(b.1)).map(|(meaning, p)| (*meaning, *p));
    found.unwrap_or((meanings[0], 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(name: &str, answers: &[(&str, f32)]) -> Head {
        Head { name: name.into(), answers: answers.iter().map(|(l, p)| ((*l).to_owned(), *p)).collect() }
    }

    fn sensed(heads: Vec<Head>) -> Sensed {
        Sensed { heads, embedding: Vec::new(), took_ms: 9 }
    }

    #[test]
    fn heads_become_an_opinion_with_what_they_are_sure_of() {
        let opinion = of_sense(&sensed(vec![
            head("severity", &[("emergency", 0.9), ("routine", 0.1)]),
            head("hazard", &[("carbon_monoxide", 0.8), ("gas", 0.2)]),
            head("service", &[("hvac", 0.4), ("plumbing", 0.3)]),
            head("category", &[("server", 0.7), ("ups", 0.3)]),
        ]))
        .unwrap();
        let expected = Opinion {
            issue: Some(Issue::CarbonMonoxide),
            service: None,
            category: Some((Category::Server, 0.7)),
            ..Opinion::new(Stage::Sense, Severity::Emergency, 0.9)
        };
        assert_eq!(opinion, expected);
    }

    #[test]
    fn labels_that_nobody_knows_are_no_opinion() {
        assert_eq!(of_sense(&sensed(vec![head("severity", &[("resolved", 1.0)])])), None);
        assert_eq!(of_sense(&sensed(vec![head("hazard", &[("gas", 1.0)])])), None);
        let strange = sensed(vec![
            head("severity", &[("routine", 0.9)]),
            head("hazard", &[("drop table", 1.0)]),
            head("category", &[("refund", 1.0)]),
        ]);
        let opinion = of_sense(&strange).unwrap();
        assert_eq!((opinion.issue, opinion.category), (None, None));
    }

    #[test]
    fn letters_become_an_opinion() {
        let judged = Judged {
            severity: [0.1, 0.2, 0.6, 0.1],
            service: [0.0, 0.0, 0.0, 0.9, 0.1],
            action: [0.3, 0.3, 0.4],
            fresh_tokens: 40,
            took_ms: 300,
        };
        let expected = Opinion {
            service: Some(Service::It),
            action: None,
            ..Opinion::new(Stage::Judge, Severity::Routine, 0.6)
        };
        assert_eq!(of_judge(&judged), expected);
    }
}
