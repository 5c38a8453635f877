//! One request that we answer: a task drives the library's transaction, we hold the other end.
//!
//! The task lives until the transaction is over, so repetitions and the ACK are looked after even when
//! the call that asked has gone. A request that is dropped without a final answer gets 500.

use rsipstack::{
    sip::{Header, Request, Response, SipMessage, StatusCode},
    transaction::{
        Transaction,
        endpoint::EndpointInnerRef,
        transaction::{TransactionEvent, TransactionEventSender},
    },
};
use tokio::sync::mpsc;

use super::{
    headers::{header, parameter, value},
    repair::ALLOW,
};

/// A request in our hands.
pub(super) struct ServerRequest {
    pub(super) request: Request,
    /// ACK and CANCEL that belong to it; ends when the transaction is over.
    pub(super) messages: mpsc::Receiver<SipMessage>,
    respond: TransactionEventSender,
    endpoint: EndpointInnerRef,
    finished: bool,
}

/// An answer in the making.
pub(super) struct Answer<'a> {
    pub(super) code: u16,
    /// Empty: the standard phrase.
    pub(super) reason: &'a str,
    pub(super) headers: Vec<Header>,
    /// SDP.
    pub(super) body: Option<Vec<u8>>,
    /// Our tag, when the request has none in To.
    pub(super) tag: &'a str,
}

impl<'a> Answer<'a> {
    pub(super) fn new(code: u16, tag: &'a str) -> Self {
        Self { code, reason: "", headers: Vec::new(), body: None, tag }
    }

    pub(super) fn with(mut self, headers: impl IntoIterator<Item = Header>) -> Self {
        self.headers.extend(headers);
        self
    }

    /// A Warning header (RFC 3261 20.43): for whoever looks at a trace of a refused call.
    pub(super) fn warn(self, code: u16, text: &str) -> Self {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        let text = text.replace(['"', '\\'], "'");
        self.with([header("Warning", format!("{code} nightdesk \"{text}\""))])
    }
}

/// Messages of one transaction (ACK, CANCEL) that may wait to be read.
const MESSAGES: usize = 16;

impl ServerRequest {
    pub(super) fn new(mut transaction: Transaction) -> Self {
        let (sender, messages) = mpsc::channel(MESSAGES);
        let request = transaction.original.clone();
        let respond = transaction.tu_sender.clone();
        let endpoint = transaction.endpoint_inner.clone();
        tokio::spawn(async move {
            while let Some(message) = transaction.receive().await {
                // Nobody listens any more, or a flood: the transaction still has to be brought to its end, and
                // whoever means it repeats it.
                let _ = sender.try_send(message);
            }
        });
        Self { request, messages, respond, endpoint, finished: false }
    }

    /// Sends a provisional or final answer.
    pub(super) fn answer(&mut self, answer: Answer<'_>) {
        if self.finished {
            return;
        }
        self.finished = answer.code >= 200;
        let standard = StatusCode::from(answer.code);
        let status = match answer.reason {
            "" => standard,
            reason => StatusCode::Other(answer.code, reason.replace(['\r', '\n'], " ")),
        };
        let has_body = answer.body.is_some();
        let mut response = self.endpoint.make_response(&self.request, status, answer.body);
        self.tag_to(&mut response, answer.tag);
        let record_routes = self.request.headers.iter().filter(|h| matches!(h, Header::RecordRoute(_)));
        if (101..300).contains(&answer.code) {
            response.headers.extend(record_routes.cloned().collect());
        }
        if has_body {
            response.headers.push(header("Content-Type", "application/sdp"));
        }
        if answer.code == 405 || answer.code == 200 {
            response.headers.push(header("Allow", ALLOW));
        }
        response.headers.extend(answer.headers);
        // The task is gone only when the transaction is over; then nobody waits for the answer.
        let _ = self.respond.send(TransactionEvent::Respond(response));
    }

    fn tag_to(&self, response: &mut Response, tag: &str) {
        let to = value(&self.request.headers, "To").unwrap_or_default();
        if response.status_code.code() > 100 && parameter(to, "tag").is_none() {
            let tagged = header("To", format!("{to};tag={tag}"));
            response.headers.unique_push(tagged);
        }
    }
}

impl Drop for ServerRequest {
    fn drop(&mut self) {
        self.answer(Answer::new(500, "nd-dropped"));
    }
}

/// Answers and forgets.
pub(super) fn answer(transaction: Transaction, answer: Answer<'_>) {
    ServerRequest::new(transaction).answer(answer);
}
