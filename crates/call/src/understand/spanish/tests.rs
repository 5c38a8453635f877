use super::*;
use crate::understand::{Address, Answer, Intent, Spoken, address, intents, name, phone, yes_no};

fn check_name(text: &str, expected: &str) {
    assert_eq!(
        name(&in_english(text), true).as_deref().unwrap_or(""),
        expected,
        "{text} → {}",
        in_english(text)
    );
}

fn check_address(text: &str, expected: &str) {
    let read = in_english(text);
    assert_eq!(address(&read, true), Address::Full(expected.into()), "{text} → {read}");
}

fn check_phone(text: &str, expected: &str) {
    let read = in_english(text);
    let shown = match phone(&read, None) {
        Spoken::Number(n) => n.to_string(),
        other @ (Spoken::NotDialable | Spoken::Part(_) | Spoken::SameNumber | Spoken::Nothing) => {
            format!("{other:?}")
        }
    };
    assert_eq!(shown, expected, "{text} → {read}");
}

fn check_answer(text: &str, expected: Answer) {
    assert_eq!(yes_no(&in_english(text)), expected, "{text} → {}", in_english(text));
}

fn check_intent(text: &str, expected: Intent) {
    let found = intents(&in_english(text));
    assert_eq!(found.first(), Some(&expected), "{text} → {}", in_english(text));
}

#[test]
fn names() {
    check_name("Me llamo Juan Pérez.", "Juan Pérez");
    check_name("Soy María de la Cruz", "María de la Cruz");
    check_name("Juan Carlos Gómez.", "Juan Carlos Gómez");
    check_name("mi nombre es José Ramírez, por favor", "José Ramírez");
    check_name("Señora López.", "Mrs López");
    check_name("ka, o, doble u, a, ele, ese, ka, i", "Kowalski");
    check_name("Pérez, pe e erre e zeta", "Perez");
    for text in
        ["no", "sí", "tengo mucho frío", "hay agua por todas partes", "prefiero no decirlo", "soy el dueño"]
    {
        check_name(text, "");
    }
}

#[test]
fn addresses() {
    check_address("Vivo en la calle Roble número 218.", "218 Calle Roble");
    check_address("calle Roble dos dieciocho", "218 Calle Roble");
    check_address("Es en el 218 de Oak Lane.", "218 Oak Lane");
    check_address("dos dieciocho Oak Lane", "218 Oak Lane");
    check_address("doscientos dieciocho Oak Lane", "218 Oak Lane");
    check_address("Oak Lane número 218", "218 Oak Lane");
    check_address(
        "mil cuatrocientos cuarenta y siete Birch Street, apartamento 4",
        "1447 Birch Street, Apartment 4",
    );
    check_address("avenida Lincoln 31", "31 Avenida Lincoln");
}

#[test]
fn telephone_numbers() {
    check_phone("cinco cinco cinco, dos tres cuatro, cinco seis siete ocho", "(555) 234-5678");
    check_phone("Es el 555 234 5678.", "(555) 234-5678");
    check_phone(
        "quinientos cincuenta y cinco, doscientos treinta y cuatro, cincuenta y seis, setenta y ocho",
        "(555) 234-5678",
    );
    check_phone(
        "cinco, doble cinco, dos treinta y cuatro, cincuenta y seis setenta y ocho",
        "(555) 234-5678",
    );
    check_phone("este mismo", "SameNumber");
}

#[test]
fn yes_no_and_neither() {
    for text in ["Sí.", "sí, correcto", "Claro que sí", "así es", "está bien", "ajá", "de acuerdo"] {
        check_answer(text, Answer::Yes);
    }
    for text in ["No.", "no, está mal", "no es correcto", "para nada"] {
        check_answer(text, Answer::No);
    }
    check_answer("Juan Pérez", Answer::Unclear);
}

#[test]
fn questions_in_between() {
    check_intent("¿Es usted un robot?", Intent::Robot);
    check_intent("¿Cuánto cuesta la visita?", Intent::Price);
    check_intent("Quiero hablar con una persona.", Intent::Person);
    check_intent("Un momento, por favor.", Intent::Hold);
    check_intent("¿Me puede repetir?", Intent::Repeat);
    check_intent("Prefiero no decirlo.", Intent::Refusal);
    check_intent("No, eso es todo, gracias.", Intent::Done);
    check_intent("Adiós.", Intent::Goodbye);
}

#[test]
fn who_speaks_spanish_and_who_only_has_a_spanish_name() {
    assert!(is_spoken_in("me llamo Juan"));
    assert!(!is_spoken_in("Maria de la Cruz"));
    assert!(!is_spoken_in("1447 El Camino Real"));
    assert!(is_asked_for("Do you speak Spanish?") && is_asked_for("¿Habla español?"));
    assert!(is_declined("English, please") && !is_declined("no hablo inglés"));
}
