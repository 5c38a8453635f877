//! The simulated line: playing takes time, text and pages come back after a while.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc, time::Duration};

use domain::{Classification, Decision, Heard};

use super::script::{Script, Step, Storing};
use crate::{
    machine::{Call, takes_call},
    prompts::Prompts,
    protocol::{CallSetup, HOLD_MUSIC, Input, Outcome, Output, PageDraft, TransferResult},
};

/// Decides on the call's turns; the flag says whether the caller still talks.
pub type Decider<'a> = dyn FnMut(&Call, bool) -> Option<Decision> + 'a;

const MS_PER_CHAR: u64 = 60;
/// A piece of music for a caller on hold.
const MUSIC: Duration = Duration::from_secs(7);
/// No script runs longer.
const LONGEST: Duration = Duration::from_secs(900);

/// A script on its way through a call.
pub struct Rehearsal<'a> {
    script: &'a Script,
    decide: &'a mut Decider<'a>,
    call: Call,
    now: Duration,
    /// What will happen, in order.
    coming: BTreeMap<(Duration, u32), Input>,
    count: u32,
    /// The saying on the air, and when it ends.
    playing: Option<(u32, Duration, Duration)>,
    storing: Storing,
    hearing: Option<Duration>,
    deciding: bool,
    transfer: Option<(TransferResult, Duration)>,
    suspected: bool,
    /// What is on the air is music for a caller on hold.
    music: bool,
    /// Everything the agent said, with the position of the caller's last line.
    said: Vec<String>,
    heard_up_to: usize,
    log: String,
    pages: Vec<PageDraft>,
    recording: bool,
    outcome: Option<Outcome>,
}

impl<'a> Rehearsal<'a> {
    /// Plays the whole script. `Err` says which line was not fulfilled, with the conversation so far.
    pub fn play(script: &'a Script, decide: &'a mut Decider<'a>) -> Result<String, String> {
        if script.steps.iter().any(|(_, s)| *s == Step::NotAnswered) {
            let taken = takes_call(&script.profile, script.at);
            return if taken {
                Err(format!("{}: the call was taken", script.file))
            } else {
                Ok(String::new())
            };
        }
        if !takes_call(&script.profile, script.at) {
            return Err(format!("{}: the office is open, the call is not taken", script.file));
        }
        let mut rehearsal = Self::new(script, decide)?;
        rehearsal.give(Input::Answered);
        for (number, step) in &script.steps {
            let done = rehearsal.step(step);
            done.map_err(|what| format!("{}:{number}: {what}\n{}", script.file, rehearsal.log))?;
        }
        Ok(rehearsal.log)
    }

