//! Text messages by the box's own modem: no internet, no account, the shop's own SIM card.
//!
//! ```text
//! send ─> pdu (cut, packed) ─> session (AT commands) ─> port ─> modem ─> mobile network
//! poll <─ inbox (parts put together, reports matched) <─ pdu <─ session
//! ```
//! The modem knows no key of ours. Within one run a part that the network has taken is not sent again; after a
//! restart, and where the answer was lost, a page may come twice, because that is better than never.
//! What somebody wrote stays on the SIM card until the poll after the one that told it: a crash loses no reply.
//! A modem that is pulled out is opened again when it is back, and set up anew.

mod at;
mod gsm7;
mod inbox;
mod pdu;
mod port;
mod session;

#[cfg(test)]
mod tests;

use std::{collections::VecDeque, path::PathBuf, time::Duration};

use async_trait::async_trait;
use domain::Outgoing;
use jiff::Timestamp;
use tokio::{sync::Mutex, time::Instant};

use self::{
    at::Refusal,
    inbox::Inbox,
    pdu::{Fate, Pdu, PduFault},
    session::{Session, Trouble},
};
use super::{
    Connector, ConnectorFault, FarEvent, Hidden, NeverReason, SendFailure, Sent, Watch, not_this_way,
};

/// Messages whose parts are remembered, to send none of them twice.
const REMEMBERED_MAX: usize = 200;
/// A modem that is not there is looked for after 1, 2, 4, 8 and then every 15 seconds.
const AWAY_MAX: Duration = Duration::from_secs(15);
/// Longest PIN of a SIM card (3GPP TS 31.101: four to eight digits).
const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=8;

/// Which modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its port for commands, by a name that stays: `/dev/serial/by-id/…`.
    pub device: PathBuf,
    /// Of the SIM card, where it has one.
    pub pin: Option<Hidden>,
    /// A message that is not delivered by then is dropped, seconds: a page of last night wakes nobody.
    pub validity_s: u32,
    /// For the answer to a command; the network may take four times as long for a message.
    pub patience: Duration,
}

impl Settings {
    /// A card without a PIN, ten minutes of validity, ten seconds for a command.
    pub fn new(device: impl Into<PathBuf>) -> Self {
        Self { device: device.into(), pin: None, validity_s: 600, patience: Duration::from_secs(10) }
    }
}

/// The way out.
#[derive(Debug)]
pub struct ModemSms {
    settings: Settings,
    /// One talks at a time.
    modem: Mutex<Modem>,
}

#[derive(Debug, Default)]
struct Modem {
    session: Option<Session>,
    pin_tried: bool,
    /// Failed openings in a row, and when the next is due.
    failures: u32,
    closed_until: Option<Instant>,
    why_closed: String,
    sent: VecDeque<Tried>,
    /// Ties the parts of a long text together; any number will do.
    next_reference: u8,
    inbox: Inbox,
}

/// What this run knows of a message.
#[derive(Debug)]
struct Tried {
    key: String,
    /// The modem's numbers of the parts that the network has.
    taken: Vec<u8>,
    /// Ties its parts together.
    reference: u8,
    /// The name, once it has left as a whole.
    far_id: Option<String>,
}

impl ModemSms {
    /// Reads the settings; the port is opened when it is first needed.
    ///
    /// # Errors
    /// A PIN or a device that cannot be one.
    pub fn new(settings: Settings) -> Result<Self, ConnectorFault> {
        let wrong = |key, what| Err(ConnectorFault::Value { key, what });
        if !settings.device.is_absolute() {
            return wrong("device", "write the whole path, /dev/serial/by-id/…");
        }
        let fine = |pin: &str| PIN_DIGITS.contains(&pin.len()) && pin.bytes().all(|b| b.is_ascii_digit());
        if settings.pin.as_ref().is_some_and(|pin| !fine(pin.reveal())) {
            return wrong("pin_file", "the PIN of a SIM card has four to eight digits");
        }
        if settings.validity_s == 0 {
            return wrong("validity_s", "write 60 or more seconds");
        }
        Ok(Self { settings, modem: Mutex::default() })
    }
}

