//! Thinking: the caller's words in, opinions out.
//!
//! Two processes of one program: `sense` answers within some tens of milliseconds, `judge` within about a
//! second. Each may be off, dead or late without the other; nothing here decides what that means.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use worker_wire::{
    Failed, Frame, Head, Judge, Message, Prepare, Priority, Role, Sense, THOUGHT_BYTES_MAX, Why, Write,
    floats_from_bytes,
};

use super::supervise::{AskError, Timing, Worker, WorkerSpec, WorkerState, executable};

/// Tokens that a card may take.
const CARD_TOKENS_MAX: u32 = 220;

/// Which models think, and what they may take.
#[derive(Debug, Clone)]
pub struct ThinkingConfig {
    /// The sentence encoder and its heads, both files; `None` = off.
    pub sense: Option<SenseFiles>,
    /// The generative model; `None` = off.
    pub judge: Option<JudgeFiles>,
    /// Threads for one computation.
    pub threads: u32,
    /// Memory of each process in MiB; 0 = no limit.
    pub memory_limit_mib: u64,
    /// How much the processes step back behind the daemon, as `nice` does.
    pub nice: i32,
    /// Folder of `nightdesk-llm`; `None` = NIGHTDESK_WORKER_DIR or beside our own executable.
    pub worker_dir: Option<PathBuf>,
    /// Patience with the processes.
    pub timing: Timing,
}

/// Files of the sense stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenseFiles {
    /// Encoder in GGUF format.
    pub model: PathBuf,
    /// Heads that were trained for this encoder.
    pub heads: PathBuf,
}

/// Files of the judge stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgeFiles {
    /// Model in GGUF format.
    pub model: PathBuf,
    /// Folder for read runbooks.
    pub states: PathBuf,
}

impl ThinkingConfig {
    /// The usual settings with these models: two threads, 1 GiB each, nice 5.
    pub fn new(sense: Option<SenseFiles>, judge: Option<JudgeFiles>) -> Self {
        Self {
            sense,
            judge,
            threads: 2,
            memory_limit_mib: 1024,
            nice: 5,
            worker_dir: None,
            timing: Timing::default(),
        }
    }
}

/// How a model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThinkingState {
    /// The owner does not want it.
    Off,
    /// It loads; requests wait.
    Starting,
    /// It answers. Says what it runs.
    Ready(String),
    /// Its process died and comes back within seconds; requests wait.
    Restarting,
    /// It does not answer until somebody acts. Says what is wrong and what to do.
    Dead(String),
}

/// What the heads make of the caller's words.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensed {
    /// One per question: `severity`, `hazard`, `service`, `category`.
    pub heads: Vec<Head>,
    /// The words as a direction, of length 1; close directions mean close matters.
    pub embedding: Vec<f32>,
    /// Milliseconds in the model.
    pub took_ms: u32,
}

/// What the judge makes of a call: probabilities, each list summing to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Emergency, unclear, routine, spam.
    pub severity: [f32; 4],
    /// Plumbing, heating and cooling, electrical, computers, anything else.
    pub service: [f32; 5],
    /// Escalate, gather, resolve.
    pub action: [f32; 3],
    /// Tokens that had to be computed.
    pub fresh_tokens: u32,
    /// Milliseconds in the model.
    pub took_ms: u32,
}

/// A runbook that was read ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prepared {
    /// Length of the prompt with it.
    pub tokens: u32,
    /// Its last lines that found no room.
    pub lines_cut: u32,
    /// True when an earlier start had read it.
    pub restored: bool,
    /// Milliseconds in the model.
    pub took_ms: u32,
}

/// A card as the model wrote it: JSON by the grammar, unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The JSON.
    pub json: String,
    /// Tokens that were written.
    pub tokens: u32,
    /// Milliseconds in the model.
    pub took_ms: u32,
}

/// Why there is no answer. On each of them the call goes on without.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThinkingError {
    /// The stage is off.
    #[error("this model is switched off")]
    Off,
    /// The deadline passed; the work was cancelled.
    #[error("the model did not answer in time")]
    TooLate,
    /// The process died while it worked on this; it is being started again.
    #[error("the model's process died in the middle")]
    WorkerDied,
    /// The model is dead; asking again is pointless until somebody acts.
    #[error("there is no model: {0}")]
    Dead(String),
    /// Too much to do, and this was the least urgent; or a newer piece of the same call came.
    #[error("the model has too much to do")]
    Busy,
    /// The model refused it for the given reason.
    #[error("the model refused: {0}")]
    Refused(String),
}

/// The language models, kept alive. Clones share them; when the last one is dropped the processes end.
#[derive(Debug, Clone)]
pub struct Thinking {
    sense: Option<Worker>,
    judge: Option<Worker>,
    group: Option<u64>,
}

