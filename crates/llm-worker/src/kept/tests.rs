use super::*;

fn kept(folder: &Path) -> Kept {
    let model = folder.join("model.gguf");
    fs::write(&model, [7; 200_000]).unwrap();
    Kept::new(&model, Some(folder.join("states"))).unwrap()
}

fn state(byte: u8) -> State {
    State { bytes: vec![byte; 1000], proof: vec![0.5, -1.0] }
}

#[test]
fn state_survives_the_process_and_is_found_by_its_tokens_only() {
    let folder = tempfile::tempdir().unwrap();
    kept(folder.path()).keep(&[1, 2, 3], state(9)).unwrap();
    let again = kept(folder.path());
    assert_eq!(again.on_disk(&[1, 2, 3]), Some(state(9)));
    assert_eq!(again.on_disk(&[1, 2]), None);
}

#[test]
fn state_of_another_model_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    kept(folder.path()).keep(&[1], state(9)).unwrap();
    let other = folder.path().join("other.gguf");
    let mut weights = vec![7; 200_000];
    weights[150_000] = 8;
    fs::write(&other, weights).unwrap();
    let other = Kept::new(&other, Some(folder.path().join("states"))).unwrap();
    assert_eq!(other.on_disk(&[1]), None);
}

#[test]
fn damaged_file_counts_as_missing() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = kept(folder.path());
    kept.keep(&[1], state(9)).unwrap();
    let path = kept.path(&[1]).unwrap();
    let whole = fs::read(&path).unwrap();
    for cut in [0, 10, 40, 60, whole.len() - 1] {
        fs::write(&path, &whole[..cut]).unwrap();
        assert_eq!(kept.on_disk(&[1]), None, "cut at {cut}");
    }
    let mut changed = whole.clone();
    changed[200] ^= 1;
    fs::write(&path, changed).unwrap();
    assert_eq!(kept.on_disk(&[1]), None);
}

#[test]
fn memory_and_disk_have_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = kept(folder.path());
    for token in 0..20 {
        kept.keep(&[token], state(9)).unwrap();
    }
    assert_eq!(kept.memory.len(), IN_MEMORY_MAX);
    assert!(kept.at_hand(&[19]).is_some() && kept.at_hand(&[0]).is_none());
    let files = fs::read_dir(folder.path().join("states")).unwrap().count();
    assert_eq!(files, ON_DISK_MAX);
}
