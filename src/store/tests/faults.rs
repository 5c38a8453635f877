//! Broken disks, damaged files, failing statements.

use domain::CallStatus;
use rusqlite::Connection;

use super::*;
use crate::store::{
    Archive, StoreError, Turnover, ladder,
    open::{self, DATABASE},
    put_ended,
    rows::{calls, turns},
    writer::{Job, Write, write_batch},
};

const TABLES: [&str; 5] = ["after_hours_calls", "lead_cards", "emergency_alerts", "alert_steps", "outbox"];

/// From now on the statement after the next `allowed` row changes fails.
fn fail_after(db: &Connection, allowed: u32) {
    db.execute_batch("CREATE TEMP TABLE IF NOT EXISTS faults (allowed INTEGER); DELETE FROM faults;")
        .unwrap();
    db.execute("INSERT INTO faults VALUES (?1)", [allowed]).unwrap();
    for (table, change) in TABLES.iter().flat_map(|t| [(t, "INSERT"), (t, "UPDATE")]) {
        db.execute_batch(&format!(
            "CREATE TEMP TRIGGER IF NOT EXISTS fault_{table}_{change} BEFORE {change} ON {table} BEGIN
                 UPDATE faults SET allowed = allowed - 1;
                 SELECT RAISE(ABORT, 'fault') FROM faults WHERE allowed < 0;
             END"
        ))
        .unwrap();
    }
}

/// Everything in the tables, as text.
fn contents(db: &Connection) -> String {
    let mut all = String::new();
    for table in TABLES {
        let mut query = db.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
        let columns = query.column_count();
        let mut rows = query.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for i in 0..columns {
                all += &format!("{:?} ", row.get_ref(i).unwrap());
            }
            all += "\n";
        }
    }
    all
}

/// Runs writes as the writer does and returns their answers.
fn batch(
    db: &Connection,
    writes: Vec<impl Fn(&Connection) -> Result<(), StoreError> + Send + 'static>,
) -> Vec<Result<(), StoreError>> {
    let (jobs, answers): (Vec<_>, Vec<_>) = writes
        .into_iter()
        .map(|w| {
            let (job, answer) = Job::new(w);
            (Box::new(job) as Box<dyn Write>, answer)
        })
        .unzip();
    write_batch(db, jobs);
    answers.into_iter().map(|mut answer| answer.try_recv().unwrap()).collect()
}

/// Runs a write again and again, with a fault at its first statement, its second, and so on, until it succeeds:
/// each time everything is as it was before. How many faults were met.
fn fault_at_every_statement(
    db: &Connection,
    write: impl Fn(&Connection) -> Result<(), StoreError> + Clone + Send + 'static,
) -> u32 {
    let before = contents(db);
    for statements in 0..100 {
        fail_after(db, statements);
        if batch(db, vec![write.clone()])[0].is_ok() {
            fail_after(db, u32::MAX);
            return statements;
        }
        assert_eq!(contents(db), before, "after a fault at statement {statements}");
    }
    panic!("the faults never end");
}

#[test]
fn end_of_a_call_that_fails_at_any_statement_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let db = open::open(folder.path()).unwrap().db;
    let call = ringing(1);
    calls::put(&db, &call).unwrap();
    let (done, card, page) = (ended(&call, CallStatus::Completed), card(&call), page(&call));
    let faults =
        fault_at_every_statement(&db, move |db: &Connection| put_ended(db, &done, Some(&card), Some(&page)));
    assert!(faults >= 6, "call, alert, step, message, card and its links, but only {faults} faults were met");
    assert_eq!(crate::store::rows::outbox::waiting(&db).unwrap().len(), 1);
}

#[test]
fn alert_that_fails_at_any_statement_is_there_with_steps_and_messages_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let db = open::open(folder.path()).unwrap().db;
    let call = ringing(1);
    calls::put(&db, &call).unwrap();
    let mut page = page(&call);
    page.steps.push(StepRow { number: 1, ..page.steps[0].clone() });
    page.items.push(sms("second", call.called_at));
    let opened = page.clone();
    let faults =
        fault_at_every_statement(&db, move |db: &Connection| ladder::put_page(db, &opened).map(drop));
    assert_eq!(faults, 5, "one alert, two steps, two messages");

    let mut acknowledged = page.alert.clone();
    acknowledged.state = AlertState::Acknowledged;
    acknowledged.acknowledged_at = Some(call.called_at);
    let turn = Turnover {
        alert: acknowledged,
        steps: page.steps.iter().map(|s| StepRow { outcome: StepOutcome::Cancelled, ..s.clone() }).collect(),
        items: vec![sms("you have it", call.called_at)],
        withdrawn: vec!["second".into()],
        calls: vec![],
    };
    let faults = fault_at_every_statement(&db, move |db: &Connection| ladder::put_turnover(db, &turn));
    assert!(faults >= 5, "alert, two steps, answer, withdrawal, but only {faults} faults were met");
}

