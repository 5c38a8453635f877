//! What people, machines and voice mails do when a page reaches them.

use crate::seed::Seed;

/// What somebody is like tonight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Does not wake up.
    Asleep,
    /// Takes it, and says when it is done.
    Diligent,
    /// Takes it and falls asleep again.
    Forgetful,
    /// Hands it on.
    Unwilling,
    /// Writes something that is no answer: emoji, question, other code.
    Confused,
    /// His telephone answers by itself.
    AutoReply,
    /// Sends STOP.
    Fed,
}

pub(crate) const MOODS: [Mood; 10] = [
    Mood::Asleep,
    Mood::Asleep,
    Mood::Asleep,
    Mood::Diligent,
    Mood::Diligent,
    Mood::Forgetful,
    Mood::Unwilling,
    Mood::Confused,
    Mood::AutoReply,
    Mood::Fed,
];

/// What comes of a telephone call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pickup {
    /// Key 1.
    Takes,
    /// Key 2.
    Passes,
    /// Key 3.
    Harmless,
    /// Rings out.
    Nobody,
    /// Voice mail or a screener.
    Machine,
    /// Engaged.
    Busy,
}

/// The text that somebody sends back to a page with this code, and after how many seconds; `None`: nothing.
pub(crate) fn reply(mood: Mood, code: &str, seed: &mut Seed) -> Option<(String, i64)> {
    let with_code = seed.percent(60);
    let coded = |words: &str| if with_code { format!("{words} {code}") } else { words.to_string() };
    let words = match mood {
        Mood::Asleep => return None,
        Mood::Diligent | Mood::Forgetful => {
            coded(seed.one_of(&["1", "ok", "On my way!", "got it", "voy", "Yes."]))
        }
        Mood::Unwilling => coded(seed.one_of(&["2", "can't", "no", "ocupado"])),
        Mood::Confused => seed.one_of(&["👍", "who is this?", "1 X9X", "ok no", "🚿", "k"]).to_string(),
        Mood::AutoReply => "Auto-reply: I'm driving with Do Not Disturb on. OK".to_string(),
        Mood::Fed => "STOP".to_string(),
    };
    let late = seed.percent(5);
    Some((words, if late { seed.between(1200, 20_000) } else { seed.between(3, 400) }))
}

/// What happens when the telephone rings.
pub(crate) fn pickup(mood: Mood, seed: &mut Seed) -> Pickup {
    match mood {
        Mood::Asleep => seed.one_of(&[Pickup::Nobody, Pickup::Nobody, Pickup::Machine, Pickup::Busy]),
        Mood::Diligent | Mood::Forgetful => {
            seed.one_of(&[Pickup::Takes, Pickup::Takes, Pickup::Nobody, Pickup::Busy, Pickup::Harmless])
        }
        Mood::Unwilling => seed.one_of(&[Pickup::Passes, Pickup::Nobody]),
        Mood::Confused | Mood::AutoReply | Mood::Fed => seed.one_of(&[Pickup::Machine, Pickup::Nobody]),
    }
}
