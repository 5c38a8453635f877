//! What the on-call person hears on the telephone: the page as speech, in short sentences, with numbers and
//! addresses as people say them. English; the words of the caller are read as they stand.

use domain::{Alert, Issue, PhoneNumber, Tone};

use crate::summary::cut_on_word;

/// The caller's words take no longer than this, in characters: about ten seconds.
const SUMMARY_CHARS_MAX: usize = 160;

/// What a briefing is spoken from.
#[derive(Debug, Clone, PartialEq)]
pub struct BriefingFacts {
    /// The alert.
    pub alert: Alert,
    /// "Metro Plumbing".
    pub business: String,
    /// How the caller sounds, where that is known.
    pub tone: Option<Tone>,
    /// Earlier calls from the same number.
    pub earlier: Option<EarlierCalls>,
}

/// Earlier calls of the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlierCalls {
    /// How many in the last 30 days.
    pub count: u32,
    /// How long ago the last one was.
    pub minutes_ago: u32,
}

impl BriefingFacts {
    /// Who calls and what it is about: urgency, how the caller sounds, name, address, issue, earlier calls.
    pub fn briefing(&self) -> String {
        let alert = &self.alert;
        let mut text = format!("This is NightDesk, for {}. ", self.business);
        if alert.drill {
            text += "This is a test. ";
        }
        text += &format!("{}. ", urgency(alert.issue));
        text += &match &alert.caller_name {
            Some(name) => format!("The caller is {}. ", plain(name)),
            None => "The caller gave no name. ".to_string(),
        };
        text += &match &alert.address {
            Some(address) => format!("The address is {}. ", spoken_address(address)),
            None => "There is no address yet. ".to_string(),
        };
        let summary = cut_on_word(&plain(&alert.issue_summary), SUMMARY_CHARS_MAX);
        let summary = summary.trim_end_matches(['.', '…', ' ']);
        if !summary.is_empty() {
            text += &format!("In the caller's words: {summary}. ");
        }
        text += self.tone.and_then(sounds).unwrap_or_default();
        text += &self.earlier.map(EarlierCalls::spoken).unwrap_or_default();
        text.trim_end().to_string()
    }

    /// The last words to who has taken it.
    pub fn taken(&self) -> String {
        match &self.alert.caller_phone {
            Some(phone) => format!(
                "Thank you, you have it. Please call {0}. Again, {0}. The details are in your messages. Goodbye.",
                spoken_number(phone)
            ),
            None => {
                "Thank you, you have it. The number was withheld; the details are in your messages. Goodbye."
                    .into()
            }
        }
    }
}

impl EarlierCalls {
    fn spoken(self) -> String {
        let ago = match self.minutes_ago {
            0..=1 => "a minute ago".to_string(),
            minutes @ 2..=89 => format!("{minutes} minutes ago"),
            minutes @ 90..=2879 => format!("{} hours ago", (minutes + 30) / 60),
            minutes => format!("{} days ago", (minutes + 720) / 1440),
        };
        match self.count {
            0 => String::new(),
            1 => format!("They called before, {ago}. "),
            count => format!("They called {count} times before, last {ago}. "),
        }
    }
}

/// The keys, with the caller on the line.
pub const MENU_CONNECT: &str = "The caller is on the line. To be connected now, press 1. To pass it on, press 2. If this \
                                is a known issue or no emergency, press 3. To hear it again, press 0.";
/// The keys, when nobody waits.
pub const MENU_TAKE: &str = "To take it and call back, press 1. To pass it on, press 2. If this is a known issue or no \
                             emergency, press 3. To hear it again, press 0.";
/// The caller hung up while the technician listened.
pub const CALLER_LEFT: &str = "The caller is not waiting any more.";
/// After key 2.
pub const PASSED_ON: &str = "All right, it goes to the next person. Goodbye.";
/// After key 3.
pub const NOT_EMERGENCY: &str = "All right, it is marked as known, or no emergency. Goodbye.";

/// When the briefing itself cannot be rendered.
pub const GENERAL: &str = "This is NightDesk, with an emergency call. The details are in your messages.";
/// When the last words cannot be rendered.
pub const TAKEN_GENERAL: &str = "Thank you, you have it. The details are in your messages. Goodbye.";

/// Sentences that are the same in every page, to be rendered before the first one.
pub fn fixed_sentences() -> Vec<String> {
    [MENU_CONNECT, MENU_TAKE, CALLER_LEFT, PASSED_ON, NOT_EMERGENCY, GENERAL, TAKEN_GENERAL]
        .map(str::to_string)
        .into()
}

fn urgency(issue: Issue) -> &'static str {
    match issue {
        Issue::Gas => "Emergency, danger to life: gas",
        Issue::CarbonMonoxide => "Emergency, danger to life: carbon monoxide",
        Issue::Electrical => "Emergency, danger to life: electrical",
        Issue::Danger => "Emergency, somebody may be in danger",
        Issue::Water => "Emergency: water",
        Issue::Sewage => "Emergency: sewage",
        Issue::NoHeat => "Emergency: no heat",
        Issue::NoCooling => "Emergency: no cooling",
        Issue::ItOutage => "Emergency: systems are down",
        Issue::ItTrouble
        | Issue::Maintenance
        | Issue::MinorRepair
        | Issue::Quote
        | Issue::Scheduling
        | Issue::Inquiry
        | Issue::NonService
        | Issue::SalesPitch
        | Issue::Robocall
        | Issue::Unknown => "Emergency call",
    }
}

