//! The tone gate: what comes from machines, not from people, is kept out of turns.
//!
//! A tone's spectral peaks stand still to within a hertz or two; a voice glides, even a synthetic one.
//! Measured on the shared clips: at no moment do more than 0.81 of a voice's power stand still for six
//! hops of 20 ms, and never for two hops in a row; of a tone it is 0.85 (hum) to 1.0.

use super::spectrum::{Analyser, Spectrum};
use super::tracks::{Track, Tracks};

/// What kind of machine sound it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ToneKind {
    /// The far end is ringing (440+480 Hz; 425 Hz in Europe, where busy and dial tone sound the same).
    Ringback,
    /// Busy or congestion (480+620 Hz).
    Busy,
    /// Dial tone (350+440 Hz).
    DialTone,
    /// Special information tones (950, 1400, 1800 Hz): "the number you have dialled …".
    Sit,
    /// A fax machine that calls (CNG, 1100 Hz).
    FaxCalling,
    /// A fax machine or modem that answers (CED, 2100 Hz).
    FaxAnswer,
    /// A telephone key in the sound itself.
    Dtmf(char),
    /// One steady frequency of another kind: a voicemail or recording beep.
    Beep,
    /// Hold music, or a chord.
    Music,
    /// Mains hum or the like.
    Hum,
}

/// What the gate says about a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Verdict {
    /// A tone is sounding.
    pub(crate) inside: bool,
    /// It was recognised just now; it began this many frames ago.
    pub(crate) started: Option<(ToneKind, usize)>,
    /// It ended just now.
    pub(crate) ended: bool,
    /// It may be a tone; the next hops will tell.
    pub(crate) suspicious: bool,
}

/// Hops for which the power must have stood still, and how much of it.
const STEADY_HOPS: u32 = 5;
const STEADY_SHARE: f32 = 0.85;
/// The same for a thicker sound that stands still longer.
const LONG_HOPS: u32 = 10;
const LONG_SHARE: f32 = 0.65;
/// Hops in a row that decide.
const STEADY_RUN: u32 = 2;
/// Suspicion begins here: earlier than the decision, so that nobody is interrupted by a beep.
const SUSPECT_HOPS: u32 = 2;
/// Hops without the tone that end it.
const OVER_AFTER: u32 = 3;
/// A peak counts as a component of the tone from this share of the power.
const COMPONENT: f32 = 0.08;
/// Music: the average steady share (about a second) that begins and ends it.
const MUSIC_BEGINS: f32 = 0.25;
const MUSIC_ENDS: f32 = 0.10;
const MUSIC_HOPS: u32 = 8;
const MUSIC_SMOOTHING: f32 = 0.02;
/// When music is recognised, this much before it was music too: 2 s.
const MUSIC_BACKDATE: usize = 100;

/// See the module's text.
#[derive(Debug)]
pub(crate) struct ToneGate {
    analyser: Analyser,
    /// Follows peaks that stand still as a machine's do.
    still: Tracks,
    /// Follows peaks that stand as still as an instrument's.
    musical: Tracks,
    steady_run: u32,
    key_run: (Option<char>, u32),
    music: f32,
    current: Option<ToneKind>,
    misses: u32,
    last_single: Option<(f32, u32)>,
}

impl ToneGate {
    pub(crate) fn new() -> Self {
        Self {
            analyser: Analyser::new(),
            still: Tracks::new(3.0, 0.003),
            musical: Tracks::new(4.0, 0.005),
            steady_run: 0,
            key_run: (None, 0),
            music: 0.0,
            current: None,
            misses: 0,
            last_single: None,
        }
    }

    /// Takes the last 64 ms at 8 kHz; `audible` is false when they are below the noise.
    pub(crate) fn hop(&mut self, window: &[f32], audible: bool) -> Verdict {
        self.last_single = self.last_single.map(|(hz, age)| (hz, age.saturating_add(1)));
        let kind = if audible { self.listen(window) } else { self.hear_nothing() };
        let mut verdict = Verdict { suspicious: audible && self.is_suspicious(), ..Verdict::default() };
        match (self.current, kind) {
            (None, Some((kind, backdate))) => {
                self.current = Some(kind);
                self.misses = 0;
                verdict.started = Some((kind, backdate));
            }
            (Some(current), Some((kind, backdate))) if current != kind && replaces(kind, current) => {
                self.current = Some(kind);
                self.misses = 0;
                verdict.started = Some((kind, backdate));
                verdict.ended = true;
            }
            (Some(_), Some(_)) => self.misses = 0,
            (Some(_), None) => {
                self.misses += 1;
                if self.misses >= OVER_AFTER {
                    self.current = None;
                    verdict.ended = true;
                }
            }
            (None, None) => {}
        }
        verdict.inside = self.current.is_some();
        verdict
    }

    fn listen(&mut self, window: &[f32]) -> Option<(ToneKind, usize)> {
        let spectrum = self.analyser.analyse(window);
        self.still.follow(&spectrum.peaks);
        self.musical.follow(&spectrum.peaks);
        self.music += MUSIC_SMOOTHING * (self.musical.steady_share(MUSIC_HOPS) - self.music);
        if let Some(key) = self.key(&spectrum) {
            return Some((ToneKind::Dtmf(key), 6));
        }
        let steady = self.still.steady_share(STEADY_HOPS) >= STEADY_SHARE
            || self.still.steady_share(LONG_HOPS) >= LONG_SHARE;
        self.steady_run = if steady { self.steady_run + 1 } else { 0 };
        // A tone that already sounds is held by less, so that line noise does not chop it up.
        let held = self.current.is_some() && self.still.steady_share(1) >= LONG_SHARE;
        if self.steady_run >= STEADY_RUN {
            let name = self.name();
            if name != ToneKind::Music {
                // A tone explains the stillness; it must not be taken for music when it ends.
                self.music = 0.0;
            }
            let age = self.still.older_than(0).map(|t| t.age).max().unwrap_or(0);
            return Some((name, age as usize + 3));
        }
        if held {
            self.music = if self.current == Some(ToneKind::Music) { self.music } else { 0.0 };
            return self.current.map(|kind| (kind, 0));
        }
        self.music_now()
    }

