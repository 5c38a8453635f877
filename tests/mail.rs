//! E-mail against a real mail server, aiosmtpd, with real certificates. Without Python or aiosmtpd
//! (`pip install aiosmtpd`) the tests say so and pass over.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use domain::Outgoing;
use nightdesk::connectors::{
    Connector as _, Email, Hidden, NeverReason, SendFailure, Sent, Trust,
    email::{Security, Settings},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

/// The server; it ends with this value.
struct Server {
    folder: TempDir,
    port: u16,
    issuer_pem: Vec<u8>,
    running: Child,
}

impl Server {
    /// `None` when the machine has no aiosmtpd.
    fn start(mode: &str, change: impl FnOnce(&mut CertificateParams)) -> Option<Self> {
        let there = Command::new("python3").args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        if !there.is_ok_and(|s| s.success()) {
            eprintln!("passed over: no aiosmtpd here (pip install aiosmtpd)");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let mut issuer = CertificateParams::new(Vec::new()).expect("no names");
        issuer.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer =
            CertifiedIssuer::self_signed(issuer, KeyPair::generate().expect("a key")).expect("an issuer");
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec!["localhost".into()]).expect("a name");
        change(&mut params);
        let certificate = params.signed_by(&key, &issuer).expect("a certificate");
        let file = |name: &str| folder.path().join(name);
        std::fs::write(file("cert.pem"), certificate.pem()).expect("written");
        std::fs::write(file("key.pem"), key.serialize_pem()).expect("written");
        let mut running = Command::new("python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/server.py"))
            .arg(mode)
            .args([file("cert.pem"), file("key.pem"), folder.path().to_owned()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let mut port = String::new();
        BufReader::new(running.stdout.take().expect("piped")).read_line(&mut port).expect("a line");
        let port = port.trim().parse().expect("the server prints its port");
        Some(Self { folder, port, issuer_pem: issuer.pem().into_bytes(), running })
    }

    fn settings(&self, security: Security) -> Settings {
        Settings {
            host: "localhost".into(),
            port: self.port,
            security,
            sign_in: Some(("nightdesk".into(), Hidden::new("pw-7"))),
            from: "NightDesk <nightdesk@metro.example>".into(),
            trust: Trust { extra_pem: Some(self.issuer_pem.clone()) },
            deadline: Duration::from_secs(10),
        }
    }

    fn letter(&self, number: u32) -> String {
        std::fs::read_to_string(self.folder.path().join(format!("{number}.eml"))).expect("a letter")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.running.kill();
        let _ = self.running.wait();
    }
}

fn letter(to: &str) -> Outgoing {
    let text = "Two calls – one urgent:\n.\nSeñor Núñez, 4 °C in the nursery.\n".into();
    Outgoing::Email { to: to.into(), subject: "Night of Nov 20 – 2 calls".into(), text }
}

async fn arrives(mode: &str, security: Security) {
    let Some(server) = Server::start(mode, |_| ()) else { return };
    let email = Email::new(server.settings(security)).expect("settings");
    assert_eq!(email.check().await.as_deref(), Ok("localhost answers, encrypted, signed in"));
    let sent = email.send(&letter("dave@metro.example"), "k-1", false).await;
    assert_eq!(sent, Ok(Sent::Accepted { far_id: "<nightdesk.k-1@metro.example>".into() }));
    let raw = server.letter(1);
    assert!(raw.contains("Message-ID: <nightdesk.k-1@metro.example>"), "{raw}");
    assert!(raw.contains("Subject: Night of Nov 20 =?utf-8?") && raw.contains("Date: "), "{raw}");
    let unknown = email.send(&letter("nobody@metro.example"), "k-2", false).await;
    assert!(
        matches!(unknown, Err(SendFailure::Never { reason: NeverReason::BadDestination, .. })),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn letter_arrives_over_starttls() {
    arrives("starttls", Security::StartTls).await;
}

#[tokio::test]
async fn letter_arrives_over_tls() {
    arrives("tls", Security::Tls).await;
}

#[tokio::test]
async fn wrong_password_is_told() {
    let Some(server) = Server::start("starttls", |_| ()) else { return };
    let sign_in = Some(("nightdesk".into(), Hidden::new("pw-8")));
    let email = Email::new(Settings { sign_in, ..server.settings(Security::StartTls) }).expect("settings");
    let told = email.check().await;
    assert!(matches!(told, Err(SendFailure::Never { reason: NeverReason::Credentials, .. })), "{told:?}");
}

#[tokio::test]
async fn server_without_starttls_gets_no_password() {
    let Some(server) = Server::start("no-starttls", |_| ()) else { return };
    let email = Email::new(server.settings(Security::StartTls)).expect("settings");
    let told = email.check().await.expect_err("no protection").to_string();
    assert!(told.contains("offers no STARTTLS"), "{told}");
}

#[tokio::test]
async fn expired_and_unknown_certificates_are_told_apart() {
    let past = |p: &mut CertificateParams| {
        p.not_before = rcgen::date_time_ymd(2020, 1, 1);
        p.not_after = rcgen::date_time_ymd(2021, 1, 1);
    };
    let Some(server) = Server::start("starttls", past) else { return };
    let expired = Email::new(server.settings(Security::StartTls)).expect("settings");
    let told = expired.check().await.expect_err("expired");
    assert!(told.to_string().contains("out of date, or this box's clock is wrong"), "{told}");
    assert!(matches!(told, SendFailure::Later { .. }), "{told:?}");

    let Some(server) = Server::start("tls", |_| ()) else { return };
    let stranger = Settings { trust: Trust::default(), ..server.settings(Security::Tls) };
    let told = Email::new(stranger).expect("settings").check().await.expect_err("nobody's").to_string();
    assert!(told.contains("nobody whom this box trusts"), "{told}");
}
