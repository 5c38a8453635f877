//! A lead card as text, in the layout of the source (D:736-759): badge and time, who, what, what was done.

use domain::{
    CallbackStatus, Classification, ContactId, Issue, LeadCard, OncallOutcome, Safety, Service, Tone,
};
use jiff::{Timestamp, tz::Offset};

use crate::store::AlertStory;

/// Characters between the two borders.
const WIDTH: usize = 62;

/// The card in a box. `utc_offset_s` is the shop's offset at the time of the call.
pub(super) fn card_text(card: &LeadCard, alert: Option<&AlertStory>, utc_offset_s: i32) -> String {
    let local = |at: Timestamp| clock(at, utc_offset_s);
    let badge = match card.classification {
        Classification::Emergency => "RED EMERGENCY",
        Classification::Routine => "BLUE ROUTINE",
        Classification::Spam => "GRAY SPAM",
    };
    let phone = card.caller_phone.as_ref().map_or("number withheld".to_string(), ToString::to_string);
    let confirmed = if card.phone_confirmed { "confirmed" } else { "not confirmed" };
    let mut lines = vec![
        format!("{badge} {}", local(card.called_at)),
        format!("{}  {phone} ({confirmed})", card.caller_name),
        card.address.clone().unwrap_or_else(|| "Address not provided".into()),
        String::new(),
        card.issue_summary.clone(),
        String::new(),
        format!("Service: {} - {}", service(card.service), issue(card.issue)),
    ];
    match card.classification {
        Classification::Emergency => lines.push(format!("On-Call: {}", oncall(card, alert, local))),
        Classification::Routine | Classification::Spam => {
            lines.push(format!("Appointment: {}", appointment(card, local)))
        }
    }
    for given in &card.safety_given {
        let how = if given.complete { "played to the end" } else { "cut off" };
        lines.push(format!("Safety: {} ({how} at {})", safety(given.safety), local(given.at)));
    }
    if card.same_day {
        lines.push("Same day: yes".into());
    }
    lines.push(format!("Callback: {}", callback(card.callback_status)));
    lines.push(format!("Caller tone: {}   Duration: {}", tone(card.tone), minutes(card.duration_s)));
    lines.push(format!("Why: {}", card.reasoning));
    lines.extend(card.notes.iter().map(|n| format!("Note: {n}")));
    lines.push(String::new());
    lines.push(format!("[Play] {}", card.recording.as_deref().unwrap_or("not recorded")));
    lines.push(format!("[Transcript] nightdesk calls show {}", short(&card.call_id.to_string())));
    boxed(&lines)
}

/// The characters of an id that people type: its random end.
pub(super) fn short(id: &str) -> &str {
    id.get(id.len().saturating_sub(8)..).unwrap_or(id)
}

/// `2:34`.
pub(super) fn minutes(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// `9:48 PM` at an offset from UTC.
pub(super) fn clock(at: Timestamp, utc_offset_s: i32) -> String {
    local(at, utc_offset_s, "%-I:%M %p")
}

/// A moment at an offset from UTC, as `format` says.
pub(super) fn local(at: Timestamp, utc_offset_s: i32, format: &str) -> String {
    let offset = Offset::from_seconds(utc_offset_s).unwrap_or(Offset::UTC);
    offset.to_datetime(at).strftime(format).to_string()
}

fn oncall(card: &LeadCard, alert: Option<&AlertStory>, local: impl Fn(Timestamp) -> String) -> String {
    let Some(AlertStory { alert, steps, .. }) = alert else {
        return match card.oncall_outcome {
            OncallOutcome::Acknowledged => "Acknowledged".into(),
            OncallOutcome::Dispatched => "Dispatched".into(),
            OncallOutcome::Escalated => "Escalated".into(),
            OncallOutcome::NotReached => "Not reached".into(),
            OncallOutcome::NotApplicable => "N/A".into(),
        };
    };
    if let Some(at) = alert.acknowledged_at {
        let who = alert.acknowledged_by.as_ref().map_or("Somebody at the shop".into(), person);
        return format!("{who} acknowledged at {}", local(at));
    }
    match steps.iter().filter(|s| s.attempted_at.is_some()).next_back() {
        Some(last) => {
            let since = local(alert.opened_at);
            format!("not acknowledged; paged since {since}, last {}", person(&last.contact))
        }
        None => format!("not acknowledged; page waits since {}", local(alert.opened_at)),
    }
}

/// A person by the short name of the roster: `mike-t` is "Mike T".
pub(super) fn person(id: &ContactId) -> String {
    let words = id.as_str().split('-').map(|word| {
        let mut chars = word.chars();
        chars.next().map_or(String::new(), |c| c.to_ascii_uppercase().to_string() + chars.as_str())
    });
    words.collect::<Vec<_>>().join(" ")
}

fn appointment(card: &LeadCard, local: impl Fn(Timestamp) -> String) -> String {
    card.appointment_at.map_or("Not booked (no calendar linked)".into(), |at| format!("Yes - {}", local(at)))
}

fn service(service: Service) -> &'static str {
    match service {
        Service::Plumbing => "Plumbing",
        Service::Hvac => "HVAC",
        Service::Electrical => "Electrical",
        Service::It => "IT",
        Service::General => "General",
        Service::Unknown => "Unknown",
    }
}

