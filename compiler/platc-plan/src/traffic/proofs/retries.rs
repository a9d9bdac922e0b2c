//! Retries stay bounded: along any way, tries multiply. What is tried again because of an *answer* multiplies
//! in fact, each layer for itself, and hits a service that is in trouble already. What is tried again because
//! nobody *accepted* multiplies only connections, and only if every layer fails at once.
//!
//! Start with [`check`].

use std::collections::BTreeMap;

use super::{report, span_of, way};
use crate::traffic::graph::{Edge, Graph};
use crate::{Planner, errors};

/// One request must not become more than so many, when everything answers with errors.
pub const ANSWERS_MAX: u64 = 10;
/// And above this somebody should look.
pub const ANSWERS_MANY: u64 = 4;
/// One request should not become more connections than so many, when nothing accepts.
pub const CONNECTIONS_MANY: u64 = 10;

/// How often one request is tried at the end of a way.
#[derive(Clone, Debug)]
pub struct Product<'g, 'p> {
    /// The way, from whoever is called by nobody.
    pub way: Vec<&'g Edge<'p>>,
    /// Requests at its end at worst.
    pub tries: u64,
}

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Count {
    /// Tries because of answers.
    Answers,
    /// Tries because of anything.
    Connections,
}

impl Count {
    fn of(self, edge: &Edge<'_>) -> u64 {
        if self == Self::Answers && !edge.repeats_answers { 1 } else { edge.tries }
    }
}

/// The worst way to the end of each edge, as far as ways end there: what goes on and multiplies further is
/// not an end.
pub fn products<'g, 'p>(graph: &'g Graph<'p>, count: Count) -> Vec<Product<'g, 'p>> {
    let counted = |edge: &&Edge<'_>| !graph.is_on_circle(edge);
    // The worst way to each node.
    let mut worst: BTreeMap<usize, (u64, &Edge<'p>)> = BTreeMap::new();
    let mut ends = Vec::new();
    for node in graph.callers_first() {
        let so_far = worst.get(&node).map_or(1, |(tries, _)| *tries);
        for edge in graph.sent_by(node).iter().filter(counted) {
            let tries = so_far.saturating_mul(count.of(edge));
            let goes_on = graph.sent_by(edge.to).iter().filter(counted).any(|inner| count.of(inner) > 1);
            if !goes_on && count.of(edge) > 1 {
                ends.push((edge, tries));
            }
            if worst.get(&edge.to).is_none_or(|(known, _)| tries > *known) {
                worst.insert(edge.to, (tries, edge));
            }
        }
    }
    let product = |(end, tries): (&'g Edge<'p>, u64)| {
        let mut way = vec![end];
        while let Some((_, edge)) = way.last().and_then(|last| worst.get(&last.from)) {
            way.push(edge);
        }
        way.reverse();
        Product { way, tries }
    };
    ends.into_iter().map(product).collect()
}

pub(super) fn check(planner: &mut Planner<'_>, graph: &Graph<'_>) {
    let mut reported = Vec::new();
    for product in products(graph, Count::Answers).iter().filter(|product| product.tries > ANSWERS_MANY) {
        let Some(end) = product.way.last() else { continue };
        let last = product.way.iter().rev().find(|edge| edge.repeats_answers).unwrap_or(end);
        let (span, path) = (span_of(graph, last), way(graph, &product.way));
        let problem = if product.tries > ANSWERS_MAX {
            errors::retries_multiply(span, product.tries, ANSWERS_MAX, &path)
        } else {
            errors::retries_many(span, product.tries, &path)
        };
        let shown = product.way.iter().filter(|edge| edge.repeats_answers && !std::ptr::eq(**edge, *last));
        let problem = shown.fold(problem, |problem, edge| {
            problem.related(span_of(graph, edge), format!("{} tries", edge.tries))
        });
        reported.push(end.origin);
        let problem = problem.note(factors(graph, product, Count::Answers));
        report(planner, problem.about(graph.name(last.from).clone()));
    }
    let many = |product: &&Product<'_, '_>| product.tries > CONNECTIONS_MANY;
    for product in products(graph, Count::Connections).iter().filter(many) {
        let Some(end) = product.way.last().filter(|end| !reported.contains(&end.origin)) else { continue };
        let problem = errors::connections_many(span_of(graph, end), product.tries, &way(graph, &product.way));
        let problem = problem.note(factors(graph, product, Count::Connections));
        report(planner, problem.about(graph.name(end.from).clone()));
    }
}

/// `2 · 3`, and what they are.
fn factors(graph: &Graph<'_>, product: &Product<'_, '_>, count: Count) -> String {
    let factors = product.way.iter().filter(|edge| count.of(edge) > 1);
    let shown: Vec<String> =
        factors.map(|edge| format!("{} to `{}`", edge.tries, graph.name(edge.to))).collect();
    format!("tries: {}", shown.join(", "))
}
