//! What every worker process does alike.
//!
//! ```text
//! stdin ─► reader (serve) ─► Desk (queue by urgency) ─► engine thread(s) ─► Out ─► stdout
//!               └── answers Ping and Cancel while the engine computes
//! ```
//!
//! Knows no engine: what a request holds and how it is done is the worker's own business.

mod brake;
mod cores;
mod desk;
mod limits;
mod serve;

pub use brake::{Brake, Pulled};
pub use cores::Cores;
pub use desk::{Desk, Engines, Request, Taken, failed};
pub use limits::{cap_memory, rss_kib, step_back};
pub use serve::{Out, give_up, ms, serve, wait_for};
