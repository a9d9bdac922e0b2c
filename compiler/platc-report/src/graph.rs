//! Single pictures: who calls whom, what is where, and where requests come in. As SVG, for a page or a pull
//! request; as DOT for Graphviz; as Mermaid for where Markdown is shown.
//!
//! Start with [`draw`].

use std::collections::BTreeSet;
use std::fmt::Write;

use platc_plan::traffic::graph::{Edge, Graph, Node};
use platc_plan::{Plan, Shape};

use crate::svg;

/// Nodes that are drawn, at most; past that nobody sees anything.
pub const DRAWN_NODES: usize = 400;

/// What is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Picture {
    /// Who calls whom, with timeouts and tries.
    Calls,
    /// Datacenters, racks, hosts and clusters.
    Map,
    /// Ways in: balancers, proxies, names and paths, services.
    Routes,
}

/// How it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Scalable Vector Graphics.
    Svg,
    /// Graphviz.
    Dot,
    /// Mermaid flowchart.
    Mermaid,
}

/// Boxes, in frames, with arrows between them.
#[derive(Clone, Default, Debug)]
pub(crate) struct Diagram {
    /// What it shows, for who cannot see it.
    pub(crate) title: String,
    /// Boxes.
    pub(crate) boxes: Vec<Item>,
    /// Arrows.
    pub(crate) arrows: Vec<Arrow>,
    /// Boxes that are not drawn, because there are too many.
    pub(crate) left_out: usize,
}

/// A box.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Item {
    /// Its name.
    pub(crate) name: String,
    /// What it is, under the name.
    pub(crate) detail: String,
    /// `service`, `proxy`, `balancer`, `name`, `host`, `cluster` or `place`.
    pub(crate) kind: &'static str,
    /// The frame that it is in; empty for none.
    pub(crate) frame: String,
}

/// An arrow.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Arrow {
    /// From this box
    pub(crate) from: usize,
    /// to that one.
    pub(crate) to: usize,
    /// What is said on it.
    pub(crate) label: String,
}

/// The picture as text.
pub fn draw(plan: &Plan, picture: Picture, format: Format) -> String {
    let diagram = diagram(plan, picture);
    match format {
        Format::Svg => svg::draw(&diagram, svg::Place::File),
        Format::Dot => dot(&diagram),
        Format::Mermaid => mermaid(&diagram),
    }
}

/// Who calls a workload and whom it calls, as SVG.
pub fn around(plan: &Plan, workload: &str) -> String {
    let mut diagram = calls(plan);
    let is_own = |at: usize| diagram.boxes.get(at).is_some_and(|own| own.name == workload);
    let arrows: Vec<Arrow> =
        diagram.arrows.iter().filter(|arrow| is_own(arrow.from) || is_own(arrow.to)).cloned().collect();
    let mut kept: BTreeSet<usize> = arrows.iter().flat_map(|arrow| [arrow.from, arrow.to]).collect();
    kept.extend((0..diagram.boxes.len()).filter(|at| is_own(*at)));
    let kept: Vec<usize> = kept.into_iter().collect();
    let place = |at: usize| kept.iter().position(|own| *own == at);
    let moved = |arrow: Arrow| Some(Arrow { from: place(arrow.from)?, to: place(arrow.to)?, ..arrow });
    diagram.arrows = arrows.into_iter().filter_map(moved).collect();
    diagram.boxes = kept.iter().filter_map(|at| diagram.boxes.get(*at)).cloned().collect();
    diagram.title = format!("calls of {workload}");
    svg::draw(&cut(diagram), svg::Place::File)
}

pub(crate) fn diagram(plan: &Plan, picture: Picture) -> Diagram {
    let diagram = match picture {
        Picture::Calls => calls(plan),
        Picture::Map => map(plan),
        Picture::Routes => routes(plan),
    };
    cut(diagram)
}

/// The first boxes only, where there are too many.
fn cut(mut diagram: Diagram) -> Diagram {
    diagram.left_out = diagram.boxes.len().saturating_sub(DRAWN_NODES);
    diagram.boxes.truncate(DRAWN_NODES);
    diagram.arrows.retain(|arrow| arrow.from < DRAWN_NODES && arrow.to < DRAWN_NODES);
    diagram.arrows.sort();
    diagram.arrows.dedup();
    diagram
}

