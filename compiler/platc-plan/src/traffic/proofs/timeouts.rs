//! Timeouts shrink along each chain: whoever waits does so longer than those whom it waits for, else it gives
//! up first, and what they still do is for nobody.
//!
//! A caller that sends again what took too long gives each try its own time, so that is what must be longer.
//! On a tcp connection nobody sees what is a call, so nothing is compared there.
//!
//! Start with [`check`].

use platc_diag::Diagnostic;
use platc_model::generated::Protocol;
use platc_model::scalar::Duration;

use super::{report, span_of};
use crate::traffic::graph::{Edge, Graph};
use crate::{Planner, errors, place};

pub(super) fn check(planner: &mut Planner<'_>, graph: &Graph<'_>) {
    let compared = |edge: &&Edge<'_>| edge.protocol != Protocol::Tcp && !graph.is_on_circle(edge);
    for edge in graph.all().filter(compared) {
        let inner: Vec<&Edge<'_>> =
            graph.sent_by(edge.to).iter().filter(compared).filter(|inner| leads_on(edge, inner)).collect();
        let too_long: Vec<&&Edge<'_>> =
            inner.iter().filter(|inner| inner.timeout.value >= edge.per_try.value).collect();
        let problem = match too_long.as_slice() {
            [] => in_sequence(graph, edge, &inner),
            _ => Some(inversion(graph, edge, &too_long)),
        };
        if let Some(problem) = problem {
            report(planner, problem.about(graph.name(edge.from).clone()));
        }
    }
}

/// Whether what comes in by `outer` can be what goes out by `inner`: paths of a balancer and of a proxy must
/// have a request in common.
fn leads_on(outer: &Edge<'_>, inner: &Edge<'_>) -> bool {
    match (outer.path, inner.path) {
        (Some(outer), Some(inner)) => outer.starts_with(inner) || inner.starts_with(outer),
        _ => true,
    }
}

/// What is said of the time: of a try, if that is said, else of the whole.
fn span_of_time(graph: &Graph<'_>, edge: &Edge<'_>) -> platc_diag::Span {
    let said =
        if edge.per_try.value == edge.timeout.value { edge.timeout.origin } else { edge.per_try.origin };
    place(said, span_of(graph, edge))
}

fn inversion(graph: &Graph<'_>, edge: &Edge<'_>, inner: &[&&Edge<'_>]) -> Diagnostic {
    let longest = inner.iter().map(|edge| edge.timeout.value).max().unwrap_or_default();
    let problem = errors::timeout_inversion(
        span_of_time(graph, edge),
        graph.name(edge.from),
        edge.per_try.value,
        graph.name(edge.to),
        longest,
    );
    inner.iter().fold(problem, |problem, inner| {
        let at = place(inner.timeout.origin, span_of(graph, inner));
        problem.related(
            at,
            format!("`{}` waits {} for `{}`", graph.name(edge.to), inner.timeout.value, graph.name(inner.to)),
        )
    })
}

/// What one asks several others for, one after the other, may take as long as all of them.
fn in_sequence(graph: &Graph<'_>, edge: &Edge<'_>, inner: &[&Edge<'_>]) -> Option<Diagnostic> {
    // Each request takes one of the routes of a proxy.
    if inner.iter().any(|inner| inner.path.is_some()) {
        return None;
    }
    let sum = inner.iter().fold(0_u64, |sum, inner| sum.saturating_add(inner.timeout.as_micros()));
    let sum = Duration::micros(sum);
    (sum >= edge.per_try.value && inner.len() > 1).then(|| {
        let parts: Vec<String> = inner.iter().map(|inner| inner.timeout.value.to_string()).collect();
        errors::timeouts_in_sequence(
            span_of_time(graph, edge),
            graph.name(edge.to),
            edge.per_try.value,
            &parts.join(" + "),
            sum,
        )
    })
}
