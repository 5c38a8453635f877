//! Requests of ours that may be challenged for a password, and outgoing calls.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rsipstack::{
    sip::{
        Header, HeadersExt, Method, Request, Response, SipMessage, StatusCodeKind, Uri, Version, parse_uri,
    },
    transaction::{Transaction, random_text},
};
use tokio::sync::{mpsc, oneshot};

use super::{
    Shared,
    dialog::{Dialog, contact, transport_of},
    digest::{Asked, Challenge, Credentials},
    goodbye::say_goodbye,
    headers::{header, tokens, value},
    incoming::session_number,
    registry::Name,
    repair::ALLOW,
    sdp::{Prefer, Remote, SdpId, offer},
    session::{Session, SessionMedia},
    session_timer::SessionTimer,
    stack::{Route, Silence, Stack},
};
use crate::phone::{
    Transport,
    call::{CallControl, CallEvent, DialError, LiveCall},
    test_phone::DialOptions,
};

/// Sends a request; when it is challenged and we have a password, once more with the answer.
pub(super) async fn request(
    line: &Shared,
    request: Request,
    route: &Route,
    limit: Duration,
) -> Result<Response, Silence> {
    let response = line.stack.request(request.clone(), route, limit).await?;
    match with_credentials(&line.stack, &request, &response, line.credentials.as_ref(), route) {
        Some(again) => line.stack.request(again, route, limit).await,
        None => Ok(response),
    }
}

/// The same request with the answer to a challenge, if it was one that we can answer.
pub(super) fn with_credentials(
    stack: &Stack,
    request: &Request,
    response: &Response,
    credentials: Option<&Credentials>,
    route: &Route,
) -> Option<Request> {
    let code = response.status_code.code();
    let who = credentials.filter(|_| matches!(code, 401 | 407))?;
    let challenge = Challenge::strongest(&response.headers)?;
    let method = request.method.to_string();
    let uri = request.uri.to_string();
    let asked = Asked { method: &method, uri: &uri, body: &request.body };
    let authorization = challenge.answer(who, &asked, &random_text(16));
    let mut again = request.clone();
    let seq: u32 = request.cseq_header().ok()?.seq().ok()?;
    again.headers.retain(|h| !matches!(h, Header::Authorization(_) | Header::ProxyAuthorization(_)));
    again.headers.unique_push(header("Via", stack.via(route)));
    again.headers.unique_push(header("CSeq", format!("{} {method}", seq + 1)));
    again.headers.push(authorization);
    Some(again)
}

/// Sends a re-INVITE and returns its final answer; the library confirms it.
pub(super) async fn reinvite(line: &Shared, request: Request, route: &Route) -> Result<Response, Silence> {
    let limit = Duration::from_secs(32);
    let transaction = line.stack.send(request, route).await?;
    let (_, mut responses) = drive(transaction);
    let last = async {
        while let Some(response) = responses.recv().await {
            if response.status_code.kind() != StatusCodeKind::Provisional {
                return Some(response);
            }
        }
        None
    };
    tokio::select! {
        last = last => last.ok_or_else(|| Silence::Network("the re-INVITE broke off".into())),
        () = tokio::time::sleep(limit) => Err(Silence::Timeout(limit)),
    }
}

/// Responses of one transaction that may wait to be read; then the transaction itself waits.
const RESPONSES: usize = 16;

/// A task looks after the transaction to its very end: a repeated 200 is confirmed again.
fn drive(mut transaction: Transaction) -> (Request, mpsc::Receiver<Response>) {
    let (sender, responses) = mpsc::channel(RESPONSES);
    let request = transaction.original.clone();
    tokio::spawn(async move {
        while let Some(message) = transaction.receive().await {
            if let SipMessage::Response(response) = message {
                // Nobody listens any more: go on for the repetitions.
                let _ = sender.send(response).await;
            }
        }
    });
    (request, responses)
}

