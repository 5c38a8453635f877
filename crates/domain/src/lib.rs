//! The words of the trade. Every other part of NightDesk speaks in these types; none of them reads a
//! clock, a file or a socket.

mod alert;
mod call_record;
mod category;
mod decision;
mod hours;
mod id;
mod issue;
mod lead;
mod listen;
mod outbox;
mod phone_number;
mod profile;
mod sentiment;
mod speech;

pub use alert::{AlertRecord, EscalationStep};
pub use call_record::{CallRecord, CallStatus, TurnRecord};
pub use category::{Category, Level};
pub use decision::{Action, Classification, Decision, Evidence, Priority};
pub use hours::{BusinessHours, DayPart, OpenSpan};
pub use id::{AlertId, CallId, LeadId, OutboxId};
pub use issue::{Issue, Safety, Service};
pub use lead::{CallbackStatus, LeadCard, OncallOutcome, SafetyGiven};
pub use listen::Endpointing;
pub use outbox::{Channel, OutboxItem, Page};
pub use phone_number::{PhoneNumber, PhoneNumberError};
pub use profile::{Disclosure, Profile, SpanishMode, Trade};
pub use sentiment::{Feeling, Sentiment};
pub use speech::{Heard, Language, Speaker, Tone, Turn};
