use std::{
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::Language;
use nightdesk::workers::{Voice, VoiceConfig, VoiceEngine, VoiceError, VoiceState, Voices};

use crate::support::{quick, worker_dir};

const MINUTE: Duration = Duration::from_secs(60);

fn config(folder: &Path) -> VoiceConfig {
    VoiceConfig { worker_dir: Some(worker_dir().into()), nice: 0, ..VoiceConfig::new(folder.join("voice")) }
}

/// A voice that speaks, or `None` with a line when flite is not installed here.
async fn ready(folder: &Path) -> Option<Voice> {
    let voice = Voice::start(config(folder));
    let state = voice.settled().await;
    if state != VoiceState::Ready {
        println!("skipped: {state:?}");
        return None;
    }
    Some(voice)
}

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("Sentence {number}.")).collect()
}

#[tokio::test]
async fn sentence_is_spoken_at_16_khz_and_telephone_level() {
    let folder = tempfile::tempdir().unwrap();
    let Some(voice) = ready(folder.path()).await else { return };
    let sound = voice.say("Your name is Jim Kowalski.", true, MINUTE).await.unwrap();
    let seconds = sound.len() as f32 / 16_000.0;
    assert!((0.8..4.0).contains(&seconds), "{seconds} s");
    let level = media::rms_dbfs(&sound);
    assert!((-26.0..-18.0).contains(&level), "{level} dBFS");
}

#[tokio::test]
async fn live_sentences_leave_no_trace_on_disk_and_fixed_ones_do() {
    let folder = tempfile::tempdir().unwrap();
    let Some(voice) = ready(folder.path()).await else { return };
    voice.say("Jim Kowalski.", true, MINUTE).await.unwrap();
    assert_eq!(voice.cached("Jim Kowalski."), None);
    assert!(!folder.path().join("voice").exists());
    let said = voice.say("One moment.", false, MINUTE).await.unwrap();
    assert_eq!(voice.cached("One moment."), Some(said));
    assert_eq!(std::fs::read_dir(folder.path().join("voice")).unwrap().count(), 1);
}

#[tokio::test]
async fn prompts_are_rendered_once_and_serve_without_an_engine() {
    let folder = tempfile::tempdir().unwrap();
    let Some(voice) = ready(folder.path()).await else { return };
    let heard = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&heard);
    let progress = move |done, all| {
        assert_eq!(all, 6);
        counted.fetch_max(done, Ordering::Relaxed);
    };
    // one sentence twice: it is rendered and counted once
    let twice = [texts(6), texts(1)].concat();
    voice.prepare(twice, progress).await.unwrap();
    assert_eq!(heard.load(Ordering::Relaxed), 6);

    let no_engine = VoiceConfig { command: Some("/no/such/flite".into()), ..config(folder.path()) };
    let mute = Voice::start(no_engine);
    let VoiceState::Dead(reason) = mute.settled().await else { panic!("speaks without an engine") };
    assert!(reason.contains("apt install flite"), "{reason}");
    assert!(mute.cached("Sentence 3.").is_some());
    assert!(mute.say("Sentence 3.", false, MINUTE).await.is_ok());
    assert_eq!(mute.say("Something new.", true, MINUTE).await, Err(VoiceError::Dead(reason)));
    mute.prepare(texts(6), |_, _| ()).await.unwrap();
    let said = mute.prepare(texts(8), |_, _| ()).await.unwrap_err();
    assert!(matches!(said, VoiceError::Incomplete { missing: 2, .. }), "{said}");
}

#[tokio::test]
async fn strange_text_is_spoken_or_refused_and_the_voice_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let Some(voice) = ready(folder.path()).await else { return };
    for strange in
        ["-w /tmp/x", "$(reboot); `reboot`", "[[h@loU]] <speak>", "\u{7}\0bell", "José Ñandú", "%s%n"]
    {
        assert!(voice.say(strange, true, MINUTE).await.is_ok(), "{strange}");
    }
    for nothing in ["", " … ", "[[]]"] {
        assert!(matches!(voice.say(nothing, true, MINUTE).await, Err(VoiceError::Refused(_))), "{nothing}");
    }
    let long = "very ".repeat(100);
    assert!(matches!(voice.say(&long, true, MINUTE).await, Err(VoiceError::Refused(_))));
    assert!(voice.say("Still here.", true, MINUTE).await.is_ok());
}

