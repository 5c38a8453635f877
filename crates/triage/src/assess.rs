//! Turns → evidence. Rules only: what was said, what of it counts, and why the rest does not.

use domain::{Category, Level, Sentiment, Speaker, Tone, Trade, Turn};

use crate::{
    answer::{self, Answer},
    ask, categories,
    context::Context,
    matter, pitch,
    rules::{BOOK, Finding, Grade, Rule},
    runbook::{self, Runbook, RunbookVerdict},
    sentiment, service,
    words::{
        scope::{self, Excuse},
        token::Piece,
    },
};

/// Most caller turns that are read, newest kept; a call has five minutes.
const TURNS_MAX: usize = 60;

/// One rule's match, with the reason if it does not count.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    pub(crate) rule: &'static Rule,
    pub(crate) words: String,
    pub(crate) excuse: Option<Excuse>,
    /// A word was only a sound-alike.
    pub(crate) guessed: bool,
    /// Caller turn, counted from 0.
    pub(crate) turn: usize,
    /// The speaker's own matter: "in my kitchen", not "in your customers' homes".
    pub(crate) own: bool,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// Everything that speaks for or against waking somebody, before it is weighed.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    pub(crate) context: Context,
    pub(crate) items: Vec<Item>,
    /// A sales pitch or a recording, and no customer.
    pub(crate) pitch: bool,
    /// How the caller sounds at worst.
    pub(crate) tone: Tone,
    /// The answer to the clarifying question, once it was asked.
    pub(crate) answer: Option<Answer>,
    /// The caller's number of people who cannot work, if given (MSP).
    pub(crate) verdict: Option<RunbookVerdict>,
    /// Words about a matter that no rule knows.
    pub(crate) unknown_words: String,
    /// Trade by the words alone.
    pub(crate) service: domain::Service,
    /// Ticket category by the words alone (IT lines only).
    pub(crate) category: Option<(Category, Level)>,
    /// How the words feel.
    pub(crate) sentiment: Sentiment,
    /// All caller words, for the models.
    pub(crate) transcript: String,
    /// Both sides, for the models.
    pub(crate) dialogue: String,
}

impl Assessment {
    /// Items of a grade that count.
    pub(crate) fn counted(&self, grade: Grade) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.rule.grade == grade && item.excuse.is_none())
    }

    /// True when at least one item of this grade counts.
    pub(crate) fn has(&self, grade: Grade) -> bool {
        self.counted(grade).next().is_some()
    }
}

/// Reads a conversation. Pure and total: any text, any number of turns.
pub fn assess(turns: &[Turn], ctx: &Context, runbook: &Runbook) -> Assessment {
    let heard: Vec<(usize, &Turn)> =
        turns.iter().enumerate().filter(|(_, turn)| turn.speaker == Speaker::Caller).collect();
    let heard = &heard[heard.len().saturating_sub(TURNS_MAX)..];
    let pieces: Vec<Piece> = heard.iter().map(|(_, turn)| Piece::read(&turn.text)).collect();
    let mut items = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        for finding in BOOK.read(piece, ctx.finished) {
            if applies(finding.rule, ctx.trade) {
                items.push(item(piece, &finding, number));
            }
        }
    }
    let pitch = pitch::is_pitch(&items, ctx);
    if pitch {
        pitch::excuse_hazards(&mut items);
    }
    let asked_at =
        turns.iter().rposition(|t| t.speaker == Speaker::Agent && answer::is_clarifying_question(&t.text));
    let answer = ctx.clarifying_asked.then(|| {
        let since = heard.iter().position(|(at, _)| asked_at.is_some_and(|q| *at > q));
        let first = since.unwrap_or(heard.len().saturating_sub(1));
        answer::read(&pieces[first.min(pieces.len())..], ctx.trade)
    });
    let voice = heard.iter().map(|(_, t)| t.tone).chain([ctx.tone]).max_by_key(|t| tone_rank(*t));
    let feels = sentiment::of_pieces(&pieces);
    Assessment {
        tone: sentiment::tone(voice.unwrap_or_default(), &feels),
        sentiment: feels,
        verdict: runbook::consult(runbook, &pieces, ctx),
        unknown_words: unknown_words(&pieces, &items),
        service: service::by_words(&pieces),
        category: if ctx.trade == Trade::Msp { categories::by_words(&pieces) } else { None },
        transcript: heard.iter().map(|(_, t)| t.text.as_str()).collect::<Vec<_>>().join("\n"),
        dialogue: ask::dialogue(turns),
        context: ctx.clone(),
        pitch,
        items,
        answer,
    }
}

