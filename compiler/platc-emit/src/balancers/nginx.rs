//! nginx: a file to be included at the level of `http`.
//!
//! nginx asks no proxy for its health (that is sold apart): a proxy that goes is noticed by what fails, and
//! closes its connections itself. The file is for machines where nginx is what there is.
//!
//! Start with [`config`].

use platc_artifact::{Fixed, Lines, Prop, Shown, Sourced};
use platc_model::scalar::Duration;
use platc_plan::traffic::{BALANCER_CONNECT_TIMEOUT, BALANCER_KEEP_ALIVE};
use platc_plan::{BalancerPlan, ServerPlan};

use super::{Backend, backends, servers, takes_all};

/// So many failures within [`FAIL_TIMEOUT`], and a proxy gets nothing for as long.
const MAX_FAILS: u32 = 2;
/// See there.
const FAIL_TIMEOUT: Duration = Duration::seconds(5);
/// Connections without requests that each worker keeps.
const KEPT: u32 = 64;

pub(super) fn config(l: &mut Lines<'_>, balancer: &BalancerPlan) {
    for part in backends(balancer) {
        l.from(part.route.origin, |l| l.block(("upstream", Shown(&part)), |l| upstream(l, &part)));
    }
    l.block("server", |l| server(l, balancer));
}

fn upstream(l: &mut Lines<'_>, part: &Backend<'_>) {
    let route = part.route;
    // What workers know of servers, they share.
    l.line(("zone", Shown(part), "64k"));
    l.line("least_conn");
    for server in servers(route, false) {
        l.line(("server", address(server, route.port), limits(route.connections)));
    }
    for server in servers(route, true) {
        l.line(("server", address(server, route.port), limits(route.connections), "backup"));
    }
    l.line(("keepalive", KEPT));
    l.comment("Less than proxies keep a connection, so that none is used that just closes.");
    l.line(("keepalive_timeout", time(BALANCER_KEEP_ALIVE)));
}

type Limits = (Prop<&'static str, Sourced<u32>>, Prop<&'static str, u32>, Prop<&'static str, String>);

fn limits(connections: Sourced<u32>) -> Limits {
    (Prop("max_conns", connections), Prop("max_fails", MAX_FAILS), Prop("fail_timeout", time(FAIL_TIMEOUT)))
}

fn server(l: &mut Lines<'_>, balancer: &BalancerPlan) {
    for vip in &balancer.vips {
        let at = |vip| Shown(std::net::SocketAddr::new(vip, balancer.listen.value));
        l.line(("listen", vip.map(at)));
    }
    if balancer.vips.is_empty() {
        l.line(("listen", balancer.listen));
        l.line(("listen", balancer.listen.map(|port| format!("[::]:{port}"))));
    }
    l.comment("How much may be sent is for programs to say; by default nginx refuses more than 1 MB.");
    l.line(("client_max_body_size", 0));
    for part in backends(balancer) {
        l.from(part.route.origin, |l| l.block(("location", &part.route.path), |l| location(l, &part)));
    }
    if !takes_all(balancer) {
        l.block(("location", "/"), |l| l.line(("return", 404)));
    }
}

fn location(l: &mut Lines<'_>, part: &Backend<'_>) {
    let route = part.route;
    let tries = route.retries.map(|retries| retries.saturating_add(1));
    l.line(("proxy_pass", format_args!("http://{part}")));
    l.line(("proxy_http_version", "1.1"));
    l.line(("proxy_set_header", "Connection", ""));
    l.line(("proxy_set_header", "Host", Fixed("$http_host")));
    l.comment("What a client says of itself is not believed.");
    l.line(("proxy_set_header", "X-Forwarded-For", Fixed("$remote_addr")));
    l.line(("proxy_set_header", "X-Forwarded-Proto", Fixed("$scheme")));
    l.line(("proxy_set_header", "X-Request-Id", Fixed("$request_id")));
    l.line(("proxy_connect_timeout", time(BALANCER_CONNECT_TIMEOUT)));
    l.line(("proxy_read_timeout", route.timeout.map(time)));
    l.line(("proxy_send_timeout", route.timeout.map(time)));
    l.comment("What fails later than connecting can take was accepted, and is not sent to another one.");
    l.line(("proxy_next_upstream", "error", "timeout"));
    l.line(("proxy_next_upstream_tries", tries));
    l.line(("proxy_next_upstream_timeout", tries.map(connecting)));
}

/// As long as so many tries to connect take.
fn connecting(tries: i64) -> String {
    let tries = u64::try_from(tries).unwrap_or(1);
    time(Duration::micros(BALANCER_CONNECT_TIMEOUT.as_micros().saturating_mul(tries)))
}

fn address(server: &ServerPlan, port: u16) -> Shown<std::net::SocketAddr> {
    Shown(std::net::SocketAddr::new(server.address, port))
}

fn time(duration: Duration) -> String {
    let millis = duration.as_millis_up();
    if millis.is_multiple_of(1000) { format!("{}s", millis / 1000) } else { format!("{millis}ms") }
}
