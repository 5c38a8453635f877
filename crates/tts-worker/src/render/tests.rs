use std::time::Instant;

use clap::Parser as _;

use super::*;
use crate::{Args, engine};

fn engine(args: &[&str]) -> Box<dyn Engine> {
    engine::from_args(&Args::parse_from([&["nightdesk-tts"], args].concat()))
}

fn soon() -> Brake {
    Brake::new(Instant::now() + Duration::from_secs(60))
}

/// Renders with an engine that may be missing on this machine; says so then.
fn check(args: &[&str], sample_rate: u32) {
    let engine = engine(args);
    if let Err(missing) = engine.check() {
        eprintln!("skipped: {missing}");
        return;
    }
    let said = render(&*engine, "Okay, Jim. I have two eighteen Oak Lane.", &soon()).unwrap();
    assert_eq!(said.sample_rate, sample_rate);
    let seconds = said.samples.len() as f32 / sample_rate as f32;
    assert!((1.5..6.0).contains(&seconds), "{seconds} s");
    assert!(said.samples.iter().any(|sample| sample.unsigned_abs() > 2000), "is only silence");
}

#[test]
fn flite_speaks() {
    check(&[], 16_000);
}

#[test]
fn espeak_ng_speaks() {
    check(&["--engine", "espeak-ng"], 22_050);
    check(&["--engine", "espeak-ng", "--voice", "en-us+f3"], 22_050);
}

#[test]
fn missing_engine_names_the_package() {
    let said = engine(&["--command", "/no/such/flite"]).check().unwrap_err();
    assert_eq!(said, "/no/such/flite is not installed: install the Debian package flite (apt install flite)");
    let said = engine(&["--engine", "espeak-ng", "--command", "/no/such/espeak"]).check().unwrap_err();
    assert!(said.contains("install the Debian package espeak-ng"), "{said}");
    let said = engine(&["--engine", "piper", "--command", "/no/such/piper"]).check().unwrap_err();
    assert!(said.contains("use flite"), "{said}");
}

#[test]
fn unknown_voice_is_refused_instead_of_another_one_speaking() {
    let flite = engine(&["--voice", "morgan"]);
    match flite.check() {
        Err(said) if said.contains("not installed") => eprintln!("skipped: {said}"),
        Err(said) => assert!(said.starts_with("flite has no voice \"morgan\"; it has: "), "{said}"),
        Ok(()) => panic!("flite has a voice morgan"),
    }
}

#[test]
fn piper_without_its_voice_file_says_what_is_missing() {
    let said = engine(&["--engine", "piper", "--command", "true"]).check().unwrap_err();
    assert!(said.contains(".onnx"), "{said}");
    let said = engine(&["--engine", "piper", "--command", "true", "--voice", "/no/lessac.onnx"])
        .check()
        .unwrap_err();
    assert_eq!(said, "piper's voice file /no/lessac.onnx is missing");
}

/// An engine that sleeps, fails, or writes nothing.
struct Odd(&'static [&'static str]);

impl Engine for Odd {
    fn name(&self) -> &'static str {
        "odd"
    }
    fn command(&self, _: &Path, _: &Path) -> std::process::Command {
        let mut command = std::process::Command::new(self.0[0]);
        command.args(&self.0[1..]);
        command
    }
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
    fn how_to_install(&self) -> String {
        "install it".into()
    }
}

fn refusal(command: &'static [&'static str], brake: &Brake) -> String {
    render(&Odd(command), "hello", brake).unwrap_err().to_string()
}

#[test]
fn engine_that_fails_or_writes_nothing_is_an_error() {
    assert!(refusal(&["false"], &soon()).starts_with("odd failed: exit status"));
    assert!(refusal(&["true"], &soon()).starts_with("odd wrote no usable sound"));
    assert!(refusal(&["/no/such/engine"], &soon()).starts_with("odd cannot be started: install it"));
}

#[test]
fn engine_that_hangs_is_killed_at_the_deadline() {
    let begun = Instant::now();
    let brake = Brake::new(begun + Duration::from_millis(30));
    assert_eq!(refusal(&["sleep", "60"], &brake), "stopped before it was finished");
    assert!(begun.elapsed() < Duration::from_secs(20));
}
