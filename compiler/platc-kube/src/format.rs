//! What text looks like that the API server accepts at a place: names, labels, addresses, paths, times.
//!
//! Not here: quantities ([`crate::quantity`]) and patterns of schemas. Start with [`Format::check`].

use std::net::IpAddr;

/// What text looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// An RFC 1123 label: `web-1`.
    DnsLabel,
    /// An RFC 1035 label: begins with a letter.
    Dns1035,
    /// An RFC 1123 subdomain: `web.example.org`.
    DnsName,
    /// The same, or nothing.
    DnsNameOrEmpty,
    /// The same, where the first label may be `*`.
    DnsWildcard,
    /// A name of at least three labels.
    WebhookName,
    /// `[PREFIX/]NAME` of a label, a taint, a finalizer.
    LabelKey,
    /// The same, where letters of the prefix may be large.
    AnnotationKey,
    /// The value of a label.
    LabelValue,
    /// The name of a resource: `cpu`, `example.org/gpu`.
    ResourceName,
    /// A key of a ConfigMap or Secret.
    ConfigKey,
    /// An IP address.
    Ip,
    /// The same, or `None`, or nothing.
    IpOrNone,
    /// A range of addresses.
    Cidr,
    /// The name of an environment variable.
    EnvName,
    /// The name of a container's port.
    PortName,
    /// A port's number or name.
    PortOrName,
    /// A count or a percentage.
    CountOrPercent,
    /// A schedule of five fields.
    Cron,
    /// A path of the host.
    HostPath,
    /// A path inside a volume.
    InnerPath,
    /// A path to mount at.
    MountPath,
    /// The name of an image.
    Image,
    /// A quantity that is not below zero.
    NotNegative,
}

impl Format {
    /// The format of a name in `tables/marks.txt`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "dns-label" => Self::DnsLabel,
            "dns-1035" => Self::Dns1035,
            "dns-name" => Self::DnsName,
            "dns-name-or-empty" => Self::DnsNameOrEmpty,
            "dns-wildcard" => Self::DnsWildcard,
            "webhook-name" => Self::WebhookName,
            "label-key" => Self::LabelKey,
            "annotation-key" => Self::AnnotationKey,
            "label-value" => Self::LabelValue,
            "resource-name" => Self::ResourceName,
            "config-key" => Self::ConfigKey,
            "ip" => Self::Ip,
            "ip-or-none" => Self::IpOrNone,
            "cidr" => Self::Cidr,
            "env-name" => Self::EnvName,
            "port-name" => Self::PortName,
            "port-or-name" => Self::PortOrName,
            "count-or-percent" => Self::CountOrPercent,
            "cron" => Self::Cron,
            "host-path" => Self::HostPath,
            "inner-path" => Self::InnerPath,
            "mount-path" => Self::MountPath,
            "image" => Self::Image,
            "not-negative" => Self::NotNegative,
            _ => return None,
        })
    }

    /// Whether a wrong text is a wrong name (`E0610`) and not a wrong value (`E0609`).
    pub(crate) fn is_name(self) -> bool {
        matches!(
            self,
            Self::DnsLabel
                | Self::Dns1035
                | Self::DnsName
                | Self::DnsNameOrEmpty
                | Self::WebhookName
                | Self::LabelKey
                | Self::AnnotationKey
                | Self::LabelValue
                | Self::ResourceName
                | Self::ConfigKey
                | Self::EnvName
                | Self::PortName
        )
    }

    /// What to call it in a message: `the name of a label`.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::DnsLabel | Self::Dns1035 => "a DNS label",
            Self::DnsName | Self::DnsNameOrEmpty | Self::DnsWildcard => "a DNS name",
            Self::WebhookName => "the name of a webhook",
            Self::LabelKey => "a label's key",
            Self::AnnotationKey => "an annotation's key",
            Self::LabelValue => "a label's value",
            Self::ResourceName => "the name of a resource",
            Self::ConfigKey => "a key of a ConfigMap or Secret",
            Self::Ip | Self::IpOrNone => "an IP address",
            Self::Cidr => "an address range",
            Self::EnvName => "the name of an environment variable",
            Self::PortName => "the name of a port",
            Self::PortOrName => "the number or name of a port",
            Self::CountOrPercent => "a count or a percentage",
            Self::Cron => "a schedule",
            Self::HostPath | Self::InnerPath | Self::MountPath => "a path that can be used here",
            Self::Image => "the name of an image",
            Self::NotNegative => "an amount",
        }
    }

    /// Checks a text; the error says what would be right.
    pub(crate) fn check(self, text: &str) -> Result<(), &'static str> {
        match self {
            Self::DnsLabel => dns_label(text),
            Self::Dns1035 => dns_1035(text),
            Self::DnsName => dns_name(text),
            Self::DnsNameOrEmpty if text.is_empty() => Ok(()),
            Self::DnsNameOrEmpty => dns_name(text),
            Self::DnsWildcard => dns_name(text.strip_prefix("*.").unwrap_or(text)),
            Self::WebhookName if text.split('.').count() < 3 => {
                Err("at least three parts joined by dots: `check.policies.example.org`")
            }
            Self::WebhookName => dns_name(text),
            Self::LabelKey | Self::ResourceName => label_key(text),
            Self::AnnotationKey if text.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                label_key(&text.to_ascii_lowercase())
            }
            Self::AnnotationKey => label_key(text),
            Self::LabelValue => label_value(text),
            Self::ConfigKey => config_key(text),
            Self::Ip => ip(text),
            Self::IpOrNone if text == "None" || text.is_empty() => Ok(()),
            Self::IpOrNone => ip(text).map_err(|_| "an IP address, or `None`"),
            Self::Cidr => cidr(text),
            Self::EnvName => env_name(text),
            Self::PortName | Self::PortOrName => port_name(text),
            Self::CountOrPercent => percent(text),
            Self::Cron => cron(text),
            Self::HostPath => host_path(text),
            Self::InnerPath => inner_path(text),
            Self::MountPath => mount_path(text),
            Self::Image => image(text),
            Self::NotNegative if !text.starts_with('-') => Ok(()),
            Self::NotNegative => match crate::quantity::Quantity::parse(text) {
                Ok(amount) if amount.is_negative() => Err("zero or more"),
                _ => Ok(()),
            },
        }
    }

    /// Checks a whole number where text could also stand.
    pub(crate) fn check_int(self, number: i64) -> Result<(), &'static str> {
        match self {
            Self::PortOrName if !(1..=65535).contains(&number) => Err("a port is 1 to 65535"),
            Self::CountOrPercent | Self::NotNegative if number < 0 => Err("zero or more"),
            _ => Ok(()),
        }
    }
}

