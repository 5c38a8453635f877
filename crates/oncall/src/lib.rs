//! Who is woken, when, by which means, and what counts as an answer.
//!
//! ```text
//! alert → Ladder::open → Case { alert, rows } ─┬─ next(now)         → acts: fire this row, withdraw that one
//!                                              └─ hear(event, now)  → acts
//! ```
//!
//! Owns the order, the waiting times, the rotation and the grammar of replies. Sends nothing and keeps nothing: a
//! `Case` is rows on disk, `app` commits what changed and then performs the acts. Time is an argument everywhere.

mod case;
mod clock;
mod dial;
mod ladder;
mod policy;
mod reply;
mod rota;
pub mod testing;

pub use case::{Act, Assignment, Case, Event, Known, Notice, StepResult};
pub use clock::ClockWatch;
pub use dial::Dialable;
pub use ladder::Ladder;
pub use policy::Policy;
pub use reply::{Answer, Meaning, Reply, Say, meaning, new_code, read, read_code};
pub use rota::{
    Armed, Calendar, CalendarFault, Finding, Maintenance, Need, OnCall, Override, Rotation, Schedule, Shift,
    Source, TestPage, Weight, armed, assign, check_roster, get_oncall_for, score, suppressed_by,
};
