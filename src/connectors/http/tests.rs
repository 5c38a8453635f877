use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::{io::AsyncReadExt as _, net::TcpListener};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

use super::*;
use crate::connectors::fake::{Fake, Reply, Request, Service, Trouble};

/// Answers everything in the same way.
struct Always(Reply);

impl Service for Always {
    fn answer(&mut self, _: &Request) -> Reply {
        self.0.clone()
    }
}

fn web(server: &str, trust: &Trust, deadline_ms: u64) -> Web {
    let deadline = Duration::from_millis(deadline_ms);
    Web::new(Way { service: "Service", key: "server", server, trust, deadline }).unwrap()
}

fn why(failure: &SendFailure) -> String {
    failure.to_string()
}

/// A server on loopback with a certificate; returns its port and who signed it.
async fn tls_server(name: &str, change: impl FnOnce(&mut CertificateParams)) -> (u16, Trust) {
    let mut issuer = CertificateParams::new(Vec::new()).unwrap();
    issuer.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(issuer, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    change(&mut params);
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let answer = Reply::json(200, &serde_json::json!({"ok": true})).bytes();
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, &answer).await;
                let _ = tokio::io::AsyncWriteExt::shutdown(&mut stream).await;
            }
        }
    });
    (port, Trust { extra_pem: Some(issuer.pem().into_bytes()) })
}

#[tokio::test]
async fn certificate_of_ones_own_issuer_is_believed_when_given() {
    let (port, trust) = tls_server("localhost", |_| ()).await;
    let server = format!("https://localhost:{port}");
    let answer = web(&server, &trust, 5000);
    let answer = answer.ask(answer.post("/x")).await.unwrap();
    assert_eq!((answer.status(), answer.text().as_str()), (200, r#"{"ok":true}"#));

    let stranger = web(&server, &Trust::default(), 5000);
    let failure = stranger.ask(stranger.post("/x")).await.unwrap_err();
    assert!(matches!(failure, SendFailure::Later { .. }), "nothing was sent: {failure:?}");
    assert!(why(&failure).contains("nobody whom this box trusts"), "{failure}");
    assert!(why(&failure).contains("ca_file"), "{failure}");
}

#[tokio::test]
async fn expired_certificate_points_at_the_clock_too() {
    let past = |p: &mut CertificateParams| {
        p.not_before = rcgen::date_time_ymd(2020, 1, 1);
        p.not_after = rcgen::date_time_ymd(2021, 1, 1);
    };
    let (port, trust) = tls_server("localhost", past).await;
    let web = web(&format!("https://localhost:{port}"), &trust, 5000);
    let failure = web.ask(web.post("/x")).await.unwrap_err();
    assert!(matches!(failure, SendFailure::Later { .. }), "{failure:?}");
    assert!(why(&failure).contains("out of date, or this box's clock is wrong (it says 20"), "{failure}");
}

#[tokio::test]
async fn certificate_of_somebody_else_is_told_as_such() {
    let (port, trust) = tls_server("portal.hotel.example", |_| ()).await;
    let web = web(&format!("https://localhost:{port}"), &trust, 5000);
    let failure = web.ask(web.post("/x")).await.unwrap_err();
    assert!(why(&failure).contains("has a certificate of somebody else"), "{failure}");
}

#[tokio::test]
async fn plain_server_behind_https_is_a_tls_fault() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 .\r\n\r\n").await;
        let _ = stream.read(&mut [0; 4096]).await;
    });
    let web = web(&server, &Trust::default(), 5000);
    let failure = web.ask(web.post("/x")).await.unwrap_err();
    assert!(matches!(failure, SendFailure::Later { .. }), "{failure:?}");
    assert!(why(&failure).contains("no encrypted connection with 127.0.0.1"), "{failure}");
}

#[tokio::test]
async fn name_that_nobody_knows_points_at_dns() {
    let web = web("https://nightdesk-no-such-host.invalid", &Trust::default(), 5000);
    let failure = web.ask(web.post("/x")).await.unwrap_err();
    assert!(matches!(failure, SendFailure::Later { .. }), "{failure:?}");
    assert!(why(&failure).contains("cannot be looked up"), "{failure}");
}

#[tokio::test]
async fn nobody_at_the_port_is_told_as_refused() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let web = web(&format!("http://127.0.0.1:{port}"), &Trust::default(), 5000);
    let failure = web.ask(web.post("/x")).await.unwrap_err();
    assert!(matches!(failure, SendFailure::Later { .. }), "{failure:?}");
    assert!(why(&failure).contains("refuses the connection"), "{failure}");
}

