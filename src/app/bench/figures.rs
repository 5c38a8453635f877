//! The figures of a bench and how they are summed up.

use std::time::Duration;

use serde::Serialize;

use super::{load::Load, memory::Memory, shapes::Shape};
use crate::app::caller::Experience;

/// Everything a bench found. Times in milliseconds.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Figures {
    /// Where it was measured.
    pub(crate) machine: Machine,
    /// Half of the replies came within this time after the caller's last sound.
    pub(crate) reply_p50_ms: u64,
    /// 95 of 100 replies came within this time.
    pub(crate) reply_p95_ms: u64,
    /// Half of the interruptions silenced us within this time, on the wire.
    pub(crate) barge_in_p50_ms: u64,
    /// 95 of 100 interruptions silenced us within this time, on the wire.
    pub(crate) barge_in_p95_ms: u64,
    /// Resident memory of the daemon without the models.
    pub(crate) rss_mb: f64,
    /// Daemon and workers with the shipped model.
    pub(crate) box_rss_mb: f64,
    /// Turns that were timed.
    pub(crate) turns: usize,
    /// Turns that got no reply.
    pub(crate) unanswered: usize,
    /// Longest time in which nobody spoke after a caller had finished.
    pub(crate) silence_ms_max: u64,
    /// From the caller's side: the connected call to the first sound of the greeting.
    pub(crate) greeting_p95_ms: u64,
    /// Slowest: from the words that make it an emergency to the decision, while the caller talks on.
    pub(crate) emergency_ms_max: u64,
    /// How many of these were noticed.
    pub(crate) emergencies_found: usize,
    /// Many calls at once.
    pub(crate) load: Load,
    /// Recogniser files of real models' shapes.
    pub(crate) shapes: Vec<Shape>,
}

/// The machine beside every figure.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Machine {
    /// "AMD EPYC".
    pub(crate) processor: String,
    /// Cores that we may use.
    pub(crate) cores: usize,
    /// "x86_64".
    pub(crate) architecture: &'static str,
}

impl Machine {
    /// This machine.
    pub(crate) fn here() -> Self {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let name = info.lines().find(|l| l.starts_with("model name") || l.starts_with("Model"));
        Self {
            processor: name
                .and_then(|l| l.split(':').nth(1))
                .map_or("unknown".into(), |n| n.trim().to_string()),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            architecture: std::env::consts::ARCH,
        }
    }
}

/// Replies of many calls.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    latencies: Vec<Duration>,
    unanswered: usize,
    silence_max: Duration,
    greetings: Vec<Duration>,
}

impl Replies {
    pub(crate) fn add(&mut self, seen: &Experience) {
        self.latencies.extend(seen.replies.iter().flatten());
        self.unanswered += seen.replies.iter().filter(|r| r.is_none()).count();
        self.silence_max = self.silence_max.max(seen.longest_silence);
        self.greetings.extend(seen.greeting);
    }

    pub(crate) fn turns(&self) -> usize {
        self.latencies.len() + self.unanswered
    }
}

impl Figures {
    pub(crate) fn replies(&mut self, replies: Replies) {
        self.turns = replies.turns();
        self.unanswered = replies.unanswered;
        self.silence_ms_max = millis(replies.silence_max);
        self.reply_p50_ms = percentile(replies.latencies.clone(), 50);
        self.reply_p95_ms = percentile(replies.latencies, 95);
        self.greeting_p95_ms = percentile(replies.greetings, 95);
    }

    pub(crate) fn barge_ins(&mut self, times: Vec<Duration>) {
        self.barge_in_p50_ms = percentile(times.clone(), 50);
        self.barge_in_p95_ms = percentile(times, 95);
    }

    pub(crate) fn emergencies(&mut self, times: Vec<Duration>) {
        self.emergencies_found = times.len();
        self.emergency_ms_max = percentile(times, 100);
    }

    pub(crate) fn memory(&mut self, memory: Memory) {
        (self.rss_mb, self.box_rss_mb) = (memory.daemon_mb, memory.box_mb);
    }
}

/// The nearest-rank percentile in milliseconds; 0 without values.
pub(crate) fn percentile(mut values: Vec<Duration>, percent: usize) -> u64 {
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank - 1).copied().map_or(0, millis)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentile_is_a_value_that_was_measured() {
        let values: Vec<Duration> = (1..=20).map(|n| Duration::from_millis(n * 10)).collect();
        assert_eq!(percentile(values.clone(), 50), 100);
        assert_eq!(percentile(values.clone(), 95), 190);
        assert_eq!(percentile(values, 100), 200);
        assert_eq!(percentile(Vec::new(), 50), 0);
    }
}
