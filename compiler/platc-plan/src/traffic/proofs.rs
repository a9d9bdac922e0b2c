//! What must hold of the traffic as a whole. Each proof goes along the graph of calls and shows the shortest
//! thing that refutes it.
//!
//! Start with [`prove`].

mod addresses;
mod circles;
mod health;
mod retries;
mod timeouts;

use platc_diag::{Diagnostic, Span};
use platc_model::Items;
use platc_model::generated::Cluster;

use super::graph::{Edge, Graph, Node};
use crate::plan::{BalancerPlan, ClusterPlan, Workload};
use crate::{Planner, place};

pub use health::{CHECKS_PER_S_MAX, HealthLoad, loads};
pub use retries::{ANSWERS_MANY, ANSWERS_MAX, CONNECTIONS_MANY, Count, Product, products};

/// Tries to refute what must hold.
pub(crate) fn prove(
    planner: &mut Planner<'_>,
    clusters: &Items<Cluster, ClusterPlan>,
    workloads: &[Workload],
    balancers: &[BalancerPlan],
) {
    let graph = Graph::new(workloads, balancers);
    circles::check(planner, &graph);
    timeouts::check(planner, &graph);
    retries::check(planner, &graph);
    health::check(planner, workloads);
    addresses::check(planner, clusters, workloads);
}

/// The same mistake at each cluster is one mistake.
fn report(planner: &mut Planner<'_>, problem: Diagnostic) {
    let known = |known: &Diagnostic| {
        known.span() == problem.span()
            && known.code() == problem.code()
            && known.message() == problem.message()
    };
    if !planner.problems.iter().any(known) {
        planner.report(problem);
    }
}

/// Where an edge is written.
fn span_of(graph: &Graph<'_>, edge: &Edge<'_>) -> Span {
    let otherwise = match graph.nodes.get(edge.from) {
        Some(Node::Balancer(balancer)) => balancer.span,
        Some(Node::Workload(workload)) => workload.span,
        None => unreachable!("edges are made of nodes"),
    };
    place(edge.origin, otherwise)
}

/// `a` → `b` → `c`.
fn way(graph: &Graph<'_>, edges: &[&Edge<'_>]) -> String {
    let first = edges.first().map(|edge| edge.from);
    let names = first.into_iter().chain(edges.iter().map(|edge| edge.to));
    names.map(|node| format!("`{}`", graph.name(node))).collect::<Vec<_>>().join(" → ")
}
