use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::gguf_writer::{self, TINY};

fn file() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    gguf_writer::write(&mut bytes, TINY).unwrap();
    bytes.into_inner()
}

fn checked(bytes: &[u8], for_use: Use) -> Result<Shape, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.gguf");
    std::fs::write(&path, bytes).unwrap();
    check(&path, for_use).map_err(|fault| fault.to_string().replace(&path.display().to_string(), "m.gguf"))
}

fn refusal(bytes: &[u8]) -> String {
    checked(bytes, Use::Generator).unwrap_err()
}

/// The file with another number written behind the first place where `key` stands (key, type, number).
fn with_number(key: &str, number: u32) -> Vec<u8> {
    let mut bytes = file();
    let at = bytes.windows(key.len()).position(|window| window == key.as_bytes()).unwrap();
    bytes[at + key.len() + 4..][..4].copy_from_slice(&number.to_le_bytes());
    bytes
}

#[test]
fn sound_file_passes_with_its_sizes() {
    let shape = checked(&file(), Use::Generator).unwrap();
    assert_eq!((shape.width, shape.layers, shape.window), (64, 2, 2048));
    assert_eq!(shape.bytes_per_token, 2 * 32 * 2 * 2);
}

#[test]
fn missing_foreign_and_wrong_files_are_told_apart() {
    let missing = check(Path::new("/no/such.gguf"), Use::Generator).unwrap_err().to_string();
    assert!(missing.contains("is missing: get one with `nightdesk models get`"), "{missing}");
    assert!(refusal(b"lmgg0000").contains("is no model in GGUF format"));
    assert!(refusal(b"").contains("is no model in GGUF format"));
    let encoder = checked(&file(), Use::Encoder).unwrap_err();
    assert_eq!(encoder, "m.gguf is a model of architecture \"llama\", wanted is a sentence encoder (bert)");
}

#[test]
fn file_that_is_cut_anywhere_is_refused() {
    let whole = file();
    for cut in [5, 30, 100, 3000, 9000, whole.len() / 2, whole.len() - 1] {
        let said = refusal(&whole[..cut]);
        assert!(said.contains("is cut short: it ends in"), "cut at {cut}: {said}");
    }
}

#[test]
fn sizes_that_would_trip_llama_are_refused() {
    let heads = refusal(&with_number("llama.attention.head_count", 0));
    assert!(heads.contains("attention heads 0, expected 1 to 1024"), "{heads}");
    assert!(refusal(&with_number("llama.block_count", 1 << 30)).contains("block_count"));
    assert!(refusal(&with_number("llama.context_length", 1)).contains("context_length 1"));
    let mut tensors = file();
    tensors[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(refusal(&tensors).contains("number of tensors"));
}

#[test]
fn model_that_does_not_fit_says_what_it_needs_and_what_there_is() {
    let shape =
        Shape { bytes: 400 << 20, bytes_per_token: 12_288, ..checked(&file(), Use::Generator).unwrap() };
    let said = |limit, free| {
        check_memory(Path::new("m.gguf"), &shape, 2048, limit, free).map_err(|fault| fault.to_string())
    };
    let over =
        "m.gguf needs about 454 MiB of memory, 300 MiB are allowed by `memory_mb`: take a smaller model";
    assert_eq!(said(300, None), Err(over.into()));
    assert!(said(600, Some(200)).unwrap_err().contains("200 MiB are free on this machine"));
    assert_eq!(said(600, Some(600)), Ok(()));
    assert_eq!(said(0, None), Ok(()));
}

proptest! {
    /// Whatever a stranger writes into the header: a shape or a refusal, never a panic, and no waiting.
    #[test]
    fn changed_headers_are_read_or_refused(changes in prop::collection::vec((0usize..9000, any::<u8>()), 1..8)) {
        let mut bytes = file();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        let _ = checked(&bytes, Use::Generator);
    }
}
