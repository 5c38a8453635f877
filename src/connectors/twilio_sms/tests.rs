use super::*;
use crate::connectors::fake::{Fake, Reply, Trouble, twilio::Twilio};

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const BOX: &str = "+15552340001";
const TECH: &str = "+15558870002";

async fn pair() -> (Fake<Twilio>, TwilioSms) {
    let fake = Fake::start(Twilio::new(ACCOUNT, "token-1", BOX)).await.unwrap();
    let connector = TwilioSms::new(settings(&fake)).unwrap();
    (fake, connector)
}

fn settings(fake: &Fake<Twilio>) -> Settings {
    let settings = Settings::new(ACCOUNT, Hidden::new("token-1"), BOX.parse().unwrap());
    Settings { server: fake.url(), deadline: Duration::from_millis(400), ..settings }
}

fn page(body: &str) -> Outgoing {
    Outgoing::Sms { to: TECH.parse().unwrap(), body: body.into() }
}

fn watch(open: &[String]) -> Watch<'_> {
    let now = Timestamp::now();
    Watch { since: now - SignedDuration::from_hours(1), now, open }
}

fn never(result: Result<Sent, SendFailure>, expected: NeverReason, words: &str) {
    match result {
        Err(SendFailure::Never { why, reason }) => {
            assert_eq!(reason, expected, "{why}");
            assert!(why.contains(words), "{why}");
            assert!(!why.contains("555"), "no number in an error: {why}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn page_is_sent_with_a_short_life_and_its_delivery_polled() {
    let (fake, twilio) = pair().await;
    let sent = twilio.send(&page("EMERGENCY A7: burst pipe"), "k1", false).await.unwrap();
    let Sent::Accepted { far_id } = sent else { panic!("{sent:?}") };
    let request = fake.seen().remove(0);
    assert_eq!(request.field("ValidityPeriod").as_deref(), Some("600"));
    assert_eq!((request.field("To").as_deref(), request.field("From").as_deref()), (Some(TECH), Some(BOX)));
    assert_eq!(request.field("StatusCallback"), None, "there is no public address");

    let open = [far_id.clone()];
    assert_eq!(twilio.poll(&watch(&open)).await.unwrap(), [], "on its way");
    fake.with(Twilio::settle);
    assert_eq!(twilio.poll(&watch(&open)).await.unwrap(), [FarEvent::Delivered { far_id }]);
}

#[tokio::test]
async fn replies_are_polled_oldest_first_over_all_pages() {
    let (fake, twilio) = pair().await;
    fake.with(|t| {
        t.page_size = 2;
        for n in 0..5 {
            t.receive(TECH, &format!("{n}"));
        }
    });
    let events = twilio.poll(&watch(&[])).await.unwrap();
    let bodies: Vec<_> = events
        .iter()
        .map(|e| match e {
            FarEvent::Reply { from, body, .. } => (from.as_str(), body.as_str()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(bodies, [(TECH, "0"), (TECH, "1"), (TECH, "2"), (TECH, "3"), (TECH, "4")]);
    let late = Watch { since: Timestamp::now() + SignedDuration::from_secs(1), ..watch(&[]) };
    assert_eq!(twilio.poll(&late).await.unwrap(), [], "old news");
}

#[tokio::test]
async fn page_whose_answer_was_lost_is_found_and_not_sent_again() {
    let (fake, twilio) = pair().await;
    for trouble in
        [Trouble::AcceptThenHangUp, Trouble::AcceptThenSilence, Trouble::AcceptThen(Reply::text(500, ""))]
    {
        let body = format!("EMERGENCY {trouble:?}");
        fake.trouble(trouble);
        let lost = twilio.send(&page(&body), &body, false).await.unwrap_err();
        assert!(matches!(lost, SendFailure::Unsure { .. }), "{lost:?}");
        let again = twilio.send(&page(&body), &body, true).await.unwrap();
        assert!(matches!(again, Sent::AlreadyThere { .. }), "{again:?}");
    }
    assert_eq!(fake.with(|t| t.sent().len()), 3);
}

#[tokio::test]
async fn same_words_of_another_page_are_no_proof() {
    let (fake, twilio) = pair().await;
    twilio.send(&page("EMERGENCY A7"), "first", false).await.unwrap();
    fake.trouble(Trouble::HangUp); // the second one never arrives
    twilio.send(&page("EMERGENCY A7"), "second", false).await.unwrap_err();
    let again = twilio.send(&page("EMERGENCY A7"), "second", true).await.unwrap();
    assert!(matches!(again, Sent::Accepted { .. }), "{again:?}");
    assert_eq!(fake.with(|t| t.sent().len()), 2);
}

#[tokio::test]
async fn repeat_after_a_restart_finds_what_was_sent_before_it() {
    let (fake, twilio) = pair().await;
    fake.trouble(Trouble::AcceptThenHangUp);
    twilio.send(&page("EMERGENCY A7"), "k", false).await.unwrap_err();
    let restarted = TwilioSms::new(settings(&fake)).unwrap();
    let again = restarted.send(&page("EMERGENCY A7"), "k", true).await.unwrap();
    assert!(matches!(again, Sent::AlreadyThere { .. }), "{again:?}");
}

#[tokio::test]
async fn stop_from_a_technician_is_a_paging_failure_that_says_what_to_do() {
    let (fake, twilio) = pair().await;
    fake.with(|t| t.receive(TECH, "stop"));
    never(twilio.send(&page("x"), "k1", false).await, NeverReason::OptedOut, "must text START");
    fake.with(|t| t.receive(TECH, "START"));
    assert!(twilio.send(&page("x"), "k1", false).await.is_ok());
}

#[tokio::test]
async fn unregistered_sender_and_landline_show_up_as_undelivered() {
    let (fake, twilio) = pair().await;
    let Ok(Sent::Accepted { far_id }) = twilio.send(&page("x"), "k1", false).await else { panic!() };
    fake.with(|t| {
        t.unregistered = true;
        t.settle();
    });
    let told = twilio.poll(&watch(&[far_id])).await.unwrap();
    let [FarEvent::Undelivered { why, reason: NeverReason::Unregistered, .. }] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert!(why.contains("A2P 10DLC") && why.contains("30034"), "{why}");
    let reasons =
        [21_610, 30_034, 30_032, 30_460, 30_003, 30_006, 21_608, 30_036, 99_999].map(|c| codes::meaning(c).1);
    use NeverReason as R;
    assert_eq!(
        reasons,
        [
            R::OptedOut,
            R::Unregistered,
            R::Unregistered,
            R::Unregistered,
            R::BadDestination,
            R::BadDestination,
            R::Unregistered,
            R::Rejected,
            R::Rejected
        ]
    );
}

#[tokio::test]
async fn rate_limit_is_later_with_twilios_own_wish() {
    let (fake, twilio) = pair().await;
    let busy = serde_json::json!({"code": 20_429, "message": "Too Many Requests", "status": 429});
    fake.trouble(Trouble::Refuse(Reply::json(429, &busy).with("Retry-After", "7")));
    let failure = twilio.send(&page("x"), "k1", false).await.unwrap_err();
    let SendFailure::Later { retry_after, .. } = failure else { panic!("{failure:?}") };
    assert_eq!(retry_after, Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn wrong_token_is_never_and_not_printed() {
    let (fake, _) = pair().await;
    let wrong = Settings { secret: Hidden::new("token-2"), ..settings(&fake) };
    let twilio = TwilioSms::new(wrong).unwrap();
    never(twilio.send(&page("x"), "k1", false).await, NeverReason::Credentials, "key is wrong");
    assert!(!format!("{twilio:?}").contains("token-2"));
    assert!(twilio.check().await.is_err());
}

#[tokio::test]
async fn long_text_leaves_whole_in_marked_parts_and_only_what_is_missing_is_repeated() {
    let (fake, twilio) = pair().await;
    let long = "water in the basement ".repeat(150);
    fake.trouble(Trouble::AcceptThenHangUp);
    twilio.send(&page(&long), "k1", false).await.unwrap_err();
    twilio.send(&page(&long), "k1", true).await.unwrap();
    let bodies: Vec<String> = fake.with(|t| t.sent().iter().map(|m| m.body.clone()).collect());
    assert_eq!(bodies.len(), 3);
    assert!(bodies.iter().all(|b| b.chars().count() <= BODY_CHARS_MAX));
    let joined: Vec<&str> = bodies.iter().map(|b| b.split_once(") ").unwrap().1).collect();
    assert_eq!(joined.join(" "), long.trim());
}

#[tokio::test]
async fn suspended_account_fails_its_check() {
    let (fake, twilio) = pair().await;
    assert_eq!(twilio.check().await.unwrap(), "account Metro Plumbing, active");
    fake.with(|t| t.status = "suspended".into());
    assert!(twilio.check().await.unwrap_err().to_string().contains("suspended"));
}

#[test]
fn identifiers_that_twilio_never_gave_are_refused_at_once() {
    let settings = |sid: &str| Settings::new(sid, Hidden::new("x"), BOX.parse().unwrap());
    assert!(matches!(
        TwilioSms::new(settings("12345")),
        Err(ConnectorFault::Value { key: "account_sid", .. })
    ));
    let plain = Settings { server: "http://api.twilio.com".into(), ..settings(ACCOUNT) };
    assert!(matches!(TwilioSms::new(plain), Err(ConnectorFault::Address { .. })));
}
