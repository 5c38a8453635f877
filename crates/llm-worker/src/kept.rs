//! Read runbooks: the key-value memory after a prompt, kept in memory and on disk.
//!
//! Computing a prompt takes a small board half a minute, reading it back a few milliseconds. A file holds
//! exactly what llama.cpp gave, under a name made of everything that it depends on: the model, the tokens
//! and llama.cpp's version. A damaged file is not handed to llama.cpp; it is computed again and replaced.

use std::{
    collections::VecDeque,
    fs,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    time::SystemTime,
};

use sha2::{Digest as _, Sha256};

use crate::llama::{self, Token};

/// Prompts in memory beside the one in use.
const IN_MEMORY_MAX: usize = 3;

/// Prompts on disk; the ones that were longest not used go.
const ON_DISK_MAX: usize = 16;

/// Larger states are none of ours.
const FILE_BYTES_MAX: u64 = 512 << 20;

/// Changes when what is computed changes although the tokens do not.
const LAYOUT: &[u8] = b"nightdesk state 1\n";

type Hash = [u8; 32];

/// The states of one model.
#[derive(Debug)]
pub(crate) struct Kept {
    folder: Option<PathBuf>,
    model: Hash,
    memory: VecDeque<(Hash, State)>,
}

/// A state, and the logits of the letters that follow from it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct State {
    /// As llama.cpp gave it.
    pub(crate) bytes: Vec<u8>,
    /// Computed from it when it was fresh; a restored one must give the same.
    pub(crate) proof: Vec<f32>,
}

impl Kept {
    /// States of the model in this file; without a folder they last as long as the process.
    pub(crate) fn new(model: &Path, folder: Option<PathBuf>) -> std::io::Result<Self> {
        Ok(Self { folder, model: fingerprint(model)?, memory: VecDeque::new() })
    }

    /// The state after these tokens, from memory.
    pub(crate) fn at_hand(&mut self, tokens: &[Token]) -> Option<&State> {
        let key = self.key(tokens);
        let at = self.memory.iter().position(|(other, _)| *other == key)?;
        let found = self.memory.remove(at)?;
        self.memory.push_front(found);
        self.memory.front().map(|(_, state)| state)
    }

    /// The state after these tokens, from disk. It is not at hand yet: look at its proof first.
    pub(crate) fn on_disk(&self, tokens: &[Token]) -> Option<State> {
        let path = self.path(tokens)?;
        let mut file = fs::File::open(&path).ok()?;
        let mut text = Vec::new();
        let size = file.metadata().ok()?.len();
        if size > FILE_BYTES_MAX {
            return None;
        }
        file.read_to_end(&mut text).ok()?;
        // the newest files are the ones in use; a clock that stands only changes which go first
        let _ = file.set_modified(SystemTime::now());
        read(&text)
    }

    /// Keeps a fresh state. The disk is a help, not a need: a fault there is returned and nothing is lost.
    pub(crate) fn keep(&mut self, tokens: &[Token], state: State) -> std::io::Result<()> {
        let written = self.write(tokens, &state);
        self.remember(tokens, state);
        written
    }

    /// Keeps a state that was found on disk at hand.
    pub(crate) fn remember(&mut self, tokens: &[Token], state: State) {
        self.memory.push_front((self.key(tokens), state));
        self.memory.truncate(IN_MEMORY_MAX);
    }

    /// Throws a state away that did not prove right.
    pub(crate) fn discard(&self, tokens: &[Token]) {
        if let Some(path) = self.path(tokens) {
            // if it stays, it is found wrong again and replaced
            let _ = fs::remove_file(path);
        }
    }

    fn write(&self, tokens: &[Token], state: &State) -> std::io::Result<()> {
        let (Some(folder), Some(path)) = (&self.folder, self.path(tokens)) else { return Ok(()) };
        fs::create_dir_all(folder)?;
        let half = path.with_extension("half");
        fs::write(&half, write(state))?;
        fs::rename(&half, &path)?;
        make_room(folder)
    }

    fn path(&self, tokens: &[Token]) -> Option<PathBuf> {
        let name: String = self.key(tokens)[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        Some(self.folder.as_ref()?.join(format!("{name}.state")))
    }

    fn key(&self, tokens: &[Token]) -> Hash {
        let mut hash = Sha256::new();
        hash.update(LAYOUT);
        hash.update(self.model);
        hash.update(llama::version().as_bytes());
        hash.update([0]);
        tokens.iter().for_each(|token| hash.update(token.to_le_bytes()));
        hash.finalize().into()
    }
}

fn write(State { bytes, proof }: &State) -> Vec<u8> {
    let proof = worker_wire::bytes_from_floats(proof);
    let mut body = u32::try_from(proof.len()).unwrap_or(0).to_le_bytes().to_vec();
    body.extend(proof);
    body.extend(bytes);
    let sum: Hash = Sha256::digest(&body).into();
    [LAYOUT, &sum, &body].concat()
}

fn read(text: &[u8]) -> Option<State> {
    let (sum, body) = text.strip_prefix(LAYOUT)?.split_at_checked(32)?;
    let right: Hash = Sha256::digest(body).into();
    if sum != right {
        return None;
    }
    let (length, body) = body.split_first_chunk::<4>()?;
    let (proof, bytes) = body.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some(State { bytes: bytes.to_vec(), proof: worker_wire::floats_from_bytes(proof)? })
}

fn make_room(folder: &Path) -> std::io::Result<()> {
    let mut files: Vec<(SystemTime, PathBuf)> = fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "state"))
        .filter_map(|path| Some((fs::metadata(&path).ok()?.modified().ok()?, path)))
        .collect();
    files.sort();
    let extra = files.len().saturating_sub(ON_DISK_MAX);
    files[..extra].iter().try_for_each(|(_, path)| fs::remove_file(path))
}

/// A hash of a model file that does not read hundreds of megabytes: its size, its beginning and end, and
/// 64 pieces between them.
fn fingerprint(path: &Path) -> std::io::Result<Hash> {
    const PIECE: u64 = 64 * 1024;
    let mut file = fs::File::open(path)?;
    let size = file.metadata()?.len();
    let mut hash = Sha256::new();
    hash.update(size.to_le_bytes());
    let step = (size / 65).max(1);
    let last = size.saturating_sub(PIECE);
    for at in (0..65).map(|piece| piece * step).filter(|at| *at < last).chain([last]) {
        file.seek(SeekFrom::Start(at))?;
        let mut piece = Vec::new();
        (&mut file).take(PIECE).read_to_end(&mut piece)?;
        hash.update(&piece);
    }
    Ok(hash.finalize().into())
}

#[cfg(test)]
mod tests;
