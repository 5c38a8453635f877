//! Rules of the house that no compiler checks: who imports whom, who owns which outside thing, sizes, and that no log
//! line above DEBUG carries a caller's words. The names stand in `floors.toml`.
//!
//! Every rule is a function from text to faults; below the rules stands one test that each of them can fail.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Floors {
    crates: BTreeMap<String, Vec<String>>,
    modules: BTreeMap<String, Vec<String>>,
    pure: Pure,
    owners: BTreeMap<String, Vec<String>>,
    sizes: Sizes,
    privacy: Privacy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pure {
    crates: Vec<String>,
    never_depend_on: Vec<String>,
    never_name: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sizes {
    function_lines: usize,
    file_lines: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Privacy {
    caller_words: Vec<String>,
}

/// One file of the repository; `path` is relative to its root.
struct File {
    path: String,
    text: String,
}

#[test]
fn the_house_rules_hold() {
    let floors = floors();
    let files = repository();
    let mut faults = Vec::new();
    for file in &files {
        faults.extend(machine_paths(file));
        if file.path.ends_with("Cargo.toml") {
            faults.extend(manifest(file, &floors));
        }
        if file.path.ends_with(".rs") {
            faults.extend(sizes(file, &floors.sizes));
            faults.extend(vague_name(file));
            faults.extend(log_lines(file, &floors.privacy));
        }
        if is_product_source(&file.path) {
            faults.extend(module_imports(file, &floors.modules));
            faults.extend(owners(file, &floors.owners));
            faults.extend(pure_crates(file, &floors.pure));
            faults.extend(panics(file));
            faults.extend(queues(file));
        }
    }
    faults.extend(unlisted(&files, &floors));
    assert!(faults.is_empty(), "{} house rules are broken:\n{}\n", faults.len(), faults.join("\n"));
}

// ------------------------------------------------------------------ the rules

/// Workspace crates import downwards only, pure crates stay pure, every dependency is named once and with a reason.
fn manifest(file: &File, floors: &Floors) -> Vec<String> {
    let manifest: toml::Table = match file.text.parse() {
        Ok(table) => table,
        Err(e) => return vec![format!("{}: {e}", file.path)],
    };
    let mut faults = Vec::new();
    if manifest.contains_key("workspace") {
        faults.extend(reasons(file));
    }
    let Some(package) = manifest.get("package").and_then(|p| p["name"].as_str()) else { return faults };
    let folder = file.path.trim_end_matches("Cargo.toml").trim_end_matches('/');
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(table) = manifest.get(section).and_then(|s| s.as_table()) else { continue };
        for (dependency, value) in table {
            let mut fault = |what: String| faults.push(format!("{}: {what}", file.path));
            if value.get("workspace").and_then(|w| w.as_bool()) != Some(true) {
                fault(format!("name the version of {dependency} in the root Cargo.toml, with its reason"));
            }
            let ours = floors.crates.contains_key(dependency);
            if ours && !floors.crates.get(package).is_some_and(|may| may.contains(dependency)) {
                fault(format!("{package} may not import {dependency} (floors.toml)"));
            }
            let pure = floors.pure.crates.iter().any(|c| c == package) && section == "dependencies";
            if pure && floors.pure.never_depend_on.contains(dependency) {
                fault(format!("{package} decides and touches nothing: no {dependency} here"));
            }
            let owner = floors.owners.get(dependency);
            if owner.is_some_and(|o| package != "nightdesk" && !o.iter().any(|p| p == folder)) {
                fault(format!("{dependency} belongs to {}", owner.map_or(String::new(), |o| o.join(", "))));
            }
        }
    }
    faults
}

/// Every outside dependency in the workspace table says why it is there.
fn reasons(file: &File) -> Vec<String> {
    let table = numbered(&file.text)
        .skip_while(|(_, line)| *line != "[workspace.dependencies]")
        .skip(1)
        .take_while(|(_, line)| !line.starts_with('['));
    table
        .filter(|(_, line)| line.contains('=') && !line.starts_with('#'))
        .filter(|(_, line)| !line.contains("path = ") && !line.contains("# "))
        .map(|(n, line)| format!("{}:{n}: say after a # why we need: {line}", file.path))
        .collect()
}

/// `src/` modules name each other only as `floors.toml` allows.
fn module_imports(file: &File, modules: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let Some(own) = module_of(&file.path) else { return Vec::new() };
    let Some(may) = modules.get(own) else { return Vec::new() };
    let code = blanked(&file.text, Keep::CodeOnly);
    let mut faults = Vec::new();
    for (n, line) in numbered(&code) {
        for other in modules.keys().filter(|m| *m != own && !may.contains(m)) {
            if has_path(line, &format!("crate::{other}")) {
                faults.push(format!("{}:{n}: {own} may not import {other} (floors.toml)", file.path));
            }
        }
    }
    faults
}

/// A crate for an outside thing is named only where that thing is owned.
fn owners(file: &File, owners: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let code = blanked(&file.text, Keep::CodeOnly);
    let strangers =
        owners.iter().filter(|(_, places)| !places.iter().any(|p| file.path.starts_with(p.as_str())));
    let strangers: Vec<_> = strangers.map(|(name, places)| (name.replace('-', "_"), places)).collect();
    let mut faults = Vec::new();
    for (n, line) in numbered(&code) {
        for (name, places) in &strangers {
            if has_path(line, &format!("{name}::")) || has_path(line, &format!("use {name}")) {
                faults.push(format!("{}:{n}: {name} belongs to {}", file.path, places.join(", ")));
            }
        }
    }
    faults
}

/// Deciding crates name no socket, file, thread or clock outside their tests.
fn pure_crates(file: &File, pure: &Pure) -> Vec<String> {
    let inside = |c: &String| {
        file.path.starts_with(&format!("crates/{c}/")) || file.path.starts_with(&format!("{c}/"))
    };
    if !pure.crates.iter().any(inside) {
        return Vec::new();
    }
    let code = without_tests(file);
    let found = numbered(&code).flat_map(|(n, line)| {
        let names = pure.never_name.iter().filter(move |name| has_path(line, name));
        names.map(move |name| format!("{}:{n}: {name} in a crate that only decides", file.path))
    });
    found.collect()
}

/// Nothing in the product panics on purpose.
fn panics(file: &File) -> Vec<String> {
    let code = without_tests(file);
    let banned = [
        (".unwrap()", "handle it, or `expect` with the reason why it holds"),
        ("panic!(", "nothing from outside may end the program"),
        ("todo!(", "finish it"),
        ("unimplemented!(", "finish it"),
    ];
    let found = numbered(&code).flat_map(|(n, line)| {
        let hits = banned.iter().filter(move |(word, _)| line.contains(word));
        hits.map(move |(word, advice)| format!("{}:{n}: {word} {advice}", file.path))
    });
    found.collect()
}

/// Every queue has an end; one that a library wants without says so in a comment above it: `// unbounded: …`.
fn queues(file: &File) -> Vec<String> {
    let code = without_tests(file);
    let explained = |n: usize| {
        let above = file.text.lines().skip(n.saturating_sub(4)).take(4);
        above.into_iter().any(|line| line.contains("// unbounded: "))
    };
    let found = numbered(&code).filter(|(n, line)| line.contains("unbounded_channel") && !explained(*n));
    found.map(|(n, _)| format!("{}:{n}: a queue without an end; say when it is full", file.path)).collect()
}

/// A function fits a screen and a file one sitting.
fn sizes(file: &File, limits: &Sizes) -> Vec<String> {
    let mut faults = Vec::new();
    let lines = file.text.lines().count();
    if lines > limits.file_lines {
        faults.push(format!("{}: {lines} lines; is it two things?", file.path));
    }
    // rustfmt puts a function's closing brace under its first letter.
    let code = blanked(&file.text, Keep::CodeOnly);
    let mut open: Vec<(usize, usize, String)> = Vec::new();
    for (n, line) in numbered(&code) {
        let indent = line.len() - line.trim_start().len();
        if let Some(name) = function_name(line) {
            open.push((indent, n, name));
        }
        if line.trim_start().starts_with('}') && open.last().is_some_and(|(at, ..)| *at == indent) {
            let Some((_, start, name)) = open.pop() else { continue };
            if n - start > limits.function_lines {
                faults.push(format!(
                    "{}:{start}: {name} has {} lines; give its parts names",
                    file.path,
                    n - start
                ));
            }
        }
    }
    faults
}

fn function_name(line: &str) -> Option<String> {
    let (before, after) = line.split_once("fn ")?;
    let modifiers = ["pub", "pub(crate)", "pub(super)", "async", "const", "unsafe", "extern"];
    // A signature without body ends on its own line and opens nothing.
    if !before.split_whitespace().all(|w| modifiers.contains(&w)) || line.trim_end().ends_with([';', '}']) {
        return None;
    }
    let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// No file is named after nothing.
fn vague_name(file: &File) -> Option<String> {
    let vague = ["utils", "util", "helpers", "misc", "common", "manager"];
    let hit = file.path.trim_end_matches(".rs").split('/').any(|part| vague.contains(&part));
    hit.then(|| format!("{}: say what it is about", file.path))
}

/// No caller's word and no number of a person above DEBUG, nor in a span, which every level carries.
fn log_lines(file: &File, privacy: &Privacy) -> Vec<String> {
    let with_strings = blanked(&file.text, Keep::Strings);
    let code = blanked(&file.text, Keep::CodeOnly);
    let mut faults = Vec::new();
    for name in ["info!(", "warn!(", "error!(", "info_span!(", "warn_span!(", "error_span!("] {
        for (at, _) in code.match_indices(name) {
            let mut before = code[..at].chars().rev();
            if before.next().is_some_and(|c| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let start = at + name.len();
            let end = start + arguments_len(&code[start..]);
            let line = line_at(&code, at);
            let mut names = identifiers(&code[start..end]);
            names.extend(captures(&with_strings[start..end]));
            for word in names.iter().filter(|w| privacy.caller_words.contains(w)) {
                faults.push(format!("{}:{line}: `{word}` in a log line above DEBUG", file.path));
            }
        }
    }
    for (at, _) in code.match_indices("instrument") {
        let attribute = code[..at].ends_with("#[") || code[..at].ends_with("tracing::");
        if attribute && !code[at..].lines().next().unwrap_or("").contains("skip_all") {
            faults.push(format!(
                "{}:{}: instrument without skip_all logs every argument",
                file.path,
                line_at(&code, at)
            ));
        }
    }
    faults
}

/// Nothing names a folder of somebody's machine.
fn machine_paths(file: &File) -> Vec<String> {
    let mut faults = Vec::new();
    for (n, line) in numbered(&file.text) {
        for top in ["root", "work", "home", "Users"] {
            let needle = format!("/{top}/");
            let absolute = line
                .match_indices(&needle)
                .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-})~".contains(c)));
            if absolute {
                faults.push(format!("{}:{n}: a path of one machine: {}", file.path, line.trim()));
            }
        }
    }
    faults
}

/// Crates and modules that `floors.toml` does not know, or knows without need.
fn unlisted(files: &[File], floors: &Floors) -> Vec<String> {
    let modules: BTreeSet<&str> = files.iter().filter_map(|f| module_of(&f.path)).collect();
    let manifests = files.iter().filter(|f| f.path.ends_with("Cargo.toml"));
    let crates: BTreeSet<String> = manifests
        .filter_map(|f| {
            f.text.parse::<toml::Table>().ok()?.get("package")?.get("name")?.as_str().map(String::from)
        })
        .collect();
    let mut faults = Vec::new();
    for name in modules.iter().filter(|m| !floors.modules.contains_key(**m)) {
        faults.push(format!("floors.toml: the module src/{name} has no line"));
    }
    for name in crates.iter().filter(|c| !floors.crates.contains_key(*c)) {
        faults.push(format!("floors.toml: the crate {name} has no line"));
    }
    for name in floors.crates.keys().filter(|c| !crates.contains(*c)) {
        faults.push(format!("floors.toml: there is no crate {name}"));
    }
    faults
}

// ------------------------------------------------------------------ reading

fn floors() -> Floors {
    let text = std::fs::read_to_string(root().join("floors.toml")).expect("floors.toml lies in the root");
    toml::from_str(&text).expect("floors.toml has the fields that tidy knows")
}

fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the package lies").into()
}

