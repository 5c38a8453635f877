//! Which language a caller speaks, from his first words: no model, no delay (source C:11).

use domain::Language;

use crate::words::token::Piece;

/// Words of everyday Spanish that English has not, accents folded.
#[rustfmt::skip]
const SPANISH: &[&str] = &[
    "hola", "buenas", "buenos", "noches", "tardes", "dias", "gracias", "senor", "senora", "senorita", "por", "favor",
    "que", "como", "cuando", "donde", "porque", "pero", "para", "con", "sin", "esta", "estan", "estoy", "estamos",
    "tengo", "tenemos", "tiene", "tienen", "hay", "es", "soy", "somos", "son", "muy", "mucho", "mucha", "agua", "casa",
    "bano", "cocina", "mi", "mis", "su", "sus", "nuestro", "nuestra", "una", "uno", "unos", "unas", "el", "los", "las",
    "del", "al", "se", "le", "lo", "les", "yo", "ella", "ellos", "necesito", "necesitamos", "quiero", "queria", "quisiera", "puede",
    "pueden", "puedo", "podria", "ayuda", "ayudar", "ayudame", "ayudeme", "problema", "servicio", "llamo", "llamando", "llamar", "hablo",
    "habla", "hablan", "hablar", "espanol", "ingles", "alguien", "nadie", "todo", "todos", "toda", "todas", "aqui", "ahora",
    "ahorita", "manana", "hoy", "ayer", "noche", "luz", "gas", "huele", "olor", "fuga", "tubo", "tuberia", "techo", "piso",
    "funciona", "sirve", "roto", "rota", "rompio", "calefaccion", "aire", "acondicionado", "frio", "calor", "bebe",
    "ninos", "hijo", "hija", "hijos", "mama", "papa", "esposo", "esposa", "si", "no", "ya", "tambien", "bueno", "bien", "desde",
    "hace", "fue", "era", "estaba", "salio", "sale", "saliendo", "cayendo", "goteando", "de", "en", "y", "o", "a", "la", "un", "me", "te",
    "nos", "este", "eso", "esto", "cita", "cotizacion", "cuanto", "cuesta", "emergencia", "urgente", "digame", "oiga", "bueno", "mande",
    "trabajo", "numero", "nombre", "calle", "sotano", "drenaje", "inodoro", "llave", "servidor", "correo", "contrasena", "computadora", "internet",
];

/// Spanish words that are English words too, or names: they decide nothing.
#[rustfmt::skip]
const SHARED: &[&str] = &[
    "a", "no", "me", "me", "son", "once", "gas", "internet", "es", "y", "o", "un", "la", "el", "al", "de", "los", "las", "mi", "te", "le", "san",
    "santa", "del", "en", "si", "dime", "come", "pan", "red", "sin", "con", "era", "papa", "mama", "lo", "se", "este", "ya", "uno", "bien",
];

/// Common English words that Spanish has not.
#[rustfmt::skip]
const ENGLISH: &[&str] = &[
    "the", "is", "are", "my", "i", "you", "it", "and", "to", "of", "in", "have", "has", "not", "we", "our", "this", "that", "there", "what",
    "with", "for", "on", "at", "was", "do", "does", "can", "need", "hi", "hello", "yes", "please", "thank", "thanks", "water", "house", "help",
    "call", "calling", "from", "name", "just", "out", "up", "get", "got", "some", "someone", "somebody", "be", "am", "an", "but", "so", "your", "would", "like",
];

/// The language of a text. `hint` is the recogniser's view: it decides where the words do not ("sí", "ok").
pub fn language(text: &str, hint: Option<Language>) -> Language {
    let piece = Piece::read(text);
    let count = |of: &dyn Fn(&str) -> bool| piece.tokens.iter().filter(|t| of(&t.word)).count();
    let sure = count(&|w| SPANISH.contains(&w) && !SHARED.contains(&w));
    let shared = count(&|w| SPANISH.contains(&w) && SHARED.contains(&w));
    let english = count(&|w| ENGLISH.contains(&w));
    // An accent, ñ, ¿ or ¡ is Spanish enough for one word; names have them too.
    let written = usize::from(text.contains(['ñ', '¿', '¡', 'á', 'é', 'í', 'ó', 'ú']));
    let spanish = sure * 2 + shared + written;
    let ours = english * 2;
    match spanish.cmp(&ours) {
        std::cmp::Ordering::Greater if sure > 0 || hint != Some(Language::English) && shared >= 2 => {
            Language::Spanish
        }
        std::cmp::Ordering::Less => Language::English,
        _ => hint.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Language) {
        assert_eq!(language(text, None), expected, "{text}");
    }

    #[test]
    fn the_first_words_tell_the_language() {
        check("hola, huele a gas en mi casa", Language::Spanish);
        check("bueno, se me está tirando el agua", Language::Spanish);
        check("no tenemos luz", Language::Spanish);
        check("¿habla español?", Language::Spanish);
        check("buenas noches", Language::Spanish);
        check("hi, I smell gas in my kitchen", Language::English);
        check("my name is Jose de la Cruz and my son has no water", Language::English);
        check("this is Maria from Casa Bonita, our sink is leaking", Language::English);
        check("no", Language::English);
        check("", Language::English);
    }

    #[test]
    fn the_recogniser_decides_where_words_do_not() {
        assert_eq!(language("no", Some(Language::Spanish)), Language::Spanish);
        assert_eq!(language("ok", Some(Language::Spanish)), Language::Spanish);
        assert_eq!(language("the water is pouring in", Some(Language::Spanish)), Language::English);
        assert_eq!(language("necesito un plomero por favor", Some(Language::English)), Language::Spanish);
    }
}
