//! One answered call: a task that owns the dialog and looks after every request in it, ours and theirs.
//!
//! ```text
//!   requests of the other side ─┐
//!   ACK of our 200            ──┤                  ┌─▶ events to the owner of the LiveCall
//!   commands of the owner     ──┼─▶ Session::run ──┤
//!   answers to our requests   ──┤                  └─▶ answers and requests on the wire
//!   deadlines                 ──┘
//! ```
//!
//! The task ends exactly once, with [`CallEvent::Ended`], and takes its registry entry and its place under the
//! busy limit with it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rsipstack::{
    sip::{Header, Method, Request, Response, SipMessage, StatusCodeKind},
    transaction::Transaction,
};
use tokio::sync::{mpsc, oneshot};

use super::{
    Shared,
    dialog::{Body, Dialog},
    goodbye::say_goodbye,
    headers::{header, value},
    keys,
    refer::{Joining, progress, refer_headers},
    refuse::{refuse_content, refuse_extensions},
    registry::{Entry, Slot},
    sdp::{Prefer, Remote, SdpId, offer},
    server::{Answer, ServerRequest, answer},
    session_timer::{Due, SessionTimer, TooSmall},
};
use crate::phone::call::{CallEvent, Command, Hold, MediaPlan};

/// How long our requests inside a call wait for an answer.
const REQUEST_LIMIT: Duration = Duration::from_secs(32);
/// How long an offer waits for the ACK of the one before it.
const ACK_PATIENCE: Duration = Duration::from_secs(1);
/// How often the other side is asked whether it still knows a call, when no session timer watches over it.
const PING_EVERY: Duration = Duration::from_secs(60);
/// Pause before a re-INVITE is repeated that crossed with one from the other side. Whoever started the call
/// waits longer (RFC 3261 14.1), so that the two do not cross again.
const GLARE_PAUSE_CALLER: Duration = Duration::from_millis(2500);
const GLARE_PAUSE_CALLED: Duration = Duration::from_millis(700);

/// A live call's task.
pub(super) struct Session {
    pub(super) line: Arc<Shared>,
    pub(super) dialog: Dialog,
    pub(super) entry: Entry,
    pub(super) slot: Option<Slot>,
    pub(super) requests: mpsc::Receiver<Transaction>,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) events: mpsc::Sender<CallEvent>,
    pub(super) ended: mpsc::OwnedPermit<CallEvent>,
    pub(super) media: SessionMedia,
    /// An INVITE that we answered and whose ACK is missing.
    pub(super) unacked: Option<Unacked>,
    pub(super) timer: Option<SessionTimer>,
    /// The other side understands UPDATE.
    pub(super) update_allowed: bool,
    /// The other side may understand REFER.
    pub(super) refer_allowed: bool,
    /// We called; else we were called.
    pub(super) outgoing: bool,
}

/// What both sides agreed about sound.
pub(super) struct SessionMedia {
    pub(super) local: SocketAddr,
    pub(super) id: SdpId,
    pub(super) remote: Remote,
    pub(super) we_hold: bool,
}

impl SessionMedia {
    fn next_id(&mut self) -> SdpId {
        self.id.version += 1;
        self.id
    }
}

/// A 200 of ours that waits for its ACK.
pub(super) struct Unacked {
    pub(super) server: ServerRequest,
    /// The first one: its ACK makes the call live.
    pub(super) initial: bool,
    /// We offered in the 200; the ACK carries the answer.
    pub(super) answer_in_ack: bool,
}

