//! Writes a recogniser file of the shape of tiny.en or base.en with random weights in q8_0, so that the
//! time of a real model can be measured where none is installed:
//!
//! ```sh
//! cargo run --release -p stt-worker --example make_model -- tiny.en target/bench-models/tiny.en.bin
//! ```
//!
//! Mel filters and vocabulary are those of the shipped test model, which has the same. Such a file writes
//! nonsense that never ends: transcribe with a forced number of tokens.

use std::{
    fs::File,
    io::{BufWriter, Read as _, Write},
    path::Path,
};

use anyhow::{Context as _, bail};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/nightdesk-mini.en.bin");

/// 4 bytes of magic and 11 numbers.
const HEADER_BYTES: usize = 4 + 11 * 4;

const N_VOCAB: i32 = 51_864;
const N_AUDIO_CTX: i32 = 1500;
const N_TEXT_CTX: i32 = 448;
const N_MELS: i32 = 80;

/// q8_0, quantisation version 2.
const FTYPE: i32 = 2007;

struct Shape {
    width: i32,
    heads: i32,
    layers: i32,
}

#[derive(Clone, Copy)]
enum Kind {
    F32 = 0,
    F16 = 1,
    Q8 = 8,
}

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [name, target] = args.as_slice() else { bail!("usage: make_model tiny.en|base.en FILE") };
    let shape = match name.as_str() {
        "tiny.en" => Shape { width: 384, heads: 6, layers: 4 },
        "base.en" => Shape { width: 512, heads: 8, layers: 6 },
        _ => bail!("unknown shape {name}; there are tiny.en and base.en"),
    };
    let target = Path::new(target);
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let half = target.with_extension("half");
    let mut model = Writer {
        out: BufWriter::new(File::create(&half).with_context(|| half.display().to_string())?),
        seed: 1,
    };
    model.head(&shape)?;
    model.encoder(&shape)?;
    model.decoder(&shape)?;
    model.out.into_inner()?.sync_all()?;
    std::fs::rename(&half, target)?;
    eprintln!("{}: {} bytes", target.display(), std::fs::metadata(target)?.len());
    Ok(())
}

struct Writer {
    out: BufWriter<File>,
    seed: u32,
}

impl Writer {
    fn head(&mut self, shape: &Shape) -> anyhow::Result<()> {
        let Shape { width, heads, layers } = *shape;
        self.out.write_all(b"lmgg")?;
        let numbers =
            [N_VOCAB, N_AUDIO_CTX, width, heads, layers, N_TEXT_CTX, width, heads, layers, N_MELS, FTYPE];
        for number in numbers {
            self.number(number)?;
        }
        let mut shipped = Vec::new();
        File::open(SHIPPED).context(SHIPPED)?.read_to_end(&mut shipped)?;
        let end = end_of_words(&shipped).context("the shipped model is damaged")?;
        Ok(self.out.write_all(&shipped[HEADER_BYTES..end])?)
    }

    fn encoder(&mut self, shape: &Shape) -> anyhow::Result<()> {
        let width = shape.width;
        self.tensor("encoder.positional_embedding", Kind::F32, &[width, N_AUDIO_CTX])?;
        self.tensor("encoder.conv1.weight", Kind::F16, &[3, N_MELS, width])?;
        self.tensor("encoder.conv1.bias", Kind::F32, &[1, width])?;
        self.tensor("encoder.conv2.weight", Kind::F16, &[3, width, width])?;
        self.tensor("encoder.conv2.bias", Kind::F32, &[1, width])?;
        self.norm("encoder.ln_post", width)?;
        for layer in 0..shape.layers {
            let block = format!("encoder.blocks.{layer}");
            self.attention(&format!("{block}.attn"), width)?;
            self.perceptron(&block, width)?;
        }
        Ok(())
    }

    fn decoder(&mut self, shape: &Shape) -> anyhow::Result<()> {
        let width = shape.width;
        self.tensor("decoder.positional_embedding", Kind::F32, &[width, N_TEXT_CTX])?;
        self.tensor("decoder.token_embedding.weight", Kind::Q8, &[width, N_VOCAB])?;
        self.norm("decoder.ln", width)?;
        for layer in 0..shape.layers {
            let block = format!("decoder.blocks.{layer}");
            self.attention(&format!("{block}.attn"), width)?;
            self.attention(&format!("{block}.cross_attn"), width)?;
            self.perceptron(&block, width)?;
        }
        Ok(())
    }

