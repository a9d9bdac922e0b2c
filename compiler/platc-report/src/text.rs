//! `platc capacity`: the ledger and the losses as tables of text.
//!
//! Start with [`capacity`].

use serde_json::Value;

/// What [`crate::data::capacity`] gives, for a terminal: figures right-aligned, nothing wider than it must be.
pub fn capacity(data: &Value) -> String {
    let mut out = String::new();
    for cluster in list(data, "clusters") {
        out += &cluster_text(cluster);
    }
    out += &claims(data);
    out += &losses("loss of", list(data, "losses"));
    out += &drains(data);
    out += &losses("asked about: loss of", data.get("lost").map_or(&[], std::slice::from_ref));
    out
}

fn cluster_text(cluster: &Value) -> String {
    let mut out = format!(
        "cluster {}: {} pods ask for {} CPU and {} of {} CPU and {} ({} %, {} %); placement: {}\n\n",
        text(cluster, "name"),
        number(cluster, "pods"),
        cpu(cluster, "demand"),
        memory(cluster, "demand"),
        cpu(cluster, "free"),
        memory(cluster, "free"),
        number(&cluster["percent"], "cpu"),
        number(&cluster["percent"], "memory"),
        text(cluster, "placement"),
    );
    let mut hosts =
        Table::new(&["host", "CPU", "reserved", "fixed", "asked", "left", "memory", "left", "pods", "CPU %"]);
    for host in list(cluster, "hosts") {
        let pods: u64 = list(host, "pods").iter().map(|pods| number(pods, "count")).sum();
        hosts.row(vec![
            text(host, "name").to_owned(),
            cpu(host, "capacity"),
            cpu(host, "reserved_total"),
            cpu(host, "fixed_total"),
            cpu(host, "asked"),
            cpu(host, "left"),
            memory(host, "capacity"),
            memory(host, "left"),
            pods.to_string(),
            number(&host["percent"], "cpu").to_string(),
        ]);
    }
    out += &hosts.print();
    out += &taken(cluster);
    let mut services = Table::new(&[
        "service",
        "pods",
        "CPU",
        "memory",
        "surge CPU",
        "surge memory",
        "limit of a pod",
        "room for more",
    ]);
    for service in list(cluster, "services") {
        services.row(vec![
            text(service, "name").to_owned(),
            number(service, "replicas").to_string(),
            cpu(service, "request"),
            memory(service, "request"),
            cpu(service, "surge"),
            memory(service, "surge"),
            limits(service),
            service["more_replicas"].as_u64().map_or_else(|| "-".to_owned(), |more| more.to_string()),
        ]);
    }
    out += &services.print();
    out
}

/// What takes room of hosts before any service, and on which.
fn taken(cluster: &Value) -> String {
    let hosts = list(cluster, "hosts");
    let mut takers: Vec<(&Value, &str, Vec<&str>)> = Vec::new();
    for host in hosts {
        for (kind, load) in
            ["reserved", "fixed"].iter().flat_map(|kind| list(host, kind).iter().map(|load| (*kind, load)))
        {
            match takers.iter_mut().find(|(known, known_kind, _)| *known == load && *known_kind == kind) {
                Some((_, _, on)) => on.push(text(host, "name")),
                None => takers.push((load, kind, vec![text(host, "name")])),
            }
        }
    }
    takers.sort_by_key(|(_, kind, _)| *kind != "reserved");
    let mut table = Table::new(&["before any service", "", "CPU", "memory", "on"]);
    for (load, kind, on) in takers {
        let cpu = cpu_text(number(load, "cpu_millis"));
        let memory = memory_text(number(load, "memory_bytes"));
        table.row(vec![
            text(load, "name").to_owned(),
            kind.to_owned(),
            cpu,
            memory,
            some_of(&on, hosts.len()),
        ]);
    }
    table.print()
}

