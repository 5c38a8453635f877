//! Recordings leave after 30 days, transcripts after 365; nothing of them stays in the file.

use std::fs;

use domain::{CallRecord, CallStatus};

use super::*;
use crate::store::{Forgotten, Retention};

const KEEP: Retention = Retention { recordings_days: 30, transcripts_days: 365 };

/// A finished call with a recording file, a secret word in transcript and card, and a page that was sent.
async fn remember(store: &Store, n: u64, secret: &str) -> CallRecord {
    let recording = format!("recordings/2026/02/{n}.wav");
    fs::create_dir_all(store.dir().join("recordings/2026/02")).unwrap();
    fs::write(store.dir().join(&recording), b"RIFF").unwrap();
    let call = CallRecord { recording: Some(recording), ..ended(&ringing(n), CallStatus::Completed) };
    let card = LeadCard { issue_detail: secret.into(), recording: call.recording.clone(), ..card(&call) };
    let mut page = page(&call);
    let sent = OutboxItem {
        state: domain::OutboxState::Sent,
        sent_at: Some(call.called_at),
        payload: Outgoing::Sms { to: "+15558870002".parse().unwrap(), body: secret.into() },
        ..page.items.remove(0)
    };
    page.items.push(sent);
    store.end_call(call.clone(), Some(card), Some(page)).await.unwrap();
    store.add_turn(call.id, turn(1, secret)).await.unwrap();
    call
}

fn days_later(days: i64) -> Timestamp {
    thursday_night() + SignedDuration::from_hours(24 * days + 1)
}

#[test]
fn recording_goes_after_a_month_and_the_transcript_stays() {
    with_store(async |store| {
        let call = remember(&store, 1, "my basement is flooding").await;
        let early = store.forget_old(KEEP, days_later(29)).await.unwrap();
        assert_eq!(early, Forgotten::default());
        let gone = store.forget_old(KEEP, days_later(31)).await.unwrap();
        assert_eq!(gone, Forgotten { recordings: 1, ..Forgotten::default() });
        assert!(!store.dir().join("recordings/2026/02/1.wav").exists());
        assert_eq!(store.call(call.id).await.unwrap().unwrap().recording, None);
        assert_eq!(store.lead_of_call(call.id).await.unwrap().unwrap().recording, None);
        assert_eq!(store.turns(call.id).await.unwrap().len(), 1);
    });
}

#[test]
fn transcript_goes_after_a_year_and_no_byte_of_it_stays_on_disk() {
    with_store(async |store| {
        let secret = "Zanzibar-4711-petunia";
        let call = remember(&store, 1, secret).await;
        let waits = page(&call);
        store.commit_page(waits.clone()).await.unwrap();
        let gone = store.forget_old(KEEP, days_later(366)).await.unwrap();
        assert_eq!(gone.transcripts, 1);
        assert_eq!(store.turns(call.id).await.unwrap(), []);
        let card = store.lead_of_call(call.id).await.unwrap().unwrap();
        assert_eq!((card.caller_name.as_str(), card.issue_detail.as_str()), ("Jim Kowalski", ""));
        assert_eq!(store.outbox().await.unwrap(), waits.items, "what still waits is never deleted");

        for entry in fs::read_dir(store.dir()).unwrap().flatten().filter(|e| e.path().is_file()) {
            let bytes = fs::read(entry.path()).unwrap();
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "the caller's words are still in {:?}", entry.file_name());
        }
    });
}

#[test]
fn recording_without_a_call_goes_by_its_age() {
    with_store(async |store| {
        let folder = store.dir().join("recordings/2020/01");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("lost.wav"), b"RIFF").unwrap();
        fs::write(folder.join("notes.txt"), b"not ours").unwrap();
        let now = Timestamp::now(); // the file's own age counts here
        assert_eq!(store.forget_old(KEEP, now).await.unwrap(), Forgotten::default());
        let next_month = now + SignedDuration::from_hours(24 * 31);
        assert_eq!(store.forget_old(KEEP, next_month).await.unwrap().recordings, 1);
        assert!(folder.join("notes.txt").exists());
    });
}

#[test]
fn stored_path_that_leads_out_of_the_data_folder_deletes_nothing() {
    let outside = tempfile::NamedTempFile::new().unwrap();
    with_store(async |store| {
        for (n, path) in [outside.path().to_str().unwrap(), "../../etc/passwd", ""].iter().enumerate() {
            let call = CallRecord {
                recording: Some((*path).into()),
                ..ended(&ringing(n as u64), CallStatus::Completed)
            };
            store.end_call(call, None, None).await.unwrap();
        }
        assert_eq!(store.forget_old(KEEP, days_later(31)).await.unwrap(), Forgotten::default());
    });
    assert!(outside.path().exists());
}
