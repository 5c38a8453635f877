//! Telephone keys in RTP (RFC 4733): each press once, whatever packets are lost.

use std::time::Duration;

/// Key packets per second of the RTP clock that we read and write.
const TICKS_PER_MS: u32 = 8;
/// A packet this long after the last of its kind belongs to a new press, in any case.
const STALE: Duration = Duration::from_millis(400);
/// Ticks by which a careless sender's timestamps may creep within one press.
const CREEP_TICKS: u32 = 30 * TICKS_PER_MS;

const KEYS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

/// The event number of a key.
pub(crate) fn event_of(key: char) -> Option<u8> {
    let key = key.to_ascii_uppercase();
    KEYS.iter().position(|&k| k == key).map(|event| event as u8)
}

/// The press that is going on, or the last one.
#[derive(Debug, Clone, Copy)]
struct Press {
    event: u8,
    timestamp: u32,
    /// Longest duration seen, in ticks.
    duration: u32,
    ended: bool,
    last_seen: Duration,
}

/// Reads key packets.
#[derive(Debug, Default)]
pub(crate) struct KeyReader {
    press: Option<Press>,
}

impl KeyReader {
    /// A new stream begins: its timestamps say nothing about the old one's.
    pub(crate) fn restart(&mut self) {
        self.press = None;
    }

    /// Takes one packet; the key, the first time that a packet of its press is seen.
    pub(crate) fn packet(
        &mut self,
        payload: &[u8],
        timestamp: u32,
        marker: bool,
        now: Duration,
    ) -> Option<char> {
        let &[event, flags, high, low, ..] = payload else { return None };
        let key = *KEYS.get(usize::from(event))?;
        let ended = flags & 0x80 != 0;
        let duration = u32::from(u16::from_be_bytes([high, low]));
        if let Some(press) = self.press.as_mut() {
            let advance = timestamp.wrapping_sub(press.timestamp);
            let stale = now.saturating_sub(press.last_seen) > STALE;
            if !stale && advance > u32::MAX / 2 {
                return None; // a latecomer of an earlier press
            }
            let same = if advance == 0 { !stale } else { !stale && continues(press, event, advance, marker) };
            if same {
                press.duration = press.duration.max(duration + advance);
                press.ended |= ended;
                press.last_seen = now;
                return None;
            }
        }
        self.press = Some(Press { event, timestamp, duration, ended, last_seen: now });
        Some(key)
    }
}

/// Whether a packet with a later timestamp still belongs to the press: a press of more than eight
/// seconds goes on under a new timestamp (RFC 4733 2.5.1.3), and some senders let it creep.
fn continues(press: &Press, event: u8, advance: u32, marker: bool) -> bool {
    event == press.event && !press.ended && !marker && advance <= press.duration + CREEP_TICKS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_is_one_key_however_many_packets_tell_of_it() {
        check("0 5 1000 m; 20 5 1000; 40 5 1000; 60 5 1000 e; 60 5 1000 e; 60 5 1000 e", "5");
    }

    #[test]
    fn lost_end_packets_do_not_swallow_the_next_press_of_the_same_key() {
        check("0 7 1000 m; 20 7 1000; 200 7 2600 m; 220 7 2600", "77");
        check("0 7 1000; 20 7 1000; 200 7 2600; 220 7 2600", "77");
    }

    #[test]
    fn a_lost_start_is_made_up_by_any_later_packet() {
        check("60 3 1000 e", "3");
    }

    #[test]
    fn different_keys_follow_each_other() {
        check("0 1 1000 m; 40 1 1000 e; 120 10 2000 m; 160 10 2000 e; 240 11 3000 m", "1*#");
    }

    #[test]
    fn a_late_packet_of_an_earlier_press_is_no_press() {
        check("0 1 1000 m; 120 2 2000 m; 130 1 1000 e; 140 2 2000 e", "12");
    }

    #[test]
    fn timestamps_that_creep_within_a_press_do_not_repeat_it() {
        check("0 4 1000 m; 20 4 1160; 40 4 1320; 60 4 1480 e; 200 4 2600 m", "44");
    }

    #[test]
    fn flash_and_unknown_events_are_not_keys() {
        check("0 16 1000 m; 20 99 2000 m", "");
        assert_eq!(KeyReader::default().packet(&[1, 2, 3], 0, true, Duration::ZERO), None);
    }

    /// A script of `at_ms event timestamp flags`; the packet's duration follows from the time.
    fn check(script: &str, keys: &str) {
        let mut reader = KeyReader::default();
        let mut heard = String::new();
        let mut start = (0, 0);
        for line in script.split(';') {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (at_ms, event): (u32, u8) = (words[0].parse().unwrap(), words[1].parse().unwrap());
            let timestamp: u32 = words[2].parse().unwrap();
            if start.1 != timestamp {
                start = (at_ms, timestamp);
            }
            let duration = (((at_ms - start.0) * TICKS_PER_MS) as u16).to_be_bytes();
            let end = if words.contains(&"e") { 0x80 } else { 0 };
            let payload = [event, end | 10, duration[0], duration[1]];
            let marker = words.contains(&"m");
            heard.extend(reader.packet(&payload, timestamp, marker, Duration::from_millis(at_ms.into())));
        }
        assert_eq!(heard, keys, "{script}");
    }
}
