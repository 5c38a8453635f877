//! Text → tokens: lower case, accents folded, contractions opened, numbers read, clauses marked.

use super::stem::stem;

/// Longest text that is looked at, in bytes. A turn is seconds of speech; more is not a turn.
const TEXT_BYTES_MAX: usize = 8_000;

/// One normalised word.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    /// Lower case, accents folded, contraction opened.
    pub(crate) word: String,
    /// See [`stem`].
    pub(crate) stem: String,
    /// Value of a number word or of digits.
    pub(crate) number: Option<i32>,
    /// Fillers, articles, auxiliaries: a pattern steps over them for free.
    pub(crate) light: bool,
    /// Counts up at every comma, conjunction and sentence end.
    pub(crate) clause: u16,
    /// Counts up at every sentence end.
    pub(crate) sentence: u16,
    /// The sentence ended with a question mark.
    pub(crate) asked: bool,
    /// Byte range in the text as it was heard.
    pub(crate) span: (usize, usize),
}

/// One caller turn, ready for the patterns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    /// As heard.
    pub(crate) text: String,
    /// In order.
    pub(crate) tokens: Vec<Token>,
}

impl Piece {
    /// Reads a text of any content; never fails.
    pub(crate) fn read(text: &str) -> Self {
        let mut cut = text.len().min(TEXT_BYTES_MAX);
        while !text.is_char_boundary(cut) {
            cut -= 1;
        }
        let text = &text[..cut];
        let mut tokens = Vec::new();
        let (mut clause, mut sentence) = (0_u16, 0_u16);
        for raw in raw_words(text) {
            match raw {
                Raw::Comma => clause = clause.saturating_add(1),
                Raw::End { asked } => {
                    tokens
                        .iter_mut()
                        .rev()
                        .take_while(|t: &&mut Token| t.sentence == sentence)
                        .for_each(|t| t.asked = asked);
                    clause = clause.saturating_add(1);
                    sentence = sentence.saturating_add(1);
                }
                Raw::Word { text: word, span } => {
                    for part in open_contraction(&word) {
                        tokens.push(Token {
                            stem: stem(&part),
                            number: number_of(&part),
                            light: is_light(&part),
                            word: part,
                            clause,
                            sentence,
                            asked: false,
                            span,
                        });
                    }
                }
            }
        }
        let mut piece = Self { text: text.to_owned(), tokens };
        piece.merge_letters();
        piece.merge_numbers();
        piece.lighten_fillers();
        piece.split_clauses();
        piece
    }

    /// The words of a token range as the caller said them.
    pub(crate) fn said(&self, first: usize, last: usize) -> &str {
        match (self.tokens.get(first), self.tokens.get(last)) {
            (Some(a), Some(b)) if a.span.0 <= b.span.1 => &self.text[a.span.0..b.span.1],
            _ => "",
        }
    }

    /// "c o alarm" → "co alarm", "v p n" → "vpn", "a c" → "ac".
    fn merge_letters(&mut self) {
        let mut out: Vec<Token> = Vec::with_capacity(self.tokens.len());
        let mut open = false; // the last token of `out` is a run of letters that may still grow
        for token in self.tokens.drain(..) {
            let single = token.word.len() == 1 && token.word.as_bytes()[0].is_ascii_lowercase();
            let joins = match out.last() {
                Some(last) if single && open && last.sentence == token.sentence => {
                    last.word != "a" && last.word != "i" || last.word == "a" && token.word == "c"
                }
                _ => false,
            };
            match out.last_mut() {
                Some(last) if joins => {
                    last.word.push_str(&token.word);
                    last.stem.clone_from(&last.word);
                    last.span.1 = token.span.1;
                    last.light = false;
                    last.number = None;
                }
                _ => out.push(token),
            }
            open = single;
        }
        self.tokens = out;
    }

    /// "twenty" "two" → 22; "no one" → nobody; "minus" "five" and "five below" keep their sign.
    fn merge_numbers(&mut self) {
        let mut out: Vec<Token> = Vec::with_capacity(self.tokens.len());
        for mut token in self.tokens.drain(..) {
            if let Some(last) = out.last_mut().filter(|l| l.sentence == token.sentence) {
                let tens = matches!(last.number, Some(20 | 30 | 40 | 50 | 60 | 70 | 80 | 90));
                let spelled = last.word.bytes().all(|b| b.is_ascii_alphabetic());
                match token.number {
                    Some(unit @ 1..=9) if tens && spelled && last.clause == token.clause => {
                        last.number = last.number.map(|n| n + unit);
                        last.span.1 = token.span.1;
                        continue;
                    }
                    Some(100) if matches!(last.number, Some(1..=9)) => {
                        last.number = last.number.map(|n| n * 100);
                        last.span.1 = token.span.1;
                        continue;
                    }
                    Some(n) if matches!(last.word.as_str(), "minus" | "negative") => token.number = Some(-n),
                    _ => {}
                }
                // A recogniser that splits "burning" writes "burn ing".
                if token.word == "ing" && last.word.len() >= 3 {
                    last.word.push_str("ing");
                    last.stem = stem(&last.word);
                    last.span.1 = token.span.1;
                    continue;
                }
                if token.word == "one" && last.word == "no" {
                    last.word = "nobody".to_owned();
                    last.stem = "nobody".to_owned();
                    last.span.1 = token.span.1;
                    continue;
                }
            }
            out.push(token);
        }
        self.tokens = out;
    }

