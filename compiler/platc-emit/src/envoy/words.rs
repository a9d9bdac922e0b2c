//! How Envoy spells things: durations are decimal seconds, extensions are a name and a type.
//!
//! Not here: which things. Start with [`seconds`] and [`extension`].

use std::fmt;

use platc_artifact::{Map, Shown, Sourced};
use platc_model::scalar::Duration;

/// A duration as proto3 JSON has it: `0.25s`. `250ms` and `1m` are refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.as_micros();
        let (whole, part) = (micros / 1_000_000, micros % 1_000_000);
        if part == 0 {
            return write!(f, "{whole}s");
        }
        let part = format!("{part:06}");
        write!(f, "{whole}.{}s", part.trim_end_matches('0'))
    }
}

/// A duration.
pub(crate) fn seconds(duration: Duration) -> Shown<Seconds> {
    Shown(Seconds(duration))
}

/// A duration with its origin.
pub(crate) fn sourced(duration: Sourced<Duration>) -> Sourced<Shown<Seconds>> {
    duration.map(seconds)
}

/// `name` and `typed_config` of an extension, in the map that it is.
pub(crate) fn extension(m: &mut Map<'_>, name: &str, kind: &str, build: impl FnOnce(&mut Map<'_>)) {
    m.put("name", name);
    m.map("typed_config", |m| typed(m, kind, build));
}

/// A message that says its own type.
pub(crate) fn typed(m: &mut Map<'_>, kind: &str, build: impl FnOnce(&mut Map<'_>)) {
    m.put("@type", format_args!("type.googleapis.com/{kind}"));
    build(m);
}

/// `socket_address` below `key`.
pub(crate) fn socket(
    m: &mut Map<'_>,
    key: &str,
    address: impl platc_artifact::IntoScalar,
    port: impl platc_artifact::IntoScalar,
) {
    m.map(key, |m| {
        m.map("socket_address", |m| {
            m.put("address", address);
            m.put("port_value", port);
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_decimal_seconds_without_needless_digits() {
        let said = |duration| seconds(duration).0.to_string();
        assert_eq!(said(Duration::millis(250)), "0.25s");
        assert_eq!(said(Duration::seconds(60)), "60s");
        assert_eq!(said(Duration::micros(1_000_001)), "1.000001s");
        assert_eq!(said(Duration::default()), "0s");
    }
}
