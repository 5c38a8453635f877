//! Who has the floor, and when something is said.

use std::{sync::Arc, time::Duration};

use domain::{CallStatus, Classification, Endpointing, Heard, Issue, Service};

use super::{check, decision, ms};
use crate::{
    Prompts,
    machine::Call,
    protocol::{CallSetup, Hint, Input, Output},
    rehearsal::metro,
};

/// A call by hand: `at milliseconds` what goes in, and what comes out as short words.
struct Line {
    call: Call,
}

impl Line {
    fn answered() -> Self {
        let prompts = Arc::new(Prompts::english(&metro()).unwrap());
        let call = Call::new(CallSetup {
            profile: metro(),
            caller: "+15552340415".parse().ok(),
            local_start: jiff::civil::date(2026, 2, 12).at(21, 22, 0, 0),
            repeat: None,
            prompts,
            hearing: true,
            spanish: None,
            transfer: false,
            transfer_ring_s: 30,
        });
        let mut line = Self { call };
        assert_eq!(line.at(0, Input::Answered), "say greeting #1, listen Open");
        line
    }

    fn at(&mut self, at: u64, input: Input) -> String {
        self.call.handle(input, ms(at));
        let mut out = Vec::new();
        while let Some(output) = self.call.poll_output() {
            out.push(match output {
                Output::Say(s) => format!("say {} #{}", s.prompt.key(), s.id),
                Output::StopSpeaking => "stop".into(),
                Output::Listen(class) => format!("listen {class:?}"),
                Output::Hint(hint) => format!("hint {hint:?}"),
                Output::Triage { early } => if early { "triage early" } else { "triage" }.into(),
                Output::Page(p) => format!("page {}", p.revision),
                Output::Transfer(_) => "transfer".into(),
                Output::CancelTransfer => "cancel transfer".into(),
                Output::StartRecording => "record".into(),
                Output::HangUp => "hang up".into(),
                Output::Ended(o) => format!("ended {:?}", o.status),
            });
        }
        out.sort_by_key(|o| !o.starts_with("say"));
        out.join(", ")
    }

    fn due(&self) -> (u128, &'static str) {
        self.call.poll_timeout().map_or((0, "nothing"), |(at, why)| (at.as_millis(), why))
    }
}

fn heard(text: &str) -> Input {
    Input::Heard(Heard::typed(text))
}

fn speech(sustained_ms: u32) -> Input {
    Input::Speech { sustained_ms }
}

#[test]
fn greeting_stops_at_the_first_sustained_speech() {
    let mut line = Line::answered();
    assert_eq!(line.at(1000, speech(160)), "stop");
    assert_eq!(line.at(2500, Input::TurnEnded { silence_ms: 0 }), "");
    assert_eq!(line.due(), (3400, "text or decision is late"));
    assert_eq!(line.at(2700, heard("my faucet drips")), "triage");
}

#[test]
fn late_text_is_bridged_at_900_ms_and_again_and_then_by_the_menu() {
    let mut line = Line::answered();
    line.at(5000, Input::PlaybackFinished(1));
    line.at(6000, speech(160));
    line.at(8000, Input::TurnEnded { silence_ms: 0 });
    assert_eq!(line.at(8899, Input::Tick), "");
    assert_eq!(line.at(8900, Input::Tick), "say filler #2");
    line.at(9900, Input::PlaybackFinished(2));
    assert_eq!(line.at(11_100, Input::Tick), "say filler_again #3");
    line.at(13_000, Input::PlaybackFinished(3));
    assert_eq!(line.at(14_200, Input::Tick), "say keypad_menu #4");
}

#[test]
fn missing_decision_does_not_hold_up_the_answer() {
    let mut line = Line::answered();
    line.at(5000, Input::PlaybackFinished(1));
    line.at(6000, speech(160));
    line.at(8000, Input::TurnEnded { silence_ms: 0 });
    assert_eq!(line.at(8100, heard("something is wrong with my furnace")), "triage");
    assert_eq!(line.due(), (8700, "decision is late"));
    assert_eq!(line.at(8700, Input::Tick), "say clarify #2");
    // It comes after all, and it is an emergency.
    let gas = decision(Some(Classification::Emergency), Issue::Gas, Service::Plumbing);
    assert_eq!(line.at(9500, Input::Decided(gas)), "say safety_gas #3, page 0, stop, listen Name");
}

