//! A model of the outbox: one item for a text, sent until it is accepted, withdrawn or too old.

use domain::{AlertState, EscalationStep, StepFailure, StepRow};
use oncall::{Case, Event, StepResult};

use super::{Trouble, What, World};
use crate::people::{Mood, reply};

/// A text that waits on disk.
pub(super) struct Item {
    pub(super) case: usize,
    pub(super) step: u32,
    state: State,
    tries: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Sent,
    Withdrawn,
    Dead,
}

impl Item {
    pub(super) fn new(case: usize, step: &StepRow) -> Self {
        Self { case, step: step.number, state: State::Waiting, tries: 0 }
    }

    pub(super) fn withdraw(&mut self) {
        if self.state == State::Waiting {
            self.state = State::Withdrawn;
        }
    }
}

impl World {
    /// Items that have never been tried leave at once.
    pub(super) fn try_new_items(&mut self) {
        let new =
            |(at, item): (usize, &Item)| (item.state == State::Waiting && item.tries == 0).then_some(at);
        let new: Vec<usize> = self.disk.outbox.iter().enumerate().filter_map(new).collect();
        for item in new {
            self.disk.outbox[item].tries = 1;
            self.at(self.now_ms + 50, What::Try(item));
        }
    }

    /// After a start, everything that waits.
    pub(super) fn try_all_items(&mut self) {
        for item in 0..self.disk.outbox.len() {
            self.at(self.now_ms + 100, What::Try(item));
        }
    }

    pub(super) fn try_item(&mut self, at: usize) {
        let Item { case: n, step: number, state, .. } = self.disk.outbox[at];
        let step = self.disk.cases[n].step(number).expect("items belong to rows").clone();
        if state != State::Waiting {
            return;
        }
        if self.disk.cases[n].alert.state == AlertState::Expired {
            self.disk.outbox[at].state = State::Dead;
            return;
        }
        let trouble = self.trouble(step.means);
        let result = match trouble {
            Some(Trouble::Away) => StepResult::Unreachable,
            Some(Trouble::Hangs) => {
                self.later(at);
                return;
            }
            _ if step.means.is_sms() && self.opted_out.contains(&step.contact) => {
                StepResult::Failed(StepFailure::OptedOut)
            }
            Some(Trouble::Doubtful) => StepResult::Unsure,
            None => StepResult::Accepted,
        };
        let news = matches!(trouble, Some(Trouble::Doubtful) | None);
        if news && !matches!(result, StepResult::Failed(_)) {
            self.arrives(n, number);
        }
        // the far side has it, the box has not written that down
        if self.power_goes() {
            self.witnesses[n].doubtful.push(number);
            return self.power_cut();
        }
        match result {
            StepResult::Accepted => self.disk.outbox[at].state = State::Sent,
            StepResult::Failed(_) => self.disk.outbox[at].state = State::Dead,
            _ => self.later(at),
        }
        if result == StepResult::Unsure {
            self.witnesses[n].doubtful.push(number);
        }
        if let Some(memory) = self.memory.as_mut() {
            match result {
                StepResult::Unreachable => memory.known.away.insert(step.means),
                _ => memory.known.away.remove(&step.means),
            };
        }
        if result != StepResult::Accepted {
            self.witnesses[n].disturbed = true;
        }
        self.step(n, |ladder, case, now| ladder.hear(case, Event::Step { number, result }, now));
    }

    fn later(&mut self, at: usize) {
        let item = &mut self.disk.outbox[at];
        item.tries += 1;
        let pause_ms = 1000 * (5_i64 << item.tries.min(7));
        self.witnesses[self.disk.outbox[at].case].disturbed = true;
        self.at(self.now_ms + pause_ms, What::Try(at));
    }

    /// The telephone of the person shows the text; he may answer, perhaps twice.
    fn arrives(&mut self, n: usize, number: u32) {
        *self.witnesses[n].arrivals.entry(number).or_default() += 1;
        let case = &self.disk.cases[n];
        let asks = case.step(number).is_some_and(|s| s.step == EscalationStep::AskCallback);
        if !asks && !case.alert.state.wants_somebody() {
            self.witnesses[n].blame(format!("row {number} went out although the alert was taken"));
        }
        let (code, step) = (case.alert.code.0.clone(), case.step(number).expect("a row").clone());
        let mood = self.people.get(&step.contact).copied().unwrap_or(Mood::Asleep);
        let Some((words, after_s)) = reply(mood, &code, &mut self.seed) else { return };
        let from = step.contact;
        let twice = self.seed.percent(15);
        for extra_ms in [0, 900].into_iter().take(if twice { 2 } else { 1 }) {
            let what = What::Reply { from: from.clone(), words: words.clone() };
            self.at(self.now_ms + 1000 * after_s + extra_ms, what);
        }
        if mood == Mood::Diligent {
            let at_ms = self.now_ms + 1000 * (after_s + self.seed.between(300, 2400));
            self.at(at_ms, What::Reply { from, words: format!("done {code}") });
        }
    }

    /// In the morning every written step has exactly one item, and none waits for no reason.
    pub(super) fn items_agree(&self, n: usize, case: &Case) -> Result<(), String> {
        for step in case.steps.iter().filter(|s| s.attempted_at.is_some() && !s.means.is_call()) {
            let items: Vec<&Item> =
                self.disk.outbox.iter().filter(|i| i.case == n && i.step == step.number).collect();
            let [item] = items[..] else {
                return Err(format!("row {} has {} outbox items", step.number, items.len()));
            };
            let arrived = self.witnesses[n].arrivals.contains_key(&step.number);
            if item.state == State::Sent && !arrived {
                return Err(format!("row {} is sent and never arrived", step.number));
            }
            let open = case.alert.state.wants_somebody();
            if item.state == State::Waiting && !open && !case.alert.state.is_over() {
                return Err(format!("row {} still waits in a case that somebody has", step.number));
            }
        }
        Ok(())
    }
}
