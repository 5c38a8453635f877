//! One direction in: packets from the network become 20 ms frames and key presses.
//!
//! ```text
//! packet() ── parse ── SourceLock ─┬─ KeyReader ── key
//!                                  └─ JitterBuffer
//! frame()  ── JitterBuffer ── Decoder ── Concealer ── 20 ms, always
//! ```
//!
//! Takes any bytes in any order; memory is bounded by the jitter buffer.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use rtp_rs::RtpReader;

use super::conceal::Concealer;
use super::jitter::{Arrival, Correction, FRAME_TICKS, JitterBuffer, Next, Piece};
use super::keys::KeyReader;
use super::source_lock::{Admission, SourceLock};
use crate::codec::{Codec, Decoder};
use crate::level::{rms_dbfs, to_sample};

/// Payloads longer than this (240 ms) are no telephone sound.
const PAYLOAD_BYTES_MAX: usize = 1_920;
/// A frame below this level may be repeated or merged without anybody noticing, in dBFS.
const QUIET_DBFS: f32 = -45.0;

/// What SDP agreed on for the direction in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InboundPlan {
    /// The codec that the far side sends.
    pub codec: Codec,
    /// Its RTP payload type.
    pub payload_type: u8,
    /// Payload type of telephone keys (RFC 4733), if agreed.
    pub key_payload_type: Option<u8>,
    /// Where SDP says that the packets come from.
    pub remote: SocketAddr,
}

/// Where a frame's sound comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FrameKind {
    /// The caller's own sound.
    Heard,
    /// A part or all of it was lost and filled up.
    Concealed,
    /// Nothing was sent, or a loss has faded out.
    Silence,
}

/// 20 ms of the caller's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFrame {
    /// At the codec's own rate: 160 or 320 samples.
    pub samples: Vec<i16>,
    /// Where they come from.
    pub kind: FrameKind,
}

/// What happened to the packets of a call so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InStats {
    /// Packets of the accepted source, of any payload type.
    pub received: u64,
    /// Sequence numbers that never came.
    pub lost: u64,
    /// Packets that came after their time had been played.
    pub late: u64,
    /// Packets that came after a later one.
    pub reordered: u64,
    /// Packets that came twice.
    pub duplicates: u64,
    /// Packets of sources that we do not listen to.
    pub refused_source: u64,
    /// Bytes that are no RTP, or RTP that we did not agree on.
    pub unusable: u64,
}

/// See the module's text.
pub struct Inbound {
    plan: InboundPlan,
    lock: SourceLock,
    sequence: SequenceCount,
    jitter: JitterBuffer,
    decoder: Decoder,
    concealer: Concealer,
    /// Decoded samples that wait for the next frame.
    decoded: VecDeque<i16>,
    keys: KeyReader,
    last_packet_at: Option<Duration>,
    last_frame_quiet: bool,
    stats: InStats,
}

impl Inbound {
    /// Waits for the first packet.
    pub fn new(plan: InboundPlan) -> Self {
        Self {
            plan,
            lock: SourceLock::new(plan.remote),
            sequence: SequenceCount::default(),
            jitter: JitterBuffer::new(),
            decoder: Decoder::new(plan.codec),
            concealer: Concealer::new(plan.codec.sample_rate()),
            decoded: VecDeque::new(),
            keys: KeyReader::default(),
            last_packet_at: None,
            last_frame_quiet: true,
            stats: InStats::default(),
        }
    }

    /// SDP was negotiated again: another source may take over, and the codec may change.
    pub fn replan(&mut self, plan: InboundPlan) {
        self.lock.unlock(plan.remote);
        if (plan.codec, plan.payload_type) != (self.plan.codec, self.plan.payload_type) {
            self.decoder = Decoder::new(plan.codec);
            self.concealer = Concealer::new(plan.codec.sample_rate());
            self.decoded.clear();
            self.jitter.restart();
        }
        self.plan = plan;
    }

    /// Takes one datagram. `Some(key)` once for each key press.
    pub fn packet(&mut self, from: SocketAddr, bytes: &[u8], now: Duration) -> Option<char> {
        let Ok(rtp) = RtpReader::new(bytes) else {
            self.stats.unusable += 1;
            return None;
        };
        let sequence = u16::from(rtp.sequence_number());
        match self.lock.admit(from, rtp.ssrc(), sequence) {
            Admission::Refused => {
                self.stats.refused_source += 1;
                return None;
            }
            Admission::NewSource => {
                self.stats.lost += self.sequence.lost();
                self.sequence = SequenceCount::default();
                self.jitter.restart();
                self.keys.restart();
            }
            Admission::Current => {}
        }
        self.last_packet_at = Some(now);
        self.stats.received += 1;
        match self.sequence.note(sequence) {
            SequenceNote::InOrder => {}
            SequenceNote::Reordered => self.stats.reordered += 1,
        }
        if Some(rtp.payload_type()) == self.plan.key_payload_type {
            return self.keys.packet(rtp.payload(), rtp.timestamp(), rtp.mark(), now);
        }
        self.sound(&rtp, now);
        None
    }

    /// The next 20 ms; to be called every 20 ms.
    pub fn frame(&mut self, now: Duration) -> InFrame {
        let queued = self.queued_ticks();
        let frame = match self.jitter.correction(queued, now) {
            Correction::Drop { urgent } if urgent || self.last_frame_quiet => {
                self.jitter.corrected();
                let (first, second) = (self.take_frame(now), self.take_frame(now));
                merge(first, second)
            }
            Correction::Repeat { urgent } if urgent || self.last_frame_quiet => {
                self.jitter.corrected();
                InFrame {
                    samples: self.concealer.substitute(self.plan.codec.frame_samples()),
                    kind: FrameKind::Concealed,
                }
            }
            Correction::None | Correction::Drop { .. } | Correction::Repeat { .. } => self.take_frame(now),
        };
        self.last_frame_quiet = rms_dbfs(&frame.samples) < QUIET_DBFS;
        frame
    }

