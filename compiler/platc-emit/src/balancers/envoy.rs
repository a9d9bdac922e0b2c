//! Envoy as a balancer: as the proxies, but the machines behind it are known, so that nothing is looked up.
//!
//! Start with [`bootstrap`].

use platc_artifact::{Map, Sourced};
use platc_plan::traffic::{
    BACKOFF_BASE, BACKOFF_MAX, BALANCER_CHECK_FALL, BALANCER_CHECK_INTERVAL, BALANCER_CHECK_RISE,
    BALANCER_CHECK_TIMEOUT, BALANCER_CONNECT_TIMEOUT, BALANCER_KEEP_ALIVE, IDLE_MARGIN, PROXY_KEEP_ALIVE,
};
use platc_plan::{BalancerPlan, ServerPlan};

use super::{Backend, backends, servers, takes_all};
use crate::envoy::frame;
use crate::envoy::listener::{http, listener, nothing_here, router};
use crate::envoy::log;
use crate::envoy::route::other_host;
use crate::envoy::upstream::EDGE_BUFFER;
use crate::envoy::words::{seconds, socket, sourced, typed};

pub(super) fn bootstrap(m: &mut Map<'_>, balancer: &BalancerPlan) {
    frame::head(m, &balancer.name, balancer.admin_port.unwrap_or(0));
    m.map("static_resources", |m| {
        m.seq("listeners", |s| {
            for (at, vip) in balancer.vips.iter().enumerate() {
                s.map(|m| ingress(m, balancer, at, vip.map(|vip| vip.to_string())));
            }
            if balancer.vips.is_empty() {
                s.map(|m| ingress(m, balancer, 0, balancer.listen.origin.of("0.0.0.0".to_owned())));
            }
        });
        m.seq("clusters", |s| {
            for part in backends(balancer) {
                s.from(part.route.origin, |s| s.map(|m| cluster(m, &part)));
            }
        });
    });
}

fn ingress(m: &mut Map<'_>, balancer: &BalancerPlan, number: usize, address: Sourced<String>) {
    let name = format_args!("{}_{}", balancer.name, number + 1);
    let small = |m: &mut Map<'_>| m.put("per_connection_buffer_limit_bytes", EDGE_BUFFER);
    listener(m, name, address, balancer.listen, small, |m| http(m, |m| requests(m, balancer)));
}

fn requests(m: &mut Map<'_>, balancer: &BalancerPlan) {
    let longest = balancer.routes.iter().map(|route| route.timeout).max_by_key(|timeout| timeout.value);
    m.put("stat_prefix", &balancer.name);
    // What a client says of itself is not believed.
    m.put("use_remote_address", true);
    m.put("generate_request_id", true);
    m.put("normalize_path", true);
    m.put("merge_slashes", true);
    m.put("path_with_escaped_slashes_action", "UNESCAPE_AND_REDIRECT");
    m.put("request_headers_timeout", "5s");
    // The answer's timeout comes first, and says what was slow.
    let patience = longest.map(|longest| longest.map(|longest| seconds(longest.plus(IDLE_MARGIN))));
    m.maybe("stream_idle_timeout", patience);
    m.map("common_http_protocol_options", |m| {
        m.put("idle_timeout", seconds(PROXY_KEEP_ALIVE));
        m.put("headers_with_underscores_action", "REJECT_REQUEST");
    });
    log::everything(m);
    m.map("route_config", |m| {
        m.put("name", &balancer.name);
        m.seq("virtual_hosts", |s| match balancer.routes.is_empty() {
            true => s.map(nothing_here),
            false => s.map(|m| virtual_host(m, balancer)),
        });
    });
    m.seq("http_filters", router);
}

fn virtual_host(m: &mut Map<'_>, balancer: &BalancerPlan) {
    m.put("name", "any");
    m.list("domains", ["*"]);
    m.seq("routes", |s| {
        for part in backends(balancer) {
            s.from(part.route.origin, |s| {
                s.map(|m| {
                    m.map("match", |m| m.put("prefix", &part.route.path));
                    m.map("route", |m| action(m, &part));
                });
            });
        }
        if !takes_all(balancer) {
            s.map(|m| {
                m.map("match", |m| m.put("prefix", "/"));
                m.map("direct_response", |m| m.put("status", 404));
            });
        }
    });
}

