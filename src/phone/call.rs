//! One call, as the rest of the program sees it: offered, answered, ended. Channels inside; the
//! protocol runs in a task of its own that owns the dialog.

use std::net::SocketAddr;

use domain::PhoneNumber;
use media::Codec;
use tokio::{
    net::UdpSocket,
    sync::{mpsc, oneshot},
};

/// A call that rings. It must be answered, rejected or redirected; dropping it refuses it with 480.
#[derive(Debug)]
pub struct IncomingCall {
    /// SIP Call-ID: ties our log to the PBX's.
    pub sip_call_id: String,
    /// The caller's number, from P-Asserted-Identity, Remote-Party-ID or From; `None` when withheld
    /// or not a telephone number.
    pub caller: Option<PhoneNumber>,
    /// The caller's name as sent, if any.
    pub caller_display: Option<String>,
    /// The user part that `caller` was read from, as sent: an extension number, `anonymous`, …
    pub caller_raw: String,
    /// Whom the caller dialled, most specific first, without duplicates: P-Called-Party-ID, Diversion and
    /// History-Info (the original number first), To, Request-URI.
    pub called: Vec<String>,
    /// Where the INVITE came from.
    pub peer: SocketAddr,
    pub(super) decide: oneshot::Sender<Decision>,
}

/// What becomes of a ringing call.
#[derive(Debug)]
pub(super) enum Decision {
    Answer(oneshot::Sender<Result<LiveCall, AnswerError>>),
    Reject { code: u16, reason: String },
    Redirect(String),
}

/// Why a call could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The caller hung up before we answered.
    #[error("the caller hung up before the call was answered")]
    CallerGone,
    /// The call was offered without SDP, and the answer in the ACK cannot be used or never came.
    #[error("the caller's media answer is not usable: {0}")]
    NoMedia(String),
    /// The line was shut down meanwhile.
    #[error("the line was shut down")]
    LineDown,
}

impl IncomingCall {
    /// Sends 200 at once and returns the live call; [`CallEvent::Acked`] follows when the caller confirms.
    ///
    /// Only a call that was offered without SDP waits for the ACK here: it carries the media plan.
    pub async fn answer(self) -> Result<LiveCall, AnswerError> {
        let (reply, answered) = oneshot::channel();
        self.decide.send(Decision::Answer(reply)).map_err(|_| AnswerError::CallerGone)?;
        answered.await.map_err(|_| AnswerError::LineDown)?
    }

    /// Refuses with a final code (400–699; anything else becomes 480) and a reason phrase.
    pub fn reject(self, code: u16, reason: &str) {
        let code = if (400..700).contains(&code) { code } else { 480 };
        // The caller may be gone already; then there is nobody left to refuse.
        let _ = self.decide.send(Decision::Reject { code, reason: reason.to_owned() });
    }

    /// Sends the caller elsewhere (302): `sip:100@192.168.1.2` or a full URI of the business number.
    pub fn redirect(self, uri: &str) {
        // As in `reject`.
        let _ = self.decide.send(Decision::Redirect(uri.to_owned()));
    }
}

/// Where and how sound travels, as agreed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaPlan {
    /// Where the other side wants its packets; the address it really sends from may differ.
    pub remote: SocketAddr,
    /// Agreed codec.
    pub codec: Codec,
    /// RTP payload type of the codec.
    pub payload_type: u8,
    /// RTP payload type of keys (RFC 4733), when the other side knows them.
    pub key_payload_type: Option<u8>,
    /// Whether we may send; false while the caller has put us on hold.
    pub send: bool,
    /// Whether sound is expected from the caller; false while both sides hold.
    pub receive: bool,
}

/// What happens on a live call. [`CallEvent::Ended`] is always the last event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallEvent {
    /// The caller confirmed our answer: speak.
    Acked,
    /// The plan changed: hold, resume, another address or codec.
    Media(MediaPlan),
    /// A key sent as SIP INFO. Keys inside RTP are found by the `media` crate.
    Key(char),
    /// The call is over.
    Ended {
        /// The caller ended it, not we.
        by_caller: bool,
        /// Why, for the log and the call record.
        reason: String,
    },
}

/// A call that was answered. Dropping it, or just its `control`, hangs up.
#[derive(Debug)]
pub struct LiveCall {
    /// SIP Call-ID.
    pub sip_call_id: String,
    /// Bound to the address and port that the other side was told.
    pub rtp: UdpSocket,
    /// The plan at the moment of the answer; changes arrive as [`CallEvent::Media`].
    pub media: MediaPlan,
    /// Holds 64 events; a call whose events nobody reads is ended.
    pub events: mpsc::Receiver<CallEvent>,
    /// Keeps the call alive, and ends it.
    pub control: CallControl,
    /// How the telephone system knows a call that we made; `None` for one that came in.
    pub name: Option<CallName>,
}

