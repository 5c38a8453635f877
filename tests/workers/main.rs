//! The real worker processes with the shipped model and the installed voice.

#![allow(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says on the terminal what it skipped"
)]

mod hearing;
mod models;
mod support;
mod thinking;
mod voice;

#[path = "../../models/bench/gguf_writer.rs"]
mod gguf_writer;
