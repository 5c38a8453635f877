//! One HTTP request: a deadline, a bounded answer, and failures in words that an owner can act on.
//!
//! Follows no redirect (a sign-in page of some network must not get our keys), uses no proxy, never repeats a
//! request, and tells in no error an address, a key or a body.

mod failure;

#[cfg(test)]
mod tests;

use std::{fmt, net::IpAddr, time::Duration};

use reqwest::{Client, Method, RequestBuilder, StatusCode, Url, header, redirect};
use serde::de::DeserializeOwned;

use super::{ConnectorFault, NeverReason, SendFailure};

/// Longest wait until a connection stands; what fails before has certainly not arrived.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// A wish to wait longer than this is not believed.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(6 * 3600);

/// A key, password or token. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// Takes it.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for the one place that needs it.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// Whose certificates are believed, besides those that the machine trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Certificates in PEM form, of a server of the owner's.
    pub extra_pem: Option<Vec<u8>>,
}

/// The way to one service.
#[derive(Debug)]
pub(super) struct Web {
    client: Client,
    service: &'static str,
    base: String,
    host: String,
    deadline: Duration,
}

/// What `Web::new` needs.
pub(super) struct Way<'a> {
    /// For the owner: "Twilio".
    pub(super) service: &'static str,
    /// The setting that holds the address, for faults.
    pub(super) key: &'static str,
    /// `https://api.twilio.com`; `http:` only inside the building.
    pub(super) server: &'a str,
    /// Whom to believe.
    pub(super) trust: &'a Trust,
    /// For the whole request, answer included.
    pub(super) deadline: Duration,
}

impl Web {
    pub(super) fn new(way: Way<'_>) -> Result<Self, ConnectorFault> {
        let url = server_url(way.server).ok_or(ConnectorFault::Address {
            key: way.key,
            example: "https://service.example.com (http:// only inside this building)",
        })?;
        // a second installation in one process finds the first one in place, which is as good
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .connect_timeout(way.deadline.min(CONNECT_MAX))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("nightdesk/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = &way.trust.extra_pem {
            let certificates = reqwest::Certificate::from_pem_bundle(pem).map_err(tls_fault)?;
            builder = builder.tls_certs_merge(certificates);
        }
        Ok(Self {
            client: builder.build().map_err(tls_fault)?,
            service: way.service,
            base: url.as_str().trim_end_matches('/').to_owned(),
            host: url.host_str().unwrap_or_default().to_owned(),
            deadline: way.deadline,
        })
    }

    /// Name or address of the far side.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The far side's address without a closing slash.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// A request for a path that begins with a slash, or the base itself for "".
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub(super) fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// One attempt. An answer of any status is an answer.
    pub(super) async fn ask(&self, request: RequestBuilder) -> Result<Answer, SendFailure> {
        let request = request.build().map_err(|_| SendFailure::Never {
            why: format!(
                "{} cannot be asked this: a header or address holds what HTTP forbids",
                self.service
            ),
            reason: NeverReason::Rejected,
        })?;
        // a question that changes nothing can always be asked again
        let harmless = request.method().is_safe();
        match tokio::time::timeout(self.deadline, self.exchange(request)).await {
            Ok(Ok(answer)) => Ok(Answer { harmless, ..answer }),
            Ok(Err(Broken { arrived, what })) => {
                let why = format!("{}: {}", self.service, what.words(&self.host));
                Err(failure::sorted(why, arrived && !harmless))
            }
            Err(_) => {
                let seconds = self.deadline.as_secs_f32();
                let why = format!("{}: {} did not answer within {seconds} s", self.service, self.host);
                Err(failure::sorted(why, !harmless))
            }
        }
    }

    async fn exchange(&self, request: reqwest::Request) -> Result<Answer, Broken> {
        let mut response = self.client.execute(request).await.map_err(|e| Broken::from_request(&e))?;
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(None) => break,
                Ok(Some(chunk)) if body.len() + chunk.len() > ANSWER_BYTES_MAX => {
                    return Err(Broken { arrived: true, what: failure::What::TooLong });
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Err(_) => return Err(Broken { arrived: true, what: failure::What::ClosedEarly }),
            }
        }
        Ok(Answer {
            service: self.service,
            status: response.status(),
            retry_after: retry_after(response.headers()),
            headers: response.headers().clone(),
            body,
            harmless: false,
        })
    }
}

