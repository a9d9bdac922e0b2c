//! Files of hosts: where they lie in a build, and a table of rows for the targets that write them.
//!
//! A target lists its files as rows ([`HostFile`]); a row says on which hosts it is and at which paths, and
//! writes one of them. Not here: what any file says.
//!
//! Start with [`HostEmitter`].

use std::borrow::Cow;

use platc_artifact::{Artifact, Doc, Format, Map, Target};
use platc_diag::{Origin, Problems};
use platc_model::Id;
use platc_model::generated::{Host, Init, ServiceProxy};
use platc_plan::{ClusterPlan, HostPlan, Plan};

use crate::{Emitter, Job, Subject};

/// A host, with what a file of it may depend on.
#[derive(Clone, Copy)]
pub(crate) struct OnHost<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) id: Id<Host>,
    pub(crate) host: &'p HostPlan,
    /// The cluster that it is a node of.
    pub(crate) cluster: Option<&'p ClusterPlan>,
}

/// A sort of file that lies on hosts.
pub(crate) struct HostFile {
    /// What it is. No other row of the target has it.
    pub(crate) kind: &'static str,
    /// Where it lies on a host, absolute; nowhere if the host has none, at several paths if it has several.
    pub(crate) paths: fn(&OnHost<'_>) -> Vec<Cow<'static, str>>,
    /// Writes the one at the path of that number.
    pub(crate) write: fn(&OnHost<'_>, usize, &mut Artifact),
}

/// A target that writes files of hosts.
pub(crate) struct HostEmitter {
    pub(crate) name: &'static str,
    pub(crate) files: &'static [HostFile],
    pub(crate) check: fn(&Plan, &mut Problems),
}

impl Emitter for HostEmitter {
    fn name(&self) -> &'static str {
        self.name
    }

    fn check(&self, plan: &Plan, problems: &mut Problems) {
        (self.check)(plan, problems);
    }

    fn jobs(&self, plan: &Plan) -> Vec<Job> {
        let mut jobs = Vec::new();
        for on in all(plan) {
            for file in self.files {
                let paths = (file.paths)(&on).into_iter();
                jobs.extend(paths.map(|path| on.job(&path, file.kind)));
            }
        }
        jobs
    }

    fn emit(&self, plan: &Plan, job: &Job, artifact: &mut Artifact) {
        let Subject::Host(id) = job.subject else { return };
        let Some(on) = OnHost::new(plan, id) else { return };
        let Some(file) = self.files.iter().find(|file| file.kind == job.kind) else { return };
        let nth = (file.paths)(&on).iter().position(|path| job.path.as_str().ends_with(&**path));
        (file.write)(&on, nth.unwrap_or(0), artifact);
    }
}

/// Every host, by name.
pub(crate) fn all(plan: &Plan) -> impl Iterator<Item = OnHost<'_>> {
    plan.hosts.ids().filter_map(|id| OnHost::new(plan, id))
}

impl<'p> OnHost<'p> {
    pub(crate) fn new(plan: &'p Plan, id: Id<Host>) -> Option<Self> {
        let host = plan.hosts.get(id)?;
        Some(Self { plan, id, host, cluster: plan.cluster_of(host) })
    }

    /// Whether it runs under systemd.
    pub(crate) fn is_systemd(&self) -> bool {
        self.host.init.value == Init::Systemd
    }

    /// Whether it is the host on which its cluster begins.
    pub(crate) fn is_first(&self) -> bool {
        self.cluster.is_some_and(|cluster| cluster.control_plane.first() == Some(&self.id))
    }

    /// The cluster, if the address of its Service `kubernetes` is put on the loopback of each node: without
    /// anybody who makes virtual addresses work, pods reach the API there.
    pub(crate) fn service_address(&self) -> Option<&'p ClusterPlan> {
        self.cluster
            .filter(|cluster| cluster.service_proxy.value == ServiceProxy::None && balances_itself(cluster))
    }

    fn job(&self, path: &str, kind: &'static str) -> Job {
        let HostPlan { zone, name, .. } = self.host;
        let target = Target::Host(name.as_ref().to_owned());
        Job::new(format!("hosts/{zone}/{name}/rootfs{path}"), kind, target, Subject::Host(self.id))
    }
}

/// Whether each node has a balancer before the API servers of its own.
pub(crate) fn balances_itself(cluster: &ClusterPlan) -> bool {
    cluster.api.balancer.value != platc_model::generated::ApiBalancer::Keepalived
}

/// The path, if `is_there`.
pub(crate) fn one(is_there: bool, path: &'static str) -> Vec<Cow<'static, str>> {
    is_there.then_some(Cow::Borrowed(path)).into_iter().collect()
}

/// The next document of a YAML file, a map. All of it that has no origin of its own comes from `origin`.
pub(crate) fn yaml(artifact: &mut Artifact, origin: Origin, build: impl FnOnce(&mut Map<'_>)) {
    map_of(artifact.doc(Format::Yaml), origin, build);
}

/// A document that is a map.
pub(crate) fn map_of(doc: &mut Doc, origin: Origin, build: impl FnOnce(&mut Map<'_>)) {
    doc.from(origin, |root| root.map(build));
}
