use std::io::Write as _;

use proptest::prelude::*;

use super::*;

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/nightdesk-mini.en.bin");

/// Writes `bytes` to a file and returns the check's message, or "ok: " and what the model is.
fn check_bytes(bytes: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    match check(file.path()) {
        Ok(shape) => format!("ok: {shape}"),
        Err(fault) => fault.to_string(),
    }
}

fn expect(bytes: &[u8], message: &str) {
    let said = check_bytes(bytes);
    assert!(said.contains(message), "said: {said}");
}

fn shipped() -> Vec<u8> {
    std::fs::read(SHIPPED).unwrap()
}

/// The shipped file with one header number changed.
fn shipped_with(number: usize, value: i32) -> Vec<u8> {
    let mut bytes = shipped();
    bytes[4 + number * 4..][..4].copy_from_slice(&value.to_le_bytes());
    bytes
}

#[test]
fn shipped_model_is_named_a_test_article() {
    assert_eq!(check_bytes(&shipped()), "ok: test article, English, width 160, 3+2 layers, q5_1");
}

#[test]
fn missing_file_says_how_to_get_one() {
    let said = check(Path::new("/no/such/model.bin")).unwrap_err().to_string();
    assert_eq!(
        said,
        "model file /no/such/model.bin is missing: get one with `nightdesk models get`, or copy it there"
    );
}

#[test]
fn file_of_another_kind_is_named_as_such() {
    expect(b"GGUF\x03\0\0\0", "not a recogniser in ggml format");
    expect(b"", "not a recogniser in ggml format");
    expect(b"lmg", "not a recogniser in ggml format");
}

#[test]
fn folder_is_no_model() {
    let said = check(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap_err().to_string();
    assert!(said.contains("not a regular file"), "{said}");
}

#[test]
fn file_cut_anywhere_is_cut_short() {
    let whole = shipped();
    expect(&whole[..30], "cut short: it ends in its header");
    expect(&whole[..2000], "cut short: it ends in its mel filters");
    expect(&whole[..100_000], "cut short: it ends in its vocabulary");
    expect(&whole[..whole.len() / 2], "cut short: it ends in tensor");
    expect(&whole[..whole.len() - 1], "cut short: it ends in tensor");
}

#[test]
fn absurd_sizes_are_refused_by_name() {
    expect(&shipped_with(0, 100), "vocabulary size 100, expected 51864 to 51866");
    expect(&shipped_with(2, -1), "encoder width -1");
    expect(&shipped_with(3, 0), "encoder heads 0");
    expect(&shipped_with(3, 7), "width per encoder head");
    expect(&shipped_with(4, 1 << 30), "encoder layers");
    expect(&shipped_with(10, 77), "weights of unknown kind 77");
}

#[test]
fn convolution_in_f32_is_refused_because_whisper_would_abort() {
    let mut bytes = shipped();
    let name = b"encoder.conv1.weight";
    let at = bytes.windows(name.len()).position(|window| window == name).unwrap();
    // three lengths and, before them, the type
    bytes[at - 16..at - 12].copy_from_slice(&0i32.to_le_bytes());
    expect(&bytes, "convolution weights in f32");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the file, the check ends with an answer.
    #[test]
    fn damaged_header_is_never_a_panic(at in 0usize..70_000, to in any::<[u8; 4]>()) {
        let mut bytes = shipped();
        bytes.truncate(1_000_000);
        bytes[at..at + 4].copy_from_slice(&to);
        let _ = check_bytes(&bytes);
    }

    #[test]
    fn any_bytes_behind_the_magic_are_never_a_panic(tail in prop::collection::vec(any::<u8>(), 0..600)) {
        let bytes = [&MAGIC.to_le_bytes()[..], &tail].concat();
        prop_assert!(!check_bytes(&bytes).starts_with("ok"));
    }
}
