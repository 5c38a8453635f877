//! The outbox on disk: what is due, in which order, and what a stop in the middle of a try leaves.

use domain::{Channel, OutboxState};

use super::*;
use crate::store::{DeliveryTry, TryOutcome};

fn minutes(n: i64) -> Timestamp {
    thursday_night() + SignedDuration::from_mins(n)
}

fn to(key: &str, number: &str, made: i64) -> OutboxItem {
    let payload = Outgoing::Sms { to: number.parse().unwrap(), body: key.into() };
    let item = sms(key, minutes(made));
    OutboxItem { payload, ..item }
}

async fn due(store: &Store, now: i64) -> Vec<String> {
    let items = store.outbox_due(Channel::Sms, minutes(now), 100).await.unwrap();
    items.into_iter().map(|i| i.idempotency_key).collect()
}

#[test]
fn items_to_one_destination_wait_for_each_other_and_others_pass() {
    with_store(async |store| {
        let later = OutboxItem { next_try_at: minutes(30), ..to("a1", "+15552340001", 0) };
        store
            .enqueue_all(vec![later, to("a2", "+15552340001", 1), to("b1", "+15552340002", 2)])
            .await
            .unwrap();
        assert_eq!(due(store, 5).await, ["b1"]);
        assert_eq!(due(store, 31).await, ["a1", "a2", "b1"]);
        assert_eq!(store.outbox_next_at(Channel::Sms).await.unwrap(), Some(minutes(1)));
    });
}

#[test]
fn emergencies_leave_first_and_wait_for_nothing_else() {
    with_store(async |store| {
        let call = ringing(1);
        store.begin_call(call.clone()).await.unwrap();
        let stuck = OutboxItem { next_try_at: minutes(60), ..to("digest", "+15558870002", -5) };
        store.enqueue_all(vec![stuck, to("note", "+15552340009", -4)]).await.unwrap();
        store.commit_page(page(&call)).await.unwrap();
        assert_eq!(due(store, 5).await, [format!("page:{}:0", call.id), "note".to_string()]);
    });
}

#[test]
fn try_that_a_stop_has_cut_may_repeat_and_is_tried_again() {
    with_store(async |store| {
        let item = sms("k", minutes(0));
        store.enqueue(item.clone()).await.unwrap();
        let begun = store.begin_try(item.id, "Twilio", minutes(0)).await.unwrap().unwrap();
        assert_eq!((begun.tries, begun.may_repeat), (1, false));
        assert_eq!(store.end_cut_tries(minutes(1)).await.unwrap(), 1);
        let again = store.begin_try(item.id, "Twilio", minutes(1)).await.unwrap().unwrap();
        assert_eq!((again.tries, again.may_repeat), (2, true));
        let archive = crate::store::Archive::open(store.dir()).unwrap();
        assert_eq!(archive.tries(item.id).unwrap()[0].outcome, Some(TryOutcome::Unsure));
    });
}

#[test]
fn item_that_was_cancelled_during_its_try_stays_cancelled_unless_it_has_left() {
    for (left, end) in [(false, OutboxState::Cancelled), (true, OutboxState::Sent)] {
        with_store(async |store| {
            let item = sms("k", minutes(0));
            store.enqueue(item.clone()).await.unwrap();
            let begun = store.begin_try(item.id, "Twilio", minutes(0)).await.unwrap().unwrap();
            let hand = crate::store::Hand::open(store.dir()).unwrap();
            assert!(hand.drop_item(item.id).unwrap());
            let state = if left { OutboxState::Sent } else { OutboxState::Waiting };
            let attempt = DeliveryTry {
                item: item.id,
                number: 1,
                connector: "Twilio".into(),
                started_at: minutes(0),
                ended_at: Some(minutes(0)),
                outcome: Some(TryOutcome::Later),
                why: None,
            };
            store.end_try(OutboxItem { state, ..begun }, attempt).await.unwrap();
            assert_eq!(store.outbox_item(item.id).await.unwrap().unwrap().state, end);
            assert_eq!(store.begin_try(item.id, "Twilio", minutes(1)).await.unwrap(), None, "left: {left}");
        });
    }
}

#[test]
fn page_that_is_too_old_is_not_sent_and_says_why() {
    with_store(async |store| {
        let item = OutboxItem { expires_at: Some(minutes(10)), ..sms("k", minutes(0)) };
        store.enqueue(item.clone()).await.unwrap();
        assert_eq!(store.expire_outbox(minutes(9)).await.unwrap(), 0);
        assert_eq!(store.expire_outbox(minutes(10)).await.unwrap(), 1);
        let old = store.outbox_item(item.id).await.unwrap().unwrap();
        assert_eq!(old.state, OutboxState::Expired);
        assert_eq!(old.last_error.as_deref(), Some("it could not be sent in time"));
    });
}

#[test]
fn hand_of_the_owner_is_noticed_by_the_running_store() {
    with_store(async |store| {
        let dead = OutboxItem { state: OutboxState::Dead, ..sms("k", minutes(0)) };
        store.enqueue(dead.clone()).await.unwrap();
        let before = store.hand_mark().await.unwrap();
        store.enqueue(sms("own", minutes(0))).await.unwrap();
        assert_eq!(store.hand_mark().await.unwrap(), before, "its own writes are no news");
        assert!(crate::store::Hand::open(store.dir()).unwrap().retry(dead.id, minutes(1)).unwrap());
        assert_ne!(store.hand_mark().await.unwrap(), before);
        assert_eq!(due(store, 2).await, ["own", "k"]);
    });
}

#[test]
fn callers_who_want_no_text_are_remembered_until_they_want_it_again() {
    with_store(async |store| {
        let jim = || "+15555550415".parse().unwrap();
        assert!(!store.has_opted_out(jim()).await);
        store.set_opt_out(jim(), Some("STOP".into()), minutes(0)).await.unwrap();
        assert!(store.has_opted_out(jim()).await);
        store.set_opt_out(jim(), None, minutes(1)).await.unwrap();
        assert!(!store.has_opted_out(jim()).await);
    });
}

#[test]
fn cloud_models_are_metered() {
    with_store(async |store| {
        let usage = crate::store::CloudUsage {
            call_id: None,
            at: minutes(0),
            model: "small".into(),
            bytes_out: 900,
            tokens_in: 210,
            tokens_out: 12,
            cost_usd_micro: 350,
        };
        store.meter(usage.clone()).await.unwrap();
        store.meter(usage).await.unwrap();
        let total = store.cloud_total(minutes(-1)).await.unwrap();
        assert_eq!((total.questions, total.bytes_out, total.cost_usd_micro), (2, 1800, 700));
        assert_eq!(store.cloud_total(minutes(1)).await.unwrap().questions, 0);
    });
}
