//! A talk with the modem: one command after the other, each with its deadline, and what came unasked kept.

use std::{io, time::Duration};

use tokio::time::Instant;

use super::{
    Settings,
    at::{self, Answer, Heard, Lines, Refusal, Step},
    pdu::Submit,
    port::Port,
};
use crate::connectors::Hidden;

/// A byte that the port does not take for so long means that nobody reads.
const WRITE: Duration = Duration::from_secs(3);
/// A modem may be asleep, or in the middle of something.
const HELLOS: usize = 3;
/// What has come unasked lies ready; nothing is waited for.
const GLANCE: Duration = Duration::from_millis(20);
/// A late answer to somebody else's command comes within this time, or it would be taken for ours.
const SETTLE: Duration = Duration::from_millis(200);
/// Reports that wait to be asked for; the oldest go.
const REPORTS_MAX: usize = 64;
const CTRL_Z: &str = "\x1a";
const ESCAPE: &str = "\x1b";

/// Why a command did not work.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The port is not there (any more), or cannot be opened.
    Gone(io::Error),
    /// No answer by the deadline.
    Silent,
    /// The modem says no.
    Refused(Refusal),
    /// It needs somebody: said in words for the owner.
    NotUsable(String),
    /// The message may have left.
    Unsure,
}

/// An open modem that is set up.
#[derive(Debug)]
pub(super) struct Session {
    port: Port,
    lines: Lines,
    reports: Vec<String>,
    /// A command was begun and its end has not been heard: the next answer might be its.
    in_command: bool,
    patience: Duration,
}

