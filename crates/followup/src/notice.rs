//! Answers to people on the roster: what became of their reply (MSG-02), and what they need not do any more.

use domain::Alert;

use crate::{gsm::to_gsm, page::drill_words, summary::cut_on_word};

/// "You have it", with what is needed to call back (source D:705).
pub fn you_have_it(alert: &Alert) -> String {
    let name = alert.caller_name.as_deref().unwrap_or("Unknown");
    let phone = alert.caller_phone.as_ref().map_or("a withheld number".into(), ToString::to_string);
    let address = alert.address.as_ref().map_or(String::new(), |a| format!(" Address: {a}."));
    let issue = cut_on_word(&alert.issue_summary, 100);
    let text = format!(
        "{}Got it. Caller info: {name} at {phone}.{address} Issue: {issue} Reply DONE {} when you have called.",
        drill_words(alert),
        alert.code
    );
    to_gsm(&text)
}

/// Somebody else took it; `None`: by the button on the box.
pub fn taken_by(alert: &Alert, name: Option<&str>) -> String {
    let who = name.unwrap_or("Somebody at the shop");
    to_gsm(&format!("{}{who} has taken {}. You need not call.", drill_words(alert), alert.code))
}

/// It goes to the next person.
pub fn passed_on(alert: &Alert) -> String {
    to_gsm(&format!("{}OK, {} goes to the next person.", drill_words(alert), alert.code))
}

/// There is nothing left to do.
pub fn closed(alert: &Alert) -> String {
    to_gsm(&format!("{}{} is closed. Nothing more to do.", drill_words(alert), alert.code))
}

/// For the owner: somebody called it a known issue or no emergency.
pub fn called_harmless_by(alert: &Alert, name: &str) -> String {
    let phone = alert.caller_phone.as_ref().map_or("number withheld".into(), ToString::to_string);
    let text = format!(
        "{}{name} marked {} as known or no emergency: {phone}, {}",
        drill_words(alert),
        alert.code,
        cut_on_word(&alert.issue_summary, 100)
    );
    to_gsm(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::jims;

    #[test]
    fn who_takes_it_gets_what_is_needed_to_call_back() {
        assert_eq!(
            you_have_it(&jims()),
            "Got it. Caller info: Jim Kowalski at (555) 555-0415. Address: 218 Oak Lane. Issue: Water spraying out \
             of a pipe. Reply DONE K7P when you have called."
        );
    }

    #[test]
    fn others_are_told_that_it_is_taken() {
        assert_eq!(taken_by(&jims(), Some("Sam")), "Sam has taken K7P. You need not call.");
        assert_eq!(taken_by(&jims(), None), "Somebody at the shop has taken K7P. You need not call.");
    }
}
