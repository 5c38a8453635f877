use proptest::prelude::*;

use super::*;
use crate::testing::sine;

#[test]
fn utterances_follow_each_other_without_a_gap() {
    let mut playout = Playout::new();
    playout.say(1, vec![7; 400].into());
    playout.say(2, vec![9; 400].into());
    check(&mut playout, "7x320 started1 | 7x80 9x240 finished1 started2 | 9x160 0x160 finished2 | 0x320");
    assert!(!playout.is_speaking());
}

#[test]
fn an_utterance_that_ends_with_the_frame_is_finished_in_it() {
    let mut playout = Playout::new();
    playout.say(1, vec![7; 320].into());
    check(&mut playout, "7x320 started1 finished1 | 0x320");
}

#[test]
fn an_empty_utterance_is_finished_at_once() {
    let mut playout = Playout::new();
    playout.say(1, Vec::new().into());
    check(&mut playout, "0x320 finished1");
}

#[test]
fn a_stop_is_silent_after_five_milliseconds_and_tells_how_far_it_came() {
    let mut playout = Playout::new();
    playout.say(1, sine(200.0, -6.0, 1000, 16_000).into());
    playout.say(2, vec![9; 400].into());
    for _ in 0..10 {
        playout.frame();
    }
    assert_eq!(playout.stop(), Some(Stopped { id: 1, played_ms: 200, dropped: vec![2] }));
    let last = playout.frame();
    assert!(last.samples[FADE_SAMPLES..].iter().all(|&s| s == 0));
    assert!(!playout.is_speaking());
    assert_eq!(playout.stop(), None);
}

#[test]
fn neither_stop_nor_starving_clicks() {
    let sound = sine(200.0, -6.0, 1000, 16_000);
    let steepest = sound.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max().unwrap();
    for stop_after in 1..20 {
        let mut playout = Playout::new();
        playout.begin(1);
        // 25 ms: breaks off in the middle of a frame and of a wave.
        playout.append(1, sound[..400].into());
        let mut heard = Vec::new();
        for i in 0..30 {
            if i == 3 {
                playout.append(1, sound[400..].into());
            }
            if i == 3 + stop_after {
                playout.stop();
            }
            heard.extend(playout.frame().samples);
        }
        let step = heard.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max().unwrap();
        assert!(step < steepest * 3 / 2, "stop after {stop_after}: {step}, the sound itself {steepest}");
    }
}

#[test]
fn a_streamed_utterance_that_is_late_starves_and_goes_on() {
    let mut playout = Playout::new();
    playout.begin(1);
    assert!(!playout.frame().starved, "not started: nobody hears a gap");
    playout.append(1, vec![7; 320].into());
    assert!(!playout.frame().starved);
    assert!(playout.frame().starved);
    playout.append(1, vec![7; 320].into());
    playout.finish(1);
    let frame = playout.frame();
    assert!(!frame.starved);
    assert_eq!(frame.event, [PlayoutEvent::Finished(1)]);
}

#[test]
fn sound_for_a_stopped_utterance_is_ignored() {
    let mut playout = Playout::new();
    playout.begin(1);
    playout.append(1, vec![7; 640].into());
    playout.frame();
    playout.stop();
    playout.append(1, vec![7; 640].into());
    playout.finish(1);
    playout.frame();
    check(&mut playout, "0x320");
}

#[test]
fn a_full_queue_refuses_and_reports_it() {
    let mut playout = Playout::new();
    for id in 0..QUEUE_MAX as u32 + 1 {
        playout.say(id, vec![1; 320].into());
    }
    assert!(playout.frame().event.contains(&PlayoutEvent::Finished(QUEUE_MAX as u32)));
}

proptest! {
    #[test]
    fn every_started_utterance_ends_once(actions in prop::collection::vec((0u8..6, 0u32..4, 0usize..900), 0..60)) {
        let mut playout = Playout::new();
        let mut open: Vec<u32> = Vec::new();
        let mut next_id = 0u32;
        for (what, pick, length) in actions {
            let known = next_id.max(1) - 1;
            let id = known.saturating_sub(pick);
            match what {
                0 => { playout.say(next_id, vec![5; length].into()); next_id += 1; }
                1 => { playout.begin(next_id); next_id += 1; }
                2 => playout.append(id, vec![5; length].into()),
                3 => playout.finish(id),
                4 => if let Some(stopped) = playout.stop() { open.retain(|&o| o != stopped.id); },
                _ => {}
            }
            for event in playout.frame().event {
                match event {
                    PlayoutEvent::Started(id) => { prop_assert!(!open.contains(&id)); open.push(id); }
                    PlayoutEvent::Finished(id) => open.retain(|&o| o != id),
                }
            }
            prop_assert!(open.len() <= 1, "one at a time: {:?}", open);
        }
    }
}

/// Frames as text: runs of equal samples, then the events.
fn check(playout: &mut Playout, expected: &str) {
    let frames: Vec<String> = expected
        .split('|')
        .map(|_| {
            let frame = playout.frame();
            let mut words: Vec<String> = Vec::new();
            for run in frame.samples.chunk_by(|a, b| a == b) {
                words.push(format!("{}x{}", run[0], run.len()));
            }
            for event in frame.event {
                words.push(match event {
                    PlayoutEvent::Started(id) => format!("started{id}"),
                    PlayoutEvent::Finished(id) => format!("finished{id}"),
                });
            }
            words.join(" ")
        })
        .collect();
    assert_eq!(frames.join(" | "), expected);
}
