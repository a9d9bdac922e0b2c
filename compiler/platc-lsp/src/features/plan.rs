//! What the plan says about a declaration, in a few words: for hints beside it and lenses above it.
//!
//! Start with [`hints_of`] and [`lenses_of`].

use platc_diag::{Sourced, Span};
use platc_model::scalar::{Bytes, Cpu};
use platc_plan::{Plan, Workload};

use crate::known::Known;

/// Words beside a name, each with a longer form.
pub(crate) struct Hint {
    /// The declaration's name.
    pub(crate) name: Span,
    pub(crate) text: String,
    pub(crate) more: String,
}

/// Pod ranges of hosts, classes of service and sums of requests of workloads, what is left of clusters.
pub(crate) fn hints_of(known: &Known, file: platc_diag::FileId) -> Vec<Hint> {
    let plan = known.plan();
    let mut hints = Vec::new();
    for host in plan.hosts.values().filter(|host| host.span.file == file) {
        if let Some(pods) = &host.pods {
            let room = host.allocatable;
            hints.push(Hint {
                name: host.span,
                text: format!("pods {}", pods.value),
                more: format!("Pods of `{}` may use {} CPU and {}.", host.name, room.cpu, room.memory),
            });
        }
    }
    for (id, cluster) in plan.clusters.iter().filter(|(_, cluster)| cluster.span.file == file) {
        if let Some(ledger) = plan.ledger.clusters.get(id) {
            let (free, demand) = (ledger.free, ledger.demand);
            hints.push(Hint {
                name: cluster.span,
                text: format!("{} of {} CPU, {} of {}", demand.cpu, free.cpu, demand.memory, free.memory),
                more: format!("{} pods ask for {} CPU and {}.", ledger.pods, demand.cpu, demand.memory),
            });
        }
    }
    for (name, own) in workloads_in(plan, file) {
        if !is_wrong(known, &own) {
            hints.push(workload_hint(plan, name, &own));
        }
    }
    hints
}

/// Whether something is wrong with a workload, so that its figures may be.
fn is_wrong(known: &Known, own: &[&Workload]) -> bool {
    let name = own.first().map(|workload| &*workload.name);
    known.problems().iter().any(|finding| finding.is_error() && finding.subject() == name)
}

/// Workloads by the place of their name: the same one at several clusters is one.
fn workloads_in(plan: &Plan, file: platc_diag::FileId) -> Vec<(Span, Vec<&Workload>)> {
    let mut groups: Vec<(Span, Vec<&Workload>)> = Vec::new();
    for workload in plan.workloads.iter().filter(|workload| workload.span.file == file) {
        match groups.iter_mut().find(|(span, _)| *span == workload.span) {
            Some((_, own)) => own.push(workload),
            None => groups.push((workload.span, vec![workload])),
        }
    }
    groups
}

fn workload_hint(plan: &Plan, name: Span, own: &[&Workload]) -> Hint {
    let class = own.first().map_or("", |workload| qos(workload));
    let (mut cpu, mut memory, mut pods) = (Cpu::milli(0), Bytes::new(0), 0_u64);
    let mut more = String::new();
    for workload in own {
        let at = &plan.clusters.at(workload.cluster).name;
        for (number, variant) in workload.variants.iter().enumerate() {
            let one = platc_plan::ledger::pod_request(workload, number);
            let replicas = u64::from(variant.replicas);
            cpu = Cpu::milli(cpu.as_milli().saturating_add(one.cpu.as_milli().saturating_mul(replicas)));
            memory = Bytes::new(memory.get().saturating_add(one.memory.get().saturating_mul(replicas)));
            pods += replicas;
            more.push_str(&format!(
                "{at}: {} × `{}`, each {} CPU and {}, limit {}\n\n",
                variant.pods(),
                variant.name,
                one.cpu,
                one.memory,
                variant.memory_limit.value
            ));
        }
    }
    let text =
        if pods == 0 { class.to_owned() } else { format!("{class}, {pods} pods: {cpu} CPU, {memory}") };
    Hint { name, text, more: more.trim_end().to_owned() }
}

/// The quality of service that Kubernetes gives a pod: guaranteed if all limits are the requests.
fn qos(workload: &Workload) -> &'static str {
    let app = &workload.app;
    let all = |limit: Option<&Sourced<Cpu>>, request: &Sourced<Cpu>| {
        limit.is_some_and(|limit| limit.value == request.value)
    };
    let cpu = all(app.cpu_limit.as_ref(), &app.cpu_request)
        && workload.inits.iter().all(|init| all(init.cpu_limit.as_ref(), &init.cpu_request));
    let memory = workload.variants.iter().all(|one| {
        one.memory_limit.value == one.memory_request.value
            && one.inits.iter().all(|init| init.limit.value == init.request.value)
    });
    if cpu && memory { "Guaranteed" } else { "Burstable" }
}

/// Lines above a declaration: where it runs, what it needs.
pub(crate) fn lenses_of(known: &Known, file: platc_diag::FileId) -> Vec<(Span, String)> {
    let plan = known.plan();
    let mut lenses = Vec::new();
    for (name, own) in workloads_in(plan, file) {
        if is_wrong(known, &own) {
            continue;
        }
        let places: Vec<String> = own
            .iter()
            .map(|workload| {
                let pods: u32 = workload.variants.iter().map(|variant| variant.replicas).sum();
                let at = &plan.clusters.at(workload.cluster).name;
                if pods == 0 { at.to_string() } else { format!("{at} × {pods}") }
            })
            .collect();
        lenses.push((name, format!("runs at {}", places.join(", "))));
        let needs = workload_hint(plan, name, &own).text;
        lenses.push((name, format!("needs {needs}")));
    }
    for (id, host) in plan.hosts.iter().filter(|(_, host)| host.span.file == file) {
        if host.cluster.is_some()
            && let Some(ledger) = plan.ledger.hosts.get(id)
        {
            lenses.push((host.span, format!("free {} CPU, {}", ledger.free.cpu, ledger.free.memory)));
        }
    }
    lenses
}
