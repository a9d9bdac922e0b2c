//! What is taken: listeners, and the connection managers behind them.
//!
//! Start with [`listener`].

use platc_artifact::{IntoScalar, Map, Seq};

use super::words::{extension, socket};

const HTTP: &str = "envoy.filters.network.http_connection_manager";
const HTTP_TYPE: &str = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

/// A listener with one filter.
pub(crate) fn listener(
    m: &mut Map<'_>,
    name: std::fmt::Arguments<'_>,
    address: impl IntoScalar,
    port: impl IntoScalar,
    more: impl FnOnce(&mut Map<'_>),
    chain: impl FnOnce(&mut Map<'_>),
) {
    m.put("name", name);
    socket(m, "address", address, port);
    more(m);
    m.seq("filter_chains", |s| s.map(chain));
}

/// `filters:` with an HTTP connection manager.
pub(crate) fn http(m: &mut Map<'_>, build: impl FnOnce(&mut Map<'_>)) {
    m.seq("filters", |s| s.map(|m| extension(m, HTTP, HTTP_TYPE, build)));
}

/// `filters:` with a proxy of bytes.
pub(crate) fn tcp(m: &mut Map<'_>, build: impl FnOnce(&mut Map<'_>)) {
    m.seq("filters", |s| {
        s.map(|m| {
            extension(
                m,
                "envoy.filters.network.tcp_proxy",
                "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                build,
            );
        });
    });
}

/// Answers a path itself: 200, or 503 after `/healthcheck/fail`.
pub(crate) fn health_filter(s: &mut Seq<'_>, path: &str) {
    s.map(|m| {
        extension(
            m,
            "envoy.filters.http.health_check",
            "envoy.extensions.filters.http.health_check.v3.HealthCheck",
            |m| {
                m.put("pass_through_mode", false);
                m.seq("headers", |s| {
                    s.map(|m| {
                        m.put("name", ":path");
                        m.map("string_match", |m| m.put("exact", path));
                    });
                });
            },
        );
    });
}

/// The last filter.
pub(crate) fn router(s: &mut Seq<'_>) {
    s.map(|m| {
        extension(m, "envoy.filters.http.router", "envoy.extensions.filters.http.router.v3.Router", |_| {});
    });
}

/// A virtual host that has nothing.
pub(crate) fn nothing_here(m: &mut Map<'_>) {
    m.put("name", "nothing");
    m.list("domains", ["*"]);
    m.seq("routes", |s| {
        s.map(|m| {
            m.map("match", |m| m.put("prefix", "/"));
            m.map("direct_response", |m| m.put("status", 404));
        });
    });
}
