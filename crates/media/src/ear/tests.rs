use domain::Tone;
use proptest::prelude::*;

use super::*;
use crate::testing::*;
use crate::{FRAME, FRAME_MS};

#[test]
fn every_clip_is_one_turn_that_ends_where_its_sound_ends() {
    let mut measured = Measured::default();
    for clip in clips() {
        for noise_dbfs in [-90.0, -60.0, -50.0] {
            let sound = on_the_line(&clip.sound, noise_dbfs);
            let events = hear(&sound, &[]);
            let (from, to) = reference(&sound);
            let ends = turn_ends(&events);
            let name = format!("{} in noise of {noise_dbfs} dBFS: {}", clip.name, script(&events));
            assert_eq!(ends.len(), 1, "{name}");
            measured.ends.push(ends[0].abs_diff(to));
            assert!(ends[0].abs_diff(to) <= 120, "sound ends at {to}: {name}");
            measured.starts.push(first_speech(&events).unwrap().saturating_sub(from));
            let lead_in = to + 200 - (last_audio(&events).len() / 16) as u32;
            assert!(lead_in + 150 <= from, "sound begins at {from}, the audio at {lead_in}: {name}");
        }
    }
    measured.print("clips");
}

#[test]
fn real_speech_is_heard_from_its_first_to_its_last_sound() {
    let Some(clip) = real_speech() else { return };
    let wide = [quiet(700, 16_000), clip.sound.clone(), quiet(1500, 16_000)].concat();
    for sound in [on_the_line(&clip.sound, -65.0), wide] {
        let events = hear(&sound, &[]);
        // Eleven seconds of a speech; two or three of its pauses outlast an open question's patience.
        let ends = turn_ends(&events);
        assert!((3..=4).contains(&ends.len()), "{}", script(&events));
        // The last word ends at 10.3 s of the clip; the crowd's noise after it may count or not.
        let ended = ends.last().copied().unwrap_or(0);
        assert!((10_900..=11_740).contains(&ended), "{}", script(&events));
        let from = within(&sound, 20.0).0;
        assert!(first_speech(&events).is_some_and(|at| at <= from + 200), "{}", script(&events));
    }
}

#[test]
fn a_quiet_caller_is_heard_like_a_loud_one() {
    for clip in clips() {
        let events = hear(&on_the_line(&gain(&clip.sound, -18.0), -75.0), &[]);
        assert_eq!(turn_ends(&events).len(), 1, "{}: {}", clip.name, script(&events));
    }
}

#[test]
fn speech_in_loud_noise_is_still_one_turn_for_most() {
    let clips = clips();
    let good =
        clips.iter().filter(|c| turn_ends(&hear(&on_the_line(&c.sound, -35.0), &[])).len() == 1).count();
    eprintln!("in noise of -35 dBFS: {good} of {} clips are one turn", clips.len());
    assert!(good * 10 >= clips.len() * 9, "{good} of {}", clips.len());
}

#[test]
fn noise_tones_and_hum_are_no_turn() {
    let mut noise = Noise::new(77);
    check_no_turn("loud noise", &noise.samples(80_000, -25.0));
    check_no_turn("soft noise", &noise.samples(80_000, -45.0));
    check_no_turn(
        "clicks",
        &(0..20).flat_map(|_| [noise.samples(160, -10.0), quiet(300, 16_000)].concat()).collect::<Vec<_>>(),
    );
    check_no_turn(
        "bursts",
        &(0..10).flat_map(|_| [noise.samples(3200, -15.0), quiet(300, 16_000)].concat()).collect::<Vec<_>>(),
    );
    check_no_turn("mains of 60 Hz", &tones(&[60.0, 120.0, 180.0, 240.0, 300.0, 420.0], -25.0, 4000, 16_000));
    check_no_turn("mains of 50 Hz", &tones(&[50.0, 100.0, 150.0, 250.0, 350.0], -25.0, 4000, 16_000));
    check_no_turn("rectified mains", &tones(&[100.0, 200.0, 300.0, 400.0], -25.0, 4000, 16_000));
    check_no_turn("dial tone", &tones(&[350.0, 440.0], -15.0, 4000, 16_000));
    check_no_turn("fax", &tones(&[1100.0], -15.0, 500, 16_000).repeat(3));
    check_no_turn("chord", &tones(&[262.0, 330.0, 392.0, 523.0], -20.0, 4000, 16_000));
    check_no_turn(
        "ringback",
        &[tones(&[440.0, 480.0], -20.0, 2000, 16_000), quiet(2000, 16_000)].concat().repeat(3),
    );
    check_no_turn(
        "busy",
        &[tones(&[480.0, 620.0], -20.0, 500, 16_000), quiet(500, 16_000)].concat().repeat(6),
    );
    let keys = [[697.0, 1209.0], [852.0, 1477.0], [941.0, 1336.0]];
    check_no_turn(
        "keys",
        &keys
            .iter()
            .flat_map(|k| [tones(k, -10.0, 80, 16_000), quiet(120, 16_000)].concat())
            .collect::<Vec<_>>(),
    );
}

