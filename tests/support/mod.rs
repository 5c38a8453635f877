//! A shop for one test: the real program on a port of its own, a data folder of its own, and test phones that call it.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_nightdesk");
/// Longest wait for the box to start, or for something to happen in a call.
const PATIENCE: Duration = Duration::from_secs(90);

/// The shop; the box ends with it.
pub(crate) struct Shop {
    folder: TempDir,
    port: u16,
    running: Child,
}

/// A call that runs.
pub(crate) struct Call {
    phone: Child,
    report: PathBuf,
}

impl Shop {
    /// Starts a box and waits until it hears and speaks.
    pub(crate) fn open(name: &str) -> Self {
        Self::open_with(name, "nightdesk-mini.en")
    }

    /// Starts a box whose recogniser file is not there yet: `give_hearing` brings it.
    pub(crate) fn open_deaf(name: &str) -> Self {
        Self::open_with(name, "./late-model.bin")
    }

    /// Puts the recogniser file into its place.
    pub(crate) fn give_hearing(&self) {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/nightdesk-mini.en.bin");
        std::fs::copy(shipped, self.folder.path().join("late-model.bin")).expect("the model is copied");
    }

    /// Waits until this caller's card is about something.
    pub(crate) fn wait_until_card_knows(&self, from: &str) {
        self.wait(from, |_| self.card(from)["issue"].as_str().is_some_and(|issue| issue != "unknown"));
    }

    fn open_with(name: &str, model: &str) -> Self {
        let folder = tempfile::Builder::new().prefix(name).tempdir().expect("a folder");
        let port =
            std::net::UdpSocket::bind("127.0.0.1:0").and_then(|s| s.local_addr()).expect("a port").port();
        let model = match model.strip_prefix("./") {
            Some(file) => folder.path().join(file).display().to_string(),
            None => model.to_string(),
        };
        std::fs::write(folder.path().join("nightdesk.toml"), config(port, &model)).expect("a configuration");
        share_the_voice(folder.path());
        let running = start(folder.path());
        Self { folder, port, running }
    }

    /// Calls with these lines and stays to the end.
    pub(crate) fn phone(&self, from: &str, lines: &[&str]) -> Call {
        self.phone_for(150, from, lines)
    }

    /// Calls, and hangs up after at most `seconds`.
    pub(crate) fn phone_for(&self, seconds: u32, from: &str, lines: &[&str]) -> Call {
        self.phone_with(seconds, from, lines, &[])
    }

    /// The same with more arguments for the test phone.
    pub(crate) fn phone_with(&self, seconds: u32, from: &str, lines: &[&str], more: &[&str]) -> Call {
        let report = self.folder.path().join(format!("{from}.json"));
        let clips = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audio/callers");
        let phone = Command::new(PROGRAM)
            .args(["call", "--json", "--from", from, "--limit-s", &seconds.to_string()])
            .args(more)
            .arg("--record")
            .arg(self.folder.path().join(format!("{from}.wav")))
            .arg(format!("sip:metro@127.0.0.1:{}", self.port))
            .args(lines.iter().map(|line| match line.starts_with("key:") {
                true => PathBuf::from(line),
                false => clips.join(format!("{line}.wav")),
            }))
            .stdout(File::create(&report).expect("a report"))
            .spawn()
            .expect("the test phone starts");
        Call { phone, report }
    }

    /// The lead card of this caller's call; null when there is none.
    pub(crate) fn card(&self, from: &str) -> Value {
        let call = self.call(from);
        let Some(id) = call["lead_id"].as_str() else { return Value::Null };
        self.ask(&["lead", "show", id])["card"].clone()
    }

    /// The status of this caller's call.
    pub(crate) fn status_of(&self, from: &str) -> String {
        self.call(from)["status"].as_str().unwrap_or_default().to_string()
    }

