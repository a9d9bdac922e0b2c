//! HAProxy: the whole `haproxy.cfg` of a machine that balances.
//!
//! Start with [`config`].

use platc_artifact::{Each, Fixed, Lines, Shown, Sourced};
use platc_model::scalar::Duration;
use platc_plan::traffic::{
    BALANCER_CHECK_FALL, BALANCER_CHECK_INTERVAL, BALANCER_CHECK_RISE, BALANCER_CHECK_TIMEOUT,
    BALANCER_CONNECT_TIMEOUT, BALANCER_KEEP_ALIVE,
};
use platc_plan::{BalancerPlan, ServerPlan};

use super::{Backend, backends, servers, takes_all};

/// A client may take so long to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::seconds(5);

pub(super) fn config(l: &mut Lines<'_>, balancer: &BalancerPlan) {
    l.block("global", |l| l.line(("log", "stdout", "format", "raw", "local0")));
    l.block("defaults", |l| defaults(l, balancer));
    l.block(("frontend", &balancer.name), |l| frontend(l, balancer));
    for part in backends(balancer) {
        l.from(part.route.origin, |l| l.block(("backend", Shown(&part)), |l| backend(l, &part)));
    }
}

fn defaults(l: &mut Lines<'_>, balancer: &BalancerPlan) {
    let longest = balancer.routes.iter().map(|route| route.timeout).max_by_key(|timeout| timeout.value);
    l.line(("mode", "http"));
    l.line(("log", "global"));
    l.line(("option", "httplog"));
    l.line(("timeout", "connect", time(BALANCER_CONNECT_TIMEOUT)));
    if let Some(longest) = longest {
        l.line(("timeout", "client", sourced(longest)));
        l.line(("timeout", "server", sourced(longest)));
    }
    l.line(("timeout", "http-request", time(HEAD_TIMEOUT)));
    l.comment("Less than proxies keep a connection, so that none is used that just closes.");
    l.line(("timeout", "http-keep-alive", time(BALANCER_KEEP_ALIVE)));
    l.line(("timeout", "check", time(BALANCER_CHECK_TIMEOUT)));
}

fn frontend(l: &mut Lines<'_>, balancer: &BalancerPlan) {
    let port = balancer.listen;
    for vip in &balancer.vips {
        l.line(("bind", vip.map(|vip| Shown(std::net::SocketAddr::new(vip, port.value)))));
    }
    if balancer.vips.is_empty() {
        l.line(("bind", port.map(|port| format!("*:{port}"))));
    }
    l.line(("unique-id-format", Fixed("%[uuid()]")));
    l.comment("What a client says of itself is not believed.");
    l.line(("http-request", "set-header", "X-Request-Id", Fixed("%[unique-id]")));
    l.line(("http-request", "set-header", "X-Forwarded-For", Fixed("%[src]")));
    l.line(("http-request", "set-header", "X-Forwarded-Proto", "http"));
    if !takes_all(balancer) {
        let paths = Each(balancer.routes.iter().map(|route| &route.path));
        l.line(("http-request", "return", "status", 404, "unless", "{", "path_beg", paths, "}"));
    }
    for part in backends(balancer) {
        l.from(part.route.origin, |l| match &*part.route.path.value {
            "/" => l.line(("default_backend", Shown(&part))),
            _ => l.line(("use_backend", Shown(&part), "if", "{", "path_beg", &part.route.path, "}")),
        });
    }
}

fn backend(l: &mut Lines<'_>, part: &Backend<'_>) {
    let route = part.route;
    l.line(("balance", "leastconn"));
    l.line(("timeout", "server", sourced(route.timeout)));
    l.line(("option", "httpchk"));
    l.line((
        "http-check",
        "send",
        ("meth", "GET", "uri", route.health_path, "ver", "HTTP/1.1"),
        ("hdr", "Host", &route.proxy),
    ));
    l.line(("http-check", "expect", "status", 200));
    l.comment("Only what no proxy accepted is sent to another one.");
    l.line(("retry-on", "conn-failure"));
    l.line(("retries", route.retries));
    l.line(("option", "redispatch", 1));
    // A proxy that goes fails its check and still answers what it has: sessions are not shut down with it.
    l.line((
        "default-server",
        ("inter", time(BALANCER_CHECK_INTERVAL)),
        ("fall", BALANCER_CHECK_FALL),
        ("rise", BALANCER_CHECK_RISE),
        ("maxconn", route.connections),
    ));
    for server in servers(route, false) {
        l.line(("server", &server.name, address(server, route.port), "check"));
    }
    for server in servers(route, true) {
        l.line(("server", &server.name, address(server, route.port), "check", "backup"));
    }
}

fn address(server: &ServerPlan, port: u16) -> Shown<std::net::SocketAddr> {
    Shown(std::net::SocketAddr::new(server.address, port))
}

fn sourced(duration: Sourced<Duration>) -> Sourced<String> {
    duration.map(time)
}

/// A bare number would be milliseconds; with a unit nobody has to know.
fn time(duration: Duration) -> String {
    let millis = duration.as_millis_up();
    if millis.is_multiple_of(1000) { format!("{}s", millis / 1000) } else { format!("{millis}ms") }
}
