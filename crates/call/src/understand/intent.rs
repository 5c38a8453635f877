//! What callers ask in between: "are you a robot?", "how much?", "hold on", "can you repeat that?".

use super::{
    text::{is_filler, padded, says_any},
    yes_no::Answer,
};

/// Something said beside, or instead of, an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Intent {
    /// "Are you a robot?"
    Robot,
    /// "How much do you charge?"
    Price,
    /// "Can I talk to a person?"
    Person,
    /// "Hold on a second."
    Hold,
    /// "Can you repeat that?"
    Repeat,
    /// "Never mind, bye."
    Goodbye,
    /// "I'd rather not say."
    Refusal,
    /// "That's it, thanks."
    Done,
    /// "Hello? Are you there?"
    AreYouThere,
}

const ROBOT: &[&str] = &[
    "a robot",
    "a real person",
    "real human",
    "a human",
    "a machine",
    "a computer",
    "a bot",
    "an ai",
    "artificial",
    "a recording",
    "automated",
    "talking to a person",
    "an actual person",
    "a live person",
    "chat bot",
    "chatbot",
];
const ROBOT_OPENERS: &[&str] = &["are you", "is this", "am i", "you a", "you're", "you are", "i talking to"];

const PRICE: &[&str] = &[
    "how much",
    "what do you charge",
    "what would it cost",
    "what does it cost",
    "what will it cost",
    "your rates",
    "your rate",
    "your prices",
    "your price",
    "what's the price",
    "what is the price",
    "what's it cost",
    "hourly rate",
    "what are you charging",
    "do you charge",
    "service fee",
    "call out fee",
    "what's this going to cost",
    "ballpark price",
    "give me a price",
    "what's the cost",
    "going to cost me",
    "is it expensive",
];
/// "how much" about something else.
const NOT_PRICE: &[&str] =
    &["how much longer", "how much time", "how much water", "how much gas", "how much long"];

const PERSON: &[&str] = &[
    "talk to a person",
    "speak to a person",
    "talk to someone",
    "speak to someone",
    "speak with someone",
    "talk to a human",
    "speak to a human",
    "speak with a person",
    "talk with a person",
    "talk to somebody",
    "speak to somebody",
    "real person please",
    "speak with a human",
    "put me through",
    "transfer me",
    "connect me",
    "get me a person",
    "get me a human",
    "an operator",
    "representative",
    "speak with a representative",
    "talk to the owner",
    "speak to the owner",
    "speak to the manager",
    "talk to a technician",
    "speak to a technician",
    "talk to your technician",
    "talk to a real person",
    "speak to a real person",
    "speak with a real person",
    "talk to an actual person",
    "talk to a live person",
];

const HOLD: &[&str] = &[
    "hold on",
    "hang on",
    "one second",
    "one sec",
    "just a second",
    "just a sec",
    "just a minute",
    "one minute",
    "give me a second",
    "give me a sec",
    "give me a minute",
    "give me a moment",
    "one moment",
    "just a moment",
    "wait a second",
    "wait a minute",
    "let me check",
    "let me look",
    "let me find",
    "let me see",
    "bear with me",
    "let me get",
];

const REPEAT: &[&str] = &[
    "repeat that",
    "say that again",
    "say it again",
    "what did you say",
    "come again",
    "pardon",
    "one more time",
    "didn't hear you",
    "couldn't hear you",
    "didn't catch that",
    "didn't get that",
    "can you repeat",
    "could you repeat",
    "repeat it",
    "repeat the question",
    "what was that",
    "excuse me what",
    "what was the question",
    "i didn't understand",
];

const GOODBYE: &[&str] = &[
    "goodbye",
    "good bye",
    "bye",
    "bye bye",
    "never mind",
    "nevermind",
    "forget it",
    "wrong number",
    "i'll call back",
    "i will call back",
    "call back later",
    "i have to go",
    "i gotta go",
    "gotta go",
    "i'm hanging up",
    "i'll call someone else",
    "i'll call somebody else",
    "talk to you later",
];

