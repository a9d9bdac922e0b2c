//! The Envoy beside a pod: a port on loopback for each call, and one that the kubelet asks.
//!
//! Start with [`sidecar`].

use platc_artifact::Map;
use platc_model::generated::Protocol;
use platc_plan::traffic::IDLE_MARGIN;
use platc_plan::{CallPlan, ClusterPlan, Plan, SidecarPlan, Workload};

use super::listener::{health_filter, http, listener, nothing_here, router, tcp};
use super::upstream::{Buffers, cluster, own_resolver};
use super::words::{seconds, sourced};
use super::{READY_PATH, frame, log, route};

/// The bootstrap of a workload's sidecar, into the map that it is:
/// `m.embed("value", Format::Yaml, Guard::EnvValue, |root| root.map(|m| sidecar(m, plan, workload, sidecar)))`.
pub fn sidecar(m: &mut Map<'_>, plan: &Plan, workload: &Workload, sidecar: &SidecarPlan) {
    let own = plan.clusters.at(workload.cluster);
    frame::head(m, &workload.name, sidecar.admin_port);
    own_resolver(m, own);
    m.map("static_resources", |m| {
        m.seq("listeners", |s| {
            s.map(|m| probe(m, own, sidecar.probe_port));
            for call in &sidecar.calls {
                s.from(call.origin, |s| s.map(|m| egress(m, plan, workload, call)));
            }
        });
        m.seq("clusters", |s| {
            for upstream in &sidecar.upstreams {
                s.from(upstream.origin, |s| s.map(|m| cluster(m, plan, own, upstream, Buffers::Default)));
            }
            let speaks_http = |call: &CallPlan| call.target.protocol != Protocol::Tcp;
            if let Some(tracing) = plan.tracing.as_ref().filter(|_| sidecar.calls.iter().any(speaks_http)) {
                frame::collector(s, own, tracing);
            }
        });
    });
    frame::overload(m, sidecar.heap, sidecar.connections);
}

/// The kubelet asks the pod's address and never loopback. Envoy listens only once all names were looked up and
/// all pods were asked for the first time, so that an answer here means that calls go through.
fn probe(m: &mut Map<'_>, own: &ClusterPlan, port: u16) {
    let all = if own.pods.is_ipv4() { "0.0.0.0" } else { "::" };
    let exempt = |m: &mut Map<'_>| m.put("ignore_global_conn_limit", true);
    listener(m, format_args!("probe"), all, port, exempt, |m| {
        http(m, |m| {
            m.put("stat_prefix", "probe");
            m.map("route_config", |m| {
                m.put("name", "probe");
                m.seq("virtual_hosts", |s| s.map(nothing_here));
            });
            m.seq("http_filters", |s| {
                health_filter(s, READY_PATH);
                router(s);
            });
        });
    });
}

fn egress(m: &mut Map<'_>, plan: &Plan, workload: &Workload, call: &CallPlan) {
    let name = &call.name;
    // A call without a port had none left; the plan has said so.
    let port = call.local_port.unwrap_or(0);
    listener(
        m,
        format_args!("egress_{name}"),
        "127.0.0.1",
        port,
        |_| {},
        |m| match call.target.protocol {
            Protocol::Tcp => tcp(m, |m| connection(m, call)),
            Protocol::Http | Protocol::Grpc => http(m, |m| requests(m, plan, workload, call)),
        },
    );
}

fn requests(m: &mut Map<'_>, plan: &Plan, workload: &Workload, call: &CallPlan) {
    let name = &call.name;
    // What is slower than the answer may be is told by the answer's timeout, which says what was slow.
    let patience = call.timeout.value.plus(IDLE_MARGIN);
    m.put("stat_prefix", format_args!("egress_{name}"));
    m.put("generate_request_id", true);
    // The program passes on what came with the request that it works on.
    m.put("preserve_external_request_id", true);
    // What the callee says of itself.
    m.put("server_header_transformation", "PASS_THROUGH");
    m.put("stream_idle_timeout", seconds(patience));
    m.put("request_timeout", seconds(patience));
    if let Some(tracing) = &plan.tracing {
        frame::tracing(m, tracing, &workload.name);
    }
    log::failures(m);
    m.map("route_config", |m| {
        m.put("name", name);
        m.seq("virtual_hosts", |s| {
            s.map(|m| {
                m.put("name", name);
                m.list("domains", ["*"]);
                m.put("include_request_attempt_count", true);
                m.seq("routes", |s| {
                    s.map(|m| {
                        m.map("match", |m| m.put("prefix", "/"));
                        route::action(m, call);
                    });
                });
            });
        });
    });
    m.seq("http_filters", router);
}

fn connection(m: &mut Map<'_>, call: &CallPlan) {
    m.put("stat_prefix", format_args!("egress_{}", call.name));
    m.put("cluster", &call.upstream);
    m.put("idle_timeout", sourced(call.timeout));
    m.put("max_connect_attempts", call.retries.map(|retries| retries.saturating_add(1)));
    log::broken_connections(m);
}
