//! A frame: two little-endian lengths, a JSON header (the message), a binary body (samples).

use crate::Message;

/// Longest header in bytes.
pub const HEADER_BYTES_MAX: usize = 16 * 1024;

/// Longest body in bytes: two minutes of 16 kHz samples.
pub const BODY_BYTES_MAX: usize = 120 * 16_000 * 2;

const PREFIX_BYTES: usize = 8;

/// One message with its samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// The header.
    pub message: Message,
    /// Samples as little-endian i16, a text, numbers, or nothing; the message says which.
    pub body: Vec<u8>,
}

/// The stream cannot be understood from here on; drop the connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Announced or built header over [`HEADER_BYTES_MAX`].
    #[error("header of {0} bytes, at most {HEADER_BYTES_MAX} are allowed")]
    HeaderTooLong(usize),
    /// Announced or built body over [`BODY_BYTES_MAX`].
    #[error("body of {0} bytes, at most {BODY_BYTES_MAX} are allowed")]
    BodyTooLong(usize),
    /// The header is no message of this version.
    #[error("header is not a message: {0}")]
    BadHeader(String),
}

impl Frame {
    /// A message without samples.
    pub fn plain(message: Message) -> Self {
        Self { message, body: Vec::new() }
    }

    /// A message with samples.
    pub fn with_samples(message: Message, samples: &[i16]) -> Self {
        Self { message, body: bytes_from_samples(samples) }
    }

    /// A message with bytes: a text as UTF-8, numbers as [`bytes_from_floats`] makes them.
    pub fn with_body(message: Message, body: impl Into<Vec<u8>>) -> Self {
        Self { message, body: body.into() }
    }

    /// The bytes that go through the pipe.
    pub fn encode(&self) -> Result<Vec<u8>, FrameError> {
        let header =
            serde_json::to_vec(&self.message).map_err(|fault| FrameError::BadHeader(fault.to_string()))?;
        let (header_len, body_len) = checked_lengths(header.len(), self.body.len())?;
        let mut bytes = Vec::with_capacity(PREFIX_BYTES + header.len() + self.body.len());
        bytes.extend_from_slice(&header_len.to_le_bytes());
        bytes.extend_from_slice(&body_len.to_le_bytes());
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(&self.body);
        Ok(bytes)
    }
}

/// Puts frames together from whatever pieces the pipe delivers.
///
/// Never holds more than one frame: memory is bounded by the two maxima, whatever comes in.
#[derive(Debug, Default)]
pub struct Decoder {
    held: Vec<u8>,
    lengths: Option<(usize, usize)>,
}

impl Decoder {
    /// Nothing received yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes bytes off the front of `input` until a frame is complete or `input` is empty.
    /// Call again while `input` is not empty. After an error the stream is lost.
    pub fn feed(&mut self, input: &mut &[u8]) -> Result<Option<Frame>, FrameError> {
        let Some((header_len, body_len)) = self.lengths(input)? else {
            return Ok(None);
        };
        if !self.take(input, header_len + body_len) {
            return Ok(None);
        }
        self.lengths = None;
        let mut held = std::mem::take(&mut self.held);
        let message = serde_json::from_slice(&held[..header_len])
            .map_err(|fault| FrameError::BadHeader(fault.to_string()))?;
        held.drain(..header_len);
        Ok(Some(Frame { message, body: held }))
    }

    /// Bytes of memory that are held for the frame in the making.
    pub fn capacity(&self) -> usize {
        self.held.capacity()
    }

    fn lengths(&mut self, input: &mut &[u8]) -> Result<Option<(usize, usize)>, FrameError> {
        if self.lengths.is_none() {
            if !self.take(input, PREFIX_BYTES) {
                return Ok(None);
            }
            let (header_len, body_len) = split_prefix(&self.held);
            checked_lengths(header_len, body_len)?;
            self.held.clear();
            self.held.reserve_exact(header_len + body_len);
            self.lengths = Some((header_len, body_len));
        }
        Ok(self.lengths)
    }

    /// Moves bytes over until `wanted` are held; true when they are.
    fn take(&mut self, input: &mut &[u8], wanted: usize) -> bool {
        let missing = wanted.saturating_sub(self.held.len()).min(input.len());
        let (now, later) = input.split_at(missing);
        self.held.extend_from_slice(now);
        *input = later;
        self.held.len() == wanted
    }
}

fn split_prefix(prefix: &[u8]) -> (usize, usize) {
    let number = |at: usize| {
        prefix.iter().skip(at).take(4).rev().fold(0usize, |sum, byte| (sum << 8) | usize::from(*byte))
    };
    (number(0), number(4))
}

fn checked_lengths(header: usize, body: usize) -> Result<(u32, u32), FrameError> {
    let fits = |len: usize, max: usize| u32::try_from(len).ok().filter(|_| len <= max);
    let header_len = fits(header, HEADER_BYTES_MAX).ok_or(FrameError::HeaderTooLong(header))?;
    let body_len = fits(body, BODY_BYTES_MAX).ok_or(FrameError::BodyTooLong(body))?;
    Ok((header_len, body_len))
}

/// Samples as they travel: little-endian i16.
pub fn bytes_from_samples(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

/// The samples of a body; `None` if the number of bytes is odd.
pub fn samples_from_bytes(body: &[u8]) -> Option<Vec<i16>> {
    if !body.len().is_multiple_of(2) {
        return None;
    }
    Some(body.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect())
}

/// Numbers as they travel: little-endian f32.
pub fn bytes_from_floats(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// The numbers of a body; `None` if its length is no multiple of four.
pub fn floats_from_bytes(body: &[u8]) -> Option<Vec<f32>> {
    let chunks = body.chunks_exact(4);
    if !chunks.remainder().is_empty() {
        return None;
    }
    Some(chunks.map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect())
}

#[cfg(test)]
mod tests;