/// How a call comes to its end.
enum End {
    /// The other side said so.
    Caller(&'static str),
    /// We say so: a BYE is due.
    Us(String),
    /// As `Us`, and somebody waits for it.
    HangUp(oneshot::Sender<()>),
    /// There is no dialog any more: nothing to say.
    Dead(String),
}

/// A request of ours that is on its way.
struct Pending {
    what: Asked,
    done: Option<oneshot::Sender<bool>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// An offer by this method, after which we hold or not.
    Offer {
        method: Method,
        hold: bool,
    },
    /// A session refresh without SDP.
    Refresh,
    /// Whether the other side still knows the call.
    Ping,
    Info,
    /// Join the other side to another call.
    Join,
}

/// Working state beside what [`Session`] was started with.
struct Course {
    results: mpsc::Sender<(Pending, Option<Response>)>,
    offer_pending: bool,
    refresh_sent: bool,
    retry: Option<(Duration, Pending)>,
    ping_at: Duration,
    /// A REFER of ours that has no result yet.
    joining: Option<Joining>,
    /// An offer that came before the ACK of the one before it, and when it is refused.
    early: Option<(Duration, ServerRequest)>,
}

impl Session {
    /// Runs until the call is over.
    pub(super) async fn run(mut self) {
        let (results, mut answers) = mpsc::channel(8);
        let ping_at = self.line.stack.now() + PING_EVERY;
        let mut course = Course {
            results,
            offer_pending: false,
            refresh_sent: false,
            retry: None,
            ping_at,
            joining: None,
            early: None,
        };
        let closing = self.line.closing.clone();
        let end = loop {
            let (due, what) = self.next_deadline(&course);
            let wait = due.saturating_sub(self.line.stack.now());
            let step = tokio::select! {
                message = next_message(self.unacked.as_mut()) => self.on_invite_message(message, &mut course),
                Some(request) = self.requests.recv() => self.on_request(request, &mut course),
                command = self.commands.recv() => self.on_command(command, &mut course).await,
                Some((pending, response)) = answers.recv() => self.on_answer(pending, response, &mut course),
                () = tokio::time::sleep(wait) => self.on_deadline(what, &mut course).await,
                () = closing.cancelled() => Some(End::Us("the line was shut down".into())),
            };
            if let Some(end) = step {
                break end;
            }
        };
        if let Some(joining) = course.joining.take() {
            // A telephone system that has joined the two may say goodbye instead of telling so.
            joining.settle(matches!(end, End::Caller(_)));
        }
        self.finish(end).await;
    }

    fn next_deadline(&self, course: &Course) -> (Duration, Deadline) {
        let timer = self.timer.as_ref().map(|t| t.due(course.refresh_sent));
        let ping = (course.ping_at, Deadline::Ping);
        let timer = timer.map_or(ping, |(at, due)| (at, Deadline::Timer(due)));
        let retry = course.retry.as_ref().map(|(at, _)| (*at, Deadline::Retry));
        let early = course.early.as_ref().map(|(at, _)| (*at, Deadline::Early));
        let joining = course.joining.as_ref().map(|joining| (joining.until, Deadline::Joining));
        [retry, early, joining]
            .into_iter()
            .flatten()
            .fold(timer, |first, other| if other.0 < first.0 { other } else { first })
    }

    /// ACK of a 200 of ours, or its absence.
    fn on_invite_message(&mut self, message: Option<SipMessage>, course: &mut Course) -> Option<End> {
        let Some(message) = message else {
            self.unacked = None;
            return Some(End::Us("our answer was never confirmed (no ACK in 32 s)".into()));
        };
        let SipMessage::Request(ack) = message else { return None };
        if ack.method != Method::Ack {
            return None;
        }
        let unacked = self.unacked.take()?;
        if unacked.answer_in_ack && !unacked.initial {
            match Remote::read(&ack.body, &self.line.codecs, Prefer::Theirs) {
                Ok(remote) => {
                    if let Some(end) = self.agree(remote) {
                        return Some(end);
                    }
                }
                Err(fault) => return Some(End::Us(format!("the media answer is not usable: {fault}"))),
            }
        }
        let end = if unacked.initial { self.emit(CallEvent::Acked) } else { None };
        match course.early.take() {
            Some((_, early)) if end.is_none() => self.on_offer(early, course),
            Some(_) | None => end,
        }
    }

