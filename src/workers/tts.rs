//! Voice: sentences in, sound out. What was said before needs no engine.

use std::{
    collections::HashSet,
    ffi::OsString,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::task::JoinSet;
use worker_wire::{Failed, Message, Priority, Role, Speak, Why};

use super::{
    supervise::{AskError, Timing, Worker, WorkerSpec, WorkerState, executable},
    voice_bank::{self, VoiceBank},
};

/// Sentences rendered at the same time while prompts are made ahead.
const PARALLEL: usize = 2;

/// One sentence made ahead may take so long; a Pi under load needs seconds.
const AHEAD_DEADLINE: Duration = Duration::from_secs(30);

/// Which engine speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VoiceEngine {
    /// CMU Flite, the default.
    Flite,
    /// eSpeak NG.
    EspeakNg,
    /// Piper; the voice is the path of its .onnx file.
    Piper,
}

impl VoiceEngine {
    fn name(&self) -> &'static str {
        match self {
            Self::Flite => "flite",
            Self::EspeakNg => "espeak-ng",
            Self::Piper => "piper",
        }
    }
}

/// How to speak.
#[derive(Debug, Clone)]
pub struct VoiceConfig {
    /// Which engine.
    pub engine: VoiceEngine,
    /// The engine's name for a voice, or a voice file; `None` = its usual one (flite: slt).
    pub voice: Option<String>,
    /// The engine's program, if it is not the usual one on the path.
    pub command: Option<PathBuf>,
    /// Where rendered sentences are kept.
    pub cache: PathBuf,
    /// The owner's own recordings; `sentences.tsv` in the cache folder lists their file names.
    pub recordings: Option<PathBuf>,
    /// The file in the cache folder that lists all sentences.
    pub list: &'static str,
    /// How much the worker steps back behind the daemon, as `nice` does.
    pub nice: i32,
    /// Folder of `nightdesk-tts`; `None` = NIGHTDESK_WORKER_DIR or beside our own executable.
    pub worker_dir: Option<PathBuf>,
    /// Patience with the worker.
    pub timing: Timing,
}

impl VoiceConfig {
    /// flite's usual voice, kept in `cache`.
    pub fn new(cache: impl Into<PathBuf>) -> Self {
        Self {
            engine: VoiceEngine::Flite,
            voice: None,
            command: None,
            cache: cache.into(),
            recordings: None,
            list: voice_bank::LIST,
            nice: 5,
            worker_dir: None,
            timing: Timing::default(),
        }
    }
}

/// How the voice is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VoiceState {
    /// The engine is being looked for; sentences that were said before can be said.
    Starting,
    /// Speaks.
    Ready,
    /// The worker died and comes back within seconds.
    Restarting,
    /// Only what was said before can be said. Says what is wrong and what to do.
    Dead(String),
}

/// Why a sentence cannot be said. None of them carries the sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VoiceError {
    /// The deadline passed; the work was cancelled.
    #[error("the voice did not answer in time")]
    TooLate,
    /// The worker died in the middle; it is being started again.
    #[error("the voice died in the middle")]
    WorkerDied,
    /// There is no engine; asking again is pointless until somebody acts.
    #[error("there is no voice: {0}")]
    Dead(String),
    /// Too much to do.
    #[error("the voice has too much to do")]
    Busy,
    /// Empty, too long, or the engine cannot say it.
    #[error("the voice cannot say this: {0}")]
    Refused(String),
    /// Prompts made ahead: so many could not be rendered or kept; the reason is that of the first.
    #[error("{missing} sentences could not be made ahead: {reason}")]
    Incomplete {
        /// How many.
        missing: usize,
        /// Of the first one.
        reason: String,
    },
}

/// The voice, kept alive. Clones share it; when the last one is dropped the worker ends.
#[derive(Debug, Clone)]
pub struct Voice {
    worker: Worker,
    bank: Arc<VoiceBank>,
}

impl Voice {
    /// Starts the worker and returns at once. Must be called inside a tokio runtime.
    pub fn start(config: VoiceConfig) -> Self {
        let engine = config.engine.name();
        let speaker = format!("{engine} {}", config.voice.as_deref().unwrap_or_default());
        let worker = Worker::start(WorkerSpec {
            role: Role::Voice,
            program: executable("nightdesk-tts", config.worker_dir.as_deref()),
            args: args(engine, &config),
            memory_limit_mib: 0,
            timing: config.timing,
        });
        Self {
            worker,
            bank: Arc::new(VoiceBank::new(config.cache, config.recordings, speaker).listed_in(config.list)),
        }
    }

    /// How the voice is now.
    pub fn state(&self) -> VoiceState {
        public_state(self.worker.health().state)
    }

    /// Waits until the voice speaks or is dead.
    pub async fn settled(&self) -> VoiceState {
        public_state(self.worker.settled().await)
    }

    /// Memory of the worker at the last ping, in KiB; 0 while it is not running.
    pub fn rss_kib(&self) -> u64 {
        self.worker.health().rss_kib
    }

