use std::path::PathBuf;

use std::time::Instant;

use worker_kit::Pulled;

use super::*;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn shipped() -> Recogniser {
    whisper_rs::install_logging_hooks();
    Recogniser::load(&PathBuf::from(ROOT).join("models/nightdesk-mini.en.bin")).unwrap()
}

fn in_a_minute() -> Brake {
    Brake::new(Instant::now() + std::time::Duration::from_secs(60))
}

fn task(samples: &[i16]) -> Task<'_> {
    Task { samples, language: SpokenLanguage::English, audio_ctx: None, forced_tokens: None, threads: 1 }
}

fn window(width: i32, seconds: f32) -> u32 {
    let mut shape = *shipped().shape();
    shape.n_audio_state = width;
    audio_ctx(&shape, &task(&vec![0; (seconds * 16_000.0) as usize]))
}

#[test]
fn window_fits_the_model_and_never_cuts_the_sound() {
    // (width 160 = the test article, 384 = tiny), seconds of sound, positions of 20 ms
    assert_eq!(window(160, 0.4), 400);
    assert_eq!(window(160, 8.0), 400);
    assert_eq!(window(160, 8.5), 500);
    assert_eq!(window(160, 12.0), 620);
    assert_eq!(window(384, 1.0), 600);
    assert_eq!(window(384, 10.0), 600);
    assert_eq!(window(384, 11.0), 650);
    assert_eq!(window(384, 30.0), 1500);
}

#[test]
fn silence_gives_no_text() {
    let written = shipped().write(task(&[0; 32_000]), &in_a_minute()).unwrap();
    assert_eq!((written.text.as_str(), written.tokens), ("", 0));
}

#[test]
fn pulled_brake_stops_before_the_model_runs_and_the_next_task_works() {
    let mut recogniser = shipped();
    let brake = in_a_minute();
    brake.pull(Pulled::Cancelled);
    assert_eq!(recogniser.write(task(&[0; 32_000]), &brake), Err(NotWritten::Stopped));
    assert!(recogniser.write(task(&[0; 32_000]), &in_a_minute()).is_ok());
}

#[test]
fn brake_pulled_while_the_model_runs_stops_it() {
    let mut recogniser = shipped();
    let brake = Brake::new(Instant::now() + std::time::Duration::from_millis(30));
    let long = Task { audio_ctx: Some(1500), forced_tokens: Some(100), ..task(&[0; 320_000]) };
    assert_eq!(recogniser.write(long, &brake), Err(NotWritten::Stopped));
    assert!(recogniser.write(task(&[0; 32_000]), &in_a_minute()).is_ok());
}

#[test]
fn forced_tokens_are_written_exactly() {
    let mut recogniser = shipped();
    for forced in [2, 12, 40] {
        let written = recogniser
            .write(Task { forced_tokens: Some(forced), ..task(&[0; 48_000]) }, &in_a_minute())
            .unwrap();
        assert_eq!(written.tokens, forced);
    }
}

#[test]
fn unusable_file_gives_the_reason_and_no_abort() {
    let message = Recogniser::load(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")))
        .err()
        .unwrap();
    assert!(message.contains("not a recogniser in ggml format"), "{message}");
}
