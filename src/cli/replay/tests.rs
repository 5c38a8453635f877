use domain::{CallId, CallStatus};

use super::*;

fn call(status: CallStatus) -> CallRecord {
    CallRecord {
        id: CallId::new(1, [7; 10]),
        profile_id: "metro-plumbing".into(),
        sip_call_id: "a".into(),
        caller: None,
        caller_display: None,
        called: "100".into(),
        called_at: "2026-02-13T03:10:00Z".parse().unwrap(),
        utc_offset_s: -21_600,
        ended_at: None,
        recording: None,
        status,
    }
}

fn turn(at_ms: u64, speaker: Speaker, text: &str, decision: Option<&str>) -> TurnRecord {
    TurnRecord {
        index: u32::try_from(at_ms).unwrap(),
        speaker,
        text: text.into(),
        at_ms,
        confidence: 1.0,
        tone: Tone::Neutral,
        latency_ms: None,
        decision: decision.map(str::to_owned),
    }
}

fn plain_shop() -> Circumstances {
    Circumstances {
        trade: Trade::Trades,
        open: false,
        runbook: Runbook::default(),
        recogniser: "nightdesk-mini.en".into(),
    }
}

/// The rules of then took the first turn for a routine matter.
fn stored() -> Vec<TurnRecord> {
    vec![
        turn(1000, Speaker::Agent, "How can I help?", None),
        turn(4000, Speaker::Caller, "I smell gas near my furnace", None),
        turn(5000, Speaker::Agent, "May I have your name?", None),
        turn(8000, Speaker::Caller, "Jim Kowalski", Some("ROUTINE: maintenance")),
    ]
}

#[test]
fn a_turn_that_comes_out_differently_is_marked() {
    let replay = replay(&call(CallStatus::Completed), None, &stored(), None, &plain_shop(), vec![]);
    let first = &replay.turns[1];
    assert_eq!(first.decided_then.as_deref(), Some("ROUTINE: maintenance"));
    assert_eq!(first.class_now.as_deref(), Some("emergency"));
    assert!(!first.same);
    assert_eq!(replay.result.now.as_deref(), Some("emergency"));
    let text = text(&replay, true);
    assert!(text.contains("≠  0:04  caller  I smell gas near my furnace"), "{text}");
    assert!(text.contains("then → ROUTINE: maintenance"), "{text}");
    assert!(!text.contains("How can I help"), "{text}");
}

#[test]
fn what_is_heard_today_goes_to_the_turn_in_which_it_was_said() {
    let line = |at_ms, text: &str| transcribe::Line { speaker: "caller", at_ms, text: text.into() };
    let lines = [
        line(200, "I smell"),
        line(300, "grass near my furnace"),
        line(650, "Jim Kowalski"),
        line(900, "ta"),
    ];
    let heard = replay(&call(CallStatus::Completed), None, &stored(), Some(&lines), &plain_shop(), vec![]);
    let now: Vec<&str> = heard.turns.iter().filter_map(|t| t.now.as_deref()).collect();
    assert_eq!(now, ["I smell grass near my furnace", "Jim Kowalski ta"]);
    assert_eq!(heard.turns[1].word_error_rate, Some(1.0 / 6.0));
}

#[test]
fn a_message_that_nobody_heard_then_is_decided_from_its_sound() {
    let lines = [transcribe::Line { speaker: "caller", at_ms: 900, text: "my basement is flooding".into() }];
    let replay = replay(&call(CallStatus::Failed), None, &[], Some(&lines), &plain_shop(), vec![]);
    assert_eq!(replay.turns[0].now.as_deref(), Some("my basement is flooding"));
    assert_eq!(replay.result.now.as_deref(), Some("emergency"));
    assert!(!replay.result.same, "nothing was decided then");
}

#[test]
fn a_call_that_comes_out_as_before_has_no_difference() {
    let stored = [
        turn(1000, Speaker::Caller, "there's water pouring through my ceiling", None),
        turn(4000, Speaker::Caller, "218 Oak Lane", Some("EMERGENCY: flooding + after hours")),
    ];
    let replay = replay(&call(CallStatus::Completed), None, &stored, None, &plain_shop(), vec![]);
    assert!(replay.turns.iter().all(|turn| turn.same), "{replay:?}");
    let json = serde_json::to_value(&replay).unwrap();
    assert_eq!(json["turns"][0]["class_now"], "emergency");
    assert_eq!(json["heard_again"], false);
}
