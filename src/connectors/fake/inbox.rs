//! A receiver of our webhook that checks the signature as docs/config.md tells it to.

use std::collections::BTreeSet;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;

use super::{Reply, Request, Service};

/// An event older than this is somebody's copy.
const AGE_MAX_S: i64 = 300;

/// The receiver.
#[derive(Debug)]
pub struct Inbox {
    secret: String,
    keys: BTreeSet<String>,
    /// Event and body, in the order of their coming.
    pub events: Vec<(String, String)>,
}

impl Inbox {
    /// With the secret of both sides.
    pub fn new(secret: &str) -> Self {
        Self { secret: secret.into(), keys: BTreeSet::new(), events: Vec::new() }
    }

    fn believes(&self, request: &Request) -> bool {
        let signature = request.header("x-nightdesk-signature").unwrap_or_default();
        let part =
            |name: &str| signature.split(',').find_map(|p| p.trim().strip_prefix(name)?.strip_prefix('='));
        let (Some(at), Some(hex)) = (part("t"), part("v1")) else { return false };
        let fresh = at.parse::<i64>().is_ok_and(|t| (Timestamp::now().as_second() - t).abs() <= AGE_MAX_S);
        let bytes: Option<Vec<u8>> =
            (0..hex.len() / 2).map(|i| u8::from_str_radix(hex.get(2 * i..2 * i + 2)?, 16).ok()).collect();
        let mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).map(|mut mac| {
            mac.update(format!("{at}.").as_bytes());
            mac.update(&request.body);
            mac
        });
        fresh && mac.is_ok_and(|mac| bytes.is_some_and(|b| mac.verify_slice(&b).is_ok()))
    }
}

impl Service for Inbox {
    fn answer(&mut self, request: &Request) -> Reply {
        if !self.believes(request) {
            return Reply::text(401, "signature");
        }
        let key = request.header("idempotency-key").unwrap_or_default().to_owned();
        if !self.keys.insert(key) {
            return Reply::text(409, "already there");
        }
        let event = request.header("x-nightdesk-event").unwrap_or_default().to_owned();
        if self.events.len() < 10_000 {
            self.events.push((event, String::from_utf8_lossy(&request.body).into_owned()));
        }
        Reply::text(204, "")
    }
}
