use super::{
    gsm7,
    pdu::{Deliver, Fate, Part, Pdu, PduFault, Report, read, submit},
};
use proptest::prelude::*;

/// A message as the network would hand it over: from +31641600986, at a fixed time, with this coding and data.
fn delivered(header: bool, coding: u8, length: usize, data: &[u8]) -> String {
    let hex: String = data.iter().map(|b| format!("{b:02X}")).collect();
    let first = if header { 0x44 } else { 0x04 };
    format!("07911326040000F0{first:02X}0B911346610089F600{coding:02X}20806291731408{length:02X}{hex}")
}

fn text_of(hex: &str) -> Deliver {
    match read(hex).unwrap() {
        Pdu::Deliver(deliver) => deliver,
        Pdu::Report(report) => panic!("{report:?}"),
    }
}

#[test]
fn septets_are_packed_as_the_standard_shows() {
    let packed = |text: &str| -> String {
        gsm7::pack(&gsm7::septets(text).unwrap(), 0).iter().map(|b| format!("{b:02X}")).collect()
    };
    assert_eq!(packed("hellohello"), "E8329BFD4697D9EC37");
    assert_eq!(packed("How are you?"), "C8F71D14969741F977FD07");
    assert_eq!(gsm7::septets("a€{"), Some(vec![b'a', 0x1B, 0x65, 0x1B, 0x28]));
    assert_eq!(gsm7::septets("naïve"), None, "ï is not in the alphabet");
    assert_eq!(gsm7::text(&[0x1B, b'a', 0x1B]), "a", "an unknown extension shows the basic character");
}

#[test]
fn a_well_known_submit_comes_out_byte_by_byte() {
    // with the report wanted (0x31) where the well-known example has none (0x11)
    let four_days_s = 4 * 86_400;
    let [message] = submit("46708251358", "hellohello", 0, four_days_s).unwrap().try_into().unwrap();
    assert_eq!(message.hex, "0031000B816407281553F80000AA0AE8329BFD4697D9EC37");
    assert_eq!(message.length, 23);
    let international = submit("+46708251358", "hellohello", 0, 600).unwrap();
    assert!(international[0].hex.starts_with("0031000B916407281553F80000010A"), "{international:?}");
}

#[test]
fn well_known_messages_are_read() {
    let deliver = text_of("07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07");
    assert_eq!((deliver.from.as_str(), deliver.text.as_str()), ("+31641600986", "How are you?"));
    assert_eq!(deliver.at.unwrap().to_string(), "2002-08-26T19:37:41Z");
    assert_eq!(
        read("0006D60B911326880736F4111011719551401110117195714000").unwrap(),
        Pdu::Report(Report { reference: 0xD6, fate: Fate::Delivered })
    );
    let named = text_of("0791447758100650040DD0D0BCBC3D07A1C300F5208062917314080401020304");
    assert_eq!(named.text.len(), 4, "8-bit data");
    assert!(named.from.chars().all(|c| !c.is_control()), "{named:?}");
}

#[test]
fn parts_are_read_with_short_and_long_references() {
    let septets = gsm7::septets("ok").unwrap();
    let mut short = vec![5, 0, 3, 0x42, 2, 1];
    short.extend(gsm7::pack(&septets, 1));
    let read = text_of(&delivered(true, 0, 7 + 2, &short));
    assert_eq!((read.text.as_str(), read.part), ("ok", Some(Part { reference: 0x42, number: 1, of: 2 })));
    let mut long = vec![6, 8, 4, 0x12, 0x34, 3, 3];
    long.extend("Ж".encode_utf16().flat_map(u16::to_be_bytes));
    let read = text_of(&delivered(true, 8, 9, &long));
    assert_eq!((read.text.as_str(), read.part), ("Ж", Some(Part { reference: 0x1234, number: 3, of: 3 })));
    long[5..7].copy_from_slice(&[3, 4]);
    assert_eq!(text_of(&delivered(true, 8, 9, &long)).part, None, "part 4 of 3 is no part");
}

