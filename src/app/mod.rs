//! The wiring: what carries sound, words and decisions between the parts.
//!
//! ```text
//! NightBox ── takes calls ──> LiveSession (one loop per call) ──> Journal ──> store
//! ```
//! Nobody imports this but the command line.

pub(crate) mod after_call;
pub(crate) mod bench;
pub(crate) mod caller;
pub(crate) mod clips;
mod clock;
pub(crate) mod console;
mod hearing_desk;
mod ids;
mod journal;
mod judgement;
pub(crate) mod late_words;
mod ledger;
mod live_call;
mod mouth;
mod news;
mod night_box;
mod parts;
mod settings;
mod sound;
mod take_call;
mod tape;
pub(crate) mod transcribe;

pub(crate) use clock::WallClock;
pub(crate) use night_box::{NightBox, prepare_voice};
pub(crate) use parts::Parts;
