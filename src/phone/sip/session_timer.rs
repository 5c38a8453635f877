//! Session timers (RFC 4028), driven by the PBX: we never ask for one, but keep to one that is asked of us. Pure.
//!
//! The side named `refresher` repeats itself at half time; when nothing came until shortly before the
//! end, the call is over: the other side has vanished without a word.

use std::time::Duration;

use rsipstack::sip::{Header, Headers};

use super::headers::{header, parameter, tokens, value};

/// Shortest interval that we accept, seconds; the smallest that the RFC allows.
const MIN_SE: u32 = 90;

/// Who repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refresher {
    Us,
    Them,
}

/// A running session timer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SessionTimer {
    interval_s: u32,
    refresher: Refresher,
    since: Duration,
}

/// The interval in a request is too small; answer 422 with this header.
#[derive(Debug)]
pub(super) struct TooSmall(pub(super) Header);

/// What is due next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// Send a refresh.
    Refresh,
    /// Nothing was heard: end the call.
    Expired,
}

impl SessionTimer {
    /// Reads a request that we answer with 2xx: INVITE, re-INVITE or UPDATE.
    pub(super) fn asked(headers: &Headers, now: Duration) -> Result<Option<Self>, TooSmall> {
        let Some(asked) = value(headers, "Session-Expires") else { return Ok(None) };
        let Some(interval_s) = seconds(asked) else { return Ok(None) };
        if interval_s < MIN_SE {
            return Err(TooSmall(header("Min-SE", MIN_SE.to_string())));
        }
        let they_can = tokens(headers, "Supported").iter().any(|t| t == "timer");
        // In a request `uac` is its sender. Unless told otherwise, who asks also refreshes.
        let refresher = match parameter(asked, "refresher") {
            Some(r) if r.eq_ignore_ascii_case("uas") => Refresher::Us,
            Some(_) | None if they_can => Refresher::Them,
            Some(_) | None => Refresher::Us,
        };
        Ok(Some(Self { interval_s, refresher, since: now }))
    }

    /// Reads the 2xx to a request of ours.
    pub(super) fn granted(headers: &Headers, now: Duration) -> Option<Self> {
        let granted = value(headers, "Session-Expires")?;
        let refresher = match parameter(granted, "refresher") {
            Some(r) if r.eq_ignore_ascii_case("uas") => Refresher::Them,
            Some(_) | None => Refresher::Us,
        };
        Some(Self { interval_s: seconds(granted)?.max(MIN_SE), refresher, since: now })
    }

    /// Headers for our 2xx to the request that was asked.
    pub(super) fn answer_headers(&self) -> Vec<Header> {
        let who = match self.refresher {
            Refresher::Them => "uac",
            Refresher::Us => "uas",
        };
        let mut out = vec![header("Session-Expires", format!("{};refresher={who}", self.interval_s))];
        if self.refresher == Refresher::Them {
            out.push(header("Require", "timer"));
        }
        out
    }

    /// Headers for a refresh of ours.
    pub(super) fn refresh_headers(&self) -> Vec<Header> {
        vec![header("Session-Expires", format!("{};refresher=uac", self.interval_s))]
    }

    /// Our refresh was sent and will be tried again at the next half time if it fails.
    pub(super) fn due(&self, refresh_sent: bool) -> (Duration, Due) {
        let interval = Duration::from_secs(self.interval_s.into());
        match self.refresher {
            Refresher::Us if !refresh_sent => (self.since + interval / 2, Due::Refresh),
            Refresher::Us | Refresher::Them => {
                let grace = Duration::from_secs(32).min(interval / 3);
                (self.since + interval - grace, Due::Expired)
            }
        }
    }
}

fn seconds(value: &str) -> Option<u32> {
    value.split(';').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&str, &str)]) -> Headers {
        Headers(lines.iter().map(|(n, v)| header(n, *v)).collect())
    }

    /// The answer's Session-Expires, then what is due when.
    fn check(lines: &[(&str, &str)], answer: &str, due: (u64, Due)) {
        let timer = SessionTimer::asked(&headers(lines), Duration::ZERO).expect("big enough").expect("asked");
        assert_eq!(timer.answer_headers()[0].value(), answer);
        assert_eq!(timer.due(false), (Duration::from_secs(due.0), due.1));
    }

    #[test]
    fn the_interval_is_echoed_and_the_pbx_refreshes_when_it_can() {
        check(
            &[("Session-Expires", "1800"), ("Supported", "timer, replaces")],
            "1800;refresher=uac",
            (1768, Due::Expired),
        );
        check(
            &[("Session-Expires", "90;refresher=uac"), ("Supported", "timer")],
            "90;refresher=uac",
            (60, Due::Expired),
        );
        check(
            &[("Session-Expires", "180;refresher=uas"), ("Supported", "timer")],
            "180;refresher=uas",
            (90, Due::Refresh),
        );
        check(&[("Session-Expires", "180")], "180;refresher=uas", (90, Due::Refresh));
    }

    #[test]
    fn no_timer_is_made_when_none_was_asked() {
        let none = SessionTimer::asked(&headers(&[("Supported", "timer")]), Duration::ZERO).expect("fine");
        assert_eq!(none, None);
    }

    #[test]
    fn too_short_intervals_are_refused_with_the_minimum() {
        let lines = headers(&[("Session-Expires", "30"), ("Supported", "timer")]);
        let TooSmall(minimum) = SessionTimer::asked(&lines, Duration::ZERO).expect_err("too small");
        assert_eq!((minimum.name(), minimum.value()), ("Min-SE", "90"));
    }

    #[test]
    fn after_our_refresh_was_sent_only_the_end_is_left() {
        let timer =
            SessionTimer::granted(&headers(&[("Session-Expires", "200;refresher=uac")]), Duration::ZERO)
                .expect("granted");
        assert_eq!(timer.due(false), (Duration::from_secs(100), Due::Refresh));
        assert_eq!(timer.due(true), (Duration::from_secs(168), Due::Expired));
    }
}
