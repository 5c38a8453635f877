//! `[[shop]]`.

use domain::{Disclosure, PhoneNumber, Profile, Service, SpanishMode, Trade};
use jiff::tz::{self, TimeZone};
use triage::{Runbook, RunbookFault};

use super::{
    super::{
        checked::{InHours, RunbookFile, Shop},
        choose::number_key,
        fault::{Fault, Place, Severity, nearest},
        raw::{self, At},
    },
    Check,
};

/// SIP "temporarily unavailable": a PBX goes on ringing its other phones.
const REFUSE_CODE: u16 = 480;

impl Check<'_, '_> {
    pub(super) fn shop(&mut self, At { value: written, place }: &At<raw::Shop>) -> Option<Shop> {
        let profile = self.profile(written, place);
        let zone = self.time_zone(written);
        let called_numbers = self.called_numbers(written.called_numbers.as_ref());
        let caller_numbers = written.caller_numbers.as_ref().map(|l| l.value.as_slice()).unwrap_or_default();
        let caller_numbers = caller_numbers.iter().filter_map(|n| self.phone(Some(n))).collect();
        let runbook = self.text(&written.runbook).and_then(|r| self.runbook(r));
        let business_number = self.phone(written.business_number.as_ref());
        let in_hours = self.read(
            written.in_hours.as_ref(),
            in_hours,
            "\"refuse\", \"refuse:486\" or \"redirect:sip:100@192.168.1.10\"",
        );
        let oncall = self.oncall(written, zone.as_ref(), place);
        let mut profile = profile?;
        let oncall = oncall?;
        profile.oncall_name = Some(oncall.primary_name.clone());
        Some(Shop {
            profile,
            zone: zone?,
            called_numbers,
            caller_numbers,
            runbook,
            business_number,
            in_hours: in_hours.unwrap_or(InHours::Refuse(REFUSE_CODE)),
            oncall,
        })
    }

    fn profile(&mut self, written: &raw::Shop, at: &Place) -> Option<Profile> {
        let id = self.required(at, "id", &written.id, "metro-plumbing");
        let id = self.read(id, short_name, "small letters, digits and dashes: \"metro-plumbing\"");
        let business_name = self.required(at, "business_name", &written.business_name, "Metro Plumbing");
        let owner_name = self.required(at, "owner_name", &written.owner_name, "Dave");
        let time_zone = self.required(at, "time_zone", &written.time_zone, "America/Chicago");
        let trade = [("trades", Trade::Trades), ("msp", Trade::Msp)];
        let trade = self.one_of(&written.trade, &trade, Trade::Trades);
        let services = self.services(written.services.as_ref(), trade);
        let disclosure = [("asked", Disclosure::Asked), ("greeting", Disclosure::Greeting)];
        let spanish = [("callback", SpanishMode::Callback), ("speak", SpanishMode::Speak)];
        let profile = Profile {
            id: String::new(),
            business_name: String::new(),
            owner_name: String::new(),
            agent_name: self.text(&written.agent_name).map_or("Alex", |a| a.value.trim()).to_owned(),
            trade,
            services,
            oncall_name: None,
            time_zone: String::new(),
            hours: self.hours(written.hours.as_ref().map(|h| &h.value)),
            always_active: written.always_active.as_ref().is_some_and(|a| a.value),
            pricing_answer: self.text(&written.pricing_answer).map(|p| p.value.trim().to_owned()),
            disclosure: self.one_of(&written.disclosure, &disclosure, Disclosure::Asked),
            spanish: self.one_of(&written.spanish, &spanish, SpanishMode::Callback),
            record: written.record.as_ref().is_none_or(|r| r.value),
            recording_notice: written.recording_notice.as_ref().is_none_or(|r| r.value),
            max_call_s: self.whole(&written.max_call_s, 60..=3600, "seconds", 300),
        };
        Some(Profile {
            id: id?,
            business_name: business_name?.value.trim().to_owned(),
            owner_name: owner_name?.value.trim().to_owned(),
            time_zone: time_zone?.value.trim().to_owned(),
            ..profile
        })
    }

    fn services(&mut self, written: Option<&At<Vec<At<String>>>>, trade: Trade) -> Vec<Service> {
        let words = [
            ("plumbing", Service::Plumbing),
            ("hvac", Service::Hvac),
            ("electrical", Service::Electrical),
            ("it", Service::It),
            ("general", Service::General),
        ];
        let Some(list) = written else {
            return match trade {
                Trade::Trades => vec![Service::Plumbing, Service::Hvac, Service::Electrical],
                Trade::Msp => vec![Service::It],
            };
        };
        list.value.iter().filter_map(|one| self.word(&one.value, &one.place, &words)).collect()
    }

