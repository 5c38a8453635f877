//! Text that no caller said.

/// Sentences from film credits and video channels that recognisers write on silence and music. Nobody
/// says them to a plumber, so they go wherever they stand.
const CREDITS: &[&str] = &[
    "thanks for watching",
    "thank you for watching",
    "thank you so much for watching",
    "thanks for listening",
    "thank you for listening",
    "please subscribe",
    "please subscribe to my channel",
    "like and subscribe",
    "dont forget to subscribe",
    "dont forget to like and subscribe",
    "subscribe to my channel",
    "ill see you in the next video",
    "see you in the next video",
    "see you next time",
    "well be right back",
    "subtitles by the amaraorg community",
    "subtitles by",
    "subtitled by",
    "transcribed by",
    "transcription by castingwords",
    "thank you mr president",
    "copyright",
    "all rights reserved",
    "gracias por ver el video",
    "gracias por ver",
    "suscribete al canal",
    "subtitulos realizados por la comunidad de amaraorg",
];

/// Written on clicks and breaths, but also said: only believed when there was enough voice.
const FILLERS: &[&str] = &[
    "you",
    "thank you",
    "thanks",
    "bye",
    "bye bye",
    "so",
    "the",
    "oh",
    "i",
    "hmm",
    "uh",
    "um",
    "okay",
    "gracias",
];

/// Removes what stands in brackets, between asterisks or music notes: remarks such as "[BLANK_AUDIO]",
/// "(sighs)", "*music*", "♪".
pub(super) fn without_remarks(raw: &str) -> String {
    let mut spoken = String::with_capacity(raw.len());
    let mut rest = raw.chars();
    while let Some(letter) = rest.next() {
        let closing = match letter {
            '[' => Some(']'),
            '(' => Some(')'),
            '<' => Some('>'),
            '*' => Some('*'),
            _ => None,
        };
        // without its other half it is a slip, and what follows was said
        let remark = closing.and_then(|end| rest.as_str().find(end).map(|at| at + end.len_utf8()));
        match remark {
            Some(bytes) => rest = rest.as_str()[bytes..].chars(),
            None if closing.is_some() || "])>_♪♫".contains(letter) => {}
            None => {
                spoken.push(letter);
                continue;
            }
        }
        spoken.push(' ');
    }
    spoken.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Removes sentences that are credits; `None` when nothing else was there.
pub(super) fn without_credits(spoken: &str) -> Option<String> {
    let kept: Vec<&str> = sentences(spoken)
        .filter(|sentence| !CREDITS.contains(&plain(sentence).as_str()))
        .map(str::trim)
        .collect();
    let kept = kept.join(" ");
    kept.chars().any(char::is_alphanumeric).then_some(kept)
}

/// True for a lone word or two that are written on clicks and breaths.
pub(super) fn is_filler(spoken: &str) -> bool {
    FILLERS.contains(&plain(spoken).as_str())
}

/// Unrolls loops: a group of one to six words that comes four times or more in a row is kept twice
/// ("help help" stays a cry for help). Shorter repetitions are how people talk.
pub(super) fn without_loops(spoken: &str) -> String {
    let words: Vec<&str> = spoken.split(' ').collect();
    let keys: Vec<String> = words.iter().map(|word| plain(word)).collect();
    let mut kept = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let found = (1..=6).find_map(|group| {
            let times = times_in_a_row(&keys[at..], group);
            (times >= 4).then_some((group, times))
        });
        let (keep, skip) = found.map_or((1, 1), |(group, times)| (2 * group, times * group));
        kept.extend_from_slice(&words[at..at + keep]);
        at += skip;
    }
    kept.join(" ")
}

fn times_in_a_row(keys: &[String], group: usize) -> usize {
    keys.get(..group).map_or(0, |first| keys.chunks_exact(group).take_while(|next| *next == first).count())
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '!', '?']).filter(|sentence| !sentence.trim().is_empty())
}

/// Lower case letters and digits with single spaces, without accents of Spanish vowels.
fn plain(text: &str) -> String {
    let letters = text
        .to_lowercase()
        .chars()
        .filter_map(|letter| match letter {
            'á' => Some('a'),
            'é' => Some('e'),
            'í' => Some('i'),
            'ó' => Some('o'),
            'ú' => Some('u'),
            letter if letter.is_alphanumeric() || letter == ' ' => Some(letter),
            _ => None,
        })
        .collect::<String>();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}