    /// A request of the other side inside the call.
    fn on_request(&mut self, transaction: Transaction, course: &mut Course) -> Option<End> {
        let mut server = ServerRequest::new(transaction);
        let tag = self.dialog.local_tag.clone();
        let simple = |code| Answer::new(code, &tag);
        if !self.dialog.in_order(&server.request) {
            server.answer(simple(500).with([header("Retry-After", "0")]));
            return None;
        }
        match server.request.method {
            Method::Bye => {
                server.answer(simple(200));
                return Some(End::Caller("the caller hung up"));
            }
            Method::Invite | Method::Update => return self.on_offer(server, course),
            Method::Info => {
                let key = keys::from_info(&server.request);
                server.answer(simple(if key == keys::Info::Unknown { 415 } else { 200 }));
                if let keys::Info::Key(key) = key {
                    return self.emit(CallEvent::Key(key));
                }
            }
            Method::Options => server.answer(simple(200).with([header("Accept", "application/sdp")])),
            Method::PRack => server.answer(simple(481)),
            // Whoever wants us to call somebody, or to leave a call for another, is refused.
            Method::Refer => server.answer(simple(603)),
            Method::Notify => {
                let code = progress(&server.request).filter(|_| course.joining.is_some());
                server.answer(simple(if code.is_some() { 200 } else { 405 }));
                if let Some(joining) = course.joining.take_if(|_| code.is_some_and(|code| code >= 200)) {
                    joining.settle(code.is_some_and(|code| code < 300));
                }
            }
            Method::Message | Method::Publish | Method::Register | Method::Subscribe => {
                server.answer(simple(405));
            }
            Method::Ack | Method::Cancel => {}
        }
        None
    }

    /// re-INVITE or UPDATE: hold, resume, another address, or only a sign of life.
    fn on_offer(&mut self, mut server: ServerRequest, course: &mut Course) -> Option<End> {
        let tag = self.dialog.local_tag.clone();
        let request = server.request.clone();
        let has_sdp = !request.body.is_empty();
        let invite = request.method == Method::Invite;
        if course.offer_pending && (invite || has_sdp) {
            server.answer(Answer::new(491, &tag));
            return None;
        }
        if self.unacked.is_some() && (invite || has_sdp) {
            // The ACK before it came by another path through the program and is a moment behind, or lost.
            match course.early {
                None => course.early = Some((self.line.stack.now() + ACK_PATIENCE, server)),
                Some(_) => server.answer(Answer::new(500, &tag).with([header("Retry-After", "1")])),
            }
            return None;
        }
        if let Some(refusal) = refuse_extensions(&request, &tag) {
            server.answer(refusal);
            return None;
        }
        let timer = match SessionTimer::asked(&request.headers, self.line.stack.now()) {
            Ok(timer) => timer,
            Err(TooSmall(minimum)) => {
                server.answer(Answer::new(422, &tag).with([minimum]));
                return None;
            }
        };
        let mut ok = Answer::new(200, &tag).with([self.dialog.contact(), header("Supported", "timer")]);
        ok.headers.extend(timer.iter().flat_map(SessionTimer::answer_headers));
        let mut changed = None;
        if has_sdp {
            match self.read_offer(&request) {
                Ok(remote) => {
                    let id = self.media.next_id();
                    ok.body = Some(remote.answer(self.media.local, id, self.media.we_hold));
                    changed = Some(remote);
                }
                Err(refusal) => {
                    server.answer(refusal);
                    return None;
                }
            }
        } else if invite {
            let id = self.media.next_id();
            ok.body = Some(offer(&self.line.codecs, self.media.local, id, self.media.we_hold));
        }
        self.timer = timer;
        self.dialog.retarget(value(&request.headers, "Contact"));
        server.answer(ok);
        if invite {
            self.unacked = Some(Unacked { server, initial: false, answer_in_ack: !has_sdp });
        }
        changed.and_then(|remote| self.agree(remote))
    }

    fn read_offer(&self, request: &Request) -> Result<Remote, Answer<'static>> {
        if let Some(refusal) = refuse_content(request, "") {
            return Err(refusal);
        }
        let remote = Remote::read(&request.body, &self.line.codecs, Prefer::Ours)
            .map_err(|fault| Answer::new(fault.status(), "").warn(399, &fault.to_string()))?;
        if remote.ip().is_ipv4() != self.media.local.is_ipv4() {
            let text = "the address family of a call's media cannot change";
            return Err(Answer::new(488, "").warn(300, text));
        }
        Ok(remote)
    }

    /// Both sides agree on this now.
    fn agree(&mut self, remote: Remote) -> Option<End> {
        let before = self.plan();
        self.media.remote = remote;
        let after = self.plan();
        if before == after { None } else { self.emit(CallEvent::Media(after)) }
    }

    fn after_glare(&self) -> Duration {
        let pause = if self.outgoing { GLARE_PAUSE_CALLER } else { GLARE_PAUSE_CALLED };
        self.line.stack.now() + pause
    }

    fn plan(&self) -> MediaPlan {
        self.media.remote.plan(self.media.we_hold)
    }

