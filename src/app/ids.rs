//! New identifiers: the clock and the system's random numbers, at the one place that may use them.

use jiff::Timestamp;

/// Milliseconds and random bits for a UUIDv7.
pub(crate) fn seed(now: Timestamp) -> (u64, [u8; 10]) {
    let mut random = [0u8; 10];
    if getrandom::fill(&mut random).is_err() {
        // Without random numbers the nanoseconds still tell two ids apart.
        random[..8].copy_from_slice(&now.as_nanosecond().to_le_bytes()[..8]);
    }
    (u64::try_from(now.as_millisecond()).unwrap_or(0), random)
}

/// Any number, to spread things in time.
pub(crate) fn number() -> u64 {
    let (_, random) = seed(Timestamp::UNIX_EPOCH);
    random.iter().take(8).fold(0, |n, byte| n << 8 | u64::from(*byte))
}
