//! The model file, looked at before llama.cpp does.
//!
//! llama.cpp reads most faults as errors, some as assertions that end the process, and a file that is cut
//! behind its header as missing memory in the middle of a call. So every length, type and position in the
//! header is checked here, and that all weights are there and fit into this machine's memory.

use std::{
    collections::HashSet,
    fmt,
    fs::File,
    io::{BufReader, ErrorKind, Read},
    path::{Path, PathBuf},
};

mod types;

use types::{Weights, weights};

const MAGIC: &[u8; 4] = b"GGUF";
const KEYS_MAX: u64 = 4096;
const TENSORS_MAX: u64 = 20_000;
const NAME_BYTES_MAX: u64 = 256;
const TEXT_BYTES_MAX: u64 = 1 << 20;
const ITEMS_MAX: u64 = 1 << 20;

/// What a file is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Sentence encoder.
    Encoder,
    /// Generative model.
    Generator,
}

impl Use {
    /// Architectures that are known to work here.
    fn architectures(self) -> &'static [&'static str] {
        match self {
            Self::Encoder => &["bert"],
            Self::Generator => &["llama", "qwen2", "qwen3", "lfm2", "gemma3", "smollm3", "granite", "phi3"],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Encoder => "a sentence encoder",
            Self::Generator => "a language model that writes",
        }
    }
}

/// What the header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) architecture: String,
    /// Window in tokens.
    pub(crate) window: u64,
    pub(crate) width: u64,
    pub(crate) layers: u64,
    pub(crate) words: u64,
    /// Bytes of key-value memory for one token, at most.
    pub(crate) bytes_per_token: u64,
    /// Bytes of the file.
    pub(crate) bytes: u64,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { architecture, width, layers, words, bytes, .. } = self;
        let megabytes = *bytes as f64 / 1e6;
        write!(f, "{architecture}, width {width}, {layers} layers, {words} words, {megabytes:.1} MB")
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
    /// Not llama.cpp's format.
    #[error(
        "{0} is no model in GGUF format (it does not begin with the letters \"GGUF\"): \
         take a .gguf file, not .bin, .safetensors or .onnx"
    )]
    NotGguf(PathBuf),
    /// It ends too early.
    #[error(
        "{0} is cut short: it ends in {1}. The copy or download did not finish; \
         run `nightdesk models get` again, it goes on where it stopped"
    )]
    CutShort(PathBuf, String),
    /// Numbers that no model has.
    #[error("{0} is damaged: {1}")]
    Implausible(PathBuf, String),
    /// A model for something else.
    #[error("{file} is a model of architecture {found:?}, wanted is {wanted} ({known})")]
    WrongArchitecture {
        /// The file.
        file: PathBuf,
        /// What it is.
        found: String,
        /// What it should be.
        wanted: &'static str,
        /// Architectures that would do.
        known: String,
    },
    /// It does not fit.
    #[error("{file} needs about {needs_mib} MiB of memory, {has_mib} MiB {whose}: take a smaller model")]
    TooLarge {
        /// The file.
        file: PathBuf,
        /// Weights, key-value memory and room to compute.
        needs_mib: u64,
        /// What there is.
        has_mib: u64,
        /// Whose limit that is.
        whose: &'static str,
    },
}

/// Reads the header without loading any weights.
pub(crate) fn check(path: &Path, for_use: Use) -> Result<Shape, ModelFault> {
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
    let walk =
        Walk { path, source: BufReader::new(file), at: 0, end: about.len(), part: "its header".into() };
    walk.walk(for_use)
}

/// Refuses a model that needs more than `limit_mib` (0 = no limit) or than the machine has left, with
/// key-value memory for so many tokens.
pub(crate) fn check_memory(
    path: &Path,
    shape: &Shape,
    tokens: u64,
    limit_mib: u64,
    available_mib: Option<u64>,
) -> Result<(), ModelFault> {
    let bytes = shape.bytes.saturating_add(shape.bytes_per_token.saturating_mul(tokens));
    let needs_mib = (bytes >> 20).saturating_add(30);
    let too_large = |has_mib, whose| {
        let file = path.into();
        Err(ModelFault::TooLarge { file, needs_mib, has_mib, whose })
    };
    if limit_mib > 0 && needs_mib > limit_mib {
        return too_large(limit_mib, "are allowed by `memory_mb`");
    }
    match available_mib {
        Some(free) if needs_mib > free => too_large(free, "are free on this machine"),
        _ => Ok(()),
    }
}

