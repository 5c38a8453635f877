//! The language models over their pipe: the shipped encoder, and a judge with random weights.

use std::{
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
    time::Duration,
};

use nightdesk::workers::{
    JudgeFiles, Priority, SenseFiles, Thinking, ThinkingConfig, ThinkingError, ThinkingState,
};

use crate::{
    gguf_writer::{self, TINY},
    support::{llm_dir, quick, root},
};

const PATIENT: Duration = Duration::from_secs(60);
const RUNBOOK: &str = "We fix pipes and boilers.\nThe printer on the second floor waits for a part.";
const CALL: &str = "Caller: there is water coming through the ceiling";

/// A folder with a judge of random weights.
fn place() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut file = BufWriter::new(File::create(folder.path().join("judge.gguf")).unwrap());
    gguf_writer::write(&mut file, TINY).unwrap();
    folder
}

fn start(sense: Option<SenseFiles>, judge: Option<PathBuf>, states: &Path) -> Thinking {
    let judge = judge.map(|model| JudgeFiles { model, states: states.into() });
    let config = ThinkingConfig::new(sense, judge);
    Thinking::start(&ThinkingConfig {
        worker_dir: Some(llm_dir().into()),
        nice: 0,
        timing: quick(),
        ..config
    })
}

fn judge_in(folder: &Path) -> Thinking {
    start(None, Some(folder.join("judge.gguf")), &folder.join("states"))
}

/// Why a model file is not used.
async fn refusal(model: PathBuf) -> String {
    let folder = tempfile::tempdir().unwrap();
    let thinking = start(None, Some(model), folder.path());
    match thinking.settled().await.1 {
        ThinkingState::Dead(reason) => reason,
        other => panic!("it is {other:?}"),
    }
}

fn shipped(heads: PathBuf) -> Option<SenseFiles> {
    Some(SenseFiles { model: root().join("models/all-minilm-l6-v2.q8_0.gguf"), heads })
}

/// Heads whose weights are all the same: they favour nothing, and show that the file is used.
fn plain_heads(folder: &Path) -> PathBuf {
    let rows = vec![vec![0.0; 384]; 2];
    let head = serde_json::json!({
        "labels": ["routine", "emergency"], "weights": rows, "bias": [0.0, 0.0], "temperature": 1.0
    });
    let path = folder.join("heads.json");
    let file = serde_json::json!({ "encoder": "x", "dim": 384, "heads": { "severity": head } });
    std::fs::write(&path, file.to_string()).unwrap();
    path
}

#[tokio::test]
async fn shipped_encoder_tells_what_words_sound_like() {
    let folder = tempfile::tempdir().unwrap();
    let thinking = start(shipped(plain_heads(folder.path())), None, folder.path());
    assert!(matches!(thinking.settled().await, (ThinkingState::Ready(_), ThinkingState::Off)));
    let sensed = thinking.sense("my pipe burst", Priority::LiveTurn, PATIENT).await.unwrap();
    assert_eq!((sensed.embedding.len(), sensed.heads[0].name.as_str()), (384, "severity"));
    assert!((sensed.heads[0].answers[0].1 - 0.5).abs() < 1e-3);
    let late = thinking.sense("my pipe burst", Priority::LiveTurn, Duration::ZERO).await;
    assert_eq!(late, Err(ThinkingError::TooLate));
    assert_eq!(thinking.judge("", CALL, Priority::LiveTurn, PATIENT).await, Err(ThinkingError::Off));
}

#[tokio::test]
async fn judge_reads_a_runbook_once_and_restores_it_after_a_restart() {
    let folder = place();
    let thinking = judge_in(folder.path());
    let fresh = thinking.prepare(RUNBOOK, PATIENT).await.unwrap();
    assert!(!fresh.restored && fresh.lines_cut == 0);
    let judged = thinking.judge(RUNBOOK, CALL, Priority::LiveTurn, PATIENT).await.unwrap();
    assert!((judged.severity.iter().sum::<f32>() - 1.0).abs() < 1e-3);
    assert!(judged.fresh_tokens < fresh.tokens, "{judged:?} {fresh:?}");
    drop(thinking);
    let again = judge_in(folder.path()).prepare(RUNBOOK, PATIENT).await.unwrap();
    assert!(again.restored && again.tokens == fresh.tokens);
}

#[tokio::test]
async fn killed_judge_comes_back_and_answers() {
    let folder = place();
    let thinking = judge_in(folder.path());
    thinking.prepare(RUNBOOK, PATIENT).await.unwrap();
    let [_, Some(pid)] = thinking.pids() else { panic!("it does not run") };
    std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    let judged = thinking.judge(RUNBOOK, CALL, Priority::LiveTurn, PATIENT).await;
    assert!(judged.is_ok() || judged == Err(ThinkingError::WorkerDied), "{judged:?}");
    assert!(thinking.judge(RUNBOOK, CALL, Priority::LiveTurn, PATIENT).await.is_ok());
    assert_eq!(thinking.restarts(), 1);
}

#[tokio::test]
async fn call_goes_before_a_card_and_a_runbook() {
    let folder = place();
    let thinking = judge_in(folder.path());
    let (card, judged) = tokio::join!(
        thinking.write(RUNBOOK, CALL, PATIENT),
        thinking.judge(RUNBOOK, CALL, Priority::LiveTurn, PATIENT),
    );
    assert!(judged.is_ok());
    // random weights may write without an end; what they write is JSON or a refusal
    match card {
        Ok(card) => assert!(card.json.starts_with('{') && card.json.ends_with('}')),
        Err(refused) => assert!(matches!(refused, ThinkingError::Refused(_)), "{refused:?}"),
    }
}

#[tokio::test]
async fn model_files_that_cannot_be_used_say_why() {
    let folder = place();
    let missing = refusal(folder.path().join("none.gguf")).await;
    assert!(missing.contains("is missing: get one with `nightdesk models get`"), "{missing}");
    let encoder = refusal(root().join("models/all-minilm-l6-v2.q8_0.gguf")).await;
    assert!(
        encoder.contains("of architecture \"bert\", wanted is a language model that writes"),
        "{encoder}"
    );
    let whole = std::fs::read(folder.path().join("judge.gguf")).unwrap();
    let cut = folder.path().join("cut.gguf");
    std::fs::write(&cut, &whole[..whole.len() - 5000]).unwrap();
    let cut = refusal(cut).await;
    assert!(cut.contains("is cut short"), "{cut}");
    let whisper = refusal(root().join("models/nightdesk-mini.en.bin")).await;
    assert!(whisper.contains("is no model in GGUF format"), "{whisper}");
}

#[tokio::test]
async fn heads_for_another_encoder_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let heads = folder.path().join("heads.json");
    std::fs::write(&heads, r#"{"encoder":"x","dim":2,"heads":{}}"#).unwrap();
    let thinking = start(shipped(heads), None, folder.path());
    let ThinkingState::Dead(reason) = thinking.settled().await.0 else { panic!("it works") };
    assert!(reason.contains("made for an encoder of width 2, the model has 384"), "{reason}");
}