/// Every text file that git tracks or would track.
fn repository() -> Vec<File> {
    let listing = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root())
        .output()
        .expect("git lists the files of the repository");
    assert!(listing.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listing.stderr));
    let paths = String::from_utf8_lossy(&listing.stdout).into_owned();
    // Models and recordings are no text; a deleted file may still be listed.
    let files: Vec<File> = paths
        .split_terminator('\0')
        .filter_map(|path| {
            Some(File { path: path.into(), text: std::fs::read_to_string(root().join(path)).ok()? })
        })
        .collect();
    assert!(files.iter().any(|f| f.path == "tests/tidy.rs"), "git listed nothing we know");
    files
}

fn is_product_source(path: &str) -> bool {
    let source = ["src/", "crates/", "firmware/"].iter().any(|top| path.starts_with(top));
    source && path.ends_with(".rs")
}

/// "phone" for `src/phone/sip/mod.rs`; the roots belong to no module.
fn module_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/").filter(|p| p.ends_with(".rs"))?;
    let module = inside.split('/').next()?.trim_end_matches(".rs");
    (!["lib", "main"].contains(&module)).then_some(module)
}

/// The code of a file without its tests; empty for files that are tests altogether.
fn without_tests(file: &File) -> String {
    let parts: Vec<&str> = file.path.split('/').collect();
    if parts
        .iter()
        .any(|p| ["tests", "tests.rs", "testing.rs", "benches", "examples", "test_phone.rs"].contains(p))
    {
        return String::new();
    }
    let code = blanked(&file.text, Keep::CodeOnly);
    let inline = code.match_indices("#[cfg(test)]").find(|(at, found)| {
        let item = code[at + found.len()..].trim_start();
        let item = item.trim_start_matches("pub(crate) ");
        item.starts_with("mod ") && item.lines().next().is_some_and(|line| line.ends_with('{'))
    });
    match inline {
        Some((at, _)) => code[..at].to_string(),
        None => code,
    }
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(i, line)| (i + 1, line))
}

