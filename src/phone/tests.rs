//! Calls over loopback: our line on one side, our test phone or hand-written SIP on the other.

mod calls;
mod clock;
mod logs;
mod odd;
mod outgoing;
mod raw;
mod support;