#[async_trait]
impl Connector for ModemSms {
    fn name(&self) -> &'static str {
        "modem"
    }

    fn takes(&self, what: &Outgoing) -> bool {
        matches!(what, Outgoing::Sms { .. })
    }

    async fn send(&self, what: &Outgoing, key: &str, _repeat: bool) -> Result<Sent, SendFailure> {
        let Outgoing::Sms { to, body } = what else { return Err(not_this_way("The modem")) };
        let mut modem = self.modem.lock().await;
        let place = modem.remember(key);
        if let Some(far_id) = modem.sent[place].far_id.clone() {
            return Ok(Sent::AlreadyThere { far_id });
        }
        let reference = modem.sent[place].reference;
        let messages =
            pdu::submit(to.e164(), body, reference, self.settings.validity_s).map_err(|_: PduFault| {
                SendFailure::Never {
                    why: format!("the text is too long for {} text messages", pdu::PARTS_MAX),
                    reason: NeverReason::Rejected,
                }
            })?;
        let done = modem.sent[place].taken.len();
        for message in messages.iter().skip(done) {
            let sent = match modem.open(&self.settings).await {
                Ok(session) => session.send(message).await,
                Err(trouble) => Err(trouble),
            };
            match sent {
                Ok(number) => modem.sent[place].taken.push(number),
                Err(trouble) => return Err(modem.failed(trouble)),
            }
        }
        let taken = &mut modem.sent[place];
        let numbers: Vec<String> = taken.taken.iter().map(ToString::to_string).collect();
        // the time tells this message from the one that had the same numbers 256 messages ago
        let far_id = format!("{}:{}", Timestamp::now().as_millisecond(), numbers.join("."));
        taken.far_id = Some(far_id.clone());
        Ok(Sent::Accepted { far_id })
    }

    async fn poll(&self, watch: &Watch<'_>) -> Result<Vec<FarEvent>, SendFailure> {
        let mut modem = self.modem.lock().await;
        match modem.read_all(&self.settings).await {
            Ok(()) => Ok(modem.inbox.events(watch)),
            Err(trouble) => Err(modem.failed(trouble)),
        }
    }

    async fn check(&self) -> Result<String, SendFailure> {
        let mut modem = self.modem.lock().await;
        let state = match modem.open(&self.settings).await {
            Ok(session) => state_of(session).await,
            Err(trouble) => Err(trouble),
        };
        state.map_err(|trouble| modem.failed(trouble))
    }
}

impl Modem {
    /// The place of a message among those that are remembered.
    fn remember(&mut self, key: &str) -> usize {
        if let Some(place) = self.sent.iter().position(|tried| tried.key == key) {
            return place;
        }
        if self.sent.len() == REMEMBERED_MAX {
            self.sent.pop_front();
        }
        self.next_reference = self.next_reference.wrapping_add(1);
        let reference = self.next_reference;
        self.sent.push_back(Tried { key: key.to_owned(), taken: Vec::new(), reference, far_id: None });
        self.sent.len() - 1
    }

    async fn open(&mut self, settings: &Settings) -> Result<&mut Session, Trouble> {
        // given up in the middle of a command: only a new beginning is sure of where it is
        let usable = self.session.take().filter(|session| !session.is_in_command());
        let session = match usable {
            Some(session) => session,
            None => {
                if self.closed_until.is_some_and(|until| Instant::now() < until) {
                    return Err(Trouble::NotUsable(self.why_closed.clone()));
                }
                Session::open(settings, &mut self.pin_tried).await?
            }
        };
        (self.failures, self.closed_until) = (0, None);
        Ok(self.session.insert(session))
    }

    /// Closes what does not work, and says it in words for the owner.
    fn failed(&mut self, trouble: Trouble) -> SendFailure {
        let unsure = matches!(trouble, Trouble::Unsure);
        let (why, never) = explain(&trouble);
        let refused_message = matches!(trouble, Trouble::Refused(_)) && self.session.is_some();
        if !refused_message {
            self.session = None;
        }
        let waits = self.closed_until.is_some_and(|until| Instant::now() < until);
        if self.session.is_none() && !waits && !unsure {
            let pause = Duration::from_secs(1 << self.failures.min(4)).min(AWAY_MAX);
            self.failures += 1;
            self.closed_until = Some(Instant::now() + pause);
            self.why_closed.clone_from(&why);
        }
        match never {
            _ if unsure => SendFailure::Unsure { why },
            Some(reason) => SendFailure::Never { why, reason },
            None => {
                let retry_after =
                    self.closed_until.map(|until| until.saturating_duration_since(Instant::now()));
                SendFailure::Later { why, retry_after }
            }
        }
    }

