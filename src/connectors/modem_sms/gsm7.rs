//! The GSM 7-bit alphabet with its extension table, and its packing (3GPP TS 23.038 sections 6.1.2.1 and 6.2.1).

/// The basic table; place 0x1B is the escape to the extension table.
const BASIC: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', 'Δ', '_', 'Φ', 'Γ',
    'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1b}', 'Æ', 'æ', 'ß', 'É', ' ', '!', '"', '#', '¤', '%', '&', '\'',
    '(', ')', '*', '+', ',', '-', '.', '/', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<',
    '=', '>', '?', '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q',
    'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', '¿', 'a', 'b', 'c', 'd', 'e', 'f',
    'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä',
    'ö', 'ñ', 'ü', 'à',
];
/// The extension table.
const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\u{c}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];
pub(super) const ESCAPE: u8 = 0x1B;

/// The text as septets; `None` when a character has none.
pub(super) fn septets(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        let basic = BASIC.iter().position(|b| *b == c && c != '\u{1b}');
        if let Some(place) = basic {
            out.push(u8::try_from(place).ok()?);
        } else {
            let (place, _) = EXTENSION.iter().find(|(_, e)| *e == c)?;
            out.extend([ESCAPE, *place]);
        }
    }
    Some(out)
}

/// Septets as text. An unknown extension shows the basic character, as the standard wants.
pub(super) fn text(septets: &[u8]) -> String {
    let mut out = String::with_capacity(septets.len());
    let mut rest = septets.iter().copied();
    while let Some(septet) = rest.next() {
        if septet != ESCAPE {
            out.push(BASIC[usize::from(septet & 0x7F)]);
            continue;
        }
        let Some(next) = rest.next() else { break };
        let extended = EXTENSION.iter().find(|(place, _)| *place == next).map(|(_, c)| *c);
        out.push(extended.unwrap_or(match BASIC[usize::from(next & 0x7F)] {
            '\u{1b}' => ' ',
            basic => basic,
        }));
    }
    out
}

/// Seven bits after the other, lowest first, after `skip_bits` empty ones.
pub(super) fn pack(septets: &[u8], skip_bits: usize) -> Vec<u8> {
    let mut out = vec![0u8; (skip_bits + septets.len() * 7).div_ceil(8)];
    for (n, septet) in septets.iter().enumerate() {
        let bit = skip_bits + n * 7;
        let wide = u16::from(septet & 0x7F) << (bit % 8);
        let [low, high] = wide.to_le_bytes();
        out[bit / 8] |= low;
        if high != 0 {
            out[bit / 8 + 1] |= high;
        }
    }
    out
}

/// Up to `count` septets after `skip_bits` bits; fewer when the bytes end.
pub(super) fn unpack(bytes: &[u8], count: usize, skip_bits: usize) -> Vec<u8> {
    let there = (bytes.len() * 8).saturating_sub(skip_bits) / 7;
    (0..count.min(there))
        .map(|n| {
            let bit = skip_bits + n * 7;
            let low = u16::from(bytes[bit / 8]);
            let high = u16::from(bytes.get(bit / 8 + 1).copied().unwrap_or_default());
            let wide = (low | high << 8) >> (bit % 8);
            wide.to_le_bytes()[0] & 0x7F
        })
        .collect()
}
