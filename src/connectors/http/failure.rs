//! Why there was no answer, in words that say where to look.

use std::{error::Error, io};

use jiff::{Timestamp, tz::TimeZone};
use rustls::CertificateError;

use super::super::SendFailure;

/// What broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// The name is not known, or nobody could be asked.
    Dns,
    /// Nobody listens there.
    Refused,
    /// No way to that address.
    NoRoute,
    /// No connection in time.
    ConnectTimeout,
    /// Its certificate is too old, or not valid yet.
    Clock,
    /// Its certificate is for somebody else.
    OtherName,
    /// Nobody we trust has signed its certificate.
    UnknownIssuer,
    /// No common ground, or another fault of the certificate.
    Tls(String),
    /// The connection ended before the answer did.
    ClosedEarly,
    /// More than we read.
    TooLong,
}

impl What {
    pub(super) fn of(error: &reqwest::Error) -> Self {
        let mut refused = None;
        for cause in chain(error) {
            if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
                return Self::of_tls(tls);
            }
            if cause.to_string() == "dns error" {
                return Self::Dns;
            }
            if let Some(io) = cause.downcast_ref::<io::Error>() {
                refused = refused.or(of_io(io.kind()));
            }
        }
        match refused {
            Some(what) => what,
            None if error.is_connect() && error.is_timeout() => Self::ConnectTimeout,
            None if error.is_connect() => Self::NoRoute,
            None => Self::ClosedEarly,
        }
    }

    pub(super) fn of_tls(error: &rustls::Error) -> Self {
        use CertificateError as C;
        let rustls::Error::InvalidCertificate(certificate) = error else {
            return Self::Tls(error.to_string());
        };
        let clock = matches!(
            certificate,
            C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. }
        );
        let other_name = matches!(certificate, C::NotValidForName | C::NotValidForNameContext { .. });
        match certificate {
            _ if clock => Self::Clock,
            _ if other_name => Self::OtherName,
            C::UnknownIssuer => Self::UnknownIssuer,
            other => Self::Tls(format!("{other:?}")),
        }
    }

    /// For the owner.
    pub(super) fn words(&self, host: &str) -> String {
        match self {
            Self::Dns => format!(
                "the name {host} cannot be looked up: is the internet connection down, or this network's DNS server?"
            ),
            Self::Refused => format!(
                "{host} refuses the connection: its program is not running, or a firewall is in between"
            ),
            Self::NoRoute => {
                format!("{host} cannot be reached: is the network cable out, or the router down?")
            }
            Self::ConnectTimeout => {
                format!("{host} does not pick up: the internet connection is down or blocked")
            }
            Self::Clock => format!(
                "the certificate of {host} is out of date, or this box's clock is wrong (it says {})",
                Timestamp::now().to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC")
            ),
            Self::OtherName => format!(
                "what answers as {host} has a certificate of somebody else: a filter, proxy or sign-in page is in between"
            ),
            Self::UnknownIssuer => format!(
                "nobody whom this box trusts has signed the certificate of {host}: a filter is in between, \
                 or it is a server of your own whose certificate belongs in ca_file"
            ),
            Self::Tls(what) => format!("no encrypted connection with {host}: {what}"),
            Self::ClosedEarly => format!("{host} ended the connection in the middle"),
            Self::TooLong => format!("{host} answered more than is read"),
        }
    }
}

/// `Unsure` when it may have arrived, else `Later`.
pub(super) fn sorted(why: String, arrived: bool) -> SendFailure {
    if arrived { SendFailure::Unsure { why } } else { SendFailure::Later { why, retry_after: None } }
}

/// The last cause, which says what really happened.
pub(super) fn deepest(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map_or_else(String::new, ToString::to_string)
}

fn of_io(kind: io::ErrorKind) -> Option<What> {
    use io::ErrorKind as K;
    match kind {
        K::ConnectionRefused => Some(What::Refused),
        K::NetworkUnreachable | K::HostUnreachable | K::NetworkDown | K::AddrNotAvailable => {
            Some(What::NoRoute)
        }
        K::ConnectionReset | K::ConnectionAborted | K::UnexpectedEof | K::BrokenPipe => {
            Some(What::ClosedEarly)
        }
        _ => None,
    }
}

/// An error and its causes. An `io::Error` hides what it wraps from `source`, so it is asked itself.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> Vec<&'e (dyn Error + 'static)> {
    let mut causes = vec![error];
    let mut cause = error;
    loop {
        let inside = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let Some(next) = inside.map(|e| e as &'e (dyn Error + 'static)).or_else(|| cause.source()) else {
            return causes;
        };
        causes.push(next);
        cause = next;
    }
}
