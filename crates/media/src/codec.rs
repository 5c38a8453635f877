//! The three codecs of the telephone line, behind one small enum.
//!
//! All three send one byte per tick of their 8 kHz RTP clock (G.722 too: its clock is 8 kHz by RFC 3551
//! although it carries 16 kHz sound), so byte counts and timestamps are interchangeable here.

use audio_codec::{CodecType, create_decoder, create_encoder};

/// A codec that we offer and answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// G.711 µ-law, 8 kHz.
    Pcmu,
    /// G.711 A-law, 8 kHz.
    Pcma,
    /// G.722 at 64 kbit/s, 16 kHz.
    G722,
}

impl Codec {
    /// The static RTP payload type (RFC 3551).
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
            Self::G722 => 9,
        }
    }

    /// Rate of the decoded sound, in Hz.
    pub const fn sample_rate(self) -> u32 {
        match self {
            Self::Pcmu | Self::Pcma => 8_000,
            Self::G722 => 16_000,
        }
    }

    /// Rate of the RTP timestamp, in Hz: 8 000 for all three.
    pub const fn rtp_clock(self) -> u32 {
        8_000
    }

    /// The encoding name in SDP's `a=rtpmap`.
    pub const fn sdp_name(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
            Self::G722 => "G722",
        }
    }

    /// The codec with this SDP name, in any case.
    pub fn from_sdp_name(name: &str) -> Option<Self> {
        [Self::Pcmu, Self::Pcma, Self::G722].into_iter().find(|c| c.sdp_name().eq_ignore_ascii_case(name))
    }

    /// The codec with this static payload type (an offer may leave its rtpmap out).
    pub fn from_payload_type(payload_type: u8) -> Option<Self> {
        [Self::Pcmu, Self::Pcma, Self::G722].into_iter().find(|c| c.payload_type() == payload_type)
    }

    /// Samples of one 20 ms frame at this codec's rate.
    pub const fn frame_samples(self) -> usize {
        (self.sample_rate() / crate::FRAMES_PER_SECOND) as usize
    }

    /// Decoded samples per tick of the RTP clock (and per payload byte).
    pub(crate) const fn samples_per_tick(self) -> usize {
        (self.sample_rate() / self.rtp_clock()) as usize
    }

    const fn library_type(self) -> CodecType {
        match self {
            Self::Pcmu => CodecType::PCMU,
            Self::Pcma => CodecType::PCMA,
            Self::G722 => CodecType::G722,
        }
    }
}

/// Turns payload bytes into samples; keeps G.722's state between packets.
pub(crate) struct Decoder(Box<dyn audio_codec::Decoder>);

impl Decoder {
    pub(crate) fn new(codec: Codec) -> Self {
        Self(create_decoder(codec.library_type()))
    }

    pub(crate) fn decode(&mut self, payload: &[u8]) -> Vec<i16> {
        self.0.decode(payload)
    }
}

/// Turns samples into payload bytes; keeps G.722's state between packets.
pub(crate) struct Encoder(Box<dyn audio_codec::Encoder>);

impl Encoder {
    pub(crate) fn new(codec: Codec) -> Self {
        Self(create_encoder(codec.library_type()))
    }

    pub(crate) fn encode(&mut self, samples: &[i16]) -> Vec<u8> {
        self.0.encode(samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{sine, snr_db};
    use proptest::prelude::*;

    #[test]
    fn sound_survives_every_codec() {
        check(Codec::Pcmu, 35.0);
        check(Codec::Pcma, 35.0);
        check(Codec::G722, 22.0);
    }

    /// A second of 700 Hz goes through the codec; `least_snr_db` is what must be left of it.
    fn check(codec: Codec, least_snr_db: f32) {
        let rate = codec.sample_rate();
        let sent = sine(700.0, -12.0, 1000, rate);
        let (mut encoder, mut decoder) = (Encoder::new(codec), Decoder::new(codec));
        let heard: Vec<i16> = sent
            .chunks(codec.frame_samples())
            .flat_map(|frame| {
                let bytes = encoder.encode(frame);
                assert_eq!(bytes.len(), 160, "{codec:?}: one byte per tick");
                decoder.decode(&bytes)
            })
            .collect();
        assert_eq!(heard.len(), sent.len());
        // G.722's filters delay the sound by a few samples; find the best alignment.
        let best =
            (0..40).map(|lag| snr_db(&sent[..15_00], &heard[lag..lag + 1500])).fold(f32::MIN, f32::max);
        assert!(best > least_snr_db, "{codec:?}: {best} dB");
    }

    #[test]
    fn names_and_numbers_find_their_codec() {
        for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722] {
            assert_eq!(Codec::from_sdp_name(&codec.sdp_name().to_lowercase()), Some(codec));
            assert_eq!(Codec::from_payload_type(codec.payload_type()), Some(codec));
        }
        assert_eq!(Codec::from_sdp_name("opus"), None);
        assert_eq!(Codec::from_payload_type(18), None);
    }

    proptest! {
        #[test]
        fn no_bytes_and_no_samples_upset_a_codec(
            bytes in prop::collection::vec(any::<u8>(), 0..2000),
            samples in prop::collection::vec(any::<i16>(), 0..2000),
        ) {
            for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722] {
                let decoded = Decoder::new(codec).decode(&bytes);
                prop_assert_eq!(decoded.len(), bytes.len() * codec.samples_per_tick());
                Encoder::new(codec).encode(&samples);
            }
        }
    }
}
