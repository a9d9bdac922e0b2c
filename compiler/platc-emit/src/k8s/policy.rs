//! Who may call whom: a NetworkPolicy for each workload, made of the calls that are declared. Whoever
//! forgets to declare a call finds out here and not in the graph of an outage.
//!
//! Written only where something enforces it: flannel does not, and a policy that does nothing is worse than
//! none. Ports that nobody calls by declaration (`protocol=tcp`: metrics, a database's own protocol) stay
//! open, because clients of those do not go through an Envoy that could be named.
//!
//! Start with [`write`].

use platc_artifact::{Artifact, Map, Seq};
use platc_diag::Origin;
use platc_model::generated::{Egress, Protocol, Routing};
use platc_plan::{CallPlan, Plan, Shape, Workload, shutdown};

use super::service::{of, wide};
use crate::object::NAME;

/// Label that every namespace has with its name.
const NAMESPACE: &str = "kubernetes.io/metadata.name";
const DNS_PORT: u16 = 53;

/// Whether policies are enforced where a workload is.
pub(super) fn is_enforced(plan: &Plan, workload: &Workload) -> bool {
    let on_host = match &workload.shape {
        Shape::Daemon(daemon) => daemon.host_network.value,
        Shape::Proxy(_) => true,
        Shape::Service(_) | Shape::Job(_) | Shape::Cron(_) => false,
    };
    plan.clusters.at(workload.cluster).routing.value == Routing::Cilium && !on_host
}

/// The policy of a workload.
pub(super) fn write(plan: &Plan, workload: &Workload, artifact: &mut Artifact) {
    let origin = Origin::written(workload.span);
    of(workload, "networking.k8s.io/v1", "NetworkPolicy", origin).write(artifact, |m| {
        m.map("spec", |m| {
            m.map("podSelector", |m| m.map("matchLabels", |m| wide(m, workload)));
            m.list("policyTypes", ["Ingress", "Egress"]);
            m.seq("ingress", |s| ingress(s, plan, workload));
            m.seq("egress", |s| egress(s, plan, workload));
        });
    });
}

/// Who may come in. The kubelet always may: it is on the same host.
fn ingress(s: &mut Seq<'_>, plan: &Plan, own: &Workload) {
    for caller in &plan.workloads {
        let mut ports: Vec<u16> =
            shutdown::calls(caller).filter(|call| is_to(call, own)).map(|call| call.target.port).collect();
        ports.sort_unstable();
        ports.dedup();
        if ports.is_empty() {
            continue;
        }
        s.from(Origin::written(caller.span), |s| {
            s.map(|m| {
                m.seq("from", |s| from(s, plan, own, caller));
                list_ports(m, &ports, "TCP");
            });
        });
    }
    let open: Vec<u16> = own
        .app
        .ports
        .iter()
        .filter(|port| port.protocol.value == Protocol::Tcp)
        .map(|port| port.number.value)
        .collect();
    if !open.is_empty() {
        s.map(|m| list_ports(m, &open, "TCP"));
    }
}

fn is_to(call: &CallPlan, own: &Workload) -> bool {
    call.target.cluster == own.cluster
        && call.target.service == own.name
        && call.target.namespace == own.namespace.value
}

fn from(s: &mut Seq<'_>, plan: &Plan, own: &Workload, caller: &Workload) {
    match &caller.shape {
        // On the network of its hosts, so it comes with their addresses.
        Shape::Proxy(proxy) => {
            for host in &proxy.hosts {
                block(s, &format!("{}/32", plan.hosts.at(*host).address.value));
            }
        }
        _ if caller.cluster == own.cluster => peer(s, &caller.namespace.value, &caller.name),
        // Labels mean nothing across clusters; addresses do.
        _ => block(s, &plan.clusters.at(caller.cluster).pods.value.to_string()),
    }
}

/// Where it may go: who it calls, DNS, and machines that it is told of. Those are in no cluster, and who
/// talks to them is not declared call by call, so all but pods is open to who may go to the internet, and
/// the networks of hosts to everybody.
fn egress(s: &mut Seq<'_>, plan: &Plan, own: &Workload) {
    let cluster = plan.clusters.at(own.cluster);
    s.map(|m| {
        let mut resolvers = cluster.dns.resolvers.clone();
        resolvers.extend(cluster.dns.addresses.iter().filter(|own| !cluster.dns.resolvers.contains(own)));
        m.seq("to", |s| resolvers.iter().for_each(|address| block(s, &format!("{address}/32"))));
        m.seq("ports", |s| {
            for protocol in ["UDP", "TCP"] {
                port(s, DNS_PORT, protocol);
            }
        });
    });
    for call in shutdown::calls(own) {
        s.from(call.origin, |s| {
            s.map(|m| {
                m.seq("to", |s| {
                    if call.target.cluster == own.cluster {
                        peer(s, &call.target.namespace, &call.target.service);
                    } else {
                        block(s, &plan.clusters.at(call.target.cluster).pods.value.to_string());
                    }
                });
                list_ports(m, &[call.target.port], "TCP");
            });
        });
    }
    s.map(|m| {
        m.seq("to", |s| {
            if own.egress.value == Egress::Internet {
                let pods = plan.clusters.values().map(|cluster| cluster.pods.value.to_string());
                s.from(own.egress.origin, |s| everywhere_but(s, pods));
            } else {
                networks(plan).iter().for_each(|network| block(s, network));
            }
        });
    });
}

/// The networks of all hosts, each once, in order.
fn networks(plan: &Plan) -> Vec<String> {
    let mut ranges: Vec<_> =
        plan.hosts.values().flat_map(|host| host.nics.iter().map(|nic| nic.range)).collect();
    ranges.sort_unstable_by_key(ToString::to_string);
    ranges.dedup();
    ranges.iter().map(ToString::to_string).collect()
}

fn peer(s: &mut Seq<'_>, namespace: &str, name: &str) {
    s.map(|m| {
        m.map("namespaceSelector", |m| m.map("matchLabels", |m| m.put(NAMESPACE, namespace)));
        m.map("podSelector", |m| m.map("matchLabels", |m| m.put(NAME, name)));
    });
}

fn block(s: &mut Seq<'_>, range: &str) {
    s.map(|m| m.map("ipBlock", |m| m.put("cidr", range)));
}

fn everywhere_but(s: &mut Seq<'_>, ranges: impl Iterator<Item = String>) {
    s.map(|m| {
        m.map("ipBlock", |m| {
            m.put("cidr", "0.0.0.0/0");
            m.list("except", ranges);
        });
    });
}

fn list_ports(m: &mut Map<'_>, ports: &[u16], protocol: &str) {
    m.seq("ports", |s| ports.iter().for_each(|number| port(s, *number, protocol)));
}

fn port(s: &mut Seq<'_>, number: u16, protocol: &str) {
    s.map(|m| {
        m.put("protocol", protocol);
        m.put("port", number);
    });
}
