//! One frame of the caller's side, judged: how loud, is it a voice, is it our echo, is it a machine.
//!
//! Three witnesses. Energy over the noise floor has sharp edges but hears anything. Pitch (a voice
//! repeats itself 60 to 500 times a second) tells voices from noise at once. earshot's network hears
//! speech in noise, but on this narrow band it is slow and rises on steady noise (0.78 on white noise of
//! -30 dBFS), so it only helps a weak pitch over the bar.

use super::echo::Echo;
use super::noise_floor::NoiseFloor;
use super::pitch::{Pitch, pitch};
use super::spectrum::WINDOW;
use super::tones::{ToneGate, Verdict};
use crate::level::dbfs;
use crate::resample::{Resampler16to8, dot};

/// A frame counts as sound from this far above the noise floor.
const ABOVE_FLOOR_DB: f32 = 9.0;
/// … and never below this, in dBFS.
const QUIETEST_DBFS: f32 = -54.0;
/// … nor this far below the loudest that this caller spoke recently.
const BELOW_SPEECH_DB: f32 = 31.0;
/// The memory of the loudest speech fades by this much per frame (1 dB/s).
const SPEECH_FADES_DB: f32 = 0.02;
/// Pitch strength that makes a voice, when earshot is undecided.
const VOICE: f32 = 0.62;
/// How much earshot's score (around 0.5) may move that bar.
const EARSHOT_WEIGHT: f32 = 0.25;
/// Frames after a voiced one that may still be speech: 300 ms.
const SPEECH_LINGERS: u32 = 15;
/// Samples that earshot takes at a time, at 16 kHz.
const EARSHOT_FRAME: usize = 256;

/// The judgement on one frame.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Activity {
    /// In dBFS, without hum below 120 Hz.
    pub(crate) level: f32,
    /// Sound of the caller, above noise and echo, and no tone.
    pub(crate) active: bool,
    /// A voice: active and with a pitch.
    pub(crate) voiced: bool,
    /// The pitch, if the frame is voiced.
    pub(crate) pitch: Option<Pitch>,
    pub(crate) tone: Verdict,
    /// Our echo is in the frame and may hide the beginning of speech.
    pub(crate) under_echo: bool,
}

/// Judges frames; owns all history that is needed for it.
pub(crate) struct Listener {
    down: Resampler16to8,
    high_pass: HighPass,
    /// The last 64 ms at 8 kHz, as heard and without hum.
    heard: Vec<f32>,
    cleaned: Vec<f32>,
    earshot: Box<earshot::Detector>,
    earshot_waiting: Vec<i16>,
    earshot_score: f32,
    floor: NoiseFloor,
    echo: Echo,
    tones: ToneGate,
    speech_dbfs: f32,
    /// Frames since the last voiced one.
    voiced_ago: u32,
}

impl Listener {
    pub(crate) fn new() -> Self {
        Self {
            down: Resampler16to8::new(),
            high_pass: HighPass::default(),
            heard: vec![0.0; WINDOW],
            cleaned: vec![0.0; WINDOW],
            earshot: earshot::Detector::default_boxed(),
            earshot_waiting: Vec::with_capacity(2 * EARSHOT_FRAME),
            earshot_score: 0.0,
            floor: NoiseFloor::new(),
            echo: Echo::new(),
            tones: ToneGate::new(),
            speech_dbfs: crate::SILENCE_DBFS,
            voiced_ago: u32::MAX,
        }
    }

    /// Judges the next frame (16 kHz) against what was sent in the same 20 ms.
    pub(crate) fn judge(&mut self, caller: &[i16], sent: &[i16]) -> Activity {
        let level = self.take_in(caller);
        self.ask_earshot(caller);
        self.echo.note(caller, sent);
        let loud = level > self.threshold();
        let tone = self.tones.hop(&self.heard, loud);
        let pitch = if loud { pitch(&self.cleaned) } else { None };
        let has_voice = pitch.is_some_and(|p| p.strength >= self.voice_bar());
        let active = loud && self.echo.is_caller(level) && !tone.inside;
        let voiced = active && has_voice;
        if !active || tone.suspicious {
            self.echo.learn(level, loud);
        }
        self.learn(level, voiced);
        Activity {
            level,
            active,
            voiced,
            pitch: pitch.filter(|_| voiced),
            tone,
            under_echo: self.echo.is_known(),
        }
    }

    /// Appends the frame to the histories; its level in dBFS.
    fn take_in(&mut self, caller: &[i16]) -> f32 {
        let narrow = self.down.process(caller);
        let count = narrow.len();
        for sample in narrow {
            let sample = f32::from(sample);
            self.heard.push(sample);
            self.cleaned.push(self.high_pass.next(sample));
        }
        self.heard.drain(..count);
        self.cleaned.drain(..count);
        let last = &self.cleaned[WINDOW - count.min(WINDOW)..];
        dbfs((dot(last, last) / last.len().max(1) as f32).sqrt())
    }

    fn ask_earshot(&mut self, caller: &[i16]) {
        self.earshot_waiting.extend_from_slice(caller);
        while self.earshot_waiting.len() >= EARSHOT_FRAME {
            self.earshot_score = self.earshot.predict_i16(&self.earshot_waiting[..EARSHOT_FRAME]);
            self.earshot_waiting.drain(..EARSHOT_FRAME);
        }
    }

    fn threshold(&self) -> f32 {
        (self.floor.dbfs() + ABOVE_FLOOR_DB).max(QUIETEST_DBFS).max(self.speech_dbfs - BELOW_SPEECH_DB)
    }

    fn voice_bar(&self) -> f32 {
        VOICE - EARSHOT_WEIGHT * (self.earshot_score.clamp(0.0, 1.0) - 0.5)
    }

    /// What a frame teaches about the noise and the caller; echo never reaches the noise floor.
    fn learn(&mut self, level: f32, voiced: bool) {
        self.speech_dbfs -= SPEECH_FADES_DB;
        if voiced {
            self.speech_dbfs = self.speech_dbfs.max(level);
        }
        self.voiced_ago = if voiced { 0 } else { self.voiced_ago.saturating_add(1) };
        // Within speech only its gaps may teach the floor, downwards: words without a gap are no noise.
        let in_speech = self.voiced_ago < SPEECH_LINGERS && level > self.floor.dbfs();
        if !self.echo.possible() && !in_speech {
            self.floor.note(level);
        }
    }
}

/// Second-order Butterworth high-pass, 120 Hz at 8 kHz: takes out hum.
#[derive(Debug, Default)]
struct HighPass {
    x: [f32; 2],
    y: [f32; 2],
}

impl HighPass {
    fn next(&mut self, input: f32) -> f32 {
        // tan(pi * 120 / 8000) = 0.047158, bilinear transform.
        const GAIN: f32 = 0.935_527;
        const A1: f32 = -1.866_892;
        const A2: f32 = 0.875_215;
        let output = GAIN * (input - 2.0 * self.x[0] + self.x[1]) - A1 * self.y[0] - A2 * self.y[1];
        self.x = [input, self.x[0]];
        self.y = [output, self.y[0]];
        output
    }
}
