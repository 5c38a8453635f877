//! What this process may take from the box.

use anyhow::Context as _;
use rustix::process::{Resource, Rlimit};

/// Caps the memory that can be allocated. Private memory counts (RLIMIT_DATA), mapped libraries do not.
/// whisper.cpp and llama.cpp abort when they hit the cap; the daemon starts the worker again.
pub fn cap_memory(limit_mib: u64) -> anyhow::Result<()> {
    if limit_mib == 0 {
        return Ok(());
    }
    let bytes = Some(limit_mib.saturating_mul(1024 * 1024));
    rustix::process::setrlimit(Resource::Data, Rlimit { current: bytes, maximum: bytes })
        .with_context(|| format!("memory limit of {limit_mib} MiB cannot be set"))
}

/// Lets the daemon's sound go first.
pub fn step_back(by: i32) -> anyhow::Result<()> {
    if by > 0 {
        rustix::process::nice(by).context("priority cannot be lowered")?;
    }
    Ok(())
}

/// Resident memory of this process in KiB; 0 where /proc does not tell.
pub fn rss_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn resident_memory_of_this_test_is_plausible() {
        let kib = super::rss_kib();
        assert!((500..10_000_000).contains(&kib), "{kib} KiB");
    }
}