    fn new(script: &'a Script, decide: &'a mut Decider<'a>) -> Result<Self, String> {
        let prompts = Prompts::english(&script.profile).map_err(|faults| format!("{faults:?}"))?;
        let spanish = Prompts::spanish(&script.profile).map_err(|faults| format!("{faults:?}"))?;
        let call = Call::new(CallSetup {
            profile: script.profile.clone(),
            caller: script.caller.clone(),
            local_start: script.at,
            repeat: script.repeat.clone(),
            prompts: Arc::new(prompts),
            hearing: script.hearing,
            spanish: (!script.no_spanish_voice).then(|| Arc::new(spanish)),
            transfer: script.transfer,
            transfer_ring_s: 30,
        });
        Ok(Self {
            script,
            decide,
            call,
            now: Duration::ZERO,
            coming: BTreeMap::new(),
            count: 0,
            playing: None,
            storing: Storing::Stores,
            hearing: Some(Duration::from_millis(200)),
            deciding: true,
            transfer: Some((TransferResult::Failed, Duration::from_secs(30))),
            suspected: false,
            music: false,
            said: Vec::new(),
            heard_up_to: 0,
            log: format!("{}\n", script.title),
            pages: Vec::new(),
            recording: false,
            outcome: None,
        })
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Caller(heard) => {
                self.until_quiet();
                self.run(Duration::from_millis(400));
                self.speak(heard);
            }
            Step::Interrupts(heard) => {
                self.run(Duration::from_millis(1000));
                self.speak(heard);
            }
            Step::Begins(heard) => self.begin(heard),
            Step::Noise => self.noise(),
            Step::Key(key) => {
                self.run(Duration::from_millis(700));
                self.log_line("key", &key.to_string());
                self.give(Input::Key(*key));
            }
            Step::Silence(time) => {
                self.until_quiet();
                self.run(*time);
            }
            Step::HangsUp => {
                self.log_line("caller", "(hangs up)");
                self.give(Input::HungUp);
            }
            Step::Tone(tone) => self.give(Input::Tone(*tone)),
            Step::Agent(text) => return self.must_have_said(text),
            Step::Never(text) => {
                self.until_end();
                return self.must_never_have_said(text);
            }
            Step::Pages(storing) => self.storing = *storing,
            Step::Hearing(time) => self.hearing = *time,
            Step::Deciding(works) => self.deciding = *works,
            Step::Expect(wanted) => {
                self.until_end();
                return wanted.iter().try_for_each(|(key, value)| self.expect(key, value));
            }
            Step::Transfer(becomes) => self.transfer = *becomes,
            Step::TechnicianHangsUp => {
                self.run(Duration::from_secs(5));
                self.log_line("tech", "(hangs up)");
                self.give(Input::Transfer(TransferResult::Over));
            }
            Step::Acknowledged(by) => {
                self.until_quiet();
                self.log_line("tech", &format!("{by} takes the alert"));
                self.give(Input::Acknowledged { by: by.clone() });
            }
            Step::SuspectedRobot => self.suspected = true,
            Step::NotAnswered => {}
        }
        Ok(())
    }

    fn speak(&mut self, heard: &Heard) {
        self.heard_up_to = self.said.len();
        self.log_line("caller", &heard.text);
        let length = Duration::from_millis(300 + MS_PER_CHAR * heard.text.len() as u64);
        self.run(Duration::from_millis(160));
        self.give(Input::Speech { sustained_ms: 160 });
        if length > Duration::from_millis(600) {
            self.run(Duration::from_millis(440));
            self.give(Input::Speech { sustained_ms: 600 });
            self.run(length - Duration::from_millis(600));
        }
        self.run(Duration::from_millis(500));
        self.give(Input::TurnEnded { silence_ms: 0 });
        match self.hearing {
            Some(time) => self.later(time, Input::Heard(heard.clone())),
            None => self.later(Duration::from_millis(300), Input::HearingFailed),
        }
        self.run(Duration::from_millis(250));
    }

    fn begin(&mut self, heard: &Heard) {
        self.until_quiet();
        self.heard_up_to = self.said.len();
        self.log_line("caller", &format!("{} …", heard.text));
        self.give(Input::Speech { sustained_ms: 160 });
        self.run(Duration::from_millis(440));
        self.give(Input::Speech { sustained_ms: 600 });
        self.run(Duration::from_millis(1500));
        self.give(Input::HeardPartial(heard.clone()));
        self.run(Duration::from_millis(500));
    }

    fn noise(&mut self) {
        self.run(Duration::from_millis(1000));
        self.log_line("noise", "");
        self.give(Input::Speech { sustained_ms: 160 });
        self.run(Duration::from_millis(600));
        self.give(Input::TurnEnded { silence_ms: 0 });
        self.later(Duration::from_millis(200), Input::Heard(Heard::typed("")));
        self.run(Duration::from_millis(300));
    }

    fn later(&mut self, after: Duration, input: Input) {
        self.count += 1;
        self.coming.insert((self.now + after, self.count), input);
    }

    /// Lets time pass.
    fn run(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(next) = self.next_moment().filter(|at| *at <= until) {
            self.advance(next);
        }
        self.now = self.now.max(until);
    }

    fn next_moment(&self) -> Option<Duration> {
        if self.outcome.is_some() {
            return None;
        }
        let coming = self.coming.keys().next().map(|(at, _)| *at);
        let played = self.playing.map(|(_, _, end)| end);
        let due = self.call.poll_timeout().map(|(at, _)| at);
        [coming, played, due].into_iter().flatten().min().map(|at| at.max(self.now))
    }

    fn advance(&mut self, at: Duration) {
        self.now = at;
        if let Some((id, _, _)) = self.playing.take_if(|(_, _, end)| *end <= at) {
            self.give(Input::PlaybackFinished(id));
        } else if let Some(input) = self.take_coming(at) {
            self.give(input);
        } else {
            self.give(Input::Tick);
        }
    }

    fn take_coming(&mut self, at: Duration) -> Option<Input> {
        let key = *self.coming.keys().next().filter(|(due, _)| *due <= at)?;
        self.coming.remove(&key)
    }

    /// Until the agent has said everything and waits for the caller.
    fn until_quiet(&mut self) {
        let end = self.now + Duration::from_secs(120);
        while self.outcome.is_none() && self.now < end && self.is_busy() {
            let Some(next) = self.next_moment() else { break };
            self.advance(next);
        }
    }

    /// We speak, or an answer is on its way. Music and a telephone that rings are not waited for.
    fn is_busy(&self) -> bool {
        let rings = |input: &Input| matches!(input, Input::Transfer(_));
        (self.playing.is_some() && !self.music) || self.coming.values().any(|input| !rings(input))
    }

    fn until_end(&mut self) {
        while self.outcome.is_none() && self.now < LONGEST {
            let Some(next) = self.next_moment() else { break };
            self.advance(next);
        }
    }

    fn give(&mut self, input: Input) {
        self.call.handle(input, self.now);
        while let Some(output) = self.call.poll_output() {
            self.act(output);
        }
    }

    fn act(&mut self, output: Output) {
        match output {
            Output::Say(saying) => {
                self.music = saying.units.iter().any(|u| u.text == HOLD_MUSIC);
                self.log_line("agent", if self.music { HOLD_MUSIC } else { &saying.text });
                let speech = Duration::from_millis(200 + MS_PER_CHAR * saying.text.len() as u64);
                let length = if self.music { MUSIC } else { speech };
                self.later(Duration::from_millis(20), Input::PlaybackStarted(saying.id));
                self.playing = Some((saying.id, self.now, self.now + length));
                self.said.push(saying.text);
            }
            Output::StopSpeaking => {
                if let Some((id, began, _)) = self.playing.take() {
                    self.log_line("agent", "(stops)");
                    let played_ms = u32::try_from((self.now - began).as_millis()).unwrap_or(u32::MAX);
                    self.later(Duration::from_millis(20), Input::PlaybackStopped { id, played_ms });
                }
            }
            Output::Triage { early } => self.triage(early),
            Output::Page(draft) => {
                self.log_line(
                    "page",
                    &format!("{} / {:?} / {:?}", draft.summary, draft.caller_name, draft.address),
                );
                self.pages.push(draft);
                match self.storing {
                    Storing::Stores => self.later(Duration::from_millis(5), Input::PageCommitted),
                    Storing::Fails => self.later(Duration::from_millis(5), Input::PageFailed),
                    Storing::Silent => {}
                }
            }
            Output::StartRecording => self.recording = true,
            Output::Ended(outcome) => {
                self.log_line("ended", &format!("{:?}, {}", outcome.status, outcome.reason));
                self.outcome = Some(outcome);
            }
            Output::Transfer(draft) => {
                self.log_line("rings", &format!("{} / {:?}", draft.summary, draft.caller_name));
                self.later(Duration::from_secs(2), Input::Transfer(TransferResult::Ringing));
                if let Some((result, after)) = self.transfer {
                    self.later(after, Input::Transfer(result));
                }
            }
            Output::CancelTransfer => {
                self.log_line("rings", "(no longer)");
                self.coming.retain(|_, input| !matches!(input, Input::Transfer(_)));
            }
            Output::HangUp | Output::Listen(_) | Output::Hint(_) => {}
        }
    }

    fn triage(&mut self, early: bool) {
        if !self.deciding {
            return;
        }
        let decision = (self.decide)(&self.call, early).map(|decision| self.as_the_script_says(decision));
        let soon = Duration::from_millis(2);
        match (decision, early) {
            (Some(d), true) if d.classification.is_some() => self.later(soon, Input::DecidedEarly(d)),
            (Some(_) | None, true) => {}
            (Some(d), false) => self.later(soon, Input::Decided(d)),
            (None, false) => self.later(soon, Input::TriageFailed),
        }
    }

    /// A model suspects a machine.
    fn as_the_script_says(&self, mut decision: Decision) -> Decision {
        if !decision.is_emergency() {
            decision.suspected_robot |= self.suspected;
        }
        decision
    }

    fn log_line(&mut self, who: &str, what: &str) {
        let seconds = self.now.as_secs_f32();
        // Writing to a string cannot fail.
        let _ = writeln!(self.log, "  {seconds:6.2}  {who:>6}: {what}");
    }

    /// Said since the caller's last line, in order.
    fn must_have_said(&mut self, text: &str) -> Result<(), String> {
        let end = self.now + Duration::from_secs(60);
        loop {
            let since = self.said.get(self.heard_up_to..).unwrap_or_default();
            if let Some(at) = since.iter().position(|s| s.contains(text)) {
                self.heard_up_to += at;
                return Ok(());
            }
            let busy = self.playing.is_some() || !self.coming.is_empty();
            let soon = self.now + Duration::from_millis(2500);
            let more = self.next_moment().filter(|at| *at < end && (busy || *at < soon));
            match more {
                Some(next) => self.advance(next),
                None => return Err(format!("the agent did not say {text:?}")),
            }
        }
    }

    fn must_never_have_said(&self, text: &str) -> Result<(), String> {
        match self.said.iter().find(|s| s.contains(text)) {
            Some(said) => Err(format!("the agent said {said:?}")),
            None => Ok(()),
        }
    }

    fn expect(&self, key: &str, wanted: &str) -> Result<(), String> {
        let found = self.fact(key)?;
        let simple = |s: &str| s.to_lowercase().replace(['_', ' '], "");
        let same = if key == "note" || key == "summary" {
            simple(&found).contains(&simple(wanted))
        } else {
            simple(&found) == simple(wanted)
        };
        if same { Ok(()) } else { Err(format!("expected {key}={wanted:?}, found {found:?}")) }
    }

    fn fact(&self, key: &str) -> Result<String, String> {
        let details = self.call.details();
        let decision = details.decision.as_ref();
        let yes_no = |yes: bool| if yes { "yes" } else { "no" }.to_string();
        let outcome = self.outcome.as_ref().ok_or("the call has not ended")?;
        let class = decision.and_then(|d| d.classification);
        Ok(match key {
            "emergency" => class_word(details.is_emergency(), "emergency"),
            "routine" => class_word(class == Some(Classification::Routine), "routine"),
            "spam" => class_word(class == Some(Classification::Spam), "spam"),
            "undecided" => class_word(class.is_none(), "undecided"),
            "service" => decision.map_or("none".into(), |d| format!("{:?}", d.service)),
            "issue" => decision.map_or("none".into(), |d| format!("{:?}", d.issue)),
            "safety" => details
                .safety_given
                .iter()
                .rfind(|s| s.complete)
                .map_or("none".into(), |s| format!("{:?}", s.safety)),
            "page" => yes_no(details.paged),
            "pages" => self.pages.len().to_string(),
            "name" => details.name.clone().unwrap_or("none".into()),
            "address" => details.address.clone().unwrap_or("none".into()),
            "phone" => details.phone.as_ref().map_or("none".into(), |p| p.e164().to_string()),
            "confirmed" => yes_no(details.phone_confirmed),
            "status" => format!("{:?}", outcome.status),
            "card" => yes_no(outcome.lead_card),
            "unsent" => yes_no(outcome.page_unsent.is_some()),
            "recorded" => yes_no(self.recording),
            "note" => details.notes.join("; "),
            "transferred" => yes_no(outcome.transferred),
            "resolved" => yes_no(details.resolved),
            "language" => format!("{:?}", details.language),
            "acknowledged" => details.acknowledged_by.clone().unwrap_or("none".into()),
            "reason" => outcome.reason.to_string(),
            "summary" => details.issue_summary(),
            "tone" => format!("{:?}", details.tone_worst),
            other => return Err(format!("nothing is known about {other:?}; see tests/calls/README.md")),
        })
    }
}

impl std::fmt::Debug for Rehearsal<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rehearsal of {}", self.script.file)
    }
}

/// A class stands alone in the script: its value is empty when it is right.
fn class_word(is: bool, word: &str) -> String {
    if is { String::new() } else { format!("not {word}") }
}
