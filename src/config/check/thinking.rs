//! `[thinking]`: which language models help the rules.

use std::path::Path;

use super::{
    super::{checked::ThinkingSettings, raw, raw::At},
    Check,
};

/// The files that come with NightDesk.
const SENSE: &str = "all-minilm-l6-v2";
const HEADS: &str = "sense-heads.json";

impl Check<'_, '_> {
    pub(super) fn thinking(&mut self, written: &raw::Thinking) -> ThinkingSettings {
        let heads = self.text(&written.heads).map_or(HEADS, |heads| &heads.value).to_owned();
        let heads_place = written.heads.as_ref().filter(|at| !has_ending(&at.value, "json"));
        if let Some(At { place, .. }) = heads_place {
            let what = "the heads of the sentence encoder are a .json file";
            self.faults.error(place, what, "heads = \"sense-heads.json\", or leave the line out");
        }
        ThinkingSettings {
            sense: self.model(&written.sense, SENSE),
            heads,
            // The judge that comes along is a test article: nobody gets it without asking.
            judge: self.model(&written.judge, "off").filter(|judge| judge != "off"),
            write: written.write.as_ref().is_none_or(|write| write.value),
            threads: written.threads.is_some().then(|| self.whole(&written.threads, 1..=16, "threads", 2)),
            memory_mb: self.whole(&written.memory_mb, 64..=65_536, "MiB", 1024),
        }
    }

    /// A name from the catalog, a path of a .gguf file, or "off".
    fn model(&mut self, written: &Option<At<String>>, usual: &str) -> Option<String> {
        let Some(At { value, place }) = self.text(written) else { return Some(usual.to_owned()) };
        if value == "off" {
            return None;
        }
        let is_path = value.contains('/') || Path::new(value).extension().is_some_and(|end| end == "bin");
        if is_path && !has_ending(value, "gguf") {
            let what = format!("{} is {value:?}, but a language model is a .gguf file", place.key);
            let instead = format!(
                "a name from `nightdesk models`, the path of a .gguf file, or \"off\" (usual: {usual:?})"
            );
            self.faults.error(place, what, instead);
        }
        Some(value.clone())
    }
}

fn has_ending(name: &str, ending: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case(ending))
}
