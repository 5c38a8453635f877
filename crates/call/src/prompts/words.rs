//! Words that are put into sentences, in each language: clock times, days, digits, letters, trades, the technician.

use domain::{Language, Service};
use jiff::civil::{Time, Weekday};

const DIGITS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const DIGITOS: [&str; 10] =
    ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"];

/// Names of the letters, written out because a voice reads "Y" alone as the word "y".
const LETRAS: [&str; 26] = [
    "a", "be", "ce", "de", "e", "efe", "ge", "hache", "i", "jota", "ka", "ele", "eme", "ene", "o", "pe",
    "cu", "erre", "ese", "te", "u", "ve", "doble u", "equis", "i griega", "zeta",
];

/// "five"
pub(super) fn digit(digit: char, language: Language) -> Option<&'static str> {
    let value = digit.to_digit(10)? as usize;
    match language {
        Language::English => DIGITS.get(value),
        Language::Spanish => DIGITOS.get(value),
    }
    .copied()
}

/// How a letter is said: "K" in English, "ka" in Spanish. Accents are dropped; other characters are not said.
pub(super) fn letter(letter: char, language: Language) -> Option<String> {
    let plain = match letter.to_ascii_lowercase() {
        'á' | 'Á' => 'a',
        'é' | 'É' => 'e',
        'í' | 'Í' => 'i',
        'ó' | 'Ó' => 'o',
        'ú' | 'ü' | 'Ú' | 'Ü' => 'u',
        'ñ' | 'Ñ' if language == Language::Spanish => return Some("eñe".into()),
        'ñ' | 'Ñ' => 'n',
        plain => plain,
    };
    if !plain.is_ascii_lowercase() {
        return None;
    }
    match language {
        Language::English => Some(plain.to_ascii_uppercase().to_string()),
        Language::Spanish => LETRAS.get((u32::from(plain) - u32::from('a')) as usize).map(|l| (*l).into()),
    }
}

/// "8 AM", "7:30 AM", "noon"; "las 8 de la mañana", "la 1 y media de la tarde".
pub(super) fn clock(time: Time, language: Language) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    let hour12 = if hour % 12 == 0 { 12 } else { hour % 12 };
    if language == Language::Spanish {
        return hora(hour, hour12, minute);
    }
    if (hour, minute) == (12, 0) {
        return "noon".into();
    }
    let half = if hour < 12 { "AM" } else { "PM" };
    if minute == 0 { format!("{hour12} {half}") } else { format!("{hour12}:{minute:02} {half}") }
}

fn hora(hour: i8, hour12: i8, minute: i8) -> String {
    let article = if hour12 == 1 { "la" } else { "las" };
    let past = match minute {
        0 => String::new(),
        15 => " y cuarto".into(),
        30 => " y media".into(),
        _ => format!(" y {minute}"),
    };
    let part = match hour {
        0 | 20..=23 => "de la noche",
        1..=5 => "de la madrugada",
        6..=11 => "de la mañana",
        12 => "del mediodía",
        _ => "de la tarde",
    };
    format!("{article} {hour12}{past} {part}")
}

/// "Monday", "lunes".
pub(super) fn weekday(day: Weekday, language: Language) -> &'static str {
    let (english, spanish) = match day {
        Weekday::Monday => ("Monday", "lunes"),
        Weekday::Tuesday => ("Tuesday", "martes"),
        Weekday::Wednesday => ("Wednesday", "miércoles"),
        Weekday::Thursday => ("Thursday", "jueves"),
        Weekday::Friday => ("Friday", "viernes"),
        Weekday::Saturday => ("Saturday", "sábado"),
        Weekday::Sunday => ("Sunday", "domingo"),
    };
    match language {
        Language::English => english,
        Language::Spanish => spanish,
    }
}

/// "your plumbing": what the details are asked about.
pub(super) fn thing(service: Service, language: Language) -> &'static str {
    let (english, spanish) = match service {
        Service::Plumbing => ("plumbing", "la plomería"),
        Service::Hvac => ("heating or cooling", "la calefacción o el aire"),
        Service::Electrical => ("electrical system", "la electricidad"),
        Service::It => ("computers", "las computadoras"),
        Service::General | Service::Unknown => ("system", "el sistema"),
    };
    match language {
        Language::English => english,
        Language::Spanish => spanish,
    }
}

/// "Mike", or what he is called when nobody has a name; `starts` a sentence.
pub(super) fn tech(name: Option<&str>, starts: bool, language: Language) -> String {
    let nobody = match (language, starts) {
        (Language::English, false) => "our on-call technician",
        (Language::English, true) => "Our on-call technician",
        (Language::Spanish, false) => "nuestro técnico de guardia",
        (Language::Spanish, true) => "Nuestro técnico de guardia",
    };
    name.unwrap_or(nobody).to_string()
}

/// "Mike, our on-call tech,".
pub(super) fn tech_full(name: Option<&str>, language: Language) -> String {
    match (name, language) {
        (Some(name), Language::English) => format!("{name}, our on-call tech,"),
        (Some(name), Language::Spanish) => format!("{name}, nuestro técnico de guardia,"),
        (None, _) => tech(None, false, language),
    }
}
