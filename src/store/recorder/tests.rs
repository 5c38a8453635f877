use std::{
    io::{BufRead, BufReader, Write},
    os::unix::fs::FileExt,
    process::{Command, Stdio},
};

use proptest::prelude::*;

use super::*;

const RATE_HZ: u32 = 8000;
const FRAME: usize = 160;
const PATH: &str = "NIGHTDESK_TEST_RECORDING";

/// A frame whose samples name their place, so that a shift would show.
fn frame(n: u64, side: i16) -> Vec<i16> {
    (0..FRAME as u64).map(|i| ((n * FRAME as u64 + i) % 10_000) as i16 * side).collect()
}

/// Left and right of a readable WAV file.
fn sides(path: &Path) -> (Vec<i16>, Vec<i16>) {
    let mut reader = hound::WavReader::open(path).expect("a readable file");
    assert_eq!((reader.spec().channels, reader.spec().sample_rate), (2, RATE_HZ));
    let all: Vec<i16> = reader.samples().map(Result::unwrap).collect();
    (all.iter().copied().step_by(2).collect(), all.iter().copied().skip(1).step_by(2).collect())
}

#[test]
fn caller_is_left_and_agent_is_right_and_the_shorter_side_is_filled() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recordings/2026/02/a.wav");
    let mut recorder = Recorder::create(&path, RATE_HZ).unwrap();
    recorder.write(&[1, 2, 3], &[-1]);
    recorder.write(&[], &[-4]);
    let recorded = recorder.finish();
    assert_eq!(recorded, Recorded { duration_ms: 0, dropped_ms: 0, failure: None });
    assert_eq!(sides(&path), (vec![1, 2, 3, 0], vec![-1, 0, 0, -4]));
}

#[test]
fn recording_that_exists_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    std::fs::write(&path, b"yesterday").unwrap();
    assert!(matches!(Recorder::create(&path, RATE_HZ), Err(RecorderError::File { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), b"yesterday");
}

#[test]
fn growing_file_can_be_played_at_every_moment_and_misses_less_than_a_second() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut wav = WavFile::begin(file.reopen().unwrap(), RATE_HZ).unwrap();
    for n in 0..200 {
        let stereo: Vec<i16> = frame(n, 1).into_iter().zip(frame(n, -1)).flat_map(|(l, r)| [l, r]).collect();
        wav.push(0, &stereo).unwrap();
        let (left, right) = sides(file.path());
        let told = (n + 1) * FRAME as u64;
        assert!(left.len() as u64 + u64::from(RATE_HZ) > told, "after frame {n} only {}", left.len());
        assert_eq!(left.len(), right.len());
        assert_eq!(left.len() as u64, wav.safe_samples());
    }
    wav.finish().unwrap();
    let expected: Vec<i16> = (0..200).flat_map(|n| frame(n, 1)).collect();
    assert_eq!(sides(file.path()).0, expected);
}

#[test]
fn full_disk_ends_the_recording_with_advice_and_the_call_goes_on() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let refused = Recorder::start(full, Path::new("a.wav"), RATE_HZ).unwrap_err();
    assert_eq!(
        sort(Path::new("a.wav"), &refused).to_string(),
        "the disk is full: a.wav ends here; free space, or lower storage.recordings_days"
    );
}

/// The program that records under a file size limit, or until it is killed. It goes as fast as the disk
/// and keeps at most half a second of audio on the way, as a call in real time does.
#[test]
#[ignore = "runs only as the child of the tests below"]
fn record_without_end() {
    let Ok(path) = std::env::var(PATH) else { return };
    let mut recorder = Recorder::create(Path::new(&path), RATE_HZ).unwrap();
    let mut out = std::io::stdout();
    for n in 0.. {
        recorder.write(&frame(n, 1), &frame(n, -1));
        let told_ms = (n + 1) * 20;
        writeln!(out, "told {told_ms}").and_then(|()| out.flush()).unwrap();
        while recorder.safe_ms() + 500 < told_ms {
            if let Some(failure) = recorder.failure() {
                (0..1000).for_each(|n| recorder.write(&frame(n, 1), &frame(n, -1))); // the call goes on
                let recorded = recorder.finish();
                assert_eq!(recorded.failure.as_ref(), Some(&failure));
                writeln!(out, "failed {} {failure}", recorded.duration_ms).unwrap();
                return;
            }
            std::thread::yield_now();
        }
    }
}

