//! Runbook files: what is read, and how faults are told.

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
            "acme.yaml:1:1: unknown key `customer` (write one of: customer_name, business_hours, known_issues, escalation_rules, p1_threshold, instructions)",
            "acme.yaml:3:14: `trigger` has an empty phrase (write phrases joined by OR and AND: \"server down OR can't access email\")",
            "acme.yaml:4:5: unknown key `triger` in a rule (did you mean `trigger`?)",
            "acme.yaml:4:5: a rule without `trigger` (add: trigger: \"server down OR everyone locked out\")",
            "acme.yaml:7:13: `method` is not known (write one of: sms, call, email, slack, noop)",
            "acme.yaml:8:5: a rule that wakes somebody needs a `target` (add: target: \"mike@example.com\", or method: noop)",
            "acme.yaml:10:1: unknown key `shoe_size` (write one of: customer_name, business_hours, known_issues, escalation_rules, p1_threshold, instructions)",
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