/// An RFC 1123 label.
pub(crate) fn dns_label(text: &str) -> Result<(), &'static str> {
    if is_dns_label(text) {
        Ok(())
    } else {
        Err("1 to 63 small letters, digits and dashes, with a letter or digit at both ends")
    }
}

fn is_dns_label(text: &str) -> bool {
    (1..=63).contains(&text.len()) && is_dns_part(text.as_bytes())
}

fn is_dns_part(bytes: &[u8]) -> bool {
    let small = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    bytes.first().is_some_and(small)
        && bytes.last().is_some_and(small)
        && bytes.iter().all(|b| small(b) || *b == b'-')
}

/// An RFC 1035 label.
pub(crate) fn dns_1035(text: &str) -> Result<(), &'static str> {
    if is_dns_label(text) && text.starts_with(|c: char| c.is_ascii_lowercase()) {
        Ok(())
    } else {
        Err("1 to 63 small letters, digits and dashes, with a letter first and a letter or digit last")
    }
}

/// An RFC 1123 subdomain. Its labels may be longer than 63: that is upstream's rule, too.
pub(crate) fn dns_name(text: &str) -> Result<(), &'static str> {
    if (1..=253).contains(&text.len()) && text.as_bytes().split(|b| *b == b'.').all(is_dns_part) {
        Ok(())
    } else {
        Err("at most 253 small letters, digits, dashes and dots, with a letter or digit at both \
                ends of each part")
    }
}

/// A name that becomes part of a URL: of roles and their bindings.
pub(crate) fn path_segment(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || text == "." || text == ".." || text.contains(['/', '%']) {
        Err("anything but `.`, `..` and text with `/` or `%`")
    } else {
        Ok(())
    }
}

