//! What every bootstrap of ours has: a node, an admin interface on loopback, limits under load.
//!
//! Start with [`head`] and [`overload`].

use platc_artifact::{IntoScalar, Map, Sourced};
use platc_model::scalar::Bytes;

use super::words::{extension, seconds, socket};

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

/// What happens when there is too much: memory is given back at nine tenths of `heap`, and what comes above
/// is answered with 503 before the kernel kills the process; `connections` are the most there can be.
pub(crate) fn overload(m: &mut Map<'_>, heap: Sourced<Bytes>, connections: impl IntoScalar) {
    m.map("overload_manager", |m| {
        m.put("refresh_interval", seconds(platc_model::scalar::Duration::millis(250)));
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
