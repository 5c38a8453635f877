//! Spanish number words: "doscientos treinta y cuatro", "dieciocho", "mil quinientos".

/// The number at the beginning in digits, and how many words it took.
pub(super) fn number(words: &[&str]) -> Option<(String, usize)> {
    let first = words.first()?;
    if !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit()) {
        return Some(((*first).to_string(), 1));
    }
    let (mut value, mut used) = below_thousand(words).unwrap_or((0, 0));
    if words.get(used) == Some(&"mil") {
        value = value.max(1) * 1000;
        used += 1;
        if let Some((rest, more)) = below_thousand(&words[used..]).filter(|(rest, _)| *rest >= 10) {
            value += rest;
            used += more;
        }
    }
    (used > 0).then(|| (value.to_string(), used))
}

fn below_thousand(words: &[&str]) -> Option<(u32, usize)> {
    let hundreds = words.first().and_then(|w| find(HUNDREDS, w));
    let Some(hundreds) = hundreds else { return below_hundred(words) };
    match below_hundred(&words[1..]) {
        Some((rest, used)) if rest > 0 => Some((hundreds + rest, used + 1)),
        Some(_) | None => Some((hundreds, 1)),
    }
}

fn below_hundred(words: &[&str]) -> Option<(u32, usize)> {
    let first = words.first()?;
    let value = find(SMALL, first)?;
    let joins = value >= 10 && value % 10 == 0 && words.get(1) == Some(&"y");
    match words.get(2).filter(|_| joins).and_then(|w| find(SMALL, w)).filter(|unit| (1..=9).contains(unit)) {
        Some(unit) => Some((value + unit, 3)),
        None => Some((value, 1)),
    }
}

fn find(table: &[(&str, u32)], word: &str) -> Option<u32> {
    table.iter().find(|(said, _)| *said == word).map(|(_, value)| *value)
}

/// "un" and "una" are left out: they are articles far more often than numbers.
const SMALL: &[(&str, u32)] = &[
    ("cero", 0),
    ("uno", 1),
    ("dos", 2),
    ("tres", 3),
    ("cuatro", 4),
    ("cinco", 5),
    ("seis", 6),
    ("siete", 7),
    ("ocho", 8),
    ("nueve", 9),
    ("diez", 10),
    ("once", 11),
    ("doce", 12),
    ("trece", 13),
    ("catorce", 14),
    ("quince", 15),
    ("dieciseis", 16),
    ("diecisiete", 17),
    ("dieciocho", 18),
    ("diecinueve", 19),
    ("veinte", 20),
    ("veintiuno", 21),
    ("veintiun", 21),
    ("veintidos", 22),
    ("veintitres", 23),
    ("veinticuatro", 24),
    ("veinticinco", 25),
    ("veintiseis", 26),
    ("veintisiete", 27),
    ("veintiocho", 28),
    ("veintinueve", 29),
    ("treinta", 30),
    ("cuarenta", 40),
    ("cincuenta", 50),
    ("sesenta", 60),
    ("setenta", 70),
    ("ochenta", 80),
    ("noventa", 90),
];

const HUNDREDS: &[(&str, u32)] = &[
    ("cien", 100),
    ("ciento", 100),
    ("doscientos", 200),
    ("trescientos", 300),
    ("cuatrocientos", 400),
    ("quinientos", 500),
    ("seiscientos", 600),
    ("setecientos", 700),
    ("ochocientos", 800),
    ("novecientos", 900),
];