fn item(piece: &Piece, finding: &Finding, turn: usize) -> Item {
    let mut excuse = scope::excuse(piece, &finding.found);
    // "I can't get it to shut off": any "not" close before takes a resolution back.
    if finding.rule.grade == Grade::Resolved && scope::not_close_before(piece, &finding.found) {
        excuse = Some(Excuse::Negated);
    }
    if finding.rule.id == "co.alarm" && excuse.is_none() && is_battery_chirp(piece) {
        excuse = Some(Excuse::LowBattery);
    }
    // Some concepts contain their negation ("not an emergency", "can't wait"); a past or an "if" does not change them.
    let excuse = match finding.rule.grade {
        Grade::CanWait
        | Grade::Resolved
        | Grade::Slight
        | Grade::Customer
        | Grade::Pitch
        | Grade::VendorHint
        | Grade::ItSingle
        | Grade::Recording => excuse.filter(|e| *e == Excuse::Negated),
        Grade::Routine if finding.rule.issue == domain::Issue::Quote => {
            excuse.filter(|e| *e == Excuse::Negated)
        }
        Grade::Routine => None,
        // "In the past", "if": these describe circumstances, not events.
        Grade::Vulnerable | Grade::Cold | Grade::Hot => excuse.filter(|e| *e != Excuse::Inquiry),
        Grade::LifeSafety
        | Grade::Urgent
        | Grade::NoHeat
        | Grade::NoCooling
        | Grade::Unclear
        | Grade::Request
        | Grade::Flowing
        | Grade::Distress
        | Grade::ItWide
        | Grade::ItUnclear => excuse,
    };
    Item {
        rule: finding.rule,
        words: piece.said(finding.found.first(), finding.found.last()).to_owned(),
        excuse,
        guessed: finding.found.guessed,
        turn,
        own: pitch::speaks_for_himself(piece, &finding.found),
    }
}

/// The caller names the battery and a chirp that comes at intervals; an alarm does not pause for a minute.
fn is_battery_chirp(piece: &Piece) -> bool {
    let says = |words: &[&str]| piece.tokens.iter().any(|t| words.contains(&t.word.as_str()));
    let ill =
        says(&["headache", "headaches", "dizzy", "sick", "nauseous", "furnace", "boiler", "going", "smell"]);
    says(&["battery", "batteries"])
        && (says(&["once", "every"]) && says(&["minute", "minutes", "seconds", "while", "hour"])
            || says(&["chirp", "chirps", "chirping"]))
        && !ill
}

/// IT rules are read on IT lines only; an IT line does not care about faucets.
fn applies(rule: &Rule, trade: Trade) -> bool {
    let it = matches!(rule.grade, Grade::ItWide | Grade::ItSingle | Grade::ItUnclear);
    match trade {
        Trade::Trades => !it,
        Trade::Msp => {
            let house = match rule.grade {
                Grade::NoHeat | Grade::NoCooling => true,
                Grade::Unclear => !rule.id.starts_with("request."),
                Grade::Routine => rule.id == "routine.repair",
                Grade::LifeSafety
                | Grade::Urgent
                | Grade::Request
                | Grade::CanWait
                | Grade::Resolved
                | Grade::Slight
                | Grade::Vulnerable
                | Grade::Cold
                | Grade::Hot
                | Grade::Flowing
                | Grade::Distress
                | Grade::Pitch
                | Grade::VendorHint
                | Grade::Recording
                | Grade::Customer
                | Grade::ItWide
                | Grade::ItSingle
                | Grade::ItUnclear => false,
            };
            !house
        }
    }
}

fn tone_rank(tone: Tone) -> u8 {
    match tone {
        Tone::Neutral => 0,
        Tone::Calm => 1,
        Tone::Concerned => 2,
        Tone::Frustrated => 3,
        Tone::Worried => 4,
        Tone::Panicked => 5,
    }
}

/// What the caller said beyond greetings, when no rule knows it: a matter, but which?
fn unknown_words(pieces: &[Piece], items: &[Item]) -> String {
    let known = items.iter().any(|i| i.excuse.is_none() && i.rule.grade.is_a_matter());
    if known {
        return String::new();
    }
    pieces.iter().find_map(matter::matter).unwrap_or_default()
}

impl Grade {
    /// True for grades that may wake somebody.
    pub(crate) fn is_hazard(self) -> bool {
        match self {
            Grade::LifeSafety
            | Grade::Urgent
            | Grade::NoHeat
            | Grade::NoCooling
            | Grade::Unclear
            | Grade::Request
            | Grade::Flowing
            | Grade::Distress => true,
            Grade::Routine
            | Grade::CanWait
            | Grade::Resolved
            | Grade::Slight
            | Grade::Vulnerable
            | Grade::Cold
            | Grade::Hot
            | Grade::Pitch
            | Grade::VendorHint
            | Grade::Recording
            | Grade::Customer
            | Grade::ItWide
            | Grade::ItSingle
            | Grade::ItUnclear => false,
        }
    }

    /// True for grades that say what the call is about, not how grave it is.
    pub(crate) fn is_a_matter(self) -> bool {
        match self {
            Grade::LifeSafety
            | Grade::Urgent
            | Grade::NoHeat
            | Grade::NoCooling
            | Grade::Unclear
            | Grade::Routine
            | Grade::Request
            | Grade::Pitch
            | Grade::Recording
            | Grade::ItWide
            | Grade::ItSingle
            | Grade::ItUnclear => true,
            Grade::CanWait
            | Grade::Resolved
            | Grade::Slight
            | Grade::Vulnerable
            | Grade::Cold
            | Grade::Hot
            | Grade::Flowing
            | Grade::Distress
            | Grade::VendorHint
            | Grade::Customer => false,
        }
    }
}
