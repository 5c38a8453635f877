//! The panel on real GPIO lines: the kernel's simulated chip (gpio-sim). Needs root and a kernel that has it, which few
//! machines do: `tests/gpio-guest.sh` runs this test in a small guest. Elsewhere it says so and passes over.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use firmware::{Press, Status};
use nightdesk::panel::{Board, Settings, Wiring, every_line, open};

const CONFIGFS: &str = "/sys/kernel/config/gpio-sim";
/// Makes this program the one that is killed.
const VICTIM: &str = "NIGHTDESK_PANEL_VICTIM";
const LINES: [&str; 4] = ["ND-RED", "ND-GREEN", "ND-RELAY", "ND-BUTTON"];

/// A chip of the kernel's own making.
struct SimChip {
    config: PathBuf,
    lines: PathBuf,
}

impl SimChip {
    fn new() -> Self {
        let config = Path::new(CONFIGFS).join("nightdesk");
        let bank = config.join("bank0");
        fs::create_dir_all(&bank).expect("a chip");
        fs::write(bank.join("num_lines"), "8").expect("lines");
        fs::write(bank.join("label"), "nd-panel").expect("a label");
        for (place, name) in LINES.iter().enumerate() {
            let line = bank.join(format!("line{place}"));
            fs::create_dir(&line).expect("a line");
            fs::write(line.join("name"), name).expect("its name");
        }
        fs::write(config.join("live"), "1").expect("alive");
        let read = |path: PathBuf| fs::read_to_string(path).expect("a name").trim().to_owned();
        let device = read(config.join("dev_name"));
        let chip = read(bank.join("chip_name"));
        Self { config, lines: Path::new("/sys/devices/platform").join(device).join(chip) }
    }

    fn level(&self, line: &str) -> bool {
        fs::read_to_string(self.line(line).join("value")).expect("a level").trim() == "1"
    }

    fn pull(&self, line: &str, up: bool) {
        fs::write(self.line(line).join("pull"), if up { "pull-up" } else { "pull-down" }).expect("pulled");
    }

    fn line(&self, line: &str) -> PathBuf {
        let place = LINES.iter().position(|l| *l == line).expect("one of ours");
        self.lines.join(format!("sim_gpio{place}"))
    }

    fn wait(&self, line: &str, level: bool) {
        let until = Instant::now() + Duration::from_secs(20);
        while self.level(line) != level {
            assert!(Instant::now() < until, "{line} did not become {level}");
            sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for SimChip {
    fn drop(&mut self) {
        fs::write(self.config.join("live"), "0").ok();
        for place in 0..LINES.len() {
            fs::remove_dir(self.config.join(format!("bank0/line{place}"))).ok();
        }
        fs::remove_dir(self.config.join("bank0")).ok();
        fs::remove_dir(&self.config).ok();
    }
}

fn settings(relay: Wiring) -> Settings {
    let wired = |line: &str| Wiring { line: line.parse().expect("a name"), active_low: false };
    Settings {
        board: Board::GpioChip,
        led_red: Some(wired("ND-RED")),
        led_green: Some(wired("nd-panel/ND-GREEN")),
        relay: Some(relay),
        button: Some(wired("ND-BUTTON")),
        relay_max: Duration::from_secs(600),
    }
}

fn relay(active_low: bool) -> Wiring {
    Wiring { line: "ND-RELAY".parse().expect("a name"), active_low }
}

/// A process that shows green and sounds the alarm until it is killed.
fn victim() -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "lines_of_a_killed_process_fall_back", "--nocapture"])
        .env(VICTIM, "1")
        .stdout(Stdio::null())
        .spawn()
        .expect("a process")
}

fn be_the_victim() -> ! {
    let mut panel = open(&settings(relay(false))).expect("a panel");
    let started = Instant::now();
    loop {
        panel.tick(Status::Ready, true, started.elapsed()).expect("obeys");
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn lines_of_a_killed_process_fall_back() {
    if std::env::var_os(VICTIM).is_some() {
        be_the_victim();
    }
    if !Path::new(CONFIGFS).is_dir() {
        eprintln!(
            "skipped: this kernel has no gpio-sim ({CONFIGFS}); tests/gpio-guest.sh runs it in a guest"
        );
        return;
    }
    let chip = SimChip::new();
    let names: Vec<String> = every_line().iter().map(|line| line.name.to_string()).collect();
    assert_eq!(
        names.iter().filter(|name| name.starts_with("nd-panel/ND-")).count(),
        LINES.len(),
        "{names:?}"
    );
    drives_its_lines(&chip);
    active_low_is_off_at_a_high_level(&chip);
    // kill -9: no Drop runs
    let mut running = victim();
    chip.wait("ND-RELAY", true);
    chip.wait("ND-GREEN", true);
    let second = open(&settings(relay(false)));
    assert!(second.is_err_and(|fault| fault.to_string().contains("in use by nightdesk")));
    running.kill().expect("killed");
    running.wait().expect("gone");
    chip.wait("ND-RELAY", false);
    chip.wait("ND-GREEN", false);
    // as ExecStopPost does it
    open(&settings(relay(false))).expect("free again").rest().expect("obeys");
    assert!(!chip.level("ND-RELAY"));
    eprintln!("ok: real lines driven, released and freed");
}

fn drives_its_lines(chip: &SimChip) {
    let ms = Duration::from_millis;
    let mut panel = open(&settings(relay(false))).expect("a panel");
    assert!(!chip.level("ND-RELAY") && !chip.level("ND-RED") && !chip.level("ND-GREEN"), "off at first");
    panel.tick(Status::EmergencyOpen, true, ms(0)).expect("obeys");
    assert!(chip.level("ND-RELAY") && chip.level("ND-RED") && !chip.level("ND-GREEN"));
    panel.tick(Status::Ready, false, ms(10)).expect("obeys");
    assert!(!chip.level("ND-RELAY") && !chip.level("ND-RED") && chip.level("ND-GREEN"));
    let mut presses = Vec::new();
    for at in (20..600).step_by(10) {
        chip.pull("ND-BUTTON", (100..400).contains(&at));
        presses.extend(panel.tick(Status::Ready, false, ms(at)).expect("obeys"));
    }
    assert_eq!(presses, [Press::Short]);
    panel.tick(Status::Fault, true, ms(4000)).expect("obeys");
    drop(panel);
    assert!(!chip.level("ND-RELAY") && !chip.level("ND-RED"));
}

fn active_low_is_off_at_a_high_level(chip: &SimChip) {
    let ms = Duration::from_millis;
    let mut panel = open(&settings(relay(true))).expect("a panel");
    assert!(chip.level("ND-RELAY"), "off is high");
    panel.tick(Status::EmergencyOpen, true, ms(0)).expect("obeys");
    assert!(!chip.level("ND-RELAY"), "on is low");
    panel.rest().expect("obeys");
    assert!(chip.level("ND-RELAY"));
}
