//! A Raspberry Pi's registers by rppal, for kernels without a GPIO character device. The library is retired: it works
//! up to the Pi 5, and not where the kernel guards its memory (`iomem=relaxed` opens it).

use firmware::Pins;
use rppal::gpio::{Gpio, InputPin, OutputPin, Pin};

use super::{Face, LineName, PanelFault, Settings, Wiring, face, wire};

/// Takes the pins of the settings.
pub(super) fn open(settings: &Settings) -> Result<Box<dyn Face>, PanelFault> {
    let coil = output("panel.relay", settings.relay.as_ref())?;
    let red = output("panel.led_red", settings.led_red.as_ref())?;
    let green = output("panel.led_green", settings.led_green.as_ref())?;
    let button = input("panel.button", settings.button.as_ref())?;
    Ok(face(settings, Pins { red, green, coil, button }))
}

fn output(part: &'static str, wiring: Option<&Wiring>) -> Result<wire::Out<OutputPin>, PanelFault> {
    let Some(Wiring { line, active_low }) = wiring else { return Ok(wire::Out::new(None, false)) };
    let pin = pin(part, line)?;
    let pin = if *active_low { pin.into_output_high() } else { pin.into_output_low() };
    Ok(wire::Out::new(Some(pin), *active_low))
}

fn input(part: &'static str, wiring: Option<&Wiring>) -> Result<wire::In<InputPin>, PanelFault> {
    let Some(Wiring { line, active_low }) = wiring else { return Ok(wire::In::new(None, false)) };
    let pin = pin(part, line)?;
    let pin = if *active_low { pin.into_input_pullup() } else { pin.into_input_pulldown() };
    Ok(wire::In::new(Some(pin), *active_low))
}

/// `GPIO17` is the processor's own name of the pin, on every Raspberry Pi.
fn pin(part: &'static str, line: &LineName) -> Result<Pin, PanelFault> {
    let number = line.line.strip_prefix("GPIO").and_then(|n| n.parse::<u8>().ok());
    let number = number.ok_or_else(|| PanelFault::NoSuchLine { part, line: line.clone() })?;
    let refused =
        |e: rppal::gpio::Error| PanelFault::Refused { part, line: line.clone(), cause: e.to_string() };
    Gpio::new().map_err(refused)?.get(number).map_err(refused)
}