fn is_qualified(text: &str) -> bool {
    let edge = |b: &u8| b.is_ascii_alphanumeric();
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && bytes.first().is_some_and(edge)
        && bytes.last().is_some_and(edge)
        && bytes.iter().all(|b| edge(b) || b"-_.".contains(b))
}

/// `[PREFIX/]NAME`.
pub(crate) fn label_key(text: &str) -> Result<(), &'static str> {
    // Bytes, here and in names: they are short, and a search that is made for long texts takes longer to begin.
    let slash = text.bytes().position(|b| b == b'/');
    let (prefix, name) = match slash.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?))) {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    if prefix.is_some_and(|prefix| dns_name(prefix).is_err()) {
        return Err("the part before `/` is a DNS name of at most 253 characters");
    }
    if is_qualified(name) {
        Ok(())
    } else {
        Err("1 to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends; before \
                it may stand a DNS name and `/`")
    }
}

/// The value of a label.
pub(crate) fn label_value(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || is_qualified(text) {
        Ok(())
    } else {
        Err("at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends; or nothing")
    }
}

fn config_key(text: &str) -> Result<(), &'static str> {
    let right = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let is_right = (1..=253).contains(&text.len()) && text.bytes().all(right);
    if is_right && text != "." && !text.starts_with("..") {
        Ok(())
    } else {
        Err("1 to 253 letters, digits, `-`, `_` and `.`; not `.`, and not beginning with `..`")
    }
}

/// An IP address; leading zeros are refused, because programs disagree about them.
pub(crate) fn ip(text: &str) -> Result<(), &'static str> {
    if text.parse::<IpAddr>().is_ok() {
        Ok(())
    } else {
        Err("an IPv4 address such as `10.0.0.1` or an IPv6 address such as `fd00::1`")
    }
}

/// `ADDRESS/BITS`, with the address first of its range or not.
pub(crate) fn cidr(text: &str) -> Result<(), &'static str> {
    if parse_cidr(text).is_some() {
        Ok(())
    } else {
        Err("an address and a prefix length: `10.0.0.0/16`, `fd00::/64`")
    }
}

/// The address and the prefix length.
pub(crate) fn parse_cidr(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let canonical = !bits.is_empty()
        && bits.bytes().all(|b| b.is_ascii_digit())
        && (bits == "0" || !bits.starts_with('0'));
    let bits: u8 = if canonical { bits.parse().ok()? } else { return None };
    let most = if address.is_ipv4() { 32 } else { 128 };
    (bits <= most).then_some((address, bits))
}

/// Since 1.33 anything that can be printed and is no `=`.
fn env_name(text: &str) -> Result<(), &'static str> {
    if !text.is_empty() && text.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'=') {
        Ok(())
    } else {
        Err("printable ASCII characters without `=`")
    }
}

/// An IANA service name.
fn port_name(text: &str) -> Result<(), &'static str> {
    let right = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_right = (1..=15).contains(&text.len())
        && text.bytes().all(right)
        && text.bytes().any(|b| b.is_ascii_lowercase())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--");
    if is_right {
        Ok(())
    } else {
        Err("at most 15 small letters, digits and single dashes, with at least one letter")
    }
}

fn percent(text: &str) -> Result<(), &'static str> {
    let digits = text.strip_suffix('%').unwrap_or("");
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        Ok(())
    } else {
        Err("a whole number, or a percentage such as `25%`")
    }
}

