//! Ranges of addresses, for "who may talk to us".

use std::{net::IpAddr, str::FromStr};

/// An address, or a network in the form `192.168.1.0/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NetRange {
    addr: IpAddr,
    prefix: u8,
}

/// The text is neither an address nor a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an address or network; write for example 192.168.1.10 or 192.168.1.0/24")]
pub struct NetFault(pub String);

impl NetRange {
    /// Exactly this address.
    pub fn host(addr: IpAddr) -> Self {
        let addr = addr.to_canonical();
        Self { addr, prefix: if addr.is_ipv4() { 32 } else { 128 } }
    }

    /// Whether `ip` lies in the range. An IPv4 address in IPv6 clothes counts as IPv4.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.addr, ip.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(ip)) => {
                same_prefix(u128::from(u32::from(net)) << 96, u128::from(u32::from(ip)) << 96, self.prefix)
            }
            (IpAddr::V6(net), IpAddr::V6(ip)) => same_prefix(net.into(), ip.into(), self.prefix),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    /// Every address, of both families.
    pub fn everybody() -> Vec<NetRange> {
        ["0.0.0.0/0", "::/0"].into_iter().filter_map(|text| text.parse().ok()).collect()
    }

    /// Private networks, link-local addresses and loopback: who may call directly when no PBX is configured.
    pub fn private() -> Vec<NetRange> {
        ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8"]
            .into_iter()
            .chain(["::1/128", "fe80::/10", "fc00::/7"])
            .filter_map(|text| text.parse().ok())
            .collect()
    }
}

fn same_prefix(a: u128, b: u128, prefix: u8) -> bool {
    prefix == 0 || (a ^ b) >> (128 - u32::from(prefix.min(128))) == 0
}

impl FromStr for NetRange {
    type Err = NetFault;

    fn from_str(text: &str) -> Result<Self, NetFault> {
        let fault = || NetFault(text.to_owned());
        let (addr, prefix) = match text.trim().split_once('/') {
            Some((addr, prefix)) => (addr, Some(prefix.parse::<u8>().map_err(|_| fault())?)),
            None => (text.trim(), None),
        };
        let whole = NetRange::host(addr.parse().map_err(|_| fault())?);
        match prefix {
            Some(prefix) if prefix > whole.prefix => Err(fault()),
            Some(prefix) => Ok(NetRange { prefix, ..whole }),
            None => Ok(whole),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(net: &str, ip: &str, expected: bool) {
        let net: NetRange = net.parse().expect("a network");
        assert_eq!(net.contains(ip.parse().expect("an address")), expected, "{ip} in {net:?}");
    }

    #[test]
    fn networks_contain_their_addresses_and_no_others() {
        check("192.168.1.0/24", "192.168.1.77", true);
        check("192.168.1.0/24", "192.168.2.77", false);
        check("10.0.0.1", "10.0.0.1", true);
        check("10.0.0.1", "10.0.0.2", false);
        check("0.0.0.0/0", "203.0.113.9", true);
        check("0.0.0.0/0", "2001:db8::1", false);
        check("fe80::/10", "fe80::abcd", true);
        check("127.0.0.0/8", "::ffff:127.0.0.2", true);
    }

    #[test]
    fn nonsense_is_refused_with_an_example() {
        for text in ["", "office", "10.0.0.0/33", "10.0.0/8", "::1/129", "10.0.0.1/x"] {
            let fault = text.parse::<NetRange>().expect_err(text);
            assert!(fault.to_string().contains("192.168.1.0/24"));
        }
    }

    #[test]
    fn public_addresses_are_not_private() {
        let private = NetRange::private();
        let inside = |ip: &str| private.iter().any(|n| n.contains(ip.parse().expect("an address")));
        assert!(inside("192.168.7.1") && inside("127.0.0.9") && inside("::1"));
        assert!(!inside("203.0.113.9") && !inside("172.32.0.1") && !inside("2001:db8::1"));
    }
}
