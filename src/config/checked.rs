//! What we run on: types that cannot be wrong.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    path::PathBuf,
};

use domain::{PhoneNumber, Profile, Roster};
use jiff::{Timestamp, tz::TimeZone};
use media::Codec;
use oncall::{Maintenance, Policy, Schedule};

use super::fault::Fault;

/// Everything the owner has set, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where calls, cards and recordings are kept.
    pub data_dir: PathBuf,
    /// The telephone line.
    pub line: LineSettings,
    /// At least one.
    pub shops: Vec<Shop>,
    /// Who answers a number that no shop has.
    pub unknown_number: UnknownNumber,
    /// The recogniser.
    pub hearing: HearingSettings,
    /// The voice.
    pub voice: VoiceSettings,
    /// How long things are kept.
    pub retention: RetentionSettings,
    /// What the owner should know; NightDesk runs all the same.
    pub warnings: Vec<Fault>,
}

/// What happens with a call to a number that no shop has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnknownNumber {
    /// "Sorry, this number is not configured. Please try again later." (source D:535)
    Say36,
    /// This shop answers: its place in `Config::shops`.
    Shop(usize),
}

/// The telephone line.
#[derive(Debug, Clone)]
pub struct LineSettings {
    /// Addresses to listen on.
    pub listen: Vec<SocketAddr>,
    /// What is opened on each of them.
    pub transport: Listen,
    /// The PBX to register with; `None`: direct calls only.
    pub pbx: Option<PbxSettings>,
    /// Who may talk to us, besides the PBX. Empty: the PBX only, or private networks without a PBX.
    pub allow: Vec<NetRange>,
    /// Preferred first; not empty.
    pub codecs: Vec<Codec>,
    /// Calls at the same time; one more is refused as busy.
    pub busy_limit: usize,
    /// The address that others reach us at, when it is not the interface's.
    pub advertised: Option<IpAddr>,
    /// UDP ports for sound: at least two for each call.
    pub rtp_ports: RangeInclusive<u16>,
}

/// Transports to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// Datagrams.
    Udp,
    /// Streams.
    Tcp,
    /// Both, on the same port.
    Both,
}

/// Transport to the PBX.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PbxTransport {
    /// Datagrams.
    Udp,
    /// A stream.
    Tcp,
}

/// A network that may talk to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetRange {
    /// An address in it.
    pub address: IpAddr,
    /// How many leading bits count: 32 or 128 for one machine.
    pub prefix: u8,
}

/// An extension of a PBX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PbxSettings {
    /// Name or address.
    pub host: String,
    /// Usually 5060.
    pub port: u16,
    /// How to talk to it.
    pub transport: PbxTransport,
    /// Our extension.
    pub extension: String,
    /// Name for the password check, when it is not the extension.
    pub auth_id: Option<String>,
    /// The extension's password.
    pub password: Secret,
    /// `host`, `host:port` or `[v6]:port` that everything goes through first.
    pub outbound_proxy: Option<String>,
    /// How long a registration shall last, seconds.
    pub expires_s: u32,
}

/// A password. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub(super) String);

impl Secret {
    /// The password itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// One business, or one customer of an MSP.
#[derive(Debug, Clone)]
pub struct Shop {
    /// What sentences and decisions need.
    pub profile: Profile,
    /// The zone of `profile.time_zone`.
    pub zone: TimeZone,
    /// Numbers and extensions that this shop answers; empty: every number that no other shop has.
    pub called_numbers: Vec<String>,
    /// Customers that are known by the number they call from.
    pub caller_numbers: Vec<PhoneNumber>,
    /// What the owner wrote for decisions; `None`: our own rules alone.
    pub runbook: Option<RunbookFile>,
    /// The office's own number.
    pub business_number: Option<PhoneNumber>,
    /// What happens with a call while the office is open.
    pub in_hours: InHours,
    /// Whom to wake.
    pub oncall: OncallRoster,
}

/// A runbook as it was read; `triage` has understood it without a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunbookFile {
    /// As it was named, for messages.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// False for `.txt`: instructions only (decision K13).
    pub yaml: bool,
}

/// What happens with a call while the office is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InHours {
    /// Send it on to this SIP or tel address.
    Redirect(String),
    /// Refuse with this code, so that the PBX rings on.
    Refuse(u16),
}

/// Whom to wake, and how long to wait for each (source D:1003-1015).
#[derive(Debug, Clone)]
pub struct OncallRoster {
    /// The on-call technician.
    pub primary_name: String,
    /// Number.
    pub primary_phone: PhoneNumber,
    /// Who comes next.
    pub backup: Option<Person>,
    /// Last resort.
    pub owner_phone: PhoneNumber,
    /// Whether the caller is put through to the technician.
    pub warm_transfer: bool,
    /// How long that rings, seconds; default 30.
    pub transfer_ring_s: u32,
    /// Step 2: text message, seconds after the page; default 0.
    pub text_after_s: u32,
    /// Step 3: telephone call, seconds after step 2; default 60.
    pub call_after_s: u32,
    /// Step 4: the backup, seconds after step 2; default 600.
    pub backup_after_s: u32,
    /// Step 5: the owner, seconds after step 2; default 1200.
    pub owner_after_s: u32,
    /// Everybody who may be woken, with the people above.
    pub roster: Roster,
    /// Who is on call when.
    pub schedule: Schedule,
    /// The ladder's settings, with the times above. Its means are those that the owner wants; those that are not
    /// set up are still among them.
    pub policy: Policy,
    /// Planned work that wakes nobody.
    pub maintenance: Vec<Maintenance>,
}

impl OncallRoster {
    /// The name of whoever is on call at this moment, for "I've reached …".
    pub fn name_at(&self, at: Timestamp) -> Option<&str> {
        let on_call = self.schedule.on_call(at).people;
        on_call.first().and_then(|id| self.roster.contact(id)).map(|c| c.name.as_str())
    }
}

/// Somebody on the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Number.
    pub phone: PhoneNumber,
}

/// The recogniser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HearingSettings {
    /// A name from the model catalog (`base.en`), or a path to a file.
    pub model: String,
    /// Threads for one transcription; `None`: as many as the machine suggests.
    pub threads: Option<u32>,
    /// Memory that the recogniser may use, MiB.
    pub memory_mb: u32,
}

/// The engine that speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoiceEngine {
    /// flite, the default.
    Flite,
    /// espeak-ng.
    EspeakNg,
    /// Piper.
    Piper,
}

/// The voice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceSettings {
    /// Which engine.
    pub engine: VoiceEngine,
    /// The engine's name for a voice, or a voice file; `None`: the engine's default.
    pub voice: Option<String>,
    /// Who speaks Spanish, as `engine` and `voice` above; `None`: nobody.
    pub spanish: Option<(VoiceEngine, Option<String>)>,
    /// The owner's own recordings, one WAV per prompt.
    pub recordings_folder: Option<PathBuf>,
}

/// How long things are kept (decision K18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionSettings {
    /// Default 30.
    pub recordings_days: u32,
    /// Default 365.
    pub transcripts_days: u32,
}

impl fmt::Display for NetRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}
