//! kill -9 at random moments: everything that was answered is there, and the file is sound.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
};

use domain::CallStatus;

use super::*;
use crate::store::open::DATABASE;

const FOLDER: &str = "NIGHTDESK_TEST_KILL_FOLDER";
const FIRST: &str = "NIGHTDESK_TEST_KILL_FIRST";

/// The program that gets killed: phone calls without end, one printed line per answered write.
#[test]
#[ignore = "runs only as the child of the test below"]
fn calls_without_end() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let first: u64 = std::env::var(FIRST).unwrap().parse().unwrap();
    let mut out = std::io::stdout();
    let mut say = |line: String| writeln!(out, "{line}").and_then(|()| out.flush()).unwrap();
    let store = Store::open(Path::new(&folder)).unwrap();
    block_on(async {
        for n in first.. {
            let call = ringing(n);
            store.begin_call(call.clone()).await.unwrap();
            say(format!("call {}", call.id));
            for i in 0..3 {
                store.add_turn(call.id, turn(i, "water")).await.unwrap();
                say(format!("turn {} {i}", call.id));
            }
            let (page, follow_up) = (page(&call), sms(&format!("page:{}:1", call.id), call.called_at));
            let key = page.items[0].idempotency_key.clone();
            store.commit_page(page.clone()).await.unwrap();
            say(format!("page {key}"));
            let follow_up = OutboxItem { call_id: Some(call.id), ..follow_up };
            let page = PageCommitted { items: vec![follow_up], ..page };
            store.end_call(ended(&call, CallStatus::Completed), Some(card(&call)), Some(page)).await.unwrap();
            say(format!("end {}", call.id));
        }
    });
}

fn start(folder: &Path, first: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["store::tests::kill::calls_without_end", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Reads answers until `after` of them came, kills, and reads those that were still on their way.
fn kill_after(mut child: Child, after: usize, spin: u32) -> Vec<String> {
    let answers = |line: &String| ["call ", "turn ", "page ", "end "].iter().any(|w| line.starts_with(w));
    let mut lines =
        BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok).filter(answers);
    let mut acked: Vec<String> = lines.by_ref().take(after).collect();
    (0..spin).for_each(|_| std::hint::spin_loop()); // the next write gets a random way ahead
    child.kill().unwrap();
    child.wait().unwrap();
    acked.extend(lines);
    acked
}

/// What the file holds, in the words of the answers.
fn stored(dir: &Path) -> BTreeSet<String> {
    let db = rusqlite::Connection::open(dir.join(DATABASE)).unwrap();
    let mut query = db
        .prepare(
            "SELECT 'call ' || id FROM after_hours_calls
             UNION ALL SELECT 'turn ' || call_id || ' ' || turn_index FROM turns
             UNION ALL SELECT 'page ' || idempotency_key FROM outbox
             UNION ALL SELECT 'end ' || call_id FROM lead_cards",
        )
        .unwrap();
    let rows = query.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn killed_at_any_moment_nothing_answered_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let seed =
        std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(u64::from(std::process::id()));
    eprintln!("SEED={seed}"); // shown when the test fails
    let mut random = seed;
    let mut next = |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let mut acked = BTreeSet::new();
    for round in 0..50 {
        let child = start(folder.path(), round * 1000);
        let after = usize::try_from(next(25)).unwrap();
        acked.extend(kill_after(child, after, u32::try_from(next(200_000)).unwrap()));

        let store = Store::open(folder.path()).unwrap();
        assert_eq!(store.set_aside(), None, "round {round}");
        for call in block_on(store.close_cut_calls()).unwrap() {
            assert_eq!(call.status, CallStatus::Cut);
            block_on(store.end_call(call.clone(), Some(card(&call)), None)).unwrap();
        }
        drop(store);
        let stored = stored(folder.path());
        let lost: Vec<_> = acked.difference(&stored).collect();
        assert!(lost.is_empty(), "round {round}: {lost:?}");
        check_whole(folder.path(), round);
    }
    assert!(acked.len() > 50, "only {} writes were answered", acked.len());
}

/// No page without its alert, no finished call without its card and follow-up, no broken page.
fn check_whole(dir: &Path, round: u64) {
    let halves = [
        "SELECT count(*) FROM outbox WHERE idempotency_key LIKE '%:0'
         AND call_id NOT IN (SELECT call_id FROM emergency_alerts)",
        "SELECT count(*) FROM after_hours_calls WHERE status = 'completed' AND (id NOT IN
         (SELECT call_id FROM lead_cards) OR id NOT IN
         (SELECT call_id FROM outbox WHERE idempotency_key LIKE '%:1'))",
        "SELECT count(*) FROM outbox o JOIN after_hours_calls c ON c.id = o.call_id
         WHERE o.idempotency_key LIKE '%:1' AND c.status <> 'completed'",
        "SELECT count(*) FROM after_hours_calls WHERE status = 'in_progress'",
        "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
        "SELECT count(*) FROM pragma_foreign_key_check",
    ];
    for sql in halves {
        assert_eq!(count(dir, sql), 0, "round {round}: {sql}");
    }
}
