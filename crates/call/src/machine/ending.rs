//! Every way in which a call ends, and that it ends exactly once.

use std::time::Duration;

use domain::CallStatus;

use super::{
    Call, Stage,
    agenda::{Path, Promise},
    answers::{InPassing, Said},
    floor::Line,
};
use crate::{
    prompts::PromptId,
    protocol::{Outcome, Output},
    understand::{Intent, intent, intents},
};

/// Shorter calls without a word are abandoned (decision K30).
const ABANDONED_BELOW: Duration = Duration::from_secs(10);
/// How often something may be added after the farewell.
const ADDITIONS_MAX: u8 = 2;

/// The end that is being said.
#[derive(Debug)]
pub(crate) struct Leaving {
    reason: &'static str,
    status: CallStatus,
    lead_card: bool,
    additions: u8,
}

impl Leaving {
    pub(crate) fn completed(reason: &'static str) -> Self {
        Self { reason, status: CallStatus::Completed, lead_card: true, additions: 0 }
    }

    pub(crate) fn spam(reason: &'static str) -> Self {
        Self { status: CallStatus::Spam, lead_card: false, ..Self::completed(reason) }
    }

    pub(crate) fn not_configured() -> Self {
        Self { lead_card: false, ..Self::completed("number not configured") }
    }
}

impl Call {
    /// Says the last lines; the call ends when they were heard.
    pub(crate) fn leave(&mut self, leaving: Leaving, lines: Vec<Line>) {
        self.drop_transfer();
        self.update_page();
        self.stage = Stage::Leaving(leaving);
        self.floor.queue.extend(lines);
        self.timers.clear(super::Timer::CallerSilent);
    }

    /// The end of an emergency call (source D:195-196): who will call, and nothing that is not true.
    pub(crate) fn emergency_goodbye(&mut self) {
        self.update_page();
        let lines = match (self.paging.is_stored(), self.agenda.promise) {
            (true, Promise::Withheld) => {
                vec![Line::farewell(&[PromptId::PageNowSent]), Line::farewell(&[PromptId::EmergencySignoff])]
            }
            (true, Promise::NotYet | Promise::Given) => vec![Line::farewell(&[PromptId::EmergencySignoff])],
            (false, _) => vec![Line::farewell(&[PromptId::SignoffUnsent])],
        };
        self.leave(Leaving::completed("goodbye said"), lines);
    }

    /// The caller wants to go.
    pub(crate) fn goodbye(&mut self) {
        if self.agenda.path == Some(Path::Emergency) {
            self.owe_safety(true);
            self.owe_safety(false);
            return self.emergency_goodbye();
        }
        let prompt = if self.agenda.info_told { PromptId::Closing } else { PromptId::Goodbye };
        self.leave(Leaving::completed("caller said goodbye"), vec![Line::farewell(&[prompt])]);
    }

    /// Words over our farewell: thanks and bye end it, anything else is taken down first.
    pub(crate) fn respond_while_leaving(&mut self, said: Said<'_>, in_passing: InPassing) {
        let text = said.read;
        let intents = intents(text);
        let polite = intent::is_backchannel(text)
            || intent::is_small_talk(text)
            || intents.contains(&Intent::Goodbye)
            || intents.contains(&Intent::Done)
            || text.to_lowercase().contains("thank")
            || self.is_saying_callback();
        let Stage::Leaving(leaving) = &mut self.stage else { return };
        if polite || leaving.status == CallStatus::Spam || leaving.additions >= ADDITIONS_MAX {
            self.resume_cut();
            return;
        }
        leaving.additions += 1;
        if !in_passing.given() {
            self.note_extra(said.words);
        }
        self.paging.facts_changed();
        self.update_page();
        self.say(Line::farewell(&[PromptId::Added]));
        if !self.resume_cut() {
            let end = if self.agenda.path == Some(Path::Emergency) && self.paging.is_stored() {
                PromptId::EmergencySignoff
            } else {
                PromptId::Goodbye
            };
            self.say(Line::farewell(&[end]));
        }
    }

    /// Nobody has spoken for a long time.
    pub(crate) fn silent_goodbye(&mut self) {
        if self.agenda.path == Some(Path::Emergency) && self.paging.is_stored() {
            return self.emergency_goodbye();
        }
        let lines = vec![Line::farewell(&[PromptId::SilentGoodbye])];
        self.leave(Leaving::completed("nobody spoke"), lines);
    }

