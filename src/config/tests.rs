use jiff::civil::date;
use proptest::prelude::*;

use super::*;

mod choosing;
mod faults;
mod roster;

/// The smallest file that works.
const SMALLEST: &str = r#"
[[shop]]
id = "metro"
business_name = "Metro Plumbing"
owner_name = "Dave"
time_zone = "America/Chicago"
[shop.oncall]
primary_name = "Mike"
primary_phone = "+15558870002"
owner_phone = "+15558870001"
"#;

fn parse(text: &str) -> Result<Config, Vec<Fault>> {
    let runbooks = &[("known.yaml", "instructions: be kind\n"), ("wrong.yaml", "customer_nme: Acme\n")];
    Config::parse(text, "nightdesk.toml", &Embedded { runbooks })
}

fn good(text: &str) -> Config {
    parse(text).unwrap_or_else(|faults| panic!("{}", told(&faults)))
}

fn told(faults: &[Fault]) -> String {
    faults.iter().map(|f| f.to_string()).collect::<Vec<_>>().join("\n")
}

#[test]
fn smallest_file_has_the_sources_defaults() {
    let config = good(SMALLEST);
    let shop = &config.shops[0];
    assert_eq!((shop.profile.agent_name.as_str(), shop.profile.max_call_s), ("Alex", 300));
    assert_eq!(shop.profile.oncall_name.as_deref(), Some("Mike"));
    assert!(shop.profile.record && shop.profile.recording_notice && !shop.profile.always_active);
    let roster = &shop.oncall;
    assert_eq!(
        [
            roster.transfer_ring_s,
            roster.text_after_s,
            roster.call_after_s,
            roster.backup_after_s,
            roster.owner_after_s
        ],
        [30, 0, 60, 600, 1200],
        "source D:1003-1015"
    );
    assert_eq!((config.retention.recordings_days, config.retention.transcripts_days), (30, 365));
    assert_eq!(config.unknown_number, UnknownNumber::Say36);
    assert!(config.line.pbx.is_none());
    assert!(shop.profile.hours.is_open(date(2026, 2, 12).at(16, 59, 0, 0)), "Mon-Fri 8 to 5 (source D:983)");
    assert!(!shop.profile.hours.is_open(date(2026, 2, 14).at(12, 0, 0, 0)));
}

#[test]
fn demo_inside_the_program_is_the_example_on_disk() {
    let demo = Config::embedded_demo().unwrap();
    let on_disk = Config::load(Path::new("examples/metro-plumbing/nightdesk.toml")).unwrap();
    assert_eq!(demo.shops[0].profile, on_disk.shops[0].profile);
    assert_eq!(demo.shops[0].runbook.as_ref().unwrap().text, on_disk.shops[0].runbook.as_ref().unwrap().text);
    assert_eq!(on_disk.data_dir, Path::new("examples/metro-plumbing/data"), "beside the configuration");
    assert_eq!((on_disk.warnings, demo.warnings), (vec![], vec![]));
}

#[test]
fn example_of_an_msp_is_right() {
    let msp = Config::load(Path::new("examples/acme-msp/nightdesk.toml")).unwrap();
    assert_eq!(msp.shops.len(), 3);
    assert!(!msp.shops[0].runbook.as_ref().unwrap().yaml, "a .txt file is instructions only");
    assert_eq!(msp.warnings, []);
}

#[test]
fn password_comes_from_a_file_or_from_systemd_and_is_never_printed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nightdesk.toml");
    let pbx = "[line.pbx]\nhost = \"10.0.0.1\"\nextension = \"299\"\npassword_file = \"pbx-password\"\n";
    std::fs::write(&file, format!("{pbx}{SMALLEST}")).unwrap();
    let missing = Config::load(&file).unwrap_err();
    assert!(told(&missing).contains("pbx-password cannot be read"), "{}", told(&missing));

    std::fs::write(folder.path().join("pbx-password"), "from-file-7\n").unwrap();
    let config = Config::load(&file).unwrap();
    let pbx = config.line.pbx.as_ref().unwrap();
    assert_eq!(pbx.password.reveal(), "from-file-7");
    assert!(!format!("{config:?}").contains("from-file-7"));

    let credentials = tempfile::tempdir().unwrap();
    std::fs::write(credentials.path().join("pbx-password"), "from-systemd-8").unwrap();
    let around = OnDisk { credentials: Some(credentials.path().to_owned()), ..OnDisk::around(&file) };
    let text = std::fs::read_to_string(&file).unwrap();
    let config = Config::parse(&text, "nightdesk.toml", &around).unwrap();
    assert_eq!(config.line.pbx.unwrap().password.reveal(), "from-systemd-8");
}

