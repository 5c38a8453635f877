//! The PBX knows where to find us: registers, refreshes, and unregisters at the end.
//!
//! [`schedule`] decides when; this file does it. A wrong password is never hammered: office PBXs ban an
//! address after a few failures, and then no call comes in at all.

mod schedule;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rsipstack::{
    sip::{Method, Request, Response, StatusCodeKind, Version, parse_uri},
    transaction::random_text,
};

use self::schedule::{Outcome, Schedule};
use super::{
    Shared,
    client::with_credentials,
    dialog::contact,
    digest::Challenge,
    headers::{header, parameter, split_list, uri_of, value, values},
    stack::{Route, Silence},
};
use crate::phone::{LineEvent, NetRange, PbxAccount, Registration};

/// How long one REGISTER waits.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);
/// How long the farewell waits.
const FAREWELL_WITHIN: Duration = Duration::from_millis(1500);
/// How often we look whether our own address changed.
const ADDRESS_CHECK: Duration = Duration::from_secs(5);

/// Keeps the line registered until it closes.
pub(super) struct Registrar {
    line: Arc<Shared>,
    account: PbxAccount,
    /// Ranges allowed by the configuration, beside the PBX itself.
    allow: Vec<NetRange>,
    call_id: String,
    tag: String,
    seq: u32,
    way: Option<Route>,
    reported: Option<Registration>,
}

impl Registrar {
    pub(super) fn new(line: Arc<Shared>, account: PbxAccount, allow: Vec<NetRange>) -> Self {
        let call_id = format!("{}@nightdesk", random_text(22));
        Self { line, account, allow, call_id, tag: random_text(10), seq: 0, way: None, reported: None }
    }

    /// Runs until the line closes; then says goodbye to the PBX.
    pub(super) async fn run(mut self) {
        let closing = self.line.closing.clone();
        let mut schedule = Schedule::new(self.account.expires_s);
        loop {
            let outcome = tokio::select! {
                () = closing.cancelled() => break,
                outcome = self.attempt(schedule.expires_s()) => outcome,
            };
            let local = self.way.as_ref().map(|w| w.local);
            let plan = schedule.after(outcome, local, self.line.stack.now());
            plan.report.into_iter().for_each(|r| self.report(r));
            tokio::select! {
                () = closing.cancelled() => break,
                () = tokio::time::sleep(plan.wait) => {}
                () = self.disturbed(&schedule) => {}
            }
        }
        if schedule.is_registered() {
            self.farewell().await;
        }
        self.report(Registration::Off);
    }

    /// Returns when the registration is worthless before its time: our address or the connection changed.
    async fn disturbed(&self, schedule: &Schedule) {
        let Some(way) = self.way.as_ref().filter(|_| schedule.may_hurry()) else {
            return std::future::pending().await;
        };
        loop {
            tokio::select! {
                () = way.broken() => {
                    tracing::info!("the connection to the PBX was closed: registering again");
                    // A PBX that closes every connection is not asked more than once a second.
                    return tokio::time::sleep(Duration::from_secs(1)).await;
                }
                () = tokio::time::sleep(ADDRESS_CHECK) => {
                    let now = self.line.stack.local(way.transport, way.peer, None);
                    if schedule.moved(now) {
                        tracing::info!("our address changed: registering again");
                        return;
                    }
                }
            }
        }
    }

    fn report(&mut self, registration: Registration) {
        if self.reported.as_ref() == Some(&registration) {
            return;
        }
        match &registration {
            Registration::Registered { expires_s } => tracing::info!(expires_s, "registered with the PBX"),
            Registration::Refused { code, reason, retry_in } => {
                tracing::warn!(code, reason, ?retry_in, "the PBX refuses our registration");
            }
            Registration::Unreachable { reason, retry_in } => {
                tracing::warn!(reason, ?retry_in, "the PBX cannot be reached");
            }
            Registration::Off => {}
        }
        self.reported = Some(registration.clone());
        if self.line.events.try_send(LineEvent::Registration(registration)).is_err() {
            tracing::debug!("nobody reads the registration state");
        }
    }

    /// One registration, through all addresses of the PBX until one answers.
    async fn attempt(&mut self, expires_s: u32) -> Outcome {
        let peers = match self.peers().await {
            Ok(peers) => peers,
            Err(silence) => return Outcome::Silent(silence.to_string()),
        };
        let mut last = String::from("the PBX has no address");
        for peer in peers {
            match self.ask(peer, expires_s, ANSWER_WITHIN).await {
                Ok((response, way)) => {
                    let outcome = read(&response, &way, expires_s);
                    self.way = Some(way);
                    return outcome;
                }
                Err(silence) => last = format!("{peer}: {silence}"),
            }
        }
        Outcome::Silent(last)
    }

    /// Where to send, and who may talk to us from now on: the PBX, its proxy, and what the owner named.
    async fn peers(&self) -> Result<Vec<SocketAddr>, Silence> {
        let stack = &self.line.stack;
        let pbx = stack.resolve(&self.account.host, self.account.port).await;
        let (first, pbx) = match &self.account.outbound_proxy {
            Some(proxy) => {
                let (host, port) = host_and_port(proxy);
                // Behind a proxy the PBX's own name need not be known to us.
                (stack.resolve(&host, port).await?, pbx.unwrap_or_default())
            }
            None => (pbx?, Vec::new()),
        };
        let known = first.iter().chain(&pbx);
        let allowed = known.map(|a| NetRange::host(a.ip())).chain(self.allow.iter().copied());
        stack.gate.allow(allowed.collect());
        Ok(first)
    }

