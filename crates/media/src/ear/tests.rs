use proptest::prelude::*;

use super::*;
use crate::testing::*;
use crate::{FRAME, FRAME_MS};

#[test]
fn probe() {
    for clip in clips().iter().chain(&real_speech()) {
        let sound = telephone(&mix(
            &[quiet(600, 16_000), clip.sound.clone(), quiet(1500, 16_000)].concat(),
            &Noise::new(1).samples(16000 * 20, -68.0)[..(clip.sound.len() + 33600)],
        ));
        println!("{} ref {:?}\n   {}", clip.name, reference(&sound), script(&hear(&sound, &[])));
    }
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

/// Start and end of the sound by energy alone, in ms: first and last frame within 35 dB of the loudest.
fn reference(sound: &[i16]) -> (u32, u32) {
    let levels: Vec<f32> = sound.chunks(FRAME_SAMPLES).map(crate::rms_dbfs).collect();
    let loudest = levels.iter().copied().fold(f32::MIN, f32::max);
    let loud = |l: &f32| *l > loudest - 30.0;
    let first = levels.iter().position(loud).unwrap_or(0) as u32;
    let last = levels.iter().rposition(loud).unwrap_or(0) as u32;
    (first * FRAME_MS, (last + 1) * FRAME_MS)
}