/// Names a call that we made, so that the telephone system can join another one to it (RFC 3891).
#[derive(Debug, Clone)]
pub struct CallName {
    /// The other side's address.
    pub(super) target: String,
    pub(super) call_id: String,
    /// The other side's tag.
    pub(super) their_tag: String,
    pub(super) our_tag: String,
    /// Through whom the call goes.
    pub(super) peer: SocketAddr,
}

impl LiveCall {
    /// Ends the call and waits until the other side has confirmed, at most two seconds.
    pub async fn hang_up(&self) {
        self.control.hang_up().await;
    }
}

/// The handle of a live call, for when its socket and events went to other tasks.
#[derive(Debug)]
pub struct CallControl {
    pub(super) commands: mpsc::Sender<Command>,
}

/// What the owner of a call can ask of it.
#[derive(Debug)]
pub(super) enum Command {
    HangUp(oneshot::Sender<()>),
    Hold(Hold, oneshot::Sender<bool>),
    InfoKey(char, oneshot::Sender<bool>),
    Join(Box<CallName>, oneshot::Sender<bool>),
}

/// Which way sound shall flow after a re-INVITE or UPDATE of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// We only send (music), the other side is on hold; told by re-INVITE.
    Hold,
    /// Both ways again; told by re-INVITE.
    Resume,
    /// As `Hold`, told by UPDATE.
    HoldByUpdate,
    /// As `Resume`, told by UPDATE.
    ResumeByUpdate,
}

impl CallControl {
    /// See [`LiveCall::hang_up`].
    pub async fn hang_up(&self) {
        let (done, finished) = oneshot::channel();
        if self.commands.send(Command::HangUp(done)).await.is_ok() {
            // An error means that the call ended meanwhile, which is what was asked for.
            let _ = tokio::time::timeout(std::time::Duration::from_secs(2), finished).await;
        }
    }

    /// Puts the other side on hold, or takes it back; false when it refused.
    pub async fn hold(&self, hold: Hold) -> bool {
        let (done, finished) = oneshot::channel();
        self.commands.send(Command::Hold(hold, done)).await.is_ok() && finished.await.unwrap_or(false)
    }

    /// Asks the telephone system to join this call's other side to `other` without us (REFER with Replaces, RFC 5589);
    /// true when it has done so, false when it will not or cannot. Both calls go on until it has. Takes at most
    /// about 20 seconds. Only a call that we made has a name, so nobody but the roster can be joined to.
    pub fn join(&self, other: CallName) -> impl Future<Output = bool> + Send + 'static {
        let commands = self.commands.clone();
        async move {
            let (done, finished) = oneshot::channel();
            // the sender must not keep the call alive
            let sent = commands.send(Command::Join(Box::new(other), done)).await.is_ok();
            drop(commands);
            sent && finished.await.unwrap_or(false)
        }
    }

    /// Sends a key as SIP INFO; false when it was refused.
    pub async fn info_key(&self, key: char) -> bool {
        let (done, finished) = oneshot::channel();
        self.commands.send(Command::InfoKey(key, done)).await.is_ok() && finished.await.unwrap_or(false)
    }
}

impl DialError {
    /// The telephone is engaged.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Refused { code: 486 | 600, .. })
    }

    /// It rang out, is switched off, or somebody pressed "decline": nobody wants to talk.
    pub fn is_no_answer(&self) -> bool {
        matches!(self, Self::NoAnswer(_) | Self::Refused { code: 408 | 480 | 487 | 603, .. })
    }
}

/// Why an outgoing call did not come to life.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The address is not a SIP address, or its host name is unknown.
    #[error("cannot call `{uri}`: {why}")]
    Address {
        /// What was dialled.
        uri: String,
        /// What is wrong with it.
        why: String,
    },
    /// The other side answered with a final refusal (a redirect is not followed).
    #[error("the call was refused: {code} {reason}")]
    Refused {
        /// SIP status code.
        code: u16,
        /// Reason phrase, with the Warning text when there is one.
        reason: String,
    },
    /// No answer in time, or nothing at all.
    #[error("no answer from the other side within {0:?}")]
    NoAnswer(std::time::Duration),
    /// The other side answered, but its media cannot be used; the call was ended.
    #[error("answered, but the media answer is not usable: {0}")]
    NoMedia(String),
    /// We could not open sockets, or send.
    #[error("the line failed: {0}")]
    Line(String),
}
