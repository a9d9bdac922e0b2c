//! Configuration of HAProxy before the API servers, and its unit where it is no pod.

use std::net::{IpAddr, Ipv4Addr};

use platc_artifact::{Artifact, Doc, Fixed, Format, Lines, Shown};
use platc_diag::Origin;
use platc_model::scalar::HostPort;
use platc_plan::{API_BALANCER_HEALTH_PORT, APISERVER_PORT, ClusterPlan};

use crate::hosts::OnHost;
use crate::rules;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Writes the file.
pub(super) fn write(on: &OnHost<'_>, artifact: &mut Artifact) {
    fill(on, artifact.doc(Format::Haproxy));
}

/// Builds it; the manifest wants its hash.
pub(super) fn fill(on: &OnHost<'_>, doc: &mut Doc) {
    let Some(cluster) = on.cluster else { return };
    doc.from(Origin::decided(&rules::NODE_SETUP, cluster.span), |root| {
        root.lines(|l| {
            l.block("global", |l| {
                l.line(("log", "stdout", "format", "raw", "local0"));
                l.line(("maxconn", 4096));
            });
            l.block("defaults", |l| {
                l.line(("mode", "tcp"));
                l.line(("log", "global"));
                l.line(("timeout", "connect", "2s"));
                // Whoever watches something is silent for long.
                l.line(("timeout", "client", "1h"));
                l.line(("timeout", "server", "1h"));
                l.line(("timeout", "check", "2s"));
            });
            l.block(("frontend", "kube_api"), |l| front(l, on, cluster));
            l.block(("frontend", "self"), |l| {
                l.line(("mode", "http"));
                l.line(("bind", Shown(HostPort::at(LOOPBACK, API_BALANCER_HEALTH_PORT))));
                l.line(("monitor-uri", "/healthz"));
                l.line(("timeout", "client", "5s"));
            });
            l.block(("backend", "masters"), |l| back(l, on, cluster));
        });
    });
}

fn front(l: &mut Lines<'_>, on: &OnHost<'_>, cluster: &ClusterPlan) {
    let port = cluster.api.endpoint.port;
    l.line(("bind", cluster.api.endpoint.origin.of(Shown(HostPort::at(LOOPBACK, port)))));
    if on.host.control_plane {
        // A host that joins has no balancer yet: until then its name for the API is one of these.
        l.line(("bind", on.host.address.map(|own| Shown(HostPort::at(own, port)))));
    }
    if on.service_address().is_some() {
        l.line(("bind", cluster.services.origin.of(Shown(HostPort::at(cluster.service_ip, 443)))));
    }
    l.line(("default_backend", "masters"));
}

fn back(l: &mut Lines<'_>, on: &OnHost<'_>, cluster: &ClusterPlan) {
    l.line(("balance", "leastconn"));
    l.line(("option", "httpchk"));
    l.line(Fixed("http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host kube-apiserver"));
    l.line(("http-check", "expect", "status", 200));
    // What is down loses its connections, so that clients come here again.
    l.line(Fixed(
        "default-server check check-ssl verify none inter 2s fall 3 rise 2 on-marked-down shutdown-sessions",
    ));
    for host in &cluster.control_plane {
        let host = on.plan.hosts.at(*host);
        let address = host.address.map(|address| Shown(HostPort::at(address, APISERVER_PORT)));
        l.from(Origin::written(host.span), |l| l.line(("server", &*host.name, address)));
    }
}

/// Writes the unit.
pub(super) fn unit(on: &OnHost<'_>, artifact: &mut Artifact) {
    artifact.doc(Format::Systemd).from(Origin::decided(&rules::NODE_SETUP, on.host.span), |root| {
        root.lines(|l| {
            l.block("Unit", |l| {
                l.line(("Description", "Balancer before the API servers"));
                l.line(("Wants", "network-online.target"));
                l.line(("After", "network-online.target"));
                l.line(("Before", "kubelet.service"));
            });
            l.block("Service", |l| {
                l.line(("Type", "notify"));
                l.line(("ExecStartPre", "/usr/sbin/haproxy -c -q -f /etc/haproxy/platc-api.cfg"));
                l.line(("ExecStart", "/usr/sbin/haproxy -Ws -f /etc/haproxy/platc-api.cfg"));
                l.line(("KillMode", "mixed"));
                l.line(("Restart", "always"));
                l.line(("RestartSec", "1s"));
            });
            l.block("Install", |l| l.line(("WantedBy", "multi-user.target")));
        });
    });
}
