//! sipp calls us. Each scenario checks what it receives; its exit status is the verdict.

use std::{path::Path, process::Command, time::Duration};

use nightdesk::phone::{LineConfig, MediaPlan};

use crate::{
    endpoint::{Endpoint, Seen, config, soon},
    program::{Running, find, folder},
};

/// Runs a scenario of ours against the endpoint; `more` are further options of sipp.
async fn run(program: &Path, endpoint: &Endpoint, scenario: &str, more: &[&str]) {
    let temp = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(program);
    command.current_dir(temp.path());
    command.arg("-sf").arg(folder().join(scenario)).args(["-i", "127.0.0.1", "-nostdin", "-timeout", "60"]);
    command.args(["-timeout_error", "-recv_timeout", "15000", "-trace_err", "-error_file", "errors.log"]);
    command.args(more).arg(endpoint.addr().to_string());
    let mut sipp = Running::start(command, temp.path().join("sipp.log"));
    let good = sipp.finished(Duration::from_secs(70)).await;
    let errors = std::fs::read_to_string(temp.path().join("errors.log")).unwrap_or_default();
    assert!(good, "{scenario} failed:\n{errors}\n{}", sipp.log());
}

async fn endpoint() -> Endpoint {
    Endpoint::start(config()).await
}

const ONE: [&str; 4] = ["-m", "1", "-s", "299"];

#[tokio::test(flavor = "multi_thread")]
async fn sipp_calls_and_hangs_up() {
    let Some(sipp) = find("sipp") else { return };
    for transport in ["u1", "t1"] {
        let mut endpoint = endpoint().await;
        run(&sipp, &endpoint, "call.xml", &[&ONE[..], &["-t", transport]].concat()).await;
        assert!(endpoint.wait_ended().await.0, "the caller hung up");
        soon("the end of the dialog", endpoint.line.idle()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sipp_holds_resumes_and_updates() {
    let Some(sipp) = find("sipp") else { return };
    let mut endpoint = endpoint().await;
    let done = run(&sipp, &endpoint, "hold.xml", &ONE);
    done.await;
    let flow = |plan: MediaPlan| (plan.send, plan.receive);
    assert_eq!(flow(endpoint.wait_plan().await), (false, true), "held by re-INVITE");
    assert_eq!(flow(endpoint.wait_plan().await), (true, true), "resumed by re-INVITE");
    assert_eq!(flow(endpoint.wait_plan().await), (false, false), "held by UPDATE");
    assert_eq!(flow(endpoint.wait_plan().await), (true, true), "resumed by UPDATE");
    assert!(endpoint.wait_ended().await.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn sipp_cancels_while_it_rings() {
    let Some(sipp) = find("sipp") else { return };
    let endpoint = endpoint().await;
    run(&sipp, &endpoint, "cancel.xml", &["-m", "3", "-r", "3", "-s", "ringing"]).await;
    soon("the end of the dialogs", endpoint.line.idle()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sipp_is_refused_when_all_lines_are_busy() {
    let Some(sipp) = find("sipp") else { return };
    let endpoint = Endpoint::start(LineConfig { busy_limit: 0, ..config() }).await;
    run(&sipp, &endpoint, "busy.xml", &ONE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sipp_sends_keys_in_info() {
    let Some(sipp) = find("sipp") else { return };
    let mut endpoint = endpoint().await;
    run(&sipp, &endpoint, "keys_info.xml", &ONE).await;
    let key = |seen| if let Seen::InfoKey(key) = seen { Some(key) } else { None };
    assert_eq!(endpoint.wait("a key", key).await, '5');
    assert_eq!(endpoint.wait("a key", key).await, '#');
}

#[tokio::test(flavor = "multi_thread")]
async fn sipp_sends_a_key_in_rtp() {
    let Some(sipp) = find("sipp") else { return };
    // sipp plays captures through a raw socket.
    let id = Command::new("id").arg("-u").output().map(|o| o.stdout).unwrap_or_default();
    if id != b"0\n" {
        println!("skipped: sipp can play a capture only as root");
        return;
    }
    let mut endpoint = endpoint().await;
    run(&sipp, &endpoint, "keys_rtp.xml", &ONE).await;
    let (_, _, keys) = endpoint.wait_ended().await;
    assert_eq!(keys, 1, "the key in the RTP of the scenario");
}

#[tokio::test(flavor = "multi_thread")]
async fn sipp_makes_forty_calls_at_four_per_second() {
    let Some(sipp) = find("sipp") else { return };
    let mut endpoint = endpoint().await;
    run(&sipp, &endpoint, "call.xml", &["-m", "40", "-r", "4", "-l", "40", "-s", "299"]).await;
    for _ in 0..40 {
        assert!(endpoint.wait_ended().await.0);
    }
    soon("the end of the dialogs", endpoint.line.idle()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sipp_sends_malformed_messages_and_then_calls() {
    let Some(sipp) = find("sipp") else { return };
    let mut endpoint = endpoint().await;
    run(&sipp, &endpoint, "malformed.xml", &ONE).await;
    run(&sipp, &endpoint, "call.xml", &ONE).await;
    assert!(endpoint.wait_ended().await.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn sipsak_asks_for_our_options() {
    let Some(sipsak) = find("sipsak") else { return };
    let endpoint = endpoint().await;
    let temp = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(sipsak);
    command.args(["-vv", "-s", &format!("sip:299@{}", endpoint.addr())]);
    let mut sipsak = Running::start(command, temp.path().join("sipsak.log"));
    assert!(sipsak.finished(Duration::from_secs(20)).await, "{}", sipsak.log());
    assert!(sipsak.log().contains("SIP/2.0 200"), "{}", sipsak.log());
}
