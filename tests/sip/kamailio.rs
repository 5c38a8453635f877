//! We register with Kamailio, in every kind of digest that office PBXs ask for, and are called through it.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use media::Codec;
use nightdesk::phone::{
    CallEvent, DialForm, LineConfig, PbxAccount, Registration, Transport,
    test_phone::{self, DialOptions},
};

use crate::{
    endpoint::{Endpoint, Seen, config, soon},
    program::{Running, find, folder, free_port},
};

/// A running Kamailio.
pub(crate) struct Kamailio {
    program: PathBuf,
    modules: PathBuf,
    defines: Vec<&'static str>,
    pub(crate) port: u16,
    temp: tempfile::TempDir,
    running: Running,
    starts: u32,
}

impl Kamailio {
    /// `None`, with a printed line, when it is not installed.
    pub(crate) async fn start(defines: &[&'static str]) -> Option<Self> {
        let program = find("kamailio")?;
        let modules = modules()?;
        let temp = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let running = launch(&program, &modules, defines, port, temp.path(), 0);
        let defines = defines.to_vec();
        let kamailio = Self { program, modules, defines, port, temp, running, starts: 1 };
        kamailio.ready().await;
        Some(kamailio)
    }

    /// A line that registers here as extension 299.
    pub(crate) fn line(&self) -> LineConfig {
        with(self.account())
    }

    /// Waits until a telephone is registered.
    pub(crate) async fn registered(&self, user: &str) {
        self.running.says(&format!("REGISTER saved {user}")).await;
    }

    async fn restart(&mut self) {
        self.running =
            launch(&self.program, &self.modules, &self.defines, self.port, self.temp.path(), self.starts);
        self.starts += 1;
        self.ready().await;
    }

    /// Asks for its OPTIONS until it answers.
    async fn ready(&self) {
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        let us = socket.local_addr().expect("bound");
        let ask = format!(
            "OPTIONS sip:127.0.0.1:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bKready;rport\r\n\
             From: <sip:t@{us}>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: ready-{us}\r\nCSeq: 1 OPTIONS\r\n\
             Max-Forwards: 5\r\nContent-Length: 0\r\n\r\n",
            port = self.port
        );
        let mut buffer = [0; 2048];
        for _ in 0..200 {
            socket.send_to(ask.as_bytes(), ("127.0.0.1", self.port)).await.expect("sent");
            let answer = tokio::time::timeout(Duration::from_millis(100), socket.recv(&mut buffer)).await;
            if matches!(answer, Ok(Ok(_))) {
                return;
            }
        }
        panic!("Kamailio does not answer: {}", self.running.log());
    }

    fn account(&self) -> PbxAccount {
        PbxAccount {
            host: "127.0.0.1".into(),
            port: self.port,
            transport: Transport::Udp,
            extension: "299".into(),
            auth_id: None,
            password: "secret".into(),
            outbound_proxy: None,
            expires_s: 60,
            dial: DialForm::E164,
            dial_prefix: String::new(),
            refer: true,
        }
    }
}

fn modules() -> Option<PathBuf> {
    let libraries = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|e| e.path());
    let candidates = libraries.chain(["/usr/lib64".into(), "/usr/lib".into()]);
    candidates.map(|d| d.join("kamailio/modules")).find(|d| d.is_dir())
}

fn launch(program: &Path, modules: &Path, defines: &[&str], port: u16, temp: &Path, n: u32) -> Running {
    let mut command = Command::new(program);
    command.arg("-DD").arg("-E").arg("-f").arg(folder().join("kamailio.cfg"));
    command.arg("-L").arg(modules).args(["-m", "32", "-M", "4"]).arg("-Y").arg(temp);
    command.arg("-P").arg(temp.join(format!("pid{n}"))).args(["-w", "/"]);
    command.args(["-l", &format!("udp:127.0.0.1:{port}"), "-l", &format!("tcp:127.0.0.1:{port}")]);
    for define in defines {
        command.args(["-A", define]);
    }
    Running::start(command, temp.join(format!("kamailio{n}.log")))
}

fn with(account: PbxAccount) -> LineConfig {
    LineConfig { pbx: Some(account), ..config() }
}