#[test]
fn page_goes_out_while_the_caller_still_talks_and_safety_follows_the_turn_at_once() {
    let mut line = Line::answered();
    line.at(5000, Input::PlaybackFinished(1));
    line.at(6000, speech(160));
    line.at(6440, speech(600));
    assert_eq!(
        line.at(7500, Input::HeardPartial(Heard::typed("I smell gas near my"))),
        "hint Incomplete, triage early"
    );
    let gas = decision(Some(Classification::Emergency), Issue::Gas, Service::Plumbing);
    assert_eq!(line.at(7510, Input::DecidedEarly(gas.clone())), "page 0");
    line.at(7520, Input::PageCommitted);
    assert_eq!(line.at(9000, Input::TurnEnded { silence_ms: 0 }), "say safety_gas #2");
    assert_eq!(line.at(9200, heard("I smell gas near my furnace")), "triage");
    assert_eq!(line.at(9201, Input::Decided(gas)), "listen Name");
    assert_eq!(line.at(20_000, Input::PlaybackFinished(2)), "say emergency_intro #3");
    let said = line.call.details().safety_given.clone();
    assert_eq!((said[0].complete, said[0].at), (true, ms(20_000)));
}

#[test]
fn life_safety_interrupts_a_caller_who_does_not_pause() {
    let mut line = Line::answered();
    line.at(5000, Input::PlaybackFinished(1));
    line.at(6000, speech(600));
    line.at(7500, Input::HeardPartial(Heard::typed("there are sparks")));
    let sparks = decision(Some(Classification::Emergency), Issue::Electrical, Service::Electrical);
    line.at(7510, Input::DecidedEarly(sparks));
    assert_eq!(line.due().1, "page not answered for");
    line.at(7520, Input::PageCommitted);
    assert_eq!(line.due(), (12_510, "safety instruction cannot wait longer"));
    line.call.handle(Input::Tick, ms(12_510));
    let outputs: Vec<Output> = std::iter::from_fn(|| line.call.poll_output()).collect();
    let Some(Output::Say(saying)) = outputs.last() else { panic!("{outputs:?}") };
    assert!(
        saying.text.starts_with("Sorry to interrupt, this is important. Stay away from the area"),
        "{}",
        saying.text
    );
}

#[test]
fn safety_instruction_stops_for_clear_speech_only() {
    let mut line = Line::answered();
    line.at(5000, Input::PlaybackFinished(1));
    line.at(6000, heard("I smell gas"));
    let gas = decision(Some(Classification::Emergency), Issue::Gas, Service::Plumbing);
    assert_eq!(line.at(6001, Input::Decided(gas)), "say safety_gas #2, page 0, listen Name");
    assert_eq!(line.at(7000, speech(160)), "");
    assert_eq!(line.at(7440, speech(600)), "stop");
    let said = line.call.details().safety_given.clone();
    assert_eq!((said.len(), said[0].complete), (1, false));
}

#[test]
fn interruption_without_words_resumes_where_it_was_cut() {
    let mut line = Line::answered();
    line.at(5000, Input::PlaybackFinished(1));
    line.at(6000, heard("my faucet is dripping"));
    let routine = decision(Some(Classification::Routine), Issue::MinorRepair, Service::Plumbing);
    assert_eq!(line.at(6001, Input::Decided(routine)), "say routine_intro #2, listen Name");
    assert_eq!(line.at(8000, speech(160)), "stop");
    line.at(8020, Input::PlaybackStopped { id: 2, played_ms: 1900 });
    assert_eq!(line.due(), (10_000, "interruption without words"));
    line.call.handle(Input::Tick, ms(10_000));
    let Some(Output::Say(resumed)) = line.call.poll_output() else { panic!("nothing resumed") };
    let texts: Vec<&str> = resumed.units.iter().map(|u| u.text.as_str()).collect();
    assert_eq!(
        texts,
        ["I can help with that.", "Let me grab a few details and we'll get you taken care of."]
    );
}

#[test]
fn caller_who_goes_on_before_the_text_came_is_not_talked_over() {
    let mut line = Line::answered();
    line.at(5000, Input::PlaybackFinished(1));
    line.at(6000, speech(160));
    line.at(8000, Input::TurnEnded { silence_ms: 0 });
    line.at(8100, speech(160));
    assert_eq!(line.at(8200, heard("my faucet is dripping")), "triage early");
    assert_eq!(line.at(9500, Input::TurnEnded { silence_ms: 0 }), "");
    assert_eq!(line.at(9600, heard("and it keeps me awake")), "triage");
    let turns = line.call.turns();
    assert_eq!(turns.last().map(|t| t.text.as_str()), Some("my faucet is dripping and it keeps me awake"));
}

