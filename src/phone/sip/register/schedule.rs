//! When to register next. Pure: time since the line was opened is an argument.
//!
//! - granted: again before the lifetime is over;
//! - refused (wrong password, unknown extension): again after 300 s at the earliest, and never more than
//!   4 times in 10 minutes;
//! - no answer, or overloaded: after 1, 2, 4 … 60 s, or when the PBX says;
//! - "interval too brief": at once, with the lifetime that the PBX wants.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use crate::phone::Registration;

const REFUSED_PAUSE: Duration = Duration::from_secs(300);
const REFUSED_WINDOW: Duration = Duration::from_secs(600);
const REFUSED_MAX: usize = 4;
const SILENT_PAUSE_MAX: Duration = Duration::from_secs(60);
const RETRY_AFTER_MAX_S: u32 = 3600;
/// Shortest and longest lifetime that makes sense to ask for, in seconds.
const EXPIRES_S: (u32, u32) = (10, 86_400);

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Granted { expires_s: u32 },
    TooBrief { min_s: u32 },
    Refused { code: u16, reason: String },
    Busy { code: u16, reason: String, retry_after_s: Option<u32> },
    Silent(String),
}

/// What follows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// What the owner hears; nothing about steps that are over at once.
    pub(super) report: Option<Registration>,
    pub(super) wait: Duration,
}

/// The state between attempts.
#[derive(Debug)]
pub(super) struct Schedule {
    expires_s: u32,
    failures: u32,
    too_brief: u32,
    refusals: VecDeque<Duration>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Trying,
    Registered { local: Option<SocketAddr> },
    Refused,
}

impl Schedule {
    pub(super) fn new(expires_s: u32) -> Self {
        let expires_s = expires_s.clamp(EXPIRES_S.0, EXPIRES_S.1);
        Self { expires_s, failures: 0, too_brief: 0, refusals: VecDeque::new(), state: State::Trying }
    }

    /// Lifetime to ask for.
    pub(super) fn expires_s(&self) -> u32 {
        self.expires_s
    }

    pub(super) fn is_registered(&self) -> bool {
        matches!(self.state, State::Registered { .. })
    }

    /// Whether news (another address, a lost connection) may bring the next attempt forward. Never after
    /// a refusal: the password does not become right by it.
    pub(super) fn may_hurry(&self) -> bool {
        self.is_registered()
    }

    /// Whether the PBX knows us under another address than this one.
    pub(super) fn moved(&self, now: SocketAddr) -> bool {
        matches!(self.state, State::Registered { local: Some(local) } if local != now)
    }

    /// `local` is the address that was registered.
    pub(super) fn after(&mut self, outcome: Outcome, local: Option<SocketAddr>, now: Duration) -> Plan {
        match outcome {
            Outcome::Granted { expires_s } => self.granted(expires_s, local),
            Outcome::TooBrief { min_s } => self.too_brief(min_s, now),
            Outcome::Refused { code, reason } => self.refused(code, reason, now),
            Outcome::Busy { code, reason, retry_after_s } => {
                let asked = retry_after_s.map(|s| Duration::from_secs(s.clamp(1, RETRY_AFTER_MAX_S).into()));
                self.silent(format!("{code} {reason}"), asked)
            }
            Outcome::Silent(reason) => self.silent(reason, None),
        }
    }

    fn granted(&mut self, expires_s: u32, local: Option<SocketAddr>) -> Plan {
        self.failures = 0;
        self.too_brief = 0;
        self.refusals.clear();
        self.state = State::Registered { local };
        let expires_s = expires_s.clamp(EXPIRES_S.0, EXPIRES_S.1);
        // A quarter of the lifetime, at least five seconds, is left for repetitions.
        let wait = expires_s - (expires_s / 4).max(5);
        Plan { report: Some(Registration::Registered { expires_s }), wait: Duration::from_secs(wait.into()) }
    }

    fn too_brief(&mut self, min_s: u32, now: Duration) -> Plan {
        self.too_brief += 1;
        if self.too_brief > 2 || min_s > EXPIRES_S.1 {
            let reason = format!("the PBX wants a lifetime of {min_s} s and then refuses it");
            return self.refused(423, reason, now);
        }
        self.expires_s = self.expires_s.max(min_s);
        Plan { report: None, wait: Duration::ZERO }
    }