    /// Tells the owner. One who does not read any more has lost the call.
    fn emit(&mut self, event: CallEvent) -> Option<End> {
        match self.events.try_send(event) {
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => None,
            Err(mpsc::error::TrySendError::Full(_)) => {
                Some(End::Us("nobody reads the events of the call".into()))
            }
        }
    }

    async fn on_command(&mut self, command: Option<Command>, course: &mut Course) -> Option<End> {
        match command {
            // The owner dropped the call.
            None => Some(End::Us("ended by us".into())),
            Some(Command::HangUp(done)) => Some(End::HangUp(done)),
            Some(Command::Hold(hold, done)) => {
                let (method, hold) = match hold {
                    Hold::Hold => (Method::Invite, true),
                    Hold::Resume => (Method::Invite, false),
                    Hold::HoldByUpdate => (Method::Update, true),
                    Hold::ResumeByUpdate => (Method::Update, false),
                };
                self.ask(Pending { what: Asked::Offer { method, hold }, done: Some(done) }, course).await
            }
            Some(Command::InfoKey(key, done)) => {
                let pending = Pending { what: Asked::Info, done: Some(done) };
                let body = Body { kind: "application/dtmf-relay", bytes: keys::relay_body(key) };
                self.send(pending, Method::Info, Vec::new(), Some(body), course).await
            }
            Some(Command::Join(other, done)) => {
                let asks = self.line.pbx.as_ref().is_some_and(|pbx| pbx.refer) && self.refer_allowed;
                // A stranger's telephone is never asked to call somebody: both calls must go through one exchange.
                if !asks || other.peer != self.dialog.route.peer || course.joining.is_some() {
                    let _ = done.send(false);
                    return None;
                }
                course.joining = Some(Joining::new(done, self.line.stack.now()));
                let headers = refer_headers(&other, self.dialog.contact());
                self.send(Pending { what: Asked::Join, done: None }, Method::Refer, headers, None, course)
                    .await
            }
        }
    }

    /// Sends an offer or a refresh.
    async fn ask(&mut self, pending: Pending, course: &mut Course) -> Option<End> {
        let timer = self.timer.iter().flat_map(SessionTimer::refresh_headers).collect();
        match pending.what {
            Asked::Offer { .. } if course.offer_pending || self.unacked.is_some() => {
                course.retry = Some((self.after_glare(), pending));
                None
            }
            Asked::Offer { method, hold } => {
                course.offer_pending = true;
                let id = self.media.next_id();
                let sdp = offer(&[self.media.remote.codec], self.media.local, id, hold);
                self.send(pending, method, timer, Some(Body::sdp(sdp)), course).await
            }
            Asked::Refresh => self.send(pending, Method::Update, timer, None, course).await,
            Asked::Info | Asked::Ping | Asked::Join => None,
        }
    }

    async fn send(
        &mut self,
        pending: Pending,
        method: Method,
        extra: Vec<Header>,
        body: Option<Body>,
        course: &Course,
    ) -> Option<End> {
        let stack = self.line.stack.clone();
        let built = self.dialog.request(&stack, method, extra, body).await;
        let results = course.results.clone();
        let Ok((request, route)) = built else {
            // Reported like a missing answer: the loop decides what it means.
            let _ = results.try_send((pending, None));
            return None;
        };
        let line = self.line.clone();
        tokio::spawn(async move {
            let answer = if method == Method::Invite {
                super::client::reinvite(&line, request, &route).await
            } else {
                super::client::request(&line, request, &route, REQUEST_LIMIT).await
            };
            // The call may be over; then nobody wants to know.
            let _ = results.send((pending, answer.ok())).await;
        });
        None
    }