#[test]
fn one_bad_write_takes_no_other_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let db = open::open(folder.path()).unwrap().db;
    calls::put(&db, &ringing(1)).unwrap();
    let for_call =
        |n: u64, index: u32| move |db: &Connection| turns::put(db, ringing(n).id, &turn(index, "x"));
    let answers = batch(&db, vec![for_call(1, 0), for_call(404, 1), for_call(1, 2)]);
    assert!(matches!(answers[..], [Ok(()), Err(StoreError::UnknownCall { .. }), Ok(())]), "{answers:?}");
    assert_eq!(turns::of_call(&db, ringing(1).id).unwrap().len(), 2);
}

#[test]
fn full_disk_is_an_error_with_advice_and_the_store_goes_on() {
    with_store(async |store| {
        store.begin_call(ringing(1)).await.unwrap();
        let pages = |n: u32| {
            move |db: &Connection| {
                db.pragma_update_and_check(None, "max_page_count", n, |_| Ok(())).unwrap();
                Ok(())
            }
        };
        store.write(pages(1)).await.unwrap(); // SQLite takes the present size when this is lower
        let long = "water ".repeat(20_000);
        let refused = store.add_turn(ringing(1).id, turn(0, &long)).await.unwrap_err();
        assert!(matches!(refused, StoreError::DiskFull { .. }), "{refused:?}");
        assert_eq!(
            refused.to_string(),
            "the disk is full: could not store the turn; free space on the disk that holds the data folder"
        );
        assert_eq!(store.turns(ringing(1).id).await.unwrap(), []);
        store.write(pages(100_000)).await.unwrap();
        store.add_turn(ringing(1).id, turn(0, &long)).await.unwrap();
    });
}

#[test]
fn read_only_database_is_an_error_with_advice() {
    with_store(async |store| {
        let read_only = |db: &Connection| {
            db.pragma_update(None, "query_only", true).unwrap();
            Ok(())
        };
        store.write(read_only).await.unwrap();
        let refused = store.begin_call(ringing(1)).await.unwrap_err();
        assert!(matches!(refused, StoreError::ReadOnly { .. }), "{refused:?}");
    });
}

#[test]
fn second_daemon_on_the_same_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(folder.path()).unwrap();
    assert!(matches!(Store::open(folder.path()), Err(StoreError::InUse { .. })));
    drop(first);
    Store::open(folder.path()).unwrap();
}

#[test]
fn data_folder_that_cannot_be_made_is_an_error_and_a_temporary_store_works() {
    let refused = Store::open(Path::new("/dev/null/nightdesk")).unwrap_err();
    assert!(matches!(refused, StoreError::File { .. }), "{refused:?}");

    let store = Store::open_temporary().unwrap();
    let dir = store.dir().to_owned();
    block_on(async {
        let call = ringing(1);
        store.begin_call(call.clone()).await.unwrap();
        let answer = store.commit_page(page(&call)).await;
        assert!(matches!(answer, Err(StoreError::NotDurable)), "no promise may rest on it");
        assert_eq!(store.outbox().await.unwrap().len(), 1, "but the terminal can still show it");
    });
    drop(store);
    assert!(!dir.exists());
}

/// Damages a database with one call in it, opens it, and expects a fresh one and the old one kept.
fn check_set_aside(damage: impl FnOnce(&Path), kind: &str) {
    let folder = tempfile::tempdir().unwrap();
    block_on(Store::open(folder.path()).unwrap().begin_call(ringing(1))).unwrap();
    let path = folder.path().join(DATABASE);
    damage(&path);
    let damaged = std::fs::read(&path).unwrap();
    assert!(Archive::open(folder.path()).and_then(|a| a.calls(1)).is_err(), "reading alone repairs nothing");

    let store = Store::open(folder.path()).unwrap();
    let kept = store.set_aside().expect("the damaged file is kept").clone();
    assert!(kept.path.to_string_lossy().contains(kind), "{}", kept.path.display());
    assert_eq!(std::fs::read(&kept.path).unwrap(), damaged);
    assert_eq!(block_on(store.calls(10)).unwrap(), []);
    block_on(store.begin_call(ringing(2))).unwrap();
}

#[test]
fn file_that_is_no_database_is_kept_and_a_new_one_begun() {
    check_set_aside(|path| std::fs::write(path, b"this was a disk error ".repeat(500)).unwrap(), ".broken-");
}

#[test]
fn damaged_page_is_found_at_start_and_the_file_kept() {
    let damage = |path: &Path| {
        let mut bytes = std::fs::read(path).unwrap();
        let page = bytes.len() / 4096;
        for n in 1..page {
            bytes[n * 4096..n * 4096 + 64].fill(0xa5);
        }
        std::fs::write(path, bytes).unwrap();
    };
    check_set_aside(damage, ".broken-");
}

#[test]
fn file_of_a_newer_version_is_kept_and_a_new_one_begun() {
    let damage =
        |path: &Path| Connection::open(path).unwrap().pragma_update(None, "user_version", 999).unwrap();
    check_set_aside(damage, ".newer-");
}
