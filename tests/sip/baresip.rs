//! baresip, a telephone of another make, calls us.

use std::{fs, path::Path, process::Command, time::Duration};

use crate::{
    endpoint::{Endpoint, Seen, config},
    kamailio::Kamailio,
    program::{Running, find, free_port},
};

/// A configuration for a phone without sound devices: it plays silence and writes nothing.
fn configure(folder: &Path, account: &str, port: u16) {
    let modules = ["/usr/lib/baresip/modules", "/usr/lib/x86_64-linux-gnu/baresip/modules"];
    let modules = modules.into_iter().find(|m| Path::new(m).is_dir()).unwrap_or(modules[0]);
    let wav = folder.join("tone.wav");
    write_tone(&wav);
    let config = format!(
        "poll_method epoll\nsip_listen 127.0.0.1:{port}\ncall_max_calls 4\nnet_interface 127.0.0.1\n\
         audio_player aufile,{out}\naudio_source aufile,{wav}\naudio_alert aufile,{out}\n\
         rtp_ports 20000-30000\nmodule_path {modules}\nmodule stdio.so\nmodule g711.so\nmodule aufile.so\n\
         module_tmp uuid.so\nmodule_tmp account.so\nmodule_app menu.so\n",
        wav = wav.display(),
        out = folder.join("out.wav").display(),
    );
    fs::write(folder.join("config"), config).expect("written");
    fs::write(folder.join("accounts"), format!("{account}\n")).expect("written");
    fs::write(folder.join("contacts"), "").expect("written");
}

/// One second of a 440 Hz tone, 8 kHz, 16 bit, mono.
fn write_tone(path: &Path) {
    let samples: Vec<i16> = (0..8000)
        .map(|i| ((f64::from(i) * 440.0 * std::f64::consts::TAU / 8000.0).sin() * 8000.0) as i16)
        .collect();
    let data: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend([1_u16, 1].iter().flat_map(|n| n.to_le_bytes()));
    file.extend([8000_u32, 16_000].iter().flat_map(|n| n.to_le_bytes()));
    file.extend([2_u16, 16].iter().flat_map(|n| n.to_le_bytes()));
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    fs::write(path, file).expect("written");
}

fn start(folder: &Path, dial: &str, seconds: u32) -> Option<Running> {
    let program = find("baresip")?;
    let mut command = Command::new(program);
    command.arg("-f").arg(folder).args(["-n", "127.0.0.1", "-t", &seconds.to_string()]);
    command.args(["-e", &format!("/dial {dial}")]);
    Some(Running::start(command, folder.join("baresip.log")))
}

/// baresip as somebody's telephone: it registers, and answers by itself where the account says so.
pub(crate) fn wait_for_calls(folder: &Path, account: &str, seconds: u32) -> Option<Running> {
    configure(folder, account, free_port());
    let mut command = Command::new(find("baresip")?);
    command.arg("-f").arg(folder).args(["-n", "127.0.0.1", "-t", &seconds.to_string()]);
    Some(Running::start(command, folder.join("baresip.log")))
}

async fn talk_and_hang_up(endpoint: &mut Endpoint, mut phone: Running) {
    endpoint.wait("the ACK", |seen| matches!(seen, Seen::Acked).then_some(())).await;
    // It quits by its own clock, and hangs up.
    phone.finished(Duration::from_secs(20)).await;
    let (by_caller, packets, _) = endpoint.wait_ended().await;
    assert!(by_caller, "{}", phone.log());
    // Half of the one second that it plays.
    assert!(packets >= 25, "only {packets} packets of sound; {}", phone.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn baresip_calls_directly_and_is_heard() {
    let mut endpoint = Endpoint::start(config()).await;
    let folder = tempfile::tempdir().expect("a folder");
    configure(folder.path(), "<sip:ann@127.0.0.1>;regint=0", free_port());
    let Some(phone) = start(folder.path(), &format!("sip:299@{}", endpoint.addr()), 4) else { return };
    talk_and_hang_up(&mut endpoint, phone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn baresip_calls_through_the_pbx() {
    if find("baresip").is_none() {
        return;
    }
    let Some(kamailio) = Kamailio::start(&["QOP"]).await else { return };
    let mut endpoint = Endpoint::start(kamailio.line()).await;
    endpoint.wait_registered().await;
    let folder = tempfile::tempdir().expect("a folder");
    let account = format!("<sip:204@127.0.0.1:{}>;auth_pass=secret", kamailio.port);
    configure(folder.path(), &account, free_port());
    let Some(phone) = start(folder.path(), &format!("sip:299@127.0.0.1:{}", kamailio.port), 4) else {
        return;
    };
    talk_and_hang_up(&mut endpoint, phone).await;
}