#[test]
fn a_tune_is_no_turn_once_it_is_known_as_music() {
    // Eighth notes of an organ with three harmonics, for ten seconds.
    let scale = [262.0, 294.0, 330.0, 349.0, 392.0, 440.0, 494.0, 523.0];
    let tune: Vec<i16> = (0..40)
        .flat_map(|i| {
            let note = scale[(i * 5) % 8];
            tones(&[note, 2.0 * note, 3.0 * note, 1.5 * note], -20.0, 250, 16_000)
        })
        .collect();
    let events = hear(&on_the_line(&tune, -60.0), &[]);
    let heard = |(_, event): &&Timed| matches!(event, EarEvent::TurnEnded { heard_anything: true, .. });
    assert!(events.iter().any(|(_, e)| *e == EarEvent::ToneStarted(ToneKind::Music)), "{}", script(&events));
    assert_eq!(events.iter().filter(heard).count(), 0, "{}", script(&events));
}

#[test]
fn a_key_pressed_after_a_sentence_is_not_in_its_audio() {
    let Some(clip) = clips().into_iter().find(|c| c.name == "call1_jim_2") else { return };
    let key = tones(&[770.0, 1336.0], -6.0, 200, 16_000);
    let sound = on_the_line(&[clip.sound, key].concat(), -60.0);
    let events = hear(&sound, &[]);
    assert!(
        events.iter().any(|(_, e)| *e == EarEvent::ToneStarted(ToneKind::Dtmf('5'))),
        "{}",
        script(&events)
    );
    let audio = last_audio(&events);
    let loudest = |s: &[i16]| s.chunks(320).map(crate::rms_dbfs).fold(f32::MIN, f32::max);
    assert!(loudest(&sound) > -8.0 && loudest(&audio) < -10.0, "{} {}", loudest(&sound), loudest(&audio));
}

#[test]
fn our_own_voice_coming_back_is_nobody_speaking() {
    let lines = [(-20.0, 20), (-20.0, 85), (-20.0, 240), (-30.0, 150), (-12.0, 60), (-10.0, 120)];
    for (echo_db, delay_ms) in lines {
        for clip in clips().iter().chain(&real_speech()).step_by(8) {
            let sent =
                [quiet(300, 16_000), clip.sound.clone(), clip.sound.clone(), quiet(800, 16_000)].concat();
            let events = hear(&echo_of(&sent, echo_db, delay_ms), &sent);
            assert_eq!(script(&events), "", "{} at {echo_db} dB after {delay_ms} ms", clip.name);
        }
    }
}

#[test]
fn a_caller_who_speaks_over_us_is_heard_within_two_hundred_milliseconds() {
    // Under an echo the soft beginnings of a few clips are hidden.
    check_barge_in("over our voice, no echo", -90.0, 200);
    check_barge_in("over our voice, echo of -20 dB", -20.0, 300);
}