    /// When the last packet of the accepted source came; `None` before the first.
    pub fn last_packet_at(&self) -> Option<Duration> {
        self.last_packet_at
    }

    /// What happened to the packets so far.
    pub fn stats(&self) -> InStats {
        InStats { lost: self.stats.lost + self.sequence.lost(), ..self.stats }
    }

    /// The address that packets really come from (symmetric RTP: send there), once known.
    pub fn learned_remote(&self) -> Option<SocketAddr> {
        self.lock.learned()
    }

    fn sound(&mut self, rtp: &RtpReader<'_>, now: Duration) {
        let payload = rtp.payload();
        if rtp.payload_type() != self.plan.payload_type || payload.len() > PAYLOAD_BYTES_MAX {
            self.stats.unusable += 1;
            return;
        }
        if payload.is_empty() {
            return;
        }
        match self.jitter.insert(rtp.timestamp(), payload, now) {
            Arrival::Kept => {}
            Arrival::Duplicate => self.stats.duplicates += 1,
            Arrival::Late => self.stats.late += 1,
            Arrival::Odd => self.stats.unusable += 1,
        }
    }

    /// 20 ms from the jitter buffer, filled up where something is missing.
    fn take_frame(&mut self, now: Duration) -> InFrame {
        let wanted = self.plan.codec.frame_samples();
        let mut kind = FrameKind::Heard;
        while self.decoded.len() < wanted {
            let open_ticks = FRAME_TICKS - self.queued_ticks();
            match self.jitter.next(open_ticks, now) {
                Next::Payloads(pieces) => {
                    for piece in pieces {
                        if piece.missing > 0 {
                            kind = FrameKind::Concealed;
                        }
                        self.decode(&piece);
                    }
                }
                Next::Missing => {
                    kind = self.fill(wanted);
                }
                Next::Nothing => {
                    let nothing_at_all = self.decoded.is_empty();
                    let filled = self.fill(wanted);
                    kind = if nothing_at_all { FrameKind::Silence } else { filled };
                }
            }
        }
        InFrame { samples: self.decoded.drain(..wanted).collect(), kind }
    }

    fn decode(&mut self, piece: &Piece) {
        let per_tick = self.plan.codec.samples_per_tick();
        if piece.missing > 0 {
            self.decoded.extend(self.concealer.substitute(piece.missing * per_tick));
        }
        // G.722 needs every byte for its state, also those that overlap what was played.
        let mut samples = self.decoder.decode(&piece.payload);
        samples.drain(..(piece.skip * per_tick).min(samples.len()));
        self.concealer.real(&mut samples);
        self.decoded.extend(samples);
    }

    /// Fills the open frame with a substitute.
    fn fill(&mut self, wanted: usize) -> FrameKind {
        let kind = if self.concealer.is_audible() { FrameKind::Concealed } else { FrameKind::Silence };
        let missing = wanted.saturating_sub(self.decoded.len());
        self.decoded.extend(self.concealer.substitute(missing));
        kind
    }

    fn queued_ticks(&self) -> i64 {
        (self.decoded.len() / self.plan.codec.samples_per_tick()) as i64
    }
}

/// Tells how loud packets are as they arrive, before any buffer: for measurements on the wire.
pub struct WireMeter {
    decoder: Decoder,
}

impl WireMeter {
    /// For a stream of this codec.
    pub fn new(codec: Codec) -> Self {
        Self { decoder: Decoder::new(codec) }
    }

    /// Level of the next packet in dBFS; `None` for what is no RTP.
    pub fn dbfs(&mut self, packet: &[u8]) -> Option<f32> {
        let rtp = RtpReader::new(packet).ok()?;
        Some(rms_dbfs(&self.decoder.decode(rtp.payload())))
    }
}

/// Two frames in the time of one: the first melts into the second.
fn merge(first: InFrame, second: InFrame) -> InFrame {
    let count = first.samples.len();
    let samples = first
        .samples
        .iter()
        .zip(&second.samples)
        .enumerate()
        .map(|(i, (&a, &b))| {
            let mix = (i + 1) as f32 / (count + 1) as f32;
            to_sample((1.0 - mix) * f32::from(a) + mix * f32::from(b))
        })
        .collect();
    InFrame { samples, kind: second.kind }
}

/// Counts what should have come, by sequence numbers.
#[derive(Debug, Default)]
struct SequenceCount {
    first_and_newest: Option<(i64, i64)>,
    /// Packets that came, duplicates too; enough to tell losses.
    came: u64,
}

enum SequenceNote {
    InOrder,
    Reordered,
}

impl SequenceCount {
    fn note(&mut self, sequence: u16) -> SequenceNote {
        self.came += 1;
        let Some((first, newest)) = self.first_and_newest else {
            self.first_and_newest = Some((i64::from(sequence), i64::from(sequence)));
            return SequenceNote::InOrder;
        };
        let at = newest + i64::from(sequence.wrapping_sub(newest as u16) as i16);
        self.first_and_newest = Some((first, newest.max(at)));
        if at < newest { SequenceNote::Reordered } else { SequenceNote::InOrder }
    }

    fn lost(&self) -> u64 {
        let Some((first, newest)) = self.first_and_newest else { return 0 };
        ((newest - first + 1) as u64).saturating_sub(self.came)
    }
}

#[cfg(test)]
mod tests;