    /// "you know", "I mean", "I guess", "sort of": said for the rhythm.
    fn lighten_fillers(&mut self) {
        const PAIRS: &[(&str, &str)] = &[
            ("you", "know"),
            ("i", "mean"),
            ("i", "guess"),
            ("i", "think"),
            ("i", "believe"),
            ("sort", "of"),
            ("kind", "of"),
            ("a", "bit"),
            ("right", "here"),
            ("real", "bad"),
            ("thank", "you"),
        ];
        for at in 1..self.tokens.len() {
            let pair = (self.tokens[at - 1].word.as_str(), self.tokens[at].word.as_str());
            if PAIRS.contains(&pair) {
                self.tokens[at - 1].light = true;
                self.tokens[at].light = true;
            }
        }
    }

    /// Conjunctions open a clause too: recognisers forget commas.
    fn split_clauses(&mut self) {
        let mut extra = 0_u16;
        for at in 0..self.tokens.len() {
            let word = self.tokens[at].word.as_str();
            let opens = matches!(
                word,
                "but"
                    | "because"
                    | "cause"
                    | "cuz"
                    | "however"
                    | "although"
                    | "though"
                    | "except"
                    | "pero"
                    | "porque"
            ) || word == "and" && starts_a_clause(&self.tokens[at + 1..])
                || word == "so" && starts_a_clause(&self.tokens[at + 1..])
                || word == "then" && at > 0;
            if opens {
                extra = extra.saturating_add(1);
            }
            self.tokens[at].clause = self.tokens[at].clause.saturating_add(extra);
        }
    }
}

/// A subject follows: the conjunction joins clauses, not nouns.
fn starts_a_clause(rest: &[Token]) -> bool {
    rest.first().is_some_and(|t| {
        matches!(
            t.word.as_str(),
            "i" | "we"
                | "it"
                | "there"
                | "now"
                | "he"
                | "she"
                | "they"
                | "my"
                | "our"
                | "the"
                | "that"
                | "this"
                | "its"
                | "you"
                | "everything"
                | "water"
                | "ahora"
                | "hay"
        )
    })
}

enum Raw {
    Word { text: String, span: (usize, usize) },
    Comma,
    End { asked: bool },
}

fn raw_words(text: &str) -> Vec<Raw> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map_or(' ', |(_, n)| *n);
        if let Some(folded) = word_char(c, before, next) {
            if word.is_empty() {
                start = at;
            }
            word.push_str(folded.as_str());
        } else {
            let letter = word.len() == 1 && !matches!(word.as_str(), "i" | "a");
            flush(&mut word, start, at, &mut out);
            match c {
                '.' if letter => {}
                '.' if next == '.' || before == '.' => out.push(Raw::Comma),
                '.' | '!' | '¡' => out.push(Raw::End { asked: false }),
                '?' => out.push(Raw::End { asked: true }),
                ',' | ';' | ':' | '…' | '—' | '–' | '(' | ')' => out.push(Raw::Comma),
                '-' if before == ' ' && next.is_ascii_digit() => {
                    out.push(Raw::Word { text: "minus".to_owned(), span: (at, at + 1) });
                }
                '-' if before == ' ' => out.push(Raw::Comma),
                '°' => out.push(Raw::Word { text: "degrees".to_owned(), span: (at, at + c.len_utf8()) }),
                '%' | '$' | '#' | '@' | '/' => {}
                _ => {}
            }
        }
        before = c;
    }
    flush(&mut word, start, text.len(), &mut out);
    out
}

fn flush(word: &mut String, start: usize, end: usize, out: &mut Vec<Raw>) {
    let trimmed = word.trim_matches('\'');
    if !trimmed.is_empty() {
        out.push(Raw::Word { text: trimmed.to_owned(), span: (start, end) });
    }
    word.clear();
}

