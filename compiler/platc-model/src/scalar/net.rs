//! Addresses: ranges, hardware addresses, hosts with ports.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use super::Wrong;
use super::name::check_dns_name;

/// A range of IPv4 or IPv6 addresses, without host bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cidr {
    first: IpAddr,
    prefix: u8,
}

/// A hardware address (EUI-48).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Mac([u8; 6]);

/// A host, by name or address, and a port. Without a host it means every address of the machine.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct HostPort {
    /// Name or address; none in `:8080`.
    pub host: Option<Arc<str>>,
    /// Port.
    pub port: u16,
}

/// An IPv4 or IPv6 address.
pub fn parse_ip(text: &str) -> Result<IpAddr, Wrong> {
    text.parse().map_err(|_| {
        let alone = text.split(['/', ':']).next().unwrap_or_default();
        if alone != text && alone.parse::<Ipv4Addr>().is_ok() {
            return Wrong::new(format!("write the address alone: \"{alone}\""));
        }
        Wrong::new(ipv4_help(text))
    })
}

fn ipv4_help(text: &str) -> String {
    let parts: Vec<&str> = text.split('.').collect();
    let too_large = |part: &&str| part.parse::<u64>().is_ok_and(|n| n > 255);
    let leading_zero = |part: &&str| part.len() > 1 && part.starts_with('0');
    if parts.iter().any(too_large) {
        "each of the four numbers must be at most 255".to_owned()
    } else if parts.len() == 4 && parts.iter().any(leading_zero) {
        "write its numbers without leading zeros".to_owned()
    } else {
        "write four numbers with dots, like \"10.1.0.11\"".to_owned()
    }
}

