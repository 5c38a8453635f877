//! How a caller feels, by his words (source C:16-17), and how the words join with the sound of his voice.
//!
//! ```text
//! caller's words → signals with weights → strongest feeling, 0 to 100, exact phrases → opening of the call-back
//! words + prosody → one of six tones; panic in the voice outranks all words
//! ```

use std::sync::LazyLock;

use domain::{Feeling, Sentiment, Tone};

use crate::words::{index::Index, scope, token::Piece};

/// Most phrases that are kept as proof.
const PHRASES_MAX: usize = 8;
/// From here on the words colour the tone: one strong signal, or two weak ones.
const TELLING: u8 = 40;

/// Words that show a feeling.
struct Signal {
    feeling: Feeling,
    /// What one match adds to the score.
    weight: u32,
    patterns: &'static [&'static str],
}

const fn signal(feeling: Feeling, weight: u32, patterns: &'static [&'static str]) -> Signal {
    Signal { feeling, weight, patterns }
}

const SIGNALS: &[Signal] = &[
    signal(
        Feeling::Hostile,
        70,
        &[
            "sue|lawyer|attorney|better_business_bureau|bbb !firm|office|general",
            "fire|firing|cancel|cancelling|terminate|switching ~3 you|contract|account|provider|company !alarm",
            "idiot|idiots|morons|moron|incompetent|clowns|crooks|liars|scammers|useless|worthless|thieves|rip_off|ripped_off",
            "screw|damn|hell_with|f|fuck|fucking|goddamn|shut_up|go_to_hell|piece_of_shit|bullshit|bs|pissed_off|sick_of_you|ass",
            "your company|service ~3 joke|sucks|pathetic|garbage|worst|disgrace|terrible",
            "never ~4 again ~4 you|business|company|review",
            "one_star|bad_review|report_you|demanda|abogado|inutiles|ladrones|estupidos",
        ],
    ),
    signal(
        Feeling::Frustrated,
        45,
        &[
            "third|fourth|fifth|second|10th|hundredth ~1 time|call ~6 ?called|calling|week|today",
            "#2..50 times ~4 called|call|already|told|today|week|asked|reported|now",
            "called|call|calling|asked|told|emailed|reported ~4 #2..50 times|twice",
            "nobody|no_one|never|not ~3 call_back|called_me_back|called_back|calls_back|got_back|returned|showed_up|came|shows_up|calls_me",
            "fed_up|sick_of|sick_and_tired|tired_of|had_enough|had_it|frustrated|frustrating|ridiculous|unacceptable|annoying|annoyed|irritated|aggravating|aggravated|disappointed|at_my_wits_end|wits_end|enough_is_enough|driving_me_crazy|driving_me_nuts|absurd|joke|nonsense|upset|angry|mad|furious|livid",
            "still not|broken|waiting|down|does_not|will_not|leaking|happening",
            "again|once_again|yet_again|keeps_happening|keep_happening|same_problem|same_issue|same_thing",
            "waiting|waited|on_hold ~4 hours|days|weeks|all_day|forever|week|an_hour",
            "supposed to ~4 come|here|fixed|fix|call|be|show",
            "you_said|you_guys_said|was_told|they_told_me|promised|you_promised|i_was_promised",
            "already told|explained|said|gave|called|paid",
            "just fixed|replaced|serviced|paid",
            "harto|harta|otra_vez|nadie_me_llama|nadie_llama|no_es_posible|molesto|molesta|enojado|enojada|ya_llame",
        ],
    ),
    signal(
        Feeling::Urgent,
        40,
        &[
            "asap|as_soon_as_possible|right_away|immediately|right_now|this_minute|hurry|quickly|fast_as_you_can|urgent|urgently|emergency|no_time|time_sensitive|deadline|desperate|desperately|at_once",
            "need|needs|want|have_to ~5 now|tonight|today|immediately|right_away|fast",
            "can_not|will_not wait",
            "please hurry|help|send|come",
            "losing money|business|customers|sales|everything",
            "getting worse|bad|out_of_hand",
            "opens|open|starts|court|closing|payroll|flight|meeting ~3 morning|tomorrow|hour|minutes|noon|eight|nine",
            "pouring|gushing|flooding|on_fire|exploding|spraying|freezing",
            "urgente|emergencia|rapido|ahorita|pronto|auxilio|ayudeme|apurense|inmediatamente",
        ],
    ),
    signal(
        Feeling::Confused,
        35,
        &[
            "do_not|not|no ~1 know|understand|idea|clue|sure ~3 what|how|why|if|where|is|going|do|which|it",
            "no idea|clue",
            "confused|confusing|confuse|baffled|lost_here|at_a_loss|puzzled|stumped|makes_no_sense|not_make_sense|does_not_make_any_sense",
            "what|how ~2 supposed|am_i|do_i|should_i ~2 to|do|know",
            "not good|savvy|technical|great ~3 computers|technology|this|stuff",
            "not ~2 computer|tech ~1 person|guy",
            "is|are that|it|this|they normal|supposed|bad|ok|serious",
            "can_you_explain|what_does_that_mean|what_do_you_mean|i_am_not_following|say_that_again|i_do_not_get_it|not_sure_what|something_or_other|thingy|thingamajig|whatchamacallit",
            "no_se|no_entiendo|no_comprendo|confundido|confundida|que_hago|que_debo_hacer",
        ],
    ),
];

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let sources =
        SIGNALS.iter().enumerate().flat_map(|(number, s)| s.patterns.iter().map(move |p| (number, *p)));
    Index::compile(sources, |_| "")
});

