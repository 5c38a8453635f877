//! The recogniser file, looked at before whisper.cpp does.
//!
//! whisper.cpp trusts its files: it aborts on unknown tensor types and on convolution weights in f32,
//! writes past arrays on too many dimensions, and reads a cut file as zeros. So every length, type and
//! position is checked here first; what passes is loaded.

use std::{
    fmt,
    fs::File,
    io::{BufReader, ErrorKind, Read},
    path::{Path, PathBuf},
};

const MAGIC: u32 = 0x6767_6d6c; // "ggml"
const WORD_BYTES_MAX: u32 = 1024;
const NAME_BYTES_MAX: i32 = 128;

/// The sizes in a recogniser file's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ModelShape {
    /// Words, 51864 for English only.
    pub(crate) n_vocab: i32,
    /// Encoder positions, 20 ms each.
    pub(crate) n_audio_ctx: i32,
    /// Width.
    pub(crate) n_audio_state: i32,
    n_audio_head: i32,
    n_audio_layer: i32,
    n_text_ctx: i32,
    n_text_state: i32,
    n_text_head: i32,
    n_text_layer: i32,
    n_mels: i32,
    ftype: i32,
}

impl ModelShape {
    /// True for English-only models.
    pub(crate) fn english_only(&self) -> bool {
        self.n_vocab == 51_864
    }

    /// True for models of OpenAI's sizes, which loop on windows below ten seconds
    /// (performance.md 1.2); the small test model was trained on short ones.
    pub(crate) fn needs_ten_seconds(&self) -> bool {
        self.n_audio_state >= 384
    }
}

impl fmt::Display for ModelShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = match (self.n_audio_state, self.n_audio_layer) {
            (384, 4) => "tiny",
            (512, 6) => "base",
            (768, 12) => "small",
            (1024, 24) => "medium",
            (1280, 32) => "large",
            (160, 3) => "test article",
            _ => "own size",
        };
        let language = if self.english_only() { "English" } else { "multilingual" };
        let weights = Weights::of_ftype(self.ftype).map_or("?", |weights| weights.name);
        write!(
            f,
            "{size}, {language}, width {}, {}+{} layers, {weights}",
            self.n_audio_state, self.n_audio_layer, self.n_text_layer
        )
    }
}

/// Why a file is not loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ModelFault {
    /// No such file.
    #[error("model file {0} is missing: get one with `nightdesk models get`, or copy it there")]
    Missing(PathBuf),
    /// The system refuses to read it.
    #[error("model file {0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// Not whisper.cpp's format.
    #[error(
        "{0} is not a recogniser in ggml format (it does not begin with the letters \"lmgg\"): \
         take a file such as ggml-tiny.en-q8_0.bin, not .gguf, .pt or .onnx"
    )]
    NotGgml(PathBuf),
    /// It ends too early.
    #[error(
        "{0} is cut short: it ends in {1}. The copy or download did not finish; \
         run `nightdesk models get` again, it goes on where it stopped"
    )]
    CutShort(PathBuf, String),
    /// Sizes that no whisper model has.
    #[error("{0} is damaged or no whisper model: {1}")]
    Implausible(PathBuf, String),
    /// whisper.cpp aborts on these.
    #[error("{0} has convolution weights in f32, which whisper.cpp cannot run: convert it with f16 or q8_0")]
    ConvolutionInF32(PathBuf),
}

/// Reads the header and walks over all tensors without loading them.
pub(crate) fn check(path: &Path) -> Result<ModelShape, ModelFault> {
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
    let (about, file) = opened.map_err(|fault| {
        if fault.kind() == ErrorKind::NotFound {
            return ModelFault::Missing(path.into());
        }
        ModelFault::Unreadable(path.into(), fault)
    })?;
    if !about.is_file() {
        return Err(ModelFault::Implausible(path.into(), "not a regular file".into()));
    }
    Walk { path, source: BufReader::new(file), at: 0, end: about.len(), part: "its header".into() }.walk()
}

