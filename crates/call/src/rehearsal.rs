//! Plays a written conversation against a call, without sound and without waiting: the shop owner's way to read and
//! check what the agent says. The format is described in `tests/calls/README.md`.
//!
//! Owns the script format and a simulated line (playing takes time, text comes 200 ms after the end of a turn,
//! pages are stored at once unless the script says otherwise). What is an emergency is decided by the function that
//! is handed in: real triage in `tests/conversations.rs`, a few key words in this crate's own tests.

mod line;
mod script;
mod shop;

pub use line::{Decider, Rehearsal};
pub use script::{Script, ScriptFault};
pub use shop::metro;
