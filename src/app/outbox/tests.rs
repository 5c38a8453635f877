//! The workers on a real store.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use domain::{Channel, OutboxId, OutboxItem, OutboxState, Outgoing, Priority, Ticket};
use tokio::time::timeout;

use super::{Outbox, Routes};
use crate::{
    app::{clock::WallClock, ladder, parts::Office},
    connectors::{Connector, SendFailure, Sent},
    store::Store,
};

/// A ticket desk: one ticket for each key, and an answer that gets lost when the test says so.
#[derive(Debug, Default)]
struct TicketDesk {
    tickets: Mutex<HashMap<String, u32>>,
    order: Mutex<Vec<String>>,
    lose_next_answer: AtomicBool,
    away: AtomicBool,
    asked: AtomicUsize,
}

#[async_trait]
impl Connector for TicketDesk {
    fn name(&self) -> &'static str {
        "Desk"
    }

    fn takes(&self, what: &Outgoing) -> bool {
        matches!(what, Outgoing::Ticket(_))
    }

    async fn send(&self, _what: &Outgoing, key: &str, repeat: bool) -> Result<Sent, SendFailure> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.away.load(Ordering::SeqCst) {
            return Err(SendFailure::Later { why: "the desk is away".into(), retry_after: None });
        }
        let mut tickets = self.tickets.lock().unwrap();
        if repeat && tickets.contains_key(key) {
            return Ok(Sent::AlreadyThere { far_id: key.to_string() });
        }
        *tickets.entry(key.to_string()).or_default() += 1;
        self.order.lock().unwrap().push(key.to_string());
        if self.lose_next_answer.swap(false, Ordering::SeqCst) {
            return Err(SendFailure::Unsure { why: "the answer got lost".into() });
        }
        Ok(Sent::Accepted { far_id: key.to_string() })
    }

    async fn check(&self) -> Result<String, SendFailure> {
        Ok("fine".into())
    }
}

fn ticket(n: u32, office: &Office) -> OutboxItem {
    let payload = Outgoing::Ticket(Ticket {
        summary: format!("ticket {n}"),
        priority: Priority::P3,
        description: String::new(),
        internal: String::new(),
        caller_phone: None,
        caller_name: None,
        company: None,
        address: None,
        resolved: false,
    });
    let mut random = [0; 10];
    random[..4].copy_from_slice(&n.to_be_bytes());
    OutboxItem::new(OutboxId::new(u64::from(n), random), format!("t{n:05}"), payload, office.clock.now())
}

fn check(test: impl AsyncFnOnce(&Office, &Arc<TicketDesk>, &Outbox)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let (office, _inbox) =
            ladder::office_of_tests(Store::open(folder.path()).unwrap(), WallClock::default());
        let desk = Arc::new(TicketDesk::default());
        let mut routes = Routes::default();
        routes.add(Channel::Ticket, desk.clone());
        let outbox = Outbox::start(&office, routes).await;
        test(&office, &desk, &outbox).await;
    });
}

/// Waits until nothing waits any more.
async fn drained(office: &Office, outbox: &Outbox) {
    let mut status = outbox.status.clone();
    let all = async {
        while office.store.backlog(office.clock.now()).await.unwrap().waiting > 0 {
            timeout(Duration::from_millis(500), status.changed()).await.ok();
        }
    };
    timeout(Duration::from_secs(300), all).await.expect("the outbox drains");
}

#[test]
fn ticket_whose_answer_was_lost_is_there_exactly_once() {
    check(async |office, desk, outbox| {
        desk.lose_next_answer.store(true, Ordering::SeqCst);
        office.store.enqueue(ticket(1, office)).await.unwrap();
        office.lines.ring();
        while desk.asked.load(Ordering::SeqCst) < 1
            || office.store.outbox().await.unwrap()[0].last_error.is_none()
        {
            tokio::task::yield_now().await;
        }
        office.clock.pass(Duration::from_secs(6));
        office.lines.ring();
        drained(office, outbox).await;
        assert_eq!(*desk.tickets.lock().unwrap(), HashMap::from([("t00001".to_string(), 1)]));
    });
}

#[test]
fn what_waited_for_a_desk_that_is_back_leaves_at_once_and_in_order() {
    check(async |office, desk, outbox| {
        desk.away.store(true, Ordering::SeqCst);
        office.store.enqueue_all((0..20).map(|n| ticket(n, office)).collect()).await.unwrap();
        office.lines.ring();
        let mut status = outbox.status.clone();
        status.wait_for(|s| s.away.contains_key(&Channel::Ticket)).await.unwrap();
        assert_eq!(
            desk.asked.load(Ordering::SeqCst),
            1,
            "one try shows that the desk is away; the rest waits"
        );
        desk.away.store(false, Ordering::SeqCst);
        office.clock.pass(Duration::from_secs(6));
        office.lines.ring();
        drained(office, outbox).await;
        let expected: Vec<String> = (0..20).map(|n| format!("t{n:05}")).collect();
        assert_eq!(*desk.order.lock().unwrap(), expected);
        status.wait_for(|s| s.away.is_empty()).await.unwrap();
    });
}

#[test]
fn item_that_nobody_can_send_is_refused_with_advice() {
    check(async |office, _, outbox| {
        let payload = Outgoing::Email { to: "a@b".into(), subject: "s".into(), text: "t".into() };
        let item = OutboxItem::new(OutboxId::new(1, [1; 10]), "mail".into(), payload, office.clock.now());
        office.store.enqueue(item.clone()).await.unwrap();
        office.lines.ring();
        outbox.status.clone().wait_for(|s| s.stuck).await.unwrap();
        let item = office.store.outbox_item(item.id).await.unwrap().unwrap();
        assert_eq!(item.state, OutboxState::Dead);
        assert!(item.last_error.unwrap().contains("add a e-mail channel"), "the owner reads what to do");
    });
}

/// Ten thousand items on their way out; meanwhile every write of a call is answered in time for its conversation.
#[test]
fn ten_thousand_items_drain_and_hold_up_no_call() {
    check(async |office, desk, outbox| {
        office.store.enqueue_all((0..10_000).map(|n| ticket(n, office)).collect()).await.unwrap();
        office.lines.ring();
        let begun = Instant::now();
        let mut slowest = Duration::ZERO;
        for n in 0..50 {
            let call = ladder::call_of_tests(office, 1000 + n);
            let asked = Instant::now();
            office.store.begin_call(call).await.unwrap();
            slowest = slowest.max(asked.elapsed());
            tokio::task::yield_now().await;
        }
        drained(office, outbox).await;
        eprintln!("10,000 items in {:?}; slowest write of a call {slowest:?}", begun.elapsed());
        assert_eq!(desk.tickets.lock().unwrap().len(), 10_000);
        assert!(desk.tickets.lock().unwrap().values().all(|n| *n == 1));
        assert!(slowest < Duration::from_secs(1), "a call waited {slowest:?} for the outbox");
    });
}
