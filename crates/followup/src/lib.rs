//! What is left after a call: the lead card and the words of the page.
//!
//! Owns summaries and texts. Does not store or send anything: `store` keeps the card, the outbox sends the page.

mod card;
mod page;
mod redact;
mod summary;

pub use card::{CallFacts, cut_call_facts, lead_card};
pub use page::page_text;
pub use redact::{Redacted, redact};
pub use summary::{detail, summarise};
