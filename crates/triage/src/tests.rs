//! Whole decisions: the source's test table, the K-decisions, the labelled set, and what must never happen.

mod decisions;
mod evaluation;
mod labelled;
mod never;
mod robots;
mod speed;
mod stages;