fn issue(issue: Issue) -> &'static str {
    match issue {
        Issue::Gas => "Gas Leak",
        Issue::CarbonMonoxide => "Carbon Monoxide",
        Issue::Electrical => "Electrical Hazard",
        Issue::Danger => "Danger to Life",
        Issue::Water => "Water Leak",
        Issue::Sewage => "Sewage",
        Issue::NoHeat => "No Heat",
        Issue::NoCooling => "No Cooling",
        Issue::ItOutage => "Outage",
        Issue::ItTrouble => "User Trouble",
        Issue::Maintenance => "Maintenance",
        Issue::MinorRepair => "Minor Repair",
        Issue::Quote => "Quote",
        Issue::Scheduling => "Scheduling",
        Issue::Inquiry => "Inquiry",
        Issue::NonService => "Office Matter",
        Issue::SalesPitch => "Sales Pitch",
        Issue::Robocall => "Robocall",
        Issue::Unknown => "Not Known",
    }
}

fn safety(safety: Safety) -> &'static str {
    match safety {
        Safety::Gas => "leave the house, no lights or appliances, call from outside",
        Safety::CarbonMonoxide => "everyone outside, call 911",
        Safety::Electrical => "stay away, do not touch, smoke or fire: out and 911",
        Safety::Danger => "hang up and call 911",
        Safety::WaterShutoff => "main water shutoff",
        Safety::Sewage => "keep away from the water, no taps, no flushing",
        Safety::DripFaucets => "drip the faucets",
        Safety::KeepCool => "coolest place, water, 911 if confused or faint",
    }
}

fn callback(status: CallbackStatus) -> &'static str {
    match status {
        CallbackStatus::NotCalled => "Not Called",
        CallbackStatus::CalledBooked => "Called - Booked",
        CallbackStatus::CalledNoAnswer => "Called - No Answer",
        CallbackStatus::CalledNotInterested => "Called - Not Interested",
        CallbackStatus::Resolved => "Resolved",
        CallbackStatus::NoCallbackNeeded => "None Needed",
    }
}

fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Calm => "Calm",
        Tone::Concerned => "Concerned",
        Tone::Frustrated => "Frustrated",
        Tone::Worried => "Worried",
        Tone::Panicked => "Panicked",
        Tone::Neutral => "Neutral",
    }
}

fn boxed(lines: &[String]) -> String {
    let border = format!("+{}+\n", "-".repeat(WIDTH + 2));
    let rows = lines.iter().flat_map(|line| wrapped(&plain(line), WIDTH));
    let rows: String = rows.map(|row| format!("| {row:WIDTH$} |\n")).collect();
    format!("{border}{rows}{border}")
}

/// What a caller or a PBX sent must not move the terminal's cursor.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Lines of at most `width` characters, broken between words where possible.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        while word.len() > width {
            lines.push(word.drain(..width).collect());
        }
        let last = lines.last().map_or(0, |l| l.chars().count());
        let word: String = word.into_iter().collect();
        match lines.last_mut() {
            Some(line) if last == 0 => line.push_str(&word),
            Some(line) if last + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests;