impl Thinking {
    /// Starts the processes and returns at once; the models load behind. Must be called inside a tokio runtime.
    pub fn start(config: &ThinkingConfig) -> Self {
        let sense = config.sense.as_ref().map(|files| {
            let args = ["sense".into(), "--model".into(), files.model.clone().into_os_string()];
            let heads = ["--heads".into(), files.heads.clone().into_os_string()];
            Worker::start(spec(config, Role::Sense, args.into_iter().chain(heads)))
        });
        let judge = config.judge.as_ref().map(|files| {
            let args = ["judge".into(), "--model".into(), files.model.clone().into_os_string()];
            let states = ["--states".into(), files.states.clone().into_os_string()];
            Worker::start(spec(config, Role::Judge, args.into_iter().chain(states)))
        });
        Self { sense, judge, group: None }
    }

    /// No model at all.
    pub fn off() -> Self {
        Self { sense: None, judge: None, group: None }
    }

    /// The same models for one call: its newer partial replaces its older one in the queue.
    /// `call` is any number that is unique among the calls of the moment.
    #[must_use]
    pub fn for_call(&self, call: u64) -> Self {
        Self { group: Some(call), ..self.clone() }
    }

    /// True unless every stage is off.
    pub fn is_on(&self) -> bool {
        self.sense.is_some() || self.judge.is_some()
    }

    /// How the sense stage is now.
    pub fn sense_state(&self) -> ThinkingState {
        state(self.sense.as_ref())
    }

    /// How the judge is now.
    pub fn judge_state(&self) -> ThinkingState {
        state(self.judge.as_ref())
    }

    /// Waits until both stages answer, are dead, or are off: sense, then judge.
    pub async fn settled(&self) -> (ThinkingState, ThinkingState) {
        (settled(self.sense.as_ref()).await, settled(self.judge.as_ref()).await)
    }

    /// Memory of both processes at the last ping, in KiB; 0 while none is running.
    pub fn rss_kib(&self) -> u64 {
        [&self.sense, &self.judge].into_iter().flatten().map(|worker| worker.health().rss_kib).sum()
    }

    /// Process ids of sense and judge while they run.
    pub fn pids(&self) -> [Option<u32>; 2] {
        [&self.sense, &self.judge].map(|worker| worker.as_ref().and_then(|worker| worker.health().pid))
    }

    /// How often the processes had to be started again, together.
    pub fn restarts(&self) -> u32 {
        [&self.sense, &self.judge].into_iter().flatten().map(|worker| worker.health().restarts).sum()
    }

    /// What the caller's words sound like, at the latest after `deadline`. Dropping the future cancels.
    pub async fn sense(
        &self,
        words: &str,
        priority: Priority,
        deadline: Duration,
    ) -> Result<Sensed, ThinkingError> {
        let worker = self.sense.as_ref().ok_or(ThinkingError::Off)?;
        let group = self.group;
        let deadline_ms = ms(deadline);
        let request = |id| Message::Sense(Sense { id, priority, group, deadline_ms });
        let Frame { message, body } =
            worker.ask(deadline, tail(words).into(), request).await.map_err(public)?;
        match (message, floats_from_bytes(&body)) {
            (Message::Sensed(sensed), Some(embedding)) => {
                Ok(Sensed { heads: sensed.heads, embedding, took_ms: sensed.took_ms })
            }
            _ => Err(something_else()),
        }
    }

    /// Reads a runbook ahead of the calls that need it. Interrupted by every call; goes on afterwards.
    pub async fn prepare(&self, runbook: &str, deadline: Duration) -> Result<Prepared, ThinkingError> {
        let worker = self.judge.as_ref().ok_or(ThinkingError::Off)?;
        let request = |id| Message::Prepare(Prepare { id, deadline_ms: ms(deadline) });
        let frame = worker.ask(deadline, head(runbook).into(), request).await.map_err(public)?;
        let Message::Prepared(prepared) = frame.message else { return Err(something_else()) };
        let worker_wire::Prepared { tokens, lines_cut, restored, took_ms, .. } = prepared;
        Ok(Prepared { tokens, lines_cut, restored, took_ms })
    }

    /// What a call is, by its lines `Caller: …` and `Agent: …`, at the latest after `deadline`. Dropping the
    /// future cancels.
    pub async fn judge(
        &self,
        runbook: &str,
        lines: &str,
        priority: Priority,
        deadline: Duration,
    ) -> Result<Judged, ThinkingError> {
        let worker = self.judge.as_ref().ok_or(ThinkingError::Off)?;
        let group = self.group;
        let (body, runbook_bytes) = both(runbook, lines);
        let request =
            |id| Message::Judge(Judge { id, priority, group, deadline_ms: ms(deadline), runbook_bytes });
        let frame = worker.ask(deadline, body, request).await.map_err(public)?;
        let Message::Judged(judged) = frame.message else { return Err(something_else()) };
        let worker_wire::Judged { severity, service, action, fresh_tokens, took_ms, .. } = judged;
        Ok(Judged { severity, service, action, fresh_tokens, took_ms })
    }

