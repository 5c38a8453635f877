//! Requests from outside: sorted to their calls, answered at once, or the beginning of a new call.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rsipstack::{
    sip::{Header, Method, Request, SipMessage, headers::untyped::ToTypedHeader},
    transaction::{Transaction, TransactionReceiver, random_text},
};
use tokio::{
    net::UdpSocket,
    sync::{mpsc, oneshot},
};

use super::{
    Shared,
    dialog::Dialog,
    goodbye::say_goodbye,
    headers::{header, parameter, tokens, value},
    identity,
    refuse::{refuse_content, refuse_extensions},
    registry::{Entry, Name, Slot},
    sdp::{Prefer, Remote, SdpId, offer},
    server::{Answer, ServerRequest, answer},
    session::{Session, SessionMedia, Unacked},
    session_timer::{SessionTimer, TooSmall},
    stack::source,
};
use crate::phone::{
    LineEvent,
    call::{AnswerError, CallControl, CallEvent, Decision, IncomingCall, LiveCall},
};

/// After this the caller hears ringing, when the owner has not decided yet.
const RING_AFTER: Duration = Duration::from_millis(300);
/// After this an undecided call is refused.
const DECIDE_WITHIN: Duration = Duration::from_secs(60);

/// Takes requests from the library until the line is closed.
pub(super) async fn serve(line: Arc<Shared>, mut incoming: TransactionReceiver) {
    loop {
        let transaction = tokio::select! {
            () = line.stack.cancel.cancelled() => return,
            transaction = incoming.recv() => transaction,
        };
        match transaction {
            Some(transaction) => sort(&line, transaction),
            None => return,
        }
    }
}

fn sort(line: &Arc<Shared>, transaction: Transaction) {
    let request = &transaction.original;
    let Some(name) = name_of(request) else {
        return answer(transaction, Answer::new(400, "nd-nameless"));
    };
    if !name.local_tag.is_empty() {
        return match line.calls.find(&name) {
            // A call with so many waiting requests is being attacked; the sender repeats what matters.
            Some(owner) => match owner.try_send(transaction) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(t)) => answer(t, Answer::new(503, "")),
                Err(mpsc::error::TrySendError::Closed(t)) => answer(t, Answer::new(481, "")),
            },
            None => answer(transaction, Answer::new(481, "")),
        };
    }
    let tag = random_text(10);
    match request.method {
        Method::Invite => {
            let line = line.clone();
            tokio::spawn(async move { invite(line, transaction, name, tag).await });
        }
        Method::Options => {
            let what = [header("Accept", "application/sdp"), header("Supported", "timer")];
            answer(transaction, Answer::new(200, &tag).with(what));
        }
        Method::Refer => answer(transaction, Answer::new(603, &tag)),
        Method::Bye | Method::Info | Method::PRack | Method::Update => {
            answer(transaction, Answer::new(481, &tag));
        }
        Method::Message | Method::Notify | Method::Publish | Method::Register | Method::Subscribe => {
            answer(transaction, Answer::new(405, &tag));
        }
        Method::Ack | Method::Cancel => {}
    }
}

fn name_of(request: &Request) -> Option<Name> {
    let headers = &request.headers;
    Some(Name {
        call_id: value(headers, "Call-ID")?.to_owned(),
        local_tag: parameter(value(headers, "To")?, "tag").unwrap_or_default().to_owned(),
        remote_tag: parameter(value(headers, "From")?, "tag")?.to_owned(),
    })
}