/// An exchange that ended without a whole answer.
struct Broken {
    /// Whether the request may have reached the far side.
    arrived: bool,
    what: failure::What,
}

impl Broken {
    fn from_request(error: &reqwest::Error) -> Self {
        Self { arrived: !error.is_connect(), what: failure::What::of(error) }
    }
}

/// What a service answered.
#[derive(Debug)]
pub(super) struct Answer {
    service: &'static str,
    status: StatusCode,
    retry_after: Option<Duration>,
    headers: header::HeaderMap,
    body: Vec<u8>,
    harmless: bool,
}

impl Answer {
    pub(super) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    pub(super) fn is_success(&self) -> bool {
        self.status.is_success()
    }

    pub(super) fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The answer as its documentation has it; one that differs says so.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, SendFailure> {
        serde_json::from_slice(&self.body).map_err(|_| self.odd())
    }

    /// The parts that are there; for error bodies, which may be anything.
    pub(super) fn json_or_default<T: DeserializeOwned + Default>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// An answer that is none.
    pub(super) fn odd(&self) -> SendFailure {
        let why = format!(
            "{} answered {} with {} bytes that are not its own kind of answer; \
             perhaps a filter or sign-in page of this network stands in between",
            self.service,
            self.status(),
            self.body.len()
        );
        failure::sorted(why, !self.harmless)
    }

    /// What a refusal means where the service gives no better reason.
    pub(super) fn refusal(&self) -> SendFailure {
        let code = self.status();
        let never = |why: String, reason| SendFailure::Never { why, reason };
        let service = self.service;
        match code {
            401 => {
                never(format!("{service} does not know this key or password (401)"), NeverReason::Credentials)
            }
            402 => never(format!("{service} wants to be paid first (402)"), NeverReason::Credentials),
            403 => {
                never(format!("{service} does not allow this to our account (403)"), NeverReason::Credentials)
            }
            404 | 410 => never(
                format!("{service} has no such receiver or address ({code})"),
                NeverReason::BadDestination,
            ),
            408 | 425 | 429 => SendFailure::Later {
                why: match code {
                    429 => format!("{service} is being asked too often (429)"),
                    _ => format!("{service} wants it later ({code})"),
                },
                retry_after: self.retry_after,
            },
            300..=399 => SendFailure::Later {
                why: format!(
                    "{service} is not reached: something sends us elsewhere ({code}); \
                     perhaps a sign-in page of this network"
                ),
                retry_after: None,
            },
            500.. if self.harmless => SendFailure::Later {
                why: format!("{service} is in trouble ({code})"),
                retry_after: self.retry_after,
            },
            500.. => SendFailure::Unsure {
                why: format!("{service} is in trouble ({code}); it may have arrived all the same"),
            },
            _ => never(format!("{service} refuses it ({code})"), NeverReason::Rejected),
        }
    }
}

/// Address of a service: https anywhere, http only on loopback and private networks; no key inside.
fn server_url(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let host = url.host_str().filter(|h| !h.is_empty())?;
    let plain = url.scheme() == "http" && in_this_building(host);
    let clean = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    ((url.scheme() == "https" || plain) && clean).then_some(url)
}

/// Loopback and private addresses, and names that never leave the local network.
pub(super) fn in_this_building(host: &str) -> bool {
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        Ok(IpAddr::V6(v6)) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
        Err(_) => host == "localhost" || host.ends_with(".local") || host.ends_with(".lan"),
    }
}

/// `Retry-After` in seconds or as a date; nonsense is none.
fn retry_after(headers: &header::HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok()?,
        Err(_) => {
            let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
            at.duration_since(jiff::Timestamp::now()).try_into().ok()?
        }
    };
    Some(wait.min(RETRY_AFTER_MAX))
}

fn tls_fault(error: reqwest::Error) -> ConnectorFault {
    ConnectorFault::Tls { cause: failure::deepest(&error) }
}
