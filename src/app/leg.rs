//! The on-call person's end of a call that the box makes: a live call with its sound, 20 ms at a time.

use std::{net::SocketAddr, time::Duration};

use media::{EarEvent, FRAME_SAMPLES, PlayoutEvent, ToneKind};
use tokio::{net::UdpSocket, time::Instant};

use super::sound::Sound;
use crate::phone::{CallEvent, CallName, LiveCall};

/// Packets that are read for one frame; a telephone sends one or two.
const PACKETS_A_FRAME_MAX: usize = 64;

/// An answered telephone of the roster. Dropping it hangs up.
pub(crate) struct Leg {
    pub(crate) live: LiveCall,
    pub(crate) sound: Sound,
    start: Instant,
}

/// What the other end did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LegEvent {
    /// A key, in whatever way it came.
    Key(char),
    /// This saying was heard to its end.
    Said(u32),
    /// The line is gone.
    Gone,
}

impl Leg {
    /// `random`: as for [`Sound::new`].
    pub(crate) fn new(live: LiveCall, random: [u8; 10]) -> Self {
        let sound = Sound::new(&live.media, random);
        Self { live, sound, start: Instant::now() }
    }

    /// Since the answer.
    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// How the telephone system knows this call.
    pub(crate) fn name(&self) -> Option<CallName> {
        self.live.name.clone()
    }

    /// The next thing that the line itself reports: a key as SIP INFO, or the end. Safe to drop.
    pub(crate) async fn event(&mut self) -> LegEvent {
        loop {
            match self.live.events.recv().await {
                Some(CallEvent::Acked) => {}
                Some(CallEvent::Media(plan)) => self.sound.replan(&plan, self.start.elapsed()),
                Some(CallEvent::Key(key)) => return LegEvent::Key(key),
                Some(CallEvent::Ended { .. }) | None => return LegEvent::Gone,
            }
        }
    }

    /// 20 ms of a page: sends what is queued in the playout, and finds keys.
    pub(crate) async fn page_frame(&mut self) -> Vec<LegEvent> {
        let mut events = self.take_packets();
        let now = self.now();
        let frame = self.sound.frame(now);
        send(&self.live.rtp, frame.packet).await;
        let in_sound = self.sound.keys_are_heard();
        events.extend(frame.heard.into_iter().filter_map(|heard| {
            let EarEvent::ToneStarted(ToneKind::Dtmf(key)) = heard else { return None };
            in_sound.then_some(LegEvent::Key(key))
        }));
        events.extend(frame.played.into_iter().filter_map(|played| match played {
            PlayoutEvent::Finished(id) => Some(LegEvent::Said(id)),
            PlayoutEvent::Started(_) => None,
        }));
        if self.sound.is_dead(now) {
            events.push(LegEvent::Gone);
        }
        events
    }

    /// 20 ms of what the person says, while two people talk; `None`: the line is dead.
    pub(crate) fn hear(&mut self) -> Option<[i16; FRAME_SAMPLES]> {
        self.take_packets();
        let now = self.now();
        let heard = self.sound.hear(now);
        (!self.sound.is_dead(now)).then_some(heard.wide)
    }

    /// 20 ms for the person to hear.
    pub(crate) async fn speak(&mut self, wide: &[i16; FRAME_SAMPLES]) {
        let (packet, _) = self.sound.speak(wide);
        send(&self.live.rtp, packet).await;
    }

    fn take_packets(&mut self) -> Vec<LegEvent> {
        let (mut keys, mut packet) = (Vec::new(), [0u8; 2048]);
        for _ in 0..PACKETS_A_FRAME_MAX {
            let Ok((length, from)) = self.live.rtp.try_recv_from(&mut packet) else { break };
            let now = self.start.elapsed();
            keys.extend(self.sound.inbound.packet(from, &packet[..length], now).map(LegEvent::Key));
        }
        keys
    }
}

async fn send(rtp: &UdpSocket, packet: Option<(Vec<u8>, SocketAddr)>) {
    if let Some((packet, remote)) = packet {
        // a packet that cannot be sent is a lost packet
        rtp.send_to(&packet, remote).await.ok();
    }
}