fn line_at(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// `line` names `path` as a whole, not as a piece of a longer word.
fn has_path(line: &str, path: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(path).any(|(at, _)| {
        let goes_on = path.ends_with(part_of_word) && line[at + path.len()..].starts_with(part_of_word);
        !goes_on && !line[..at].ends_with(part_of_word)
    })
}

/// Length of a macro's arguments up to its closing parenthesis; `code` starts after the opening one.
fn arguments_len(code: &str) -> usize {
    let mut depth = 1;
    for (at, c) in code.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    code.len()
}

fn identifiers(code: &str) -> Vec<String> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').map(String::from).collect()
}

/// Names captured in format strings: `{text}`, `{number:?}`.
fn captures(with_strings: &str) -> Vec<String> {
    let opened = with_strings.split('{').skip(1);
    opened.map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Keep {
    CodeOnly,
    Strings,
}

/// The text with comments (and strings, if wanted) overwritten by spaces; every byte keeps its place.
fn blanked(text: &str, keep: Keep) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let (end, hide) = match &bytes[at..] {
            [b'/', b'/', ..] => (find(bytes, at, b"\n"), true),
            [b'/', b'*', ..] => (find(bytes, at + 2, b"*/") + 2, true),
            [b'r', rest @ ..] if !word_before(bytes, at) && raw_string(rest).is_some() => {
                let fence = raw_string(rest).unwrap_or_default();
                (find(bytes, at + 2 + fence.len(), &fence) + fence.len(), keep == Keep::CodeOnly)
            }
            [b'"', ..] => (string_end(bytes, at + 1), keep == Keep::CodeOnly),
            // A character; a lifetime has no closing quote two places on.
            [b'\'', b'\\', ..] => (find(bytes, at + 3, b"'") + 1, true),
            [b'\'', _, b'\'', ..] => (at + 3, true),
            _ => (at + 1, false),
        };
        let end = end.min(bytes.len());
        if hide {
            out[at..end].iter_mut().filter(|b| **b != b'\n').for_each(|b| *b = b' ');
        }
        at = end;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The closing fence of a raw string whose `r` was just passed.
fn raw_string(rest: &[u8]) -> Option<Vec<u8>> {
    let hashes = rest.iter().take_while(|b| **b == b'#').count();
    (rest.get(hashes) == Some(&b'"')).then(|| [b"\"".as_slice(), &rest[..hashes]].concat())
}

fn word_before(bytes: &[u8], at: usize) -> bool {
    at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_')
}

fn find(bytes: &[u8], from: usize, needle: &[u8]) -> usize {
    let from = from.min(bytes.len());
    bytes[from..].windows(needle.len()).position(|w| w == needle).map_or(bytes.len(), |i| from + i)
}

fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

// ------------------------------------------------------------------ each rule can fail

/// Runs one rule on one made-up file and compares the faults, joined by newlines.
fn check<F: IntoIterator<Item = String>>(rule: impl Fn(&File) -> F, path: &str, text: &str, expected: &str) {
    let file = File { path: path.into(), text: text.into() };
    let faults: Vec<String> = rule(&file).into_iter().collect();
    assert_eq!(faults.join("\n"), expected, "{path}: {text}");
}

#[test]
fn phone_must_not_know_the_store() {
    let rule = |f: &File| module_imports(f, &floors().modules);
    let fault = "src/phone/sip/mod.rs:2: phone may not import store (floors.toml)";
    check(rule, "src/phone/sip/mod.rs", "//! crate::store\nuse crate::store::Call;", fault);
    check(rule, "src/phone/sip/mod.rs", "use crate::stores::Call; // crate::store", "");
    check(rule, "src/app/mod.rs", "use crate::store::Call;", "");
}

#[test]
fn only_the_owner_names_an_outside_crate() {
    let rule = |f: &File| owners(f, &floors().owners);
    check(
        rule,
        "src/app/mod.rs",
        "fn f() { rusqlite::x() }",
        "src/app/mod.rs:1: rusqlite belongs to src/store",
    );
    check(rule, "src/store/writer.rs", "use rusqlite::Connection;", "");
    check(rule, "src/app/mod.rs", "let s = \"rusqlite::\"; not_rusqlite::x();", "");
}

#[test]
fn a_deciding_crate_depends_and_calls_on_nothing_outside() {
    let rule = |f: &File| manifest(f, &floors());
    let text = "[package]\nname = \"triage\"\n[dependencies]\ntokio.workspace = true\ncall = { workspace = true }\nx = \"1\"";
    check(
        rule,
        "crates/triage/Cargo.toml",
        text,
        "crates/triage/Cargo.toml: triage may not import call (floors.toml)\n\
         crates/triage/Cargo.toml: triage decides and touches nothing: no tokio here\n\
         crates/triage/Cargo.toml: name the version of x in the root Cargo.toml, with its reason",
    );
    let rule = |f: &File| pure_crates(f, &floors().pure);
    let fault = "crates/call/src/lib.rs:1: std::fs in a crate that only decides";
    check(rule, "crates/call/src/lib.rs", "use std::fs;\n#[cfg(test)]\nmod tests {\nuse std::fs;\n}", fault);
    check(rule, "src/store/mod.rs", "use std::fs;", "");
}

#[test]
fn a_dependency_without_a_reason_is_a_fault() {
    let text =
        "[workspace.dependencies]\na = \"1\" # why\nb = \"1\"\nc = { path = \"c\" }\n[other]\nd = \"1\"";
    check(reasons, "Cargo.toml", text, "Cargo.toml:3: say after a # why we need: b = \"1\"");
}

#[test]
fn a_callers_words_stay_out_of_the_log() {
    let rule = |f: &File| log_lines(f, &floors().privacy);
    let at = |word: &str| format!("src/app/mod.rs:1: `{word}` in a log line above DEBUG");
    check(
        rule,
        "src/app/mod.rs",
        "info!(call = %id, heard = %t.text, \"turn\");",
        &[at("heard"), at("text")].join("\n"),
    );
    check(rule, "src/app/mod.rs", "tracing::warn!(\"dialling {number:?}\");", &at("number"));
    check(rule, "src/app/mod.rs", "info_span!(\"call\", caller = %c);", &at("caller"));
    check(rule, "src/app/mod.rs", "debug!(%text); info!(\"the number of calls\"); // info!(text)", "");
}

#[test]
fn long_functions_panics_endless_queues_vague_names_and_machine_paths_are_faults() {
    let rule = |f: &File| sizes(f, &floors().sizes);
    let long = format!("impl A {{\n    pub async fn f() {{\n{}    }}\n}}", "        x();\n".repeat(71));
    check(rule, "src/a.rs", &long, "src/a.rs:2: f has 72 lines; give its parts names");
    check(rule, "src/a.rs", &"// x\n".repeat(601), "src/a.rs: 601 lines; is it two things?");
    let fault = "src/a.rs:1: .unwrap() handle it, or `expect` with the reason why it holds";
    check(panics, "src/a.rs", "f().unwrap(); g(\".unwrap()\", 'a', '\"'); // .unwrap()", fault);
    check(panics, "src/a/tests.rs", "f().unwrap();", "");
    check(
        queues,
        "src/a.rs",
        "unbounded_channel()",
        "src/a.rs:1: a queue without an end; say when it is full",
    );
    check(queues, "src/a.rs", "// unbounded: the library's type\nlet a = unbounded_channel();", "");
    check(vague_name, "src/utils/x.rs", "", "src/utils/x.rs: say what it is about");
    let path = ["", "home", "me", "x"].join("/");
    check(
        machine_paths,
        "a.md",
        &format!("see {path}"),
        &format!("a.md:1: a path of one machine: see {path}"),
    );
    check(machine_paths, "a.md", "https://example.org/home/x and docs/work/x", "");
}
