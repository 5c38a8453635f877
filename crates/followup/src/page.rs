//! The words that wake somebody (MSG-01, MSG-03, MSG-04; source D:620-626), for every way they are written in.
//!
//! A text message carries the code that replies name, uses the GSM alphabet and at most two segments: what is
//! least needed goes first, then the summary is shortened; name, number, address and code always stay.

use domain::{Alert, EscalationStep, Outgoing, SlackMessage};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    gsm::{room, septets, to_gsm},
    summary::cut_on_word,
};

/// Segments that a page may take.
const SEGMENTS: usize = 2;
/// The shortest summary that still says something, in characters.
const SUMMARY_CHARS_MIN: usize = 40;

/// What a page is written from.
#[derive(Debug, Clone, Copy)]
pub struct PageFacts<'a> {
    /// The alert.
    pub alert: &'a Alert,
    /// "Metro Plumbing".
    pub business: &'a str,
    /// The shop's.
    pub zone: &'a TimeZone,
    /// Which step of the ladder.
    pub step: EscalationStep,
    /// An earlier try may have arrived.
    pub may_repeat: bool,
}

impl PageFacts<'_> {
    /// The text message.
    pub fn sms(&self) -> String {
        let alert = self.alert;
        if self.step == EscalationStep::AskCallback {
            return to_gsm(&self.ask_callback());
        }
        let closing = "Call them back ASAP. They've been told you'll reach out within a few minutes.";
        let summary_chars = alert.issue_summary.chars().count();
        let shorter = (SUMMARY_CHARS_MIN..=summary_chars).rev().step_by(10);
        let whole = [(closing, summary_chars), ("Call them back ASAP.", summary_chars), ("", summary_chars)];
        let candidates = whole.into_iter().chain(shorter.map(|chars| ("", chars)));
        let mut text = String::new();
        for (closing, chars) in candidates {
            text = to_gsm(&self.lines(closing, &cut_on_word(&alert.issue_summary, chars.max(1))));
            if septets(&text).is_some_and(|length| length <= room(SEGMENTS)) {
                break;
            }
        }
        text
    }

    /// What is new since the page: sent to everybody who has it.
    pub fn update_sms(&self) -> String {
        let alert = self.alert;
        let text = format!(
            "{}UPDATE {} - {}\n{}\nIssue: {}",
            self.drill(),
            alert.code,
            self.business,
            self.who(),
            cut_on_word(&alert.issue_summary, 80)
        );
        to_gsm(&text)
    }

    /// The notification on a telephone.
    pub fn push(&self, to: Option<String>) -> Outgoing {
        let title = format!("{}{} - {}", self.drill(), self.headline(), self.business);
        let body = if self.step == EscalationStep::AskCallback {
            self.ask_callback()
        } else {
            format!("{}\nIssue: {}\n{}", self.who(), self.alert.issue_summary, self.how_to_answer())
        };
        Outgoing::Push { to, title, body, urgent: true }
    }

    /// The e-mail.
    pub fn email(&self, to: String) -> Outgoing {
        let subject = format!(
            "{}{} - {} ({})",
            self.drill(),
            self.headline(),
            cut_on_word(&self.alert.issue_summary, 60),
            self.alert.code
        );
        let closing = "Call them back ASAP. They've been told you'll reach out within a few minutes.";
        let text = if self.step == EscalationStep::AskCallback {
            self.ask_callback()
        } else {
            self.lines(closing, &self.alert.issue_summary)
        };
        Outgoing::Email { to, subject, text }
    }

    /// The message for the shop's Slack channel.
    pub fn slack(&self) -> Outgoing {
        let alert = self.alert;
        let fact = |label: &str, value: String| (label.to_string(), value);
        Outgoing::Slack(SlackMessage {
            headline: format!("{}{} - {}", self.drill(), self.headline(), self.business),
            facts: vec![
                fact("Caller", alert.caller_name.clone().unwrap_or_else(|| "Unknown".into())),
                fact("Phone", self.phone()),
                fact("Address", self.address()),
                fact("Called at", self.clock(alert.opened_at)),
                fact("Code", alert.code.to_string()),
            ],
            text: alert.issue_summary.clone(),
            urgent: true,
            link: None,
        })
    }

    fn lines(&self, closing: &str, summary: &str) -> String {
        let opened = self.clock(self.alert.opened_at);
        let mut text = format!(
            "{}{} - {}\n{}\nIssue: {summary}\nCalled at: {opened}",
            self.drill(),
            self.headline(),
            self.business,
            self.who()
        );
        for line in [closing, &self.how_to_answer()] {
            if !line.is_empty() {
                text += &format!("\n{line}");
            }
        }
        text
    }

    fn headline(&self) -> &'static str {
        match self.step {
            EscalationStep::SmsOwnerUnresolved | EscalationStep::RepeatOwner => "UNRESOLVED EMERGENCY",
            EscalationStep::WarmTransfer
            | EscalationStep::SmsOncall
            | EscalationStep::AutoDialOncall
            | EscalationStep::SmsBackup => "EMERGENCY CALL",
            EscalationStep::AskCallback => "CALLED BACK?",
        }
    }

    fn who(&self) -> String {
        let name = self.alert.caller_name.as_deref().unwrap_or("Unknown");
        format!("Caller: {name}\nPhone: {}\nAddress: {}", self.phone(), self.address())
    }

    fn phone(&self) -> String {
        self.alert.caller_phone.as_ref().map_or("withheld".into(), ToString::to_string)
    }

    fn address(&self) -> String {
        self.alert.address.clone().unwrap_or_else(|| "Not provided".into())
    }

    fn how_to_answer(&self) -> String {
        let twice = if self.may_repeat { " (You may get this twice.)" } else { "" };
        format!("Reply 1 {0} to take it, 2 {0} to pass it on.{twice}", self.alert.code)
    }

    fn ask_callback(&self) -> String {
        let name = self.alert.caller_name.as_deref().unwrap_or("the caller");
        format!(
            "{}Have you called {name} back at {}? Reply DONE {2} if so, 1 {2} if you still will, 2 {2} to pass it \
             on. Without an answer the next person is paged.",
            self.drill(),
            self.phone(),
            self.alert.code
        )
    }

    fn drill(&self) -> &'static str {
        drill_words(self.alert)
    }

    fn clock(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%-I:%M %p").to_string()
    }
}

