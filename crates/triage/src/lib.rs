//! Triage: turns, runbook and circumstances in; a decision with its reasons out.
//!
//! ```text
//! turns → assess (rules: evidence, excused or not) → ask (is a model worth asking?) → decide → Decision
//! ```
//!
//! Pure: no clock, no file, no socket; it does not know what a phone is. Rules are concepts over normalised
//! words (`words/`, `rules/`), not strings. Nothing that a model answers can lower a decision.
//! Robot questions, prices, names and addresses are not triage: `call` handles them.

mod answer;
mod ask;
mod assess;
mod categories;
mod content;
mod context;
mod decide;
pub mod eval;
mod hear;
mod language;
mod matter;
mod opinion;
mod pitch;
mod reason;
mod rules;
mod runbook;
mod sentiment;
mod service;
mod words;

pub use ask::{Model, ModelQuestion, NoModel, ask, ask_cloud, run_turn};
pub use assess::{Assessment, assess};
pub use context::{Attestation, CompanyHistory, Context, Origin, RobotSigns};
pub use decide::decide;
pub use language::language;
pub use opinion::{Opinion, Severity, Stage};
pub use runbook::{EscalationRule, MaintenanceWindow, Method, Runbook, RunbookFault, ScriptedAnswer};
pub use sentiment::{sentiment, tone};

#[cfg(test)]
mod tests;