/// Names of hosts, if they are few.
fn some_of(names: &[&str], all: usize) -> String {
    const NAMED: usize = 6;
    if names.len() == all {
        return format!("all {all} hosts");
    }
    let named = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// What a pod may use at most, of each variant: `2 CPU, 1 GiB`.
fn limits(service: &Value) -> String {
    let each = list(service, "variants").iter().map(|variant| {
        let limit = &variant["limit"];
        let cpu = limit["cpu_millis"].as_u64().map_or_else(|| "no".to_owned(), cpu_text);
        format!("{cpu} CPU, {}", memory_text(number(limit, "memory_bytes")))
    });
    let mut each: Vec<String> = each.collect();
    each.dedup();
    each.join("; ")
}

fn claims(data: &Value) -> String {
    let mut table = Table::new(&["claim", "survives", "cases", "verdict"]);
    for claim in list(data, "claims") {
        let of: Vec<&str> = list(claim, "of").iter().filter_map(Value::as_str).collect();
        table.row(vec![
            of.join(", "),
            text(claim, "loss").to_owned(),
            number(claim, "cases").to_string(),
            text(claim, "standing").to_owned(),
        ]);
    }
    table.print()
}

fn drains(data: &Value) -> String {
    let mut table = Table::new(&["drain of", "verdict", "what happens"]);
    for drain in list(data, "drains") {
        let hosts: Vec<&str> = list(drain, "hosts").iter().filter_map(Value::as_str).collect();
        let (standing, what) = (text(drain, "standing"), text(drain, "what"));
        table.row(vec![hosts.join(", "), standing.to_owned(), what.to_owned()]);
    }
    table.print()
}

fn losses(head: &str, losses: &[Value]) -> String {
    let mut table = Table::new(&[head, "verdict", "what happens"]);
    for loss in losses {
        let rooms = list(loss, "rooms").iter().map(|room| {
            let percent = number(room, "cpu_percent");
            format!("{}: {}, {percent} % of the CPU left", text(room, "cluster"), text(room, "fit"))
        });
        let breaks = list(loss, "breaks").iter().map(|broken| text(broken, "why").to_owned());
        let happens: Vec<String> = breaks.chain(rooms).collect();
        let alike: Vec<&str> = list(loss, "alike").iter().filter_map(Value::as_str).collect();
        let lost = text(loss, "lost");
        let lost =
            if alike.is_empty() { lost.to_owned() } else { format!("{lost} (so {})", alike.join(", ")) };
        let mut lines = happens.into_iter();
        table.row(vec![
            lost,
            text(loss, "standing").to_owned(),
            lines.next().unwrap_or_else(|| "nothing".to_owned()),
        ]);
        for line in lines {
            table.row(vec![String::new(), String::new(), line]);
        }
    }
    table.print()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or("")
}

fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or(0)
}

fn cpu(value: &Value, name: &str) -> String {
    cpu_text(number(&value[name], "cpu_millis"))
}

fn memory(value: &Value, name: &str) -> String {
    memory_text(number(&value[name], "memory_bytes"))
}

/// Cores, rounded down: one digit behind the point, three below one core: `70.6`, `0.025`.
pub(crate) fn cpu_text(millis: u64) -> String {
    let (whole, part) = (millis / 1000, millis % 1000);
    let part = if whole > 0 { part / 100 * 100 } else { part };
    let text = format!("{whole}.{part:03}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// GiB with one digit behind the point, MiB below one GiB; rounded down.
pub(crate) fn memory_text(bytes: u64) -> String {
    let mib = bytes >> 20;
    if mib < 1024 {
        return format!("{mib} MiB");
    }
    let tenths = mib * 10 / 1024;
    if tenths.is_multiple_of(10) {
        format!("{} GiB", tenths / 10)
    } else {
        format!("{}.{} GiB", tenths / 10, tenths % 10)
    }
}

/// Columns as wide as they must be; the first and the last left-aligned if the last is words.
struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(head: &[&str]) -> Self {
        Self { head: head.iter().map(|name| (*name).to_owned()).collect(), rows: Vec::new() }
    }

    fn row(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    fn print(&self) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let width = |column: usize| {
            let cells = std::iter::once(&self.head).chain(&self.rows).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        let is_number = |column: usize| {
            let mut cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.all(|cell| {
                cell.is_empty() || cell == "-" || cell.starts_with(|first: char| first.is_ascii_digit())
            })
        };
        let right: Vec<bool> = (0..self.head.len()).map(is_number).collect();
        let mut out = String::new();
        for row in std::iter::once(&self.head).chain(&self.rows) {
            let cells = row.iter().zip(&widths).zip(&right).map(|((cell, width), right)| {
                if *right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
            out += cells.collect::<Vec<_>>().join("  ").trim_end();
            out.push('\n');
        }
        out.push('\n');
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_rounded_down() {
        assert_eq!(cpu_text(70_600), "70.6");
        assert_eq!(cpu_text(2000), "2");
        assert_eq!(cpu_text(999), "0.999");
        assert_eq!(cpu_text(25), "0.025");
        assert_eq!(cpu_text(0), "0");
        assert_eq!(cpu_text(20_050), "20");
        assert_eq!(memory_text(84_120 << 20), "82.1 GiB");
        assert_eq!(memory_text(512 << 20), "512 MiB");
    }
}
