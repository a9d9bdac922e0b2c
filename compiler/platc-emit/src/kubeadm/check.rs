//! Whether kubeadm and the kubelet of the declared version take what is written for them. A document is
//! built as it is written and read by the checks of platc-kube; what they find is shown at the line that the
//! value comes from.

use platc_artifact::{Artifact, Doc};
use platc_diag::{Origin, Problems};
use platc_kube::config::{Host, check_config, check_files};
use platc_kube::{Finding, Target, check_patch};
use platc_plan::{ClusterPlan, Plan, clusters::minor};
use rayon::prelude::*;

use super::{init, join, kubelet, patches};
use crate::hosts::{OnHost, all, map_of};
use crate::kube::{Checked, report};

/// Checks every document. Hosts are on their own, and there may be thousands; what is found is in their order.
pub(super) fn check(plan: &Plan, problems: &mut Problems) {
    let hosts: Vec<OnHost<'_>> = all(plan).collect();
    let found: Vec<Problems> =
        hosts.par_iter().map_init(Artifact::new, |artifact, on| of_host(on, artifact)).collect();
    for own in found {
        problems.extend(own);
    }
}

fn of_host(on: &OnHost<'_>, artifact: &mut Artifact) -> Problems {
    let mut problems = Problems::new();
    let Some(cluster) = on.cluster else { return problems };
    let write: fn(&OnHost<'_>, &mut Artifact) = if on.is_first() { init::write } else { join::write };
    for write in [write, join::upgrade] {
        artifact.begin(platc_artifact::ArtifactPath::default(), "", platc_artifact::Target::Platform);
        write(on, artifact);
        file(on, cluster, artifact.docs(), &mut problems);
    }
    merged(on, cluster, &mut problems);
    static_pods(on, cluster, artifact, &mut problems);
    problems
}

fn file(on: &OnHost<'_>, cluster: &ClusterPlan, docs: &[Doc], problems: &mut Problems) {
    let target = Target::of(minor(cluster.version.value));
    let nodes: Vec<Checked<'_>> = docs.iter().filter_map(Doc::root).map(Checked).collect();
    let mut found: Vec<(usize, Finding)> = Vec::new();
    for (nth, node) in nodes.iter().enumerate() {
        let mut findings = Vec::new();
        check_config(*node, &target, &about(on), &mut findings);
        found.extend(findings.into_iter().map(|finding| (nth, finding)));
    }
    check_files(&nodes, &mut found);
    for (nth, finding) in found {
        if let Some(doc) = docs.get(nth) {
            report(doc, [finding], cluster.span, &on.host.name, problems);
        }
    }
}

/// What the kubelet of this host reads in the end.
fn merged(on: &OnHost<'_>, cluster: &ClusterPlan, problems: &mut Problems) {
    let mut doc = Doc::new();
    map_of(&mut doc, Origin::written(on.host.span), |m| kubelet::merged(m, on, cluster));
    let mut findings = Vec::new();
    if let Some(root) = doc.root() {
        check_config(Checked(root), &Target::of(minor(cluster.version.value)), &about(on), &mut findings);
    }
    report(&doc, findings, on.host.span, &on.host.name, problems);
}

fn static_pods(on: &OnHost<'_>, cluster: &ClusterPlan, artifact: &mut Artifact, problems: &mut Problems) {
    let target = Target::of(minor(cluster.version.value));
    for part in patches::of(on) {
        artifact.begin(platc_artifact::ArtifactPath::default(), "", platc_artifact::Target::Platform);
        patches::write(on, part, artifact);
        let [doc] = artifact.docs() else { continue };
        let mut findings = Vec::new();
        if let Some(root) = doc.root() {
            check_patch(Checked(root), "v1", "Pod", &target, &mut findings);
        }
        report(doc, findings, on.host.span, &on.host.name, problems);
    }
}

fn about(on: &OnHost<'_>) -> Host {
    let n_cpus = u32::try_from(on.host.capacity.cpu.floor()).ok().filter(|n| *n > 0);
    Host { n_cpus, ..Host::default() }
}
