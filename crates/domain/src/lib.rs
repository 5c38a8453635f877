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
mod outgoing;
mod phone_number;
mod profile;
mod roster;
mod sentiment;
mod speech;

pub use alert::{AckVia, Alert, AlertState, EscalationStep, ReplyCode, StepFailure, StepOutcome, StepRow};
pub use call_record::{CallRecord, CallStatus, TurnRecord};
pub use category::{Category, Level};
pub use decision::{Action, Classification, Decision, Evidence, Priority};
pub use hours::{BusinessHours, DayPart, OpenSpan};
pub use id::{AlertId, CallId, LeadId, OutboxId};
pub use issue::{Issue, Safety, Service};
pub use lead::{CallbackStatus, LeadCard, OncallOutcome, SafetyGiven};
pub use listen::Endpointing;
pub use outbox::{Channel, OutboxItem, OutboxState, Page};
pub use outgoing::{Outgoing, SlackMessage, Ticket, TicketNote};
pub use phone_number::{PhoneNumber, PhoneNumberError};
pub use profile::{Disclosure, Profile, SpanishMode, Trade};
pub use roster::{Contact, ContactId, InvalidContactId, Means, Roster, Skill};
pub use sentiment::{Feeling, Sentiment};
pub use speech::{Heard, Language, Speaker, Tone, Turn};
