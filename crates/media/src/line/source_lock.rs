//! Who may speak into a call: one source, chosen in the first packets.
//!
//! RTP has no password, so a stranger who guesses the port could talk into the call. The lock takes the
//! address that the PBX signalled as soon as it sends; any other address only if it alone keeps sending
//! (a phone behind NAT), and nobody else afterwards until the call is re-planned.

use std::net::SocketAddr;

/// Packets in a row that make the current source final.
const CONFIRM: u32 = 3;
/// Packets in a row that let the same host take over on another port, or with a new SSRC.
const SAME_HOST_RUN: u32 = 3;
/// Packets in a row that let a host take over which nobody announced.
const STRANGER_RUN: u32 = 5;

/// What to do with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// From the source that we listen to.
    Current,
    /// First packet of a source that we listen to from now on: start its stream afresh.
    NewSource,
    /// Not ours, or not yet.
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Source {
    address: SocketAddr,
    ssrc: u32,
}

/// A source that sends although it is not the current one.
#[derive(Debug, Clone, Copy)]
struct Rival {
    source: Source,
    last_sequence: u16,
    run: u32,
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct SourceLock {
    signalled: SocketAddr,
    current: Option<Source>,
    confirmed: u32,
    rival: Option<Rival>,
}

impl SourceLock {
    pub(crate) fn new(signalled: SocketAddr) -> Self {
        Self { signalled, current: None, confirmed: 0, rival: None }
    }

    /// A re-INVITE: the present source goes on, but another may now take over.
    pub(crate) fn unlock(&mut self, signalled: SocketAddr) {
        self.signalled = signalled;
        self.confirmed = 0;
        self.rival = None;
    }

    /// Where packets really come from.
    pub(crate) fn learned(&self) -> Option<SocketAddr> {
        self.current.map(|c| c.address)
    }

    pub(crate) fn admit(&mut self, address: SocketAddr, ssrc: u32, sequence: u16) -> Admission {
        let source = Source { address, ssrc };
        if self.current == Some(source) {
            self.confirmed = self.confirmed.saturating_add(1);
            self.rival = None;
            return Admission::Current;
        }
        let Some(needed) = self.run_needed(source) else { return Admission::Refused };
        if self.rival_run(source, sequence) < needed {
            return Admission::Refused;
        }
        self.current = Some(source);
        self.confirmed = 1;
        self.rival = None;
        Admission::NewSource
    }

    /// How many packets in a row this source must send before it is believed; `None`: never.
    fn run_needed(&self, source: Source) -> Option<u32> {
        let announced = source.address == self.signalled;
        let Some(current) = self.current else {
            return Some(if announced { 1 } else { self.stranger_run(source) });
        };
        if source.address == current.address {
            return Some(SAME_HOST_RUN);
        }
        if announced {
            // The announced address wins over a stranger even after the stranger was locked.
            return Some(if self.confirmed >= CONFIRM { SAME_HOST_RUN } else { 1 });
        }
        (self.confirmed < CONFIRM).then(|| self.stranger_run(source))
    }

    fn stranger_run(&self, source: Source) -> u32 {
        if source.address.ip() == self.signalled.ip() { SAME_HOST_RUN } else { STRANGER_RUN }
    }

    /// Counts this packet for the rival; returns its run of consecutive packets.
    fn rival_run(&mut self, source: Source, sequence: u16) -> u32 {
        let run = match self.rival {
            Some(r) if r.source == source && (1..=3).contains(&sequence.wrapping_sub(r.last_sequence)) => {
                r.run + 1
            }
            Some(_) | None => 1,
        };
        self.rival = Some(Rival { source, last_sequence: sequence, run });
        run
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PBX: &str = "10.0.0.1:4000";

    #[test]
    fn the_announced_address_is_heard_from_its_first_packet() {
        check("pbx 1 1 new; pbx 1 2 ok; pbx 1 3 ok");
    }

    #[test]
    fn a_stranger_is_refused_once_the_announced_address_has_spoken() {
        check(
            "pbx 1 1 new; pbx 1 2 ok; pbx 1 3 ok; evil 9 1 no; evil 9 2 no; evil 9 3 no; evil 9 4 no; evil 9 5 no; evil 9 6 no",
        );
    }

    #[test]
    fn a_phone_behind_nat_is_heard_when_it_alone_keeps_sending() {
        check("nat 7 1 no; nat 7 2 no; nat 7 3 no; nat 7 4 no; nat 7 5 new; nat 7 6 ok");
    }

    #[test]
    fn another_port_of_the_announced_host_needs_three_packets() {
        check("port 7 1 no; port 7 2 no; port 7 3 new");
    }

    #[test]
    fn the_announced_address_takes_over_from_a_locked_stranger() {
        check(
            "nat 7 1 no; nat 7 2 no; nat 7 3 no; nat 7 4 no; nat 7 5 new; nat 7 6 ok; nat 7 7 ok
             pbx 1 1 no; pbx 1 2 no; pbx 1 3 new; nat 7 8 no",
        );
    }

    #[test]
    fn a_new_ssrc_of_the_same_sender_needs_three_packets_in_a_row() {
        check("pbx 1 1 new; pbx 1 2 ok; pbx 2 50 no; pbx 1 3 ok; pbx 2 51 no; pbx 2 52 no; pbx 2 53 new");
    }

    #[test]
    fn after_a_reinvite_another_source_may_take_over() {
        check(
            "pbx 1 1 new; pbx 1 2 ok; pbx 1 3 ok; pbx 1 4 ok; replan
             pbx 1 5 ok; nat 7 1 no; nat 7 2 no; nat 7 3 no; nat 7 4 no; nat 7 5 new; pbx 1 6 new",
        );
    }

    #[test]
    fn random_packets_of_a_stranger_never_make_a_run() {
        check("nat 7 10 no; nat 7 9 no; nat 7 500 no; nat 7 65000 no; nat 7 3 no; nat 7 2 no; nat 7 1 no");
    }

    /// A script: `who ssrc sequence verdict`, or `replan`.
    fn check(script: &str) {
        let mut lock = SourceLock::new(PBX.parse().unwrap());
        for line in script.split([';', '\n']).map(str::trim) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [who, ssrc, sequence, verdict] = words[..] else {
                lock.unlock(PBX.parse().unwrap());
                continue;
            };
            let address = match who {
                "pbx" => PBX,
                "port" => "10.0.0.1:4777",
                "nat" => "192.0.2.7:9000",
                _ => "198.51.100.66:666",
            };
            let admission =
                lock.admit(address.parse().unwrap(), ssrc.parse().unwrap(), sequence.parse().unwrap());
            let wanted = match verdict {
                "new" => Admission::NewSource,
                "ok" => Admission::Current,
                _ => Admission::Refused,
            };
            assert_eq!(admission, wanted, "{line}");
        }
    }
}
