//! One direction out: 20 ms frames become RTP packets whose timestamps never drift.
//!
//! Every frame, pause or key packet moves the timestamp by exactly its own 20 ms, whatever the clock
//! on the wall did; the first packet after a pause carries the marker bit (RFC 3551 4.1).

use rtp_rs::{RtpPacketBuilder, Seq};

use super::keys::event_of;
use crate::FRAME_SAMPLES;
use crate::codec::{Codec, Encoder};
use crate::resample::Resampler16to8;

/// RTP ticks of one frame.
const FRAME_TICKS: u32 = 160;
/// A key sounds for this many packets of 20 ms.
const KEY_PACKETS: u32 = 5;
/// The end of a key is told this many times (RFC 4733 2.5.1.4).
const KEY_END_PACKETS: u32 = 3;
/// Loudness of a key: −10 dBm0.
const KEY_VOLUME: u8 = 10;
/// The usual dynamic payload type of keys, until SDP says otherwise.
const KEY_PAYLOAD_TYPE: u8 = 101;

/// See the module's text.
pub struct Outbound {
    codec: Codec,
    encoder: Encoder,
    downsampler: Resampler16to8,
    payload_type: u8,
    key_payload_type: Option<u8>,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    marker_due: bool,
}

impl Outbound {
    /// The numbers should be random (RFC 3550 5.1); this crate has no source of them.
    pub fn new(codec: Codec, payload_type: u8, ssrc: u32, first_seq: u16, first_timestamp: u32) -> Self {
        Self {
            codec,
            encoder: Encoder::new(codec),
            downsampler: Resampler16to8::new(),
            payload_type: payload_type & 0x7f,
            key_payload_type: Some(KEY_PAYLOAD_TYPE),
            ssrc,
            sequence: first_seq,
            timestamp: first_timestamp,
            marker_due: true,
        }
    }

    /// The payload type under which the far side takes keys; `None`: it takes none.
    pub fn set_key_payload_type(&mut self, payload_type: Option<u8>) {
        self.key_payload_type = payload_type.map(|p| p & 0x7f);
    }

    /// SDP was negotiated again. Sequence, timestamp and SSRC go on.
    pub fn replan(&mut self, codec: Codec, payload_type: u8) {
        if codec != self.codec {
            self.encoder = Encoder::new(codec);
            self.codec = codec;
            self.marker_due = true;
        }
        self.payload_type = payload_type & 0x7f;
    }

    /// The packet for the next 20 ms, and what the far side hears at the codec's rate (for the recording).
    pub fn packet(&mut self, frame16k: &[i16; FRAME_SAMPLES]) -> (Vec<u8>, Vec<i16>) {
        // The filter runs on with G.722 too, so that a change of codec makes no click.
        let narrow = self.downsampler.process(frame16k);
        let samples = match self.codec {
            Codec::Pcmu | Codec::Pcma => narrow,
            Codec::G722 => frame16k.to_vec(),
        };
        let payload = self.encoder.encode(&samples);
        let marker = std::mem::take(&mut self.marker_due);
        let packet = self.build(self.payload_type, marker, self.timestamp, &payload);
        self.timestamp = self.timestamp.wrapping_add(FRAME_TICKS);
        (packet, samples)
    }

    /// Tells that nothing is sent for the next 20 ms (hold): time passes, and the next packet is marked.
    pub fn skip_frame(&mut self) {
        self.timestamp = self.timestamp.wrapping_add(FRAME_TICKS);
        self.marker_due = true;
    }

    /// The packets of one key press, to be sent 20 ms apart, each in place of a sound packet. Empty if
    /// this is no telephone key or the far side takes none.
    pub fn key(&mut self, key: char) -> Vec<Vec<u8>> {
        let (Some(event), Some(payload_type)) = (event_of(key), self.key_payload_type) else {
            return Vec::new();
        };
        let start = self.timestamp;
        let packets = (0..KEY_PACKETS + KEY_END_PACKETS - 1)
            .map(|i| {
                let ended = if i + 1 >= KEY_PACKETS { 0x80 } else { 0 };
                let duration = ((i + 1).min(KEY_PACKETS) * FRAME_TICKS) as u16;
                let [high, low] = duration.to_be_bytes();
                let payload = [event, ended | KEY_VOLUME, high, low];
                self.timestamp = self.timestamp.wrapping_add(FRAME_TICKS);
                self.build(payload_type, i == 0, start, &payload)
            })
            .collect();
        self.marker_due = true;
        packets
    }

