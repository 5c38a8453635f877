//! `[channels.…]` and `[cloud]`: what is set, and what the owner reads when it is wrong.

use super::*;
use crate::config::{MailSecurity, SlackSettings};

const ALL: &str = r#"
[channels.twilio]
account_sid = "AC0123456789abcdef0123456789abcdef"
secret_file = "secret"
from = "+15552340001"
[channels.modem]
device = "/dev/serial/by-id/usb-modem-if02-port0"
[channels.connectwise]
server = "https://api-na.myconnectwise.net/"
company_id = "acme"
public_key = "pub"
private_key_file = "secret"
client_id = "12345678-90ab-cdef-1234-567890abcdef"
boards = ["hartwell: Legal Desk"]
[channels.slack]
token_file = "secret"
channel = "C0123456789"
[channels.email]
host = "smtp.example.com"
security = "tls"
user = "nightdesk"
password_file = "secret"
from = "NightDesk <nightdesk@metro.example>"
[channels.ntfy]
topic_file = "secret"
[channels.pushover]
token_file = "secret"
user_file = "secret"
[channels.webhook]
url_file = "secret"
secret_file = "secret"
[cloud]
enabled = true
key_file = "secret"
output_usd_per_mtok = 1
"#;

/// Reads a file with `channels` in front of a shop; the file `secret` beside it holds `secret`.
fn load(channels: &str, secret: &str) -> Result<Config, Vec<Fault>> {
    let folder = tempfile::tempdir().unwrap();
    let around = OnDisk {
        credentials: Some(folder.path().to_owned()),
        ..OnDisk::around(&folder.path().join("x.toml"))
    };
    std::fs::write(folder.path().join("secret"), secret).unwrap();
    Config::parse(&format!("{channels}{SMALLEST}"), "nightdesk.toml", &around)
}

/// What is told; the folder of the test is left out.
fn check(channels: &str, secret: &str, expected: &str) {
    let found = load(channels, secret).expect_err("faults");
    let folders = std::env::temp_dir();
    let plain = |line: &str| match line.split_once(&folders.display().to_string()) {
        Some((before, path)) => {
            format!(
                "{before}FOLDER{}",
                path.trim_start_matches('/')
                    .split_once('/')
                    .map_or("", |(_, rest)| rest)
                    .replacen("", "/", 1)
            )
        }
        None => line.trim().to_owned(),
    };
    let lines: Vec<String> = told(&found).lines().map(plain).collect();
    let wanted: Vec<&str> = expected.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    assert_eq!(lines, wanted);
}

#[test]
fn every_way_out_is_read_with_its_defaults() {
    let config = load(ALL, "a-secret-of-24-characters\n").unwrap_or_else(|f| panic!("{}", told(&f)));
    let channels = &config.channels;
    let twilio = channels.twilio.as_ref().unwrap();
    assert_eq!((twilio.validity_s, twilio.server.as_str()), (600, "https://api.twilio.com"));
    let desk = channels.connectwise.as_ref().unwrap();
    assert_eq!(
        (desk.server.as_str(), desk.board.as_str()),
        ("https://api-na.myconnectwise.net", "Help Desk")
    );
    assert_eq!(desk.boards, [("hartwell".to_owned(), "Legal Desk".to_owned())]);
    assert_eq!(desk.priorities[2], "Priority 3 - Medium");
    assert!(matches!(&channels.slack, Some(SlackSettings::Bot { channel, .. }) if channel == "C0123456789"));
    let email = channels.email.as_ref().unwrap();
    assert_eq!((email.port, email.security), (465, MailSecurity::Tls));
    assert_eq!(channels.pushover.as_ref().map(|p| (p.retry_s, p.expire_s)), Some((60, 1800)));
    assert!(channels.ntfy.is_some() && channels.webhook.is_some());
    let cloud = config.cloud.as_ref().unwrap();
    assert_eq!(
        (cloud.model.as_str(), cloud.deadline_ms, cloud.after_call),
        ("claude-haiku-5-5", 2500, false)
    );
    assert_eq!((cloud.input_usd_per_mtok, cloud.output_usd_per_mtok), (0.10, 1.0));
    assert!(!format!("{config:?}").contains("a-secret-of"), "secrets are not printed");
    assert_eq!(config.warnings, []);
}

