//! The page to the on-call person, and what may be said about it: nothing is promised before it is stored.

use std::time::Duration;

use super::{
    Call, Question, Timer,
    agenda::{Path, Promise},
    floor::Line,
};
use crate::{
    prompts::PromptId,
    protocol::{Output, PageDraft},
};

/// Storing takes milliseconds; after this the talk goes on without it.
const COMMIT_PATIENCE: Duration = Duration::from_secs(3);
const RETRY_AFTER: Duration = Duration::from_secs(1);
const RETRY_LATER: Duration = Duration::from_secs(10);
/// Failures after which we say so.
const QUICK_TRIES: u8 = 3;
const TRIES_MAX: u8 = 20;

/// What became of the pages of this call.
#[derive(Debug, Default)]
pub(crate) struct Paging {
    /// Pages handed out, first and updates.
    sent: u32,
    outstanding: u32,
    stored: bool,
    failures: u8,
    gave_up: bool,
    /// Facts changed since the last page.
    dirty: bool,
}

impl Paging {
    pub(crate) fn is_stored(&self) -> bool {
        self.stored
    }

    pub(crate) fn has_given_up(&self) -> bool {
        self.gave_up
    }

    pub(crate) fn facts_changed(&mut self) {
        self.dirty = true;
    }
}

impl Call {
    /// Sends the first page, once. Later facts go out as updates.
    pub(crate) fn page_now(&mut self) {
        if self.paging.sent == 0 {
            self.send_page();
        }
    }

    /// Sends an update when something changed since the last page.
    pub(crate) fn update_page(&mut self) {
        if self.paging.sent > 0 && self.paging.dirty {
            self.send_page();
        }
    }

    fn send_page(&mut self) {
        let draft = self.page_draft();
        self.paging.sent += 1;
        self.paging.outstanding += 1;
        self.paging.dirty = false;
        self.out.push_back(Output::Page(draft));
        if !self.paging.stored {
            self.timers.set(Timer::PageLate, self.now + COMMIT_PATIENCE);
        }
    }

    pub(crate) fn page_draft(&self) -> PageDraft {
        let decision = self.details.decision.as_ref();
        let mut summary = self.details.issue_summary();
        if summary.is_empty()
            && let Some(open) = self.ear.unfinished()
        {
            summary = crate::understand::summary::summary(&open.text);
        }
        if let Some(company) = &self.details.company {
            summary.push_str(&format!(" ({company})"));
        }
        PageDraft {
            revision: self.paging.sent,
            caller_phone: self.details.phone.clone(),
            caller_name: self.details.name.clone(),
            address: self.details.address.clone(),
            issue: decision.map(|d| d.issue).unwrap_or_default(),
            service: decision.map(|d| d.service).unwrap_or_default(),
            summary,
        }
    }

    pub(crate) fn page_committed(&mut self) {
        if self.paging.outstanding == 0 {
            return;
        }
        self.paging.outstanding -= 1;
        self.paging.stored = true;
        self.details.paged = true;
        self.timers.clear(Timer::PageLate);
        self.timers.clear(Timer::PageRetry);
        if self.is_taking_message() {
            self.message_page_stored();
        } else if self.question() == Some(Question::PageStored) {
            self.go_on(&[]);
        } else if self.agenda.promise == Promise::Withheld {
            self.agenda.promise = Promise::Given;
            self.say(Line::talk(&[PromptId::PageNowSent]));
        }
    }

    pub(crate) fn page_failed(&mut self) {
        if self.paging.outstanding == 0 {
            return;
        }
        self.paging.outstanding -= 1;
        self.paging.failures = self.paging.failures.saturating_add(1);
        if self.paging.failures >= TRIES_MAX {
            return;
        }
        let quick = self.paging.failures < QUICK_TRIES;
        self.timers.set(Timer::PageRetry, self.now + if quick { RETRY_AFTER } else { RETRY_LATER });
        if !quick && !self.paging.stored {
            self.give_up_waiting();
        }
    }

    pub(crate) fn page_retry(&mut self) {
        self.paging.dirty = false;
        self.send_page();
    }

    pub(crate) fn page_late(&mut self) {
        if !self.paging.stored {
            self.give_up_waiting();
        }
    }

    fn give_up_waiting(&mut self) {
        self.paging.gave_up = true;
        if self.question() == Some(Question::PageStored) {
            self.go_on(&[]);
        }
    }

    /// A page that is not known to be stored when the call ends.
    pub(crate) fn unsent_page(&self) -> Option<PageDraft> {
        let wanted = self.agenda.path == Some(Path::Emergency);
        (wanted && (!self.paging.stored || self.paging.outstanding > 0)).then(|| self.page_draft())
    }
}
