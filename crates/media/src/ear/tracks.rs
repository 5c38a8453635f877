//! Peaks of the spectrum followed from hop to hop: tones stand still, voices glide.

use super::spectrum::Peak;

/// Tracks that are followed at once.
const TRACKS_MAX: usize = 16;

/// A peak that has been followed for a while.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Track {
    birth_hz: f32,
    pub(crate) hz: f32,
    pub(crate) share: f32,
    /// Hops of 20 ms that it has lived.
    pub(crate) age: u32,
}

/// Follows peaks.
#[derive(Debug)]
pub(crate) struct Tracks {
    tracks: Vec<Track>,
    /// How far a peak may stray from where it was born, in Hz and as a fraction (the larger counts).
    stray_hz: f32,
    stray: f32,
}

impl Tracks {
    pub(crate) fn new(stray_hz: f32, stray: f32) -> Self {
        Self { tracks: Vec::with_capacity(TRACKS_MAX), stray_hz, stray }
    }

    pub(crate) fn clear(&mut self) {
        self.tracks.clear();
    }

    /// Takes the peaks of the next hop.
    pub(crate) fn follow(&mut self, peaks: &[Peak]) {
        let old = std::mem::take(&mut self.tracks);
        for peak in peaks.iter().take(TRACKS_MAX) {
            let parent = old
                .iter()
                .filter(|t| (t.birth_hz - peak.hz).abs() <= self.stray_hz.max(self.stray * t.birth_hz))
                .max_by_key(|t| t.age);
            self.tracks.push(Track {
                birth_hz: parent.map_or(peak.hz, |t| t.birth_hz),
                hz: peak.hz,
                share: peak.share,
                age: parent.map_or(0, |t| t.age + 1),
            });
        }
    }

    /// The tracks that are at least this old, strongest first.
    pub(crate) fn older_than(&self, age: u32) -> impl Iterator<Item = &Track> {
        self.tracks.iter().filter(move |t| t.age >= age)
    }

    /// The share of the power that lies in tracks of at least this age.
    pub(crate) fn steady_share(&self, age: u32) -> f32 {
        self.older_than(age).map(|t| t.share).sum::<f32>().min(1.0)
    }
}
