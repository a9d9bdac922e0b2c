//! Capacity as a picture: for each cluster, and for each of its hosts, how much of the CPU and memory that
//! services may have is asked for, and which part of it one workload asks.
//!
//! Not here: whether what is asked for fits (proofs); a host's bar shows what is bound to it.
//!
//! Start with [`capacity`].

use std::fmt::Write;

use platc_model::Id;
use platc_model::generated::Cluster;
use platc_plan::ledger::workload_request;
use platc_plan::{Amount, Plan, Workload};

use crate::svg::escape;
use crate::text::memory_text;

/// Width of a bar.
const BAR: u64 = 300;
const BAR_LEFT: u64 = 230;
const ROW: u64 = 22;
const WIDTH: u64 = BAR_LEFT + BAR + 250;
/// Hosts that are drawn of a cluster, at most, those with the least left first.
pub const DRAWN_HOSTS: usize = 40;

const STYLE: &str = "\
svg.bars{font-family:system-ui,sans-serif;font-size:12px;color:#1d2430;background:#fff}\
.bars text{fill:currentColor}.bars .head{font-size:14px;font-weight:600}.bars .room{fill:#dfe5ee}\
.bars .asked{fill:#3a6ea5}.bars .own{fill:#e0901f}.bars .over{fill:#c0392b}\
@media (prefers-color-scheme:dark){svg.bars{color:#e6e9ef;background:#14181f}.bars .room{fill:#2a313c}\
.bars .asked{fill:#6aa0dc}.bars .own{fill:#f0b050}.bars .over{fill:#e8695c}}";

/// Bars of all clusters, or of those that the workload of that name runs in, with its part of them.
pub fn capacity(plan: &Plan, workload: Option<&str>) -> String {
    let own: Vec<&Workload> = plan.workloads.iter().filter(|one| Some(&*one.name) == workload).collect();
    let mut rows = String::new();
    let mut y = 6;
    for (id, cluster) in plan.clusters.iter() {
        let here: Vec<&&Workload> = own.iter().filter(|one| one.cluster == id).collect();
        if !own.is_empty() && here.is_empty() {
            continue;
        }
        let Some(ledger) = plan.ledger.clusters.get(id) else { continue };
        let asks = here.iter().fold(Amount::default(), |sum, one| sum.plus(workload_request(one)));
        y += ROW;
        let title = format!("cluster {}, {} pods", cluster.name, ledger.pods);
        let _ = write!(rows, "<text class=\"head\" x=\"10\" y=\"{y}\">{}</text>", escape(&title));
        for bar in bars("", ledger.free, ledger.demand, asks) {
            y += ROW;
            rows += &row(y, &bar);
        }
        for (name, allocatable, fixed) in hosts(plan, id) {
            for bar in bars(&format!("{name}: "), allocatable, fixed, Amount::default()) {
                y += ROW;
                rows += &row(y, &bar);
            }
        }
        y += ROW / 2;
    }
    let height = y + ROW;
    format!(
        "<svg class=\"bars\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-label=\"capacity\"><style>{STYLE}</style>{rows}</svg>\n"
    )
}

/// One bar.
struct Bar {
    label: String,
    words: String,
    /// Parts of the whole in permille: all that is asked for, and by the workload.
    asked: u64,
    own: u64,
}

/// A bar for CPU and one for memory.
fn bars(of: &str, room: Amount, asked: Amount, own: Amount) -> [Bar; 2] {
    let permille = |part: u64, whole: u64| part.saturating_mul(1000).checked_div(whole).unwrap_or(0);
    let words = |asked: String, room: String, own: Option<String>| {
        let own = own.map_or_else(String::new, |own| format!(", {own} of it here"));
        format!("{asked} of {room}{own}")
    };
    let mine = |amount: String| (own != Amount::default()).then_some(amount);
    let bytes = |amount: Amount| memory_text(amount.memory.get());
    let cpu = |amount: Amount| amount.cpu.as_milli();
    [
        Bar {
            label: format!("{of}CPU"),
            words: words(asked.cpu.to_string(), room.cpu.to_string(), mine(own.cpu.to_string())),
            asked: permille(cpu(asked), cpu(room)),
            own: permille(cpu(own), cpu(room)),
        },
        Bar {
            label: format!("{of}memory"),
            words: words(bytes(asked), bytes(room), mine(bytes(own))),
            asked: permille(asked.memory.get(), room.memory.get()),
            own: permille(own.memory.get(), room.memory.get()),
        },
    ]
}

/// A line with a bar: what there is, all that is asked for, and the workload's part at its end.
fn row(y: u64, bar: &Bar) -> String {
    let width = |permille: u64| permille.min(1000) * BAR / 1000;
    let (top, asked, own) = (y - 11, width(bar.asked), width(bar.own).min(width(bar.asked)));
    let class = if bar.asked > 1000 { "over" } else { "asked" };
    let left = BAR_LEFT + asked - own;
    let (label, words) = (escape(&bar.label), escape(&bar.words));
    let rect = |class: &str, x: u64, width: u64| {
        format!("<rect class=\"{class}\" x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"12\"/>")
    };
    format!(
        "<text x=\"20\" y=\"{y}\">{label}</text>{}{}{}<text x=\"{}\" y=\"{y}\">{words}</text>",
        rect("room", BAR_LEFT, BAR),
        rect(class, BAR_LEFT, asked),
        rect("own", left, own),
        BAR_LEFT + BAR + 10,
    )
}

/// Hosts of a cluster with what pods may use and what is bound to them, those with the least left first.
fn hosts(plan: &Plan, id: Id<Cluster>) -> Vec<(&str, Amount, Amount)> {
    let cluster = plan.clusters.at(id);
    let bound = |node: &Id<platc_model::generated::Host>| {
        let ledger = plan.ledger.hosts.get(*node)?;
        let fixed = ledger.fixed.iter().fold(Amount::default(), |sum, load| sum.plus(load.amount));
        Some((&*plan.hosts.at(*node).name, ledger.allocatable, fixed))
    };
    let mut hosts: Vec<_> = cluster.nodes.iter().filter_map(bound).collect();
    let left =
        |(_, room, fixed): &(&str, Amount, Amount)| room.cpu.as_milli().saturating_sub(fixed.cpu.as_milli());
    hosts.sort_by_key(left);
    hosts.truncate(DRAWN_HOSTS);
    hosts
}