    fn build(&mut self, payload_type: u8, marker: bool, timestamp: u32, payload: &[u8]) -> Vec<u8> {
        let packet = RtpPacketBuilder::new()
            .payload_type(payload_type)
            .marked(marker)
            .sequence(Seq::from(self.sequence))
            .timestamp(timestamp)
            .ssrc(self.ssrc)
            .payload(payload)
            .build();
        self.sequence = self.sequence.wrapping_add(1);
        // It fails only for a payload type above 127, and those were masked; an empty datagram is harmless.
        packet.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use rtp_rs::RtpReader;

    use super::*;
    use crate::level::rms_dbfs;
    use crate::testing::sine;

    #[test]
    fn time_moves_by_twenty_milliseconds_per_frame_and_wraps() {
        let mut out = Outbound::new(Codec::Pcmu, 0, 7, 65_534, u32::MAX - 200);
        let mut script = String::new();
        for i in 0..4 {
            if i == 2 {
                out.skip_frame();
            }
            script += &describe(&out.packet(&[0; FRAME_SAMPLES]).0);
        }
        assert_eq!(
            script,
            "pt0 seq65534 ts4294967095 marked 160 bytes\n\
             pt0 seq65535 ts4294967255 160 bytes\n\
             pt0 seq0 ts279 marked 160 bytes\n\
             pt0 seq1 ts439 160 bytes\n"
        );
    }

    #[test]
    fn a_key_is_five_packets_with_its_end_told_three_times() {
        let mut out = Outbound::new(Codec::Pcma, 8, 7, 10, 1000);
        out.set_key_payload_type(Some(96));
        let packets = out.key('#');
        let durations: Vec<(u8, u16)> = packets
            .iter()
            .map(|p| {
                let payload = RtpReader::new(p).unwrap().payload().to_vec();
                assert_eq!(payload[0], 11);
                (payload[1] >> 7, u16::from_be_bytes([payload[2], payload[3]]))
            })
            .collect();
        assert_eq!(durations, [(0, 160), (0, 320), (0, 480), (0, 640), (1, 800), (1, 800), (1, 800)]);
        assert!(packets.iter().all(|p| RtpReader::new(p).unwrap().timestamp() == 1000));
        assert_eq!(describe(&out.packet(&[0; FRAME_SAMPLES]).0), "pt8 seq17 ts2120 marked 160 bytes\n");
    }

    #[test]
    fn what_is_no_key_sends_nothing() {
        let mut out = Outbound::new(Codec::Pcmu, 0, 7, 10, 1000);
        assert!(out.key('x').is_empty());
        out.set_key_payload_type(None);
        assert!(out.key('1').is_empty());
    }

    #[test]
    fn the_recording_hears_what_the_far_side_hears() {
        for (codec, samples) in [(Codec::Pcmu, 160), (Codec::Pcma, 160), (Codec::G722, 320)] {
            let mut out = Outbound::new(codec, codec.payload_type(), 7, 0, 0);
            let sound = sine(700.0, -12.0, 100, 16_000);
            let mut last = Vec::new();
            for frame in sound.as_chunks::<FRAME_SAMPLES>().0 {
                last = out.packet(frame).1;
            }
            assert_eq!(last.len(), samples);
            assert!((rms_dbfs(&last) + 12.0).abs() < 0.5);
        }
    }

    fn describe(packet: &[u8]) -> String {
        let rtp = RtpReader::new(packet).unwrap();
        format!(
            "pt{} seq{} ts{}{} {} bytes\n",
            rtp.payload_type(),
            u16::from(rtp.sequence_number()),
            rtp.timestamp(),
            if rtp.mark() { " marked" } else { "" },
            rtp.payload().len()
        )
    }
}
