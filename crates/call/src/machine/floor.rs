//! What we say: one saying at a time, what may cut it, and what happens to the rest.

use std::{collections::VecDeque, time::Duration};

use domain::{Language, Safety};

use super::{Call, Timer, resolve::Walk};
use crate::{
    prompts::{Moment, PromptId, Prompts, Values},
    protocol::{BargeIn, HOLD_MUSIC, Output, Saying, Unit},
    understand::summary::spoken_back,
};

/// Slow speech, so that a resumed saying starts too early rather than too late.
const MS_PER_CHAR: u64 = 85;
/// Longest piece of music for a caller on hold.
const MUSIC: Duration = Duration::from_secs(10);
/// After this many cuts without words only clear speech stops us.
const EMPTY_CUTS_MAX: u8 = 3;

/// Why something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A statement or a question.
    Talk,
    /// A safety instruction; heard to the end or said again.
    Safety(Safety),
    /// Fills a wait for text or decision.
    Filler,
    /// Quiet music while somebody's phone rings.
    Music,
}

/// One or more sentences said in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) prompts: Vec<PromptId>,
    pub(crate) role: Role,
    pub(crate) barge_in: BargeIn,
    /// Units already heard before it was cut.
    pub(crate) skip: usize,
    /// In this language, whatever the caller speaks.
    pub(crate) language: Option<Language>,
}

impl Line {
    pub(crate) fn talk(prompts: &[PromptId]) -> Self {
        Self { prompts: prompts.to_vec(), role: Role::Talk, barge_in: BargeIn::Yes, skip: 0, language: None }
    }

    /// A farewell: a "thanks, bye" spoken over it does not stop it.
    pub(crate) fn farewell(prompts: &[PromptId]) -> Self {
        Self { barge_in: BargeIn::ClearSpeechOnly, ..Self::talk(prompts) }
    }

    pub(crate) fn filler(prompt: PromptId) -> Self {
        Self { role: Role::Filler, ..Self::talk(&[prompt]) }
    }

    /// One piece of music for a caller on hold.
    pub(crate) fn music() -> Self {
        Self { role: Role::Music, ..Self::talk(&[]) }
    }

    pub(crate) fn safety(safety: Safety, prompts: &[PromptId], barge_in: BargeIn) -> Self {
        Self { role: Role::Safety(safety), barge_in, ..Self::talk(prompts) }
    }
}

/// A saying on the line.
#[derive(Debug)]
pub(crate) struct Playing {
    pub(crate) id: u32,
    pub(crate) line: Line,
    units: Vec<Unit>,
}

/// What was cut, in case the interruption had no words.
#[derive(Debug)]
struct Cut {
    id: u32,
    lines: VecDeque<Line>,
    units: Vec<Unit>,
}

/// Our side of the conversation.
#[derive(Debug, Default)]
pub(crate) struct Floor {
    last_id: u32,
    pub(crate) current: Option<Playing>,
    pub(crate) queue: VecDeque<Line>,
    cut: Option<Cut>,
    empty_cuts: u8,
}

impl Floor {
    pub(crate) fn is_free(&self) -> bool {
        self.current.is_none() && self.queue.is_empty()
    }

    /// The instruction is being said or will be.
    pub(crate) fn has_safety(&self, safety: Safety) -> bool {
        let now = self.current.iter().map(|p| &p.line);
        now.chain(&self.queue).any(|line| line.role == Role::Safety(safety))
    }

    pub(crate) fn was_cut(&self) -> bool {
        self.cut.is_some()
    }

    /// The interruption had words, or something else is to be said: the cut saying is not taken up again.
    pub(crate) fn forget_cut(&mut self) {
        self.cut = None;
        self.empty_cuts = 0;
    }
}

impl Call {
    /// Says the line after everything that is queued.
    pub(crate) fn say(&mut self, line: Line) {
        self.floor.queue.push_back(line);
    }