fn check_barge_in(line: &str, echo_db: f32, p95_ms: u32) {
    let clips = clips();
    let mut measured = Measured::default();
    for (i, clip) in clips.iter().enumerate() {
        let ours: Vec<i16> = clips[(i + 7) % clips.len()]
            .sound
            .iter()
            .chain(&clips[(i + 11) % clips.len()].sound)
            .copied()
            .collect();
        let ours = [gain(&ours, -2.0), quiet(3000, 16_000)].concat();
        // The caller begins after a second of ours.
        let caller = mix(&echo_of(&ours, echo_db, 85), &[quiet(1000, 16_000), clip.sound.clone()].concat());
        let events = hear(&caller, &ours);
        let (from, _) = reference(&[quiet(1000, 16_000), clip.sound.clone()].concat());
        let spoken = first_speech(&events).unwrap_or(99_999);
        assert!(spoken >= from, "{}: heard {spoken} before {from}", clip.name);
        measured.starts.push(spoken - from);
    }
    if clips.is_empty() {
        return;
    }
    measured.print(line);
    assert!(measured.percentile(50) <= 180, "{line}: {:?}", measured.starts);
    assert!(measured.percentile(95) <= p95_ms, "{line}: {:?}", measured.starts);
}

#[test]
fn partials_come_each_second_of_speech_and_long_speech_is_cut() {
    let clips = clips();
    if clips.is_empty() {
        return;
    }
    let long: Vec<i16> =
        clips.iter().filter(|c| c.name.starts_with("heldout")).flat_map(|c| trimmed(&c.sound)).collect();
    let events = hear(&on_the_line(&long[..16_000 * 40], -60.0), &[]);
    let mut length_max = 0;
    let (mut partials, mut cuts) = (0, 0);
    for (_, event) in &events {
        match event {
            EarEvent::Partial { audio, .. } => {
                partials += 1;
                length_max = length_max.max(audio.len());
            }
            EarEvent::Cut { audio, .. } => {
                cuts += 1;
                length_max = length_max.max(audio.len());
            }
            EarEvent::Pause { .. }
            | EarEvent::Speech { .. }
            | EarEvent::Resumed { .. }
            | EarEvent::TurnEnded { .. }
            | EarEvent::ToneStarted(_)
            | EarEvent::ToneEnded => {}
        }
    }
    assert!(partials >= 20, "{}", script(&events));
    assert!(cuts >= 3, "{}", script(&events));
    assert!(length_max <= 16 * 8_500, "{length_max}");
}

#[test]
fn what_was_asked_and_what_was_said_set_the_patience() {
    check_patience(Endpointing::YesNo, TextHint::Unknown, 350);
    check_patience(Endpointing::Name, TextHint::Unknown, 500);
    check_patience(Endpointing::Open, TextHint::Unknown, 600);
    check_patience(Endpointing::Address, TextHint::Unknown, 800);
    check_patience(Endpointing::Digits, TextHint::Unknown, 1000);
    check_patience(Endpointing::Digits, TextHint::Complete, 350);
    check_patience(Endpointing::Address, TextHint::Incomplete, 1280);
}

#[test]
fn synthetic_callers_are_neutral_or_calm_in_every_turn() {
    for call in ["call1", "call2", "call3", "call6", "call7", "call8"] {
        let mut ear = Ear::new(EarConfig::default());
        let turns: Vec<Clip> = clips().into_iter().filter(|c| c.name.starts_with(call)).collect();
        for clip in turns {
            for (_, event) in hear_with(&mut ear, &on_the_line(&clip.sound, -60.0), &[]) {
                if let EarEvent::TurnEnded { prosody, .. } = event {
                    assert!(matches!(prosody.tone, Tone::Neutral | Tone::Calm), "{}: {prosody:?}", clip.name);
                }
            }
        }
    }
}

#[test]
fn a_caller_whose_voice_rises_and_shouts_is_panicked_and_one_who_only_comes_closer_is_not() {
    let Some(clip) = clips().into_iter().find(|c| c.name == "call7_heat_0") else { return };
    let calm = gain(&clip.sound, -12.0);
    // Played 1.6 times as fast: eight semitones up, and hurried.
    let shouted = crate::resample(&clip.sound, 16_000, 10_000);
    assert_eq!(tone_after(&calm, &shouted), Tone::Panicked);
    assert_eq!(tone_after(&calm, &gain(&shouted, -12.0)), Tone::Neutral);
    assert_eq!(tone_after(&calm, &clip.sound), Tone::Neutral);
}

