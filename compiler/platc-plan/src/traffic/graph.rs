//! [`Graph`]: who sends to whom, over all clusters: balancers, proxies and everything that calls. Proofs and
//! figures go along it.
//!
//! Start with [`Graph::new`].

use std::collections::{BTreeMap, VecDeque};

use platc_diag::{Origin, Sourced};
use platc_model::generated::{Cluster, Protocol};
use platc_model::scalar::Duration;
use platc_model::{Id, Items, Text};

use super::repeats_answers;
use crate::plan::{BalancerPlan, CallPlan, ClusterPlan, Shape, Workload};

/// Who sends to whom.
#[derive(Debug)]
pub struct Graph<'p> {
    /// Balancers first, then workloads in the order of the plan.
    pub nodes: Vec<Node<'p>>,
    /// What each node sends, in the order of its calls.
    pub edges: Vec<Vec<Edge<'p>>>,
    /// By node, a number that is the same for all on one circle. Whoever is called has a smaller one.
    circles: Vec<usize>,
}

/// Who sends.
#[derive(Clone, Copy, Debug)]
pub enum Node<'p> {
    /// A balancer on machines outside.
    Balancer(&'p BalancerPlan),
    /// Something that becomes pods.
    Workload(&'p Workload),
}

/// A call, a route of a proxy or of a balancer.
#[derive(Clone, Debug)]
pub struct Edge<'p> {
    /// Who sends.
    pub from: usize,
    /// Who is sent to.
    pub to: usize,
    /// How long it may take, tries included.
    pub timeout: Sourced<Duration>,
    /// How long one try may take.
    pub per_try: Sourced<Duration>,
    /// Tries in all.
    pub tries: u64,
    /// Whether an answer can be the reason for another try; else only what never arrived is sent again.
    pub repeats_answers: bool,
    /// Beginning of the path, of a route.
    pub path: Option<&'p str>,
    /// Whether requests and answers can be told apart at all.
    pub protocol: Protocol,
    /// Where it is written.
    pub origin: Origin,
}

impl<'p> Graph<'p> {
    /// The graph of a plan.
    pub fn new(workloads: &'p [Workload], balancers: &'p [BalancerPlan]) -> Self {
        let nodes: Vec<Node<'p>> =
            balancers.iter().map(Node::Balancer).chain(workloads.iter().map(Node::Workload)).collect();
        let by_name: BTreeMap<(Id<Cluster>, &str), usize> = nodes
            .iter()
            .enumerate()
            .filter_map(|(at, node)| match node {
                Node::Workload(workload) => Some(((workload.cluster, &*workload.name), at)),
                Node::Balancer(_) => None,
            })
            .collect();
        let edges: Vec<Vec<Edge<'p>>> = nodes
            .iter()
            .enumerate()
            .map(|(from, node)| match node {
                Node::Balancer(balancer) => sent_by_balancer(from, balancer, &by_name),
                Node::Workload(workload) => sent_by_workload(from, workload, &by_name),
            })
            .collect();
        let circles = circles(&edges);
        Self { nodes, edges, circles }
    }

    /// Whether both ends of an edge are on one circle.
    pub fn is_on_circle(&self, edge: &Edge<'_>) -> bool {
        self.circles.get(edge.from) == self.circles.get(edge.to)
    }

    /// Nodes so that whoever sends comes before whoever is sent to; on circles in no order.
    pub fn callers_first(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by_key(|at| (std::cmp::Reverse(self.circles.get(*at).copied()), *at));
        order
    }

    /// What a node sends.
    pub fn sent_by(&self, node: usize) -> &[Edge<'p>] {
        self.edges.get(node).map_or(&[], Vec::as_slice)
    }

    /// All edges.
    pub fn all(&self) -> impl Iterator<Item = &Edge<'p>> {
        self.edges.iter().flatten()
    }

    /// Name of a node.
    pub fn name(&self, node: usize) -> &'p Text {
        match self.nodes.get(node) {
            Some(Node::Balancer(balancer)) => &balancer.name,
            Some(Node::Workload(workload)) => &workload.name,
            None => unreachable!("edges are made of nodes"),
        }
    }

    /// Name of a node with its place: `ingest@prod-a`.
    pub fn place(&self, node: usize, clusters: &Items<Cluster, ClusterPlan>) -> String {
        match self.nodes.get(node) {
            Some(Node::Workload(workload)) => {
                format!("{}@{}", workload.name, clusters.at(workload.cluster).name)
            }
            _ => self.name(node).to_string(),
        }
    }

    /// A shortest way round for each circle, as its edges, in the order of their first nodes.
    pub fn circles(&self) -> Vec<Vec<&Edge<'p>>> {
        let mut seen = Vec::new();
        let mut found = Vec::new();
        for node in 0..self.nodes.len() {
            let Some(circle) = self.circles.get(node) else { continue };
            if seen.contains(circle) {
                continue;
            }
            if let Some(way) = self.way_round(node) {
                seen.push(*circle);
                found.push(way);
            }
        }
        found
    }

    /// The fewest edges from a node back to itself.
    fn way_round(&self, start: usize) -> Option<Vec<&Edge<'p>>> {
        let mut came_by: BTreeMap<usize, &Edge<'p>> = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            for edge in self.sent_by(node).iter().filter(|edge| self.is_on_circle(edge)) {
                if came_by.contains_key(&edge.to) {
                    continue;
                }
                came_by.insert(edge.to, edge);
                if edge.to == start {
                    return Some(way_back(&came_by, start));
                }
                queue.push_back(edge.to);
            }
        }
        None
    }
}