/// In front of every text of a rehearsal.
pub(crate) fn drill_words(alert: &Alert) -> &'static str {
    if alert.drill { "THIS IS A TEST. " } else { "" }
}

#[cfg(test)]
pub(crate) use tests::jims;

#[cfg(test)]
pub(crate) mod tests {
    use domain::{AlertId, AlertState, CallId, Issue, ReplyCode};
    use proptest::prelude::*;

    use super::*;
    use crate::gsm::segments;

    pub(crate) fn jims() -> Alert {
        let at: Timestamp = "2026-02-13T03:22:46Z".parse().unwrap();
        Alert {
            id: AlertId::new(1, [0; 10]),
            call_id: CallId::new(1, [0; 10]),
            profile_id: "metro-plumbing".into(),
            code: ReplyCode("K7P".into()),
            drill: false,
            issue: Issue::Water,
            caller_name: Some("Jim Kowalski".into()),
            caller_phone: "+15555550415".parse().ok(),
            address: Some("218 Oak Lane".into()),
            issue_summary: "Water spraying out of a pipe.".into(),
            state: AlertState::Open,
            opened_at: at,
            seen_at: at,
            acknowledged_at: None,
            acknowledged_by: None,
            acknowledged_via: None,
            acknowledged_words: None,
            closed_at: None,
        }
    }

    fn sms(alert: &Alert, step: EscalationStep) -> String {
        let zone = TimeZone::get("America/Chicago").unwrap();
        PageFacts { alert, business: "Metro Plumbing", zone: &zone, step, may_repeat: false }.sms()
    }

    #[test]
    fn page_reads_as_the_source_writes_it_and_says_how_to_answer() {
        assert_eq!(
            sms(&jims(), EscalationStep::SmsOncall),
            "EMERGENCY CALL - Metro Plumbing\nCaller: Jim Kowalski\nPhone: (555) 555-0415\nAddress: 218 Oak Lane\n\
             Issue: Water spraying out of a pipe.\nCalled at: 9:22 PM\n\
             Call them back ASAP. They've been told you'll reach out within a few minutes.\n\
             Reply 1 K7P to take it, 2 K7P to pass it on."
        );
    }

    #[test]
    fn owner_reads_that_nobody_has_it() {
        assert!(sms(&jims(), EscalationStep::SmsOwnerUnresolved).starts_with("UNRESOLVED EMERGENCY - Metro"));
    }

    #[test]
    fn rehearsal_says_so_first_in_every_text() {
        let drill = Alert { drill: true, ..jims() };
        for step in [EscalationStep::SmsOncall, EscalationStep::AskCallback, EscalationStep::RepeatOwner] {
            assert!(sms(&drill, step).starts_with("THIS IS A TEST. "), "{step:?}");
        }
    }

    #[test]
    fn technician_is_asked_whether_he_called_back() {
        assert_eq!(
            sms(&jims(), EscalationStep::AskCallback),
            "Have you called Jim Kowalski back at (555) 555-0415? Reply DONE K7P if so, 1 K7P if you still will, \
             2 K7P to pass it on. Without an answer the next person is paged."
        );
    }

    proptest! {
        /// Ordinary names and addresses, any summary: two segments, and what is needed to act is whole.
        #[test]
        fn page_fits_two_segments_and_keeps_what_is_needed(summary in "\\PC{0,400}", name in "[A-Za-z ’ñ]{1,24}") {
            let alert = Alert { issue_summary: summary, caller_name: Some(name.clone()), ..jims() };
            let text = sms(&alert, EscalationStep::SmsOwnerUnresolved);
            prop_assert!(segments(&text) <= 2, "{} septets: {text}", septets(&text).unwrap_or(0));
            for needed in [to_gsm(&name).as_str(), "(555) 555-0415", "218 Oak Lane", "1 K7P", "2 K7P"] {
                prop_assert!(text.contains(needed), "{needed} is missing: {text}");
            }
        }
    }
}
