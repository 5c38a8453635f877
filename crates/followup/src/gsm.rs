//! How long a text message is on the air (3GPP TS 23.038): 160 characters of the GSM alphabet, 153 each when it
//! takes several segments; one character outside of it halves that and more. So texts are written in that alphabet.

/// The basic alphabet without the escape; every character takes one septet.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Characters that take an escape and a second septet.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// Septets of one segment alone, and of each of several.
const ALONE: usize = 160;
const EACH: usize = 153;

/// The same text in the GSM alphabet: typographic signs and other accents become their plain form, what has none
/// (emoji) is left out.
pub fn to_gsm(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if is_gsm(c) => plain.push(c),
            '‘' | '’' | '‚' | '′' | '`' | '´' => plain.push('\''),
            '“' | '”' | '„' | '«' | '»' => plain.push('"'),
            '–' | '—' | '−' | '‐' | '‑' => plain.push('-'),
            '…' => plain.push_str("..."),
            '\u{a0}' | '\t' | '\u{2009}' | '\u{202f}' => plain.push(' '),
            '•' | '·' => plain.push('-'),
            other => plain.extend(base_letter(other)),
        }
    }
    plain
}

/// How many septets the text takes; `None` when a character is not in the alphabet.
pub fn septets(text: &str) -> Option<usize> {
    text.chars()
        .map(|c| match c {
            c if BASIC.contains(c) => Some(1),
            c if EXTENDED.contains(c) => Some(2),
            _ => None,
        })
        .sum()
}

/// How many segments a text takes: by septets, or by UTF-16 units (70, 67 each) outside of the alphabet.
pub fn segments(text: &str) -> usize {
    let pieces = |length: usize, alone: usize, each: usize| {
        if length <= alone { 1 } else { length.div_ceil(each) }
    };
    match septets(text) {
        Some(length) => pieces(length, ALONE, EACH),
        None => pieces(text.encode_utf16().count(), 70, 67),
    }
}

/// The most septets that so many segments hold.
pub(crate) fn room(segments: usize) -> usize {
    if segments <= 1 { ALONE } else { segments * EACH }
}

fn is_gsm(c: char) -> bool {
    BASIC.contains(c) || EXTENDED.contains(c)
}

fn base_letter(c: char) -> Option<char> {
    let base = match c {
        'á' | 'â' | 'ã' | 'ā' => 'a',
        'Á' | 'À' | 'Â' | 'Ã' => 'A',
        'ç' => 'c',
        'ê' | 'ë' | 'ě' => 'e',
        'È' | 'Ê' | 'Ë' => 'E',
        'í' | 'î' | 'ï' => 'i',
        'Í' | 'Ì' | 'Î' | 'Ï' => 'I',
        'ó' | 'ô' | 'õ' => 'o',
        'Ó' | 'Ò' | 'Ô' | 'Õ' => 'O',
        'ú' | 'û' => 'u',
        'Ú' | 'Ù' | 'Û' => 'U',
        'ý' | 'ÿ' => 'y',
        _ => return None,
    };
    Some(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typographic_signs_and_emoji_do_not_shorten_the_segments() {
        let text = to_gsm("It’s “bad” — water… everywhere 😱 señor Muñoz, José, Tomás");
        assert_eq!(text, "It's \"bad\" - water... everywhere  señor Muñoz, José, Tomas");
        assert_eq!(segments(&text), 1);
    }

    #[test]
    fn segments_are_counted_as_the_network_does() {
        assert_eq!(segments(&"a".repeat(160)), 1);
        assert_eq!(segments(&"a".repeat(161)), 2);
        assert_eq!(segments(&"a".repeat(306)), 2);
        assert_eq!(segments(&"a".repeat(307)), 3);
        assert_eq!(septets("€[]"), Some(6));
        assert_eq!(septets("日"), None);
        assert_eq!(segments(&"日".repeat(71)), 2);
    }
}
