//! The model files that we know: which are there, whether they are what they should be, and where
//! the rest comes from.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

mod download;

pub use download::{DownloadError, download};

/// The catalog as it was when this program was built.
const CATALOG: &str = include_str!("../../models/catalog.toml");

/// What a model file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Speech to text.
    Recogniser,
    /// Text to a direction, for the sense stage.
    Encoder,
    /// What turns that direction into opinions.
    Heads,
    /// Reads a call and answers with letters; writes cards.
    Judge,
}

/// A model file that we know.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// What it does.
    pub kind: Kind,
    /// Short name: `base.en`.
    pub name: String,
    /// Name of the file.
    pub file: String,
    /// What it is good for.
    #[serde(rename = "use")]
    pub purpose: String,
    /// What it understands.
    pub languages: String,
    /// In bytes.
    pub size: u64,
    /// Memory of its process in MB, where it is more than the file's size; `None` = about the file's size.
    pub ram_mb: Option<u32>,
    /// In hexadecimal; `None` = not known, the owner must verify the file himself.
    pub sha256: Option<String>,
    /// SPDX expression.
    pub licence: String,
    /// Where it comes from; `None` = it comes with NightDesk.
    pub url: Option<String>,
    /// For demo and tests only.
    #[serde(default)]
    pub test_article: bool,
    /// For the owner.
    pub note: String,
}

/// Whether a file is what the catalog says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Size and checksum are right.
    Right,
    /// The size is right and no checksum is known to compare with; this is the file's own.
    Unknown(String),
    /// Another size; usually a copy that did not finish.
    WrongSize {
        /// Bytes that are there.
        found: u64,
    },
    /// The right size and another content.
    WrongChecksum {
        /// SHA-256 of the file.
        found: String,
    },
    /// It cannot be read.
    Unreadable(String),
}

/// All models that we know.
pub fn catalog() -> Vec<Model> {
    #[derive(Deserialize)]
    struct Catalog {
        model: Vec<Model>,
    }
    // a broken catalog fails the tests below; a program without one knows no models and says so
    toml::from_str::<Catalog>(CATALOG).map(|catalog| catalog.model).unwrap_or_default()
}

/// Where model files are looked for: NIGHTDESK_MODELS, the data folder, beside the program, and
/// `models` in the current folder.
pub fn folders(data_dir: Option<&Path>) -> Vec<PathBuf> {
    let from_env = std::env::var_os("NIGHTDESK_MODELS").map(PathBuf::from);
    let in_data = data_dir.map(|folder| folder.join("models"));
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join("models")));
    [from_env, in_data, beside, Some(PathBuf::from("models"))].into_iter().flatten().collect()
}

/// The file that a setting means: a path, or a name from the catalog (or of any file `NAME.bin`, `NAME.gguf`
/// or `NAME.json`) in one of the folders. If it is nowhere, the place where it belongs.
pub fn locate(setting: &str, folders: &[PathBuf]) -> PathBuf {
    if setting.contains('/') || [".bin", ".gguf"].iter().any(|end| setting.ends_with(end)) {
        return PathBuf::from(setting);
    }
    let known = catalog().into_iter().find(|model| model.name == setting);
    let files = match known {
        Some(model) => vec![model.file],
        None if setting.ends_with(".json") => vec![setting.to_owned()],
        None => vec![format!("{setting}.bin"), format!("{setting}.gguf")],
    };
    let places = || folders.iter().flat_map(|folder| files.iter().map(|file| folder.join(file)));
    places().find(|path| path.is_file()).or_else(|| places().next()).unwrap_or_else(|| setting.into())
}

impl Model {
    /// Where it is installed, if it is.
    pub fn installed(&self, folders: &[PathBuf]) -> Option<PathBuf> {
        folders.iter().map(|folder| folder.join(&self.file)).find(|path| path.is_file())
    }

