//! The line against telephones and exchanges of other makers: sipp, Kamailio, baresip, sipsak.
//!
//! A test whose program is not installed says so and passes; `./dev test` installs them all.
//! Everything runs on loopback, on ports that the system chooses.

#![expect(clippy::print_stdout, reason = "a skipped test says so")]

#[path = "sip/baresip.rs"]
mod baresip;
#[path = "sip/endpoint.rs"]
mod endpoint;
#[path = "sip/kamailio.rs"]
mod kamailio;
#[path = "sip/outgoing.rs"]
mod outgoing;
#[path = "sip/program.rs"]
mod program;
#[path = "sip/sipp.rs"]
mod sipp;
#[path = "sip/torture.rs"]
mod torture;
