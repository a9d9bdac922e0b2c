//! The Envoy on the edge: names and paths to services.
//!
//! Start with [`proxy`].

use platc_artifact::Map;
use platc_model::scalar::Duration;
use platc_plan::traffic::PROXY_KEEP_ALIVE;
use platc_plan::{ListenPlan, Plan, ProxyPlan, VirtualHostPlan, Workload};

use super::listener::{health_filter, http, listener, nothing_here, router};
use super::upstream::{Buffers, EDGE_BUFFER, cluster, own_resolver};
use super::words::{seconds, sourced, typed};
use super::{NODE_NAME_ENV, certificate_folder, frame, log, route};

/// A client may take so long to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::seconds(5);
/// After a connection was told to close, requests on their way still get an answer for so long.
const DRAIN: Duration = Duration::seconds(10);
/// Requests at once in one connection of HTTP/2, and bytes on their way: Envoy's advice for the edge.
const STREAMS: u32 = 100;
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;

/// The bootstrap of a proxy, into the map that it is; as [`super::sidecar()`].
pub fn proxy(m: &mut Map<'_>, plan: &Plan, workload: &Workload, proxy: &ProxyPlan) {
    let own = plan.clusters.at(workload.cluster);
    // One Envoy has one admin interface, so that of the first port counts.
    let admin_port = proxy.listens.first().map_or(0, |listen| listen.admin_port);
    frame::head(m, &workload.name, admin_port);
    own_resolver(m, own);
    m.map("static_resources", |m| {
        m.seq("listeners", |s| {
            for listen in &proxy.listens {
                s.from(listen.port.origin, |s| {
                    s.map(|m| ingress(m, plan, workload, proxy, listen));
                });
            }
        });
        m.seq("clusters", |s| {
            for upstream in &proxy.upstreams {
                s.from(upstream.origin, |s| s.map(|m| cluster(m, plan, own, upstream, Buffers::Small)));
            }
            if let Some(tracing) = &plan.tracing {
                frame::collector(s, own, tracing);
            }
        });
    });
    frame::overload(m, proxy.heap, proxy.max_connections);
}

fn ingress(m: &mut Map<'_>, plan: &Plan, workload: &Workload, proxy: &ProxyPlan, listen: &ListenPlan) {
    let all = if plan.clusters.at(workload.cluster).pods.is_ipv4() { "0.0.0.0" } else { "::" };
    let small = |m: &mut Map<'_>| m.put("per_connection_buffer_limit_bytes", EDGE_BUFFER);
    listener(m, format_args!("port_{}", listen.port.value), all, listen.port, small, |m| {
        http(m, |m| requests(m, plan, workload, proxy, listen));
        if let Some(secret) = &listen.tls {
            m.map("transport_socket", |m| certificate(m, secret));
        }
    });
}

fn requests(m: &mut Map<'_>, plan: &Plan, workload: &Workload, proxy: &ProxyPlan, listen: &ListenPlan) {
    m.put("stat_prefix", format_args!("port_{}", listen.port.value));
    // The client is who the last trusted balancer says, else who connects.
    m.put("use_remote_address", true);
    m.put("xff_num_trusted_hops", proxy.trusted_hops);
    m.put("generate_request_id", true);
    m.put("preserve_external_request_id", proxy.trusted_hops.map(|hops| hops > 0));
    // Paths that mean the same are the same, so that no route is got around.
    m.put("normalize_path", true);
    m.put("merge_slashes", true);
    m.put("path_with_escaped_slashes_action", "UNESCAPE_AND_REDIRECT");
    m.put("request_headers_timeout", seconds(HEAD_TIMEOUT));
    m.put("request_timeout", sourced(proxy.request_timeout));
    m.put("stream_idle_timeout", sourced(proxy.idle_timeout));
    m.put("drain_timeout", seconds(DRAIN));
    m.map("common_http_protocol_options", |m| {
        m.put("idle_timeout", seconds(PROXY_KEEP_ALIVE));
        m.put("headers_with_underscores_action", "REJECT_REQUEST");
    });
    m.map("http2_protocol_options", |m| {
        m.put("max_concurrent_streams", STREAMS);
        m.put("initial_stream_window_size", STREAM_WINDOW);
        m.put("initial_connection_window_size", CONNECTION_WINDOW);
    });
    if let Some(tracing) = &plan.tracing {
        frame::tracing(m, tracing, &workload.name);
    }
    log::everything(m);
    m.map("route_config", |m| routes(m, workload, proxy));
    m.seq("http_filters", |s| {
        health_filter(s, proxy.health_path);
        router(s);
    });
}

fn routes(m: &mut Map<'_>, workload: &Workload, proxy: &ProxyPlan) {
    m.put("name", &workload.name);
    m.seq("response_headers_to_add", |s| {
        s.map(|m| {
            m.map("header", |m| {
                m.put("key", "x-edge-node");
                m.put("value", format_args!("%ENVIRONMENT({NODE_NAME_ENV})%"));
            });
        });
    });
    m.seq("virtual_hosts", |s| {
        for host in &proxy.virtual_hosts {
            s.map(|m| virtual_host(m, host));
        }
        if proxy.virtual_hosts.iter().all(|host| host.domain.is_some()) {
            s.map(nothing_here);
        }
    });
}

fn virtual_host(m: &mut Map<'_>, host: &VirtualHostPlan) {
    match &host.domain {
        Some(domain) => {
            m.put("name", domain);
            m.seq("domains", |s| {
                s.put(domain);
                // A client that names the port, too.
                s.put(domain.as_ref().map(|domain| format!("{domain}:*")));
            });
        }
        None => {
            m.put("name", "any");
            m.list("domains", ["*"]);
        }
    }
    m.put("include_request_attempt_count", true);
    m.seq("routes", |s| {
        for route in &host.routes {
            s.from(route.path.origin, |s| {
                s.map(|m| {
                    m.map("match", |m| m.put("prefix", &route.path));
                    route::action(m, &route.call);
                });
            });
        }
    });
}

/// The certificate is read when Envoy starts: a new one is a new revision, like everything else.
fn certificate(m: &mut Map<'_>, secret: &platc_artifact::Sourced<platc_model::Text>) {
    let folder = certificate_folder(secret);
    let file = |m: &mut Map<'_>, key: &str, name: &str| {
        m.map(key, |m| m.put("filename", (format!("{folder}/{name}"), secret.origin)));
    };
    m.put("name", "envoy.transport_sockets.tls");
    m.map("typed_config", |m| {
        typed(m, "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext", |m| {
            m.map("common_tls_context", |m| {
                m.map("tls_params", |m| m.put("tls_minimum_protocol_version", "TLSv1_2"));
                m.list("alpn_protocols", ["h2", "http/1.1"]);
                m.seq("tls_certificates", |s| {
                    s.map(|m| {
                        file(m, "certificate_chain", "tls.crt");
                        file(m, "private_key", "tls.key");
                    });
                });
            });
        });
    });
}