/// A schedule, by the rules of the parser that the controller uses: five fields or a word.
fn cron(text: &str) -> Result<(), &'static str> {
    const SHAPE: &str =
        "five fields (minute hour day month weekday) such as `30 2 * * *`, `@daily` or `@every 6h`";
    if text.starts_with("TZ=") || text.starts_with("CRON_TZ=") {
        return Err("a schedule without a time zone: that goes into `timeZone`");
    }
    if let Some(word) = text.strip_prefix('@') {
        let words = ["yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"];
        let every = word.strip_prefix("every ").is_some_and(|span| go_duration(span).is_some());
        return if words.contains(&word) || every { Ok(()) } else { Err(SHAPE) };
    }
    const FIELDS: [(u32, u32, &[&str]); 5] = [
        (0, 59, &[]),
        (0, 23, &[]),
        (1, 31, &[]),
        (1, 12, &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        (0, 6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ];
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    let right = fields.len() == FIELDS.len()
        && fields.iter().zip(FIELDS).all(|(field, (low, high, names))| cron_field(field, low, high, names));
    if right { Ok(()) } else { Err(SHAPE) }
}

fn cron_field(field: &str, low: u32, high: u32, names: &[&str]) -> bool {
    let number = |text: &str| {
        let lower = text.to_ascii_lowercase();
        match names.iter().position(|name| *name == lower) {
            Some(at) => u32::try_from(at).ok().map(|at| at + low),
            None => text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit())),
        }
    };
    field.split(',').all(|part| {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let step_is_right = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0));
        let range_is_right = range == "*"
            || range == "?"
            || match range.split_once('-') {
                Some((from, to)) => number(from)
                    .zip(number(to))
                    .is_some_and(|(from, to)| low <= from && from <= to && to <= high),
                None => number(range).is_some_and(|at| (low..=high).contains(&at)),
            };
        step_is_right && range_is_right
    })
}

/// A Go duration in nanoseconds: `1h30m`, `250ms`; no days.
pub(crate) fn go_duration(text: &str) -> Option<i128> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let (mut rest, mut total) = (rest, 0_i128);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(end);
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let unit: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        total = total.checked_add(whole.checked_mul(unit)?)?;
        let mut place = unit;
        for digit in fraction.bytes() {
            place /= 10;
            total = total.checked_add(i128::from(digit - b'0') * place)?;
        }
        rest = after;
    }
    Some(if negative { -total } else { total })
}

fn host_path(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || text.split('/').any(|part| part == "..") {
        Err("a path without `..`")
    } else {
        Ok(())
    }
}

fn inner_path(text: &str) -> Result<(), &'static str> {
    if text.starts_with('/') || text.split('/').any(|part| part == "..") {
        Err("a path relative to the volume, without `..`")
    } else {
        Ok(())
    }
}

fn mount_path(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        Err("an absolute path")
    } else if text.contains(':') {
        Err("a path without `:`, which separates the parts of a mount")
    } else {
        Ok(())
    }
}

fn image(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || text.trim() != text {
        Err("a name such as `registry.example.org/team/web:1.2`, without blanks around it")
    } else {
        Ok(())
    }
}

/// Whether text is standard base64, with its padding, as Go's decoder takes it: line breaks are skipped.
pub(crate) fn is_base64(text: &str) -> bool {
    let (mut letters, mut padding) = (0_usize, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'\r' | b'\n' => {}
            b'=' => padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => letters += 1,
            _ => return false,
        }
    }
    padding <= 2 && (letters + padding) % 4 == 0 && letters % 4 != 1
}

/// How many bytes base64 text stands for.
pub(crate) fn base64_len(text: &str) -> usize {
    let letters = text.bytes().filter(|b| !b"=\r\n".contains(b)).count();
    letters * 3 / 4
}