/// How weights are stored, and how many bytes a block of them takes.
struct Weights {
    ftype: i32,
    tensor_type: i32,
    name: &'static str,
    block: u64,
    block_bytes: u64,
}

impl Weights {
    fn of_ftype(ftype: i32) -> Option<&'static Self> {
        WEIGHTS.iter().find(|weights| weights.ftype == ftype % 1000)
    }

    fn of_tensor(tensor_type: i32) -> Option<&'static Self> {
        WEIGHTS.iter().find(|weights| weights.tensor_type == tensor_type)
    }
}

const F32: i32 = 0;

#[rustfmt::skip]
static WEIGHTS: &[Weights] = &[
    Weights { ftype: 0, tensor_type: F32, name: "f32", block: 1, block_bytes: 4 },
    Weights { ftype: 1, tensor_type: 1, name: "f16", block: 1, block_bytes: 2 },
    Weights { ftype: 2, tensor_type: 2, name: "q4_0", block: 32, block_bytes: 18 },
    Weights { ftype: 3, tensor_type: 3, name: "q4_1", block: 32, block_bytes: 20 },
    Weights { ftype: 8, tensor_type: 6, name: "q5_0", block: 32, block_bytes: 22 },
    Weights { ftype: 9, tensor_type: 7, name: "q5_1", block: 32, block_bytes: 24 },
    Weights { ftype: 7, tensor_type: 8, name: "q8_0", block: 32, block_bytes: 34 },
];

struct Walk<'a> {
    path: &'a Path,
    source: BufReader<File>,
    at: u64,
    end: u64,
    /// Where in the file we are, for the message.
    part: String,
}