/// An outgoing call on its way. Dropping it cancels the call.
struct Dialling {
    line: Arc<Shared>,
    invite: Request,
    route: Route,
    responses: mpsc::Receiver<Response>,
    /// The other side has been heard: a CANCEL makes sense.
    ringing: bool,
    finished: bool,
}

/// Calls `uri` and returns when it was answered.
pub(super) async fn dial(line: Arc<Shared>, uri: &str, options: DialOptions) -> Result<LiveCall, DialError> {
    let address = |why: String| DialError::Address { uri: uri.to_owned(), why };
    let target = parse_uri(uri).map_err(|e| address(e.to_string()))?;
    let port = target.host_with_port.port.as_ref().map_or(5060, |p| p.0);
    let transport = transport_of(&target).unwrap_or(options.transport);
    let peers = line.stack.resolve(&target.host_with_port.host.to_string(), port).await;
    let peers = peers.map_err(|e| address(e.to_string()))?;
    let peer = *peers.first().ok_or_else(|| address("no address".into()))?;
    let progress = Progress { rang: None, silence_max: options.timeout };
    place(line, Order { target, peer, transport, options, progress }).await
}

/// A call that is to be made.
pub(super) struct Order {
    pub(super) target: Uri,
    /// Where the INVITE goes.
    pub(super) peer: SocketAddr,
    pub(super) transport: Transport,
    pub(super) options: DialOptions,
    pub(super) progress: Progress,
}

/// What is watched while a call is on its way.
pub(super) struct Progress {
    /// Told when the telephone rings.
    pub(super) rang: Option<oneshot::Sender<()>>,
    /// Without any sign of life for this long nobody is there.
    pub(super) silence_max: Duration,
}

/// Makes a call.
pub(super) async fn place(line: Arc<Shared>, order: Order) -> Result<LiveCall, DialError> {
    let Order { target, peer, transport, options, mut progress } = order;
    let failed = |e: Silence| DialError::Line(e.to_string());
    let route = line.stack.route(transport, peer).await.map_err(failed)?;
    let media_ip = route.local.ip();
    let rtp = line.rtp.bind(media_ip).await.map_err(|e| DialError::Line(e.to_string()))?;
    let local = SocketAddr::new(media_ip, rtp.local_addr().map_or(0, |a| a.port()));
    let id = SdpId { session: session_number(), version: 1 };
    let sdp = offer(&options.codecs, local, id, false);
    let invite = build_invite(&line, &route, target, &options, sdp);
    let limit = options.timeout;
    let answered = Dialling::answered(line.clone(), invite, route, &options, &mut progress);
    let answered = tokio::time::timeout(limit, answered).await;
    let (invite, response, route) = answered.map_err(|_| DialError::NoAnswer(limit))??;
    let user = options.number.as_str();
    let dialog = Dialog::answered(&invite, &response, user, route)
        .ok_or_else(|| DialError::Line("the answer has no names for the call".into()))?;
    let media = OfferedMedia { local, id, rtp, codecs: options.codecs };
    establish(line, dialog, &response, media).await
}

struct OfferedMedia {
    local: SocketAddr,
    id: SdpId,
    rtp: tokio::net::UdpSocket,
    codecs: Vec<media::Codec>,
}