    fn attention(&mut self, name: &str, width: i32) -> anyhow::Result<()> {
        self.norm(&format!("{name}_ln"), width)?;
        for part in ["query", "key", "value", "out"] {
            self.tensor(&format!("{name}.{part}.weight"), Kind::Q8, &[width, width])?;
            if part != "key" {
                self.tensor(&format!("{name}.{part}.bias"), Kind::F32, &[width])?;
            }
        }
        Ok(())
    }

    fn perceptron(&mut self, block: &str, width: i32) -> anyhow::Result<()> {
        self.norm(&format!("{block}.mlp_ln"), width)?;
        self.tensor(&format!("{block}.mlp.0.weight"), Kind::Q8, &[width, 4 * width])?;
        self.tensor(&format!("{block}.mlp.0.bias"), Kind::F32, &[4 * width])?;
        self.tensor(&format!("{block}.mlp.2.weight"), Kind::Q8, &[4 * width, width])?;
        self.tensor(&format!("{block}.mlp.2.bias"), Kind::F32, &[width])
    }

    fn norm(&mut self, name: &str, width: i32) -> anyhow::Result<()> {
        self.tensor(&format!("{name}.weight"), Kind::F32, &[width])?;
        self.tensor(&format!("{name}.bias"), Kind::F32, &[width])
    }

    fn tensor(&mut self, name: &str, kind: Kind, lengths: &[i32]) -> anyhow::Result<()> {
        self.number(lengths.len() as i32)?;
        self.number(name.len() as i32)?;
        self.number(kind as i32)?;
        for length in lengths {
            self.number(*length)?;
        }
        self.out.write_all(name.as_bytes())?;
        let elements: usize = lengths.iter().map(|length| *length as usize).product();
        // norms scale by about one; everything else is scaled so that sums stay about one
        let scale = if name.ends_with("ln.weight") || name.ends_with("post.weight") {
            1.0
        } else {
            1.0 / (lengths[0] as f32).sqrt()
        };
        match kind {
            Kind::F32 => (0..elements).try_for_each(|_| self.f32(scale)),
            Kind::F16 => (0..elements).try_for_each(|_| {
                let weight = half(self.random() * scale);
                Ok(self.out.write_all(&weight.to_le_bytes())?)
            }),
            Kind::Q8 => (0..elements / 32).try_for_each(|_| {
                self.out.write_all(&half(scale / 127.0).to_le_bytes())?;
                let block: [u8; 32] = std::array::from_fn(|_| (self.random() * 127.0) as i8 as u8);
                Ok(self.out.write_all(&block)?)
            }),
        }
    }

    fn f32(&mut self, scale: f32) -> anyhow::Result<()> {
        let weight = if scale == 1.0 { 1.0 } else { self.random() * scale };
        Ok(self.out.write_all(&weight.to_le_bytes())?)
    }

    fn number(&mut self, number: i32) -> anyhow::Result<()> {
        Ok(self.out.write_all(&number.to_le_bytes())?)
    }

    /// Between -1 and 1; the same in every run (xorshift).
    fn random(&mut self) -> f32 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 17;
        self.seed ^= self.seed << 5;
        self.seed as f32 / u32::MAX as f32 * 2.0 - 1.0
    }
}

/// Where the vocabulary of a model file ends.
fn end_of_words(file: &[u8]) -> Option<usize> {
    let number = |at: usize| Some(i32::from_le_bytes(file.get(at..at + 4)?.try_into().ok()?) as usize);
    let (mel, fft) = (number(HEADER_BYTES)?, number(HEADER_BYTES + 4)?);
    let mut at = HEADER_BYTES + 8 + mel * fft * 4;
    let words = number(at)?;
    at += 4;
    for _ in 0..words {
        at += 4 + number(at)?;
    }
    (at <= file.len()).then_some(at)
}

/// IEEE half precision, for numbers that are normal there; smaller ones become zero.
fn half(number: f32) -> u16 {
    let bits = number.to_bits();
    let sign = (bits >> 16) as u16 & 0x8000;
    let exponent = ((bits >> 23) & 0xff) as i32 - 127 + 15;
    if exponent <= 0 {
        return sign;
    }
    sign | ((exponent as u16) << 10) | ((bits >> 13) as u16 & 0x3ff)
}