    fn hear_nothing(&mut self) -> Option<(ToneKind, usize)> {
        self.still.clear();
        self.musical.clear();
        self.steady_run = 0;
        self.key_run = (None, 0);
        self.music -= MUSIC_SMOOTHING * self.music;
        self.music_now()
    }

    fn music_now(&self) -> Option<(ToneKind, usize)> {
        let playing = self.current == Some(ToneKind::Music);
        let enough = if playing { MUSIC_ENDS } else { MUSIC_BEGINS };
        (self.music >= enough).then_some((ToneKind::Music, MUSIC_BACKDATE))
    }

    fn is_suspicious(&self) -> bool {
        self.still.steady_share(SUSPECT_HOPS) >= STEADY_SHARE || self.steady_run > 0
    }

    /// A telephone key that was heard for two hops.
    fn key(&mut self, spectrum: &Spectrum) -> Option<char> {
        let key = dtmf(spectrum);
        self.key_run = match self.key_run {
            (last, run) if last == key => (key, run + 1),
            (_, _) => (key, 1),
        };
        if self.key_run.1 >= 2 { key } else { None }
    }

    /// The name of the sound that stands still now.
    fn name(&mut self) -> ToneKind {
        let mut hz: Vec<f32> = self
            .still
            .older_than(SUSPECT_HOPS)
            .filter(|t| t.share >= COMPONENT)
            .map(|t: &Track| t.hz)
            .collect();
        hz.sort_by(f32::total_cmp);
        let near = |wanted: f32, got: f32| (wanted - got).abs() <= 16.0;
        match hz[..] {
            [a, b] if near(350.0, a) && near(440.0, b) => ToneKind::DialTone,
            [a, b] if near(480.0, a) && near(620.0, b) => ToneKind::Busy,
            [first, .., last] if first > 400.0 && last < 510.0 => ToneKind::Ringback,
            [only] => self.single(only),
            [first, ..] if first < 310.0 && is_mains(&hz) => ToneKind::Hum,
            [] | [_, _, ..] => ToneKind::Music,
        }
    }

    /// One frequency alone.
    fn single(&mut self, hz: f32) -> ToneKind {
        let near = |wanted: f32, tolerance: f32| (wanted - hz).abs() <= tolerance;
        let before = self.last_single.filter(|&(_, age)| age < 50).map(|(hz, _)| hz);
        self.last_single = Some((hz, 0));
        let sit_step = |from: f32, to: f32| before.is_some_and(|b| (b - from).abs() < 45.0) && near(to, 45.0);
        let sit_held = self.current == Some(ToneKind::Sit) && (near(1400.0, 45.0) || near(1800.0, 45.0));
        if sit_held || sit_step(950.0, 1400.0) || sit_step(1400.0, 1800.0) {
            ToneKind::Sit
        } else if near(1100.0, 40.0) {
            ToneKind::FaxCalling
        } else if near(2100.0, 40.0) {
            ToneKind::FaxAnswer
        } else if (400.0..=500.0).contains(&hz) {
            ToneKind::Ringback
        } else if hz < 310.0 {
            ToneKind::Hum
        } else {
            ToneKind::Beep
        }
    }
}

/// Whether a new name replaces the present one: a tone may turn out to be another, but a tune's single
/// notes do not end the music, and a key is a key until it is released.
fn replaces(new: ToneKind, current: ToneKind) -> bool {
    match (current, new) {
        (ToneKind::Music, _) => matches!(new, ToneKind::Dtmf(_)),
        (ToneKind::Dtmf(_), _) => matches!(new, ToneKind::Dtmf(_)),
        (_, _) => true,
    }
}

/// Whether all components are multiples of 50 or of 60 Hz.
fn is_mains(hz: &[f32]) -> bool {
    [50.0, 60.0].iter().any(|base| hz.iter().all(|f| (f / base - (f / base).round()).abs() * base < 4.0))
}

const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
const KEYS: [[char; 4]; 4] =
    [['1', '2', '3', 'A'], ['4', '5', '6', 'B'], ['7', '8', '9', 'C'], ['*', '0', '#', 'D']];

/// The key whose two frequencies make up nearly all of the sound.
fn dtmf(spectrum: &Spectrum) -> Option<char> {
    const POWER: f32 = 0.9;
    const TOLERANCE: f32 = 0.025;
    /// The weaker of the two is at most 10 dB below the other.
    const WEAKEST: f32 = 0.08;
    let [a, b, ..] = spectrum.peaks[..] else { return None };
    if spectrum.two_lobes < POWER || b.share < WEAKEST {
        return None;
    }
    let (low, high) = if a.hz < b.hz { (a.hz, b.hz) } else { (b.hz, a.hz) };
    let index = |table: &[f32; 4], hz: f32| table.iter().position(|f| (hz / f - 1.0).abs() < TOLERANCE);
    Some(KEYS[index(&ROWS, low)?][index(&COLUMNS, high)?])
}

#[cfg(test)]
mod tests;
