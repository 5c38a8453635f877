//! What the log of a call may say: above DEBUG no number, no name, no digest.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use super::{
    raw::{Raw, SDP},
    support::*,
};
use crate::phone::QUIET_LOG_DIRECTIVE;

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut page = self.0.lock().map_err(|_| io::Error::other("a panic elsewhere"))?;
        page.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Page {
    type Writer = Page;

    fn make_writer(&'a self) -> Page {
        self.clone()
    }
}

/// What is logged while a call is refused and another is answered.
async fn log_of_a_call(filter: &str) -> String {
    let page = Page::default();
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(EnvFilter::new(filter)).with_writer(page.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    let mut office = office(config()).await;
    let raw = Raw::new(office.udp()).await;
    raw.send(raw.script().request("INVITE", "", "nonsense")).await;
    raw.expect("SIP/2.0 400").await;
    raw.send(raw.script().request("INVITE", "Proxy-Authorization: Digest response=\"secret\"\r\n", SDP))
        .await;
    let live = soon(office.ring().await.answer()).await.expect("answered");
    raw.expect("SIP/2.0 200").await;
    drop(live);
    String::from_utf8(page.0.lock().expect("not poisoned").clone()).expect("text")
}

#[tokio::test]
async fn no_number_and_no_digest_is_written_above_debug() {
    let log = log_of_a_call(&format!("info,{QUIET_LOG_DIRECTIVE}")).await;
    assert!(log.contains("call refused"), "{log}");
    for secret in ["5552340000", "secret", "Raw", "INVITE"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
