//! An etcd outside of the control plane: who its members are, and that they can have a majority.
//!
//! Not here: the members that kubeadm runs on control-plane hosts, which need no plan of their own.

use std::collections::BTreeMap;

use platc_diag::{Sourced, Span};
use platc_model::Declared;
use platc_model::generated::Cluster;
use platc_model::scalar::HostPort;

use crate::plan::{EtcdMember, EtcdPlan};
use crate::{Planner, errors, place};

/// Decides the etcd of a cluster, if it has one of its own.
pub(crate) fn decide(planner: &mut Planner<'_>, cluster: &Declared<Cluster>) -> Option<EtcdPlan> {
    let said = cluster.value.etcd.as_ref()?;
    let span = place(said.origin, cluster.head.span);
    let members = members(planner, cluster, span);
    match members.len() {
        1 => planner.report(errors::lonely_etcd(span, &cluster.head.name)),
        3 | 5 => {}
        n => planner.report(errors::etcd_count(span, &cluster.head.name, n)),
    }
    let requests = &cluster.value.control_plane.etcd;
    let request = requests.cpu.map(|cpu| cpu.origin).or(requests.memory.map(|memory| memory.origin));
    if let Some(origin) = request {
        planner.report(errors::etcd_request(place(origin, span), &cluster.head.name));
    }
    Some(EtcdPlan {
        origin: said.origin,
        members,
        ca: said.ca.clone(),
        certificate: said.certificate.clone(),
        key: said.key.clone(),
    })
}

fn members(planner: &mut Planner<'_>, cluster: &Declared<Cluster>, span: Span) -> Vec<EtcdMember> {
    let Some(said) = &cluster.value.etcd else { return Vec::new() };
    let model = planner.model;
    let on = said.on.iter().flatten().map(|host| {
        let address = model.sites.at(host.value).address;
        let port = said.port.value;
        EtcdMember { host: Some(host.value), at: host.origin.of(HostPort::at(address, port)) }
    });
    let known = |at: &Sourced<HostPort>| {
        let address = at.host.as_deref().and_then(|host| host.parse().ok());
        model.sites.iter().find(|(_, site)| Some(site.address) == address).map(|(host, _)| host)
    };
    let elsewhere = said.endpoints.iter().flatten();
    let elsewhere = elsewhere.map(|at| EtcdMember { host: known(at), at: at.clone() });
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let mut members = Vec::new();
    for member in on.chain(elsewhere) {
        let at = place(member.at.origin, span);
        match seen.get(&member.at.value.to_string()) {
            Some(first) => planner.report(errors::etcd_twice(at, &member.at.value, *first)),
            None => {
                seen.insert(member.at.value.to_string(), at);
                members.push(member);
            }
        }
    }
    members
}