    /// Compares a file with the catalog; reads all of it.
    pub fn verify(&self, path: &Path) -> Verdict {
        match size_and_sha256(path) {
            Err(fault) => Verdict::Unreadable(fault.to_string()),
            Ok((found, _)) if found != self.size => Verdict::WrongSize { found },
            Ok((_, found)) => match &self.sha256 {
                None => Verdict::Unknown(found),
                Some(expected) if *expected == found => Verdict::Right,
                Some(_) => Verdict::WrongChecksum { found },
            },
        }
    }
}

fn size_and_sha256(path: &Path) -> std::io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut chunk = vec![0; 256 * 1024];
    loop {
        let count = file.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        size += count as u64;
        hash.update(&chunk[..count]);
    }
    Ok((size, hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(name: &str) -> Model {
        catalog().into_iter().find(|model| model.name == name).unwrap()
    }

    #[test]
    fn catalog_has_the_promised_models_with_full_checksums() {
        let names: Vec<String> = catalog().into_iter().map(|model| model.name).collect();
        let recognisers = ["nightdesk-mini.en", "tiny.en", "base.en", "tiny", "base"];
        let judges = ["smollm2-360m", "qwen2.5-0.5b", "qwen3-0.6b", "llama-3.2-1b"];
        assert_eq!(names, [&recognisers[..], &["all-minilm-l6-v2"], &judges].concat());
        for model in catalog() {
            let checksum = model.sha256.unwrap();
            assert!(
                checksum.len() == 64 && checksum.chars().all(|digit| digit.is_ascii_hexdigit()),
                "{checksum}"
            );
            let comes_along = model.test_article || model.kind == Kind::Encoder;
            assert_eq!(model.url.is_none(), comes_along, "{}", model.name);
            assert_eq!(model.ram_mb.is_some(), model.kind != Kind::Recogniser, "{}", model.name);
            assert!(model.url.is_none_or(|url| url.ends_with(&format!("/{}", model.file))));
        }
    }

    #[test]
    fn shipped_model_is_the_one_in_the_catalog_and_warns() {
        let mini = model("nightdesk-mini.en");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(&mini.file);
        assert_eq!(mini.verify(&path), Verdict::Right);
        assert!(mini.note.contains("must never be a shop's recogniser"));
        let encoder = model("all-minilm-l6-v2");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(&encoder.file);
        assert_eq!(encoder.verify(&path), Verdict::Right);
    }

    #[test]
    fn cut_changed_and_missing_files_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.bin");
        let small = Model { size: 4, sha256: Some("00".repeat(32)), ..model("tiny") };
        assert!(matches!(small.verify(&path), Verdict::Unreadable(_)));
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(small.verify(&path), Verdict::WrongSize { found: 3 });
        std::fs::write(&path, "abcd").unwrap();
        let found = "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589".to_owned();
        assert_eq!(small.verify(&path), Verdict::WrongChecksum { found: found.clone() });
        let unpinned = Model { sha256: None, ..small.clone() };
        assert_eq!(unpinned.verify(&path), Verdict::Unknown(found.clone()));
        assert_eq!(Model { sha256: Some(found), ..small }.verify(&path), Verdict::Right);
    }

    #[test]
    fn setting_is_a_name_or_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::create_dir_all(&second).unwrap();
        std::fs::write(second.join("ggml-base.en-q8_0.bin"), "x").unwrap();
        let folders = [first.clone(), second.clone()];
        assert_eq!(locate("base.en", &folders), second.join("ggml-base.en-q8_0.bin"));
        assert_eq!(locate("tiny.en", &folders), first.join("ggml-tiny.en-q8_0.bin"));
        assert_eq!(locate("my-own", &folders), first.join("my-own.bin"));
        assert_eq!(locate("/srv/x.bin", &folders), PathBuf::from("/srv/x.bin"));
        assert_eq!(locate("x.bin", &folders), PathBuf::from("x.bin"));
        assert_eq!(locate("x.gguf", &folders), PathBuf::from("x.gguf"));
        assert_eq!(locate("sense-heads.json", &folders), first.join("sense-heads.json"));
        std::fs::write(second.join("own-judge.gguf"), "x").unwrap();
        assert_eq!(locate("own-judge", &folders), second.join("own-judge.gguf"));
    }
}
