//! What the tests share: the worker executables, clips, and sounds that are no speech.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, OnceLock},
    time::Duration,
};

use nightdesk::workers::{Hearing, HearingConfig, HearingState, Timing};

/// Folder of the worker executables, built on first use: `cargo test` alone does not build another package's.
pub(crate) fn worker_dir() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build(&["-p", "stt-worker", "-p", "tts-worker"]))
}

/// The same folder once the language models' program is in it; it takes minutes to build the first time.
pub(crate) fn llm_dir() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build(&["-p", "llm-worker"]))
}

fn build(packages: &[&str]) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let profile_dir = own.parent().unwrap().parent().unwrap();
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet"]).args(packages).current_dir(root());
    build.arg("--target-dir").arg(profile_dir.parent().unwrap());
    if profile_dir.ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success(), "the workers do not build");
    profile_dir.into()
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn config(model: impl Into<PathBuf>) -> HearingConfig {
    HearingConfig { worker_dir: Some(worker_dir().into()), nice: 0, ..HearingConfig::new(model) }
}

pub(crate) fn shipped_model() -> PathBuf {
    root().join("models/nightdesk-mini.en.bin")
}

/// A recogniser with the shipped model that is ready to hear.
pub(crate) async fn ready() -> Hearing {
    let hearing = Hearing::start(config(shipped_model()));
    assert_eq!(hearing.settled().await, HearingState::Ready);
    hearing
}

/// Impatient enough for a test, patient enough for a busy machine.
pub(crate) fn quick() -> Timing {
    Timing {
        ping_every: Duration::from_millis(100),
        pong_within: Duration::from_millis(1500),
        ..Timing::default()
    }
}

/// A clip and what the shipped model writes for it.
pub(crate) struct Clip {
    pub(crate) file: String,
    pub(crate) samples: Arc<[i16]>,
    pub(crate) model_output: String,
}

/// The clips of a folder with a clips.tsv; `None` when this checkout does not have it.
pub(crate) fn clips(folders: &[&str]) -> Option<Vec<Clip>> {
    let folder =
        folders.iter().map(|folder| root().join(folder)).find(|folder| folder.join("clips.tsv").exists())?;
    let table = std::fs::read_to_string(folder.join("clips.tsv")).unwrap();
    let clip = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        Clip {
            file: columns[0].into(),
            samples: at_16_khz(&folder.join(columns[0])),
            model_output: columns[4].into(),
        }
    };
    Some(table.lines().skip(1).map(clip).collect())
}

/// An 8 kHz clip, doubled by a windowed sinc as the telephone path does it.
pub(crate) fn at_16_khz(path: &Path) -> Arc<[i16]> {
    let mut reader = hound::WavReader::open(path).unwrap();
    assert_eq!(reader.spec().sample_rate, 8000, "{}", path.display());
    let narrow: Vec<f32> = reader.samples::<i16>().map(|sample| f32::from(sample.unwrap())).collect();
    let half = 32i64;
    let between = |at: usize| {
        (-half + 1..=half)
            .map(|tap| {
                let from = at as i64 + tap;
                let x = std::f32::consts::PI * (tap as f32 - 0.5);
                let window = 0.5 + 0.5 * (std::f32::consts::PI * (tap as f32 - 0.5) / half as f32).cos();
                let sample =
                    usize::try_from(from).ok().and_then(|from| narrow.get(from)).copied().unwrap_or(0.0);
                sample * x.sin() / x * window
            })
            .sum::<f32>()
    };
    (0..narrow.len())
        .flat_map(|at| [narrow[at] as i16, between(at).clamp(-32768.0, 32767.0) as i16])
        .collect()
}

/// Sounds in which nobody speaks, three seconds each, with their names.
pub(crate) fn not_speech() -> Vec<(&'static str, Arc<[i16]>)> {
    let sound = |wave: &mut dyn FnMut(f32) -> f32| -> Arc<[i16]> {
        (0..48_000).map(|at| (wave(at as f32 / 16_000.0).clamp(-1.0, 1.0) * 32767.0) as i16).collect()
    };
    let sine = |t: f32, hz: f32| (t * hz * std::f32::consts::TAU).sin();
    let mut seed = 1u32;
    let mut white = move || {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed as f32 / u32::MAX as f32 * 2.0 - 1.0
    };
    let mut noise = white;
    let mut low = 0.0;
    let chord = [261.6f32, 329.6, 392.0];
    vec![
        ("digital silence", sound(&mut |_| 0.0)),
        ("line noise", sound(&mut |_| white() * 0.002)),
        ("white noise", sound(&mut |_| white() * 0.05)),
        (
            "loud brown noise",
            sound(&mut |_| {
                low = 0.98 * low + 0.06 * noise();
                low
            }),
        ),
        ("mains hum", sound(&mut |t| 0.1 * sine(t, 60.0) + 0.05 * sine(t, 180.0))),
        (
            "ringback",
            sound(&mut |t| if t % 6.0 < 2.0 { 0.15 * (sine(t, 440.0) + sine(t, 480.0)) } else { 0.0 }),
        ),
        ("busy", sound(&mut |t| if t % 1.0 < 0.5 { 0.15 * (sine(t, 480.0) + sine(t, 620.0)) } else { 0.0 })),
        (
            "hold music",
            sound(&mut |t| {
                let note = chord[(t * 4.0) as usize % 3];
                0.2 * sine(t, note) * (1.0 - (t * 4.0) % 1.0) + 0.05 * sine(t, note * 2.0)
            }),
        ),
        ("clicks", sound(&mut |t| if t % 0.5 < 0.002 { 0.5 } else { 0.0 })),
    ]
}
