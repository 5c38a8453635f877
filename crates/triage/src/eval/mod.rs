//! Labelled calls → how often triage is right, for each stage and each kind of call.
//!
//! ```text
//! text → case (what was said, what is right) → noise (as a recogniser mishears it) → run (play it) → score, table
//! attacks → run again beside a model that does what the caller says → effects that must not happen
//! ```
//!
//! Pure: the caller reads the files. The file formats are described in `models/eval/README.md`.

mod attack;
mod case;
pub mod noise;
mod run;
mod score;
mod similar;
mod table;

pub use attack::{AttackReport, Breach, Obedient, attack};
pub use case::{Case, CaseFault, Expected, Split, local_time, parse};
pub use run::{Outcome, Run, play, run};
pub use score::{Calibration, Matrix, Miss, Score, score, score_of};
pub use similar::{Alike, alike};
pub use table::{Condition, Row, Stage, rows};