fn action(m: &mut Map<'_>, part: &Backend<'_>) {
    m.put("cluster", format_args!("{part}"));
    m.put("timeout", sourced(part.route.timeout));
    if part.route.retries.value > 0 {
        m.map("retry_policy", |m| {
            // Only what no proxy accepted is sent to another one.
            m.put("retry_on", "connect-failure,refused-stream");
            m.put("num_retries", part.route.retries);
            other_host(m);
            m.map("retry_back_off", |m| {
                m.put("base_interval", seconds(BACKOFF_BASE));
                m.put("max_interval", seconds(BACKOFF_MAX));
            });
        });
    }
}

fn cluster(m: &mut Map<'_>, part: &Backend<'_>) {
    let route = part.route;
    m.put("name", format_args!("{part}"));
    m.put("type", "STATIC");
    m.put("connect_timeout", seconds(BALANCER_CONNECT_TIMEOUT));
    m.put("per_connection_buffer_limit_bytes", EDGE_BUFFER);
    m.put("lb_policy", "LEAST_REQUEST");
    m.map("circuit_breakers", |m| {
        let all = route.connections.map(|each| u64::from(each).saturating_mul(count(route.servers.len())));
        m.seq("thresholds", |s| {
            s.map(|m| {
                m.put("max_connections", all.map(|all| all.min(u64::from(u32::MAX))));
                m.put("max_pending_requests", all.map(|all| all.min(u64::from(u32::MAX))));
                m.put("max_requests", all.map(|all| all.min(u64::from(u32::MAX))));
            });
        });
        m.seq("per_host_thresholds", |s| s.map(|m| m.put("max_connections", route.connections)));
    });
    m.seq("health_checks", |s| {
        s.map(|m| {
            m.put("timeout", seconds(BALANCER_CHECK_TIMEOUT));
            m.put("interval", seconds(BALANCER_CHECK_INTERVAL));
            m.put("no_traffic_interval", seconds(BALANCER_CHECK_INTERVAL));
            m.put("unhealthy_threshold", BALANCER_CHECK_FALL);
            m.put("healthy_threshold", BALANCER_CHECK_RISE);
            m.map("http_health_check", |m| {
                m.put("path", route.health_path);
                m.put("host", &route.proxy);
            });
        });
    });
    protocol(m);
    m.map("load_assignment", |m| endpoints(m, part));
}

fn protocol(m: &mut Map<'_>) {
    const OPTIONS: &str = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    m.map("typed_extension_protocol_options", |m| {
        m.map(OPTIONS, |m| {
            typed(m, OPTIONS, |m| {
                m.map("common_http_protocol_options", |m| {
                    m.put("idle_timeout", seconds(BALANCER_KEEP_ALIVE));
                });
                m.map("explicit_http_config", |m| m.map("http_protocol_options", |_| {}));
            });
        });
    });
}

fn endpoints(m: &mut Map<'_>, part: &Backend<'_>) {
    let route = part.route;
    m.put("cluster_name", format_args!("{part}"));
    m.seq("endpoints", |s| {
        for (priority, backup) in [(0, false), (1, true)] {
            if servers(route, backup).next().is_some() {
                s.map(|m| {
                    m.put("priority", priority);
                    m.seq("lb_endpoints", |s| {
                        servers(route, backup).for_each(|server| s.map(|m| endpoint(m, server, route.port)));
                    });
                });
            }
        }
    });
    // One that is well is enough: by default a part of the requests would go to the others as soon as less
    // than 72 % are.
    let own = count(servers(route, false).count());
    m.map("policy", |m| m.put("overprovisioning_factor", own.max(1).saturating_mul(100)));
}

fn endpoint(m: &mut Map<'_>, server: &ServerPlan, port: u16) {
    m.map("endpoint", |m| {
        m.put("hostname", &server.name);
        socket(m, "address", server.address, port);
    });
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
