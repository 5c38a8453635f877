//! Older files stay readable.

use domain::CallStatus;
use rusqlite::Connection;

use super::*;
use crate::store::{StoreError, open::DATABASE, schema};

/// A file as version 1 wrote it: frozen statements, not today's code.
fn version_1_file(dir: &Path) {
    let db = Connection::open(dir.join(DATABASE)).unwrap();
    db.execute_batch(include_str!("../schema/v1.sql")).unwrap();
    db.execute_batch(include_str!("v1_rows.sql")).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
}

#[test]
fn version_1_file_opens_with_all_its_calls() {
    let folder = tempfile::tempdir().unwrap();
    version_1_file(folder.path());
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.set_aside(), None);
    block_on(async {
        let calls = store.calls(10).await.unwrap();
        let statuses: Vec<_> = calls.iter().map(|c| c.status).collect();
        assert_eq!(statuses, [CallStatus::Spam, CallStatus::Completed]);
        let jim = &calls[1];
        assert_eq!(jim.called_at, thursday_night());
        let card = store.lead_of_call(jim.id).await.unwrap().unwrap();
        assert_eq!((card.caller_name.as_str(), card.notes.len()), ("Jim Kowalski", 1));
        assert_eq!(store.turns(jim.id).await.unwrap()[1].text, "my basement is flooding");
        let alert = store.alert_of_call(jim.id).await.unwrap().unwrap().alert;
        assert_eq!(
            (alert.state, alert.issue_summary.as_str()),
            (AlertState::Done, "Burst pipe, basement flooding.")
        );
        assert_eq!(store.open_alerts().await.unwrap(), []);
        assert_eq!(store.outbox().await.unwrap(), [], "nobody is woken by a page of another year");
    });
}

#[test]
fn next_version_keeps_the_rows_and_its_number() {
    let folder = tempfile::tempdir().unwrap();
    version_1_file(folder.path());
    let mut db = Connection::open(folder.path().join(DATABASE)).unwrap();
    let steps =
        [schema::MIGRATIONS[0], "ALTER TABLE turns ADD COLUMN language TEXT NOT NULL DEFAULT 'english';"];
    schema::migrate(&mut db, &steps).unwrap();
    assert_eq!(schema::version(&db).unwrap(), 2);
    let languages: String =
        db.query_row("SELECT group_concat(DISTINCT language) FROM turns", [], |r| r.get(0)).unwrap();
    assert_eq!(languages, "english");
    schema::migrate(&mut db, &steps).unwrap(); // nothing left to do
}

#[test]
fn step_that_fails_half_way_leaves_the_version_before_it() {
    let folder = tempfile::tempdir().unwrap();
    version_1_file(folder.path());
    let mut db = Connection::open(folder.path().join(DATABASE)).unwrap();
    let steps = [schema::MIGRATIONS[0], "CREATE TABLE half (a INTEGER) STRICT; DROP TABLE not_there;"];
    let failed = schema::migrate(&mut db, &steps);
    assert!(matches!(failed, Err(StoreError::Database { .. })), "{failed:?}");
    assert_eq!(schema::version(&db).unwrap(), 1);
    assert_eq!(count(folder.path(), "SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0);
    assert_eq!(count(folder.path(), "SELECT count(*) FROM after_hours_calls"), 2);
}

#[test]
fn every_table_is_strict_and_the_settings_hold() {
    with_store(async |store| {
        let dir = store.dir().to_owned();
        let loose = "SELECT count(*) FROM pragma_table_list
                     WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'";
        assert_eq!(count(&dir, loose), 0);
        let setting = |name: &'static str| {
            store.write(move |db| {
                let value: rusqlite::types::Value =
                    db.pragma_query_value(None, name, |row| row.get(0)).unwrap();
                Ok(format!("{value:?}"))
            })
        };
        assert_eq!(setting("journal_mode").await.unwrap(), "Text(\"wal\")");
        assert_eq!(setting("synchronous").await.unwrap(), "Integer(2)", "2 is FULL");
        assert_eq!(setting("foreign_keys").await.unwrap(), "Integer(1)");
        assert_eq!(setting("secure_delete").await.unwrap(), "Integer(1)");
    });
}
