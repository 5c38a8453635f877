//! The wiring: what carries sound, words and decisions between the parts.
//!
//! ```text
//! NightBox ── takes calls ──> LiveSession (one loop per call) ──> Journal ──> store ──> ladder ──> outbox
//! ```
//! Nobody imports this but the command line.

pub(crate) mod after_call;
pub(crate) mod bench;
pub(crate) mod caller;
pub(crate) mod clips;
mod clock;
mod cloud;
pub(crate) mod console;
mod demo_town;
mod duty;
mod hearing_desk;
mod hold_music;
mod ids;
mod journal;
mod judgement;
mod ladder;
pub(crate) mod late_words;
mod ledger;
mod leg;
mod live_call;
mod mouth;
mod news;
mod night_box;
mod outbox;
mod paging;
pub(crate) mod panel;
mod parts;
mod settings;
mod sound;
mod take_call;
mod tape;
mod thinking;
pub(crate) mod transcribe;
mod transfer;
mod voice_page;
mod watchdog;
pub(crate) mod ways_out;
mod written_card;

pub(crate) use clock::WallClock;
pub(crate) use demo_town::DemoTexts;
pub(crate) use night_box::{NightBox, ladder_alone, prepare_voice};
pub(crate) use outbox::Routes;
pub(crate) use paging::drill_ids;
pub(crate) use parts::Parts;
pub(crate) use settings::thinking as thinking_settings;
pub(crate) use thinking::ask_model_within;
