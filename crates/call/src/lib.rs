//! One phone call as a state machine, and every sentence it says.
pub mod understand;
