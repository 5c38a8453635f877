//! The messages of the language models.

use serde::{Deserialize, Serialize};

use crate::Priority;

/// Longest text in one request, in bytes: a runbook, or the words of a call. Longer ones are cut before.
pub const THOUGHT_BYTES_MAX: usize = 64 * 1024;

/// What do these words sound like? The body is the caller's words of the whole call so far, UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sense {
    /// Comes back in the answer.
    pub id: u64,
    /// Urgency.
    pub priority: Priority,
    /// The call it belongs to.
    pub group: Option<u64>,
    /// Milliseconds from receipt until the answer is worthless.
    pub deadline_ms: u32,
}

/// What the heads make of the words. The body is the embedding as little-endian f32, length 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensed {
    /// Of the request.
    pub id: u64,
    /// One per head of the heads file.
    pub heads: Vec<Head>,
    /// Milliseconds in the queue.
    pub waited_ms: u32,
    /// Milliseconds in the model.
    pub took_ms: u32,
}

/// One question that a head answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// `severity`, `hazard`, `service` or `category`.
    pub name: String,
    /// The possible answers with their probabilities, 0 to 1, most likely first.
    pub answers: Vec<(String, f32)>,
}

/// Read this runbook now, so that no caller waits for it. The body is its lines, UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepare {
    /// Comes back in the answer.
    pub id: u64,
    /// Milliseconds from receipt until the answer is worthless. What was read by then stays read.
    pub deadline_ms: u32,
}

/// The runbook is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    /// Of the request.
    pub id: u64,
    /// Length of the prompt's fixed part.
    pub tokens: u32,
    /// Lines of the runbook that did not fit into the model's window.
    pub lines_cut: u32,
    /// True when it was restored from disk instead of computed.
    pub restored: bool,
    /// Milliseconds in the model.
    pub took_ms: u32,
}

/// What is this call? The body is `runbook_bytes` of runbook lines, then the lines of the call, UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judge {
    /// Comes back in the answer.
    pub id: u64,
    /// Urgency.
    pub priority: Priority,
    /// The call it belongs to: a newer [`Priority::Partial`] of a group replaces an older one.
    pub group: Option<u64>,
    /// Milliseconds from receipt until the answer is worthless.
    pub deadline_ms: u32,
    /// How much of the body is the runbook.
    pub runbook_bytes: u32,
}

/// Probabilities of the letters, each list summing to 1, in the order of `models/judge-prompt.txt`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// Of the request.
    pub id: u64,
    /// Emergency, unclear, routine, spam.
    pub severity: [f32; 4],
    /// Plumbing, heating and cooling, electrical, computers, anything else.
    pub service: [f32; 5],
    /// Escalate, gather, resolve.
    pub action: [f32; 3],
    /// Tokens that had to be computed for this answer.
    pub fresh_tokens: u32,
    /// Tokens that were there already.
    pub kept_tokens: u32,
    /// Milliseconds in the queue.
    pub waited_ms: u32,
    /// Milliseconds in the model.
    pub took_ms: u32,
}

/// Write the card of a call that is over. The body is as for [`Judge`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// Comes back in the answer.
    pub id: u64,
    /// Milliseconds from receipt until the answer is worthless.
    pub deadline_ms: u32,
    /// How much of the body is the runbook.
    pub runbook_bytes: u32,
    /// It may write so many tokens.
    pub tokens_max: u32,
}

/// What the model wrote. The body is the JSON, complete and by the grammar, and unchecked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Of the request.
    pub id: u64,
    /// Tokens written.
    pub tokens: u32,
    /// Milliseconds in the model.
    pub took_ms: u32,
}
