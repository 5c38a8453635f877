//! A call and its turns as they are remembered.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CallId, PhoneNumber, Speaker, Tone};

/// How a call ended (source D:1037 plus `spam` and `cut`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallStatus {
    /// Still running.
    InProgress,
    /// Ended as planned, or the caller hung up after saying something.
    Completed,
    /// Under ten seconds and nothing said (decision K30).
    Abandoned,
    /// Sales or robocall: record only (decisions K01/K02).
    Spam,
    /// Interrupted by a power cut or crash, closed at the next start.
    Cut,
    /// Never got sound both ways.
    Failed,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallRecord {
    /// Identity.
    pub id: CallId,
    /// SIP Call-ID, to find the call in PBX logs.
    pub sip_call_id: String,
    /// The business that was called.
    pub profile_id: String,
    /// Caller ID; `None` when withheld.
    pub caller: Option<PhoneNumber>,
    /// Name that the PBX sent.
    pub caller_display: Option<String>,
    /// The called number as it was written.
    pub called: String,
    /// When it rang.
    pub called_at: Timestamp,
    /// Offset from UTC that applied, in seconds.
    pub utc_offset_s: i32,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// State.
    pub status: CallStatus,
    /// Path of the recording below the data folder.
    pub recording: Option<String>,
}

/// One turn as remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TurnRecord {
    /// 0, 1, 2 …
    pub index: u32,
    /// Who spoke.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
    /// Milliseconds since the call was answered.
    pub at_ms: u64,
    /// Recogniser's confidence, 0 to 1; 1 for the agent.
    pub confidence: f32,
    /// How it sounded.
    pub tone: Tone,
    /// For agent turns: from the end of the caller's speech to our first audio.
    pub latency_ms: Option<u32>,
    /// For caller turns: what was decided after it, one line.
    pub decision: Option<String>,
}