const REFUSAL: &[&str] = &[
    "rather not",
    "not comfortable",
    "prefer not",
    "don't want to",
    "do not want to",
    "not going to give",
    "i won't",
    "none of your business",
    "why do you need",
    "not giving",
    "don't need my",
    "don't need that",
    "no comment",
    "i'd like to stay",
    "stay anonymous",
    "skip that",
    "skip it",
    "not telling",
    "can't give",
    "won't give",
    "don't feel comfortable",
    "don't have an address",
    "don't know the address",
    "don't have one",
    "is private",
    "that's private",
    "you don't need",
];

const DONE: &[&str] = &[
    "that's it",
    "that's all",
    "that is all",
    "that is it",
    "that'll be all",
    "nothing else",
    "no thanks",
    "no thank you",
    "i'm good",
    "we're good",
    "that's everything",
    "nope thanks",
    "that'll do",
    "nothing more",
    "that's about it",
    "i think that's it",
    "all good",
    "i'm all set",
    "all set",
];

const THERE: &[&str] = &[
    "are you there",
    "you there",
    "are you still there",
    "anybody there",
    "can you hear me",
    "anyone there",
];

/// Everything recognised in the text, in the order in which it is answered.
pub fn intents(text: &str) -> Vec<Intent> {
    let text = padded(text);
    let mut out = Vec::new();
    let mut add = |intent, is: bool| {
        if is {
            out.push(intent);
        }
    };
    let person = says_any(&text, PERSON);
    add(Intent::Robot, !person && says_any(&text, ROBOT) && says_any(&text, ROBOT_OPENERS));
    add(Intent::Person, person);
    add(Intent::Price, says_any(&text, PRICE) && !says_any(&text, NOT_PRICE));
    add(Intent::Hold, says_any(&text, HOLD));
    add(
        Intent::Repeat,
        says_any(&text, REPEAT) || matches!(text.as_str(), " what " | " huh " | " sorry " | " excuse me "),
    );
    add(Intent::Refusal, says_any(&text, REFUSAL));
    add(Intent::Done, says_any(&text, DONE));
    add(Intent::Goodbye, says_any(&text, GOODBYE));
    add(Intent::AreYouThere, says_any(&text, THERE));
    out
}

/// Words of greeting and hesitation: whoever says only these has not said what the call is about.
const SMALL_TALK: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "yes",
    "yeah",
    "yep",
    "good",
    "morning",
    "afternoon",
    "evening",
    "night",
    "there",
    "is",
    "this",
    "anyone",
    "anybody",
    "somebody",
    "you",
    "are",
    "can",
    "hear",
    "me",
    "sure",
    "thanks",
    "thank",
    "how",
    "doing",
    "alex",
    "sir",
    "ma'am",
    "i",
    "need",
    "help",
    "some",
    "have",
    "a",
    "question",
    "problem",
    "please",
    "calling",
    "i'm",
    "am",
    "it's",
    "it",
    "the",
    "right",
    "and",
    "just",
    "to",
    "your",
    "for",
    "still",
    "on",
    "line",
];

/// True when nothing was said about the matter: greetings, hesitation, or a name alone.
pub fn is_small_talk(text: &str) -> bool {
    let name = super::name::name(text, false).unwrap_or_default().to_lowercase();
    let name_words: Vec<&str> = name.split_whitespace().collect();
    padded(text).split_whitespace().all(|w| {
        is_filler(w)
            || SMALL_TALK.contains(&w)
            || name_words.contains(&w)
            || matches!(w, "my" | "name" | "name's")
    })
}