#[test]
fn uh_huh_does_not_stop_a_statement_for_good() {
    let mut line = Line::answered();
    line.at(5000, Input::PlaybackFinished(1));
    line.at(6000, heard("my faucet is dripping"));
    let routine = decision(Some(Classification::Routine), Issue::MinorRepair, Service::Plumbing);
    line.at(6001, Input::Decided(routine.clone()));
    assert_eq!(line.at(7000, speech(160)), "stop");
    line.at(7500, Input::TurnEnded { silence_ms: 0 });
    line.at(7600, heard("Uh-huh."));
    assert_eq!(line.at(7601, Input::Decided(routine)), "say routine_intro #3");
}

#[test]
fn recording_begins_when_the_notice_was_heard_to_its_end() {
    let mut line = Line::answered();
    assert_eq!(line.at(9000, Input::PlaybackFinished(1)), "record");
}

#[test]
fn silence_is_checked_after_eight_seconds() {
    let mut line = Line::answered();
    line.at(5000, Input::PlaybackFinished(1));
    assert_eq!(line.due(), (13_000, "caller silent"));
    assert_eq!(line.at(13_000, Input::Tick), "say still_there #2");
}

#[test]
fn lost_playback_report_does_not_hang_the_call() {
    let line = Line::answered();
    let (at, why) = line.due();
    assert_eq!(why, "no report that the saying ended");
    assert!(at < 30_000, "{at}");
}

#[test]
fn hang_up_ends_once_and_nothing_comes_after() {
    let mut line = Line::answered();
    assert_eq!(line.at(3000, Input::HungUp), "ended Abandoned");
    assert_eq!(line.at(3001, Input::HungUp), "");
    assert_eq!(line.at(4000, heard("I smell gas")), "");
    assert_eq!(line.due().1, "nothing");
}

#[test]
fn hang_up_in_an_emergency_sends_what_is_known() {
    let mut line = Line::answered();
    line.at(5000, Input::PlaybackFinished(1));
    line.at(6000, heard("water is pouring through my ceiling"));
    let water = decision(Some(Classification::Emergency), Issue::Water, Service::Plumbing);
    line.at(6001, Input::Decided(water.clone()));
    line.at(6002, Input::PageCommitted);
    line.at(7000, heard("Jim Kowalski"));
    line.at(7001, Input::Decided(water));
    line.call.handle(Input::HungUp, ms(8000));
    let outputs: Vec<Output> = std::iter::from_fn(|| line.call.poll_output()).collect();
    let named = outputs
        .iter()
        .any(|o| matches!(o, Output::Page(p) if p.caller_name.as_deref() == Some("Jim Kowalski")));
    let ended =
        matches!(outputs.last(), Some(Output::Ended(o)) if o.status == CallStatus::Completed && o.lead_card);
    assert!(named && ended, "{outputs:?}");
}

#[test]
fn ear_learns_what_kind_of_answer_comes() {
    let mut line = Line::answered();
    line.at(5000, Input::PlaybackFinished(1));
    line.at(6000, heard("my faucet is dripping, this is Jim Kowalski"));
    let routine = decision(Some(Classification::Routine), Issue::MinorRepair, Service::Plumbing);
    assert_eq!(line.at(6001, Input::Decided(routine)), "say routine_intro #2, listen YesNo");
    assert_eq!(Endpointing::YesNo, super::super::Question::CallerId.endpointing());
    line.call.handle(Input::HeardPartial(Heard::typed("yeah that's right")), ms(20_000));
    let hints: Vec<Output> = std::iter::from_fn(|| line.call.poll_output()).collect();
    assert!(hints.contains(&Output::Hint(Hint::Complete)), "{hints:?}");
}

#[test]
fn number_that_is_not_configured_gets_its_sentence_and_the_end() {
    let line = Line::answered();
    let mut call = Call::not_configured(line.call.setup.clone());
    call.handle(Input::Answered, Duration::ZERO);
    let Some(Output::Say(saying)) = call.poll_output() else { panic!("nothing said") };
    assert_eq!(saying.text, "Sorry, this number is not configured. Please try again later.");
    call.handle(Input::PlaybackFinished(saying.id), ms(4000));
    call.handle(Input::Tick, ms(4300));
    let outputs: Vec<Output> = std::iter::from_fn(|| call.poll_output()).collect();
    assert!(matches!(outputs.as_slice(), [Output::HangUp, Output::Ended(o)] if !o.lead_card), "{outputs:?}");
}

#[test]
fn something_added_over_the_farewell_is_taken_down() {
    check(
        "# farewell
        caller: My faucet has been dripping for a week.
        caller: Maria Santos.
        caller: Yes.
        caller: 31 Willow Court.
        caller: No, that's it.
        agent: Thanks for calling Metro Plumbing, Maria.
        interrupts: Oh, please tell them the gate code is blue.
        agent: Got it. I've added that.
        expect: routine status=completed summary=\"gate code\"",
    );
}
