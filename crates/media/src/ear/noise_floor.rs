//! How loud the line is when nobody speaks: the quietest moments of the last two seconds.

use std::collections::VecDeque;

/// Frames over which levels are averaged before the minimum is taken: 100 ms.
const SMOOTH: usize = 5;
/// Smoothed levels that are looked back on: two seconds.
const LOOK_BACK: usize = 100;
/// Bounds of the floor, in dBFS: below is the codec's own noise, above nobody could be understood.
const LOWEST_DBFS: f32 = -65.0;
const HIGHEST_DBFS: f32 = -30.0;
/// Until something was heard.
const START_DBFS: f32 = -60.0;

/// See the module's text.
#[derive(Debug)]
pub(crate) struct NoiseFloor {
    recent: VecDeque<f32>,
    smoothed: VecDeque<f32>,
    floor: f32,
}

impl NoiseFloor {
    pub(crate) fn new() -> Self {
        Self {
            recent: VecDeque::with_capacity(SMOOTH),
            smoothed: VecDeque::with_capacity(LOOK_BACK),
            floor: START_DBFS,
        }
    }

    /// Takes the level of a frame without echo, in dBFS.
    pub(crate) fn note(&mut self, level: f32) {
        if self.recent.len() == SMOOTH {
            self.recent.pop_front();
        }
        self.recent.push_back(level);
        if self.recent.len() < SMOOTH {
            return;
        }
        if self.smoothed.len() == LOOK_BACK {
            self.smoothed.pop_front();
        }
        self.smoothed.push_back(self.recent.iter().sum::<f32>() / SMOOTH as f32);
        let lowest = self.smoothed.iter().copied().fold(f32::INFINITY, f32::min);
        // With little history a loud start may be speech: believe it only as it fills up.
        let known = self.smoothed.len() as f32 / LOOK_BACK as f32;
        let believed = if lowest > self.floor { self.floor + (lowest - self.floor) * known } else { lowest };
        self.floor = believed.clamp(LOWEST_DBFS, HIGHEST_DBFS);
    }

    /// The floor in dBFS.
    pub(crate) fn dbfs(&self) -> f32 {
        self.floor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_is_learned_in_two_seconds_and_outlasts_speech() {
        let mut floor = NoiseFloor::new();
        (0..110).for_each(|_| floor.note(-48.0));
        assert!((floor.dbfs() + 48.0).abs() < 1.0, "{}", floor.dbfs());
        // Speech has gaps; the floor stays at their level.
        for i in 0..500 {
            floor.note(if i % 40 < 6 { -48.0 } else { -18.0 });
        }
        assert!((floor.dbfs() + 48.0).abs() < 1.0, "{}", floor.dbfs());
    }

    #[test]
    fn it_falls_at_once_when_the_line_becomes_quieter() {
        let mut floor = NoiseFloor::new();
        (0..200).for_each(|_| floor.note(-40.0));
        (0..6).for_each(|_| floor.note(-62.0));
        assert!(floor.dbfs() < -60.0);
    }
}
