use domain::{Alert, AlertId, AlertState, CallId, LeadId, Priority, ReplyCode, SafetyGiven};
use proptest::prelude::*;

use super::*;

const CHICAGO_S: i32 = -6 * 3600;

/// Jim's gas smell, Thursday 9:48 PM (source D:737-746).
fn gas_card() -> LeadCard {
    let called_at: Timestamp = "2026-02-13T03:48:00Z".parse().unwrap();
    LeadCard {
        id: LeadId::new(1, [1; 10]),
        call_id: CallId::new(1, [0xab; 10]),
        profile_id: "metro-plumbing".into(),
        caller_phone: Some("+15555550415".parse().unwrap()),
        phone_confirmed: true,
        caller_name: "Jim Kowalski".into(),
        address: Some("218 Oak Lane".into()),
        called_at,
        classification: Classification::Emergency,
        priority: Priority::P1,
        issue_summary: "Gas smell in basement near furnace. Family of 4. Turned off furnace, opened windows. Told to evacuate.".into(),
        issue_detail: "I smell gas in the basement".into(),
        service: Service::Hvac,
        issue: Issue::Gas,
        same_day: false,
        reasoning: "EMERGENCY: gas smell + family with children + after hours".into(),
        safety_given: vec![SafetyGiven { safety: Safety::Gas, at: called_at, complete: true }],
        tone: Tone::Worried,
        duration_s: 154,
        appointment_at: None,
        oncall_outcome: OncallOutcome::NotReached,
        callback_status: CallbackStatus::NotCalled,
        notes: vec![],
        recording: Some("recordings/2026/02/a.wav".into()),
    }
}

fn alert(acknowledged_at: Option<&str>) -> AlertStory {
    let opened_at: Timestamp = "2026-02-13T03:48:46Z".parse().unwrap();
    let acknowledged_at: Option<Timestamp> = acknowledged_at.map(|at| at.parse().unwrap());
    let alert = Alert {
        id: AlertId::new(1, [2; 10]),
        call_id: CallId::new(1, [0xab; 10]),
        profile_id: "metro-plumbing".into(),
        code: ReplyCode("K7P".into()),
        drill: false,
        issue: Issue::Gas,
        caller_name: None,
        caller_phone: None,
        address: None,
        issue_summary: "Gas smell".into(),
        state: AlertState::Acknowledged,
        opened_at,
        seen_at: opened_at,
        acknowledged_at,
        acknowledged_by: acknowledged_at.and("mike-t".parse().ok()),
        acknowledged_via: None,
        acknowledged_words: None,
        closed_at: None,
    };
    AlertStory { alert, steps: vec![], items: vec![] }
}

#[test]
fn emergency_card_looks_like_the_sources() {
    let expected = "\
+----------------------------------------------------------------+
| RED EMERGENCY 9:48 PM                                          |
| Jim Kowalski  (555) 555-0415 (confirmed)                       |
| 218 Oak Lane                                                   |
|                                                                |
| Gas smell in basement near furnace. Family of 4. Turned off    |
| furnace, opened windows. Told to evacuate.                     |
|                                                                |
| Service: HVAC - Gas Leak                                       |
| On-Call: Mike T acknowledged at 9:51 PM                        |
| Safety: leave the house, no lights or appliances, call from    |
| outside (played to the end at 9:48 PM)                         |
| Callback: Not Called                                           |
| Caller tone: Worried   Duration: 2:34                          |
| Why: EMERGENCY: gas smell + family with children + after hours |
|                                                                |
| [Play] recordings/2026/02/a.wav                                |
| [Transcript] nightdesk calls show abababab                     |
+----------------------------------------------------------------+
";
    let alert = alert(Some("2026-02-13T03:51:00Z"));
    assert_eq!(card_text(&gas_card(), Some(&alert), CHICAGO_S), expected);
}

#[test]
fn routine_card_says_what_is_booked_and_what_is_missing() {
    let card = LeadCard {
        classification: Classification::Routine,
        service: Service::Plumbing,
        issue: Issue::Quote,
        caller_phone: None,
        phone_confirmed: false,
        address: None,
        safety_given: vec![],
        same_day: true,
        notes: vec!["Caller spoke Spanish".into()],
        ..gas_card()
    };
    let text = card_text(&card, &[], CHICAGO_S);
    for line in [
        "BLUE ROUTINE 9:48 PM",
        "number withheld (not confirmed)",
        "Address not provided",
        "Service: Plumbing - Quote",
        "Appointment: Not booked (no calendar linked)",
        "Same day: yes",
        "Note: Caller spoke Spanish",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("On-Call"));
}

#[test]
fn page_that_nobody_answered_says_since_when() {
    let text = card_text(&gas_card(), &[alert(None)], CHICAGO_S);
    assert!(text.contains("On-Call: page for Mike T. since 9:48 PM, not acknowledged"), "{text}");
}

proptest! {
    #[test]
    fn box_stays_a_box_whatever_a_caller_says(name in "\\PC{0,200}", summary in any::<String>()) {
        let card = LeadCard { caller_name: name, issue_summary: summary, ..gas_card() };
        let text = card_text(&card, &[], CHICAGO_S);
        for line in text.lines() {
            prop_assert_eq!(line.chars().count(), WIDTH + 4, "{}", line);
            prop_assert!(!line.chars().any(char::is_control));
        }
    }
}