/// After trouble, whether a question and a message are told as `Later` or `Unsure`.
async fn check(trouble: Trouble, asked: &str, sent: &str, words: &str) {
    let fake =
        Fake::start(Always(Reply::json(200, &serde_json::json!({"padding": "long enough"})))).await.unwrap();
    let web = web(&fake.url(), &Trust::default(), 300);
    for (request, expected) in [(web.get("/x"), asked), (web.post("/x"), sent)] {
        fake.trouble(trouble.clone());
        let failure = match web.ask(request).await {
            Ok(answer) => answer.refusal(),
            Err(failure) => failure,
        };
        let kind = match &failure {
            SendFailure::Later { .. } => "later",
            SendFailure::Unsure { .. } => "unsure",
            SendFailure::Never { .. } => "never",
        };
        assert_eq!(kind, expected, "{trouble:?}: {failure}");
        assert!(why(&failure).contains(words), "{trouble:?}: {failure}");
    }
}

#[tokio::test]
async fn only_a_message_that_may_have_arrived_is_unsure() {
    check(Trouble::Silence, "later", "unsure", "did not answer within 0.3 s").await;
    check(Trouble::SlowBody, "later", "unsure", "did not answer within 0.3 s").await;
    check(Trouble::HangUp, "later", "unsure", "in the middle").await;
    check(Trouble::AcceptThen(Reply::text(500, "boom")), "later", "unsure", "in trouble (500)").await;
    check(Trouble::Refuse(Reply::text(429, "")), "later", "later", "too often (429)").await;
    check(Trouble::Refuse(Reply::text(302, "")), "later", "later", "sign-in page").await;
    check(Trouble::Refuse(Reply::text(401, "")), "never", "never", "key or password").await;
    check(Trouble::Refuse(Reply::text(413, "")), "never", "never", "refuses it (413)").await;
}

#[tokio::test]
async fn endless_answer_is_cut_off() {
    let fake = Fake::start(Always(Reply::text(200, &"x".repeat(ANSWER_BYTES_MAX + 1)))).await.unwrap();
    let web = web(&fake.url(), &Trust::default(), 5000);
    let failure = web.ask(web.post("/x")).await.unwrap_err();
    assert!(why(&failure).contains("more than is read"), "{failure}");
}

#[tokio::test]
async fn answer_that_is_a_web_page_is_no_answer() {
    let fake = Fake::start(Always(Reply::text(200, "<html>Welcome to the hotel</html>"))).await.unwrap();
    let web = web(&fake.url(), &Trust::default(), 5000);
    let failure = web.ask(web.post("/x")).await.unwrap().json::<serde_json::Value>().unwrap_err();
    assert!(matches!(failure, SendFailure::Unsure { .. }), "{failure:?}");
    assert!(why(&failure).contains("sign-in page") && !why(&failure).contains("hotel"), "{failure}");
}

#[test]
fn wish_to_wait_is_read_in_seconds_or_as_a_date_and_bounded() {
    let wait = |value: &str| {
        let mut headers = header::HeaderMap::new();
        headers.insert(header::RETRY_AFTER, value.parse().unwrap());
        retry_after(&headers)
    };
    assert_eq!(wait("30"), Some(Duration::from_secs(30)));
    assert_eq!(wait("9999999"), Some(RETRY_AFTER_MAX));
    assert_eq!(wait("Wed, 21 Oct 2099 07:28:00 GMT"), Some(RETRY_AFTER_MAX));
    assert_eq!((wait("soon"), wait("-1"), wait("Wed, 21 Oct 2015 07:28:00 GMT")), (None, None, None));
}

#[test]
fn plain_http_stays_in_the_building_and_addresses_carry_no_key() {
    for good in [
        "https://api.twilio.com",
        "http://127.0.0.1:8080",
        "http://192.168.1.9/ntfy",
        "http://[fd00::1]",
        "http://box.lan",
    ] {
        assert!(server_url(good).is_some(), "{good}");
    }
    for bad in [
        "http://api.twilio.com",
        "ftp://192.168.1.1",
        "api.twilio.com",
        "https://user:key@x.com",
        "https://",
        "http://8.8.8.8",
    ] {
        assert!(server_url(bad).is_none(), "{bad}");
    }
}

#[test]
fn secrets_are_not_printed() {
    assert_eq!(format!("{:?}", Hidden::new("hunter2")), "Hidden(…)");
}