/// Memory that programs can still have, in MiB; `None` where /proc does not tell.
pub(crate) fn available_mib() -> Option<u64> {
    let info = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = info.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

struct Walk<'a> {
    path: &'a Path,
    source: BufReader<File>,
    at: u64,
    end: u64,
    /// Where in the file we are, for the message.
    part: String,
}

/// The keys that we want to know.
#[derive(Default)]
struct Keys {
    architecture: Option<String>,
    numbers: Vec<(String, u64)>,
    words: u64,
    seen: HashSet<String>,
}

impl Keys {
    fn number(&self, key: &str) -> Option<u64> {
        self.numbers.iter().find(|(name, _)| name == key).map(|(_, number)| *number)
    }
}

impl Walk<'_> {
    fn walk(mut self, for_use: Use) -> Result<Shape, ModelFault> {
        let mut magic = [0; 4];
        if self.end < 4 || self.read(&mut magic).is_err() || magic != *MAGIC {
            return Err(ModelFault::NotGguf(self.path.into()));
        }
        let version = self.number(4)?;
        self.plausible("format version", version, 2, 3)?;
        let tensors = self.number(8)?;
        let keys = self.number(8)?;
        self.plausible("number of tensors", tensors, 1, TENSORS_MAX)?;
        self.plausible("number of keys", keys, 1, KEYS_MAX)?;
        let keys = self.keys(keys)?;
        let shape = self.shape(&keys, for_use)?;
        let alignment = keys.number("general.alignment").unwrap_or(32);
        if !alignment.is_power_of_two() || !(8..=4096).contains(&alignment) {
            return Err(self.implausible(format!("alignment {alignment}")));
        }
        self.tensors(tensors, alignment)?;
        Ok(shape)
    }

    fn keys(&mut self, count: u64) -> Result<Keys, ModelFault> {
        let mut keys = Keys::default();
        for _ in 0..count {
            self.part = "its keys".into();
            let key = self.text(NAME_BYTES_MAX)?;
            if !keys.seen.insert(key.clone()) {
                return Err(self.implausible(format!("key {key:?} twice")));
            }
            self.part = format!("key {key:?}");
            let kind = self.number(4)?;
            match kind {
                0 | 1 | 7 => self.keep(&mut keys, key, 1)?,
                2 | 3 => self.keep(&mut keys, key, 2)?,
                4..=6 => self.keep(&mut keys, key, 4)?,
                10..=12 => self.keep(&mut keys, key, 8)?,
                8 => {
                    let text = self.text(TEXT_BYTES_MAX)?;
                    if key == "general.architecture" {
                        keys.architecture = Some(text);
                    }
                }
                9 => {
                    let items = self.array()?;
                    if key == "tokenizer.ggml.tokens" {
                        keys.words = items;
                    }
                }
                _ => return Err(self.implausible(format!("key {key:?} of unknown type {kind}"))),
            }
        }
        Ok(keys)
    }

    fn keep(&mut self, keys: &mut Keys, key: String, bytes: u64) -> Result<(), ModelFault> {
        let number = self.number(bytes)?;
        keys.numbers.push((key, number));
        Ok(())
    }

    /// Walks over an array; returns its length.
    fn array(&mut self) -> Result<u64, ModelFault> {
        let (kind, items) = (self.number(4)?, self.number(8)?);
        self.plausible("length of a list", items, 0, ITEMS_MAX)?;
        match kind {
            0 | 1 | 7 => self.skip(items)?,
            2 | 3 => self.skip(items * 2)?,
            4..=6 => self.skip(items * 4)?,
            10..=12 => self.skip(items * 8)?,
            8 => {
                for _ in 0..items {
                    let bytes = self.number(8)?;
                    self.plausible("length of a text", bytes, 0, TEXT_BYTES_MAX)?;
                    self.skip(bytes)?;
                }
            }
            _ => return Err(self.implausible(format!("a list of unknown type {kind}"))),
        }
        Ok(items)
    }

    fn shape(&self, keys: &Keys, for_use: Use) -> Result<Shape, ModelFault> {
        let architecture = keys.architecture.clone().unwrap_or_default();
        let known = for_use.architectures();
        if !known.contains(&architecture.as_str()) {
            return Err(ModelFault::WrongArchitecture {
                file: self.path.into(),
                found: architecture,
                wanted: for_use.name(),
                known: known.join(", "),
            });
        }
        if keys.number("split.count").is_some_and(|parts| parts > 1) {
            return Err(self.implausible("one of several parts: join them with llama-gguf-split".into()));
        }
        let number = |what: &str, least, most| {
            let key = format!("{architecture}.{what}");
            let value = keys.number(&key).unwrap_or(0);
            self.plausible(&key, value, least, most).map(|()| value)
        };
        let window = number("context_length", 64, 1 << 24)?;
        let width = number("embedding_length", 16, 1 << 15)?;
        let layers = number("block_count", 1, 256)?;
        let heads = match keys.number(&format!("{architecture}.attention.head_count")) {
            // some hybrid models have a list with one number per layer; llama.cpp checks that
            None if keys.seen.contains(&format!("{architecture}.attention.head_count")) => 1,
            heads => heads.unwrap_or(0),
        };
        self.plausible("attention heads", heads, 1, 1024)?;
        let heads_kv = keys.number(&format!("{architecture}.attention.head_count_kv")).unwrap_or(heads);
        self.plausible("key-value heads", heads_kv, 1, heads)?;
        self.plausible("words in the vocabulary", keys.words, 32, ITEMS_MAX)?;
        let width_kv = width / heads * heads_kv;
        let bytes_per_token = layers * width_kv * 2 * 2;
        let (words, bytes) = (keys.words, self.end);
        Ok(Shape { architecture, window, width, layers, words, bytes_per_token, bytes })
    }

    /// Reads the list of tensors and whether the file is long enough for them.
    fn tensors(&mut self, count: u64, alignment: u64) -> Result<(), ModelFault> {
        let mut names = HashSet::new();
        let mut last: (u64, String) = (0, String::new());
        for _ in 0..count {
            self.part = "its list of tensors".into();
            let name = self.text(NAME_BYTES_MAX)?;
            let bytes = self.tensor_bytes(&name)?;
            let offset = self.number(8)?;
            if offset % alignment != 0 {
                return Err(self.implausible(format!("tensor {name:?} at an odd place")));
            }
            let end = offset.checked_add(bytes);
            let Some(end) = end.filter(|_| names.insert(name.clone())) else {
                return Err(self.implausible(format!("tensor {name:?} twice or beyond all files")));
            };
            if end > last.0 {
                last = (end, name);
            }
        }
        let start = self.at.next_multiple_of(alignment);
        if start.checked_add(last.0).is_none_or(|end| end > self.end) {
            return Err(ModelFault::CutShort(self.path.into(), format!("tensor {:?}", last.1)));
        }
        Ok(())
    }

    fn tensor_bytes(&mut self, name: &str) -> Result<u64, ModelFault> {
        let dimensions = self.number(4)?;
        self.plausible("tensor dimensions", dimensions, 1, 4)?;
        let mut lengths = [1_u64; 4];
        for length in lengths.iter_mut().take(dimensions as usize) {
            *length = self.number(8)?;
            self.plausible("tensor length", *length, 1, 1 << 32)?;
        }
        let kind = self.number(4)?;
        let Some(Weights { block, block_bytes, .. }) = weights(kind) else {
            return Err(self.implausible(format!("tensor {name:?} of unknown type {kind}")));
        };
        if !lengths[0].is_multiple_of(*block) {
            return Err(self.implausible(format!("tensor {name:?} does not fill its blocks")));
        }
        let elements = lengths.iter().try_fold(1_u64, |all, length| all.checked_mul(*length));
        elements
            .and_then(|elements| (elements / block).checked_mul(*block_bytes))
            .ok_or_else(|| self.implausible(format!("tensor {name:?} larger than any file")))
    }

    fn plausible(&self, what: &str, value: u64, least: u64, most: u64) -> Result<(), ModelFault> {
        if (least..=most).contains(&value) {
            return Ok(());
        }
        Err(self.implausible(format!("{what} {value}, expected {least} to {most}")))
    }

    fn implausible(&self, what: String) -> ModelFault {
        ModelFault::Implausible(self.path.into(), format!("{what} (near byte {})", self.at))
    }

    fn text(&mut self, bytes_max: u64) -> Result<String, ModelFault> {
        let bytes = self.number(8)?;
        self.plausible("length of a text", bytes, 0, bytes_max)?;
        let mut text = vec![0; bytes as usize];
        self.read(&mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// A little-endian number of so many bytes.
    fn number(&mut self, bytes: u64) -> Result<u64, ModelFault> {
        let mut number = [0; 8];
        self.read(&mut number[..bytes as usize])?;
        Ok(u64::from_le_bytes(number))
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
