use domain::{OutboxId, Outgoing, Tone};

use super::*;

fn jim() -> Listed {
    Listed {
        id: "019c54a0-0000-7000-8000-00000000abcd".into(),
        called_at: "2026-02-13T03:22:00Z".parse().unwrap(),
        utc_offset_s: -6 * 3600,
        ended_at: None,
        caller: Some("+15555550415".into()),
        caller_display: None,
        called: "301".into(),
        shop: "metro-plumbing".into(),
        status: CallStatus::Completed,
        classification: Some(Classification::Emergency),
        caller_name: Some("Jim Kowalski".into()),
        duration_s: Some(100),
        recording: Some("recordings/2026/02/a.wav".into()),
        lead_id: None,
        turns: None,
        outbox: None,
    }
}

#[test]
fn table_has_a_line_per_call_in_local_time() {
    let spam = Listed {
        id: "019c54a0-0000-7000-8000-00000000ffff".into(),
        caller: None,
        caller_name: None,
        duration_s: None,
        status: CallStatus::Spam,
        classification: Some(Classification::Spam),
        ..jim()
    };
    let expected = "\
when              caller          shop            class      name          status     time  id
2026-02-12 21:22  (555) 555-0415  metro-plumbing  EMERGENCY  Jim Kowalski  completed  1:40  0000abcd
2026-02-12 21:22  withheld        metro-plumbing  spam       -             spam       -     0000ffff
";
    assert_eq!(table(&[jim(), spam]), expected);
    assert_eq!(table(&[]), "no calls yet\n");
}

#[test]
fn one_call_shows_who_said_what_and_why_and_what_waits() {
    let turn = |index, speaker, text: &str, at_ms, latency_ms, decision: Option<&str>| TurnRecord {
        index,
        speaker,
        text: text.into(),
        at_ms,
        confidence: 1.0,
        tone: Tone::Neutral,
        latency_ms,
        decision: decision.map(str::to_owned),
    };
    let call = Listed {
        turns: Some(vec![
            turn(0, Speaker::Agent, "Metro Plumbing, this is Alex.", 0, Some(80), None),
            turn(
                1,
                Speaker::Caller,
                "my basement\u{1b}[2J is flooding",
                64_000,
                None,
                Some("EMERGENCY: flooding"),
            ),
        ]),
        outbox: Some(vec![OutboxItem::new(
            OutboxId::new(1, [0; 10]),
            "page:1:0".into(),
            Outgoing::Sms { to: "+15558870002".parse().unwrap(), body: String::new() },
            "2026-02-13T03:22:46Z".parse().unwrap(),
        )]),
        ..jim()
    };
    let told = story(&call);
    let expected = "
id        019c54a0-0000-7000-8000-00000000abcd
called    301
recording recordings/2026/02/a.wav

  0:00  agent   Metro Plumbing, this is Alex.  (80 ms)
  1:04  caller  my basement [2J is flooding
                  → EMERGENCY: flooding

outbox    21:22:46  sms  waits  page:1:0
";
    assert!(told.ends_with(expected), "{told}");
}
