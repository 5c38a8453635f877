use std::time::Duration;

use domain::{Outgoing, PhoneNumber};
use jiff::Timestamp;
use tempfile::TempDir;

use super::{
    ModemSms, Settings,
    sim_modem::{SimModem, Trouble},
};
use crate::connectors::{Connector as _, FarEvent, Hidden, NeverReason, SendFailure, Sent, Watch};

/// "1" from +31641600986, 2002-08-26T19:37:41Z.
const ONE: &str = "07911326040000F0040B911346610089F600002080629173140801 31";

struct Bench {
    modem: SimModem,
    connector: ModemSms,
    _folder: TempDir,
}

fn bench_with(change: impl FnOnce(&mut Settings)) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let modem = SimModem::new(folder.path());
    let mut settings = Settings { patience: Duration::from_secs(5), ..Settings::new(&modem.device) };
    change(&mut settings);
    Bench { connector: ModemSms::new(settings).unwrap(), modem, _folder: folder }
}

fn bench() -> Bench {
    bench_with(|_| {})
}

fn one() -> String {
    ONE.replace(' ', "")
}

fn page(body: &str) -> Outgoing {
    Outgoing::Sms { to: PhoneNumber::parse_dialable("+15552345678").unwrap(), body: body.into() }
}

fn report(number: u8, status: u8) -> String {
    format!("0006{number:02X}0B911326880736F41110117195514011101171957140{status:02X}")
}

impl Bench {
    async fn send(&self, body: &str, key: &str) -> Result<Sent, SendFailure> {
        self.connector.send(&page(body), key, false).await
    }

    async fn poll(&self, open: &[String]) -> Result<Vec<FarEvent>, SendFailure> {
        let now: Timestamp = "2002-08-26T20:00:00Z".parse().unwrap();
        let since = "2002-08-26T12:00:00Z".parse().unwrap();
        self.connector.poll(&Watch { since, now, open }).await
    }
}

fn far_id(sent: Result<Sent, SendFailure>) -> String {
    match sent.unwrap() {
        Sent::Accepted { far_id } => far_id,
        Sent::AlreadyThere { far_id } => panic!("not new: {far_id}"),
    }
}

