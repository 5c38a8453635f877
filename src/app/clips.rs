//! The callers of the source's night (source D:1393-1525) as recorded lines, and reading WAV files for callers.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, ensure};

use super::caller::Step;

/// One caller of the night.
pub(crate) struct Night {
    /// Who calls, for the terminal.
    pub(crate) who: &'static str,
    /// Caller ID.
    pub(crate) number: &'static str,
    /// When, in the shop's time.
    pub(crate) at: &'static str,
    /// What is said, in turn.
    pub(crate) lines: &'static [&'static [u8]],
}

macro_rules! clip {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/audio/callers/", $name, ".wav")).as_slice()
    };
}

/// The four calls of the example, Thursday 12 February 2026 to Friday morning. The source's numbers have too few
/// digits to dial; these are completed with zeros at the place of the missing ones.
pub(crate) const NIGHT: &[Night] = &[
    Night {
        who: "Jim Kowalski, a burst pipe",
        number: "+15555550415",
        at: "2026-02-12T21:22:00-06:00[America/Chicago]",
        lines: &[
            clip!("call1_jim_0"),
            clip!("call1_jim_1"),
            clip!("call1_jim_2"),
            clip!("call1_jim_3"),
            clip!("call1_jim_4"),
        ],
    },
    Night {
        who: "Sarah Chen, a quote for a water heater",
        number: "+15555558763",
        at: "2026-02-12T19:45:00-06:00[America/Chicago]",
        lines: &[
            clip!("call2_sarah_0"),
            clip!("call2_sarah_1"),
            clip!("call2_sarah_2"),
            clip!("call2_sarah_3"),
            clip!("call2_sarah_5"),
            clip!("call2_sarah_4"),
        ],
    },
    Night {
        who: "Doug Patterson, furnace service",
        number: "+15555550142",
        at: "2026-02-12T20:30:00-06:00[America/Chicago]",
        lines: &[
            clip!("call3_doug_0"),
            clip!("call3_doug_1"),
            clip!("call3_doug_3"),
            clip!("call3_doug_2"),
            clip!("call3_doug_5"),
            clip!("call3_doug_4"),
        ],
    },
    Night {
        who: "a marketing pitch",
        number: "+15555550799",
        at: "2026-02-13T06:10:00-06:00[America/Chicago]",
        lines: &[clip!("call4_spam_0")],
    },
];

impl Night {
    /// The caller's script.
    pub(crate) fn script(&self) -> anyhow::Result<Vec<Step>> {
        Ok(self.audio()?.into_iter().map(Step::Say).collect())
    }

    /// What is said, at 16 kHz.
    pub(crate) fn audio(&self) -> anyhow::Result<Vec<Arc<[i16]>>> {
        self.lines.iter().map(|wav| decode(wav)).collect()
    }
}

/// Single lines by name, for measurements.
const LINES: &[(&str, &[u8])] = &[
    ("call1_jim_0", clip!("call1_jim_0")),
    ("call1_jim_4", clip!("call1_jim_4")),
    ("call3_doug_0", clip!("call3_doug_0")),
    ("call6_gas_0", clip!("call6_gas_0")),
    ("call8_robot_1", clip!("call8_robot_1")),
];

/// One of the recorded lines.
pub(crate) fn clip(name: &str) -> anyhow::Result<Arc<[i16]>> {
    let line = LINES.iter().find(|(known, _)| *known == name).with_context(|| format!("no line {name}"))?;
    decode(line.1)
}

/// A WAV file of any common rate as 16 kHz mono.
pub(crate) fn read(path: &Path) -> anyhow::Result<Arc<[i16]>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    decode(&bytes).with_context(|| format!("{} is no WAV file with 16-bit samples", path.display()))
}

fn decode(wav: &[u8]) -> anyhow::Result<Arc<[i16]>> {
    let mut reader = hound::WavReader::new(wav)?;
    let spec = reader.spec();
    ensure!(spec.bits_per_sample == 16 && spec.channels >= 1, "16-bit samples are needed");
    ensure!((8000..=48_000).contains(&spec.sample_rate), "8000 to 48000 Hz are needed");
    let samples = reader.samples::<i16>().collect::<Result<Vec<_>, _>>()?;
    let mono: Vec<i16> = samples.iter().step_by(usize::from(spec.channels)).copied().collect();
    Ok(media::resample(&mono, spec.sample_rate, media::SAMPLE_RATE).into())
}

/// Both sides of a call as a stereo WAV at 8 kHz: caller left, agent right.
pub(crate) fn write_stereo(path: &Path, recording: &[(i16, i16)]) -> anyhow::Result<()> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer =
        hound::WavWriter::create(path, spec).with_context(|| format!("cannot write {}", path.display()))?;
    for (caller, agent) in recording {
        writer.write_sample(*caller)?;
        writer.write_sample(*agent)?;
    }
    Ok(writer.finalize()?)
}
