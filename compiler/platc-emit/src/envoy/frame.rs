//! What every bootstrap of ours has: a node, an admin interface on loopback, limits under load.
//!
//! Start with [`head`] and [`overload`].

use std::net::IpAddr;

use platc_artifact::{IntoScalar, Map, Seq, Sourced};
use platc_model::generated::Protocol;
use platc_model::scalar::{Bytes, Duration, Percent};
use platc_plan::{ClusterPlan, TracingPlan};

use super::upstream::{discovery, http_protocol};
use super::words::{extension, seconds, socket};

/// Traces are sent beside requests; a collector that takes longer is given up.
const COLLECTOR_TIMEOUT: Duration = Duration::millis(500);

/// Everything that is the same for both, before listeners and clusters.
pub(crate) fn head(m: &mut Map<'_>, name: &str, admin_port: u16) {
    m.map("node", |m| {
        m.put("cluster", name);
        m.put("id", name);
    });
    m.map("admin", |m| {
        // The kubelet asks a listener of its own: this one can stop Envoy.
        socket(m, "address", "127.0.0.1", admin_port);
        m.put("ignore_global_conn_limit", true);
    });
    m.map("layered_runtime", |m| {
        m.seq("layers", |s| {
            s.map(|m| {
                // So that the least status that is logged can be changed through the admin interface.
                m.put("name", "admin");
                m.map("admin_layer", |_| {});
            });
        });
    });
}

/// The cluster of the collector: no service can be called that.
const COLLECTOR: &str = "_tracing";

/// `tracing:` of a connection manager: who has decided nothing is sampled, and everybody else's word counts.
pub(crate) fn tracing(m: &mut Map<'_>, tracing: &TracingPlan, name: &str) {
    m.from(tracing.host.origin, |m| {
        m.map("tracing", |m| {
            m.map("random_sampling", |m| m.put("value", tracing.sample.map(in_percent)));
            m.put("spawn_upstream_span", true);
            m.map("provider", |m| {
                extension(
                    m,
                    "envoy.tracers.opentelemetry",
                    "envoy.config.trace.v3.OpenTelemetryConfig",
                    |m| {
                        m.map("grpc_service", |m| {
                            m.map("envoy_grpc", |m| m.put("cluster_name", COLLECTOR));
                            m.put("timeout", seconds(COLLECTOR_TIMEOUT));
                        });
                        m.put("service_name", name);
                    },
                );
            });
        });
    });
}

/// The collector. Nothing waits for it: what it does not take in time is lost.
pub(crate) fn collector(s: &mut Seq<'_>, own: &ClusterPlan, tracing: &TracingPlan) {
    s.from(tracing.host.origin, |s| {
        s.map(|m| {
            m.put("name", COLLECTOR);
            m.put("connect_timeout", seconds(COLLECTOR_TIMEOUT));
            match tracing.host.parse::<IpAddr>() {
                Ok(_) => m.put("type", "STATIC"),
                Err(_) => discovery(m, own, own),
            }
            http_protocol(m, Protocol::Grpc, |_| {});
            m.map("load_assignment", |m| {
                m.put("cluster_name", COLLECTOR);
                m.seq("endpoints", |s| {
                    s.map(|m| {
                        m.seq("lb_endpoints", |s| {
                            s.map(|m| {
                                m.map("endpoint", |m| socket(m, "address", &tracing.host, tracing.port));
                            });
                        });
                    });
                });
            });
        });
    });
}

fn in_percent(share: Percent) -> f64 {
    // At most 100,000 thousandths, which a float holds exactly.
    f64::from(u32::try_from(share.as_milli()).unwrap_or(u32::MAX)) / 1000.0
}

/// What happens when there is too much: memory is given back at nine tenths of `heap`, and what comes above
/// is answered with 503 before the kernel kills the process; `connections` are the most there can be.
pub(crate) fn overload(m: &mut Map<'_>, heap: Sourced<Bytes>, connections: impl IntoScalar) {
    m.map("overload_manager", |m| {
        m.put("refresh_interval", seconds(Duration::millis(250)));
        m.seq("resource_monitors", |s| {
            s.map(|m| {
                extension(
                    m,
                    "envoy.resource_monitors.fixed_heap",
                    "envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig",
                    |m| m.put("max_heap_size_bytes", heap.map(Bytes::get)),
                );
            });
            s.map(|m| {
                extension(
                    m,
                    "envoy.resource_monitors.global_downstream_max_connections",
                    "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
                    |m| m.put("max_active_downstream_connections", connections),
                );
            });
        });
        m.seq("actions", |s| {
            for (action, above) in [("shrink_heap", 0.9), ("disable_http_keepalive", 0.95), ("stop_accepting_requests", 0.98)] {
                s.map(|m| {
                    m.put("name", format_args!("envoy.overload_actions.{action}"));
                    m.seq("triggers", |s| {
                        s.map(|m| {
                            m.put("name", "envoy.resource_monitors.fixed_heap");
                            m.map("threshold", |m| m.put("value", above));
                        });
                    });
                });
            }
        });
    });
}
