//! How many threads an engine may use right now.
//!
//! ggml's threads wait for each other by spinning. When another program needs one of the cores, two
//! threads are then several times slower than one (measured on two busy cores: 3 s against 0.6 s for one
//! clip). So a thread is only used when a core has been idle for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A core counts as free when others have left this share of it.
const FREE_SHARE: f32 = 0.6;

/// The number of threads for the next job, kept up to date by a thread of its own.
#[derive(Debug, Clone)]
pub struct Cores(Arc<AtomicU32>);

impl Cores {
    /// Starts looking; at most `most` threads.
    pub fn watch(most: u32) -> Self {
        let threads = Arc::new(AtomicU32::new(most));
        let watched = Arc::clone(&threads);
        // without this thread (or without /proc) the configured number is used
        let _ = thread::Builder::new().name("cores".into()).spawn(move || {
            let mut before = Times::now();
            loop {
                thread::sleep(LOOK_EVERY);
                let now = Times::now();
                if let (Some(before), Some(now)) = (before, now) {
                    watched.store(threads_for(before, now, most), Ordering::Relaxed);
                }
                before = now;
            }
        });
        Self(threads)
    }

    /// Threads for the next job.
    pub fn threads(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Processor time since the machine (for `own`: this process) started, in clock ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Times {
    cores: u32,
    all: u64,
    idle: u64,
    own: u64,
}

impl Times {
    fn now() -> Option<Self> {
        let stat = std::fs::read_to_string("/proc/stat").ok()?;
        let own = std::fs::read_to_string("/proc/self/stat").ok()?;
        Self::parse(&stat, &own)
    }

    fn parse(stat: &str, own: &str) -> Option<Self> {
        let sum = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
        // user, nice, system, idle, iowait, irq, softirq, steal; guest time is in user already
        let ticks: Vec<u64> =
            sum.split_whitespace().take(8).map_while(|number| number.parse().ok()).collect();
        let is_core =
            |line: &&str| line.strip_prefix("cpu").is_some_and(|rest| rest.starts_with(char::is_numeric));
        // the program's name stands in brackets and may hold anything; user and system time are 14th and 15th
        let mut fields = own.rsplit(')').next()?.split_whitespace().skip(11);
        let own = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
        Some(Self {
            cores: u32::try_from(stat.lines().filter(is_core).count()).ok()?,
            all: ticks.iter().sum(),
            idle: ticks.get(3)? + ticks.get(4)?,
            own,
        })
    }
}

fn threads_for(before: Times, now: Times, most: u32) -> u32 {
    let elapsed = now.all.saturating_sub(before.all);
    if elapsed == 0 {
        return most;
    }
    // what this process used itself is free for it again
    let free = now.idle.saturating_sub(before.idle) + now.own.saturating_sub(before.own);
    let free_cores = free as f32 / elapsed as f32 * now.cores as f32;
    ((free_cores + 1.0 - FREE_SHARE) as u32).clamp(1, most.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On this many cores, with these shares of all time idle and our own, at most four threads.
    fn check(cores: u32, idle: u64, own: u64, expected: u32) {
        let before = Times { cores, all: 0, idle: 0, own: 0 };
        let now = Times { cores, all: 100, idle, own };
        assert_eq!(threads_for(before, now, 4), expected, "{cores} cores, {idle} % idle, {own} % own");
    }

    #[test]
    fn quiet_machine_gives_a_thread_per_core_up_to_the_setting() {
        check(2, 95, 0, 2);
        check(4, 100, 0, 4);
        check(16, 100, 0, 4);
    }

    #[test]
    fn busy_machine_gives_one_thread() {
        check(2, 0, 0, 1);
        check(2, 50, 0, 1);
        check(4, 10, 5, 1);
    }

    #[test]
    fn our_own_work_does_not_count_against_us() {
        check(2, 5, 90, 2);
        check(4, 25, 50, 3);
    }

    #[test]
    fn processor_times_are_read_as_the_kernel_writes_them() {
        let stat = "cpu  100 1 20 1000 30 4 5 6 7 8\ncpu0 1 2 3\ncpu1 1 2 3\nintr 5\n";
        let own = "42 (a ) b) S 1 42 42 0 -1 4194304 100 0 0 0 70 8 0 0 20 0 3 0 1 1 1";
        let expected = Times { cores: 2, all: 1166, idle: 1030, own: 78 };
        assert_eq!(Times::parse(stat, own), Some(expected));
        assert_eq!(Times::parse("", own), None);
        assert_eq!(Times::parse(stat, ""), None);
    }
}
