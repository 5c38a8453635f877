//! Boards: where the pins are.

pub mod sim;
