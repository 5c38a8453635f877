//! The real daemon as systemd sees it: ready, alive, killed with -9, and its panel switched off after that.

use std::{
    fs,
    net::UdpSocket,
    os::unix::net::UnixDatagram,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

const NIGHTDESK: &str = env!("CARGO_BIN_EXE_nightdesk");

/// Ends the daemon with the test.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn next_word(systemd: &UnixDatagram) -> String {
    let mut room = [0; 200];
    let length = systemd.recv(&mut room).expect("systemd hears from the daemon");
    String::from_utf8_lossy(&room[..length]).into_owned()
}

#[test]
fn a_killed_daemon_leaves_no_relay_on_and_no_green_lamp() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = UdpSocket::bind("127.0.0.1:0").and_then(|s| s.local_addr()).expect("a free port").port();
    let config = folder.path().join("nightdesk.toml");
    let text = format!(
        "[line]\nlisten = [\"127.0.0.1:{port}\"]\ntransport = \"udp\"\n\
         [storage]\ndata_dir = \"data\"\n\
         [panel]\nboard = \"sim\"\nsim_file = \"panel\"\n\
         [[shop]]\nid = \"metro\"\nbusiness_name = \"Metro Plumbing\"\nowner_name = \"Dave\"\n\
         time_zone = \"America/Chicago\"\n\
         [shop.oncall]\nprimary_name = \"Mike\"\nprimary_phone = \"+15558870002\"\nowner_phone = \"+15558870001\"\n"
    );
    fs::write(&config, text).expect("written");
    let notify = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&notify).expect("a socket");
    systemd.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
    let child = Command::new(NIGHTDESK)
        .args(["run", "--config"])
        .arg(&config)
        .env("NOTIFY_SOCKET", &notify)
        .env("WATCHDOG_USEC", "2000000")
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.path().join("log")).expect("a log"))
        .spawn()
        .expect("the daemon starts");
    let mut daemon = Daemon(child);
    assert_eq!(next_word(&systemd), "READY=1\nSTATUS=answers calls");
    for _ in 0..3 {
        assert_eq!(next_word(&systemd), "WATCHDOG=1");
    }
    let panel = || fs::read_to_string(folder.path().join("panel")).unwrap_or_default();
    let until = Instant::now() + Duration::from_secs(30);
    while panel().is_empty() || panel().contains("dark") {
        assert!(Instant::now() < until, "the lamp stays dark: {}", panel());
        sleep(Duration::from_millis(5));
    }
    daemon.0.kill().expect("killed");
    daemon.0.wait().expect("gone");
    // as ExecStopPost in systemd/nightdesk.service
    let off = Command::new(NIGHTDESK).args(["panel", "off", "--config"]).arg(&config).status();
    assert!(off.expect("it runs").success());
    assert_eq!(panel(), "lamp dark, relay off\n");
    let unit = fs::read_to_string("systemd/nightdesk.service").expect("the unit");
    for line in
        ["Type=notify", "WatchdogSec=", "ExecStopPost=-/usr/local/lib/nightdesk/nightdesk panel off --config"]
    {
        assert!(unit.lines().any(|l| l.starts_with(line)), "the unit has no {line}");
    }
}
