//! Voice pages and transfers: they live in the box's memory and die with it.

use domain::{AckVia, ContactId, Means};
use oncall::{Event, StepResult};

use super::{Trouble, What, World};
use crate::people::{Mood, Pickup, pickup};

/// A call that is going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    case: usize,
    step: u32,
    contact: ContactId,
}

/// How it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Result(StepResult),
    Takes,
    Passes,
    Harmless,
}

impl World {
    pub(super) fn ring(&mut self, n: usize, number: u32) {
        let step = self.disk.cases[n].step(number).expect("a row").clone();
        let call = Call { case: n, step: number, contact: step.contact.clone() };
        let Some(memory) = self.memory.as_mut() else { return };
        let same_phone = |c: &&Call| c.contact == call.contact;
        if memory.calls.iter().filter(same_phone).any(|c| c.case == n) {
            self.witnesses[n].blame(format!("row {number}: two calls to one telephone at once"));
            return;
        }
        let engaged = memory.calls.iter().any(|c| same_phone(&c));
        memory.calls.push(call.clone());
        let ring_ms = 1000
            * i64::from(match step.means {
                Means::Transfer => self.policy.transfer_ring_s,
                _ => self.policy.call_ring_s,
            });
        let mood = self.people.get(&step.contact).copied().unwrap_or(Mood::Asleep);
        let trouble = self.trouble(Means::Voice);
        self.witnesses[n].disturbed |= trouble.is_some();
        let (end, after_ms) = match trouble {
            Some(Trouble::Hangs) => return, // nothing is ever heard of it
            Some(Trouble::Away | Trouble::Doubtful) => (End::Result(StepResult::Unreachable), 1500),
            None if engaged => (End::Result(StepResult::Busy), 1500),
            None => match pickup(mood, &mut self.seed) {
                Pickup::Takes if step.means == Means::Transfer => {
                    (End::Result(StepResult::Connected), ring_ms / 2)
                }
                Pickup::Takes => (End::Takes, ring_ms / 2),
                Pickup::Passes => (End::Passes, ring_ms / 2),
                Pickup::Harmless => (End::Harmless, ring_ms / 2),
                Pickup::Nobody => (End::Result(StepResult::NoAnswer), ring_ms),
                Pickup::Machine => (End::Result(StepResult::Unconfirmed), ring_ms / 2),
                Pickup::Busy => (End::Result(StepResult::Busy), 1500),
            },
        };
        self.at(self.now_ms + after_ms, What::CallEnds(call, end));
    }

    pub(super) fn hang_up(&mut self, n: usize, number: u32) {
        if let Some(memory) = self.memory.as_mut() {
            memory.calls.retain(|c| (c.case, c.step) != (n, number));
        }
    }

    pub(super) fn call_ends(&mut self, call: Call, end: End) {
        let Some(memory) = self.memory.as_mut() else { return };
        if !memory.calls.contains(&call) {
            return; // hung up before
        }
        memory.calls.retain(|c| *c != call);
        self.story(|| format!("call to {} ends: {end:?}", call.contact));
        let Call { case: n, step: number, contact: by } = call;
        let answered = matches!(end, End::Takes | End::Harmless | End::Result(StepResult::Connected));
        self.witnesses[n].answered |= answered;
        self.witnesses[n].disturbed |= answered || end == End::Passes;
        let event = match end {
            End::Result(result) => Event::Step { number, result },
            End::Takes => Event::Taken { by: Some(by.clone()), via: AckVia::VoiceKey, words: None },
            End::Passes => Event::PassedOn { by: by.clone() },
            End::Harmless => Event::NotAnEmergency { by: by.clone() },
        };
        self.step(n, |ladder, case, now| ladder.hear(case, event, now));
        if end == End::Takes && self.people.get(&by) == Some(&Mood::Diligent) {
            let at_ms = self.now_ms + 1000 * self.seed.between(60, 2400);
            self.at(at_ms, What::Done { case: n, by });
        }
    }
}
