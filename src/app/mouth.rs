//! Turns a saying into sound: cached units at once, live units as soon as the voice has rendered them, in order.
//!
//! Owns the order of units only. `live_call` asks the voice for what is missing; `media::Playout` plays.

use std::{collections::VecDeque, sync::Arc};

use call::Unit;
use domain::Language;
use media::Playout;

/// The saying that is being put together.
#[derive(Debug, Default)]
pub(crate) struct Mouth {
    saying: Option<Assembly>,
}

#[derive(Debug)]
struct Assembly {
    id: u32,
    units: VecDeque<Sound>,
    /// Number of the first unit in `units`.
    first: usize,
}

#[derive(Debug)]
enum Sound {
    Ready(Arc<[i16]>),
    Rendering,
    /// The voice could not say it; the sentence goes on without it.
    Missing,
}

/// A unit that must be rendered now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ToRender {
    pub(crate) saying: u32,
    pub(crate) unit: usize,
    pub(crate) text: String,
    pub(crate) live: bool,
    pub(crate) language: Language,
}

impl Mouth {
    /// Begins a saying with the units that `cached` knows, and returns those that have to be rendered.
    pub(crate) fn say(
        &mut self,
        id: u32,
        units: &[Unit],
        cached: impl Fn(&Unit) -> Option<Arc<[i16]>>,
        playout: &mut Playout,
    ) -> Vec<ToRender> {
        let mut missing = Vec::new();
        let sounds = units.iter().enumerate().map(|(unit, u)| match cached(u) {
            Some(audio) => Sound::Ready(audio),
            None => {
                let (text, live, language) = (u.text.clone(), u.live, u.language);
                missing.push(ToRender { saying: id, unit, text, live, language });
                Sound::Rendering
            }
        });
        self.saying = Some(Assembly { id, units: sounds.collect(), first: 0 });
        playout.begin(id);
        self.advance(playout);
        missing
    }

    /// A unit came back from the voice; `None` when it could not be rendered in time.
    pub(crate) fn rendered(
        &mut self,
        saying: u32,
        unit: usize,
        audio: Option<Arc<[i16]>>,
        playout: &mut Playout,
    ) {
        let Some(assembly) = self.saying.as_mut().filter(|a| a.id == saying) else { return };
        let waiting = unit.checked_sub(assembly.first).and_then(|i| assembly.units.get_mut(i));
        if let Some(slot) = waiting {
            *slot = audio.map_or(Sound::Missing, Sound::Ready);
        }
        self.advance(playout);
    }

    /// Nothing of the current saying is played any more.
    pub(crate) fn stop(&mut self) {
        self.saying = None;
    }

    fn advance(&mut self, playout: &mut Playout) {
        let Some(assembly) = &mut self.saying else { return };
        while let Some(next) = assembly.units.front() {
            match next {
                Sound::Rendering => return,
                Sound::Missing => {}
                Sound::Ready(audio) => playout.append(assembly.id, audio.clone()),
            }
            assembly.units.pop_front();
            assembly.first += 1;
        }
        playout.finish(assembly.id);
        self.saying = None;
    }
}
