//! Recording a call as it happens: stereo WAV, caller left, agent right.
//!
//! ```text
//! audio loop → write() → queue (10 s) → thread: samples, fdatasync, header twice a second → file
//! ```
//!
//! The audio loop never waits for the disk. When the disk is slower than the call for ten seconds, frames
//! are dropped and stand as silence of the same length, so that both sides and the time stay aligned. When
//! the disk is full or broken the recording stops with a warning, what is written stays playable, and the
//! call goes on.

mod wav;

#[cfg(test)]
mod tests;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError},
    },
    thread::JoinHandle,
    time::Duration,
};

use wav::WavFile;

/// Pieces that may wait for the disk: 10 s of 20 ms frames.
const QUEUE: usize = 500;

/// Audio that stops coming is brought to disk after this time.
const IDLE: Duration = Duration::from_millis(500);

/// Why a recording could not begin or go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecorderError {
    /// No space left; the part before stays.
    #[error("the disk is full: {} ends here; free space, or lower storage.recordings_days", path.display())]
    DiskFull {
        /// The recording.
        path: PathBuf,
    },
    /// The folder or file cannot be written.
    #[error("{} cannot be written: {reason}; check owner and rights of the data folder", path.display())]
    File {
        /// The recording.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
}

/// What a finished recording holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Milliseconds in the file.
    pub duration_ms: u64,
    /// Milliseconds that the disk was too slow for; they are silence in the file.
    pub dropped_ms: u64,
    /// Why it ended early, if it did.
    pub failure: Option<RecorderError>,
}

/// A running recording. Dropping it finishes the file too, without waiting.
#[derive(Debug)]
pub struct Recorder {
    rate_hz: u32,
    queue: Option<SyncSender<Piece>>,
    /// Samples per channel to be written as silence, because the queue was full.
    missing: u32,
    dropped: u64,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Samples per channel that are in the file and named in its header.
    safe: AtomicU64,
    failure: Mutex<Option<RecorderError>>,
}

/// What the thread gets.
struct Piece {
    /// Samples per channel of silence before it.
    silence: u32,
    /// Left, right, left, right …
    samples: Vec<i16>,
}

impl Recorder {
    /// Creates the file (and its folders), with a valid header, and starts the thread.
    /// `rate_hz` is the rate of both sides. Blocks for the creation of the file.
    ///
    /// # Errors
    /// `DiskFull`, or `File` with the system's reason; also when the file exists already.
    pub fn create(path: &Path, rate_hz: u32) -> Result<Self, RecorderError> {
        let failed = |e| sort(path, &e);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = File::options().read(true).write(true).create_new(true).open(path).map_err(failed)?;
        let recorder = Self::start(file, path, rate_hz).map_err(failed)?;
        if let Some(folder) = path.parent() {
            File::open(folder).and_then(|f| f.sync_all()).map_err(failed)?; // the name must survive too
        }
        Ok(recorder)
    }

    fn start(file: File, path: &Path, rate_hz: u32) -> std::io::Result<Self> {
        let wav = WavFile::begin(file, rate_hz)?;
        let (queue, pieces) = mpsc::sync_channel(QUEUE);
        let shared = Arc::new(Shared::default());
        let (for_thread, path) = (shared.clone(), path.to_owned());
        let thread = std::thread::Builder::new()
            .name("recorder".into())
            .stack_size(128 * 1024)
            .spawn(move || record(wav, &pieces, &for_thread, &path))?;
        let queue = Some(queue);
        Ok(Self { rate_hz, queue, missing: 0, dropped: 0, shared, thread: Some(thread) })
    }

    /// Adds what was heard and said during the same time; the shorter side is filled with silence.
    /// Never waits.
    pub fn write(&mut self, caller: &[i16], agent: &[i16]) {
        let length = caller.len().max(agent.len());
        let mut samples = Vec::with_capacity(2 * length);
        for i in 0..length {
            samples.push(caller.get(i).copied().unwrap_or(0));
            samples.push(agent.get(i).copied().unwrap_or(0));
        }
        let Some(queue) = &self.queue else { return };
        match queue.try_send(Piece { silence: self.missing, samples }) {
            Ok(()) => self.missing = 0,
            Err(TrySendError::Full(_)) => {
                let length = u32::try_from(length).unwrap_or(u32::MAX);
                self.missing = self.missing.saturating_add(length);
                self.dropped += u64::from(length);
            }
            Err(TrySendError::Disconnected(_)) => {} // the failure is in `shared`
        }
    }

    /// Why recording has stopped, if it has.
    pub fn failure(&self) -> Option<RecorderError> {
        self.shared.failure.lock().ok()?.clone()
    }

    /// Milliseconds that a crash of this program would not lose.
    pub fn safe_ms(&self) -> u64 {
        self.milliseconds(self.shared.safe.load(Ordering::Acquire))
    }

    /// Writes what is left and closes the file. Blocks until it is on disk: call it from a blocking task.
    pub fn finish(mut self) -> Recorded {
        self.close_queue();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the recorder thread ended by panic");
        }
        Recorded {
            duration_ms: self.safe_ms(),
            dropped_ms: self.milliseconds(self.dropped),
            failure: self.failure(),
        }
    }

    fn milliseconds(&self, samples: u64) -> u64 {
        samples * 1000 / u64::from(self.rate_hz.max(1))
    }

    /// Hands over silence that is still owed; after this the thread ends.
    fn close_queue(&mut self) {
        if let Some(queue) = self.queue.take()
            && self.missing > 0
        {
            let _ = queue.try_send(Piece { silence: self.missing, samples: Vec::new() });
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.close_queue();
    }
}

fn record(mut wav: WavFile, pieces: &Receiver<Piece>, shared: &Shared, path: &Path) {
    loop {
        let (step, ended) = match pieces.recv_timeout(IDLE) {
            Ok(piece) => (wav.push(piece.silence, &piece.samples), false),
            Err(RecvTimeoutError::Timeout) => (wav.finish(), false),
            Err(RecvTimeoutError::Disconnected) => (wav.finish(), true),
        };
        shared.safe.store(wav.safe_samples(), Ordering::Release);
        if let Err(error) = step {
            let failure = sort(path, &error);
            tracing::warn!(%failure, "recording stopped; the call goes on");
            if let Ok(mut place) = shared.failure.lock() {
                *place = Some(failure);
            }
            return; // the queue closes with this thread
        }
        if ended {
            return;
        }
    }
}

fn sort(path: &Path, error: &std::io::Error) -> RecorderError {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    if matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge) {
        RecorderError::DiskFull { path: path.to_owned() }
    } else {
        RecorderError::File { path: path.to_owned(), reason: error.to_string() }
    }
}