    /// The final answer to a request of ours; `None`: there was none.
    fn on_answer(&mut self, pending: Pending, answer: Option<Response>, course: &mut Course) -> Option<End> {
        let offer = matches!(pending.what, Asked::Offer { .. });
        if offer {
            course.offer_pending = false;
        }
        let code = answer.as_ref().map_or(408, |a| a.status_code.code());
        // Silence alone does not end a call for which only a ping was missing: sound may still flow.
        let lost = match pending.what {
            Asked::Offer { .. } | Asked::Refresh => matches!(code, 408 | 481),
            Asked::Ping => code == 481,
            Asked::Info | Asked::Join => false,
        };
        if let Some(joining) = course.joining.take_if(|_| pending.what == Asked::Join && code >= 300) {
            tracing::info!(
                code,
                "the telephone system does not join calls by itself: the box stays between them"
            );
            joining.settle(false);
        }
        if lost {
            return Some(End::Dead(format!("the other side does not know the call any more ({code})")));
        }
        if code == 491 && offer {
            course.retry = Some((self.after_glare(), pending));
            return None;
        }
        let mut end = None;
        let accepted = answer.filter(|a| a.status_code.kind() == StatusCodeKind::Successful);
        let success = accepted.is_some();
        if let Some(accepted) = accepted {
            if matches!(pending.what, Asked::Offer { .. } | Asked::Refresh) {
                self.timer = SessionTimer::granted(&accepted.headers, self.line.stack.now());
                course.refresh_sent = false;
                self.dialog.retarget(value(&accepted.headers, "Contact"));
            }
            if let Asked::Offer { hold, .. } = pending.what {
                end = self.on_media_answer(&accepted, hold);
            }
        }
        if let Some(done) = pending.done {
            // Whoever asked may have gone.
            let _ = done.send(success);
        }
        end
    }

    fn on_media_answer(&mut self, accepted: &Response, hold: bool) -> Option<End> {
        let before = self.plan();
        match Remote::read(&accepted.body, &self.line.codecs, Prefer::Theirs) {
            Ok(remote) => {
                self.media.remote = remote;
                self.media.we_hold = hold;
                let after = self.plan();
                if before == after { None } else { self.emit(CallEvent::Media(after)) }
            }
            Err(fault) => Some(End::Us(format!("the media answer is not usable: {fault}"))),
        }
    }

    async fn on_deadline(&mut self, what: Deadline, course: &mut Course) -> Option<End> {
        match what {
            Deadline::Ping => {
                course.ping_at = self.line.stack.now() + PING_EVERY;
                self.send(
                    Pending { what: Asked::Ping, done: None },
                    Method::Options,
                    Vec::new(),
                    None,
                    course,
                )
                .await
            }
            Deadline::Early => {
                if let Some((_, mut early)) = course.early.take() {
                    let again = header("Retry-After", "1");
                    early.answer(Answer::new(500, &self.dialog.local_tag).with([again]));
                }
                None
            }
            Deadline::Joining => {
                course.joining.take().into_iter().for_each(|joining| joining.settle(false));
                None
            }
            Deadline::Retry => match course.retry.take() {
                Some((_, pending)) => self.ask(pending, course).await,
                None => None,
            },
            Deadline::Timer(Due::Expired) => {
                Some(End::Us("the session timer ran out: nothing was heard from the other side".into()))
            }
            Deadline::Timer(Due::Refresh) => {
                course.refresh_sent = true;
                let hold = self.media.we_hold;
                let offer = Asked::Offer { method: Method::Invite, hold };
                let what = if self.update_allowed { Asked::Refresh } else { offer };
                self.ask(Pending { what, done: None }, course).await
            }
        }
    }

    /// Says goodbye if somebody is there to hear it, and reports the end.
    async fn finish(mut self, end: End) {
        let (by_caller, reason, bye, waiting) = match end {
            End::Caller(reason) => (true, reason.to_owned(), false, None),
            End::Dead(reason) => (true, reason, false, None),
            End::Us(reason) => (false, reason, true, None),
            End::HangUp(done) => (false, "ended by us".to_owned(), true, Some(done)),
        };
        tracing::debug!(by_caller, reason, "call over");
        self.ended.send(CallEvent::Ended { by_caller, reason });
        if bye {
            say_goodbye(&self.line, &mut self.dialog, &mut self.requests, self.unacked.take()).await;
        }
        self.requests.close();
        while let Some(late) = self.requests.recv().await {
            answer(late, Answer::new(481, &self.dialog.local_tag));
        }
        drop((self.entry, self.slot));
        if let Some(waiting) = waiting {
            // Whoever waited may have given up.
            let _ = waiting.send(());
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Deadline {
    Ping,
    Retry,
    Early,
    Joining,
    Timer(Due),
}

async fn next_message(unacked: Option<&mut Unacked>) -> Option<SipMessage> {
    match unacked {
        Some(unacked) => unacked.server.messages.recv().await,
        None => std::future::pending().await,
    }
}