    fn time_zone(&mut self, written: &raw::Shop) -> Option<TimeZone> {
        let At { value, place } = written.time_zone.as_ref()?;
        let found = TimeZone::get(value.trim()).ok();
        if found.is_none() && !value.trim().is_empty() {
            let names: Vec<String> = tz::db().available().map(|n| n.as_str().to_owned()).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let write_instead = match nearest_zone(value, &names) {
                _ if names.is_empty() => {
                    "this machine has no time zone data: install the package tzdata".into()
                }
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => "an IANA name such as \"America/Chicago\"".into(),
            };
            self.faults.error(place, format!("there is no time zone {value:?}"), write_instead);
        }
        found
    }

    fn called_numbers(&mut self, written: Option<&At<Vec<At<String>>>>) -> Vec<String> {
        let list = written.map(|l| l.value.as_slice()).unwrap_or_default();
        let example = "a number like \"+15552345678\" or an extension like \"301\"";
        list.iter().filter_map(|one| self.read(Some(one), called_number, example)).collect()
    }

    fn runbook(&mut self, written: &At<String>) -> Option<RunbookFile> {
        let path = self.around.path(&written.value);
        match self.around.document(&written.value) {
            Ok(bytes) => {
                let understood = Runbook::read(&bytes, &path.display().to_string());
                understood.map_err(|faults| faults.into_iter().for_each(|f| self.runbook_fault(f))).ok()?;
                let yaml = path.extension().is_none_or(|e| !e.eq_ignore_ascii_case("txt"));
                Some(RunbookFile { path, text: String::from_utf8_lossy(&bytes).into_owned(), yaml })
            }
            Err(error) => {
                let what = format!("the runbook {} cannot be read: {error}", path.display());
                let write_instead = "the path of a .yaml or .txt file, relative to this file";
                self.faults.error(&written.place, what, write_instead);
                None
            }
        }
    }

    /// `triage` says what is wrong in a runbook; it is told like every other fault.
    fn runbook_fault(&mut self, fault: RunbookFault) {
        let place = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        self.faults.in_another_file(Fault {
            file: fault.file,
            line: place(fault.line),
            column: place(fault.column),
            severity: Severity::Error,
            what: fault.what,
            write_instead: fault.write_instead,
        });
    }
}

fn short_name(text: &str) -> Result<String, &'static str> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.len() <= 40 && text.chars().all(fine) { Ok(text.to_owned()) } else { Err("not a short name") }
}

fn called_number(text: &str) -> Result<String, &'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '*' | '#');
    let fine = text.parse::<PhoneNumber>().is_ok() || (!text.is_empty() && text.chars().all(plain));
    if fine { Ok(number_key(text)) } else { Err("neither a telephone number nor an extension") }
}

fn in_hours(text: &str) -> Result<InHours, &'static str> {
    if let Some(target) = text.strip_prefix("redirect:") {
        let target = target.trim();
        let (scheme, rest) = target.split_once(':').unwrap_or(("", ""));
        let known = matches!(scheme, "sip" | "sips" | "tel");
        let whole = !rest.is_empty() && !rest.contains([' ', '<', '>', '"']);
        let addressed = scheme == "tel" || rest.contains('@');
        return match (known, whole && addressed) {
            (true, true) => Ok(InHours::Redirect(target.to_owned())),
            (false, _) => Err("the target begins with sip:, sips: or tel:"),
            (true, false) => Err("the target is not a whole address"),
        };
    }
    match text.split_once(':') {
        None if text == "refuse" => Ok(InHours::Refuse(REFUSE_CODE)),
        Some(("refuse", code)) => match code.trim().parse() {
            Ok(code @ (404 | 480 | 486 | 503 | 600 | 603)) => Ok(InHours::Refuse(code)),
            _ => Err("the code is 404, 480, 486, 503, 600 or 603"),
        },
        _ => Err("neither \"refuse\" nor \"redirect:\" and an address"),
    }
}

/// Zone names are compared without their small slips: case, spaces, a missing region.
fn nearest_zone<'n>(written: &str, names: &[&'n str]) -> Option<&'n str> {
    let bare = |n: &str| n.to_lowercase().replace([' ', '_'], "");
    let city = |n: &str| bare(n.rsplit('/').next().unwrap_or(n));
    let wanted = bare(written);
    let same = names.iter().copied().find(|n| bare(n) == wanted);
    let same_city = || names.iter().copied().find(|n| city(n) == city(written));
    same.or_else(same_city).or_else(|| nearest(written, names))
}
