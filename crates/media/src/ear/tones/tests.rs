use super::*;
use crate::testing::{clips, quiet, real_speech, telephone, tones};

#[test]
fn the_tones_of_the_telephone_network_are_known_by_name() {
    check(&[440.0, 480.0], 1000, ToneKind::Ringback);
    check(&[425.0], 1000, ToneKind::Ringback);
    check(&[480.0, 620.0], 500, ToneKind::Busy);
    check(&[350.0, 440.0], 1000, ToneKind::DialTone);
    check(&[1100.0], 500, ToneKind::FaxCalling);
    check(&[2100.0], 1000, ToneKind::FaxAnswer);
    check(&[1000.0], 400, ToneKind::Beep);
    check(&[1400.0], 400, ToneKind::Beep);
}

#[test]
fn a_steady_chord_is_music_and_multiples_of_the_mains_are_hum() {
    check(&[262.0, 330.0, 392.0, 523.0], 1000, ToneKind::Music);
    check(&[120.0, 240.0, 360.0, 480.0], 1000, ToneKind::Hum);
    check(&[100.0, 200.0, 300.0], 1000, ToneKind::Hum);
}

#[test]
fn every_key_is_heard_in_the_sound_in_both_loudnesses() {
    for (row, keys) in ROWS.iter().zip(KEYS) {
        for (column, key) in COLUMNS.iter().zip(keys) {
            for dbfs in [-8.0, -28.0] {
                let sound = tones(&[f64::from(*row), f64::from(*column)], dbfs, 80, 16_000);
                assert_eq!(names(&padded(&sound)), [ToneKind::Dtmf(key)], "{key} at {dbfs} dBFS");
            }
        }
    }
}

#[test]
fn special_information_tones_are_known_from_the_second_on() {
    let sit: Vec<i16> =
        [950.0, 1400.0, 1800.0].iter().flat_map(|&hz| tones(&[hz], -16.0, 330, 16_000)).collect();
    let names = names(&padded(&sit));
    assert_eq!(names.last(), Some(&ToneKind::Sit), "{names:?}");
}

#[test]
fn a_tone_is_known_soon_and_its_beginning_is_told() {
    let verdicts = gate(&padded(&tones(&[1100.0], -20.0, 500, 16_000)));
    let at = verdicts.iter().position(|v| v.started.is_some()).unwrap();
    // The sound begins in frame 25.
    assert!(at <= 25 + 8, "known {} frames after it began", at - 25);
    assert!(at - verdicts[at].started.unwrap().1 <= 25, "the whole beginning is told");
    let over = verdicts.iter().position(|v| v.ended).unwrap();
    assert!((50..58).contains(&over), "over at frame {over}");
}

#[test]
fn no_voice_is_ever_taken_for_a_tone() {
    for clip in clips().iter().chain(&real_speech()) {
        for (line, sound) in [("wide", padded(&clip.sound)), ("telephone", telephone(&padded(&clip.sound)))] {
            assert_eq!(names(&sound), [], "{} over {line}", clip.name);
        }
    }
}

fn check(hz: &[f64], ms: u32, kind: ToneKind) {
    for dbfs in [-10.0, -30.0] {
        let sound = telephone(&padded(&tones(hz, dbfs, ms, 16_000)));
        assert_eq!(names(&sound), [kind], "{hz:?} at {dbfs} dBFS");
    }
}

fn padded(sound: &[i16]) -> Vec<i16> {
    [&quiet(500, 16_000), sound, &quiet(500, 16_000)].concat()
}

fn names(sound: &[i16]) -> Vec<ToneKind> {
    gate(sound).iter().filter_map(|v| v.started).map(|(kind, _)| kind).collect()
}

fn gate(sound: &[i16]) -> Vec<Verdict> {
    let mut gate = ToneGate::new();
    let mut down = crate::Resampler16to8::new();
    let mut heard = vec![0.0; crate::ear::spectrum::WINDOW];
    sound
        .chunks_exact(crate::FRAME_SAMPLES)
        .map(|frame| {
            heard.extend(down.process(frame).iter().map(|&s| f32::from(s)));
            heard.drain(..crate::FRAME_SAMPLES / 2);
            gate.hop(&heard, crate::rms_dbfs(frame) > -54.0)
        })
        .collect()
}
