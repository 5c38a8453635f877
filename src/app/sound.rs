//! Both directions of one call's sound, 20 ms at a time.

use std::{net::SocketAddr, time::Duration};

use media::{
    Ear, EarConfig, EarEvent, FRAME_SAMPLES, Inbound, InboundPlan, Outbound, Playout, PlayoutEvent,
    Resampler8to16,
};

use crate::phone::MediaPlan;

/// No packet for this long, hold excepted, means that the line is dead.
const RTP_SILENCE_MAX: Duration = Duration::from_secs(30);

/// Silence that ends any turn: longer than the longest endpoint.
const LAST_TURN_FRAMES: u32 = 100;

/// A call's sound: what the caller says goes through the ear, what we say comes from the playout.
pub(crate) struct Sound {
    pub(crate) inbound: Inbound,
    pub(crate) playout: Playout,
    pub(crate) ear: Ear,
    outbound: Outbound,
    upsample: Resampler8to16,
    plan: MediaPlan,
    /// When the caller's sound was last due to flow: the start, or the last change of the plan.
    flowing_since: Duration,
}

/// What 20 ms brought.
pub(crate) struct SoundFrame {
    /// To be sent, unless the caller put us on hold.
    pub(crate) packet: Option<(Vec<u8>, SocketAddr)>,
    /// Both sides at the line's own rate, for the recording.
    pub(crate) caller: Vec<i16>,
    pub(crate) agent: Vec<i16>,
    pub(crate) heard: Vec<EarEvent>,
    pub(crate) played: Vec<PlayoutEvent>,
    /// More of a sentence was announced and was not there in time.
    pub(crate) starved: bool,
}

/// 20 ms of the other side.
pub(crate) struct HeardSound {
    /// At the line's own rate, for the recording.
    pub(crate) line: Vec<i16>,
    /// At 16 kHz.
    pub(crate) wide: [i16; FRAME_SAMPLES],
}

impl Sound {
    /// `ssrc` and first numbers should be random (RFC 3550 section 5.1).
    pub(crate) fn new(plan: &MediaPlan, random: [u8; 10]) -> Self {
        let ssrc = u32::from_be_bytes([random[0], random[1], random[2], random[3]]);
        let first_seq = u16::from_be_bytes([random[4], random[5]]);
        let first_timestamp = u32::from_be_bytes([random[6], random[7], random[8], random[9]]);
        Self {
            inbound: Inbound::new(inbound_plan(plan)),
            playout: Playout::new(),
            ear: Ear::new(EarConfig::default()),
            outbound: Outbound::new(plan.codec, plan.payload_type, ssrc, first_seq, first_timestamp),
            upsample: Resampler8to16::new(),
            plan: plan.clone(),
            flowing_since: Duration::ZERO,
        }
    }

    /// Samples per second of the recording.
    pub(crate) fn rate_hz(&self) -> u32 {
        self.plan.codec.sample_rate()
    }

    /// True when keys can only come as tones in the sound.
    pub(crate) fn keys_are_heard(&self) -> bool {
        self.plan.key_payload_type.is_none()
    }

    /// Hold, resume, another address or codec.
    pub(crate) fn replan(&mut self, plan: &MediaPlan, now: Duration) {
        self.inbound.replan(inbound_plan(plan));
        self.outbound.replan(plan.codec, plan.payload_type);
        self.plan = plan.clone();
        self.flowing_since = now;
    }

    /// Hears and speaks for 20 ms.
    pub(crate) fn frame(&mut self, now: Duration) -> SoundFrame {
        let HeardSound { line: caller, wide } = self.hear(now);
        let out = self.playout.frame();
        let heard = self.ear.frame(&wide, &out.samples, now);
        let (packet, agent) = self.speak(&out.samples);
        SoundFrame { packet, caller, agent, heard, played: out.event, starved: out.starved }
    }

    /// 20 ms of the other side, for nobody's ear: two people talk.
    pub(crate) fn hear(&mut self, now: Duration) -> HeardSound {
        let line = self.inbound.frame(now).samples;
        let mut wide = [0; FRAME_SAMPLES];
        match line.len() {
            FRAME_SAMPLES => wide.copy_from_slice(&line),
            _ => wide.iter_mut().zip(self.upsample.process(&line)).for_each(|(to, from)| *to = from),
        }
        HeardSound { line, wide }
    }

    /// 20 ms for the other side: the packet, unless it has put us on hold, and what it hears at the line's own rate.
    pub(crate) fn speak(&mut self, wide: &[i16; FRAME_SAMPLES]) -> (Option<(Vec<u8>, SocketAddr)>, Vec<i16>) {
        let remote = self.inbound.learned_remote().unwrap_or(self.plan.remote);
        if self.plan.send {
            let (packet, said) = self.outbound.packet(wide);
            (Some((packet, remote)), said)
        } else {
            self.outbound.skip_frame();
            (None, vec![0; self.plan.codec.frame_samples()])
        }
    }

    /// The line is gone: silence lets the ear finish the turn that was being spoken.
    pub(crate) fn rest_of_turn(&mut self, now: Duration) -> Vec<EarEvent> {
        let silence = [0i16; FRAME_SAMPLES];
        let frames =
            (0..LAST_TURN_FRAMES).flat_map(|i| self.ear.frame(&silence, &silence, now + media::FRAME * i));
        frames.collect()
    }

    /// True when the caller's sound has stopped without a word from the PBX.
    pub(crate) fn is_dead(&self, now: Duration) -> bool {
        let last = self.inbound.last_packet_at().unwrap_or_default().max(self.flowing_since);
        self.plan.receive && now.saturating_sub(last) > RTP_SILENCE_MAX
    }
}

fn inbound_plan(plan: &MediaPlan) -> InboundPlan {
    InboundPlan {
        codec: plan.codec,
        payload_type: plan.payload_type,
        key_payload_type: plan.key_payload_type,
        remote: plan.remote,
    }
}
