use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use super::*;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn in_a_minute() -> Brake {
    Brake::new(Instant::now() + Duration::from_secs(60))
}

/// The shipped encoder with heads that only tell the first two numbers apart.
fn encoder() -> Encoder {
    crate::llama::set_up(false);
    let folder = tempfile::tempdir().unwrap();
    let heads = folder.path().join("heads.json");
    let row = |at: usize| {
        let mut row = [0.0; 384];
        row[at] = 1.0;
        row.to_vec()
    };
    let file = serde_json::json!({
        "encoder": "x", "dim": 384,
        "heads": {"severity": {"labels": ["routine", "emergency"], "weights": [row(0), row(1)],
                               "bias": [0.0, 0.0], "temperature": 1.0}},
    });
    std::fs::write(&heads, file.to_string()).unwrap();
    let model = PathBuf::from(ROOT).join("models/all-minilm-l6-v2.q8_0.gguf");
    Encoder::load(&model, &heads, 512).unwrap()
}

fn embedding(encoder: &mut Encoder, words: &str) -> Vec<f32> {
    encoder.sense(words, 2, &in_a_minute()).unwrap().0
}

fn alike(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn sentences_that_mean_the_same_lie_closer_than_others() {
    let mut encoder = encoder();
    let burst = embedding(&mut encoder, "my pipe burst and the basement is flooding");
    let water = embedding(&mut encoder, "there's water pouring into the cellar from a broken pipe");
    let invoice = embedding(&mut encoder, "I would like a copy of my last invoice please");
    assert!((alike(&burst, &burst) - 1.0).abs() < 1e-3);
    let (same, other) = (alike(&burst, &water), alike(&burst, &invoice));
    assert!(same > 0.5 && same > other + 0.2, "same {same}, other {other}");
}

#[test]
fn long_call_and_empty_call_have_an_embedding() {
    let mut encoder = encoder();
    let long = "and then the water came ".repeat(400);
    assert_eq!(embedding(&mut encoder, &long).len(), 384);
    assert_eq!(embedding(&mut encoder, "").len(), 384);
}

#[test]
fn newest_word_pieces_stay_between_the_models_own() {
    let tokens: Vec<Token> = (0..1000).collect();
    let kept = newest(tokens);
    assert_eq!((kept.len(), kept[0], kept[1], kept[255]), (256, 0, 745, 999));
    assert_eq!(newest(vec![1, 2, 3]), [1, 2, 3]);
}

#[test]
fn pulled_brake_stops_and_the_next_call_is_served() {
    let mut encoder = encoder();
    let past = Brake::new(Instant::now());
    assert_eq!(encoder.sense("hello", 2, &past), Err(Undone::Stopped));
    assert_eq!(embedding(&mut encoder, "hello").len(), 384);
}
