//! NightDesk: the shell around the deciding crates. Modules in the order in which a call flows.

pub mod app;
pub mod cli;
pub mod config;
pub mod connectors;
pub mod phone;
pub mod store;
pub mod workers;
