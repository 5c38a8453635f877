//! One phone call as a state machine, and every sentence it says.
//!
//! `Call` takes what happens on the line (`Input`) with the time, and hands out what to do (`Output`). It knows
//! no sockets, files, clocks or threads, and it never decides whether a call is an emergency: it asks for that
//! (`Output::Triage`) and acts on the answer. Every wait has a deadline with a name (`Call::poll_timeout`).

mod details;
mod machine;
mod prompts;
mod protocol;
pub mod rehearsal;
pub mod understand;

pub use details::{Details, SafetySaid};
pub use machine::{Call, takes_call};
pub use prompts::{ENGLISH, PromptFault, PromptId, Prompts, SPANISH};
pub use protocol::{
    BargeIn, CallSetup, HOLD_MUSIC, Hint, Input, MachineSigns, MachineTone, Outcome, Output, PageDraft,
    RepeatCaller, Saying, TransferResult, Unit,
};
