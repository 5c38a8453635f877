//! Writes GGUF files in the llama architecture with random weights: for the tests of the language worker
//! and for `./dev bench`. They answer nonsense, as fast as a trained model of their shape.
//!
//! Shared by the bench's example and the worker's tests, neither of which uses all of it.
#![allow(dead_code, unreachable_pub)]

use std::io::{self, Seek, Write};

/// The sizes of a model.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub width: u64,
    pub layers: u64,
    pub heads: u64,
    pub heads_kv: u64,
    pub inner: u64,
    pub window: u64,
    /// Words beside the 256 bytes and the letters; they are never said.
    pub spare_words: u64,
}

/// A model of two megabytes.
pub const TINY: Shape =
    Shape { width: 64, layers: 2, heads: 4, heads_kv: 2, inner: 128, window: 2048, spare_words: 0 };

/// The shape of Qwen2.5-0.5B, which stands for all models of about half a billion weights.
pub const HALF_BILLION: Shape =
    Shape { width: 896, layers: 24, heads: 14, heads_kv: 2, inner: 4864, window: 2048, spare_words: 151_600 };

/// The letters that answers are made of.
const LETTERS: [&str; 8] = ["A", "B", "C", "D", "E", "F", "G", "H"];

/// Writes a model; weights are q8_0 where llama.cpp multiplies with them.
pub fn write(target: &mut (impl Write + Seek), shape: Shape) -> io::Result<()> {
    let words = words(shape);
    let tensors = tensors(shape, words.len() as u64);
    let mut head = Vec::new();
    head.extend(b"GGUF");
    head.extend(3_u32.to_le_bytes());
    head.extend((tensors.len() as u64).to_le_bytes());
    let keys = keys(shape, &words);
    head.extend((keys.len() as u64).to_le_bytes());
    keys.iter().for_each(|key| head.extend(key));
    let mut offset = 0_u64;
    for tensor in &tensors {
        text(&mut head, &tensor.name);
        head.extend((tensor.lengths.len() as u32).to_le_bytes());
        tensor.lengths.iter().for_each(|length| head.extend(length.to_le_bytes()));
        head.extend(tensor.kind().to_le_bytes());
        head.extend(offset.to_le_bytes());
        offset += tensor.bytes().next_multiple_of(32);
    }
    head.resize(head.len().next_multiple_of(32), 0);
    target.write_all(&head)?;
    let mut random = Random(42);
    for tensor in &tensors {
        tensor.write(target, &mut random)?;
    }
    Ok(())
}

struct Tensor {
    name: String,
    lengths: Vec<u64>,
}

impl Tensor {
    fn is_vector(&self) -> bool {
        self.lengths.len() == 1
    }

    /// f32 or q8_0.
    fn kind(&self) -> u32 {
        if self.is_vector() { 0 } else { 8 }
    }

    fn elements(&self) -> u64 {
        self.lengths.iter().product()
    }

    fn bytes(&self) -> u64 {
        if self.is_vector() { self.elements() * 4 } else { self.elements() / 32 * 34 }
    }

    fn write(&self, target: &mut impl Write, random: &mut Random) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(self.bytes() as usize);
        if self.is_vector() {
            (0..self.elements()).for_each(|_| bytes.extend(1.0_f32.to_le_bytes()));
        } else {
            // a scale of 3 * 2^-11 in half precision: weights up to 0.19
            for _ in 0..self.elements() / 32 {
                bytes.extend(0x1600_u16.to_le_bytes());
                (0..4).for_each(|_| bytes.extend(random.next().to_le_bytes()));
            }
        }
        bytes.resize((self.bytes() as usize).next_multiple_of(32), 0);
        target.write_all(&bytes)
    }
}

