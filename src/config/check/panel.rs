//! `[panel]`.

use super::{
    super::{
        fault::Place,
        panel::{PanelBoard, PanelSettings, PanelWiring, SoundsFor},
        raw::{self, At},
    },
    Check,
};

/// The parts that a line can be wired to, as they are written in `active_low`.
const PARTS: [&str; 4] = ["led_red", "led_green", "relay", "button"];

impl Check<'_, '_> {
    pub(super) fn panel(&mut self, written: Option<At<raw::Panel>>) -> Option<PanelSettings> {
        let At { value: written, place: at } = written?;
        let lines = [&written.led_red, &written.led_green, &written.relay, &written.button];
        let inverted = self.inverted(written.active_low.as_ref());
        let wirings = lines.map(|line| self.wiring(line, &inverted));
        self.one_line_each(&lines);
        let sim_file = self.text(&written.sim_file).map(|f| self.around.path(&f.value));
        let boards = [
            ("gpio", PanelBoard::Gpio),
            ("rppal", PanelBoard::Rppal),
            ("sim", PanelBoard::Sim(sim_file.clone())),
        ];
        let board = self.one_of(&written.board, &boards, PanelBoard::Gpio);
        if board != PanelBoard::Sim(sim_file) {
            self.nothing_wired(&at, &wirings);
            if let Some(file) = &written.sim_file {
                let what = "panel.sim_file is for a simulated panel only";
                self.faults.error(&file.place, what, "board = \"sim\", or leave the line out");
            }
        }
        let sounds =
            [("unresolved", SoundsFor::Unresolved), ("open", SoundsFor::Open), ("never", SoundsFor::Never)];
        let settings = (
            self.whole(&written.relay_max_s, 1..=86_400, "seconds", 180u32),
            self.read(written.quiet_hours.as_ref(), quiet_hours, "\"22:00-06:00\", the shop's local time"),
            self.one_of(&written.sounds_for, &sounds, SoundsFor::Unresolved),
        );
        let [led_red, led_green, relay, button] = wirings;
        let (relay_max_s, quiet_hours, sounds_for) = settings;
        Some(PanelSettings { board, led_red, led_green, relay, button, relay_max_s, quiet_hours, sounds_for })
    }

    fn inverted(&mut self, written: Option<&At<Vec<At<String>>>>) -> Vec<String> {
        let list = written.map(|l| l.value.as_slice()).unwrap_or_default();
        let words = PARTS.map(|part| (part, part.to_owned()));
        list.iter().filter_map(|part| self.word(&part.value, &part.place, &words)).collect()
    }

    fn wiring(&mut self, written: &Option<At<String>>, inverted: &[String]) -> Option<PanelWiring> {
        let part = written.as_ref()?.place.key.rsplit('.').next().unwrap_or_default().to_owned();
        self.text(written)?;
        let line = self.read(
            written.as_ref(),
            line_name,
            "the line's name, such as \"GPIO17\"; `nightdesk panel lines` lists those of this machine",
        )?;
        Some(PanelWiring { line, active_low: inverted.contains(&part) })
    }

    /// Two parts on one line would fight.
    fn one_line_each(&mut self, lines: &[&Option<At<String>>; 4]) {
        for (i, line) in lines.iter().enumerate() {
            let Some(line) = line else { continue };
            let same = |other: &&At<String>| other.value.trim() == line.value.trim();
            if let Some(first) = lines[..i].iter().copied().flatten().find(same) {
                let what = format!("{} and {} are the same line", first.place.key, line.place.key);
                self.faults.error(&line.place, what, "another line, as it is wired");
            }
        }
    }

    fn nothing_wired(&mut self, at: &Place, wirings: &[Option<PanelWiring>; 4]) {
        if wirings.iter().all(Option::is_none) {
            let advice = "led_red, led_green, relay or button with the name of its line, such as \"GPIO17\"";
            self.faults.warn(at, "panel is there, but nothing is wired to it", advice);
        }
    }
}

fn line_name(text: &str) -> Result<String, &'static str> {
    if text.parse::<u32>().is_ok() || text.starts_with("gpiochip") || text.starts_with("/dev/") {
        return Err("numbers of lines and chips move from kernel to kernel, so a line has to be named");
    }
    let fine = |part: &str| !part.is_empty() && part.chars().all(|c| !c.is_control());
    if text.rsplit('/').take(2).all(fine) { Ok(text.to_owned()) } else { Err("not a line's name") }
}

fn quiet_hours(text: &str) -> Result<(u16, u16), &'static str> {
    let (from, to) = text.split_once('-').ok_or("two times with a dash between them are needed")?;
    let (from, to) = (minute(from)?, minute(to)?);
    if from == to { Err("the relay would never be silent") } else { Ok((from, to)) }
}

fn minute(text: &str) -> Result<u16, &'static str> {
    let (hour, minute) = text.trim().split_once(':').ok_or("a time is written like 22:00")?;
    match (hour.parse::<u16>(), minute.parse::<u16>()) {
        (Ok(hour @ 0..24), Ok(minute @ 0..60)) => Ok(hour * 60 + minute),
        _ => Err("a time is written like 22:00, from 00:00 to 23:59"),
    }
}