/// An RFC 3339 time: `2026-01-31T10:00:00Z`, with fractions of seconds and offsets.
pub(crate) fn is_time(text: &str) -> bool {
    let digits = |from: usize, to: usize| {
        text.get(from..to).filter(|part| part.bytes().all(|b| b.is_ascii_digit()))?.parse::<u32>().ok()
    };
    let is = |at: usize, wanted: &[u8]| text.as_bytes().get(at).is_some_and(|b| wanted.contains(b));
    let shape = is(4, b"-") && is(7, b"-") && is(10, b"T") && is(13, b":") && is(16, b":");
    let in_range = digits(0, 4).is_some()
        && digits(5, 7).is_some_and(|month| (1..=12).contains(&month))
        && digits(8, 10).is_some_and(|day| (1..=31).contains(&day))
        && digits(11, 13).is_some_and(|hour| hour < 24)
        && digits(14, 16).is_some_and(|minute| minute < 60)
        && digits(17, 19).is_some_and(|second| second < 61);
    let rest = text.get(19..).unwrap_or("x");
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if zone.len() == fraction.len() { "x" } else { zone }
        }
        None => rest,
    };
    let offset = zone.strip_prefix(['+', '-']).is_some_and(|offset| {
        offset.len() == 5
            && offset.split_once(':').is_some_and(|(hours, minutes)| {
                hours.parse::<u32>().is_ok_and(|hours| hours < 24)
                    && minutes.parse::<u32>().is_ok_and(|minutes| minutes < 60)
            })
    });
    shape && in_range && (zone == "Z" || offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(format: Format, right: &[&str], wrong: &[&str]) {
        for text in right {
            assert_eq!(format.check(text), Ok(()), "{format:?} {text:?}");
        }
        for text in wrong {
            assert!(format.check(text).is_err(), "{format:?} {text:?}");
        }
    }

    #[test]
    fn names() {
        let long = "a".repeat(63);
        let longer = "a".repeat(64);
        all(
            Format::DnsLabel,
            &["a", "web-1", "1a", &long],
            &["", "-a", "a-", "A", "a.b", "a_b", "é", &longer],
        );
        all(Format::Dns1035, &["a", "web-1"], &["1a", "a."]);
        all(Format::DnsName, &["a.b", "1.2.3"], &["a..b", ".a", "a.", "A.b", &"a.".repeat(127)]);
        all(Format::LabelKey, &["app", "a.b/c_D.e", "x/y"], &["", "/a", "a/", "a/b/c", "A.b/c", "-a"]);
        all(Format::AnnotationKey, &["A.b/C"], &["a/b/c"]);
        all(Format::LabelValue, &["", "a", "1.2_3-A"], &["a b", "-a", "a/b", &longer]);
        all(Format::PortName, &["http", "a1-b2"], &["", "HTTP", "80", "a--b", "-a", "abcdefghijklmnop"]);
        all(Format::ConfigKey, &["a.b", "_x", ".a"], &["", ".", "..", "..a", "a/b", "a b"]);
        all(Format::WebhookName, &["a.b.c"], &["a.b", "a"]);
    }

    #[test]
    fn addresses_and_paths() {
        all(Format::Ip, &["10.0.0.1", "fd00::1"], &["10.0.0.300", "10.0.0.01", "localhost", "10.0.0.1/8"]);
        all(Format::IpOrNone, &["None", "", "10.0.0.1"], &["none", "x"]);
        all(Format::Cidr, &["10.0.0.0/8", "::/0"], &["10.0.0.0", "10.0.0.0/33", "10.0.0.0/08", "a/8"]);
        all(Format::InnerPath, &["a/b", ""], &["/a", "a/../b"]);
        all(Format::MountPath, &["/a"], &["", "/a:b"]);
        all(Format::CountOrPercent, &["25%", "0%", "150%"], &["25", "%", "-5%", "a%"]);
    }

    #[test]
    fn schedules() {
        all(
            Format::Cron,
            &["* * * * *", "*/5 0-6,12 1 jan mon-fri", "@daily", "@every 1h30m", "0 0 ? * 0"],
            &[
                "* * * *",
                "60 * * * *",
                "* * * * 7",
                "*/0 * * * *",
                "5-1 * * * *",
                "@often",
                "TZ=UTC * * * * *",
            ],
        );
    }

    #[test]
    fn durations_of_go() {
        assert_eq!(go_duration("1h30m"), Some(5_400_000_000_000));
        assert_eq!(go_duration("250ms"), Some(250_000_000));
        assert_eq!(go_duration("1.5s"), Some(1_500_000_000));
        assert_eq!(go_duration("-1s"), Some(-1_000_000_000));
        assert_eq!(go_duration("0"), Some(0));
        for text in ["", "1", "1d", "1.s.", "s", "1h 30m", "1,5s", "."] {
            assert_eq!(go_duration(text), None, "{text}");
        }
    }

    #[test]
    fn base64_and_times() {
        for text in ["", "YQ==", "YWI=", "YWJj", "YW\nJj"] {
            assert!(is_base64(text), "{text}");
        }
        for text in ["YQ", "YQ=", "a b=", "YQ==YQ==", "=", "secret!"] {
            assert!(!is_base64(text), "{text}");
        }
        assert_eq!(base64_len("YWI="), 2);
        for text in ["2026-01-31T10:00:00Z", "2026-01-31T10:00:00.123+02:00"] {
            assert!(is_time(text), "{text}");
        }
        for text in ["2026-01-31", "2026-13-31T10:00:00Z", "2026-01-31T10:00:00", "2026-01-31T10:00:00.Z", ""]
        {
            assert!(!is_time(text), "{text}");
        }
    }
}