fn tensors(shape: Shape, words: u64) -> Vec<Tensor> {
    let Shape { width, inner, .. } = shape;
    let width_kv = width / shape.heads * shape.heads_kv;
    let named = |name: &str, lengths: &[u64]| Tensor { name: name.into(), lengths: lengths.to_vec() };
    let mut tensors =
        vec![named("token_embd.weight", &[width, words]), named("output_norm.weight", &[width])];
    for layer in 0..shape.layers {
        let parts: [(&str, &[u64]); 9] = [
            ("attn_norm", &[width]),
            ("attn_q", &[width, width]),
            ("attn_k", &[width, width_kv]),
            ("attn_v", &[width, width_kv]),
            ("attn_output", &[width, width]),
            ("ffn_norm", &[width]),
            ("ffn_gate", &[width, inner]),
            ("ffn_up", &[width, inner]),
            ("ffn_down", &[inner, width]),
        ];
        tensors.extend(
            parts.iter().map(|(name, lengths)| named(&format!("blk.{layer}.{name}.weight"), lengths)),
        );
    }
    tensors
}

fn keys(shape: Shape, words: &[String]) -> Vec<Vec<u8>> {
    let mut keys = vec![
        text_key("general.architecture", "llama"),
        text_key("general.name", "random weights"),
        text_key("tokenizer.ggml.model", "gpt2"),
        text_key("tokenizer.ggml.pre", "gpt-2"),
    ];
    let numbers = [
        ("context_length", shape.window),
        ("embedding_length", shape.width),
        ("block_count", shape.layers),
        ("feed_forward_length", shape.inner),
        ("attention.head_count", shape.heads),
        ("attention.head_count_kv", shape.heads_kv),
        ("rope.dimension_count", shape.width / shape.heads),
    ];
    keys.extend(numbers.map(|(name, number)| number_key(&format!("llama.{name}"), number as u32)));
    let mut epsilon = start("llama.attention.layer_norm_rms_epsilon", 6);
    epsilon.extend(1e-5_f32.to_le_bytes());
    keys.push(epsilon);
    let special = words.len() as u32 - 1;
    keys.extend(["bos", "eos"].map(|which| number_key(&format!("tokenizer.ggml.{which}_token_id"), special)));
    keys.push(list_key("tokenizer.ggml.tokens", words));
    let mut kinds = start("tokenizer.ggml.token_type", 9);
    kinds.extend(5_u32.to_le_bytes());
    kinds.extend((words.len() as u64).to_le_bytes());
    (0..words.len() as u32).for_each(|at| kinds.extend(if at == special { 3_u32 } else { 1 }.to_le_bytes()));
    keys.push(kinds);
    keys.push(list_key("tokenizer.ggml.merges", &LETTERS.map(|letter| format!("Ġ {letter}"))));
    keys
}

/// One word per byte, " A" to " H", spare ones, and the one that ends a text.
fn words(shape: Shape) -> Vec<String> {
    let printable = |byte: &u32| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let mut strange = 256;
    let mut words: Vec<String> = (0..256_u32)
        .map(|byte| {
            let shown = if printable(&byte) {
                byte
            } else {
                strange += 1;
                strange - 1
            };
            char::from_u32(shown).map_or_else(String::new, String::from)
        })
        .collect();
    words.extend(LETTERS.map(|letter| format!("Ġ{letter}")));
    words.extend((0..shape.spare_words).map(|nth| format!("[spare{nth}]")));
    words.push("<|end|>".into());
    words
}

fn start(key: &str, kind: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    text(&mut bytes, key);
    bytes.extend(kind.to_le_bytes());
    bytes
}

fn text_key(key: &str, value: &str) -> Vec<u8> {
    let mut bytes = start(key, 8);
    text(&mut bytes, value);
    bytes
}

fn number_key(key: &str, value: u32) -> Vec<u8> {
    let mut bytes = start(key, 4);
    bytes.extend(value.to_le_bytes());
    bytes
}

fn list_key(key: &str, values: &[String]) -> Vec<u8> {
    let mut bytes = start(key, 9);
    bytes.extend(8_u32.to_le_bytes());
    bytes.extend((values.len() as u64).to_le_bytes());
    values.iter().for_each(|value| text(&mut bytes, value));
    bytes
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend(text.as_bytes());
}

/// Numbers that look random and are the same every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 ^ (self.0 >> 29)
    }
}
