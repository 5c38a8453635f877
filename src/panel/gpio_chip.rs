//! Lines of the kernel's GPIO character devices, found by name: numbers move between kernels and boards.

use std::{convert::Infallible, fmt, path::PathBuf, str::FromStr};

use firmware::Pins;
use gpiocdev::{
    Request,
    chip::{Chip, chips},
    line::{Bias, Value},
};
use gpiocdev_embedded_hal::{InputPin, OutputPin};

use super::{Face, PanelFault, Settings, Wiring, face, wire};

/// Who holds the lines, as `gpioinfo` shows it.
const CONSUMER: &str = "nightdesk";

/// A line's name, `GPIO17`, with its chip's label before it where several chips have one: `pinctrl-rp1/GPIO17`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineName {
    /// Label of the chip; `None`: whichever has the line.
    pub chip: Option<String>,
    /// Name of the line.
    pub line: String,
}

impl FromStr for LineName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let text = text.trim();
        Ok(match text.rsplit_once('/') {
            Some((chip, line)) => Self { chip: Some(chip.to_owned()), line: line.to_owned() },
            None => Self { chip: None, line: text.to_owned() },
        })
    }
}

impl fmt::Display for LineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.chip {
            Some(chip) => write!(f, "{chip}/{}", self.line),
            None => f.write_str(&self.line),
        }
    }
}

/// A line that this machine has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedLine {
    /// Its full name.
    pub name: LineName,
    /// The program that holds it; `None`: free.
    pub held_by: Option<String>,
    device: PathBuf,
    offset: u32,
}

/// Every line with a name on every chip that can be opened.
pub fn every_line() -> Vec<NamedLine> {
    let mut found = Vec::new();
    for device in chips().unwrap_or_default() {
        let Ok(chip) = Chip::from_path(&device) else { continue };
        let (Ok(about), Ok(lines)) = (chip.info(), chip.line_info_iter()) else { continue };
        found.extend(lines.flatten().filter(|line| !line.name.is_empty()).map(|line| NamedLine {
            name: LineName { chip: Some(about.label.clone()), line: line.name },
            held_by: line.used.then_some(line.consumer),
            device: device.clone(),
            offset: line.offset,
        }));
    }
    found
}

/// Takes the lines; a line that cannot be had leaves the others free.
pub(super) fn open(settings: &Settings) -> Result<Box<dyn Face>, PanelFault> {
    let lines = every_line();
    // the relay first: whatever a program before us left there ends now
    let coil = output(&lines, "panel.relay", settings.relay.as_ref())?;
    let red = output(&lines, "panel.led_red", settings.led_red.as_ref())?;
    let green = output(&lines, "panel.led_green", settings.led_green.as_ref())?;
    let button = input(&lines, "panel.button", settings.button.as_ref())?;
    Ok(face(settings, Pins { red, green, coil, button }))
}

fn output(
    lines: &[NamedLine],
    part: &'static str,
    wiring: Option<&Wiring>,
) -> Result<wire::Out<OutputPin>, PanelFault> {
    let Some(wiring) = wiring else { return Ok(wire::Out::new(None, false)) };
    let off = if wiring.active_low { Value::Active } else { Value::Inactive };
    let line = find(lines, part, &wiring.line)?;
    let pin = request(line, part, |r| {
        r.as_output(off);
    })?;
    let pin = OutputPin::try_from(pin).map_err(|e| refused(part, &wiring.line, &e))?;
    Ok(wire::Out::new(Some(pin), wiring.active_low))
}

fn input(
    lines: &[NamedLine],
    part: &'static str,
    wiring: Option<&Wiring>,
) -> Result<wire::In<InputPin>, PanelFault> {
    let Some(wiring) = wiring else { return Ok(wire::In::new(None, false)) };
    let line = find(lines, part, &wiring.line)?;
    // an open contact must not float: a button that closes to ground is pulled up, the other way round down
    let bias = if wiring.active_low { Bias::PullUp } else { Bias::PullDown };
    let pin = request(line, part, |r| {
        r.as_input().with_bias(bias);
    })?;
    let pin = InputPin::try_from(pin).map_err(|e| refused(part, &wiring.line, &e))?;
    Ok(wire::In::new(Some(pin), wiring.active_low))
}

fn request(
    line: &NamedLine,
    part: &'static str,
    shape: impl FnOnce(&mut gpiocdev::request::Builder),
) -> Result<Request, PanelFault> {
    if let Some(by) = &line.held_by {
        return Err(PanelFault::InUse { part, line: line.name.clone(), by: by.clone() });
    }
    let mut builder = Request::builder();
    builder.on_chip(&line.device).with_consumer(CONSUMER).with_line(line.offset);
    shape(&mut builder);
    builder.request().map_err(|e| refused(part, &line.name, &e))
}

fn refused(part: &'static str, line: &LineName, cause: &dyn fmt::Display) -> PanelFault {
    PanelFault::Refused { part, line: line.clone(), cause: cause.to_string() }
}

/// The one line with this name.
pub(super) fn find<'l>(
    lines: &'l [NamedLine],
    part: &'static str,
    wanted: &LineName,
) -> Result<&'l NamedLine, PanelFault> {
    let fits =
        |l: &&NamedLine| l.name.line == wanted.line && (wanted.chip.is_none() || wanted.chip == l.name.chip);
    let found: Vec<&NamedLine> = lines.iter().filter(fits).collect();
    match found.as_slice() {
        [only] => Ok(only),
        [] => Err(PanelFault::NoSuchLine { part, line: wanted.clone() }),
        several => Err(PanelFault::SeveralLines {
            part,
            line: wanted.clone(),
            choices: several.iter().map(|l| format!("\"{}\"", l.name)).collect(),
        }),
    }
}

#[cfg(test)]
impl NamedLine {
    /// A line that this machine need not have.
    pub(super) fn imagined(name: &str) -> Self {
        let Ok(name) = name.parse();
        Self { name, held_by: None, device: PathBuf::from("/dev/gpiochip9"), offset: 0 }
    }
}