/// "uh huh", "okay", "mm": said while listening, not to take the floor.
pub fn is_backchannel(text: &str) -> bool {
    let text = padded(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    words.len() <= 3
        && words.iter().all(|w| {
            is_filler(w)
                || matches!(
                    *w,
                    "yeah" | "yes" | "huh" | "mhm" | "right" | "alright" | "sure" | "got" | "it" | "yep"
                )
        })
}

/// Asks to correct something that was said before: "no wait, it's …", "actually …".
pub fn is_correction(text: &str) -> bool {
    says_any(
        &padded(text),
        &[
            "actually",
            "no wait",
            "i meant",
            "i mean",
            "that's wrong",
            "not right",
            "wrong address",
            "wrong number for",
            "correction",
            "it should be",
            "let me correct",
        ],
    )
}

/// A caller on hold would rather be called back.
pub fn will_not_wait(text: &str) -> bool {
    says_any(
        &padded(text),
        &[
            "can't wait",
            "can't hold",
            "cannot wait",
            "don't want to wait",
            "don't want to hold",
            "won't wait",
            "not going to wait",
            "call me back",
            "call me instead",
            "have them call me",
            "have him call me",
            "have her call me",
            "just call me",
            "stop waiting",
        ],
    )
}

/// Only the caller is affected, not the whole company.
pub fn is_one_user(text: &str) -> bool {
    says_any(
        &padded(text),
        &[
            "just me",
            "only me",
            "it's me",
            "one user",
            "one person",
            "one computer",
            "just my",
            "only my",
            "just one",
            "only one",
            "myself",
        ],
    )
}

/// Whether something works again: "it's back", "still the same".
pub fn fixed(text: &str) -> Answer {
    const STILL_BROKEN: &[&str] = &[
        "still",
        "not working",
        "doesn't work",
        "does not work",
        "didn't work",
        "did not work",
        "didn't help",
        "did not help",
        "didn't fix",
        "did not fix",
        "same thing",
        "same problem",
        "no change",
        "no luck",
        "no difference",
        "nothing changed",
        "already tried",
        "already did that",
        "tried that",
        "no funciona",
    ];
    const WORKS: &[&str] = &[
        "working now",
        "it works",
        "it's working",
        "works now",
        "is working",
        "fixed it",
        "it's fixed",
        "that fixed",
        "that did it",
        "did the trick",
        "it's back",
        "back up",
        "back online",
        "we're back",
        "i'm in",
        "i'm back",
        "came back",
        "problem solved",
        "all good now",
        "everything is working",
        "it worked",
        "that worked",
    ];
    let text = padded(text);
    if says_any(&text, STILL_BROKEN) {
        Answer::No
    } else if says_any(&text, WORKS) {
        Answer::Yes
    } else {
        Answer::Unclear
    }
}

/// A step is not done yet.
pub fn not_yet(text: &str) -> bool {
    says_any(
        &padded(text),
        &[
            "not yet",
            "still booting",
            "still restarting",
            "it's restarting",
            "it's rebooting",
            "rebooting",
            "booting up",
            "working on it",
            "almost",
            "waiting for it",
            "doing it now",
            "i'm doing it",
        ],
    )
}

/// A step that this caller cannot do.
pub fn cannot_do(text: &str) -> bool {
    says_any(
        &padded(text),
        &[
            "i can't",
            "i cannot",
            "i'm not able",
            "don't know how",
            "don't know where",
            "no idea where",
            "can't find",
            "can't get to",
            "no access",
            "don't have access",
            "i'm not there",
            "i'm not at the office",
            "not in the office",
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[Intent]) {
        assert_eq!(intents(text), expected, "{text}");
    }

    #[test]
    fn questions_in_between() {
        check("Are you a robot?", &[Intent::Robot]);
        check("Am I talking to a real person?", &[Intent::Robot]);
        check("Can I talk to a real person?", &[Intent::Person]);
        check("How much do you charge for a drain cleaning?", &[Intent::Price]);
        check("hold on a second", &[Intent::Hold]);
        check("Can you repeat that?", &[Intent::Repeat]);
        check("I'd rather not say.", &[Intent::Refusal]);
        check("Nope, that's it. Thanks.", &[Intent::Done]);
        check("Never mind, bye.", &[Intent::Goodbye]);
    }

    #[test]
    fn ordinary_answers_carry_no_intent() {
        for text in [
            "218 Oak Lane.",
            "Jim Kowalski.",
            "I'm looking to get a quote on replacing my water heater.",
            "It's still working, just starting to make some noise.",
            "My boiler is a machine from 1980",
            "I don't know how much water there is, how much longer?",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn greeting_alone_is_small_talk_and_a_leak_is_not() {
        assert!(is_small_talk("Hello? Hi, this is Sarah."));
        assert!(is_small_talk("Uh, yeah, I have a problem"));
        assert!(!is_small_talk("Something is wrong with my furnace"));
    }

    #[test]
    fn backchannel_does_not_take_the_floor() {
        assert!(is_backchannel("Uh-huh."));
        assert!(is_backchannel("okay, yeah"));
        assert!(!is_backchannel("okay, 218 Oak Lane"));
    }
}
