//! The files that say how packets find their way from a host.

use std::borrow::Cow;

use platc_artifact::{Format, Mode, OnChange};
use platc_diag::Origin;
use platc_model::generated::NetConfig;

use super::{batch, ifupdown, netifrc, netplan, networkd};
use crate::hosts::{HostEmitter, HostFile, OnHost, one};
use crate::rules;

pub(crate) static EMITTER: HostEmitter = HostEmitter { name: "routes", files: FILES, check: |_, _| {} };

static FILES: &[HostFile] = &[
    HostFile {
        kind: "network-link",
        paths: |on| {
            let pinned = networkd::pinned(on);
            pinned.map(|nic| format!("/etc/systemd/network/10-{}.link", nic.name).into()).collect()
        },
        write: |on, nth, artifact| {
            // A card keeps its name until it comes up again.
            artifact.on_change.push(OnChange::Reboot);
            networkd::link(on, nth, artifact);
        },
    },
    HostFile {
        kind: "udev-rules",
        paths: |on| {
            let is_pinned = on.host.nics.iter().any(|nic| nic.mac.is_some());
            one(!on.is_systemd() && is_pinned, "/etc/udev/rules.d/70-platc-net.rules")
        },
        write: |on, _, artifact| {
            artifact.on_change.push(OnChange::Reboot);
            netifrc::udev(on, artifact);
        },
    },
    HostFile {
        kind: "route-tables",
        paths: |on| one(!tables(on).is_empty(), "/etc/iproute2/rt_tables.d/platc.conf"),
        write: |on, _, artifact| {
            artifact.doc(Format::Lines).lines(|l| {
                for (table, origin) in tables(on) {
                    l.from(origin, |l| l.line((table.id, &*table.name)));
                }
            });
        },
    },
    HostFile {
        kind: "networkd-config",
        paths: |on| {
            one(networkd::runs(on) && on.cluster.is_some(), "/etc/systemd/networkd.conf.d/10-platc.conf")
        },
        write: |on, _, artifact| {
            // Only a restart reads it.
            artifact.on_change.push(OnChange::Restart("systemd-networkd.service".into()));
            networkd::config(on, artifact);
        },
    },
    HostFile {
        kind: "networkd-pods",
        paths: |on| one(networkd::runs(on) && on.cluster.is_some(), "/etc/systemd/network/05-pods.network"),
        write: |on, _, artifact| networkd::write(on, artifact, networkd::pods),
    },
    HostFile {
        kind: "networkd-loopback",
        paths: |on| {
            let is_there = is(on, NetConfig::Networkd) && on.service_address().is_some();
            one(is_there, "/etc/systemd/network/05-loopback.network")
        },
        write: |on, _, artifact| networkd::write(on, artifact, |l| networkd::loopback(on, l)),
    },
    HostFile {
        kind: "networkd-network",
        paths: |on| {
            let names = on.cards().into_iter().filter(|_| is(on, NetConfig::Networkd));
            names.map(|name| format!("/etc/systemd/network/10-{name}.network").into()).collect()
        },
        write: |on, nth, artifact| networkd::write(on, artifact, |l| networkd::network(l, on, nth)),
    },
    HostFile {
        kind: "networkd-routes",
        paths: |on| {
            let drop_in = |name: &str| format!("/etc/systemd/network/10-{name}.network.d/50-routes.conf");
            let names = on.interfaces().into_iter().filter(|_| is(on, NetConfig::Networkd));
            names.map(|name| Cow::Owned(drop_in(name))).collect()
        },
        write: |on, nth, artifact| networkd::write(on, artifact, |l| networkd::routes(l, on, nth)),
    },
    HostFile {
        kind: "netplan",
        paths: |on| one(is(on, NetConfig::Netplan) && has_any(on), "/etc/netplan/60-platc-routes.yaml"),
        write: |on, _, artifact| {
            // netplan itself complains of anything that others can read.
            artifact.mode = Mode::PRIVATE;
            artifact.on_change.push(OnChange::Run("netplan"));
            netplan::write(on, artifact);
        },
    },
    HostFile {
        kind: "ifupdown",
        paths: |on| one(is(on, NetConfig::Ifupdown) && has_any(on), "/etc/network/interfaces.d/pod-routes"),
        write: |on, _, artifact| ifupdown::write(on, artifact),
    },
    HostFile {
        kind: "netifrc",
        paths: |on| one(is(on, NetConfig::Openrc), "/etc/conf.d/net"),
        write: |on, _, artifact| netifrc::write(on, artifact),
    },
    HostFile {
        kind: "routes-batch",
        paths: |on| one(batch::is_there(on), "/etc/platc/routes.batch"),
        write: |on, _, artifact| {
            artifact.on_change.push(OnChange::Run("routes"));
            batch::write(on, artifact);
        },
    },
    HostFile {
        kind: "routes-unit",
        paths: |on| one(boots_from_batch(on) && on.is_systemd(), "/etc/systemd/system/platc-routes.service"),
        write: |on, _, artifact| batch::unit(on, artifact),
    },
    HostFile {
        kind: "routes-start",
        paths: |on| one(boots_from_batch(on) && !on.is_systemd(), "/etc/local.d/10-platc-routes.start"),
        write: |_, _, artifact| {
            artifact.mode = Mode::SCRIPT;
            artifact.text(include_str!("../host/run/routes-start.sh"));
        },
    },
];

