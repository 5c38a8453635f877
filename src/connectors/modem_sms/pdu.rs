//! Text messages as a modem carries them: PDUs of 3GPP TS 23.040, with the service centre's address before them
//! (3GPP TS 27.005). Pure; nothing that a network sends can do more than be refused.

use jiff::{Timestamp, civil::DateTime, tz::Offset};

use super::gsm7;

/// Parts that a text is cut into at most: ten times 153 characters.
pub(super) const PARTS_MAX: usize = 10;
const SEPTETS_ALONE: usize = 160;
const SEPTETS_IN_PART: usize = 153;
const UNITS_ALONE: usize = 70;
const UNITS_IN_PART: usize = 67;

/// A message as `AT+CMGS` takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Submit {
    /// Hexadecimal digits, the service centre's (empty) address first.
    pub(super) hex: String,
    /// Bytes without that address: the argument of `AT+CMGS`.
    pub(super) length: usize,
}

/// What a modem hands over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pdu {
    /// Somebody wrote.
    Deliver(Deliver),
    /// What became of a message of ours.
    Report(Report),
}

/// A message, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deliver {
    /// `+15551234567`, digits, or a name.
    pub(super) from: String,
    pub(super) text: String,
    /// The service centre's time, where it is one.
    pub(super) at: Option<Timestamp>,
    pub(super) part: Option<Part>,
}

/// Which part of which message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) reference: u16,
    /// From 1.
    pub(super) number: u8,
    pub(super) of: u8,
}

/// A delivery report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Report {
    /// The number that the modem gave the message.
    pub(super) reference: u8,
    pub(super) fate: Fate,
}

/// TP-Status, section 9.2.3.15.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Delivered,
    /// The network tries on, or cannot know.
    Open,
    /// The network has given up, with its code.
    Failed(u8),
}

/// Why something is no PDU, or none that we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PduFault {
    NotHex,
    Short,
    /// Compressed, or of a kind that a modem does not hand over.
    Unknown,
    /// The text does not fit in `PARTS_MAX` parts.
    TooLong,
}

/// The text as messages to `to` (digits, `+` before an international number), each asking for a delivery report.
/// `reference` ties the parts of a long text together; the network drops what it could not deliver after `validity_s`.
pub(super) fn submit(to: &str, text: &str, reference: u8, validity_s: u32) -> Result<Vec<Submit>, PduFault> {
    let parts = match gsm7::septets(text) {
        Some(septets) => cut(&septets, SEPTETS_ALONE, SEPTETS_IN_PART, |s| *s == gsm7::ESCAPE)
            .into_iter()
            .map(UserText::Septets)
            .collect::<Vec<_>>(),
        None => {
            let units: Vec<u16> = text.encode_utf16().collect();
            let high = |unit: &u16| (0xD800..0xDC00).contains(unit);
            cut(&units, UNITS_ALONE, UNITS_IN_PART, high).into_iter().map(UserText::Units).collect()
        }
    };
    let of = u8::try_from(parts.len()).ok().filter(|_| parts.len() <= PARTS_MAX).ok_or(PduFault::TooLong)?;
    let head = Head { to, validity_s };
    Ok(parts
        .into_iter()
        .zip(1..=of)
        .map(|(text, number)| head.message(text, (of > 1).then_some([reference, of, number])))
        .collect())
}

/// Cuts between characters: never after a unit that needs the next one.
fn cut<T: Clone>(
    units: &[T],
    alone: usize,
    in_part: usize,
    is_first_half: impl Fn(&T) -> bool,
) -> Vec<Vec<T>> {
    if units.len() <= alone {
        return vec![units.to_vec()];
    }
    let mut parts = Vec::new();
    let mut rest = units;
    while !rest.is_empty() {
        let mut end = rest.len().min(in_part);
        // a pair of escapes cannot be: the second half of a pair is never a first half
        if end < rest.len() && is_first_half(&rest[end - 1]) {
            end -= 1;
        }
        let (part, after) = rest.split_at(end);
        parts.push(part.to_vec());
        rest = after;
    }
    parts
}

enum UserText {
    Septets(Vec<u8>),
    Units(Vec<u16>),
}

struct Head<'t> {
    to: &'t str,
    validity_s: u32,
}