    /// Writes the card of a call that is over, at the latest after `deadline`. Nothing in it is checked.
    pub async fn write(
        &self,
        runbook: &str,
        lines: &str,
        deadline: Duration,
    ) -> Result<Written, ThinkingError> {
        let worker = self.judge.as_ref().ok_or(ThinkingError::Off)?;
        let (body, runbook_bytes) = both(runbook, lines);
        let request = |id| {
            let (deadline_ms, tokens_max) = (ms(deadline), CARD_TOKENS_MAX);
            Message::Write(Write { id, deadline_ms, runbook_bytes, tokens_max })
        };
        let Frame { message, body } = worker.ask(deadline, body, request).await.map_err(public)?;
        match (message, String::from_utf8(body)) {
            (Message::Written(written), Ok(json)) => {
                Ok(Written { json, tokens: written.tokens, took_ms: written.took_ms })
            }
            _ => Err(something_else()),
        }
    }
}

fn spec(config: &ThinkingConfig, role: Role, files: impl Iterator<Item = OsString>) -> WorkerSpec {
    let numbers = [
        ("--threads", config.threads.to_string()),
        ("--memory-limit-mib", config.memory_limit_mib.to_string()),
        ("--nice", config.nice.to_string()),
    ];
    let numbers = numbers.into_iter().flat_map(|(name, number)| [name.into(), number.into()]);
    WorkerSpec {
        role,
        program: executable("nightdesk-llm", config.worker_dir.as_deref()),
        args: files.chain(numbers).collect(),
        memory_limit_mib: config.memory_limit_mib,
        timing: config.timing,
    }
}

/// The runbook and then the call's lines, and how much of that is the runbook.
fn both(runbook: &str, lines: &str) -> (Vec<u8>, u32) {
    let runbook = head(runbook);
    let runbook_bytes = u32::try_from(runbook.len()).unwrap_or(0);
    ([runbook, tail(lines)].concat().into_bytes(), runbook_bytes)
}

/// The beginning of a text that is too long for the pipe; the model reads less anyway.
fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(THOUGHT_BYTES_MAX)]
}

/// The end of a text that is too long for the pipe.
fn tail(text: &str) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(THOUGHT_BYTES_MAX))..]
}

fn ms(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

fn state(worker: Option<&Worker>) -> ThinkingState {
    worker.map_or(ThinkingState::Off, |worker| public_state(worker.health().state))
}

async fn settled(worker: Option<&Worker>) -> ThinkingState {
    match worker {
        None => ThinkingState::Off,
        Some(worker) => public_state(worker.settled().await),
    }
}

fn public_state(state: WorkerState) -> ThinkingState {
    match state {
        WorkerState::Starting => ThinkingState::Starting,
        WorkerState::Ready(about) => ThinkingState::Ready(about),
        WorkerState::Restarting => ThinkingState::Restarting,
        WorkerState::Dead(reason) => ThinkingState::Dead(reason),
    }
}

fn something_else() -> ThinkingError {
    ThinkingError::Refused("the worker sent something else".into())
}

fn public(fault: AskError) -> ThinkingError {
    match fault {
        AskError::TooLate => ThinkingError::TooLate,
        AskError::Died => ThinkingError::WorkerDied,
        AskError::Dead(reason) => ThinkingError::Dead(reason),
        AskError::Busy => ThinkingError::Busy,
        AskError::Refused(Failed { why, detail, .. }) => match why {
            Why::TooLate | Why::Cancelled => ThinkingError::TooLate,
            Why::Busy | Why::Superseded => ThinkingError::Busy,
            Why::Unusable => ThinkingError::Dead(detail),
            Why::BadRequest | Why::Broke => ThinkingError::Refused(detail),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_too_long_are_cut_at_a_letter() {
        let long = "ä".repeat(THOUGHT_BYTES_MAX);
        assert_eq!((head(&long).len(), tail(&long).len()), (THOUGHT_BYTES_MAX, THOUGHT_BYTES_MAX));
        let odd = format!("x{long}y");
        assert!(head(&odd).starts_with('x') && head(&odd).len() < THOUGHT_BYTES_MAX + 1);
        assert!(tail(&odd).ends_with('y') && tail(&odd).len() < THOUGHT_BYTES_MAX + 1);
        assert_eq!(both("ab", "cd"), (b"abcd".to_vec(), 2));
    }

    #[tokio::test]
    async fn thinking_that_is_off_says_so_at_once() {
        let off = Thinking::off();
        let soon = Duration::from_secs(1);
        assert_eq!(off.sense("hello", Priority::LiveTurn, soon).await, Err(ThinkingError::Off));
        assert_eq!(off.judge("", "hello", Priority::LiveTurn, soon).await, Err(ThinkingError::Off));
        assert_eq!(off.write("", "hello", soon).await, Err(ThinkingError::Off));
        assert_eq!(off.settled().await, (ThinkingState::Off, ThinkingState::Off));
    }
}