    /// Five minutes: one last question (SAY-33).
    pub(crate) fn wrap_up(&mut self) {
        self.agenda.wrapping_up = true;
        match &self.stage {
            Stage::Asking(_) if !self.ear.is_talking() && !self.ear.is_waiting() => {
                self.agenda.extra_done = false;
                self.go_on(&[]);
            }
            Stage::Message(_) => self.message_over(),
            Stage::Ringing
            | Stage::Asking(_)
            | Stage::Holding
            | Stage::Connected
            | Stage::Leaving(_)
            | Stage::Ended => {}
        }
    }

    /// The call must end: one sentence, said through.
    pub(crate) fn hard_end(&mut self) {
        if matches!(self.stage, Stage::Leaving(_)) {
            return;
        }
        self.ear.shut();
        self.cut_off();
        self.floor.forget_cut();
        self.floor.queue.clear();
        if self.agenda.path == Some(Path::Emergency) {
            self.owe_safety(true);
            self.owe_safety(false);
            self.emergency_goodbye();
        } else {
            self.leave(
                Leaving::completed("longest call reached"),
                vec![Line::farewell(&[PromptId::Closing])],
            );
        }
    }

    /// The last line was heard.
    pub(crate) fn everything_said(&mut self) {
        self.end(false, "");
    }

    /// Asked for a key, and none came: a polite end, in case it was a person after all, and a minimal record.
    pub(crate) fn robocall_over(&mut self) {
        self.leave(Leaving::spam("no key pressed"), vec![Line::farewell(&[PromptId::HumanGoodbye])]);
    }

    /// Ends at once and without a word.
    pub(crate) fn end_as_spam(&mut self, reason: &'static str) {
        if self.agenda.path.is_some() {
            // Somebody told us about a problem before: that call is not thrown away.
            self.make_room();
            return self.goodbye();
        }
        self.stage = Stage::Leaving(Leaving::spam(reason));
        self.end(false, reason);
    }

    pub(crate) fn caller_hung_up(&mut self) {
        self.update_page();
        self.end(true, "caller hung up");
    }

    /// The one and only end.
    pub(crate) fn end(&mut self, by_caller: bool, reason: &'static str) {
        if self.has_ended() {
            return;
        }
        self.drop_transfer();
        let stage = std::mem::replace(&mut self.stage, Stage::Ended);
        if !by_caller {
            self.out.push_back(Output::HangUp);
        }
        let outcome = self.outcome(stage, by_caller, reason);
        self.timers.clear_all();
        self.out.push_back(Output::Ended(outcome));
    }

    fn outcome(&self, stage: Stage, by_caller: bool, reason: &'static str) -> Outcome {
        let lasted = self.now.saturating_sub(self.answered_at);
        let silent = !self.details.caller_spoke && self.agenda.path.is_none();
        let transferred = matches!(stage, Stage::Connected);
        let (status, lead_card, reason) = match stage {
            Stage::Connected if by_caller => (CallStatus::Completed, true, "transferred: the caller hung up"),
            Stage::Holding | Stage::Connected => (CallStatus::Completed, true, reason),
            Stage::Leaving(l) => {
                (l.status, l.lead_card, if by_caller || !reason.is_empty() { reason } else { l.reason })
            }
            Stage::Ringing => (CallStatus::Abandoned, false, reason),
            Stage::Asking(_) | Stage::Message(_) | Stage::Ended if silent && lasted < ABANDONED_BELOW => {
                (CallStatus::Abandoned, false, reason)
            }
            Stage::Asking(_) | Stage::Message(_) | Stage::Ended => (CallStatus::Completed, true, reason),
        };
        Outcome { status, by_caller, reason, lead_card, transferred, page_unsent: self.unsent_page() }
    }

    /// The notice was heard to its end: from now on the call may be recorded.
    pub(crate) fn notice_heard(&mut self) {
        self.agenda.notice_owed = false;
        if self.setup.profile.record {
            self.start_recording();
        }
    }

    pub(crate) fn start_recording(&mut self) {
        if !std::mem::replace(&mut self.agenda.recording, true) {
            self.out.push_back(Output::StartRecording);
        }
    }
}
