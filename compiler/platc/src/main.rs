//! The command line: what is asked, and what is said. For now a sketch that prints a model.

fn main() {
    let root = std::env::args().nth(1).unwrap();
    let t = std::time::Instant::now();
    let analysis = platc_driver::analysis::analyse(
        &platc_driver::world::Disk,
        std::path::Path::new(&root),
        Default::default(),
    );
    let el = t.elapsed();
    print!("{}", platc_testkit::describe_findings(&analysis.problems, &analysis.files));
    if std::env::args().nth(2).is_some() {
        let plan = &analysis.plan;
        for (id, h) in plan.hosts.iter() {
            println!(
                "{} {:?} pods={:?} reserved={} alloc={} {} free={} {}",
                h.name,
                h.address.value,
                h.pods.map(|p| p.value.to_string()),
                h.reservation.reserved_cpus,
                h.allocatable.cpu,
                h.allocatable.memory,
                plan.ledger.hosts.at(id).free.cpu,
                plan.ledger.hosts.at(id).free.memory
            );
            for r in &h.routes {
                println!("    {}", platc_plan::facts::route_text(r));
            }
            for v in &h.vips {
                println!("    vip {} {} {}", v.address.value, v.vrid, v.priority);
            }
        }
        for c in plan.ledger.clusters.values() {
            println!(
                "free {} {} demand {} {} pods {}",
                c.free.cpu, c.free.memory, c.demand.cpu, c.demand.memory, c.pods
            );
        }
        for w in &plan.workloads {
            println!(
                "{}/{} variants={:?} shutdown={}/{}/{}",
                w.namespace.value,
                w.name,
                w.variants
                    .iter()
                    .map(|v| (v.name.to_string(), v.replicas, v.memory_limit.value.to_string()))
                    .collect::<Vec<_>>(),
                w.shutdown.pre_stop_s.value,
                w.shutdown.drain_s.value,
                w.shutdown.grace_s.value
            );
        }
        for s in analysis.model.services.values() {
            for at in &s.at {
                println!(
                    "{} @{} replicas={} memory={:?} aa={:?} calls={:?}",
                    s.head.name,
                    at.place.index(),
                    *at.value.replicas,
                    at.value.placed.memory.both.map(|b| b.value.to_string()),
                    at.value.anti_affinity.strictness.value,
                    at.value
                        .workload
                        .calls
                        .iter()
                        .map(|c| (c.timeout.to_string(), c.retry_on.value))
                        .collect::<Vec<_>>()
                );
                if let Some(c) = &at.value.workload.config {
                    println!("   {}", show(&analysis.types, &c.value.value.value));
                }
            }
        }
    }
    println!("{} items, {:?}", analysis.expanded.items.len(), el);
}

fn show(types: &platc_model::types::Types, v: &platc_model::Value) -> String {
    use platc_model::Value as V;
    match v {
        V::List(l) => format!("[{}]", l.iter().map(|x| show(types, x)).collect::<Vec<_>>().join(", ")),
        V::Map(m) => format!(
            "{{{}}}",
            m.iter().map(|(k, x)| format!("{k}: {}", show(types, x))).collect::<Vec<_>>().join(", ")
        ),
        V::Record(r) => format!(
            "{{{}}}",
            types
                .record(r.ty)
                .fields
                .iter()
                .zip(&r.slots)
                .filter_map(|(f, s)| Some(format!("{}: {}", f.name, show(types, s.as_ref()?))))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        v => v.to_string(),
    }
}
