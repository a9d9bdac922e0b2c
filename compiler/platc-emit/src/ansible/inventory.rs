//! The inventory: every host once, and groups by which the playbook goes.
//!
//! Names of groups have underscores, which is all that Ansible takes, and a prefix, so that no host has the
//! name of a group.

use platc_artifact::{Artifact, Map};
use platc_diag::Origin;
use platc_model::Id;
use platc_model::generated::Host;
use platc_plan::{ClusterPlan, Plan};

use crate::hosts::{balances_itself, yaml};
use crate::rules;

/// Writes the file.
pub(super) fn write(plan: &Plan, artifact: &mut Artifact) {
    yaml(artifact, plan.platform.origin.decided_by(&rules::HOST_SETUP), |m| {
        m.map("all", |m| {
            m.map("hosts", |m| {
                for host in plan.hosts.values() {
                    m.from(Origin::written(host.span), |m| {
                        m.map(&host.name, |m| {
                            m.put("ansible_host", host.address);
                            m.put("platc_files", format!("hosts/{}/{}", host.zone, host.name));
                        });
                    });
                }
            });
            m.map("children", |m| groups(m, plan));
        });
    });
}

fn groups(m: &mut Map<'_>, plan: &Plan) {
    let part = |is_in: fn(&platc_plan::HostPlan) -> bool| {
        let hosts = plan.hosts.iter().filter(move |(_, host)| is_in(host));
        hosts.map(|(id, _)| id).collect::<Vec<_>>()
    };
    members(m, plan, "platc_outside", &part(|host| host.cluster.is_none()));
    members(m, plan, "platc_workers", &part(|host| host.cluster.is_some() && !host.control_plane));
    members(m, plan, "platc_control_plane", &part(|host| host.cluster.is_some() && host.control_plane));
    let first = plan.clusters.values().filter_map(|cluster| cluster.control_plane.first().copied());
    members(m, plan, "platc_first", &first.collect::<Vec<_>>());
    for cluster in plan.clusters.values() {
        m.from(Origin::written(cluster.span), |m| {
            m.map(&format!("platc_cluster_{}", cluster.name.replace(['-', '.'], "_")), |m| {
                hosts(m, plan, &cluster.nodes);
                m.map("vars", |m| vars(m, plan, cluster));
            });
        });
    }
}

fn members(m: &mut Map<'_>, plan: &Plan, name: &str, ids: &[Id<Host>]) {
    m.map(name, |m| hosts(m, plan, ids));
}

fn hosts(m: &mut Map<'_>, plan: &Plan, ids: &[Id<Host>]) {
    m.map("hosts", |m| {
        for id in ids {
            m.map(&plan.hosts.at(*id).name, |_| {});
        }
    });
}

fn vars(m: &mut Map<'_>, plan: &Plan, cluster: &ClusterPlan) {
    m.put("platc_cluster", &cluster.name);
    m.put("platc_kubernetes", cluster.version.map(|version| format!("v{version}")));
    if let Some(first) = cluster.control_plane.first().map(|first| plan.hosts.at(*first)) {
        m.put("platc_first", &first.name);
        m.put("platc_first_address", first.address);
    }
    // While a host joins, this name is the first control-plane host; without a balancer of the hosts' own it
    // always is what it is.
    let name = cluster
        .api
        .endpoint
        .host
        .as_ref()
        .filter(|name| balances_itself(cluster) && name.parse::<std::net::IpAddr>().is_err());
    m.put("platc_join_name", name.map_or("", |name| &**name));
}
