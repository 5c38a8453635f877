use super::*;

fn bank(folder: &Path) -> VoiceBank {
    VoiceBank::new(folder.join("voice"), Some(folder.join("own")), "flite slt".into())
}

fn tone(amplitude: f32) -> Vec<i16> {
    (0..8000).map(|at| ((at as f32 * 0.2).sin() * amplitude) as i16).collect()
}

fn record(folder: &Path, name: &str, sample_rate: u32, channels: u16, samples: &[i16]) {
    fs::create_dir_all(folder).unwrap();
    let spec = hound::WavSpec {
        channels,
        sample_rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(folder.join(name), spec).unwrap();
    samples.iter().for_each(|sample| writer.write_sample(*sample).unwrap());
    writer.finalize().unwrap();
}

#[test]
fn sentence_is_found_again_by_another_start_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(bank(folder.path()).find("Hello."), None);
    let kept = bank(folder.path()).keep("Hello.", &tone(3000.0), 16_000).unwrap();
    assert_eq!(bank(folder.path()).find("Hello."), Some(kept));
    assert_eq!(bank(folder.path()).find("Hello!"), None);
}

#[test]
fn another_voice_does_not_use_the_sentences_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    bank(folder.path()).keep("Hello.", &tone(3000.0), 16_000).unwrap();
    let other = VoiceBank::new(folder.path().join("voice"), None, "espeak-ng en-us".into());
    assert_eq!(other.find("Hello."), None);
}

#[test]
fn damaged_file_counts_as_missing_and_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    bank(folder.path()).keep("Hello.", &tone(3000.0), 16_000).unwrap();
    let path = fs::read_dir(folder.path().join("voice")).unwrap().next().unwrap().unwrap().path();
    for damage in [&b""[..], b"RIFF", &fs::read(&path).unwrap()[..60]] {
        fs::write(&path, damage).unwrap();
        let again = bank(folder.path());
        assert_eq!(again.find("Hello."), None, "{} bytes", damage.len());
    }
    bank(folder.path()).keep("Hello.", &tone(3000.0), 16_000).unwrap();
    assert!(bank(folder.path()).find("Hello.").is_some());
}

#[test]
fn rendered_sound_is_brought_to_16_khz() {
    let folder = tempfile::tempdir().unwrap();
    let kept = bank(folder.path()).keep("Hello.", &tone(3000.0), 8_000).unwrap();
    assert!((15_000..=16_000).contains(&kept.len()), "{}", kept.len());
}

#[test]
fn owners_recording_wins_over_the_voice_whatever_its_rate() {
    let folder = tempfile::tempdir().unwrap();
    let rendered = bank(folder.path()).keep("Hello.", &tone(3000.0), 16_000).unwrap();
    record(&folder.path().join("own"), &recording_name("Hello."), 44_100, 2, &tone(2000.0));
    let found = bank(folder.path()).find("Hello.").unwrap();
    assert_ne!(found, rendered);
    // 4000 stereo frames at 44.1 kHz
    assert!((1_300..=1_452).contains(&found.len()), "{}", found.len());
}

#[test]
fn recording_that_cannot_be_read_leaves_the_voice() {
    let folder = tempfile::tempdir().unwrap();
    let rendered = bank(folder.path()).keep("Hello.", &tone(3000.0), 16_000).unwrap();
    fs::create_dir_all(folder.path().join("own")).unwrap();
    fs::write(folder.path().join("own").join(recording_name("Hello.")), "ID3 an mp3").unwrap();
    assert_eq!(bank(folder.path()).find("Hello."), Some(rendered));
}

#[test]
fn list_tells_the_owner_which_file_is_which_sentence() {
    let folder = tempfile::tempdir().unwrap();
    bank(folder.path()).list(&["Hello.\n Again.".into(), "Bye.".into()]).unwrap();
    let list = fs::read_to_string(folder.path().join("voice/sentences.tsv")).unwrap();
    let rows: Vec<&str> = list.lines().skip(1).collect();
    assert_eq!(rows[0], format!("{}\tHello. Again.", recording_name("Hello. Again.")));
    assert_eq!(recording_name("Bye.").len(), 20);
    assert!(rows[1].ends_with("\tBye."));
}

#[test]
fn disk_that_refuses_is_an_error_but_the_sentence_is_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("voice"), "a file where the folder should be").unwrap();
    let bank = bank(folder.path());
    assert!(matches!(bank.keep("Hello.", &tone(3000.0), 16_000), Err(BankError::Disk(..))));
    assert!(bank.find("Hello.").is_some());
}