/// The tone of the second of two turns.
fn tone_after(first: &[i16], second: &[i16]) -> Tone {
    let sound = [on_the_line(first, -70.0), on_the_line(second, -70.0)].concat();
    let tones = hear(&sound, &[]).into_iter().filter_map(|(_, event)| match event {
        EarEvent::TurnEnded { prosody, .. } => Some(prosody.tone),
        EarEvent::Pause { .. }
        | EarEvent::Speech { .. }
        | EarEvent::Resumed { .. }
        | EarEvent::Partial { .. }
        | EarEvent::Cut { .. }
        | EarEvent::ToneStarted(_)
        | EarEvent::ToneEnded => None,
    });
    tones.last().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever is heard and sent: events keep their order, and all that was announced ends.
    #[test]
    fn any_sound_gives_orderly_events(
        pieces in prop::collection::vec((0u8..6, 100u32..2500, -50.0f32..-3.0, any::<u64>()), 1..14),
        sent_seed in any::<u64>(),
    ) {
        let clips = clips();
        let mut caller = Vec::new();
        for (what, ms, dbfs, seed) in pieces {
            let hz = 60.0 + (seed % 1800) as f64;
            caller.extend(match what {
                0 => quiet(ms, 16_000),
                1 => Noise::new(seed).samples(ms as usize * 16, dbfs),
                2 => tones(&[hz, 1.3 * hz], dbfs, ms, 16_000),
                3 => vec![i16::MIN; ms as usize * 16],
                // A made-up voice: harmonics of a pitch that is neither a tone nor steady noise.
                4 => voice(100.0 + hz / 10.0, dbfs, ms),
                _ => clips.get(seed as usize % clips.len().max(1)).map_or(Vec::new(), |c| c.sound.clone()),
            });
        }
        caller.extend(quiet(4000, 16_000));
        let sent = Noise::new(sent_seed).samples(caller.len() / 3, -20.0);
        check_order(&hear(&caller, &sent));
    }
}

/// The invariants of [`EarEvent`].
fn check_order(events: &[Timed]) {
    let (mut announced, mut last_segment, mut paused) = (false, None::<u32>, None::<u32>);
    for (_, event) in events {
        match event {
            EarEvent::Speech { .. } => announced = true,
            EarEvent::Pause { segment, audio, voiced_ms, .. } => {
                assert!(paused != Some(*segment), "paused twice");
                assert!(audio.len() as u32 >= voiced_ms * 16);
                (announced, paused, last_segment) = (true, Some(*segment), Some(*segment));
            }
            EarEvent::Resumed { segment } => {
                assert_eq!(paused, Some(*segment));
                paused = None;
            }
            EarEvent::Partial { segment, .. } => {
                assert!(paused != Some(*segment));
                announced = true;
            }
            EarEvent::Cut { segment, .. } => {
                assert!(last_segment.is_none_or(|last| last <= *segment));
                (announced, paused, last_segment) = (true, None, Some(*segment));
            }
            EarEvent::TurnEnded { segment, heard_anything, .. } => {
                assert!(announced, "an end without a beginning");
                assert!(!heard_anything || last_segment == Some(*segment), "{last_segment:?} {segment}");
                (announced, paused) = (false, None);
            }
            EarEvent::ToneStarted(_) | EarEvent::ToneEnded => {}
        }
    }
    assert!(!announced, "announced and never ended: {}", script(events));
}

fn check_no_turn(what: &str, sound: &[i16]) {
    for dbfs in [-60.0, -80.0] {
        let events = hear(&on_the_line(sound, dbfs), &[]);
        let speech: Vec<Timed> = events
            .into_iter()
            .filter(|(_, e)| !matches!(e, EarEvent::ToneStarted(_) | EarEvent::ToneEnded))
            .collect();
        assert_eq!(script(&speech), "", "{what} in noise of {dbfs} dBFS");
    }
}

