//! What a text message from staff means (decisions K07 and K26).
//!
//! ```text
//! words → read() → Answer + code ─┐
//! who sent it, open cases ────────┴→ meaning() → an event for one alert, or one line back to the sender
//! ```
//!
//! Only a message that consists of known words and nothing else counts. So a machine, a question, half a sentence or
//! a "stop" never ends a ladder by accident; the sender is told what to write.

mod code;
mod grammar;
mod words;

#[cfg(test)]
mod tests;

use domain::{AckVia, AlertId, AlertState, ContactId, Language, ReplyCode};

pub use code::{new_code, read_code};
pub use grammar::{Answer, Reply, read};

use crate::case::{Case, Event};

/// What to do about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// Let this happen to the alert.
    Event {
        /// Which.
        alert: AlertId,
        /// What.
        event: Event,
    },
    /// Nothing happened; send one line back.
    Say(Say),
    /// STOP: texts to this number no longer arrive. A paging failure: show it, and reach the person otherwise.
    OptedOut,
    /// START: texts arrive again.
    OptedIn,
    /// A machine wrote it. An answer might start a conversation between machines.
    Silence,
}

/// One line back to the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Say {
    /// How to answer; with the codes of what is open for the sender.
    Help(Vec<ReplyCode>),
    /// Several are open: which one? Nothing has been acknowledged.
    WhichCode(Vec<ReplyCode>),
    /// No alert has this code.
    UnknownCode {
        /// As it was written.
        written: ReplyCode,
        /// What is open for the sender.
        open: Vec<ReplyCode>,
    },
    /// Nothing is open for the sender.
    NothingOpen,
}

/// What the words of somebody on the roster mean, given the cases of his shop (open ones, and those closed within
/// the last day).
pub fn meaning(words: &str, from: &ContactId, cases: &[&Case]) -> Meaning {
    let Reply { answer, code } = read(words);
    let open = || open_codes(from, cases);
    match answer {
        Answer::Machine => return Meaning::Silence,
        Answer::Stop => return Meaning::OptedOut,
        Answer::Start => return Meaning::OptedIn,
        Answer::Help | Answer::Unclear => return Meaning::Say(Say::Help(open())),
        Answer::Take | Answer::PassOn | Answer::Done => {}
    }
    let found = match &code {
        Some(code) => match cases.iter().find(|c| c.alert.code == *code) {
            Some(case) => Ok(*case),
            None => Err(Say::UnknownCode { written: code.clone(), open: open() }),
        },
        None => the_only_one(answer, from, cases),
    };
    match found {
        Ok(case) => Meaning::Event { alert: case.alert.id, event: event(answer, from, words) },
        Err(say) => Meaning::Say(say),
    }
}

fn event(answer: Answer, from: &ContactId, words: &str) -> Event {
    match answer {
        Answer::PassOn => Event::PassedOn { by: from.clone() },
        Answer::Done => Event::Done { by: Some(from.clone()) },
        _ => Event::Taken {
            by: Some(from.clone()),
            via: AckVia::Sms,
            words: Some(words.trim().chars().take(160).collect()),
        },
    }
}

/// The case that a message without code can only mean.
fn the_only_one<'c>(answer: Answer, from: &ContactId, cases: &[&'c Case]) -> Result<&'c Case, Say> {
    let his = |c: &Case| c.alert.acknowledged_by.as_ref() == Some(from);
    let waits = |c: &&&Case| match answer {
        Answer::Done => his(c) && c.alert.state == AlertState::Acknowledged,
        _ => is_open_for(c, from),
    };
    // an alert that waits for him comes first, then what he has, then what he was ever paged for
    let ranks: [&dyn Fn(&&&Case) -> bool; 4] = [
        &waits,
        &|c| his(c) && c.alert.state == AlertState::Acknowledged,
        &|c| c.was_paged(from) && !c.alert.state.is_over(),
        &|c| c.was_paged(from) && c.alert.state == AlertState::Expired,
    ];
    for rank in ranks {
        let fitting: Vec<&&Case> = cases.iter().filter(|c| rank(c)).collect();
        match fitting[..] {
            [] => {}
            [only] => return Ok(only),
            _ => return Err(Say::WhichCode(fitting.iter().map(|c| c.alert.code.clone()).collect())),
        }
    }
    Err(Say::NothingOpen)
}

/// Waits for an answer of this person: nobody has it and he was paged, or he has it and was asked about the call
/// back.
fn is_open_for(case: &Case, contact: &ContactId) -> bool {
    let asked = |s: &domain::StepRow| {
        s.step == domain::EscalationStep::AskCallback
            && s.contact == *contact
            && s.attempted_at.is_some_and(|at| case.alert.acknowledged_at.is_none_or(|taken| at >= taken))
    };
    match case.alert.state {
        AlertState::Open | AlertState::Unresolved => case.was_paged(contact),
        AlertState::Acknowledged => case.steps.iter().any(asked),
        AlertState::Done | AlertState::NotAnEmergency | AlertState::Expired => false,
    }
}

fn open_codes(from: &ContactId, cases: &[&Case]) -> Vec<ReplyCode> {
    let open = cases.iter().filter(|c| c.was_paged(from) && !c.alert.state.is_over());
    open.map(|c| c.alert.code.clone()).collect()
}

impl Say {
    /// The line, within one text message.
    pub fn text(&self, language: Language) -> String {
        let spanish = language == Language::Spanish;
        let listed = |codes: &[ReplyCode]| {
            let shown: Vec<&str> = codes.iter().take(4).map(|c| c.0.as_str()).collect();
            let more = if codes.len() > 4 { " ..." } else { "" };
            shown.join(", ") + more
        };
        let one = |codes: &[ReplyCode]| codes.first().map_or("K7P".to_string(), |c| c.0.clone());
        match (self, spanish) {
            (Self::Help(codes) | Self::UnknownCode { open: codes, .. }, _) if codes.is_empty() => {
                Self::NothingOpen.text(language)
            }
            (Self::NothingOpen, false) => {
                "NightDesk: no emergency is open for you. Nothing was changed.".to_string()
            }
            (Self::NothingOpen, true) => {
                "NightDesk: no hay ninguna emergencia abierta para usted. No se cambio nada.".to_string()
            }
            (Self::Help(codes), false) => format!(
                "NightDesk: not understood, still looking for somebody. Reply 1 {c} to take it, 2 {c} to pass it on, DONE {c} when finished.",
                c = one(codes)
            ),
            (Self::Help(codes), true) => format!(
                "NightDesk: no entendido. Responda 1 {c} para tomarla, 2 {c} para pasarla, HECHO {c} al terminar.",
                c = one(codes)
            ),
            (Self::WhichCode(codes), false) => format!(
                "NightDesk: several are open ({}). Nothing was acknowledged. Reply with the code, such as 1 {}.",
                listed(codes),
                one(codes)
            ),
            (Self::WhichCode(codes), true) => format!(
                "NightDesk: hay varias abiertas ({}). No se acepto ninguna. Responda con el codigo, como 1 {}.",
                listed(codes),
                one(codes)
            ),
            (Self::UnknownCode { written, open }, false) => {
                format!("NightDesk: no emergency has the code {written}. Open for you: {}.", listed(open))
            }
            (Self::UnknownCode { written, open }, true) => {
                format!(
                    "NightDesk: ninguna emergencia tiene el codigo {written}. Abiertas: {}.",
                    listed(open)
                )
            }
        }
    }
}
