//! A modem on a pseudo-terminal: a SIM card, a network, and the faults of real ones.

use std::{
    collections::{BTreeMap, VecDeque},
    os::fd::OwnedFd,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};

/// What goes wrong with the next message that is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// "+CMS ERROR: n" instead of an answer.
    Cms(u16),
    /// The network has it; the number comes, the OK does not.
    LostOk,
    /// The network has it; nothing comes.
    Silence,
    /// A report and a call come between the message and its answer.
    UnaskedBetween(String),
    /// No prompt comes.
    NoPrompt,
}

#[derive(Debug, Default)]
pub(super) struct Card {
    /// Place: state and PDU.
    pub(super) stored: BTreeMap<u32, (u8, String)>,
    pub(super) places: u32,
    pub(super) pin: Option<String>,
    pub(super) pin_tries: u32,
    pub(super) absent: bool,
    pub(super) registered: u8,
    /// PDUs that the network has.
    pub(super) sent: Vec<String>,
    pub(super) next_number: u8,
    pub(super) troubles: VecDeque<Trouble>,
    /// Said before every answer.
    pub(super) noise: Vec<u8>,
    /// Said unasked, once.
    pub(super) unasked: String,
}

/// A modem that can be pulled out and put back; the card stays as it is.
pub(super) struct SimModem {
    pub(super) device: PathBuf,
    card: Arc<Mutex<Card>>,
    plugged: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl SimModem {
    pub(super) fn new(folder: &Path) -> Self {
        let card = Card { places: 20, registered: 1, next_number: 10, ..Card::default() };
        let mut modem =
            Self { device: folder.join("modem"), card: Arc::new(Mutex::new(card)), plugged: None };
        modem.plug_in();
        modem
    }

    pub(super) fn card(&self) -> MutexGuard<'_, Card> {
        self.card.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn plug_in(&mut self) {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        symlink(name.to_str().unwrap(), &self.device).unwrap();
        let pulled = Arc::new(AtomicBool::new(false));
        let (card, stop) = (self.card.clone(), pulled.clone());
        let thread = std::thread::spawn(move || Desk { master, card, stop, body: None, echo: true }.run());
        self.plugged = Some((pulled, thread));
    }

    pub(super) fn pull_out(&mut self) {
        if let Some((pulled, thread)) = self.plugged.take() {
            pulled.store(true, Ordering::Relaxed);
            thread.join().unwrap();
            std::fs::remove_file(&self.device).unwrap();
        }
    }
}

impl Drop for SimModem {
    fn drop(&mut self) {
        self.pull_out();
    }
}

/// The modem's firmware.
struct Desk {
    master: OwnedFd,
    card: Arc<Mutex<Card>>,
    stop: Arc<AtomicBool>,
    /// While a message is typed.
    body: Option<Option<Trouble>>,
    echo: bool,
}

impl Desk {
    fn run(mut self) {
        let mut typed = Vec::new();
        while !self.stop.load(Ordering::Relaxed) {
            let unasked = std::mem::take(&mut self.card().unasked);
            self.say(&unasked);
            let tick = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
            let mut wait = [PollFd::new(&self.master, PollFlags::IN)];
            if poll(&mut wait, Some(&tick)).unwrap_or(0) == 0 {
                continue;
            }
            let mut room = [0; 512];
            let Ok(count) = rustix::io::read(&self.master, &mut room) else {
                // nobody has the port open
                std::thread::sleep(Duration::from_millis(5));
                continue;
            };
            for byte in &room[..count] {
                match (byte, self.body.is_some()) {
                    (0x1B, _) => {
                        typed.clear();
                        self.body = None;
                    }
                    (0x1A, true) => self.message(&String::from_utf8_lossy(&std::mem::take(&mut typed))),
                    (b'\r', false) => self.command(&String::from_utf8_lossy(&std::mem::take(&mut typed))),
                    _ => typed.push(*byte),
                }
            }
        }
    }

    fn card(&self) -> MutexGuard<'_, Card> {
        self.card.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say(&self, words: &str) {
        if !words.is_empty() {
            rustix::io::write(&self.master, words.as_bytes()).ok();
        }
    }

    fn command(&mut self, command: &str) {
        if self.echo {
            self.say(&format!("{command}\r"));
        }
        let noise = self.card().noise.clone();
        rustix::io::write(&self.master, &noise).ok();
        let answer = self.answer(command);
        self.say(&answer);
    }

    fn answer(&mut self, command: &str) -> String {
        let ok = "\r\nOK\r\n";
        if command == "ATE0" {
            self.echo = false;
        }
        if let Some(length) = command.strip_prefix("AT+CMGS=") {
            assert!(length.parse::<usize>().is_ok(), "{command}");
            return self.begin_message();
        }
        let echo = self.card();
        let mut card = echo;
        if card.absent && command.starts_with("AT+C") && !command.starts_with("AT+CMEE") {
            return "\r\n+CME ERROR: 10\r\n".into();
        }
        match command {
            "AT+CPIN?" => {
                let state = if card.pin.is_some() { "SIM PIN" } else { "READY" };
                return format!("\r\n+CPIN: {state}\r\n{ok}");
            }
            "AT+CREG?" => return format!("\r\n+CREG: 0,{}\r\n{ok}", card.registered),
            "AT+CSQ" => return format!("\r\n+CSQ: 17,99\r\n{ok}"),
            "AT+CPMS?" => {
                let room = format!("\"SM\",{},{}", card.stored.len(), card.places);
                return format!("\r\n+CPMS: {room},{room},{room}\r\n{ok}");
            }
            "AT+CMGL=4" => {
                let one = |(place, (state, pdu)): (&u32, &(u8, String))| {
                    format!("\r\n+CMGL: {place},{state},,{}\r\n{pdu}\r\n", pdu.len() / 2 - 1)
                };
                return card.stored.iter().map(one).collect::<String>() + ok;
            }
            _ => {}
        }
        if let Some(pin) = command.strip_prefix("AT+CPIN=\"") {
            card.pin_tries += 1;
            if card.pin.as_deref() != Some(pin.trim_end_matches('"')) {
                return "\r\n+CME ERROR: 16\r\n".into();
            }
            card.pin = None;
        }
        if let Some(place) = command.strip_prefix("AT+CMGD=") {
            let place = place.parse().unwrap();
            if card.stored.remove(&place).is_none() {
                return "\r\n+CMS ERROR: 321\r\n".into();
            }
        }
        ok.into()
    }

    fn begin_message(&mut self) -> String {
        let trouble = self.card().troubles.pop_front();
        if trouble == Some(Trouble::NoPrompt) {
            return String::new();
        }
        self.body = Some(trouble);
        "\r\n> ".into()
    }

    fn message(&mut self, body: &str) {
        let trouble = self.body.take().flatten();
        let mut card = self.card();
        if let Some(Trouble::Cms(code)) = trouble {
            drop(card);
            return self.say(&format!("\r\n+CMS ERROR: {code}\r\n"));
        }
        card.sent.push(body.to_owned());
        let number = card.next_number;
        card.next_number = number.wrapping_add(1);
        drop(card);
        let answer = format!("\r\n+CMGS: {number}\r\n");
        match trouble {
            Some(Trouble::LostOk) => self.say(&answer),
            Some(Trouble::Silence) => {}
            Some(Trouble::UnaskedBetween(words)) => self.say(&format!("{words}{answer}\r\nOK\r\n")),
            _ => self.say(&format!("{answer}\r\nOK\r\n")),
        }
    }
}
