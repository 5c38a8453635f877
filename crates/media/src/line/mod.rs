//! The line's two directions: RTP in ([`Inbound`]) and RTP out ([`Outbound`]).

mod conceal;
mod inbound;
mod jitter;
mod keys;
mod outbound;
mod source_lock;

pub use inbound::{FrameKind, InFrame, InStats, Inbound, InboundPlan, WireMeter};
pub use outbound::Outbound;
