//! From what was written to what we run on: every value is looked at once, every fault is told.

mod channels;
mod hours;
mod line;
mod oncall;
mod panel;
mod rota;
mod shop;
mod thinking;
mod together;

use std::{fmt::Display, ops::RangeInclusive, path::PathBuf};

use domain::PhoneNumber;

use super::{
    checked::{Config, HearingSettings, RetentionSettings, VoiceEngine, VoiceSettings},
    fault::{Faults, Place, nearest},
    files::Surroundings,
    panel::PanelSettings,
    raw::{self, At},
};

const DATA_DIR: &str = "/var/lib/nightdesk";

/// Checks everything. `None` when something is missing that has no default; the faults say what.
pub(super) fn config(file: raw::File, faults: &mut Faults<'_>, around: &dyn Surroundings) -> Option<Config> {
    let mut check = Check { faults, around };
    let line_raw = file.line.map(|l| l.value).unwrap_or_default();
    let line = check.line(&line_raw);
    let written = file.shop.map(|s| s.value).unwrap_or_default();
    if written.is_empty() {
        let example = "[[shop]] with id, business_name, owner_name, time_zone and a [shop.oncall] section";
        check.faults.error(&Place::default(), "there is no shop to answer for", example);
    }
    let shops: Vec<_> = written.iter().map(|s| check.shop(s)).collect();
    check.shops_together(&written);
    let unknown_number = check.unknown_number(line_raw.unknown_number.as_ref(), &written);
    let hearing = check.hearing(&file.hearing.map(|h| h.value).unwrap_or_default());
    let thinking = check.thinking(&file.thinking.map(|t| t.value).unwrap_or_default());
    let voice = check.voice(file.voice);
    let panel = check.panel(file.panel);
    let storage = file.storage.map(|s| s.value).unwrap_or_default();
    let retention = check.retention(&storage);
    check.text(&storage.data_dir);
    let channels = check.channels(file.channels);
    let cloud = check.cloud(file.cloud);
    let data_dir = data_dir(Some(&storage), around);
    let shops = shops.into_iter().collect::<Option<Vec<_>>>()?;
    let line = line?;
    Some(Config {
        data_dir,
        line,
        shops,
        unknown_number,
        hearing,
        thinking,
        voice,
        retention,
        channels,
        cloud,
        panel,
        warnings: Vec::new(),
    })
}

/// The panel alone.
pub(super) fn panel(
    written: Option<At<raw::Panel>>,
    faults: &mut Faults<'_>,
    around: &dyn Surroundings,
) -> Option<PanelSettings> {
    Check { faults, around }.panel(written)
}

/// Where the memory is: as written, else where systemd says, else the usual place.
pub(super) fn data_dir(written: Option<&raw::Storage>, around: &dyn Surroundings) -> PathBuf {
    let named = written.and_then(|s| s.data_dir.as_ref()).filter(|d| !d.value.trim().is_empty());
    match named {
        Some(named) => around.path(&named.value),
        None => around.state_dir().unwrap_or_else(|| DATA_DIR.into()),
    }
}

/// The small checks that every section is made of.
struct Check<'c, 'f> {
    faults: &'c mut Faults<'f>,
    around: &'c dyn Surroundings,
}

