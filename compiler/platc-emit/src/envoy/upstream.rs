//! The pods behind a service: found by DNS, asked for their health, left out when they fail, and never sent
//! more than they were promised to get.
//!
//! Start with [`cluster`].

use std::net::IpAddr;

use platc_artifact::{Map, Sourced};
use platc_model::generated::Protocol;
use platc_model::scalar::Duration;
use platc_plan::traffic::PANIC_BELOW;
use platc_plan::{ClusterPlan, EjectionPlan, HealthCheck, HealthPlan, Plan, UpstreamPlan};

use super::words::{extension, seconds, socket, sourced, typed};

/// A name is asked for again after so long, whatever its TTL: part of the lag that pods go on serving for.
const DNS_REFRESH: Duration = Duration::seconds(5);
/// And at most so much later, so that not all ask at once.
const DNS_JITTER: Duration = Duration::seconds(1);
/// After a failure, at first.
const DNS_RETRY: Duration = Duration::seconds(1);
/// Share of the requests under way that may be repetitions.
const RETRY_BUDGET_PERCENT: f64 = 20.0;
/// So many repetitions at once are always granted: a share of very few requests is none.
const RETRIES_ALWAYS: u32 = 3;
/// Bytes that a proxy holds back for a connection that takes them slowly.
pub(crate) const EDGE_BUFFER: u32 = 32 * 1024;

/// Whose clusters these are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Buffers {
    /// Envoy's own 1 MiB: the peer is on the same machine, and a request must fit to be sent again.
    Default,
    /// Few bytes, because there may be very many connections to peers that nobody knows.
    Small,
}

/// An upstream.
pub(crate) fn cluster(
    m: &mut Map<'_>,
    plan: &Plan,
    own: &ClusterPlan,
    upstream: &UpstreamPlan,
    buffers: Buffers,
) {
    let target = &upstream.target;
    m.put("name", &upstream.name);
    m.put("connect_timeout", sourced(upstream.connect_timeout));
    if buffers == Buffers::Small {
        m.put("per_connection_buffer_limit_bytes", EDGE_BUFFER);
    }
    discovery(m, own, plan.clusters.at(target.cluster));
    m.put("lb_policy", "LEAST_REQUEST");
    // Else a pod that has left DNS is sent to as long as its address answers checks, and the address may be
    // another pod's by then.
    m.put("ignore_health_on_host_removal", true);
    m.map("common_lb_config", |m| {
        m.map("healthy_panic_threshold", |m| m.put("value", f64::from(PANIC_BELOW)));
    });
    limits(m, upstream.concurrency);
    ejection(m, &upstream.ejection);
    m.seq("health_checks", |s| s.map(|m| health(m, &upstream.health)));
    if target.protocol != Protocol::Tcp {
        http_protocol(m, target.protocol, |m| m.put("idle_timeout", sourced(upstream.keep_alive)));
    }
    m.map("load_assignment", |m| {
        m.put("cluster_name", &upstream.name);
        m.seq("endpoints", |s| {
            s.map(|m| m.seq("lb_endpoints", |s| s.map(|m| m.map("endpoint", |m| endpoint(m, upstream)))));
        });
    });
}

fn endpoint(m: &mut Map<'_>, upstream: &UpstreamPlan) {
    let target = &upstream.target;
    // A headless Service maps no ports: this is the container's.
    socket(m, "address", &target.dns_name, target.port);
    if upstream.health.port != target.port {
        m.map("health_check_config", |m| m.put("port_value", upstream.health.port));
    }
}

/// The resolvers are those of the cluster that is called: no other knows its names. Those of the own one are
/// Envoy's for everything, and need not be repeated.
pub(crate) fn discovery(m: &mut Map<'_>, own: &ClusterPlan, callee: &ClusterPlan) {
    let envoy = own.envoy.value;
    let elsewhere = own.dns.addresses != callee.dns.addresses;
    let family = if callee.pods.is_ipv4() { "V4_ONLY" } else { "V6_ONLY" };
    // The extension is there from 1.34 on, and the fields of before are deprecated since.
    if (envoy.major, envoy.minor) < (1, 34) {
        m.put("type", "STRICT_DNS");
        m.put("dns_lookup_family", family);
        refreshing(m);
        if elsewhere {
            resolver_of(m, callee);
        }
        return;
    }
    m.map("cluster_type", |m| {
        extension(m, "envoy.clusters.dns", "envoy.extensions.clusters.dns.v3.DnsCluster", |m| {
            m.put("dns_lookup_family", family);
            refreshing(m);
            m.put("all_addresses_in_single_endpoint", false);
            if elsewhere {
                resolver_of(m, callee);
            }
        });
    });
}

fn refreshing(m: &mut Map<'_>) {
    m.put("dns_refresh_rate", seconds(DNS_REFRESH));
    m.put("dns_jitter", seconds(DNS_JITTER));
    m.map("dns_failure_refresh_rate", |m| {
        m.put("base_interval", seconds(DNS_RETRY));
        m.put("max_interval", seconds(DNS_REFRESH));
    });
    m.put("respect_dns_ttl", false);
}