/// The feeling of a call's words.
pub fn sentiment(turns: &[domain::Turn]) -> Sentiment {
    let caller = turns.iter().filter(|t| t.speaker == domain::Speaker::Caller);
    of_pieces(&caller.map(|t| Piece::read(&t.text)).collect::<Vec<_>>())
}

pub(crate) fn of_pieces(pieces: &[Piece]) -> Sentiment {
    let mut found: Vec<(Feeling, u32, String)> = Vec::new();
    for piece in pieces {
        // The longest of overlapping matches stands for all of them.
        let mut matches = INDEX.find(piece);
        matches.sort_by_key(|(_, m)| std::cmp::Reverse(m.last() - m.first()));
        let mut taken: Vec<(usize, usize, usize)> = Vec::new();
        for (number, m) in matches {
            let (first, last) = (m.first(), m.last());
            let overlaps = taken.iter().any(|(n, a, b)| *n == number && *a <= last && first <= *b);
            if overlaps || denied(number, piece, &m) {
                continue;
            }
            taken.push((number, first, last));
            let signal = &SIGNALS[number];
            found.push((signal.feeling, signal.weight, piece.said(first, last).trim().to_owned()));
        }
    }
    strongest(found)
}

/// "It's not urgent", "I'm not mad". What is confused or frustrated carries its own "not".
fn denied(number: usize, piece: &Piece, found: &crate::words::pattern::Match) -> bool {
    let feeling = SIGNALS[number].feeling;
    matches!(feeling, Feeling::Urgent | Feeling::Hostile | Feeling::Frustrated)
        && scope::not_close_before(piece, found)
}

/// Each further sign of a feeling adds half of the one before.
fn strongest(found: Vec<(Feeling, u32, String)>) -> Sentiment {
    let score = |feeling: Feeling| {
        let mut weights: Vec<u32> =
            found.iter().filter(|(f, ..)| *f == feeling).map(|(_, w, _)| *w).collect();
        weights.sort_unstable_by(|a, b| b.cmp(a));
        let sum: u32 = weights.iter().zip(0_u32..5).map(|(weight, halvings)| weight >> halvings).sum();
        u8::try_from(sum.min(100)).unwrap_or(100)
    };
    let feelings = [Feeling::Hostile, Feeling::Frustrated, Feeling::Urgent, Feeling::Confused];
    let best = feelings.into_iter().map(|f| (f, score(f))).rev().max_by_key(|(_, score)| *score);
    let (feeling, score) = best.filter(|(_, score)| *score > 0).unwrap_or((Feeling::Calm, 0));
    let mut phrases: Vec<String> = Vec::new();
    for (_, _, words) in found.into_iter().filter(|(f, ..)| *f == feeling) {
        if !words.is_empty() && !phrases.contains(&words) && phrases.len() < PHRASES_MAX {
            phrases.push(words);
        }
    }
    Sentiment { feeling, score, phrases, opening: opening(feeling).to_owned() }
}

