use proptest::prelude::*;
use rtp_rs::{RtpPacketBuilder, Seq};

use super::*;
use crate::testing::{Noise, sine, snr_db};
use crate::{FRAME, Outbound};

const PBX: &str = "10.0.0.1:4000";

#[test]
fn sound_over_a_perfect_line_comes_out_as_it_went_in() {
    for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722] {
        let line = Line::new(codec).run(200, |_| Fate::on_time());
        assert_eq!(line.inbound.stats().lost, 0);
        assert!(line.kinds[5..].iter().all(|&k| k == FrameKind::Heard), "{codec:?}");
        assert!(line.best_snr_db() > 20.0, "{codec:?}: {}", line.best_snr_db());
    }
}

#[test]
fn the_buffer_adds_no_more_than_forty_milliseconds_on_a_calm_line() {
    let line = Line::new(Codec::Pcmu).run(100, |_| Fate::on_time());
    let silent = line.kinds.iter().take_while(|&&k| k == FrameKind::Silence).count();
    assert!(silent <= 2, "{silent} frames before the first sound");
}

#[test]
fn reordered_and_doubled_packets_are_put_right() {
    let line = Line::new(Codec::Pcmu).run(200, |i| Fate {
        delay_ms: if i % 7 == 0 { 25 } else { 0 },
        copies: if i % 5 == 0 { 2 } else { 1 },
    });
    let stats = line.inbound.stats();
    assert!(stats.reordered > 20 && stats.duplicates + stats.late >= 39, "{stats:?}");
    assert_eq!(line.count(FrameKind::Concealed), 0);
    assert!(line.best_snr_db() > 25.0);
}

#[test]
fn a_lost_packet_is_concealed_once_and_counted() {
    let line = Line::new(Codec::Pcmu).run(200, |i| if i % 20 == 10 { Fate::lost() } else { Fate::on_time() });
    assert_eq!(line.inbound.stats().lost, 10);
    assert_eq!(line.count(FrameKind::Concealed), 10);
}

#[test]
fn a_long_loss_fades_to_silence_and_the_sound_comes_back() {
    let line = Line::new(Codec::Pcmu)
        .run(200, |i| if (50..100).contains(&i) { Fate::lost() } else { Fate::on_time() });
    assert!(line.count(FrameKind::Silence) >= 40);
    assert!(line.kinds[110..].iter().all(|&k| k == FrameKind::Heard));
}

#[test]
fn jitter_up_to_eighty_milliseconds_is_ridden_out() {
    let mut noise = Noise::new(3);
    let line = Line::new(Codec::Pcmu).run(1000, |_| Fate {
        delay_ms: if noise.below(10) == 0 { noise.below(80) } else { noise.below(15) },
        copies: 1,
    });
    let disturbed = line.kinds[200..].iter().filter(|&&k| k != FrameKind::Heard).count();
    assert!(
        disturbed < 12,
        "{disturbed} of 800 frames disturbed, target {} ms, {:?}",
        line.inbound.jitter.target_ms(),
        line.inbound.stats()
    );
}

#[test]
fn a_sender_whose_clock_runs_fast_or_slow_is_followed() {
    for (name, ppm) in [("fast", 1000i64), ("slow", -1000)] {
        let mut line = Line::new(Codec::Pcmu);
        // 1000 ppm over 100 s drift by 100 ms: far more than a real clock does in a call.
        line.quiet_sound();
        line.sender_ppm = ppm;
        let line = line.run(5000, |_| Fate::on_time());
        let disturbed = line.kinds[10..4990].iter().filter(|&&k| k != FrameKind::Heard).count();
        assert!(disturbed <= 10, "{name}: {disturbed} frames disturbed");
        assert!(line.inbound.stats().late <= 5, "{name}: {:?}", line.inbound.stats());
    }
}

#[test]
fn packets_of_any_length_fill_frames_of_twenty_milliseconds() {
    for packet_ms in [10, 20, 30, 40, 60] {
        let mut line = Line::new(Codec::Pcma);
        line.packet_ms = packet_ms;
        let line = line.run(6000 / packet_ms as usize, |_| Fate::on_time());
        assert!(line.kinds[10..280].iter().all(|&k| k == FrameKind::Heard), "{packet_ms} ms packets");
        assert!(line.best_snr_db() > 30.0, "{packet_ms} ms packets: {}", line.best_snr_db());
    }
}

#[test]
fn a_pause_of_the_sender_is_silence_not_loss() {
    let mut inbound = Inbound::new(plan(Codec::Pcmu));
    let mut kinds = Vec::new();
    for tick in 0..300u32 {
        let now = FRAME * tick;
        // Silent for two seconds, then on with the timestamp that the wall clock asks for.
        if !(100..200).contains(&tick) {
            let sequence = if tick < 100 { tick } else { tick - 100 } as u16;
            inbound.packet(pbx(), &packet(0, sequence, tick * 160, 7, &[0x55; 160]), now);
        }
        kinds.push(inbound.frame(now).kind);
    }
    assert_eq!(inbound.stats().lost, 0);
    assert!(kinds[110..200].iter().all(|&k| k == FrameKind::Silence));
    assert!(kinds[203..].iter().all(|&k| k == FrameKind::Heard));
}

