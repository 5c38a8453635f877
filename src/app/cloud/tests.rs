use std::time::Duration;

use domain::{CallRecord, CallStatus, Trade};

use super::*;
use crate::connectors::{
    Hidden,
    claude::Settings,
    fake::{self, Fake, Reply, Trouble},
};

const KEY: &str = "sk-ant-test-1";
const MODEL: &str = "claude-haiku-5-5";

struct Town {
    fake: Fake<fake::claude::Claude>,
    cloud: Cloud,
    store: Store,
    _folder: tempfile::TempDir,
}

async fn town() -> Town {
    let fake = Fake::start(fake::claude::Claude::new(KEY, MODEL)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.begin_call(record()).await.unwrap();
    let settings = Settings {
        server: fake.url(),
        deadline: Duration::from_millis(400),
        ..Settings::new(Hidden::new(KEY))
    };
    let desk = Desk {
        claude: Claude::new(settings).unwrap(),
        store: store.clone(),
        clock: WallClock::default(),
        model: MODEL.into(),
        prices: (0.10, 0.50),
        closed: AtomicBool::new(false),
    };
    Town { fake, cloud: Cloud(Some(Arc::new(desk))), store, _folder: folder }
}

fn question() -> ModelQuestion {
    ModelQuestion {
        stages: vec![Stage::Judge],
        transcript: "it comes down the wall".into(),
        dialogue: "Caller: This is Jim Kowalski, 218 Oak Lane, it comes down the wall, call 555 555 0415.\n"
            .into(),
        trade: Trade::Trades,
        runbook: String::new(),
        rules_say: "open".into(),
    }
}

fn record() -> CallRecord {
    CallRecord {
        id: call(),
        sip_call_id: "a@b".into(),
        profile_id: "metro-plumbing".into(),
        caller: None,
        caller_display: None,
        called: "299".into(),
        called_at: jiff::Timestamp::UNIX_EPOCH,
        utc_offset_s: 0,
        ended_at: None,
        status: CallStatus::InProgress,
        recording: None,
    }
}

fn call() -> CallId {
    CallId::new(1, [0; 10])
}

#[tokio::test]
async fn answer_is_an_opinion_and_what_identifies_the_caller_stays_in_the_box() {
    let town = town().await;
    let answer = json!({"severity": "emergency", "issue": "water", "service": "plumbing", "sure": "high"});
    town.fake.with(|claude| claude.answers.push_back(answer));
    let opinion = town.cloud.opinion(call(), &question(), &["Jim Kowalski"]).await.unwrap();
    assert_eq!((opinion.stage, opinion.severity), (Stage::Cloud, Severity::Emergency));
    assert_eq!((opinion.issue, opinion.service), (Some(Issue::Water), Some(Service::Plumbing)));
    let sent = town.fake.seen()[0].json().to_string();
    assert!(sent.contains("down the wall"), "{sent}");
    for secret in ["Kowalski", "Oak", "0415", KEY] {
        assert!(!sent.contains(secret), "{secret} left the box: {sent}");
    }
}

#[tokio::test]
async fn every_question_is_metered_also_one_without_an_answer() {
    let town = town().await;
    let answer = json!({"severity": "routine", "issue": "quote", "service": "general", "sure": "low"});
    town.fake.with(|claude| claude.answers.push_back(answer));
    town.cloud.opinion(call(), &question(), &[]).await.unwrap();
    town.fake.trouble(Trouble::Refuse(Reply::json(529, &json!({"type": "error"}))));
    assert_eq!(town.cloud.opinion(call(), &question(), &[]).await, None);
    let total = town.store.cloud_total(jiff::Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!((total.questions, total.cost_usd_micro), (2, 22), "120 read, 20 written tokens");
    assert!(total.bytes_out > 500);
    assert!(town.cloud.is_on(), "trouble of the far side passes");
}

#[tokio::test]
async fn wrong_key_is_told_once_and_the_cloud_is_asked_no_more() {
    let town = town().await;
    town.fake.trouble(Trouble::Refuse(Reply::json(
        401,
        &json!({"type": "error", "error": {"type": "authentication_error", "message": "…"}}),
    )));
    assert_eq!(town.cloud.opinion(call(), &question(), &[]).await, None);
    assert!(!town.cloud.is_on());
    assert_eq!(town.cloud.opinion(call(), &question(), &[]).await, None);
    assert_eq!(town.fake.seen().len(), 1);
}
