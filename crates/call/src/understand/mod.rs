//! Reads a caller's answers: yes or no, names, addresses, telephone numbers, and what callers ask in between.
//!
//! Works on the recogniser's text as it comes (capitals, punctuation and digits as whisper writes them) and on
//! number words. Every function is pure and total: any text gives an answer, and "nothing understood" is one.
//! Whether the call is an emergency is not decided here (triage does that).

pub mod address;
pub mod intent;
pub mod name;
pub mod numbers;
pub mod phone;
pub mod spanish;
pub mod summary;
mod text;
pub mod yes_no;

pub use address::{Address, address};
pub use intent::{Intent, intents};
pub use name::{first_name, name};
pub use phone::{Spoken, phone};
pub use yes_no::{Answer, yes_no};
