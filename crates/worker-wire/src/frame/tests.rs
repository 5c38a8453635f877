use proptest::prelude::*;

use super::*;
use crate::{Failed, Ping, Priority, SpokenLanguage, Transcribe, Why};

fn transcribe() -> Message {
    Message::Transcribe(Transcribe {
        id: 7,
        priority: Priority::LiveTurn,
        group: Some(3),
        deadline_ms: 1500,
        language: SpokenLanguage::Auto,
        audio_ctx: None,
        forced_tokens: None,
    })
}

/// Feeds `bytes` in chunks of `step` and returns all frames.
fn decode(bytes: &[u8], step: usize) -> Result<Vec<Frame>, FrameError> {
    let mut decoder = Decoder::new();
    let mut frames = Vec::new();
    for mut chunk in bytes.chunks(step.max(1)) {
        while !chunk.is_empty() {
            frames.extend(decoder.feed(&mut chunk)?);
            assert!(decoder.capacity() <= HEADER_BYTES_MAX + BODY_BYTES_MAX);
        }
    }
    Ok(frames)
}

#[test]
fn frames_survive_any_cutting_of_the_pipe() {
    let sent = vec![
        Frame::with_samples(transcribe(), &[1, -2, i16::MIN, i16::MAX]),
        Frame::plain(Message::Ping(Ping { id: 9 })),
        Frame::plain(Message::Failed(Failed { id: None, why: Why::Unusable, detail: "größer ☎".into() })),
    ];
    let bytes: Vec<u8> = sent.iter().flat_map(|frame| frame.encode().unwrap()).collect();
    for step in [1, 2, 3, 7, 8, 9, 64, bytes.len()] {
        assert_eq!(decode(&bytes, step).as_ref(), Ok(&sent), "in steps of {step}");
    }
}

#[test]
fn header_names_the_message_so_that_a_dump_can_be_read() {
    let bytes = Frame::plain(Message::Ping(Ping { id: 9 })).encode().unwrap();
    assert_eq!(&bytes[8..], br#"{"type":"ping","id":9}"#);
    assert_eq!(bytes[..8], [22, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn announced_lengths_over_the_bound_are_refused_before_anything_is_allocated() {
    let prefix = |header: u32, body: u32| [header.to_le_bytes(), body.to_le_bytes()].concat();
    assert_eq!(decode(&prefix(u32::MAX, 0), 8), Err(FrameError::HeaderTooLong(u32::MAX as usize)));
    assert_eq!(decode(&prefix(2, u32::MAX), 8), Err(FrameError::BodyTooLong(u32::MAX as usize)));
}

#[test]
fn too_long_a_body_is_not_sent() {
    let frame = Frame { message: transcribe(), body: vec![0; BODY_BYTES_MAX + 2] };
    assert_eq!(frame.encode(), Err(FrameError::BodyTooLong(BODY_BYTES_MAX + 2)));
}

#[test]
fn odd_body_is_no_samples() {
    assert_eq!(samples_from_bytes(&[1, 2, 3]), None);
    assert_eq!(samples_from_bytes(&bytes_from_samples(&[-3, 4])), Some(vec![-3, 4]));
}

proptest! {
    /// Nothing that comes out of a broken worker may panic the daemon or fill its memory.
    #[test]
    fn any_bytes_give_frames_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..4096), step in 1usize..700) {
        let _ = decode(&bytes, step);
    }

    /// The same behind a plausible prefix, so that the header parser is reached.
    #[test]
    fn any_header_gives_a_frame_or_an_error(header in prop::collection::vec(any::<u8>(), 0..512), body in 0u32..64) {
        let mut bytes = (header.len() as u32).to_le_bytes().to_vec();
        bytes.extend(body.to_le_bytes());
        bytes.extend(&header);
        bytes.extend(vec![0; body as usize]);
        let decoded = decode(&bytes, 97);
        prop_assert!(decoded.is_ok_and(|frames| frames.len() == 1) || serde_json::from_slice::<Message>(&header).is_err());
    }

    /// A cut or changed byte never turns into a longer allocation or a panic.
    #[test]
    fn damaged_frames_do_no_harm(at in 0usize..200, to in any::<u8>(), keep in 0usize..300) {
        let mut bytes = Frame::with_samples(transcribe(), &[5; 40]).encode().unwrap();
        let end = bytes.len();
        bytes[at % end] = to;
        bytes.truncate(keep);
        let _ = decode(&bytes, 13);
    }
}