    /// Everything that was said to this caller.
    pub(crate) fn agent_words(&self, from: &str) -> String {
        let call = self.details(from);
        let turns = call["turns"].as_array().into_iter().flatten();
        turns
            .filter(|t| t["speaker"] == "agent")
            .filter_map(|t| t["text"].as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The recording of this caller's call.
    pub(crate) fn recording_of(&self, from: &str) -> hound::WavReader<BufReader<File>> {
        let call = self.call(from);
        let file = call["recording"].as_str().expect("the call was recorded").to_string();
        hound::WavReader::open(self.folder.path().join("data").join(file)).expect("the recording can be read")
    }

    pub(crate) fn wait_until_heard(&self, from: &str) {
        self.wait(from, |call| {
            call["turns"].as_array().is_some_and(|t| t.iter().any(|t| t["speaker"] == "caller"))
        });
    }

    pub(crate) fn wait_until_paged(&self, from: &str) {
        self.wait(from, |call| call["outbox"].as_array().is_some_and(|items| !items.is_empty()));
    }

    /// Kills one of the box's workers.
    pub(crate) fn kill_worker(&self, name: &str) {
        let parent = self.running.id().to_string();
        let killed = Command::new("pkill").args(["-KILL", "-P", &parent, "-f", name]).status();
        assert!(killed.is_ok_and(|s| s.success()), "{name} was running");
    }

    /// kill -9 of the daemon.
    pub(crate) fn pull_the_plug(&mut self) {
        self.running.kill().expect("it was running");
        self.running.wait().expect("it ends");
    }

    /// After `pull_the_plug`.
    pub(crate) fn restart(&mut self) {
        self.running = start(self.folder.path());
    }

    fn wait(&self, from: &str, happened: impl Fn(&Value) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !happened(&self.details(from)) {
            assert!(
                Instant::now() < until,
                "it did not happen within {PATIENCE:?}: {:#}",
                self.details(from)
            );
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn details(&self, from: &str) -> Value {
        match self.call(from)["id"].as_str() {
            Some(id) => self.ask(&["calls", "show", id]),
            None => Value::Null,
        }
    }

    fn call(&self, from: &str) -> Value {
        let calls = self.ask(&["calls"]);
        calls.as_array().into_iter().flatten().find(|c| c["caller"] == from).cloned().unwrap_or_default()
    }

    fn ask(&self, arguments: &[&str]) -> Value {
        let asked = Command::new(PROGRAM)
            .args(arguments)
            .args(["--json", "--data-dir"])
            .arg(self.folder.path().join("data"))
            .stderr(Stdio::inherit())
            .output()
            .expect("nightdesk runs");
        serde_json::from_slice(&asked.stdout).unwrap_or_default()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        // It may be dead already.
        self.running.kill().ok();
        self.running.wait().ok();
    }
}

impl Call {
    /// Waits for the end of the call and returns what the test phone reports.
    pub(crate) fn hang_up(mut self) -> Value {
        self.phone.wait().expect("the test phone ends");
        let report = std::fs::read(&self.report).unwrap_or_default();
        // The card follows the hang-up within a moment.
        std::thread::sleep(Duration::from_millis(500));
        serde_json::from_slice(&report).unwrap_or_default()
    }
}

/// Checks a card of an emergency: paged, with the right safety instruction on its way.
pub(crate) fn emergency_card(card: &Value, service: &str, issue: &str) {
    assert_eq!(card["classification"], "emergency", "{card:#}");
    assert_eq!(card["issue"], issue, "{card:#}");
    if !service.is_empty() {
        assert_eq!(card["service"], service, "{card:#}");
    }
}

fn start(folder: &Path) -> Child {
    let log = folder.join("nightdesk.log");
    let running = Command::new(PROGRAM)
        .args(["run", "--config"])
        .arg(folder.join("nightdesk.toml"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(File::create(&log).expect("a log"))
        .spawn()
        .expect("nightdesk starts");
    let until = Instant::now() + PATIENCE;
    let ready = |log: &str| log.contains("ready: hears and speaks") || log.contains("ready, but deaf");
    while !ready(&std::fs::read_to_string(&log).unwrap_or_default()) {
        assert!(Instant::now() < until, "not ready:\n{}", std::fs::read_to_string(&log).unwrap_or_default());
        std::thread::sleep(Duration::from_millis(100));
    }
    running
}

/// Rendered sentences are kept for all tests of this build.
fn share_the_voice(folder: &Path) {
    let shared = Path::new(env!("CARGO_TARGET_TMPDIR")).join("voice");
    std::fs::create_dir_all(&shared).expect("a folder for the voice");
    std::fs::create_dir_all(folder.join("data")).expect("a data folder");
    std::os::unix::fs::symlink(shared, folder.join("data/voice")).expect("a link to the voice");
}

fn config(port: u16, model: &str) -> String {
    format!(
        r#"
[line]
listen = ["127.0.0.1:{port}"]

[[shop]]
id = "metro-plumbing"
business_name = "Metro Plumbing"
owner_name = "Dave"
trade = "trades"
services = ["plumbing", "hvac"]
time_zone = "America/Chicago"
always_active = true

[shop.hours]
mon = "08:00-17:00"

[shop.oncall]
primary_name = "Mike"
primary_phone = "+15558870002"
owner_phone = "+15558870001"

[hearing]
model = "{model}"

[storage]
data_dir = "data"
"#
    )
}