#[test]
fn password_file_that_everybody_may_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("pbx-password");
    std::fs::write(&secret, "x7").unwrap();
    let file = folder.path().join("nightdesk.toml");
    let pbx = "[line.pbx]\nhost = \"10.0.0.1\"\nextension = \"299\"\npassword_file = \"pbx-password\"\n";
    std::fs::write(&file, format!("{pbx}{SMALLEST}")).unwrap();
    let warnings = |mode| {
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(mode)).unwrap();
        Config::load(&file).unwrap().warnings.len()
    };
    assert_eq!((warnings(0o644), warnings(0o640)), (1, 0));
}

#[test]
fn inline_password_is_a_warning_and_not_repeated() {
    let pbx = "[line.pbx]\nhost = \"10.0.0.1\"\nextension = \"299\"\npassword = \"hunter2\"\n";
    let config = good(&format!("{pbx}{SMALLEST}"));
    assert_eq!(config.warnings.len(), 1);
    assert!(!format!("{config:?}{}", told(&config.warnings)).contains("hunter2"));
    assert_eq!(config.line.pbx.unwrap().password.reveal(), "hunter2");
}

#[test]
fn relative_folders_stand_beside_the_file_and_systemd_names_the_default() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nightdesk.toml");
    let around = OnDisk { state: Some("/var/lib/elsewhere".into()), ..OnDisk::around(&file) };
    let data_dir = |text: &str| Config::parse(text, "f", &around).unwrap().data_dir;
    assert_eq!(data_dir(SMALLEST), Path::new("/var/lib/elsewhere"));
    assert_eq!(data_dir(&format!("{SMALLEST}[storage]\ndata_dir = \"data\"\n")), folder.path().join("data"));
    assert_eq!(data_dir(&format!("{SMALLEST}[storage]\ndata_dir = \"/srv/n\"\n")), Path::new("/srv/n"));
}

#[test]
fn every_key_is_explained_in_the_reference() {
    let reference = include_str!("../../docs/config.md");
    let mut missing = Vec::new();
    for (section, keys) in raw::SECTIONS.iter().filter(|(name, _)| *name != "File") {
        let heading = raw::heading(section);
        let part = reference.split("\n## ").find(|part| part.contains(&format!("`{heading}`\n")));
        let part = part.unwrap_or_else(|| panic!("docs/config.md has no section {heading}"));
        let sub_sections =
            ["pbx", "hours", "oncall", "person", "rotation", "shift", "override", "maintenance"];
        let named = |key: &str| part.contains(&format!("| `{key}` |")) || sub_sections.contains(&key);
        missing.extend(keys.iter().filter(|k| !named(k)).map(|k| format!("{heading} {k}")));
    }
    assert_eq!(missing, Vec::<String>::new(), "docs/config.md does not name these keys");
}

proptest! {
    #[test]
    fn no_file_makes_the_reader_panic(text in "(\\PC|\n){0,400}") {
        let _ = parse(&text);
    }

    #[test]
    fn any_value_of_a_key_is_taken_or_told(
        section in 0usize..raw::SECTIONS.len(),
        key in 0usize..40,
        value in prop_oneof![
            Just("\"\"".to_string()), Just("[]".into()), Just("true".into()), Just("-1".into()),
            Just("99999999999999999999".into()), Just("2026-02-30".into()), Just("{}".into()),
            "\"[ -!#-\\[\\]-~]{0,20}\"",
        ],
    ) {
        let (name, keys) = raw::SECTIONS[section];
        let key = keys[key % keys.len()];
        let text = match name {
            "File" => format!("{key} = {value}\n"),
            _ => format!("{}\n{key} = {value}\n", raw::heading(name)),
        };
        let shop = match name {
            "Hours" | "Oncall" => "[[shop]]\n",
            "Person" | "Rotation" | "Shift" | "Override" | "Maintenance" => "[[shop]]\n[shop.oncall]\n",
            _ => "",
        };
        if let Err(faults) = parse(&format!("{shop}{text}")) {
            for fault in faults {
                prop_assert!(fault.line >= 1 && !fault.what.is_empty() && !fault.write_instead.is_empty());
            }
        }
    }
}
