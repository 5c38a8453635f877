//! Who may talk to us, and how fast. Pure: time is an argument.
//!
//! A source outside the allowed ranges gets no answer at all: to a scanner there is nobody here.
//! Each source has two purses of tokens, one for messages and one for new calls, so that a flood
//! from one address costs the others nothing.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::phone::net::NetRange;

/// Messages per second and source, and how many may come at once.
const MESSAGES: Rate = Rate { per_second: 100.0, burst: 300.0 };
/// New calls per second and source: well above what an office has, well below what hurts.
const NEW_CALLS: Rate = Rate { per_second: 10.0, burst: 40.0 };
/// Sources remembered; the one that was silent longest is forgotten first.
const SOURCES_MAX: usize = 1024;

#[derive(Debug, Clone, Copy)]
struct Rate {
    per_second: f64,
    burst: f64,
}

/// Decides per message whether it is looked at.
#[derive(Debug)]
pub(super) struct Gate {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    allowed: Vec<NetRange>,
    sources: HashMap<IpAddr, Source>,
    dropped: u64,
}

#[derive(Debug)]
struct Source {
    messages: f64,
    calls: f64,
    seen: Duration,
}

/// What a message is, as far as the gate cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An INVITE outside any dialog.
    NewCall,
    /// Everything else.
    Other,
}

impl Gate {
    pub(super) fn new(allowed: Vec<NetRange>) -> Self {
        Self { state: Mutex::new(State { allowed, sources: HashMap::new(), dropped: 0 }) }
    }

    /// Replaces the allowed ranges: the PBX's name may resolve to other addresses now.
    pub(super) fn allow(&self, allowed: Vec<NetRange>) {
        self.lock().allowed = allowed;
    }

    /// Whether anything from this address is looked at. Connections are asked this when they arrive.
    pub(super) fn knows(&self, ip: IpAddr) -> bool {
        self.lock().allowed.iter().any(|range| range.contains(ip))
    }

    /// Whether this message is looked at; takes a token if so.
    pub(super) fn admits(&self, ip: IpAddr, kind: Kind, now: Duration) -> bool {
        let mut state = self.lock();
        if !state.allowed.iter().any(|range| range.contains(ip)) {
            state.dropped += 1;
            return false;
        }
        state.forget_oldest(ip);
        let fresh = Source { messages: MESSAGES.burst, calls: NEW_CALLS.burst, seen: now };
        let source = state.sources.entry(ip.to_canonical()).or_insert(fresh);
        let passed = now.saturating_sub(source.seen).as_secs_f64();
        source.seen = now;
        source.messages = (source.messages + passed * MESSAGES.per_second).min(MESSAGES.burst);
        source.calls = (source.calls + passed * NEW_CALLS.per_second).min(NEW_CALLS.burst);
        let enough = source.messages >= 1.0 && (kind == Kind::Other || source.calls >= 1.0);
        if enough {
            source.messages -= 1.0;
            source.calls -= if kind == Kind::NewCall { 1.0 } else { 0.0 };
        } else {
            state.dropped += 1;
        }
        enough
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is plain numbers; a panic elsewhere cannot have left it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn forget_oldest(&mut self, newcomer: IpAddr) {
        if self.sources.len() < SOURCES_MAX || self.sources.contains_key(&newcomer.to_canonical()) {
            return;
        }
        let oldest = self.sources.iter().min_by_key(|(_, s)| s.seen).map(|(ip, _)| *ip);
        if let Some(oldest) = oldest {
            self.sources.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(allowed: &str) -> Gate {
        Gate::new(vec![allowed.parse().expect("a network")])
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn strangers_are_not_admitted() {
        let gate = gate("10.0.0.5");
        assert!(gate.admits(ip("10.0.0.5"), Kind::NewCall, Duration::ZERO));
        assert!(!gate.admits(ip("10.0.0.6"), Kind::Other, Duration::ZERO));
        assert!(!gate.knows(ip("10.0.0.6")));
        gate.allow(vec!["10.0.0.6".parse().expect("an address")]);
        assert!(gate.admits(ip("10.0.0.6"), Kind::Other, Duration::ZERO));
        assert!(!gate.admits(ip("10.0.0.5"), Kind::Other, Duration::ZERO));
    }

    #[test]
    fn a_flood_is_cut_to_the_rate_and_others_do_not_notice() {
        let gate = gate("10.0.0.0/8");
        let flood = (0..10_000).map(Duration::from_millis);
        let admitted = flood.filter(|now| gate.admits(ip("10.0.0.9"), Kind::NewCall, *now)).count();
        assert!((130..=145).contains(&admitted), "10 s of 1,000 calls/s let {admitted} through");
        assert!(gate.admits(ip("10.0.0.5"), Kind::NewCall, Duration::from_secs(10)));
    }

    #[test]
    fn forty_calls_at_four_per_second_are_all_admitted() {
        let gate = gate("10.0.0.0/8");
        for call in 0..40 {
            let now = Duration::from_millis(call * 250);
            assert!(gate.admits(ip("10.0.0.5"), Kind::NewCall, now));
            for _ in 0..8 {
                assert!(gate.admits(ip("10.0.0.5"), Kind::Other, now));
            }
        }
    }

    #[test]
    fn a_million_sources_do_not_fill_the_memory() {
        let gate = gate("0.0.0.0/0");
        for i in 0..5_000_u32 {
            gate.admits(IpAddr::V4(i.into()), Kind::Other, Duration::from_millis(u64::from(i)));
        }
        assert!(gate.lock().sources.len() <= SOURCES_MAX);
    }
}