    /// Everything that lies on the card and has been announced, into the inbox.
    async fn read_all(&mut self, settings: &Settings) -> Result<(), Trouble> {
        for place in self.inbox.told_places() {
            let session = self.open(settings).await?;
            match session.ask(&format!("AT+CMGD={place}"), "").await {
                // somebody else has emptied it
                Ok(_) | Err(Trouble::Refused(_)) => self.inbox.emptied(place),
                Err(trouble) => return Err(trouble),
            }
        }
        let session = self.open(settings).await?;
        let listed = session.ask("AT+CMGL=4", "+CMGL:").await?;
        let reports = session.reports().await?;
        self.inbox.take_list(&listed);
        reports.iter().for_each(|report| self.inbox.take_report(report));
        Ok(())
    }
}

/// One line for the owner; or why a message would not leave now.
async fn state_of(session: &mut Session) -> Result<String, Trouble> {
    let registered = session.ask("AT+CREG?", "+CREG:").await?;
    let state = registered.first().and_then(|line| at::fields(line).get(1).cloned()).unwrap_or_default();
    let network = match state.as_str() {
        "1" => "at home in its network",
        "5" => "roaming",
        // 27.007 section 7.2: for text messages only
        "6" | "7" => "in a network that takes text messages",
        "2" => return Err(Trouble::NotUsable("the modem looks for a network and has found none yet".into())),
        "3" => {
            return Err(Trouble::NotUsable(
                "the network does not let this SIM card in: is it active and paid?".into(),
            ));
        }
        _ => return Err(Trouble::Refused(Refusal::Cms(331))),
    };
    let quality = session.ask("AT+CSQ", "+CSQ:").await?;
    let strength = quality.first().and_then(|line| at::fields(line).first()?.parse::<i32>().ok());
    // 27.007 section 8.5: -113 dBm and two for each step; 99 is unknown
    let signal = match strength {
        Some(steps @ 0..=31) => format!("signal {} dBm", -113 + 2 * steps),
        _ => "signal unknown".into(),
    };
    let (used, all) = session.room().await?;
    if all > 0 && used >= all {
        return Err(Trouble::Refused(Refusal::Cms(322)));
    }
    Ok(format!("modem {network}, {signal}, SIM card holds {used} of {all} messages"))
}

/// For the owner, and whether trying again cannot help.
fn explain(trouble: &Trouble) -> (String, Option<NeverReason>) {
    match trouble {
        Trouble::Gone(error) if error.kind() == std::io::ErrorKind::NotFound => {
            ("the modem is not plugged in, or channels.modem.device names another one".into(), None)
        }
        Trouble::Gone(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            ("the modem's port may not be opened by this user: see systemd/panel.conf".into(), None)
        }
        Trouble::Gone(error) if error.raw_os_error() == Some(16) => {
            ("another program has the modem's port: stop ModemManager for it (docs/config.md)".into(), None)
        }
        Trouble::Gone(error) => (format!("the modem is gone: {error}"), None),
        Trouble::Silent => ("the modem does not answer".into(), None),
        Trouble::Unsure => ("the modem took the message and did not say what became of it".into(), None),
        Trouble::NotUsable(why) => (why.clone(), None),
        Trouble::Refused(refusal) => {
            let never = match refusal {
                Refusal::Cms(1 | 28) => Some(NeverReason::BadDestination),
                Refusal::Cms(8 | 10 | 29 | 30 | 50 | 69) => Some(NeverReason::Unregistered),
                Refusal::Cms(304 | 305) => Some(NeverReason::Rejected),
                Refusal::Plain | Refusal::Cms(_) | Refusal::Cme(_) => None,
            };
            (at::words(*refusal), never)
        }
    }
}

/// The code that a network gives with a message that it could not deliver.
fn failed_words(fate: Fate) -> Option<(String, NeverReason)> {
    let Fate::Failed(code) = fate else { return None };
    let (words, reason) = match code {
        0x41 | 0x49 => ("there is no such number", NeverReason::BadDestination),
        0x42 | 0x62 => ("the receiver's telephone does not take it", NeverReason::Rejected),
        0x46 => (
            "it was not delivered in time: the telephone is off or out of reach",
            NeverReason::BadDestination,
        ),
        _ => ("the mobile network could not deliver it", NeverReason::BadDestination),
    };
    Some((format!("{words} (status {code:#04x})"), reason))
}

/// What a message of the card is; unreadable ones are nobody's.
fn readable(hex: &str) -> Option<Pdu> {
    pdu::read(hex).ok()
}
