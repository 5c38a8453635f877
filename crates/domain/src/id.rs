//! Identifiers: UUIDv7, so that rows sort by the time they were made.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(u128);

        impl $name {
            /// A UUIDv7 (RFC 9562 section 5.7) from Unix time in milliseconds and 80 random bits.
            pub fn new(unix_ms: u64, random: [u8; 10]) -> Self {
                Self(uuid_v7(unix_ms, random))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse_uuid(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
    };
}

id! {
    /// One phone call.
    CallId
}
id! {
    /// One lead card.
    LeadId
}
id! {
    /// One step of an emergency alert.
    AlertId
}
id! {
    /// One item that waits to leave the box.
    OutboxId
}

/// The text is not a UUID: 32 hexadecimal digits, usually with dashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id: expected 32 hexadecimal digits, as printed by `nightdesk calls`")
    }
}

impl std::error::Error for InvalidId {}

fn uuid_v7(unix_ms: u64, random: [u8; 10]) -> u128 {
    let mut random_bits = [0u8; 16];
    random_bits[6..].copy_from_slice(&random);
    let tail = u128::from_be_bytes(random_bits);
    let time = (unix_ms as u128 & 0xffff_ffff_ffff) << 80;
    let fields = time | (tail & ((1 << 80) - 1));
    let version = 0x7 << 76;
    let variant = 0b10 << 62;
    (fields & !(0xf << 76) & !(0b11 << 62)) | version | variant
}

fn write_uuid(id: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let hex = format!("{id:032x}");
    write!(f, "{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn parse_uuid(text: &str) -> Result<u128, InvalidId> {
    let hex: String = text.chars().filter(|c| *c != '-').collect();
    if hex.len() != 32 {
        return Err(InvalidId);
    }
    u128::from_str_radix(&hex, 16).map_err(|_| InvalidId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_is_a_version_7_uuid_and_reads_back() {
        let id = CallId::new(0x0190_aabb_ccdd, [0xff; 10]);
        assert_eq!(id.to_string(), "0190aabb-ccdd-7fff-bfff-ffffffffffff");
        assert_eq!(id.to_string().parse::<CallId>(), Ok(id));
    }

    #[test]
    fn later_ids_sort_later() {
        assert!(CallId::new(1, [0xff; 10]) < CallId::new(2, [0; 10]));
    }
}
