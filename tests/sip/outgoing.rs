//! The box calls people of its roster: through Kamailio with a password, to baresip and to sipp.

use std::{path::Path, process::Command, time::Duration};

use nightdesk::phone::{CallEvent, DialError, Line, LiveCall};
use oncall::Dialable;
use tokio::sync::oneshot;

use crate::{
    baresip,
    endpoint::{Endpoint, Seen, soon},
    kamailio::Kamailio,
    program::{Running, find, folder, free_port},
};

fn mike(sip: Option<String>) -> Dialable {
    let mut roster = oncall::testing::metro();
    roster.people[0].sip = sip;
    Dialable::of(&roster, &oncall::testing::id("mike")).expect("on the roster")
}

async fn dial(line: &Line, whom: &Dialable, ring: Duration) -> Result<LiveCall, DialError> {
    let (rang, _) = oneshot::channel();
    soon("the call", line.dialler().call(whom, ring, rang)).await
}

/// A box that is registered and may call out with its password.
async fn box_behind(kamailio: &Kamailio) -> Endpoint {
    let mut endpoint = Endpoint::start(kamailio.line()).await;
    endpoint.wait_registered().await;
    endpoint
}

/// sipp as the technician's telephone, with one of our scenarios.
fn sipp_phone(scenario: &str, port: u16, temp: &Path) -> Option<Running> {
    let mut command = Command::new(find("sipp")?);
    command.current_dir(temp).arg("-sf").arg(folder().join(scenario)).args(["-i", "127.0.0.1", "-nostdin"]);
    command.args(["-p", &port.to_string(), "-m", "1", "-timeout", "40", "-timeout_error", "-rtp_echo"]);
    command.args(["-trace_err", "-error_file", "errors.log"]);
    Some(Running::start(command, temp.join("sipp.log")))
}

#[tokio::test(flavor = "multi_thread")]
async fn baresip_is_called_by_number_through_kamailio_with_our_password() {
    if find("baresip").is_none() {
        return;
    }
    let Some(kamailio) = Kamailio::start(&["QOP", "CALLAUTH"]).await else { return };
    let endpoint = box_behind(&kamailio).await;
    let folder = tempfile::tempdir().expect("a folder");
    let account = format!("<sip:+15558870002@127.0.0.1:{}>;auth_pass=secret;answermode=auto", kamailio.port);
    let Some(phone) = baresip::wait_for_calls(folder.path(), &account, 20) else { return };
    kamailio.registered("+15558870002").await;
    let mut live = dial(&endpoint.line, &mike(None), Duration::from_secs(15)).await.expect("answered");
    assert_eq!(soon("the ACK", live.events.recv()).await, Some(CallEvent::Acked));
    // it plays a tone: half a second of it
    let mut packets = 0;
    let mut buffer = [0; 2048];
    while packets < 25 {
        soon("sound", live.rtp.recv_from(&mut buffer)).await.expect("a packet");
        packets += 1;
    }
    soon("the goodbye", live.hang_up()).await;
    drop(phone);
    soon("the end of the dialogs", endpoint.line.idle()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sipp_is_engaged_and_sipp_never_answers() {
    let Some(kamailio) = Kamailio::start(&["QOP"]).await else { return };
    let endpoint = box_behind(&kamailio).await;
    for (scenario, ring, busy) in [("phone_busy.xml", 15, true), ("phone_rings.xml", 2, false)] {
        let (temp, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let Some(mut phone) = sipp_phone(scenario, port, temp.path()) else { return };
        let whom = mike(Some(format!("sip:mike@127.0.0.1:{port}")));
        let error = loop {
            match dial(&endpoint.line, &whom, Duration::from_secs(ring)).await {
                Err(DialError::Line(_)) => {} // sipp is not there yet
                other => break other.expect_err("nobody answers"),
            }
        };
        assert_eq!((error.is_busy(), error.is_no_answer()), (busy, !busy), "{error}");
        let errors = std::fs::read_to_string(temp.path().join("errors.log")).unwrap_or_default();
        assert!(phone.finished(Duration::from_secs(20)).await, "{scenario}: {errors}\n{}", phone.log());
    }
}

/// The caller is sipp, who accepts or refuses a REFER and looks at every name in it; the technician is baresip.
#[tokio::test(flavor = "multi_thread")]
async fn sipp_checks_the_refer_and_joins_or_refuses() {
    if find("baresip").is_none() || find("sipp").is_none() {
        return;
    }
    for (scenario, joins) in [("refer_accepted.xml", true), ("refer_refused.xml", false)] {
        let Some(kamailio) = Kamailio::start(&["QOP"]).await else { return };
        let mut endpoint = Endpoint::keeping(kamailio.line()).await;
        endpoint.wait_registered().await;
        let folder = tempfile::tempdir().expect("a folder");
        let account =
            format!("<sip:+15558870002@127.0.0.1:{}>;auth_pass=secret;answermode=auto", kamailio.port);
        let Some(_phone) = baresip::wait_for_calls(folder.path(), &account, 25) else { return };
        kamailio.registered("+15558870002").await;
        let mut command = Command::new(find("sipp").expect("looked for"));
        command.current_dir(folder.path()).arg("-sf").arg(crate::program::folder().join(scenario));
        command.args([
            "-i",
            "127.0.0.1",
            "-nostdin",
            "-m",
            "1",
            "-s",
            "299",
            "-timeout",
            "40",
            "-timeout_error",
        ]);
        command.args(["-trace_err", "-error_file", "errors.log", &format!("127.0.0.1:{}", kamailio.port)]);
        let mut caller_phone = Running::start(command, folder.path().join("sipp.log"));
        let caller = endpoint
            .wait("a live call", |seen| if let Seen::Live(call) = seen { Some(call) } else { None })
            .await;
        let tech = dial(&endpoint.line, &mike(None), Duration::from_secs(15)).await.expect("answered");
        let joined = soon("the joining", caller.control.join(tech.name.clone().expect("a name"))).await;
        assert_eq!(joined, joins, "{scenario}");
        soon("the goodbye", caller.hang_up()).await;
        soon("the goodbye", tech.hang_up()).await;
        let errors = std::fs::read_to_string(folder.path().join("errors.log")).unwrap_or_default();
        let good = caller_phone.finished(Duration::from_secs(20)).await;
        assert!(good, "{scenario}: {errors}\n{}", caller_phone.log());
    }
}
