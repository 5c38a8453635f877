use std::{io::Write as _, process::Command, sync::Arc, time::Duration};

use nightdesk::workers::{Hearing, HearingError, HearingState, Priority, Transcript};

use crate::support::{Clip, clips, config, not_speech, quick, ready, root, shipped_model};

const MINUTE: Duration = Duration::from_secs(60);

async fn hear(hearing: &Hearing, samples: &Arc<[i16]>) -> Result<Transcript, HearingError> {
    hearing.transcribe(Arc::clone(samples), voiced_ms(samples), Priority::LiveTurn, MINUTE).await
}

/// Voice by level, which is enough for clean clips. Not-speech counts as voice here when it is loud: the
/// tests want to see what happens when the voice activity detector is fooled.
fn voiced_ms(samples: &[i16]) -> u32 {
    let voiced = samples.chunks(320).filter(|frame| media::rms_dbfs(frame) > -45.0).count();
    voiced as u32 * 20
}

fn burst_pipe() -> Option<Clip> {
    clips(&["tests/audio/callers", "../shared/audio/callers"])?.into_iter().next()
}

macro_rules! clip_or_return {
    () => {
        match burst_pipe() {
            Some(clip) => clip,
            None => {
                println!("skipped: no clips here");
                return;
            }
        }
    };
}

/// Transcribes all clips of a folder; returns how many came out as the table says, of how many.
async fn score(folders: &[&str], label: &str) -> Option<(usize, usize)> {
    let Some(clips) = clips(folders) else {
        println!("skipped: no {label} clips here");
        return None;
    };
    let hearing = ready().await;
    let mut right = 0;
    let mut times = Vec::new();
    for clip in &clips {
        let heard = hear(&hearing, &clip.samples).await.unwrap();
        times.push(heard.took_ms);
        if heard.text == clip.model_output {
            right += 1;
        } else {
            println!("{}: expected {:?}, heard {heard:?}", clip.file, clip.model_output);
        }
    }
    times.sort_unstable();
    let (p50, p95) = (times[times.len() / 2], times[times.len() * 95 / 100]);
    println!(
        "{label}: {right} of {} as the table says; p50 {p50} ms, p95 {p95} ms in the model, worker {} MiB",
        clips.len(),
        hearing.rss_kib() / 1024
    );
    Some((right, clips.len()))
}

#[tokio::test]
async fn caller_clips_are_heard_word_for_word() {
    if let Some((right, all)) = score(&["tests/audio/callers", "../shared/audio/callers"], "callers").await {
        assert!(all >= 23, "only {all} clips");
        assert_eq!(right, all);
    }
}

#[tokio::test]
async fn heldout_clips_are_heard_as_when_the_model_was_measured() {
    if let Some((right, all)) = score(&["../shared/audio/heldout-sentences"], "held-out").await {
        // near ties fall differently on another processor; the caller clips above are far from ties
        assert!(right * 4 >= all * 3, "{right} of {all}");
    }
}

#[tokio::test]
async fn nothing_is_invented_where_nobody_speaks() {
    let hearing = ready().await;
    for (name, sound) in not_speech() {
        let heard = hear(&hearing, &sound).await.unwrap();
        println!("{name}: {heard:?}");
        assert_eq!(heard.text, "", "on {name}");
    }
}