#[test]
fn a_new_stream_of_the_same_sender_is_taken_up() {
    let mut inbound = Inbound::new(plan(Codec::Pcmu));
    let mut last = FrameKind::Silence;
    for tick in 0..200u32 {
        let (ssrc, sequence, timestamp) =
            if tick < 100 { (7, 65_500 + tick, tick * 160) } else { (8, tick, 4_000_000_000 + tick * 160) };
        let bytes = packet(0, sequence as u16, timestamp, ssrc, &[0x55; 160]);
        inbound.packet(pbx(), &bytes, FRAME * tick);
        last = inbound.frame(FRAME * tick).kind;
    }
    assert_eq!(last, FrameKind::Heard);
    assert_eq!(inbound.stats().lost, 0);
}

#[test]
fn a_timestamp_that_jumps_is_followed_after_three_packets() {
    let mut inbound = Inbound::new(plan(Codec::Pcmu));
    let mut kinds = Vec::new();
    for tick in 0..100u32 {
        let timestamp = if tick < 50 { tick * 160 } else { 900_000 + tick * 160 };
        inbound.packet(pbx(), &packet(0, tick as u16, timestamp, 7, &[0x55; 160]), FRAME * tick);
        kinds.push(inbound.frame(FRAME * tick).kind);
    }
    assert!(kinds[56..].iter().all(|&k| k == FrameKind::Heard), "{kinds:?}");
}

#[test]
fn strangers_are_counted_and_not_heard() {
    let mut inbound = Inbound::new(plan(Codec::Pcmu));
    let stranger = "198.51.100.66:666".parse().unwrap();
    for tick in 0..50u32 {
        let now = FRAME * tick;
        inbound.packet(pbx(), &packet(0, tick as u16, tick * 160, 7, &[0xff; 160]), now);
        inbound.packet(stranger, &packet(0, tick as u16, tick * 160, 9, &[0x10; 160]), now);
        assert!(inbound.frame(now).samples.iter().all(|&s| s == 0));
    }
    assert_eq!(inbound.stats().refused_source, 50);
    assert_eq!(inbound.learned_remote(), Some(pbx()));
}

#[test]
fn keys_sent_by_us_are_read_by_us_once_each() {
    let mut outbound = Outbound::new(Codec::Pcmu, 0, 7, 65_530, u32::MAX - 3000);
    let mut inbound = Inbound::new(plan(Codec::Pcmu));
    let mut noise = Noise::new(11);
    let mut heard = String::new();
    let mut now = Duration::ZERO;
    for key in "18005550199*#".chars() {
        let mut packets: Vec<Vec<u8>> =
            (0..4).map(|_| outbound.packet(&[0; crate::FRAME_SAMPLES]).0).collect();
        packets.extend(outbound.key(key));
        for bytes in packets {
            // A third of everything is lost; of seven packets of a key some arrive.
            if noise.below(3) > 0 {
                heard.extend(inbound.packet(pbx(), &bytes, now));
            }
            inbound.frame(now);
            now += FRAME;
        }
    }
    assert_eq!(heard, "18005550199*#");
}

#[test]
fn a_reinvite_may_change_codec_and_source() {
    let mut inbound = Inbound::new(plan(Codec::Pcmu));
    for tick in 0..50u32 {
        inbound.packet(pbx(), &packet(0, tick as u16, tick * 160, 7, &[0x55; 160]), FRAME * tick);
        inbound.frame(FRAME * tick);
    }
    let other: SocketAddr = "10.0.0.9:5000".parse().unwrap();
    inbound.replan(InboundPlan { remote: other, ..plan(Codec::G722) });
    let mut last = inbound.frame(FRAME * 50);
    assert_eq!(last.samples.len(), 320);
    for tick in 51..100u32 {
        inbound.packet(other, &packet(9, tick as u16, tick * 160, 8, &[0x55; 160]), FRAME * tick);
        last = inbound.frame(FRAME * tick);
    }
    assert_eq!((last.kind, inbound.learned_remote()), (FrameKind::Heard, Some(other)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever arrives whenever: a frame of the right length per tick, and nothing piles up.
    #[test]
    fn any_bytes_in_any_order_give_one_frame_per_tick(
        steps in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 0..64), any::<u16>(), any::<u32>(), 0u32..3, 0usize..400, 0u8..8, 0u64..60),
            0..300,
        ),
        codec in prop::sample::select(vec![Codec::Pcmu, Codec::Pcma, Codec::G722]),
    ) {
        let mut inbound = Inbound::new(plan(codec));
        let mut now = Duration::ZERO;
        for (junk, sequence, timestamp, ssrc, length, what, wait_ms) in steps {
            let near = timestamp % 4000;
            let bytes = match what {
                0 => junk,
                1 => packet(101, sequence % 50, near, ssrc, &junk),
                2 => packet(codec.payload_type(), sequence, timestamp, ssrc, &vec![0x55; length]),
                3..=6 => packet(codec.payload_type(), sequence % 50, near, 1, &vec![0x55; length]),
                _ => { inbound.replan(plan(codec)); Vec::new() }
            };
            inbound.packet(pbx(), &bytes, now);
            now += Duration::from_millis(wait_ms);
            prop_assert_eq!(inbound.frame(now).samples.len(), codec.frame_samples());
            prop_assert!(inbound.decoded.len() <= PAYLOAD_BYTES_MAX * 3);
        }
    }
}