    fn refused(&mut self, code: u16, reason: String, now: Duration) -> Plan {
        self.state = State::Refused;
        self.too_brief = 0;
        self.refusals.push_back(now);
        self.refusals.retain(|at| now.saturating_sub(*at) < REFUSED_WINDOW);
        let mut wait = REFUSED_PAUSE;
        if self.refusals.len() >= REFUSED_MAX {
            let oldest = self.refusals.front().copied().unwrap_or(now);
            wait = wait.max((oldest + REFUSED_WINDOW).saturating_sub(now));
        }
        Plan { report: Some(Registration::Refused { code, reason, retry_in: wait }), wait }
    }

    fn silent(&mut self, reason: String, asked: Option<Duration>) -> Plan {
        let backoff = Duration::from_secs(1 << self.failures.min(6)).min(SILENT_PAUSE_MAX);
        self.failures += 1;
        self.state = State::Trying;
        let wait = asked.unwrap_or(backoff);
        Plan { report: Some(Registration::Unreachable { reason, retry_in: wait }), wait }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Outcome {
        Outcome::Refused { code: 403, reason: "Forbidden".into() }
    }

    /// Waits in seconds after each outcome, time passing as the schedule says.
    fn check(outcomes: impl IntoIterator<Item = Outcome>, expected: &[u64]) {
        let mut schedule = Schedule::new(300);
        let mut now = Duration::ZERO;
        let waits: Vec<u64> = outcomes
            .into_iter()
            .map(|outcome| {
                let plan = schedule.after(outcome, None, now);
                now += plan.wait;
                plan.wait.as_secs()
            })
            .collect();
        assert_eq!(waits, expected);
    }

    #[test]
    fn a_granted_lifetime_is_refreshed_before_it_ends() {
        let granted = |expires_s| Outcome::Granted { expires_s };
        check([granted(300), granted(3600), granted(60), granted(10)], &[225, 2700, 45, 5]);
        check([granted(0), granted(u32::MAX)], &[5, 64_800]);
    }

    #[test]
    fn a_silent_pbx_is_asked_after_growing_pauses() {
        let silent = || Outcome::Silent("no answer".into());
        check((0..9).map(|_| silent()), &[1, 2, 4, 8, 16, 32, 60, 60, 60]);
        check(
            [silent(), silent(), Outcome::Granted { expires_s: 100 }, silent(), silent()],
            &[1, 2, 75, 1, 2],
        );
    }

    #[test]
    fn an_overloaded_pbx_says_itself_when_to_come_back() {
        let busy = |retry_after_s| Outcome::Busy { code: 503, reason: "Overloaded".into(), retry_after_s };
        check([busy(Some(17)), busy(None), busy(Some(0)), busy(Some(999_999))], &[17, 2, 1, 3600]);
    }

    #[test]
    fn a_wrong_password_is_never_hammered() {
        check((0..4).map(|_| refused()), &[300, 300, 300, 300]);
        // Whatever the order of events, no ten minutes see more than four refusals.
        let mut schedule = Schedule::new(300);
        let (mut now, mut times) = (Duration::ZERO, Vec::new());
        for _ in 0..20 {
            times.push(now);
            now += schedule.after(refused(), None, now).wait;
            assert!(!schedule.may_hurry());
        }
        for (i, at) in times.iter().enumerate() {
            let within = times[i..].iter().filter(|t| **t - *at < REFUSED_WINDOW).count();
            assert!(within <= REFUSED_MAX, "{within} refusals within ten minutes");
        }
    }

    #[test]
    fn a_lifetime_that_is_too_brief_is_raised_once_and_then_believed() {
        let mut schedule = Schedule::new(60);
        let brief = || Outcome::TooBrief { min_s: 1800 };
        assert_eq!(schedule.after(brief(), None, Duration::ZERO).wait, Duration::ZERO);
        assert_eq!(schedule.expires_s(), 1800);
        assert_eq!(schedule.after(brief(), None, Duration::ZERO).wait, Duration::ZERO);
        let plan = schedule.after(brief(), None, Duration::ZERO);
        assert_eq!(plan.wait, REFUSED_PAUSE);
        assert!(matches!(plan.report, Some(Registration::Refused { code: 423, .. })));
    }

    #[test]
    fn a_change_of_address_counts_only_while_registered() {
        let (old, new) = ("10.0.0.5:5060", "10.0.0.6:5060");
        let (old, new) = (old.parse().expect("an address"), new.parse().expect("an address"));
        let mut schedule = Schedule::new(300);
        assert!(!schedule.moved(new));
        schedule.after(Outcome::Granted { expires_s: 300 }, Some(old), Duration::ZERO);
        assert!(schedule.moved(new) && !schedule.moved(old));
        schedule.after(refused(), Some(old), Duration::ZERO);
        assert!(!schedule.moved(new));
    }
}
