//! What is left after a call: the lead card, the ticket, and every word that is written to staff.
//!
//! Owns summaries and texts. Does not store or send anything: `store` keeps them, the outbox sends them.

mod card;
mod gsm;
mod page;
mod summary;
mod ticket;

pub mod notice;

pub use card::{CallFacts, cut_call_facts, lead_card};
pub use gsm::{segments, septets, to_gsm};
pub use page::PageFacts;
pub use summary::{detail, summarise};
pub use ticket::{TicketFacts, ticket, ticket_summary};