/// Which of several resolvers is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Each in its turn.
    InTurn,
    /// The first while it answers.
    FirstFirst,
}

/// `typed_dns_resolver_config:` for names of the own cluster and of the world: with a cache on the node that
/// is asked first, and the others only without it.
pub(crate) fn own_resolver(m: &mut Map<'_>, own: &ClusterPlan) {
    let order = if own.dns.node_local.is_some() { Order::FirstFirst } else { Order::InTurn };
    resolver(m, &own.dns.resolvers, order);
}

/// `typed_dns_resolver_config:` for names of another cluster.
fn resolver_of(m: &mut Map<'_>, callee: &ClusterPlan) {
    resolver(m, &callee.dns.addresses, Order::InTurn);
}

fn resolver(m: &mut Map<'_>, addresses: &[IpAddr], order: Order) {
    const RESOLVER: &str = "envoy.network.dns_resolver.cares";
    const TYPE: &str = "envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig";
    m.map("typed_dns_resolver_config", |m| {
        extension(m, RESOLVER, TYPE, |m| {
            m.seq("resolvers", |s| {
                for address in addresses {
                    s.map(|m| {
                        m.map("socket_address", |m| {
                            m.put("address", address);
                            m.put("port_value", 53);
                        });
                    });
                }
            });
            m.map("dns_resolver_options", |m| m.put("no_default_search_domain", true));
            // By default a dead first resolver costs 5 s of each refresh.
            m.put("query_timeout_seconds", 1);
            m.put("query_tries", 3);
            m.put("rotate_nameservers", order == Order::InTurn);
        });
    });
}

/// What is more than this fails at once. Retries have a budget, because without one three at a time are all
/// that there are, and they are gone exactly when they are needed.
fn limits(m: &mut Map<'_>, concurrency: Sourced<u32>) {
    m.map("circuit_breakers", |m| {
        m.seq("thresholds", |s| {
            s.map(|m| {
                m.put("priority", "DEFAULT");
                m.put("max_connections", concurrency);
                m.put("max_pending_requests", concurrency);
                m.put("max_requests", concurrency);
                m.map("retry_budget", |m| {
                    m.map("budget_percent", |m| m.put("value", RETRY_BUDGET_PERCENT));
                    m.put("min_retry_concurrency", RETRIES_ALWAYS);
                });
                m.put("track_remaining", true);
            });
        });
    });
}

fn ejection(m: &mut Map<'_>, ejection: &EjectionPlan) {
    m.map("outlier_detection", |m| {
        m.put("consecutive_5xx", ejection.errors);
        m.put("consecutive_gateway_failure", ejection.gateway_errors);
        // By default these are counted and nothing is done.
        m.put("enforcing_consecutive_gateway_failure", 100);
        // It needs more pods and more requests than one Envoy sees.
        m.put("enforcing_success_rate", 0);
        m.put("interval", seconds(ejection.interval));
        m.put("base_ejection_time", seconds(ejection.base));
        m.put("max_ejection_time", seconds(ejection.longest));
        m.put("max_ejection_percent", ejection.percent_max);
        // A pod that answers its check and fails requests would come back with the next check.
        m.put("successful_active_health_check_uneject_host", false);
    });
}

fn health(m: &mut Map<'_>, health: &HealthPlan) {
    m.put("timeout", sourced(health.timeout));
    m.put("interval", sourced(health.interval));
    m.put("interval_jitter", seconds(health.jitter));
    m.put("no_traffic_interval", seconds(health.quiet_interval));
    m.put("unhealthy_threshold", health.unhealthy_after);
    m.put("healthy_threshold", health.healthy_after);
    match &health.check {
        HealthCheck::Http(path) => m.map("http_health_check", |m| {
            m.put("path", path);
            // A program can tell by it that another one is meant, whose address it has got.
            m.put("host", &health.host);
            m.seq("expected_statuses", |s| {
                s.map(|m| {
                    // What the kubelet takes for well, too; the end is not part of it.
                    m.put("start", 200);
                    m.put("end", 400);
                });
            });
        }),
        HealthCheck::Grpc(service) => m.map("grpc_health_check", |m| {
            m.put("service_name", service);
            m.put("authority", &health.host);
        }),
        HealthCheck::Tcp => m.map("tcp_health_check", |_| {}),
    }
}

/// `HttpProtocolOptions` of a cluster that speaks just this.
pub(crate) fn http_protocol(m: &mut Map<'_>, protocol: Protocol, common: impl FnOnce(&mut Map<'_>)) {
    const OPTIONS: &str = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    let options = match protocol {
        Protocol::Grpc => "http2_protocol_options",
        Protocol::Http | Protocol::Tcp => "http_protocol_options",
    };
    m.map("typed_extension_protocol_options", |m| {
        m.map(OPTIONS, |m| {
            typed(m, OPTIONS, |m| {
                m.map("common_http_protocol_options", common);
                m.map("explicit_http_config", |m| m.map(options, |_| {}));
            });
        });
    });
}
