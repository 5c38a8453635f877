//! Who is woken, when, by which means, and what counts as an answer.
//!
//! ```text
//! alert → open() → Case { alert, rows } ─┬─ next(now)      → acts: fire this row, withdraw that one
//!                                        └─ hear(event)    → acts
//! ```
//!
//! Owns the order, the waiting times, the rotation and the grammar of replies. Sends nothing and keeps nothing: a
//! `Case` is rows on disk, `app` commits what changed and then performs the acts. Time is an argument everywhere.

mod policy;

pub use policy::Policy;