#[tokio::test]
async fn killed_voice_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let Some(voice) = ready(folder.path()).await else { return };
    let pid = voice.pid().unwrap().to_string();
    assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    // this one may be answered with the death of the first life; the next one works
    let _ = voice.say("Are you there?", true, MINUTE).await;
    assert!(voice.say("Are you there?", true, MINUTE).await.is_ok());
}

#[tokio::test]
async fn hanging_engine_is_given_up_at_the_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let engine = folder.path().join("engine");
    // lists the voice that is asked for, and hangs when it should speak
    std::fs::write(&engine, "#!/bin/sh\ncase $1 in -lv) echo voices: slt;; *) exec sleep 60;; esac\n")
        .unwrap();
    assert!(Command::new("chmod").arg("+x").arg(&engine).status().unwrap().success());
    let voice = Voice::start(VoiceConfig { command: Some(engine), timing: quick(), ..config(folder.path()) });
    assert_eq!(voice.settled().await, VoiceState::Ready);
    for _ in 0..3 {
        let said = voice.say("Hello.", true, Duration::from_millis(200)).await;
        assert_eq!(said, Err(VoiceError::TooLate));
    }
    assert_eq!(voice.state(), VoiceState::Ready);
}

#[tokio::test]
async fn espeak_ng_is_an_alternative() {
    let folder = tempfile::tempdir().unwrap();
    let voice = Voice::start(VoiceConfig { engine: VoiceEngine::EspeakNg, ..config(folder.path()) });
    let state = voice.settled().await;
    if state != VoiceState::Ready {
        println!("skipped: {state:?}");
        return;
    }
    assert!(voice.say("Hello.", true, MINUTE).await.is_ok());
}

#[tokio::test]
async fn each_language_has_its_own_voice_and_its_own_list() {
    let folder = tempfile::tempdir().unwrap();
    let spanish =
        VoiceConfig { engine: VoiceEngine::EspeakNg, voice: Some("es-419".into()), ..config(folder.path()) };
    let probe = Voice::start(spanish.clone());
    if probe.settled().await != VoiceState::Ready {
        println!("skipped: {:?}", probe.state());
        return;
    }
    let voices = Voices::start(config(folder.path()), Some(spanish));
    let (english, said) = (vec!["One moment.".to_string()], vec!["Un momento.".to_string(), "Sí.".into()]);
    let done = Arc::new(AtomicUsize::new(0));
    let told = Arc::clone(&done);
    // Without flite the English sentence is missing; the Spanish ones are made all the same.
    voices.prepare(english, said, move |n, _| told.store(n, Ordering::Relaxed)).await.ok();
    assert!(voices.can_say(Language::Spanish));
    assert!(voices.cached(Language::Spanish, "Un momento.").is_some());
    assert_eq!(voices.cached(Language::English, "Un momento."), None);
    assert_eq!(done.load(Ordering::Relaxed), 3);
    for list in ["sentences.tsv", "sentences-es.tsv"] {
        assert!(folder.path().join("voice").join(list).exists(), "{list}");
    }
}

#[tokio::test]
async fn without_a_spanish_voice_nothing_is_said_in_spanish() {
    let folder = tempfile::tempdir().unwrap();
    let voices = Voices::start(config(folder.path()), None);
    assert!(!voices.can_say(Language::Spanish) && voices.can_say(Language::English));
    assert_eq!(voices.cached(Language::Spanish, "Un momento."), None);
    let error = voices.say(Language::Spanish, "Un momento.", false, MINUTE).await.unwrap_err();
    assert!(matches!(error, VoiceError::Dead(_)), "{error}");
}