const CHILD: [&str; 4] =
    ["store::recorder::tests::record_without_end", "--exact", "--ignored", "--nocapture"];

#[test]
fn killed_recording_is_readable_and_misses_at_most_a_second() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..10u64 {
        let path = folder.path().join(format!("{round}.wav"));
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(CHILD)
            .env(PATH, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let wanted = usize::try_from(20 + round * 37).unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut told_ms = 0;
        let mut hear = |lines: &mut dyn Iterator<Item = String>| {
            for line in lines {
                told_ms = line.strip_prefix("told ").map_or(told_ms, |n| n.parse().unwrap());
            }
        };
        hear(&mut lines.by_ref().take(wanted));
        child.kill().unwrap();
        child.wait().unwrap();
        hear(&mut lines); // what it had said before it died
        let (left, right) = sides(&path);
        let in_file_ms = left.len() as u64 * 1000 / u64::from(RATE_HZ);
        assert!(in_file_ms + 1000 >= told_ms, "round {round}: told {told_ms} ms, in the file {in_file_ms}");
        let expected: Vec<i16> =
            (0..in_file_ms / 20 + 1).flat_map(|n| frame(n, -1)).take(right.len()).collect();
        assert_eq!(right, expected, "round {round}");
    }
}

/// The system refuses to let the file grow beyond 64 KiB: two seconds of audio.
#[test]
fn recording_on_a_disk_that_fills_up_stays_readable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    // an ignored signal stays ignored in the child: writing beyond the limit is an error, not the end
    let limited = r#"trap "" XFSZ; ulimit -f 64; exec "$0" "$@""#;
    let output = Command::new("bash")
        .args(["-c", limited])
        .arg(std::env::current_exe().unwrap())
        .args(CHILD)
        .env(PATH, &path)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let failed = said.lines().find(|l| l.starts_with("failed ")).expect("it fails");
    assert!(failed.contains("the disk is full: "), "{failed}");
    let (left, _) = sides(&path);
    assert_eq!(left.len(), 2 * RATE_HZ as usize, "four rounds of half a second fit into 64 KiB");
}

#[test]
fn slow_disk_drops_frames_as_silence_of_the_same_length() {
    let (queue, pieces) = mpsc::sync_channel(2);
    let shared = Arc::new(Shared::default());
    let mut recorder =
        Recorder { rate_hz: RATE_HZ, queue: Some(queue), missing: 0, dropped: 0, shared, thread: None };
    for n in 0..5 {
        recorder.write(&frame(n, 1), &frame(n, -1)); // nobody reads: two fit, three do not
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut wav = WavFile::begin(file.reopen().unwrap(), RATE_HZ).unwrap();
    let drain = |wav: &mut WavFile| pieces.try_iter().for_each(|p| wav.push(p.silence, &p.samples).unwrap());
    drain(&mut wav);
    recorder.write(&frame(5, 1), &frame(5, -1));
    drain(&mut wav);
    wav.finish().unwrap();
    let mut expected: Vec<i16> = (0..6).flat_map(|n| frame(n, 1)).collect();
    expected[2 * FRAME..5 * FRAME].fill(0);
    assert_eq!(sides(file.path()).0, expected);
    assert_eq!(recorder.finish().dropped_ms, 60);
}

proptest! {
    #[test]
    fn header_always_names_what_the_file_holds(lengths in prop::collection::vec(0usize..3000, 0..20)) {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut wav = WavFile::begin(file.reopen().unwrap(), RATE_HZ).unwrap();
        for length in lengths {
            wav.push(length as u32 / 3, &vec![1; length * 2]).unwrap();
            let mut named = [0; 4];
            file.as_file().read_exact_at(&mut named, 40).unwrap();
            let named = u64::from(u32::from_le_bytes(named));
            prop_assert!(named + 44 <= file.as_file().metadata().unwrap().len());
            prop_assert_eq!(named, wav.safe_samples() * 4);
        }
    }
}
