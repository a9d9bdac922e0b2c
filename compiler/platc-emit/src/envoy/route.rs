//! Where a request goes, how long it may take, and what makes it go again.
//!
//! Start with [`action`].

use platc_artifact::{Map, shown};
use platc_model::generated::{Protocol, RetryOn};
use platc_plan::CallPlan;
use platc_plan::traffic::{BACKOFF_BASE, BACKOFF_MAX};

use super::words::{extension, seconds, sourced};

/// How often a retry picks again, as long as it picked a pod that was tried. Picks are by chance, and the last one
/// counts whatever it is: with two pods left, one of them dead and not known to be, a retry goes to the dead one
/// again once in 2^(this + 1) times. With 3, that was one retry in sixteen. A pick costs less than a microsecond,
/// and all of them are needed only where there is no other pod.
const HOST_ATTEMPTS: u32 = 20;

/// `route:` of a route.
pub(crate) fn action(m: &mut Map<'_>, call: &CallPlan) {
    m.from(call.origin, |m| {
        m.map("route", |m| {
            m.put("cluster", &call.upstream);
            m.put("timeout", sourced(call.timeout));
            if call.target.protocol == Protocol::Grpc {
                // A caller's own deadline counts where it is sooner.
                m.map("max_stream_duration", |m| m.put("grpc_timeout_header_max", sourced(call.timeout)));
            }
            if call.retries.value > 0 {
                m.map("retry_policy", |m| retries(m, call));
            }
        });
    });
}

fn retries(m: &mut Map<'_>, call: &CallPlan) {
    let on = call.retry_on.map(|on| reasons(on, call.target.protocol));
    m.put("retry_on", shown(&on));
    if call.retry_on.value == RetryOn::Unavailable {
        m.list("retriable_status_codes", [503]);
    }
    m.put("num_retries", call.retries);
    if call.per_try.value < call.timeout.value {
        m.put("per_try_timeout", sourced(call.per_try));
    }
    other_host(m);
    m.map("retry_back_off", |m| {
        m.put("base_interval", seconds(BACKOFF_BASE));
        m.put("max_interval", seconds(BACKOFF_MAX));
    });
}

/// A retry looks for a host that was not tried yet.
pub(crate) fn other_host(m: &mut Map<'_>) {
    m.seq("retry_host_predicate", |s| {
        s.map(|m| {
            extension(
                m,
                "envoy.retry_host_predicates.previous_hosts",
                "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
                |_| {},
            );
        });
    });
    m.put("host_selection_retry_max_attempts", HOST_ATTEMPTS);
}

/// Envoy's words for how bad it must be. Never `5xx`: that is also what a program means.
fn reasons(on: RetryOn, protocol: Protocol) -> &'static str {
    match (on, protocol) {
        (RetryOn::Connect, _) => "connect-failure,refused-stream",
        (RetryOn::Reset, _) => "connect-failure,refused-stream,reset-before-request",
        (RetryOn::Unavailable, Protocol::Grpc) => {
            "connect-failure,refused-stream,reset-before-request,retriable-status-codes,unavailable"
        }
        (RetryOn::Unavailable, _) => {
            "connect-failure,refused-stream,reset-before-request,retriable-status-codes"
        }
        (RetryOn::Gateway, Protocol::Grpc) => {
            "connect-failure,refused-stream,reset,gateway-error,unavailable,cancelled"
        }
        (RetryOn::Gateway, _) => "connect-failure,refused-stream,reset,gateway-error",
    }
}
