use super::at::{Answer, Heard, Lines, Refusal, Step, fields, words};
use proptest::prelude::*;

/// What a modem says to a command, and what we take from it.
fn check(command: &str, prefix: &'static str, said: &str, expected: &[Step]) {
    let mut lines = Lines::default();
    lines.push(said.as_bytes());
    let mut answer = Answer::to(command, prefix);
    let mut steps = Vec::new();
    while let Some(Heard::Line(line)) = lines.next(false) {
        match answer.hear(&line) {
            Step::More => {}
            step => steps.push(step),
        }
    }
    assert_eq!(steps, expected, "{said:?}");
}

fn done(lines: &[&str]) -> Step {
    Step::Done(Ok(lines.iter().map(|line| (*line).to_owned()).collect()))
}

#[test]
fn answers_are_taken_out_of_what_the_modem_says() {
    check("AT", "", "AT\r\r\nOK\r\n", &[done(&[])]);
    check("AT+CREG?", "+CREG:", "\r\n+CREG: 0,1\r\n\r\nOK\r\n", &[done(&["+CREG: 0,1"])]);
    check("AT+CGMI", "", "\r\nQuectel\r\n^RSSI:21\r\nOK\r\n", &[done(&["Quectel"])]);
    check("AT+CPIN?", "+CPIN:", "\r\n+CME ERROR: 10\r\n", &[Step::Done(Err(Refusal::Cme(10)))]);
    check("AT+CMGS=9", "+CMGS:", "+CMS ERROR: 331\r\n", &[Step::Done(Err(Refusal::Cms(331)))]);
    check("AT+CMGS=9", "+CMGS:", "+CMS ERROR: out of luck\r\n", &[Step::Done(Err(Refusal::Plain))]);
}

#[test]
fn what_comes_unasked_in_the_middle_of_an_answer_is_told_apart() {
    let pdu = "0006D60B911326880736F4111011719551401110117195714000";
    check(
        "AT+CMGL=4",
        "+CMGL:",
        &format!(
            "+CMGL: 1,0,,24\r\n{pdu}\r\n+CDS: 25\r\n{pdu}\r\nRING\r\n+CMTI: \"SM\",4\r\n+CMGL: 2,1,,24\r\n{pdu}\r\nOK\r\n"
        ),
        &[Step::Report(pdu.to_owned()), done(&["+CMGL: 1,0,,24", pdu, "+CMGL: 2,1,,24", pdu])],
    );
    check("AT+CSQ", "+CSQ:", "+CDS: 25\r\n+CSQ: 17,99\r\nOK\r\n", &[done(&["+CSQ: 17,99"])]);
    check("", "", &format!("OK\r\n+CDS: 25\r\n{pdu}\r\n"), &[Step::Report(pdu.to_owned())]);
}

#[test]
fn a_prompt_is_one_only_where_it_is_awaited() {
    let mut lines = Lines::default();
    lines.push(b"\r\n> ");
    assert_eq!(lines.next(false), None);
    assert_eq!(lines.next(true), Some(Heard::Prompt));
    lines.push(b"\r\n+CMGS: 7\r\n");
    assert_eq!(lines.next(false), Some(Heard::Line("+CMGS: 7".into())));
    assert_eq!(lines.next(true), None);
}

#[test]
fn a_line_without_end_is_dropped() {
    let mut lines = Lines::default();
    for _ in 0..100 {
        lines.push(&[b'x'; 512]);
        assert_eq!(lines.next(false), None);
    }
    lines.push(b"xx\r\nOK\r\n");
    assert_eq!(lines.next(false), Some(Heard::Line("OK".into())));
}

#[test]
fn fields_and_words() {
    assert_eq!(fields("+CMGL: 3,1,\"A, B\",24"), ["3", "1", "A, B", "24"]);
    assert_eq!(fields("nothing"), [""]);
    assert!(words(Refusal::Cms(310)).contains("no SIM card"));
    assert!(words(Refusal::Cme(11)).contains("pin_file"));
    assert_eq!(words(Refusal::Cms(999)), "the mobile network does not take the message (+CMS ERROR 999)");
}

proptest! {
    #[test]
    fn no_bytes_are_too_odd(
        chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..600), 0..20),
        awaited: bool,
    ) {
        let mut lines = Lines::default();
        let mut answer = Answer::to("AT+CMGL=4", "+CMGL:");
        for chunk in &chunks {
            lines.push(chunk);
            let mut count = 0;
            while let Some(heard) = lines.next(awaited) {
                count += 1;
                // every line and prompt takes at least a byte
                prop_assert!(count <= 3000);
                if let Heard::Line(line) = heard {
                    answer.hear(&line);
                }
            }
        }
        lines.push(b"\r\n\r\nOK\r\n");
        let mut last = None;
        while let Some(heard) = lines.next(false) {
            last = Some(heard);
        }
        prop_assert_eq!(last, Some(Heard::Line("OK".into())), "whatever came before, an answer is heard");
    }
}
