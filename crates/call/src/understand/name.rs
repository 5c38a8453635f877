//! The caller's name: "Jim Kowalski.", "uh my name is …", "this is Sarah", "K O W A L S K I".

use super::{
    numbers,
    text::{Word, is_filler, title_case, words},
};

/// Phrases after which a name follows. Longest first, so that "my name is" wins over "is".
const LEAD_INS: &[&[&str]] = &[
    &["my", "name", "is"],
    &["the", "name", "is"],
    &["name's"],
    &["name", "is"],
    &["you're", "speaking", "with"],
    &["you", "can", "call", "me"],
    &["call", "me"],
    &["this", "is"],
    &["it's"],
    &["it", "is"],
    &["i'm"],
    &["i", "am"],
    &["that's"],
];

/// Words that no name begins with or contains: verbs, greetings, hesitations and the words of our trade.
const NOT_A_NAME: &str = "\
    a about ac actually address afraid again ah air alarm all already alright also am an and anonymous \
    anyone anything appointment are at avenue back bad basement bathroom be because been breaker broke \
    broken burning burst bursting business but bye caller calling can can't carbon ceiling clogged cold \
    coming company computer correct could customer dead detector did do does don't done down dripping \
    drive electric electrical electrician email emergency er estimate evening everyone everything \
    everywhere fine fire flooded flooding floor for freezing from furnace gas get getting glad going \
    good goodbye got great had happy has have having he hear heat heater hello help her here hey hi his \
    hmm hola hold home homeowner hot house how human i i'd i'll i'm i've in inside interested is it \
    it'll it's its just kitchen know landlord lane leak leaking like listen listening locked looking \
    ma'am machine me mine minute monoxide morning my name names near need network never new night no \
    nobody none nope not nothing now number of off oh ok okay old on one or our out outlet outside over \
    panel pardon pass person phone pipe pipes please plumber pouring power pretty price private quote \
    rather ready really repeat right road robot running said same say scared schedule second server \
    service serviced sewage she should sick sir sitting skip slow smell smelling smoke so some somebody \
    someone something sorry sparking speaking spell spelled spraying standing still stop street stuck \
    supposed sure talking tell tenant test thank thanks that that's the them there there's these they \
    this those to today toilet tomorrow tonight too trying tune-up uh uhm um under unknown up urgent us \
    very wait want was water we we're we've well what what's when where which who why will wires with \
    won't wondering work working would wrong yeah yep yes you your";

/// Titles stay out of the first name.
const TITLES: &[&str] = &["mr", "mrs", "ms", "miss", "dr", "doctor", "mister"];

/// Reads a name. `asked` is true when the name was the question: then a bare "Jim Kowalski." counts.
/// Otherwise only "this is …", "my name is …" and the like do, and the name must be written with a capital.
pub fn name(text: &str, asked: bool) -> Option<String> {
    let words = words(text);
    if let Some(spelled) = spelled_name(&words).filter(|_| asked) {
        return Some(spelled);
    }
    let strong =
        |lead: &&&[&str]| lead.iter().any(|w| w.contains("name") || *w == "call" || *w == "speaking");
    let introduced = LEAD_INS.iter().find_map(|lead| {
        let must_be_capitalised = !(asked || strong(&lead));
        name_after(&words, lead, must_be_capitalised)
    });
    if introduced.is_some() {
        return introduced;
    }
    if let Some(found) = name_before_here(&words) {
        return Some(found);
    }
    if !asked {
        return None;
    }
    let start = words.iter().position(|w| !is_hesitation(&w.low))?;
    let found = name_at(&words[start..], false)?;
    // A bare answer is the name and nothing else; "Jim Kowalski, 218 Oak Lane" may go on after a stop.
    let rest = start + found.1;
    let ends = words.get(rest).is_none_or(|w| ends_a_name(&w.low)) || words[rest - 1].stop;
    ends.then_some(found.0)
}

/// The letters, if the answer spelled a name: "Kowalski" of "Kowalski, K O W A L S K I".
pub fn spelled(text: &str) -> Option<String> {
    longest_run(&words(text)).map(|(_, letters)| title_case(&letters.to_lowercase()))
}

/// The word to address somebody by: "Jim" of "Jim Kowalski", "Mr. Kowalski" of "Mr. Kowalski".
pub fn first_name(name: &str) -> &str {
    let first = name.split_whitespace().next().unwrap_or(name);
    let is_title = TITLES.contains(&first.trim_end_matches('.').to_lowercase().as_str());
    if is_title { name } else { first }
}

