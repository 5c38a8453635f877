//! Runbook files: what is read, and how faults are told.

use jiff::civil::date;

use super::{Method, RUNBOOK_BYTES_MAX, Runbook};

fn check_faults(text: &str, expected: &[&str]) {
    let faults = Runbook::parse_yaml(text, "acme.yaml").unwrap_err();
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(lines, expected);
}

#[test]
fn the_sources_example_is_read() {
    let text = "customer_name: \"Acme Corp\"\nbusiness_hours: \"Mon-Fri 8a-6p CT\"\nknown_issues:\n  - \"WiFi drops\"\n\
                escalation_rules:\n  - trigger: \"server down OR can't access email\"\n    target: \"mike@acmemsp.com\"\n    method: \"sms\"\n\
                \x20 - trigger: \"slow OR password\"\n    target: null\n    method: \"noop\"  # morning ticket\n\
                p1_threshold: \"production is blocked for more than 1 person\"\ninstructions: |\n  VPN: reboot the Meraki.\n  Then wait.\n";
    let runbook = Runbook::parse_yaml(text, "acme.yaml").unwrap();
    assert_eq!(runbook.customer_name.as_deref(), Some("Acme Corp"));
    assert_eq!(runbook.known_issues, ["WiFi drops"]);
    assert_eq!(runbook.escalation_rules[0].method, Method::Sms);
    assert_eq!(
        (runbook.escalation_rules[1].target.as_deref(), runbook.escalation_rules[1].method),
        (None, Method::Noop)
    );
    assert_eq!(runbook.instructions.as_deref(), Some("VPN: reboot the Meraki.\nThen wait.\n"));
}

#[test]
fn all_faults_are_told_with_line_and_remedy() {
    check_faults(
        "customer: Acme\nescalation_rules:\n  - trigger: \"a OR \"\n  - triger: x\n    method: sms\n  - trigger: y\n    method: pigeon\n  - trigger: z\n    method: sms\nshoe_size: 9\n",
        &[
            "acme.yaml:1:1: unknown key `customer` (write one of: customer_name, business_hours, known_issues, escalation_rules, p1_threshold, scripted_answers, maintenance, instructions)",
            "acme.yaml:3:14: `trigger` has an empty phrase (write phrases joined by OR and AND: \"server down OR can't access email\")",
            "acme.yaml:4:5: unknown key `triger` in a rule (did you mean `trigger`?)",
            "acme.yaml:4:5: a rule without `trigger` (add: trigger: \"server down OR everyone locked out\")",
            "acme.yaml:7:13: `method` is not known (write one of: sms, call, email, slack, noop)",
            "acme.yaml:8:5: a rule that wakes somebody needs a `target` (add: target: \"mike@example.com\", or method: noop)",
            "acme.yaml:10:1: unknown key `shoe_size` (write one of: customer_name, business_hours, known_issues, escalation_rules, p1_threshold, scripted_answers, maintenance, instructions)",
        ],
    );
}

#[test]
fn scripted_answers_and_windows_are_read() {
    let text = "scripted_answers:\n  - when: \"vpn OR remote access\"\n    steps:\n      - \"Please unplug the Meraki.\"\n      - \"Did that fix it?\"\n\
                maintenance:\n  - what: email OR outlook\n    from: 2026-02-12 21:00\n    to: \"2026-02-13 02:00\"\n";
    let runbook = Runbook::parse_yaml(text, "acme.yaml").unwrap();
    assert_eq!(runbook.scripted_answers[0].steps, ["Please unplug the Meraki.", "Did that fix it?"]);
    assert_eq!(runbook.maintenance[0].from, date(2026, 2, 12).at(21, 0, 0, 0));
    assert_eq!(runbook.maintenance[0].to, date(2026, 2, 13).at(2, 0, 0, 0));
}

#[test]
fn faults_of_answers_and_windows_name_their_line() {
    check_faults(
        "scripted_answers:\n  - when: vpn\n    stepps: [a]\n  - steps: [a]\n  - when: \"vpn OR \"\n    steps: [a]\nmaintenance:\n  - what: email\n    from: tonight\n    to: 2026-02-13 02:00\n  - what: email\n    from: 2026-02-13 02:00\n    to: 2026-02-12 02:00\n  - from: 2026-02-12 02:00\n",
        &[
            "acme.yaml:3:5: unknown key `stepps` in a scripted answer (did you mean `steps`?)",
            "acme.yaml:2:5: a scripted answer with 0 steps (write 1 to 12 texts under `steps:`, each after `- `)",
            "acme.yaml:4:5: a scripted answer without `when` (add: when: \"vpn OR remote access\")",
            "acme.yaml:5:11: `when` has an empty phrase (write phrases joined by OR and AND: \"vpn OR remote access\")",
            "acme.yaml:9:11: `from` is not a date and time (write: from: \"2026-02-12 22:00\")",
            "acme.yaml:13:9: `to` is not after `from` (write the end of the window)",
            "acme.yaml:14:5: a maintenance window without `what` (add: what: \"email OR outlook\")",
            "acme.yaml:14:5: a maintenance window without `to` (write: to: \"2026-02-12 22:00\")",
        ],
    );
}

#[test]
fn broken_yaml_names_its_line() {
    for text in ["customer_name: \"Acme\nknown_issues: x", "known_issues: 5\n", "- a\n- b\n"] {
        let faults = Runbook::parse_yaml(text, "x.yaml").unwrap_err();
        assert!(faults.last().unwrap().line >= 1, "{faults:?}");
    }
}

#[test]
fn plain_text_is_instructions_only() {
    let runbook = Runbook::read(b"If email is down, call Mike.\n", "acme.TXT").unwrap();
    assert_eq!(runbook.instructions.as_deref(), Some("If email is down, call Mike."));
    assert_eq!(Runbook::read(b"", "acme.txt").unwrap(), Runbook::default());
    assert_eq!(Runbook::read(b"# nothing yet\n", "acme.yaml").unwrap(), Runbook::default());
}

#[test]
fn large_and_foreign_files_are_refused_clearly() {
    let faults = Runbook::read(&vec![b'a'; RUNBOOK_BYTES_MAX + 1], "big.yaml").unwrap_err();
    assert!(faults[0].to_string().starts_with("big.yaml: the runbook has 201 KB; at most 200 KB are read"));
    let faults = Runbook::read(b"customer_name: a\ninstructions: caf\xe9\n", "latin.yaml").unwrap_err();
    assert_eq!(
        faults[0].to_string(),
        "latin.yaml:2:1: the file is not UTF-8 text (save it as UTF-8 in your editor)"
    );
}