fn calls(plan: &Plan) -> Diagram {
    let graph = Graph::new(&plan.workloads, &plan.balancers);
    let mut busy = BTreeSet::new();
    for edge in graph.all() {
        busy.extend([edge.from, edge.to]);
    }
    let mut numbers = vec![None; graph.nodes.len()];
    let mut diagram = Diagram { title: format!("calls of {}", plan.platform.value), ..Diagram::default() };
    for (at, node) in graph.nodes.iter().enumerate() {
        // Who neither calls nor is called is no part of the picture.
        if !busy.contains(&at) {
            continue;
        }
        if let Some(number) = numbers.get_mut(at) {
            *number = Some(diagram.boxes.len());
        }
        diagram.boxes.push(caller(plan, node));
    }
    for edge in graph.all() {
        let ends = (numbers.get(edge.from).copied().flatten(), numbers.get(edge.to).copied().flatten());
        if let (Some(from), Some(to)) = ends {
            diagram.arrows.push(Arrow { from, to, label: budget(edge) });
        }
    }
    diagram
}

fn caller(plan: &Plan, node: &Node<'_>) -> Item {
    match node {
        Node::Balancer(balancer) => Item {
            name: balancer.name.to_string(),
            detail: format!("balancer, {} hosts", balancer.hosts.len()),
            kind: "balancer",
            frame: String::new(),
        },
        Node::Workload(workload) => {
            let (kind, detail) = match &workload.shape {
                Shape::Service(service) => ("service", format!("{} pods", service.replicas.value)),
                Shape::Proxy(proxy) => ("proxy", format!("on {} hosts", proxy.hosts.len())),
                Shape::Daemon(daemon) if daemon.static_pod.value => {
                    ("service", format!("static pod on {} hosts", daemon.hosts.len()))
                }
                Shape::Daemon(daemon) => ("service", format!("on {} hosts", daemon.hosts.len())),
                Shape::Job(_) => ("service", "job".to_owned()),
                Shape::Cron(cron) => ("service", format!("cron {}", cron.schedule.value)),
            };
            let frame = plan.clusters.at(workload.cluster).name.to_string();
            Item { name: workload.name.to_string(), detail, kind, frame }
        }
    }
}

/// `3s, 3 × 900ms`.
fn budget(edge: &Edge<'_>) -> String {
    if edge.tries > 1 {
        format!("{}, {} × {}", edge.timeout.value, edge.tries, edge.per_try.value)
    } else {
        edge.timeout.value.to_string()
    }
}

fn map(plan: &Plan) -> Diagram {
    let mut diagram = Diagram { title: format!("hosts of {}", plan.platform.value), ..Diagram::default() };
    let mut places = Vec::new();
    for host in plan.hosts.values() {
        let rack = host.rack.as_ref().map(|rack| format!("{} / {rack}", host.zone));
        for (name, kind) in [(Some(host.zone.to_string()), "place"), (rack, "rack")] {
            let Some(name) = name.filter(|name| !places.contains(name)) else { continue };
            let detail = if kind == "place" { "datacenter" } else { "rack" };
            places.push(name.clone());
            let frame = String::new();
            diagram.boxes.push(Item { name, detail: detail.to_owned(), kind, frame });
        }
    }
    for at in 0..places.len() {
        let parent =
            places.get(at).and_then(|name| name.split_once(" / ")).map(|(place, _)| place.to_owned());
        let from = parent.and_then(|parent| places.iter().position(|name| *name == parent));
        diagram.arrows.extend(from.map(|from| Arrow { from, to: at, label: String::new() }));
    }
    for host in plan.hosts.values() {
        let rack = host.rack.as_ref().map(|rack| format!("{} / {rack}", host.zone));
        let place = rack.unwrap_or_else(|| host.zone.to_string());
        let detail = if host.cluster.is_some() {
            let memory = crate::text::memory_text(host.capacity.memory.get());
            format!("{} CPU, {memory}", host.capacity.cpu)
        } else {
            "outside".to_owned()
        };
        let to = diagram.boxes.len();
        let from = places.iter().position(|name| *name == place);
        diagram.arrows.extend(from.map(|from| Arrow { from, to, label: String::new() }));
        let frame = plan.cluster_of(host).map_or_else(String::new, |cluster| cluster.name.to_string());
        diagram.boxes.push(Item { name: host.name.to_string(), detail, kind: "host", frame });
    }
    diagram
}