impl Walk<'_> {
    fn walk(mut self) -> Result<ModelShape, ModelFault> {
        if self.end < 4 || self.number()? as u32 != MAGIC {
            return Err(ModelFault::NotGgml(self.path.into()));
        }
        let shape = self.shape()?;
        self.filters(&shape)?;
        self.words(&shape)?;
        let mut tensors = 0;
        while self.at < self.end {
            self.tensor()?;
            tensors += 1;
        }
        let expected = 15 + 15 * shape.n_audio_layer + 24 * shape.n_text_layer;
        // The exact number differs by a few between exporters; half of it missing means a cut at a seam.
        if tensors < expected * 9 / 10 - 10 {
            return Err(ModelFault::CutShort(
                self.path.into(),
                format!("tensor {tensors} of about {expected}"),
            ));
        }
        Ok(shape)
    }

    fn shape(&mut self) -> Result<ModelShape, ModelFault> {
        let mut next = || self.number();
        let shape = ModelShape {
            n_vocab: next()?,
            n_audio_ctx: next()?,
            n_audio_state: next()?,
            n_audio_head: next()?,
            n_audio_layer: next()?,
            n_text_ctx: next()?,
            n_text_state: next()?,
            n_text_head: next()?,
            n_text_layer: next()?,
            n_mels: next()?,
            ftype: next()?,
        };
        self.plausible("vocabulary size", shape.n_vocab, 51_864, 51_866)?;
        self.plausible("encoder positions", shape.n_audio_ctx, 1500, 1500)?;
        self.plausible("encoder width", shape.n_audio_state, 32, 1280)?;
        self.plausible("decoder width", shape.n_text_state, shape.n_audio_state, shape.n_audio_state)?;
        self.plausible("encoder heads", shape.n_audio_head, 1, 20)?;
        self.plausible("decoder heads", shape.n_text_head, 1, 20)?;
        self.plausible("width per encoder head", shape.n_audio_state % shape.n_audio_head, 0, 0)?;
        self.plausible("width per decoder head", shape.n_text_state % shape.n_text_head, 0, 0)?;
        self.plausible("encoder layers", shape.n_audio_layer, 1, 32)?;
        self.plausible("decoder layers", shape.n_text_layer, 1, 32)?;
        self.plausible("decoder positions", shape.n_text_ctx, 64, 448)?;
        self.plausible("mel bands", shape.n_mels, 80, 128)?;
        if Weights::of_ftype(shape.ftype).is_none() {
            return Err(self.implausible(format!("weights of unknown kind {}", shape.ftype)));
        }
        Ok(shape)
    }

    fn filters(&mut self, shape: &ModelShape) -> Result<(), ModelFault> {
        self.part = "its mel filters".into();
        let (n_mel, n_fft) = (self.number()?, self.number()?);
        self.plausible("mel filters", n_mel, shape.n_mels, shape.n_mels)?;
        self.plausible("filter length", n_fft, 201, 201)?;
        self.skip(n_mel as u64 * n_fft as u64 * 4)
    }

    fn words(&mut self, shape: &ModelShape) -> Result<(), ModelFault> {
        self.part = "its vocabulary".into();
        let words = self.number()?;
        self.plausible("words", words, 0, shape.n_vocab)?;
        for _ in 0..words {
            let bytes = self.number()? as u32;
            if bytes > WORD_BYTES_MAX {
                return Err(self.implausible(format!("a word of {bytes} bytes")));
            }
            self.skip(u64::from(bytes))?;
        }
        Ok(())
    }

    fn tensor(&mut self) -> Result<(), ModelFault> {
        self.part = "the head of a tensor".into();
        let (dimensions, name_bytes, tensor_type) = (self.number()?, self.number()?, self.number()?);
        self.plausible("tensor dimensions", dimensions, 1, 3)?;
        self.plausible("length of a tensor's name", name_bytes, 1, NAME_BYTES_MAX)?;
        let Some(weights) = Weights::of_tensor(tensor_type) else {
            return Err(self.implausible(format!("a tensor of unknown type {tensor_type}")));
        };
        let mut elements: u64 = 1;
        for _ in 0..dimensions {
            let length = self.number()?;
            self.plausible("tensor length", length, 1, 1 << 20)?;
            elements = elements.saturating_mul(length as u64);
        }
        let mut name = vec![0; name_bytes as usize];
        self.read(&mut name)?;
        let name = String::from_utf8_lossy(&name).into_owned();
        if tensor_type == F32 && name.contains("conv") && name.ends_with("weight") {
            return Err(ModelFault::ConvolutionInF32(self.path.into()));
        }
        self.part = format!("tensor {name:?}");
        self.skip((elements / weights.block).saturating_mul(weights.block_bytes))
    }

    fn plausible(&self, what: &str, value: i32, least: i32, most: i32) -> Result<(), ModelFault> {
        if (least..=most).contains(&value) {
            return Ok(());
        }
        Err(self.implausible(format!("{what} {value}, expected {least} to {most}")))
    }

    fn implausible(&self, what: String) -> ModelFault {
        ModelFault::Implausible(self.path.into(), format!("{what} (near byte {})", self.at))
    }

    fn number(&mut self) -> Result<i32, ModelFault> {
        let mut bytes = [0; 4];
        self.read(&mut bytes)?;
        Ok(i32::from_le_bytes(bytes))
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<(), ModelFault> {
        self.advance(bytes.len() as u64)?;
        self.source.read_exact(bytes).map_err(|fault| ModelFault::Unreadable(self.path.into(), fault))
    }

    fn skip(&mut self, bytes: u64) -> Result<(), ModelFault> {
        self.advance(bytes)?;
        // advance() has made sure that the distance fits into the file, so into i64 as well
        let distance = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.source.seek_relative(distance).map_err(|fault| ModelFault::Unreadable(self.path.into(), fault))
    }

    fn advance(&mut self, bytes: u64) -> Result<(), ModelFault> {
        if bytes > self.end - self.at {
            return Err(ModelFault::CutShort(self.path.into(), self.part.clone()));
        }
        self.at += bytes;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
