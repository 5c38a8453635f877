//! The recording of one call. The file is made off the call's loop; sound waits here until it is there.

use std::path::Path;

use domain::CallId;
use jiff::{Timestamp, tz::TimeZone};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::store::{
    RECORDINGS,
    recorder::{Recorder, RecorderError},
};

/// Frames that wait for the file: two seconds. A disk that needs longer to make a file gets no recording of the rest.
const WAITING_FRAMES_MAX: usize = 100;

/// Off, being made, or running.
#[derive(Default)]
pub(crate) enum Tape {
    #[default]
    Off,
    Opening {
        file: JoinHandle<Result<Recorder, RecorderError>>,
        waiting: Vec<(Vec<i16>, Vec<i16>)>,
    },
    Running(Recorder),
}

impl Tape {
    /// Starts recording and returns the file's name below the data folder.
    pub(crate) fn start(&mut self, data_dir: &Path, call: CallId, at: Timestamp, rate_hz: u32) -> String {
        let month = at.to_zoned(TimeZone::UTC).strftime("%Y/%m").to_string();
        let name = format!("{RECORDINGS}/{month}/{call}.wav");
        let path = data_dir.join(&name);
        if matches!(self, Self::Off) {
            let file = spawn_blocking(move || Recorder::create(&path, rate_hz));
            *self = Self::Opening { file, waiting: Vec::new() };
        }
        name
    }

    /// 20 ms of both sides. Never waits.
    pub(crate) fn write(&mut self, caller: &[i16], agent: &[i16]) {
        match self {
            Self::Off => {}
            Self::Running(recorder) => recorder.write(caller, agent),
            Self::Opening { waiting, .. } => {
                if waiting.len() < WAITING_FRAMES_MAX {
                    waiting.push((caller.to_vec(), agent.to_vec()));
                }
            }
        }
    }

    /// To be called now and then from the loop: moves on once the file is there.
    pub(crate) async fn settle(&mut self) {
        let Self::Opening { file, .. } = self else { return };
        if file.is_finished() {
            self.open().await;
        }
    }

    async fn open(&mut self) {
        let Self::Opening { file, waiting } = std::mem::take(self) else { return };
        match file.await {
            Ok(Ok(mut recorder)) => {
                for (caller, agent) in waiting {
                    recorder.write(&caller, &agent);
                }
                *self = Self::Running(recorder);
            }
            Ok(Err(error)) => tracing::warn!(%error, "this call is not recorded"),
            Err(_) => tracing::warn!("this call is not recorded: the recorder could not start"),
        }
    }

    /// Closes the file; what was recorded is on disk afterwards.
    pub(crate) async fn stop(mut self) {
        if matches!(self, Self::Opening { .. }) {
            self.open().await;
        }
        if let Self::Running(recorder) = self {
            let finished = spawn_blocking(move || recorder.finish()).await;
            if let Ok(Some(failure)) = finished.map(|recorded| recorded.failure) {
                tracing::warn!(error = %failure, "the recording of a call ended early");
            }
        }
    }
}