/// How the person who calls back may begin.
fn opening(feeling: Feeling) -> &'static str {
    match feeling {
        Feeling::Calm => "Hi, this is a call back about the message you left us. How can I help?",
        Feeling::Confused => {
            "Hi, I have read what you told us. Let's go through it together, one step at a time."
        }
        Feeling::Urgent => "Hi, I am calling about your urgent problem and I can start on it now.",
        Feeling::Frustrated => {
            "Hi, I am sorry that this has been going on. I have read everything, you need not repeat it."
        }
        Feeling::Hostile => {
            "Hi, I understand that you are upset, and I want to put this right. Please tell me first."
        }
    }
}

/// Words and voice together: panic in the voice stands; anger in the words makes a quiet voice frustrated;
/// pressing or puzzled words make it concerned. Words alone never make anybody worried or panicked.
pub fn tone(voice: Tone, words: &Sentiment) -> Tone {
    match (voice, words.feeling) {
        (Tone::Panicked | Tone::Worried | Tone::Frustrated, _) => voice,
        _ if words.score < TELLING => voice,
        (_, Feeling::Hostile | Feeling::Frustrated) => Tone::Frustrated,
        (Tone::Neutral | Tone::Calm, Feeling::Urgent | Feeling::Confused) => Tone::Concerned,
        _ => voice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: &str, feeling: Feeling, at_least: u8) {
        let got = of_pieces(&[Piece::read(said)]);
        assert_eq!(got.feeling, feeling, "{said}: {got:?}");
        assert!(got.score >= at_least, "{said}: {got:?}");
        assert_eq!(got.phrases.is_empty(), feeling == Feeling::Calm, "{said}: {got:?}");
    }

    #[test]
    fn feelings_are_read_from_words() {
        check("I'd like to schedule a tune-up", Feeling::Calm, 0);
        check("I have no idea what's going on with this thing", Feeling::Confused, 30);
        check("I need someone out here right now, please hurry", Feeling::Urgent, 50);
        check("this is the third time I've called and nobody ever calls me back", Feeling::Frustrated, 60);
        check("you people are idiots, I'm calling my lawyer", Feeling::Hostile, 80);
        check("estoy harta, ya llamé dos veces", Feeling::Frustrated, 40);
    }

    #[test]
    fn denied_feelings_do_not_count() {
        check("it's not urgent at all", Feeling::Calm, 0);
        check("I'm not mad or anything", Feeling::Calm, 0);
    }

    #[test]
    fn phrases_are_the_callers_exact_words() {
        let got = of_pieces(&[Piece::read("It's RIDICULOUS, honestly.")]);
        assert_eq!(got.phrases, ["RIDICULOUS"]);
        assert!(!got.opening.is_empty());
    }

    #[test]
    fn words_colour_a_quiet_voice_and_never_outrank_panic() {
        let angry = of_pieces(&[Piece::read("this is ridiculous, I'm fed up")]);
        let pressed = of_pieces(&[Piece::read("I need someone right now")]);
        assert_eq!(tone(Tone::Neutral, &angry), Tone::Frustrated);
        assert_eq!(tone(Tone::Panicked, &angry), Tone::Panicked);
        assert_eq!(tone(Tone::Neutral, &pressed), Tone::Concerned);
        assert_eq!(tone(Tone::Neutral, &Sentiment::default()), Tone::Neutral);
    }
}
