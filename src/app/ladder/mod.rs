//! The ladder's shell: reads the rows, asks `oncall`, commits what changed with its messages, then acts.
//!
//! ```text
//!  alerts, steps, outbox ──> Case ──> oncall::Ladder ──> acts
//!        ▲                                                │ one transaction: alert, steps, messages
//!        └──────────────────── store <───────────────────┘ then: ring the outbox, call, tell the running call
//! ```
//! Decides nothing and keeps nothing that a power cut could take: it is woken by commits, by due times and by
//! what people answer, and looks at everything again each time. Only this loop turns ladders.

mod desk;
pub(crate) mod errands;
mod lines;
mod replies;
mod results;
mod voice;

#[cfg(test)]
mod tests;

pub(crate) use desk::run;
pub(crate) use lines::{CallNews, LadderInbox, LadderNews, PagingLines};
pub(crate) use voice::{NoLine, VoiceOutcome, VoicePage, VoicePages};