fn way_back<'g, 'p>(came_by: &BTreeMap<usize, &'g Edge<'p>>, start: usize) -> Vec<&'g Edge<'p>> {
    let mut way = Vec::new();
    let mut at = start;
    while let Some(edge) = came_by.get(&at) {
        way.push(*edge);
        at = edge.from;
        if at == start {
            break;
        }
    }
    way.reverse();
    way
}

fn sent_by_balancer<'p>(
    from: usize,
    balancer: &'p BalancerPlan,
    by_name: &BTreeMap<(Id<Cluster>, &str), usize>,
) -> Vec<Edge<'p>> {
    let mut edges = Vec::new();
    for route in &balancer.routes {
        let mut clusters: Vec<Id<Cluster>> = route.servers.iter().map(|server| server.cluster).collect();
        clusters.sort_unstable();
        clusters.dedup();
        let to = clusters.iter().filter_map(|cluster| by_name.get(&(*cluster, &*route.proxy)));
        edges.extend(to.map(|to| Edge {
            from,
            to: *to,
            timeout: route.timeout,
            per_try: route.timeout,
            tries: tries(route.retries.value),
            // A balancer tries again only what no proxy accepted.
            repeats_answers: false,
            path: Some(&route.path.value),
            protocol: Protocol::Http,
            origin: route.origin,
        }));
    }
    edges
}

fn sent_by_workload<'p>(
    from: usize,
    workload: &'p Workload,
    by_name: &BTreeMap<(Id<Cluster>, &str), usize>,
) -> Vec<Edge<'p>> {
    let edge = |call: &'p CallPlan, path: Option<&'p str>| {
        let to = by_name.get(&(call.target.cluster, &*call.target.service))?;
        Some(Edge {
            from,
            to: *to,
            timeout: call.timeout,
            per_try: call.per_try,
            tries: tries(call.retries.value),
            repeats_answers: repeats_answers(call),
            path,
            protocol: call.target.protocol,
            origin: call.origin,
        })
    };
    let calls = workload.sidecar.iter().flat_map(|sidecar| &sidecar.calls);
    let mut edges: Vec<Edge<'p>> = calls.filter_map(|call| edge(call, None)).collect();
    if let Shape::Proxy(proxy) = &workload.shape {
        for route in proxy.virtual_hosts.iter().flat_map(|host| &host.routes) {
            // A path under any name is among those of each name.
            let known = edges.iter().any(|known| known.origin == route.call.origin);
            edges.extend(edge(&route.call, Some(&route.path.value)).filter(|_| !known));
        }
    }
    edges
}

fn tries(retries: i64) -> u64 {
    u64::try_from(retries).unwrap_or(0).saturating_add(1)
}

/// For each node the number of its strongly connected component, callees before callers: Tarjan's algorithm,
/// without recursion, because a chain may be as long as the platform is large.
fn circles(edges: &[Vec<Edge<'_>>]) -> Vec<usize> {
    let mut search =
        Search { visits: vec![Visit::default(); edges.len()], open: Vec::new(), n_seen: 0, n_done: 0 };
    for start in 0..edges.len() {
        if search.visit(start).seen.is_none() {
            search.go(start, edges);
        }
    }
    search.visits.iter().map(|visit| visit.circle.unwrap_or(usize::MAX)).collect()
}

/// What the search knows of a node.
#[derive(Clone, Copy, Default)]
struct Visit {
    /// When it was first seen.
    seen: Option<usize>,
    /// The earliest seen node that it can reach.
    low: usize,
    /// Its component, once that is known.
    circle: Option<usize>,
}

struct Search {
    visits: Vec<Visit>,
    /// Nodes whose component is not known yet, in the order in which they were seen.
    open: Vec<usize>,
    n_seen: usize,
    n_done: usize,
}

impl Search {
    fn visit(&self, node: usize) -> Visit {
        self.visits.get(node).copied().unwrap_or_default()
    }

    fn change(&mut self, node: usize, change: impl FnOnce(&mut Visit)) {
        if let Some(visit) = self.visits.get_mut(node) {
            change(visit);
        }
    }

    fn go(&mut self, start: usize, edges: &[Vec<Edge<'_>>]) {
        self.enter(start);
        // Each node with the first of its edges that was not followed yet.
        let mut way = vec![(start, 0)];
        while let Some((node, next)) = way.pop() {
            let sent = edges.get(node).map_or(&[][..], Vec::as_slice);
            let unseen = sent.iter().skip(next).position(|edge| self.visit(edge.to).seen.is_none());
            match unseen.and_then(|ahead| Some((next + ahead, sent.get(next + ahead)?.to))) {
                Some((at, to)) => {
                    way.push((node, at + 1));
                    self.enter(to);
                    way.push((to, 0));
                }
                None => self.leave(node, sent),
            }
        }
    }

    fn enter(&mut self, node: usize) {
        let n_seen = self.n_seen;
        self.change(node, |visit| *visit = Visit { seen: Some(n_seen), low: n_seen, circle: None });
        self.open.push(node);
        self.n_seen += 1;
    }

    fn leave(&mut self, node: usize, sent: &[Edge<'_>]) {
        let reached = sent.iter().map(|edge| self.visit(edge.to)).filter(|visit| visit.circle.is_none());
        let low = reached.map(|visit| visit.low).min().unwrap_or(usize::MAX).min(self.visit(node).low);
        self.change(node, |visit| visit.low = low);
        if Some(low) != self.visit(node).seen {
            return;
        }
        let n_done = self.n_done;
        while let Some(member) = self.open.pop() {
            self.change(member, |visit| visit.circle = Some(n_done));
            if member == node {
                break;
            }
        }
        self.n_done += 1;
    }
}
