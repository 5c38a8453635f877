//! Which pieces of the caller's speech are being transcribed, and when a turn's text is complete.
//!
//! ```text
//! ear: Partial ─┐                      ┌─> early text (may raise an alarm before the turn ends)
//!      Pause ───┼─> stt-worker ─> text ┤
//!      Cut ─────┘                      └─> pieces + tail = the finished turn
//! ```
//! Owns the bookkeeping only; `live_call` starts the transcriptions.

use std::time::Duration;

use domain::{Heard, Language, Tone};

use crate::workers::Transcript;

/// Why a piece is transcribed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// The caller is still talking: early text only.
    Partial,
    /// Silence began: the tail of the turn, unless speech resumes.
    Tail,
    /// A finished piece of a long turn.
    Cut,
}

/// A finished turn of the caller.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HeardTurn {
    pub(crate) heard: Heard,
    /// When the caller stopped talking.
    pub(crate) end_of_speech: Duration,
    /// Recogniser time on the critical path.
    pub(crate) hearing_ms: u32,
}

/// The turn that is being heard.
#[derive(Debug, Default)]
pub(crate) struct HearingDesk {
    /// Finished pieces by segment; `None` while they are with the recogniser.
    pieces: Vec<(u32, Option<Transcript>)>,
    tail: Option<(u32, Option<Transcript>)>,
    ended: Option<TurnEnd>,
}

#[derive(Debug, Clone, Copy)]
struct TurnEnd {
    end_of_speech: Duration,
    tone: Tone,
}

impl HearingDesk {
    /// A transcription of this piece has been started.
    pub(crate) fn sent(&mut self, piece: Piece, segment: u32) {
        match piece {
            Piece::Partial => {}
            Piece::Tail => self.tail = Some((segment, None)),
            Piece::Cut => {
                self.tail = None;
                self.pieces.push((segment, None));
            }
        }
    }

    /// Speech went on: the tail's text no longer counts.
    pub(crate) fn resumed(&mut self, segment: u32) {
        if self.tail.as_ref().is_some_and(|(s, _)| *s == segment) {
            self.tail = None;
        }
    }

    /// The caller's turn is over; its text follows when every piece is back.
    pub(crate) fn turn_ended(&mut self, end_of_speech: Duration, tone: Tone) {
        self.ended = Some(TurnEnd { end_of_speech, tone });
    }

    /// A piece is back. A piece that failed counts as heard without words.
    pub(crate) fn done(&mut self, piece: Piece, segment: u32, transcript: Transcript) {
        let slot = match piece {
            Piece::Partial => None,
            Piece::Tail => self.tail.as_mut(),
            Piece::Cut => self.pieces.iter_mut().find(|(s, _)| *s == segment),
        };
        if let Some((s, slot)) = slot
            && *s == segment
        {
            *slot = Some(transcript);
        }
    }

    /// The turn's words so far, with `newest` for a piece that is not in the books yet.
    pub(crate) fn text_so_far(&self, newest: &str) -> String {
        let done = self.pieces.iter().filter_map(|(_, t)| t.as_ref().map(|t| t.text.as_str()));
        join(done.chain([newest]))
    }

    /// True between the end of a turn and its complete text.
    pub(crate) fn is_waiting(&self) -> bool {
        self.ended.is_some()
    }

    /// The finished turn, once every piece is back.
    pub(crate) fn take_turn(&mut self) -> Option<HeardTurn> {
        let end = self.ended?;
        let all = self.pieces.iter().chain(self.tail.as_ref());
        let transcripts = all.map(|(_, t)| t.clone()).collect::<Option<Vec<Transcript>>>()?;
        *self = Self::default();
        let spoken: Vec<&Transcript> = transcripts.iter().filter(|t| !t.text.is_empty()).collect();
        let confidence = spoken.iter().map(|t| t.confidence).fold(1.0, f32::min);
        let spanish = spoken.iter().any(|t| t.language == Language::Spanish);
        Some(HeardTurn {
            heard: Heard {
                text: join(spoken.iter().map(|t| t.text.as_str())),
                confidence: if spoken.is_empty() { 0.0 } else { confidence },
                tone: end.tone,
                language: if spanish { Language::Spanish } else { Language::English },
            },
            end_of_speech: end.end_of_speech,
            hearing_ms: transcripts.last().map_or(0, |t| t.took_ms),
        })
    }

    /// The recogniser failed for good in this turn: forget it.
    pub(crate) fn give_up(&mut self) {
        *self = Self::default();
    }
}

fn join<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.map(str::trim).filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ")
}
