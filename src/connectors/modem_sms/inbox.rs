//! What has come by the modem and is not told yet: parts of long messages, reports. Pure.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::{
    at, failed_words,
    pdu::{Deliver, Fate, Pdu, Report},
    readable,
};
use crate::connectors::{FarEvent, Watch};

/// Reports that are kept until their message is known to the store; the oldest go.
const REPORTS_MAX: usize = 64;
/// Messages whose parts are counted.
const COUNTED_MAX: usize = 200;
/// Parts that are missing after so long do not come any more: what is there is told.
const PARTS_WITHIN: SignedDuration = SignedDuration::from_mins(10);

#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// What lay on the card at the last look: place, and what it is (`None`: not readable).
    card: BTreeMap<u32, (String, Option<Deliver>)>,
    /// Places whose message has been told; they are emptied at the next look.
    told: BTreeSet<u32>,
    /// When a part was first seen.
    waiting: BTreeMap<String, Timestamp>,
    reports: VecDeque<Report>,
    /// Parts that have arrived, by message.
    arrived: VecDeque<(String, BTreeSet<u8>)>,
}

impl Inbox {
    /// Places to empty before the card is read again.
    pub(super) fn told_places(&self) -> Vec<u32> {
        self.told.iter().copied().collect()
    }

    /// A place is free: what lies there from now on is new.
    pub(super) fn emptied(&mut self, place: u32) {
        self.told.remove(&place);
        self.card.remove(&place);
    }

    /// The answer to `AT+CMGL=4`: pairs of a head and a PDU; what is not a pair is left alone.
    pub(super) fn take_list(&mut self, lines: &[String]) {
        self.card.clear();
        self.told.clear();
        let mut rest = lines.iter().peekable();
        while let Some(head) = rest.next() {
            let Some(hex) = rest.next_if(|next| !next.starts_with("+CMGL:")) else { continue };
            let fields = at::fields(head);
            let number = |place: usize| fields.get(place).and_then(|f| f.parse::<u32>().ok());
            // 0 and 1 have come in; 2 and 3 are the owner's own drafts
            let (Some(place), Some(0 | 1)) = (number(0), number(1)) else { continue };
            match readable(hex) {
                Some(Pdu::Deliver(message)) => {
                    self.card.insert(place, (name_of(hex), Some(message)));
                }
                Some(Pdu::Report(report)) => {
                    self.keep(report);
                    self.told.insert(place);
                }
                None => {
                    self.told.insert(place);
                }
            }
        }
    }

    /// A report that came unasked.
    pub(super) fn take_report(&mut self, hex: &str) {
        if let Some(Pdu::Report(report)) = readable(hex) {
            self.keep(report);
        }
    }

    fn keep(&mut self, report: Report) {
        if self.reports.len() == REPORTS_MAX {
            self.reports.pop_front();
        }
        self.reports.push_back(report);
    }

    /// What can be told now.
    pub(super) fn events(&mut self, watch: &Watch<'_>) -> Vec<FarEvent> {
        let mut events = self.replies(watch);
        events.extend(self.fates(watch.open));
        events
    }

    fn replies(&mut self, watch: &Watch<'_>) -> Vec<FarEvent> {
        let mut events = Vec::new();
        let mut tell = |deliver: &Deliver, body: String, far_id: String| {
            let at = deliver.at.unwrap_or(watch.now);
            if at >= watch.since {
                events.push(FarEvent::Reply { from: deliver.from.clone(), body, far_id, at });
            }
        };
        let mut long: BTreeMap<(String, u16, u8), Vec<u32>> = BTreeMap::new();
        for (place, (name, deliver)) in &self.card {
            let Some(deliver) = deliver else { continue };
            match deliver.part {
                Some(part) if part.of > 1 => {
                    long.entry((deliver.from.clone(), part.reference, part.of)).or_default().push(*place);
                }
                _ => {
                    tell(deliver, deliver.text.clone(), name.clone());
                    self.told.insert(*place);
                }
            }
        }
        let mut still_waiting = BTreeMap::new();
        for ((from, reference, of), places) in long {
            let key = format!("{from}/{reference}/{of}");
            let since = self.waiting.get(&key).copied().unwrap_or(watch.now);
            let part = |number: u8| {
                places.iter().filter_map(|place| self.card.get(place)).find(|(_, deliver)| {
                    deliver.as_ref().and_then(|d| d.part).is_some_and(|p| p.number == number)
                })
            };
            let parts: Vec<_> = (1..=of).map(part).collect();
            let complete = parts.iter().all(Option::is_some);
            if !complete && watch.now.duration_since(since).abs() < PARTS_WITHIN {
                still_waiting.insert(key, since);
                continue;
            }
            let text = |part: &Option<&(String, Option<Deliver>)>| {
                part.and_then(|(_, d)| d.as_ref()).map_or("…".to_owned(), |d| d.text.clone())
            };
            let body: String = parts.iter().map(text).collect();
            if let Some((name, Some(first))) = parts.iter().flatten().next() {
                tell(first, body, name.clone());
            }
            self.told.extend(places);
        }
        self.waiting = still_waiting;
        events
    }

    /// Reports whose message the store knows; the others wait.
    fn fates(&mut self, open: &[String]) -> Vec<FarEvent> {
        let mut events = Vec::new();
        for report in std::mem::take(&mut self.reports) {
            let numbers = |far_id: &str| -> Option<(i64, Vec<u8>)> {
                let (ms, parts) = far_id.split_once(':')?;
                Some((ms.parse().ok()?, parts.split('.').filter_map(|n| n.parse().ok()).collect()))
            };
            // the numbers come round after 256 messages: the latest one is meant
            let meant = open
                .iter()
                .filter_map(|far_id| numbers(far_id).map(|(ms, parts)| (ms, parts, far_id)))
                .filter(|(_, parts, _)| parts.contains(&report.reference))
                .max_by_key(|(ms, _, _)| *ms);
            let Some((_, parts, far_id)) = meant else {
                self.reports.push_back(report);
                continue;
            };
            match report.fate {
                Fate::Open => {}
                Fate::Failed(_) => {
                    if let Some((why, reason)) = failed_words(report.fate) {
                        events.push(FarEvent::Undelivered { far_id: far_id.clone(), why, reason });
                    }
                }
                Fate::Delivered => {
                    if self.count(far_id, report.reference) >= parts.len() {
                        events.push(FarEvent::Delivered { far_id: far_id.clone() });
                    }
                }
            }
        }
        events
    }

    /// How many parts of a message have arrived, with this one.
    fn count(&mut self, far_id: &str, part: u8) -> usize {
        let place = match self.arrived.iter().position(|(known, _)| known == far_id) {
            Some(place) => place,
            None => {
                if self.arrived.len() == COUNTED_MAX {
                    self.arrived.pop_front();
                }
                self.arrived.push_back((far_id.to_owned(), BTreeSet::new()));
                self.arrived.len() - 1
            }
        };
        self.arrived.get_mut(place).map_or(0, |(_, parts)| {
            parts.insert(part);
            parts.len()
        })
    }
}

/// The same message has the same name at every look.
fn name_of(hex: &str) -> String {
    let digest = Sha256::digest(hex.as_bytes());
    digest.iter().take(12).fold(String::from("modem-"), |name, byte| name + &format!("{byte:02x}"))
}