impl Head<'_> {
    fn message(&self, text: UserText, part: Option<[u8; 3]>) -> Submit {
        // SMS-SUBMIT, validity as a period, status report wanted; with a header for a part
        let mut bytes = vec![0x31 | if part.is_some() { 0x40 } else { 0 }, 0];
        bytes.extend(address(self.to));
        bytes.push(0);
        let header: Vec<u8> =
            part.map(|[reference, of, number]| vec![5, 0, 3, reference, of, number]).unwrap_or_default();
        let (coding, length, body) = match text {
            UserText::Septets(septets) => {
                let fill = (header.len() * 8).div_ceil(7) * 7 - header.len() * 8;
                let length = (header.len() * 8).div_ceil(7) + septets.len();
                (0x00, length, gsm7::pack(&septets, fill))
            }
            UserText::Units(units) => {
                let body: Vec<u8> = units.iter().flat_map(|u| u.to_be_bytes()).collect();
                (0x08, header.len() + body.len(), body)
            }
        };
        bytes.extend([coding, validity(self.validity_s), u8::try_from(length).unwrap_or(u8::MAX)]);
        bytes.extend(header);
        bytes.extend(body);
        let hex = bytes.iter().fold(String::from("00"), |hex, byte| hex + &format!("{byte:02X}"));
        Submit { hex, length: bytes.len() }
    }
}

/// Relative validity period, section 9.2.3.12.1: rounded up to what the byte can say.
fn validity(seconds: u32) -> u8 {
    let minutes = seconds.div_ceil(60).max(1);
    let step = match minutes {
        0..=720 => minutes.div_ceil(5) - 1,
        721..=1440 => 143 + (minutes - 720).div_ceil(30),
        1441..=43_200 => 166 + minutes.div_ceil(1440),
        _ => 192 + minutes.div_ceil(10_080),
    };
    u8::try_from(step).unwrap_or(u8::MAX)
}

/// Length in digits, kind, digits in swapped halves.
fn address(number: &str) -> Vec<u8> {
    let kind = if number.starts_with('+') { 0x91 } else { 0x81 };
    let digits: Vec<u8> = number
        .bytes()
        .filter_map(|b| match b {
            b'0'..=b'9' => Some(b - b'0'),
            b'*' => Some(0xA),
            b'#' => Some(0xB),
            _ => None,
        })
        .collect();
    let mut out = vec![u8::try_from(digits.len()).unwrap_or(u8::MAX), kind];
    out.extend(digits.chunks(2).map(|two| two[0] | two.get(1).copied().unwrap_or(0xF) << 4));
    out
}

/// Reads what a modem lists or announces.
pub(super) fn read(hex: &str) -> Result<Pdu, PduFault> {
    let bytes = from_hex(hex.trim())?;
    let mut rest = Bytes(&bytes);
    let centre = rest.one()?;
    rest.take(usize::from(centre))?;
    let first = rest.one()?;
    match first & 0x03 {
        0x00 => deliver(rest, first & 0x40 != 0).map(Pdu::Deliver),
        0x02 => report(rest).map(Pdu::Report),
        _ => Err(PduFault::Unknown),
    }
}

fn deliver(mut rest: Bytes<'_>, has_header: bool) -> Result<Deliver, PduFault> {
    let from = rest.address()?;
    let _protocol = rest.one()?;
    let coding = rest.one()?;
    let at = time(rest.take(7)?);
    let length = usize::from(rest.one()?);
    let data = rest.0;
    let header_bytes = if has_header { 1 + usize::from(*data.first().ok_or(PduFault::Short)?) } else { 0 };
    let header = data.get(..header_bytes).ok_or(PduFault::Short)?;
    let part = header.get(1..).and_then(part);
    let text = match alphabet(coding)? {
        Alphabet::Seven => {
            let skip = (header_bytes * 8).div_ceil(7);
            let septets = gsm7::unpack(data, length, 0);
            gsm7::text(septets.get(skip..).unwrap_or_default())
        }
        Alphabet::Eight => {
            let body = data.get(header_bytes..length.min(data.len())).unwrap_or_default();
            body.iter().map(|b| char::from(*b)).collect()
        }
        Alphabet::Units => {
            let body = data.get(header_bytes..length.min(data.len())).unwrap_or_default();
            let units = body.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]]));
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
    };
    Ok(Deliver { from, text, at, part })
}

