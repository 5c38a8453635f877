//! What we say: a queue of utterances, cut into 20 ms frames, that falls silent at the next frame.
//!
//! Utterances follow each other without a gap. Whether rendered before or arriving piece by piece, a
//! stop or a starved stream fades out in 5 ms instead of clicking.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::FRAME_SAMPLES;
use crate::level::to_sample;

/// Samples of the fade at a stop, and of the rise after starving: 5 ms.
const FADE_SAMPLES: usize = 80;
/// Utterances that may wait; more are refused (and reported as finished, so nobody waits for them).
const QUEUE_MAX: usize = 64;
/// Sound that one streamed utterance may hold unplayed: five minutes. More is dropped.
const UNPLAYED_SAMPLES_MAX: usize = 300 * crate::SAMPLE_RATE as usize;

/// What happened in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlayoutEvent {
    /// The first sample of this utterance is in the frame.
    Started(u32),
    /// The last sample of this utterance is in the frame.
    Finished(u32),
}

/// An utterance that was cut short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The utterance that was playing (or first in the queue).
    pub id: u32,
    /// How much of it was heard, in milliseconds.
    pub played_ms: u32,
    /// The utterances behind it, never heard.
    pub dropped: Vec<u32>,
}

/// 20 ms of our own voice, or of silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutFrame {
    /// At 16 kHz.
    pub samples: [i16; FRAME_SAMPLES],
    /// In the order in which they happen.
    pub event: Vec<PlayoutEvent>,
    /// More was announced for this utterance and it was not there in time.
    pub starved: bool,
}

/// See the module's text.
#[derive(Debug, Default)]
pub struct Playout {
    queue: VecDeque<Utterance>,
    /// What remains of a stopped or starved sound: its fade-out.
    fade: Vec<i16>,
    /// Last sample that went out, for the fade of a stream that starved.
    last_sample: i16,
    /// Samples still to be raised softly after starving.
    rise_left: usize,
    refused: Vec<u32>,
}

#[derive(Debug)]
struct Utterance {
    id: u32,
    pieces: VecDeque<Arc<[i16]>>,
    /// Position in the first piece.
    at: usize,
    played: usize,
    /// Nothing more will be appended.
    complete: bool,
    started: bool,
}

impl Playout {
    /// Silent.
    pub fn new() -> Self {
        Self::default()
    }

    /// Queues a whole utterance (16 kHz).
    pub fn say(&mut self, id: u32, audio: Arc<[i16]>) {
        self.begin(id);
        self.append(id, audio);
        self.finish(id);
    }

    /// Queues an utterance whose sound follows with [`Playout::append`].
    pub fn begin(&mut self, id: u32) {
        if self.queue.len() >= QUEUE_MAX {
            self.refused.push(id);
            self.refused.truncate(QUEUE_MAX);
            return;
        }
        self.queue.push_back(Utterance {
            id,
            pieces: VecDeque::new(),
            at: 0,
            played: 0,
            complete: false,
            started: false,
        });
    }

    /// Adds sound (16 kHz) to an utterance that was begun. Unknown or finished ids are ignored: they
    /// were stopped meanwhile.
    pub fn append(&mut self, id: u32, audio: Arc<[i16]>) {
        let Some(utterance) = self.queue.iter_mut().find(|u| u.id == id && !u.complete) else { return };
        let waiting: usize = utterance.pieces.iter().map(|p| p.len()).sum();
        if !audio.is_empty() && waiting + audio.len() <= UNPLAYED_SAMPLES_MAX {
            utterance.pieces.push_back(audio);
        }
    }

    /// Nothing more comes for this utterance.
    pub fn finish(&mut self, id: u32) {
        if let Some(utterance) = self.queue.iter_mut().find(|u| u.id == id) {
            utterance.complete = true;
        }
    }

    /// Falls silent: the next frame holds nothing but a 5 ms fade, and the queue is empty.
    pub fn stop(&mut self) -> Option<Stopped> {
        let mut utterance = self.queue.pop_front()?;
        let dropped = self.queue.drain(..).map(|u| u.id).collect();
        if utterance.started {
            let tail: Vec<i16> = std::iter::from_fn(|| utterance.next()).take(FADE_SAMPLES).collect();
            self.fade = if tail.is_empty() { Vec::new() } else { faded(&tail) };
        }
        self.rise_left = 0;
        let played_ms = (utterance.played * 1000 / crate::SAMPLE_RATE as usize) as u32;
        Some(Stopped { id: utterance.id, played_ms, dropped })
    }

    /// Whether something is playing or queued.
    pub fn is_speaking(&self) -> bool {
        !self.queue.is_empty()
    }

    /// The next 20 ms; to be called every 20 ms.
    pub fn frame(&mut self) -> OutFrame {
        let mut frame = OutFrame { samples: [0; FRAME_SAMPLES], event: Vec::new(), starved: false };
        for id in self.refused.drain(..) {
            frame.event.push(PlayoutEvent::Finished(id));
        }
        let mut filled = 0;
        for sample in self.fade.drain(..) {
            frame.samples[filled] = sample;
            filled += 1;
        }
        while filled < FRAME_SAMPLES {
            let Some(utterance) = self.queue.front_mut() else { break };
            if let Some(sample) = utterance.next() {
                if !utterance.started {
                    utterance.started = true;
                    frame.event.push(PlayoutEvent::Started(utterance.id));
                }
                utterance.played += 1;
                frame.samples[filled] = risen(sample, &mut self.rise_left);
                filled += 1;
            } else if utterance.complete {
                frame.event.push(PlayoutEvent::Finished(utterance.id));
                self.queue.pop_front();
            } else {
                frame.starved = utterance.started;
                self.starve(&mut frame.samples[filled..]);
                break;
            }
        }
        self.announce_ends(&mut frame);
        self.last_sample = frame.samples[FRAME_SAMPLES - 1];
        frame
    }

    /// Brings the line down from where the sound broke off, and prepares a soft rise.
    fn starve(&mut self, rest: &mut [i16]) {
        let from = self.last_sample;
        for (i, sample) in rest.iter_mut().take(FADE_SAMPLES).enumerate() {
            *sample = to_sample(f32::from(from) * (1.0 - (i + 1) as f32 / FADE_SAMPLES as f32));
        }
        self.rise_left = FADE_SAMPLES;
    }

    /// Utterances whose last sample just went out are finished in this frame, not in the next.
    fn announce_ends(&mut self, frame: &mut OutFrame) {
        while let Some(utterance) = self.queue.front() {
            if !utterance.complete || !utterance.pieces.is_empty() {
                break;
            }
            frame.event.push(PlayoutEvent::Finished(utterance.id));
            self.queue.pop_front();
        }
    }
}

impl Utterance {
    fn next(&mut self) -> Option<i16> {
        let piece = self.pieces.front()?;
        let sample = piece.get(self.at).copied();
        self.at += 1;
        if self.at >= piece.len() {
            self.pieces.pop_front();
            self.at = 0;
        }
        sample
    }
}

fn faded(tail: &[i16]) -> Vec<i16> {
    let count = tail.len() as f32;
    tail.iter().enumerate().map(|(i, &s)| to_sample(f32::from(s) * (1.0 - (i + 1) as f32 / count))).collect()
}

fn risen(sample: i16, left: &mut usize) -> i16 {
    if *left == 0 {
        return sample;
    }
    *left -= 1;
    to_sample(f32::from(sample) * (1.0 - *left as f32 / FADE_SAMPLES as f32))
}

#[cfg(test)]
mod tests;
