//! Hearing: sound in, words out.

use std::{path::PathBuf, sync::Arc, time::Duration};

use domain::Language;
use worker_wire::{Failed, Message, Priority, Role, SpokenLanguage, Transcribe, Why, bytes_from_samples};

use super::{
    judge::{self, Sound},
    supervise::{AskError, Timing, Worker, WorkerSpec, WorkerState, executable},
};

/// Longest sound for one transcription: the recogniser's window.
const SECONDS_MAX: usize = 30;

/// Samples per second.
const SAMPLE_RATE: usize = 16_000;

/// How to hear.
#[derive(Debug, Clone)]
pub struct HearingConfig {
    /// Recogniser file in ggml format.
    pub model: PathBuf,
    /// Threads for one transcription.
    pub threads: u32,
    /// What callers speak. English-only models take everything as English.
    pub language: SpokenLanguage,
    /// Memory of the worker in MiB; 0 = no limit.
    pub memory_limit_mib: u64,
    /// How much the worker steps back behind the daemon, as `nice` does, so that playout never suffers.
    pub nice: i32,
    /// Folder of `nightdesk-stt`; `None` = NIGHTDESK_WORKER_DIR or beside our own executable.
    pub worker_dir: Option<PathBuf>,
    /// Patience with the worker.
    pub timing: Timing,
}

impl HearingConfig {
    /// The usual settings with this model: two threads, English, 1 GiB, nice 10.
    pub fn new(model: impl Into<PathBuf>) -> Self {
        Self {
            model: model.into(),
            threads: 2,
            language: SpokenLanguage::English,
            memory_limit_mib: 1024,
            nice: 10,
            worker_dir: None,
            timing: Timing::default(),
        }
    }
}

/// How hearing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HearingState {
    /// The model loads; requests wait.
    Starting,
    /// Hears.
    Ready,
    /// The worker died and comes back within seconds; requests wait.
    Restarting,
    /// Does not hear until somebody acts. Says what is wrong and what to do.
    Dead(String),
}

/// What was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    /// The words; "" = nothing was said.
    pub text: String,
    /// What the model wrote before it was judged.
    pub raw: String,
    /// 0 (guess) to 1 (sure). The shipped test model is always sure, even when it is wrong.
    pub confidence: f32,
    /// The language that was decoded.
    pub language: Language,
    /// Why words were thrown away, if they were: "silence", "repetition" …
    pub dropped: Option<&'static str>,
    /// Milliseconds in the model.
    pub took_ms: u32,
}

/// Why there is no transcript. On each of them the call goes on without.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HearingError {
    /// The deadline passed; the work was cancelled.
    #[error("the recogniser did not answer in time")]
    TooLate,
    /// The worker died while it worked on this; it is being started again.
    #[error("the recogniser died in the middle")]
    WorkerDied,
    /// Hearing is dead; asking again is pointless until somebody acts.
    #[error("there is no recogniser: {0}")]
    Dead(String),
    /// Too much to do, and this was the least urgent.
    #[error("the recogniser has too much to do")]
    Busy,
    /// A newer piece of the same call took its place.
    #[error("a newer piece of the same call came")]
    Superseded,
    /// More than 30 seconds, or the recogniser refused it for the given reason.
    #[error("the recogniser refused the sound: {0}")]
    Refused(String),
}

/// The recogniser, kept alive. Clones share it; when the last one is dropped the worker ends.
#[derive(Debug, Clone)]
pub struct Hearing {
    worker: Worker,
    language: SpokenLanguage,
    group: Option<u64>,
}

impl Hearing {
    /// Starts the worker and returns at once; the model loads behind. Must be called inside a tokio runtime.
    pub fn start(config: HearingConfig) -> Self {
        let text = |number: String| number.into();
        let args = vec![
            "--model".into(),
            config.model.into_os_string(),
            "--threads".into(),
            text(config.threads.to_string()),
            "--memory-limit-mib".into(),
            text(config.memory_limit_mib.to_string()),
            "--nice".into(),
            text(config.nice.to_string()),
        ];
        let worker = Worker::start(WorkerSpec {
            role: Role::Recogniser,
            program: executable("nightdesk-stt", config.worker_dir.as_deref()),
            args,
            memory_limit_mib: config.memory_limit_mib,
            timing: config.timing,
        });
        Self { worker, language: config.language, group: None }
    }