impl Check<'_, '_> {
    /// A text that must be there.
    fn required<'r>(
        &mut self,
        section: &Place,
        key: &str,
        written: &'r Option<At<String>>,
        example: &str,
    ) -> Option<&'r At<String>> {
        if written.is_none() {
            let place = section.below(key, section.span.clone());
            self.faults.error(&place, format!("{} is missing", place.key), format!("{key} = \"{example}\""));
        }
        self.text(written)
    }

    /// A text that may be absent, but not blank.
    fn text<'r>(&mut self, written: &'r Option<At<String>>) -> Option<&'r At<String>> {
        let written = written.as_ref()?;
        if written.value.trim().is_empty() {
            let what = format!("{} is empty", written.place.key);
            self.faults.error(&written.place, what, "a text, or leave the line out");
            return None;
        }
        Some(written)
    }

    /// A whole number in a range that fits its type.
    fn whole<T: TryFrom<i64>>(
        &mut self,
        written: &Option<At<i64>>,
        range: RangeInclusive<i64>,
        unit: &str,
        default: T,
    ) -> T {
        let Some(At { value, place }) = written else { return default };
        let fits = range.contains(value).then(|| T::try_from(*value).ok()).flatten();
        fits.unwrap_or_else(|| {
            let (least, most) = (range.start(), range.end());
            let what = format!("{} is {value}, which is out of range", place.key);
            self.faults.error(place, what, format!("a number from {least} to {most} ({unit})"));
            default
        })
    }

    /// One word of a list.
    fn one_of<T: Clone>(&mut self, written: &Option<At<String>>, words: &[(&str, T)], default: T) -> T {
        let Some(At { value, place }) = written else { return default };
        self.word(value, place, words).unwrap_or(default)
    }

    fn word<T: Clone>(&mut self, value: &str, place: &Place, words: &[(&str, T)]) -> Option<T> {
        let found = words.iter().find(|(word, _)| *word == value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let all = known.join("\", \"");
            let write_instead = match nearest(value, &known) {
                Some(meant) => format!("did you mean \"{meant}\"? Known are \"{all}\""),
                None => format!("one of \"{all}\""),
            };
            self.faults.error(place, format!("{} does not know {value:?}", place.key), write_instead);
        }
        found.map(|(_, meaning)| meaning.clone())
    }

    /// Something that its own type can read.
    fn read<T, E: Display>(
        &mut self,
        written: Option<&At<String>>,
        read: impl Fn(&str) -> Result<T, E>,
        example: &str,
    ) -> Option<T> {
        let At { value, place } = written?;
        match read(value.trim()) {
            Ok(read) => Some(read),
            Err(error) => {
                self.faults.error(place, format!("{} is {value:?}: {error}", place.key), example);
                None
            }
        }
    }

    /// A number that we may have to dial.
    fn phone(&mut self, written: Option<&At<String>>) -> Option<PhoneNumber> {
        self.read(written, PhoneNumber::parse_dialable, "\"+15552345678\"")
    }

    fn hearing(&mut self, written: &raw::Hearing) -> HearingSettings {
        let model = self.text(&written.model).map_or("nightdesk-mini.en", |m| &m.value);
        HearingSettings {
            model: model.to_owned(),
            threads: written.threads.is_some().then(|| self.whole(&written.threads, 1..=64, "threads", 2)),
            memory_mb: self.whole(&written.memory_mb, 64..=65_536, "MiB", 1024),
        }
    }

    fn voice(&mut self, section: Option<At<raw::Voice>>) -> VoiceSettings {
        let (written, at) = section.map(|v| (v.value, v.place)).unwrap_or_default();
        let written = &written;
        let engines = [
            ("flite", VoiceEngine::Flite),
            ("espeak-ng", VoiceEngine::EspeakNg),
            ("piper", VoiceEngine::Piper),
        ];
        let engine = self.one_of(&written.engine, &engines, VoiceEngine::Flite);
        let voice = self.text(&written.voice);
        if engine == VoiceEngine::Piper && voice.is_none() {
            let place = at.below("voice", at.span.clone());
            self.faults.error(&place, "piper needs a voice file", "voice = \"en_US-lessac-medium.onnx\"");
        }
        let folder = self.text(&written.recordings_folder);
        if let Some(At { value, place }) = folder
            && !self.around.is_folder(value)
        {
            let path = self.around.path(value);
            self.faults.error(
                place,
                format!("there is no folder {}", path.display()),
                "a folder with one WAV file per sentence, or leave the line out",
            );
        }
        let spanish = self.spanish_voice(written, &at);
        VoiceSettings {
            engine,
            spanish,
            voice: voice.map(|v| v.value.clone()),
            recordings_folder: folder.map(|f| self.around.path(&f.value)),
        }
    }

    /// Who speaks Spanish: flite does not.
    fn spanish_voice(&mut self, written: &raw::Voice, at: &Place) -> Option<(VoiceEngine, Option<String>)> {
        let engines =
            [("espeak-ng", Some(VoiceEngine::EspeakNg)), ("piper", Some(VoiceEngine::Piper)), ("none", None)];
        let engine = self.one_of(&written.spanish_engine, &engines, Some(VoiceEngine::EspeakNg))?;
        let voice = self.text(&written.spanish_voice).map(|v| v.value.clone());
        if engine == VoiceEngine::Piper && voice.is_none() {
            let place = at.below("spanish_voice", at.span.clone());
            self.faults.error(
                &place,
                "piper needs a voice file",
                "spanish_voice = \"es_MX-claude-high.onnx\"",
            );
        }
        Some((engine, voice))
    }

    fn retention(&mut self, written: &raw::Storage) -> RetentionSettings {
        RetentionSettings {
            recordings_days: self.whole(&written.recordings_days, 1..=3650, "days", 30),
            transcripts_days: self.whole(&written.transcripts_days, 1..=3650, "days", 365),
        }
    }
}