impl Session {
    /// Opens the port and sets the modem up. `pin_tried` keeps a wrong PIN from being tried until the card locks.
    pub(super) async fn open(settings: &Settings, pin_tried: &mut bool) -> Result<Self, Trouble> {
        let port = Port::open(&settings.device).map_err(Trouble::Gone)?;
        let patience = settings.patience;
        let mut session =
            Self { port, lines: Lines::default(), reports: Vec::new(), in_command: false, patience };
        session.greet().await?;
        session.ask("ATE0", "").await?;
        session.ask("AT+CMEE=1", "").await.or_else(unless_refused)?;
        session.unlock(settings.pin.as_ref(), pin_tried).await?;
        session.ask("AT+CSMS=0", "+CSMS:").await.or_else(unless_refused)?;
        session.ask("AT+CMGF=0", "").await?;
        session.choose_store().await?;
        session.ask("AT+CREG=0", "").await.or_else(unless_refused)?;
        // messages to the store, reports to us; what a modem can do of it differs
        for tell in ["AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,2,1,0", "AT+CNMI=2,1,0,2,0", "AT+CNMI=1,1,0,1,0"] {
            match session.ask(tell, "").await {
                Ok(_) => break,
                Err(Trouble::Refused(_)) => {}
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(session)
    }

    /// True when the last command was given up in the middle.
    pub(super) fn is_in_command(&self) -> bool {
        self.in_command
    }

    /// Brings a modem that is anywhere to where it takes commands.
    async fn greet(&mut self) -> Result<(), Trouble> {
        // ends a message that somebody has begun and not ended
        self.port.write(ESCAPE.as_bytes(), WRITE).await.map_err(Trouble::Gone)?;
        for _ in 0..HELLOS {
            match self.command("AT", "", self.patience / 2).await {
                Err(Trouble::Silent | Trouble::Refused(_)) => {}
                Err(trouble) => return Err(trouble),
                Ok(_) => {
                    let until = Instant::now() + SETTLE;
                    while self.hear(false, until).await.is_ok() {}
                    return Ok(());
                }
            }
        }
        Err(Trouble::Silent)
    }

    async fn unlock(&mut self, pin: Option<&Hidden>, pin_tried: &mut bool) -> Result<(), Trouble> {
        let state = self.ask("AT+CPIN?", "+CPIN:").await?;
        let state = state.first().map(|line| at::fields(line).remove(0)).unwrap_or_default();
        match (state.as_str(), pin) {
            ("READY", _) => Ok(()),
            ("SIM PIN", Some(_)) if *pin_tried => Err(Trouble::NotUsable(
                "the SIM card did not take its PIN once and may lock at the third try: correct the file that \
                 channels.modem.pin_file names, then start NightDesk again"
                    .into(),
            )),
            ("SIM PIN", Some(pin)) => {
                *pin_tried = true;
                self.ask(&format!("AT+CPIN=\"{}\"", pin.reveal()), "").await?;
                *pin_tried = false;
                Ok(())
            }
            ("SIM PIN", None) => Err(Trouble::Refused(Refusal::Cme(11))),
            ("SIM PUK", _) => Err(Trouble::Refused(Refusal::Cme(12))),
            _ => Err(Trouble::Refused(Refusal::Cme(13))),
        }
    }

    async fn choose_store(&mut self) -> Result<(), Trouble> {
        for store in ["SM", "ME"] {
            match self.ask(&format!("AT+CPMS=\"{store}\",\"{store}\",\"{store}\""), "+CPMS:").await {
                Ok(_) => return Ok(()),
                Err(Trouble::Refused(_)) => {}
                Err(trouble) => return Err(trouble),
            }
        }
        Err(Trouble::Refused(Refusal::Cms(313)))
    }

    /// A command and its answer's lines.
    pub(super) async fn ask(&mut self, command: &str, prefix: &'static str) -> Result<Vec<String>, Trouble> {
        self.command(command, prefix, self.patience).await
    }

    async fn command(
        &mut self,
        command: &str,
        prefix: &'static str,
        within: Duration,
    ) -> Result<Vec<String>, Trouble> {
        self.in_command = true;
        let mut answer = Answer::to(command, prefix);
        self.port.write(format!("{command}\r").as_bytes(), WRITE).await.map_err(Trouble::Gone)?;
        let until = Instant::now() + within;
        loop {
            if let Heard::Line(line) = self.hear(false, until).await?
                && let Some(done) = self.take(&mut answer, &line)
            {
                self.in_command = false;
                return done.map_err(Trouble::Refused);
            }
        }
    }

    /// Hands a message to the network; the modem's number of it, which delivery reports name.
    pub(super) async fn send(&mut self, message: &Submit) -> Result<u8, Trouble> {
        self.in_command = true;
        let command = format!("AT+CMGS={}", message.length);
        let mut answer = Answer::to(&command, "+CMGS:");
        self.port.write(format!("{command}\r").as_bytes(), WRITE).await.map_err(Trouble::Gone)?;
        let until = Instant::now() + self.patience;
        loop {
            match self.hear(true, until).await? {
                Heard::Prompt => break,
                Heard::Line(line) => {
                    if let Some(done) = self.take(&mut answer, &line) {
                        self.in_command = false;
                        // an OK instead of the prompt: nothing was sent
                        return Err(done.map_or_else(Trouble::Refused, |_| Trouble::Silent));
                    }
                }
            }
        }
        let body = format!("{}{CTRL_Z}", message.hex);
        // from here on the network may have it
        self.port.write(body.as_bytes(), WRITE).await.map_err(|_| Trouble::Unsure)?;
        let until = Instant::now() + self.patience * 4;
        loop {
            let line = match self.hear(false, until).await {
                Ok(Heard::Line(line)) => line,
                Ok(Heard::Prompt) => continue,
                // the last OK is lost, but the number has come: the network has it
                Err(_) => return reference(answer.so_far()).ok_or(Trouble::Unsure),
            };
            if line == message.hex {
                continue;
            }
            match self.take(&mut answer, &line) {
                None => {}
                Some(Ok(lines)) => {
                    self.in_command = false;
                    return reference(&lines).ok_or(Trouble::Unsure);
                }
                Some(Err(refusal)) => {
                    self.in_command = false;
                    return Err(Trouble::Refused(refusal));
                }
            }
        }
    }

    /// Delivery reports that have come unasked.
    pub(super) async fn reports(&mut self) -> Result<Vec<String>, Trouble> {
        let mut unasked = Answer::default();
        let until = Instant::now() + GLANCE;
        loop {
            match self.hear(false, until).await {
                Ok(Heard::Line(line)) => {
                    self.take(&mut unasked, &line);
                }
                Ok(Heard::Prompt) => {}
                Err(Trouble::Silent) => return Ok(std::mem::take(&mut self.reports)),
                Err(trouble) => return Err(trouble),
            }
        }
    }

    /// Used and free places of the store.
    pub(super) async fn room(&mut self) -> Result<(u32, u32), Trouble> {
        let lines = self.ask("AT+CPMS?", "+CPMS:").await?;
        let fields = lines.first().map(|line| at::fields(line)).unwrap_or_default();
        let number = |place: usize| fields.get(place).and_then(|f| f.parse().ok()).unwrap_or_default();
        Ok((number(1), number(2)))
    }

    fn take(&mut self, answer: &mut Answer, line: &str) -> Option<Result<Vec<String>, Refusal>> {
        match answer.hear(line) {
            Step::More => None,
            Step::Report(pdu) => {
                if self.reports.len() == REPORTS_MAX {
                    self.reports.remove(0);
                }
                self.reports.push(pdu);
                None
            }
            Step::Done(done) => Some(done),
        }
    }

    async fn hear(&mut self, prompt: bool, until: Instant) -> Result<Heard, Trouble> {
        loop {
            if let Some(heard) = self.lines.next(prompt) {
                return Ok(heard);
            }
            // a modem that never stops talking must not keep us beyond the deadline
            if Instant::now() >= until {
                return Err(Trouble::Silent);
            }
            let mut room = [0; 512];
            match self.port.read(&mut room, until).await {
                Ok(count) => self.lines.push(room.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => return Err(Trouble::Silent),
                Err(error) => return Err(Trouble::Gone(error)),
            }
        }
    }
}

/// `+CMGS: 17`
fn reference(lines: &[String]) -> Option<u8> {
    lines.iter().find_map(|line| at::fields(line).first()?.parse().ok())
}

/// A command that not every modem knows.
fn unless_refused(trouble: Trouble) -> Result<Vec<String>, Trouble> {
    match trouble {
        Trouble::Refused(_) => Ok(Vec::new()),
        trouble => Err(trouble),
    }
}
