//! Access logs: one JSON object a line, to standard output, where the container runtime takes them.
//!
//! Paths stand there without their query, which may hold what nobody should read later.
//!
//! Start with [`failures`] and [`everything`].

use platc_artifact::Map;

use super::words::extension;

/// Runtime key of the least status that a sidecar logs.
const LEAST_STATUS: &str = "access_log.min_status";

/// What every line has. The request id leads from one log to the next.
const REQUEST: &[(&str, &str)] = &[
    ("ts", "%START_TIME%"),
    ("rid", "%REQ(X-REQUEST-ID)%"),
    ("trace", "%REQ(TRACEPARENT)%"),
    ("method", "%REQ(:METHOD)%"),
    ("path", "%PATH(NQ)%"),
    ("code", "%RESPONSE_CODE%"),
    ("grpc", "%GRPC_STATUS%"),
    ("flags", "%RESPONSE_FLAGS%"),
    ("why", "%RESPONSE_CODE_DETAILS%"),
    ("to", "%UPSTREAM_CLUSTER%"),
    ("upstream", "%UPSTREAM_HOST%"),
    ("attempts", "%UPSTREAM_REQUEST_ATTEMPT_COUNT%"),
    ("ms", "%DURATION%"),
];

/// What a proxy's line has beside that.
const CLIENT: &[(&str, &str)] = &[
    ("client", "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"),
    ("host", "%REQ(:AUTHORITY)%"),
    ("protocol", "%PROTOCOL%"),
    ("received", "%BYTES_RECEIVED%"),
    ("sent", "%BYTES_SENT%"),
    ("agent", "%REQ(USER-AGENT)%"),
];

/// What a connection's line has, where there are no requests.
const CONNECTION: &[(&str, &str)] = &[
    ("ts", "%START_TIME%"),
    ("flags", "%RESPONSE_FLAGS%"),
    ("to", "%UPSTREAM_CLUSTER%"),
    ("upstream", "%UPSTREAM_HOST%"),
    ("why", "%UPSTREAM_TRANSPORT_FAILURE_REASON%"),
    ("attempts", "%UPSTREAM_REQUEST_ATTEMPT_COUNT%"),
    ("received", "%BYTES_RECEIVED%"),
    ("sent", "%BYTES_SENT%"),
    ("ms", "%DURATION%"),
];

/// Requests that went wrong: 500 and above, or cut short. What went well is in the callee's own log.
pub(crate) fn failures(m: &mut Map<'_>) {
    access_log(m, REQUEST.iter(), |m| {
        m.map("filter", |m| {
            m.map("or_filter", |m| {
                m.seq("filters", |s| {
                    s.map(|m| {
                        m.map("status_code_filter", |m| {
                            m.map("comparison", |m| {
                                m.put("op", "GE");
                                m.map("value", |m| {
                                    m.put("default_value", 500);
                                    m.put("runtime_key", LEAST_STATUS);
                                });
                            });
                        });
                    });
                    s.map(|m| m.map("response_flag_filter", |_| {}));
                });
            });
        });
    });
}

/// All requests.
pub(crate) fn everything(m: &mut Map<'_>) {
    access_log(m, REQUEST.iter().chain(CLIENT), |_| {});
}

/// Connections that were cut or never came up.
pub(crate) fn broken_connections(m: &mut Map<'_>) {
    access_log(m, CONNECTION.iter(), |m| m.map("filter", |m| m.map("response_flag_filter", |_| {})));
}

fn access_log<'f>(
    m: &mut Map<'_>,
    fields: impl Iterator<Item = &'f (&'f str, &'f str)>,
    filter: impl FnOnce(&mut Map<'_>),
) {
    m.seq("access_log", |s| {
        s.map(|m| {
            filter(m);
            extension(
                m,
                "envoy.access_loggers.stdout",
                "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
                |m| m.map("log_format", |m| m.pairs("json_format", fields.copied())),
            );
        });
    });
}