fn check_patience(asked: Endpointing, hint: TextHint, silence_ms: u32) {
    let mut ear = Ear::new(EarConfig::default());
    ear.listen(asked);
    let sound = [quiet(500, 16_000), voice(120.0, -20.0, 800), quiet(2000, 16_000)].concat();
    let mut end = None;
    for (i, frame) in sound.chunks(FRAME_SAMPLES).enumerate() {
        let now = FRAME * (i as u32 + 1);
        for event in ear.frame(frame, &[], now) {
            match event {
                EarEvent::Pause { .. } => ear.hint(hint),
                EarEvent::TurnEnded { end_of_speech, .. } => {
                    end = Some((now - end_of_speech).as_millis() as u32)
                }
                EarEvent::Speech { .. }
                | EarEvent::Resumed { .. }
                | EarEvent::Partial { .. }
                | EarEvent::Cut { .. }
                | EarEvent::ToneStarted(_)
                | EarEvent::ToneEnded => {}
            }
        }
    }
    let waited = end.expect("the turn ends");
    assert!((silence_ms..silence_ms + FRAME_MS).contains(&waited), "{asked:?} {hint:?}: waited {waited} ms");
}

/// Latencies of a test, printed for the report.
#[derive(Default)]
struct Measured {
    starts: Vec<u32>,
    ends: Vec<u32>,
}

impl Measured {
    fn percentile(&self, percent: usize) -> u32 {
        percentile(&self.starts, percent)
    }

    fn print(&self, what: &str) {
        let line = |v: &[u32]| {
            format!("p50 {} p95 {} max {}", percentile(v, 50), percentile(v, 95), percentile(v, 100))
        };
        eprintln!(
            "{what}: speech told after ms: {}; end off by ms: {}",
            line(&self.starts),
            line(&self.ends)
        );
    }
}

fn percentile(values: &[u32], percent: usize) -> u32 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get((sorted.len().max(1) - 1) * percent / 100).copied().unwrap_or(0)
}

/// The sound with silence around it, in noise, through a G.711 telephone.
fn on_the_line(sound: &[i16], noise_dbfs: f32) -> Vec<i16> {
    let padded = [quiet(700, 16_000), sound.to_vec(), quiet(1500, 16_000)].concat();
    let noise = Noise::new(1).samples(padded.len(), noise_dbfs);
    telephone(&mix(&padded, &noise))
}

fn echo_of(sent: &[i16], echo_db: f32, delay_ms: u32) -> Vec<i16> {
    telephone(&[quiet(delay_ms, 16_000), gain(sent, echo_db)].concat())
}

/// A voice with gliding pitch and syllables, made of harmonics.
fn voice(f0: f64, dbfs: f32, ms: u32) -> Vec<i16> {
    let amplitude = 32_768.0 * 10f64.powf(f64::from(dbfs) / 20.0);
    let mut phase = 0.0;
    (0..ms as usize * 16)
        .map(|i| {
            let t = i as f64 / 16_000.0;
            phase += f0 * (1.0 + 0.15 * (2.0 * t).sin()) / 16_000.0;
            let sum: f64 =
                (1..20).map(|k| (std::f64::consts::TAU * phase * f64::from(k)).sin() / f64::from(k)).sum();
            let syllable = 0.6 + 0.4 * (std::f64::consts::TAU * 4.0 * t).cos();
            crate::level::to_sample((amplitude * syllable * sum) as f32)
        })
        .collect()
}

/// Without the silence at both ends.
fn trimmed(sound: &[i16]) -> Vec<i16> {
    let (from, to) = reference(sound);
    sound[from as usize * 16..(to as usize * 16).min(sound.len())].to_vec()
}