    /// The same recogniser for one call: its newer partial replaces its older one in the queue.
    /// `call` is any number that is unique among the calls of the moment.
    #[must_use]
    pub fn for_call(&self, call: u64) -> Self {
        Self { group: Some(call), ..self.clone() }
    }

    /// How hearing is now.
    pub fn state(&self) -> HearingState {
        public_state(self.worker.health().state)
    }

    /// Waits until the recogniser hears or is dead.
    pub async fn settled(&self) -> HearingState {
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

    /// How often the worker had to be started again.
    pub fn restarts(&self) -> u32 {
        self.worker.health().restarts
    }

    /// Writes down 16 kHz mono sound with `voiced_ms` of voice in it, at the latest after `deadline`.
    /// Dropping the future cancels.
    pub async fn transcribe(
        &self,
        audio: Arc<[i16]>,
        voiced_ms: u32,
        priority: Priority,
        deadline: Duration,
    ) -> Result<Transcript, HearingError> {
        self.run(audio, voiced_ms, priority, deadline, None).await
    }

    /// Like [`Hearing::transcribe`] with exactly `tokens` decoder steps, for measuring model files whose
    /// weights are random.
    pub async fn transcribe_forced(
        &self,
        audio: Arc<[i16]>,
        tokens: u32,
        deadline: Duration,
    ) -> Result<Transcript, HearingError> {
        self.run(audio, u32::MAX, Priority::LiveTurn, deadline, Some(tokens)).await
    }

    async fn run(
        &self,
        audio: Arc<[i16]>,
        voiced_ms: u32,
        priority: Priority,
        deadline: Duration,
        forced_tokens: Option<u32>,
    ) -> Result<Transcript, HearingError> {
        if audio.len() > SECONDS_MAX * SAMPLE_RATE {
            return Err(HearingError::Refused(format!("more than {SECONDS_MAX} seconds")));
        }
        let sound = Sound::measure(&audio, voiced_ms);
        if forced_tokens.is_none()
            && let Some(why) = sound.nobody_speaks()
        {
            return Ok(nothing(why));
        }
        let request = |id| {
            Message::Transcribe(Transcribe {
                id,
                priority,
                group: self.group,
                deadline_ms: u32::try_from(deadline.as_millis()).unwrap_or(u32::MAX),
                language: self.language,
                audio_ctx: None,
                forced_tokens,
            })
        };
        let frame =
            self.worker.ask(deadline, bytes_from_samples(&audio), request).await.map_err(public_error)?;
        let Message::Transcript(written) = frame.message else {
            return Err(HearingError::Refused("the worker sent something else".into()));
        };
        let verdict = judge::judge(&written.text, written.token_probability, &sound);
        Ok(Transcript {
            text: verdict.text,
            raw: written.text,
            confidence: verdict.confidence,
            language: if written.language == "es" { Language::Spanish } else { Language::English },
            dropped: verdict.dropped,
            took_ms: written.took_ms,
        })
    }
}

fn nothing(why: &'static str) -> Transcript {
    Transcript {
        text: String::new(),
        raw: String::new(),
        confidence: 1.0,
        language: Language::English,
        dropped: Some(why),
        took_ms: 0,
    }
}

fn public_state(state: WorkerState) -> HearingState {
    match state {
        WorkerState::Starting => HearingState::Starting,
        WorkerState::Ready(_) => HearingState::Ready,
        WorkerState::Restarting => HearingState::Restarting,
        WorkerState::Dead(reason) => HearingState::Dead(reason),
    }
}

fn public_error(fault: AskError) -> HearingError {
    match fault {
        AskError::TooLate => HearingError::TooLate,
        AskError::Died => HearingError::WorkerDied,
        AskError::Dead(reason) => HearingError::Dead(reason),
        AskError::Busy => HearingError::Busy,
        AskError::Refused(Failed { why, detail, .. }) => match why {
            Why::TooLate | Why::Cancelled => HearingError::TooLate,
            Why::Superseded => HearingError::Superseded,
            Why::Busy => HearingError::Busy,
            Why::Unusable => HearingError::Dead(detail),
            Why::BadRequest | Why::Broke => HearingError::Refused(detail),
        },
    }
}