    /// REGISTER, and its repetition with the answer to the challenge.
    async fn ask(
        &mut self,
        peer: SocketAddr,
        expires_s: u32,
        limit: Duration,
    ) -> Result<(Response, Route), Silence> {
        let stack = self.line.stack.clone();
        let way = stack.route(self.account.transport, peer).await?;
        let mut request = self.request(&way, expires_s)?;
        let mut response = stack.request(request.clone(), &way, limit).await?;
        // Twice: the second time only when the PBX says that merely the nonce was too old.
        for round in 0..2 {
            let stale = || Challenge::strongest(&response.headers).is_some_and(|c| c.stale);
            if round > 0 && !stale() {
                break;
            }
            let who = self.line.credentials.as_ref();
            let Some(again) = with_credentials(&stack, &request, &response, who, &way) else { break };
            self.seq += 1;
            request = again;
            response = stack.request(request.clone(), &way, limit).await?;
        }
        Ok((response, way))
    }

    fn request(&mut self, way: &Route, expires_s: u32) -> Result<Request, Silence> {
        self.seq += 1;
        let domain = domain(&self.account);
        // Without a user part: some PBXs drop it otherwise.
        let uri = format!("sip:{domain}");
        let uri = parse_uri(&uri).map_err(|e| Silence::Network(format!("the PBX's address: {e}")))?;
        let us = format!("<sip:{}@{domain}>", self.account.extension);
        let mut headers = vec![
            header("Via", self.line.stack.via(way)),
            header("Max-Forwards", "70"),
            header("From", format!("{us};tag={}", self.tag)),
            header("To", us),
            header("Call-ID", self.call_id.as_str()),
            header("CSeq", format!("{} REGISTER", self.seq)),
            contact(&self.account.extension, way),
            header("Expires", expires_s.to_string()),
            header("User-Agent", self.line.stack.endpoint.user_agent.as_str()),
            header("Allow", super::repair::ALLOW),
        ];
        if self.account.outbound_proxy.is_some() {
            headers.push(header("Route", format!("<sip:{};lr>", way.peer)));
        }
        let (method, version) = (Method::Register, Version::V2);
        Ok(Request { method, uri, version, headers: headers.into(), body: Vec::new() })
    }

    async fn farewell(&mut self) {
        let Some(peer) = self.way.as_ref().map(|w| w.peer) else { return };
        if let Err(silence) = self.ask(peer, 0, FAREWELL_WITHIN).await {
            tracing::debug!(%silence, "the PBX did not hear our farewell");
        }
    }
}

/// Host and port of the PBX as in a URI.
pub(super) fn domain(account: &PbxAccount) -> String {
    let host = match account.host.parse() {
        Ok(std::net::IpAddr::V6(ip)) => format!("[{ip}]"),
        Ok(std::net::IpAddr::V4(_)) | Err(_) => account.host.clone(),
    };
    if account.port == 5060 { host } else { format!("{host}:{}", account.port) }
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`.
pub(super) fn host_and_port(text: &str) -> (String, u16) {
    let whole = (text.to_owned(), 5060);
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            port.parse().map_or(whole, |port| (host.to_owned(), port))
        }
        Some(_) | None => whole,
    }
}

fn read(response: &Response, way: &Route, asked_s: u32) -> Outcome {
    let code = response.status_code.code();
    if response.status_code.kind() == StatusCodeKind::Successful {
        return Outcome::Granted { expires_s: granted(response, way).unwrap_or(asked_s) };
    }
    let number = |name| value(&response.headers, name)?.split([';', ' ', '(']).next()?.parse::<u32>().ok();
    let phrase = response.wire_reason.clone().unwrap_or_else(|| response.status_code.text().to_owned());
    match code {
        423 => match number("Min-Expires") {
            Some(min_s) => Outcome::TooBrief { min_s },
            None => Outcome::Refused { code, reason: phrase },
        },
        408 | 480 | 500..600 => Outcome::Busy { code, reason: phrase, retry_after_s: number("Retry-After") },
        401 | 403 | 407 => Outcome::Refused {
            code,
            reason: format!("{phrase}: check extension, authentication ID and password"),
        },
        404 => Outcome::Refused { code, reason: format!("{phrase}: the PBX does not know this extension") },
        _ => Outcome::Refused { code, reason: phrase },
    }
}

/// Lifetime of our own binding; other devices may be registered beside us.
fn granted(response: &Response, way: &Route) -> Option<u32> {
    let ours = format!("@{}", way.local);
    let mut contacts = values(&response.headers, "Contact").flat_map(split_list);
    let binding = contacts.find(|c| uri_of(c).contains(&ours));
    let of_binding = binding.and_then(|c| parameter(c, "expires")?.parse().ok());
    of_binding.or_else(|| value(&response.headers, "Expires")?.parse().ok())
}

#[cfg(test)]
mod tests;