fn is_hesitation(low: &str) -> bool {
    is_filler(low)
        || matches!(
            low,
            "yes" | "yeah" | "yep" | "sure" | "hi" | "hello" | "hey" | "right" | "alright" | "it's"
        )
}

/// What may follow a name in the same breath.
fn ends_a_name(low: &str) -> bool {
    numbers::is_number_word(low)
        || low.starts_with(|c: char| c.is_ascii_digit())
        || matches!(
            low,
            "at" | "and"
                | "from"
                | "on"
                | "in"
                | "calling"
                | "here"
                | "speaking"
                | "with"
                | "my"
                | "i"
                | "i'm"
        )
        || matches!(
            low,
            "over"
                | "we"
                | "the"
                | "that's"
                | "it's"
                | "spelled"
                | "please"
                | "thanks"
                | "by"
                | "i've"
                | "there's"
        )
}

/// A name that follows the lead-in phrase anywhere in the text.
fn name_after(words: &[Word], lead: &[&str], must_be_capitalised: bool) -> Option<String> {
    (0..words.len()).find_map(|i| {
        let after = words.get(i..i + lead.len())?;
        let matches = after.iter().zip(lead).all(|(w, l)| w.low == *l);
        if !matches {
            return None;
        }
        let rest = &words[i + lead.len()..];
        let skip = rest.iter().take_while(|w| is_filler(&w.low)).count();
        let (found, used) = name_at(&rest[skip..], must_be_capitalised)?;
        let last = skip + used;
        let clean = rest.get(last).is_none_or(|w| ends_a_name(&w.low)) || rest[last - 1].stop;
        clean.then_some(found)
    })
}

/// "Jim here", "Sarah Chen speaking".
fn name_before_here(words: &[Word]) -> Option<String> {
    let at = words.iter().position(|w| matches!(w.low.as_str(), "here" | "speaking"))?;
    let start =
        (at.saturating_sub(2)..at).find(|i| is_name_word(&words[*i]) && words[*i].is_capitalised())?;
    let (found, used) = name_at(&words[start..at], true)?;
    (start + used == at && at <= 4).then_some(found)
}

/// Up to four name words from the start, and how many words they took.
fn name_at(words: &[Word], must_be_capitalised: bool) -> Option<(String, usize)> {
    let mut parts: Vec<String> = Vec::new();
    let mut used = 0;
    for word in words.iter().take(5) {
        let title = TITLES.contains(&word.low.as_str());
        if !title && (!is_name_word(word) || (must_be_capitalised && !word.is_capitalised())) {
            break;
        }
        // "María de la Cruz"
        let joins = !parts.is_empty() && matches!(word.low.as_str(), "de" | "del" | "la" | "los" | "las");
        parts.push(if joins { word.low.clone() } else { title_case(&word.raw) });
        used += 1;
        if (word.stop && !title) || parts.len() == 4 {
            break;
        }
    }
    let has_name = parts.iter().any(|p| !TITLES.contains(&p.to_lowercase().as_str()));
    has_name.then(|| (parts.join(" "), used))
}

fn is_name_word(word: &Word) -> bool {
    word.is_wordlike()
        && word.low.chars().filter(|c| c.is_alphabetic()).count() >= 2
        && !NOT_A_NAME.split(' ').any(|no| no == word.low)
        && !numbers::is_number_word(&word.low)
        && super::address::street_type(&word.low).is_none_or(|_| word.low == "dr" || word.low == "st")
}

/// Three or more letters one after the other: where they begin, and the letters.
fn longest_run(words: &[Word]) -> Option<(usize, String)> {
    let mut runs: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    let mut i = 0;
    while let Some(word) = words.get(i) {
        let letters = spelled_letters(&word.low);
        match letters {
            Some(l) => {
                match runs.last_mut().filter(|_| open) {
                    Some((_, run)) => run.push_str(&l),
                    None => runs.push((i, l)),
                }
                open = true;
                // "K as in kite", "B for Bravo"
                let as_in = words.get(i + 1).is_some_and(|w| w.low == "as")
                    && words.get(i + 2).is_some_and(|w| w.low == "in");
                i += if as_in { 4 } else { 1 };
            }
            None => {
                open = false;
                i += 1;
            }
        }
    }
    runs.into_iter().filter(|(_, run)| run.len() >= 3).max_by_key(|(_, run)| run.len())
}