#[tokio::test]
async fn worker_killed_in_the_middle_answers_at_once_and_the_next_request_works() {
    let clip = clip_or_return!();
    let hearing = ready().await;
    let long: Arc<[i16]> = clip.samples.iter().copied().cycle().take(29 * 16_000).collect();
    let first_life = hearing.pid().unwrap();
    let asked = tokio::spawn({
        let hearing = hearing.clone();
        async move { hearing.transcribe_forced(long, 200, MINUTE).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    signal("-KILL", first_life);
    let answer = tokio::time::timeout(Duration::from_secs(5), asked).await.expect("answered at once");
    assert_eq!(answer.unwrap(), Err(HearingError::WorkerDied));
    assert_eq!(hear(&hearing, &clip.samples).await.unwrap().text, clip.model_output);
    assert_ne!(hearing.pid(), Some(first_life));
    assert_eq!(hearing.restarts(), 1);
}

#[tokio::test]
async fn worker_that_hangs_is_killed_and_the_next_request_works() {
    let clip = clip_or_return!();
    let hearing =
        Hearing::start(nightdesk::workers::HearingConfig { timing: quick(), ..config(shipped_model()) });
    assert_eq!(hearing.settled().await, HearingState::Ready);
    signal("-STOP", hearing.pid().unwrap());
    let answer = tokio::time::timeout(Duration::from_secs(20), hear(&hearing, &clip.samples)).await;
    assert_eq!(answer.expect("answered when the pings stay out"), Err(HearingError::WorkerDied));
    assert_eq!(hear(&hearing, &clip.samples).await.unwrap().text, clip.model_output);
}

#[tokio::test]
async fn deadline_is_kept_and_the_worker_goes_on() {
    let clip = clip_or_return!();
    let hearing = ready().await;
    let begun = std::time::Instant::now();
    let late = hearing
        .transcribe(Arc::clone(&clip.samples), 2000, Priority::LiveTurn, Duration::from_millis(5))
        .await;
    assert_eq!(late, Err(HearingError::TooLate));
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert_eq!(hear(&hearing, &clip.samples).await.unwrap().text, clip.model_output);
}

#[tokio::test]
async fn dropped_request_does_not_hold_up_the_next_one() {
    let clip = clip_or_return!();
    let hearing = ready().await;
    let long: Arc<[i16]> = clip.samples.iter().copied().cycle().take(29 * 16_000).collect();
    for _ in 0..5 {
        let asked = hearing.transcribe_forced(Arc::clone(&long), 200, MINUTE);
        assert!(tokio::time::timeout(Duration::from_millis(20), asked).await.is_err());
    }
    let begun = std::time::Instant::now();
    assert_eq!(hear(&hearing, &clip.samples).await.unwrap().text, clip.model_output);
    // five full runs of 30 seconds of sound would take far longer
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn newer_partial_of_a_call_replaces_the_older_one() {
    let clip = clip_or_return!();
    let hearing = ready().await;
    let call = hearing.for_call(1);
    let ask = || call.transcribe(Arc::clone(&clip.samples), 2000, Priority::Partial, MINUTE);
    let (first, second, third) = tokio::join!(ask(), ask(), ask());
    assert_eq!(first.unwrap().text, clip.model_output);
    assert_eq!(second, Err(HearingError::Superseded));
    assert_eq!(third.unwrap().text, clip.model_output);
}

#[tokio::test]
async fn request_made_while_the_model_loads_is_answered() {
    let clip = clip_or_return!();
    let hearing = Hearing::start(config(shipped_model()));
    assert_eq!(hearing.state(), HearingState::Starting);
    assert_eq!(hear(&hearing, &clip.samples).await.unwrap().text, clip.model_output);
}

#[tokio::test]
async fn unusable_model_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.bin");
    let whole = std::fs::read(shipped_model()).unwrap();
    std::fs::File::create(&cut).unwrap().write_all(&whole[..whole.len() / 2]).unwrap();
    for (model, message) in [
        (folder.path().join("absent.bin"), "is missing: get one with `nightdesk models get`"),
        (root().join("Cargo.toml"), "is not a recogniser in ggml format"),
        (cut, "is cut short"),
    ] {
        let hearing = Hearing::start(config(&model));
        let HearingState::Dead(reason) = hearing.settled().await else { panic!("{} loads", model.display()) };
        assert!(reason.contains(message), "said: {reason}");
        let sound = not_speech().remove(7).1;
        assert_eq!(hear(&hearing, &sound).await, Err(HearingError::Dead(reason)));
    }
}

#[tokio::test]
async fn missing_worker_program_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let hearing = Hearing::start(nightdesk::workers::HearingConfig {
        worker_dir: Some(folder.path().into()),
        ..config(shipped_model())
    });
    let HearingState::Dead(reason) = hearing.settled().await else { panic!("something else was started") };
    assert!(reason.contains("nightdesk-stt cannot be started"), "said: {reason}");
}

#[tokio::test]
async fn memory_limit_ends_the_worker_not_the_daemon() {
    let hearing = Hearing::start(nightdesk::workers::HearingConfig {
        memory_limit_mib: 24,
        timing: quick(),
        ..config(shipped_model())
    });
    let state = tokio::time::timeout(MINUTE, hearing.settled()).await.unwrap();
    assert!(matches!(state, HearingState::Dead(_)), "{state:?}");
}

#[tokio::test]
async fn worker_ends_with_the_last_handle() {
    let hearing = ready().await;
    let pid = hearing.pid().unwrap();
    drop(hearing);
    let gone = async {
        while std::path::Path::new(&format!("/proc/{pid}")).exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("the worker ends");
}

fn signal(which: &str, pid: u32) {
    assert!(Command::new("kill").args([which, &pid.to_string()]).status().unwrap().success());
}
