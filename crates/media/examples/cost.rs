//! What one call costs: sixteen calls' sound is pushed through everything, and the time is printed.
//!
//! `cargo run -p media --example cost --release`

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use media::{Codec, Ear, EarConfig, FRAME, FRAME_SAMPLES, Inbound, InboundPlan, Outbound, Resampler8to16};

const CALLS: u32 = 16;
const SECONDS: u32 = 20;

#[expect(clippy::print_stdout, reason = "an example reports on the terminal")]
fn main() -> ExitCode {
    let talk = babble(SECONDS);
    let ear_quiet = per_call_second(|call| listen(&talk, &[], call));
    let ear_over_us = per_call_second(|call| listen(&talk, &talk[4_000..], call));
    println!("ear, caller talks:           {ear_quiet:.3} ms per call and second");
    println!("ear, both talk (worst case): {ear_over_us:.3} ms per call and second");
    for codec in [Codec::Pcmu, Codec::G722] {
        let line = per_call_second(|_| carry(codec, &talk));
        println!("line, {}, both directions: {line:.3} ms per call and second", codec.sdp_name());
    }
    println!("sixteen calls, talking: {:.1} % of one core", 16.0 * ear_quiet / 10.0);
    ExitCode::SUCCESS
}

/// Milliseconds of computing per second of one call.
#[expect(clippy::disallowed_methods, reason = "measuring is what this example is for")]
fn per_call_second(mut one_call: impl FnMut(u32)) -> f64 {
    let start = Instant::now();
    (0..CALLS).for_each(&mut one_call);
    start.elapsed().as_secs_f64() * 1000.0 / f64::from(CALLS * SECONDS)
}

fn listen(caller: &[i16], sent: &[i16], call: u32) {
    let mut ear = Ear::new(EarConfig::default());
    let mut now = FRAME * call;
    for (i, frame) in caller.chunks(FRAME_SAMPLES).enumerate() {
        let at = (i * FRAME_SAMPLES).min(sent.len());
        let ours = &sent[at..(at + FRAME_SAMPLES).min(sent.len())];
        std::hint::black_box(ear.frame(frame, ours, now));
        now += FRAME;
    }
}

fn carry(codec: Codec, sound: &[i16]) {
    let remote = SocketAddr::from(([127, 0, 0, 1], 4000));
    let plan = InboundPlan { codec, payload_type: codec.payload_type(), key_payload_type: None, remote };
    let mut outbound = Outbound::new(codec, codec.payload_type(), 1, 0, 0);
    let mut inbound = Inbound::new(plan);
    let mut up = Resampler8to16::new();
    let mut now = Duration::ZERO;
    for frame in sound.as_chunks::<FRAME_SAMPLES>().0 {
        let (packet, _) = outbound.packet(frame);
        inbound.packet(remote, &packet, now);
        let heard = inbound.frame(now);
        std::hint::black_box(if codec == Codec::G722 { heard.samples } else { up.process(&heard.samples) });
        now += FRAME;
    }
}

/// Something like speech: harmonics of a gliding pitch in syllables, with pauses.
fn babble(seconds: u32) -> Vec<i16> {
    let mut phase = 0.0f32;
    (0..seconds * media::SAMPLE_RATE)
        .map(|i| {
            let t = i as f32 / media::SAMPLE_RATE as f32;
            phase = (phase + 130.0 * (1.0 + 0.2 * (1.7 * t).sin()) / media::SAMPLE_RATE as f32).fract();
            let sum: f32 = (1..24).map(|k| (std::f32::consts::TAU * phase * k as f32).sin() / k as f32).sum();
            let syllable = 0.55 + 0.45 * (std::f32::consts::TAU * 4.3 * t).cos();
            let talking = if t % 4.0 < 3.0 { 1.0 } else { 0.0 };
            (4000.0 * sum * syllable * talking) as i16
        })
        .collect()
}