/// Registers with one variant of the digest, and is called through the PBX.
async fn check(defines: &[&'static str], change: impl FnOnce(&mut PbxAccount)) {
    let Some(kamailio) = Kamailio::start(defines).await else { return };
    let mut account = kamailio.account();
    change(&mut account);
    let mut endpoint = Endpoint::start(with(account)).await;
    assert_eq!(endpoint.wait_registered().await, 60);
    let uri = format!("sip:299@127.0.0.1:{}", kamailio.port);
    let options = DialOptions { codecs: vec![Codec::Pcma], ..DialOptions::default() };
    let mut call = soon("the answer", test_phone::dial(&uri, options)).await.expect("answered");
    assert_eq!(soon("the ACK", call.events.recv()).await, Some(CallEvent::Acked));
    endpoint.wait("the ACK", |seen| matches!(seen, Seen::Acked).then_some(())).await;
    soon("the goodbye", call.hang_up()).await;
    assert!(endpoint.wait_ended().await.0, "the BYE came through the PBX");
    soon("the farewell", endpoint.line.shutdown()).await;
    kamailio.running.says("expires 0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_with_md5_without_qop() {
    check(&[], |_| {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_with_md5_and_qop_auth() {
    check(&["QOP"], |_| {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_when_both_kinds_of_qop_are_offered() {
    check(&["QOPBOTH"], |_| {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_with_sha_256() {
    check(&["SHA256", "QOP"], |_| {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_with_nonces_that_serve_once() {
    check(&["QOP", "ONETIME"], |_| {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_over_tcp_and_is_called_over_it() {
    check(&["QOP"], |account| account.transport = Transport::Tcp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_by_host_name_through_an_outbound_proxy() {
    check(&["QOP"], |account| {
        account.outbound_proxy = Some(format!("127.0.0.1:{}", account.port));
        account.host = "localhost".into();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lifetime_below_the_minimum_of_the_pbx_is_raised() {
    let Some(kamailio) = Kamailio::start(&[]).await else { return };
    let account = PbxAccount { expires_s: 10, ..kamailio.account() };
    let mut endpoint = Endpoint::start(with(account)).await;
    assert_eq!(endpoint.wait_registered().await, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_tried_once_and_reported() {
    let Some(kamailio) = Kamailio::start(&["QOP"]).await else { return };
    let account = PbxAccount { password: "wrong".into(), ..kamailio.account() };
    let mut endpoint = Endpoint::start(with(account)).await;
    let (code, reason, retry_in) = endpoint
        .wait("a refusal", |seen| {
            let Seen::Registration(Registration::Refused { code, reason, retry_in }) = seen else {
                return None;
            };
            Some((code, reason, retry_in))
        })
        .await;
    assert_eq!(code, 401);
    assert!(reason.contains("password"), "{reason}");
    assert!(retry_in >= Duration::from_secs(300));
    // The second half of the library's pauses (0, 1, 3 s) would be over by now.
    tokio::time::sleep(Duration::from_millis(3500)).await;
    assert_eq!(kamailio.running.log().matches("REGISTER challenged").count(), 2, "one attempt, two messages");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_separate_authentication_id_is_used_for_the_digest() {
    let Some(kamailio) = Kamailio::start(&["QOP"]).await else { return };
    let account = PbxAccount { auth_id: Some("box-17".into()), ..kamailio.account() };
    let mut endpoint = Endpoint::start(with(account)).await;
    endpoint.wait_registered().await;
    kamailio.running.says("REGISTER saved 299").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pbx_that_restarts_finds_us_again() {
    let Some(mut kamailio) = Kamailio::start(&["QOP"]).await else { return };
    // The connection tells us at once that the PBX went away.
    let account = PbxAccount { transport: Transport::Tcp, ..kamailio.account() };
    let mut endpoint = Endpoint::start(with(account)).await;
    endpoint.wait_registered().await;
    kamailio.running.stop();
    endpoint
        .wait("the loss", |seen| {
            matches!(seen, Seen::Registration(Registration::Unreachable { .. })).then_some(())
        })
        .await;
    kamailio.restart().await;
    endpoint.wait_registered().await;
    let uri = format!("sip:299@127.0.0.1:{}", kamailio.port);
    let call = soon("the answer", test_phone::dial(&uri, DialOptions::default())).await.expect("answered");
    call.hang_up().await;
    assert!(endpoint.wait_ended().await.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_pbx_is_reported_and_asked_again_later() {
    let account = PbxAccount {
        host: "127.0.0.1".into(),
        port: free_port(),
        transport: Transport::Tcp,
        extension: "299".into(),
        auth_id: None,
        password: "secret".into(),
        outbound_proxy: None,
        expires_s: 60,
        dial: DialForm::E164,
        dial_prefix: String::new(),
        refer: true,
    };
    let mut endpoint = Endpoint::start(with(account)).await;
    let retry = |seen| {
        let Seen::Registration(Registration::Unreachable { retry_in, .. }) = seen else { return None };
        Some(retry_in.as_secs())
    };
    assert_eq!(endpoint.wait("no answer", retry).await, 1);
    assert_eq!(endpoint.wait("no answer", retry).await, 2);
}