/// What happens to one packet on its way.
struct Fate {
    delay_ms: u64,
    copies: usize,
}

impl Fate {
    fn on_time() -> Self {
        Self { delay_ms: 0, copies: 1 }
    }

    fn lost() -> Self {
        Self { delay_ms: 0, copies: 0 }
    }
}

/// A sender, a wire with faults, and our side, on one hand-moved clock.
struct Line {
    inbound: Inbound,
    codec: Codec,
    packet_ms: u32,
    sender_ppm: i64,
    sound: Vec<i16>,
    heard: Vec<i16>,
    kinds: Vec<FrameKind>,
}

impl Line {
    fn new(codec: Codec) -> Self {
        let rate = codec.sample_rate();
        // A slow sweep: no two places sound alike, so an alignment is unique.
        let sound = (0..rate as usize * 6)
            .map(|i| {
                let t = i as f64 / f64::from(rate);
                (8000.0 * (std::f64::consts::TAU * (200.0 * t + 40.0 * t * t)).sin()) as i16
            })
            .collect();
        Self {
            inbound: Inbound::new(plan(codec)),
            codec,
            packet_ms: 20,
            sender_ppm: 0,
            sound,
            heard: Vec::new(),
            kinds: Vec::new(),
        }
    }

    fn quiet_sound(&mut self) {
        self.sound = sine(300.0, -60.0, 6000, self.codec.sample_rate());
    }

    fn run(mut self, packets: usize, mut fate: impl FnMut(usize) -> Fate) -> Self {
        let mut encoder = crate::codec::Encoder::new(self.codec);
        let per_packet = (self.packet_ms * self.codec.sample_rate() / 1000) as usize;
        let mut arrivals: Vec<(u64, Vec<u8>)> = Vec::new();
        for i in 0..packets {
            let start = (i * per_packet) % (self.sound.len() - per_packet + 1);
            let payload = encoder.encode(&self.sound[start..start + per_packet]);
            let ticks = i as u32 * self.packet_ms * 8;
            let bytes = packet(
                self.codec.payload_type(),
                65_000u16.wrapping_add(i as u16),
                0xffff_f000u32.wrapping_add(ticks),
                7,
                &payload,
            );
            // A packet leaves when its last sample is recorded; a fast clock sends early.
            let sent_us = (i as i64 + 1) * i64::from(self.packet_ms) * 1000;
            let sent_ms = (sent_us - sent_us * self.sender_ppm / 1_000_000) as u64 / 1000;
            let fate = fate(i);
            for _ in 0..fate.copies {
                arrivals.push((sent_ms + fate.delay_ms, bytes.clone()));
            }
        }
        arrivals.sort_by_key(|a| a.0);
        let mut arrivals = arrivals.into_iter().peekable();
        let ticks = packets as u64 * u64::from(self.packet_ms) / 20;
        for tick in 1..=ticks {
            let now_ms = tick * 20 + 5;
            while let Some((at, bytes)) = arrivals.next_if(|a| a.0 <= now_ms) {
                self.inbound.packet(pbx(), &bytes, Duration::from_millis(at));
            }
            let frame = self.inbound.frame(Duration::from_millis(now_ms));
            self.heard.extend(&frame.samples);
            self.kinds.push(frame.kind);
        }
        self
    }

    fn count(&self, kind: FrameKind) -> usize {
        self.kinds.iter().skip_while(|&&k| k == FrameKind::Silence).filter(|&&k| k == kind).count()
    }

    /// How well a stretch of what was heard fits what was sent, at the best alignment.
    fn best_snr_db(&self) -> f32 {
        let length = self.codec.sample_rate() as usize;
        let sent = &self.sound[length..2 * length];
        let most = self.codec.sample_rate() as usize / 5;
        (0..most)
            .map(|lag| snr_db(sent, &self.heard[length + lag..2 * length + lag]))
            .fold(f32::MIN, f32::max)
    }
}

fn pbx() -> SocketAddr {
    PBX.parse().unwrap()
}

fn plan(codec: Codec) -> InboundPlan {
    InboundPlan { codec, payload_type: codec.payload_type(), key_payload_type: Some(101), remote: pbx() }
}

fn packet(payload_type: u8, sequence: u16, timestamp: u32, ssrc: u32, payload: &[u8]) -> Vec<u8> {
    RtpPacketBuilder::new()
        .payload_type(payload_type)
        .sequence(Seq::from(sequence))
        .timestamp(timestamp)
        .ssrc(ssrc)
        .payload(payload)
        .build()
        .unwrap()
}