/// Turns a 200 into a live call.
async fn establish(
    line: Arc<Shared>,
    mut dialog: Dialog,
    response: &Response,
    media: OfferedMedia,
) -> Result<LiveCall, DialError> {
    let names = Name {
        call_id: dialog.call_id.clone(),
        local_tag: dialog.local_tag.clone(),
        remote_tag: dialog.remote_tag.clone(),
    };
    let (entry, mut requests) = line.calls.enter(names, None);
    let remote = match Remote::read(&response.body, &media.codecs, Prefer::Theirs) {
        Ok(remote) => remote,
        Err(fault) => {
            say_goodbye(&line, &mut dialog, &mut requests, None).await;
            return Err(DialError::NoMedia(fault.to_string()));
        }
    };
    let (commands, command_queue) = mpsc::channel(8);
    let (events, event_queue) = mpsc::channel(65);
    // The channel is new and empty: there is room.
    let ended = events.clone().reserve_owned().await.map_err(|e| DialError::Line(e.to_string()))?;
    let _ = events.try_send(CallEvent::Acked);
    let live = LiveCall {
        sip_call_id: dialog.call_id.clone(),
        rtp: media.rtp,
        media: remote.plan(false),
        events: event_queue,
        control: CallControl { commands },
        name: Some(dialog.name()),
    };
    let allowed = tokens(&response.headers, "Allow");
    let session = Session {
        timer: SessionTimer::granted(&response.headers, line.stack.now()),
        update_allowed: allowed.iter().any(|m| m == "update"),
        refer_allowed: allowed.is_empty() || allowed.iter().any(|m| m == "refer"),
        line,
        dialog,
        entry,
        slot: None,
        requests,
        commands: command_queue,
        events,
        ended,
        media: SessionMedia { local: media.local, id: media.id, remote, we_hold: false },
        unacked: None,
        outgoing: true,
    };
    tokio::spawn(session.run());
    Ok(live)
}

fn build_invite(line: &Shared, route: &Route, uri: Uri, options: &DialOptions, sdp: Vec<u8>) -> Request {
    let display = options.display.as_deref().unwrap_or_default().replace(['"', '\\'], "'");
    let display = if display.is_empty() { String::new() } else { format!("\"{display}\" ") };
    let domain = line.domain.clone().unwrap_or_else(|| route.local.ip_text());
    let mut headers = vec![
        header("Via", line.stack.via(route)),
        header("Max-Forwards", "70"),
        header("From", format!("{display}<sip:{}@{domain}>;tag={}", options.number, random_text(10))),
        header("To", format!("<{uri}>")),
        header("Call-ID", format!("{}@nightdesk", random_text(22))),
        header("CSeq", "1 INVITE"),
        contact(&options.number, route),
        header("User-Agent", line.stack.endpoint.user_agent.as_str()),
        header("Allow", ALLOW),
        header("Supported", "timer"),
        header("Content-Type", "application/sdp"),
    ];
    headers.extend(options.headers.iter().map(|(name, value)| header(name, value.as_str())));
    Request { method: Method::Invite, uri, version: Version::V2, headers: headers.into(), body: sdp }
}

trait IpText {
    fn ip_text(&self) -> String;
}

impl IpText for SocketAddr {
    /// As in a URI: IPv6 in brackets.
    fn ip_text(&self) -> String {
        match self {
            SocketAddr::V4(a) => a.ip().to_string(),
            SocketAddr::V6(a) => format!("[{}]", a.ip()),
        }
    }
}

impl Dialling {
    /// Waits for the final answer, through one challenge.
    async fn answered(
        line: Arc<Shared>,
        invite: Request,
        route: Route,
        options: &DialOptions,
        progress: &mut Progress,
    ) -> Result<(Request, Response, Route), DialError> {
        let mut dialling = Self::send(line.clone(), invite, route).await?;
        let mut challenged = false;
        loop {
            let response = dialling.final_answer(progress).await?;
            let credentials =
                options.credentials.clone().map(|(user, password)| Credentials { user, password });
            let who = credentials.as_ref().or(line.credentials.as_ref()).filter(|_| !challenged);
            let again = with_credentials(&line.stack, &dialling.invite, &response, who, &dialling.route);
            if let Some(again) = again {
                challenged = true;
                dialling = Self::send(line.clone(), again, dialling.route.clone()).await?;
            } else if response.status_code.kind() == StatusCodeKind::Successful {
                return Ok((dialling.invite.clone(), response, dialling.route.clone()));
            } else {
                return Err(refused(&response));
            }
        }
    }

    async fn send(line: Arc<Shared>, invite: Request, route: Route) -> Result<Self, DialError> {
        let transaction = line.stack.send(invite, &route).await;
        let transaction = transaction.map_err(|e| DialError::Line(e.to_string()))?;
        let (invite, responses) = drive(transaction);
        Ok(Self { line, invite, route, responses, ringing: false, finished: false })
    }