/// A new call: checked, then offered to the owner of the line.
async fn invite(line: Arc<Shared>, transaction: Transaction, name: Name, tag: String) {
    let route = line.stack.route_back(&transaction).await;
    let peer = source(&transaction).map(|(_, peer)| peer);
    let branch = transaction.original.headers.iter().find_map(branch_of).unwrap_or_default();
    let mut server = ServerRequest::new(transaction);
    let (Some(route), Some(peer)) = (route, peer) else {
        return server.answer(Answer::new(500, &tag));
    };
    let seq = value(&server.request.headers, "CSeq").and_then(|v| v.split(' ').next()?.parse().ok());
    let seq: u32 = seq.unwrap_or_default();
    if line.calls.merged(&name.call_id, &name.remote_tag, seq, &branch) {
        return server.answer(Answer::new(482, &tag));
    }
    server.answer(Answer::new(100, &tag));
    let (offered, timer) = match examine(&line, &server.request, &tag) {
        Ok(good) => good,
        Err(refusal) => {
            tracing::warn!(code = refusal.code, why = %warning(&refusal), "call refused");
            return server.answer(refusal);
        }
    };
    let Some(slot) = line.calls.slot() else {
        tracing::warn!("call refused: all lines busy");
        return server.answer(Answer::new(486, &tag).warn(399, "all lines of the box are busy"));
    };
    let media_ip = line.stack.media_address(&route, offered.as_ref().map_or(route.local.ip(), Remote::ip));
    let rtp = match line.rtp.bind(media_ip).await {
        Ok(rtp) => rtp,
        Err(error) => {
            tracing::error!(%error, "no RTP port: widen the range or free ports");
            return server.answer(Answer::new(503, &tag).warn(399, "no RTP port is free"));
        }
    };
    let Some(dialog) = Dialog::answering(&server.request, &tag, route) else {
        return server.answer(Answer::new(400, &tag));
    };
    let port = rtp.local_addr().map_or(0, |a| a.port());
    let local = SocketAddr::new(media_ip, port);
    let name = Name { local_tag: tag.clone(), ..name };
    let (entry, requests) = line.calls.enter(name, Some((seq, branch)));
    let ringing = Ringing { line, server, dialog, entry, slot, requests, offered, timer, rtp, local, tag };
    ringing.run(peer).await;
}

fn branch_of(header: &Header) -> Option<String> {
    let Header::Via(via) = header else { return None };
    Some(via.first_value().ok()?.typed().ok()?.branch()?.to_string())
}

fn warning(refusal: &Answer<'_>) -> String {
    let warning = refusal.headers.iter().find(|h| h.name() == "Warning");
    warning.map(|w| w.value().to_owned()).unwrap_or_default()
}

type Examined = (Option<Remote>, Option<SessionTimer>);

/// Everything that can be wrong with an INVITE, in the order of RFC 3261 section 8.2.
fn examine<'a>(line: &Shared, request: &Request, tag: &'a str) -> Result<Examined, Answer<'a>> {
    if let Some(scheme) = &request.uri.scheme {
        let known = ["sip", "sips", "tel"].iter().any(|s| scheme.to_string().eq_ignore_ascii_case(s));
        if !known {
            return Err(Answer::new(416, tag));
        }
    }
    if let Some(refusal) = refuse_extensions(request, tag) {
        return Err(refusal);
    }
    // Taking over another call is something that only we decide.
    if value(&request.headers, "Replaces").is_some() {
        return Err(Answer::new(603, tag));
    }
    if let Some(refusal) = refuse_content(request, tag) {
        return Err(refusal);
    }
    let timer = SessionTimer::asked(&request.headers, line.stack.now())
        .map_err(|TooSmall(minimum)| Answer::new(422, tag).with([minimum]))?;
    if request.body.is_empty() {
        return Ok((None, timer));
    }
    match Remote::read(&request.body, &line.codecs, Prefer::Ours) {
        Ok(remote) => Ok((Some(remote), timer)),
        Err(fault) => Err(Answer::new(fault.status(), tag).warn(399, &fault.to_string())),
    }
}

/// A call that waits for the decision of its owner.
struct Ringing {
    line: Arc<Shared>,
    server: ServerRequest,
    dialog: Dialog,
    entry: Entry,
    slot: Slot,
    requests: mpsc::Receiver<Transaction>,
    offered: Option<Remote>,
    timer: Option<SessionTimer>,
    rtp: UdpSocket,
    local: SocketAddr,
    tag: String,
}