fn report(mut rest: Bytes<'_>) -> Result<Report, PduFault> {
    let reference = rest.one()?;
    rest.address()?;
    rest.take(14)?;
    let fate = match rest.one()? {
        0x00 => Fate::Delivered,
        0x01..=0x3F => Fate::Open,
        failed => Fate::Failed(failed),
    };
    Ok(Report { reference, fate })
}

/// The element of the header that names a part, with an 8-bit or 16-bit reference.
fn part(mut header: &[u8]) -> Option<Part> {
    while let [kind, length, rest @ ..] = header {
        let (value, after) = rest.split_at_checked(usize::from(*length))?;
        let found = match (kind, value) {
            (0x00, [reference, of, number]) => Some((u16::from(*reference), *number, *of)),
            (0x08, [high, low, of, number]) => Some((u16::from_be_bytes([*high, *low]), *number, *of)),
            _ => None,
        };
        if let Some((reference, number, of)) = found {
            // a part that cannot be counted is a message of its own
            return (1..=of).contains(&number).then_some(Part { reference, number, of });
        }
        header = after;
    }
    None
}

enum Alphabet {
    Seven,
    Eight,
    Units,
}

/// TP-DCS, 3GPP TS 23.038 section 4.
fn alphabet(coding: u8) -> Result<Alphabet, PduFault> {
    match coding {
        0x00..=0x7F if coding & 0x20 != 0 => Err(PduFault::Unknown),
        0x00..=0x7F => Ok(match coding >> 2 & 3 {
            1 => Alphabet::Eight,
            2 => Alphabet::Units,
            _ => Alphabet::Seven,
        }),
        0xE0..=0xEF => Ok(Alphabet::Units),
        0xF0..=0xFF if coding & 4 != 0 => Ok(Alphabet::Eight),
        _ => Ok(Alphabet::Seven),
    }
}

/// Seven bytes of swapped digits; the last is the zone in quarters of an hour.
fn time(bytes: &[u8]) -> Option<Timestamp> {
    let two = |b: &u8| i16::from(b & 0x0F) * 10 + i16::from(b >> 4);
    let [year, month, day, hour, minute, second, zone] = <[u8; 7]>::try_from(bytes).ok()?;
    let small = |b: u8| i8::try_from(two(&b)).ok();
    let civil = DateTime::new(
        2000 + two(&year),
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        0,
    );
    let quarters = i32::from(zone & 0x07) * 10 + i32::from(zone >> 4);
    let signed = if zone & 0x08 == 0 { quarters } else { -quarters };
    Offset::from_seconds(signed * 900).ok()?.to_timestamp(civil.ok()?).ok()
}

fn from_hex(text: &str) -> Result<Vec<u8>, PduFault> {
    let digit =
        |b: &u8| char::from(*b).to_digit(16).and_then(|d| u8::try_from(d).ok()).ok_or(PduFault::NotHex);
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    if !odd.is_empty() {
        return Err(PduFault::NotHex);
    }
    pairs.iter().map(|[high, low]| Ok(digit(high)? << 4 | digit(low)?)).collect()
}

struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, count: usize) -> Result<&'b [u8], PduFault> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(PduFault::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn one(&mut self) -> Result<u8, PduFault> {
        Ok(self.take(1)?[0])
    }

    fn address(&mut self) -> Result<String, PduFault> {
        let digits = usize::from(self.one()?);
        let kind = self.one()?;
        let bytes = self.take(digits.div_ceil(2))?;
        if kind & 0x70 == 0x50 {
            return Ok(gsm7::text(&gsm7::unpack(bytes, digits * 4 / 7, 0)));
        }
        let plus = if kind & 0x70 == 0x10 { "+" } else { "" };
        let halves = bytes.iter().flat_map(|b| [b & 0x0F, b >> 4]).take(digits);
        let number = halves.filter_map(|half| match half {
            0..=9 => Some(char::from(b'0' + half)),
            0xA => Some('*'),
            0xB => Some('#'),
            _ => None,
        });
        Ok(plus.chars().chain(number).collect())
    }
}
