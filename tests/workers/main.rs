//! The real worker processes with the shipped model and the installed voice.

mod hearing;
mod models;
mod support;
mod voice;