    /// Puts the next line on the air when nobody else has the floor.
    pub(crate) fn pump(&mut self) {
        if self.has_ended() || self.is_connected() || self.floor.current.is_some() {
            return;
        }
        self.ensure_deadline();
        let Some(next) = self.floor.queue.front() else {
            self.nothing_to_say();
            return;
        };
        let may_interleave = matches!(next.role, Role::Filler | Role::Safety(_));
        if self.ear.is_talking() || (self.ear.is_waiting() && !may_interleave) {
            return;
        }
        if let Some(line) = self.floor.queue.pop_front() {
            self.start(line);
        }
    }

    fn start(&mut self, mut line: Line) {
        if !self.paging.is_stored() && line.prompts.iter().any(|p| p.is_promise()) {
            // Whatever was planned: no promise before the page is stored.
            line.prompts = vec![PromptId::SignoffUnsent];
        }
        let (units, text) = self.units(&line);
        let first = line.prompts.first().copied().unwrap_or(PromptId::HoldPhrase);
        if units.is_empty() {
            // Nothing of it can be said (a fact is missing): go on with the next.
            self.pump();
            return;
        }
        self.floor.last_id += 1;
        let id = self.floor.last_id;
        self.timers.set(Timer::Playback, self.now + longest_playback(&units));
        self.timers.clear(Timer::CallerSilent);
        self.timers.clear(Timer::HangUp);
        self.remember_line(&line, &text);
        self.out.push_back(Output::Say(Saying {
            id,
            prompt: first,
            units: units.clone(),
            barge_in: line.barge_in,
            text,
        }));
        self.floor.current = Some(Playing { id, line, units });
    }

    /// What is played of a line, and its words for the transcript.
    fn units(&self, line: &Line) -> (Vec<Unit>, String) {
        if line.role == Role::Music {
            let (text, language) = (HOLD_MUSIC.to_string(), self.details.language);
            return (vec![Unit { text, language, live: false, prompt: PromptId::HoldPhrase }], String::new());
        }
        let prompts = self.prompts(line.language);
        let values = self.values(line);
        let moment = Moment::at(&self.setup.profile.hours, self.local(), prompts.language());
        let (mut units, mut texts) = (Vec::new(), Vec::new());
        for prompt in &line.prompts {
            let (more, text) = prompts.render(*prompt, &values, &moment);
            units.extend(more);
            texts.push(text);
        }
        (units.split_off(line.skip.min(units.len())), texts.join(" "))
    }

    /// The caller's language, if we have its sentences and a voice for them.
    fn prompts(&self, wanted: Option<Language>) -> &Prompts {
        match (wanted.unwrap_or(self.details.language), &self.setup.spanish) {
            (Language::Spanish, Some(spanish)) => spanish,
            (Language::Spanish, None) | (Language::English, _) => &self.setup.prompts,
        }
    }

    fn values(&self, line: &Line) -> Values {
        // What we remember from the last call is only said as a question.
        let asks = |prompt| line.prompts.contains(&prompt);
        let known_name = self.agenda.known_name.clone().filter(|_| asks(PromptId::KnownName));
        let known_address = self.agenda.known_address.clone().filter(|_| asks(PromptId::KnownAddress));
        Values {
            name: self.details.name.clone().or(known_name),
            address: self.details.address.clone().or(known_address),
            company: self.details.company.clone(),
            issue: self
                .details
                .extra_texts
                .last()
                .map(|t| spoken_back(t, self.details.language))
                .filter(|t| !t.is_empty()),
            number: self.agenda.candidate.clone().or_else(|| self.setup.caller.clone()),
            service: self.details.decision.as_ref().map(|d| d.service).unwrap_or_default(),
            day: None,
            time: None,
            half_day: None,
            letters: self.agenda.spelled.clone(),
            step: self.agenda.walk.as_ref().and_then(Walk::step).map(str::to_string),
            by: self.details.acknowledged_by.clone(),
        }
    }

    /// A saying was heard to its end (or never reported on).
    pub(crate) fn playback_over(&mut self, id: u32, heard: bool) {
        let Some(playing) = self.floor.current.take_if(|p| p.id == id) else { return };
        self.timers.clear(Timer::Playback);
        if let Role::Safety(safety) = playing.line.role {
            self.details.safety_said(safety, self.now, heard);
        }
        if heard && playing.line.prompts.contains(&PromptId::RecordingNotice) {
            self.notice_heard();
        }
        if heard && playing.line.prompts.contains(&PromptId::VoicemailStart) {
            self.message_begins();
        }
        if self.ear.is_waiting() {
            self.timers.set(Timer::Filler, self.now + super::ear::FILLER_AGAIN);
        }
    }