const fn bits(ip: IpAddr) -> u8 {
    match ip {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn to_number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u128::from(ip.to_bits()),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

/// The address of that number in the family of `like`; `None` past its end.
fn from_number(like: IpAddr, number: u128) -> Option<IpAddr> {
    match like {
        IpAddr::V4(_) => u32::try_from(number).ok().map(|n| IpAddr::V4(Ipv4Addr::from_bits(n))),
        IpAddr::V6(_) => Some(IpAddr::V6(Ipv6Addr::from_bits(number))),
    }
}

impl Cidr {
    /// `10.1.0.0/24`. Host bits are an error with the range that was meant.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let Some((address, prefix)) = text.split_once('/') else {
            return Err(Wrong::new("write an address and a prefix length, like \"10.1.0.0/24\""));
        };
        let ip: IpAddr = address.parse().map_err(|_| Wrong::new(ipv4_help(address)))?;
        let plain = prefix.bytes().all(|b| b.is_ascii_digit()) && (prefix == "0" || !prefix.starts_with('0'));
        let prefix = prefix.parse::<u8>().ok().filter(|p| plain && *p <= bits(ip));
        let Some(prefix) = prefix else {
            return Err(Wrong::new(format!("the prefix length is from 0 to {}", bits(ip))));
        };
        let range = Self::around(ip, prefix);
        if range.first == ip {
            Ok(range)
        } else {
            Err(Wrong::new(format!("it has host bits; the range is \"{range}\"")))
        }
    }

    /// The range of that prefix length which holds `ip`.
    pub fn around(ip: IpAddr, prefix: u8) -> Self {
        let prefix = prefix.min(bits(ip));
        let host_bits = u32::from(bits(ip) - prefix);
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
        let first = from_number(ip, to_number(ip) & mask).unwrap_or(ip);
        Self { first, prefix }
    }

    /// Just this address.
    pub fn single(ip: IpAddr) -> Self {
        Self::around(ip, bits(ip))
    }

    /// First address.
    pub const fn first(self) -> IpAddr {
        self.first
    }

    /// Last address.
    pub fn last(self) -> IpAddr {
        from_number(self.first, to_number(self.first) + (self.size() - 1)).unwrap_or(self.first)
    }

    /// Prefix length.
    pub const fn prefix(self) -> u8 {
        self.prefix
    }

    /// How many addresses; saturates for the whole of IPv6.
    pub fn size(self) -> u128 {
        1_u128.checked_shl(u32::from(bits(self.first) - self.prefix)).unwrap_or(u128::MAX)
    }

    /// Whether it is IPv4.
    pub const fn is_ipv4(self) -> bool {
        self.first.is_ipv4()
    }

    /// Whether `ip` is in it.
    pub fn contains(self, ip: IpAddr) -> bool {
        ip.is_ipv4() == self.is_ipv4() && Self::around(ip, self.prefix) == self
    }

    /// Whether all of `other` is in it.
    pub fn covers(self, other: Self) -> bool {
        self.prefix <= other.prefix && self.contains(other.first)
    }

    /// Whether some address is in both. Ranges nest or are apart, so one must cover the other.
    pub fn overlaps(self, other: Self) -> bool {
        self.covers(other) || other.covers(self)
    }

    /// The `index`-th address; `None` past the end.
    pub fn host(self, index: u128) -> Option<IpAddr> {
        (index < self.size()).then(|| from_number(self.first, to_number(self.first) + index))?
    }

    /// The `index`-th subrange of that prefix length; `None` past the end.
    pub fn subnet(self, prefix: u8, index: u128) -> Option<Self> {
        if prefix < self.prefix || prefix > bits(self.first) || index >= self.count(prefix) {
            return None;
        }
        let step = 1_u128.checked_shl(u32::from(bits(self.first) - prefix))?;
        let first = from_number(self.first, to_number(self.first).checked_add(index.checked_mul(step)?)?)?;
        Some(Self { first, prefix })
    }

    /// How many subranges of that prefix length it has.
    pub fn count(self, prefix: u8) -> u128 {
        u32::from(prefix).checked_sub(u32::from(self.prefix)).and_then(|d| 1_u128.checked_shl(d)).unwrap_or(0)
    }

    /// Which subrange of its own size `part` is, if it is one.
    pub fn index_of(self, part: Self) -> Option<u128> {
        if !self.covers(part) {
            return None;
        }
        let step = u32::from(bits(self.first) - part.prefix);
        (to_number(part.first) - to_number(self.first)).checked_shr(step)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

impl Mac {
    /// `52:54:00:76:0a:14`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let help = || Wrong::new("write six pairs of hexadecimal digits, like \"52:54:00:76:0a:14\"");
        let mut bytes = [0; 6];
        let mut parts = text.split([':', '-']);
        for byte in &mut bytes {
            let part =
                parts.next().filter(|part| part.len() == 2 && !part.starts_with('+')).ok_or_else(help)?;
            *byte = u8::from_str_radix(part, 16).map_err(|_| help())?;
        }
        let [first, ..] = bytes;
        match parts.next() {
            Some(_) => Err(help()),
            None if first & 1 == 1 => {
                Err(Wrong::new("it is a group address; a card's has an even first number"))
            }
            None => Ok(Self(bytes)),
        }
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl HostPort {
    /// At an address.
    pub fn at(ip: IpAddr, port: u16) -> Self {
        let host = match ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Self { host: Some(host.into()), port }
    }

    /// `db1.internal:5432`, `10.1.0.11:9092`, `[fd00::1]:80`, `:8080`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let help = || Wrong::new("write a host and a port, like \"db1.internal:5432\"");
        if text.contains("://") {
            return Err(Wrong::new("leave out the scheme: a host and a port, like \"db1.internal:5432\""));
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(help)?;
        let plain = port.bytes().all(|b| b.is_ascii_digit());
        let port = port.parse::<u16>().ok().filter(|port| plain && *port > 0);
        let port = port.ok_or_else(|| Wrong::new("the port is from 1 to 65535"))?;
        if host.is_empty() {
            return Ok(Self { host: None, port });
        }
        let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        match bracketed {
            Some(v6) if v6.parse::<Ipv6Addr>().is_err() => return Err(help()),
            Some(_) => {}
            None if host.contains(':') => return Err(Wrong::new("an IPv6 address stands in brackets")),
            None if looks_like_ipv4(host) => drop(parse_ip(host)?),
            None => check_dns_name(host)?,
        }
        Ok(Self { host: Some(host.into()), port })
    }
}

fn looks_like_ipv4(host: &str) -> bool {
    host.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host.as_deref().unwrap_or(""), self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Cidr {
        Cidr::parse(text).unwrap()
    }

    #[test]
    fn ranges_say_what_is_wrong_with_them() {
        let wrong = |text: &str| Cidr::parse(text).unwrap_err().0;
        assert_eq!(wrong("10.0.0.300/24"), "each of the four numbers must be at most 255");
        assert_eq!(wrong("10.1.0.5/24"), "it has host bits; the range is \"10.1.0.0/24\"");
        assert_eq!(wrong("10.1.0.0/33"), "the prefix length is from 0 to 32");
        assert_eq!(wrong("10.1.0.0"), "write an address and a prefix length, like \"10.1.0.0/24\"");
        assert_eq!(wrong("10.01.0.0/24"), "write its numbers without leading zeros");
    }

    #[test]
    fn ranges_nest_or_are_apart() {
        assert!(cidr("10.244.0.0/18").covers(cidr("10.244.1.0/24")));
        assert!(!cidr("10.244.0.0/18").overlaps(cidr("10.244.64.0/18")));
        assert!(cidr("10.244.1.0/24").overlaps(cidr("10.244.0.0/18")));
        assert!(!cidr("0.0.0.0/0").contains("::1".parse().unwrap()));
        assert_eq!(cidr("10.244.0.0/18").subnet(24, 63), Some(cidr("10.244.63.0/24")));
        assert_eq!(cidr("10.244.0.0/18").subnet(24, 64), None);
        assert_eq!(cidr("10.244.0.0/18").index_of(cidr("10.244.14.0/24")), Some(14));
        assert_eq!(cidr("10.96.0.0/20").host(1), Some("10.96.0.1".parse().unwrap()));
        assert_eq!(cidr("10.1.0.0/30").host(4), None);
        assert_eq!(cidr("10.1.0.0/30").last(), "10.1.0.3".parse::<IpAddr>().unwrap());
        assert_eq!(cidr("0.0.0.0/0").size(), 1 << 32);
        assert_eq!(cidr("::/0").size(), u128::MAX);
    }

    #[test]
    fn hosts_with_ports() {
        for text in ["db1.internal:5432", "10.1.0.11:9092", "[fd00::1]:80", ":8080"] {
            assert_eq!(HostPort::parse(text).unwrap().to_string(), text);
        }
        for text in
            ["db1", "db1:0", "db1:70000", "http://db1:80", "fd00::1:80", "10.1.0.300:80", "a_b:1", "x:+1"]
        {
            assert!(HostPort::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn hardware_addresses() {
        assert_eq!(Mac::parse("52-54-00-76-0A-14").unwrap().to_string(), "52:54:00:76:0a:14");
        for text in [
            "52:54:00:76:0a",
            "53:54:00:76:0a:14",
            "52:54:00:76:0a:14:00",
            "5254.0076.0a14",
            "+2:54:00:76:0a:14",
        ] {
            assert!(Mac::parse(text).is_err(), "{text}");
        }
    }
}