fn turn_ends(events: &[Timed]) -> Vec<u32> {
    events
        .iter()
        .filter_map(|(_, event)| match event {
            EarEvent::TurnEnded { end_of_speech, heard_anything: true, .. } => {
                Some(end_of_speech.as_millis() as u32)
            }
            EarEvent::TurnEnded { .. }
            | EarEvent::Pause { .. }
            | EarEvent::Speech { .. }
            | EarEvent::Resumed { .. }
            | EarEvent::Partial { .. }
            | EarEvent::Cut { .. }
            | EarEvent::ToneStarted(_)
            | EarEvent::ToneEnded => None,
        })
        .collect()
}

fn first_speech(events: &[Timed]) -> Option<u32> {
    events.iter().find(|(_, e)| matches!(e, EarEvent::Speech { .. })).map(|(at, _)| *at)
}

fn last_audio(events: &[Timed]) -> Arc<[i16]> {
    let audio = |(_, event): &Timed| {
        if let EarEvent::Pause { audio, .. } = event { Some(Arc::clone(audio)) } else { None }
    };
    events.iter().rev().find_map(audio).unwrap()
}

/// One event and when it came, in ms.
type Timed = (u32, EarEvent);

fn hear(caller: &[i16], sent: &[i16]) -> Vec<Timed> {
    hear_with(&mut Ear::new(EarConfig::default()), caller, sent)
}

fn hear_with(ear: &mut Ear, caller: &[i16], sent: &[i16]) -> Vec<Timed> {
    let frames = caller.len().max(sent.len()).div_ceil(FRAME_SAMPLES);
    let at = |sound: &[i16], i: usize| -> Vec<i16> {
        sound.iter().skip(i * FRAME_SAMPLES).take(FRAME_SAMPLES).copied().collect()
    };
    (0..frames)
        .flat_map(|i| {
            let now = FRAME * (i as u32 + 1);
            let events = ear.frame(&at(caller, i), &at(sent, i), now);
            events.into_iter().map(move |e| (now.as_millis() as u32, e))
        })
        .collect()
}

/// Events in short, for reading and comparing.
fn script(events: &[Timed]) -> String {
    events
        .iter()
        .map(|(at, event)| match event {
            EarEvent::Speech { sustained_ms } => format!("{at} speech{sustained_ms}"),
            EarEvent::Pause { segment, voiced_ms, end_of_speech, .. } => {
                format!("{at} pause#{segment} voiced {voiced_ms} end {}", end_of_speech.as_millis())
            }
            EarEvent::Resumed { segment } => format!("{at} resumed#{segment}"),
            EarEvent::Partial { segment, voiced_ms, .. } => format!("{at} partial#{segment} {voiced_ms}"),
            EarEvent::Cut { segment, voiced_ms, .. } => format!("{at} cut#{segment} {voiced_ms}"),
            EarEvent::TurnEnded { segment, end_of_speech, prosody, heard_anything } => format!(
                "{at} end#{segment} end {} heard {heard_anything} f0 {:?} {:.1}st {:.0}dB {:.1}/s {:?}",
                end_of_speech.as_millis(),
                prosody.median_f0_hz,
                prosody.f0_shift_semitones,
                prosody.level_dbfs,
                prosody.syllables_per_s,
                prosody.tone
            ),
            EarEvent::ToneStarted(kind) => format!("{at} tone {kind:?}"),
            EarEvent::ToneEnded => format!("{at} tone over"),
        })
        .collect::<Vec<_>>()
        .join("; ")
}

/// Start and end of the sound by energy alone, in ms: first and last frame within 30 dB of the loudest.
fn reference(sound: &[i16]) -> (u32, u32) {
    within(sound, 30.0)
}

/// The same for any distance from the loudest frame.
fn within(sound: &[i16], below_db: f32) -> (u32, u32) {
    let levels: Vec<f32> = sound.chunks(FRAME_SAMPLES).map(crate::rms_dbfs).collect();
    let loudest = levels.iter().copied().fold(f32::MIN, f32::max);
    let loud = |l: &f32| *l > loudest - below_db;
    let first = levels.iter().position(loud).unwrap_or(0) as u32;
    let last = levels.iter().rposition(loud).unwrap_or(0) as u32;
    (first * FRAME_MS, (last + 1) * FRAME_MS)
}
