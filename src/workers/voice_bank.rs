//! Sentences that were said before, as files: rendered ones by the voice, recorded ones by the owner.
//!
//! A rendered sentence lies in the cache folder under the SHA-256 of (engine, voice, text). The owner's
//! recording of a sentence lies in the recordings folder under the first 16 hexadecimal digits of the
//! SHA-256 of its text alone, so it outlives a change of voice; `sentences.tsv` in the cache folder lists
//! file name and sentence. Recordings win. All sound is brought to 16 kHz mono, silence at both ends cut,
//! level evened out, so that joined pieces sound like one speaker.

use std::{
    collections::HashMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use sha2::{Digest as _, Sha256};

mod level;

/// Samples per second of everything in the bank.
pub(super) const SAMPLE_RATE: u32 = 16_000;

/// Sound kept in memory; about eight minutes. What does not fit is read from disk each time.
const MEMORY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Changes when the treatment of sound changes, so that old files are not mixed with new ones.
const TREATMENT: &str = "v1";

/// List of all fixed sentences with the file name for an own recording.
pub(super) const LIST: &str = "sentences.tsv";

/// Why a sentence cannot be kept or used.
#[derive(Debug, thiserror::Error)]
pub(super) enum BankError {
    #[error("{0}: {1}")]
    Disk(PathBuf, std::io::Error),
    #[error("{0}: {1}")]
    Wav(PathBuf, hound::Error),
}

/// The bank of one voice.
#[derive(Debug)]
pub(super) struct VoiceBank {
    cache: PathBuf,
    recordings: Option<PathBuf>,
    /// Engine and voice.
    speaker: String,
    list: &'static str,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    sounds: HashMap<String, Arc<[i16]>>,
    bytes: usize,
}

impl VoiceBank {
    pub(super) fn new(cache: PathBuf, recordings: Option<PathBuf>, speaker: String) -> Self {
        Self { cache, recordings, speaker, list: LIST, memory: Mutex::default() }
    }

    /// With another name for the list of sentences: two voices share the folder.
    pub(super) fn listed_in(self, list: &'static str) -> Self {
        Self { list, ..self }
    }

    /// The sound of a sentence, if it was recorded or rendered before. Reads at most one file.
    pub(super) fn find(&self, text: &str) -> Option<Arc<[i16]>> {
        let key = self.key(text);
        if let Some(sound) = self.memory().sounds.get(&key) {
            return Some(Arc::clone(sound));
        }
        let sound = self.recorded(text).or_else(|| self.rendered(&key))?;
        self.remember(key, &sound);
        Some(sound)
    }

    /// Treats and keeps a freshly rendered sentence.
    pub(super) fn keep(
        &self,
        text: &str,
        samples: &[i16],
        sample_rate: u32,
    ) -> Result<Arc<[i16]>, BankError> {
        let sound = Self::treat(samples, sample_rate);
        let key = self.key(text);
        self.remember(key.clone(), &sound);
        write_wav(&self.cache, &self.rendered_path(&key), &sound)?;
        Ok(sound)
    }

    /// Rendered sound as it is played: 16 kHz, trimmed, levelled.
    pub(super) fn treat(samples: &[i16], sample_rate: u32) -> Arc<[i16]> {
        level::even_out(&media::resample(samples, sample_rate, SAMPLE_RATE)).into()
    }

    /// Writes the list of sentences for an owner who wants to record them.
    pub(super) fn list(&self, texts: &[String]) -> Result<(), BankError> {
        let rows: String =
            texts.iter().map(|text| format!("{}\t{}\n", recording_name(text), one_line(text))).collect();
        let list = format!("# File name for an own recording (WAV, 16-bit PCM), and the sentence\n{rows}");
        let path = self.cache.join(self.list);
        write_whole(&self.cache, &path, |file| file.write_all(list.as_bytes()))
    }

    fn recorded(&self, text: &str) -> Option<Arc<[i16]>> {
        let path = self.recordings.as_ref()?.join(recording_name(text));
        match read_wav(&path) {
            Ok((samples, sample_rate)) => Some(Self::treat(&samples, sample_rate)),
            Err(hound::Error::IoError(fault)) if fault.kind() == std::io::ErrorKind::NotFound => None,
            Err(fault) => {
                tracing::warn!(file = %path.display(), %fault, "recording cannot be used; the voice speaks instead");
                None
            }
        }
    }

    /// A file that cannot be read counts as missing: it is rendered again and replaced.
    fn rendered(&self, key: &str) -> Option<Arc<[i16]>> {
        let (samples, sample_rate) = read_wav(&self.rendered_path(key)).ok()?;
        (sample_rate == SAMPLE_RATE).then(|| samples.into())
    }

    fn rendered_path(&self, key: &str) -> PathBuf {
        self.cache.join(format!("{key}.wav"))
    }

    fn key(&self, text: &str) -> String {
        hex(&[TREATMENT, &self.speaker, text])
    }

    fn remember(&self, key: String, sound: &Arc<[i16]>) {
        let mut memory = self.memory();
        let bytes = sound.len() * 2;
        if memory.bytes + bytes <= MEMORY_BYTES_MAX && memory.sounds.insert(key, Arc::clone(sound)).is_none()
        {
            memory.bytes += bytes;
        }
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        // a map of finished sounds is right even if somebody panicked while holding it
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// File name under which the owner's recording of a sentence is looked for.
pub(super) fn recording_name(text: &str) -> String {
    format!("{}.wav", &hex(&[&one_line(text)])[..16])
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// SHA-256 of the parts with a zero byte after each, in hexadecimal.
fn hex(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// First channel and rate of a 16-bit PCM file.
fn read_wav(path: &Path) -> Result<(Vec<i16>, u32), hound::Error> {
    let mut reader = hound::WavReader::open(path)?;
    let spec = reader.spec();
    if spec.bits_per_sample != 16 || spec.sample_format != hound::SampleFormat::Int || spec.channels == 0 {
        return Err(hound::Error::Unsupported);
    }
    let all = reader.samples::<i16>().collect::<Result<Vec<_>, _>>()?;
    let samples = all.chunks_exact(usize::from(spec.channels)).map(|frame| frame[0]).collect();
    Ok((samples, spec.sample_rate))
}

fn write_wav(folder: &Path, path: &Path, sound: &[i16]) -> Result<(), BankError> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: SAMPLE_RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = std::io::Cursor::new(Vec::with_capacity(sound.len() * 2 + 44));
    let written = hound::WavWriter::new(&mut bytes, spec).and_then(|mut writer| {
        sound.iter().try_for_each(|sample| writer.write_sample(*sample))?;
        writer.finalize()
    });
    written.map_err(|fault| BankError::Wav(path.into(), fault))?;
    write_whole(folder, path, |file| file.write_all(bytes.get_ref()))
}

/// Writes beside the target and renames, so that a reader never sees half a file. No fsync: after a power
/// cut a damaged file is rendered again.
fn write_whole(
    folder: &Path,
    path: &Path,
    fill: impl FnOnce(&mut fs::File) -> std::io::Result<()>,
) -> Result<(), BankError> {
    let disk = |fault| BankError::Disk(path.into(), fault);
    fs::create_dir_all(folder).map_err(disk)?;
    // two writers of one sentence must not share the half-written file
    static WRITERS: AtomicU64 = AtomicU64::new(0);
    let half = path.with_extension(format!("half{}", WRITERS.fetch_add(1, Ordering::Relaxed)));
    let mut file = fs::File::create(&half).map_err(disk)?;
    fill(&mut file).and_then(|()| fs::rename(&half, path)).map_err(disk)
}

#[cfg(test)]
mod tests;
