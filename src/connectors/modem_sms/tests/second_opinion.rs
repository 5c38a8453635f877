//! Our PDUs read by gammu, and gammu's read by us. Without `python3-gammu` the test says so and passes over.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use super::pdu::{Pdu, read, submit};

/// Reads PDUs and writes messages as PDUs: a list each, as JSON.
const GAMMU: &str = r#"
import gammu, json, sys
asked = json.load(sys.stdin)
read = []
for pdu in asked["read"]:
    sms = gammu.DecodePDU(bytes.fromhex(pdu))
    udh = sms["UDH"]
    read.append([sms["Type"], sms["Number"], sms["Text"], udh["PartNumber"], udh["AllParts"], udh["ID8bit"]])
written = []
for text in asked["write"]:
    # gammu wants every field that it knows: a message of its own with other words
    sms = gammu.DecodePDU(bytes.fromhex("07911326040000F0040B911346610089F60000208062917314080131"))
    coding = "Default_No_Compression" if text.isascii() else "Unicode_No_Compression"
    sms.update({"Number": "+15552345678", "Text": text, "Coding": coding})
    written.append(gammu.EncodePDU(sms, "Deliver").hex())
json.dump({"read": read, "written": written}, sys.stdout)
"#;

const TEXTS: [&str; 5] = [
    "1",
    "Burst pipe, 12 Oak St. Reply 1 A7 to take it.",
    "brackets [x] {y} ~ ^ | \\ and 5 EUR",
    "Señora Núñez: fuga de gas, ¿quién va? я 🔥",
    "@ at the edge of the alphabet: @",
];

/// gammu's answer; `None` without it.
fn gammu(asked: &Value) -> Option<Value> {
    for python in ["python3", "/usr/bin/python3"] {
        let begun = Command::new(python)
            .args(["-c", GAMMU])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = begun else { continue };
        child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).ok();
        let done = child.wait_with_output().unwrap();
        let complaint = String::from_utf8_lossy(&done.stderr);
        if done.status.success() {
            return Some(serde_json::from_slice(&done.stdout).unwrap());
        }
        assert!(complaint.contains("ModuleNotFoundError"), "{complaint}");
    }
    None
}

#[test]
fn gammu_reads_what_we_write_and_we_read_what_it_writes() {
    let long = "A long page about water. ".repeat(20);
    let fire = "🔥 я ".repeat(60);
    let all: Vec<&str> = TEXTS.into_iter().chain([long.as_str(), fire.as_str()]).collect();
    let messages: Vec<Vec<String>> = all
        .iter()
        .map(|text| submit("+15552345678", text, 77, 600).unwrap().into_iter().map(|m| m.hex).collect())
        .collect();
    let flat: Vec<&String> = messages.iter().flatten().collect();
    let Some(opinion) = gammu(&json!({"read": flat, "write": TEXTS})) else {
        eprintln!("skipped: python3-gammu is not installed (apt install python3-gammu)");
        return;
    };
    let mut parts = opinion["read"].as_array().unwrap().iter();
    for (text, message) in all.iter().zip(&messages) {
        let mut joined = String::new();
        for number in 1..=message.len() {
            let part = parts.next().unwrap();
            assert_eq!((&part[0], &part[1]), (&json!("Submit"), &json!("+15552345678")));
            if message.len() > 1 {
                assert_eq!(
                    [&part[3], &part[4], &part[5]],
                    [&json!(number), &json!(message.len()), &json!(77)]
                );
            }
            // gammu's Python shows as many characters as there were septets: behind the end is old memory
            joined.extend(part[2].as_str().unwrap().chars().take_while(|c| *c != '\0'));
        }
        assert_eq!(joined, *text);
    }
    for (hex, text) in opinion["written"].as_array().unwrap().iter().zip(TEXTS) {
        match read(hex.as_str().unwrap()) {
            Ok(Pdu::Deliver(deliver)) => {
                assert_eq!((deliver.from.as_str(), deliver.text.as_str()), ("+15552345678", text));
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}