fn routes(plan: &Plan) -> Diagram {
    let mut diagram = Diagram { title: format!("ways into {}", plan.platform.value), ..Diagram::default() };
    for balancer in &plan.balancers {
        let vips: Vec<String> = balancer.vips.iter().map(|vip| vip.value.to_string()).collect();
        let at = if vips.is_empty() { String::new() } else { format!(" at {}", vips.join(", ")) };
        let detail = format!("port {}{at}", balancer.listen.value);
        let from = add(&mut diagram, &balancer.name, &detail, "balancer", "");
        for route in &balancer.routes {
            let mut clusters: Vec<_> =
                route.servers.iter().map(|server| (server.cluster, server.backup)).collect();
            clusters.sort_unstable();
            clusters.dedup();
            for (cluster, backup) in clusters {
                let frame = &plan.clusters.at(cluster).name;
                let to = add(&mut diagram, &route.proxy, "proxy", "proxy", frame);
                let stands_in = if backup { ", stands in" } else { "" };
                let label = format!("{} {}{stands_in}", route.path.value, route.timeout.value);
                diagram.arrows.push(Arrow { from, to, label });
            }
        }
    }
    for workload in &plan.workloads {
        let Shape::Proxy(proxy) = &workload.shape else { continue };
        let frame = &plan.clusters.at(workload.cluster).name;
        let from = add(&mut diagram, &workload.name, "proxy", "proxy", frame);
        for host in &proxy.virtual_hosts {
            let domain = host.domain.as_ref().map_or("any name", |domain| &domain.value);
            let name = add(&mut diagram, domain, "name", "name", frame);
            diagram.arrows.push(Arrow { from, to: name, label: String::new() });
            for route in &host.routes {
                let there = &plan.clusters.at(route.call.target.cluster).name;
                let to = add(&mut diagram, &route.call.target.service, "service", "service", there);
                let label = format!("{} {}", route.path.value, route.call.timeout.value);
                diagram.arrows.push(Arrow { from: name, to, label });
            }
        }
    }
    diagram
}

/// The box of that name, kind and frame; made if it is not there.
fn add(diagram: &mut Diagram, name: &str, detail: &str, kind: &'static str, frame: &str) -> usize {
    let known =
        diagram.boxes.iter().position(|own| own.name == name && own.kind == kind && own.frame == frame);
    known.unwrap_or_else(|| {
        let (name, detail, frame) = (name.to_owned(), detail.to_owned(), frame.to_owned());
        diagram.boxes.push(Item { name, detail, kind, frame });
        diagram.boxes.len() - 1
    })
}

/// Frames in the order in which they first come.
pub(crate) fn frames(diagram: &Diagram) -> Vec<&str> {
    let mut frames: Vec<&str> = Vec::new();
    for own in &diagram.boxes {
        if !own.frame.is_empty() && !frames.contains(&&*own.frame) {
            frames.push(&own.frame);
        }
    }
    frames
}

fn dot(diagram: &Diagram) -> String {
    let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut out = format!(
        "digraph {} {{\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n",
        quote(&diagram.title)
    );
    let line = |at: usize, own: &Item| {
        let label = format!("{}\n{}", own.name, own.detail);
        // DOT has its own line break inside quotes.
        format!("n{at} [label={}];\n", quote(&label).replace('\n', "\\n"))
    };
    for (at, own) in diagram.boxes.iter().enumerate().filter(|(_, own)| own.frame.is_empty()) {
        out += &format!("  {}", line(at, own));
    }
    for (nth, frame) in frames(diagram).into_iter().enumerate() {
        let _ = write!(out, "  subgraph cluster_{nth} {{\n    label={};\n", quote(frame));
        for (at, own) in diagram.boxes.iter().enumerate().filter(|(_, own)| own.frame == *frame) {
            out += &format!("    {}", line(at, own));
        }
        out += "  }\n";
    }
    for arrow in &diagram.arrows {
        let label =
            if arrow.label.is_empty() { String::new() } else { format!(" [label={}]", quote(&arrow.label)) };
        let _ = writeln!(out, "  n{} -> n{}{label};", arrow.from, arrow.to);
    }
    out + "}\n"
}

fn mermaid(diagram: &Diagram) -> String {
    // Mermaid reads entities in quoted text, so that nothing in it can end the quote.
    let quote =
        |text: &str| format!("\"{}\"", text.replace('#', "#35;").replace('"', "#quot;").replace('<', "#lt;"));
    let line = |at: usize, own: &Item| {
        let label =
            format!("{}<br>{}", quote(&own.name).trim_matches('"'), quote(&own.detail).trim_matches('"'));
        format!("n{at}[\"{label}\"]\n")
    };
    let mut out = "flowchart LR\n".to_owned();
    for (at, own) in diagram.boxes.iter().enumerate().filter(|(_, own)| own.frame.is_empty()) {
        out += &format!("  {}", line(at, own));
    }
    for (nth, frame) in frames(diagram).into_iter().enumerate() {
        let _ = writeln!(out, "  subgraph f{nth}[{}]", quote(frame));
        for (at, own) in diagram.boxes.iter().enumerate().filter(|(_, own)| own.frame == *frame) {
            out += &format!("    {}", line(at, own));
        }
        out += "  end\n";
    }
    for arrow in &diagram.arrows {
        let label = if arrow.label.is_empty() { String::new() } else { format!("|{}|", quote(&arrow.label)) };
        let _ = writeln!(out, "  n{} -->{label} n{}", arrow.from, arrow.to);
    }
    out
}