    async fn final_answer(&mut self, progress: &mut Progress) -> Result<Response, DialError> {
        let route = self.route.clone();
        let patience = tokio::time::sleep(progress.silence_max);
        tokio::pin!(patience);
        loop {
            let response = tokio::select! {
                response = self.responses.recv() => response,
                () = route.broken() => None,
                () = &mut patience, if !self.ringing => {
                    let silence = Silence::Timeout(progress.silence_max);
                    return Err(DialError::Line(format!("{} says nothing: {silence}", route.peer)));
                }
            };
            let Some(response) = response else {
                self.finished = true;
                return Err(DialError::Line("the connection was lost".into()));
            };
            if response.status_code.kind() != StatusCodeKind::Provisional {
                self.finished = true;
                return Ok(response);
            }
            self.ringing = true;
            if let Some(rang) = progress.rang.take_if(|_| response.status_code.code() > 100) {
                // whoever wanted to know may have gone
                let _ = rang.send(());
            }
        }
    }
}

impl Drop for Dialling {
    /// Nobody waits for the answer any more: CANCEL, and a BYE when the 200 was faster.
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        let (_, empty) = mpsc::channel(1);
        let cancelled = Cancelled {
            line: self.line.clone(),
            invite: self.invite.clone(),
            route: self.route.clone(),
            responses: std::mem::replace(&mut self.responses, empty),
            ringing: self.ringing,
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(cancelled.run());
        }
    }
}

struct Cancelled {
    line: Arc<Shared>,
    invite: Request,
    route: Route,
    responses: mpsc::Receiver<Response>,
    ringing: bool,
}

impl Cancelled {
    async fn run(mut self) {
        // A CANCEL may only follow a provisional answer (RFC 3261 9.1).
        let mut last = None;
        while !self.ringing && last.is_none() {
            match self.responses.recv().await {
                Some(r) if r.status_code.kind() == StatusCodeKind::Provisional => self.ringing = true,
                Some(r) => last = Some(r),
                None => return,
            }
        }
        if last.is_none() {
            let (done, cancelled) = oneshot::channel();
            let (line, cancel, route) = (self.line.clone(), self.cancel(), self.route.clone());
            tokio::spawn(async move {
                // Whether the CANCEL was answered shows in the answer to the INVITE.
                let _ = line.stack.request(cancel, &route, Duration::from_secs(8)).await;
                let _ = done.send(());
            });
            while last.is_none() {
                match self.responses.recv().await {
                    Some(r) if r.status_code.kind() == StatusCodeKind::Provisional => {}
                    Some(r) => last = Some(r),
                    None => break,
                }
            }
            let _ = cancelled.await;
        }
        let Some(answer) = last.filter(|r| r.status_code.kind() == StatusCodeKind::Successful) else {
            return;
        };
        if let Some(mut dialog) = Dialog::answered(&self.invite, &answer, "nightdesk", self.route.clone()) {
            let (_, mut requests) = mpsc::channel(1);
            say_goodbye(&self.line, &mut dialog, &mut requests, None).await;
        }
    }

    /// Same branch and number as the INVITE.
    fn cancel(&self) -> Request {
        let keep = ["Via", "From", "To", "Call-ID", "Max-Forwards", "Route", "User-Agent"];
        let mut headers = self.invite.headers.clone();
        headers.retain(|h| keep.contains(&h.name()));
        let seq = value(&self.invite.headers, "CSeq").and_then(|c| c.split(' ').next()).unwrap_or("1");
        headers.push(header("CSeq", format!("{seq} CANCEL")));
        let uri = self.invite.uri.clone();
        Request { method: Method::Cancel, uri, version: Version::V2, headers, body: Vec::new() }
    }
}

fn refused(response: &Response) -> DialError {
    let standard = response.status_code.text().to_owned();
    let phrase = response.wire_reason.clone().unwrap_or(standard);
    let warning = value(&response.headers, "Warning").map(|w| format!(" ({w})")).unwrap_or_default();
    DialError::Refused { code: response.status_code.code(), reason: format!("{phrase}{warning}") }
}
