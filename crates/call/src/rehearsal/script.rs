//! Reads a conversation as it is written down.

use std::time::Duration;

use domain::{Disclosure, Heard, Language, PhoneNumber, Profile, Service, SpanishMode, Tone, Trade};
use jiff::civil::DateTime;

use crate::protocol::{MachineTone, RepeatCaller, TransferResult};

/// A line of a script that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct ScriptFault {
    /// The file.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong, and what to write.
    pub what: String,
}

/// A conversation on paper.
#[derive(Debug, Clone)]
pub struct Script {
    /// First comment line: which scenario this is.
    pub title: String,
    pub(crate) file: String,
    pub(crate) at: DateTime,
    pub(crate) caller: Option<PhoneNumber>,
    pub(crate) repeat: Option<RepeatCaller>,
    pub(crate) hearing: bool,
    pub(crate) profile: Profile,
    /// Callers can be put through to the on-call person.
    pub(crate) transfer: bool,
    /// No voice for Spanish is installed.
    pub(crate) no_spanish_voice: bool,
    /// The customer's runbook has this scripted answer: when, and the steps.
    pub scripted_answer: Option<(String, Vec<String>)>,
    pub(crate) steps: Vec<(usize, Step)>,
}

/// One line of the conversation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// The caller speaks, once the agent is quiet.
    Caller(Heard),
    /// The caller speaks over the agent, one second after it began.
    Interrupts(Heard),
    /// The caller begins a turn and goes on with the next `caller:` line.
    Begins(Heard),
    /// Something on the line that is no speech, long enough to stop us.
    Noise,
    Key(char),
    Silence(Duration),
    HangsUp,
    Tone(MachineTone),
    /// The agent must have said this since the caller's last line, in this order.
    Agent(String),
    /// The agent must never say this in the whole call.
    Never(String),
    /// From here on pages are stored, fail, or are not answered for.
    Pages(Storing),
    /// From here on texts come after this time; `None`: the recogniser fails.
    Hearing(Option<Duration>),
    /// From here on decisions come, or do not.
    Deciding(bool),
    /// What becomes of the transfer, and after which time; `None`: no report ever comes.
    Transfer(Option<(TransferResult, Duration)>),
    /// The on-call person hangs up after a transfer.
    TechnicianHangsUp,
    /// Somebody took the alert.
    Acknowledged(String),
    /// From here on the caller seems to be a machine.
    SuspectedRobot,
    /// What must be true when the call has ended.
    Expect(Vec<(String, String)>),
    /// The call must not be taken at all.
    NotAnswered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Storing {
    Stores,
    Fails,
    Silent,
}

impl Script {
    /// Reads a script. `profile` is the shop that is called; `shop:` lines change it for this call.
    pub fn parse(text: &str, file: &str, profile: Profile) -> Result<Self, ScriptFault> {
        let mut script = Self {
            title: String::new(),
            file: file.to_string(),
            at: jiff::civil::date(2026, 2, 12).at(21, 22, 0, 0),
            caller: "+15552340415".parse().ok(),
            repeat: None,
            hearing: true,
            profile,
            transfer: false,
            no_spanish_voice: false,
            scripted_answer: None,
            steps: Vec::new(),
        };
        for (index, raw) in text.lines().enumerate() {
            let line = raw.trim();
            if let Some(comment) = line.strip_prefix('#') {
                if script.title.is_empty() {
                    script.title = comment.trim().to_string();
                }
                continue;
            }
            if line.is_empty() {
                continue;
            }
            let number = index + 1;
            script.read_line(number, line).map_err(|what| ScriptFault {
                file: file.to_string(),
                line: number,
                what,
            })?;
        }
        Ok(script)
    }

    fn read_line(&mut self, number: usize, line: &str) -> Result<(), String> {
        let (key, value) = line.split_once(':').map_or((line, ""), |(k, v)| (k.trim(), v.trim()));
        match key {
            "at" => self.at = value.parse().map_err(|_| "write the time as 2026-02-12T21:22".to_string())?,
            "caller id" => self.caller = caller_id(value)?,
            "repeat" => self.repeat = Some(repeat(value)?),
            "shop" => self.shop(value)?,
            "hearing" if value == "dead" => self.hearing = false,
            "runbook" => self.scripted_answer = Some(scripted_answer(value)?),
            _ => {
                let step = step(key, value)?;
                self.steps.push((number, step));
            }
        }
        Ok(())
    }

    fn shop(&mut self, value: &str) -> Result<(), String> {
        let (key, value) = value.split_once('=').map_or((value, ""), |(k, v)| (k.trim(), v.trim()));
        match (key, value) {
            ("always active", _) => self.profile.always_active = true,
            ("trade", "msp") => {
                self.profile.trade = Trade::Msp;
                self.profile.services = vec![Service::It];
            }
            ("disclosure", "greeting") => self.profile.disclosure = Disclosure::Greeting,
            ("pricing", sentence) => self.profile.pricing_answer = Some(sentence.to_string()),
            ("oncall", "nobody") => self.profile.oncall_name = None,
            ("transfer", "on") => self.transfer = true,
            ("spanish", "speak") => self.profile.spanish = SpanishMode::Speak,
            ("spanish voice", "none") => self.no_spanish_voice = true,
            ("recording notice", "off") => self.profile.recording_notice = false,
            (other, _) => return Err(format!("there is no shop setting {other:?}")),
        }
        Ok(())
    }
}

