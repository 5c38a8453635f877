//! Word stems: "leaks", "leaking" and "leaked" are one word to a rule.

/// Forms that no suffix rule finds: as spoken, and the word they belong to.
const IRREGULAR: &[(&str, &str)] = &[
    ("broke", "break"),
    ("broken", "break"),
    ("froze", "freeze"),
    ("frozen", "freeze"),
    ("burnt", "burn"),
    ("smelt", "smell"),
    ("smelly", "smell"),
    ("blew", "blow"),
    ("blown", "blow"),
    ("gave", "give"),
    ("given", "give"),
    ("went", "go"),
    ("gone", "go"),
    ("goes", "go"),
    ("going", "go"),
    ("came", "come"),
    ("fell", "fall"),
    ("fallen", "fall"),
    ("felt", "feel"),
    ("heard", "hear"),
    ("got", "get"),
    ("gotten", "get"),
    ("getting", "get"),
    ("kept", "keep"),
    ("ran", "run"),
    ("lost", "lose"),
    ("saw", "see"),
    ("seen", "see"),
    ("seeing", "see"),
    ("shot", "shoot"),
    ("sprung", "spring"),
    ("caught", "catch"),
    ("thought", "think"),
    ("died", "die"),
    ("dies", "die"),
    ("dying", "die"),
    ("arcing", "arc"),
    ("arcking", "arc"),
    ("children", "child"),
    ("kiddos", "kid"),
    ("feet", "foot"),
    ("stank", "stink"),
    ("stunk", "stink"),
    ("stinky", "stink"),
    ("smoky", "smoke"),
    ("leaky", "leak"),
    ("drippy", "drip"),
    ("icy", "ice"),
    ("gases", "gas"),
    ("gasses", "gas"),
    ("plumbing", "plumb"),
    ("hit", "hit"),
    ("sparkin", "spark"),
    ("smokin", "smoke"),
    ("leakin", "leak"),
    ("floodin", "flood"),
    ("pourin", "pour"),
    ("burnin", "burn"),
];

/// Words whose end only looks like an ending.
const WHOLE: &[&str] = &[
    "ceiling",
    "building",
    "morning",
    "evening",
    "nothing",
    "something",
    "anything",
    "everything",
    "during",
    "spring",
    "bleed",
    "speed",
    "hundred",
    "minus",
    "virus",
    "does",
    "always",
    "news",
    "hers",
    "this",
    "outlet",
    "sewage",
    "need",
    "gas",
    "yes",
    "bus",
    "plus",
    "basis",
    "series",
];

/// The stem of a lower-case ASCII word. Words of other alphabets come back unchanged.
pub(crate) fn stem(word: &str) -> String {
    let word = IRREGULAR.iter().find(|(form, _)| *form == word).map_or(word, |(_, base)| base);
    if !word.is_ascii() || word.len() < 4 || WHOLE.contains(&word) {
        return word.to_owned();
    }
    let bare = without_verb_ending(without_plural(word));
    let bare = bare.strip_suffix('e').filter(|s| s.len() >= 3).unwrap_or(bare);
    if bare.len() >= 3 && bare.ends_with('i') {
        format!("{}y", &bare[..bare.len() - 1])
    } else {
        bare.to_owned()
    }
}

fn without_plural(word: &str) -> &str {
    if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return word;
    }
    for ending in ["sses", "ches", "shes", "xes", "zzes"] {
        if word.ends_with(ending) {
            return &word[..word.len() - 2];
        }
    }
    match word.strip_suffix("ies") {
        Some(_) if word.len() > 4 => &word[..word.len() - 2],
        _ => word.strip_suffix('s').unwrap_or(word),
    }
}

fn without_verb_ending(word: &str) -> &str {
    for ending in ["ing", "ed"] {
        let Some(rest) = word.strip_suffix(ending) else { continue };
        if rest.len() < 3 || !rest.bytes().any(|b| b"aeiouy".contains(&b)) {
            continue;
        }
        let bytes = rest.as_bytes();
        let doubled =
            bytes[bytes.len() - 1] == bytes[bytes.len() - 2] && !b"lsz".contains(&bytes[bytes.len() - 1]);
        return if doubled { &rest[..rest.len() - 1] } else { rest };
    }
    word
}