/// "Kowalski, K O W A L S K I" and "K-O-W-A-L-S-K-I": the letters win over what was heard before them.
fn spelled_name(words: &[Word]) -> Option<String> {
    let (at, letters) = longest_run(words)?;
    let spelled = title_case(&letters.to_lowercase());
    // A first name said before the spelled family name is kept: "Jim Kowalski, K O W …".
    let before: Vec<&Word> =
        words[..at].iter().filter(|w| is_name_word(w) && spelled_letters(&w.low).is_none()).collect();
    match before.first() {
        Some(first) if sounds_different(&first.low, &letters) && first.is_capitalised() => {
            Some(format!("{} {spelled}", title_case(&first.raw)))
        }
        Some(_) | None => Some(spelled),
    }
}

/// The first letters differ: it is another name, not the same one spelled.
fn sounds_different(word: &str, letters: &str) -> bool {
    word.chars().next() != letters.chars().next()
}

/// One letter, or letters joined by hyphens or full stops: "k", "k-o-w", "j.".
fn spelled_letters(low: &str) -> Option<String> {
    let parts: Vec<&str> = low.split(['-', '.']).filter(|p| !p.is_empty()).collect();
    let single = !parts.is_empty() && parts.iter().all(|p| p.chars().count() == 1);
    let letters: String = parts.concat();
    (single && letters.chars().all(char::is_alphabetic)).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(name(text, true).as_deref().unwrap_or(""), expected, "asked: {text}");
    }

    fn check_in_passing(text: &str, expected: &str) {
        assert_eq!(name(text, false).as_deref().unwrap_or(""), expected, "in passing: {text}");
    }

    #[test]
    fn names_as_callers_give_them() {
        check("Jim Kowalski.", "Jim Kowalski");
        check("uh my name is Sarah Chen", "Sarah Chen");
        check("This is Sarah.", "Sarah");
        check("It's Doug Patterson.", "Doug Patterson");
        check("Yeah, it's Jim.", "Jim");
        check("Sure. Maria Santos.", "Maria Santos");
        check("jim kowalski", "Jim Kowalski");
        check("Mary-Jane O'Neil", "Mary-Jane O'Neil");
        check("Dr. Park", "Dr Park");
        check("Jim Kowalski, 218 Oak Lane.", "Jim Kowalski");
        check("This is Jim Kowalski at 218 Oak Lane", "Jim Kowalski");
    }

    #[test]
    fn spelled_names() {
        check("K O W A L S K I", "Kowalski");
        check("Kowalski, K-O-W-A-L-S-K-I.", "Kowalski");
        check("Jim Kowalski, K. O. W. A. L. S. K. I.", "Jim Kowalski");
        check("K as in kite, I as in ice, M as in Mary", "Kim");
    }

    #[test]
    fn a_name_is_never_a_number_a_placeholder_or_a_sentence() {
        for text in [
            "218",
            "five five five",
            "unknown",
            "no",
            "yes",
            "I'd rather not say",
            "There's water everywhere",
            "",
            "I smell gas",
            "why do you need that",
            "the one I'm calling from",
            "218 Oak Lane.",
            "what?",
        ] {
            check(text, "");
        }
    }

    #[test]
    fn names_in_a_first_sentence() {
        check_in_passing("Hi, this is Sarah Chen and I need a quote.", "Sarah Chen");
        check_in_passing("My name is Jim Kowalski, water is pouring through my ceiling", "Jim Kowalski");
        check_in_passing("This is Jim Kowalski at 218 Oak Lane", "Jim Kowalski");
        check_in_passing("Jim here, my basement is flooding", "Jim");
        check_in_passing("This is an emergency.", "");
        check_in_passing("I'm calling about my furnace", "");
        check_in_passing("It's everywhere. I don't know what to do.", "");
        check_in_passing("I'm looking to get a quote", "");
        check_in_passing("My outlet is sparking and I smell burning.", "");
    }

    #[test]
    fn first_names_and_titles() {
        assert_eq!(first_name("Jim Kowalski"), "Jim");
        assert_eq!(first_name("Dr Park"), "Dr Park");
        assert_eq!(first_name(""), "");
    }
}