/// "printer → Restart the printer; wait a minute"
fn scripted_answer(value: &str) -> Result<(String, Vec<String>), String> {
    let (when, steps) = value.split_once('→').ok_or("write runbook: when → step; step")?;
    Ok((when.trim().to_string(), steps.split(';').map(|step| step.trim().to_string()).collect()))
}

fn caller_id(value: &str) -> Result<Option<PhoneNumber>, String> {
    if value == "withheld" {
        return Ok(None);
    }
    value.parse().map(Some).map_err(|e| format!("{e}; or write withheld"))
}

/// "20 minutes ago, Jim Kowalski, 218 Oak Lane"
fn repeat(value: &str) -> Result<RepeatCaller, String> {
    let mut parts = value.split(',').map(str::trim);
    let minutes =
        parts.next().and_then(|p| p.strip_suffix("minutes ago")).and_then(|m| m.trim().parse().ok());
    let minutes_ago = minutes.ok_or("write repeat: 20 minutes ago, name, address")?;
    let mut known = || parts.next().filter(|p| !p.is_empty()).map(str::to_string);
    Ok(RepeatCaller { minutes_ago, name: known(), address: known() })
}

fn step(key: &str, value: &str) -> Result<Step, String> {
    let (key, manner) = key.split_once('(').map_or((key, ""), |(k, m)| (k.trim(), m.trim_end_matches(')')));
    Ok(match key {
        "caller" => Step::Caller(spoken(value, manner)?),
        "interrupts" => Step::Interrupts(spoken(value, manner)?),
        "begins" => Step::Begins(spoken(value, manner)?),
        "noise" => Step::Noise,
        "key" => Step::Key(value.chars().next().ok_or("write key: 1")?),
        "silence" => Step::Silence(seconds(value)?),
        "hangs up" => Step::HangsUp,
        "tone" if value == "fax" => Step::Tone(MachineTone::Fax),
        "tone" if value == "beep" => Step::Tone(MachineTone::Beep),
        "agent" => Step::Agent(value.to_string()),
        "never" => Step::Never(value.to_string()),
        "pages" => Step::Pages(match value {
            "are stored" => Storing::Stores,
            "fail" => Storing::Fails,
            "hang" => Storing::Silent,
            _ => return Err("write pages: are stored, pages: fail or pages: hang".into()),
        }),
        "hearing" if value == "fails" => Step::Hearing(None),
        "hearing" => Step::Hearing(Some(seconds(value.trim_start_matches("takes"))?)),
        "deciding" => Step::Deciding(value != "fails"),
        "transfer" => Step::Transfer(transfer(value)?),
        "technician hangs up" => Step::TechnicianHangsUp,
        "acknowledged" => Step::Acknowledged(value.to_string()),
        "suspected" if value == "robot" => Step::SuspectedRobot,
        "expect" if value == "not answered" => Step::NotAnswered,
        "expect" => Step::Expect(expectations(value)),
        other => return Err(format!("a line cannot begin with {other:?}; see tests/calls/README.md")),
    })
}

/// "answered after 12 s", "fails after 30 s", "no report".
fn transfer(value: &str) -> Result<Option<(TransferResult, Duration)>, String> {
    if value == "no report" {
        return Ok(None);
    }
    let (result, after) = match value.split_once("after") {
        Some((result, after)) => (result.trim(), seconds(after)?),
        None => (value, Duration::from_secs(10)),
    };
    match result {
        "answered" => Ok(Some((TransferResult::Connected, after))),
        "fails" => Ok(Some((TransferResult::Failed, after))),
        _ => {
            Err("write transfer: answered after 12 s, transfer: fails after 30 s or transfer: no report"
                .into())
        }
    }
}

fn spoken(text: &str, manner: &str) -> Result<Heard, String> {
    let mut heard = Heard::typed(text);
    match manner {
        "" => {}
        "panicked" => heard.tone = Tone::Panicked,
        "worried" => heard.tone = Tone::Worried,
        "spanish" => heard.language = Language::Spanish,
        other => return Err(format!("nobody speaks {other:?}; panicked, worried or spanish")),
    }
    Ok(heard)
}

fn seconds(value: &str) -> Result<Duration, String> {
    let number = value.trim().trim_end_matches('s').trim();
    let seconds: f64 = number.parse().map_err(|_| format!("write seconds, such as 8 s, not {value:?}"))?;
    Duration::try_from_secs_f64(seconds).map_err(|_| format!("{value:?} is no time"))
}

/// `emergency service=plumbing name="Jim Kowalski"`: words and key=value pairs.
fn expectations(value: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut rest = value.trim();
    while !rest.is_empty() {
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let key = rest[..end].to_string();
        rest = &rest[end..];
        let mut wanted = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let (text, left) = match after.strip_prefix('"').and_then(|q| q.split_once('"')) {
                Some((quoted, left)) => (quoted, left),
                None => after.split_at(after.find(' ').unwrap_or(after.len())),
            };
            wanted = text.to_string();
            rest = left;
        }
        out.push((key, wanted));
        rest = rest.trim_start();
    }
    out
}
