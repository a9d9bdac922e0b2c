//! The files of the balancer on each node.

use platc_artifact::{Mode, OnChange};
use platc_model::generated::ApiBalancer;

use super::{haproxy, pod};
use crate::hosts::{HostEmitter, HostFile, OnHost, one};

pub(crate) static EMITTER: HostEmitter = HostEmitter { name: "api", files: FILES, check: pod::check };

static FILES: &[HostFile] = &[
    HostFile {
        kind: "api-balancer-config",
        paths: |on| one(is(on, ApiBalancer::StaticPod), "/etc/kubernetes/api-lb/haproxy.cfg"),
        write: |on, _, artifact| haproxy::write(on, artifact),
    },
    HostFile {
        kind: "static-pod",
        paths: |on| one(is(on, ApiBalancer::StaticPod), "/etc/kubernetes/manifests/kube-api-lb.yaml"),
        write: |on, _, artifact| {
            artifact.mode = Mode::PRIVATE;
            pod::write(on, artifact);
        },
    },
    HostFile {
        kind: "api-balancer-host-config",
        paths: |on| one(is(on, ApiBalancer::HostService), "/etc/haproxy/platc-api.cfg"),
        write: |on, _, artifact| {
            artifact.on_change.push(OnChange::Restart("platc-api-lb".into()));
            haproxy::write(on, artifact);
        },
    },
    HostFile {
        kind: "api-balancer-unit",
        paths: |on| {
            let is_there = is(on, ApiBalancer::HostService) && on.is_systemd();
            one(is_there, "/etc/systemd/system/platc-api-lb.service")
        },
        write: |on, _, artifact| {
            artifact.on_change.push(OnChange::Run("units"));
            artifact.on_change.push(OnChange::Restart("platc-api-lb".into()));
            haproxy::unit(on, artifact);
        },
    },
    HostFile {
        kind: "api-balancer-service",
        paths: |on| {
            let is_there = is(on, ApiBalancer::HostService) && !on.is_systemd();
            one(is_there, "/etc/init.d/platc-api-lb")
        },
        write: |_, _, artifact| {
            artifact.mode = Mode::SCRIPT;
            artifact.on_change.push(OnChange::Restart("platc-api-lb".into()));
            artifact.text(include_str!("platc-api-lb.openrc"));
        },
    },
];

fn is(on: &OnHost<'_>, balancer: ApiBalancer) -> bool {
    on.cluster.is_some_and(|cluster| cluster.api.balancer.value == balancer)
}
