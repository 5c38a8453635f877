//! Putting the caller through: the wait while the on-call person's phone rings, and what ends it. While waiting the
//! caller hears music and a sentence in turn, never silence; every way out leads on with the call.

use std::time::Duration;

use domain::Tone;

use super::{
    Call, Question, Stage, Timer,
    agenda::Promise,
    answers::{InPassing, Said},
    floor::{Line, Role},
};
use crate::{
    prompts::PromptId,
    protocol::{BargeIn, Input, Output, TransferResult},
    understand::{Intent, first_name, intent, intents},
};

/// Beyond the ringing time, for dialling and for the briefing that the on-call person hears first.
const PATIENCE: Duration = Duration::from_secs(20);
/// Nobody talks to a plumber at night for longer; a line that hangs is freed then.
const CONVERSATION_MAX: Duration = Duration::from_secs(2 * 3600);

/// The one transfer of a call.
#[derive(Debug, Default)]
pub(crate) struct Transfer {
    tried: bool,
    /// The last thing that was played for the waiting caller was music.
    music: bool,
    /// Nobody understands the caller: a message is taken when the transfer fails.
    then_message: bool,
}

impl Call {
    pub(crate) fn is_holding(&self) -> bool {
        matches!(self.stage, Stage::Holding)
    }

    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.stage, Stage::Connected)
    }

    /// A transfer can still be begun: allowed, not tried, and nobody has taken the alert (decision K24).
    pub(crate) fn may_transfer(&self) -> bool {
        self.setup.transfer && !self.transfer.tried && self.details.acknowledged_by.is_none()
    }

    /// The caller has no patience for questions: put through at once.
    pub(crate) fn caller_cannot_wait(&self) -> bool {
        self.details.tone_worst == Tone::Panicked || self.agenda.refused
    }

    /// Rings the on-call person. The page is out already: it never comes after the ringing (decision K05).
    pub(crate) fn begin_transfer(&mut self) {
        self.update_page();
        self.transfer.tried = true;
        self.stage = Stage::Holding;
        self.out.push_back(Output::Transfer(self.page_draft()));
        self.timers.clear(Timer::CallerSilent);
        self.set_patience();
        let prompt = if self.is_it() { PromptId::MspConnect } else { PromptId::Transfer };
        let line = Line { barge_in: BargeIn::ClearSpeechOnly, ..Line::talk(&[prompt]) };
        // Instructions that are not about life and death are said while it rings.
        let can_wait = |line: &Line| matches!(line.role, Role::Safety(safety) if !safety.comes_first());
        let at = self.floor.queue.iter().position(can_wait).unwrap_or(self.floor.queue.len());
        self.floor.queue.insert(at, line);
    }

    /// The same for a caller whom nobody understands.
    pub(crate) fn transfer_before_message(&mut self) {
        self.ear.shut();
        for timer in [Timer::Filler, Timer::TriageLate, Timer::TalkLimit, Timer::FalseInterruption] {
            self.timers.clear(timer);
        }
        self.transfer.then_message = true;
        self.begin_transfer();
    }

    fn set_patience(&mut self) {
        let ring = Duration::from_secs(u64::from(self.setup.transfer_ring_s));
        self.timers.set(Timer::TransferLate, self.now + ring + PATIENCE);
    }

    /// Nothing is being said to a waiting caller: music, then a sentence, then music.
    pub(crate) fn keep_company(&mut self) {
        self.transfer.music = !self.transfer.music;
        let line = if self.transfer.music { Line::music() } else { Line::talk(&[PromptId::HoldPhrase]) };
        self.say(line);
    }

    pub(crate) fn transfer_result(&mut self, result: TransferResult) {
        match result {
            TransferResult::Ringing if self.is_holding() => self.set_patience(),
            TransferResult::Connected if self.transfer.tried && !self.has_ended() => self.connected(),
            TransferResult::Failed if self.is_holding() => self.come_back(),
            TransferResult::Failed | TransferResult::Over if self.is_connected() => {
                self.end(false, "transferred: the on-call person hung up");
            }
            TransferResult::Ringing
            | TransferResult::Connected
            | TransferResult::Failed
            | TransferResult::Over => {}
        }
    }

    /// No report came: the telephone system has forgotten us.
    pub(crate) fn transfer_late(&mut self) {
        if self.is_holding() {
            self.out.push_back(Output::CancelTransfer);
            self.come_back();
        }
    }

    fn connected(&mut self) {
        self.cut_off();
        self.floor.forget_cut();
        self.floor.queue.clear();
        self.ear.shut();
        self.timers.clear_all();
        self.timers.set(Timer::LastSecond, self.now + CONVERSATION_MAX);
        self.stage = Stage::Connected;
    }

    /// Two people talk. Only what became of the pages still matters.
    pub(crate) fn while_connected(&mut self, input: &Input) {
        #[allow(clippy::wildcard_enum_match_arm)] // everything else belongs to the two
        match input {
            Input::PageCommitted => self.page_committed(),
            Input::PageFailed => self.page_failed(),
            _ => {}
        }
    }

    /// Nobody took it: the decided sentence (VTCR 2.2), and on with the call.
    fn come_back(&mut self) {
        self.end_hold();
        if std::mem::take(&mut self.transfer.then_message) {
            return self.take_message(PromptId::VoicemailStart);
        }
        if !self.paging.is_stored() {
            return self.go_on(&[]);
        }
        self.agenda.promise = Promise::Given;
        self.go_on_after_promise(&[PromptId::TransferFailed]);
    }

    /// The caller no longer waits; whatever is said next decides the stage.
    fn end_hold(&mut self) {
        self.timers.clear(Timer::TransferLate);
        self.stage = Stage::Asking(Question::PageStored);
        let must_be_heard =
            self.floor.current.as_ref().is_some_and(|p| matches!(p.line.role, Role::Safety(_)));
        if !must_be_heard {
            self.cut_off();
        }
        self.floor.forget_cut();
    }

    /// Stops the ringing when the call goes another way or ends.
    pub(crate) fn drop_transfer(&mut self) {
        if self.is_holding() {
            self.end_hold();
            self.out.push_back(Output::CancelTransfer);
        }
    }

    /// The caller would rather be called back.
    fn stop_waiting(&mut self) {
        self.drop_transfer();
        if std::mem::take(&mut self.transfer.then_message) {
            return self.take_message(PromptId::VoicemailStart);
        }
        self.go_on(&[PromptId::HoldStopped]);
    }

    pub(crate) fn hold_key(&mut self, key: char) {
        if matches!(key, '*' | '#') {
            self.stop_waiting();
        }
    }

    /// Instructions and facts that come up while the phone rings; nothing is asked.
    pub(crate) fn go_on_holding(&mut self, lead: &[PromptId]) {
        self.agenda.news = false;
        self.floor.queue.clear();
        self.floor.forget_cut();
        self.owe_safety(true);
        if !lead.is_empty() {
            self.say(Line::talk(lead));
        }
        self.owe_safety(false);
    }

    /// Words of a caller who waits.
    pub(crate) fn respond_on_hold(&mut self, said: Said<'_>, in_passing: InPassing) {
        let intents = intents(said.read);
        let gives_up = intents.contains(&Intent::Refusal) || intent::will_not_wait(said.read);
        if intents.contains(&Intent::Goodbye) && !gives_up {
            self.drop_transfer();
            return self.goodbye();
        }
        if gives_up {
            return self.stop_waiting();
        }
        self.make_room();
        let answer = match intents.first() {
            Some(Intent::Robot) => PromptId::RobotLater,
            Some(Intent::Price) => PromptId::Pricing,
            Some(_) => PromptId::HoldPhrase,
            None if !in_passing.given() && intent::is_small_talk(said.read) => PromptId::HoldPhrase,
            None => {
                if !in_passing.given() {
                    self.note_extra(said.words);
                }
                self.update_page();
                PromptId::Added
            }
        };
        self.transfer.music = false;
        self.go_on_holding(&[answer]);
    }

    /// Somebody took the alert while we talk: the caller is told as soon as there is room.
    pub(crate) fn acknowledged(&mut self, by: &str) {
        let by: String = first_name(by.trim()).chars().filter(|c| !c.is_control()).take(40).collect();
        if by.is_empty() || self.details.acknowledged_by.is_some() || !self.details.is_emergency() {
            return;
        }
        self.details.acknowledged_by = Some(by);
        match &self.stage {
            Stage::Holding => {
                self.drop_transfer();
                self.agenda.acknowledged_owed = true;
                if std::mem::take(&mut self.transfer.then_message) {
                    return self.take_message(PromptId::VoicemailStart);
                }
                self.go_on(&[]);
            }
            Stage::Asking(_) => {
                self.agenda.acknowledged_owed = true;
                if self.floor.is_free() && !self.ear.is_talking() && !self.ear.is_waiting() {
                    self.go_on(&[]);
                }
            }
            Stage::Ringing | Stage::Connected | Stage::Message(_) | Stage::Leaving(_) | Stage::Ended => {}
        }
    }
}