/// What ended the ringing.
enum Turn {
    Decided(Decision),
    Gone,
    Refuse(u16, &'static str),
}

impl Ringing {
    async fn run(mut self, peer: SocketAddr) {
        let (decide, decision) = oneshot::channel();
        let call = self.describe(peer, decide);
        if self.line.events.try_send(LineEvent::Incoming(call)).is_err() {
            tracing::error!("a call could not be handed on: the program is not keeping up");
            return self.server.answer(Answer::new(503, &self.tag));
        }
        match self.wait(decision).await {
            Turn::Decided(Decision::Answer(reply)) => self.go_live(reply).await,
            Turn::Decided(Decision::Reject { code, reason }) => {
                self.server.answer(Answer { reason: &reason, ..Answer::new(code, &self.tag) });
            }
            Turn::Decided(Decision::Redirect(uri)) => {
                let contact = header("Contact", format!("<{uri}>"));
                self.server.answer(Answer::new(302, &self.tag).with([contact]));
            }
            Turn::Gone => {}
            Turn::Refuse(code, reason) => {
                self.server.answer(Answer { reason, ..Answer::new(code, &self.tag) });
            }
        }
    }

    fn describe(&self, peer: SocketAddr, decide: oneshot::Sender<Decision>) -> IncomingCall {
        let headers = &self.server.request.headers;
        let caller = identity::caller(headers);
        IncomingCall {
            sip_call_id: self.dialog.call_id.clone(),
            caller: caller.number,
            caller_display: caller.display,
            caller_raw: caller.raw,
            called: identity::called(headers, &self.server.request.uri),
            peer,
            decide,
        }
    }

    async fn wait(&mut self, mut decision: oneshot::Receiver<Decision>) -> Turn {
        let refuse_at = tokio::time::sleep(DECIDE_WITHIN);
        let ring_at = tokio::time::sleep(RING_AFTER);
        tokio::pin!(refuse_at, ring_at);
        let mut rung = false;
        let closing = self.line.closing.clone();
        loop {
            tokio::select! {
                decided = &mut decision => return match decided {
                    Ok(decision) => Turn::Decided(decision),
                    Err(_) => Turn::Refuse(480, ""),
                },
                message = self.server.messages.recv() => match message {
                    Some(SipMessage::Request(r)) if r.method == Method::Cancel => {
                        self.server.answer(Answer::new(487, &self.tag));
                        return Turn::Gone;
                    }
                    Some(_) => {}
                    None => return Turn::Gone,
                },
                Some(request) = self.requests.recv() => if self.early_request(request) {
                    self.server.answer(Answer::new(487, &self.tag));
                    return Turn::Gone;
                },
                () = &mut ring_at, if !rung => {
                    rung = true;
                    let contact = self.dialog.contact();
                    self.server.answer(Answer::new(180, &self.tag).with([contact]));
                }
                () = &mut refuse_at => return Turn::Refuse(480, ""),
                () = closing.cancelled() => return Turn::Refuse(503, ""),
            }
        }
    }

    /// Requests before our answer. True: the caller gave up with BYE.
    fn early_request(&mut self, transaction: Transaction) -> bool {
        let method = transaction.original.method;
        let has_sdp = !transaction.original.body.is_empty();
        let in_order = self.dialog.in_order(&transaction.original);
        let code = match method {
            _ if !in_order => 500,
            Method::Bye | Method::Options | Method::Info => 200,
            // The first offer is not answered yet (RFC 3311 5.2).
            Method::Update if has_sdp => 500,
            Method::Update => 200,
            Method::PRack => 481,
            Method::Refer => 603,
            Method::Invite => 500,
            Method::Message | Method::Notify | Method::Publish | Method::Register | Method::Subscribe => 405,
            Method::Ack | Method::Cancel => 481,
        };
        let again = (code == 500).then(|| header("Retry-After", "1"));
        answer(transaction, Answer::new(code, &self.tag).with(again));
        method == Method::Bye && code == 200
    }

