//! Commands of `ip`, for `ip -force -batch`: without `-force` it would stop at the first rule that is not
//! there to be deleted. Adding a rule a second time is an error, so each is deleted before; replacing a
//! route is none.

use platc_artifact::{Artifact, Fixed, Format, OnChange, Shown};
use platc_model::generated::NetConfig;
use platc_model::scalar::Cidr;

use super::emit::{has_any, is, origin};
use super::ip::{Device, IpRoute, IpRule};
use crate::hosts::OnHost;

/// Whether a host's routes are applied by commands.
pub(super) fn is_there(on: &OnHost<'_>) -> bool {
    let by_command = [NetConfig::Ifupdown, NetConfig::Openrc, NetConfig::Script];
    by_command.into_iter().any(|config| is(on, config)) && has_any(on)
}

/// Writes the commands.
pub(super) fn write(on: &OnHost<'_>, artifact: &mut Artifact) {
    let doc = artifact.doc(Format::Lines);
    doc.from(origin(on), |root| {
        root.lines(|l| {
            if let Some(cluster) = on.service_address() {
                let address = Shown(Cidr::single(cluster.service_ip));
                l.line(("addr", "replace", cluster.services.origin.of(address), "dev", "lo"));
            }
            for rule in &on.host.rules {
                l.from(rule.origin, |l| {
                    l.line(("rule", "del", IpRule(rule)));
                    l.line(("rule", "add", IpRule(rule)));
                });
            }
            for route in &on.host.routes {
                l.from(route.origin, |l| l.line(("route", "replace", IpRoute(route, Device::Name))));
            }
        });
    });
}

/// Writes the unit that runs them at boot, where nothing else does.
pub(super) fn unit(on: &OnHost<'_>, artifact: &mut Artifact) {
    artifact.on_change.push(OnChange::Run("units"));
    artifact.doc(Format::Systemd).from(origin(on), |root| {
        root.lines(|l| {
            l.block("Unit", |l| {
                l.line(("Description", "Routes to pods"));
                l.line(("Wants", "network-online.target"));
                l.line(("After", "network-online.target"));
            });
            l.block("Service", |l| {
                l.line(("Type", "oneshot"));
                l.line(("RemainAfterExit", "yes"));
                // What ends with an error is the rule that is not there yet.
                l.line(("ExecStart", Fixed("-/bin/sh -c 'exec ip -force -batch /etc/platc/routes.batch'")));
            });
            l.block("Install", |l| l.line(("WantedBy", "multi-user.target")));
        });
    });
}