fn sounds(tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Panicked => Some("The caller sounds panicked. "),
        Tone::Worried => Some("The caller sounds worried. "),
        Tone::Frustrated => Some("The caller is frustrated. "),
        Tone::Calm | Tone::Concerned | Tone::Neutral => None,
    }
}

/// "5 5 5, 5 5 5, 0 4 1 5": a pause where people make one.
pub fn spoken_number(number: &PhoneNumber) -> String {
    let digits = number.e164().trim_start_matches('+');
    let groups: Vec<&str> = match digits.strip_prefix('1').filter(|rest| rest.len() == 10) {
        Some(national) => vec![&national[..3], &national[3..6], &national[6..]],
        None => digits.as_bytes().chunks(3).filter_map(|chunk| std::str::from_utf8(chunk).ok()).collect(),
    };
    groups.into_iter().map(spelled).collect::<Vec<_>>().join(", ")
}

/// House numbers digit by digit, the usual abbreviations in full.
pub fn spoken_address(address: &str) -> String {
    let plain = plain(address);
    let words = plain.split_whitespace().map(|word| {
        let (bare, end) = match word.strip_suffix(',') {
            Some(bare) => (bare, ","),
            None => (word.strip_suffix('.').unwrap_or(word), ""),
        };
        let said = match bare.trim_start_matches('#') {
            digits if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) => spelled(digits),
            bare => in_full(bare).to_string(),
        };
        let said = if bare.starts_with('#') { format!("number {said}") } else { said };
        format!("{said}{end}")
    });
    words.collect::<Vec<_>>().join(" ")
}

fn spelled(digits: &str) -> String {
    digits.chars().map(String::from).collect::<Vec<_>>().join(" ")
}

fn in_full(word: &str) -> &str {
    match word.trim_end_matches('.').to_ascii_lowercase().as_str() {
        "st" => "Street",
        "rd" => "Road",
        "ave" | "av" => "Avenue",
        "ln" => "Lane",
        "dr" => "Drive",
        "blvd" => "Boulevard",
        "ct" => "Court",
        "pl" => "Place",
        "hwy" => "Highway",
        "apt" => "Apartment",
        "n" => "North",
        "s" => "South",
        "e" => "East",
        "w" => "West",
        _ => word,
    }
}

/// Without what a voice would stumble over.
fn plain(text: &str) -> String {
    let fine = |c: char| if c.is_control() || "<>{}[]|\\^~`*_=\"".contains(c) { ' ' } else { c };
    let clean: String = text.chars().map(fine).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::tests::jims;

    fn facts(alert: Alert) -> BriefingFacts {
        BriefingFacts { alert, business: "Metro Plumbing".into(), tone: None, earlier: None }
    }

    #[test]
    fn briefing_says_what_is_needed_in_the_order_of_its_weight() {
        let facts = BriefingFacts {
            tone: Some(Tone::Panicked),
            earlier: Some(EarlierCalls { count: 2, minutes_ago: 40 }),
            ..facts(jims())
        };
        assert_eq!(
            facts.briefing(),
            "This is NightDesk, for Metro Plumbing. Emergency: water. The caller is Jim Kowalski. The address is 2 1 8 \
             Oak Lane. In the caller's words: Water spraying out of a pipe. The caller sounds panicked. They called 2 \
             times before, last 40 minutes ago."
        );
        assert!(facts.taken().contains("Please call 5 5 5, 5 5 5, 0 4 1 5. Again, 5 5 5, 5 5 5, 0 4 1 5."));
    }

    #[test]
    fn what_is_not_known_is_said_so_and_a_test_is_called_a_test() {
        let bare = Alert { caller_name: None, address: None, caller_phone: None, drill: true, ..jims() };
        let text = facts(bare.clone()).briefing();
        assert!(
            text.starts_with("This is NightDesk, for Metro Plumbing. This is a test. Emergency"),
            "{text}"
        );
        assert!(text.contains("gave no name") && text.contains("no address yet"), "{text}");
        assert!(facts(bare).taken().contains("withheld"));
    }

    #[test]
    fn addresses_are_said_as_people_say_them() {
        for (written, said) in [
            ("218 Oak Ln", "2 1 8 Oak Lane"),
            ("1447 N. El Camino Rd., Apt 5", "1 4 4 7 North El Camino Road, Apartment 5"),
            ("90 5th Ave #12", "9 0 5th Avenue number 1 2"),
        ] {
            assert_eq!(spoken_address(written), said);
        }
    }

    #[test]
    fn long_words_of_the_caller_are_cut() {
        let alert = Alert { issue_summary: "water ".repeat(200), ..jims() };
        assert!(facts(alert).briefing().len() < 400);
    }
}