/// Whether a host's network is written for that program.
pub(super) fn is(on: &OnHost<'_>, config: NetConfig) -> bool {
    on.host.net_config.value == config
}

/// Whether there is anything to add to a host's network.
pub(super) fn has_any(on: &OnHost<'_>) -> bool {
    !on.host.routes.is_empty() || !on.host.rules.is_empty() || on.service_address().is_some()
}

fn boots_from_batch(on: &OnHost<'_>) -> bool {
    is(on, NetConfig::Script) && has_any(on)
}

/// The tables that have a name of ours on a host, by number.
fn tables<'p>(on: &OnHost<'p>) -> Vec<(&'p platc_plan::Table, Origin)> {
    let host = on.host;
    let mut tables: Vec<_> =
        host.routes.iter().filter_map(|route| Some((route.table.as_ref()?, route.origin))).collect();
    tables.sort_by_key(|(table, _)| table.id);
    tables.dedup_by_key(|(table, _)| table.id);
    tables
}

/// What everything of a host's network comes from, if nothing closer is known.
pub(super) fn origin(on: &OnHost<'_>) -> Origin {
    Origin::decided(&rules::HOST_SETUP, on.host.span)
}

impl<'p> OnHost<'p> {
    /// The interfaces over which routes lead, in the order of the cards; others, which are for virtual
    /// addresses only, come last. What leads nowhere goes with the main one.
    pub(super) fn interfaces(&self) -> Vec<&'p str> {
        let mut names: Vec<&str> = Vec::new();
        let all = self
            .host
            .nics
            .iter()
            .map(|nic| &*nic.name)
            .chain(self.host.routes.iter().map(|route| self.interface(route)));
        for name in all {
            let is_used = self.host.routes.iter().any(|route| self.interface(route) == name);
            if is_used && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// All interfaces of a host: its cards, and those for virtual addresses only.
    pub(super) fn cards(&self) -> Vec<&'p str> {
        let mut names: Vec<&str> = self.host.nics.iter().map(|nic| &*nic.name).collect();
        names.extend(
            self.interfaces()
                .into_iter()
                .filter(|name| !self.host.nics.iter().any(|nic| &*nic.name == *name)),
        );
        names
    }

    /// The interface whose file has a route.
    pub(super) fn interface(&self, route: &'p platc_plan::Route) -> &'p str {
        match &route.via {
            platc_plan::Hop::Gateway(_, name) | platc_plan::Hop::Link(name) => name,
            platc_plan::Hop::Unreachable => &self.host.interface,
        }
    }

    /// The routes over an interface.
    pub(super) fn routes_over(&self, name: &str) -> impl Iterator<Item = &'p platc_plan::Route> {
        self.host.routes.iter().filter(move |route| self.interface(route) == name)
    }

    /// The rules that go with an interface: those that lead to a table with a route over it.
    pub(super) fn rules_over(&self, name: &str) -> impl Iterator<Item = &'p platc_plan::RouteRule> {
        let leads = move |rule: &&platc_plan::RouteRule| {
            let mut of_table =
                self.host.routes.iter().filter(|route| route.table.as_ref() == Some(&rule.table));
            of_table.any(|route| self.interface(route) == name)
        };
        self.host.rules.iter().filter(leads)
    }

    /// The router towards everything that no other route is for, and the interface that it is behind.
    pub(super) fn way_out(&self) -> Option<(std::net::IpAddr, &'p str)> {
        let host = self.host;
        let main = host.gateway.map(|gateway| (gateway, &*host.interface));
        main.or_else(|| host.nics.iter().find_map(|nic| Some((nic.gateway?, &*nic.name))))
    }
}