#[test]
fn cloud_is_off_unless_it_is_switched_on() {
    assert!(good(SMALLEST).cloud.is_none());
    assert!(load("[cloud]\nkey_file = \"secret\"\n", "x").unwrap().cloud.is_none());
}

#[test]
fn secrets_stand_in_files_only() {
    check(
        "[channels.twilio]\naccount_sid = \"AC1\"\nsecret = \"hunter2\"\nfrom = \"911\"\n",
        "x",
        r#"nightdesk.toml:1:1: channels.twilio.secret_file is missing
           write: secret_file = "twilio-secret": a file beside this one with the secret in its first line
           nightdesk.toml:2:15: channels.twilio.account_sid is "AC1": not AC and 32 characters
           write: AC and 32 characters, from the first page of Twilio's console
           nightdesk.toml:3:1: channels.twilio.secret is not a key that NightDesk knows
           write: one of account_sid, api_key_sid, secret_file, from, messaging_service_sid, validity_s, server, ca_file
           nightdesk.toml:4:8: channels.twilio.from is "911": a telephone number has 7 to 15 digits, this has 3; write it like +15552345678
           write: the number that Twilio gave you: "+15552345678""#,
    );
}

#[test]
fn slips_in_a_channel_say_what_to_write() {
    check(
        "[channels.slack]\ntoken_file = \"secret\"\nchannel = \"#general\"\n",
        "xoxb-1",
        r##"nightdesk.toml:3:11: channels.slack.channel is "#general": a channel's name is not enough
           write: the channel's id, such as "C0123456789""##,
    );
    check(
        "[channels.webhook]\nurl_file = \"secret\"\nsecret_file = \"secret\"\n",
        "short",
        "nightdesk.toml:3:15: the webhook's secret can be guessed
         write: at least 16 characters in that file",
    );
    check(
        "[channels.pushover]\ntoken_file = \"secret\"\nuser_file = \"secret\"\nretry_s = 60\nexpire_s = 30\n",
        "x",
        "nightdesk.toml:1:1: channels.pushover gives up before it rings a second time
         write: expire_s above retry_s, such as 1800 and 60",
    );
    check(
        "[channels.ntfy]\ntopic_file = \"secret\"\nserver = \"ntfy.example.com\"\nca_file = \"secret\"\n",
        "x",
        r#"nightdesk.toml:3:10: channels.ntfy.server is "ntfy.example.com": an address begins with https://
           write: "https://ntfy.sh"; http:// only for an address in this building
           nightdesk.toml:4:11: FOLDER/secret holds no certificate
           write: a file in PEM form: -----BEGIN CERTIFICATE----- …"#,
    );
    check(
        "[cloud]\nenabled = true\nkey_file = \"secret\"\ninput_usd_per_mtok = \"cheap\"\n",
        "x",
        "nightdesk.toml:4:22: cloud.input_usd_per_mtok must be a number, but this is of the kind string
         write: a number without quotes, such as 0.10",
    );
}

#[test]
fn a_modem_is_named_by_what_stays_and_its_pin_is_digits() {
    let modem = |rest: &str, secret: &str| load(&format!("[channels.modem]\n{rest}\n"), secret);
    let stays = "device = \"/dev/serial/by-id/usb-modem\"";
    let config = modem(&format!("{stays}\npin_file = \"secret\""), "1234\n").unwrap();
    let set = config.channels.modem.unwrap();
    assert_eq!((set.pin.unwrap().reveal(), set.validity_s), ("1234", 600));
    assert_eq!(config.warnings, []);
    let moves = modem("device = \"/dev/ttyUSB2\"", "").unwrap();
    assert!(told(&moves.warnings).contains("ls /dev/serial/by-id/"), "{:?}", moves.warnings);
    let wrong = |rest: &str, secret: &str| told(&modem(rest, secret).unwrap_err());
    assert!(wrong(&format!("{stays}\npin_file = \"secret\""), "12a4\n").contains("four to eight digits"));
    assert!(wrong("device = \"COM3\"", "").contains("begins with /dev/"));
    assert!(wrong("validity_s = 600", "").contains("channels.modem.device is missing"));
}