fn why<T: std::fmt::Debug>(result: Result<T, SendFailure>) -> String {
    result.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_leaves_once_and_its_arrival_is_told() {
    let bench = bench();
    let id = far_id(bench.send("Burst pipe. Reply 1 A7 to take it.", "key-1").await);
    assert_eq!(bench.modem.card().sent.len(), 1);
    assert_eq!(
        bench.send("Burst pipe. Reply 1 A7 to take it.", "key-1").await,
        Ok(Sent::AlreadyThere { far_id: id.clone() })
    );
    assert_eq!(bench.modem.card().sent.len(), 1, "a repeat of what the network has is not sent");
    bench.modem.card().unasked = format!("\r\n+CDS: 25\r\n{}\r\n", report(10, 0));
    let mut events = Vec::new();
    for _ in 0..100 {
        events = bench.poll(std::slice::from_ref(&id)).await.unwrap();
        if !events.is_empty() {
            break;
        }
    }
    assert_eq!(events, [FarEvent::Delivered { far_id: id }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_text_arrives_when_all_its_parts_have() {
    let bench = bench();
    let id = far_id(bench.send(&"water ".repeat(40), "key-1").await);
    assert!(id.ends_with(":10.11"), "{id}");
    let open = [id.clone()];
    bench.modem.card().stored.insert(1, (0, report(10, 0)));
    assert_eq!(bench.poll(&open).await, Ok(vec![]), "one of two parts");
    bench.modem.card().stored.insert(2, (0, report(11, 0)));
    assert_eq!(bench.poll(&open).await, Ok(vec![FarEvent::Delivered { far_id: id }]));
    bench.poll(&[]).await.unwrap();
    assert!(bench.modem.card().stored.is_empty(), "reports do not fill the card");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_network_gives_up_is_told() {
    let bench = bench();
    let id = far_id(bench.send("page", "key-1").await);
    bench.modem.card().stored.insert(1, (0, report(10, 0x46)));
    match bench.poll(&[id.clone()]).await.unwrap().as_slice() {
        [FarEvent::Undelivered { far_id, why, .. }] => {
            assert_eq!(*far_id, id);
            assert!(why.contains("off or out of reach"), "{why}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_stays_on_the_card_until_it_was_told() {
    let bench = bench();
    bench.modem.card().stored.insert(3, (0, one()));
    bench.modem.card().stored.insert(4, (2, "the owner's draft".into()));
    let told = bench.poll(&[]).await.unwrap();
    let [FarEvent::Reply { from, body, far_id, at }] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((from.as_str(), body.as_str()), ("+31641600986", "1"));
    assert_eq!(at.to_string(), "2002-08-26T19:37:41Z");
    assert!(far_id.starts_with("modem-"), "{far_id}");
    assert!(bench.modem.card().stored.contains_key(&3), "not before the next poll");
    assert_eq!(bench.poll(&[]).await, Ok(vec![]));
    assert_eq!(bench.modem.card().stored.keys().copied().collect::<Vec<_>>(), [4]);
    // the same place, a new message
    bench.modem.card().stored.insert(3, (0, one().replace("7314", "7315")));
    assert_eq!(bench.poll(&[]).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_of_a_long_reply_are_put_together() {
    let part = |number: u8, words: &str| {
        let septets = super::gsm7::septets(words).unwrap();
        let mut data = vec![5, 0, 3, 0x42, 2, number];
        data.extend(super::gsm7::pack(&septets, 1));
        let hex: String = data.iter().map(|b| format!("{b:02X}")).collect();
        format!("07911326040000F0440B911346610089F6000020806291731408{:02X}{hex}", 7 + septets.len())
    };
    let bench = bench();
    bench.modem.card().stored.insert(1, (0, part(2, "the valve")));
    assert_eq!(bench.poll(&[]).await, Ok(vec![]));
    bench.modem.card().stored.insert(2, (1, part(1, "I shut ")));
    let told = bench.poll(&[]).await.unwrap();
    assert!(
        matches!(told.as_slice(), [FarEvent::Reply { body, .. }] if body == "I shut the valve"),
        "{told:?}"
    );
    assert_eq!(bench.poll(&[]).await, Ok(vec![]));
    assert!(bench.modem.card().stored.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_what_to_do() {
    let bench = bench();
    let check = async |trouble: u16, expected: &str| {
        bench.modem.card().troubles.push_back(Trouble::Cms(trouble));
        let failure = bench.send("page", &format!("key-{trouble}")).await.unwrap_err();
        assert!(failure.to_string().contains(expected), "{failure}");
        failure
    };
    assert!(matches!(check(331, "reception").await, SendFailure::Later { .. }));
    assert!(matches!(
        check(1, "no such number").await,
        SendFailure::Never { reason: NeverReason::BadDestination, .. }
    ));
    assert!(matches!(
        check(50, "contract").await,
        SendFailure::Never { reason: NeverReason::Unregistered, .. }
    ));
    far_id(bench.send("page", "key-331").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_ok_is_a_page_that_left() {
    let bench = bench_with(|settings| settings.patience = Duration::from_millis(700));
    bench.modem.card().troubles.push_back(Trouble::LostOk);
    far_id(bench.send("page", "key-1").await);
    far_id(bench.send("another", "key-2").await);
    assert_eq!(bench.modem.card().sent.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_after_the_message_is_unsure_and_the_modem_is_usable_again() {
    let bench = bench_with(|settings| settings.patience = Duration::from_millis(700));
    bench.modem.card().troubles.push_back(Trouble::Silence);
    let failure = bench.send("page", "key-1").await.unwrap_err();
    assert!(matches!(failure, SendFailure::Unsure { .. }), "{failure:?}");
    far_id(bench.send("page", "key-1").await);
    assert_eq!(bench.modem.card().sent.len(), 2, "in doubt twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_page_that_fails_in_the_middle_goes_on_where_it_was() {
    let bench = bench();
    bench.modem.card().troubles.extend([Trouble::UnaskedBetween(String::new()), Trouble::Cms(332)]);
    let failure = bench.send(&"water ".repeat(40), "key-1").await.unwrap_err();
    assert!(matches!(failure, SendFailure::Later { .. }), "{failure:?}");
    assert!(far_id(bench.send(&"water ".repeat(40), "key-1").await).ends_with(":10.11"));
    assert_eq!(bench.modem.card().sent.len(), 2, "the first part is not sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_unasked_does_not_disturb() {
    let bench = bench();
    let words = format!("\r\nRING\r\n+CMTI: \"SM\",3\r\n+CDS: 25\r\n{}\r\n^RSSI:17\r\n", report(10, 0));
    bench.modem.card().troubles.push_back(Trouble::UnaskedBetween(words));
    bench.modem.card().noise = b"\r\n^BOOT:1,0\r\n+CREG: 5\r\n\xff\xfe\r\n".to_vec();
    let id = far_id(bench.send("page", "key-1").await);
    assert_eq!(bench.poll(&[id.clone()]).await, Ok(vec![FarEvent::Delivered { far_id: id }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modem_that_is_pulled_out_works_again_when_it_is_back() {
    let mut bench = bench();
    far_id(bench.send("page", "key-1").await);
    bench.modem.pull_out();
    let failure = bench.send("page", "key-2").await.unwrap_err();
    assert!(matches!(failure, SendFailure::Later { .. } | SendFailure::Unsure { .. }), "{failure:?}");
    assert!(why(bench.poll(&[]).await).contains("modem"), "told in words");
    bench.modem.plug_in();
    let mut sent = bench.send("page", "key-2").await;
    for _ in 0..100 {
        let Err(SendFailure::Later { retry_after: Some(pause), .. }) = sent else { break };
        assert!(pause <= Duration::from_secs(15));
        tokio::time::sleep(pause.min(Duration::from_millis(100))).await;
        sent = bench.send("page", "key-2").await;
    }
    far_id(sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modem_that_is_not_there_is_told() {
    let nowhere = ModemSms::new(Settings::new("/dev/serial/by-id/no-such-modem")).unwrap();
    let said = why(nowhere.check().await);
    assert!(said.contains("not plugged in"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_unlocked_once_and_a_wrong_pin_does_not_lock_it() {
    let right = bench_with(|settings| settings.pin = Some(Hidden::new("1234")));
    right.modem.card().pin = Some("1234".into());
    far_id(right.send("page", "key-1").await);
    let wrong = bench_with(|settings| settings.pin = Some(Hidden::new("1111")));
    wrong.modem.card().pin = Some("1234".into());
    let said = why(wrong.send("page", "key-1").await);
    assert!(said.contains("PIN is wrong"), "{said}");
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(1100)).await;
        why(wrong.send("page", "key-1").await);
    }
    assert_eq!(wrong.modem.card().pin_tries, 1);
    let none = bench();
    none.modem.card().pin = Some("1234".into());
    assert!(why(none.connector.check().await).contains("pin_file"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_tells_network_signal_and_card() {
    let bench = bench();
    let check = async || bench.connector.check().await.unwrap_or_else(|failure| failure.to_string());
    assert_eq!(
        check().await,
        "modem at home in its network, signal -79 dBm, SIM card holds 0 of 20 messages"
    );
    bench.modem.card().registered = 3;
    assert!(check().await.contains("does not let this SIM card in"));
    let full = bench_with(|_| {});
    full.modem.card().places = 1;
    full.modem.card().stored.insert(1, (0, one()));
    assert!(why(full.connector.check().await).contains("full"));
    let no_card = bench_with(|_| {});
    no_card.modem.card().absent = true;
    assert!(why(no_card.connector.check().await).contains("no SIM card"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modem_that_never_stops_talking_or_asks_for_nothing_holds_nobody_up() {
    let bench = bench_with(|settings| settings.patience = Duration::from_millis(400));
    bench.modem.card().troubles.push_back(Trouble::NoPrompt);
    let failure = bench.send("page", "key-1").await.unwrap_err();
    assert!(matches!(failure, SendFailure::Later { .. }), "nothing has left: {failure:?}");
    assert!(bench.modem.card().sent.is_empty());
}

#[test]
fn settings_that_cannot_work_are_told() {
    let fault = |settings: Settings| ModemSms::new(settings).unwrap_err().to_string();
    assert!(fault(Settings::new("ttyUSB0")).contains("/dev/serial/by-id/"));
    let pin = Some(Hidden::new("12a4"));
    assert!(fault(Settings { pin, ..Settings::new("/dev/ttyUSB0") }).contains("four to eight digits"));
}