    /// Sends 200 and turns into a session.
    async fn go_live(mut self, reply: oneshot::Sender<Result<LiveCall, AnswerError>>) {
        let id = SdpId { session: session_number(), version: 1 };
        let sdp = match &self.offered {
            Some(remote) => remote.answer(self.local, id, false),
            None => offer(&self.line.codecs, self.local, id, false),
        };
        let mut ok = Answer::new(200, &self.tag).with([self.dialog.contact(), header("Supported", "timer")]);
        ok.headers.extend(self.timer.iter().flat_map(SessionTimer::answer_headers));
        ok.body = Some(sdp);
        self.server.answer(ok);
        let (remote, unacked) = match self.offered.take() {
            Some(remote) => (remote, true),
            None => match self.answer_in_ack().await {
                Ok(remote) => (remote, false),
                Err(error) => return self.give_up(error, reply).await,
            },
        };
        let (commands, command_queue) = mpsc::channel(8);
        let (events, event_queue) = mpsc::channel(65);
        // The channel is new and empty: there is room.
        let Ok(ended) = events.clone().reserve_owned().await else { return };
        if !unacked {
            let _ = events.try_send(CallEvent::Acked);
        }
        let live = LiveCall {
            sip_call_id: self.dialog.call_id.clone(),
            rtp: self.rtp,
            media: remote.plan(false),
            events: event_queue,
            control: CallControl { commands },
            name: None,
        };
        let allowed = tokens(&self.server.request.headers, "Allow");
        let update_allowed = allowed.iter().any(|m| m == "update");
        let server = self.server;
        let session = Session {
            line: self.line,
            dialog: self.dialog,
            entry: self.entry,
            slot: Some(self.slot),
            requests: self.requests,
            commands: command_queue,
            events,
            ended,
            media: SessionMedia { local: self.local, id, remote, we_hold: false },
            unacked: unacked.then_some(Unacked { server, initial: true, answer_in_ack: false }),
            timer: self.timer,
            update_allowed,
            refer_allowed: allowed.is_empty() || allowed.iter().any(|m| m == "refer"),
            outgoing: false,
        };
        // If nobody wants the call any more, the dropped control ends it.
        let _ = reply.send(Ok(live));
        session.run().await;
    }

    /// The answer to our offer in the 200.
    async fn answer_in_ack(&mut self) -> Result<Remote, AnswerError> {
        loop {
            tokio::select! {
                message = self.server.messages.recv() => match message {
                    Some(SipMessage::Request(ack)) if ack.method == Method::Ack => {
                        return Remote::read(&ack.body, &self.line.codecs, Prefer::Theirs)
                            .map_err(|fault| AnswerError::NoMedia(fault.to_string()));
                    }
                    Some(_) => {}
                    None => return Err(AnswerError::NoMedia("no ACK came".into())),
                },
                Some(request) = self.requests.recv() => if self.early_request(request) {
                    return Err(AnswerError::CallerGone);
                },
            }
        }
    }

    async fn give_up(mut self, error: AnswerError, reply: oneshot::Sender<Result<LiveCall, AnswerError>>) {
        let bye = !matches!(error, AnswerError::CallerGone);
        // Whoever asked may have gone.
        let _ = reply.send(Err(error));
        if bye {
            say_goodbye(&self.line, &mut self.dialog, &mut self.requests, None).await;
        }
    }
}

/// A number for the `o=` line.
pub(super) fn session_number() -> u32 {
    random_text(8).bytes().fold(0_u32, |n, b| n.wrapping_mul(61).wrapping_add(u32::from(b))) >> 1
}