#[test]
fn fates_of_reports_are_told_apart() {
    let fate =
        |status: u8| match read(&format!("0006D60B911326880736F41110117195514011101171957140{status:02X}")) {
            Ok(Pdu::Report(report)) => report.fate,
            other => panic!("{other:?}"),
        };
    assert_eq!([0x00, 0x01, 0x30].map(fate), [Fate::Delivered, Fate::Open, Fate::Open]);
    assert_eq!(fate(0x46), Fate::Failed(0x46));
}

#[test]
fn texts_are_cut_where_the_standard_wants_it() {
    let parts = |text: &str| submit("+15551234567", text, 9, 600).map(|m| m.len());
    assert_eq!(parts(&"a".repeat(160)), Ok(1));
    assert_eq!(parts(&"a".repeat(161)), Ok(2));
    assert_eq!(parts(&"€".repeat(80)), Ok(1));
    assert_eq!(parts(&"я".repeat(70)), Ok(1));
    assert_eq!(parts(&"я".repeat(71)), Ok(2));
    assert_eq!(parts(&"a".repeat(1530)), Ok(10));
    assert_eq!(parts(&"a".repeat(1531)), Err(PduFault::TooLong));
    assert_eq!(parts(""), Ok(1));
    assert!(submit("+15551234567", &"🔥".repeat(300), 9, 600).unwrap().iter().all(|m| m.length <= 164 + 13));
}

#[test]
fn what_is_no_pdu_is_refused() {
    for (hex, fault) in [
        ("", PduFault::Short),
        ("0", PduFault::NotHex),
        ("zz", PduFault::NotHex),
        ("07911326", PduFault::Short),
        ("0001", PduFault::Unknown),
        ("00040B911346610089F600202080629173140801AA", PduFault::Unknown),
    ] {
        assert_eq!(read(hex), Err(fault), "{hex}");
    }
}

/// What we send, turned into what the receiver gets: the same user data behind another head.
fn echoed(hex: &str, digits: usize) -> Deliver {
    // 00 31 00, length, kind, number, protocol, coding, validity, user data
    let number = digits.div_ceil(2) * 2;
    let coding = u8::from_str_radix(&hex[10 + number + 2..10 + number + 4], 16).unwrap();
    let rest = &hex[10 + number + 6..];
    let has_header = u8::from_str_radix(&hex[2..4], 16).unwrap() & 0x40 != 0;
    let first = if has_header { "44" } else { "04" };
    text_of(&format!("00{first}0B911346610089F600{coding:02X}20806291731408{rest}"))
}

proptest! {
    #[test]
    fn what_is_sent_is_what_arrives(text in "(?s)[ -~€£ñÑß\\n🔥я\u{10000}-\u{10FFFF}]{0,600}", reference: u8) {
        let Ok(messages) = submit("+15551234567", &text, reference, 600) else {
            prop_assert!(text.chars().count() > 300);
            return Ok(());
        };
        let got: Vec<Deliver> = messages.iter().map(|m| echoed(&m.hex, 11)).collect();
        prop_assert_eq!(got.iter().map(|d| d.text.as_str()).collect::<String>(), text);
        for (place, deliver) in got.iter().enumerate() {
            let part = (got.len() > 1).then(|| Part {
                reference: u16::from(reference),
                number: u8::try_from(place + 1).unwrap(),
                of: u8::try_from(got.len()).unwrap(),
            });
            prop_assert_eq!(deliver.part, part);
        }
        for message in &messages {
            prop_assert_eq!(message.hex.len(), 2 * (message.length + 1));
            prop_assert!(message.length <= 140 + 15);
        }
    }

    #[test]
    fn no_bytes_are_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let hex: String = bytes.iter().map(|b| format!("{b:02X}")).collect();
        read(&hex).ok();
        read(&String::from_utf8_lossy(&bytes)).ok();
    }

    #[test]
    fn a_message_that_is_cut_or_bent_is_read_or_refused(cut in 0usize..90, place in 0usize..45, byte: u8) {
        let mut data = vec![5, 0, 3, 1, 2, 1];
        data.extend(gsm7::pack(&gsm7::septets("the main is shut").unwrap(), 1));
        let mut hex = delivered(true, 0, 23, &data);
        let at = (place * 2).min(hex.len() - 2);
        hex.replace_range(at..at + 2, &format!("{byte:02X}"));
        hex.truncate(hex.len().saturating_sub(cut));
        read(&hex).ok();
    }
}