    /// Process id of the worker while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.worker.health().pid
    }

    /// The sound of a sentence that was recorded or rendered before: 16 kHz mono. Waits for nothing but,
    /// at most, one file of the disk.
    pub fn cached(&self, text: &str) -> Option<Arc<[i16]>> {
        self.bank.find(text)
    }

    /// The sound of a sentence, 16 kHz mono, at the latest after `deadline`. `live` sentences carry names
    /// and are not kept. Dropping the future cancels.
    pub async fn say(&self, text: &str, live: bool, deadline: Duration) -> Result<Arc<[i16]>, VoiceError> {
        if let Some(sound) = self.bank.find(text) {
            return Ok(sound);
        }
        let (samples, sample_rate) = self.render(text, Priority::LiveTurn, deadline).await?;
        if live {
            return Ok(VoiceBank::treat(&samples, sample_rate));
        }
        match self.bank.keep(text, &samples, sample_rate) {
            Ok(sound) => Ok(sound),
            Err(fault) => {
                tracing::warn!(%fault, "a rendered sentence cannot be kept on disk");
                Ok(VoiceBank::treat(&samples, sample_rate))
            }
        }
    }

    /// Renders what is missing of these sentences, two at a time, and keeps it. `progress` hears
    /// (done, of all) after each. Goes on after a failure and reports it at the end.
    pub async fn prepare(
        &self,
        texts: Vec<String>,
        progress: impl Fn(usize, usize) + Send + Sync + 'static,
    ) -> Result<(), VoiceError> {
        let mut seen = HashSet::new();
        let texts: Vec<String> = texts.into_iter().filter(|text| seen.insert(text.clone())).collect();
        if let Err(fault) = self.bank.list(&texts) {
            tracing::warn!(%fault, "the list of sentences cannot be written");
        }
        let all = texts.len();
        let missing: Vec<String> = texts.into_iter().filter(|text| self.bank.find(text).is_none()).collect();
        let done = Arc::new(AtomicUsize::new(all - missing.len()));
        progress(done.load(Ordering::Relaxed), all);
        let progress = Arc::new(progress);
        let mut failures = Vec::new();
        let mut running = JoinSet::new();
        for text in missing {
            if running.len() >= PARALLEL {
                failures.extend(next_failure(&mut running).await);
            }
            let (voice, done, progress) = (self.clone(), Arc::clone(&done), Arc::clone(&progress));
            running.spawn(async move {
                voice.make_ahead(&text).await?;
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
                Ok(())
            });
        }
        while !running.is_empty() {
            failures.extend(next_failure(&mut running).await);
        }
        match failures.into_iter().reduce(|first, _| first) {
            None => Ok(()),
            Some(reason) => {
                Err(VoiceError::Incomplete { missing: all - done.load(Ordering::Relaxed), reason })
            }
        }
    }

    async fn make_ahead(&self, text: &str) -> Result<(), String> {
        let (samples, sample_rate) = self
            .render(text, Priority::AfterCall, AHEAD_DEADLINE)
            .await
            .map_err(|fault| fault.to_string())?;
        self.bank.keep(text, &samples, sample_rate).map(drop).map_err(|fault| fault.to_string())
    }

    async fn render(
        &self,
        text: &str,
        priority: Priority,
        deadline: Duration,
    ) -> Result<(Vec<i16>, u32), VoiceError> {
        let request = |id| {
            let deadline_ms = u32::try_from(deadline.as_millis()).unwrap_or(u32::MAX);
            Message::Speak(Speak { id, priority, deadline_ms, text: text.to_owned() })
        };
        let frame = self.worker.ask(deadline, Vec::new(), request).await.map_err(public_error)?;
        match (&frame.message, worker_wire::samples_from_bytes(&frame.body)) {
            (Message::Spoken(spoken), Some(samples)) => Ok((samples, spoken.sample_rate)),
            _ => Err(VoiceError::Refused("the worker sent something else".into())),
        }
    }
}

fn args(engine: &'static str, config: &VoiceConfig) -> Vec<OsString> {
    let mut args: Vec<OsString> =
        vec!["--engine".into(), engine.into(), "--nice".into(), config.nice.to_string().into()];
    if let Some(voice) = &config.voice {
        args.extend(["--voice".into(), voice.into()]);
    }
    if let Some(command) = &config.command {
        args.extend(["--command".into(), command.into()]);
    }
    args
}

async fn next_failure(running: &mut JoinSet<Result<(), String>>) -> Option<String> {
    match running.join_next().await? {
        Ok(result) => result.err(),
        Err(panic) => Some(panic.to_string()),
    }
}

fn public_state(state: WorkerState) -> VoiceState {
    match state {
        WorkerState::Starting => VoiceState::Starting,
        WorkerState::Ready(_) => VoiceState::Ready,
        WorkerState::Restarting => VoiceState::Restarting,
        WorkerState::Dead(reason) => VoiceState::Dead(reason),
    }
}

fn public_error(fault: AskError) -> VoiceError {
    match fault {
        AskError::TooLate => VoiceError::TooLate,
        AskError::Died => VoiceError::WorkerDied,
        AskError::Dead(reason) => VoiceError::Dead(reason),
        AskError::Busy => VoiceError::Busy,
        AskError::Refused(Failed { why, detail, .. }) => match why {
            Why::TooLate | Why::Cancelled => VoiceError::TooLate,
            Why::Busy | Why::Superseded => VoiceError::Busy,
            Why::Unusable => VoiceError::Dead(detail),
            Why::BadRequest | Why::Broke => VoiceError::Refused(detail),
        },
    }
}
