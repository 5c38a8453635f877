//! One attempt to wake somebody.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AlertId, CallId, PhoneNumber};

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
}

/// One alert as remembered. It belongs to a call; the lead card is linked when it exists (decision K25).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertRecord {
    /// Identity.
    pub id: AlertId,
    /// The call.
    pub call_id: CallId,
    /// Name, once known.
    pub caller_name: Option<String>,
    /// Number to call back; `None` when withheld.
    pub caller_phone: Option<PhoneNumber>,
    /// Address, once known.
    pub address: Option<String>,
    /// One sentence.
    pub issue_summary: String,
    /// Who is to be woken.
    pub tech_name: String,
    /// At which number.
    pub tech_phone: PhoneNumber,
    /// Which rung.
    pub step: EscalationStep,
    /// When it was committed.
    pub created_at: Timestamp,
    /// When somebody took it.
    pub acknowledged_at: Option<Timestamp>,
}
