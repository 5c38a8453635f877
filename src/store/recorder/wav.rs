//! A stereo 16-bit WAV file that can be played at every moment while it grows.

use std::{
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt,
};

const HEADER_BYTES: u64 = 44;
const BYTES_PER_STEREO_SAMPLE: u64 = 4;
const CHANNELS: u16 = 2;

/// The file and what of it is safe.
#[derive(Debug)]
pub(super) struct WavFile {
    file: File,
    rate_hz: u32,
    /// Written to the file, bytes of audio.
    written: u64,
    /// Written, on disk and named in the header, bytes of audio.
    safe: u64,
    /// Not written yet.
    pending: Vec<u8>,
}

impl WavFile {
    /// Writes the header of an empty recording.
    pub(super) fn begin(mut file: File, rate_hz: u32) -> io::Result<Self> {
        file.write_all(&header(rate_hz, 0))?;
        Ok(Self { file, rate_hz, written: 0, safe: 0, pending: Vec::new() })
    }

    /// Adds silence (samples per channel), then interleaved samples. Every half second of audio goes to disk.
    pub(super) fn push(&mut self, silence: u32, interleaved: &[i16]) -> io::Result<()> {
        self.pending.resize(self.pending.len() + silence as usize * BYTES_PER_STEREO_SAMPLE as usize, 0);
        self.pending.extend(interleaved.iter().flat_map(|s| s.to_le_bytes()));
        // half a second: a power cut loses at most this round and the one before it, a crash only this one
        let round = u64::from(self.rate_hz / 2) * BYTES_PER_STEREO_SAMPLE;
        if self.pending.len() as u64 >= round { self.sync() } else { Ok(()) }
    }

    /// Writes what is pending, waits for the disk, then writes the header that names it: a header never
    /// names audio that a power cut could take away. The header itself reaches the disk with the next round.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.file.write_all_at(&self.pending, HEADER_BYTES + self.written)?;
        self.written += self.pending.len() as u64;
        self.pending.clear();
        self.file.sync_data()?;
        self.file.write_all_at(&header(self.rate_hz, self.written), 0)?;
        self.safe = self.written;
        Ok(())
    }

    /// The last round: the header too is on disk.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.sync()?;
        self.file.sync_data()
    }

    /// Samples per channel that a crash of this program would not lose.
    pub(super) fn safe_samples(&self) -> u64 {
        self.safe / BYTES_PER_STEREO_SAMPLE
    }
}

/// RIFF header of PCM audio. A file beyond 4 GiB (31 hours) says the largest size that it can.
fn header(rate_hz: u32, audio_bytes: u64) -> [u8; HEADER_BYTES as usize] {
    let audio = u32::try_from(audio_bytes).unwrap_or(u32::MAX - 36);
    let frame = BYTES_PER_STEREO_SAMPLE as u16;
    let mut bytes = Vec::with_capacity(HEADER_BYTES as usize);
    bytes.extend(b"RIFF");
    bytes.extend((36 + audio.min(u32::MAX - 36)).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16u32.to_le_bytes()); // length of the format block
    bytes.extend(1u16.to_le_bytes()); // PCM
    bytes.extend(CHANNELS.to_le_bytes());
    bytes.extend(rate_hz.to_le_bytes());
    bytes.extend((rate_hz * u32::from(frame)).to_le_bytes());
    bytes.extend(frame.to_le_bytes());
    bytes.extend(16u16.to_le_bytes()); // bits per sample
    bytes.extend(b"data");
    bytes.extend(audio.to_le_bytes());
    let mut fixed = [0; HEADER_BYTES as usize];
    fixed.copy_from_slice(&bytes);
    fixed
}
