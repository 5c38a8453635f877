//! An emergency as the on-call people see it: one alert per call, and one row for every step of its ladder.
//!
//! ```text
//! Alert ─┬─ StepRow 0   text to Mike        attempted · delivered · acknowledged
//!        ├─ StepRow 1   call to Mike        waits until its due time
//!        └─ …                                        (crate `oncall` decides, `app` acts)
//! ```

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AlertId, CallId, ContactId, Issue, Means, PhoneNumber};

/// A rung of the escalation ladder (source D:944-950).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalationStep {
    /// 1: the caller is put through.
    WarmTransfer,
    /// 2: text message to the on-call technician.
    SmsOncall,
    /// 3: telephone call to the on-call technician.
    AutoDialOncall,
    /// 4: text message to the backup.
    SmsBackup,
    /// 5: text message to the owner: nobody has answered.
    SmsOwnerUnresolved,
    /// Still nobody: the owner again, until somebody takes it.
    RepeatOwner,
    /// Somebody took it, but nothing was heard of a call back: he is asked.
    AskCallback,
}

/// The short code of an alert that replies name, such as `K7P`. Made and read by crate `oncall`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReplyCode(pub String);

impl fmt::Display for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How far an alert has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// The ladder runs.
    Open,
    /// The ladder has reached its end and nobody took it: alarm, and the owner again and again.
    Unresolved,
    /// Somebody took it; a call back to the caller is awaited where the shop wants that.
    Acknowledged,
    /// Closed: the caller has been reached, or the technician said that it is done.
    Done,
    /// Closed by key 3: a known issue, or no emergency.
    NotAnEmergency,
    /// Too old to page anybody; the owner was told once. The lamp stays on.
    Expired,
}

impl AlertState {
    /// True while somebody still has to take it.
    pub fn wants_somebody(self) -> bool {
        matches!(self, Self::Open | Self::Unresolved)
    }

    /// True when nothing more will happen by itself.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::NotAnEmergency | Self::Expired)
    }

    /// True while the lamp shows an open emergency.
    pub fn wants_lamp(self) -> bool {
        matches!(self, Self::Open | Self::Unresolved | Self::Expired)
    }

    /// True while the relay sounds the shop's alarm (its longest time is the panel's business).
    pub fn wants_alarm(self) -> bool {
        self == Self::Unresolved
    }
}

/// How somebody took an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AckVia {
    /// Reply by text message.
    Sms,
    /// A key on the voice page.
    VoiceKey,
    /// The caller was put through.
    Transfer,
    /// The push service's own receipt, given by a person.
    Push,
    /// The web page or the command line.
    Web,
    /// The button on the box; who pressed it is not known.
    Button,
}

/// One emergency. It belongs to a call (decision K25).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Identity.
    pub id: AlertId,
    /// The call.
    pub call_id: CallId,
    /// The business that was called.
    pub profile_id: String,
    /// What replies name; unique among open alerts.
    pub code: ReplyCode,
    /// A rehearsal: every message says THIS IS A TEST.
    pub drill: bool,
    /// What it is about.
    pub issue: Issue,
    /// Name, once known.
    pub caller_name: Option<String>,
    /// Number to call back; `None` when withheld.
    pub caller_phone: Option<PhoneNumber>,
    /// Address, once known.
    pub address: Option<String>,
    /// One sentence.
    pub issue_summary: String,
    /// How far it has come.
    pub state: AlertState,
    /// When it was committed: the ladder's times count from here.
    pub opened_at: Timestamp,
    /// The newest time at which the ladder was looked at and committed. A clock that shows less after a restart
    /// was set back.
    pub seen_at: Timestamp,
    /// When somebody took it (last).
    pub acknowledged_at: Option<Timestamp>,
    /// Who; `None` for the button.
    pub acknowledged_by: Option<ContactId>,
    /// How.
    pub acknowledged_via: Option<AckVia>,
    /// The words of the reply.
    pub acknowledged_words: Option<String>,
    /// When it was closed or expired.
    pub closed_at: Option<Timestamp>,
}

/// What has become of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// Waits for its time.
    Queued,
    /// Attempted: committed and handed to its channel; nothing is known yet.
    InFlight,
    /// The far side accepted it.
    Sent,
    /// It reached the telephone or the person's voice mail: no acknowledgement.
    Delivered,
    /// The person took the alert with it.
    Acknowledged,
    /// The person handed the alert on.
    PassedOn,
    /// It rang and nobody pressed a key.
    NoAnswer,
    /// Engaged.
    Busy,
    /// The channel is away for now; the outbox goes on trying, the ladder takes the next means.
    Unreachable,
    /// Whether it left is not known; a repetition may be the second one.
    Unsure,
    /// It can never work: see `failure`.
    Failed,
    /// A power cut or crash interrupted the call.
    Lost,
    /// Somebody took or closed the alert before its time, or it became pointless.
    Cancelled,
}

/// Why a way to somebody can never work until the owner mends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepFailure {
    /// The person has sent STOP.
    OptedOut,
    /// The number or address does not exist.
    BadDestination,
    /// The sender may not send (unregistered, wrong password, no money).
    Refused,
    /// There is no means at all to reach this person.
    NoMeans,
}

/// One step of an alert's ladder: `(alert_id, number)` names it for ever.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRow {
    /// The alert.
    pub alert_id: AlertId,
    /// 0, 1, 2 … in the order in which the rows were made; never used twice.
    pub number: u32,
    /// Rows of one rung are tries of one step by different means or after an interruption.
    pub rung: u32,
    /// Which step of the ladder.
    pub step: EscalationStep,
    /// Whom.
    pub contact: ContactId,
    /// By which means; settled when the step is attempted.
    pub means: Means,
    /// When it is due, UTC.
    pub due_at: Timestamp,
    /// Asked of the person a second time, perhaps: the try before it ended in doubt.
    pub may_repeat: bool,
    /// What has become of it.
    pub outcome: StepOutcome,
    /// Why it can never work, with `Failed`.
    pub failure: Option<StepFailure>,
    /// When it was committed and handed on.
    pub attempted_at: Option<Timestamp>,
    /// When the far side said that it arrived.
    pub delivered_at: Option<Timestamp>,
    /// When the person took the alert with it.
    pub acknowledged_at: Option<Timestamp>,
    /// When the outcome was final, for steps that failed, were cancelled or found nobody.
    pub ended_at: Option<Timestamp>,
}
