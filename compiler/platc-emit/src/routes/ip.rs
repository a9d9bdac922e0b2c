//! A route and a rule in the words of `ip`, which ifupdown and netifrc use, too.

use platc_artifact::{Fixed, IntoWords, Shown, Words};
use platc_plan::{Hop, Route, RouteRule, RouteTarget, UNREACHABLE_METRIC};

/// How the interface of a route is named.
#[derive(Clone, Copy)]
pub(super) enum Device {
    /// By its name.
    Name,
    /// As `$IFACE`, which ifupdown sets.
    Variable,
    /// Not at all: who reads it adds it.
    Implied,
}

/// The words behind `ip route replace`.
pub(super) struct IpRoute<'r>(pub(super) &'r Route, pub(super) Device);

/// The words behind `ip rule add`.
pub(super) struct IpRule<'r>(pub(super) &'r RouteRule);

impl IntoWords for IpRoute<'_> {
    fn write_words(&self, to: &mut Words<'_>) {
        let Self(route, device) = self;
        if route.via == Hop::Unreachable {
            to.word("unreachable");
        }
        match route.to {
            RouteTarget::Default => to.word("default"),
            RouteTarget::Range(range) => to.word(&Shown(range)),
        }
        match &route.via {
            Hop::Gateway(gateway, name) => {
                ("via", *gateway).write_words(to);
                device.write(name, to);
            }
            Hop::Link(name) => {
                device.write(name, to);
                ("scope", "link").write_words(to);
            }
            Hop::Unreachable => ("metric", UNREACHABLE_METRIC).write_words(to),
        }
        if let Some(table) = &route.table {
            ("table", table.id).write_words(to);
        }
        if !matches!(device, Device::Implied) {
            ("proto", "static").write_words(to);
        }
    }
}

impl Device {
    fn write(self, name: &str, to: &mut Words<'_>) {
        match self {
            Self::Name => ("dev", name).write_words(to),
            Self::Variable => ("dev", Fixed("$IFACE")).write_words(to),
            Self::Implied => {}
        }
    }
}

impl IntoWords for IpRule<'_> {
    fn write_words(&self, to: &mut Words<'_>) {
        let rule = self.0;
        ("pref", rule.priority, "from", Shown(rule.from), "lookup", rule.table.id).write_words(to);
    }
}
