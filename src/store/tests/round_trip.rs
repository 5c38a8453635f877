//! What goes in comes out.

use domain::{CallRecord, CallStatus, Profile, TurnRecord};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::store::{AlertStory, Archive, PageCommit, ShopRecord, StoreError};

#[test]
fn emergency_call_is_remembered_from_ring_to_card() {
    with_store(async |store| {
        let call = ringing(1);
        store.begin_call(call.clone()).await.unwrap();
        store.add_turn(call.id, turn(0, "Metro Plumbing, this is Alex")).await.unwrap();
        store.add_turn(call.id, turn(1, "my basement is flooding")).await.unwrap();
        let page = page(&call);
        assert_eq!(store.commit_page(page.clone()).await.unwrap(), PageCommit::New);
        let done = ended(&call, CallStatus::Completed);
        store.end_call(done.clone(), Some(card(&call)), None).await.unwrap();

        assert_eq!(store.calls(10).await.unwrap(), std::slice::from_ref(&done));
        assert_eq!(store.call(call.id).await.unwrap(), Some(done));
        assert_eq!(
            store.turns(call.id).await.unwrap(),
            [turn(0, "Metro Plumbing, this is Alex"), turn(1, "my basement is flooding")]
        );
        assert_eq!(store.lead_of_call(call.id).await.unwrap(), Some(card(&call)));
        assert_eq!(store.lead(card(&call).id).await.unwrap(), Some(card(&call)));
        let PageCommitted { alert, steps, items } = page;
        assert_eq!(store.outbox().await.unwrap(), items);
        assert_eq!(store.alert_of_call(call.id).await.unwrap(), Some(AlertStory { alert, steps, items }));
    });
}

#[test]
fn late_repeat_of_the_beginning_does_not_reopen_an_ended_call() {
    with_store(async |store| {
        let done = ended(&ringing(1), CallStatus::Completed);
        store.end_call(done.clone(), None, None).await.unwrap();
        store.begin_call(ringing(1)).await.unwrap();
        assert_eq!(store.call(done.id).await.unwrap(), Some(done));
    });
}

#[test]
fn page_offered_twice_is_one_page_and_one_alert() {
    with_store(async |store| {
        let call = ringing(1);
        store.begin_call(call.clone()).await.unwrap();
        let page = page(&call);
        store.commit_page(page.clone()).await.unwrap();
        assert_eq!(store.commit_page(page).await.unwrap(), PageCommit::AlreadyThere);
        assert_eq!(store.outbox().await.unwrap().len(), 1);
        assert_eq!(store.open_alerts().await.unwrap().len(), 1);
    });
}

#[test]
fn page_before_its_call_is_refused_and_leaves_nothing() {
    with_store(async |store| {
        let page = page(&ringing(1));
        let refused = store.commit_page(page).await;
        assert!(matches!(refused, Err(StoreError::UnknownCall { .. })), "{refused:?}");
        assert_eq!(store.outbox().await.unwrap(), []);
    });
}

#[test]
fn alert_is_linked_when_the_card_comes() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    block_on(async {
        let call = ringing(1);
        store.begin_call(call.clone()).await.unwrap();
        let page = page(&call);
        store.commit_page(page).await.unwrap();
        let linked = "SELECT count(*) FROM emergency_alerts WHERE lead_card_id IS NOT NULL";
        assert_eq!(count(folder.path(), linked), 0);
        store.end_call(ended(&call, CallStatus::Completed), Some(card(&call)), None).await.unwrap();
        assert_eq!(count(folder.path(), linked), 1);
    });
}

#[test]
fn second_card_for_a_call_keeps_what_the_dispatcher_did() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    block_on(async {
        let call = ringing(1);
        let done = ended(&call, CallStatus::Completed);
        store.end_call(done.clone(), Some(card(&call)), None).await.unwrap();
        let db = rusqlite::Connection::open(folder.path().join("nightdesk.db")).unwrap();
        db.execute("UPDATE lead_cards SET callback_status = 'called_booked'", []).unwrap();
        let better = LeadCard { caller_name: "James Kowalski".into(), ..card(&call) };
        store.end_call(done, Some(better), None).await.unwrap();
        let stored = store.lead_of_call(call.id).await.unwrap().unwrap();
        assert_eq!(stored.caller_name, "James Kowalski");
        assert_eq!(stored.callback_status, CallbackStatus::CalledBooked);
    });
}

#[test]
fn turn_written_again_replaces_the_first() {
    with_store(async |store| {
        let call = ringing(1);
        store.begin_call(call.clone()).await.unwrap();
        store.add_turn(call.id, TurnRecord { decision: None, ..turn(1, "water") }).await.unwrap();
        store.add_turn(call.id, turn(1, "water everywhere")).await.unwrap();
        assert_eq!(store.turns(call.id).await.unwrap(), [turn(1, "water everywhere")]);
    });
}

#[test]
fn earlier_call_of_the_same_number_is_found_but_not_spam_or_another_shop() {
    with_store(async |store| {
        let since = thursday_night();
        let jim = ringing(0).caller.unwrap();
        let shop = || "metro-plumbing".to_string();
        for (n, status) in [(1, CallStatus::Completed), (2, CallStatus::Spam), (3, CallStatus::InProgress)] {
            let call = CallRecord { status, ..ringing(n) };
            store.end_call(call, None, None).await.unwrap();
        }
        let elsewhere =
            CallRecord { profile_id: "other".into(), ..ended(&ringing(4), CallStatus::Completed) };
        store.end_call(elsewhere, None, None).await.unwrap();

        let found = store.recent_call_from(shop(), jim.clone(), since).await.unwrap().unwrap();
        assert_eq!(found.call.id, ringing(1).id);
        let later = ringing(2).called_at;
        assert_eq!(store.recent_call_from(shop(), jim, later).await.unwrap(), None);
        let stranger = "+15550009999".parse().unwrap();
        assert_eq!(store.recent_call_from(shop(), stranger, since).await.unwrap(), None);
    });
}