    /// The caller speaks: stop if this much speech may stop what is being said.
    pub(crate) fn yield_to(&mut self, sustained_ms: u32) {
        let enough = self.floor.current.as_ref().is_some_and(|p| match p.line.barge_in {
            BargeIn::Yes => sustained_ms >= 120,
            BargeIn::ClearSpeechOnly => sustained_ms >= 600,
            BargeIn::No => false,
        });
        if enough {
            self.ear.cuts_us(self.now);
            self.cut_off();
        }
    }

    /// Stops speaking and remembers what was left to say.
    pub(crate) fn cut_off(&mut self) {
        let Some(playing) = self.floor.current.take() else { return };
        self.timers.clear(Timer::Playback);
        self.out.push_back(Output::StopSpeaking);
        if let Role::Safety(safety) = playing.line.role {
            self.details.safety_said(safety, self.now, false);
        }
        if matches!(playing.line.role, Role::Filler | Role::Music) {
            return;
        }
        let mut lines = VecDeque::from([playing.line]);
        lines.append(&mut self.floor.queue);
        self.floor.cut = Some(Cut { id: playing.id, lines, units: playing.units });
    }

    /// How far the cut saying was heard.
    pub(crate) fn playback_stopped(&mut self, id: u32, played_ms: u32) {
        if self.floor.current.as_ref().is_some_and(|p| p.id == id) {
            // Stopped without our asking: the voice failed in the middle.
            self.playback_over(id, false);
            return;
        }
        let Some(cut) = self.floor.cut.as_mut().filter(|c| c.id == id) else { return };
        let mut left = Duration::from_millis(u64::from(played_ms));
        let mut heard = 0;
        for unit in &cut.units {
            let Some(rest) = left.checked_sub(slow_length(unit)) else { break };
            left = rest;
            heard += 1;
        }
        if let Some(line) = cut.lines.front_mut().filter(|l| !matches!(l.role, Role::Safety(_))) {
            line.skip += heard.min(cut.units.len().saturating_sub(1));
        }
    }

    /// The interruption had no words: take up what was cut, a safety instruction from its start.
    /// Returns false when nothing was cut.
    pub(crate) fn resume_cut(&mut self) -> bool {
        let Some(cut) = self.floor.cut.take() else { return false };
        self.floor.empty_cuts = self.floor.empty_cuts.saturating_add(1);
        let noisy = self.floor.empty_cuts >= EMPTY_CUTS_MAX;
        for (i, mut line) in cut.lines.into_iter().enumerate() {
            if noisy && line.barge_in == BargeIn::Yes {
                line.barge_in = BargeIn::ClearSpeechOnly;
            }
            self.floor.queue.insert(i, line);
        }
        true
    }

    /// Stops speaking and drops everything that was planned, whatever it was: a key was pressed.
    pub(crate) fn stop_for_key(&mut self) {
        self.cut_off();
        self.floor.forget_cut();
        self.floor.queue.clear();
        self.keep_owed_safety();
    }

    /// Makes room for an answer: what is being said ends, unless it is a filler or must be heard.
    pub(crate) fn make_room(&mut self) {
        let stop = self
            .floor
            .current
            .as_ref()
            .is_some_and(|p| p.line.barge_in == BargeIn::Yes && p.line.role != Role::Filler);
        if stop {
            self.cut_off();
        }
        self.floor.forget_cut();
        self.floor.queue.clear();
        self.keep_owed_safety();
    }
}

fn slow_length(unit: &Unit) -> Duration {
    if unit.text == HOLD_MUSIC {
        return MUSIC;
    }
    Duration::from_millis(250 + unit.text.chars().count() as u64 * MS_PER_CHAR)
}

/// After this long without a report a saying counts as over.
fn longest_playback(units: &[Unit]) -> Duration {
    units.iter().map(slow_length).sum::<Duration>() + Duration::from_secs(4)
}