/// The character inside a word, folded to ASCII where Latin; `None` ends the word.
fn word_char(c: char, before: char, next: char) -> Option<String> {
    let folded = match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'Á' | 'À' => 'a',
        'é' | 'è' | 'ê' | 'ë' | 'É' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'Í' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'Ó' => 'o',
        'ú' | 'ù' | 'û' | 'ü' | 'Ú' => 'u',
        'ñ' | 'Ñ' => 'n',
        'ç' => 'c',
        '\'' | '’' | '‘' | '`' | '´' => '\'',
        '.' if before.is_ascii_digit() && next.is_ascii_digit() => '.',
        ',' if before.is_ascii_digit() && next.is_ascii_digit() => return Some(String::new()),
        c if c.is_alphanumeric() => return Some(c.to_lowercase().collect()),
        _ => return None,
    };
    Some(folded.to_string())
}

/// "isn't" → "is not", "we're" → "we are"; forms without the apostrophe too.
fn open_contraction(word: &str) -> Vec<String> {
    let two = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
    match word {
        "can't" | "cant" | "cannot" => return two("can", "not"),
        "won't" | "wont" => return two("will", "not"),
        "ain't" | "aint" => return two("is", "not"),
        "gonna" => return two("going", "to"),
        "wanna" => return two("want", "to"),
        "gotta" => return two("got", "to"),
        "lemme" => return two("let", "me"),
        "gimme" => return two("give", "me"),
        "dunno" => return vec!["do".into(), "not".into(), "know".into()],
        "im" => return two("i", "am"),
        "ive" => return two("i", "have"),
        "weve" => return two("we", "have"),
        "theres" => return two("there", "is"),
        "thats" => return two("that", "is"),
        "y'all" | "yall" => return vec!["you".into()],
        "let's" => return two("let", "us"),
        "wifi" => return vec!["wifi".into()],
        _ => {}
    }
    for verb in
        ["do", "does", "did", "is", "are", "was", "were", "could", "should", "would", "have", "has", "had"]
    {
        if word.strip_prefix(verb).is_some_and(|rest| rest == "n't" || rest == "nt") {
            return two(verb, "not");
        }
    }
    let Some((base, ending)) = word.rsplit_once('\'') else { return vec![word.to_owned()] };
    match ending {
        "re" => two(base, "are"),
        "m" => two(base, "am"),
        "ve" => two(base, "have"),
        "ll" => two(base, "will"),
        "d" => two(base, "would"),
        // "the outlet's sparking" and "my mom's house" alike: the ending carries no hazard.
        "s" => match base {
            "it" | "that" | "there" | "he" | "she" | "what" | "who" | "where" | "here" | "nothing"
            | "something" | "everything" | "nobody" | "how" => two(base, "is"),
            _ => vec![base.to_owned()],
        },
        _ => vec![word.replace('\'', "")],
    }
}

fn number_of(word: &str) -> Option<i32> {
    const WORDS: &[(&str, i32)] = &[
        ("zero", 0),
        ("one", 1),
        ("two", 2),
        ("three", 3),
        ("four", 4),
        ("five", 5),
        ("six", 6),
        ("seven", 7),
        ("eight", 8),
        ("nine", 9),
        ("ten", 10),
        ("eleven", 11),
        ("twelve", 12),
        ("thirteen", 13),
        ("fourteen", 14),
        ("fifteen", 15),
        ("sixteen", 16),
        ("seventeen", 17),
        ("eighteen", 18),
        ("nineteen", 19),
        ("twenty", 20),
        ("thirty", 30),
        ("forty", 40),
        ("fifty", 50),
        ("sixty", 60),
        ("seventy", 70),
        ("eighty", 80),
        ("ninety", 90),
        ("hundred", 100),
        ("couple", 2),
        ("dozen", 12),
    ];
    if word.len() <= 7 && word.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        return word.split('.').next().and_then(|whole| whole.parse().ok());
    }
    WORDS.iter().find(|(w, _)| *w == word).map(|(_, n)| *n)
}

/// Words that carry no matter: patterns step over them.
pub(crate) fn is_light(word: &str) -> bool {
    #[rustfmt::skip]
    const LIGHT: &[&str] = &[
        "a", "an", "the", "is", "are", "was", "were", "be", "been", "being", "am", "has", "have", "had",
        "uh", "um", "uhh", "umm", "er", "erm", "ah", "oh", "eh", "hmm", "mm", "just", "really", "very",
        "pretty", "quite", "kinda", "sorta", "actually", "literally", "basically", "honestly", "totally",
        "completely", "definitely", "seriously", "super", "my", "our", "your", "his", "her", "their", "its",
        "this", "that", "these", "those", "some", "any", "please", "still", "even", "also", "already", "of",
        "like", "well", "okay", "ok", "so", "sir", "ma'am", "maam", "yeah", "el", "la", "los", "las", "un",
        "una", "mi", "mis", "de", "del", "muy", "esta", "estan", "se", "me", "nos", "right", "now", "gosh",
        "man", "dude", "obviously", "apparently", "suddenly", "probably", "maybe", "freaking", "whole",
        "entire", "huge", "big", "damn", "weird", "strange", "strong", "faint", "slight",
    ];
    LIGHT.contains(&word)
}
