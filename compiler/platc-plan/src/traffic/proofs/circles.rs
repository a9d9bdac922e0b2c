//! Nobody calls in a circle. Each call has a timeout, so a circle ends; but what starts on it goes round until
//! then, once more for each time round.
//!
//! Start with [`check`].

use super::{report, span_of, way};
use crate::traffic::graph::Graph;
use crate::{Planner, errors};

pub(super) fn check(planner: &mut Planner<'_>, graph: &Graph<'_>) {
    for circle in graph.circles() {
        let Some((first, rest)) = circle.split_first() else { continue };
        let problem = errors::call_circle(span_of(graph, first), &way(graph, &circle));
        let shown = rest.iter().fold(problem, |problem, edge| {
            problem.related(span_of(graph, edge), format!("`{}` goes on", graph.name(edge.from)))
        });
        report(planner, shown.about(graph.name(first.from).clone()));
    }
}
