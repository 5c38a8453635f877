//! The commands as they are typed, on a data folder with one call.

use clap::Parser;
use domain::{CallId, CallRecord, CallStatus};

use super::super::calls;
use super::*;
use crate::store::Store;

#[derive(Debug, Parser)]
enum Typed {
    Calls(calls::Args),
    Lead(Args),
}

fn type_in(words: &str, dir: &std::path::Path) -> anyhow::Result<ExitCode> {
    let words = ["nightdesk"].into_iter().chain(words.split(' '));
    let place = ["--data-dir".to_owned(), dir.display().to_string()];
    let typed = Typed::try_parse_from(words.map(str::to_owned).chain(place))?;
    match typed {
        Typed::Calls(args) => calls::run(args),
        Typed::Lead(args) => run(args),
    }
}

#[test]
fn commands_find_the_call_and_say_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let nothing = type_in("calls", dir).unwrap_err().to_string();
    assert!(nothing.contains("no calls are stored in"), "{nothing}");

    let store = Store::open(dir).unwrap();
    let now = "2026-02-13T03:22:00Z".parse().unwrap();
    let call = CallRecord {
        id: CallId::new(1_770_000_000_000, [0xab; 10]),
        sip_call_id: "a@pbx".into(),
        profile_id: "metro-plumbing".into(),
        caller: None,
        caller_display: None,
        called: "301".into(),
        called_at: now,
        utc_offset_s: -21_600,
        ended_at: Some(now),
        status: CallStatus::Abandoned,
        recording: None,
    };
    let ended = store.end_call(call, None, None);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(ended).unwrap();

    for words in ["calls", "calls --json --limit 5", "calls show last", "calls show abababab --json"] {
        assert_eq!(type_in(words, dir).unwrap(), ExitCode::SUCCESS, "{words}");
    }
    let told = |words| type_in(words, dir).unwrap_err().to_string();
    assert_eq!(told("lead show last"), "there is no lead card yet");
    assert_eq!(told("lead show abababab"), "this call has no lead card (spam and abandoned calls have none)");
    assert!(told("calls show ab").contains("at least four characters"));
    assert!(told("calls show 00000000").contains("`nightdesk calls` lists them"));
}
