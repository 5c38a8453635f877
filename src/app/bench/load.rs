//! Many calls at the same time: is the sound still clean while two callers are being transcribed?

use std::time::Duration;

use serde::Serialize;
use tokio::task::JoinSet;

use super::Rig;
use crate::app::{caller::Step, clips::NIGHT};

const CALL_MAX: Duration = Duration::from_secs(60);

/// What the callers heard.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Load {
    /// Calls at the same time.
    pub(crate) calls: usize,
    /// Of these, how many heard the greeting.
    pub(crate) greeted: usize,
    /// Packets that never came, over all calls.
    pub(crate) packets_lost: u64,
    /// 20 ms frames of the box's speech that came too late to be played.
    pub(crate) frames_late: u64,
    /// Frames heard.
    pub(crate) frames: u64,
    /// Slowest greeting in milliseconds.
    pub(crate) greeting_ms_max: u64,
}

/// Two callers talk, the others listen for twenty seconds.
pub(super) async fn calls_at_once(rig: &Rig, calls: usize) -> anyhow::Result<Load> {
    let mut running = JoinSet::new();
    for number in 0..calls {
        let uri = rig.uri().to_string();
        let script = match NIGHT.iter().take(2).nth(number) {
            Some(talker) => talker.script()?,
            None => vec![Step::Wait(Duration::from_secs(20)), Step::HangUp],
        };
        running.spawn(async move { super::call(&uri, 3000 + number, script, CALL_MAX).await });
    }
    let mut load = Load { calls, ..Load::default() };
    while let Some(seen) = running.join_next().await {
        let seen = seen??;
        load.greeted += usize::from(seen.greeting.is_some());
        load.packets_lost += seen.packets_lost;
        load.frames_late += seen.frames_concealed;
        load.frames += seen.recording.len() as u64 / 160;
        let greeting_ms =
            seen.greeting.map_or(u64::MAX, |g| u64::try_from(g.as_millis()).unwrap_or(u64::MAX));
        load.greeting_ms_max = load.greeting_ms_max.max(greeting_ms);
    }
    Ok(load)
}