#[test]
fn interrupted_call_is_closed_as_cut_at_its_last_turn_until_it_has_a_card() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let before = Store::open(folder.path()).unwrap();
        before.begin_call(ringing(1)).await.unwrap();
        before.add_turn(ringing(1).id, turn(0, "hello")).await.unwrap();
        before.add_turn(ringing(1).id, turn(3, "it is flooding")).await.unwrap();
        drop(before);

        let after = Store::open(folder.path()).unwrap();
        after.begin_call(ringing(2)).await.unwrap(); // rings before the app looks for cut calls
        let last_word = ringing(1).called_at + SignedDuration::from_secs(12);
        let cut = CallRecord { status: CallStatus::Cut, ended_at: Some(last_word), ..ringing(1) };
        assert_eq!(after.close_cut_calls().await.unwrap(), std::slice::from_ref(&cut));
        assert_eq!(
            after.close_cut_calls().await.unwrap(),
            std::slice::from_ref(&cut),
            "one more crash before its card"
        );
        after.end_call(cut.clone(), Some(card(&cut)), None).await.unwrap();
        assert_eq!(after.close_cut_calls().await.unwrap(), []);
        assert_eq!(after.call(ringing(2).id).await.unwrap().unwrap().status, CallStatus::InProgress);
    });
}

#[test]
fn command_line_reads_while_the_daemon_writes() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    block_on(store.begin_call(ringing(1))).unwrap();
    let archive = Archive::open(folder.path()).unwrap();
    block_on(store.begin_call(ringing(2))).unwrap();
    assert_eq!(archive.calls(10).unwrap().len(), 2);
    assert_eq!(archive.calls(1).unwrap(), [ringing(2)], "newest first");
    let id = ringing(1).id.to_string();
    assert_eq!(archive.calls_ending_with(&id[28..], 2).unwrap(), [ringing(1)]);
}

#[test]
fn shops_in_force_are_remembered_and_others_become_inactive() {
    let shop = |id: &str, name: &str| ShopRecord {
        profile: Profile {
            id: id.into(),
            business_name: "Metro Plumbing".into(),
            owner_name: "Dave".into(),
            agent_name: "Alex".into(),
            trade: domain::Trade::Trades,
            services: vec![Service::Plumbing],
            oncall_name: Some(name.into()),
            time_zone: "America/Chicago".into(),
            hours: domain::BusinessHours::default(),
            always_active: false,
            pricing_answer: None,
            disclosure: domain::Disclosure::Asked,
            spanish: domain::SpanishMode::Callback,
            record: true,
            recording_notice: true,
            max_call_s: 300,
        },
        called_number: Some("301".into()),
        business_number: None,
        primary_phone: "+15558870002".parse().unwrap(),
        backup: Some(("Sam".into(), "+15558870003".parse().unwrap())),
        owner_phone: "+15558870001".parse().unwrap(),
        warm_transfer: true,
        transfer_ring_s: 30,
        step_delays_s: [0, 60, 600, 1200],
    };
    with_store(async |store| {
        store.remember_shops(vec![shop("left", "Ann"), shop("metro", "Mike")]).await.unwrap();
        store.remember_shops(vec![shop("metro", "Sam")]).await.unwrap();
        let kept = Archive::open(store.dir()).unwrap().shops_in_force().unwrap();
        assert_eq!(kept, [("metro".to_string(), "Sam".to_string(), 1200)]);
    });
}

#[test]
fn folder_without_calls_says_so() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Archive::open(folder.path()), Err(StoreError::Missing { .. })));
}

#[test]
fn many_writers_at_once_are_all_answered_and_all_there() {
    with_store(async |store| {
        store.begin_call(ringing(1)).await.unwrap();
        let all = (0..300).map(|i| store.add_turn(ringing(1).id, turn(i, "words")));
        let mut waiting: Vec<_> = all.map(Box::pin).collect();
        std::future::poll_fn(|cx| {
            waiting.retain_mut(|f| f.as_mut().poll(cx).map(|r| r.unwrap()).is_pending());
            if waiting.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        assert_eq!(store.turns(ringing(1).id).await.unwrap().len(), 300);
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn any_words_and_times_come_back_as_they_were(
        text in any::<String>(),
        name in proptest::option::of(any::<String>()),
        ms in 0i64..4_000_000_000_000,
        confidence in 0f32..=1.0,
        at_ms in 0u64..1 << 62,
    ) {
        let call = CallRecord {
            caller_display: name,
            called: text.clone(),
            called_at: Timestamp::from_millisecond(ms).unwrap(),
            ..ringing(1)
        };
        let spoken = TurnRecord { confidence, at_ms, ..turn(1, &text) };
        with_store(async |store| {
            store.begin_call(call.clone()).await.unwrap();
            store.add_turn(call.id, spoken.clone()).await.unwrap();
            assert_eq!(store.call(call.id).await.unwrap().unwrap(), call);
            assert_eq!(store.turns(call.id).await.unwrap(), [spoken]);
        });
    }
}
